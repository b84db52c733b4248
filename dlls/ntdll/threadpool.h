/* Thread pools, as far as their parts must know each other. What the program calls is declared in
 * MinGW-w64's winnt.h, and for ntdll's names in dlls/ntdll/threadpool_api.h. */
#ifndef NTDLL_THREADPOOL_H
#define NTDLL_THREADPOOL_H

#include "dlls/ntdll/threadpool_api.h"
#include "kernel/lock.h"
#include "kernel/wait.h"

struct pool_worker;
struct pool_object;

struct pool_queue {
    struct pool_object *first, *last;
};

struct _TP_POOL {
    uint32_t references; /* atomic: its owner's, and one for each object, each worker and each call of one */
    struct lock lock;    /* guards what follows, and the fields of objects that say so */
    struct pool_queue queues[TP_CALLBACK_PRIORITY_COUNT];
    ULONG pending;  /* callbacks that wait in the queues */
    ULONG progress; /* how many were begun, ever */
    ULONG workers, idle_workers;
    ULONG called;       /* workers that are on their way to the queues */
    ULONG running_long; /* workers whose callback has said that it may take long */
    bool scouting;
    bool lingering; /* a worker that is about to be idle looks for more work; it is counted in `called` */
    bool closed;
    struct pool_worker *idle, *spare;
    ULONG minimum, maximum;
    TP_POOL_STACK_INFORMATION stack;
};

/* What is different between the kinds of objects that have callbacks. */
struct pool_object_type {
    void (*call)(struct pool_object *object, TP_CALLBACK_INSTANCE *instance);
    /* Stops what would make a callback pending. May be NULL. */
    void (*stop)(struct pool_object *object);
    /* The newest `count` pending callbacks will not run. Under the pool's lock. May be NULL. */
    void (*drop)(struct pool_object *object, ULONG count);
    /* Before the object is freed. May be NULL. */
    void (*destroy)(struct pool_object *object);
};

/* Work, a timer, a wait and so on: whatever has callbacks that a pool runs. */
struct pool_object {
    const struct pool_object_type *type;
    TP_POOL *pool;
    /* Atomic: its owner's, until that closes it, and one for each callback that is expected, pending or runs.
     */
    uint32_t references;
    bool closed; /* atomic: its owner has let go */
    bool ended;  /* atomic: a timer or wait does not begin again, even if a callback wants that */
    void *context;
    PTP_SIMPLE_CALLBACK finalization;
    struct module *library; /* stays loaded while callbacks are pending or run */
    bool is_long;
    TP_CALLBACK_PRIORITY priority;
    TP_CLEANUP_GROUP *group;
    PTP_CLEANUP_GROUP_CANCEL_CALLBACK cancel_callback;
    /* Under the group's lock. */
    bool is_member;
    struct pool_object *next_member, *previous_member;
    bool was_cancelled; /* a simple callback's end, for the group that closes it */
    /* Under the pool's lock. */
    struct pool_object *next, *previous; /* in the queue */
    ULONG expected;                      /* operations under way whose end makes a callback pending */
    ULONG pending;
    ULONG running;
    ULONG dissociated; /* callbacks that run, but are not waited for, other than by a cleanup group */
    bool is_awaited;
    uint32_t idle; /* a futex: changes when nothing is expected, pending or running any more */
};

/* One run of a callback. */
struct _TP_CALLBACK_INSTANCE {
    struct pool_object *object;
    bool is_worker; /* a pool's thread runs it, none of those that wait */
    bool dissociated;
    bool is_long;
    /* What to do when it returns. */
    RTL_CRITICAL_SECTION *section;
    HANDLE mutex, semaphore, event;
    ULONG semaphore_count;
    HMODULE library;
};

/* Threadpool.c: pools and their workers */

extern TP_POOL default_pool;
void pool_retain(TP_POOL *pool);
void pool_release(TP_POOL *pool);

/* Under the pool's lock: a worker that is to be called since there is something in the queue, or NULL. */
struct pool_worker *pool_find_worker(TP_POOL *pool);
/* Without any lock, for what that has returned. */
void pool_call_worker(struct pool_worker *worker);

/* Threadpool_object.c: callbacks from being posted to having run */

/* Fills in what all objects have. Its owner has one reference. */
NTSTATUS pool_object_initialize(struct pool_object *object, const struct pool_object_type *type,
                                void *context, const TP_CALLBACK_ENVIRON *environment);
static inline void pool_object_retain(struct pool_object *object)
{
    __atomic_fetch_add(&object->references, 1, __ATOMIC_RELAXED);
}
void pool_object_release(struct pool_object *object, ULONG count);

/* Makes one callback pending. */
void pool_post(struct pool_object *object);
/* Makes an expected callback pending. False if none is expected (any more). */
bool pool_post_expected(struct pool_object *object);
/* Makes one pending for those who hold a lock: the worker is to be called without it, and the library to be
 * held before. */
struct pool_worker *pool_post_begin(struct pool_object *object);
void pool_hold_library(struct pool_object *object);
void pool_release_library(struct pool_object *object, ULONG count);
/* The calling thread is to run a callback itself. */
void pool_run_begin(struct pool_object *object);
/* Runs a callback that was counted as running: by pool_run_begin, or when it was taken from the queue. */
void pool_run(struct pool_object *object, bool is_worker);
/* Under the pool's lock. */
struct pool_object *pool_take(TP_POOL *pool);

/* Drops pending callbacks, and forgets expected ones; returns how many. */
ULONG pool_cancel(struct pool_object *object);
bool pool_is_busy(struct pool_object *object);
/* One callback more is expected, or less. */
void pool_expect(struct pool_object *object);
void pool_expect_no_more(struct pool_object *object);
void pool_wait_until_idle(struct pool_object *object);
/* The same for those that have dissociated themselves, too. */
void pool_wait_for_all(struct pool_object *object);
/* Waits for callbacks, as WaitForThreadpoolWorkCallbacks and kin do. */
void pool_wait_for(struct pool_object *object, bool cancel);
/* The owner lets go. It is not an error that a cleanup group has done so before. */
void pool_object_close(struct pool_object *object);
/* From now on nothing makes a callback pending, other than the program's own posts. */
void pool_object_stop(struct pool_object *object);
static inline bool pool_object_has_ended(const struct pool_object *object)
{
    return __atomic_load_n(&object->ended, __ATOMIC_ACQUIRE);
}

/* Threadpool_group.c */

void pool_group_join(struct pool_object *object);
void pool_group_leave(struct pool_object *object);

/* Threadpool_callback.c */

/* Does what the callback has left to be done; the library it has asked to unload comes last of all. */
void pool_instance_complete(TP_CALLBACK_INSTANCE *instance);
void pool_instance_free_library(TP_CALLBACK_INSTANCE *instance);

/* Threadpool_timer.c: when a time comes */

struct pool_timer {
    struct pool_object object;
    bool in_timer_thread; /* runs there */
    /* Under the timers' lock. */
    size_t place; /* in the heap of those that run, from 1; 0: it does not */
    int64_t due, period, window;
    int64_t latest; /* it may be as late as that, if the thread can serve another timer at the same time */
};

#define POOL_NANOSECONDS_PER_MILLISECOND 1000000

int64_t pool_now(void);
/* A Windows timeout as nanoseconds of CLOCK_MONOTONIC. */
int64_t pool_due_time(const LARGE_INTEGER *timeout);
/* Each timer has a place in the heap reserved as long as it lives. */
NTSTATUS pool_timer_reserve(void);
void pool_timer_unreserve(void);
/* Both return whether the timer was running. A period of 0 is none; `window` is how late it may be. */
bool pool_timer_start(struct pool_timer *timer, int64_t due, int64_t period, int64_t window);
bool pool_timer_stop(struct pool_timer *timer);
/* Stops a timer whose time has come, but which the thread has not served yet. */
bool pool_timer_stop_due(struct pool_timer *timer);
/* Changes the times of a timer that runs; one that does not stays as it is. */
void pool_timer_change(struct pool_timer *timer, int64_t due, int64_t period);

/* Threadpool_wait.c: when an object is signaled */

struct pool_waiter;

struct pool_wait {
    struct pool_object object;
    bool in_wait_thread; /* runs there */
    struct lock change;  /* held while it is set anew */
    /* Under the waits' lock. */
    struct waitable *waited; /* with a reference */
    int64_t due;
    struct pool_waiter *waiter; /* NULL: it does not wait */
    unsigned slot;
    bool is_leaving;
    ULONG signaled; /* atomic: how many of the pending callbacks are not for a timeout */
};

/* Begins to wait for what the caller has a reference to, which is taken over. */
NTSTATUS pool_wait_start(struct pool_wait *wait, struct waitable *object, int64_t due);
/* Returns whether it was waiting. Once this has returned, nothing of the object's is consumed any more. */
bool pool_wait_stop(struct pool_wait *wait);
/* In a callback: is it because the object was signaled? */
bool pool_wait_take_result(struct pool_wait *wait);

/* Where a handle that is to signal the end of callbacks was given. */
NTSTATUS pool_reference_event(HANDLE handle, struct object **event);

/* The end that timers and waits of the older interface have in common: `completion` is a handle of an event,
 * 0, or INVALID_HANDLE_VALUE, for which this waits; `*event` becomes the event that the object's destruction
 * is to signal. STATUS_PENDING while a callback is pending or runs. The object is closed. */
NTSTATUS pool_object_end(struct pool_object *object, HANDLE completion, struct object **event);

#endif
