#include "kernel/heap_internal.h"
#include "kernel/vm.h"

static size_t round_to_pages(size_t size)
{
    return (size + VM_PAGE - 1) & -(size_t)VM_PAGE;
}

void *heap_large_allocate(struct heap *heap, size_t size)
{
    void *base = NULL;
    if (heap->fixed || size > PTRDIFF_MAX - VM_GRANULARITY)
        return NULL;
    SIZE_T whole = size + sizeof(struct heap_large);
    if (!NT_SUCCESS(vm_allocate(&base, &whole, MEM_RESERVE | MEM_COMMIT, heap->protect, NULL)))
        return NULL;
    struct heap_large *large = base;
    large->size = size;
    large->committed = whole;
    large->previous = heap->last_large;
    *(heap->last_large ? &heap->last_large->next : &heap->first_large) = large;
    heap->last_large = large;
    heap_block_make(heap, &large->block, 0, 0, HEAP_BLOCK_BUSY | HEAP_BLOCK_LARGE);
    heap_range_include(heap->range, base, whole);
    return large + 1;
}

void heap_large_free(struct heap *heap, struct heap_large *large)
{
    *(large->next ? &large->next->previous : &heap->last_large) = large->previous;
    *(large->previous ? &large->previous->next : &heap->first_large) = large->next;
    vm_release(large);
}

/* In place. Pages that are not needed any more go back; the block does not grow into them again. */
bool heap_large_resize(struct heap *heap, struct heap_large *large, size_t size)
{
    if (size > PTRDIFF_MAX - VM_GRANULARITY || size + sizeof *large > large->committed)
        return false;
    size_t needed = round_to_pages(size + sizeof *large);
    void *tail = (char *)large + needed;
    SIZE_T excess = large->committed - needed;
    if (excess && NT_SUCCESS(vm_free(&tail, &excess, MEM_DECOMMIT)))
        large->committed = needed;
    large->size = size;
    return true;
}
