#include <sched.h>
#include <time.h>

#include "kernel/apc.h"
#include "kernel/handle.h"
#include "kernel/shared_wait.h"
#include "kernel/thread.h"
#include "kernel/wait_internal.h"
#include "kernel/waitable_timer.h"

const struct wait_operations wait_notification;

void waitable_initialize(struct waitable *object, const struct object_type *type, bool signaled)
{
    object_initialize(&object->object, type);
    object->state = signaled ? WAITABLE_SIGNALED : 0;
    object->first = object->last = NULL;
    object->all_waiters = 0;
    object->shared = NULL;
}

/* The lock in the state word */

enum { SPINS = 40 };

static inline __attribute__((always_inline)) void lock_state(struct waitable *object)
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

void waitable_lock_here(struct waitable *object)
{
    lock_state(object);
}

void waitable_lock(struct waitable *object)
{
    lock_state(object);
    if (__builtin_expect(object->shared != NULL, 0))
        shared_wait_acquire(object);
}

/* Only CONTENDED may be changed by others while the lock is held. */
static inline void unlock(struct waitable *object)
{
    if (__builtin_expect(object->shared != NULL, 0))
        shared_wait_release(object);
    uint32_t state = __atomic_fetch_and(&object->state, ~(uint32_t)(WAITABLE_LOCKED | WAITABLE_CONTENDED),
                                        __ATOMIC_RELEASE);
    if (state & WAITABLE_CONTENDED)
        futex_wake(&object->state, 1);
}

void waitable_unlock_only(struct waitable *object)
{
    unlock(object);
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
    waitable_set_flags(object, WAITABLE_QUEUED, true);
    shared_wait_count_waiter(object, 1, true);
}

static void dequeue(struct wait_block *block)
{
    struct waitable *object = block->object;
    *(block->previous ? &block->previous->next : &object->first) = block->next;
    *(block->next ? &block->next->previous : &object->last) = block->previous;
    block->queued = false;
    waitable_set_flags(object, WAITABLE_QUEUED, object->first || object->all_waiters);
    shared_wait_count_waiter(object, -1, true);
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

bool wait_claim(struct waiter *waiter)
{
    return change_undecided(&waiter->outcome, CLAIMED);
}

void wait_flush_wakes(struct wake_list *list)
{
    for (unsigned i = 0; i < list->count; i++)
        futex_wake(list->sleepers[i], 1);
    list->count = 0;
}

void wait_add_wake(struct wake_list *list, uint32_t *sleeper)
{
    if (list->count == ARRAYSIZE(list->sleepers))
        wait_flush_wakes(list);
    list->sleepers[list->count++] = sleeper;
}

static inline void serve_queue(struct waitable *object, struct wake_list *wakes)
{
    struct wait_block *block;
    while ((block = object->first) && wait_is_ready(object, block->waiter->thread)) {
        struct waiter *waiter = block->waiter;
        dequeue(block);
        if (!wait_claim(waiter))
            continue;
        ULONG index = block - waiter->blocks;
        uint32_t outcome = wait_take(object, waiter->thread);
        uint32_t *sleeper = &waiter->outcome;
        wait_decide(waiter, outcome + index);
        wait_add_wake(wakes, sleeper);
    }
}

void wait_serve_queue(struct waitable *object, struct wake_list *wakes)
{
    serve_queue(object, wakes);
}

void waitable_unlock(struct waitable *object, bool signaled)
{
    struct wake_list wakes;
    wakes.count = 0;
    waitable_set_flags(object, WAITABLE_SIGNALED, signaled);
    if (__builtin_expect(object->shared != NULL, 0))
        shared_wait_take_turns(object);
    serve_queue(object, &wakes);
    bool serve_more = object->all_waiters && waitable_is_signaled(object);
    unlock(object);
    if (serve_more)
        wait_all_serve(object, &wakes);
    wait_flush_wakes(&wakes);
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
    while (!(state & (WAITABLE_LOCKED | WAITABLE_QUEUED | WAITABLE_SHARED)))
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
    while (!(state & (WAITABLE_LOCKED | WAITABLE_SHARED)))
        if (change_state(object, &state, state & ~(uint32_t)WAITABLE_SIGNALED))
            return state & WAITABLE_SIGNALED;
    waitable_lock(object);
    bool was_signaled = waitable_is_signaled(object);
    waitable_set_flags(object, WAITABLE_SIGNALED, false);
    unlock(object);
    return was_signaled;
}

bool waitable_pulse(struct waitable *object)
{
    bool was_signaled = waitable_set(object);
    waitable_reset(object);
    return was_signaled;
}

bool waitable_query(struct waitable *object)
{
    if (!(__atomic_load_n(&object->state, __ATOMIC_RELAXED) & WAITABLE_SHARED))
        return waitable_is_signaled(object);
    waitable_lock(object);
    bool signaled = waitable_is_signaled(object);
    unlock(object);
    return signaled;
}

/* Waiting */

static bool try_take(struct waitable *object)
{
    const struct wait_operations *operations = object->object.type->wait;
    if (operations->try_take)
        return operations->try_take(object, thread_current());
    return !operations->take && waitable_is_signaled(object);
}

int64_t wait_watch(ULONG count, struct waitable *const objects[])
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

static bool sleep_until(const struct waiter *waiter, const struct shared_review *shared,
                        const struct deadline *until)
{
    return shared->count ? shared_wait_sleep(&waiter->outcome, WAITING, shared, until)
                         : futex_wait(&waiter->outcome, WAITING, until);
}

/* Sleeps once. Where the time to watch the objects again comes before the deadline, that is no timeout. */
static void sleep_undecided(struct waiter *waiter, const struct shared_review *shared, int64_t watch_time,
                            const struct deadline *deadline)
{
    struct deadline until = *deadline;
    if (watch_time != WAIT_NEVER) {
        struct deadline next = deadline_at(watch_time);
        deadline_make_monotonic(&until);
        if (is_before(&next, &until)) {
            sleep_until(waiter, shared, &next);
            return;
        }
    }
    if (!sleep_until(waiter, shared, &until))
        change_undecided(&waiter->outcome, STATUS_TIMEOUT);
}

/* What the objects have to be looked at for may decide the wait. */
static void look_and_sleep(struct waiter *waiter, struct shared_review *shared, bool alertable,
                           const struct deadline *deadline)
{
    int64_t review_time = shared_review(shared);
    int64_t watch_time = min(review_time, wait_watch(shared->total, shared->objects));
    if (alertable)
        watch_time = min(watch_time, waitable_timer_queue_apcs(waiter->thread));
    if (__atomic_load_n(&waiter->outcome, __ATOMIC_ACQUIRE) == WAITING)
        sleep_undecided(waiter, shared, watch_time, deadline);
}

uint32_t wait_sleep_until_decided(struct waiter *waiter, ULONG count, struct waitable *const objects[],
                                  bool alertable, const struct deadline *deadline)
{
    uint32_t outcome;
    struct shared_review shared;
    shared_review_begin(&shared, count, objects);
    if (alertable)
        apc_begin_wait(waiter->thread, &waiter->outcome);
    for (;;) {
        uint32_t review = REVIEW;
        __atomic_compare_exchange_n(&waiter->outcome, &review, WAITING, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_RELAXED);
        if (suspend_terminates(&waiter->thread->suspension))
            change_undecided(&waiter->outcome, STATUS_THREAD_IS_TERMINATING);
        outcome = __atomic_load_n(&waiter->outcome, __ATOMIC_ACQUIRE);
        if (outcome == WAITING)
            look_and_sleep(waiter, &shared, alertable, deadline);
        else if (outcome == CLAIMED) /* A claim is followed by a wake-up like any other decision. */
            futex_wait(&waiter->outcome, CLAIMED, NULL);
        else if (outcome != REVIEW)
            break;
    }
    if (alertable)
        apc_end_wait(waiter->thread);
    return outcome;
}

void wait_have_reviewed(struct waiter *waiter)
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
        wait_have_reviewed(block->waiter);
    bool review_more = object->all_waiters > 0;
    unlock(object);
    if (review_more)
        wait_all_review(object);
}

NTSTATUS wait_finish(struct waiter *waiter, NTSTATUS outcome)
{
    if (outcome == STATUS_USER_APC)
        apc_deliver(waiter->thread);
    return outcome;
}

NTSTATUS wait_poll_apcs(bool alertable)
{
    struct thread *thread = thread_current();
    if (!alertable)
        return STATUS_TIMEOUT;
    if (apc_take_alert(thread))
        return STATUS_ALERTED;
    waitable_timer_queue_apcs(thread);
    return apc_deliver(thread) ? STATUS_USER_APC : STATUS_TIMEOUT;
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
        bool ready = wait_is_ready(object, waiter->thread);
        if (ready && wait_claim(waiter))
            wait_decide(waiter, wait_take(object, waiter->thread) + i);
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
    wait_watch(count, objects);
    ULONG queued = enqueue_at_each(&waiter, count, objects);
    uint32_t outcome =
        wait_sleep_until_decided(&waiter, count, objects, alertable && queued == count, &deadline);
    /* Whoever satisfies a wait takes the block off that object's queue first, so where there is no other
     * queue, there is nothing to do. */
    if (count > 1 || outcome != STATUS_WAIT_0)
        dequeue_from_each(&waiter, queued);
    ULONG index = outcome & ~(ULONG)STATUS_ABANDONED_WAIT_0;
    if (index < count)
        wait_note_taken(objects[index], waiter.thread);
    return wait_finish(&waiter, outcome);
}

/* One look at one object, for a wait that may not block. Whether those take it who it is kept for shows soon.
 */
static bool poll(struct waitable *object, uint32_t *outcome)
{
    struct thread *thread = thread_current();
    uint32_t given = 0, before;
    bool ready;
    do {
        if (given)
            sched_yield();
        before = given;
        waitable_lock(object);
        ready = wait_is_ready(object, thread);
        if (ready)
            *outcome = wait_take(object, thread);
        given = shared_wait_given_since(object);
        unlock(object);
    } while (!ready && given && (!before || given == before));
    if (ready)
        wait_note_taken(object, thread);
    return ready;
}

static NTSTATUS poll_any(ULONG count, struct waitable *const objects[], bool alertable)
{
    uint32_t outcome;
    wait_watch(count, objects);
    for (ULONG i = 0; i < count; i++) {
        if (poll(objects[i], &outcome))
            return outcome + i;
    }
    return wait_poll_apcs(alertable);
}

static NTSTATUS wait_any_unready(ULONG count, struct waitable *const objects[], bool alertable,
                                 const LARGE_INTEGER *timeout)
{
    struct wait_block blocks[MAXIMUM_WAIT_OBJECTS];
    return wait_is_zero(timeout) ? poll_any(count, objects, alertable)
                                 : wait_any_blocking(count, objects, blocks, alertable, timeout);
}

/* Of several that are ready, the first counts; whether a shared one is, shows under its lock. */
static NTSTATUS wait_any(ULONG count, struct waitable *const objects[], bool alertable,
                         const LARGE_INTEGER *timeout)
{
    for (ULONG i = 0; i < count && !waitable_is_shared(objects[i]); i++)
        if (try_take(objects[i]))
            return STATUS_WAIT_0 + i;
    return wait_any_unready(count, objects, alertable, timeout);
}

NTSTATUS wait_single(struct waitable *object, bool alertable, const LARGE_INTEGER *timeout)
{
    struct wait_block block;
    if (try_take(object))
        return STATUS_WAIT_0;
    return wait_is_zero(timeout) ? poll_any(1, &object, alertable)
                                 : wait_any_blocking(1, &object, &block, alertable, timeout);
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
    if (wait_is_zero(timeout) && !alertable) {
        sched_yield();
        return STATUS_SUCCESS;
    }
    struct waiter waiter = {.outcome = WAITING, .thread = thread_current()};
    struct deadline deadline = deadline_from_timeout(timeout);
    uint32_t outcome = wait_sleep_until_decided(&waiter, 0, NULL, alertable, &deadline);
    return outcome == STATUS_TIMEOUT ? STATUS_SUCCESS : wait_finish(&waiter, outcome);
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
