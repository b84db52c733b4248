/* What is known of files, directories and volumes, by information class. */
#include "dlls/ntdll/io_completion.h"
#include "dlls/ntdll/nt_path.h"
#include "kernel/event.h"
#include "kernel/file_class.h"
#include "kernel/handle.h"
#include "kernel/volume.h"
#include <winioctl.h>

static NTSTATUS done(IO_STATUS_BLOCK *io, NTSTATUS status, ULONG used)
{
    io->Status = status;
    io->Information = used;
    return status;
}

NTSTATUS NTAPI NtQueryInformationFile(HANDLE handle, PIO_STATUS_BLOCK io, PVOID buffer, ULONG size,
                                      FILE_INFORMATION_CLASS class)
{
    struct file *file;
    ULONG used;
    NTSTATUS status = handle_reference(handle, &file_type, 0, &file);
    if (status)
        return status;
    status = file_query_class(file, class, buffer, size, &used);
    object_release(file);
    return done(io, status, used);
}

static ACCESS_MASK access_to_set(ULONG class)
{
    switch (class) {
    case FileBasicInformation:
        return FILE_WRITE_ATTRIBUTES;
    case FileAllocationInformation:
    case FileEndOfFileInformation:
        return FILE_WRITE_DATA;
    case FileRenameInformation:
    case FileRenameInformationEx:
    case FileDispositionInformation:
    case FileDispositionInformationEx:
        return DELETE;
    default:
        return 0;
    }
}

NTSTATUS NTAPI NtSetInformationFile(HANDLE handle, PIO_STATUS_BLOCK io, PVOID data, ULONG size,
                                    FILE_INFORMATION_CLASS class)
{
    struct file *file;
    NTSTATUS status = handle_reference(handle, &file_type, access_to_set(class), &file);
    if (status)
        return status;
    status = class == FileCompletionInformation ? io_completion_set_port(file, data, size)
                                                : file_set_class(file, class, data, size);
    object_release(file);
    return done(io, status, 0);
}

/* By name */

static NTSTATUS query_by_name(const OBJECT_ATTRIBUTES *attributes, struct file_information *information)
{
    struct host_path path;
    NTSTATUS status = nt_path_to_host(attributes, &path);
    return status ? status : file_query_path(&path, false, information);
}

NTSTATUS NTAPI NtQueryAttributesFile(POBJECT_ATTRIBUTES attributes, FILE_BASIC_INFORMATION *result)
{
    struct file_information information;
    NTSTATUS status = query_by_name(attributes, &information);
    if (status)
        return status;
    *result = (FILE_BASIC_INFORMATION){
        .CreationTime.QuadPart = information.creation_time,
        .LastAccessTime.QuadPart = information.access_time,
        .LastWriteTime.QuadPart = information.write_time,
        .ChangeTime.QuadPart = information.change_time,
        .FileAttributes = information.attributes,
    };
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtQueryFullAttributesFile(POBJECT_ATTRIBUTES attributes, FILE_NETWORK_OPEN_INFORMATION *result)
{
    struct file_information information;
    NTSTATUS status = query_by_name(attributes, &information);
    if (status)
        return status;
    *result = (FILE_NETWORK_OPEN_INFORMATION){
        .CreationTime.QuadPart = information.creation_time,
        .LastAccessTime.QuadPart = information.access_time,
        .LastWriteTime.QuadPart = information.write_time,
        .ChangeTime.QuadPart = information.change_time,
        .AllocationSize.QuadPart = information.allocation,
        .EndOfFile.QuadPart = information.size,
        .FileAttributes = information.attributes,
    };
    return STATUS_SUCCESS;
}

/* Directories */

#define QUERY_RESTART_SCAN        1 /* SL_RESTART_SCAN */
#define QUERY_RETURN_SINGLE_ENTRY 2 /* SL_RETURN_SINGLE_ENTRY */

NTSTATUS NTAPI NtQueryDirectoryFileEx(HANDLE handle, HANDLE event, PIO_APC_ROUTINE apc, PVOID apc_context,
                                      PIO_STATUS_BLOCK io, PVOID buffer, ULONG size,
                                      FILE_INFORMATION_CLASS class, ULONG flags, PUNICODE_STRING pattern)
{
    struct file *file;
    ULONG used;
    NTSTATUS status = handle_reference(handle, &file_type, FILE_LIST_DIRECTORY, &file);
    if (status)
        return status;
    status = file_query_directory(file, class, buffer, size, pattern ? pattern->Buffer : NULL,
                                  pattern ? pattern->Length / sizeof(WCHAR) : 0, flags & QUERY_RESTART_SCAN,
                                  flags & QUERY_RETURN_SINGLE_ENTRY, &used);
    object_release(file);
    if (event && !NT_ERROR(status))
        event_set(event, NULL);
    return done(io, status, used);
}

NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE apc, PVOID apc_context,
                                    PIO_STATUS_BLOCK io, PVOID buffer, ULONG size,
                                    FILE_INFORMATION_CLASS class, BOOLEAN single, PUNICODE_STRING pattern,
                                    BOOLEAN restart)
{
    ULONG flags = (single ? QUERY_RETURN_SINGLE_ENTRY : 0) | (restart ? QUERY_RESTART_SCAN : 0);
    return NtQueryDirectoryFileEx(handle, event, apc, apc_context, io, buffer, size, class, flags, pattern);
}

/* Volumes */

#define FileFsSectorSizeInformation 11

static ULONG device_number(const struct file *file)
{
    if (file_is_terminal(file))
        return FILE_DEVICE_CONSOLE;
    switch (file_device_type(file)) {
    case FILE_TYPE_PIPE:
        return FILE_DEVICE_NAMED_PIPE;
    case FILE_TYPE_CHAR:
        return FILE_DEVICE_NULL;
    default:
        return FILE_DEVICE_DISK;
    }
}

static NTSTATUS store(const void *structure, ULONG structure_size, void *buffer, ULONG size, ULONG *used)
{
    if (size < structure_size)
        return STATUS_INFO_LENGTH_MISMATCH;
    memcpy(buffer, structure, structure_size);
    *used = structure_size;
    return STATUS_SUCCESS;
}

static NTSTATUS fill_file_system(const struct volume_information *volume, void *buffer, ULONG size,
                                 ULONG *used)
{
    static const WCHAR name[] = L"NTFS";
    const ULONG name_size = sizeof name - sizeof *name,
                before = offsetof(FILE_FS_ATTRIBUTE_INFORMATION, FileSystemName);
    FILE_FS_ATTRIBUTE_INFORMATION *information = buffer;
    if (size < sizeof *information)
        return STATUS_INFO_LENGTH_MISMATCH;
    ULONG copied = size - before < name_size ? (size - before) & ~1u : name_size;
    information->FileSystemAttributes = volume->flags;
    information->MaximumComponentNameLength = volume->longest_name;
    information->FileSystemNameLength = name_size;
    memcpy(information->FileSystemName, name, copied);
    *used = before + copied;
    return copied < name_size ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static NTSTATUS query_volume(const struct file *file, const struct volume_information *volume, ULONG class,
                             void *buffer, ULONG size, ULONG *used)
{
    ULONG sectors = volume->bytes_per_cluster / VOLUME_BYTES_PER_SECTOR;
    uint64_t total = volume->total_bytes / volume->bytes_per_cluster;
    uint64_t available = volume->available_bytes / volume->bytes_per_cluster;
    switch (class) {
    case FileFsVolumeInformation: {
        FILE_FS_VOLUME_INFORMATION information = {.VolumeSerialNumber = volume->serial_number};
        return store(&information, sizeof information, buffer, size, used);
    }
    case FileFsSizeInformation: {
        FILE_FS_SIZE_INFORMATION information = {
            .TotalAllocationUnits.QuadPart = total,
            .AvailableAllocationUnits.QuadPart = available,
            .SectorsPerAllocationUnit = sectors,
            .BytesPerSector = VOLUME_BYTES_PER_SECTOR,
        };
        return store(&information, sizeof information, buffer, size, used);
    }
    case FileFsFullSizeInformation: {
        FILE_FS_FULL_SIZE_INFORMATION information = {
            .TotalAllocationUnits.QuadPart = total,
            .CallerAvailableAllocationUnits.QuadPart = available,
            .ActualAvailableAllocationUnits.QuadPart = volume->free_bytes / volume->bytes_per_cluster,
            .SectorsPerAllocationUnit = sectors,
            .BytesPerSector = VOLUME_BYTES_PER_SECTOR,
        };
        return store(&information, sizeof information, buffer, size, used);
    }
    case FileFsAttributeInformation:
        return fill_file_system(volume, buffer, size, used);
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
}

static NTSTATUS query_device(const struct file *file, void *buffer, ULONG size, ULONG *used)
{
    FILE_FS_DEVICE_INFORMATION information = {.DeviceType = device_number(file)};
    return store(&information, sizeof information, buffer, size, used);
}

NTSTATUS NTAPI NtQueryVolumeInformationFile(HANDLE handle, PIO_STATUS_BLOCK io, PVOID buffer, ULONG size,
                                            FS_INFORMATION_CLASS class)
{
    struct file *file;
    struct volume_information volume;
    ULONG used = 0;
    NTSTATUS status = handle_reference(handle, &file_type, 0, &file);
    if (status)
        return status;
    if (class == FileFsDeviceInformation) {
        status = query_device(file, buffer, size, &used);
    } else {
        status = file_device_type(file) == FILE_TYPE_DISK
                     ? volume_query_descriptor(file_descriptor(file), &volume)
                     : STATUS_INVALID_DEVICE_REQUEST;
        if (!status)
            status = query_volume(file, &volume, class, buffer, size, &used);
    }
    object_release(file);
    return done(io, status, used);
}
