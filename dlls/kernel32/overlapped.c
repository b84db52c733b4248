#include "dlls/kernel32/overlapped.h"
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "kernel/thread.h"

/* Bit 0 of the event asks for no completion packet, and is not part of the handle. */
static HANDLE event_of(const OVERLAPPED *overlapped)
{
    return (HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1);
}

struct io_notice overlapped_notice(OVERLAPPED *overlapped)
{
    overlapped->Internal = STATUS_PENDING;
    return (struct io_notice){
        .status = (IO_STATUS_BLOCK *)overlapped,
        .event = event_of(overlapped),
        .packet = (ULONG_PTR)overlapped->hEvent & 1 ? 0 : (ULONG_PTR)overlapped,
    };
}

NTSTATUS overlapped_run(struct file *file, struct io_operation *operation, OVERLAPPED *overlapped)
{
    if (overlapped) {
        const struct io_notice notice = overlapped_notice(overlapped);
        return io_run(file, operation, &notice);
    }
    if (!file_is_synchronous(file) && file_device_type(file) == FILE_TYPE_DISK)
        return STATUS_INVALID_PARAMETER;
    return io_run_and_wait(file, operation);
}

BOOL overlapped_result(NTSTATUS status)
{
    if (status != STATUS_PENDING)
        return set_last_status(status);
    SetLastError(ERROR_IO_PENDING);
    return FALSE;
}

/* Results */

BOOL WINAPI GetOverlappedResultEx(HANDLE handle, LPOVERLAPPED overlapped, LPDWORD transferred, DWORD timeout,
                                  BOOL alertable)
{
    if (__atomic_load_n(&overlapped->Internal, __ATOMIC_ACQUIRE) == (ULONG)STATUS_PENDING) {
        if (!timeout) {
            SetLastError(ERROR_IO_INCOMPLETE);
            return FALSE;
        }
        DWORD wait =
            WaitForSingleObjectEx(event_of(overlapped) ? event_of(overlapped) : handle, timeout, alertable);
        if (wait == WAIT_FAILED)
            return FALSE;
        if (wait) {
            SetLastError(wait);
            return FALSE;
        }
    }
    *transferred = (DWORD)overlapped->InternalHigh;
    return set_last_status((NTSTATUS)overlapped->Internal);
}

BOOL WINAPI GetOverlappedResult(HANDLE handle, LPOVERLAPPED overlapped, LPDWORD transferred, BOOL wait)
{
    return GetOverlappedResultEx(handle, overlapped, transferred, wait ? INFINITE : 0, FALSE);
}

/* Completion routines */

/* The routine runs as an APC of this thread, in its next alertable wait. The event is the program's own to
 * use here. */
static BOOL transfer_with_routine(HANDLE handle, ACCESS_MASK access, void *buffer, DWORD length,
                                  OVERLAPPED *overlapped, LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct file *file;
    NTSTATUS status = overlapped ? file_of(handle, access, &file) : STATUS_INVALID_PARAMETER;
    if (status)
        return set_last_status(status);
    struct io_operation operation = {
        .kind = access == FILE_READ_DATA ? IO_READ : IO_WRITE,
        .buffer = buffer,
        .length = length,
        .offset = overlapped_offset(overlapped),
    };
    overlapped->Internal = STATUS_PENDING;
    const struct io_notice notice = {
        .status = (IO_STATUS_BLOCK *)overlapped,
        .apc = (void *)routine,
        .apc_is_win32 = true,
    };
    status = io_run(file, &operation, &notice);
    object_release(file);
    /* That it is not done yet is success as well; so is a message that is cut short. */
    return set_last_status(NT_ERROR(status) ? status : STATUS_SUCCESS);
}

BOOL WINAPI ReadFileEx(HANDLE handle, LPVOID buffer, DWORD length, LPOVERLAPPED overlapped,
                       LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    return transfer_with_routine(handle, FILE_READ_DATA, buffer, length, overlapped, routine);
}

BOOL WINAPI WriteFileEx(HANDLE handle, LPCVOID buffer, DWORD length, LPOVERLAPPED overlapped,
                        LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    return transfer_with_routine(handle, FILE_WRITE_DATA, (void *)buffer, length, overlapped, routine);
}

/* Cancelling */

static NTSTATUS cancel(HANDLE handle, const struct thread *thread, const OVERLAPPED *overlapped)
{
    struct file *file;
    NTSTATUS status = file_of(handle, 0, &file);
    if (status)
        return status;
    status = io_cancel(file, thread, (const IO_STATUS_BLOCK *)overlapped) ? STATUS_SUCCESS : STATUS_NOT_FOUND;
    object_release(file);
    return status;
}

BOOL WINAPI CancelIo(HANDLE handle)
{
    NTSTATUS status = cancel(handle, thread_current(), NULL);
    return set_last_status(status == STATUS_NOT_FOUND ? STATUS_SUCCESS : status);
}

BOOL WINAPI CancelIoEx(HANDLE handle, LPOVERLAPPED overlapped)
{
    return set_last_status(cancel(handle, NULL, overlapped));
}

BOOL WINAPI CancelSynchronousIo(HANDLE handle)
{
    struct thread *thread;
    NTSTATUS status = thread_reference(handle, THREAD_TERMINATE, &thread);
    if (status)
        return set_last_status(status);
    status = thread_cancel_io(thread);
    thread_release(thread);
    return set_last_status(status);
}

/* Controls */

BOOL WINAPI DeviceIoControl(HANDLE handle, DWORD code, LPVOID input, DWORD input_size, LPVOID output,
                            DWORD output_size, LPDWORD returned, LPOVERLAPPED overlapped)
{
    struct file *file;
    ULONG used = 0;
    if (returned)
        *returned = 0;
    NTSTATUS status = file_of(handle, 0, &file);
    if (status)
        return set_last_status(status);
    if (overlapped) {
        const struct io_notice notice = overlapped_notice(overlapped);
        status = io_control(file, code, input, input_size, output, output_size, &notice, &used);
    } else {
        status = io_control(file, code, input, input_size, output, output_size, NULL, &used);
    }
    object_release(file);
    if (returned && status != STATUS_PENDING)
        *returned = used;
    return overlapped_result(status);
}
