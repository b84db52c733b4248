/* How heaps work; for kernel/heap*.c alone.
 *
 * A heap has segments, which are address space that kernel/vm reserved, committed from its beginning as far
 * as it was needed:
 *
 *     | segment header | block | block | ... | block | end mark |  not committed  |
 *
 * The heap's own structure begins with the header of its first segment, except for the process's heap, which
 * is there before it has any memory. Blocks lie side by side. Each begins with its size and that of the block
 * in front (kernel/heap_block.h), so neighbours that are free are joined at once, and the heap can be walked.
 * Free blocks are in the heap's bins (kernel/heap_bins.c), one for each small size and eight for each power
 * of two above. What is too large for a segment has memory of its own (kernel/heap_large.c).
 *
 * All of that is under the heap's lock. Blocks of up to 2 KiB have a front end, as in Windows'
 * low-fragmentation heaps, from the start in the process's heap, elsewhere for those sizes that are asked for
 * often (kernel/heap_front.c). Its blocks keep their size, and the heap leaves them alone. Each thread has a
 * cache of them (kernel/heap_cache.h); what one has too much of, or leaves when it ends, others can take from
 * the heap's pool (kernel/heap_pool.c).
 *
 * Nothing in a header is trusted before it was checked: a pointer that is no block is refused, and so is a
 * block that is free already. */
#ifndef KERNEL_HEAP_INTERNAL_H
#define KERNEL_HEAP_INTERNAL_H

#include "kernel/heap.h"
#include "kernel/heap_block.h"
#include "kernel/heap_cache.h"
#include "kernel/lock.h"
#include "kernel/teb.h"

#define HEAP_SIGNATURE 0xFFEEFFEE

/* In a heap's flags, besides HEAP_TAIL_CHECKING_ENABLED and others that are declared. */
#define HEAP_PAGE_ALLOCS         0x01000000u /* each block has pages of its own */
#define HEAP_VALIDATE_ALL        0x20000000u
#define HEAP_VALIDATE_PARAMETERS 0x40000000u
#define HEAP_VALIDATING          (HEAP_VALIDATE_ALL | HEAP_VALIDATE_PARAMETERS)
#define HEAP_CHECKED             (HEAP_TAIL_CHECKING_ENABLED | HEAP_FREE_CHECKING_ENABLED | HEAP_VALIDATING)

#define HEAP_EXACT_BINS 128
#define HEAP_BINS       (HEAP_EXACT_BINS + 9 * 8)

struct heap_free_block {
    struct heap_block block;
    struct heap_free_block *next, *previous;
};

/* Fields that programs are known to look at are at Windows' offsets. */
struct heap_segment {
    union {
        uint64_t number; /* of the heap whose first segment it is */
        void *reserved[2];
    };
    uint32_t signature;
    uint32_t flags;
    struct heap_segment *next, *previous;
    struct heap *heap;
    char *end;                /* of the reserved range */
    char *committed;          /* end of what is committed */
    struct heap_block *first; /* the lowest */
    void *reserved_at_end[TEB_OFFSET(5, 6)];
};

struct heap_large {
    struct heap_large *next, *previous;
    size_t size;      /* that was asked for */
    size_t committed; /* from here */
    size_t reserved;
    void *unused[TEB_OFFSET(2, 1)];
    struct heap_block block;
};

_Static_assert(sizeof(struct heap_large) == 8 * sizeof(void *), "as Windows aligns large blocks");

struct heap {
    struct heap_segment segment;
    DWORD flags;
    DWORD force_flags;
    uint16_t seed; /* of the blocks' checks */
    bool fixed;    /* it never gets another segment, nor large blocks */
    ULONG compatibility;
    DWORD protect;
    struct lock lock;
    const void *owner; /* atomic: of the lock; any address that only this thread has */
    uint32_t depth;    /* of the owner's locking */
    struct heap_segment *first_segment, *last_segment;
    struct heap_large *first_large, *last_large;
    struct heap_range *range; /* where blocks can lie */
    struct heap_range own_range;
    size_t next_segment_size;
    struct heap *next;              /* in the list of heaps */
    struct heap_block *top;         /* a free block in front of an end mark, in no bin; or NULL */
    struct heap_cache *left_caches; /* by threads that have no use for them; under heap_hold */
    struct heap_pool *pool;         /* NULL until the front end has blocks */
    uint8_t uses[HEAP_CACHE_SIZES]; /* of a size, up to HEAP_USES_WORTH_A_FRONT */
    uint64_t bin_map[(HEAP_BINS + 63) / 64];
    struct heap_free_block *bins[HEAP_BINS];
};

_Static_assert(offsetof(struct heap, segment.number) == 0, "heap_number");
_Static_assert(offsetof(struct heap_segment, signature) == TEB_OFFSET(0x10, 0x08), "SegmentSignature");
_Static_assert(offsetof(struct heap, flags) == TEB_OFFSET(0x70, 0x40), "Flags");
_Static_assert(offsetof(struct heap, force_flags) == TEB_OFFSET(0x74, 0x44), "ForceFlags");

static inline bool heap_serializes(const struct heap *heap, DWORD flags)
{
    return heap == &heap_process || !((heap->flags | flags) & HEAP_NO_SERIALIZE);
}

/* Keeps a heap from being destroyed, if it is not gone already. For a moment: no lock may be waited for. */
bool heap_hold(const struct heap *heap, uint64_t number);
void heap_release_hold(void);

/* A lock of a heap, which threads may have left behind when the process ends. */
void heap_acquire(struct lock *lock);
void heap_release(struct lock *lock);
void heap_enter_lock(struct heap *heap);
void heap_leave_lock(struct heap *heap);

static inline void heap_enter(struct heap *heap, DWORD flags)
{
    if (heap_serializes(heap, flags))
        heap_enter_lock(heap);
}

static inline void heap_leave(struct heap *heap, DWORD flags)
{
    if (heap_serializes(heap, flags))
        heap_leave_lock(heap);
}

/* Blocks */

static inline struct heap_block *heap_block_after(const struct heap_block *block)
{
    return (struct heap_block *)((char *)block + block->size * HEAP_UNIT);
}

static inline struct heap_block *heap_block_before(const struct heap_block *block)
{
    return (struct heap_block *)((char *)block - block->previous * HEAP_UNIT);
}

static inline bool heap_block_is_sound(const struct heap *heap, const struct heap_block *block)
{
    return heap_block_agrees(heap->seed, block);
}

/* A free one in a list of the front end. */
static inline bool heap_block_is_listed(const struct heap *heap, const struct heap_block *block)
{
    return block->flags == HEAP_BLOCK_FRONT && heap_block_is_sound(heap, block);
}

/* The size that was asked for, of a block in a segment. */
static inline size_t heap_requested(const struct heap_block *block)
{
    return heap_capacity(block->size) - block->unused;
}

/* Makes a header with its check. The next block's `previous` is the caller's. */
static inline struct heap_block *heap_block_make(const struct heap *heap, void *at, size_t size,
                                                 size_t previous, uint8_t flags)
{
    struct heap_block *block = at;
    block->size = size;
    block->previous = previous;
    block->unused = 0;
    block->flags = flags;
    block->check = heap_block_check(heap->seed, block + 1);
    return block;
}

/* Whether blocks are to be aligned better than they are by themselves. */
static inline bool heap_aligns(const struct heap *heap)
{
    return HEAP_UNIT < 16 && heap->flags & HEAP_CREATE_ALIGN_16;
}

/* Heap_bins.c; under the lock */

/* A block of exactly that size (a unit more where the rest would be none), marked as busy. NULL where there
 * is no memory. */
struct heap_block *heap_take(struct heap *heap, size_t units);
/* A block of the program or of a cache becomes free. */
void heap_give_back(struct heap *heap, struct heap_block *block);
/* Makes a block that is in use longer at the cost of the next one, or shorter. False where there is no room.
 */
bool heap_resize_block(struct heap *heap, struct heap_block *block, size_t units);
/* Memory that is in no bin becomes a free block, joined with its free neighbours where it can be. */
struct heap_block *heap_join(struct heap *heap, void *at, size_t units, size_t previous);
/* Makes new memory free, in several blocks where one cannot be as large. */
void heap_make_free_run(struct heap *heap, void *at, size_t units, size_t previous);
void heap_remove_free(struct heap *heap, struct heap_block *block);
/* Calls `visit` for each free block. */
void heap_for_each_free(const struct heap *heap, void (*visit)(struct heap_block *block, void *context),
                        void *context);
/* Whether all free blocks are what they should be. */
bool heap_bins_are_sound(const struct heap *heap);

/* Heap_segment.c; under the lock */

#define HEAP_END_SIZE \
    (8 * sizeof(void *)) /* from the end of the last block, header included, to `committed` */

/* Makes a segment of new address space, with `header` bytes for its header. NULL where there is no memory. */
struct heap_segment *heap_segment_reserve(size_t size, size_t commit, size_t header, DWORD protect);
/* Makes it the heap's last one, and its memory a free block. */
void heap_segment_add(struct heap *heap, struct heap_segment *segment, size_t header);
/* Commits memory for a block of that size, in a new segment if need be. */
bool heap_grow(struct heap *heap, size_t units);
/* Commits memory for a block of that size in front of an end mark, with what is free there. */
bool heap_extend(struct heap *heap, struct heap_block *end, size_t units);
/* Gives back free memory in front of an end mark: if that is worth it, or in any case. */
void heap_trim(struct heap *heap, struct heap_block *end, bool everything);
struct heap_block *heap_segment_end(const struct heap_segment *segment);
void heap_range_include(struct heap_range *range, const void *memory, size_t size);

/* Heap_large.c; under the lock */

/* With address space for `slack` bytes more, into which it may grow. */
void *heap_large_allocate(struct heap *heap, size_t size, size_t slack);
void heap_large_free(struct heap *heap, struct heap_large *large);
/* It can grow into pages that it has given back only unless that has to be `strict`ly in place. */
bool heap_large_resize(struct heap *heap, struct heap_large *large, size_t size, bool strict);

static inline struct heap_large *heap_large_of(const struct heap_block *block)
{
    return CONTAINING_RECORD(block, struct heap_large, block);
}

/* Heap_check.c */

/* What NtGlobalFlag brings to each heap's flags. */
DWORD heap_flags_of_process(void);
/* Of a new heap. */
void heap_set_flags(struct heap *heap, DWORD flags);
/* Whether it is a heap with HEAP_PAGE_ALLOCS, whose structure does not look like another's. */
bool heap_has_pages(const struct heap *heap);

/* Whether such a block in such a heap is other than a plain one. */
static inline bool heap_is_checked(const struct heap *heap, DWORD flags)
{
    return (heap->flags | flags) & (HEAP_CHECKED | HEAP_SETTABLE_USER_VALUE | HEAP_SETTABLE_USER_FLAGS);
}

/* How much larger it is than what was asked for. */
size_t heap_check_extra(const struct heap *heap, DWORD flags);
/* What is in memory that a block has just got, and behind it. */
void heap_check_fill_new(struct heap *heap, DWORD flags, struct heap_block *block, size_t old_size,
                         size_t size);
/* What is in memory that becomes free. */
void heap_check_fill_free(const struct heap *heap, void *start, const void *end);
/* Whether nobody has written where nobody should. */
bool heap_check_block(const struct heap *heap, const struct heap_block *block);
/* Before a block (NULL for a new one) is worked on, in a heap that validates. Without the lock. */
bool heap_check_call(struct heap *heap, const struct heap_block *block);

/* Heap_pool.c */

extern struct heap_pool heap_process_pool;

/* Under the lock. False where there is no memory. */
bool heap_pool_make(struct heap *heap);
/* Without the lock: up to `count` blocks, and how many there were. */
size_t heap_pool_take(struct heap *heap, size_t units, size_t count, struct heap_block *blocks[]);
/* With or without the lock. What the pool has no room for goes back to the heap. */
void heap_pool_put(struct heap *heap, size_t count, struct heap_block *const blocks[]);
/* Under the lock: all goes back to the heap. Whether there was anything. */
bool heap_pool_empty(struct heap *heap);

/* Heap_cache.c */

/* Without the lock, when the inline functions could not help. */
struct heap_block *heap_cache_refill(struct heap *heap, struct heap_cache *cache, size_t units);
void heap_cache_make_room(struct heap *heap, struct heap_cache *cache, size_t units);
/* What it has goes to the pool. */
void heap_cache_empty(struct heap *heap, struct heap_cache *cache);

/* Heap_front.c */

/* A size that was asked for so often has a front end from the next time on, as on Windows. */
#define HEAP_USES_WORTH_A_FRONT 18

static inline bool heap_front_has(const struct heap *heap, size_t units)
{
    return units < HEAP_CACHE_SIZES &&
           __atomic_load_n(&heap->uses[units], __ATOMIC_ACQUIRE) == HEAP_USES_WORTH_A_FRONT;
}

/* Under the lock: a size that has no front end is asked for. Whether it has one now. */
bool heap_front_is_due(struct heap *heap, size_t units);
/* Without the lock. The block may be a unit larger, as heap_take's, and need not be the front end's. */
struct heap_block *heap_front_take(struct heap *heap, size_t units);
void heap_front_give_back(struct heap *heap, struct heap_block *block);
/* Under the lock: gives back what threads have left behind, some of it or, with what the calling thread's own
 * cache has, all. */
bool heap_front_empty_common(struct heap *heap);
void heap_front_empty(struct heap *heap);

#endif
