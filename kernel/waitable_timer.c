#include <stdlib.h>
#include <time.h>

#include "kernel/handle.h"
#include "kernel/thread.h"
#include "kernel/time.h"
#include "kernel/waitable_timer.h"

#define NANOSECONDS_PER_TICK        100
#define NANOSECONDS_PER_MILLISECOND 1000000

/* Everything but the waitable and `manual_reset` is guarded by timers_lock, which comes before objects'
 * locks. */
struct timer {
    struct waitable waitable;
    bool manual_reset;
    int64_t due; /* nanoseconds of CLOCK_MONOTONIC; NEVER when it does not run */
    int64_t period;
    int64_t date; /* the same time as Windows has it, or the last one when it does not run */
    /* Its APC, of the thread whose list this timer is in; and when it is due, since that thread may be late.
     */
    struct thread *thread;
    struct timer *next, *previous;
    apc_function function;
    ULONG_PTR argument;
    int64_t apc_due, apc_date;
};

#define NEVER WAIT_NEVER

static struct lock timers_lock;

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Expiry; under the lock */

/* Moves a time that has come, and its date, to the next period. A timer that is looked at late has expired
 * once, however often it would have. */
static void advance(int64_t *due, int64_t *date, int64_t period, int64_t time)
{
    int64_t step = period ? ((time - *due) / period + 1) * period : 0;
    *due = period ? *due + step : NEVER;
    *date += step / NANOSECONDS_PER_TICK;
}

static void expire_if_due(struct timer *timer, int64_t time)
{
    if (timer->due > time)
        return;
    advance(&timer->due, &timer->date, timer->period, time);
    waitable_set(&timer->waitable);
}

static int64_t watch_timer(struct waitable *object)
{
    struct timer *timer = (struct timer *)object;
    lock_acquire(&timers_lock);
    if (timer->due != NEVER)
        expire_if_due(timer, now());
    int64_t due = timer->due;
    lock_release(&timers_lock);
    return due;
}

static bool take_timer(struct waitable *object, struct thread *thread)
{
    if (!((struct timer *)object)->manual_reset)
        __atomic_fetch_and(&object->state, ~(uint32_t)WAITABLE_SIGNALED, __ATOMIC_RELAXED);
    return false;
}

static void link_apc(struct timer *timer, struct thread *thread)
{
    timer->thread = thread;
    timer->previous = NULL;
    timer->next = thread->timers;
    if (timer->next)
        timer->next->previous = timer;
    thread->timers = timer;
}

static void unlink_apc(struct timer *timer)
{
    if (!timer->thread)
        return;
    *(timer->previous ? &timer->previous->next : &timer->thread->timers) = timer->next;
    if (timer->next)
        timer->next->previous = timer->previous;
    timer->thread = NULL;
}

int64_t waitable_timer_queue_apcs(struct thread *thread)
{
    int64_t next = NEVER;
    if (!__atomic_load_n(&thread->timers, __ATOMIC_ACQUIRE))
        return next;
    lock_acquire(&timers_lock);
    int64_t time = now();
    for (struct timer *timer = thread->timers; timer; timer = timer->next) {
        if (timer->apc_due <= time) {
            apc_queue(thread, timer->function, timer->argument, (DWORD)timer->apc_date,
                      (DWORD)(timer->apc_date >> 32));
            advance(&timer->apc_due, &timer->apc_date, timer->period, time);
        }
        next = min(next, timer->apc_due);
    }
    lock_release(&timers_lock);
    return next;
}

void waitable_timer_forget_thread(struct thread *thread)
{
    lock_acquire(&timers_lock);
    while (thread->timers)
        unlink_apc(thread->timers);
    lock_release(&timers_lock);
}

/* The object */

static void timer_destroy(struct object *object)
{
    struct timer *timer = (struct timer *)object;
    lock_acquire(&timers_lock);
    unlink_apc(timer);
    lock_release(&timers_lock);
    free(timer);
}

static const struct wait_operations timer_waits = {.take = take_timer, .watch = watch_timer};

/* What NtQueryTimer and NtSetTimer need. */
enum { QUERY_STATE = TIMER_QUERY_STATE, MODIFY_STATE = TIMER_MODIFY_STATE };

const struct object_type waitable_timer_type = {
    .name = "Timer",
    .destroy = timer_destroy,
    .wait = &timer_waits,
    .access =
        {
            .GenericRead = STANDARD_RIGHTS_READ | QUERY_STATE,
            .GenericWrite = STANDARD_RIGHTS_WRITE | MODIFY_STATE,
            .GenericExecute = STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE,
            .GenericAll = TIMER_ALL_ACCESS,
        },
};

NTSTATUS waitable_timer_create(const struct object_request *request, bool manual_reset, HANDLE *handle)
{
    struct timer *timer = calloc(1, sizeof *timer);
    if (!timer)
        return STATUS_NO_MEMORY;
    waitable_initialize(&timer->waitable, &waitable_timer_type, false);
    timer->manual_reset = manual_reset;
    timer->due = NEVER;
    return named_create(request, &timer->waitable.object, handle);
}

NTSTATUS waitable_timer_open(const struct object_request *request, HANDLE *handle)
{
    return named_open(request, &waitable_timer_type, handle);
}

/* Both kinds of due time, on the monotonic clock and as a date. */
static void set_due(struct timer *timer, const LARGE_INTEGER *due)
{
    int64_t time = now(), date = time_system();
    uint64_t ticks = due->QuadPart < 0 ? -(uint64_t)due->QuadPart : max(due->QuadPart - date, (LONGLONG)0);
    bool ever = ticks < (uint64_t)(NEVER - time) / NANOSECONDS_PER_TICK;
    timer->date = ever ? date + (int64_t)ticks : INT64_MAX;
    timer->due = ever ? time + (int64_t)ticks * NANOSECONDS_PER_TICK : NEVER;
}

NTSTATUS waitable_timer_set(HANDLE handle, const LARGE_INTEGER *due, LONG period, apc_function function,
                            ULONG_PTR argument, bool *was_signaled)
{
    struct timer *timer;
    if (period < 0)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = handle_reference(handle, &waitable_timer_type, MODIFY_STATE, &timer);
    if (!NT_SUCCESS(status))
        return status;
    lock_acquire(&timers_lock);
    *was_signaled = waitable_reset(&timer->waitable);
    unlink_apc(timer);
    set_due(timer, due);
    timer->period = (int64_t)period * NANOSECONDS_PER_MILLISECOND;
    if (function) {
        timer->function = function;
        timer->argument = argument;
        timer->apc_due = timer->due;
        timer->apc_date = timer->date;
        link_apc(timer, thread_current());
    }
    expire_if_due(timer, now());
    lock_release(&timers_lock);
    wait_review(&timer->waitable);
    object_release(timer);
    return STATUS_SUCCESS;
}

NTSTATUS waitable_timer_cancel(HANDLE handle, bool *was_signaled)
{
    struct timer *timer;
    NTSTATUS status = handle_reference(handle, &waitable_timer_type, MODIFY_STATE, &timer);
    if (!NT_SUCCESS(status))
        return status;
    lock_acquire(&timers_lock);
    expire_if_due(timer, now());
    timer->due = NEVER;
    unlink_apc(timer);
    *was_signaled = waitable_is_signaled(&timer->waitable);
    lock_release(&timers_lock);
    object_release(timer);
    return STATUS_SUCCESS;
}

NTSTATUS waitable_timer_query(HANDLE handle, int64_t *remaining, bool *signaled)
{
    struct timer *timer;
    NTSTATUS status = handle_reference(handle, &waitable_timer_type, QUERY_STATE, &timer);
    if (!NT_SUCCESS(status))
        return status;
    lock_acquire(&timers_lock);
    if (timer->due != NEVER)
        expire_if_due(timer, now());
    *remaining = timer->date - time_system();
    *signaled = waitable_is_signaled(&timer->waitable);
    lock_release(&timers_lock);
    object_release(timer);
    return STATUS_SUCCESS;
}
