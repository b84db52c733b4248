/* The process's block, its end, and the version of Windows that it is told. Unlike GetVersionEx, these tell
 * every program the true one. */
#include "kernel/handle.h"
#include "kernel/process.h"

PPEB NTAPI RtlGetCurrentPeb(void);
ULONG NTAPI RtlGetNtGlobalFlags(void);
void NTAPI RtlGetNtVersionNumbers(ULONG *major, ULONG *minor, ULONG *build);

/* Marks the build number of a system that is not for debugging. */
#define FREE_BUILD 0xF0000000u

PPEB NTAPI RtlGetCurrentPeb(void)
{
    return (PPEB)&process_environment;
}

/* FLG_*: what the system is to watch for in the process. */
ULONG NTAPI RtlGetNtGlobalFlags(void)
{
    return process_environment.NtGlobalFlag;
}

void NTAPI RtlGetNtVersionNumbers(ULONG *major, ULONG *minor, ULONG *build)
{
    const struct peb *peb = &process_environment;
    if (major)
        *major = peb->OSMajorVersion;
    if (minor)
        *minor = peb->OSMinorVersion;
    if (build)
        *build = peb->OSBuildNumber | FREE_BUILD;
}

/* Without a handle: all threads but the calling one. */
NTSTATUS WINAPI NtTerminateProcess(HANDLE handle, NTSTATUS code)
{
    struct process *process;
    if (!handle) {
        process_end_other_threads(code);
        return STATUS_SUCCESS;
    }
    NTSTATUS status = handle_reference(handle, &process_type, PROCESS_TERMINATE, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = process_kill(process, code);
    object_release(process);
    return status;
}

void WINAPI RtlExitUserProcess(ULONG code)
{
    process_exit(code);
}

void WINAPI LdrShutdownProcess(void)
{
    process_shut_down();
}
