#include "kernel/keyed_event.h"
#include "dlls/ntdll/object_request.h"

/* MinGW-w64's headers lack these prototypes. */

NTSTATUS WINAPI NtCreateKeyedEvent(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes,
                                   ULONG flags)
{
    struct object_request request;
    NTSTATUS status = object_request(&request, attributes, access);
    if (flags)
        status = STATUS_INVALID_PARAMETER_4;
    return status ? status : keyed_event_create(&request, handle);
}

NTSTATUS WINAPI NtOpenKeyedEvent(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes)
{
    struct object_request request;
    NTSTATUS status = object_request(&request, attributes, access);
    return status ? status : keyed_event_open(&request, handle);
}

NTSTATUS WINAPI NtWaitForKeyedEvent(HANDLE handle, const void *key, BOOLEAN alertable,
                                    const LARGE_INTEGER *timeout)
{
    return keyed_event_wait(handle, (ULONG_PTR)key, alertable, timeout);
}

NTSTATUS WINAPI NtReleaseKeyedEvent(HANDLE handle, const void *key, BOOLEAN alertable,
                                    const LARGE_INTEGER *timeout)
{
    return keyed_event_release(handle, (ULONG_PTR)key, alertable, timeout);
}
