/* Providers of events. Nobody traces them here, so no provider is ever enabled, and what it writes goes
 * nowhere, as on Windows while no session listens. */
#include <stdlib.h>
#include "dlls/kernel32/error.h"
#include "kernel/lock.h"
#include <evntprov.h>

struct registration {
    struct registration *next;
};

static struct lock lock;
static struct registration *registrations;

/* The pointer that leads to the registration; called with the lock held. NULL if the handle is none. */
static struct registration **find(REGHANDLE handle)
{
    struct registration **at = &registrations;
    while (*at && (ULONG_PTR)*at != handle)
        at = &(*at)->next;
    return *at ? at : NULL;
}

static ULONG check(REGHANDLE handle)
{
    lock_acquire(&lock);
    bool is_registered = find(handle);
    lock_release(&lock);
    return is_registered ? ERROR_SUCCESS : ERROR_INVALID_HANDLE;
}

ULONG EVNTAPI EventRegister(LPCGUID provider, PENABLECALLBACK callback, PVOID context, PREGHANDLE handle)
{
    if (!provider || !handle)
        return ERROR_INVALID_PARAMETER;
    struct registration *registration = malloc(sizeof *registration);
    if (!registration)
        return ERROR_NOT_ENOUGH_MEMORY;
    lock_acquire(&lock);
    registration->next = registrations;
    registrations = registration;
    lock_release(&lock);
    *handle = (ULONG_PTR)registration;
    return ERROR_SUCCESS;
}

ULONG EVNTAPI EventUnregister(REGHANDLE handle)
{
    struct registration *found = NULL;
    lock_acquire(&lock);
    struct registration **at = find(handle);
    if (at) {
        found = *at;
        *at = found->next;
    }
    lock_release(&lock);
    free(found);
    return at ? ERROR_SUCCESS : ERROR_INVALID_HANDLE;
}

ULONG EVNTAPI EventSetInformation(REGHANDLE handle, EVENT_INFO_CLASS class, PVOID information, ULONG length)
{
    return class >= MaxEventInfo ? ERROR_INVALID_PARAMETER : check(handle);
}

BOOLEAN EVNTAPI EventEnabled(REGHANDLE handle, PCEVENT_DESCRIPTOR event)
{
    return FALSE;
}

BOOLEAN EVNTAPI EventProviderEnabled(REGHANDLE handle, UCHAR level, ULONGLONG keyword)
{
    return FALSE;
}

ULONG EVNTAPI EventWrite(REGHANDLE handle, PCEVENT_DESCRIPTOR event, ULONG count, PEVENT_DATA_DESCRIPTOR data)
{
    return event ? check(handle) : ERROR_INVALID_PARAMETER;
}

ULONG EVNTAPI EventWriteTransfer(REGHANDLE handle, PCEVENT_DESCRIPTOR event, LPCGUID activity,
                                 LPCGUID related, ULONG count, PEVENT_DATA_DESCRIPTOR data)
{
    return EventWrite(handle, event, count, data);
}

ULONG EVNTAPI EventWriteEx(REGHANDLE handle, PCEVENT_DESCRIPTOR event, ULONG64 filter, ULONG flags,
                           LPCGUID activity, LPCGUID related, ULONG count, PEVENT_DATA_DESCRIPTOR data)
{
    return EventWrite(handle, event, count, data);
}

ULONG EVNTAPI EventWriteString(REGHANDLE handle, UCHAR level, ULONGLONG keyword, PCWSTR text)
{
    return text ? check(handle) : ERROR_INVALID_PARAMETER;
}
