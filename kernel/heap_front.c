#include "kernel/heap_internal.h"

/* Which cache a thread has in front of which heap. A cache of a heap that the program has created lies in
 * that heap, and so goes with it, whatever threads had caches there: they find another number in their slots,
 * or no heap. */

__thread struct heap_slot heap_slots[HEAP_SLOTS] __attribute__((tls_model("initial-exec")));

/* A thread that has used a heap so often, without a cache, gets one. */
#define USES_WORTH_A_CACHE 64

static const struct heap_front no_front;

/* In such heaps, memory that lies in a cache could be missed, or would have to be cleared; or there is no
 * lock. */
static bool may_have_caches(const struct heap *heap)
{
    return !heap->fixed && !(heap->flags & (HEAP_NO_SERIALIZE | HEAP_ZERO_MEMORY));
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
    return block ? memset(block + 1, 0, sizeof *cache) : NULL;
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

struct heap_front heap_front_for_use(struct heap *heap)
{
    struct heap_slot *slot = heap_slot_of(heap);
    if (heap == &heap_process)
        return HEAP_PROCESS_FRONT;
    if (!may_have_caches(heap) || (!is_slot_of(slot, heap) && !take_slot(slot, heap)))
        return no_front;
    if (slot->uses < USES_WORTH_A_CACHE && ++slot->uses == USES_WORTH_A_CACHE && !slot->front.cache)
        slot->front = (struct heap_front){make_cache(heap), heap->range, heap->seed};
    return slot->front;
}

/* Giving back */

bool heap_front_empty_common(struct heap *heap)
{
    if (heap == &heap_process)
        return heap_cache_empty_common();
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

void heap_leave_thread(void)
{
    for (unsigned i = 0; i < HEAP_SLOTS; i++)
        leave(&heap_slots[i]);
    if (!heap_cache.ready)
        return;
    heap_enter_lock(&heap_process);
    heap_cache_empty(&heap_process, &heap_cache);
    heap_leave_lock(&heap_process);
}
