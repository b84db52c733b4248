/* The process's address space as the program sees it: one map of regions, at Windows' granularity.
 *
 * What Linux's own side maps (its heap, libraries, stacks of helper threads) is not in the map; the
 * kernel keeps the two apart, since no region is ever placed over an existing mapping. */
#ifndef KERNEL_VM_H
#define KERNEL_VM_H

#include <litewin/windows.h>

/* MinGW-w64's headers lack these. */
#ifndef MEM_REPLACE_PLACEHOLDER
#define MEM_COALESCE_PLACEHOLDERS 0x00000001
#define MEM_PRESERVE_PLACEHOLDER  0x00000002
#define MEM_REPLACE_PLACEHOLDER   0x00004000
#define MEM_RESERVE_PLACEHOLDER   0x00040000
#endif

#define VM_PAGE        0x1000u
#define VM_GRANULARITY 0x10000u
#define VM_SHARED_DATA 0x7FFE0000u /* KUSER_SHARED_DATA; never given to anything else */

/* For the loader and for thread stacks */

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

/* Room for exception handlers once a stack has overflowed. */
#define VM_STACK_GUARD (6 * VM_PAGE)
/* A thread's stack: from its base, a page that stays out of reach, the guard, and the rest committed, since
 * Linux provides the pages only when they are touched. */
NTSTATUS vm_stack_allocate(size_t size, void **base);
void vm_stack_release(void *base);

/* The image belongs to a section from now on: a reference to it is held until the image is released. */
struct object;
void vm_set_owner(void *base, struct object *owner);

/* The Nt calls; addresses and sizes come back rounded */

/* `type` is MEM_RESERVE, MEM_COMMIT, MEM_TOP_DOWN, MEM_RESET ...; the region lies between `lowest` and
 * `highest` (0: no limit) and is aligned to `alignment` (0: VM_GRANULARITY). */
struct vm_requirements {
    uintptr_t lowest, highest; /* the last acceptable byte */
    size_t alignment;
    bool extended; /* placeholders may be asked for */
};
EXPORTED NTSTATUS vm_allocate(void **address, SIZE_T *size, DWORD type, DWORD protect,
                              const struct vm_requirements *requirements);
EXPORTED NTSTATUS vm_free(void **address, SIZE_T *size, DWORD type);
EXPORTED NTSTATUS vm_protect_pages(void **address, SIZE_T *size, DWORD protect, DWORD *old);
EXPORTED NTSTATUS vm_query(const void *address, MEMORY_BASIC_INFORMATION *information);

struct vm_allocation_information {
    void *base;
    size_t size, committed;
    DWORD type, protect;
    bool page_file; /* mapped, but from no file */
};
EXPORTED NTSTATUS vm_query_allocation(const void *address, struct vm_allocation_information *information);

struct vm_page_information {
    DWORD protect, type;
    bool shared; /* with other processes, or with other views */
};
/* False if the page is not in memory now. */
EXPORTED bool vm_query_page(const void *address, struct vm_page_information *information);

EXPORTED NTSTATUS vm_lock_pages(void *address, SIZE_T size);
EXPORTED NTSTATUS vm_unlock_pages(void *address, SIZE_T size);
EXPORTED void vm_prefetch(const void *address, SIZE_T size);

/* Of private memory that can be written, whole pages: its contents are needed no longer; or not soon; or now.
 */
enum vm_advice { VM_DISCARD, VM_OFFER, VM_RECLAIM };
EXPORTED NTSTATUS vm_advise(void *address, SIZE_T size, enum vm_advice advice);

/* Which pages of memory with MEM_WRITE_WATCH have been written, at most *count; with `reset`, those that are
 * reported count as not written from now on. STATUS_INVALID_PARAMETER_1 for other memory. */
EXPORTED NTSTATUS vm_written_pages(void *address, SIZE_T size, bool reset, void **pages, ULONG_PTR *count);
EXPORTED NTSTATUS vm_reset_written_pages(void *address, SIZE_T size);

EXPORTED bool vm_is_valid_protect(DWORD protect);
/* Whether a view with one protection may have pages with another. */
bool vm_is_within(DWORD protect, DWORD ceiling);

/* Mapped views */

struct vm_view {
    int file; /* or a memfd */
    uint64_t offset;
    DWORD type;           /* MEM_TOP_DOWN, MEM_REPLACE_PLACEHOLDER */
    DWORD protect;        /* the first protection, and the most that pages may get */
    bool page_file;       /* the file is not one that the program knows */
    uint32_t *committed;  /* of SEC_RESERVE: a bit for each page of the file that is committed; or NULL */
    struct object *owner; /* retained until the view is gone; or NULL */
    const struct vm_requirements *requirements;
};
NTSTATUS vm_map_view(void **address, size_t size, const struct vm_view *view);
/* With `keep_place`, a placeholder takes the view's place. */
EXPORTED NTSTATUS vm_unmap_view(void *address, bool keep_place);
/* Begins to write a view's changes to its file; a size of 0 means up to the view's end. */
EXPORTED NTSTATUS vm_flush_view(void *address, SIZE_T size);
/* The owner of the view that holds an address, retained; NULL where there is none. */
EXPORTED struct object *vm_view_owner(const void *address);

/* Faults */

enum vm_access { VM_READ, VM_WRITE, VM_EXECUTE };

/* Called for a memory fault at `address`. STATUS_SUCCESS: settled, the access may be repeated.
 * STATUS_GUARD_PAGE_VIOLATION: a guard page, which is an ordinary page from now on. STATUS_STACK_OVERFLOW:
 * the guard pages of the calling thread's stack, which are ordinary pages now; its StackLimit says so.
 * STATUS_ACCESS_VIOLATION: the program's own fault. */
EXPORTED NTSTATUS vm_fault(uintptr_t address, enum vm_access access);

/* Before memory of the program is handed to Linux, whose accesses do not fault: settles what a fault would.
 */
EXPORTED void vm_prepare_unusual(const void *address, size_t size, bool write);
EXPORTED extern bool vm_unusual_memory; /* there is some for which that matters */
static inline void vm_prepare(const void *address, size_t size, bool write)
{
    if (vm_unusual_memory)
        vm_prepare_unusual(address, size, write);
}

/* Copies memory that may not be there on either side, without a lock: returns how many bytes could be copied.
 */
EXPORTED size_t vm_copy(void *to, const void *from, size_t size);
/* The same between this process's `buffer` and an address of another; -1 with an errno. */
EXPORTED ssize_t vm_copy_process(DWORD process, void *address, void *buffer, size_t size, bool write);

/* How many bytes of the address space are in no region. */
EXPORTED uint64_t vm_unused(void);

#endif
