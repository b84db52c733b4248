#include <stdlib.h>
#include "dlls/ntdll/threadpool.h"
#include "kernel/thread.h"

/* What a pool may have before it is told a limit. */
#define DEFAULT_MAXIMUM 500

/* As many callbacks of a pool run at once as there are processors; more only if these make no progress. A
 * thread that finds that to be so takes part in the work itself, and calls the next. */
enum { FEWEST_USUAL_WORKERS = 2 };
#define SCOUT_TICKS 10000LL /* a millisecond */

/* How often a worker looks for more work before it sleeps: about as long as it takes to wake one up. */
enum { LINGER_SPINS = 200 };

/* How long a thread stays that has nothing to do. */
#define IDLE_TICKS (5 * 10000000LL)

/* A thread of a pool. These are reused, and live as long as the pool. */
struct pool_worker {
    struct waitable call; /* what it waits for while it is idle */
    TP_POOL *pool;
    struct pool_worker *next, *previous; /* among the idle or the spare */
    bool is_new, is_scout;
    /* Under the pool's lock. */
    bool is_idle; /* it is in the list, and has not been called */
    bool called;  /* it is counted in `called` */
};

TP_POOL default_pool = {.references = 1, .maximum = DEFAULT_MAXIMUM};

/* Calls to an idle worker */

static bool take_call(struct waitable *object, struct thread *thread)
{
    __atomic_fetch_and(&object->state, ~(uint32_t)WAITABLE_SIGNALED, __ATOMIC_RELAXED);
    return false;
}

static const struct wait_operations call_waits = {.take = take_call};
static const struct object_type call_type = {.name = "PoolCall", .wait = &call_waits};

/* A pool's life */

static void destroy_pool(TP_POOL *pool)
{
    while (pool->spare) {
        struct pool_worker *worker = pool->spare;
        pool->spare = worker->next;
        free(worker);
    }
    free(pool);
}

void pool_retain(TP_POOL *pool)
{
    __atomic_fetch_add(&pool->references, 1, __ATOMIC_RELAXED);
}

void pool_release(TP_POOL *pool)
{
    if (__atomic_sub_fetch(&pool->references, 1, __ATOMIC_ACQ_REL) == 0)
        destroy_pool(pool);
}

NTSTATUS WINAPI TpAllocPool(TP_POOL **result, void *reserved)
{
    if (reserved)
        return STATUS_INVALID_PARAMETER;
    TP_POOL *pool = calloc(1, sizeof *pool);
    if (!pool)
        return STATUS_NO_MEMORY;
    pool->references = 1;
    pool->maximum = DEFAULT_MAXIMUM;
    *result = pool;
    return STATUS_SUCCESS;
}

/* Finding a worker; under the pool's lock */

static void link_idle(struct pool_worker *worker)
{
    TP_POOL *pool = worker->pool;
    worker->previous = NULL;
    worker->next = pool->idle;
    if (worker->next)
        worker->next->previous = worker;
    pool->idle = worker;
    pool->idle_workers++;
    worker->is_idle = true;
}

static void unlink_idle(struct pool_worker *worker)
{
    *(worker->previous ? &worker->previous->next : &worker->pool->idle) = worker->next;
    if (worker->next)
        worker->next->previous = worker->previous;
    worker->pool->idle_workers--;
    worker->is_idle = false;
}

static struct pool_worker *add_worker(TP_POOL *pool)
{
    struct pool_worker *worker = pool->spare;
    if (worker)
        pool->spare = worker->next;
    else
        worker = malloc(sizeof *worker);
    if (!worker)
        return NULL;
    *worker = (struct pool_worker){.pool = pool, .is_new = true};
    waitable_initialize(&worker->call, &call_type, false);
    pool->workers++;
    pool_retain(pool);
    return worker;
}

static void remove_worker(struct pool_worker *worker)
{
    TP_POOL *pool = worker->pool;
    pool->workers--;
    worker->next = pool->spare;
    pool->spare = worker;
}

static void expect(struct pool_worker *worker)
{
    worker->called = true;
    worker->pool->called++;
}

static void arrive(struct pool_worker *worker)
{
    if (worker->called)
        worker->pool->called--;
    worker->called = false;
}

static bool has_usual_workers(const TP_POOL *pool)
{
    ULONG usual = max((ULONG)FEWEST_USUAL_WORKERS, process_environment.NumberOfProcessors);
    return pool->workers - pool->idle_workers - pool->running_long >= usual + pool->scouting;
}

struct pool_worker *pool_find_worker(TP_POOL *pool)
{
    struct pool_worker *worker = NULL;
    if (pool->pending <= pool->called)
        return NULL;
    bool is_scout = has_usual_workers(pool);
    if (is_scout && pool->scouting)
        return NULL;
    if (pool->idle)
        unlink_idle(worker = pool->idle);
    else if (pool->workers < pool->maximum)
        worker = add_worker(pool);
    if (!worker)
        return NULL;
    pool_retain(pool);
    worker->is_scout = is_scout;
    if (is_scout)
        pool->scouting = true;
    else
        expect(worker);
    return worker;
}

/* A worker's life */

/* Looks for more work for a while, since there is often some soon. */
static bool linger(struct pool_worker *worker)
{
    TP_POOL *pool = worker->pool;
    if (pool->lingering)
        return false;
    pool->lingering = true;
    expect(worker);
    lock_release(&pool->lock);
    for (int spins = 0; spins < LINGER_SPINS && !__atomic_load_n(&pool->pending, __ATOMIC_RELAXED); spins++)
        cpu_relax();
    lock_acquire(&pool->lock);
    arrive(worker);
    pool->lingering = false;
    return pool->pending > 0;
}

/* Waits, the pool's lock being released meanwhile. False if the worker is to end. Functions that are meant to
 * run in a thread which waits alertably (WT_EXECUTEINIOTHREAD) may have left APCs. */
static bool await_call(struct pool_worker *worker)
{
    TP_POOL *pool = worker->pool;
    const LARGE_INTEGER limit = {.QuadPart = -IDLE_TICKS};
    NTSTATUS status;
    if (linger(worker))
        return true;
    if (pool->closed)
        return false;
    link_idle(worker);
    do {
        lock_release(&pool->lock);
        do {
            status = wait_single(&worker->call, true, &limit);
        } while (status == STATUS_USER_APC);
        suspend_checkpoint();
        lock_acquire(&pool->lock);
    } while (status == STATUS_TIMEOUT && (!worker->is_idle || pool->workers <= pool->minimum));
    if (status == STATUS_TIMEOUT)
        unlink_idle(worker);
    return status != STATUS_TIMEOUT;
}

static bool run_next(TP_POOL *pool)
{
    struct pool_object *object = pool_take(pool);
    if (!object)
        return false;
    struct pool_worker *another = pool_find_worker(pool);
    lock_release(&pool->lock);
    pool_call_worker(another);
    pool_run(object, true);
    lock_acquire(&pool->lock);
    return true;
}

/* Looks on as long as others get on with the work. */
static void scout(struct pool_worker *worker)
{
    TP_POOL *pool = worker->pool;
    const LARGE_INTEGER while_away = {.QuadPart = -SCOUT_TICKS};
    ULONG seen;
    do {
        seen = pool->progress;
        lock_release(&pool->lock);
        wait_delay(false, &while_away);
        suspend_checkpoint();
        lock_acquire(&pool->lock);
    } while (pool->pending && pool->progress != seen);
    pool->scouting = false;
    worker->is_scout = false;
}

static DWORD GUEST_STDCALL run_worker(void *argument)
{
    struct pool_worker *worker = argument;
    TP_POOL *pool = worker->pool;
    lock_acquire(&pool->lock);
    do {
        if (worker->is_scout)
            scout(worker);
        arrive(worker);
        while (run_next(pool))
            continue;
    } while (await_call(worker));
    remove_worker(worker);
    lock_release(&pool->lock);
    pool_release(pool);
    return 0;
}

/* What is in the queue then waits for one that is there already, or for the next call. */
static void give_up(struct pool_worker *worker)
{
    TP_POOL *pool = worker->pool;
    lock_acquire(&pool->lock);
    if (worker->is_scout)
        pool->scouting = false;
    arrive(worker);
    remove_worker(worker);
    lock_release(&pool->lock);
    pool_release(pool);
}

static NTSTATUS start_worker(struct pool_worker *worker)
{
    const struct thread_parameters parameters = {
        .start = run_worker,
        .argument = worker,
        .stack_reserve = worker->pool->stack.StackReserve,
        .stack_commit = worker->pool->stack.StackCommit,
    };
    struct thread *thread;
    worker->is_new = false;
    NTSTATUS status = thread_create(&parameters, &thread);
    if (NT_SUCCESS(status))
        thread_release(thread);
    else
        give_up(worker);
    return status;
}

void pool_call_worker(struct pool_worker *worker)
{
    if (!worker)
        return;
    TP_POOL *pool = worker->pool;
    if (worker->is_new)
        start_worker(worker);
    else
        waitable_set(&worker->call);
    pool_release(pool);
}

/* Limits */

/* Idle threads look whether they are still needed. */
static void call_all_idle(TP_POOL *pool)
{
    for (;;) {
        lock_acquire(&pool->lock);
        struct pool_worker *worker = pool->idle;
        if (worker) {
            unlink_idle(worker);
            expect(worker);
            pool_retain(pool);
        }
        lock_release(&pool->lock);
        if (!worker)
            return;
        pool_call_worker(worker);
    }
}

/* Its threads end when the objects that belong to it have no use for them. */
void WINAPI TpReleasePool(TP_POOL *pool)
{
    lock_acquire(&pool->lock);
    pool->closed = true;
    pool->minimum = 0;
    lock_release(&pool->lock);
    call_all_idle(pool);
    pool_release(pool);
}

void WINAPI TpSetPoolMaxThreads(TP_POOL *pool, ULONG maximum)
{
    lock_acquire(&pool->lock);
    pool->maximum = max(maximum, 1u);
    pool->minimum = min(pool->minimum, pool->maximum);
    struct pool_worker *worker = pool_find_worker(pool);
    lock_release(&pool->lock);
    pool_call_worker(worker);
}

/* The threads are made at once. */
NTSTATUS WINAPI TpSetPoolMinThreads(TP_POOL *pool, ULONG minimum)
{
    NTSTATUS status = STATUS_SUCCESS;
    for (bool is_enough = false; !is_enough && NT_SUCCESS(status);) {
        lock_acquire(&pool->lock);
        pool->minimum = minimum;
        pool->maximum = max(pool->maximum, minimum);
        is_enough = pool->workers >= minimum;
        struct pool_worker *worker = is_enough ? NULL : add_worker(pool);
        if (worker)
            expect(worker);
        lock_release(&pool->lock);
        if (!is_enough)
            status = worker ? start_worker(worker) : STATUS_NO_MEMORY;
    }
    return status;
}

NTSTATUS WINAPI TpSetPoolStackInformation(TP_POOL *pool, const TP_POOL_STACK_INFORMATION *information)
{
    lock_acquire(&pool->lock);
    pool->stack = *information;
    lock_release(&pool->lock);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI TpQueryPoolStackInformation(TP_POOL *pool, TP_POOL_STACK_INFORMATION *information)
{
    lock_acquire(&pool->lock);
    *information = pool->stack;
    lock_release(&pool->lock);
    return STATUS_SUCCESS;
}
