#include "kernel/heap_internal.h"

/* Blocks of a heap's front end that no thread's cache has a use for. They have a lock of their own, so that
 * threads get them while another one has locked the heap. */
struct heap_pool {
    struct lock lock;
    size_t count; /* of all blocks */
    struct {
        void *first;
        size_t count;
    } lists[HEAP_CACHE_SIZES];
};

struct heap_pool heap_process_pool;

#define MOST_UNITS 0x4000 /* of one size */

/* Under the heap's lock. */
bool heap_pool_make(struct heap *heap)
{
    if (heap->pool)
        return true;
    struct heap_block *block = heap_take(heap, heap_units_for(sizeof *heap->pool));
    if (!block)
        return false;
    block->flags = HEAP_BLOCK_FRONT;
    __atomic_store_n(&heap->pool, memset(block + 1, 0, sizeof *heap->pool), __ATOMIC_RELEASE);
    return true;
}

/* False where there are enough. */
static bool push(struct heap_pool *pool, struct heap_block *block)
{
    size_t units = block->size;
    if (pool->lists[units].count * units >= MOST_UNITS)
        return false;
    block->flags = HEAP_BLOCK_FRONT;
    *heap_cache_next(block + 1, units) = pool->lists[units].first;
    pool->lists[units].first = block + 1;
    pool->lists[units].count++;
    pool->count++;
    return true;
}

/* NULL where there is none, or the program has damaged the list: then what is behind is lost. */
static struct heap_block *pop(const struct heap *heap, struct heap_pool *pool, size_t units)
{
    void *memory = pool->lists[units].first;
    struct heap_block *block = memory ? heap_block_of(memory) : NULL;
    if (block && heap_block_is_listed(heap, block)) {
        pool->lists[units].first = *heap_cache_next(memory, units);
        pool->lists[units].count--;
        pool->count--;
        return block;
    }
    pool->count -= pool->lists[units].count;
    pool->lists[units].first = NULL;
    pool->lists[units].count = 0;
    return NULL;
}

size_t heap_pool_take(struct heap *heap, size_t units, size_t count, struct heap_block *blocks[])
{
    size_t taken = 0;
    heap_acquire(&heap->pool->lock);
    while (taken < count && (blocks[taken] = pop(heap, heap->pool, units)))
        taken++;
    heap_release(&heap->pool->lock);
    return taken;
}

void heap_pool_put(struct heap *heap, size_t count, struct heap_block *const blocks[])
{
    size_t put = 0;
    heap_acquire(&heap->pool->lock);
    while (put < count && push(heap->pool, blocks[put]))
        put++;
    heap_release(&heap->pool->lock);
    if (put == count)
        return;
    heap_enter_lock(heap);
    while (put < count)
        heap_give_back(heap, blocks[put++]);
    heap_leave_lock(heap);
}

/* Each block goes back to the heap. Under the heap's lock. */
bool heap_pool_empty(struct heap *heap)
{
    if (!heap->pool)
        return false;
    heap_acquire(&heap->pool->lock);
    bool any = heap->pool->count != 0;
    for (size_t units = HEAP_LEAST_SIZE; any && units < HEAP_CACHE_SIZES; units++)
        for (struct heap_block *block; (block = pop(heap, heap->pool, units));)
            heap_give_back(heap, block);
    heap_release(&heap->pool->lock);
    return any;
}
