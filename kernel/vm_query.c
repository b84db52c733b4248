#include <sys/mman.h>

#include "kernel/pagemap.h"
#include "kernel/vm_internal.h"

/* What the program is told of its memory, and advice that it gives. */

DWORD vm_visible_protect(const struct region *region, uintptr_t page, uintptr_t *end)
{
    *end = region->end;
    if (!(region->protect & VM_WRITES_COPY))
        return region->protect;
    /* Pages of an image that were read, and not mapped, look as if the program had written all of them. */
    if (region->allocation->type == MEM_IMAGE && !region->copies)
        return region->protect;
    return pagemap_is_copied(page, region->end, end) ? vm_written_protect(region->protect) : region->protect;
}

static void describe_free(uintptr_t page, MEMORY_BASIC_INFORMATION *information)
{
    struct region *next = region_at_or_after(page);
    *information = (MEMORY_BASIC_INFORMATION){
        .BaseAddress = (void *)page,
        .RegionSize = (next ? next->start : region_end()) - page,
        .State = MEM_FREE,
        .Protect = PAGE_NOACCESS,
    };
}

static void describe_region(uintptr_t page, const struct region *region,
                            MEMORY_BASIC_INFORMATION *information)
{
    uintptr_t end, next_end;
    *information = (MEMORY_BASIC_INFORMATION){
        .BaseAddress = (void *)page,
        .AllocationBase = (void *)region->allocation->base,
        .AllocationProtect = region->allocation->protect,
        .State = region->state,
        .Protect = vm_visible_protect(region, page, &end),
        .Type = region->allocation->type,
    };
    /* Regions that differ in how their pages are mapped are one for the program. */
    const struct region *next = region;
    while (end == next->end && (next = region_next(next)) && next->start == end &&
           next->allocation == region->allocation && next->state == region->state &&
           vm_visible_protect(next, end, &next_end) == information->Protect)
        end = next_end;
    information->RegionSize = end - page;
}

NTSTATUS vm_query(const void *address, MEMORY_BASIC_INFORMATION *information)
{
    uintptr_t page = vm_round_down((uintptr_t)address, VM_PAGE);
    MEMORY_BASIC_INFORMATION found;
    if (page >= region_end())
        return STATUS_INVALID_PARAMETER;
    vm_acquire();
    const struct region *region = region_find(page);
    if (region && region->allocation->committed) {
        vm_view_refresh(page, region->end);
        region = region_find(page);
    }
    if (region)
        describe_region(page, region, &found);
    else
        describe_free(page, &found);
    vm_release_lock();
    *information = found;
    return STATUS_SUCCESS;
}

static size_t committed_size(const struct allocation *allocation)
{
    uintptr_t end = allocation->base + allocation->size;
    size_t size = 0;
    if (allocation->committed)
        vm_view_refresh(allocation->base, end);
    for (const struct region *region = region_find(allocation->base); region && region->start < end;
         region = region_next(region))
        if (region->state == MEM_COMMIT)
            size += region->end - region->start;
    return size;
}

NTSTATUS vm_query_allocation(const void *address, struct vm_allocation_information *information)
{
    vm_acquire();
    const struct region *region = region_find((uintptr_t)address);
    if (region) {
        const struct allocation *allocation = region->allocation;
        *information = (struct vm_allocation_information){
            .base = (void *)allocation->base,
            .size = allocation->size,
            .committed = committed_size(allocation),
            .type = allocation->type,
            .protect = allocation->protect,
            .page_file = allocation->page_file,
        };
    }
    vm_release_lock();
    return region ? STATUS_SUCCESS : STATUS_INVALID_ADDRESS;
}

bool vm_query_page(const void *address, struct vm_page_information *information)
{
    uintptr_t page = vm_round_down((uintptr_t)address, VM_PAGE), end;
    uint64_t entry = 0;
    vm_acquire();
    const struct region *region = region_find(page);
    bool committed = region && region->state == MEM_COMMIT;
    if (committed) {
        *information = (struct vm_page_information){
            .protect = vm_visible_protect(region, page, &end),
            .type = region->allocation->type,
        };
    }
    vm_release_lock();
    if (!committed || pagemap_read(page, &entry, 1) != 1 || !(entry & PAGEMAP_PRESENT))
        return false;
    information->shared = entry & PAGEMAP_SHARED;
    return true;
}

/* Pages in memory */

/* Locking touches the pages: guard pages are opened, and the first of them fails the call. */
static NTSTATUS touch(uintptr_t start, uintptr_t end)
{
    NTSTATUS status = STATUS_SUCCESS;
    uintptr_t next;
    if (start >= end || !vm_allocation_of(start, end) || !vm_is_committed(start, end))
        return STATUS_ACCESS_VIOLATION;
    for (uintptr_t at = start; at < end; at = next) {
        const struct region *region = region_find(at);
        next = min(region->end, end);
        if (region->protect & PAGE_GUARD) {
            status = vm_change_range(at, next, MEM_COMMIT, region->protect & ~PAGE_GUARD);
            return NT_SUCCESS(status) ? STATUS_GUARD_PAGE_VIOLATION : status;
        }
        if (region->protect == PAGE_NOACCESS)
            return STATUS_ACCESS_VIOLATION;
        for (uintptr_t page = at; region->allocation->written && page < next; page += VM_PAGE)
            vm_watch_settle(region, page);
    }
    return status;
}

NTSTATUS vm_lock_pages(void *address, SIZE_T size)
{
    uintptr_t start, end;
    vm_cover(address, size, &start, &end);
    vm_acquire();
    NTSTATUS status = touch(start, end);
    vm_release_lock();
    if (status)
        return status;
    return mlock((void *)start, end - start) == 0 ? STATUS_SUCCESS : STATUS_WORKING_SET_QUOTA;
}

NTSTATUS vm_unlock_pages(void *address, SIZE_T size)
{
    uintptr_t start, end;
    vm_cover(address, size, &start, &end);
    vm_acquire();
    bool there = start < end && vm_allocation_of(start, end) && vm_is_committed(start, end);
    vm_release_lock();
    if (!there)
        return STATUS_ACCESS_VIOLATION;
    return munlock((void *)start, end - start) == 0 ? STATUS_SUCCESS : STATUS_NOT_LOCKED;
}

void vm_prefetch(const void *address, SIZE_T size)
{
    uintptr_t start, end;
    vm_cover(address, size, &start, &end);
    if (start < end)
        madvise((void *)start, end - start, MADV_WILLNEED);
}

static bool is_plain_memory(uintptr_t start, uintptr_t end)
{
    const struct allocation *allocation = vm_allocation_of(start, end);
    if (!allocation || allocation->type != MEM_PRIVATE)
        return false;
    for (const struct region *region = region_find(start); region && region->start < end;
         region = region_next(region))
        if (region->state != MEM_COMMIT || !(vm_host_protection(region->protect) & PROT_WRITE))
            return false;
    return true;
}

NTSTATUS vm_advise(void *address, SIZE_T size, enum vm_advice advice)
{
    uintptr_t start = (uintptr_t)address, end = start + size;
    if (size == 0 || start % VM_PAGE || size % VM_PAGE || end < start)
        return STATUS_INVALID_PARAMETER;
    vm_acquire();
    bool possible = is_plain_memory(start, end);
    if (possible && advice != VM_RECLAIM)
        madvise(address, size, advice == VM_DISCARD ? MADV_DONTNEED : MADV_COLD);
    vm_release_lock();
    return possible ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
