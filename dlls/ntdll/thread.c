#include "kernel/handle.h"
#include "kernel/remote_thread.h"

/* MinGW-w64's headers lack most of these prototypes. */

void WINAPI RtlExitUserThread(ULONG exit_code)
{
    thread_exit(exit_code);
}

/* A NULL handle is the calling thread, which ends without a word to anybody; unlike RtlExitUserThread. */
NTSTATUS WINAPI NtTerminateThread(HANDLE handle, NTSTATUS exit_code)
{
    return thread_handle_terminate(handle ? handle : (HANDLE)(LONG_PTR)-2, exit_code);
}

static NTSTATUS answer(NTSTATUS status, DWORD count, ULONG *previous)
{
    if (NT_SUCCESS(status) && previous)
        *previous = count;
    return status;
}

NTSTATUS WINAPI NtSuspendThread(HANDLE handle, ULONG *previous)
{
    DWORD count;
    NTSTATUS status = thread_handle_suspend(handle, &count);
    return answer(status, count, previous);
}

NTSTATUS WINAPI NtResumeThread(HANDLE handle, ULONG *previous)
{
    DWORD count;
    NTSTATUS status = thread_handle_resume(handle, &count);
    return answer(status, count, previous);
}

NTSTATUS WINAPI NtGetContextThread(HANDLE handle, CONTEXT *context)
{
    return thread_handle_get_context(handle, context);
}

NTSTATUS WINAPI NtSetContextThread(HANDLE handle, const CONTEXT *context)
{
    return thread_handle_set_context(handle, context);
}

NTSTATUS WINAPI NtSuspendProcess(HANDLE process)
{
    return process_suspend_threads(process);
}

NTSTATUS WINAPI NtResumeProcess(HANDLE process)
{
    return process_resume_threads(process);
}

/* The access mask is that of the handle; the process's id is only checked. */
NTSTATUS WINAPI NtOpenThread(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes,
                             const CLIENT_ID *id)
{
    struct object *thread;
    NTSTATUS status = thread_open((DWORD)(ULONG_PTR)id->UniqueThread, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = handle_create(thread, access, attributes ? attributes->Attributes & OBJ_INHERIT : 0, handle);
    object_release(thread);
    return status;
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
