#include <sys/mman.h>

#include "kernel/vm_internal.h"

/* The stacks of threads. Mapping, protecting and unmapping memory interrupts every processor that runs one of
 * the process's threads, so some stacks stay mapped when they are released. For the program, and in the
 * region map, their places are free; whoever wants one takes it (vm_stacks_give_way). */

#define MOST_VACATED       32
#define MOST_VACATED_BYTES 0x4000000

/* What a thread has used at the upper end of its stack stays in memory for the next. */
#define KEPT_SIZE 0x8000

static struct vacated {
    uintptr_t base;
    size_t size;
} vacated[MOST_VACATED]; /* oldest first */
static unsigned vacated_count;
static size_t vacated_bytes;

static struct vacated take_vacated(unsigned index)
{
    struct vacated taken = vacated[index];
    vacated_count--;
    vacated_bytes -= taken.size;
    memmove(&vacated[index], &vacated[index + 1], (vacated_count - index) * sizeof *vacated);
    return taken;
}

static void unmap_vacated(unsigned index)
{
    struct vacated taken = take_vacated(index);
    munmap((void *)taken.base, taken.size);
}

void vm_stacks_give_way(uintptr_t start, uintptr_t end)
{
    for (unsigned i = vacated_count; i-- > 0;)
        if (vacated[i].base < end && vacated[i].base + vacated[i].size > start)
            unmap_vacated(i);
}

/* New stacks */

/* The newest one, as most of it is in the processor's caches; 0 where there is none of that size. */
static uintptr_t find_vacated(size_t size)
{
    for (unsigned i = vacated_count; i-- > 0;)
        if (vacated[i].size == size)
            return take_vacated(i).base;
    return 0;
}

static uintptr_t guard_of(uintptr_t base)
{
    return base + VM_PAGE;
}

static uintptr_t limit_of(uintptr_t base)
{
    return guard_of(base) + VM_STACK_GUARD;
}

/* Linux's side of a new stack. */
static NTSTATUS map_stack(size_t size, uintptr_t *base)
{
    struct vm_source source = vm_reserved_memory;
    struct allocation *allocation;
    source.flags |= MAP_NORESERVE | MAP_STACK;
    NTSTATUS status =
        vm_place(base, size, NULL, MEM_RESERVE, &source, MEM_PRIVATE, PAGE_READWRITE, &allocation);
    if (!NT_SUCCESS(status))
        return status;
    if (mprotect((void *)limit_of(*base), *base + size - limit_of(*base), PROT_READ | PROT_WRITE) == 0)
        return STATUS_SUCCESS;
    vm_remove_allocation(allocation);
    return STATUS_NO_MEMORY;
}

static NTSTATUS map_or_take_stack(size_t size, uintptr_t *base)
{
    *base = find_vacated(size);
    if (!*base)
        return map_stack(size, base);
    if (region_add(*base, size, MEM_PRIVATE, MEM_RESERVE, PAGE_READWRITE))
        return STATUS_SUCCESS;
    munmap((void *)*base, size);
    return STATUS_NO_MEMORY;
}

static NTSTATUS lay_out(uintptr_t base, size_t size)
{
    struct allocation *allocation = region_find(base)->allocation;
    allocation->stack = true;
    if (!region_split_range(guard_of(base), limit_of(base))) {
        vm_remove_allocation(allocation);
        return STATUS_NO_MEMORY;
    }
    region_set_range(guard_of(base), limit_of(base), MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
    region_set_range(limit_of(base), base + size, MEM_COMMIT, PAGE_READWRITE);
    return STATUS_SUCCESS;
}

NTSTATUS vm_stack_allocate(size_t size, void **stack)
{
    uintptr_t base;
    vm_acquire();
    NTSTATUS status = map_or_take_stack(size, &base);
    if (NT_SUCCESS(status))
        status = lay_out(base, size);
    vm_release_lock();
    if (NT_SUCCESS(status))
        *stack = (void *)base;
    return status;
}

/* And old ones */

static const struct region *region_as_new(const struct region *region, uintptr_t start, uintptr_t end,
                                          DWORD protect)
{
    bool as_new = region && region->start == start && region->end == end && region->protect == protect &&
                  region->state == (protect ? MEM_COMMIT : MEM_RESERVE);
    return as_new ? region_next(region) : NULL;
}

/* A program can have changed its stack, or have put something else in its place. */
static bool is_as_new(const struct region *region, uintptr_t base)
{
    if (!region || region->allocation->base != base || !region->allocation->stack)
        return false;
    uintptr_t end = base + region->allocation->size;
    region = region_as_new(region, base, guard_of(base), 0);
    region = region_as_new(region, guard_of(base), limit_of(base), PAGE_READWRITE | PAGE_GUARD);
    return region && region->start == limit_of(base) && region->end == end && region->state == MEM_COMMIT &&
           region->protect == PAGE_READWRITE;
}

/* False where the memory cannot be had back as a program may have locked it. */
static bool empty(uintptr_t base, size_t size)
{
    uintptr_t limit = limit_of(base), kept = base + size - KEPT_SIZE;
    return kept <= limit || madvise((void *)limit, kept - limit, MADV_DONTNEED) == 0;
}

static bool keep(uintptr_t base, size_t size)
{
    if (size > MOST_VACATED_BYTES || !empty(base, size))
        return false;
    while (vacated_count == MOST_VACATED || vacated_bytes + size > MOST_VACATED_BYTES)
        unmap_vacated(0);
    vacated[vacated_count++] = (struct vacated){base, size};
    vacated_bytes += size;
    return true;
}

void vm_stack_release(void *stack)
{
    uintptr_t base = (uintptr_t)stack;
    vm_acquire();
    struct region *region = region_find(base);
    bool kept = is_as_new(region, base) && keep(base, region->allocation->size);
    if (kept)
        region_remove_allocation(region->allocation);
    vm_release_lock();
    if (!kept)
        vm_release(stack);
}
