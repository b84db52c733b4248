#include <stdlib.h>

#include "kernel/handle.h"
#include "kernel/keyed_event.h"
#include "kernel/lock.h"

/* The rights, which the headers lack. */
enum { MAY_WAIT = 1, MAY_RELEASE = 2 };

/* A thread that has not met another, on its stack. */
struct party {
    struct waitable met; /* what it waits for; it has no handle */
    struct party *next, *previous;
    ULONG_PTR key;
    bool releases;
    bool has_met;
};

struct keyed_event {
    struct object object;
    struct lock lock;
    struct party *first, *last; /* in order of arrival */
};

static const struct object_type party_type = {.name = "KeyedEventParty", .wait = &wait_notification};

static void keyed_event_destroy(struct object *object)
{
    free(object);
}

const struct object_type keyed_event_type = {
    .name = "KeyedEvent",
    .destroy = keyed_event_destroy,
    .access =
        {
            .GenericRead = STANDARD_RIGHTS_READ | MAY_WAIT,
            .GenericWrite = STANDARD_RIGHTS_WRITE | MAY_RELEASE,
            .GenericExecute = STANDARD_RIGHTS_EXECUTE,
            .GenericAll = STANDARD_RIGHTS_REQUIRED | MAY_WAIT | MAY_RELEASE,
        },
};

/* What a NULL handle means; it never goes. */
static struct keyed_event own_event = {.object = {.type = &keyed_event_type, .references = 1}};

NTSTATUS keyed_event_create(const struct object_request *request, HANDLE *handle)
{
    struct keyed_event *event = calloc(1, sizeof *event);
    if (!event)
        return STATUS_NO_MEMORY;
    object_initialize(&event->object, &keyed_event_type);
    return named_create(request, &event->object, handle);
}

NTSTATUS keyed_event_open(const struct object_request *request, HANDLE *handle)
{
    return named_open(request, &keyed_event_type, handle);
}

/* Parties; under the event's lock */

static struct party *find(struct keyed_event *event, ULONG_PTR key, bool releases)
{
    struct party *party = event->first;
    while (party && (party->key != key || party->releases != releases))
        party = party->next;
    return party;
}

static void join(struct keyed_event *event, struct party *party)
{
    party->previous = event->last;
    *(event->last ? &event->last->next : &event->first) = party;
    event->last = party;
}

static void leave(struct keyed_event *event, struct party *party)
{
    *(party->previous ? &party->previous->next : &event->first) = party->next;
    *(party->next ? &party->next->previous : &event->last) = party->previous;
}

static bool meet_other(struct keyed_event *event, ULONG_PTR key, bool releases)
{
    struct party *other = find(event, key, !releases);
    if (!other)
        return false;
    leave(event, other);
    other->has_met = true;
    waitable_set(&other->met);
    return true;
}

/* Meeting */

/* The lock is taken once more at the end, since it is held by whoever still signals `met`. */
static NTSTATUS meet(struct keyed_event *event, ULONG_PTR key, bool releases, bool alertable,
                     const LARGE_INTEGER *timeout)
{
    struct party party = {.key = key, .releases = releases};
    lock_acquire(&event->lock);
    bool has_met = meet_other(event, key, releases);
    if (!has_met) {
        waitable_initialize(&party.met, &party_type, false);
        join(event, &party);
    }
    lock_release(&event->lock);
    if (has_met)
        return STATUS_SUCCESS;
    NTSTATUS status = wait_single(&party.met, alertable, timeout);
    lock_acquire(&event->lock);
    if (!party.has_met)
        leave(event, &party);
    lock_release(&event->lock);
    return party.has_met ? STATUS_SUCCESS : status;
}

static NTSTATUS meet_by_handle(HANDLE handle, ULONG_PTR key, bool releases, bool alertable,
                               const LARGE_INTEGER *timeout)
{
    struct keyed_event *event = &own_event;
    if (key & 1)
        return STATUS_INVALID_PARAMETER_1;
    if (handle) {
        NTSTATUS status =
            handle_reference(handle, &keyed_event_type, releases ? MAY_RELEASE : MAY_WAIT, &event);
        if (!NT_SUCCESS(status))
            return status;
    }
    NTSTATUS status = meet(event, key, releases, alertable, timeout);
    if (handle)
        object_release(event);
    return status;
}

NTSTATUS keyed_event_wait(HANDLE handle, ULONG_PTR key, bool alertable, const LARGE_INTEGER *timeout)
{
    return meet_by_handle(handle, key, false, alertable, timeout);
}

NTSTATUS keyed_event_release(HANDLE handle, ULONG_PTR key, bool alertable, const LARGE_INTEGER *timeout)
{
    return meet_by_handle(handle, key, true, alertable, timeout);
}
