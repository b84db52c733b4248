#include "kernel/heap_internal.h"

/* Which sizes of blocks have a front end, and which cache a thread has in front of which heap. A cache of a
 * heap that the program has created lies in that heap, and so goes with it, whatever threads had caches
 * there: they find another number in their slots, or no heap. */

__thread struct heap_slot heap_slots[HEAP_SLOTS] __attribute__((tls_model("initial-exec")));

/* A thread that has used a heap so often, without a cache, gets one. */
#define USES_WORTH_A_CACHE 64

static const struct heap_front no_front;

/* In other heaps, memory that lies in a cache could be missed, or would have to be cleared or filled; or
 * there is no lock. */
static bool may_have_front(const struct heap *heap)
{
    DWORD without = HEAP_NO_SERIALIZE | HEAP_ZERO_MEMORY | HEAP_CHECKED | HEAP_PAGE_ALLOCS;
    return !heap->fixed && !(heap->flags & without) && !heap_aligns(heap);
}

/* Sizes */

/* A stock of blocks, so that threads that have no cache find some. */
static void fill_pool(struct heap *heap, size_t units)
{
    enum { MOST_BLOCKS = 32, LEAST_BLOCKS = 4, MOST_UNITS = 512 };
    size_t count = MOST_UNITS / units;
    count = count > MOST_BLOCKS ? MOST_BLOCKS : count < LEAST_BLOCKS ? LEAST_BLOCKS : count;
    while (count-- > 0) {
        struct heap_block *block = heap_take(heap, units);
        if (!block)
            return;
        if (block->size == units)
            heap_pool_put(heap, 1, &block);
        else
            heap_give_back(heap, block);
    }
}

bool heap_front_is_due(struct heap *heap, size_t units)
{
    if (units >= HEAP_CACHE_SIZES || !may_have_front(heap))
        return false;
    if (heap_front_has(heap, units))
        return true;
    if (heap->uses[units] < HEAP_USES_WORTH_A_FRONT - 1) {
        __atomic_store_n(&heap->uses[units], heap->uses[units] + 1, __ATOMIC_RELAXED);
        return false;
    }
    if (!heap_pool_make(heap))
        return false;
    heap->compatibility = 2;
    fill_pool(heap, units);
    __atomic_store_n(&heap->uses[units], HEAP_USES_WORTH_A_FRONT, __ATOMIC_RELEASE);
    return true;
}

/* Caches that their threads have left, for others to take */

static void leave(struct heap_slot *slot)
{
    if (slot->front.cache && heap_hold(slot->heap, slot->number)) {
        slot->front.cache->next = slot->heap->left_caches;
        slot->heap->left_caches = slot->front.cache;
        heap_release_hold();
    }
    *slot = (struct heap_slot){0};
}

static struct heap_cache *take_left_cache(struct heap *heap)
{
    if (!__atomic_load_n(&heap->left_caches, __ATOMIC_RELAXED) || !heap_hold(heap, heap_number(heap)))
        return NULL;
    struct heap_cache *cache = heap->left_caches;
    if (cache)
        heap->left_caches = cache->next;
    heap_release_hold();
    return cache;
}

static void discard_cache(struct heap *heap, struct heap_cache *cache)
{
    heap_cache_empty(heap, cache);
    heap_give_back(heap, heap_block_of(cache));
}

/* Slots */

static struct heap_cache *make_cache(struct heap *heap)
{
    struct heap_cache *cache = take_left_cache(heap);
    if (cache)
        return cache;
    heap_enter_lock(heap);
    struct heap_block *block = heap_take(heap, heap_units_for(sizeof *cache));
    heap_leave_lock(heap);
    if (!block)
        return NULL;
    block->flags = HEAP_BLOCK_FRONT;
    return memset(block + 1, 0, sizeof *cache);
}

static bool is_slot_of(const struct heap_slot *slot, const struct heap *heap)
{
    return slot->heap == heap && slot->number == heap_number(heap);
}

/* What another heap has in the slot stays there as long as that one is used more. */
static bool take_slot(struct heap_slot *slot, struct heap *heap)
{
    if (slot->front.cache && --slot->uses > 0)
        return false;
    leave(slot);
    slot->heap = heap;
    slot->number = heap_number(heap);
    return true;
}

/* The calling thread's cache of a heap that it uses now, if it has one. */
static struct heap_front front_for_use(struct heap *heap)
{
    struct heap_slot *slot = heap_slot_of(heap);
    if (heap == &heap_process)
        return HEAP_PROCESS_FRONT;
    if (!is_slot_of(slot, heap) && !take_slot(slot, heap))
        return no_front;
    if (slot->uses < USES_WORTH_A_CACHE && ++slot->uses == USES_WORTH_A_CACHE && !slot->front.cache)
        slot->front = (struct heap_front){make_cache(heap), heap->range, heap->seed};
    return slot->front;
}

/* Blocks */

/* Where the thread has no cache. */
static struct heap_block *take_one(struct heap *heap, size_t units)
{
    struct heap_block *block;
    if (heap_pool_take(heap, units, 1, &block))
        return block;
    heap_enter_lock(heap);
    block = heap_take(heap, units);
    heap_leave_lock(heap);
    return block;
}

struct heap_block *heap_front_take(struct heap *heap, size_t units)
{
    struct heap_front front = front_for_use(heap);
    struct heap_block *block =
        front.cache ? heap_cache_refill(heap, front.cache, units) : take_one(heap, units);
    if (block && block->size < HEAP_CACHE_SIZES)
        block->flags = HEAP_BLOCK_FRONT;
    return block;
}

/* A block of a heap that has no front end any more. */
static void give_back_to_heap(struct heap *heap, struct heap_block *block)
{
    heap_enter_lock(heap);
    heap_give_back(heap, block);
    heap_leave_lock(heap);
}

void heap_front_give_back(struct heap *heap, struct heap_block *block)
{
    if (!may_have_front(heap)) {
        give_back_to_heap(heap, block);
        return;
    }
    struct heap_front front = front_for_use(heap);
    block->flags = HEAP_BLOCK_PLAIN;
    if (front.cache)
        heap_cache_make_room(heap, front.cache, block->size);
    if (!front.cache || !heap_cache_free(front, block + 1))
        heap_pool_put(heap, 1, &block);
}

/* Giving back all */

bool heap_front_empty_common(struct heap *heap)
{
    if (heap_pool_empty(heap))
        return true;
    struct heap_cache *cache = take_left_cache(heap);
    if (cache)
        discard_cache(heap, cache);
    return cache;
}

void heap_front_empty(struct heap *heap)
{
    if (heap == &heap_process) {
        heap_cache_empty(heap, &heap_cache);
    } else {
        struct heap_slot *slot = heap_slot_of(heap);
        if (is_slot_of(slot, heap) && slot->front.cache)
            heap_cache_empty(heap, slot->front.cache);
    }
    while (heap_front_empty_common(heap))
        ;
}

void heap_align_process(void)
{
    struct heap *heap = &heap_process;
    heap_enter_lock(heap);
    heap->flags |= HEAP_CREATE_ALIGN_16;
    heap->force_flags |= HEAP_CREATE_ALIGN_16;
    if (heap_aligns(heap)) {
        memset(heap->uses, 0, sizeof heap->uses);
        heap_front_empty(heap);
        memset(heap_cache.room, 0, sizeof heap_cache.room);
    }
    heap_leave_lock(heap);
}

void heap_leave_thread(void)
{
    for (unsigned i = 0; i < HEAP_SLOTS; i++)
        leave(&heap_slots[i]);
    if (!heap_cache.ready)
        return;
    heap_cache_empty(&heap_process, &heap_cache);
}
