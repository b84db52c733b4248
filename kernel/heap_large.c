#include "kernel/heap_internal.h"
#include "kernel/vm.h"

static size_t round_to_pages(size_t size)
{
    return (size + VM_PAGE - 1) & -(size_t)VM_PAGE;
}

/* In a heap with HEAP_PAGE_ALLOCS a block ends where its pages do, and what is behind it faults. */
static size_t offset_of(const struct heap *heap, size_t size, size_t committed)
{
    size_t whole = (size + HEAP_UNIT - 1) & -HEAP_UNIT;
    return heap->flags & HEAP_PAGE_ALLOCS ? committed - whole - sizeof(struct heap_large) : 0;
}

static void *base_of(struct heap_large *large)
{
    return (void *)((uintptr_t)large & -(uintptr_t)VM_PAGE);
}

void *heap_large_allocate(struct heap *heap, size_t size, size_t slack)
{
    void *base = NULL;
    if (heap->fixed || size > PTRDIFF_MAX - VM_GRANULARITY || slack > PTRDIFF_MAX - VM_GRANULARITY - size)
        return NULL;
    if (heap->flags & HEAP_PAGE_ALLOCS)
        slack = VM_PAGE;
    SIZE_T committed = round_to_pages(size + sizeof(struct heap_large)), reserved = committed + slack;
    DWORD type = slack ? MEM_RESERVE : MEM_RESERVE | MEM_COMMIT;
    if (!NT_SUCCESS(vm_allocate(&base, &reserved, type, heap->protect, NULL)))
        return NULL;
    if (slack && !NT_SUCCESS(vm_commit(base, committed, heap->protect))) {
        vm_release(base);
        return NULL;
    }
    struct heap_large *large = (struct heap_large *)((char *)base + offset_of(heap, size, committed));
    large->size = size;
    large->committed = committed;
    large->reserved = reserved;
    large->previous = heap->last_large;
    *(heap->last_large ? &heap->last_large->next : &heap->first_large) = large;
    heap->last_large = large;
    heap_block_make(heap, &large->block, 0, 0, HEAP_BLOCK_BUSY | HEAP_BLOCK_LARGE);
    heap_range_include(heap->range, base, reserved);
    return large + 1;
}

void heap_large_free(struct heap *heap, struct heap_large *large)
{
    *(large->next ? &large->next->previous : &heap->last_large) = large->previous;
    *(large->previous ? &large->previous->next : &heap->first_large) = large->next;
    vm_release(base_of(large));
}

static bool set_committed(struct heap *heap, struct heap_large *large, size_t needed)
{
    void *start = (char *)large + min(needed, large->committed);
    SIZE_T size = max(needed, large->committed) - min(needed, large->committed);
    if (needed > large->committed && !NT_SUCCESS(vm_commit(start, size, heap->protect)))
        return false;
    if (needed < large->committed && !NT_SUCCESS(vm_free(&start, &size, MEM_DECOMMIT)))
        return true;
    large->committed = needed;
    return true;
}

/* In place. Pages that are not needed any more go back. */
bool heap_large_resize(struct heap *heap, struct heap_large *large, size_t size, bool strict)
{
    if (heap->flags & HEAP_PAGE_ALLOCS ||
        size > (strict ? large->committed : large->reserved) - sizeof *large)
        return false;
    if (!set_committed(heap, large, round_to_pages(size + sizeof *large)))
        return false;
    large->size = size;
    return true;
}
