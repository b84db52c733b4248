/* The process's address space as the program sees it: one map of regions, at Windows' granularity.
 *
 * What Linux's own side maps (its heap, libraries, stacks of helper threads) is not in the map; the
 * kernel keeps the two apart, since no region is ever placed over an existing mapping. */
#ifndef KERNEL_VM_H
#define KERNEL_VM_H

#include <litewin/windows.h>

#define VM_PAGE        0x1000u
#define VM_GRANULARITY 0x10000u
#define VM_SHARED_DATA 0x7FFE0000u /* KUSER_SHARED_DATA; never given to anything else */

/* -- for the loader and for thread stacks ----------------------------------------------------------- */

/* Addresses at and above `limit` are not given out: 0x7FFF0000 for an i386 program that is not
 * large-address-aware. The default is the highest that Windows would give. Set before the first
 * reservation. */
EXPORTED void vm_set_limit(uintptr_t limit);
EXPORTED uintptr_t vm_lowest_address(void);
EXPORTED uintptr_t vm_highest_address(void);

/* Reserves room for an image: at *base if that is not NULL, STATUS_CONFLICTING_ADDRESSES where it is
 * taken; else anywhere. Nothing is committed. AllocationProtect is PAGE_EXECUTE_WRITECOPY. */
EXPORTED NTSTATUS vm_reserve_image(void **base, size_t size);
/* Maps part of a file privately over part of a reserved image. `address` and `offset` are multiples of
 * VM_PAGE; the last page reads as zeros behind the file's end. */
EXPORTED NTSTATUS vm_map_image(void *address, size_t size, int file, uint64_t offset, DWORD protect);
/* Commits zero-filled pages of a reserved region of any kind. */
EXPORTED NTSTATUS vm_commit(void *address, size_t size, DWORD protect);
/* Changes committed pages. `old` (may be NULL) receives the first page's protection. */
EXPORTED NTSTATUS vm_protect(void *address, size_t size, DWORD protect, DWORD *old);
/* Releases a whole region by its allocation base. */
EXPORTED NTSTATUS vm_release(void *base);
/* What the program is told about an image's pages, without any change of the pages themselves:
 * PAGE_WRITECOPY for data that is mapped privately and writable, say. */
EXPORTED NTSTATUS vm_describe(void *address, size_t size, DWORD protect);

/* -- the Nt calls; addresses and sizes come back rounded -------------------------------------------- */

/* `type` is MEM_RESERVE, MEM_COMMIT, MEM_TOP_DOWN, MEM_RESET ...; the region lies between `lowest` and
 * `highest` (0: no limit) and is aligned to `alignment` (0: VM_GRANULARITY). */
struct vm_requirements {
    uintptr_t lowest, highest; /* the last acceptable byte */
    size_t alignment;
    bool stack; /* a thread's: large, and mostly never touched */
};
EXPORTED NTSTATUS vm_allocate(void **address, SIZE_T *size, DWORD type, DWORD protect,
                              const struct vm_requirements *requirements);
EXPORTED NTSTATUS vm_free(void **address, SIZE_T *size, DWORD type);
EXPORTED NTSTATUS vm_protect_pages(void **address, SIZE_T *size, DWORD protect, DWORD *old);
EXPORTED NTSTATUS vm_query(const void *address, MEMORY_BASIC_INFORMATION *information);
EXPORTED NTSTATUS vm_lock_pages(void *address, SIZE_T size);
EXPORTED NTSTATUS vm_unlock_pages(void *address, SIZE_T size);

/* -- mapped views ----------------------------------------------------------------------------------- */

/* Maps `size` bytes of a file (or memfd) at *address or anywhere. `protect` is the view's first
 * protection and `maximum` the most that vm_protect may make of it. The region holds a reference to
 * `owner` (a struct object, may be NULL) until it is released. */
struct object;
EXPORTED NTSTATUS vm_map_view(void **address, size_t size, int file, uint64_t offset, DWORD type,
                              DWORD protect, DWORD maximum, struct object *owner);
EXPORTED NTSTATUS vm_unmap_view(void *address);
/* Begins to write a view's changes to its file; a size of 0 means up to the view's end. */
EXPORTED NTSTATUS vm_flush_view(void *address, SIZE_T size);
/* The owner of the view that holds an address, retained; NULL where there is none. */
EXPORTED struct object *vm_view_owner(const void *address);

/* -- faults ----------------------------------------------------------------------------------------- */

/* Called for a memory fault at `address`. STATUS_SUCCESS: settled, the access may be repeated.
 * STATUS_GUARD_PAGE_VIOLATION: a guard page, which is an ordinary page from now on. STATUS_STACK_OVERFLOW:
 * the guard pages of the calling thread's stack, which are ordinary pages now; its StackLimit says so.
 * STATUS_ACCESS_VIOLATION or STATUS_IN_PAGE_ERROR: the program's own fault. */
EXPORTED NTSTATUS vm_fault(uintptr_t address);

/* Copies memory that may not be there, without a fault: returns how many bytes could be copied. */
EXPORTED size_t vm_copy(void *to, const void *from, size_t size);

/* How many bytes of the address space are in no region. */
EXPORTED uint64_t vm_unused(void);

#endif
