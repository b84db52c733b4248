#include "dlls/kernel32/movable.h"
#include "dlls/kernel32/error.h"
#include "kernel/heap.h"
#include "kernel/lock.h"
#include "kernel/vm.h"

#define MOST_HANDLES 0x10000
#define COMMIT_STEP  0x10000

static struct lock table_lock;
static struct movable *table;
static struct movable *table_end;  /* of what is committed */
static struct movable *first_free; /* the last of the free ones is the one behind all that were ever used */

static void *fail(DWORD error)
{
    teb_current()->LastErrorValue = error;
    return NULL;
}

/* The table; under the lock */

static bool reserve_table(void)
{
    void *base = NULL;
    SIZE_T size = MOST_HANDLES * sizeof *table;
    if (!NT_SUCCESS(vm_allocate(&base, &size, MEM_RESERVE, PAGE_READWRITE, NULL)))
        return false;
    table = table_end = first_free = base;
    return true;
}

static bool commit_more(void)
{
    if ((!table && !reserve_table()) || table_end == table + MOST_HANDLES)
        return false;
    if (!NT_SUCCESS(vm_commit(table_end, COMMIT_STEP, PAGE_READWRITE)))
        return false;
    table_end += COMMIT_STEP / sizeof *table;
    return true;
}

static struct movable *take_entry(void)
{
    if (first_free == table_end && !commit_more())
        return NULL;
    struct movable *entry = first_free;
    first_free = entry->flags ? (struct movable *)entry->flags : entry + 1;
    return entry;
}

static void release_entry(struct movable *entry)
{
    *entry = (struct movable){.flags = (ULONG_PTR)first_free};
    first_free = entry;
}

/* NULL where the handle is none, with the last error. */
static struct movable *entry_of(HANDLE handle)
{
    struct movable *entry = CONTAINING_RECORD(handle, struct movable, memory);
    if (movable_is_handle(handle) && entry >= table && entry < table_end && entry->flags & MOVABLE_IN_USE)
        return entry;
    return fail(ERROR_INVALID_HANDLE);
}

bool movable_is_handle(const void *handle)
{
    return (uintptr_t)handle % sizeof(struct movable) == offsetof(struct movable, memory);
}

/* Memory */

static DWORD heap_flags_of(UINT flags)
{
    return flags & GMEM_ZEROINIT ? HEAP_ZERO_MEMORY : 0;
}

/* A block with a value carries the mark of the first settable flag, as on Windows. */
#define WITH_HANDLE (HEAP_SETTABLE_USER_VALUE | 0x200u)

static bool give_memory(struct movable *entry, UINT flags, SIZE_T size)
{
    entry->memory = heap_allocate(&heap_process, heap_flags_of(flags) | WITH_HANDLE, size);
    if (!entry->memory)
        return false;
    heap_set_user_value(&heap_process, 0, entry->memory, &entry->memory);
    entry->flags &= ~(ULONG_PTR)MOVABLE_DISCARDED;
    return true;
}

/* Gives a block's contents another place, which is the entry's. */
static bool move_memory(struct movable *entry, UINT flags, void *block, SIZE_T size)
{
    void *memory = heap_move(&heap_process, heap_flags_of(flags) | WITH_HANDLE, block, size);
    if (!memory)
        return false;
    entry->memory = memory;
    return heap_set_user_value(&heap_process, 0, memory, &entry->memory);
}

static void discard(struct movable *entry)
{
    heap_free(&heap_process, 0, entry->memory);
    entry->memory = NULL;
    entry->flags |= MOVABLE_DISCARDED;
}

static ULONG_PTR attributes_of(UINT flags)
{
    return (flags & GMEM_DISCARDABLE ? MOVABLE_DISCARDABLE : 0) |
           (flags & GMEM_DDESHARE ? MOVABLE_SHARED : 0);
}

/* Under the lock. */
static struct movable *new_entry(UINT flags)
{
    struct movable *entry = take_entry();
    if (entry)
        *entry = (struct movable){.flags = MOVABLE_IN_USE | MOVABLE_MOVEABLE | attributes_of(flags)};
    return entry;
}

HANDLE movable_allocate(UINT flags, SIZE_T size)
{
    lock_acquire(&table_lock);
    struct movable *entry = new_entry(flags);
    if (entry && size == 0) {
        entry->flags |= MOVABLE_DISCARDED;
    } else if (entry && !give_memory(entry, flags, size)) {
        release_entry(entry);
        entry = NULL;
    }
    lock_release(&table_lock);
    return entry ? &entry->memory : fail(ERROR_NOT_ENOUGH_MEMORY);
}

HANDLE movable_adopt(void *block, UINT flags)
{
    SIZE_T size = heap_size(&heap_process, 0, block);
    lock_acquire(&table_lock);
    struct movable *entry = new_entry(flags);
    if (entry && !move_memory(entry, 0, block, size)) {
        release_entry(entry);
        entry = NULL;
    }
    lock_release(&table_lock);
    return entry ? &entry->memory : fail(ERROR_NOT_ENOUGH_MEMORY);
}

bool movable_free(HANDLE handle)
{
    lock_acquire(&table_lock);
    struct movable *entry = entry_of(handle);
    if (entry) {
        heap_free(&heap_process, 0, entry->memory);
        release_entry(entry);
    }
    lock_release(&table_lock);
    return entry != NULL;
}

static bool is_locked(const struct movable *entry)
{
    return entry->flags & MOVABLE_LOCKS;
}

/* On Windows, small blocks have one of a row of sizes and cannot become larger than that where they are. */
static bool outgrows_its_place(const struct movable *entry, SIZE_T size)
{
    enum { STEP = 16, SMALL = 0x4000 };
    SIZE_T present = heap_size(&heap_process, 0, entry->memory);
    return present < SMALL && (size + STEP - 1) / STEP > (present + STEP - 1) / STEP;
}

static bool resize(struct movable *entry, UINT flags, SIZE_T size)
{
    if (!entry->memory)
        return give_memory(entry, flags, size);
    bool stays = is_locked(entry) && !(flags & GMEM_MOVEABLE);
    DWORD in_place = stays ? HEAP_REALLOC_IN_PLACE_ONLY : 0;
    if (outgrows_its_place(entry, size))
        return !stays && move_memory(entry, flags, entry->memory, size);
    void *memory = heap_reallocate(&heap_process, heap_flags_of(flags) | in_place, entry->memory, size);
    if (memory)
        entry->memory = memory;
    return memory != NULL;
}

/* Under the lock. A size of 0 discards, which only memory that is not locked can be, and that may move. */
static DWORD change(struct movable *entry, UINT flags, SIZE_T size)
{
    if (flags & GMEM_MODIFY) {
        entry->flags &= ~(ULONG_PTR)MOVABLE_DISCARDABLE;
        entry->flags |= flags & GMEM_DISCARDABLE ? MOVABLE_DISCARDABLE : 0;
        return ERROR_SUCCESS;
    }
    if (flags & GMEM_DISCARDABLE)
        return ERROR_INVALID_PARAMETER;
    if (size)
        return resize(entry, flags, size) ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
    if (!(flags & GMEM_MOVEABLE) || is_locked(entry))
        return ERROR_INVALID_PARAMETER;
    discard(entry);
    return ERROR_SUCCESS;
}

HANDLE movable_reallocate(HANDLE handle, UINT flags, SIZE_T size)
{
    lock_acquire(&table_lock);
    struct movable *entry = entry_of(handle);
    DWORD error = entry ? change(entry, flags, size) : ERROR_INVALID_HANDLE;
    lock_release(&table_lock);
    return error == ERROR_SUCCESS ? handle : fail(error);
}

/* Locks */

void *movable_lock(HANDLE handle)
{
    lock_acquire(&table_lock);
    struct movable *entry = entry_of(handle);
    void *memory = entry ? entry->memory : NULL;
    if (memory && (entry->flags & MOVABLE_LOCKS) != MOVABLE_LOCKS)
        entry->flags += MOVABLE_LOCK;
    lock_release(&table_lock);
    return memory || !entry ? memory : fail(ERROR_DISCARDED);
}

bool movable_unlock(HANDLE handle)
{
    DWORD error = ERROR_INVALID_HANDLE;
    bool locked = false;
    lock_acquire(&table_lock);
    struct movable *entry = entry_of(handle);
    if (entry && !is_locked(entry)) {
        error = ERROR_NOT_LOCKED;
    } else if (entry) {
        entry->flags -= MOVABLE_LOCK;
        locked = is_locked(entry);
        error = NO_ERROR;
    }
    lock_release(&table_lock);
    teb_current()->LastErrorValue = error;
    return locked;
}

SIZE_T movable_size(HANDLE handle)
{
    lock_acquire(&table_lock);
    const struct movable *entry = entry_of(handle);
    SIZE_T size = entry && entry->memory ? heap_size(&heap_process, 0, entry->memory) : 0;
    lock_release(&table_lock);
    return size;
}

ULONG_PTR movable_flags(HANDLE handle)
{
    lock_acquire(&table_lock);
    const struct movable *entry = entry_of(handle);
    ULONG_PTR flags = entry ? entry->flags : 0;
    lock_release(&table_lock);
    return flags;
}

/* Fixed memory */

bool fixed_is_block(const void *block)
{
    return block && heap_validate(&heap_process, 0, block);
}

DWORD fixed_error(const void *pointer)
{
    return heap_may_have_block_at(pointer) ? ERROR_INVALID_HANDLE : ERROR_NOACCESS;
}

void *fixed_allocate(UINT flags, SIZE_T size)
{
    void *block = heap_allocate(&heap_process, heap_flags_of(flags), size);
    return block ? block : fail(ERROR_NOT_ENOUGH_MEMORY);
}

void *fixed_reallocate(void *block, UINT flags, SIZE_T size)
{
    if (flags & GMEM_DISCARDABLE)
        return fail(ERROR_INVALID_PARAMETER);
    DWORD in_place = flags & GMEM_MOVEABLE ? 0 : HEAP_REALLOC_IN_PLACE_ONLY;
    void *resized = !in_place && heap_is_front_block(&heap_process, block)
                        ? heap_move(&heap_process, heap_flags_of(flags), block, size)
                        : heap_reallocate(&heap_process, heap_flags_of(flags) | in_place, block, size);
    return resized ? resized : fail(ERROR_NOT_ENOUGH_MEMORY);
}

HANDLE fixed_or_movable_handle(const void *block)
{
    void *value;
    ULONG flags;
    if (!fixed_is_block(block) || !heap_user_info(&heap_process, 0, block, &value, &flags))
        return NULL;
    return flags & HEAP_SETTABLE_USER_VALUE ? value : (HANDLE)block;
}
