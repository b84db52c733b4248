#include <stdlib.h>

#include "kernel/event.h"
#include "kernel/handle.h"
#include "kernel/shared_wait.h"

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

/* In the page of a shared event. */
enum { IS_SIGNALED };

static bool event_load(struct waitable *object, const uint32_t *words)
{
    return words[IS_SIGNALED];
}

static void event_store(const struct waitable *object, uint32_t *words)
{
    __atomic_store_n(&words[IS_SIGNALED], waitable_is_signaled(object), __ATOMIC_RELAXED);
}

static void event_put_back(struct waitable *object)
{
    __atomic_fetch_or(&object->state, WAITABLE_SIGNALED, __ATOMIC_RELAXED);
}

static const struct wait_operations event_waits = {
    .take = event_take,
    .try_take = event_try_take,
    .load = event_load,
    .store = event_store,
    .put_back = event_put_back,
};

static void prepare_page(const struct waitable *object, struct shared_words *words)
{
    words->releases_all = ((const struct event *)object)->manual_reset;
}

static NTSTATUS event_share(struct object *object, struct shared_file *file)
{
    return shared_wait_share((struct waitable *)object, file, prepare_page);
}

static NTSTATUS event_adopt(struct shared_file *file, struct object **object)
{
    struct event *event = malloc(sizeof *event);
    if (!event)
        return STATUS_NO_MEMORY;
    waitable_initialize(&event->waitable, &event_type, false);
    NTSTATUS status = shared_wait_adopt(&event->waitable, file);
    if (NT_SUCCESS(status))
        event->manual_reset = event->waitable.shared->words->releases_all;
    else
        free(event);
    *object = &event->waitable.object;
    return status;
}

static void event_destroy(struct object *object)
{
    shared_wait_leave((struct waitable *)object);
    free(object);
}

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
    .shared_kind = SHARED_EVENT,
    .share = event_share,
    .adopt = event_adopt,
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

static bool pulse(struct waitable *object)
{
    return waitable_is_shared(object) ? shared_wait_pulse(object) : waitable_pulse(object);
}

NTSTATUS event_pulse(HANDLE handle, LONG *previous)
{
    return change(handle, pulse, previous);
}

NTSTATUS event_query(HANDLE handle, bool *manual_reset, LONG *state)
{
    struct event *event;
    NTSTATUS status = handle_reference(handle, &event_type, QUERY_STATE, &event);
    if (!NT_SUCCESS(status))
        return status;
    *manual_reset = event->manual_reset;
    *state = waitable_query(&event->waitable);
    object_release(event);
    return STATUS_SUCCESS;
}

void event_signal(struct object *event)
{
    waitable_set((struct waitable *)event);
}
