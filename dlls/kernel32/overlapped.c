#include "dlls/kernel32/overlapped.h"
#include "dlls/kernel32/error.h"
#include "kernel/event.h"

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

void overlapped_end(struct file *file, OVERLAPPED *overlapped, NTSTATUS status, ULONG done)
{
    int64_t position;
    if (!overlapped)
        return;
    if (is_synchronous(file) && overlapped_offset(overlapped) >= 0)
        file_seek(file, overlapped_offset(overlapped) + done, FILE_BEGIN, &position);
    overlapped->InternalHigh = done;
    __atomic_store_n(&overlapped->Internal, (ULONG_PTR)(ULONG)status, __ATOMIC_RELEASE);
    if (event_of(overlapped))
        event_set(event_of(overlapped), NULL);
}
