/* Files by NT's names: opening, reading, writing, locking. */
#include "dlls/ntdll/nt_path.h"
#include "kernel/apc.h"
#include "kernel/event.h"
#include "kernel/file.h"
#include "kernel/file_control.h"
#include "kernel/handle.h"
#include "kernel/thread.h"

/* -- opening -- */

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

/* -- the end of an operation -- */

/* How an operation tells that it is done. */
struct completion {
    HANDLE event;
    PIO_APC_ROUTINE apc;
    void *apc_context;
    IO_STATUS_BLOCK *io;
};

static NTSTATUS begin(const struct completion *completion)
{
    return completion->event ? event_reset(completion->event, NULL) : STATUS_SUCCESS;
}

static NTSTATUS finish(const struct completion *completion, NTSTATUS status, ULONG_PTR information)
{
    completion->io->Status = status;
    completion->io->Information = information;
    /* An operation that fails at once tells so by its result alone. */
    if (NT_ERROR(status))
        return status;
    if (completion->event)
        event_set(completion->event, NULL);
    if (completion->apc)
        apc_queue(thread_current(), (apc_function)(void *)completion->apc, (ULONG_PTR)completion->apc_context,
                  (ULONG_PTR)completion->io, 0);
    return status;
}

/* -- reading and writing -- */

static bool is_synchronous(const struct file *file)
{
    return file_options(file) & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT);
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
    return *offset == FILE_AT_POSITION && seekable && !is_synchronous(file) ? STATUS_INVALID_PARAMETER
                                                                            : STATUS_SUCCESS;
}

/* An offset that was given moves a synchronous handle's position behind what was transferred. */
static void move_position(struct file *file, int64_t offset, ULONG done)
{
    int64_t ignored;
    if (offset >= 0 && is_synchronous(file))
        file_seek(file, offset + done, FILE_BEGIN, &ignored);
}

static NTSTATUS read_file(struct file *file, void *buffer, ULONG length, const LARGE_INTEGER *given,
                          ULONG *done)
{
    int64_t offset;
    NTSTATUS status = offset_of(file, given, &offset);
    if (!status && offset == FILE_APPEND)
        status = STATUS_INVALID_PARAMETER;
    if (status)
        return status;
    status = file_read(file, buffer, length, offset, done);
    move_position(file, offset, *done);
    return status;
}

static NTSTATUS write_file(struct file *file, const void *buffer, ULONG length, const LARGE_INTEGER *given,
                           ULONG *done)
{
    int64_t offset;
    NTSTATUS status = offset_of(file, given, &offset);
    if (status)
        return status;
    status = file_write(file, buffer, length, offset, done);
    move_position(file, offset, *done);
    return status;
}

NTSTATUS NTAPI NtReadFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE apc, PVOID apc_context,
                          PIO_STATUS_BLOCK io, PVOID buffer, ULONG length, PLARGE_INTEGER offset, PULONG key)
{
    struct completion completion = {event, apc, apc_context, io};
    struct file *file;
    ULONG done = 0;
    NTSTATUS status = handle_reference(handle, &file_type, FILE_READ_DATA, &file);
    if (status)
        return status;
    status = begin(&completion);
    if (!status) {
        status = read_file(file, buffer, length, offset, &done);
        finish(&completion, status, done);
    }
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
    struct completion completion = {event, apc, apc_context, io};
    struct file *file;
    ULONG done = 0;
    NTSTATUS status = file_to_write(handle, &file);
    if (status)
        return status;
    status = begin(&completion);
    if (!status) {
        status = write_file(file, buffer, length, offset, &done);
        finish(&completion, status, done);
    }
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

/* There is nothing to cancel: no operation outlasts the call that began it. */
NTSTATUS NTAPI NtCancelIoFileEx(HANDLE handle, PIO_STATUS_BLOCK which, PIO_STATUS_BLOCK io)
{
    struct file *file;
    NTSTATUS status = handle_reference(handle, &file_type, 0, &file);
    if (!status) {
        object_release(file);
        status = STATUS_NOT_FOUND;
    }
    io->Status = status;
    io->Information = 0;
    return status;
}

NTSTATUS NTAPI NtCancelIoFile(HANDLE handle, PIO_STATUS_BLOCK io)
{
    NTSTATUS status = NtCancelIoFileEx(handle, NULL, io);
    return io->Status = status == STATUS_NOT_FOUND ? STATUS_SUCCESS : status;
}

/* -- locks -- */

NTSTATUS NTAPI NtLockFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE apc, PVOID apc_context,
                          PIO_STATUS_BLOCK io, PLARGE_INTEGER offset, PLARGE_INTEGER length, ULONG key,
                          BOOLEAN immediately, BOOLEAN exclusive)
{
    struct completion completion = {event, apc, apc_context, io};
    struct file *file;
    NTSTATUS status = handle_reference(handle, &file_type, 0, &file);
    if (status)
        return status;
    status = begin(&completion);
    if (!status) {
        status = file_lock(file, offset->QuadPart, length->QuadPart, exclusive, !immediately);
        finish(&completion, status, 0);
    }
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

/* -- controls -- */

NTSTATUS NTAPI NtFsControlFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE apc, PVOID apc_context,
                               PIO_STATUS_BLOCK io, ULONG code, PVOID input, ULONG input_size, PVOID output,
                               ULONG output_size)
{
    struct completion completion = {event, apc, apc_context, io};
    struct file *file;
    ULONG used = 0;
    NTSTATUS status = handle_reference(handle, &file_type, 0, &file);
    if (status)
        return status;
    status = begin(&completion);
    if (!status) {
        status = file_control(file, code, input, input_size, output, output_size, &used);
        finish(&completion, status, used);
    }
    object_release(file);
    return status;
}

NTSTATUS NTAPI NtDeviceIoControlFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE apc, PVOID apc_context,
                                     PIO_STATUS_BLOCK io, ULONG code, PVOID input, ULONG input_size,
                                     PVOID output, ULONG output_size)
{
    return NtFsControlFile(handle, event, apc, apc_context, io, code, input, input_size, output, output_size);
}
