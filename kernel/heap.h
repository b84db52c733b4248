/* Heaps: HeapAlloc and its family, exact about sizes and flags. */
#ifndef KERNEL_HEAP_H
#define KERNEL_HEAP_H

#include <litewin/windows.h>

struct heap;

/* The default heap, which is what GetProcessHeap() returns. It costs nothing until its first use. */
EXPORTED extern struct heap heap_process;

/* `flags` are HEAP_NO_SERIALIZE, HEAP_GENERATE_EXCEPTIONS, HEAP_CREATE_ENABLE_EXECUTE. A `maximum` that
 * is not 0 limits the heap for good. NULL where there is no memory. */
EXPORTED struct heap *heap_create(DWORD flags, size_t initial, size_t maximum);
/* Frees every block and the heap; the process's heap is refused. */
EXPORTED NTSTATUS heap_destroy(struct heap *heap);

/* Blocks are aligned to 16 bytes, 8 on i386. NULL where there is no memory. */
EXPORTED void *heap_allocate(struct heap *heap, DWORD flags, size_t size);
/* NULL where there is no memory, or no room for it in place; the old block then stays as it was. */
EXPORTED void *heap_reallocate(struct heap *heap, DWORD flags, void *block, size_t size);
EXPORTED bool heap_free(struct heap *heap, DWORD flags, void *block);
/* The size that was asked for; (size_t)-1 for what is not a block of this heap. */
EXPORTED size_t heap_size(struct heap *heap, DWORD flags, const void *block);

/* The whole heap, or one block where `block` is not NULL. */
EXPORTED bool heap_validate(struct heap *heap, DWORD flags, const void *block);
EXPORTED NTSTATUS heap_walk(struct heap *heap, PROCESS_HEAP_ENTRY *entry);
/* For the thread with this id; a thread may lock a heap several times. */
EXPORTED NTSTATUS heap_lock(struct heap *heap, uint32_t thread);
EXPORTED NTSTATUS heap_unlock(struct heap *heap, uint32_t thread);
EXPORTED size_t heap_compact(struct heap *heap, DWORD flags);
EXPORTED DWORD heap_flags(const struct heap *heap);
/* Stores up to `count` heaps and returns how many there are. */
EXPORTED DWORD heap_list(DWORD count, HANDLE heaps[]);

#endif
