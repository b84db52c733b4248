#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/handle.h"
#include "kernel/process.h"
#include "kernel/thread.h"
#include "kernel/time.h"
#include "kernel/utf.h"

/* ---- this process ---- */

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
        .hStdInput = wide.hStdInput,
        .hStdOutput = wide.hStdOutput,
        .hStdError = wide.hStdError,
    };
}

/* ---- processes by handle ---- */

/* The process that a handle names, with a reference; NULL with the last error set. */
static struct process *reference_process(HANDLE handle, ACCESS_MASK access)
{
    void *object;
    return set_last_status(handle_reference(handle, &process_type, access, &object)) ? object : NULL;
}

HANDLE WINAPI OpenProcess(DWORD access, BOOL inherit, DWORD id)
{
    HANDLE handle;
    if (id == process_self.id)
        return set_last_status(
                   handle_create(&process_self.object.object, access, inherit ? OBJ_INHERIT : 0, &handle))
                   ? handle
                   : NULL;
    SetLastError(kill(id, 0) && errno == ESRCH ? ERROR_INVALID_PARAMETER : ERROR_ACCESS_DENIED);
    return NULL;
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
    *exit_code = STILL_ACTIVE;
    object_release(process);
    return TRUE;
}

BOOL WINAPI TerminateProcess(HANDLE handle, UINT exit_code)
{
    if (!handle) {
        SetLastError(ERROR_INVALID_HANDLE);
        return FALSE;
    }
    if (!reference_process(handle, PROCESS_TERMINATE))
        return FALSE;
    process_terminate(exit_code);
}

static FILETIME from_timeval(struct timeval time)
{
    return time_to_filetime(time.tv_sec * TIME_TICKS_PER_SECOND + time.tv_usec * 10);
}

/* When the process was started, from the kernel's own record of it. */
static int64_t process_creation_time(void)
{
    unsigned long long start = 0;
    FILE *stat = fopen("/proc/self/stat", "re");
    char line[1024], *after_name;
    if (stat && fgets(line, sizeof line, stat) && (after_name = strrchr(line, ')')))
        sscanf(after_name + 1,
               "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &start);
    if (stat)
        fclose(stat);
    struct timespec since_boot;
    clock_gettime(CLOCK_BOOTTIME, &since_boot);
    int64_t boot = time_system() - since_boot.tv_sec * TIME_TICKS_PER_SECOND - since_boot.tv_nsec / 100;
    return boot + (int64_t)(start * (TIME_TICKS_PER_SECOND / sysconf(_SC_CLK_TCK)));
}

BOOL WINAPI GetProcessTimes(HANDLE handle, LPFILETIME creation, LPFILETIME exit, LPFILETIME kernel,
                            LPFILETIME user)
{
    struct process *process = reference_process(handle, PROCESS_QUERY_LIMITED_INFORMATION);
    if (!process)
        return FALSE;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    *creation = time_to_filetime(process_creation_time());
    *exit = (FILETIME){0, 0};
    *kernel = from_timeval(usage.ru_stime);
    *user = from_timeval(usage.ru_utime);
    object_release(process);
    return TRUE;
}

BOOL WINAPI GetProcessAffinityMask(HANDLE handle, PDWORD_PTR process_mask, PDWORD_PTR system_mask)
{
    struct process *process = reference_process(handle, PROCESS_QUERY_LIMITED_INFORMATION);
    if (!process)
        return FALSE;
    *process_mask = *system_mask = process_environment.ActiveProcessAffinityMask;
    object_release(process);
    return TRUE;
}

UINT WINAPI SetHandleCount(UINT count)
{
    return count; /* There has been no limit since Windows NT; the documentation says so. */
}
