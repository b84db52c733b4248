#include <stdlib.h>
#include <time.h>
#include "dlls/ntdll/threadpool.h"
#include "kernel/thread.h"

#define NANOSECONDS_PER_SECOND 1000000000LL
/* How long the thread stays while no timer runs. */
#define IDLE_NANOSECONDS (5 * NANOSECONDS_PER_SECOND)

/* One thread waits for all timers of the process. */
static struct lock timers_lock;
static struct pool_timer **heap; /* that which must be served first is first, from index 1 */
static size_t running, reserved, capacity;
static size_t patient; /* those of the running that may be late */
static bool has_thread;
static int64_t wake_time; /* when the thread is going to look by itself */
static uint32_t changed;  /* what it sleeps on */

int64_t pool_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * NANOSECONDS_PER_SECOND + time.tv_nsec;
}

int64_t pool_due_time(const LARGE_INTEGER *timeout)
{
    struct deadline deadline = deadline_from_timeout(timeout);
    deadline_make_monotonic(&deadline);
    if (deadline.forever || deadline.seconds > WAIT_NEVER / NANOSECONDS_PER_SECOND - 1)
        return WAIT_NEVER;
    return deadline.seconds * NANOSECONDS_PER_SECOND + deadline.nanoseconds;
}

/* The heap; under the lock */

static void put(size_t place, struct pool_timer *timer)
{
    heap[place] = timer;
    timer->place = place;
}

static void move_up(struct pool_timer *timer, size_t place)
{
    for (; place > 1 && heap[place / 2]->latest > timer->latest; place /= 2)
        put(place, heap[place / 2]);
    put(place, timer);
}

static void move_down(struct pool_timer *timer, size_t place)
{
    for (size_t child; (child = 2 * place) <= running; place = child) {
        if (child < running && heap[child + 1]->latest < heap[child]->latest)
            child++;
        if (heap[child]->latest >= timer->latest)
            break;
        put(place, heap[child]);
    }
    put(place, timer);
}

/* A timer that may be late is so by a little less than it may, since threads are late themselves. */
static void insert(struct pool_timer *timer, int64_t due, int64_t window)
{
    window -= window / 8;
    timer->due = due;
    timer->latest = due < WAIT_NEVER - window ? due + window : WAIT_NEVER;
    patient += timer->latest > due;
    move_up(timer, ++running);
}

static void take_out(struct pool_timer *timer)
{
    size_t place = timer->place;
    struct pool_timer *last = heap[running--];
    timer->place = 0;
    patient -= timer->latest > timer->due;
    if (last == timer)
        return;
    if (place > 1 && heap[place / 2]->latest > last->latest)
        move_up(last, place);
    else
        move_down(last, place);
}

NTSTATUS pool_timer_reserve(void)
{
    NTSTATUS status = STATUS_SUCCESS;
    lock_acquire(&timers_lock);
    if (reserved + 1 >= capacity) {
        size_t larger = capacity ? capacity * 2 : 16;
        struct pool_timer **grown = realloc(heap, larger * sizeof *heap);
        if (grown) {
            heap = grown;
            capacity = larger;
        } else {
            status = STATUS_NO_MEMORY;
        }
    }
    reserved += NT_SUCCESS(status);
    lock_release(&timers_lock);
    return status;
}

void pool_timer_unreserve(void)
{
    lock_acquire(&timers_lock);
    reserved--;
    lock_release(&timers_lock);
}

/* The thread */

static bool is_due(const struct pool_timer *timer, int64_t now)
{
    return timer->place && timer->due <= now;
}

/* A timer that is looked at late has expired once, however often it would have. */
static void expire(struct pool_timer *timer, int64_t now)
{
    int64_t due = timer->due;
    take_out(timer);
    if (timer->period)
        insert(timer, due + ((now - due) / timer->period + 1) * timer->period, timer->window);
}

/* A timer that is due makes a callback pending or runs it. The lock is released meanwhile; so that the
 * library can be held, too, which takes the loader's lock. */
static void serve(struct pool_timer *timer, int64_t now)
{
    struct pool_object *object = &timer->object;
    struct pool_worker *worker = NULL;
    pool_object_retain(object);
    if (object->library) {
        lock_release(&timers_lock);
        pool_hold_library(object);
        lock_acquire(&timers_lock);
    }
    bool expired = is_due(timer, now);
    if (expired) {
        expire(timer, now);
        if (timer->in_timer_thread)
            pool_run_begin(object);
        else
            worker = pool_post_begin(object);
    }
    lock_release(&timers_lock);
    pool_call_worker(worker);
    if (!expired)
        pool_release_library(object, 1);
    else if (timer->in_timer_thread)
        pool_run(object, false);
    pool_object_release(object, 1);
    lock_acquire(&timers_lock);
}

static struct pool_timer *find_patient(int64_t now)
{
    for (size_t place = 1; place <= running; place++)
        if (heap[place]->due <= now)
            return heap[place];
    return NULL;
}

/* Those that could have waited longer are served with those that could not. */
static void serve_all(void)
{
    int64_t now = pool_now();
    struct pool_timer *timer;
    if (!running || heap[1]->latest > now)
        return;
    while (running && heap[1]->latest <= now)
        serve(heap[1], now);
    while (patient && (timer = find_patient(now)))
        serve(timer, now);
}

/* Until the next timer is due or something has changed; false after a long time without any. */
static bool sleep_until_due(void)
{
    bool was_idle = !running;
    wake_time = was_idle ? pool_now() + IDLE_NANOSECONDS : heap[1]->latest;
    const struct deadline deadline = {
        .forever = wake_time == WAIT_NEVER,
        .clock = CLOCK_MONOTONIC,
        .seconds = wake_time / NANOSECONDS_PER_SECOND,
        .nanoseconds = wake_time % NANOSECONDS_PER_SECOND,
    };
    uint32_t seen = changed;
    lock_release(&timers_lock);
    bool in_time = futex_wait(&changed, seen, &deadline);
    suspend_checkpoint();
    lock_acquire(&timers_lock);
    return in_time || !was_idle || running;
}

static DWORD GUEST_STDCALL run_timers(void *argument)
{
    lock_acquire(&timers_lock);
    do {
        serve_all();
    } while (sleep_until_due());
    has_thread = false;
    lock_release(&timers_lock);
    return 0;
}

/* Without the lock. Where there is no thread to be had, the next timer that is started tries again. */
static void start_thread(void)
{
    const struct thread_parameters parameters = {.start = run_timers};
    struct thread *thread;
    if (NT_SUCCESS(thread_create(&parameters, &thread))) {
        thread_release(thread);
        return;
    }
    lock_acquire(&timers_lock);
    has_thread = false;
    lock_release(&timers_lock);
}

/* Under the lock, which this releases. */
static void release_and_call_thread(void)
{
    bool start = running && !has_thread;
    bool wake = running && !start && heap[1]->latest < wake_time;
    if (start) {
        has_thread = true;
        wake_time = 0; /* it looks at the timers before it sleeps */
    }
    if (wake) {
        wake_time = 0;
        changed++;
    }
    lock_release(&timers_lock);
    if (start)
        start_thread();
    if (wake)
        futex_wake(&changed, 1);
}

/* Timers */

bool pool_timer_start(struct pool_timer *timer, int64_t due, int64_t period, int64_t window)
{
    lock_acquire(&timers_lock);
    bool was_running = timer->place;
    if (was_running)
        take_out(timer);
    timer->period = period;
    timer->window = window;
    if (!pool_object_has_ended(&timer->object))
        insert(timer, due, window);
    release_and_call_thread();
    return was_running;
}

bool pool_timer_stop(struct pool_timer *timer)
{
    lock_acquire(&timers_lock);
    bool was_running = timer->place;
    if (was_running)
        take_out(timer);
    lock_release(&timers_lock);
    return was_running;
}

bool pool_timer_stop_due(struct pool_timer *timer)
{
    lock_acquire(&timers_lock);
    bool due = is_due(timer, pool_now());
    if (due)
        take_out(timer);
    lock_release(&timers_lock);
    return due;
}

void pool_timer_change(struct pool_timer *timer, int64_t due, int64_t period)
{
    lock_acquire(&timers_lock);
    if (timer->place) {
        take_out(timer);
        timer->period = period;
        insert(timer, due, timer->window);
    }
    release_and_call_thread();
}

/* Timer objects */

struct _TP_TIMER {
    struct pool_timer timer;
    PTP_TIMER_CALLBACK callback;
    bool is_set; /* as the program has set it, whether it has expired or not */
};

static void call_timer(struct pool_object *object, TP_CALLBACK_INSTANCE *instance)
{
    TP_TIMER *timer = (TP_TIMER *)object;
    timer->callback(instance, object->context, timer);
}

static void stop_timer(struct pool_object *object)
{
    pool_timer_stop((struct pool_timer *)object);
}

static void destroy_timer(struct pool_object *object)
{
    pool_timer_unreserve();
}

static const struct pool_object_type timer_type = {
    .call = call_timer,
    .stop = stop_timer,
    .destroy = destroy_timer,
};

NTSTATUS WINAPI TpAllocTimer(TP_TIMER **result, PTP_TIMER_CALLBACK callback, void *context,
                             TP_CALLBACK_ENVIRON *environment)
{
    TP_TIMER *timer = calloc(1, sizeof *timer);
    NTSTATUS status = timer ? pool_timer_reserve() : STATUS_NO_MEMORY;
    if (NT_SUCCESS(status)) {
        status = pool_object_initialize(&timer->timer.object, &timer_type, context, environment);
        if (!NT_SUCCESS(status))
            pool_timer_unreserve();
    }
    if (!NT_SUCCESS(status)) {
        free(timer);
        return status;
    }
    timer->callback = callback;
    *result = timer;
    return STATUS_SUCCESS;
}

BOOL WINAPI TpSetTimerEx(TP_TIMER *timer, const LARGE_INTEGER *due, ULONG period, ULONG window)
{
    __atomic_store_n(&timer->is_set, due != NULL, __ATOMIC_RELAXED);
    if (!due)
        return pool_timer_stop(&timer->timer);
    return pool_timer_start(&timer->timer, pool_due_time(due),
                            (int64_t)period * POOL_NANOSECONDS_PER_MILLISECOND,
                            (int64_t)window * POOL_NANOSECONDS_PER_MILLISECOND);
}

void WINAPI TpSetTimer(TP_TIMER *timer, const LARGE_INTEGER *due, ULONG period, ULONG window)
{
    TpSetTimerEx(timer, due, period, window);
}

BOOL WINAPI TpIsTimerSet(TP_TIMER *timer)
{
    return __atomic_load_n(&timer->is_set, __ATOMIC_RELAXED);
}

void WINAPI TpWaitForTimer(TP_TIMER *timer, BOOL cancel)
{
    pool_wait_for(&timer->timer.object, cancel);
}

void WINAPI TpReleaseTimer(TP_TIMER *timer)
{
    pool_object_close(&timer->timer.object);
}
