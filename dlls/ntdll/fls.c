#include <stdlib.h>

#include "dlls/ntdll/fls.h"
#include "dlls/ntdll/sync.h"
#include "kernel/thread.h"

/* As many as Windows 10 has; the first is never given out. */
enum { SLOTS = 0xFF0, SLOTS_AT_FIRST = 128 };

/* What a thread's, or a fiber's, FlsData points to; the list is of all there are. */
struct fls_data {
    struct fls_data *next, *previous;
    ULONG capacity;
    void **values;
};

struct slot {
    bool used;
    PFLS_CALLBACK_FUNCTION callback;
};

static struct lock fls_lock; /* guards all of it, other than a thread's own values for itself */
static struct slot *slots;
static ULONG slot_count;
static struct fls_data *all_data;

static ULONG find_unused(void)
{
    ULONG index = 1;
    while (index < slot_count && slots[index].used)
        index++;
    return index;
}

static bool ensure_slot(ULONG index)
{
    if (index < slot_count)
        return true;
    ULONG count = slot_count ? min(slot_count * 2, (ULONG)SLOTS) : SLOTS_AT_FIRST;
    struct slot *grown = index < SLOTS ? realloc(slots, count * sizeof *grown) : NULL;
    if (!grown)
        return false;
    memset(grown + slot_count, 0, (count - slot_count) * sizeof *grown);
    slots = grown;
    slot_count = count;
    return true;
}

NTSTATUS WINAPI RtlFlsAlloc(PFLS_CALLBACK_FUNCTION callback, ULONG *index)
{
    lock_acquire(&fls_lock);
    ULONG unused = find_unused();
    bool found = ensure_slot(unused);
    if (found) {
        slots[unused] = (struct slot){.used = true, .callback = callback};
        *index = unused;
    }
    lock_release(&fls_lock);
    return found ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* Takes one value of a slot that is being freed; NULL where no more are left. */
static void *take_value(ULONG index)
{
    void *value = NULL;
    lock_acquire(&fls_lock);
    for (struct fls_data *data = all_data; data && !value; data = data->next)
        if (index < data->capacity)
            value = __atomic_exchange_n(&data->values[index], NULL, __ATOMIC_ACQ_REL);
    lock_release(&fls_lock);
    return value;
}

static bool is_used(ULONG index)
{
    return index > 0 && index < slot_count && slots[index].used;
}

/* The callback runs for every thread's value, here. */
NTSTATUS WINAPI RtlFlsFree(ULONG index)
{
    lock_acquire(&fls_lock);
    bool used = is_used(index);
    PFLS_CALLBACK_FUNCTION callback = used ? slots[index].callback : NULL;
    if (used)
        slots[index].callback = NULL;
    lock_release(&fls_lock);
    if (!used)
        return STATUS_INVALID_PARAMETER;
    void *value;
    while ((value = take_value(index)))
        if (callback)
            callback(value);
    lock_acquire(&fls_lock);
    slots[index].used = false;
    lock_release(&fls_lock);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlFlsGetValue(ULONG index, void **value)
{
    const struct fls_data *data = teb_current()->FlsData;
    if (index == 0 || index >= SLOTS)
        return STATUS_INVALID_PARAMETER;
    *value = data && index < data->capacity ? data->values[index] : NULL;
    return STATUS_SUCCESS;
}

static struct fls_data *ensure_data(struct teb *teb)
{
    if (!teb->FlsData) {
        struct fls_data *data = calloc(1, sizeof *data);
        if (!data)
            return NULL;
        lock_acquire(&fls_lock);
        data->next = all_data;
        if (all_data)
            all_data->previous = data;
        all_data = data;
        lock_release(&fls_lock);
        teb->FlsData = data;
    }
    return teb->FlsData;
}

static bool ensure_value(struct fls_data *data, ULONG index)
{
    if (index < data->capacity)
        return true;
    ULONG capacity = index < 32 ? 32 : SLOTS;
    lock_acquire(&fls_lock);
    void **grown = realloc(data->values, capacity * sizeof *grown);
    if (grown) {
        memset(grown + data->capacity, 0, (capacity - data->capacity) * sizeof *grown);
        data->values = grown;
        data->capacity = capacity;
    }
    lock_release(&fls_lock);
    return grown != NULL;
}

NTSTATUS WINAPI RtlFlsSetValue(ULONG index, void *value)
{
    if (index == 0 || index >= SLOTS)
        return STATUS_INVALID_PARAMETER;
    struct fls_data *data = ensure_data(teb_current());
    if (!data || !ensure_value(data, index))
        return STATUS_NO_MEMORY;
    data->values[index] = value;
    return STATUS_SUCCESS;
}

static PFLS_CALLBACK_FUNCTION callback_of(ULONG index)
{
    lock_acquire(&fls_lock);
    PFLS_CALLBACK_FUNCTION callback = is_used(index) ? slots[index].callback : NULL;
    lock_release(&fls_lock);
    return callback;
}

/* Callbacks may set values again, of their own slot too; those are not called for once more. */
static void call_callbacks(struct fls_data *data)
{
    for (ULONG index = 1; index < data->capacity; index++) {
        void *value = data->values[index];
        PFLS_CALLBACK_FUNCTION callback = value ? callback_of(index) : NULL;
        data->values[index] = NULL;
        if (callback) {
            suspend_checkpoint();
            callback(value);
        }
    }
}

static void discard(struct fls_data *data)
{
    lock_acquire(&fls_lock);
    *(data->previous ? &data->previous->next : &all_data) = data->next;
    if (data->next)
        data->next->previous = data->previous;
    lock_release(&fls_lock);
    free(data->values);
    free(data);
}

/* The data of a fiber that is deleted or of a thread that ends. */
void WINAPI RtlProcessFlsData(void *pointer, ULONG flags)
{
    struct fls_data *data = pointer;
    if (data && flags & FLS_CALL_CALLBACKS)
        call_callbacks(data);
    if (data && flags & FLS_DISCARD)
        discard(data);
}

static void clean_up(struct thread *thread)
{
    RtlProcessFlsData(thread->teb.FlsData, FLS_CALL_CALLBACKS);
    /* A callback may have been the first to set a value. */
    RtlProcessFlsData(thread->teb.FlsData, FLS_DISCARD);
    thread->teb.FlsData = NULL;
}

void fls_initialize(void)
{
    thread_on_exit(clean_up);
}
