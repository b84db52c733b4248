/* Named pipes by NT's names. */
#include "dlls/ntdll/nt_path.h"
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/pipe.h"

#define TICKS_PER_MILLISECOND 10000

NTSTATUS NTAPI NtCreateNamedPipeFile(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes,
                                     IO_STATUS_BLOCK *io, ULONG share, ULONG disposition, ULONG options,
                                     ULONG type, ULONG read_mode, ULONG completion_mode, ULONG maximum,
                                     ULONG inbound_size, ULONG outbound_size, LARGE_INTEGER *timeout)
{
    struct host_path path;
    struct file *file;
    ULONG information = 0;
    if (!share || share & ~(FILE_SHARE_READ | FILE_SHARE_WRITE) || !timeout || timeout->QuadPart > 0)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = nt_path_to_host(attributes, &path);
    if (!status && path.kind != PATH_PIPE)
        status = STATUS_OBJECT_NAME_INVALID;
    if (status)
        return status;
    if (!path.name[0])
        pipe_unique_name(&path);
    struct pipe_creation creation = {
        .access = file_map_access(access),
        .share = share,
        .disposition = disposition,
        .options = options,
        .message_type = type & 1,
        .reads_messages = read_mode & 1,
        .no_wait = completion_mode & 1,
        .maximum = maximum,
        .inbound_size = inbound_size,
        .outbound_size = outbound_size,
        .default_wait = (ULONG)(-timeout->QuadPart / TICKS_PER_MILLISECOND),
    };
    status = pipe_create(path.name, &creation, &file, &information);
    if (!status) {
        status = handle_create((struct object *)file, creation.access, attributes->Attributes & OBJ_INHERIT,
                               handle);
        object_release(file);
    }
    io->Status = status;
    io->Information = information;
    return status;
}
