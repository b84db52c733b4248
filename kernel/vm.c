#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kernel/host_maps.h"
#include "kernel/lock.h"
#include "kernel/object.h"
#include "kernel/region.h"
#include "kernel/teb.h"
#include "kernel/vm.h"

#define LOWEST_ADDRESS VM_GRANULARITY

/* What no process can have is refused as such. An i386 program's kernel is a 64-bit one too. */
#define MOST_ADDRESS_SPACE 0x7FFFFFFF0000ull

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static struct lock vm_mutex;
static bool prepared;

/* The shared data page is the program's from the start; its memory comes with its first use
 * (kernel/shared_data.c). */
static void acquire(void)
{
    lock_acquire(&vm_mutex);
    if (!prepared) {
        prepared = true;
        region_add(VM_SHARED_DATA, VM_PAGE, MEM_PRIVATE, MEM_COMMIT, PAGE_READONLY);
    }
}

static void release(void)
{
    lock_release(&vm_mutex);
}

static uintptr_t round_down(uintptr_t value, uintptr_t multiple)
{
    return value & -multiple;
}

static uintptr_t round_up(uintptr_t value, uintptr_t multiple)
{
    return (value + multiple - 1) & -multiple;
}

void vm_set_limit(uintptr_t limit)
{
    region_set_end(limit);
}

uintptr_t vm_lowest_address(void)
{
    return LOWEST_ADDRESS;
}

uintptr_t vm_highest_address(void)
{
    return region_end() - 1;
}

/* -- protections ------------------------------------------------------------------------------------ */

#define PROTECT_MODIFIERS ((DWORD)(PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE))

static bool is_valid_protect(DWORD protect)
{
    DWORD access = protect & ~PROTECT_MODIFIERS;
    if (access == 0 || access & (access - 1) || access > PAGE_EXECUTE_WRITECOPY)
        return false;
    if (access == PAGE_NOACCESS && protect != access)
        return false;
    return (protect & (PAGE_NOCACHE | PAGE_WRITECOMBINE)) != (PAGE_NOCACHE | PAGE_WRITECOMBINE);
}

static bool is_valid_private_protect(DWORD protect)
{
    return is_valid_protect(protect) && !(protect & (PAGE_WRITECOPY | PAGE_EXECUTE_WRITECOPY));
}

/* A guard page is inaccessible until vm_fault has seen to it. On x86, what can be executed can be read. */
static int host_protection(DWORD protect)
{
    if (protect & PAGE_GUARD)
        return PROT_NONE;
    switch (protect & ~PROTECT_MODIFIERS) {
    case PAGE_READONLY:
        return PROT_READ;
    case PAGE_READWRITE:
    case PAGE_WRITECOPY:
        return PROT_READ | PROT_WRITE;
    case PAGE_EXECUTE:
    case PAGE_EXECUTE_READ:
        return PROT_READ | PROT_EXEC;
    case PAGE_EXECUTE_READWRITE:
    case PAGE_EXECUTE_WRITECOPY:
        return PROT_READ | PROT_WRITE | PROT_EXEC;
    default:
        return PROT_NONE;
    }
}

/* What the pages of a view may become is decided by what it was mapped with. Windows also lets shared pages
 * become copies, which no program is known to do. */
static DWORD compatible_with(DWORD maximum)
{
    DWORD compatible = PAGE_NOACCESS | PAGE_READONLY;
    if (maximum & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE))
        compatible |= PAGE_READWRITE;
    if (maximum & (PAGE_WRITECOPY | PAGE_EXECUTE_WRITECOPY))
        compatible |= PAGE_WRITECOPY;
    if (maximum & (PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY))
        compatible |= PAGE_EXECUTE | PAGE_EXECUTE_READ | compatible << 4;
    return compatible;
}

/* Image pages are private to the process, so making them writable makes them copy-on-write. */
static NTSTATUS adapt_protect(const struct allocation *allocation, DWORD *protect)
{
    if (!is_valid_protect(*protect))
        return STATUS_INVALID_PAGE_PROTECTION;
    if (allocation->type == MEM_PRIVATE)
        return is_valid_private_protect(*protect) ? STATUS_SUCCESS : STATUS_INVALID_PAGE_PROTECTION;
    if (allocation->type == MEM_IMAGE && *protect & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE))
        *protect = (*protect & PROTECT_MODIFIERS) | (*protect & ~PROTECT_MODIFIERS) << 1;
    if (allocation->maximum && !(*protect & compatible_with(allocation->maximum)))
        return STATUS_SECTION_PROTECTION;
    return STATUS_SUCCESS;
}

/* -- placing ---------------------------------------------------------------------------------------- */

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
    {LOWEST_ADDRESS, UINTPTR_MAX},
};

/* What to map: anonymous memory, or part of a file. */
struct source {
    int file; /* -1: none */
    uint64_t offset;
    int protection, flags;
};

/* Maps a place that the region map has free: 0, or EEXIST where Linux's side has something there. */
static int map_new(uintptr_t address, size_t size, const struct source *source)
{
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

static int map_in_window(uintptr_t start, uintptr_t end, size_t size, size_t alignment, bool top_down,
                         const struct source *source, uintptr_t *address)
{
    for (;;) {
        uintptr_t place = region_find_room(start, end, size, alignment, top_down), first, last;
        if (!place)
            return ENOMEM;
        int error = map_new(place, size, source);
        if (error != EEXIST) {
            *address = place;
            return error;
        }
        if (!host_maps_overlap(place, place + size, &first, &last))
            return ENOMEM;
        if (top_down)
            end = first;
        else
            start = last;
    }
}

static int map_anywhere(size_t size, const struct vm_requirements *requirements, bool top_down,
                        const struct source *source, uintptr_t *address)
{
    uintptr_t lowest = LOWEST_ADDRESS, end = region_end();
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

/* Enters a mapping that has just been made into the map; on failure it is gone. */
static struct region *add_region(uintptr_t address, size_t size, DWORD type, DWORD state, DWORD protect)
{
    struct region *region = region_add(address, size, type, state, protect);
    if (!region)
        munmap((void *)address, size);
    return region;
}

/* Maps and enters a new allocation, at *address if that is not 0. Under the lock. */
static NTSTATUS place(uintptr_t *address, size_t size, const struct vm_requirements *requirements,
                      bool top_down, const struct source *source)
{
    int error;
    if (*address == 0) {
        error = map_anywhere(size, requirements, top_down, source, address);
        return error == 0 ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    }
    if (*address < LOWEST_ADDRESS || *address >= region_end() || size > region_end() - *address)
        return STATUS_INVALID_PARAMETER;
    if (!region_is_free(*address, *address + size))
        return STATUS_CONFLICTING_ADDRESSES;
    error = map_new(*address, size, source);
    if (error == 0)
        return STATUS_SUCCESS;
    return error == ENOMEM ? STATUS_NO_MEMORY : STATUS_CONFLICTING_ADDRESSES;
}

/* -- changing pages; under the lock, the range within one allocation -------------------------------- */

/* Guard pages, pages without access and pages that are not there are all the same to Linux. */
static bool has_host_protection(uintptr_t start, uintptr_t end, int protection)
{
    for (struct region *region = region_find(start); region && region->start < end;
         region = region_next(region))
        if (host_protection(region->protect) != protection)
            return false;
    return true;
}

static NTSTATUS change_range(uintptr_t start, uintptr_t end, DWORD state, DWORD protect)
{
    int protection = host_protection(protect);
    if (!region_split_range(start, end))
        return STATUS_NO_MEMORY;
    if (!has_host_protection(start, end, protection) &&
        mprotect((void *)start, end - start, protection) != 0) {
        region_join_range(start, end);
        return errno == EACCES ? STATUS_SECTION_PROTECTION : STATUS_NO_MEMORY;
    }
    region_set_range(start, end, state, protect);
    return STATUS_SUCCESS;
}

/* The allocation that holds the whole range, or NULL. */
static struct allocation *allocation_of(uintptr_t start, uintptr_t end)
{
    struct region *region = region_find(start);
    if (!region || start >= end || end - region->allocation->base > region->allocation->size)
        return NULL;
    return region->allocation;
}

static bool is_committed(uintptr_t start, uintptr_t end)
{
    for (struct region *region = region_find(start); region && region->start < end;
         region = region_next(region))
        if (region->state != MEM_COMMIT)
            return false;
    return true;
}

static NTSTATUS commit_range(uintptr_t start, uintptr_t end, DWORD protect)
{
    struct allocation *allocation = allocation_of(start, end);
    if (!allocation)
        return STATUS_CONFLICTING_ADDRESSES;
    NTSTATUS status = adapt_protect(allocation, &protect);
    return NT_SUCCESS(status) ? change_range(start, end, MEM_COMMIT, protect) : status;
}

static NTSTATUS protect_range(uintptr_t start, uintptr_t end, DWORD protect, DWORD *old)
{
    struct allocation *allocation = allocation_of(start, end);
    if (!is_valid_protect(protect))
        return STATUS_INVALID_PAGE_PROTECTION;
    if (!allocation)
        return STATUS_CONFLICTING_ADDRESSES;
    if (!is_committed(start, end))
        return STATUS_NOT_COMMITTED;
    if (start == VM_SHARED_DATA)
        return protect == PAGE_READONLY ? STATUS_SUCCESS : STATUS_INVALID_PAGE_PROTECTION;
    NTSTATUS status = adapt_protect(allocation, &protect);
    if (!NT_SUCCESS(status))
        return status;
    if (old)
        *old = region_find(start)->protect;
    return change_range(start, end, MEM_COMMIT, protect);
}

/* -- for the loader --------------------------------------------------------------------------------- */

static const struct source reserved_memory = {
    .file = -1,
    .protection = PROT_NONE,
    .flags = MAP_PRIVATE | MAP_ANONYMOUS,
};

NTSTATUS vm_reserve_image(void **base, size_t size)
{
    uintptr_t address = (uintptr_t)*base;
    size = round_up(size, VM_PAGE);
    acquire();
    NTSTATUS status = place(&address, size, NULL, false, &reserved_memory);
    if (NT_SUCCESS(status) && !add_region(address, size, MEM_IMAGE, MEM_RESERVE, PAGE_EXECUTE_WRITECOPY))
        status = STATUS_NO_MEMORY;
    release();
    if (NT_SUCCESS(status))
        *base = (void *)address;
    return status;
}

NTSTATUS vm_map_image(void *address, size_t size, int file, uint64_t offset, DWORD protect)
{
    uintptr_t start = (uintptr_t)address, end = start + round_up(size, VM_PAGE);
    NTSTATUS status = STATUS_SUCCESS;
    acquire();
    if (!allocation_of(start, end))
        status = STATUS_CONFLICTING_ADDRESSES;
    else if (!region_split_range(start, end))
        status = STATUS_NO_MEMORY;
    else if (mmap(address, size, host_protection(protect), MAP_PRIVATE | MAP_FIXED, file, offset) ==
             MAP_FAILED) {
        region_join_range(start, end);
        status = errno == ENOMEM ? STATUS_NO_MEMORY : STATUS_ACCESS_DENIED;
    } else
        region_set_range(start, end, MEM_COMMIT, protect);
    release();
    return status;
}

/* A range that leaves the address space ends at 0, before it starts. */
static void cover(void *address, size_t size, uintptr_t *start, uintptr_t *end)
{
    uintptr_t last = (uintptr_t)address + size;
    *start = round_down((uintptr_t)address, VM_PAGE);
    *end = last < (uintptr_t)address ? 0 : round_up(last, VM_PAGE);
}

NTSTATUS vm_commit(void *address, size_t size, DWORD protect)
{
    uintptr_t start, end;
    cover(address, size, &start, &end);
    acquire();
    NTSTATUS status = commit_range(start, end, protect);
    release();
    return status;
}

NTSTATUS vm_protect(void *address, size_t size, DWORD protect, DWORD *old)
{
    uintptr_t start, end;
    cover(address, size, &start, &end);
    acquire();
    NTSTATUS status = protect_range(start, end, protect, old);
    release();
    return status;
}

NTSTATUS vm_describe(void *address, size_t size, DWORD protect)
{
    uintptr_t start, end;
    cover(address, size, &start, &end);
    acquire();
    NTSTATUS status = STATUS_NO_MEMORY;
    if (!allocation_of(start, end))
        status = STATUS_CONFLICTING_ADDRESSES;
    else if (region_split_range(start, end)) {
        region_set_range(start, end, MEM_COMMIT, protect);
        status = STATUS_SUCCESS;
    }
    release();
    return status;
}

/* Unmaps and forgets; under the lock. Returns the view's owner for the caller to release without it. */
static struct object *remove_allocation(struct allocation *allocation)
{
    struct object *owner = allocation->owner;
    munmap((void *)allocation->base, allocation->size);
    region_remove_allocation(allocation);
    return owner;
}

static NTSTATUS release_whole(void *base, DWORD type)
{
    struct object *owner = NULL;
    NTSTATUS status = STATUS_SUCCESS;
    acquire();
    struct region *region = region_find((uintptr_t)base);
    if (!region || region->start == VM_SHARED_DATA)
        status = STATUS_MEMORY_NOT_ALLOCATED;
    else if (region->allocation->base != (uintptr_t)base)
        status = STATUS_FREE_VM_NOT_AT_BASE;
    else if (type && region->allocation->type != type)
        status = STATUS_UNABLE_TO_DELETE_SECTION;
    else
        owner = remove_allocation(region->allocation);
    release();
    if (owner)
        object_release(owner);
    return status;
}

NTSTATUS vm_release(void *base)
{
    return release_whole(base, 0);
}

/* -- allocation ------------------------------------------------------------------------------------- */

#define KNOWN_TYPES (MEM_COMMIT | MEM_RESERVE | MEM_TOP_DOWN | MEM_RESET | MEM_RESET_UNDO)

static NTSTATUS check_allocation(const void *address, SIZE_T size, DWORD type, DWORD protect)
{
    uint64_t wanted = size;
    if (size == 0 || (uintptr_t)address + size < (uintptr_t)address)
        return STATUS_INVALID_PARAMETER;
    if (wanted > MOST_ADDRESS_SPACE)
        return STATUS_INVALID_PARAMETER;
    if (type & MEM_LARGE_PAGES)
        return STATUS_PRIVILEGE_NOT_HELD;
    if (type & ~KNOWN_TYPES || !(type & (MEM_COMMIT | MEM_RESERVE | MEM_RESET | MEM_RESET_UNDO)))
        return STATUS_INVALID_PARAMETER;
    if (type & (MEM_RESET | MEM_RESET_UNDO) && type & (type - 1))
        return STATUS_INVALID_PARAMETER;
    if (!is_valid_private_protect(protect))
        return STATUS_INVALID_PAGE_PROTECTION;
    if (address && (uintptr_t)address < LOWEST_ADDRESS)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS reserve(uintptr_t *address, size_t size, DWORD type, DWORD protect,
                        const struct vm_requirements *requirements)
{
    DWORD state = type & MEM_COMMIT ? MEM_COMMIT : MEM_RESERVE;
    struct source source = reserved_memory;
    if (state == MEM_COMMIT)
        source.protection = host_protection(protect);
    if (requirements && requirements->stack)
        source.flags |= MAP_NORESERVE | MAP_STACK;
    NTSTATUS status = place(address, size, requirements, type & MEM_TOP_DOWN, &source);
    if (!NT_SUCCESS(status))
        return status;
    struct region *region = add_region(*address, size, MEM_PRIVATE, state, protect);
    if (!region)
        return STATUS_NO_MEMORY;
    region->allocation->stack = requirements && requirements->stack;
    return STATUS_SUCCESS;
}

/* The contents need not be kept; whether they are is the system's choice, and here they are. */
static NTSTATUS reset(uintptr_t start, uintptr_t end)
{
    if (!allocation_of(start, end))
        return STATUS_CONFLICTING_ADDRESSES;
    return is_committed(start, end) ? STATUS_SUCCESS : STATUS_CONFLICTING_ADDRESSES;
}

NTSTATUS vm_allocate(void **address, SIZE_T *size, DWORD type, DWORD protect,
                     const struct vm_requirements *requirements)
{
    NTSTATUS status = check_allocation(*address, *size, type, protect);
    if (!NT_SUCCESS(status))
        return status;
    bool new = !*address || type &MEM_RESERVE;
    uintptr_t start = round_down((uintptr_t)*address, new ? VM_GRANULARITY : VM_PAGE);
    uintptr_t end = round_up((uintptr_t)*address + *size, VM_PAGE);
    if (end <= start)
        return STATUS_NO_MEMORY;
    size_t length = end - start;
    acquire();
    if (type & (MEM_RESET | MEM_RESET_UNDO))
        status = reset(start, end);
    else if (new)
        status = reserve(&start, length, type, protect, requirements);
    else
        status = commit_range(start, end, protect);
    release();
    if (NT_SUCCESS(status)) {
        *address = (void *)start;
        *size = length;
    }
    return status;
}

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

static NTSTATUS decommit_pages(void **address, SIZE_T *size)
{
    uintptr_t start, end;
    NTSTATUS status;
    cover(*address, *size, &start, &end);
    acquire();
    struct region *region = region_find(start);
    struct allocation *allocation = region ? region->allocation : NULL;
    if (allocation && *size == 0 && allocation->base == start)
        end = start + allocation->size;
    if (!allocation || start == VM_SHARED_DATA)
        status = STATUS_MEMORY_NOT_ALLOCATED;
    else if (*size == 0 && allocation->base != start)
        status = STATUS_FREE_VM_NOT_AT_BASE;
    else if (end < start || end - allocation->base > allocation->size)
        status = STATUS_UNABLE_TO_FREE_VM;
    else if (allocation->type != MEM_PRIVATE)
        status = STATUS_UNABLE_TO_DELETE_SECTION;
    else
        status = decommit(start, end);
    release();
    if (NT_SUCCESS(status)) {
        *address = (void *)start;
        *size = end - start;
    }
    return status;
}

/* The size of the allocation at `address`, or 0. */
static size_t allocated_size(const void *address)
{
    acquire();
    struct region *region = region_find((uintptr_t)address);
    size_t size = region ? region->allocation->size : 0;
    release();
    return size;
}

NTSTATUS vm_free(void **address, SIZE_T *size, DWORD type)
{
    if (type == MEM_DECOMMIT)
        return decommit_pages(address, size);
    if (type != MEM_RELEASE)
        return STATUS_INVALID_PARAMETER;
    void *base = (void *)round_down((uintptr_t)*address, VM_PAGE);
    size_t whole = allocated_size(base);
    if (whole && *size && round_up((uintptr_t)*address + *size, VM_PAGE) != (uintptr_t)base + whole)
        return STATUS_UNABLE_TO_FREE_VM;
    NTSTATUS status = release_whole(base, MEM_PRIVATE);
    if (NT_SUCCESS(status)) {
        *address = base;
        *size = whole;
    }
    return status;
}

NTSTATUS vm_protect_pages(void **address, SIZE_T *size, DWORD protect, DWORD *old)
{
    uintptr_t start, end;
    cover(*address, *size, &start, &end);
    if (*size == 0 || end < start)
        return STATUS_INVALID_PARAMETER;
    acquire();
    NTSTATUS status = protect_range(start, end, protect, old);
    release();
    if (NT_SUCCESS(status)) {
        *address = (void *)start;
        *size = end - start;
    }
    return status;
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
    *information = (MEMORY_BASIC_INFORMATION){
        .BaseAddress = (void *)page,
        .AllocationBase = (void *)region->allocation->base,
        .AllocationProtect = region->allocation->protect,
        .RegionSize = region->end - page,
        .State = region->state,
        .Protect = region->protect,
        .Type = region->allocation->type,
    };
}

NTSTATUS vm_query(const void *address, MEMORY_BASIC_INFORMATION *information)
{
    uintptr_t page = round_down((uintptr_t)address, VM_PAGE);
    if (page >= region_end())
        return STATUS_INVALID_PARAMETER;
    acquire();
    const struct region *region = region_find(page);
    if (region)
        describe_region(page, region, information);
    else
        describe_free(page, information);
    release();
    return STATUS_SUCCESS;
}

static NTSTATUS change_lock(void *address, SIZE_T size, int (*change)(const void *, size_t), NTSTATUS failure)
{
    uintptr_t start, end;
    cover(address, size, &start, &end);
    acquire();
    bool accessible = size != 0 && allocation_of(start, end) && is_committed(start, end);
    release();
    if (!accessible)
        return STATUS_ACCESS_VIOLATION;
    return change((void *)start, end - start) == 0 ? STATUS_SUCCESS : failure;
}

NTSTATUS vm_lock_pages(void *address, SIZE_T size)
{
    return change_lock(address, size, mlock, STATUS_WORKING_SET_QUOTA);
}

NTSTATUS vm_unlock_pages(void *address, SIZE_T size)
{
    return change_lock(address, size, munlock, STATUS_NOT_LOCKED);
}

/* -- views ------------------------------------------------------------------------------------------ */

NTSTATUS vm_map_view(void **address, size_t size, int file, uint64_t offset, DWORD type, DWORD protect,
                     DWORD maximum, struct object *owner)
{
    uintptr_t start = (uintptr_t)*address;
    bool private = protect & (PAGE_WRITECOPY | PAGE_EXECUTE_WRITECOPY);
    struct source source = {
        .file = file,
        .offset = offset,
        .protection = type & MEM_RESERVE ? PROT_NONE : host_protection(protect),
        .flags = private ? MAP_PRIVATE : MAP_SHARED,
    };
    size_t length = round_up(size, VM_PAGE);
    acquire();
    NTSTATUS status = place(&start, length, NULL, type & MEM_TOP_DOWN, &source);
    if (NT_SUCCESS(status)) {
        DWORD state = type & MEM_RESERVE ? MEM_RESERVE : MEM_COMMIT;
        struct region *region = add_region(start, length, MEM_MAPPED, state, protect);
        if (region) {
            region->allocation->maximum = maximum;
            region->allocation->owner = owner ? object_retain(owner) : NULL;
        } else {
            status = STATUS_NO_MEMORY;
        }
    }
    release();
    if (NT_SUCCESS(status))
        *address = (void *)start;
    return status;
}

/* Any address within the view will do, as on Windows. */
NTSTATUS vm_unmap_view(void *address)
{
    struct object *owner = NULL;
    NTSTATUS status = STATUS_SUCCESS;
    acquire();
    struct region *region = region_find((uintptr_t)address);
    if (!region || region->allocation->type == MEM_PRIVATE)
        status = STATUS_NOT_MAPPED_VIEW;
    else
        owner = remove_allocation(region->allocation);
    release();
    if (owner)
        object_release(owner);
    return status;
}

NTSTATUS vm_flush_view(void *address, SIZE_T size)
{
    uintptr_t start, end;
    NTSTATUS status = STATUS_SUCCESS;
    cover(address, size, &start, &end);
    acquire();
    struct region *region = region_find(start);
    const struct allocation *allocation = region ? region->allocation : NULL;
    if (!allocation || allocation->type != MEM_MAPPED)
        status = STATUS_NOT_MAPPED_VIEW;
    else if (end < start || end - allocation->base > allocation->size)
        status = STATUS_INVALID_PARAMETER;
    else if (size == 0)
        end = allocation->base + allocation->size;
    release();
    if (NT_SUCCESS(status) && msync((void *)start, end - start, MS_ASYNC) != 0)
        status = STATUS_INVALID_PARAMETER;
    return status;
}

struct object *vm_view_owner(const void *address)
{
    acquire();
    struct region *region = region_find((uintptr_t)address);
    struct object *owner = region ? region->allocation->owner : NULL;
    if (owner)
        object_retain(owner);
    release();
    return owner;
}

/* -- faults ----------------------------------------------------------------------------------------- */

/* The end of a thread's stack opens as a whole, so that there is room for its exception handlers. */
static NTSTATUS open_stack_guard(struct teb *teb, struct region *guard)
{
    uintptr_t start = guard->start, end = guard->end;
    NTSTATUS status = change_range(start, end, MEM_COMMIT, guard->protect & ~PAGE_GUARD);
    if (!NT_SUCCESS(status))
        return status;
    teb->Tib.StackLimit = (void *)start;
    return STATUS_STACK_OVERFLOW;
}

static NTSTATUS open_guard_page(uintptr_t page, struct region *guard)
{
    NTSTATUS status = change_range(page, page + VM_PAGE, MEM_COMMIT, guard->protect & ~PAGE_GUARD);
    return NT_SUCCESS(status) ? STATUS_GUARD_PAGE_VIOLATION : status;
}

NTSTATUS vm_fault(uintptr_t address)
{
    uintptr_t page = round_down(address, VM_PAGE);
    NTSTATUS status = STATUS_ACCESS_VIOLATION;
    acquire();
    struct region *region = region_find(page);
    if (region && region->protect & PAGE_GUARD) {
        const struct allocation *allocation = region->allocation;
        struct teb *teb = allocation->stack ? teb_current() : NULL;
        if (teb && (uintptr_t)teb->DeallocationStack == allocation->base)
            status = open_stack_guard(teb, region);
        else
            status = open_guard_page(page, region);
    }
    release();
    return status;
}

/* Linux checks both sides, so either may be missing, or only allow the other access. */
size_t vm_copy(void *to, const void *from, size_t size)
{
    struct iovec remote = {.iov_base = (void *)from, .iov_len = size};
    size_t copied = 0;
    while (copied < size) {
        /* Linux gives up on a whole local page where only part of it can be written. */
        struct iovec local = {.iov_base = (char *)to + copied, .iov_len = size - copied};
        remote.iov_base = (char *)from + copied;
        remote.iov_len = size - copied;
        ssize_t step = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
        if (step <= 0)
            break;
        copied += step;
    }
    return copied;
}

uint64_t vm_unused(void)
{
    acquire();
    uint64_t unused = region_end() - LOWEST_ADDRESS;
    for (struct region *region = region_at_or_after(0); region; region = region_next(region))
        unused -= region->end - region->start;
    release();
    return unused;
}
