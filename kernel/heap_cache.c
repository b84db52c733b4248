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
    *heap_cache_next(memory, block->size) = cache->free[block->size];
    cache->free[block->size] = memory;
    cache->room[block->size]--;
    return true;
}

static bool is_cached(const struct heap *heap, const struct heap_block *block)
{
    return block->flags == HEAP_BLOCK_CACHED && heap_block_is_sound(heap, block);
}

/* NULL at the end of the list, or where the program has damaged it: then what is behind is lost. */
static struct heap_block *pop(const struct heap *heap, struct heap_cache *cache, size_t units)
{
    void *memory = cache->free[units];
    struct heap_block *block = memory ? heap_block_of(memory) : NULL;
    if (block && is_cached(heap, block)) {
        cache->free[units] = *heap_cache_next(memory, units);
        cache->room[units]++;
        return block;
    }
    cache->free[units] = NULL;
    cache->room[units] = most_blocks(units);
    return NULL;
}

/* What threads have in common; under the heap's lock */

/* Blocks of the process's heap that caches had no room for wait here for others to take them, in no need of
 * being joined and split. */
static struct {
    void *first;
    size_t count;
} common[HEAP_CACHE_SIZES];
static size_t common_units;

#define MOST_COMMON_UNITS 0x4000 /* of one size */

static void give_back(struct heap *heap, struct heap_block *block)
{
    size_t units = block->size;
    if (heap != &heap_process || common[units].count * units >= MOST_COMMON_UNITS) {
        heap_give_back(heap, block);
        return;
    }
    *heap_cache_next(block + 1, units) = common[units].first;
    common[units].first = block + 1;
    common[units].count++;
    common_units += units;
}

/* NULL where there is none, or the program has damaged the list: then what is behind is lost. */
static struct heap_block *take_common(size_t units)
{
    void *memory = common[units].first;
    struct heap_block *block = memory ? heap_block_of(memory) : NULL;
    if (block && is_cached(&heap_process, block)) {
        common[units].first = *heap_cache_next(memory, units);
        common[units].count--;
        common_units -= units;
        return block;
    }
    common_units -= common[units].count * units;
    common[units].first = NULL;
    common[units].count = 0;
    return NULL;
}

bool heap_cache_empty_common(void)
{
    bool any = common_units != 0;
    for (size_t units = HEAP_LEAST_SIZE; any && units < HEAP_CACHE_SIZES; units++)
        for (struct heap_block *block; (block = take_common(units));)
            heap_give_back(&heap_process, block);
    return any;
}

static struct heap_block *take(struct heap *heap, size_t units)
{
    struct heap_block *block = heap == &heap_process ? take_common(units) : NULL;
    return block ? block : heap_take(heap, units);
}

/* A block may be a unit larger than it was to be, and so belong in another list. */
static void take_batch(struct heap *heap, struct heap_cache *cache, size_t units)
{
    for (unsigned count = cache->batch[units]; count > 0; count--) {
        struct heap_block *block = take(heap, units);
        if (!block)
            return;
        if (!push(cache, block)) {
            heap_give_back(heap, block);
            return;
        }
    }
}

/* One cache */

/* The batches of a size grow, as a program that has asked for many blocks will ask for more. */
struct heap_block *heap_cache_refill(struct heap *heap, struct heap_cache *cache, size_t units)
{
    if (!cache->ready)
        prepare(cache);
    struct heap_block *block = pop(heap, cache, units);
    if (block)
        return block;
    heap_enter_lock(heap);
    block = take(heap, units);
    if (block)
        take_batch(heap, cache, units);
    heap_leave_lock(heap);
    if (cache->batch[units] < most_blocks(units) / 2)
        cache->batch[units] = cache->batch[units] * 2 + 1;
    return block;
}

static void give_some_back(struct heap *heap, struct heap_cache *cache, size_t units, size_t count)
{
    struct heap_block *block;
    while (count-- > 0 && (block = pop(heap, cache, units)))
        give_back(heap, block);
}

void heap_cache_make_room(struct heap *heap, struct heap_cache *cache, size_t units)
{
    if (!cache->ready)
        prepare(cache);
    if (cache->room[units])
        return;
    heap_enter_lock(heap);
    give_some_back(heap, cache, units, most_blocks(units) / 2);
    heap_leave_lock(heap);
}

void heap_cache_empty(struct heap *heap, struct heap_cache *cache)
{
    for (size_t units = HEAP_LEAST_SIZE; cache->ready && units < HEAP_CACHE_SIZES; units++)
        give_some_back(heap, cache, units, SIZE_MAX);
}
