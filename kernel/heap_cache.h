/* The way of nearly every malloc and free: each thread keeps some free blocks of a heap for itself, in a list
 * for each size. No lock, no atomic operation and no call, so exports with -direct can do it inline. Of the
 * process's heap every thread has a cache; of others, those threads have one that use them much
 * (heap_front_of). */
#ifndef KERNEL_HEAP_CACHE_H
#define KERNEL_HEAP_CACHE_H

#include <emmintrin.h>

#include "kernel/heap_block.h"

#define HEAP_CACHE_SIZES   128 /* blocks of fewer units */
#define HEAP_CACHE_LARGEST (HEAP_CACHE_SIZES * HEAP_UNIT - HEAP_UNIT - sizeof(struct heap_block))

/* The process's heap needs no look at its structure for this. */
#define HEAP_PROCESS_SEED 0x5AFE

struct heap_cache {
    struct heap_cached {
        struct heap_cached *next;
    } * free[HEAP_CACHE_SIZES];
    uint8_t room[HEAP_CACHE_SIZES]; /* how many more blocks it takes; 0 until the thread has freed one */
    uint8_t batch[HEAP_CACHE_SIZES];
    bool ready;
    struct heap_cache *next; /* of those that threads have left to their heap */
};

EXPORTED extern __thread struct heap_cache heap_cache __attribute__((tls_model("initial-exec")));

/* Where blocks of a heap can lie. It only ever grows, so it can be looked at without the heap's lock. */
struct heap_range {
    uintptr_t lowest, end;
};
EXPORTED extern struct heap_range heap_process_range;

/* A heap as its caches see it. */
struct heap_front {
    struct heap_cache *cache;
    const struct heap_range *range;
    uint16_t seed;
};

#define HEAP_PROCESS_FRONT ((struct heap_front){&heap_cache, &heap_process_range, HEAP_PROCESS_SEED})

/* The caches that a thread has of heaps that the program has created, by the heaps' addresses. */
#define HEAP_SLOTS 8
struct heap_slot {
    struct heap *heap;
    uint64_t number; /* of the heap, for there may be another one at that address by now */
    unsigned uses;   /* that made it a heap worth a cache */
    struct heap_front front;
};
EXPORTED extern __thread struct heap_slot heap_slots[HEAP_SLOTS] __attribute__((tls_model("initial-exec")));

static inline struct heap_slot *heap_slot_of(const struct heap *heap)
{
    return &heap_slots[(uintptr_t)heap / 0x10000 % HEAP_SLOTS];
}

/* No heap ever gets the number of another. */
static inline uint64_t heap_number(const struct heap *heap)
{
    return *(const uint64_t *)heap;
}

/* NULL where the thread has no cache of that heap. */
static inline __attribute__((always_inline)) const struct heap_front *heap_front_of(const struct heap *heap)
{
    const struct heap_slot *slot = heap_slot_of(heap);
    bool is_its = slot->heap == heap && slot->front.cache && slot->number == heap_number(heap);
    return __builtin_expect(is_its, 1) ? &slot->front : NULL;
}

/* What nearly every block of the program's is like. */
#define HEAP_BLOCK_PLAIN (HEAP_BLOCK_BUSY | HEAP_BLOCK_FRONT)

/* A free block's successor in its list. It stands at the block's end, as there are programs that look at what
 * they have freed, and on Windows find it as it was. */
static inline void **heap_cache_next(void *memory, size_t units)
{
    return (void **)((char *)memory + heap_capacity(units)) - 1;
}

/* NULL where the cache cannot help, for whatever reason. */
static inline __attribute__((always_inline)) void *heap_cache_allocate(struct heap_front front, size_t bytes)
{
    if (__builtin_expect(bytes > HEAP_CACHE_LARGEST, 0))
        return NULL;
    size_t units = heap_units_for(bytes);
    void *memory = front.cache->free[units];
    if (__builtin_expect(!memory, 0))
        return NULL;
    struct heap_block *block = heap_block_of(memory);
    /* A program that writes to freed memory may have damaged the list. */
    if (__builtin_expect(!heap_block_agrees(front.seed, block), 0))
        return NULL;
    front.cache->free[units] = *heap_cache_next(memory, units);
    front.cache->room[units]++;
    block->unused = heap_capacity(units) - bytes;
    block->flags = HEAP_BLOCK_PLAIN;
    return memory;
}

/* The block that is the program's at this address and has nothing special about it, or NULL. */
static inline __attribute__((always_inline)) struct heap_block *heap_plain_block(struct heap_front front,
                                                                                 void *memory)
{
    if (__builtin_expect((uintptr_t)memory < front.range->lowest || (uintptr_t)memory >= front.range->end ||
                             (uintptr_t)memory % HEAP_UNIT != 0,
                         0))
        return NULL;
    struct heap_block *block = heap_block_of(memory);
    bool plain = block->flags == HEAP_BLOCK_PLAIN && heap_block_agrees(front.seed, block);
    return __builtin_expect(plain, 1) ? block : NULL;
}

/* False where the cache cannot take it, or it may be no block at all. */
static inline __attribute__((always_inline)) bool heap_cache_free(struct heap_front front, void *memory)
{
    struct heap_block *block = heap_plain_block(front, memory);
    if (__builtin_expect(!block, 0))
        return false;
    size_t units = block->size;
    if (__builtin_expect(units >= HEAP_CACHE_SIZES || front.cache->room[units] == 0, 0))
        return false;
    block->flags = HEAP_BLOCK_FRONT;
    *heap_cache_next(memory, units) = front.cache->free[units];
    front.cache->free[units] = memory;
    front.cache->room[units]--;
    return true;
}

/* False where the block cannot have that size without a change of its neighbours. */
static inline __attribute__((always_inline)) bool heap_cache_resize(struct heap_front front, void *memory,
                                                                    size_t bytes)
{
    struct heap_block *block = heap_plain_block(front, memory);
    if (__builtin_expect(!block || bytes > HEAP_CACHE_LARGEST || heap_units_for(bytes) != block->size, 0))
        return false;
    block->unused = heap_capacity(block->size) - bytes;
    return true;
}

/* Fills a block that heap_cache_allocate gave, without a call, up to the block's end. */
static inline __attribute__((always_inline)) void heap_cache_zero(void *memory)
{
    size_t units = heap_block_of(memory)->size;
    char *end = (char *)memory + heap_capacity(units);
    for (char *p = memory; p < end; p += 8) {
        _mm_storel_epi64((__m128i *)p, _mm_setzero_si128());
        /* Or the compiler makes a call of memset out of this. */
        __asm__("" ::: "memory");
    }
}

#endif
