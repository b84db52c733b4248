#include <sys/mman.h>

#include "kernel/vm_internal.h"

/* MEM_WRITE_WATCH: which pages of an allocation have been written since they were last asked about. A page
 * that has not been written is not writable for Linux; the first write faults, marks it and makes it
 * writable. */

enum { BITS = 32 };

/* Room for the marks, which are as many as the pages. */
static size_t marks_size(const struct allocation *allocation)
{
    return vm_round_up((allocation->size / VM_PAGE + 7) / 8, VM_PAGE);
}

bool vm_watch_begin(struct allocation *allocation)
{
    void *marks = mmap(NULL, marks_size(allocation), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (marks == MAP_FAILED)
        return false;
    allocation->written = marks;
    vm_unusual_memory = true;
    return true;
}

void vm_watch_end(struct allocation *allocation)
{
    munmap(allocation->written, marks_size(allocation));
    allocation->written = NULL;
}

static size_t page_number(const struct allocation *allocation, uintptr_t page)
{
    return (page - allocation->base) / VM_PAGE;
}

static bool is_written(const struct allocation *allocation, uintptr_t page)
{
    size_t number = page_number(allocation, page);
    return allocation->written[number / BITS] >> number % BITS & 1;
}

static void mark(const struct allocation *allocation, uintptr_t page, bool written)
{
    size_t number = page_number(allocation, page);
    uint32_t bit = 1u << number % BITS;
    if (written)
        allocation->written[number / BITS] |= bit;
    else
        allocation->written[number / BITS] &= ~bit;
}

int vm_watch_protect(const struct allocation *allocation, uintptr_t start, uintptr_t end, DWORD protect)
{
    int protection = vm_host_protection(protect);
    uintptr_t next;
    if (!(protection & PROT_WRITE))
        return mprotect((void *)start, end - start, protection);
    for (uintptr_t at = start; at < end; at = next) {
        bool written = is_written(allocation, at);
        for (next = at + VM_PAGE; next < end && is_written(allocation, next) == written;)
            next += VM_PAGE;
        if (mprotect((void *)at, next - at, written ? protection : protection & ~PROT_WRITE) != 0)
            return -1;
    }
    return 0;
}

bool vm_watch_settle(const struct region *region, uintptr_t page)
{
    const struct allocation *allocation = region->allocation;
    if (!allocation->written || is_written(allocation, page) ||
        !(vm_host_protection(region->protect) & PROT_WRITE))
        return false;
    mark(allocation, page, true);
    return vm_watch_protect(allocation, page, page + VM_PAGE, region->protect) == 0;
}

/* For the program */

static void watch_again(const struct region *region, uintptr_t page)
{
    mark(region->allocation, page, false);
    if (region->state == MEM_COMMIT)
        vm_watch_protect(region->allocation, page, page + VM_PAGE, region->protect);
}

/* Finds up to `count` written pages between *at and `end`, and moves *at behind them. */
static size_t collect(uintptr_t *at, uintptr_t end, bool reset, void **pages, size_t count)
{
    size_t found = 0;
    for (; *at < end && found < count; *at += VM_PAGE) {
        const struct region *region = region_find(*at);
        if (!is_written(region->allocation, *at))
            continue;
        pages[found++] = (void *)*at;
        if (reset)
            watch_again(region, *at);
    }
    return found;
}

static NTSTATUS check_watched(uintptr_t start, uintptr_t end, SIZE_T size)
{
    const struct allocation *allocation = size ? vm_allocation_of(start, end) : NULL;
    return allocation && allocation->written ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER_1;
}

/* The program's array is written without the lock, since that may fault. */
NTSTATUS vm_written_pages(void *address, SIZE_T size, bool reset, void **pages, ULONG_PTR *count)
{
    void *some[64];
    uintptr_t at, end;
    ULONG_PTR found = 0;
    vm_cover(address, size, &at, &end);
    NTSTATUS status = STATUS_SUCCESS;
    do {
        size_t wanted = min(*count - found, (ULONG_PTR)ARRAYSIZE(some)), got = 0;
        vm_acquire();
        status = at < end || !size ? check_watched(at, end, size) : STATUS_SUCCESS;
        if (NT_SUCCESS(status))
            got = collect(&at, end, reset, some, wanted);
        vm_release_lock();
        memcpy(pages + found, some, got * sizeof *pages);
        found += got;
    } while (NT_SUCCESS(status) && at < end && found < *count);
    if (NT_SUCCESS(status))
        *count = found;
    return status;
}

NTSTATUS vm_reset_written_pages(void *address, SIZE_T size)
{
    uintptr_t at, end;
    void *some[64];
    vm_cover(address, size, &at, &end);
    vm_acquire();
    NTSTATUS status = check_watched(at, end, size);
    if (NT_SUCCESS(status))
        while (collect(&at, end, true, some, ARRAYSIZE(some)) == ARRAYSIZE(some))
            ;
    vm_release_lock();
    return status;
}
