#include <limits.h>
#include <stdlib.h>
#include "dlls/ntdll/threadpool.h"
#include "kernel/event.h"
#include "kernel/handle.h"
#include "kernel/suspend.h"
#include "loader/load.h"

/* An object's life */

static NTSTATUS apply_environment(struct pool_object *object, const TP_CALLBACK_ENVIRON *environment)
{
    if (environment->Version != 1 && environment->Version != 3)
        return STATUS_INVALID_PARAMETER;
    if (environment->Version == 3) {
        object->priority = environment->CallbackPriority;
        if ((unsigned)object->priority >= TP_CALLBACK_PRIORITY_COUNT)
            return STATUS_INVALID_PARAMETER;
    }
    if (environment->RaceDll && !(object->library = module_from_handle(environment->RaceDll)))
        return STATUS_DLL_NOT_FOUND;
    if (environment->Pool)
        object->pool = environment->Pool;
    object->group = environment->CleanupGroup;
    object->cancel_callback = environment->CleanupGroupCancelCallback;
    object->finalization = environment->FinalizationCallback;
    object->is_long = environment->u.s.LongFunction;
    return STATUS_SUCCESS;
}

NTSTATUS pool_object_initialize(struct pool_object *object, const struct pool_object_type *type,
                                void *context, const TP_CALLBACK_ENVIRON *environment)
{
    *object = (struct pool_object){
        .type = type,
        .pool = &default_pool,
        .references = 1,
        .context = context,
        .priority = TP_CALLBACK_PRIORITY_NORMAL,
    };
    NTSTATUS status = environment ? apply_environment(object, environment) : STATUS_SUCCESS;
    if (!NT_SUCCESS(status))
        return status;
    pool_retain(object->pool);
    if (object->group)
        pool_group_join(object);
    return STATUS_SUCCESS;
}

void pool_object_release(struct pool_object *object, ULONG count)
{
    if (!count || __atomic_sub_fetch(&object->references, count, __ATOMIC_ACQ_REL) > 0)
        return;
    TP_POOL *pool = object->pool;
    pool_group_leave(object);
    if (object->group)
        TpReleaseCleanupGroup(object->group);
    if (object->type->destroy)
        object->type->destroy(object);
    free(object);
    pool_release(pool);
}

/* Those who start a timer or a wait look at `ended` under the same lock that stopping takes. */
void pool_object_stop(struct pool_object *object)
{
    __atomic_store_n(&object->ended, true, __ATOMIC_RELEASE);
    if (object->type->stop)
        object->type->stop(object);
}

void pool_object_close(struct pool_object *object)
{
    if (__atomic_exchange_n(&object->closed, true, __ATOMIC_ACQ_REL))
        return;
    pool_object_stop(object);
    pool_group_leave(object);
    pool_object_release(object, 1);
}

/* The library that must stay */

void pool_hold_library(struct pool_object *object)
{
    if (object->library)
        load_count_reference(object->library, false);
}

void pool_release_library(struct pool_object *object, ULONG count)
{
    while (object->library && count-- > 0)
        load_free_library(object->library);
}

/* The queues; under the pool's lock */

static void enqueue(struct pool_object *object)
{
    struct pool_queue *queue = &object->pool->queues[object->priority];
    object->next = NULL;
    object->previous = queue->last;
    *(queue->last ? &queue->last->next : &queue->first) = object;
    queue->last = object;
}

static void dequeue(struct pool_object *object)
{
    struct pool_queue *queue = &object->pool->queues[object->priority];
    *(object->previous ? &object->previous->next : &queue->first) = object->next;
    *(object->next ? &object->next->previous : &queue->last) = object->previous;
}

/* An object with several callbacks takes its turn with the others of its priority. */
struct pool_object *pool_take(TP_POOL *pool)
{
    struct pool_object *object = NULL;
    for (unsigned priority = 0; priority < TP_CALLBACK_PRIORITY_COUNT && !object; priority++)
        object = pool->queues[priority].first;
    if (!object)
        return NULL;
    dequeue(object);
    pool->pending--;
    pool->progress++;
    pool->running_long += object->is_long;
    object->running++;
    if (--object->pending)
        enqueue(object);
    return object;
}

static bool is_busy(const struct pool_object *object)
{
    return object->expected || object->pending || object->running > object->dissociated;
}

/* Releases the pool's lock and wakes those who wait, if that is over. Whoever waits for more looks again, and
 * sleeps until the next time. The caller has a reference. */
static void unlock_and_wake(struct pool_object *object)
{
    bool is_over = object->is_awaited && !is_busy(object);
    if (is_over) {
        object->is_awaited = false;
        object->idle++;
    }
    lock_release(&object->pool->lock);
    if (is_over)
        futex_wake(&object->idle, INT_MAX);
}

/* Callbacks */

/* Under the pool's lock. */
static struct pool_worker *add_pending(struct pool_object *object)
{
    object->pool->pending++;
    if (object->pending++ == 0)
        enqueue(object);
    return pool_find_worker(object->pool);
}

struct pool_worker *pool_post_begin(struct pool_object *object)
{
    TP_POOL *pool = object->pool;
    pool_object_retain(object);
    lock_acquire(&pool->lock);
    struct pool_worker *worker = add_pending(object);
    lock_release(&pool->lock);
    return worker;
}

bool pool_post_expected(struct pool_object *object)
{
    TP_POOL *pool = object->pool;
    struct pool_worker *worker = NULL;
    pool_hold_library(object);
    lock_acquire(&pool->lock);
    bool was_expected = object->expected > 0;
    if (was_expected) {
        object->expected--;
        worker = add_pending(object);
    }
    lock_release(&pool->lock);
    pool_call_worker(worker);
    if (!was_expected)
        pool_release_library(object, 1);
    return was_expected;
}

void pool_post(struct pool_object *object)
{
    pool_hold_library(object);
    pool_call_worker(pool_post_begin(object));
}

void pool_run_begin(struct pool_object *object)
{
    TP_POOL *pool = object->pool;
    pool_object_retain(object);
    lock_acquire(&pool->lock);
    object->running++;
    lock_release(&pool->lock);
}

static void finish(TP_CALLBACK_INSTANCE *instance)
{
    struct pool_object *object = instance->object;
    lock_acquire(&object->pool->lock);
    object->running--;
    object->dissociated -= instance->dissociated;
    object->pool->running_long -= instance->is_long;
    unlock_and_wake(object);
    pool_release_library(object, 1);
    pool_object_release(object, 1);
}

void pool_run(struct pool_object *object, bool is_worker)
{
    TP_CALLBACK_INSTANCE instance = {
        .object = object,
        .is_worker = is_worker,
        .is_long = is_worker && object->is_long,
    };
    object->type->call(object, &instance);
    pool_instance_complete(&instance);
    if (object->finalization)
        object->finalization(&instance, object->context);
    finish(&instance);
    pool_instance_free_library(&instance);
}

/* The callback is not waited for any more, though it goes on. */
void WINAPI TpDisassociateCallback(TP_CALLBACK_INSTANCE *instance)
{
    struct pool_object *object = instance->object;
    if (instance->dissociated)
        return;
    instance->dissociated = true;
    lock_acquire(&object->pool->lock);
    object->dissociated++;
    unlock_and_wake(object);
}

/* Waiting */

ULONG pool_cancel(struct pool_object *object)
{
    TP_POOL *pool = object->pool;
    lock_acquire(&pool->lock);
    ULONG pending = object->pending, expected = object->expected;
    if (pending)
        dequeue(object);
    if (pending && object->type->drop)
        object->type->drop(object, pending);
    pool->pending -= pending;
    object->pending = object->expected = 0;
    unlock_and_wake(object);
    pool_release_library(object, pending);
    pool_object_release(object, pending + expected);
    return pending + expected;
}

void pool_expect(struct pool_object *object)
{
    pool_object_retain(object);
    lock_acquire(&object->pool->lock);
    object->expected++;
    lock_release(&object->pool->lock);
}

void pool_expect_no_more(struct pool_object *object)
{
    lock_acquire(&object->pool->lock);
    bool was_expected = object->expected > 0;
    object->expected -= was_expected;
    unlock_and_wake(object);
    pool_object_release(object, was_expected);
}

bool pool_is_busy(struct pool_object *object)
{
    lock_acquire(&object->pool->lock);
    bool busy = is_busy(object);
    lock_release(&object->pool->lock);
    return busy;
}

static void wait_until_idle(struct pool_object *object, bool for_dissociated)
{
    struct lock *lock = &object->pool->lock;
    lock_acquire(lock);
    while (is_busy(object) || (for_dissociated && object->dissociated)) {
        uint32_t idle = object->idle;
        object->is_awaited = true;
        lock_release(lock);
        futex_wait(&object->idle, idle, NULL);
        suspend_checkpoint();
        lock_acquire(lock);
    }
    lock_release(lock);
}

void pool_wait_until_idle(struct pool_object *object)
{
    wait_until_idle(object, false);
}

void pool_wait_for_all(struct pool_object *object)
{
    wait_until_idle(object, true);
}

/* A callback may close the object while it is being waited for. */
void pool_wait_for(struct pool_object *object, bool cancel)
{
    pool_object_retain(object);
    if (cancel)
        pool_cancel(object);
    pool_wait_until_idle(object);
    pool_object_release(object, 1);
}

/* The end of old timers and waits */

NTSTATUS pool_reference_event(HANDLE handle, struct object **event)
{
    *event = NULL;
    if (!handle || handle == INVALID_HANDLE_VALUE)
        return STATUS_SUCCESS;
    return handle_reference(handle, &event_type, EVENT_MODIFY_STATE, event);
}

NTSTATUS pool_object_end(struct pool_object *object, HANDLE completion, struct object **event)
{
    NTSTATUS status = pool_reference_event(completion, event);
    if (!NT_SUCCESS(status))
        return status;
    pool_object_retain(object);
    pool_object_close(object);
    if (completion == INVALID_HANDLE_VALUE)
        pool_wait_until_idle(object);
    status = pool_is_busy(object) ? STATUS_PENDING : STATUS_SUCCESS;
    pool_object_release(object, 1);
    return status;
}
