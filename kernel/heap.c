#include "kernel/heap_internal.h"
#include "kernel/process.h"
#include "kernel/solo.h"
#include "kernel/vm.h"

/* In a heap's flags: one that the program has created. */
#define PRIVATE_HEAP 0x1000

struct heap heap_process = {
    .segment.signature = HEAP_SIGNATURE,
    .flags = HEAP_GROWABLE,
    .seed = HEAP_PROCESS_SEED,
    .compatibility = 2,
    .protect = PAGE_READWRITE,
    .range = &heap_process_range,
    .pool = &heap_process_pool,
    .uses = {[0 ... HEAP_CACHE_SIZES - 1] = HEAP_USES_WORTH_A_FRONT},
};

/* Locking */

/* Only this thread has its cache. */
static const void *this_thread(void)
{
    return &heap_cache;
}

static bool try_lock(void *lock)
{
    return solo_exchange_if(&((struct lock *)lock)->word, LOCK_FREE, LOCK_HELD);
}

void heap_acquire(struct lock *lock)
{
    if (try_lock(lock))
        return;
    if (process_is_last_thread())
        process_acquire_orphan(try_lock, lock);
    else
        lock_acquire_contended(lock);
}

void heap_release(struct lock *lock)
{
    if (!solo_exchange_if(&lock->word, LOCK_HELD, LOCK_FREE))
        lock_release(lock);
}

void heap_enter_lock(struct heap *heap)
{
    if (__atomic_load_n(&heap->owner, __ATOMIC_RELAXED) != this_thread()) {
        heap_acquire(&heap->lock);
        __atomic_store_n(&heap->owner, this_thread(), __ATOMIC_RELAXED);
    }
    heap->depth++;
}

void heap_leave_lock(struct heap *heap)
{
    if (--heap->depth > 0)
        return;
    __atomic_store_n(&heap->owner, NULL, __ATOMIC_RELAXED);
    heap_release(&heap->lock);
}

NTSTATUS heap_lock(struct heap *heap)
{
    if (!heap_is_valid(heap))
        return STATUS_INVALID_PARAMETER;
    heap_enter(heap, 0);
    return STATUS_SUCCESS;
}

NTSTATUS heap_unlock(struct heap *heap)
{
    if (!heap_is_valid(heap))
        return STATUS_INVALID_PARAMETER;
    if (heap_serializes(heap, 0) && __atomic_load_n(&heap->owner, __ATOMIC_RELAXED) != this_thread())
        return STATUS_RESOURCE_NOT_OWNED;
    heap_leave(heap, 0);
    return STATUS_SUCCESS;
}

/* Heaps */

static struct lock heaps_lock;
static struct heap *heaps; /* but the process's, in the order of their creation */

bool heap_is_valid(const struct heap *heap)
{
    return heap && (heap->segment.signature == HEAP_SIGNATURE || heap_has_pages(heap));
}

static void link_heap(struct heap *heap)
{
    static uint64_t numbers;
    lock_acquire(&heaps_lock);
    if (!heap_has_pages(heap))
        heap->segment.number = ++numbers;
    struct heap **link = &heaps;
    while (*link)
        link = &(*link)->next;
    *link = heap;
    lock_release(&heaps_lock);
}

static bool unlink_heap(struct heap *heap)
{
    lock_acquire(&heaps_lock);
    struct heap **link = &heaps;
    while (*link && *link != heap)
        link = &(*link)->next;
    bool found = *link != NULL;
    if (found)
        *link = heap->next;
    lock_release(&heaps_lock);
    return found;
}

bool heap_hold(const struct heap *heap, uint64_t number)
{
    lock_acquire(&heaps_lock);
    const struct heap *living = heaps;
    while (living && living != heap)
        living = living->next;
    if (living && heap_number(living) == number)
        return true;
    lock_release(&heaps_lock);
    return false;
}

void heap_release_hold(void)
{
    lock_release(&heaps_lock);
}

/* Memory for the structure alone, of a heap that has no segments. */
static struct heap *allocate_structure(void)
{
    void *base = NULL;
    SIZE_T size = sizeof(struct heap);
    return NT_SUCCESS(vm_allocate(&base, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL)) ? base
                                                                                                 : NULL;
}

static struct heap *allocate_segment(size_t initial, size_t maximum, DWORD protect)
{
    size_t size = max(initial, maximum ? maximum : VM_GRANULARITY);
    size_t commit = max(initial, (size_t)TEB_OFFSET(2 * VM_PAGE, VM_PAGE));
    return (struct heap *)heap_segment_reserve(size, commit, sizeof(struct heap), protect);
}

struct heap *heap_create(DWORD flags, size_t initial, size_t maximum)
{
    static uint16_t seeds;
    if (initial > PTRDIFF_MAX || maximum > PTRDIFF_MAX)
        return NULL;
    flags |= PRIVATE_HEAP | (maximum ? 0 : HEAP_GROWABLE) | heap_flags_of_process();
    bool has_pages = flags & HEAP_PAGE_ALLOCS;
    DWORD protect = flags & HEAP_CREATE_ENABLE_EXECUTE ? PAGE_EXECUTE_READWRITE : PAGE_READWRITE;
    struct heap *heap = has_pages ? allocate_structure() : allocate_segment(initial, maximum, protect);
    if (!heap)
        return NULL;
    heap_set_flags(heap, flags);
    heap->fixed = maximum != 0 && !has_pages;
    heap->protect = protect;
    heap->seed = __atomic_add_fetch(&seeds, 0x1357, __ATOMIC_RELAXED);
    heap->range = &heap->own_range;
    if (!has_pages)
        heap_segment_add(heap, &heap->segment, sizeof *heap);
    link_heap(heap);
    return heap;
}

/* The heap's own structure lies in its first segment, if it has any. */
NTSTATUS heap_destroy(struct heap *heap)
{
    if (!unlink_heap(heap))
        return STATUS_INVALID_HANDLE;
    while (heap->first_large)
        heap_large_free(heap, heap->first_large);
    if (heap_has_pages(heap)) {
        vm_release(heap);
        return STATUS_SUCCESS;
    }
    for (struct heap_segment *segment = heap->last_segment, *previous; segment; segment = previous) {
        previous = segment->previous;
        vm_release(segment);
    }
    return STATUS_SUCCESS;
}

DWORD heap_list(DWORD count, HANDLE list[])
{
    DWORD found = 1;
    if (count > 0)
        list[0] = &heap_process;
    lock_acquire(&heaps_lock);
    for (struct heap *heap = heaps; heap; heap = heap->next, found++)
        if (found < count)
            list[found] = heap;
    lock_release(&heaps_lock);
    return found;
}

DWORD heap_flags(const struct heap *heap)
{
    return heap_is_valid(heap) ? heap->flags : 0;
}

ULONG heap_compatibility(const struct heap *heap)
{
    return heap->compatibility;
}

/* A front end that a heap once has, it keeps; one without serialization, or of fixed size, cannot have it. */
NTSTATUS heap_set_compatibility(struct heap *heap, ULONG value)
{
    if (value > 2)
        return STATUS_UNSUCCESSFUL;
    if (heap->compatibility == 2 || heap->fixed || heap->flags & HEAP_NO_SERIALIZE)
        return value == heap->compatibility ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
    heap->compatibility = value;
    return STATUS_SUCCESS;
}

/* Blocks */

/* The block that is the program's at this address, or NULL. */
static struct heap_block *busy_block(struct heap *heap, const void *memory)
{
    if (!heap_is_valid(heap) || (uintptr_t)memory % HEAP_UNIT != 0 ||
        (uintptr_t)memory < heap->range->lowest || (uintptr_t)memory >= heap->range->end)
        return NULL;
    struct heap_block *block = heap_block_of(memory);
    if (!(block->flags & HEAP_BLOCK_BUSY) || !heap_block_is_sound(heap, block))
        return NULL;
    return !(heap->flags & HEAP_VALIDATING) || heap_check_call(heap, block) ? block : NULL;
}

static bool is_large(const struct heap_block *block)
{
    return block->flags & HEAP_BLOCK_LARGE;
}

/* What a block has behind what the program asked for. */
static size_t extra_of(const struct heap *heap, DWORD flags)
{
    return heap_is_checked(heap, flags) ? heap_check_extra(heap, flags) : 0;
}

/* It stands where Windows has it, whose blocks begin and end at whole units. */
static void **user_value(struct heap_block *block)
{
    char *end = is_large(block) ? (char *)block : (char *)(heap_block_after(block) + 1) - HEAP_UNIT;
    return (void **)end - 1;
}

static void set_value(struct heap_block *block, void *value)
{
    user_value(block)[-1] = NULL;
    user_value(block)[0] = value;
}

static uint8_t busy_flags(DWORD flags)
{
    uint8_t value = flags & HEAP_SETTABLE_USER_VALUE ? HEAP_BLOCK_USER_VALUE : 0;
    return HEAP_BLOCK_BUSY | value | (flags & HEAP_SETTABLE_USER_FLAGS) >> 4;
}

static void *allocate_large(struct heap *heap, DWORD flags, size_t size, size_t slack)
{
    heap_enter(heap, flags);
    void *memory = heap_large_allocate(heap, size, slack);
    heap_leave(heap, flags);
    if (memory)
        heap_block_of(memory)->flags |= busy_flags(flags);
    return memory;
}

/* As on Windows, blocks with flags or a value of the program's own are not for the front end. */
static struct heap_block *take(struct heap *heap, DWORD flags, size_t units)
{
    bool is_plain = !(flags & (HEAP_SETTABLE_USER_VALUE | HEAP_SETTABLE_USER_FLAGS));
    if (is_plain && heap_front_has(heap, units))
        return heap_front_take(heap, units);
    heap_enter(heap, flags);
    bool is_due = is_plain && heap_front_is_due(heap, units);
    struct heap_block *block = is_due ? NULL : heap_take(heap, units);
    heap_leave(heap, flags);
    return is_due ? heap_front_take(heap, units) : block;
}

static void *allocate(struct heap *heap, DWORD flags, size_t size)
{
    size_t extra = extra_of(heap, flags);
    if (size > HEAP_LARGEST_REQUEST - extra || heap->flags & HEAP_PAGE_ALLOCS)
        return allocate_large(heap, flags, size, 0);
    struct heap_block *block = take(heap, flags, heap_units_for(size + extra));
    if (!block)
        return NULL;
    block->unused = heap_capacity(block->size) - size;
    block->flags = (block->flags & HEAP_BLOCK_FRONT) | busy_flags(flags);
    if ((heap->flags | flags) & HEAP_ZERO_MEMORY)
        memset(block + 1, 0, size);
    if (heap_is_checked(heap, flags))
        heap_check_fill_new(heap, flags, block, 0, size);
    if (flags & HEAP_SETTABLE_USER_VALUE)
        set_value(block, NULL);
    return block + 1;
}

/* Where a whole heap may be looked at, no other thread sees a block that is half made. */
static void *allocate_checked(struct heap *heap, DWORD flags, size_t size)
{
    heap_enter(heap, flags);
    void *memory = heap_check_call(heap, NULL) ? allocate(heap, flags, size) : NULL;
    heap_leave(heap, flags);
    return memory;
}

void *heap_allocate(struct heap *heap, DWORD flags, size_t size)
{
    if (!heap_is_valid(heap))
        return NULL;
    return heap->flags & HEAP_CHECKED ? allocate_checked(heap, flags, size) : allocate(heap, flags, size);
}

static void free_block(struct heap *heap, struct heap_block *block)
{
    if (is_large(block))
        heap_large_free(heap, heap_large_of(block));
    else
        heap_give_back(heap, block);
}

bool heap_free(struct heap *heap, DWORD flags, void *memory)
{
    if (!memory)
        return true;
    struct heap_block *block = busy_block(heap, memory);
    if (!block)
        return false;
    if (block->flags & HEAP_BLOCK_FRONT) {
        heap_front_give_back(heap, block);
        return true;
    }
    heap_enter(heap, flags);
    free_block(heap, block);
    heap_leave(heap, flags);
    return true;
}

static size_t size_of(const struct heap_block *block)
{
    return is_large(block) ? heap_large_of(block)->size : heap_requested(block);
}

size_t heap_size(struct heap *heap, DWORD flags, const void *memory)
{
    const struct heap_block *block = busy_block(heap, memory);
    return block ? size_of(block) : (size_t)-1;
}

/* Changing the size */

/* Makes a block longer or shorter, but not one of the front end. */
static bool set_units(struct heap *heap, DWORD flags, struct heap_block *block, size_t units)
{
    if (units == block->size)
        return true;
    if (block->flags & HEAP_BLOCK_FRONT)
        return false;
    heap_enter(heap, flags);
    bool resized = heap_resize_block(heap, block, units);
    heap_leave(heap, flags);
    return resized;
}

/* A block that has no value yet gets one with HEAP_SETTABLE_USER_VALUE. */
static bool resize_in_segment(struct heap *heap, DWORD flags, struct heap_block *block, size_t size)
{
    bool has_value = block->flags & HEAP_BLOCK_USER_VALUE;
    if (has_value)
        flags |= HEAP_SETTABLE_USER_VALUE;
    void *value = has_value ? *user_value(block) : NULL;
    size_t extra = extra_of(heap, flags), old_size = heap_requested(block);
    if (size > HEAP_LARGEST_REQUEST - extra || !set_units(heap, flags, block, heap_units_for(size + extra)))
        return false;
    block->unused = heap_capacity(block->size) - size;
    block->flags |= busy_flags(flags);
    if (heap_is_checked(heap, flags))
        heap_check_fill_new(heap, flags, block, old_size, size);
    if (flags & HEAP_SETTABLE_USER_VALUE)
        set_value(block, value);
    return true;
}

/* Windows moves each block of the front end, even to keep its size. Who asks for it to stay is told so;
 * others are spared the move where the block is large enough. */
static bool resize_in_place(struct heap *heap, DWORD flags, struct heap_block *block, size_t size)
{
    DWORD not_in_front = HEAP_REALLOC_IN_PLACE_ONLY | HEAP_SETTABLE_USER_VALUE | HEAP_SETTABLE_USER_FLAGS;
    if (block->flags & HEAP_BLOCK_FRONT && flags & not_in_front)
        return false;
    if (!is_large(block))
        return resize_in_segment(heap, flags, block, size);
    heap_enter(heap, flags);
    bool resized = heap_large_resize(heap, heap_large_of(block), size, flags & HEAP_REALLOC_IN_PLACE_ONLY);
    heap_leave(heap, flags);
    if (resized)
        block->flags |= busy_flags(flags);
    return resized;
}

/* A large block that has become small leaves its pages. */
static bool should_move(const struct heap_block *block, DWORD flags, size_t size)
{
    return is_large(block) && size <= HEAP_LARGEST_REQUEST / 2 && !(flags & HEAP_REALLOC_IN_PLACE_ONLY);
}

/* What has grown to such a size grows on, and shall not be copied each time. */
static void *allocate_grown(struct heap *heap, DWORD flags, size_t size)
{
    void *memory = size > HEAP_LARGEST_REQUEST ? allocate_large(heap, flags, size, size / 2) : NULL;
    return memory ? memory : heap_allocate(heap, flags, size);
}

static void *move_block(struct heap *heap, DWORD flags, struct heap_block *block, size_t size)
{
    DWORD kept = (block->flags & HEAP_BLOCK_USER_FLAGS) << 4;
    if (block->flags & HEAP_BLOCK_USER_VALUE)
        kept |= HEAP_SETTABLE_USER_VALUE;
    void *moved = allocate_grown(heap, (flags & ~HEAP_ZERO_MEMORY) | kept, size);
    if (!moved)
        return NULL;
    memcpy(moved, block + 1, min(size, size_of(block)));
    if (kept & HEAP_SETTABLE_USER_VALUE)
        *user_value(heap_block_of(moved)) = *user_value(block);
    heap_free(heap, flags, block + 1);
    return moved;
}

static void *clear_growth(const struct heap *heap, DWORD flags, void *memory, size_t old_size, size_t size)
{
    if (memory && size > old_size && (heap->flags | flags) & HEAP_ZERO_MEMORY)
        memset((char *)memory + old_size, 0, size - old_size);
    return memory;
}

static void *reallocate(struct heap *heap, DWORD flags, struct heap_block *block, size_t size)
{
    size_t old_size = size_of(block);
    void *memory = block + 1;
    if (should_move(block, flags, size) || !resize_in_place(heap, flags, block, size))
        memory = flags & HEAP_REALLOC_IN_PLACE_ONLY ? NULL : move_block(heap, flags, block, size);
    return clear_growth(heap, flags, memory, old_size, size);
}

void *heap_reallocate(struct heap *heap, DWORD flags, void *memory, size_t size)
{
    struct heap_block *block = busy_block(heap, memory);
    if (!block)
        return NULL;
    if (!(heap->flags & HEAP_CHECKED))
        return reallocate(heap, flags, block, size);
    heap_enter(heap, flags);
    memory = reallocate(heap, flags, block, size);
    heap_leave(heap, flags);
    return memory;
}

void *heap_move(struct heap *heap, DWORD flags, void *memory, size_t size)
{
    struct heap_block *block = busy_block(heap, memory);
    if (!block)
        return NULL;
    size_t old_size = size_of(block);
    return clear_growth(heap, flags, move_block(heap, flags, block, size), old_size, size);
}

bool heap_is_front_block(struct heap *heap, const void *memory)
{
    const struct heap_block *block = busy_block(heap, memory);
    return block && block->flags & HEAP_BLOCK_FRONT;
}

/* The program's value and flags */

bool heap_user_info(struct heap *heap, DWORD flags, const void *memory, void **value, ULONG *user_flags)
{
    struct heap_block *block = busy_block(heap, memory);
    if (!block)
        return false;
    bool has_value = block->flags & HEAP_BLOCK_USER_VALUE;
    *value = has_value ? *user_value(block) : NULL;
    *user_flags = (block->flags & HEAP_BLOCK_USER_FLAGS) << 4 | (has_value ? HEAP_SETTABLE_USER_VALUE : 0);
    return true;
}

bool heap_set_user_value(struct heap *heap, DWORD flags, void *memory, void *value)
{
    struct heap_block *block = busy_block(heap, memory);
    if (!block || !(block->flags & HEAP_BLOCK_USER_VALUE))
        return false;
    *user_value(block) = value;
    return true;
}

bool heap_set_user_flags(struct heap *heap, DWORD flags, void *memory, ULONG clear, ULONG set)
{
    struct heap_block *block = busy_block(heap, memory);
    if (!block || (clear | set) & ~HEAP_SETTABLE_USER_FLAGS)
        return false;
    block->flags = (block->flags & ~(clear >> 4)) | set >> 4;
    return true;
}
