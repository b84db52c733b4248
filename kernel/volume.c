#include <sys/statfs.h>
#include <sys/statvfs.h>
#include "kernel/volume.h"
#include "kernel/status.h"

/* statfs tells file systems apart by these. */
enum {
    NFS_MAGIC = 0x6969,
    SMB_MAGIC = 0x517b,
    SMB2_MAGIC = (int)0xfe534d42,
    CIFS_MAGIC = (int)0xff534d42,
    V9FS_MAGIC = 0x01021997,
    ISOFS_MAGIC = 0x9660,
    UDF_MAGIC = 0x15013346,
    RAMFS_MAGIC = (int)0x858458f6,
};

static uint32_t drive_type_of(int magic)
{
    switch (magic) {
    case NFS_MAGIC:
    case SMB_MAGIC:
    case SMB2_MAGIC:
    case CIFS_MAGIC:
    case V9FS_MAGIC:
        return DRIVE_REMOTE;
    case ISOFS_MAGIC:
    case UDF_MAGIC:
        return DRIVE_CDROM;
    case RAMFS_MAGIC:
        return DRIVE_RAMDISK;
    default:
        return DRIVE_FIXED;
    }
}

static uint32_t serial_number_of(const struct statfs *data)
{
    uint32_t parts[2];
    memcpy(parts, &data->f_fsid, sizeof parts);
    return parts[0] ^ parts[1];
}

static NTSTATUS describe(int failed, const struct statfs *data, struct volume_information *information)
{
    if (failed)
        return status_from_errno(errno);
    uint64_t block = data->f_frsize ? data->f_frsize : data->f_bsize;
    *information = (struct volume_information){
        .total_bytes = data->f_blocks * block,
        .free_bytes = data->f_bfree * block,
        .available_bytes = data->f_bavail * block,
        .bytes_per_cluster = block,
        .longest_name = data->f_namelen < 255 ? data->f_namelen : 255,
        .serial_number = serial_number_of(data),
        .flags = FILE_CASE_PRESERVED_NAMES | FILE_CASE_SENSITIVE_SEARCH | FILE_UNICODE_ON_DISK |
                 FILE_SUPPORTS_HARD_LINKS | FILE_SUPPORTS_REPARSE_POINTS | FILE_SUPPORTS_SPARSE_FILES,
        .drive_type = drive_type_of((int)data->f_type),
        .read_only = data->f_flags & ST_RDONLY,
    };
    if (information->read_only)
        information->flags |= FILE_READ_ONLY_VOLUME;
    return STATUS_SUCCESS;
}

NTSTATUS volume_query(const char *host_name, struct volume_information *information)
{
    struct statfs data;
    return describe(statfs(host_name, &data), &data, information);
}

NTSTATUS volume_query_descriptor(int descriptor, struct volume_information *information)
{
    struct statfs data;
    return describe(fstatfs(descriptor, &data), &data, information);
}
