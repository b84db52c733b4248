#include <sched.h>
#include "dlls/ntdll/object_request.h"
#include "kernel/event.h"
#include "kernel/mutex.h"
#include "kernel/semaphore.h"
#include "kernel/utf.h"
#include "kernel/wait.h"

/* Events, mutexes ("mutants"), semaphores, and waiting for them: the kernel's own calls, for which
 * MinGW-w64's headers lack the prototypes. */

typedef enum { NotificationEvent, SynchronizationEvent } EVENT_TYPE;

/* The one information class that each of the three has. */
enum { BASIC_INFORMATION = 0 };

/* Where names may be: the user's own directory, and the one that all users share. */
static const struct {
    WCHAR path[32];
    bool global;
} directories[] = {
    {L"\\BaseNamedObjects\\", true},
    {L"\\Sessions\\0\\BaseNamedObjects\\", true},
    {L"\\Sessions\\1\\BaseNamedObjects\\", false},
};

static NTSTATUS find_directory(struct object_request *request)
{
    if (request->name[0] != '\\')
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    for (unsigned i = 0; i < ARRAYSIZE(directories); i++) {
        size_t length = utf16_length(directories[i].path);
        if (request->length <= length ||
            memcmp(request->name, directories[i].path, length * sizeof(WCHAR)) != 0)
            continue;
        request->name += length;
        request->length -= length;
        request->global = directories[i].global;
        return STATUS_SUCCESS;
    }
    return STATUS_OBJECT_PATH_NOT_FOUND;
}

/* A root handle can only be that of the user's own directory, since no function opens another one. */
NTSTATUS object_request(struct object_request *request, const OBJECT_ATTRIBUTES *attributes,
                        ACCESS_MASK access)
{
    *request = (struct object_request){.access = access};
    if (!attributes)
        return STATUS_SUCCESS;
    if (attributes->Length != sizeof *attributes)
        return STATUS_INVALID_PARAMETER;
    request->attributes = attributes->Attributes;
    if (!attributes->ObjectName || attributes->ObjectName->Length == 0)
        return STATUS_SUCCESS;
    if (attributes->ObjectName->Length % sizeof(WCHAR) != 0)
        return STATUS_OBJECT_NAME_INVALID;
    request->name = attributes->ObjectName->Buffer;
    request->length = attributes->ObjectName->Length / sizeof(WCHAR);
    return attributes->RootDirectory ? STATUS_SUCCESS : find_directory(request);
}

/* Events */

NTSTATUS WINAPI NtCreateEvent(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes,
                              EVENT_TYPE type, BOOLEAN signaled)
{
    struct object_request request;
    NTSTATUS status = object_request(&request, attributes, access);
    if (type != NotificationEvent && type != SynchronizationEvent)
        status = STATUS_INVALID_PARAMETER;
    return status ? status : event_create(&request, type == NotificationEvent, signaled, handle);
}

NTSTATUS WINAPI NtOpenEvent(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes)
{
    struct object_request request;
    NTSTATUS status = object_request(&request, attributes, access);
    return status ? status : event_open(&request, handle);
}

NTSTATUS WINAPI NtSetEvent(HANDLE event, LONG *previous)
{
    return event_set(event, previous);
}

NTSTATUS WINAPI NtResetEvent(HANDLE event, LONG *previous)
{
    return event_reset(event, previous);
}

NTSTATUS WINAPI NtClearEvent(HANDLE event)
{
    return event_reset(event, NULL);
}

NTSTATUS WINAPI NtPulseEvent(HANDLE event, LONG *previous)
{
    return event_pulse(event, previous);
}

static NTSTATUS give_information(ULONG class, void *buffer, ULONG size, ULONG *returned,
                                 const void *information, ULONG information_size)
{
    if (class != BASIC_INFORMATION)
        return STATUS_INVALID_INFO_CLASS;
    if (size != information_size)
        return STATUS_INFO_LENGTH_MISMATCH;
    memcpy(buffer, information, information_size);
    if (returned)
        *returned = information_size;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI NtQueryEvent(HANDLE event, ULONG class, void *buffer, ULONG size, ULONG *returned)
{
    struct {
        EVENT_TYPE type;
        LONG state;
    } information;
    bool manual_reset;
    NTSTATUS status = event_query(event, &manual_reset, &information.state);
    information.type = manual_reset ? NotificationEvent : SynchronizationEvent;
    return status ? status
                  : give_information(class, buffer, size, returned, &information, sizeof information);
}

/* Mutexes */

NTSTATUS WINAPI NtCreateMutant(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes,
                               BOOLEAN owned)
{
    struct object_request request;
    NTSTATUS status = object_request(&request, attributes, access);
    return status ? status : mutex_create(&request, owned, handle);
}

NTSTATUS WINAPI NtOpenMutant(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes)
{
    struct object_request request;
    NTSTATUS status = object_request(&request, attributes, access);
    return status ? status : mutex_open(&request, handle);
}

NTSTATUS WINAPI NtReleaseMutant(HANDLE mutant, LONG *previous)
{
    return mutex_release(mutant, previous);
}

NTSTATUS WINAPI NtQueryMutant(HANDLE mutant, ULONG class, void *buffer, ULONG size, ULONG *returned)
{
    struct {
        LONG count;
        BOOLEAN owned_by_caller;
        BOOLEAN abandoned;
    } information;
    bool owned, abandoned;
    NTSTATUS status = mutex_query(mutant, &information.count, &owned, &abandoned);
    information.owned_by_caller = owned;
    information.abandoned = abandoned;
    return status ? status
                  : give_information(class, buffer, size, returned, &information, sizeof information);
}

/* Semaphores */

NTSTATUS WINAPI NtCreateSemaphore(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes,
                                  LONG initial, LONG maximum)
{
    struct object_request request;
    NTSTATUS status = object_request(&request, attributes, access);
    return status ? status : semaphore_create(&request, initial, maximum, handle);
}

NTSTATUS WINAPI NtOpenSemaphore(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes)
{
    struct object_request request;
    NTSTATUS status = object_request(&request, attributes, access);
    return status ? status : semaphore_open(&request, handle);
}

NTSTATUS WINAPI NtReleaseSemaphore(HANDLE semaphore, LONG count, LONG *previous)
{
    return semaphore_release(semaphore, count, previous);
}

NTSTATUS WINAPI NtQuerySemaphore(HANDLE semaphore, ULONG class, void *buffer, ULONG size, ULONG *returned)
{
    struct {
        LONG count, maximum;
    } information;
    NTSTATUS status = semaphore_query(semaphore, &information.count, &information.maximum);
    return status ? status
                  : give_information(class, buffer, size, returned, &information, sizeof information);
}

/* Waits */

/* Windows' own WAIT_TYPE. */
enum { WAIT_ALL = 0, WAIT_ANY = 1 };

NTSTATUS WINAPI NtWaitForSingleObject(HANDLE handle, BOOLEAN alertable, LARGE_INTEGER *timeout)
{
    return wait_for_handle(handle, alertable, timeout);
}

NTSTATUS WINAPI NtWaitForMultipleObjects(ULONG count, const HANDLE *handles, ULONG type, BOOLEAN alertable,
                                         const LARGE_INTEGER *timeout)
{
    if (type != WAIT_ALL && type != WAIT_ANY)
        return STATUS_INVALID_PARAMETER_3;
    return wait_for_handles(count, handles, type == WAIT_ALL, alertable, timeout);
}

NTSTATUS WINAPI NtSignalAndWaitForSingleObject(HANDLE signal, HANDLE wait, BOOLEAN alertable,
                                               const LARGE_INTEGER *timeout)
{
    return wait_signal_and_wait(signal, wait, alertable, timeout);
}

NTSTATUS WINAPI NtDelayExecution(BOOLEAN alertable, const LARGE_INTEGER *timeout)
{
    return wait_delay(alertable, timeout);
}

NTSTATUS WINAPI NtYieldExecution(void)
{
    sched_yield();
    return STATUS_SUCCESS;
}
