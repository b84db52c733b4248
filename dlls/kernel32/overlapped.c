#include "dlls/kernel32/overlapped.h"
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "kernel/apc.h"
#include "kernel/event.h"
#include "kernel/file_control.h"
#include "kernel/thread.h"

static bool is_synchronous(const struct file *file)
{
    return file_options(file) & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT);
}

/* Bit 0 of the event asks for no completion packet, and is not part of the handle. */
static HANDLE event_of(const OVERLAPPED *overlapped)
{
    return (HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1);
}

NTSTATUS overlapped_begin(struct file *file, OVERLAPPED *overlapped)
{
    if (!overlapped)
        return is_synchronous(file) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    overlapped->Internal = STATUS_PENDING;
    overlapped->InternalHigh = 0;
    if (event_of(overlapped))
        return event_reset(event_of(overlapped), NULL);
    return STATUS_SUCCESS;
}

void overlapped_advance(struct file *file, const OVERLAPPED *overlapped, ULONG done)
{
    int64_t position;
    if (overlapped && is_synchronous(file) && overlapped_offset(overlapped) >= 0)
        file_seek(file, overlapped_offset(overlapped) + done, FILE_BEGIN, &position);
}

void overlapped_end(struct file *file, OVERLAPPED *overlapped, NTSTATUS status, ULONG done)
{
    if (!overlapped)
        return;
    overlapped->InternalHigh = done;
    __atomic_store_n(&overlapped->Internal, (ULONG_PTR)(ULONG)status, __ATOMIC_RELEASE);
    if (event_of(overlapped))
        event_set(event_of(overlapped), NULL);
    /* An operation that fails at once tells so by its result alone. */
    if (!NT_ERROR(status) && !((ULONG_PTR)overlapped->hEvent & 1))
        file_post_completion(file, (ULONG_PTR)overlapped, status, done, true);
}

/* -- results -- */

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

/* -- completion routines -- */

/* The routine runs as an APC of this thread, in its next alertable wait. */
static BOOL complete_by_routine(NTSTATUS status, ULONG done, OVERLAPPED *overlapped,
                                LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    if (NT_ERROR(status))
        return set_last_status(status);
    status = apc_queue(thread_current(), (apc_function)(void *)routine, status_to_win32(status), done,
                       (ULONG_PTR)overlapped);
    return set_last_status(status);
}

/* The event is the program's own to use here. */
static NTSTATUS begin_with_routine(HANDLE handle, ACCESS_MASK access, OVERLAPPED *overlapped,
                                   struct file **file)
{
    NTSTATUS status = overlapped ? file_of(handle, access, file) : STATUS_INVALID_PARAMETER;
    if (!status) {
        overlapped->Internal = STATUS_PENDING;
        overlapped->InternalHigh = 0;
    }
    return status;
}

static void end_with_routine(OVERLAPPED *overlapped, NTSTATUS status, ULONG done)
{
    overlapped->Internal = (ULONG)status;
    overlapped->InternalHigh = done;
}

static BOOL transfer_with_routine(HANDLE handle, ACCESS_MASK access, void *buffer, DWORD length,
                                  OVERLAPPED *overlapped, LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct file *file;
    ULONG done;
    NTSTATUS status = begin_with_routine(handle, access, overlapped, &file);
    if (status)
        return set_last_status(status);
    status = access == FILE_READ_DATA
                 ? file_read(file, buffer, length, overlapped_offset(overlapped), &done)
                 : file_write(file, buffer, length, overlapped_offset(overlapped), &done);
    end_with_routine(overlapped, status, done);
    object_release(file);
    return complete_by_routine(status, done, overlapped, routine);
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

/* -- cancelling -- */

/* No operation outlasts the call that began it, so there is never one to cancel. */
static NTSTATUS find_operation(HANDLE handle)
{
    struct file *file;
    NTSTATUS status = file_of(handle, 0, &file);
    if (status)
        return status;
    object_release(file);
    return STATUS_NOT_FOUND;
}

BOOL WINAPI CancelIo(HANDLE handle)
{
    NTSTATUS status = find_operation(handle);
    return set_last_status(status == STATUS_NOT_FOUND ? STATUS_SUCCESS : status);
}

BOOL WINAPI CancelIoEx(HANDLE handle, LPOVERLAPPED overlapped)
{
    return set_last_status(find_operation(handle));
}

/* -- controls -- */

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
    status = overlapped_begin(file, overlapped);
    if (!status) {
        status = file_control(file, code, input, input_size, output, output_size, &used);
        overlapped_end(file, overlapped, status, used);
    }
    object_release(file);
    if (returned)
        *returned = used;
    if (status == STATUS_BUFFER_OVERFLOW) {
        SetLastError(ERROR_MORE_DATA);
        return FALSE;
    }
    return set_last_status(status);
}
