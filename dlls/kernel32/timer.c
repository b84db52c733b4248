#include "dlls/kernel32/request.h"
#include "kernel/waitable_timer.h"

/* Missing in the headers. */
#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 2
#endif

HANDLE WINAPI CreateWaitableTimerExW(SECURITY_ATTRIBUTES *attributes, LPCWSTR name, DWORD flags, DWORD access)
{
    HANDLE handle = NULL;
    /* Every timer has a high resolution here. */
    if (flags & ~(DWORD)(CREATE_WAITABLE_TIMER_MANUAL_RESET | CREATE_WAITABLE_TIMER_HIGH_RESOLUTION))
        return created_handle(STATUS_INVALID_PARAMETER, NULL);
    struct object_request request = make_request(name, name_length(name), access, is_inheritable(attributes));
    NTSTATUS status = waitable_timer_create(&request, flags & CREATE_WAITABLE_TIMER_MANUAL_RESET, &handle);
    return created_handle(status, handle);
}

HANDLE WINAPI CreateWaitableTimerExA(SECURITY_ATTRIBUTES *attributes, LPCSTR name, DWORD flags, DWORD access)
{
    struct wide wide;
    if (!wide_from_object_name(&wide, name))
        return NULL;
    HANDLE handle = CreateWaitableTimerExW(attributes, wide.text, flags, access);
    wide_free(&wide);
    return handle;
}

HANDLE WINAPI CreateWaitableTimerW(SECURITY_ATTRIBUTES *attributes, BOOL manual_reset, LPCWSTR name)
{
    return CreateWaitableTimerExW(attributes, name, manual_reset ? CREATE_WAITABLE_TIMER_MANUAL_RESET : 0,
                                  TIMER_ALL_ACCESS);
}

HANDLE WINAPI CreateWaitableTimerA(SECURITY_ATTRIBUTES *attributes, BOOL manual_reset, LPCSTR name)
{
    return CreateWaitableTimerExA(attributes, name, manual_reset ? CREATE_WAITABLE_TIMER_MANUAL_RESET : 0,
                                  TIMER_ALL_ACCESS);
}

HANDLE WINAPI OpenWaitableTimerW(DWORD access, BOOL inherit, LPCWSTR name)
{
    return open_named(waitable_timer_open, access, inherit, name);
}

HANDLE WINAPI OpenWaitableTimerA(DWORD access, BOOL inherit, LPCSTR name)
{
    return open_named_ansi(waitable_timer_open, access, inherit, name);
}

/* No program here can resume a machine from sleep: Windows says so where the machine cannot, in the last
 * error of a call that succeeds. */
static BOOL set_timer(HANDLE timer, const LARGE_INTEGER *due, LONG period, PTIMERAPCROUTINE function,
                      LPVOID argument, bool resume)
{
    bool was_signaled;
    if (!due)
        return set_last_status(STATUS_ACCESS_VIOLATION);
    if (!set_last_status(waitable_timer_set(timer, due, period, (apc_function)(void *)function,
                                            (ULONG_PTR)argument, &was_signaled)))
        return FALSE;
    if (resume)
        SetLastError(ERROR_NOT_SUPPORTED);
    return TRUE;
}

BOOL WINAPI SetWaitableTimer(HANDLE timer, const LARGE_INTEGER *due, LONG period, PTIMERAPCROUTINE function,
                             LPVOID argument, BOOL resume)
{
    return set_timer(timer, due, period, function, argument, resume);
}

/* A timer here is never late on purpose, however much of that the program tolerates. */
BOOL WINAPI SetWaitableTimerEx(HANDLE timer, const LARGE_INTEGER *due, LONG period, PTIMERAPCROUTINE function,
                               LPVOID argument, PREASON_CONTEXT reason, ULONG tolerable_delay)
{
    return set_timer(timer, due, period, function, argument, reason != NULL);
}

BOOL WINAPI CancelWaitableTimer(HANDLE timer)
{
    bool was_signaled;
    return set_last_status(waitable_timer_cancel(timer, &was_signaled));
}
