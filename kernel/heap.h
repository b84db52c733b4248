/* Heaps: HeapAlloc and its family, exact about sizes and flags. kernel/heap_internal.h says how they work. */
#ifndef KERNEL_HEAP_H
#define KERNEL_HEAP_H

#include <litewin/windows.h>

struct heap;

/* The default heap, which is what GetProcessHeap() returns. It costs nothing until its first use. */
EXPORTED extern struct heap heap_process;

/* Lets the process's heap follow NtGlobalFlag of the process's block, as heaps that are created do. Before
 * the first use of any heap. */
void heap_apply_global_flags(void);

/* `flags` are HEAP_NO_SERIALIZE, HEAP_GENERATE_EXCEPTIONS, HEAP_CREATE_ENABLE_EXECUTE. A `maximum` that
 * is not 0 limits the heap for good. NULL where there is no memory. */
EXPORTED struct heap *heap_create(DWORD flags, size_t initial, size_t maximum);
/* Frees every block and the heap; the process's heap is refused. */
EXPORTED NTSTATUS heap_destroy(struct heap *heap);

/* Blocks are aligned to 16 bytes, 8 on i386. NULL where there is no memory. */
EXPORTED void *heap_allocate(struct heap *heap, DWORD flags, size_t size);
/* NULL where there is no memory, or no room for it in place; the old block then stays as it was. */
EXPORTED void *heap_reallocate(struct heap *heap, DWORD flags, void *block, size_t size);
/* Whether it is a block that Windows would move to resize it, even to keep its size. */
EXPORTED bool heap_is_front_block(struct heap *heap, const void *block);
/* As heap_reallocate, but never in place. */
EXPORTED void *heap_move(struct heap *heap, DWORD flags, void *block, size_t size);
/* False for what is not a block of this heap, or no more; nothing is changed then. */
EXPORTED bool heap_free(struct heap *heap, DWORD flags, void *block);
/* The size that was asked for; (size_t)-1 for what is not a block of this heap. */
EXPORTED size_t heap_size(struct heap *heap, DWORD flags, const void *block);

/* A value and flags (HEAP_SETTABLE_USER_FLAGS) that a block carries for the program. The value is there for
 * blocks that were allocated with HEAP_SETTABLE_USER_VALUE. False for what is no such block. */
#define HEAP_SETTABLE_USER_VALUE 0x100u
#define HEAP_SETTABLE_USER_FLAGS 0xE00u
EXPORTED bool heap_user_info(struct heap *heap, DWORD flags, const void *block, void **value,
                             ULONG *user_flags);
EXPORTED bool heap_set_user_value(struct heap *heap, DWORD flags, void *block, void *value);
EXPORTED bool heap_set_user_flags(struct heap *heap, DWORD flags, void *block, ULONG clear, ULONG set);

/* The whole heap, or one block where `block` is not NULL; it may be any pointer at all. */
EXPORTED bool heap_validate(struct heap *heap, DWORD flags, const void *block);
/* Whether there is any memory where that block's header would be. */
EXPORTED bool heap_may_have_block_at(const void *block);
/* The entry after *entry; lpData is NULL for the first one. STATUS_NO_MORE_ENTRIES at the end. A block of the
 * front end has a flag that HeapWalk does not tell. */
#define HEAP_WALK_FRONT 0x8000
EXPORTED NTSTATUS heap_walk(struct heap *heap, PROCESS_HEAP_ENTRY *entry);
/* Gives back what memory it can, and returns the size of the largest free block. */
EXPORTED size_t heap_compact(struct heap *heap, DWORD flags);

struct heap_summary {
    size_t allocated, committed, reserved, largest_reserve;
};
EXPORTED bool heap_summarize(struct heap *heap, DWORD flags, struct heap_summary *summary);

/* For the calling thread, which may lock a heap several times. */
EXPORTED NTSTATUS heap_lock(struct heap *heap);
EXPORTED NTSTATUS heap_unlock(struct heap *heap);

/* From now on, blocks of the process's heap are aligned to 16 bytes on i386 too, where it gives up its front
 * end for that. What other threads' caches have they still use. */
EXPORTED void heap_align_process(void);

EXPORTED bool heap_is_valid(const struct heap *heap);
EXPORTED DWORD heap_flags(const struct heap *heap);
/* HeapCompatibilityInformation: 0, or 2 for a heap with a low-fragmentation front end. */
EXPORTED ULONG heap_compatibility(const struct heap *heap);
EXPORTED NTSTATUS heap_set_compatibility(struct heap *heap, ULONG value);
/* Stores up to `count` heaps and returns how many there are. */
EXPORTED DWORD heap_list(DWORD count, HANDLE heaps[]);

/* The blocks that the calling thread keeps for itself go back to their heaps, as the thread ends. */
void heap_leave_thread(void);

#endif
