/* Looking at a whole heap. */
#include <sys/mman.h>

#include "kernel/heap_internal.h"
#include "kernel/vm.h"

/* What HeapWalk calls a large block's region. */
#define LARGE_REGION 64

/* Validation */

/* The block may be anything, so its header is read with care. */
static bool is_valid_block(const struct heap *heap, const void *memory)
{
    struct heap_block block;
    if ((uintptr_t)memory % HEAP_UNIT != 0 || (uintptr_t)memory < heap->range->lowest ||
        (uintptr_t)memory >= heap->range->end)
        return false;
    return vm_copy(&block, heap_block_of(memory), sizeof block) == sizeof block &&
           block.flags & HEAP_BLOCK_BUSY && block.check == heap_block_check(heap->seed, memory) &&
           heap_check_block(heap, heap_block_of(memory));
}

static bool is_valid_segment(const struct heap *heap, const struct heap_segment *segment)
{
    const struct heap_block *end = heap_segment_end(segment), *block = segment->first;
    size_t previous = 0;
    while (block < end) {
        if (!heap_block_is_sound(heap, block) || block->previous != previous ||
            block->size < HEAP_LEAST_SIZE || !heap_check_block(heap, block))
            return false;
        previous = block->size;
        block = heap_block_after(block);
    }
    return block == end && end->previous == previous;
}

static bool is_valid_heap(const struct heap *heap)
{
    for (const struct heap_segment *segment = heap->first_segment; segment; segment = segment->next)
        if (!is_valid_segment(heap, segment))
            return false;
    for (const struct heap_large *large = heap->first_large; large; large = large->next)
        if (!heap_block_is_sound(heap, &large->block))
            return false;
    return heap_bins_are_sound(heap);
}

bool heap_may_have_block_at(const void *memory)
{
    struct heap_block block;
    return vm_copy(&block, heap_block_of(memory), sizeof block) == sizeof block;
}

bool heap_validate(struct heap *heap, DWORD flags, const void *block)
{
    if (!heap_is_valid(heap))
        return false;
    if (block)
        return is_valid_block(heap, block);
    heap_enter(heap, flags);
    bool valid = is_valid_heap(heap);
    heap_leave(heap, flags);
    return valid;
}

/* Walking */

/* What Windows counts as a block's header lies a little lower than ours, and is larger. */
#define WINDOWS_HEADER HEAP_UNIT

static char *windows_address(const struct heap_block *block)
{
    return (char *)(block + 1) - WINDOWS_HEADER;
}

static BYTE index_of(const struct heap *heap, const struct heap_segment *segment)
{
    BYTE index = 0;
    for (const struct heap_segment *other = heap->first_segment; other != segment; other = other->next)
        index++;
    return index;
}

static void describe_region(const struct heap *heap, const struct heap_segment *segment,
                            PROCESS_HEAP_ENTRY *entry)
{
    char *first = windows_address(segment->first);
    *entry = (PROCESS_HEAP_ENTRY){
        .lpData = (void *)segment,
        .cbData = first - WINDOWS_HEADER - (char *)segment,
        .iRegionIndex = index_of(heap, segment),
        .wFlags = PROCESS_HEAP_REGION,
        .Region.dwCommittedSize = segment->committed - (char *)segment,
        .Region.dwUnCommittedSize = segment->end - segment->committed,
        .Region.lpFirstBlock = first,
        .Region.lpLastBlock = segment->end,
    };
}

static void describe_uncommitted(const struct heap *heap, const struct heap_segment *segment,
                                 PROCESS_HEAP_ENTRY *entry)
{
    *entry = (PROCESS_HEAP_ENTRY){
        .lpData = segment->committed,
        .cbData = segment->end - segment->committed,
        .iRegionIndex = index_of(heap, segment),
        .wFlags = PROCESS_HEAP_UNCOMMITTED_RANGE,
    };
}

static size_t front_data(const struct heap_block *block)
{
    return block->size * HEAP_UNIT - WINDOWS_HEADER;
}

/* A free block's data begins behind its links, unless it lies in a list of the front end. */
static void describe_block(const struct heap *heap, const struct heap_segment *segment,
                           const struct heap_block *block, PROCESS_HEAP_ENTRY *entry)
{
    size_t bytes = block->size * HEAP_UNIT;
    *entry = (PROCESS_HEAP_ENTRY){.iRegionIndex = index_of(heap, segment)};
    if (block->flags & HEAP_BLOCK_BUSY) {
        entry->lpData = (void *)(block + 1);
        entry->cbData = heap_capacity(block->size) - block->unused;
        entry->cbOverhead = bytes - entry->cbData;
        entry->wFlags = PROCESS_HEAP_ENTRY_BUSY | (block->flags & HEAP_BLOCK_FRONT ? HEAP_WALK_FRONT : 0);
    } else if (block->flags == HEAP_BLOCK_FRONT) {
        entry->lpData = (void *)(block + 1);
        entry->cbData = front_data(block);
        entry->cbOverhead = WINDOWS_HEADER;
        entry->wFlags = HEAP_WALK_FRONT;
    } else {
        entry->lpData = windows_address(block) + 2 * WINDOWS_HEADER;
        entry->cbData = bytes - 2 * WINDOWS_HEADER;
        entry->cbOverhead = 2 * WINDOWS_HEADER;
    }
}

static void describe_large(const struct heap_large *large, PROCESS_HEAP_ENTRY *entry)
{
    *entry = (PROCESS_HEAP_ENTRY){
        .lpData = (void *)(large + 1),
        .cbData = large->size,
        .iRegionIndex = LARGE_REGION,
        .wFlags = PROCESS_HEAP_ENTRY_BUSY,
    };
}

static const struct heap_segment *segment_of(const struct heap *heap, const void *address)
{
    const struct heap_segment *segment = heap->first_segment;
    while (segment && ((char *)address < (char *)segment || (char *)address >= segment->end))
        segment = segment->next;
    return segment;
}

static bool is_block_at(const struct heap *heap, const struct heap_segment *segment, const char *memory)
{
    const struct heap_block *block = heap_block_of(memory);
    return block >= segment->first && block < heap_segment_end(segment) &&
           (uintptr_t)memory % HEAP_UNIT == 0 && heap_block_is_sound(heap, block);
}

/* The block that a walk has reached, or NULL where it is not one any more. Only its size tells a free one of
 * the front end, as not every walk keeps the flags. */
static const struct heap_block *block_at(const struct heap *heap, const struct heap_segment *segment,
                                         const PROCESS_HEAP_ENTRY *entry)
{
    const char *memory = entry->lpData;
    const struct heap_block *block = is_block_at(heap, segment, memory) ? heap_block_of(memory) : NULL;
    if (entry->wFlags & PROCESS_HEAP_ENTRY_BUSY)
        return block;
    if (block && block->flags == HEAP_BLOCK_FRONT && front_data(block) == entry->cbData)
        return block;
    memory -= WINDOWS_HEADER;
    return is_block_at(heap, segment, memory) ? heap_block_of(memory) : NULL;
}

/* The first one behind an address; for walks during which blocks have come and gone. */
static const struct heap_block *block_behind(const struct heap_segment *segment, const void *address)
{
    const struct heap_block *end = heap_segment_end(segment), *block = segment->first;
    while (block < end && (char *)block <= (char *)address)
        block = heap_block_after(block);
    return block;
}

static bool first_of_segments(const struct heap *heap, const struct heap_segment *segment,
                              PROCESS_HEAP_ENTRY *entry)
{
    if (segment)
        describe_region(heap, segment, entry);
    else if (heap->first_large)
        describe_large(heap->first_large, entry);
    return segment || heap->first_large;
}

static bool next_in_segment(const struct heap *heap, const struct heap_segment *segment,
                            PROCESS_HEAP_ENTRY *entry)
{
    const struct heap_block *next;
    if (entry->wFlags & PROCESS_HEAP_UNCOMMITTED_RANGE)
        return first_of_segments(heap, segment->next, entry);
    if (entry->wFlags & PROCESS_HEAP_REGION)
        next = segment->first;
    else if ((next = block_at(heap, segment, entry)))
        next = heap_block_after(next);
    else
        next = block_behind(segment, entry->lpData);
    if (next->flags != HEAP_BLOCK_END)
        describe_block(heap, segment, next, entry);
    else if (segment->committed < segment->end)
        describe_uncommitted(heap, segment, entry);
    else
        return first_of_segments(heap, segment->next, entry);
    return true;
}

static bool next_large(const struct heap *heap, PROCESS_HEAP_ENTRY *entry)
{
    const struct heap_large *large = heap->first_large;
    while (large && large + 1 != entry->lpData)
        large = large->next;
    if (large && large->next)
        describe_large(large->next, entry);
    return large && large->next;
}

static NTSTATUS next_entry(struct heap *heap, PROCESS_HEAP_ENTRY *entry)
{
    if (!entry->lpData)
        return first_of_segments(heap, heap->first_segment, entry) ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES;
    const struct heap_segment *segment = segment_of(heap, entry->lpData);
    bool more = segment ? next_in_segment(heap, segment, entry) : next_large(heap, entry);
    return more ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES;
}

NTSTATUS heap_walk(struct heap *heap, PROCESS_HEAP_ENTRY *entry)
{
    if (!heap_is_valid(heap) || !entry)
        return STATUS_INVALID_PARAMETER;
    heap_enter(heap, 0);
    NTSTATUS status = next_entry(heap, entry);
    heap_leave(heap, 0);
    return status;
}

/* Summaries */

/* Pages within free blocks stay committed, but have no contents from now on. */
static void drop_contents(struct heap_block *block)
{
    struct heap_free_block *free = CONTAINING_RECORD(block, struct heap_free_block, block);
    uintptr_t start = ((uintptr_t)(free + 1) + VM_PAGE - 1) & -(uintptr_t)VM_PAGE;
    uintptr_t end = (uintptr_t)heap_block_after(block) & -(uintptr_t)VM_PAGE;
    if (start < end)
        madvise((void *)start, end - start, MADV_DONTNEED);
}

struct compaction {
    size_t largest;
    bool keeps_contents;
};

static void compact_block(struct heap_block *block, void *context)
{
    struct compaction *compaction = context;
    compaction->largest = max(compaction->largest, heap_capacity(block->size));
    if (!compaction->keeps_contents)
        drop_contents(block);
}

size_t heap_compact(struct heap *heap, DWORD flags)
{
    if (!heap_is_valid(heap))
        return 0;
    heap_enter(heap, flags);
    heap_front_empty(heap);
    for (struct heap_segment *segment = heap->last_segment, *previous; segment; segment = previous) {
        previous = segment->previous;
        heap_trim(heap, heap_segment_end(segment), true);
    }
    struct compaction compaction = {.keeps_contents = heap->flags & HEAP_FREE_CHECKING_ENABLED};
    heap_for_each_free(heap, compact_block, &compaction);
    heap_leave(heap, flags);
    return compaction.largest;
}

static void summarize_segment(const struct heap_segment *segment, struct heap_summary *summary)
{
    const struct heap_block *end = heap_segment_end(segment);
    for (const struct heap_block *block = segment->first; block < end; block = heap_block_after(block))
        if (block->flags & HEAP_BLOCK_BUSY)
            summary->allocated += heap_capacity(block->size) - block->unused;
    summary->committed += segment->committed - (char *)segment;
    summary->reserved += segment->end - (char *)segment;
    summary->largest_reserve = max(summary->largest_reserve, (size_t)(segment->end - segment->committed));
}

bool heap_summarize(struct heap *heap, DWORD flags, struct heap_summary *summary)
{
    if (!heap_is_valid(heap))
        return false;
    *summary = (struct heap_summary){0};
    heap_enter(heap, flags);
    for (const struct heap_segment *segment = heap->first_segment; segment; segment = segment->next)
        summarize_segment(segment, summary);
    for (const struct heap_large *large = heap->first_large; large; large = large->next) {
        summary->allocated += large->size;
        summary->committed += large->committed;
        summary->reserved += large->reserved;
    }
    heap_leave(heap, flags);
    return true;
}
