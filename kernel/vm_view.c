#include <sys/mman.h>

#include "kernel/object.h"
#include "kernel/pagemap.h"
#include "kernel/vm_internal.h"

/* Mapped views of sections.
 *
 * A view that writes through is mapped shared, any other for copying. Pages of a shared view can be turned
 * into copies: those are then mapped for copying, in regions that say so, until the pages that have not been
 * written are made writable for all again. */

NTSTATUS vm_map_view(void **address, size_t size, const struct vm_view *view)
{
    uintptr_t start = (uintptr_t)*address;
    bool shared = !(view->protect & VM_WRITES_COPY);
    DWORD state = view->committed ? MEM_RESERVE : MEM_COMMIT;
    const struct vm_source source = {
        .file = view->file,
        .offset = view->offset,
        .protection = view->committed ? PROT_NONE : vm_host_protection(view->protect),
        .flags = shared ? MAP_SHARED : MAP_PRIVATE,
    };
    struct allocation *allocation;
    vm_acquire();
    NTSTATUS status = vm_place(&start, vm_round_up(size, VM_PAGE), view->requirements, view->type | state,
                               &source, MEM_MAPPED, view->protect, &allocation);
    if (NT_SUCCESS(status)) {
        allocation->shared = shared;
        allocation->page_file = view->page_file;
        allocation->file = view->file;
        allocation->offset = view->offset;
        allocation->committed = view->committed;
        allocation->owner = view->owner ? object_retain(view->owner) : NULL;
        vm_unusual_memory |= view->committed != NULL;
        *address = (void *)start;
    }
    vm_release_lock();
    return status;
}

/* The place of a view becomes a placeholder again. */
static NTSTATUS leave_placeholder(struct allocation *view, struct object **owner)
{
    uintptr_t base = view->base;
    size_t size = view->size;
    if (mmap((void *)base, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
        return STATUS_NO_MEMORY;
    *owner = view->owner;
    region_remove_allocation(view);
    region_add(base, size, MEM_PRIVATE, MEM_RESERVE, PAGE_NOACCESS)->allocation->placeholder = true;
    return STATUS_SUCCESS;
}

/* Any address within the view will do, as on Windows. */
NTSTATUS vm_unmap_view(void *address, bool keep_place)
{
    struct object *owner = NULL;
    NTSTATUS status = STATUS_SUCCESS;
    vm_acquire();
    struct region *region = region_find((uintptr_t)address);
    if (!region || region->allocation->type == MEM_PRIVATE)
        status = STATUS_NOT_MAPPED_VIEW;
    else if (keep_place)
        status = leave_placeholder(region->allocation, &owner);
    else
        owner = vm_remove_allocation(region->allocation);
    vm_release_lock();
    if (owner)
        object_release(owner);
    return status;
}

NTSTATUS vm_flush_view(void *address, SIZE_T size)
{
    uintptr_t start, end;
    NTSTATUS status = STATUS_SUCCESS;
    vm_cover(address, size, &start, &end);
    vm_acquire();
    struct region *region = region_find(start);
    const struct allocation *allocation = region ? region->allocation : NULL;
    if (!allocation || allocation->type != MEM_MAPPED)
        status = STATUS_NOT_MAPPED_VIEW;
    else if (end < start || end - allocation->base > allocation->size)
        status = STATUS_INVALID_PARAMETER;
    else if (size == 0)
        end = allocation->base + allocation->size;
    vm_release_lock();
    if (NT_SUCCESS(status) && msync((void *)start, end - start, MS_ASYNC) != 0)
        status = STATUS_INVALID_PARAMETER;
    return status;
}

struct object *vm_view_owner(const void *address)
{
    vm_acquire();
    struct region *region = region_find((uintptr_t)address);
    struct object *owner = region ? region->allocation->owner : NULL;
    if (owner)
        object_retain(owner);
    vm_release_lock();
    return owner;
}

/* Copies of shared pages */

/* Maps part of one region anew, with the protection that it has. */
static NTSTATUS map_again(const struct region *region, uintptr_t start, uintptr_t end, bool copies)
{
    const struct allocation *allocation = region->allocation;
    int flags = MAP_FIXED | (copies ? MAP_PRIVATE : MAP_SHARED);
    if (!region_split_range(start, end))
        return STATUS_NO_MEMORY;
    if (mmap((void *)start, end - start, vm_host_protection(region->protect), flags, allocation->file,
             allocation->offset + (start - allocation->base)) == MAP_FAILED) {
        region_join_range(start, end);
        return STATUS_NO_MEMORY;
    }
    region_set_copies(start, end, copies);
    return STATUS_SUCCESS;
}

/* Pages that have been copied stay what they are; the others become copies, or shared again. */
NTSTATUS vm_view_prepare(uintptr_t start, uintptr_t end, DWORD protect)
{
    NTSTATUS status = STATUS_SUCCESS;
    if (!(protect & (VM_WRITES_COPY | VM_WRITES_THROUGH)))
        return status;
    bool copies = protect & VM_WRITES_COPY;
    uintptr_t next;
    for (uintptr_t at = start; at < end && NT_SUCCESS(status); at = next) {
        const struct region *region = region_find(at);
        next = min(region->end, end);
        if (region->copies == copies)
            continue;
        if (copies || !pagemap_is_copied(at, next, &next))
            status = map_again(region, at, next, copies);
    }
    return status;
}

/* Sections that are committed page by page */

enum { BITS = 32 };

static size_t section_page(const struct allocation *allocation, uintptr_t address)
{
    return (allocation->offset + (address - allocation->base)) / VM_PAGE;
}

static bool is_section_page_committed(const struct allocation *allocation, uintptr_t address)
{
    size_t page = section_page(allocation, address);
    return __atomic_load_n(&allocation->committed[page / BITS], __ATOMIC_RELAXED) >> page % BITS & 1;
}

static void mark_section_committed(const struct allocation *allocation, uintptr_t start, uintptr_t end)
{
    size_t last = section_page(allocation, end);
    for (size_t page = section_page(allocation, start); page < last; page++)
        __atomic_fetch_or(&allocation->committed[page / BITS], 1u << page % BITS, __ATOMIC_RELAXED);
}

/* The first page from `at` on whose state is the other one, or `end`. */
static uintptr_t end_of_run(const struct allocation *allocation, uintptr_t at, uintptr_t end)
{
    bool committed = is_section_page_committed(allocation, at);
    uint32_t uniform = committed ? UINT32_MAX : 0;
    while (at < end) {
        size_t page = section_page(allocation, at);
        if (page % BITS == 0 && allocation->committed[page / BITS] == uniform)
            at += BITS * VM_PAGE;
        else if (is_section_page_committed(allocation, at) == committed)
            at += VM_PAGE;
        else
            return at;
    }
    return end;
}

void vm_view_refresh(uintptr_t start, uintptr_t end)
{
    uintptr_t next;
    for (uintptr_t at = start; at < end; at = next) {
        const struct region *region = region_find(at);
        if (!region)
            return;
        const struct allocation *allocation = region->allocation;
        next = min(region->end, end);
        if (region->state == MEM_COMMIT || !allocation->committed)
            continue;
        next = end_of_run(allocation, at, next);
        if (is_section_page_committed(allocation, at))
            vm_change_range(at, next, MEM_COMMIT, allocation->protect);
    }
}

NTSTATUS vm_view_commit(const struct allocation *allocation, uintptr_t start, uintptr_t end, DWORD protect)
{
    NTSTATUS status = STATUS_SUCCESS;
    if (!allocation->page_file)
        return STATUS_ALREADY_COMMITTED;
    status = vm_adapt_protect(allocation, &protect);
    if (NT_SUCCESS(status) && allocation->shared)
        status = vm_view_prepare(start, end, protect);
    if (NT_SUCCESS(status))
        status = vm_change_range(start, end, MEM_COMMIT, protect);
    if (NT_SUCCESS(status) && allocation->committed)
        mark_section_committed(allocation, start, end);
    return status;
}
