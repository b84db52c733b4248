#include "dlls/kernel32/request.h"
#include "kernel/event.h"
#include "kernel/mutex.h"
#include "kernel/semaphore.h"
#include "kernel/wait.h"

/* Events */

HANDLE WINAPI CreateEventExW(SECURITY_ATTRIBUTES *attributes, LPCWSTR name, DWORD flags, DWORD access)
{
    HANDLE handle = NULL;
    if (flags & ~(DWORD)(CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET))
        return created_handle(STATUS_INVALID_PARAMETER, NULL);
    struct object_request request = make_request(name, name_length(name), access, is_inheritable(attributes));
    NTSTATUS status =
        event_create(&request, flags & CREATE_EVENT_MANUAL_RESET, flags & CREATE_EVENT_INITIAL_SET, &handle);
    return created_handle(status, handle);
}

HANDLE WINAPI CreateEventExA(SECURITY_ATTRIBUTES *attributes, LPCSTR name, DWORD flags, DWORD access)
{
    struct wide wide;
    if (!wide_from_object_name(&wide, name))
        return NULL;
    HANDLE handle = CreateEventExW(attributes, wide.text, flags, access);
    wide_free(&wide);
    return handle;
}

static DWORD event_flags(BOOL manual_reset, BOOL initial_state)
{
    return (manual_reset ? CREATE_EVENT_MANUAL_RESET : 0) | (initial_state ? CREATE_EVENT_INITIAL_SET : 0);
}

HANDLE WINAPI CreateEventW(SECURITY_ATTRIBUTES *attributes, BOOL manual_reset, BOOL initial_state,
                           LPCWSTR name)
{
    return CreateEventExW(attributes, name, event_flags(manual_reset, initial_state), EVENT_ALL_ACCESS);
}

HANDLE WINAPI CreateEventA(SECURITY_ATTRIBUTES *attributes, BOOL manual_reset, BOOL initial_state,
                           LPCSTR name)
{
    return CreateEventExA(attributes, name, event_flags(manual_reset, initial_state), EVENT_ALL_ACCESS);
}

HANDLE WINAPI OpenEventW(DWORD access, BOOL inherit, LPCWSTR name)
{
    return open_named(event_open, access, inherit, name);
}

HANDLE WINAPI OpenEventA(DWORD access, BOOL inherit, LPCSTR name)
{
    return open_named_ansi(event_open, access, inherit, name);
}

BOOL WINAPI SetEvent(HANDLE event)
{
    return set_last_status(event_set(event, NULL));
}

BOOL WINAPI ResetEvent(HANDLE event)
{
    return set_last_status(event_reset(event, NULL));
}

BOOL WINAPI PulseEvent(HANDLE event)
{
    return set_last_status(event_pulse(event, NULL));
}

/* Mutexes */

HANDLE WINAPI CreateMutexExW(SECURITY_ATTRIBUTES *attributes, LPCWSTR name, DWORD flags, DWORD access)
{
    HANDLE handle = NULL;
    if (flags & ~(DWORD)CREATE_MUTEX_INITIAL_OWNER)
        return created_handle(STATUS_INVALID_PARAMETER, NULL);
    struct object_request request = make_request(name, name_length(name), access, is_inheritable(attributes));
    NTSTATUS status = mutex_create(&request, flags & CREATE_MUTEX_INITIAL_OWNER, &handle);
    return created_handle(status, handle);
}

HANDLE WINAPI CreateMutexExA(SECURITY_ATTRIBUTES *attributes, LPCSTR name, DWORD flags, DWORD access)
{
    struct wide wide;
    if (!wide_from_object_name(&wide, name))
        return NULL;
    HANDLE handle = CreateMutexExW(attributes, wide.text, flags, access);
    wide_free(&wide);
    return handle;
}

HANDLE WINAPI CreateMutexW(SECURITY_ATTRIBUTES *attributes, BOOL owner, LPCWSTR name)
{
    return CreateMutexExW(attributes, name, owner ? CREATE_MUTEX_INITIAL_OWNER : 0, MUTEX_ALL_ACCESS);
}

HANDLE WINAPI CreateMutexA(SECURITY_ATTRIBUTES *attributes, BOOL owner, LPCSTR name)
{
    return CreateMutexExA(attributes, name, owner ? CREATE_MUTEX_INITIAL_OWNER : 0, MUTEX_ALL_ACCESS);
}

HANDLE WINAPI OpenMutexW(DWORD access, BOOL inherit, LPCWSTR name)
{
    return open_named(mutex_open, access, inherit, name);
}

HANDLE WINAPI OpenMutexA(DWORD access, BOOL inherit, LPCSTR name)
{
    return open_named_ansi(mutex_open, access, inherit, name);
}

BOOL WINAPI ReleaseMutex(HANDLE mutex)
{
    return set_last_status(mutex_release(mutex, NULL));
}

/* Semaphores */

HANDLE WINAPI CreateSemaphoreExW(SECURITY_ATTRIBUTES *attributes, LONG initial, LONG maximum, LPCWSTR name,
                                 DWORD flags, DWORD access)
{
    HANDLE handle = NULL;
    if (flags)
        return created_handle(STATUS_INVALID_PARAMETER, NULL);
    struct object_request request = make_request(name, name_length(name), access, is_inheritable(attributes));
    NTSTATUS status = semaphore_create(&request, initial, maximum, &handle);
    return created_handle(status, handle);
}

HANDLE WINAPI CreateSemaphoreExA(SECURITY_ATTRIBUTES *attributes, LONG initial, LONG maximum, LPCSTR name,
                                 DWORD flags, DWORD access)
{
    struct wide wide;
    if (!wide_from_object_name(&wide, name))
        return NULL;
    HANDLE handle = CreateSemaphoreExW(attributes, initial, maximum, wide.text, flags, access);
    wide_free(&wide);
    return handle;
}

HANDLE WINAPI CreateSemaphoreW(SECURITY_ATTRIBUTES *attributes, LONG initial, LONG maximum, LPCWSTR name)
{
    return CreateSemaphoreExW(attributes, initial, maximum, name, 0, SEMAPHORE_ALL_ACCESS);
}

HANDLE WINAPI CreateSemaphoreA(SECURITY_ATTRIBUTES *attributes, LONG initial, LONG maximum, LPCSTR name)
{
    return CreateSemaphoreExA(attributes, initial, maximum, name, 0, SEMAPHORE_ALL_ACCESS);
}

HANDLE WINAPI OpenSemaphoreW(DWORD access, BOOL inherit, LPCWSTR name)
{
    return open_named(semaphore_open, access, inherit, name);
}

HANDLE WINAPI OpenSemaphoreA(DWORD access, BOOL inherit, LPCSTR name)
{
    return open_named_ansi(semaphore_open, access, inherit, name);
}

BOOL WINAPI ReleaseSemaphore(HANDLE semaphore, LONG count, LONG *previous)
{
    return set_last_status(semaphore_release(semaphore, count, previous));
}

/* Waits */

/* The statuses of a satisfied, timed out or interrupted wait are the Win32 results. */
static DWORD wait_result(NTSTATUS status)
{
    return set_last_status(status) ? (DWORD)status : WAIT_FAILED;
}

/* Of the native API's alerts, Win32 knows nothing: it waits again. */
DWORD WINAPI WaitForSingleObjectEx(HANDLE handle, DWORD milliseconds, BOOL alertable)
{
    LARGE_INTEGER timeout;
    NTSTATUS status;
    do
        status = wait_for_handle(handle, alertable, wait_milliseconds(&timeout, milliseconds));
    while (status == STATUS_ALERTED);
    return wait_result(status);
}

DWORD WINAPI WaitForSingleObject(HANDLE handle, DWORD milliseconds)
{
    return WaitForSingleObjectEx(handle, milliseconds, FALSE);
}

DWORD WINAPI WaitForMultipleObjectsEx(DWORD count, const HANDLE *handles, BOOL all, DWORD milliseconds,
                                      BOOL alertable)
{
    LARGE_INTEGER timeout;
    NTSTATUS status;
    do
        status = wait_for_handles(count, handles, all, alertable, wait_milliseconds(&timeout, milliseconds));
    while (status == STATUS_ALERTED);
    return wait_result(status);
}

DWORD WINAPI WaitForMultipleObjects(DWORD count, const HANDLE *handles, BOOL all, DWORD milliseconds)
{
    return WaitForMultipleObjectsEx(count, handles, all, milliseconds, FALSE);
}

DWORD WINAPI SignalObjectAndWait(HANDLE signal, HANDLE wait, DWORD milliseconds, BOOL alertable)
{
    LARGE_INTEGER timeout;
    NTSTATUS status =
        wait_signal_and_wait(signal, wait, alertable, wait_milliseconds(&timeout, milliseconds));
    return status == STATUS_ALERTED ? WaitForSingleObjectEx(wait, milliseconds, alertable)
                                    : wait_result(status);
}

DWORD WINAPI SleepEx(DWORD milliseconds, BOOL alertable)
{
    LARGE_INTEGER timeout;
    NTSTATUS status;
    do
        status = wait_delay(alertable, wait_milliseconds(&timeout, milliseconds));
    while (status == STATUS_ALERTED);
    return status == STATUS_USER_APC ? WAIT_IO_COMPLETION : 0;
}

void WINAPI Sleep(DWORD milliseconds)
{
    SleepEx(milliseconds, FALSE);
}
