#include <sched.h>
#include <time.h>

#include "kernel/apc.h"
#include "kernel/handle.h"
#include "kernel/lock.h"
#include "kernel/thread.h"
#include "kernel/waitable_timer.h"

/* A sleeping thread's decision: the word it sleeps on. Whoever changes it from WAITING has decided the
 * wait; CLAIMED means that the outcome follows at once. REVIEW is as undecided as WAITING, but the sleeper is
 * to look at its objects again. All other values are outcomes, an NTSTATUS. */
enum { WAITING = 0x10000, REVIEW = 0x10001, CLAIMED = 0x10002 };

/* One wait of one thread, on its stack. */
struct waiter {
    uint32_t outcome; /* atomic */
    struct thread *thread;
    struct wait_block *blocks;
};

/* Its place in the queue of one of the objects, any of which will do. */
struct wait_block {
    struct wait_block *next, *previous;
    struct waiter *waiter;
    struct waitable *object;
    bool queued; /* under the object's lock */
};

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

const struct wait_operations wait_notification;

void waitable_initialize(struct waitable *object, const struct object_type *type, bool signaled)
{
    object_initialize(&object->object, type);
    object->state = signaled ? WAITABLE_SIGNALED : 0;
    object->first = object->last = NULL;
    object->all_waiters = 0;
}

/* The lock in the state word */

enum { SPINS = 40 };

void waitable_lock(struct waitable *object)
{
    uint32_t state = __atomic_load_n(&object->state, __ATOMIC_RELAXED), contended = 0;
    for (int spins = 0;; spins++) {
        if (!(state & WAITABLE_LOCKED)) {
            /* One that has slept cannot know whether others still do. */
            if (__atomic_compare_exchange_n(&object->state, &state, state | WAITABLE_LOCKED | contended, true,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
                return;
        } else if (spins < SPINS) {
            cpu_relax();
            state = __atomic_load_n(&object->state, __ATOMIC_RELAXED);
        } else if (state & WAITABLE_CONTENDED ||
                   __atomic_compare_exchange_n(&object->state, &state, state | WAITABLE_CONTENDED, true,
                                               __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            futex_wait(&object->state, state | WAITABLE_CONTENDED, NULL);
            contended = WAITABLE_CONTENDED;
            state = __atomic_load_n(&object->state, __ATOMIC_RELAXED);
        }
    }
}

/* Only CONTENDED may be changed by others while the lock is held. */
static void unlock(struct waitable *object)
{
    uint32_t state = __atomic_fetch_and(&object->state, ~(uint32_t)(WAITABLE_LOCKED | WAITABLE_CONTENDED),
                                        __ATOMIC_RELEASE);
    if (state & WAITABLE_CONTENDED)
        futex_wake(&object->state, 1);
}

static void set_flags(struct waitable *object, uint32_t flags, bool on)
{
    if (on)
        __atomic_fetch_or(&object->state, flags, __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(&object->state, ~flags, __ATOMIC_RELAXED);
}

/* Queues, under the object's lock */

static void enqueue(struct wait_block *block)
{
    struct waitable *object = block->object;
    block->next = NULL;
    block->previous = object->last;
    block->queued = true;
    *(object->last ? &object->last->next : &object->first) = block;
    object->last = block;
    set_flags(object, WAITABLE_QUEUED, true);
}

static void dequeue(struct wait_block *block)
{
    struct waitable *object = block->object;
    *(block->previous ? &block->previous->next : &object->first) = block->next;
    *(block->next ? &block->next->previous : &object->last) = block->previous;
    block->queued = false;
    set_flags(object, WAITABLE_QUEUED, object->first || object->all_waiters);
}

static bool is_ready(const struct waitable *object, const struct thread *thread)
{
    const struct wait_operations *operations = object->object.type->wait;
    return operations->ready ? operations->ready(object, thread) : waitable_is_signaled(object);
}

/* Returns the wait's outcome. */
static uint32_t take(struct waitable *object, struct thread *thread)
{
    const struct wait_operations *operations = object->object.type->wait;
    bool abandoned = operations->take && operations->take(object, thread);
    return abandoned ? STATUS_ABANDONED_WAIT_0 : STATUS_WAIT_0;
}

static void note_taken(struct waitable *object, struct thread *thread)
{
    const struct wait_operations *operations = object->object.type->wait;
    if (operations->taken)
        operations->taken(object, thread);
}

/* Deciding other threads' waits */

/* Decides a wait that nobody else has decided. */
static bool change_undecided(uint32_t *outcome, uint32_t to)
{
    uint32_t present = __atomic_load_n(outcome, __ATOMIC_RELAXED);
    while (present == WAITING || present == REVIEW)
        if (__atomic_compare_exchange_n(outcome, &present, to, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            return true;
    return false;
}

static bool claim(struct waiter *waiter)
{
    return change_undecided(&waiter->outcome, CLAIMED);
}

/* The waiter may be gone as soon as its outcome is there: only its address is used after that, to wake it.
 * A wake-up that reaches memory that is put to other use by then is one too many, which every sleeper
 * expects. */
static void decide(struct waiter *waiter, uint32_t outcome)
{
    __atomic_store_n(&waiter->outcome, outcome, __ATOMIC_RELEASE);
}

/* Wake-ups are put off until no lock is held, so that whoever wakes does not run into it. */
struct wake_list {
    unsigned count;
    uint32_t *sleepers[16];
};

static void flush_wakes(struct wake_list *list)
{
    for (unsigned i = 0; i < list->count; i++)
        futex_wake(list->sleepers[i], 1);
    list->count = 0;
}

static void add_wake(struct wake_list *list, uint32_t *sleeper)
{
    if (list->count == ARRAYSIZE(list->sleepers))
        flush_wakes(list);
    list->sleepers[list->count++] = sleeper;
}

/* Hands the locked object to those who wait for it or for any of several, as long as it is ready. */
static void serve_queue(struct waitable *object, struct wake_list *wakes)
{
    struct wait_block *block;
    while ((block = object->first) && is_ready(object, block->waiter->thread)) {
        struct waiter *waiter = block->waiter;
        dequeue(block);
        if (!claim(waiter))
            continue;
        ULONG index = block - waiter->blocks;
        uint32_t outcome = take(object, waiter->thread);
        uint32_t *sleeper = &waiter->outcome;
        decide(waiter, outcome + index);
        add_wake(wakes, sleeper);
    }
}

static void lock_all(ULONG count, struct waitable *const sorted[])
{
    for (ULONG i = 0; i < count; i++)
        waitable_lock(sorted[i]);
}

static void unlock_all(ULONG count, struct waitable *const sorted[])
{
    for (ULONG i = 0; i < count; i++)
        unlock(sorted[i]);
}

/* Under the locks of all the objects. */
static bool all_ready(ULONG count, struct waitable *const objects[], struct thread *thread)
{
    for (ULONG i = 0; i < count; i++)
        if (!is_ready(objects[i], thread))
            return false;
    return true;
}

/* Windows tells of an abandoned mutex, but not which one. */
static uint32_t take_all(ULONG count, struct waitable *const objects[], struct thread *thread)
{
    uint32_t outcome = STATUS_WAIT_0;
    for (ULONG i = 0; i < count; i++)
        outcome |= take(objects[i], thread);
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
        set_flags(all->objects[i], WAITABLE_QUEUED, true);
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
            set_flags(object, WAITABLE_QUEUED, false);
    }
}

static void try_all_waiter(struct all_waiter *all, struct wake_list *wakes)
{
    ULONG count = all->count;
    struct waitable *const *sorted = all->sorted;
    lock_all(count, sorted);
    bool decided = all_ready(count, sorted, all->waiter.thread) && claim(&all->waiter);
    if (decided)
        unlink_all_waiter(all);
    uint32_t outcome = decided ? take_all(count, sorted, all->waiter.thread) : 0;
    unlock_all(count, sorted);
    if (decided) {
        uint32_t *sleeper = &all->waiter.outcome;
        decide(&all->waiter, outcome);
        add_wake(wakes, sleeper);
    }
}

static bool concerns(const struct all_waiter *all, const struct waitable *object)
{
    for (ULONG i = 0; i < all->count; i++)
        if (all->objects[i] == object)
            return true;
    return false;
}

static void serve_all_waiters(struct waitable *object, struct wake_list *wakes)
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

void waitable_unlock(struct waitable *object, bool signaled)
{
    struct wake_list wakes = {0};
    set_flags(object, WAITABLE_SIGNALED, signaled);
    serve_queue(object, &wakes);
    bool serve_more = object->all_waiters && waitable_is_signaled(object);
    unlock(object);
    if (serve_more)
        serve_all_waiters(object, &wakes);
    flush_wakes(&wakes);
}

/* Signals */

/* Without the lock, nobody being in the queue who would have to be told. */
static bool change_state(struct waitable *object, uint32_t *from, uint32_t to)
{
    if (solo_exchange_if(&object->state, *from, to))
        return true;
    *from = __atomic_load_n(&object->state, __ATOMIC_RELAXED);
    return false;
}

bool waitable_set(struct waitable *object)
{
    uint32_t state = __atomic_load_n(&object->state, __ATOMIC_RELAXED);
    while (!(state & (WAITABLE_LOCKED | WAITABLE_QUEUED)))
        if (change_state(object, &state, state | WAITABLE_SIGNALED))
            return state & WAITABLE_SIGNALED;
    waitable_lock(object);
    bool was_signaled = waitable_is_signaled(object);
    waitable_unlock(object, true);
    return was_signaled;
}

bool waitable_reset(struct waitable *object)
{
    uint32_t state = __atomic_load_n(&object->state, __ATOMIC_RELAXED);
    while (!(state & WAITABLE_LOCKED))
        if (change_state(object, &state, state & ~(uint32_t)WAITABLE_SIGNALED))
            return state & WAITABLE_SIGNALED;
    waitable_lock(object);
    bool was_signaled = waitable_is_signaled(object);
    set_flags(object, WAITABLE_SIGNALED, false);
    unlock(object);
    return was_signaled;
}

bool waitable_pulse(struct waitable *object)
{
    bool was_signaled = waitable_set(object);
    waitable_reset(object);
    return was_signaled;
}

/* Waiting */

static bool try_take(struct waitable *object)
{
    const struct wait_operations *operations = object->object.type->wait;
    if (operations->try_take)
        return operations->try_take(object, thread_current());
    return !operations->take && waitable_is_signaled(object);
}

/* Returns the earliest time to do so again. */
static int64_t watch(ULONG count, struct waitable *const objects[])
{
    int64_t next = WAIT_NEVER;
    for (ULONG i = 0; i < count; i++) {
        const struct wait_operations *operations = objects[i]->object.type->wait;
        if (operations->watch)
            next = min(next, operations->watch(objects[i]));
    }
    return next;
}

bool wait_interrupt(uint32_t *outcome, NTSTATUS status)
{
    if (!change_undecided(outcome, status))
        return false;
    futex_wake(outcome, 1);
    return true;
}

static struct deadline deadline_at(int64_t nanoseconds)
{
    return (struct deadline){
        .clock = CLOCK_MONOTONIC,
        .seconds = nanoseconds / 1000000000,
        .nanoseconds = nanoseconds % 1000000000,
    };
}

static bool is_before(const struct deadline *first, const struct deadline *second)
{
    if (second->forever || first->seconds != second->seconds)
        return second->forever || first->seconds < second->seconds;
    return first->nanoseconds < second->nanoseconds;
}

/* Sleeps once. Where the time to watch the objects again comes before the deadline, that is no timeout. */
static void sleep_undecided(struct waiter *waiter, int64_t watch_time, const struct deadline *deadline)
{
    struct deadline until = *deadline;
    if (watch_time != WAIT_NEVER) {
        struct deadline next = deadline_at(watch_time);
        deadline_make_monotonic(&until);
        if (is_before(&next, &until)) {
            futex_wait(&waiter->outcome, WAITING, &next);
            return;
        }
    }
    if (!futex_wait(&waiter->outcome, WAITING, &until))
        change_undecided(&waiter->outcome, STATUS_TIMEOUT);
}

static uint32_t sleep_until_decided(struct waiter *waiter, ULONG count, struct waitable *const objects[],
                                    bool alertable, const struct deadline *deadline)
{
    uint32_t outcome;
    if (alertable)
        apc_begin_wait(waiter->thread, &waiter->outcome);
    for (;;) {
        uint32_t review = REVIEW;
        __atomic_compare_exchange_n(&waiter->outcome, &review, WAITING, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_RELAXED);
        if (suspend_terminates(&waiter->thread->suspension))
            change_undecided(&waiter->outcome, STATUS_THREAD_IS_TERMINATING);
        int64_t watch_time = watch(count, objects);
        if (alertable)
            watch_time = min(watch_time, waitable_timer_queue_apcs(waiter->thread));
        outcome = __atomic_load_n(&waiter->outcome, __ATOMIC_ACQUIRE);
        if (outcome == WAITING)
            sleep_undecided(waiter, watch_time, deadline);
        else if (outcome == CLAIMED) /* A claim is followed by a wake-up like any other decision. */
            futex_wait(&waiter->outcome, CLAIMED, NULL);
        else if (outcome != REVIEW)
            break;
    }
    if (alertable)
        apc_end_wait(waiter->thread);
    return outcome;
}

/* The waiter is in a queue or list whose lock is held, so it stays. */
static void review(struct waiter *waiter)
{
    uint32_t waiting = WAITING;
    if (__atomic_compare_exchange_n(&waiter->outcome, &waiting, REVIEW, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_RELAXED))
        futex_wake(&waiter->outcome, 1);
}

void wait_review(struct waitable *object)
{
    waitable_lock(object);
    for (struct wait_block *block = object->first; block; block = block->next)
        review(block->waiter);
    bool review_more = object->all_waiters > 0;
    unlock(object);
    if (!review_more)
        return;
    lock_acquire(&all_waiters_lock);
    for (struct all_waiter *all = all_waiters; all; all = all->next)
        if (concerns(all, object))
            review(&all->waiter);
    lock_release(&all_waiters_lock);
}

static NTSTATUS finish(struct waiter *waiter, NTSTATUS outcome)
{
    if (outcome == STATUS_USER_APC)
        apc_deliver(waiter->thread);
    return outcome;
}

/* The outcome of a wait that may not block, where no object was ready. */
static NTSTATUS poll_apcs(bool alertable)
{
    struct thread *thread = thread_current();
    if (!alertable)
        return STATUS_TIMEOUT;
    if (apc_take_alert(thread))
        return STATUS_ALERTED;
    waitable_timer_queue_apcs(thread);
    return apc_deliver(thread) ? STATUS_USER_APC : STATUS_TIMEOUT;
}

static bool is_zero(const LARGE_INTEGER *timeout)
{
    return timeout && timeout->QuadPart == 0;
}

/* Queues the waiter at each object in turn, unless one is ready or its wait has been decided by then. */
static ULONG enqueue_at_each(struct waiter *waiter, ULONG count, struct waitable *const objects[])
{
    for (ULONG i = 0; i < count; i++) {
        struct wait_block *block = &waiter->blocks[i];
        struct waitable *object = objects[i];
        block->waiter = waiter;
        block->object = object;
        waitable_lock(object);
        bool ready = is_ready(object, waiter->thread);
        if (ready && claim(waiter))
            decide(waiter, take(object, waiter->thread) + i);
        else if (!ready)
            enqueue(block);
        unlock(object);
        if (ready)
            return i;
    }
    return count;
}

static void dequeue_from_each(struct waiter *waiter, ULONG count)
{
    for (ULONG i = 0; i < count; i++) {
        struct wait_block *block = &waiter->blocks[i];
        waitable_lock(block->object);
        if (block->queued)
            dequeue(block);
        unlock(block->object);
    }
}

static NTSTATUS wait_any_blocking(ULONG count, struct waitable *const objects[], struct wait_block blocks[],
                                  bool alertable, const LARGE_INTEGER *timeout)
{
    struct waiter waiter = {.outcome = WAITING, .thread = thread_current(), .blocks = blocks};
    struct deadline deadline = deadline_from_timeout(timeout);
    watch(count, objects);
    ULONG queued = enqueue_at_each(&waiter, count, objects);
    uint32_t outcome = sleep_until_decided(&waiter, count, objects, alertable && queued == count, &deadline);
    /* Whoever satisfies a wait takes the block off that object's queue first, so where there is no other
     * queue, there is nothing to do. */
    if (count > 1 || outcome != STATUS_WAIT_0)
        dequeue_from_each(&waiter, queued);
    ULONG index = outcome & ~(ULONG)STATUS_ABANDONED_WAIT_0;
    if (index < count)
        note_taken(objects[index], waiter.thread);
    return finish(&waiter, outcome);
}

/* One look at one object, for a wait that may not block. */
static bool poll(struct waitable *object, uint32_t *outcome)
{
    struct thread *thread = thread_current();
    waitable_lock(object);
    bool ready = is_ready(object, thread);
    if (ready)
        *outcome = take(object, thread);
    unlock(object);
    if (ready)
        note_taken(object, thread);
    return ready;
}

static NTSTATUS wait_any(ULONG count, struct waitable *const objects[], bool alertable,
                         const LARGE_INTEGER *timeout)
{
    uint32_t outcome;
    for (ULONG i = 0; i < count; i++)
        if (try_take(objects[i]))
            return STATUS_WAIT_0 + i;
    if (!is_zero(timeout)) {
        struct wait_block blocks[MAXIMUM_WAIT_OBJECTS];
        return wait_any_blocking(count, objects, blocks, alertable, timeout);
    }
    watch(count, objects);
    for (ULONG i = 0; i < count; i++) {
        if (poll(objects[i], &outcome))
            return outcome + i;
    }
    return poll_apcs(alertable);
}

NTSTATUS wait_single(struct waitable *object, bool alertable, const LARGE_INTEGER *timeout)
{
    if (try_take(object))
        return STATUS_WAIT_0;
    if (is_zero(timeout))
        return wait_any(1, &object, alertable, timeout);
    struct wait_block block;
    return wait_any_blocking(1, &object, &block, alertable, timeout);
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
        note_taken(objects[i], thread);
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

static NTSTATUS wait_all(ULONG count, struct waitable *const objects[], bool alertable,
                         const LARGE_INTEGER *timeout)
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
    watch(count, objects);
    uint32_t outcome;
    bool taken = take_all_or_join(count, sorted, thread, NULL, &outcome);
    if (!taken && is_zero(timeout))
        return poll_apcs(alertable);
    if (!taken) {
        struct deadline deadline = deadline_from_timeout(timeout);
        lock_acquire(&all_waiters_lock);
        taken = take_all_or_join(count, sorted, thread, &all, &outcome);
        lock_release(&all_waiters_lock);
        if (!taken) {
            outcome = sleep_until_decided(&all.waiter, count, objects, alertable, &deadline);
            taken = outcome == STATUS_WAIT_0 || outcome == STATUS_ABANDONED_WAIT_0;
            if (!taken)
                leave_all_waiters(&all);
        }
    }
    if (taken)
        note_all_taken(count, objects, thread);
    return finish(&all.waiter, outcome);
}

NTSTATUS wait_multiple(ULONG count, struct waitable *const objects[], bool all, bool alertable,
                       const LARGE_INTEGER *timeout)
{
    if (count == 0 || count > MAXIMUM_WAIT_OBJECTS)
        return STATUS_INVALID_PARAMETER_1;
    return all && count > 1 ? wait_all(count, objects, alertable, timeout)
                            : wait_any(count, objects, alertable, timeout);
}

NTSTATUS wait_delay(bool alertable, const LARGE_INTEGER *timeout)
{
    if (is_zero(timeout) && !alertable) {
        sched_yield();
        return STATUS_SUCCESS;
    }
    struct waiter waiter = {.outcome = WAITING, .thread = thread_current()};
    struct deadline deadline = deadline_from_timeout(timeout);
    uint32_t outcome = sleep_until_decided(&waiter, 0, NULL, alertable, &deadline);
    return outcome == STATUS_TIMEOUT ? STATUS_SUCCESS : finish(&waiter, outcome);
}

/* By handles */

static NTSTATUS reference_waitable(HANDLE handle, struct waitable **object)
{
    NTSTATUS status = handle_reference(handle, NULL, SYNCHRONIZE, object);
    if (NT_SUCCESS(status) && !(*object)->object.type->wait) {
        object_release(*object);
        status = STATUS_OBJECT_TYPE_MISMATCH;
    }
    return status;
}

NTSTATUS wait_for_handle(HANDLE handle, bool alertable, const LARGE_INTEGER *timeout)
{
    struct waitable *object;
    NTSTATUS status = reference_waitable(handle, &object);
    if (!NT_SUCCESS(status))
        return status;
    status = wait_single(object, alertable, timeout);
    object_release(object);
    return status;
}

/* What stands for the calling process or thread does so for a wait of its own only. */
static NTSTATUS reference_one_of_several(HANDLE handle, struct waitable **object)
{
    return handle_is_pseudo(handle) ? STATUS_INVALID_HANDLE : reference_waitable(handle, object);
}

NTSTATUS wait_for_handles(ULONG count, const HANDLE handles[], bool all, bool alertable,
                          const LARGE_INTEGER *timeout)
{
    struct waitable *objects[MAXIMUM_WAIT_OBJECTS];
    NTSTATUS status = STATUS_SUCCESS;
    if (count == 0 || count > MAXIMUM_WAIT_OBJECTS)
        return STATUS_INVALID_PARAMETER_1;
    ULONG found = 0;
    while (found < count && NT_SUCCESS(status = reference_one_of_several(handles[found], &objects[found])))
        found++;
    if (found == count)
        status = wait_multiple(count, objects, all, alertable, timeout);
    while (found > 0)
        object_release(objects[--found]);
    return status;
}
