#include <limits.h>
#include <stdlib.h>
#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/threadpool.h"
#include "kernel/handle.h"
#include "kernel/thread.h"

#define NANOSECONDS_PER_TICK 100
/* How long a thread stays that waits for nothing. */
#define IDLE_TICKS (5 * 10000000LL)

/* A thread waits for as many objects as one can, beside what tells it to look at them again. These structures
 * are never freed, but their threads end and are started again. */
enum { SLOTS = MAXIMUM_WAIT_OBJECTS - 1 };

struct pool_waiter {
    struct waitable review;
    struct pool_waiter *next;
    struct pool_wait *slots[SLOTS];
    unsigned count;
    bool has_thread;
    bool is_waiting; /* the thread is, for what was in the slots when it began */
    uint32_t rounds; /* how often it has ended a wait; a futex */
};

static struct lock waits_lock;
static struct pool_waiter *waiters;

static bool take_review(struct waitable *object, struct thread *thread)
{
    __atomic_fetch_and(&object->state, ~(uint32_t)WAITABLE_SIGNALED, __ATOMIC_RELAXED);
    return false;
}

static const struct wait_operations review_waits = {.take = take_review};
static const struct object_type review_type = {.name = "PoolReview", .wait = &review_waits};

/* Slots; under the lock */

static struct pool_waiter *find_waiter(void)
{
    struct pool_waiter *waiter = waiters;
    while (waiter && waiter->count == SLOTS)
        waiter = waiter->next;
    if (waiter || !(waiter = calloc(1, sizeof *waiter)))
        return waiter;
    waitable_initialize(&waiter->review, &review_type, false);
    /* In order of age, so that the youngest threads become idle. */
    struct pool_waiter **last = &waiters;
    while (*last)
        last = &(*last)->next;
    *last = waiter;
    return waiter;
}

static void enter_slot(struct pool_waiter *waiter, struct pool_wait *wait)
{
    unsigned slot = 0;
    while (waiter->slots[slot])
        slot++;
    waiter->slots[slot] = wait;
    waiter->count++;
    wait->waiter = waiter;
    wait->slot = slot;
    wait->is_leaving = false;
}

static void leave_slot(struct pool_wait *wait)
{
    wait->waiter->slots[wait->slot] = NULL;
    wait->waiter->count--;
    wait->waiter = NULL;
}

/* The thread */

/* What one wait of the thread is for. The first object is `review`. */
struct round {
    ULONG count;
    struct waitable *objects[MAXIMUM_WAIT_OBJECTS];
    struct pool_wait *waits[MAXIMUM_WAIT_OBJECTS];
    int64_t due;
};

static void gather(struct pool_waiter *waiter, struct round *round)
{
    round->count = 1;
    round->objects[0] = &waiter->review;
    round->due = WAIT_NEVER;
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        struct pool_wait *wait = waiter->slots[slot];
        if (!wait || wait->is_leaving)
            continue;
        round->objects[round->count] = wait->waited;
        round->waits[round->count++] = wait;
        round->due = min(round->due, wait->due);
    }
}

/* Under the lock, which is released while a callback is made pending or run. */
static void complete(struct pool_wait *wait, bool signaled)
{
    struct pool_object *object = &wait->object;
    struct waitable *waited = wait->waited;
    struct pool_worker *worker = NULL;
    bool here = wait->in_wait_thread;
    leave_slot(wait);
    __atomic_fetch_add(&wait->signaled, signaled, __ATOMIC_RELAXED);
    if (here)
        pool_run_begin(object);
    else
        worker = pool_post_begin(object);
    lock_release(&waits_lock);
    object_release(waited);
    pool_call_worker(worker);
    if (here)
        pool_run(object, false);
    lock_acquire(&waits_lock);
}

/* Those that have a library need it held first, for which the lock must be released. */
static void complete_if_present(struct pool_waiter *waiter, unsigned slot, struct pool_wait *wait,
                                bool signaled)
{
    struct pool_object *object = &wait->object;
    if (!object->library) {
        complete(wait, signaled);
        return;
    }
    pool_object_retain(object);
    lock_release(&waits_lock);
    pool_hold_library(object);
    lock_acquire(&waits_lock);
    bool is_present = waiter->slots[slot] == wait;
    if (is_present)
        complete(wait, signaled);
    lock_release(&waits_lock);
    if (!is_present)
        pool_release_library(object, 1);
    pool_object_release(object, 1);
    lock_acquire(&waits_lock);
}

static void complete_overdue(struct pool_waiter *waiter)
{
    int64_t now = pool_now();
    for (unsigned slot = 0; slot < SLOTS; slot++) {
        struct pool_wait *wait = waiter->slots[slot];
        if (wait && wait->due <= now)
            complete_if_present(waiter, slot, wait, false);
    }
}

static const LARGE_INTEGER *round_timeout(const struct round *round, LARGE_INTEGER *timeout)
{
    if (round->count == 1)
        timeout->QuadPart = -IDLE_TICKS;
    else if (round->due == WAIT_NEVER)
        return NULL;
    else
        timeout->QuadPart =
            -max((round->due - pool_now() + NANOSECONDS_PER_TICK - 1) / NANOSECONDS_PER_TICK, (int64_t)0);
    return timeout;
}

/* False when there was nothing to wait for in all the time. Whoever wants a wait to leave its slot lets it
 * stay until the round has ended, so that what was signaled is never lost. */
static bool wait_round(struct pool_waiter *waiter)
{
    struct round round;
    LARGE_INTEGER timeout;
    gather(waiter, &round);
    waiter->is_waiting = true;
    lock_release(&waits_lock);
    NTSTATUS status =
        wait_multiple(round.count, round.objects, false, false, round_timeout(&round, &timeout));
    suspend_checkpoint();
    lock_acquire(&waits_lock);
    waiter->is_waiting = false;
    waiter->rounds++;
    futex_wake(&waiter->rounds, INT_MAX);
    ULONG index = status & ~(ULONG)STATUS_ABANDONED_WAIT_0;
    if (index > 0 && index < round.count)
        complete_if_present(waiter, round.waits[index]->slot, round.waits[index], true);
    complete_overdue(waiter);
    return waiter->count || status != STATUS_TIMEOUT;
}

static DWORD GUEST_STDCALL run_waiter(void *argument)
{
    struct pool_waiter *waiter = argument;
    lock_acquire(&waits_lock);
    while (wait_round(waiter))
        continue;
    waiter->has_thread = false;
    lock_release(&waits_lock);
    return 0;
}

static NTSTATUS start_thread(struct pool_waiter *waiter)
{
    const struct thread_parameters parameters = {.start = run_waiter, .argument = waiter};
    struct thread *thread;
    NTSTATUS status = thread_create(&parameters, &thread);
    if (NT_SUCCESS(status)) {
        thread_release(thread);
        return status;
    }
    lock_acquire(&waits_lock);
    waiter->has_thread = false;
    lock_release(&waits_lock);
    return status;
}

/* Waits */

NTSTATUS pool_wait_start(struct pool_wait *wait, struct waitable *object, int64_t due)
{
    lock_acquire(&waits_lock);
    bool has_ended = pool_object_has_ended(&wait->object);
    struct pool_waiter *waiter = has_ended ? NULL : find_waiter();
    if (!waiter) {
        lock_release(&waits_lock);
        object_release(object);
        return has_ended ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    }
    wait->waited = object;
    wait->due = due;
    enter_slot(waiter, wait);
    bool start = !waiter->has_thread, review = waiter->is_waiting;
    waiter->has_thread = true;
    lock_release(&waits_lock);
    if (review)
        waitable_set(&waiter->review);
    NTSTATUS status = start ? start_thread(waiter) : STATUS_SUCCESS;
    if (!NT_SUCCESS(status))
        pool_wait_stop(wait);
    return status;
}

bool pool_wait_stop(struct pool_wait *wait)
{
    lock_acquire(&waits_lock);
    struct pool_waiter *waiter = wait->waiter;
    uint32_t round = waiter ? waiter->rounds : 0;
    wait->is_leaving = true;
    while (waiter && wait->waiter == waiter && waiter->is_waiting && waiter->rounds == round) {
        lock_release(&waits_lock);
        waitable_set(&waiter->review);
        futex_wait(&waiter->rounds, round, NULL);
        suspend_checkpoint();
        lock_acquire(&waits_lock);
    }
    bool was_waiting = wait->waiter;
    struct waitable *waited = wait->waited;
    if (was_waiting)
        leave_slot(wait);
    lock_release(&waits_lock);
    if (was_waiting)
        object_release(waited);
    return was_waiting;
}

bool pool_wait_take_result(struct pool_wait *wait)
{
    ULONG signaled = __atomic_load_n(&wait->signaled, __ATOMIC_RELAXED);
    while (signaled && !__atomic_compare_exchange_n(&wait->signaled, &signaled, signaled - 1, true,
                                                    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        continue;
    return signaled > 0;
}

/* Those that run may not have looked yet. */
static void drop_results(struct pool_object *object, ULONG count)
{
    struct pool_wait *wait = (struct pool_wait *)object;
    ULONG signaled = __atomic_load_n(&wait->signaled, __ATOMIC_RELAXED);
    __atomic_fetch_sub(&wait->signaled, min(count, signaled), __ATOMIC_RELAXED);
}

/* Wait objects */

struct _TP_WAIT {
    struct pool_wait wait;
    PTP_WAIT_CALLBACK callback;
};

static void call_wait(struct pool_object *object, TP_CALLBACK_INSTANCE *instance)
{
    TP_WAIT *wait = (TP_WAIT *)object;
    TP_WAIT_RESULT result = pool_wait_take_result(&wait->wait) ? WAIT_OBJECT_0 : WAIT_TIMEOUT;
    wait->callback(instance, object->context, wait, result);
}

static void stop_wait(struct pool_object *object)
{
    struct pool_wait *wait = (struct pool_wait *)object;
    lock_acquire(&wait->change);
    pool_wait_stop(wait);
    lock_release(&wait->change);
}

static const struct pool_object_type wait_type = {.call = call_wait, .stop = stop_wait, .drop = drop_results};

NTSTATUS WINAPI TpAllocWait(TP_WAIT **result, PTP_WAIT_CALLBACK callback, void *context,
                            TP_CALLBACK_ENVIRON *environment)
{
    TP_WAIT *wait = calloc(1, sizeof *wait);
    if (!wait)
        return STATUS_NO_MEMORY;
    NTSTATUS status = pool_object_initialize(&wait->wait.object, &wait_type, context, environment);
    if (!NT_SUCCESS(status)) {
        free(wait);
        return status;
    }
    wait->callback = callback;
    *result = wait;
    return STATUS_SUCCESS;
}

static NTSTATUS reference_waitable(HANDLE handle, struct waitable **object)
{
    NTSTATUS status = handle_reference(handle, NULL, SYNCHRONIZE, object);
    if (NT_SUCCESS(status) && !(*object)->object.type->wait) {
        object_release(*object);
        status = STATUS_OBJECT_TYPE_MISMATCH;
    }
    return status;
}

/* The caller is not told of a handle that cannot be waited for but by an exception. */
BOOL WINAPI TpSetWaitEx(TP_WAIT *wait, HANDLE handle, const LARGE_INTEGER *timeout, void *reserved)
{
    struct waitable *object;
    NTSTATUS status = STATUS_SUCCESS;
    lock_acquire(&wait->wait.change);
    bool was_waiting = pool_wait_stop(&wait->wait);
    if (handle)
        status = reference_waitable(handle, &object);
    if (handle && NT_SUCCESS(status))
        status = pool_wait_start(&wait->wait, object, pool_due_time(timeout));
    lock_release(&wait->wait.change);
    if (!NT_SUCCESS(status))
        RtlRaiseStatus(status);
    return was_waiting;
}

void WINAPI TpSetWait(TP_WAIT *wait, HANDLE handle, const LARGE_INTEGER *timeout)
{
    TpSetWaitEx(wait, handle, timeout, NULL);
}

void WINAPI TpWaitForWait(TP_WAIT *wait, BOOL cancel)
{
    pool_wait_for(&wait->wait.object, cancel);
}

void WINAPI TpReleaseWait(TP_WAIT *wait)
{
    pool_object_close(&wait->wait.object);
}

/* Registered waits */

struct registered_wait {
    struct pool_wait wait;
    WAITORTIMERCALLBACKFUNC function;
    ULONG milliseconds;
    bool is_once;
    const struct thread *calling; /* the wait thread, while it runs the callback */
    struct waitable *waited;      /* with a reference, for waiting again */
    struct object *completion;
};

static NTSTATUS wait_again(struct registered_wait *wait)
{
    LARGE_INTEGER timeout;
    return pool_wait_start(&wait->wait, object_retain(wait->waited),
                           pool_due_time(wait_milliseconds(&timeout, wait->milliseconds)));
}

/* The next wait begins when the callback has returned: it is often the callback that resets the event. */
static void call_registered_wait(struct pool_object *object, TP_CALLBACK_INSTANCE *instance)
{
    struct registered_wait *wait = (struct registered_wait *)object;
    wait->calling = wait->wait.in_wait_thread ? thread_current() : NULL;
    wait->function(object->context, !pool_wait_take_result(&wait->wait));
    wait->calling = NULL;
    if (wait->is_once)
        return;
    lock_acquire(&wait->wait.change);
    wait_again(wait);
    lock_release(&wait->wait.change);
}

static void destroy_registered_wait(struct pool_object *object)
{
    struct registered_wait *wait = (struct registered_wait *)object;
    object_release(wait->waited);
    if (wait->completion) {
        waitable_set((struct waitable *)wait->completion);
        object_release(wait->completion);
    }
}

static const struct pool_object_type registered_wait_type = {
    .call = call_registered_wait,
    .stop = stop_wait,
    .drop = drop_results,
    .destroy = destroy_registered_wait,
};

NTSTATUS WINAPI RtlRegisterWait(HANDLE *result, HANDLE handle, WAITORTIMERCALLBACKFUNC function,
                                void *context, ULONG milliseconds, ULONG flags)
{
    struct waitable *object;
    NTSTATUS status = reference_waitable(handle, &object);
    if (!NT_SUCCESS(status))
        return status;
    struct registered_wait *wait = calloc(1, sizeof *wait);
    if (!wait) {
        object_release(object);
        return STATUS_NO_MEMORY;
    }
    pool_object_initialize(&wait->wait.object, &registered_wait_type, context, NULL);
    wait->wait.object.is_long = flags & WT_EXECUTELONGFUNCTION;
    wait->wait.in_wait_thread = flags & WT_EXECUTEINWAITTHREAD;
    wait->is_once = flags & WT_EXECUTEONLYONCE;
    wait->function = function;
    wait->milliseconds = milliseconds;
    wait->waited = object;
    /* The callback may come before this returns, and may want to know its handle. */
    *result = (HANDLE)wait;
    status = wait_again(wait);
    if (!NT_SUCCESS(status)) {
        *result = NULL;
        pool_object_close(&wait->wait.object);
    }
    return status;
}

/* The wait thread counts only callbacks that it has sent elsewhere: one that it runs itself may end the wait,
 * and nothing is left pending. */
NTSTATUS WINAPI RtlDeregisterWaitEx(HANDLE handle, HANDLE completion)
{
    struct registered_wait *wait = (struct registered_wait *)handle;
    if (!wait || handle == INVALID_HANDLE_VALUE)
        return STATUS_INVALID_HANDLE;
    bool by_callback = wait->calling == thread_current();
    NTSTATUS status = pool_object_end(&wait->wait.object, completion, &wait->completion);
    return status == STATUS_PENDING && by_callback ? STATUS_SUCCESS : status;
}

NTSTATUS WINAPI RtlDeregisterWait(HANDLE handle)
{
    return RtlDeregisterWaitEx(handle, NULL);
}
