/* The eight bytes in front of every block of a heap. */
#ifndef KERNEL_HEAP_BLOCK_H
#define KERNEL_HEAP_BLOCK_H

#include <litewin/windows.h>

/* Block sizes are counted in units, which are also the alignment. A block of n units has n * HEAP_UNIT - 8
 * bytes for the program: its header is counted, that of the next block is not. */
#define HEAP_UNIT       (2 * sizeof(void *))
#define HEAP_LEAST_SIZE 2 /* room for the links of a free block */
#define HEAP_MOST_SIZE  0xFFFF

/* What a program can ask for within a segment. Windows' limit, and that of heaps that cannot grow. */
#define HEAP_LARGEST_REQUEST ((sizeof(void *) == 8 ? 0xFF00 : 0xFE00) * HEAP_UNIT - sizeof(struct heap_block))

enum {
    HEAP_BLOCK_FREE = 0x00,
    HEAP_BLOCK_BUSY = 0x01,       /* the program's */
    HEAP_BLOCK_USER_VALUE = 0x02, /* a pointer of the program's own at the end */
    HEAP_BLOCK_LARGE = 0x04,      /* outside of the segments */
    HEAP_BLOCK_FRONT = 0x08,      /* the front end's; if it is not busy, it is in a list there */
    HEAP_BLOCK_END = 0x10,        /* behind the last block of a segment */
    HEAP_BLOCK_USER_FLAGS = 0xE0, /* HEAP_SETTABLE_USER_FLAGS >> 4 */
};

/* A block's owner, be it the program's thread or a cache, writes `unused` and `flags` without the heap's
 * lock, while the heap may be changing `previous`: they are never written as one. */
struct heap_block {
    uint16_t size;     /* in units; 0 for a large block */
    uint16_t previous; /* the size of the block in front; 0 for the first one */
    uint8_t unused;    /* bytes at the end that were not asked for */
    uint8_t flags;
    uint16_t check; /* heap_block_check() */
};

_Static_assert(sizeof(struct heap_block) == 8, "half a unit on x86-64, a unit on i386");

/* Only at the right address, in the right heap, is a header a header. */
static inline uint16_t heap_block_check(uint16_t seed, const void *memory)
{
    return seed ^ (uint16_t)((uintptr_t)memory / HEAP_UNIT);
}

static inline struct heap_block *heap_block_of(const void *memory)
{
    return (struct heap_block *)memory - 1;
}

static inline bool heap_block_agrees(uint16_t seed, const struct heap_block *block)
{
    /* Not in 16 bits, which processors are slow with. */
    uint32_t difference = (uint32_t)((uintptr_t)(block + 1) / HEAP_UNIT) ^ seed ^ block->check;
    return (difference & 0xFFFF) == 0;
}

/* The size in units for a request of that many bytes, which must not be too large. */
static inline size_t heap_units_for(size_t bytes)
{
    size_t units = (bytes + sizeof(struct heap_block) + HEAP_UNIT - 1) / HEAP_UNIT;
    return units < HEAP_LEAST_SIZE ? HEAP_LEAST_SIZE : units;
}

static inline size_t heap_capacity(size_t units)
{
    return units * HEAP_UNIT - sizeof(struct heap_block);
}

#endif
