#include "kernel/handle.h"
#include "kernel/thread.h"

/* MinGW-w64's headers lack most of these prototypes. */

void WINAPI RtlExitUserThread(ULONG exit_code)
{
    thread_exit(exit_code);
}

static NTSTATUS release_with_status(struct thread *thread, NTSTATUS status)
{
    thread_release(thread);
    return status;
}

/* A NULL handle is the calling thread, which ends without a word to anybody; unlike RtlExitUserThread. */
NTSTATUS WINAPI NtTerminateThread(HANDLE handle, NTSTATUS exit_code)
{
    struct thread *thread;
    NTSTATUS status = thread_reference(handle ? handle : (HANDLE)(LONG_PTR)-2, THREAD_TERMINATE, &thread);
    return NT_SUCCESS(status) ? release_with_status(thread, thread_terminate(thread, exit_code)) : status;
}

NTSTATUS WINAPI NtSuspendThread(HANDLE handle, ULONG *previous)
{
    struct thread *thread;
    DWORD count;
    NTSTATUS status = thread_reference(handle, THREAD_SUSPEND_RESUME, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread_suspend(thread, &count);
    if (NT_SUCCESS(status) && previous)
        *previous = count;
    return release_with_status(thread, status);
}

NTSTATUS WINAPI NtResumeThread(HANDLE handle, ULONG *previous)
{
    struct thread *thread;
    DWORD count;
    NTSTATUS status = thread_reference(handle, THREAD_SUSPEND_RESUME, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread_resume(thread, &count);
    if (NT_SUCCESS(status) && previous)
        *previous = count;
    return release_with_status(thread, status);
}

NTSTATUS WINAPI NtGetContextThread(HANDLE handle, CONTEXT *context)
{
    struct thread *thread;
    NTSTATUS status = thread_reference(handle, THREAD_GET_CONTEXT, &thread);
    return NT_SUCCESS(status) ? release_with_status(thread, thread_get_context(thread, context)) : status;
}

NTSTATUS WINAPI NtSetContextThread(HANDLE handle, const CONTEXT *context)
{
    struct thread *thread;
    NTSTATUS status = thread_reference(handle, THREAD_SET_CONTEXT, &thread);
    return NT_SUCCESS(status) ? release_with_status(thread, thread_set_context(thread, context)) : status;
}

/* What a thread's ThreadBasicInformation is. */
struct basic_information {
    NTSTATUS exit_status;
    void *teb;
    CLIENT_ID client_id;
    ULONG_PTR affinity;
    LONG priority, base_priority;
};

static NTSTATUS query_thread(struct thread *thread, THREADINFOCLASS class, void *buffer, ULONG size,
                             ULONG *returned)
{
    const struct basic_information information = {
        .exit_status = thread->exit_code,
        .teb = &thread->teb,
        .client_id = thread->teb.ClientId,
        .affinity = thread->affinity ? thread->affinity : process_environment.ActiveProcessAffinityMask,
        .priority = thread->priority,
        .base_priority = thread->priority,
    };
    if (class != ThreadBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (size != sizeof information)
        return STATUS_INFO_LENGTH_MISMATCH;
    memcpy(buffer, &information, sizeof information);
    if (returned)
        *returned = sizeof information;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI NtQueryInformationThread(HANDLE handle, THREADINFOCLASS class, void *buffer, ULONG size,
                                         ULONG *returned)
{
    struct thread *thread;
    NTSTATUS status = thread_reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread);
    if (!NT_SUCCESS(status))
        return status;
    return release_with_status(thread, query_thread(thread, class, buffer, size, returned));
}
