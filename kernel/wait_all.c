/* Waits for several objects at once. */
#include "kernel/shared_wait.h"
#include "kernel/thread.h"
#include "kernel/wait_internal.h"

/* A wait for several objects at once does not queue at any of them. They only count such waits, which are
 * in this list and are tried when one of their objects is signaled. The list's lock comes before those of
 * objects. */
struct all_waiter {
    struct waiter waiter;
    struct all_waiter *next, *previous;
    ULONG count;
    struct waitable *const *objects;
    struct waitable *const *sorted;
};
static struct lock all_waiters_lock;
static struct all_waiter *all_waiters;

static void lock_all(ULONG count, struct waitable *const sorted[])
{
    for (ULONG i = 0; i < count; i++)
        waitable_lock_here(sorted[i]);
    shared_wait_acquire_all(count, sorted);
}

static void unlock_all(ULONG count, struct waitable *const sorted[])
{
    for (ULONG i = 0; i < count; i++)
        waitable_unlock_only(sorted[i]);
}

/* Under the locks of all the objects. */
static bool all_ready(ULONG count, struct waitable *const objects[], struct thread *thread)
{
    for (ULONG i = 0; i < count; i++)
        if (!wait_is_ready(objects[i], thread))
            return false;
    return true;
}

/* Windows tells of an abandoned mutex, but not which one. */
static uint32_t take_all(ULONG count, struct waitable *const objects[], struct thread *thread)
{
    uint32_t outcome = STATUS_WAIT_0;
    for (ULONG i = 0; i < count; i++)
        outcome |= wait_take(objects[i], thread);
    return outcome;
}

/* Under the list's lock and those of the objects. */
static void link_all_waiter(struct all_waiter *all)
{
    all->previous = NULL;
    all->next = all_waiters;
    if (all_waiters)
        all_waiters->previous = all;
    all_waiters = all;
    for (ULONG i = 0; i < all->count; i++) {
        all->objects[i]->all_waiters++;
        waitable_set_flags(all->objects[i], WAITABLE_QUEUED, true);
        shared_wait_count_waiter(all->objects[i], 1, false);
    }
}

static void unlink_all_waiter(struct all_waiter *all)
{
    *(all->previous ? &all->previous->next : &all_waiters) = all->next;
    if (all->next)
        all->next->previous = all->previous;
    for (ULONG i = 0; i < all->count; i++) {
        struct waitable *object = all->objects[i];
        if (--object->all_waiters == 0 && !object->first)
            waitable_set_flags(object, WAITABLE_QUEUED, false);
        shared_wait_count_waiter(object, -1, false);
    }
}

static void try_all_waiter(struct all_waiter *all, struct wake_list *wakes)
{
    ULONG count = all->count;
    struct waitable *const *sorted = all->sorted;
    lock_all(count, sorted);
    bool decided = all_ready(count, sorted, all->waiter.thread) && wait_claim(&all->waiter);
    if (decided)
        unlink_all_waiter(all);
    uint32_t outcome = decided ? take_all(count, sorted, all->waiter.thread) : 0;
    unlock_all(count, sorted);
    if (decided) {
        uint32_t *sleeper = &all->waiter.outcome;
        wait_decide(&all->waiter, outcome);
        wait_add_wake(wakes, sleeper);
    }
}

static bool concerns(const struct all_waiter *all, const struct waitable *object)
{
    for (ULONG i = 0; i < all->count; i++)
        if (all->objects[i] == object)
            return true;
    return false;
}

void wait_all_serve(struct waitable *object, struct wake_list *wakes)
{
    struct all_waiter *next;
    lock_acquire(&all_waiters_lock);
    for (struct all_waiter *all = all_waiters; all; all = next) {
        next = all->next;
        if (concerns(all, object))
            try_all_waiter(all, wakes);
    }
    lock_release(&all_waiters_lock);
}

void wait_all_review(struct waitable *object)
{
    lock_acquire(&all_waiters_lock);
    for (struct all_waiter *all = all_waiters; all; all = all->next)
        if (concerns(all, object))
            wait_have_reviewed(&all->waiter);
    lock_release(&all_waiters_lock);
}

static bool sort_by_address(ULONG count, struct waitable *const objects[], struct waitable *sorted[])
{
    for (ULONG i = 0; i < count; i++) {
        ULONG place = i;
        for (; place > 0 && sorted[place - 1] > objects[i]; place--)
            sorted[place] = sorted[place - 1];
        if (place > 0 && sorted[place - 1] == objects[i])
            return false;
        sorted[place] = objects[i];
    }
    return true;
}

static void note_all_taken(ULONG count, struct waitable *const objects[], struct thread *thread)
{
    for (ULONG i = 0; i < count; i++)
        wait_note_taken(objects[i], thread);
}

/* Takes all objects if all are ready; otherwise joins the list of those who wait for that, if `all` says
 * so. The list's lock is held in that case. */
static bool take_all_or_join(ULONG count, struct waitable *const sorted[], struct thread *thread,
                             struct all_waiter *all, uint32_t *outcome)
{
    lock_all(count, sorted);
    bool ready = all_ready(count, sorted, thread);
    if (ready)
        *outcome = take_all(count, sorted, thread);
    else if (all)
        link_all_waiter(all);
    unlock_all(count, sorted);
    return ready;
}

static void leave_all_waiters(struct all_waiter *all)
{
    lock_acquire(&all_waiters_lock);
    lock_all(all->count, all->sorted);
    unlink_all_waiter(all);
    unlock_all(all->count, all->sorted);
    lock_release(&all_waiters_lock);
}

NTSTATUS wait_all(ULONG count, struct waitable *const objects[], bool alertable, const LARGE_INTEGER *timeout)
{
    struct waitable *sorted[MAXIMUM_WAIT_OBJECTS] = {0};
    struct thread *thread = thread_current();
    struct all_waiter all = {
        .waiter = {.outcome = WAITING, .thread = thread},
        .count = count,
        .objects = objects,
        .sorted = sorted,
    };
    if (!sort_by_address(count, objects, sorted))
        return STATUS_INVALID_PARAMETER_MIX;
    wait_watch(count, objects);
    uint32_t outcome;
    bool taken = take_all_or_join(count, sorted, thread, NULL, &outcome);
    if (!taken && wait_is_zero(timeout))
        return wait_poll_apcs(alertable);
    if (!taken) {
        struct deadline deadline = deadline_from_timeout(timeout);
        lock_acquire(&all_waiters_lock);
        taken = take_all_or_join(count, sorted, thread, &all, &outcome);
        lock_release(&all_waiters_lock);
        if (!taken) {
            outcome = wait_sleep_until_decided(&all.waiter, count, objects, alertable, &deadline);
            taken = outcome == STATUS_WAIT_0 || outcome == STATUS_ABANDONED_WAIT_0;
            if (!taken)
                leave_all_waiters(&all);
        }
    }
    if (taken)
        note_all_taken(count, objects, thread);
    return wait_finish(&all.waiter, outcome);
}
