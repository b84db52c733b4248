/* Windows' debugging interface, for a program that asks what it could do with it: there is no process here
 * that another could debug. */
#include "dlls/kernel32/error.h"
#include "kernel/process.h"

/* A thread can wait for events once it has tried to debug something. */
static __thread bool is_debugger;

BOOL WINAPI DebugActiveProcess(DWORD id)
{
    struct process *process;
    is_debugger = true;
    if (!set_last_status(process_open(id, &process)))
        return FALSE;
    bool refused = process == &process_self || process_has_ended(process);
    object_release(process);
    SetLastError(refused ? ERROR_ACCESS_DENIED : ERROR_NOT_SUPPORTED);
    return FALSE;
}

BOOL WINAPI DebugActiveProcessStop(DWORD id)
{
    SetLastError(is_debugger ? ERROR_ACCESS_DENIED : ERROR_INVALID_HANDLE);
    return FALSE;
}

/* None ever comes. */
BOOL WINAPI WaitForDebugEvent(DEBUG_EVENT *event, DWORD milliseconds)
{
    if (!is_debugger) {
        SetLastError(ERROR_INVALID_HANDLE);
        return FALSE;
    }
    Sleep(milliseconds);
    SetLastError(ERROR_SEM_TIMEOUT);
    return FALSE;
}

BOOL WINAPI ContinueDebugEvent(DWORD process, DWORD thread, DWORD status)
{
    SetLastError(is_debugger ? ERROR_INVALID_PARAMETER : ERROR_INVALID_HANDLE);
    return FALSE;
}
