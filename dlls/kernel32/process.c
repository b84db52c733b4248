#include <unistd.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/handle.h"
#include "kernel/process.h"
#include "kernel/thread.h"
#include "kernel/utf.h"

/* This process */

void WINAPI ExitProcess(UINT code)
{
    process_exit(code);
}

HANDLE WINAPI GetCurrentProcess(void)
{
    return (HANDLE)(intptr_t)-1;
}

DWORD WINAPI GetCurrentProcessId(void)
{
    return getpid();
}

LPWSTR WINAPI GetCommandLineW(void)
{
    return process_parameters.CommandLine.Buffer;
}

/* Made when it is first asked for; two threads that ask at once make the same text. */
LPSTR WINAPI GetCommandLineA(void)
{
    static char *line;
    char *present = __atomic_load_n(&line, __ATOMIC_ACQUIRE);
    if (present)
        return present;
    const UNICODE_STRING *wide = &process_parameters.CommandLine;
    size_t length = wide->Length / sizeof(WCHAR);
    size_t bytes = utf8_from_utf16(NULL, 0, wide->Buffer, length, UTF_REPLACE);
    char *made = HeapAlloc(GetProcessHeap(), 0, bytes + 1);
    if (!made)
        return NULL;
    utf8_from_utf16(made, bytes, wide->Buffer, length, UTF_REPLACE);
    made[bytes] = '\0';
    if (__atomic_compare_exchange_n(&line, &present, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return made;
    HeapFree(GetProcessHeap(), 0, made);
    return present;
}

void WINAPI GetStartupInfoW(LPSTARTUPINFOW info)
{
    const struct process_parameters *parameters = &process_parameters;
    *info = (STARTUPINFOW){
        .cb = sizeof *info,
        .lpDesktop = parameters->DesktopInfo.Buffer,
        .lpTitle = parameters->WindowTitle.Buffer,
        .dwFlags = parameters->WindowFlags,
        .wShowWindow = parameters->ShowWindowFlags,
        .dwX = parameters->StartingX,
        .dwY = parameters->StartingY,
        .dwXSize = parameters->CountX,
        .dwYSize = parameters->CountY,
        .dwXCountChars = parameters->CountCharsX,
        .dwYCountChars = parameters->CountCharsY,
        .dwFillAttribute = parameters->FillAttribute,
        .cbReserved2 = parameters->RuntimeData.Length,
        .lpReserved2 = (BYTE *)parameters->RuntimeData.Buffer,
        /* What the C runtime reads: the parent's handles are in use, whatever they are. */
        .hStdInput = parameters->StandardInput,
        .hStdOutput = parameters->StandardOutput,
        .hStdError = parameters->StandardError,
    };
}

void WINAPI GetStartupInfoA(LPSTARTUPINFOA info)
{
    static char desktop[] = "WinSta0\\Default";
    static char title[3 * MAX_PATH]; /* every thread that comes here writes the same */
    STARTUPINFOW wide;
    GetStartupInfoW(&wide);
    if (!*title)
        ansi_return(wide.lpTitle, utf16_length(wide.lpTitle), title, sizeof title);
    *info = (STARTUPINFOA){
        .cb = sizeof *info,
        .lpDesktop = desktop,
        .lpTitle = title,
        .dwFlags = wide.dwFlags,
        .wShowWindow = wide.wShowWindow,
        .dwX = wide.dwX,
        .dwY = wide.dwY,
        .dwXSize = wide.dwXSize,
        .dwYSize = wide.dwYSize,
        .dwXCountChars = wide.dwXCountChars,
        .dwYCountChars = wide.dwYCountChars,
        .dwFillAttribute = wide.dwFillAttribute,
        .cbReserved2 = wide.cbReserved2,
        .lpReserved2 = wide.lpReserved2,
        .hStdInput = wide.hStdInput,
        .hStdOutput = wide.hStdOutput,
        .hStdError = wide.hStdError,
    };
}

/* Processes by handle */

/* The process that a handle names, with a reference; NULL with the last error set. */
static struct process *reference_process(HANDLE handle, ACCESS_MASK access)
{
    void *object;
    return set_last_status(handle_reference(handle, &process_type, access, &object)) ? object : NULL;
}

HANDLE WINAPI OpenProcess(DWORD access, BOOL inherit, DWORD id)
{
    HANDLE handle;
    struct process *process;
    NTSTATUS status = process_open(id, &process);
    if (!set_last_status(status))
        return NULL;
    if (access & PROCESS_QUERY_INFORMATION)
        access |= PROCESS_QUERY_LIMITED_INFORMATION;
    status = handle_create(&process->object.object, access, inherit ? OBJ_INHERIT : 0, &handle);
    object_release(process);
    return set_last_status(status) ? handle : NULL;
}

/* All processes are of one session. */
BOOL WINAPI ProcessIdToSessionId(DWORD id, DWORD *session)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id);
    if (!process)
        return FALSE;
    CloseHandle(process);
    *session = process_environment.SessionId;
    return TRUE;
}

DWORD WINAPI GetProcessId(HANDLE handle)
{
    struct process *process = reference_process(handle, PROCESS_QUERY_LIMITED_INFORMATION);
    if (!process)
        return 0;
    DWORD id = process->id;
    object_release(process);
    return id;
}

BOOL WINAPI GetExitCodeProcess(HANDLE handle, LPDWORD exit_code)
{
    struct process *process = reference_process(handle, PROCESS_QUERY_LIMITED_INFORMATION);
    if (!process)
        return FALSE;
    NTSTATUS status = process_query_exit_code(process, exit_code);
    object_release(process);
    return set_last_status(status);
}

BOOL WINAPI TerminateProcess(HANDLE handle, UINT exit_code)
{
    if (!handle) {
        SetLastError(ERROR_INVALID_HANDLE);
        return FALSE;
    }
    struct process *process = reference_process(handle, PROCESS_TERMINATE);
    if (!process)
        return FALSE;
    NTSTATUS status = process_kill(process, exit_code);
    object_release(process);
    return set_last_status(status);
}

UINT WINAPI SetHandleCount(UINT count)
{
    return count; /* There has been no limit since Windows NT; the documentation says so. */
}
