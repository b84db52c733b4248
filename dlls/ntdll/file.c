/* Files by NT's names: opening, reading, writing, locking. */
#include "dlls/ntdll/nt_path.h"
#include "kernel/file.h"
#include "kernel/handle.h"
#include "kernel/io_request.h"
#include "kernel/thread.h"

/* Opening */

static NTSTATUS open_path(struct host_path *path, const struct file_open *how, ULONG attributes,
                          HANDLE *handle, IO_STATUS_BLOCK *io)
{
    struct file *file;
    ULONG information;
    NTSTATUS status = file_open(path, how, &file, &information);
    if (!status) {
        status = handle_create((struct object *)file, file_map_access(how->access), attributes & OBJ_INHERIT,
                               handle);
        object_release(file);
    }
    io->Status = status;
    io->Information = status ? 0 : information;
    return status;
}

NTSTATUS NTAPI NtCreateFile(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes,
                            PIO_STATUS_BLOCK io, PLARGE_INTEGER allocation, ULONG file_attributes,
                            ULONG share, ULONG disposition, ULONG options, PVOID ea, ULONG ea_length)
{
    struct host_path path;
    if (disposition > FILE_MAXIMUM_DISPOSITION)
        return STATUS_INVALID_PARAMETER;
    if (ea_length)
        return STATUS_EAS_NOT_SUPPORTED;
    NTSTATUS status = nt_path_to_host(attributes, &path);
    if (status)
        return status;
    struct file_open how = {
        .access = access,
        .attributes = file_attributes,
        .share = share,
        .disposition = disposition,
        .options = options,
    };
    return open_path(&path, &how, attributes->Attributes, handle, io);
}

NTSTATUS NTAPI NtOpenFile(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes,
                          PIO_STATUS_BLOCK io, ULONG share, ULONG options)
{
    return NtCreateFile(handle, access, attributes, io, NULL, 0, share, FILE_OPEN, options, NULL, 0);
}

NTSTATUS NTAPI NtDeleteFile(POBJECT_ATTRIBUTES attributes)
{
    struct host_path path;
    struct file_information information;
    NTSTATUS status = nt_path_to_host(attributes, &path);
    if (!status)
        status = file_query_path(&path, false, &information);
    if (status)
        return status;
    bool directory = information.attributes & FILE_ATTRIBUTE_DIRECTORY;
    return directory ? file_remove_directory(&path) : file_delete_path(&path);
}

/* Reading and writing */

/* How the end of an operation is told: by an APC, or else by a packet about the APC's context. */
static struct io_notice make_notice(HANDLE event, PIO_APC_ROUTINE apc, void *apc_context, IO_STATUS_BLOCK *io)
{
    return (struct io_notice){
        .status = io,
        .event = event,
        .apc = (void *)apc,
        .apc_context = apc_context,
        .packet = apc ? 0 : (ULONG_PTR)apc_context,
    };
}

/* An offset of -2 says "the position", -1 "the end"; only synchronous handles have a position. */
static NTSTATUS offset_of(const struct file *file, const LARGE_INTEGER *given, int64_t *offset)
{
    *offset = FILE_AT_POSITION;
    if (given && given->QuadPart == -1)
        *offset = FILE_APPEND;
    else if (given && given->QuadPart != -2)
        *offset = given->QuadPart;
    if (*offset < FILE_APPEND)
        return STATUS_INVALID_PARAMETER;
    bool seekable = file_device_type(file) == FILE_TYPE_DISK;
    return *offset == FILE_AT_POSITION && seekable && !file_is_synchronous(file) ? STATUS_INVALID_PARAMETER
                                                                                 : STATUS_SUCCESS;
}

static NTSTATUS transfer(struct file *file, struct io_operation *operation, const LARGE_INTEGER *given,
                         const struct io_notice *notice)
{
    NTSTATUS status = offset_of(file, given, &operation->offset);
    if (!status && operation->offset == FILE_APPEND && operation->kind == IO_READ)
        status = STATUS_INVALID_PARAMETER;
    return status ? status : io_run(file, operation, notice);
}

NTSTATUS NTAPI NtReadFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE apc, PVOID apc_context,
                          PIO_STATUS_BLOCK io, PVOID buffer, ULONG length, PLARGE_INTEGER offset, PULONG key)
{
    const struct io_notice notice = make_notice(event, apc, apc_context, io);
    struct io_operation operation = {.kind = IO_READ, .buffer = buffer, .length = length};
    struct file *file;
    NTSTATUS status = handle_reference(handle, &file_type, FILE_READ_DATA, &file);
    if (status)
        return status;
    status = transfer(file, &operation, offset, &notice);
    object_release(file);
    return status;
}

static NTSTATUS file_to_write(HANDLE handle, struct file **file)
{
    NTSTATUS status = handle_reference(handle, &file_type, FILE_WRITE_DATA, file);
    return status == STATUS_ACCESS_DENIED ? handle_reference(handle, &file_type, FILE_APPEND_DATA, file)
                                          : status;
}

NTSTATUS NTAPI NtWriteFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE apc, PVOID apc_context,
                           PIO_STATUS_BLOCK io, const VOID *buffer, ULONG length, PLARGE_INTEGER offset,
                           PULONG key)
{
    const struct io_notice notice = make_notice(event, apc, apc_context, io);
    struct io_operation operation = {.kind = IO_WRITE, .buffer = (void *)buffer, .length = length};
    struct file *file;
    NTSTATUS status = file_to_write(handle, &file);
    if (status)
        return status;
    status = transfer(file, &operation, offset, &notice);
    object_release(file);
    return status;
}

NTSTATUS NTAPI NtFlushBuffersFile(HANDLE handle, PIO_STATUS_BLOCK io)
{
    struct file *file;
    NTSTATUS status = file_to_write(handle, &file);
    if (!status) {
        status = file_flush(file);
        object_release(file);
    }
    io->Status = status;
    io->Information = 0;
    return status;
}

/* Cancelling */

static NTSTATUS cancel(HANDLE handle, const struct thread *thread, const IO_STATUS_BLOCK *which,
                       IO_STATUS_BLOCK *io)
{
    struct file *file;
    NTSTATUS status = handle_reference(handle, &file_type, 0, &file);
    if (!status) {
        status = io_cancel(file, thread, which) ? STATUS_SUCCESS : STATUS_NOT_FOUND;
        object_release(file);
    }
    io->Status = status;
    io->Information = 0;
    return status;
}

NTSTATUS NTAPI NtCancelIoFileEx(HANDLE handle, PIO_STATUS_BLOCK which, PIO_STATUS_BLOCK io)
{
    return cancel(handle, NULL, which, io);
}

NTSTATUS NTAPI NtCancelIoFile(HANDLE handle, PIO_STATUS_BLOCK io)
{
    NTSTATUS status = cancel(handle, thread_current(), NULL, io);
    return io->Status = status == STATUS_NOT_FOUND ? STATUS_SUCCESS : status;
}

NTSTATUS NTAPI NtCancelSynchronousIoFile(HANDLE handle, PIO_STATUS_BLOCK which, PIO_STATUS_BLOCK io)
{
    struct thread *thread;
    NTSTATUS status = thread_reference(handle, THREAD_TERMINATE, &thread);
    if (!status) {
        status = which ? STATUS_NOT_FOUND : thread_cancel_io(thread);
        thread_release(thread);
    }
    io->Status = status;
    io->Information = 0;
    return status;
}

/* Locks */

NTSTATUS NTAPI NtLockFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE apc, PVOID apc_context,
                          PIO_STATUS_BLOCK io, PLARGE_INTEGER offset, PLARGE_INTEGER length, ULONG key,
                          BOOLEAN immediately, BOOLEAN exclusive)
{
    const struct io_notice notice = make_notice(event, apc, apc_context, io);
    struct io_operation operation = {
        .kind = IO_LOCK,
        .offset = offset->QuadPart,
        .lock_length = length->QuadPart,
        .exclusive = exclusive,
        .immediately = immediately,
    };
    struct file *file;
    NTSTATUS status = handle_reference(handle, &file_type, 0, &file);
    if (status)
        return status;
    status = io_run(file, &operation, &notice);
    object_release(file);
    return status;
}

NTSTATUS NTAPI NtUnlockFile(HANDLE handle, PIO_STATUS_BLOCK io, PLARGE_INTEGER offset, PLARGE_INTEGER length,
                            ULONG key)
{
    struct file *file;
    NTSTATUS status = handle_reference(handle, &file_type, 0, &file);
    if (status)
        return status;
    status = file_unlock(file, offset->QuadPart, length->QuadPart);
    object_release(file);
    io->Status = status;
    io->Information = 0;
    return status;
}

/* Controls */

NTSTATUS NTAPI NtFsControlFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE apc, PVOID apc_context,
                               PIO_STATUS_BLOCK io, ULONG code, PVOID input, ULONG input_size, PVOID output,
                               ULONG output_size)
{
    const struct io_notice notice = make_notice(event, apc, apc_context, io);
    struct file *file;
    ULONG used = 0;
    NTSTATUS status = handle_reference(handle, &file_type, 0, &file);
    if (status)
        return status;
    status = io_control(file, code, input, input_size, output, output_size, &notice, &used);
    object_release(file);
    return status;
}

NTSTATUS NTAPI NtDeviceIoControlFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE apc, PVOID apc_context,
                                     PIO_STATUS_BLOCK io, ULONG code, PVOID input, ULONG input_size,
                                     PVOID output, ULONG output_size)
{
    return NtFsControlFile(handle, event, apc, apc_context, io, code, input, input_size, output, output_size);
}
