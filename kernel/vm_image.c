#include <sys/mman.h>

#include "kernel/object.h"
#include "kernel/vm_internal.h"

/* Images, which the loader puts together piece by piece. */

NTSTATUS vm_reserve_image(void **base, size_t size)
{
    uintptr_t address = (uintptr_t)*base;
    struct allocation *allocation;
    vm_acquire();
    NTSTATUS status = vm_place(&address, vm_round_up(size, VM_PAGE), NULL, MEM_RESERVE, &vm_reserved_memory,
                               MEM_IMAGE, PAGE_EXECUTE_WRITECOPY, &allocation);
    vm_release_lock();
    if (NT_SUCCESS(status))
        *base = (void *)address;
    return status;
}

static NTSTATUS map_pages(uintptr_t start, uintptr_t end, size_t size, int file, uint64_t offset,
                          DWORD protect)
{
    struct allocation *allocation = vm_allocation_of(start, end);
    if (!allocation)
        return STATUS_CONFLICTING_ADDRESSES;
    NTSTATUS status = vm_adapt_protect(allocation, &protect);
    if (!NT_SUCCESS(status))
        return status;
    if (!region_split_range(start, end))
        return STATUS_NO_MEMORY;
    if (mmap((void *)start, size, vm_host_protection(protect), MAP_PRIVATE | MAP_FIXED, file, offset) ==
        MAP_FAILED) {
        region_join_range(start, end);
        return errno == ENOMEM ? STATUS_NO_MEMORY : STATUS_ACCESS_DENIED;
    }
    region_set_range(start, end, MEM_COMMIT, protect);
    region_set_copies(start, end, true);
    return STATUS_SUCCESS;
}

NTSTATUS vm_map_image(void *address, size_t size, int file, uint64_t offset, DWORD protect)
{
    uintptr_t start = (uintptr_t)address, end = start + vm_round_up(size, VM_PAGE);
    vm_acquire();
    NTSTATUS status = map_pages(start, end, size, file, offset, protect);
    vm_release_lock();
    return status;
}

void vm_set_owner(void *base, struct object *owner)
{
    vm_acquire();
    struct region *region = region_find((uintptr_t)base);
    if (region && !region->allocation->owner)
        region->allocation->owner = object_retain(owner);
    vm_release_lock();
}
