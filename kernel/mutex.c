#include <stdlib.h>

#include "kernel/handle.h"
#include "kernel/mutex.h"
#include "kernel/peer.h"
#include "kernel/shared_wait.h"
#include "kernel/thread.h"

/* Signaled while it has no owner. `owner` is set and cleared so that only the owner itself can ever find
 * itself there; `recursion` and the links belong to the owner. */
struct mutex {
    struct waitable waitable;
    struct thread *owner; /* atomic; NULL where it is in another process */
    uint32_t recursion;
    bool abandoned;                /* under the lock, or by who takes the mutex */
    struct mutex *next, *previous; /* in the owner's list */
};

/* Closing the last handle of an owned mutex deletes it. Only the owner may touch its list, so another thread
 * leaves the memory to the owner, by this mark in place of the owner's address. To other processes a shared
 * one is still owned: then the owner itself leaves it to its end, too. */
#define ORPHANED ((struct thread *)1)

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

/* In the page of a shared mutex. It has an owner while OWNER, a thread, is not 0; whatever else tells of the
 * owner is written before that. */
enum { OWNER, OWNING_PROCESS, OWNING_PROCESS_START, RECURSION, ABANDONED };

static struct peer owning_process(const uint32_t *words)
{
    return (struct peer){words[OWNING_PROCESS], words[OWNING_PROCESS_START]};
}

static void store_word(uint32_t *word, uint32_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static void store_owner(uint32_t *words, uint32_t thread, uint32_t recursion)
{
    const struct peer *self = peer_self();
    store_word(&words[OWNING_PROCESS], self->id);
    store_word(&words[OWNING_PROCESS_START], self->start);
    store_word(&words[RECURSION], recursion);
    store_word(&words[OWNER], thread);
    store_word(&words[ABANDONED], false);
}

static bool mutex_load(struct waitable *object, const uint32_t *words)
{
    ((struct mutex *)object)->abandoned = words[ABANDONED];
    return !words[OWNER];
}

static void mutex_store(const struct waitable *object, uint32_t *words)
{
    const struct mutex *mutex = (const struct mutex *)object;
    const struct thread *owner = __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED);
    struct peer owning = owning_process(words);
    if (waitable_is_signaled(object)) {
        store_word(&words[ABANDONED], mutex->abandoned);
        store_word(&words[OWNER], 0);
    } else if (owner && owner != ORPHANED &&
               (words[OWNER] != owner->id || !peer_equal(&owning, peer_self()))) {
        store_owner(words, owner->id, 1);
    }
}

/* By the owner, without the lock, or by who acts for it. */
static uint32_t change_recursion(struct mutex *mutex, int change)
{
    mutex->recursion += change;
    if (waitable_is_shared(&mutex->waitable))
        store_word(&shared_wait_state(&mutex->waitable)[RECURSION], mutex->recursion);
    return mutex->recursion;
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
        change_recursion(mutex, 1);
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
        change_recursion(mutex, 1);
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

static void free_mutex(struct mutex *mutex)
{
    shared_wait_leave(&mutex->waitable);
    free(mutex);
}

static void mutex_destroy(struct object *object)
{
    struct mutex *mutex = (struct mutex *)object;
    struct shared_wait *shared = mutex->waitable.shared;
    if (shared && __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED))
        shared_file_leave(&shared->file, true); /* its name does not wait for the owner */
    struct thread *owner = __atomic_exchange_n(&mutex->owner, ORPHANED, __ATOMIC_ACQ_REL);
    if (owner && (shared || owner != thread_current()))
        return;
    if (owner)
        unlink_from_owner(mutex, owner);
    free_mutex(mutex);
}

static void abandon(struct mutex *mutex)
{
    waitable_lock(&mutex->waitable);
    set_owner(mutex, NULL);
    mutex->recursion = 0;
    mutex->abandoned = true;
    waitable_unlock(&mutex->waitable, true);
}

/* Processes that end without a word */

static void abandon_if_owned_by(struct waitable *object, void *process)
{
    waitable_lock(object);
    const uint32_t *words = shared_wait_state(object);
    struct peer owning = owning_process(words);
    bool is_owned = words[OWNER] && peer_equal(&owning, process);
    if (is_owned)
        ((struct mutex *)object)->abandoned = true;
    waitable_unlock(object, is_owned || waitable_is_signaled(object));
}

static void owner_has_ended(const struct peer *process)
{
    struct peer ended = *process;
    shared_wait_for_each(&mutex_type, abandon_if_owned_by, &ended);
}

/* Whoever waits for the mutex hears of it if the owner's process ends. */
static int64_t mutex_watch(struct waitable *object)
{
    if (!waitable_is_shared(object))
        return WAIT_NEVER;
    waitable_lock(object);
    const uint32_t *words = shared_wait_state(object);
    bool is_owned = words[OWNER];
    struct peer owning = owning_process(words);
    waitable_unlock(object, waitable_is_signaled(object));
    if (is_owned && !peer_equal(&owning, peer_self()) && !peer_watch(&owning, owner_has_ended))
        abandon_if_owned_by(object, &owning);
    return WAIT_NEVER;
}

/* Sharing */

/* The owner may be about to say that it is one, or that it is none any more: it says so in the page then. */
static void prepare_page(const struct waitable *object, struct shared_words *words)
{
    uint32_t recursion = __atomic_load_n(&((const struct mutex *)object)->recursion, __ATOMIC_RELAXED);
    if (!waitable_is_signaled(object))
        store_owner(words->state, peer_self()->id, recursion);
}

static NTSTATUS mutex_share(struct object *object, struct shared_file *file)
{
    return shared_wait_share((struct waitable *)object, file, prepare_page);
}

static NTSTATUS mutex_adopt(struct shared_file *file, struct object **object)
{
    struct mutex *mutex = calloc(1, sizeof *mutex);
    if (!mutex)
        return STATUS_NO_MEMORY;
    waitable_initialize(&mutex->waitable, &mutex_type, false);
    NTSTATUS status = shared_wait_adopt(&mutex->waitable, file);
    if (!NT_SUCCESS(status))
        free(mutex);
    *object = &mutex->waitable.object;
    return status;
}

static const struct wait_operations mutex_waits = {
    .ready = mutex_ready,
    .take = mutex_take,
    .try_take = mutex_try_take,
    .taken = mutex_taken,
    .watch = mutex_watch,
    .load = mutex_load,
    .store = mutex_store,
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
    .shared_kind = SHARED_MUTEX,
    .share = mutex_share,
    .adopt = mutex_adopt,
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

/* A process that has been killed, and not noticed yet, may have lost the mutex already. */
static void release_shared(struct mutex *mutex, struct thread *thread)
{
    struct waitable *object = &mutex->waitable;
    if (change_recursion(mutex, -1))
        return;
    unlink_from_owner(mutex, thread);
    set_owner(mutex, NULL);
    waitable_lock(object);
    struct peer owning = owning_process(shared_wait_state(object));
    waitable_unlock(object, peer_equal(&owning, peer_self()) || waitable_is_signaled(object));
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
    if (waitable_is_shared(&mutex->waitable)) {
        release_shared(mutex, thread);
    } else if (--mutex->recursion == 0) {
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
    mutex_watch(&mutex->waitable);
    bool is_free = waitable_query(&mutex->waitable);
    uint32_t recursion =
        __atomic_load_n(waitable_is_shared(&mutex->waitable) ? &shared_wait_state(&mutex->waitable)[RECURSION]
                                                             : &mutex->recursion,
                        __ATOMIC_RELAXED);
    *count = is_free ? 1 : 1 - (LONG)recursion;
    *owned_by_caller = owned_by(mutex, thread_current());
    *abandoned = __atomic_load_n(&mutex->abandoned, __ATOMIC_RELAXED);
    object_release(mutex);
    return STATUS_SUCCESS;
}

void mutex_abandon_all(struct thread *thread)
{
    struct mutex *mutex;
    while ((mutex = thread->owned)) {
        unlink_from_owner(mutex, thread);
        if (object_retain_living(mutex)) {
            abandon(mutex);
            object_release(mutex);
            continue;
        }
        bool is_orphan = __atomic_exchange_n(&mutex->owner, NULL, __ATOMIC_ACQ_REL) == ORPHANED;
        if (waitable_is_shared(&mutex->waitable))
            abandon(mutex);
        /* Otherwise who destroys it has yet to see that it has no owner, and frees it. */
        if (is_orphan)
            free_mutex(mutex);
    }
}
