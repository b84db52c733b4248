#include <stdlib.h>
#include "dlls/ntdll/threadpool.h"

struct _TP_CLEANUP_GROUP {
    uint32_t
        references; /* atomic: its owner's, and one of each object that was ever a member, while it lives */
    struct lock lock;
    struct pool_object *members;
};

NTSTATUS WINAPI TpAllocCleanupGroup(TP_CLEANUP_GROUP **result)
{
    TP_CLEANUP_GROUP *group = calloc(1, sizeof *group);
    if (!group)
        return STATUS_NO_MEMORY;
    group->references = 1;
    *result = group;
    return STATUS_SUCCESS;
}

void WINAPI TpReleaseCleanupGroup(TP_CLEANUP_GROUP *group)
{
    if (__atomic_sub_fetch(&group->references, 1, __ATOMIC_ACQ_REL) == 0)
        free(group);
}

void pool_group_join(struct pool_object *object)
{
    TP_CLEANUP_GROUP *group = object->group;
    __atomic_fetch_add(&group->references, 1, __ATOMIC_RELAXED);
    lock_acquire(&group->lock);
    object->is_member = true;
    object->previous_member = NULL;
    object->next_member = group->members;
    if (object->next_member)
        object->next_member->previous_member = object;
    group->members = object;
    lock_release(&group->lock);
}

/* Under the group's lock. */
static void unlink_member(struct pool_object *object)
{
    *(object->previous_member ? &object->previous_member->next_member : &object->group->members) =
        object->next_member;
    if (object->next_member)
        object->next_member->previous_member = object->previous_member;
    object->is_member = false;
}

void pool_group_leave(struct pool_object *object)
{
    TP_CLEANUP_GROUP *group = object->group;
    if (!group)
        return;
    lock_acquire(&group->lock);
    if (object->is_member)
        unlink_member(object);
    lock_release(&group->lock);
}

/* Not one whose last reference is gone already, and which is about to leave by itself. */
static bool try_retain(struct pool_object *object)
{
    uint32_t references = __atomic_load_n(&object->references, __ATOMIC_RELAXED);
    while (references && !__atomic_compare_exchange_n(&object->references, &references, references + 1, true,
                                                      __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        continue;
    return references > 0;
}

/* Takes all members out of the group, with a reference to each. */
static struct pool_object *take_members(TP_CLEANUP_GROUP *group)
{
    struct pool_object *taken = NULL, *next;
    lock_acquire(&group->lock);
    for (struct pool_object *object = group->members; object; object = next) {
        next = object->next_member;
        if (!try_retain(object))
            continue;
        unlink_member(object);
        object->next_member = taken;
        taken = object;
    }
    lock_release(&group->lock);
    return taken;
}

/* A simple callback has nobody who could close it: that it is cancelled is the end of it. */
static void release_member(struct pool_object *object, bool cancel, bool was_cancelled, void *context)
{
    bool is_mine = !__atomic_exchange_n(&object->closed, true, __ATOMIC_ACQ_REL);
    if (cancel && object->cancel_callback && (is_mine || was_cancelled))
        object->cancel_callback(object->context, context);
    pool_object_release(object, 1 + is_mine);
}

/* Callbacks are all stopped before any is waited for, and told of when all have ended. The order of the
 * members is that of their creation. */
void WINAPI TpReleaseCleanupGroupMembers(TP_CLEANUP_GROUP *group, ULONG cancel, void *context)
{
    struct pool_object *members = take_members(group), *next;
    for (struct pool_object *object = members; object; object = object->next_member) {
        pool_object_stop(object);
        bool is_simple = __atomic_load_n(&object->closed, __ATOMIC_ACQUIRE);
        object->was_cancelled = cancel && pool_cancel(object) && is_simple;
    }
    for (struct pool_object *object = members; object; object = object->next_member)
        pool_wait_for_all(object);
    for (struct pool_object *object = members; object; object = next) {
        next = object->next_member;
        release_member(object, cancel, object->was_cancelled, context);
    }
}
