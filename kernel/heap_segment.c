#include "kernel/heap_internal.h"
#include "kernel/vm.h"

#define FIRST_SEGMENT   0x100000u /* of the process's heap, and every heap's second */
#define LARGEST_SEGMENT TEB_OFFSET(0x4000000u, 0x1000000u)
#define COMMIT_STEP     0x10000u

/* Free memory at a segment's end is given back when there is that much of it, but for the remainder. */
#define TRIM_THRESHOLD 0x400000u
#define TRIM_REMAINDER 0x100000u

struct heap_range heap_process_range;

static size_t round_up(size_t value, size_t multiple)
{
    return (value + multiple - 1) & -multiple;
}

void heap_range_include(struct heap_range *range, const void *memory, size_t size)
{
    uintptr_t lowest = (uintptr_t)memory, end = lowest + size;
    if (!range->end || lowest < range->lowest)
        __atomic_store_n(&range->lowest, lowest, __ATOMIC_RELAXED);
    if (end > range->end)
        __atomic_store_n(&range->end, end, __ATOMIC_RELEASE);
}

struct heap_block *heap_segment_end(const struct heap_segment *segment)
{
    return (struct heap_block *)(segment->committed - HEAP_END_SIZE + HEAP_UNIT) - 1;
}

/* The end mark finds its segment by a pointer behind it. */
static struct heap_block *set_end(struct heap *heap, struct heap_segment *segment, size_t previous)
{
    struct heap_block *end = heap_block_make(heap, heap_segment_end(segment), 0, previous, HEAP_BLOCK_END);
    *(struct heap_segment **)(end + 1) = segment;
    return end;
}

static struct heap_segment *segment_of_end(const struct heap_block *end)
{
    return *(struct heap_segment **)(end + 1);
}

struct heap_segment *heap_segment_reserve(size_t size, size_t commit, size_t header, DWORD protect)
{
    void *base = NULL;
    SIZE_T whole = round_up(size, VM_GRANULARITY);
    size_t least = header + HEAP_END_SIZE + HEAP_UNIT * HEAP_LEAST_SIZE;
    commit = min(round_up(max(commit, least), VM_PAGE), (size_t)whole);
    if (!NT_SUCCESS(vm_allocate(&base, &whole, MEM_RESERVE, protect, NULL)))
        return NULL;
    if (!NT_SUCCESS(vm_commit(base, commit, protect))) {
        vm_release(base);
        return NULL;
    }
    struct heap_segment *segment = base;
    segment->signature = HEAP_SIGNATURE;
    segment->end = (char *)base + whole;
    segment->committed = (char *)base + commit;
    return segment;
}

void heap_segment_add(struct heap *heap, struct heap_segment *segment, size_t header)
{
    segment->heap = heap;
    segment->previous = heap->last_segment;
    *(heap->last_segment ? &heap->last_segment->next : &heap->first_segment) = segment;
    heap->last_segment = segment;
    char *memory = (char *)segment + round_up(header + sizeof(struct heap_block), HEAP_UNIT);
    segment->first = heap_block_of(memory);
    heap_range_include(heap->range, segment, segment->end - (char *)segment);
    struct heap_block *end = heap_segment_end(segment);
    set_end(heap, segment, 0);
    heap_make_free_run(heap, segment->first, ((char *)end - (char *)segment->first) / HEAP_UNIT, 0);
}

/* Growing */

/* Commits more of a segment, for a block of `bytes` with what is free at its end already. */
static bool extend(struct heap *heap, struct heap_segment *segment, size_t bytes)
{
    struct heap_block *end = heap_segment_end(segment);
    size_t in_front = 0;
    if (end->previous && heap_block_before(end)->flags == HEAP_BLOCK_FREE)
        in_front = end->previous * HEAP_UNIT;
    bytes -= min(bytes, in_front);
    size_t room = segment->end - segment->committed;
    size_t most = min(HEAP_MOST_SIZE / 2 * HEAP_UNIT, HEAP_MOST_SIZE * HEAP_UNIT - in_front);
    size_t need = round_up(max(bytes, (size_t)HEAP_LEAST_SIZE * HEAP_UNIT), VM_PAGE);
    if (need > room)
        return false;
    size_t step = max((size_t)COMMIT_STEP, (size_t)(segment->committed - (char *)segment) / 4);
    size_t grow = min(max(need, min(step, most) & -(size_t)VM_PAGE), room);
    if (!NT_SUCCESS(vm_commit(segment->committed, grow, heap->protect)))
        return false;
    size_t previous = end->previous;
    segment->committed += grow;
    heap_check_fill_free(heap, end, set_end(heap, segment, grow / HEAP_UNIT));
    heap_join(heap, end, grow / HEAP_UNIT, previous);
    return true;
}

bool heap_extend(struct heap *heap, struct heap_block *end, size_t units)
{
    return extend(heap, segment_of_end(end), units * HEAP_UNIT);
}

static bool add_segment(struct heap *heap, size_t bytes)
{
    size_t header = sizeof(struct heap_segment), least = bytes + header + HEAP_END_SIZE + HEAP_UNIT;
    size_t size = max(max(heap->next_segment_size, (size_t)FIRST_SEGMENT), least);
    struct heap_segment *segment =
        heap_segment_reserve(size, max(least, (size_t)COMMIT_STEP), header, heap->protect);
    if (!segment)
        return false;
    heap->next_segment_size = min(size * 2, (size_t)LARGEST_SEGMENT);
    heap_segment_add(heap, segment, header);
    return true;
}

bool heap_grow(struct heap *heap, size_t units)
{
    size_t bytes = units * HEAP_UNIT;
    for (struct heap_segment *segment = heap->last_segment; segment; segment = segment->previous)
        if (extend(heap, segment, bytes))
            return true;
    return !heap->fixed && add_segment(heap, bytes);
}

/* Giving back */

/* All of its blocks are free. */
static void remove_segment(struct heap *heap, struct heap_segment *segment)
{
    struct heap_block *end = heap_segment_end(segment);
    for (struct heap_block *block = segment->first; block != end; block = heap_block_after(block))
        heap_remove_free(heap, block);
    segment->previous->next = segment->next;
    *(segment->next ? &segment->next->previous : &heap->last_segment) = segment->previous;
    vm_release(segment);
}

/* The first segment stays, and so does the last one, for the program that has just needed it. */
static bool is_superfluous(const struct heap *heap, const struct heap_segment *segment, bool everything)
{
    return segment != heap->first_segment && (segment != heap->last_segment || everything);
}

static void decommit_end(struct heap *heap, struct heap_segment *segment, struct heap_block *start,
                         size_t keep)
{
    char *least = (char *)(start + 1) + HEAP_LEAST_SIZE * HEAP_UNIT + HEAP_END_SIZE;
    char *committed = (char *)round_up((uintptr_t)least + keep, VM_PAGE);
    void *address = committed;
    SIZE_T size = segment->committed - committed;
    if (committed >= segment->committed)
        return;
    struct heap_block *end = heap_segment_end(segment);
    for (struct heap_block *block = start; block != end; block = heap_block_after(block))
        heap_remove_free(heap, block);
    if (NT_SUCCESS(vm_free(&address, &size, MEM_DECOMMIT)))
        segment->committed = committed;
    end = set_end(heap, segment, 0);
    heap_make_free_run(heap, start, ((char *)end - (char *)start) / HEAP_UNIT, start->previous);
}

void heap_trim(struct heap *heap, struct heap_block *end, bool everything)
{
    struct heap_segment *segment = segment_of_end(end);
    struct heap_block *start = end;
    while (start->previous && heap_block_before(start)->flags == HEAP_BLOCK_FREE)
        start = heap_block_before(start);
    size_t bytes = (char *)end - (char *)start;
    if (start == end)
        return;
    if (start == segment->first && is_superfluous(heap, segment, everything))
        remove_segment(heap, segment);
    else if (everything || bytes >= TRIM_THRESHOLD)
        decommit_end(heap, segment, start, everything ? 0 : TRIM_REMAINDER);
}
