#include <stdlib.h>

#include "kernel/event.h"
#include "kernel/handle.h"

/* The headers lack the name of the right that NtQueryEvent asks for. */
enum { QUERY_STATE = 1 };

struct event {
    struct waitable waitable;
    bool manual_reset;
};

static bool event_take(struct waitable *object, struct thread *thread)
{
    if (!((struct event *)object)->manual_reset)
        __atomic_fetch_and(&object->state, ~(uint32_t)WAITABLE_SIGNALED, __ATOMIC_ACQUIRE);
    return false;
}

static bool event_try_take(struct waitable *object, struct thread *thread)
{
    uint32_t state = __atomic_load_n(&object->state, __ATOMIC_ACQUIRE);
    if (((struct event *)object)->manual_reset)
        return state & WAITABLE_SIGNALED;
    return state & WAITABLE_SIGNALED && !(state & WAITABLE_LOCKED) &&
           solo_exchange_if(&object->state, state, state & ~(uint32_t)WAITABLE_SIGNALED);
}

static void event_destroy(struct object *object)
{
    free(object);
}

static const struct wait_operations event_waits = {.take = event_take, .try_take = event_try_take};

const struct object_type event_type = {
    .name = "Event",
    .destroy = event_destroy,
    .wait = &event_waits,
    .access =
        {
            .GenericRead = STANDARD_RIGHTS_READ | QUERY_STATE,
            .GenericWrite = STANDARD_RIGHTS_WRITE | EVENT_MODIFY_STATE,
            .GenericExecute = STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE,
            .GenericAll = EVENT_ALL_ACCESS,
        },
};

NTSTATUS event_create(const struct object_request *request, bool manual_reset, bool signaled, HANDLE *handle)
{
    struct event *event = malloc(sizeof *event);
    if (!event)
        return STATUS_NO_MEMORY;
    waitable_initialize(&event->waitable, &event_type, signaled);
    event->manual_reset = manual_reset;
    return named_create(request, &event->waitable.object, handle);
}

NTSTATUS event_open(const struct object_request *request, HANDLE *handle)
{
    return named_open(request, &event_type, handle);
}

static NTSTATUS change(HANDLE handle, bool (*operation)(struct waitable *), LONG *previous)
{
    struct event *event;
    NTSTATUS status = handle_reference(handle, &event_type, EVENT_MODIFY_STATE, &event);
    if (!NT_SUCCESS(status))
        return status;
    bool was_signaled = operation(&event->waitable);
    if (previous)
        *previous = was_signaled;
    object_release(event);
    return STATUS_SUCCESS;
}

NTSTATUS event_set(HANDLE handle, LONG *previous)
{
    return change(handle, waitable_set, previous);
}

NTSTATUS event_reset(HANDLE handle, LONG *previous)
{
    return change(handle, waitable_reset, previous);
}

NTSTATUS event_pulse(HANDLE handle, LONG *previous)
{
    return change(handle, waitable_pulse, previous);
}

NTSTATUS event_query(HANDLE handle, bool *manual_reset, LONG *state)
{
    struct event *event;
    NTSTATUS status = handle_reference(handle, &event_type, QUERY_STATE, &event);
    if (!NT_SUCCESS(status))
        return status;
    *manual_reset = event->manual_reset;
    *state = waitable_is_signaled(&event->waitable);
    object_release(event);
    return STATUS_SUCCESS;
}

void event_signal(struct object *event)
{
    waitable_set((struct waitable *)event);
}
