#include <stdlib.h>
#include "dlls/ntdll/threadpool.h"

/* Work objects */

struct _TP_WORK {
    struct pool_object object;
    PTP_WORK_CALLBACK callback;
};

static void call_work(struct pool_object *object, TP_CALLBACK_INSTANCE *instance)
{
    TP_WORK *work = (TP_WORK *)object;
    work->callback(instance, object->context, work);
}

static const struct pool_object_type work_type = {.call = call_work};

NTSTATUS WINAPI TpAllocWork(TP_WORK **result, PTP_WORK_CALLBACK callback, void *context,
                            TP_CALLBACK_ENVIRON *environment)
{
    TP_WORK *work = malloc(sizeof *work);
    if (!work)
        return STATUS_NO_MEMORY;
    NTSTATUS status = pool_object_initialize(&work->object, &work_type, context, environment);
    if (!NT_SUCCESS(status)) {
        free(work);
        return status;
    }
    work->callback = callback;
    *result = work;
    return STATUS_SUCCESS;
}

void WINAPI TpPostWork(TP_WORK *work)
{
    pool_post(&work->object);
}

void WINAPI TpWaitForWork(TP_WORK *work, BOOL cancel)
{
    pool_wait_for(&work->object, cancel);
}

void WINAPI TpReleaseWork(TP_WORK *work)
{
    pool_object_close(&work->object);
}

/* Callbacks without an object that the program sees */

struct simple {
    struct pool_object object;
    PTP_SIMPLE_CALLBACK callback;
};

static void call_simple(struct pool_object *object, TP_CALLBACK_INSTANCE *instance)
{
    ((struct simple *)object)->callback(instance, object->context);
}

static const struct pool_object_type simple_type = {.call = call_simple};

/* The callback has the only reference, from then on. */
static void post_and_forget(struct pool_object *object)
{
    object->closed = true;
    pool_post(object);
    pool_object_release(object, 1);
}

NTSTATUS WINAPI TpSimpleTryPost(PTP_SIMPLE_CALLBACK callback, void *context, TP_CALLBACK_ENVIRON *environment)
{
    struct simple *simple = malloc(sizeof *simple);
    if (!simple)
        return STATUS_NO_MEMORY;
    NTSTATUS status = pool_object_initialize(&simple->object, &simple_type, context, environment);
    if (!NT_SUCCESS(status)) {
        free(simple);
        return status;
    }
    simple->callback = callback;
    post_and_forget(&simple->object);
    return STATUS_SUCCESS;
}

/* Work items of the older interface */

struct work_item {
    struct pool_object object;
    LPTHREAD_START_ROUTINE function;
};

static void call_work_item(struct pool_object *object, TP_CALLBACK_INSTANCE *instance)
{
    ((struct work_item *)object)->function(object->context);
}

static const struct pool_object_type work_item_type = {.call = call_work_item};

/* Where the flags say more than that the function may take long, every worker will do: all wait alertably
 * when they are idle. The upper half of the flags may raise the limit of threads. */
NTSTATUS WINAPI RtlQueueWorkItem(LPTHREAD_START_ROUTINE function, void *context, ULONG flags)
{
    struct work_item *item = malloc(sizeof *item);
    if (!item)
        return STATUS_NO_MEMORY;
    pool_object_initialize(&item->object, &work_item_type, context, NULL);
    item->function = function;
    item->object.is_long = flags & WT_EXECUTELONGFUNCTION;
    if (flags >> 16)
        TpSetPoolMaxThreads(&default_pool, flags >> 16);
    post_and_forget(&item->object);
    return STATUS_SUCCESS;
}
