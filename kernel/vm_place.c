#include <sys/mman.h>

#include "kernel/host_maps.h"
#include "kernel/vm_internal.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

const struct vm_source vm_reserved_memory = {
    .file = -1,
    .protection = PROT_NONE,
    .flags = MAP_PRIVATE | MAP_ANONYMOUS,
};

struct window {
    uintptr_t start, end;
};

/* Where to look for room, in order of preference. The neighbourhoods of 0x400000, 0x10000000 and
 * 0x140000000 come last, as programs and DLLs without relocations must lie there. The first window shares
 * its upper page tables with them. */
static const struct window windows[] = {
#ifdef __x86_64__
    {0x2000000000, 0x6FFF00000000},
    {0x1000000000, UINTPTR_MAX},
    {0x20000000, VM_SHARED_DATA},
#else
    {0x14000000, 0x55000000},
    {0x14000000, UINTPTR_MAX},
#endif
    {VM_LOWEST_ADDRESS, UINTPTR_MAX},
};

/* Maps a place that the region map has free: 0, or EEXIST where Linux's side has something there. */
static int map_new(uintptr_t address, size_t size, const struct vm_source *source)
{
    vm_stacks_give_way(address, address + size);
    void *result = mmap((void *)address, size, source->protection, source->flags | MAP_FIXED_NOREPLACE,
                        source->file, source->offset);
    if (result == MAP_FAILED)
        return errno;
    if (result == (void *)address)
        return 0;
    /* A kernel that does not know the flag takes the address as a hint. */
    munmap(result, size);
    return EEXIST;
}

/* Where Linux's own mappings were last found in the way, for a search not to run into all of them again. They
 * may be gone by now. */
static struct window occupied;

static int map_in_window(uintptr_t start, uintptr_t end, size_t size, size_t alignment, bool top_down,
                         const struct vm_source *source, uintptr_t *address)
{
    const uintptr_t beginning = start;
    bool skipped = false;
    for (;;) {
        uintptr_t place = region_find_room(start, end, size, alignment, top_down), first, last;
        if (!place && !skipped)
            return ENOMEM;
        if (!place) {
            occupied = (struct window){0};
            start = beginning;
            skipped = false;
            continue;
        }
        if (!top_down && place < occupied.end && place + size > occupied.start && start < occupied.end) {
            start = occupied.end;
            skipped = true;
            continue;
        }
        int error = map_new(place, size, source);
        if (error != EEXIST) {
            *address = place;
            return error;
        }
        if (!host_maps_overlap(place, place + size, size, &first, &last))
            return ENOMEM;
        occupied = (struct window){first, last};
        if (top_down)
            end = first;
        else
            start = last;
    }
}

static int map_anywhere(size_t size, const struct vm_requirements *requirements, bool top_down,
                        const struct vm_source *source, uintptr_t *address)
{
    uintptr_t lowest = VM_LOWEST_ADDRESS, end = region_end();
    size_t alignment = VM_GRANULARITY;
    if (requirements) {
        lowest = max(lowest, requirements->lowest);
        if (requirements->highest && requirements->highest < end)
            end = requirements->highest + 1;
        alignment = max(alignment, requirements->alignment);
    }
    int error = ENOMEM;
    for (unsigned i = 0; i < ARRAYSIZE(windows) && error == ENOMEM; i++) {
        /* The highest address of all is asked for, not that of a preferred window. */
        if (top_down && windows[i].end != UINTPTR_MAX)
            continue;
        uintptr_t from = max(lowest, windows[i].start), to = min(end, windows[i].end);
        if (from < to && to - from >= size)
            error = map_in_window(from, to, size, alignment, top_down, source, address);
    }
    return error;
}

static NTSTATUS map_free_place(uintptr_t *address, size_t size, const struct vm_requirements *requirements,
                               bool top_down, const struct vm_source *source)
{
    int error;
    if (*address == 0) {
        error = map_anywhere(size, requirements, top_down, source, address);
        return error == 0 ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    }
    if (*address < VM_LOWEST_ADDRESS || *address >= region_end() || size > region_end() - *address)
        return STATUS_INVALID_PARAMETER;
    if (!region_is_free(*address, *address + size))
        return STATUS_CONFLICTING_ADDRESSES;
    error = map_new(*address, size, source);
    if (error == 0)
        return STATUS_SUCCESS;
    return error == ENOMEM ? STATUS_NO_MEMORY : STATUS_CONFLICTING_ADDRESSES;
}

/* Afterwards the place is free in the map, and two nodes of the map are, too. */
static NTSTATUS map_over_placeholder(uintptr_t address, size_t size, const struct vm_source *source)
{
    struct region *region = region_find(address);
    if (!region || !region->allocation->placeholder || region->allocation->base != address ||
        region->allocation->size != size)
        return STATUS_CONFLICTING_ADDRESSES;
    if (mmap((void *)address, size, source->protection, source->flags | MAP_FIXED, source->file,
             source->offset) == MAP_FAILED)
        return STATUS_NO_MEMORY;
    region_remove_allocation(region->allocation);
    return STATUS_SUCCESS;
}

NTSTATUS vm_place(uintptr_t *address, size_t size, const struct vm_requirements *requirements, DWORD type,
                  const struct vm_source *source, DWORD kind, DWORD protect, struct allocation **allocation)
{
    NTSTATUS status = type & MEM_REPLACE_PLACEHOLDER
                          ? map_over_placeholder(*address, size, source)
                          : map_free_place(address, size, requirements, type & MEM_TOP_DOWN, source);
    if (!NT_SUCCESS(status))
        return status;
    DWORD state = type & MEM_COMMIT ? MEM_COMMIT : MEM_RESERVE;
    struct region *region = region_add(*address, size, kind, state, protect);
    if (!region) {
        munmap((void *)*address, size);
        return STATUS_NO_MEMORY;
    }
    *allocation = region->allocation;
    return STATUS_SUCCESS;
}
