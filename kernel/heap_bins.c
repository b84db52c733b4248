#include "kernel/heap_internal.h"

/* Bins */

#define STEPS_LOG 3 /* eight bins for a power of two */

static unsigned bin_of(size_t units)
{
    if (units < HEAP_EXACT_BINS)
        return units;
    unsigned power = 31 - __builtin_clz((uint32_t)units);
    return HEAP_EXACT_BINS + ((power - 7) << STEPS_LOG) + ((units >> (power - STEPS_LOG)) & 7);
}

/* The first bin at or behind `bin` that has blocks, or HEAP_BINS. */
static unsigned occupied_bin(const struct heap *heap, unsigned bin)
{
    if (bin >= HEAP_BINS)
        return HEAP_BINS;
    unsigned word = bin / 64;
    uint64_t bits = heap->bin_map[word] & ~0ull << bin % 64;
    while (!bits) {
        if (++word == ARRAYSIZE(heap->bin_map))
            return HEAP_BINS;
        bits = heap->bin_map[word];
    }
    return word * 64 + __builtin_ctzll(bits);
}

/* Memory is mostly taken from the end of what is in use, and given back there: the largest free block in
 * front of an end mark needs no bin. Returns the block that does. */
static struct heap_block *keep_as_top(struct heap *heap, struct heap_block *block)
{
    struct heap_block *top = heap->top;
    if (heap_block_after(block)->flags != HEAP_BLOCK_END || (top && top->size >= block->size))
        return block;
    heap->top = block;
    return top;
}

static void insert_free(struct heap *heap, struct heap_block *block)
{
    block->flags = HEAP_BLOCK_FREE;
    block->unused = 0;
    if (!(block = keep_as_top(heap, block)))
        return;
    unsigned bin = bin_of(block->size);
    struct heap_free_block *free = CONTAINING_RECORD(block, struct heap_free_block, block);
    free->previous = NULL;
    free->next = heap->bins[bin];
    if (free->next)
        free->next->previous = free;
    heap->bins[bin] = free;
    heap->bin_map[bin / 64] |= 1ull << bin % 64;
}

void heap_remove_free(struct heap *heap, struct heap_block *block)
{
    if (block == heap->top) {
        heap->top = NULL;
        return;
    }
    unsigned bin = bin_of(block->size);
    struct heap_free_block *free = CONTAINING_RECORD(block, struct heap_free_block, block);
    if (free->next)
        free->next->previous = free->previous;
    if (free->previous)
        free->previous->next = free->next;
    else if (!(heap->bins[bin] = free->next))
        heap->bin_map[bin / 64] &= ~(1ull << bin % 64);
}

static struct heap_block *search_bin(const struct heap *heap, unsigned bin, size_t units, unsigned tries)
{
    for (struct heap_free_block *free = heap->bins[bin]; free && tries > 0; free = free->next, tries--)
        if (free->block.size >= units)
            return &free->block;
    return NULL;
}

/* Blocks from this size on are rather put at the end, where they can grow in place. */
#define LARGE_UNITS 0x1000

static bool fits_top(const struct heap *heap, size_t units)
{
    return heap->top && heap->top->size >= units;
}

/* Every block of a higher bin fits. Those of the size's own bin may, and would leave less over, but looking
 * at many is worth it only if there is no other. */
static struct heap_block *find_free(const struct heap *heap, size_t units)
{
    if (units >= LARGE_UNITS && fits_top(heap, units))
        return heap->top;
    unsigned own = bin_of(units);
    struct heap_block *found = search_bin(heap, own, units, 4);
    if (found)
        return found;
    unsigned bin = occupied_bin(heap, own + 1);
    if (bin < HEAP_BINS)
        return &heap->bins[bin]->block;
    return fits_top(heap, units) ? heap->top : search_bin(heap, own, units, UINT_MAX);
}

void heap_for_each_free(const struct heap *heap, void (*visit)(struct heap_block *, void *), void *context)
{
    if (heap->top)
        visit(heap->top, context);
    for (unsigned bin = occupied_bin(heap, 0); bin < HEAP_BINS; bin = occupied_bin(heap, bin + 1))
        for (struct heap_free_block *free = heap->bins[bin]; free; free = free->next)
            visit(&free->block, context);
}

static bool is_free(const struct heap *heap, const struct heap_block *block)
{
    return block->flags == HEAP_BLOCK_FREE && heap_block_is_sound(heap, block);
}

bool heap_bins_are_sound(const struct heap *heap)
{
    for (unsigned bin = 0; bin < HEAP_BINS; bin++)
        for (const struct heap_free_block *free = heap->bins[bin]; free; free = free->next)
            if (!is_free(heap, &free->block) || bin_of(free->block.size) != bin ||
                (free->next && free->next->previous != free))
                return false;
    return !heap->top || is_free(heap, heap->top);
}

/* Neighbours */

/* Makes a free block of `units` at `at`, which is not joined with its neighbours. */
static void make_free(struct heap *heap, void *at, size_t units, size_t previous)
{
    struct heap_block *block = heap_block_make(heap, at, units, previous, HEAP_BLOCK_FREE);
    heap_block_after(block)->previous = units;
    insert_free(heap, block);
}

void heap_make_free_run(struct heap *heap, void *at, size_t total, size_t previous)
{
    size_t first = total;
    if (total > HEAP_MOST_SIZE) {
        first = min(total - HEAP_LEAST_SIZE, (size_t)HEAP_MOST_SIZE);
        heap_make_free_run(heap, (char *)at + first * HEAP_UNIT, total - first, first);
    }
    heap_check_fill_free(heap, at, (char *)at + first * HEAP_UNIT);
    make_free(heap, at, first, previous);
}

/* Within a free block, it is free memory like all the rest. */
static void forget_header(const struct heap *heap, void *block)
{
    heap_check_fill_free(heap, block, (struct heap_free_block *)block + 1);
}

/* Whether a neighbour is free, and both together not too large for one block. */
static bool can_join(const struct heap *heap, const struct heap_block *neighbour, size_t units)
{
    return is_free(heap, neighbour) && neighbour->size + units <= HEAP_MOST_SIZE;
}

struct heap_block *heap_join(struct heap *heap, void *at, size_t units, size_t previous)
{
    struct heap_block *next = (struct heap_block *)((char *)at + units * HEAP_UNIT);
    if (can_join(heap, next, units) && next->previous == units) {
        heap_remove_free(heap, next);
        units += next->size;
        forget_header(heap, next);
    }
    struct heap_block *before = (struct heap_block *)((char *)at - previous * HEAP_UNIT);
    if (previous && can_join(heap, before, units) && before->size == previous) {
        heap_remove_free(heap, before);
        forget_header(heap, at);
        units += before->size;
        at = before;
        previous = before->previous;
    }
    make_free(heap, at, units, previous);
    return at;
}

/* What a block in use does not need becomes free, if it can be a block. */
static void split_rest(struct heap *heap, struct heap_block *block, size_t units)
{
    size_t rest = block->size - units;
    if (rest < HEAP_LEAST_SIZE)
        return;
    heap_block_after(block)->previous = rest;
    block->size = units;
    heap_join(heap, heap_block_after(block), rest, units);
}

/* What the rest of the heap calls */

/* The least free block that shifts the one behind it by an odd number of units. */
#define ALIGNING_UNITS (HEAP_LEAST_SIZE + 1)

/* A taken block's beginning becomes free where that is not aligned. */
static struct heap_block *align(struct heap *heap, struct heap_block *block)
{
    if ((uintptr_t)(block + 1) % 16 == 0)
        return block;
    char *aligned = (char *)block + ALIGNING_UNITS * HEAP_UNIT;
    size_t units = block->size - ALIGNING_UNITS;
    heap_block_after(block)->previous = units;
    heap_block_make(heap, aligned, units, ALIGNING_UNITS, HEAP_BLOCK_BUSY);
    make_free(heap, block, ALIGNING_UNITS, block->previous);
    return (struct heap_block *)aligned;
}

struct heap_block *heap_take(struct heap *heap, size_t units)
{
    struct heap_block *block;
    size_t needed = heap_aligns(heap) ? units + ALIGNING_UNITS : units;
    while (!(block = find_free(heap, needed)))
        if (!heap_front_empty_common(heap) && !heap_grow(heap, needed))
            return NULL;
    heap_remove_free(heap, block);
    block->flags = HEAP_BLOCK_BUSY;
    if (heap_aligns(heap))
        block = align(heap, block);
    split_rest(heap, block, units);
    return block;
}

void heap_give_back(struct heap *heap, struct heap_block *block)
{
    heap_check_fill_free(heap, block + 1, heap_block_after(block));
    if (heap->flags & HEAP_DISABLE_COALESCE_ON_FREE)
        make_free(heap, block, block->size, block->previous);
    else
        block = heap_join(heap, block, block->size, block->previous);
    while (is_free(heap, block))
        block = heap_block_after(block);
    if (block->flags == HEAP_BLOCK_END)
        heap_trim(heap, block, false);
}

static size_t free_behind(const struct heap *heap, const struct heap_block *block)
{
    const struct heap_block *next = heap_block_after(block);
    return is_free(heap, next) ? next->size : 0;
}

/* If nothing but free memory is behind a block, more of it can be committed. */
static bool extend_end(struct heap *heap, const struct heap_block *block, size_t units)
{
    struct heap_block *end = heap_block_after(block);
    if (is_free(heap, end))
        end = heap_block_after(end);
    return end->flags == HEAP_BLOCK_END && heap_extend(heap, end, units - block->size) &&
           free_behind(heap, block) >= units - block->size;
}

bool heap_resize_block(struct heap *heap, struct heap_block *block, size_t units)
{
    if (units <= block->size) {
        if (block->size - units >= HEAP_LEAST_SIZE)
            heap_check_fill_free(heap, (char *)block + units * HEAP_UNIT, heap_block_after(block));
        split_rest(heap, block, units);
        return true;
    }
    if (free_behind(heap, block) < units - block->size && !extend_end(heap, block, units))
        return false;
    struct heap_block *next = heap_block_after(block);
    size_t joined = block->size + next->size;
    heap_remove_free(heap, next);
    size_t rest = joined - units;
    if (rest < HEAP_LEAST_SIZE) {
        block->size = joined;
        heap_block_after(block)->previous = joined;
    } else {
        heap_block_after(next)->previous = rest;
        block->size = units;
        heap_join(heap, heap_block_after(block), rest, units);
    }
    return true;
}
