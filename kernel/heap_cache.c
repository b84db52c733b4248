#include "kernel/heap_internal.h"

__thread struct heap_cache heap_cache __attribute__((tls_model("initial-exec")));

/* A cache keeps up to 8 KiB (half on i386) of a size, but no fewer than eight blocks. */
#define MOST_UNITS  512
#define MOST_BLOCKS 64
#define LEAST_MOST  8

static uint8_t most_blocks(size_t units)
{
    size_t most = MOST_UNITS / units;
    return most > MOST_BLOCKS ? MOST_BLOCKS : most < LEAST_MOST ? LEAST_MOST : most;
}

static void prepare(struct heap_cache *cache)
{
    for (size_t units = HEAP_LEAST_SIZE; units < HEAP_CACHE_SIZES; units++)
        cache->room[units] = most_blocks(units);
    cache->ready = true;
}

/* False where it has no room for a block of that size. */
static bool push(struct heap_cache *cache, struct heap_block *block)
{
    void *memory = block + 1;
    if (block->size >= HEAP_CACHE_SIZES || cache->room[block->size] == 0)
        return false;
    block->flags = HEAP_BLOCK_FRONT;
    *heap_cache_next(memory, block->size) = cache->free[block->size];
    cache->free[block->size] = memory;
    cache->room[block->size]--;
    return true;
}

/* NULL at the end of the list, or where the program has damaged it: then what is behind is lost. */
static struct heap_block *pop(const struct heap *heap, struct heap_cache *cache, size_t units)
{
    void *memory = cache->free[units];
    struct heap_block *block = memory ? heap_block_of(memory) : NULL;
    if (block && heap_block_is_listed(heap, block)) {
        cache->free[units] = *heap_cache_next(memory, units);
        cache->room[units]++;
        return block;
    }
    cache->free[units] = NULL;
    cache->room[units] = most_blocks(units);
    return NULL;
}

/* The batches of a size grow, as a program that has asked for many blocks will ask for more. */
static size_t next_batch(struct heap_cache *cache, size_t units)
{
    size_t count = 1 + cache->batch[units];
    if (cache->batch[units] < most_blocks(units) / 2)
        cache->batch[units] = cache->batch[units] * 2 + 1;
    return count;
}

static size_t take_from_heap(struct heap *heap, size_t units, size_t count, struct heap_block *blocks[])
{
    size_t taken = 0;
    heap_enter_lock(heap);
    while (taken < count && (blocks[taken] = heap_take(heap, units)))
        taken++;
    heap_leave_lock(heap);
    return taken;
}

/* A block may be a unit larger than it was to be, and so belong in another list. */
static void keep(struct heap *heap, struct heap_cache *cache, size_t count, struct heap_block *const blocks[])
{
    for (size_t i = 0; i < count; i++)
        if (!push(cache, blocks[i])) {
            heap_enter_lock(heap);
            heap_give_back(heap, blocks[i]);
            heap_leave_lock(heap);
        }
}

struct heap_block *heap_cache_refill(struct heap *heap, struct heap_cache *cache, size_t units)
{
    struct heap_block *blocks[MOST_BLOCKS];
    if (!cache->ready)
        prepare(cache);
    struct heap_block *block = pop(heap, cache, units);
    if (block)
        return block;
    size_t wanted = next_batch(cache, units), count = heap_pool_take(heap, units, wanted, blocks);
    if (!count)
        count = take_from_heap(heap, units, wanted, blocks);
    if (!count)
        return NULL;
    keep(heap, cache, count - 1, blocks + 1);
    return blocks[0];
}

static void give_some_back(struct heap *heap, struct heap_cache *cache, size_t units, size_t most)
{
    struct heap_block *blocks[MOST_BLOCKS];
    size_t count = 0;
    while (count < most && (blocks[count] = pop(heap, cache, units)))
        count++;
    heap_pool_put(heap, count, blocks);
}

void heap_cache_make_room(struct heap *heap, struct heap_cache *cache, size_t units)
{
    if (!cache->ready)
        prepare(cache);
    if (!cache->room[units])
        give_some_back(heap, cache, units, most_blocks(units) / 2);
}

void heap_cache_empty(struct heap *heap, struct heap_cache *cache)
{
    for (size_t units = HEAP_LEAST_SIZE; cache->ready && units < HEAP_CACHE_SIZES; units++)
        if (cache->free[units])
            give_some_back(heap, cache, units, MOST_BLOCKS);
}
