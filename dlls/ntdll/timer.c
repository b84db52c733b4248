#include "dlls/ntdll/object_request.h"
#include "kernel/waitable_timer.h"

/* Timers as the native API has them. MinGW-w64's headers lack the prototypes. */

typedef enum { NotificationTimer, SynchronizationTimer } TIMER_TYPE;

/* Says that the machine will not be woken. */
#define STATUS_TIMER_RESUME_IGNORED ((NTSTATUS)0x40000025)

NTSTATUS WINAPI NtCreateTimer(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes,
                              TIMER_TYPE type)
{
    struct object_request request;
    NTSTATUS status = object_request(&request, attributes, access);
    if (type != NotificationTimer && type != SynchronizationTimer)
        status = STATUS_INVALID_PARAMETER_4;
    return status ? status : waitable_timer_create(&request, type == NotificationTimer, handle);
}

NTSTATUS WINAPI NtOpenTimer(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes)
{
    struct object_request request;
    NTSTATUS status = object_request(&request, attributes, access);
    return status ? status : waitable_timer_open(&request, handle);
}

NTSTATUS WINAPI NtSetTimer(HANDLE timer, const LARGE_INTEGER *due, apc_function function, void *context,
                           BOOLEAN resume, LONG period, BOOLEAN *previous)
{
    bool was_signaled;
    if (!due)
        return STATUS_ACCESS_VIOLATION;
    NTSTATUS status = waitable_timer_set(timer, due, period, function, (ULONG_PTR)context, &was_signaled);
    if (!NT_SUCCESS(status))
        return status;
    if (previous)
        *previous = was_signaled;
    return resume ? STATUS_TIMER_RESUME_IGNORED : STATUS_SUCCESS;
}

NTSTATUS WINAPI NtCancelTimer(HANDLE timer, BOOLEAN *state)
{
    bool was_signaled;
    NTSTATUS status = waitable_timer_cancel(timer, &was_signaled);
    if (NT_SUCCESS(status) && state)
        *state = was_signaled;
    return status;
}

NTSTATUS WINAPI NtQueryTimer(HANDLE timer, ULONG class, void *buffer, ULONG size, ULONG *returned)
{
    enum { BASIC_INFORMATION = 0 };
    struct {
        GUEST_INT64 remaining;
        BOOLEAN signaled;
    } information = {0};
    bool signaled;
    int64_t remaining;
    if (class != BASIC_INFORMATION)
        return STATUS_INVALID_INFO_CLASS;
    if (size != sizeof information)
        return STATUS_INFO_LENGTH_MISMATCH;
    NTSTATUS status = waitable_timer_query(timer, &remaining, &signaled);
    if (!NT_SUCCESS(status))
        return status;
    information.remaining = remaining;
    information.signaled = signaled;
    memcpy(buffer, &information, sizeof information);
    if (returned)
        *returned = sizeof information;
    return STATUS_SUCCESS;
}
