#include <stdlib.h>

#include "kernel/handle.h"
#include "kernel/semaphore.h"
#include "kernel/shared_wait.h"

/* The headers lack the name of the right that NtQuerySemaphore asks for. */
enum { QUERY_STATE = 1 };

struct semaphore {
    struct waitable waitable;
    LONG count, maximum; /* `count` under the lock; the object is signaled while it is above 0 */
};

static bool semaphore_take(struct waitable *object, struct thread *thread)
{
    if (--((struct semaphore *)object)->count == 0)
        __atomic_fetch_and(&object->state, ~(uint32_t)WAITABLE_SIGNALED, __ATOMIC_RELAXED);
    return false;
}

/* The count is not part of the state word, so this takes the lock; but nobody is to be woken. */
static bool semaphore_try_take(struct waitable *object, struct thread *thread)
{
    struct semaphore *semaphore = (struct semaphore *)object;
    if (!waitable_is_signaled(object))
        return false;
    waitable_lock(object);
    bool taken = semaphore->count > 0;
    semaphore->count -= taken;
    waitable_unlock(object, semaphore->count > 0);
    return taken;
}

/* In the page of a shared semaphore. */
enum { COUNT, MAXIMUM };

static bool semaphore_load(struct waitable *object, const uint32_t *words)
{
    struct semaphore *semaphore = (struct semaphore *)object;
    LONG count = words[COUNT];
    semaphore->count = count < 0 ? 0 : min(count, semaphore->maximum);
    return semaphore->count > 0;
}

static void semaphore_store(const struct waitable *object, uint32_t *words)
{
    __atomic_store_n(&words[COUNT], ((const struct semaphore *)object)->count, __ATOMIC_RELAXED);
}

/* If the maximum has been reached since, the unit is lost at the next `load`. */
static void semaphore_put_back(struct waitable *object)
{
    ((struct semaphore *)object)->count++;
    __atomic_fetch_or(&object->state, WAITABLE_SIGNALED, __ATOMIC_RELAXED);
}

static const struct wait_operations semaphore_waits = {
    .take = semaphore_take,
    .try_take = semaphore_try_take,
    .load = semaphore_load,
    .store = semaphore_store,
    .put_back = semaphore_put_back,
};

static void prepare_page(const struct waitable *object, struct shared_words *words)
{
    words->state[MAXIMUM] = ((const struct semaphore *)object)->maximum;
}

static NTSTATUS semaphore_share(struct object *object, struct shared_file *file)
{
    return shared_wait_share((struct waitable *)object, file, prepare_page);
}

static NTSTATUS semaphore_adopt(struct shared_file *file, struct object **object)
{
    struct semaphore *semaphore = malloc(sizeof *semaphore);
    if (!semaphore)
        return STATUS_NO_MEMORY;
    waitable_initialize(&semaphore->waitable, &semaphore_type, false);
    NTSTATUS status = shared_wait_adopt(&semaphore->waitable, file);
    if (NT_SUCCESS(status))
        semaphore->maximum = shared_wait_state(&semaphore->waitable)[MAXIMUM];
    else
        free(semaphore);
    *object = &semaphore->waitable.object;
    return status;
}

static void semaphore_destroy(struct object *object)
{
    shared_wait_leave((struct waitable *)object);
    free(object);
}

const struct object_type semaphore_type = {
    .name = "Semaphore",
    .destroy = semaphore_destroy,
    .wait = &semaphore_waits,
    .access =
        {
            .GenericRead = STANDARD_RIGHTS_READ | QUERY_STATE,
            .GenericWrite = STANDARD_RIGHTS_WRITE | SEMAPHORE_MODIFY_STATE,
            .GenericExecute = STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE,
            .GenericAll = SEMAPHORE_ALL_ACCESS,
        },
    .shared_kind = SHARED_SEMAPHORE,
    .share = semaphore_share,
    .adopt = semaphore_adopt,
};

NTSTATUS semaphore_create(const struct object_request *request, LONG initial, LONG maximum, HANDLE *handle)
{
    if (maximum <= 0 || initial < 0 || initial > maximum)
        return STATUS_INVALID_PARAMETER;
    struct semaphore *semaphore = malloc(sizeof *semaphore);
    if (!semaphore)
        return STATUS_NO_MEMORY;
    waitable_initialize(&semaphore->waitable, &semaphore_type, initial > 0);
    semaphore->count = initial;
    semaphore->maximum = maximum;
    return named_create(request, &semaphore->waitable.object, handle);
}

NTSTATUS semaphore_open(const struct object_request *request, HANDLE *handle)
{
    return named_open(request, &semaphore_type, handle);
}

NTSTATUS semaphore_release(HANDLE handle, LONG count, LONG *previous)
{
    struct semaphore *semaphore;
    if (count <= 0)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = handle_reference(handle, &semaphore_type, SEMAPHORE_MODIFY_STATE, &semaphore);
    if (!NT_SUCCESS(status))
        return status;
    waitable_lock(&semaphore->waitable);
    LONG present = semaphore->count;
    if (count > semaphore->maximum - present)
        status = STATUS_SEMAPHORE_LIMIT_EXCEEDED;
    else
        semaphore->count = present + count;
    waitable_unlock(&semaphore->waitable, semaphore->count > 0);
    if (previous && NT_SUCCESS(status))
        *previous = present;
    object_release(semaphore);
    return status;
}

NTSTATUS semaphore_query(HANDLE handle, LONG *count, LONG *maximum)
{
    struct semaphore *semaphore;
    NTSTATUS status = handle_reference(handle, &semaphore_type, QUERY_STATE, &semaphore);
    if (!NT_SUCCESS(status))
        return status;
    waitable_query(&semaphore->waitable); /* brings the count up to date */
    *count = __atomic_load_n(&semaphore->count, __ATOMIC_RELAXED);
    *maximum = semaphore->maximum;
    object_release(semaphore);
    return STATUS_SUCCESS;
}
