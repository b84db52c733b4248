#include "dlls/ntdll/fls.h"
#include "dlls/ntdll/sync.h"
#include "kernel/heap.h"
#include "kernel/thread.h"

/* The layout is that of Windows 10, version 2004, which debuggers know. Indexes are spread over chunks, each
 * of which has twice as many as the one before. Chunks come when they are needed, from the process's heap;
 * none moves, so values and callbacks are found without a lock. */
enum { CHUNKS = 8, FIRST_CHUNK = 0x10 };

_Static_assert(FLS_SLOTS == FIRST_CHUNK * ((1 << CHUNKS) - 1),
               "each chunk is twice as large as the one before");

/* What a thread's, or a fiber's, FlsData points to. */
struct fls_data {
    LIST_ENTRY links;      /* kept when the data are taken out of the list, as on Windows */
    void **chunks[CHUNKS]; /* the first of a chunk's pointers is no value */
};

struct slot {
    void *freeing; /* not NULL while callbacks run for the values of a slot that is being freed */
    PFLS_CALLBACK_FUNCTION callback; /* NULL if the slot is free */
};

struct slot_chunk {
    ULONG_PTR used;
    struct slot slots[];
};

static struct {
    struct slot_chunk *chunks[CHUNKS];
    LIST_ENTRY all_data;
    ULONG high_index;
} global;

/* The first thread's, which is there from the start. */
static struct fls_data first_data;

/* Guards what is in the slots and the list, and that a value and its slot's callback are taken as one. No
 * memory is allocated under it: the program may hold the heap's lock, and end threads that wait for that. */
static struct lock fls_lock;

static const PFLS_CALLBACK_FUNCTION no_callback = (PFLS_CALLBACK_FUNCTION)(LONG_PTR)-1;

static void *allocate(size_t size)
{
    return heap_allocate(&heap_process, HEAP_ZERO_MEMORY, size);
}

static void release(void *block)
{
    if (block)
        heap_free(&heap_process, 0, block);
}

/* Indexes */

struct place {
    ULONG chunk, offset;
};

static ULONG chunk_size(ULONG chunk)
{
    return FIRST_CHUNK << chunk;
}

static struct place place_of(ULONG index)
{
    ULONG position = index + FIRST_CHUNK;
    ULONG chunk = __builtin_clz(FIRST_CHUNK) - __builtin_clz(position);
    return (struct place){.chunk = chunk, .offset = position - chunk_size(chunk)};
}

static ULONG index_of(ULONG chunk, ULONG offset)
{
    return chunk_size(chunk) - FIRST_CHUNK + offset;
}

/* The first is never given out. */
static bool is_index(ULONG index)
{
    return index > 0 && index < FLS_SLOTS;
}

/* Slots */

static struct slot_chunk *slot_chunk(ULONG chunk)
{
    return __atomic_load_n(&global.chunks[chunk], __ATOMIC_ACQUIRE);
}

static PFLS_CALLBACK_FUNCTION callback_of(ULONG index)
{
    struct place place = place_of(index);
    struct slot_chunk *chunk = slot_chunk(place.chunk);
    return chunk ? chunk->slots[place.offset].callback : NULL;
}

/* The chunk is there then, whoever was the first to add it. */
static bool add_slot_chunk(ULONG chunk)
{
    if (chunk == CHUNKS)
        return false;
    struct slot_chunk *none = NULL, *added;
    added = allocate(sizeof *added + chunk_size(chunk) * sizeof added->slots[0]);
    if (!added)
        return false;
    if (chunk == 0) {
        added->used = 1;
        added->slots[0].callback = no_callback;
    }
    if (!__atomic_compare_exchange_n(&global.chunks[chunk], &none, added, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE))
        release(added);
    return true;
}

/* One of them is free. */
static ULONG use_slot(ULONG chunk, PFLS_CALLBACK_FUNCTION callback)
{
    struct slot *slots = global.chunks[chunk]->slots;
    ULONG offset = 0;
    while (slots[offset].callback)
        offset++;
    slots[offset].callback = callback ? callback : no_callback;
    global.chunks[chunk]->used++;
    ULONG index = index_of(chunk, offset);
    global.high_index = max(global.high_index, index);
    return index;
}

/* Finds the lowest that is free in the chunks that there are; 0 if there is none, and then the missing chunk.
 */
static ULONG use_lowest_slot(PFLS_CALLBACK_FUNCTION callback, ULONG *chunk)
{
    ULONG index = 0;
    lock_acquire(&fls_lock);
    for (*chunk = 0; !index && *chunk < CHUNKS && slot_chunk(*chunk); ++*chunk)
        if (global.chunks[*chunk]->used < chunk_size(*chunk))
            index = use_slot(*chunk, callback);
    lock_release(&fls_lock);
    return index;
}

NTSTATUS WINAPI RtlFlsAlloc(PFLS_CALLBACK_FUNCTION callback, ULONG *index)
{
    ULONG used, missing;
    while (!(used = use_lowest_slot(callback, &missing)))
        if (!add_slot_chunk(missing))
            return STATUS_NO_MEMORY;
    *index = used;
    return STATUS_SUCCESS;
}

/* Values */

static void **value_chunk(struct fls_data *data, ULONG chunk)
{
    return __atomic_load_n(&data->chunks[chunk], __ATOMIC_ACQUIRE);
}

/* NULL if its chunk is not there, and no value has been set then. */
static void **value_place(struct fls_data *data, ULONG index)
{
    struct place place = place_of(index);
    void **chunk = value_chunk(data, place.chunk);
    return chunk ? &chunk[1 + place.offset] : NULL;
}

NTSTATUS WINAPI RtlFlsGetValue(ULONG index, void **value)
{
    struct fls_data *data = teb_current()->FlsData;
    if (!data || !is_index(index))
        return STATUS_INVALID_PARAMETER;
    void **place = value_place(data, index);
    *value = place ? *place : NULL;
    return STATUS_SUCCESS;
}

/* The list's head. It is made when it is first needed, not to cost relocations. */
static LIST_ENTRY *all_data(void)
{
    LIST_ENTRY *head = &global.all_data;
    if (!head->Flink)
        head->Flink = head->Blink = head;
    return head;
}

static void link_data(struct fls_data *data)
{
    lock_acquire(&fls_lock);
    LIST_ENTRY *head = all_data();
    data->links = (LIST_ENTRY){.Flink = head, .Blink = head->Blink};
    head->Blink->Flink = &data->links;
    head->Blink = &data->links;
    lock_release(&fls_lock);
}

/* Under the lock. */
static bool is_linked(const struct fls_data *data)
{
    const LIST_ENTRY *head = all_data(), *entry = head->Blink;
    while (entry != head && entry != &data->links)
        entry = entry->Blink;
    return entry != head;
}

static void unlink_data(struct fls_data *data)
{
    lock_acquire(&fls_lock);
    if (is_linked(data)) {
        data->links.Blink->Flink = data->links.Flink;
        data->links.Flink->Blink = data->links.Blink;
    }
    lock_release(&fls_lock);
}

static struct fls_data *ensure_data(struct teb *teb)
{
    if (!teb->FlsData) {
        struct fls_data *data = allocate(sizeof *data);
        if (!data)
            return NULL;
        link_data(data);
        teb->FlsData = data;
    }
    return teb->FlsData;
}

static bool ensure_value_chunk(struct fls_data *data, ULONG chunk)
{
    if (data->chunks[chunk])
        return true;
    void **added = allocate((1 + chunk_size(chunk)) * sizeof *added);
    __atomic_store_n(&data->chunks[chunk], added, __ATOMIC_RELEASE);
    return added != NULL;
}

NTSTATUS WINAPI RtlFlsSetValue(ULONG index, void *value)
{
    if (!is_index(index))
        return STATUS_INVALID_PARAMETER;
    struct fls_data *data = ensure_data(teb_current());
    if (!data || !ensure_value_chunk(data, place_of(index).chunk))
        return STATUS_NO_MEMORY;
    *value_place(data, index) = value;
    return STATUS_SUCCESS;
}

/* Ends */

/* A value that is given to its callback, which nobody else will get it from; NULL where there is none. */
static void *take_value(struct fls_data *data, ULONG index)
{
    void **place = value_place(data, index);
    return place ? __atomic_exchange_n(place, NULL, __ATOMIC_ACQ_REL) : NULL;
}

static void call(PFLS_CALLBACK_FUNCTION callback, void *value)
{
    if (!callback || callback == no_callback || !value)
        return;
    suspend_checkpoint();
    callback(value);
}

static void *take_anyones_value(ULONG index)
{
    void *value = NULL;
    lock_acquire(&fls_lock);
    LIST_ENTRY *head = all_data();
    for (LIST_ENTRY *entry = head->Flink; entry != head && !value; entry = entry->Flink)
        value = take_value(CONTAINING_RECORD(entry, struct fls_data, links), index);
    lock_release(&fls_lock);
    return value;
}

/* NULL if the slot is free, or already being freed. It is not given out before end_freeing. */
static PFLS_CALLBACK_FUNCTION begin_freeing(struct slot *slot)
{
    lock_acquire(&fls_lock);
    PFLS_CALLBACK_FUNCTION callback = slot->freeing ? NULL : slot->callback;
    if (callback)
        slot->freeing = teb_current();
    lock_release(&fls_lock);
    return callback;
}

static void end_freeing(struct slot_chunk *chunk, struct slot *slot)
{
    lock_acquire(&fls_lock);
    *slot = (struct slot){};
    chunk->used--;
    lock_release(&fls_lock);
}

/* The callback runs for every thread's value, here. */
NTSTATUS WINAPI RtlFlsFree(ULONG index)
{
    if (!is_index(index))
        return STATUS_INVALID_PARAMETER;
    struct place place = place_of(index);
    struct slot_chunk *chunk = slot_chunk(place.chunk);
    struct slot *slot = chunk ? &chunk->slots[place.offset] : NULL;
    PFLS_CALLBACK_FUNCTION callback = slot ? begin_freeing(slot) : NULL;
    if (!callback)
        return STATUS_INVALID_PARAMETER;
    void *value;
    while ((value = take_anyones_value(index)))
        call(callback, value);
    end_freeing(chunk, slot);
    return STATUS_SUCCESS;
}

static void call_callback(struct fls_data *data, ULONG index)
{
    lock_acquire(&fls_lock);
    PFLS_CALLBACK_FUNCTION callback = callback_of(index);
    void *value = take_value(data, index);
    lock_release(&fls_lock);
    call(callback, value);
}

/* Callbacks may set values again, of their own slot too; those are not called for once more. */
static void call_callbacks(struct fls_data *data)
{
    for (ULONG chunk = 0; chunk < CHUNKS; chunk++) {
        void **values = value_chunk(data, chunk);
        for (ULONG offset = 0; values && offset < chunk_size(chunk); offset++)
            if (values[1 + offset])
                call_callback(data, index_of(chunk, offset));
    }
}

static void free_data(struct fls_data *data)
{
    for (ULONG chunk = 0; chunk < CHUNKS; chunk++)
        release(data->chunks[chunk]);
    if (data != &first_data)
        release(data);
}

/* The data of a fiber that is deleted or of a thread that ends. */
void WINAPI RtlProcessFlsData(void *pointer, ULONG flags)
{
    struct fls_data *data = pointer;
    if (data && flags & FLS_RUN_DOWN) {
        call_callbacks(data);
        unlink_data(data);
    }
    if (data && flags & FLS_FREE_MEMORY)
        free_data(data);
}

static void run_down(struct thread *thread)
{
    thread->ended_values = thread->teb.FlsData;
    RtlProcessFlsData(thread->ended_values, FLS_RUN_DOWN);
}

/* DLLs that are detached from a thread find their values gone, and may set new ones that nobody will call
 * for. The data of a thread that was terminated stay in the list, for whoever frees a slot. */
static void forget(struct thread *thread)
{
    struct fls_data *data = thread->teb.FlsData;
    if (data && data == thread->ended_values)
        free_data(data);
    thread->teb.FlsData = NULL;
}

void fls_initialize(void)
{
    link_data(&first_data);
    teb_current()->FlsData = &first_data;
    thread_on_exit(run_down);
    thread_on_end(forget);
}
