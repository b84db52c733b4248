#include <sys/mman.h>

#include "kernel/lock.h"
#include "kernel/object.h"
#include "kernel/vm_internal.h"

/* A fault handler takes it too. No stack overflows while it is held: thunks see to that. */
static struct lock vm_mutex;
static bool prepared;

/* The shared data page is the program's from the start; its memory comes with its first use
 * (kernel/shared_data.c). */
void vm_acquire(void)
{
    lock_acquire(&vm_mutex);
    if (!prepared) {
        prepared = true;
        region_add(VM_SHARED_DATA, VM_PAGE, MEM_PRIVATE, MEM_COMMIT, PAGE_READONLY);
    }
}

void vm_release_lock(void)
{
    lock_release(&vm_mutex);
}

void vm_set_limit(uintptr_t limit)
{
    region_set_end(limit);
}

uintptr_t vm_lowest_address(void)
{
    return VM_LOWEST_ADDRESS;
}

uintptr_t vm_highest_address(void)
{
    return region_end() - 1;
}

void vm_cover(const void *address, size_t size, uintptr_t *start, uintptr_t *end)
{
    uintptr_t last = (uintptr_t)address + size;
    *start = vm_round_down((uintptr_t)address, VM_PAGE);
    *end = last < (uintptr_t)address ? 0 : vm_round_up(last, VM_PAGE);
}

struct allocation *vm_allocation_of(uintptr_t start, uintptr_t end)
{
    struct region *region = region_find(start);
    if (!region || start >= end || end - region->allocation->base > region->allocation->size)
        return NULL;
    return region->allocation;
}

bool vm_is_committed(uintptr_t start, uintptr_t end)
{
    for (struct region *region = region_find(start); region && region->start < end;
         region = region_next(region))
        if (region->state != MEM_COMMIT)
            return false;
    return true;
}

/* Changing pages */

/* Guard pages, pages without access and pages that are not there are all the same to Linux. */
static bool has_host_protection(uintptr_t start, uintptr_t end, int protection)
{
    for (struct region *region = region_find(start); region && region->start < end;
         region = region_next(region))
        if (vm_host_protection(region->protect) != protection)
            return false;
    return true;
}

static int set_host_protection(uintptr_t start, uintptr_t end, DWORD protect)
{
    const struct allocation *allocation = region_find(start)->allocation;
    if (allocation->written)
        return vm_watch_protect(allocation, start, end, protect);
    int protection = vm_host_protection(protect);
    if (has_host_protection(start, end, protection))
        return 0;
    return mprotect((void *)start, end - start, protection);
}

NTSTATUS vm_change_range(uintptr_t start, uintptr_t end, DWORD state, DWORD protect)
{
    if (!region_split_range(start, end))
        return STATUS_NO_MEMORY;
    if (set_host_protection(start, end, protect) != 0) {
        region_join_range(start, end);
        return errno == EACCES ? STATUS_SECTION_PROTECTION : STATUS_NO_MEMORY;
    }
    region_set_range(start, end, state, protect);
    return STATUS_SUCCESS;
}

static NTSTATUS commit_range(uintptr_t start, uintptr_t end, DWORD protect)
{
    struct allocation *allocation = vm_allocation_of(start, end);
    if (!allocation)
        return STATUS_CONFLICTING_ADDRESSES;
    NTSTATUS status = vm_adapt_protect(allocation, &protect);
    if (!NT_SUCCESS(status))
        return status;
    return vm_change_range(start, end, MEM_COMMIT, protect);
}

NTSTATUS vm_commit(void *address, size_t size, DWORD protect)
{
    uintptr_t start, end;
    vm_cover(address, size, &start, &end);
    vm_acquire();
    NTSTATUS status = commit_range(start, end, protect);
    vm_release_lock();
    return status;
}

/* What was there before costs a look at Linux's page tables where pages are copied: `old` may be NULL. */
static NTSTATUS protect_range(uintptr_t start, uintptr_t end, DWORD protect, DWORD *old)
{
    struct allocation *allocation = vm_allocation_of(start, end);
    if (!vm_is_valid_protect(protect))
        return STATUS_INVALID_PAGE_PROTECTION;
    if (!allocation)
        return STATUS_CONFLICTING_ADDRESSES;
    if (allocation->committed)
        vm_view_refresh(start, end);
    if (!vm_is_committed(start, end))
        return STATUS_NOT_COMMITTED;
    if (start == VM_SHARED_DATA)
        return protect == PAGE_READONLY ? STATUS_SUCCESS : STATUS_INVALID_PAGE_PROTECTION;
    NTSTATUS status = vm_adapt_protect(allocation, &protect);
    if (!NT_SUCCESS(status))
        return status;
    uintptr_t same;
    DWORD before = old ? vm_visible_protect(region_find(start), start, &same) : 0;
    if (allocation->shared)
        status = vm_view_prepare(start, end, protect);
    if (NT_SUCCESS(status))
        status = vm_change_range(start, end, MEM_COMMIT, protect);
    if (NT_SUCCESS(status) && old)
        *old = before;
    return status;
}

NTSTATUS vm_protect_pages(void **address, SIZE_T *size, DWORD protect, DWORD *old)
{
    uintptr_t start, end;
    DWORD before;
    vm_cover(*address, *size, &start, &end);
    if (*size == 0 || end < start)
        return STATUS_INVALID_PARAMETER;
    protect = vm_without_call_targets(protect);
    vm_acquire();
    NTSTATUS status = protect_range(start, end, protect, old ? &before : NULL);
    vm_release_lock();
    if (NT_SUCCESS(status)) {
        *address = (void *)start;
        *size = end - start;
        if (old)
            *old = before;
    }
    return status;
}

NTSTATUS vm_protect(void *address, size_t size, DWORD protect, DWORD *old)
{
    SIZE_T length = size;
    return vm_protect_pages(&address, &length, protect, old);
}

/* Letting go */

struct object *vm_remove_allocation(struct allocation *allocation)
{
    struct object *owner = allocation->owner;
    munmap((void *)allocation->base, allocation->size);
    if (allocation->written)
        vm_watch_end(allocation);
    region_remove_allocation(allocation);
    return owner;
}

NTSTATUS vm_release(void *base)
{
    struct object *owner = NULL;
    NTSTATUS status = STATUS_SUCCESS;
    vm_acquire();
    struct region *region = region_find((uintptr_t)base);
    if (!region || region->start == VM_SHARED_DATA)
        status = STATUS_MEMORY_NOT_ALLOCATED;
    else if (region->allocation->base != (uintptr_t)base)
        status = STATUS_FREE_VM_NOT_AT_BASE;
    else
        owner = vm_remove_allocation(region->allocation);
    vm_release_lock();
    if (owner)
        object_release(owner);
    return status;
}

uint64_t vm_unused(void)
{
    vm_acquire();
    uint64_t unused = region_end() - VM_LOWEST_ADDRESS;
    for (struct region *region = region_at_or_after(0); region; region = region_next(region))
        unused -= region->end - region->start;
    vm_release_lock();
    return unused;
}
