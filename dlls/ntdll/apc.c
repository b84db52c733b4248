#include "kernel/alert.h"
#include "kernel/apc.h"
#include "kernel/remote_thread.h"

/* MinGW-w64's headers lack these prototypes. */

/* What NtQueueApcThreadEx takes in the place of a handle to a reserve object, and NtQueueApcThreadEx2 as
 * flags. */
enum { SPECIAL_USER_APC = 1 };

NTSTATUS WINAPI NtQueueApcThread(HANDLE handle, apc_function function, ULONG_PTR a, ULONG_PTR b, ULONG_PTR c)
{
    return thread_handle_queue_apc(handle, function, a, b, c);
}

/* An APC that interrupts a thread which does not wait is not supported, nor is memory in reserve. */
NTSTATUS WINAPI NtQueueApcThreadEx2(HANDLE thread, HANDLE reserve, ULONG flags, apc_function function,
                                    ULONG_PTR a, ULONG_PTR b, ULONG_PTR c)
{
    if (reserve || flags)
        return STATUS_NOT_SUPPORTED;
    return NtQueueApcThread(thread, function, a, b, c);
}

NTSTATUS WINAPI NtQueueApcThreadEx(HANDLE thread, HANDLE reserve, apc_function function, ULONG_PTR a,
                                   ULONG_PTR b, ULONG_PTR c)
{
    bool special = reserve == (HANDLE)SPECIAL_USER_APC;
    return NtQueueApcThreadEx2(thread, special ? NULL : reserve, special ? SPECIAL_USER_APC : 0, function, a,
                               b, c);
}

NTSTATUS WINAPI NtTestAlert(void)
{
    struct thread *thread = thread_current();
    if (apc_take_alert(thread))
        return STATUS_ALERTED;
    apc_deliver(thread);
    return STATUS_SUCCESS;
}

/* Missing in the headers. */
#ifndef THREAD_ALERT
#define THREAD_ALERT 0x0004
#endif

NTSTATUS WINAPI NtAlertThread(HANDLE handle)
{
    struct thread *thread;
    NTSTATUS status = thread_reference(handle, THREAD_ALERT, &thread);
    if (!NT_SUCCESS(status))
        return status;
    apc_alert(thread);
    thread_release(thread);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI NtAlertResumeThread(HANDLE handle, ULONG *previous)
{
    struct thread *thread;
    DWORD count;
    NTSTATUS status = thread_reference(handle, THREAD_SUSPEND_RESUME, &thread);
    if (!NT_SUCCESS(status))
        return status;
    apc_alert(thread);
    status = thread_resume(thread, &count);
    if (NT_SUCCESS(status) && previous)
        *previous = count;
    thread_release(thread);
    return status;
}

/* Thread ids are handles in this interface. */
NTSTATUS WINAPI NtAlertThreadByThreadId(HANDLE id)
{
    return alert_by_id((DWORD)(ULONG_PTR)id);
}

/* The address only tells a debugger what the thread waits for. */
NTSTATUS WINAPI NtWaitForAlertByThreadId(const void *address, const LARGE_INTEGER *timeout)
{
    return alert_wait(timeout);
}
