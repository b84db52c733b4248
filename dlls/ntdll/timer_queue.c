#include <stdlib.h>
#include "dlls/ntdll/threadpool.h"

/* Timer queues, which keep timers together so that they can be deleted together. All timers of the process
 * wait in one place, and their callbacks run in the default pool (threadpool_timer.c). */

struct queue_timer;

struct timer_queue {
    uint32_t references; /* atomic: its own until it is deleted, and its timers' */
    struct lock lock;
    struct queue_timer *timers;
    struct object *completion; /* is signaled when all of it is gone */
};

struct queue_timer {
    struct pool_timer timer;
    struct timer_queue *queue;
    struct queue_timer *next, *previous;
    bool is_linked; /* under the queue's lock, as the links are */
    WAITORTIMERCALLBACKFUNC function;
    struct object *completion;
};

static void signal_completion(struct object *event)
{
    if (!event)
        return;
    waitable_set((struct waitable *)event);
    object_release(event);
}

/* Queues */

static struct timer_queue *allocate_queue(void)
{
    struct timer_queue *queue = calloc(1, sizeof *queue);
    if (queue)
        queue->references = 1;
    return queue;
}

static void release_queue(struct timer_queue *queue)
{
    if (__atomic_sub_fetch(&queue->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    signal_completion(queue->completion);
    free(queue);
}

static struct timer_queue *default_queue(void)
{
    static struct lock default_lock;
    static struct timer_queue *queue;
    lock_acquire(&default_lock);
    if (!queue)
        queue = allocate_queue();
    lock_release(&default_lock);
    return queue;
}

/* NULL stands for the process's own. */
static NTSTATUS find_queue(HANDLE handle, struct timer_queue **queue)
{
    if (handle == INVALID_HANDLE_VALUE)
        return STATUS_INVALID_HANDLE;
    *queue = handle ? (struct timer_queue *)handle : default_queue();
    return *queue ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

NTSTATUS WINAPI RtlCreateTimerQueue(HANDLE *result)
{
    struct timer_queue *queue = allocate_queue();
    if (!queue)
        return STATUS_NO_MEMORY;
    *result = (HANDLE)queue;
    return STATUS_SUCCESS;
}

/* Timers */

static void link_timer(struct queue_timer *timer)
{
    struct timer_queue *queue = timer->queue;
    __atomic_fetch_add(&queue->references, 1, __ATOMIC_RELAXED);
    lock_acquire(&queue->lock);
    timer->next = queue->timers;
    if (timer->next)
        timer->next->previous = timer;
    queue->timers = timer;
    timer->is_linked = true;
    lock_release(&queue->lock);
}

/* Under the queue's lock. */
static void unlink_timer(struct queue_timer *timer)
{
    if (!timer->is_linked)
        return;
    *(timer->previous ? &timer->previous->next : &timer->queue->timers) = timer->next;
    if (timer->next)
        timer->next->previous = timer->previous;
    timer->is_linked = false;
}

static void call_timer(struct pool_object *object, TP_CALLBACK_INSTANCE *instance)
{
    ((struct queue_timer *)object)->function(object->context, TRUE);
}

static void stop_timer(struct pool_object *object)
{
    struct queue_timer *timer = (struct queue_timer *)object;
    pool_timer_stop(&timer->timer);
    lock_acquire(&timer->queue->lock);
    unlink_timer(timer);
    lock_release(&timer->queue->lock);
}

static void destroy_timer(struct pool_object *object)
{
    struct queue_timer *timer = (struct queue_timer *)object;
    pool_timer_unreserve();
    signal_completion(timer->completion);
    release_queue(timer->queue);
}

static const struct pool_object_type queue_timer_type = {
    .call = call_timer,
    .stop = stop_timer,
    .destroy = destroy_timer,
};

static int64_t due_in(ULONG milliseconds)
{
    return milliseconds == INFINITE ? WAIT_NEVER
                                    : pool_now() + (int64_t)milliseconds * POOL_NANOSECONDS_PER_MILLISECOND;
}

static int64_t period_of(ULONG milliseconds)
{
    return milliseconds == INFINITE ? 0 : (int64_t)milliseconds * POOL_NANOSECONDS_PER_MILLISECOND;
}

static NTSTATUS allocate_timer(struct queue_timer **result, void *context)
{
    struct queue_timer *timer = calloc(1, sizeof *timer);
    NTSTATUS status = timer ? pool_timer_reserve() : STATUS_NO_MEMORY;
    if (!NT_SUCCESS(status)) {
        free(timer);
        return status;
    }
    pool_object_initialize(&timer->timer.object, &queue_timer_type, context, NULL);
    *result = timer;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlCreateTimer(HANDLE handle, HANDLE *result, WAITORTIMERCALLBACKFUNC function, void *context,
                               ULONG due, ULONG period, ULONG flags)
{
    struct timer_queue *queue;
    struct queue_timer *timer;
    NTSTATUS status = find_queue(handle, &queue);
    if (NT_SUCCESS(status))
        status = allocate_timer(&timer, context);
    if (!NT_SUCCESS(status))
        return status;
    timer->queue = queue;
    timer->function = function;
    timer->timer.in_timer_thread = flags & WT_EXECUTEINTIMERTHREAD;
    timer->timer.object.is_long = flags & WT_EXECUTELONGFUNCTION;
    link_timer(timer);
    /* The callback may come before this returns, and may want to know its handle. */
    *result = (HANDLE)timer;
    pool_timer_start(&timer->timer, due_in(due), flags & WT_EXECUTEONLYONCE ? 0 : period_of(period), 0);
    return STATUS_SUCCESS;
}

/* A timer that has fired for the last time stays as it is. */
NTSTATUS WINAPI RtlUpdateTimer(HANDLE handle, HANDLE timer, ULONG due, ULONG period)
{
    if (!timer || timer == INVALID_HANDLE_VALUE)
        return STATUS_INVALID_PARAMETER;
    pool_timer_change((struct pool_timer *)timer, due_in(due), period_of(period));
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlDeleteTimer(HANDLE handle, HANDLE timer, HANDLE completion)
{
    if (!timer || timer == INVALID_HANDLE_VALUE)
        return STATUS_INVALID_PARAMETER_1;
    struct queue_timer *deleted = (struct queue_timer *)timer;
    /* A callback whose time has come before its timer was deleted is still called. */
    if (!deleted->timer.in_timer_thread && pool_timer_stop_due(&deleted->timer))
        pool_post(&deleted->timer.object);
    return pool_object_end(&deleted->timer.object, completion, &deleted->completion);
}

/* The end of a queue */

static struct queue_timer *retain_first(struct timer_queue *queue)
{
    lock_acquire(&queue->lock);
    struct queue_timer *timer = queue->timers;
    if (timer)
        pool_object_retain(&timer->timer.object);
    lock_release(&queue->lock);
    return timer;
}

/* Each of its timers leaves the queue when it is closed. One that runs is waited for if that is asked for;
 * callbacks of other timers may go on meanwhile, but no new ones begin. */
static bool delete_timers(struct timer_queue *queue, bool wait)
{
    bool is_any_busy = false;
    struct queue_timer *timer;
    while ((timer = retain_first(queue))) {
        struct pool_object *object = &timer->timer.object;
        pool_object_close(object);
        pool_cancel(object);
        if (wait)
            pool_wait_until_idle(object);
        is_any_busy = is_any_busy || pool_is_busy(object);
        pool_object_release(object, 1);
    }
    return is_any_busy;
}

NTSTATUS WINAPI RtlDeleteTimerQueueEx(HANDLE handle, HANDLE completion)
{
    if (!handle || handle == INVALID_HANDLE_VALUE)
        return STATUS_INVALID_HANDLE;
    struct timer_queue *queue = (struct timer_queue *)handle;
    NTSTATUS status = pool_reference_event(completion, &queue->completion);
    if (!NT_SUCCESS(status))
        return status;
    bool is_any_busy = delete_timers(queue, completion == INVALID_HANDLE_VALUE);
    release_queue(queue);
    return is_any_busy ? STATUS_PENDING : STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlDeleteTimerQueue(HANDLE handle)
{
    return RtlDeleteTimerQueueEx(handle, INVALID_HANDLE_VALUE);
}
