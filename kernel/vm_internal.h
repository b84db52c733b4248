/* What the files of the memory manager share. Everything here is called under the lock, unless it says
 * otherwise. */
#ifndef KERNEL_VM_INTERNAL_H
#define KERNEL_VM_INTERNAL_H

#include "kernel/region.h"
#include "kernel/vm.h"

/* Vm.c */

#define VM_LOWEST_ADDRESS VM_GRANULARITY

void vm_acquire(void);
void vm_release_lock(void);

static inline uintptr_t vm_round_down(uintptr_t value, uintptr_t multiple)
{
    return value & -multiple;
}

static inline uintptr_t vm_round_up(uintptr_t value, uintptr_t multiple)
{
    return (value + multiple - 1) & -multiple;
}

/* The pages of a range; one that leaves the address space ends at 0, before it starts. Needs no lock. */
void vm_cover(const void *address, size_t size, uintptr_t *start, uintptr_t *end);

/* The allocation that holds the whole range, or NULL. */
struct allocation *vm_allocation_of(uintptr_t start, uintptr_t end);
bool vm_is_committed(uintptr_t start, uintptr_t end);

/* Gives pages within one allocation a state and protection that suit it. On failure nothing has changed. */
NTSTATUS vm_change_range(uintptr_t start, uintptr_t end, DWORD state, DWORD protect);

/* Unmaps and forgets. Returns the view's owner, for the caller to release without the lock. */
struct object *vm_remove_allocation(struct allocation *allocation);

/* Vm_place.c */

/* What to map: anonymous memory, or part of a file. */
struct vm_source {
    int file; /* -1: none */
    uint64_t offset;
    int protection, flags;
};

extern const struct vm_source vm_reserved_memory;

/* Maps a new allocation and enters it into the map: at *address if that is not 0, else where the
 * requirements allow (NULL: anywhere). `type` has MEM_RESERVE or MEM_COMMIT, and MEM_TOP_DOWN or
 * MEM_REPLACE_PLACEHOLDER; `kind` is MEM_PRIVATE, MEM_MAPPED or MEM_IMAGE. */
NTSTATUS vm_place(uintptr_t *address, size_t size, const struct vm_requirements *requirements, DWORD type,
                  const struct vm_source *source, DWORD kind, DWORD protect, struct allocation **allocation);

/* Vm_stack.c */

/* Unmaps what is still mapped, of stacks that are gone, in a range that is free in the region map. */
void vm_stacks_give_way(uintptr_t start, uintptr_t end);

/* Vm_protection.c; none of this needs the lock */

#define VM_PROTECT_MODIFIERS ((DWORD)(PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE))
#define VM_CACHE_MODIFIERS   ((DWORD)(PAGE_NOCACHE | PAGE_WRITECOMBINE))
#define VM_WRITES_COPY       ((DWORD)(PAGE_WRITECOPY | PAGE_EXECUTE_WRITECOPY))
#define VM_WRITES_THROUGH    ((DWORD)(PAGE_READWRITE | PAGE_EXECUTE_READWRITE))

/* Forgets which indirect calls may lead into executable pages (PAGE_TARGETS_INVALID, PAGE_TARGETS_NO_UPDATE):
 * here, all may. The flag stays, and is invalid, where nothing can be executed. */
DWORD vm_without_call_targets(DWORD protect);
/* What Linux is told. */
int vm_host_protection(DWORD protect);
/* Makes of what is asked for what pages of the allocation get, or refuses it. */
NTSTATUS vm_adapt_protect(const struct allocation *allocation, DWORD *protect);
/* What PAGE_WRITECOPY becomes once a page has been written. */
DWORD vm_written_protect(DWORD protect);

/* Vm_view.c */

/* Commits what another view of a SEC_RESERVE section has committed since this one looked. */
void vm_view_refresh(uintptr_t start, uintptr_t end);
/* A view's part of committing: a range of its section is committed, for all views. */
NTSTATUS vm_view_commit(const struct allocation *allocation, uintptr_t start, uintptr_t end, DWORD protect);
/* Before pages of a shared view get a protection: maps them for copying, or for sharing again. */
NTSTATUS vm_view_prepare(uintptr_t start, uintptr_t end, DWORD protect);

/* Vm_watch.c */

bool vm_watch_begin(struct allocation *allocation);
void vm_watch_end(struct allocation *allocation);
/* Like mprotect, but the first write to each page faults. */
int vm_watch_protect(const struct allocation *allocation, uintptr_t start, uintptr_t end, DWORD protect);
/* True if a write has faulted only because the page is watched; it may be repeated. */
bool vm_watch_settle(const struct region *region, uintptr_t page);

/* Vm_query.c */

/* The protection that a page of a region has for the program, and up to where pages have the same one. */
DWORD vm_visible_protect(const struct region *region, uintptr_t page, uintptr_t *end);

#endif
