#include <sys/mman.h>

#include "kernel/object.h"
#include "kernel/vm_internal.h"

/* Private memory: reserving, committing, decommitting, releasing, and placeholders. */

/* What no process can have is refused as such. An i386 program's kernel is a 64-bit one too. */
#define MOST_ADDRESS_SPACE 0x7FFFFFFF0000ull

#define RESETS ((DWORD)(MEM_RESET | MEM_RESET_UNDO))
#define KNOWN_TYPES \
    ((DWORD)(MEM_COMMIT | MEM_RESERVE | MEM_TOP_DOWN | MEM_WRITE_WATCH | MEM_RESET | MEM_RESET_UNDO))
#define PLACEHOLDER_TYPES ((DWORD)(MEM_RESERVE_PLACEHOLDER | MEM_REPLACE_PLACEHOLDER))

static bool is_valid_type(DWORD type, DWORD protect, const struct vm_requirements *requirements)
{
    if (type & PLACEHOLDER_TYPES) {
        if (!requirements || !requirements->extended || !(type & MEM_RESERVE))
            return false;
        if (type & MEM_RESERVE_PLACEHOLDER &&
            (type & (MEM_COMMIT | MEM_REPLACE_PLACEHOLDER) || protect != PAGE_NOACCESS))
            return false;
        type &= ~PLACEHOLDER_TYPES;
    }
    if (type & ~KNOWN_TYPES || !(type & (MEM_COMMIT | MEM_RESERVE | RESETS)))
        return false;
    if (type & RESETS && type & (type - 1))
        return false;
    return !(type & MEM_WRITE_WATCH) || type & MEM_RESERVE;
}

static NTSTATUS check_allocation(const void *address, SIZE_T size, DWORD type, DWORD protect,
                                 const struct vm_requirements *requirements)
{
    uint64_t wanted = size;
    if (size == 0 || (uintptr_t)address + size < (uintptr_t)address)
        return STATUS_INVALID_PARAMETER;
    if (wanted > MOST_ADDRESS_SPACE)
        return STATUS_INVALID_PARAMETER;
    if (type & MEM_LARGE_PAGES)
        return STATUS_PRIVILEGE_NOT_HELD;
    if (!is_valid_type(type, protect, requirements))
        return STATUS_INVALID_PARAMETER;
    if (!vm_is_valid_protect(protect))
        return STATUS_INVALID_PAGE_PROTECTION;
    if (address && (uintptr_t)address < VM_LOWEST_ADDRESS)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS reserve(uintptr_t *address, size_t size, DWORD type, DWORD protect,
                        const struct vm_requirements *requirements)
{
    struct vm_source source = vm_reserved_memory;
    struct allocation *allocation;
    if (protect & VM_WRITES_COPY)
        return STATUS_INVALID_PAGE_PROTECTION;
    if (type & MEM_COMMIT)
        source.protection = vm_host_protection(protect);
    if (type & MEM_WRITE_WATCH)
        source.protection &= ~PROT_WRITE;
    NTSTATUS status = vm_place(address, size, requirements, type, &source, MEM_PRIVATE, protect, &allocation);
    if (!NT_SUCCESS(status))
        return status;
    allocation->placeholder = type & MEM_RESERVE_PLACEHOLDER;
    if (type & MEM_WRITE_WATCH && !vm_watch_begin(allocation)) {
        vm_remove_allocation(allocation);
        return STATUS_NO_MEMORY;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS commit(uintptr_t start, uintptr_t end, DWORD protect)
{
    const struct allocation *allocation = vm_allocation_of(start, end);
    if (!allocation || allocation->placeholder)
        return STATUS_CONFLICTING_ADDRESSES;
    switch (allocation->type) {
    case MEM_IMAGE:
        return STATUS_ALREADY_COMMITTED;
    case MEM_MAPPED:
        return vm_view_commit(allocation, start, end, protect);
    }
    NTSTATUS status = vm_adapt_protect(allocation, &protect);
    return NT_SUCCESS(status) ? vm_change_range(start, end, MEM_COMMIT, protect) : status;
}

/* The contents need not be kept, but they are, unless Linux wants to write the pages to its swap first. So
 * there is always something to undo the reset for. */
static NTSTATUS reset(uintptr_t start, uintptr_t end, DWORD type)
{
    if (!vm_allocation_of(start, end))
        return STATUS_CONFLICTING_ADDRESSES;
    if (type == MEM_RESET)
        madvise((void *)start, end - start, MADV_COLD);
    return STATUS_SUCCESS;
}

NTSTATUS vm_allocate(void **address, SIZE_T *size, DWORD type, DWORD protect,
                     const struct vm_requirements *requirements)
{
    protect = vm_without_call_targets(protect);
    NTSTATUS status = check_allocation(*address, *size, type, protect, requirements);
    if (!NT_SUCCESS(status))
        return status;
    bool new = !*address || type &MEM_RESERVE, whole_granules = new && !(type & MEM_REPLACE_PLACEHOLDER);
    uintptr_t start = vm_round_down((uintptr_t)*address, whole_granules ? VM_GRANULARITY : VM_PAGE);
    uintptr_t end = vm_round_up((uintptr_t)*address + *size, VM_PAGE);
    if (end <= start)
        return STATUS_NO_MEMORY;
    size_t length = end - start;
    vm_acquire();
    if (type & RESETS)
        status = reset(start, end, type);
    else if (new)
        status = reserve(&start, length, type, protect, requirements);
    else
        status = commit(start, end, protect);
    vm_release_lock();
    if (NT_SUCCESS(status)) {
        *address = (void *)start;
        *size = length;
    }
    return status;
}

/* Freeing */

static NTSTATUS decommit(uintptr_t start, uintptr_t end)
{
    if (!region_split_range(start, end))
        return STATUS_NO_MEMORY;
    if (mmap((void *)start, end - start, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
        MAP_FAILED) {
        region_join_range(start, end);
        return STATUS_NO_MEMORY;
    }
    region_set_range(start, end, MEM_RESERVE, 0);
    return STATUS_SUCCESS;
}

/* Makes an allocation of its own of a range within one, leaving others on both sides. */
static NTSTATUS cut_out(struct allocation *allocation, uintptr_t start, uintptr_t end,
                        struct allocation **middle)
{
    bool cut_end = end < allocation->base + allocation->size;
    *middle = allocation;
    if (start == allocation->base && !cut_end)
        return STATUS_SUCCESS;
    if (allocation->written)
        return STATUS_UNABLE_TO_FREE_VM;
    if (cut_end && !region_split_allocation(allocation, end))
        return STATUS_NO_MEMORY;
    if (start == allocation->base)
        return STATUS_SUCCESS;
    if (!region_split_allocation(allocation, start)) {
        if (cut_end)
            region_join_allocations(allocation, region_find(end)->allocation);
        return STATUS_NO_MEMORY;
    }
    *middle = region_find(start)->allocation;
    return STATUS_SUCCESS;
}

static NTSTATUS release(struct allocation *allocation, uintptr_t start, uintptr_t end)
{
    struct allocation *part;
    NTSTATUS status = cut_out(allocation, start, end, &part);
    if (NT_SUCCESS(status))
        vm_remove_allocation(part);
    return status;
}

/* A part of a placeholder becomes one of its own; private memory becomes a placeholder again. */
static NTSTATUS release_to_placeholder(struct allocation *allocation, uintptr_t start, uintptr_t end)
{
    struct allocation *part;
    if (allocation->placeholder && start == allocation->base && end == start + allocation->size)
        return STATUS_CONFLICTING_ADDRESSES;
    NTSTATUS status = cut_out(allocation, start, end, &part);
    if (!NT_SUCCESS(status) || part->placeholder)
        return status;
    status = decommit(start, end);
    if (!NT_SUCCESS(status))
        return status;
    if (part->written)
        vm_watch_end(part);
    part->placeholder = true;
    part->protect = PAGE_NOACCESS;
    return status;
}

static struct allocation *placeholder_at(uintptr_t start)
{
    const struct region *region = region_find(start);
    return region && region->allocation->placeholder && region->start == start ? region->allocation : NULL;
}

/* The range is that of two placeholders or more, from border to border. */
static NTSTATUS join_placeholders(uintptr_t start, uintptr_t end)
{
    struct allocation *first = placeholder_at(start), *next = first;
    uintptr_t at = start;
    while (next && at < end) {
        at += next->size;
        next = placeholder_at(at);
    }
    if (at != end || !first || first->size == end - start)
        return STATUS_CONFLICTING_ADDRESSES;
    while (first->base + first->size < end)
        region_join_allocations(first, placeholder_at(first->base + first->size));
    return STATUS_SUCCESS;
}

static NTSTATUS free_range(uintptr_t start, uintptr_t *end, bool all, DWORD type)
{
    struct region *region = region_find(start);
    struct allocation *allocation = region ? region->allocation : NULL;
    if (!allocation || start == VM_SHARED_DATA)
        return STATUS_MEMORY_NOT_ALLOCATED;
    if (all) {
        if (allocation->base != start)
            return STATUS_FREE_VM_NOT_AT_BASE;
        *end = start + allocation->size;
    }
    if (type == (MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS))
        return join_placeholders(start, *end);
    if (*end < start || *end - allocation->base > allocation->size)
        return STATUS_UNABLE_TO_FREE_VM;
    if (allocation->type != MEM_PRIVATE)
        return STATUS_UNABLE_TO_DELETE_SECTION;
    switch (type) {
    case MEM_DECOMMIT:
        return allocation->placeholder ? STATUS_CONFLICTING_ADDRESSES : decommit(start, *end);
    case MEM_RELEASE:
        return release(allocation, start, *end);
    default:
        return release_to_placeholder(allocation, start, *end);
    }
}

NTSTATUS vm_free(void **address, SIZE_T *size, DWORD type)
{
    uintptr_t start, end;
    bool keeps_place = type & (MEM_PRESERVE_PLACEHOLDER | MEM_COALESCE_PLACEHOLDERS);
    switch (type) {
    case MEM_DECOMMIT:
    case MEM_RELEASE:
    case MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER:
    case MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS:
        break;
    default:
        return STATUS_INVALID_PARAMETER;
    }
    if (keeps_place && *size == 0)
        return STATUS_INVALID_PARAMETER;
    vm_cover(*address, *size, &start, &end);
    vm_acquire();
    NTSTATUS status = free_range(start, &end, *size == 0, type);
    vm_release_lock();
    if (NT_SUCCESS(status)) {
        *address = (void *)start;
        /* Who decommits a whole allocation is not told how much that was. */
        if (*size || type != MEM_DECOMMIT)
            *size = end - start;
    }
    return status;
}
