#include <malloc.h>
#include <stdlib.h>

#include "kernel/heap.h"
#include "kernel/lock.h"
#include "kernel/vm.h"

/* Blocks come from the C library. In front of each lies its size, as Windows reports exactly what was asked
 * for, and its heap's mark, since a block of another heap or a freed one must be refused. */
struct header {
    size_t size;
    uintptr_t mark;
};

/* A created heap knows its blocks, since it can be destroyed with them in it. */
struct linked_header {
    struct linked_header *next, *previous;
    struct header header;
};

struct heap {
    DWORD signature;
    DWORD flags;
    size_t maximum, used;         /* a maximum of 0 is none */
    struct lock lock;             /* guards `used` and the blocks */
    struct linked_header *blocks; /* of a created heap */
    struct heap *next;            /* created heaps, under heaps_lock */
    struct lock user_lock;        /* HeapLock's; recursive by the next two */
    uint32_t owner;
    uint32_t recursion;
};

#define SIGNATURE 0xEEFFEEFF

/* A heap that cannot grow refuses blocks above this size, whatever its own is. */
#define FIXED_HEAP_LARGEST (sizeof(void *) == 8 ? 0xFF000u : 0x7F000u)

struct heap heap_process = {.signature = SIGNATURE, .flags = HEAP_GROWABLE};

static struct lock heaps_lock;
static struct heap *heaps;

/* -- blocks ----------------------------------------------------------------------------------------- */

static struct header *header_of(const void *block)
{
    return (struct header *)block - 1;
}

static uintptr_t mark_of(const struct heap *heap)
{
    return (uintptr_t)heap ^ (uintptr_t)0x5AFEC0DE;
}

static bool is_linked(const struct heap *heap)
{
    return heap != &heap_process;
}

static size_t overhead(const struct heap *heap)
{
    return is_linked(heap) ? sizeof(struct linked_header) : sizeof(struct header);
}

static struct linked_header *linked_of(const void *block)
{
    return (struct linked_header *)block - 1;
}

static void *memory_of(const struct heap *heap, const void *block)
{
    return (char *)block - overhead(heap);
}

static bool is_heap(const struct heap *heap)
{
    return heap && heap->signature == SIGNATURE;
}

/* A look at a block that is believed to be one: its header can be read. */
static bool is_block(const struct heap *heap, const void *block)
{
    return block && (uintptr_t)block % (2 * sizeof(void *)) == 0 && header_of(block)->mark == mark_of(heap);
}

static bool charge(struct heap *heap, size_t size, size_t old_size)
{
    if (!heap->maximum)
        return true;
    if (size > FIXED_HEAP_LARGEST || heap->used - old_size + size > heap->maximum)
        return false;
    heap->used += size - old_size;
    return true;
}

/* Blocks of created heaps only; under the heap's lock. */
static void link_block(struct heap *heap, struct linked_header *header)
{
    header->previous = NULL;
    header->next = heap->blocks;
    if (header->next)
        header->next->previous = header;
    heap->blocks = header;
}

static void unlink_block(struct heap *heap, struct linked_header *header)
{
    *(header->previous ? &header->previous->next : &heap->blocks) = header->next;
    if (header->next)
        header->next->previous = header->previous;
}

static bool enter_block(struct heap *heap, void *block, size_t size)
{
    lock_acquire(&heap->lock);
    bool fits = charge(heap, size, 0);
    if (fits)
        link_block(heap, linked_of(block));
    lock_release(&heap->lock);
    return fits;
}

static void leave_block(struct heap *heap, void *block)
{
    lock_acquire(&heap->lock);
    charge(heap, 0, header_of(block)->size);
    unlink_block(heap, linked_of(block));
    lock_release(&heap->lock);
}

/* Linux's own heap knows nothing of what an i386 program takes for the highest address. */
static bool is_in_reach(const void *block, size_t size)
{
    return (uintptr_t)block + size - 1 <= vm_highest_address();
}

static bool is_too_large(const struct heap *heap, size_t size)
{
    return size > PTRDIFF_MAX - overhead(heap);
}

void *heap_allocate(struct heap *heap, DWORD flags, size_t size)
{
    if (!is_heap(heap) || is_too_large(heap, size))
        return NULL;
    size_t extra = overhead(heap);
    char *memory = (heap->flags | flags) & HEAP_ZERO_MEMORY ? calloc(1, size + extra) : malloc(size + extra);
    if (!memory)
        return NULL;
    void *block = memory + extra;
    *header_of(block) = (struct header){.size = size, .mark = mark_of(heap)};
    if (is_in_reach(block, size) && (!is_linked(heap) || enter_block(heap, block, size)))
        return block;
    free(memory);
    return NULL;
}

bool heap_free(struct heap *heap, DWORD flags, void *block)
{
    if (!block)
        return true;
    if (!is_heap(heap) || !is_block(heap, block))
        return false;
    if (is_linked(heap))
        leave_block(heap, block);
    header_of(block)->mark = 0;
    free(memory_of(heap, block));
    return true;
}

/* The C library's block may be larger than what was asked for. */
static bool fits_in_place(const struct heap *heap, const void *block, size_t size)
{
    return size <= header_of(block)->size ||
           size + overhead(heap) <= malloc_usable_size(memory_of(heap, block));
}

static void zero_growth(void *block, size_t old_size, size_t size)
{
    if (size > old_size)
        memset((char *)block + old_size, 0, size - old_size);
}

static void *resize_in_place(struct heap *heap, void *block, size_t size)
{
    lock_acquire(&heap->lock);
    bool fits = charge(heap, size, header_of(block)->size);
    lock_release(&heap->lock);
    if (!fits)
        return NULL;
    header_of(block)->size = size;
    return block;
}

static void *resize_by_moving(struct heap *heap, DWORD flags, void *block, size_t size)
{
    size_t extra = overhead(heap);
    if (is_linked(heap)) {
        void *moved = heap_allocate(heap, flags & ~HEAP_ZERO_MEMORY, size);
        if (moved) {
            memcpy(moved, block, min(size, header_of(block)->size));
            heap_free(heap, flags, block);
        }
        return moved;
    }
    char *memory = realloc(memory_of(heap, block), size + extra);
    if (!memory)
        return NULL;
    header_of(memory + extra)->size = size;
    return memory + extra;
}

void *heap_reallocate(struct heap *heap, DWORD flags, void *block, size_t size)
{
    if (!is_heap(heap) || !is_block(heap, block) || is_too_large(heap, size))
        return NULL;
    size_t old_size = header_of(block)->size;
    void *resized;
    if (flags & HEAP_REALLOC_IN_PLACE_ONLY || (is_linked(heap) && fits_in_place(heap, block, size)))
        resized = fits_in_place(heap, block, size) ? resize_in_place(heap, block, size) : NULL;
    else
        resized = resize_by_moving(heap, flags, block, size);
    if (resized && (heap->flags | flags) & HEAP_ZERO_MEMORY)
        zero_growth(resized, old_size, size);
    return resized;
}

size_t heap_size(struct heap *heap, DWORD flags, const void *block)
{
    return is_heap(heap) && is_block(heap, block) ? header_of(block)->size : (size_t)-1;
}

/* -- heaps ------------------------------------------------------------------------------------------ */

struct heap *heap_create(DWORD flags, size_t initial, size_t maximum)
{
    if ((maximum && initial > maximum) || maximum > PTRDIFF_MAX)
        return NULL;
    struct heap *heap = calloc(1, sizeof *heap);
    if (!heap)
        return NULL;
    heap->signature = SIGNATURE;
    heap->flags = flags | (maximum ? 0 : HEAP_GROWABLE);
    heap->maximum = (maximum + VM_PAGE - 1) & ~(size_t)(VM_PAGE - 1);
    lock_acquire(&heaps_lock);
    heap->next = heaps;
    heaps = heap;
    lock_release(&heaps_lock);
    return heap;
}

static bool unlink_heap(struct heap *heap)
{
    lock_acquire(&heaps_lock);
    struct heap **link = &heaps;
    while (*link && *link != heap)
        link = &(*link)->next;
    bool found = *link != NULL;
    if (found)
        *link = heap->next;
    lock_release(&heaps_lock);
    return found;
}

NTSTATUS heap_destroy(struct heap *heap)
{
    if (!unlink_heap(heap))
        return STATUS_INVALID_HANDLE;
    struct linked_header *next;
    for (struct linked_header *header = heap->blocks; header; header = next) {
        next = header->next;
        free(header);
    }
    heap->signature = 0;
    free(heap);
    return STATUS_SUCCESS;
}

DWORD heap_list(DWORD count, HANDLE list[])
{
    DWORD found = 1;
    if (count > 0)
        list[0] = &heap_process;
    lock_acquire(&heaps_lock);
    for (struct heap *heap = heaps; heap; heap = heap->next, found++)
        if (found < count)
            list[found] = heap;
    lock_release(&heaps_lock);
    return found;
}

/* -- examination ------------------------------------------------------------------------------------ */

/* The block may be anything, so its header is read with care. */
static bool is_valid_block(const struct heap *heap, const void *block)
{
    struct header header;
    if ((uintptr_t)block % (2 * sizeof(void *)) != 0 || (uintptr_t)block < sizeof header)
        return false;
    return vm_copy(&header, header_of(block), sizeof header) == sizeof header && header.mark == mark_of(heap);
}

bool heap_validate(struct heap *heap, DWORD flags, const void *block)
{
    if (!is_heap(heap))
        return false;
    if (block)
        return is_valid_block(heap, block);
    bool valid = true;
    lock_acquire(&heap->lock);
    for (struct linked_header *header = heap->blocks; header && valid; header = header->next)
        valid = is_valid_block(heap, header + 1) && (!header->next || header->next->previous == header);
    lock_release(&heap->lock);
    return valid;
}

/* The blocks of a created heap, newest first; the process's heap does not list its blocks. */
NTSTATUS heap_walk(struct heap *heap, PROCESS_HEAP_ENTRY *entry)
{
    if (!is_heap(heap))
        return STATUS_INVALID_HANDLE;
    lock_acquire(&heap->lock);
    struct linked_header *header = entry->lpData ? linked_of(entry->lpData)->next : heap->blocks;
    if (header)
        *entry = (PROCESS_HEAP_ENTRY){
            .lpData = header + 1,
            .cbData = header->header.size,
            .cbOverhead = sizeof(struct linked_header),
            .wFlags = PROCESS_HEAP_ENTRY_BUSY,
        };
    lock_release(&heap->lock);
    return header ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES;
}

NTSTATUS heap_lock(struct heap *heap, uint32_t thread)
{
    if (!is_heap(heap))
        return STATUS_INVALID_HANDLE;
    if (__atomic_load_n(&heap->owner, __ATOMIC_RELAXED) != thread) {
        lock_acquire(&heap->user_lock);
        __atomic_store_n(&heap->owner, thread, __ATOMIC_RELAXED);
    }
    heap->recursion++;
    return STATUS_SUCCESS;
}

NTSTATUS heap_unlock(struct heap *heap, uint32_t thread)
{
    if (!is_heap(heap))
        return STATUS_INVALID_HANDLE;
    if (__atomic_load_n(&heap->owner, __ATOMIC_RELAXED) != thread)
        return STATUS_INVALID_PARAMETER;
    if (--heap->recursion == 0) {
        __atomic_store_n(&heap->owner, 0, __ATOMIC_RELAXED);
        lock_release(&heap->user_lock);
    }
    return STATUS_SUCCESS;
}

size_t heap_compact(struct heap *heap, DWORD flags)
{
    if (!is_heap(heap))
        return 0;
    return heap->maximum ? heap->maximum - heap->used : VM_GRANULARITY;
}

DWORD heap_flags(const struct heap *heap)
{
    return is_heap(heap) ? heap->flags : 0;
}
