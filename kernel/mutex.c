#include <stdlib.h>

#include "kernel/handle.h"
#include "kernel/mutex.h"
#include "kernel/thread.h"

/* Signaled while it has no owner. `owner` is set and cleared so that only the owner itself can ever find
 * itself there; `recursion` and the links belong to the owner. */
struct mutex {
    struct waitable waitable;
    struct thread *owner; /* atomic */
    uint32_t recursion;
    bool abandoned;                /* under the lock, or by who takes the mutex */
    struct mutex *next, *previous; /* in the owner's list */
};

static bool owned_by(const struct mutex *mutex, const struct thread *thread)
{
    return __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED) == thread;
}

static void set_owner(struct mutex *mutex, struct thread *thread)
{
    __atomic_store_n(&mutex->owner, thread, __ATOMIC_RELAXED);
}

static void link_to_owner(struct mutex *mutex, struct thread *thread)
{
    mutex->previous = NULL;
    mutex->next = thread->owned;
    if (mutex->next)
        mutex->next->previous = mutex;
    thread->owned = mutex;
}

static void unlink_from_owner(struct mutex *mutex, struct thread *thread)
{
    *(mutex->previous ? &mutex->previous->next : &thread->owned) = mutex->next;
    if (mutex->next)
        mutex->next->previous = mutex->previous;
}

static bool mutex_ready(const struct waitable *object, const struct thread *thread)
{
    return waitable_is_signaled(object) || owned_by((const struct mutex *)object, thread);
}

static bool mutex_take(struct waitable *object, struct thread *thread)
{
    struct mutex *mutex = (struct mutex *)object;
    bool abandoned = mutex->abandoned;
    mutex->abandoned = false;
    if (owned_by(mutex, thread)) {
        mutex->recursion++;
        return false;
    }
    set_owner(mutex, thread);
    mutex->recursion = 1;
    __atomic_fetch_and(&object->state, ~(uint32_t)WAITABLE_SIGNALED, __ATOMIC_RELAXED);
    return abandoned;
}

static bool mutex_try_take(struct waitable *object, struct thread *thread)
{
    struct mutex *mutex = (struct mutex *)object;
    if (owned_by(mutex, thread)) {
        mutex->recursion++;
        return true;
    }
    uint32_t state = __atomic_load_n(&object->state, __ATOMIC_RELAXED);
    if (state != WAITABLE_SIGNALED || __atomic_load_n(&mutex->abandoned, __ATOMIC_RELAXED) ||
        !__atomic_compare_exchange_n(&object->state, &state, 0, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    set_owner(mutex, thread);
    mutex->recursion = 1;
    link_to_owner(mutex, thread);
    return true;
}

static void mutex_taken(struct waitable *object, struct thread *thread)
{
    struct mutex *mutex = (struct mutex *)object;
    if (mutex->recursion == 1)
        link_to_owner(mutex, thread);
}

/* Closing the last handle of an owned mutex deletes it. Only the owner may touch its list, so another thread
 * leaves the memory to the owner, by this mark in place of the owner's address. */
#define ORPHANED ((struct thread *)1)

static void mutex_destroy(struct object *object)
{
    struct mutex *mutex = (struct mutex *)object;
    struct thread *owner = __atomic_exchange_n(&mutex->owner, ORPHANED, __ATOMIC_ACQ_REL);
    if (owner && owner != thread_current())
        return;
    if (owner)
        unlink_from_owner(mutex, owner);
    free(mutex);
}

static const struct wait_operations mutex_waits = {
    .ready = mutex_ready,
    .take = mutex_take,
    .try_take = mutex_try_take,
    .taken = mutex_taken,
};

const struct object_type mutex_type = {
    .name = "Mutant",
    .destroy = mutex_destroy,
    .wait = &mutex_waits,
    .access =
        {
            .GenericRead = STANDARD_RIGHTS_READ | MUTANT_QUERY_STATE,
            .GenericWrite = STANDARD_RIGHTS_WRITE,
            .GenericExecute = STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE,
            .GenericAll = MUTANT_ALL_ACCESS,
        },
};

NTSTATUS mutex_create(const struct object_request *request, bool initially_owned, HANDLE *handle)
{
    struct mutex *mutex = calloc(1, sizeof *mutex);
    if (!mutex)
        return STATUS_NO_MEMORY;
    waitable_initialize(&mutex->waitable, &mutex_type, !initially_owned);
    if (initially_owned) {
        mutex->owner = thread_current();
        mutex->recursion = 1;
        link_to_owner(mutex, mutex->owner);
    }
    return named_create(request, &mutex->waitable.object, handle);
}

NTSTATUS mutex_open(const struct object_request *request, HANDLE *handle)
{
    return named_open(request, &mutex_type, handle);
}

NTSTATUS mutex_release(HANDLE handle, LONG *previous)
{
    struct mutex *mutex;
    struct thread *thread = thread_current();
    NTSTATUS status = handle_reference(handle, &mutex_type, 0, &mutex);
    if (!NT_SUCCESS(status))
        return status;
    if (!owned_by(mutex, thread)) {
        object_release(mutex);
        return STATUS_MUTANT_NOT_OWNED;
    }
    if (previous)
        *previous = 1 - (LONG)mutex->recursion;
    if (--mutex->recursion == 0) {
        unlink_from_owner(mutex, thread);
        set_owner(mutex, NULL);
        waitable_set(&mutex->waitable);
    }
    object_release(mutex);
    return STATUS_SUCCESS;
}

NTSTATUS mutex_query(HANDLE handle, LONG *count, bool *owned_by_caller, bool *abandoned)
{
    struct mutex *mutex;
    NTSTATUS status = handle_reference(handle, &mutex_type, MUTANT_QUERY_STATE, &mutex);
    if (!NT_SUCCESS(status))
        return status;
    *count = 1 - (LONG)__atomic_load_n(&mutex->recursion, __ATOMIC_RELAXED);
    *owned_by_caller = owned_by(mutex, thread_current());
    *abandoned = __atomic_load_n(&mutex->abandoned, __ATOMIC_RELAXED);
    object_release(mutex);
    return STATUS_SUCCESS;
}

static bool retain_living(struct mutex *mutex)
{
    uint64_t *references = &mutex->waitable.object.references;
    uint64_t count = __atomic_load_n(references, __ATOMIC_RELAXED);
    while (count)
        if (__atomic_compare_exchange_n(references, &count, count + 1, true, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return true;
    return false;
}

static void abandon(struct mutex *mutex)
{
    waitable_lock(&mutex->waitable);
    set_owner(mutex, NULL);
    mutex->recursion = 0;
    mutex->abandoned = true;
    waitable_unlock(&mutex->waitable, true);
}

void mutex_abandon_all(struct thread *thread)
{
    struct mutex *mutex;
    while ((mutex = thread->owned)) {
        unlink_from_owner(mutex, thread);
        if (retain_living(mutex)) {
            abandon(mutex);
            object_release(mutex);
        } else if (__atomic_exchange_n(&mutex->owner, NULL, __ATOMIC_ACQ_REL) == ORPHANED) {
            /* Otherwise who destroys it has yet to see that it has no owner, and frees it. */
            free(mutex);
        }
    }
}
