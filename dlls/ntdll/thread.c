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

#define THREAD_ERROR_MODES 0x70

DWORD WINAPI RtlGetThreadErrorMode(void)
{
    return teb_here->HardErrorMode;
}

NTSTATUS WINAPI RtlSetThreadErrorMode(DWORD mode, DWORD *old_mode)
{
    if (mode & ~THREAD_ERROR_MODES)
        return STATUS_INVALID_PARAMETER_1;
    if (old_mode)
        *old_mode = teb_here->HardErrorMode;
    teb_here->HardErrorMode = mode;
    return STATUS_SUCCESS;
}
