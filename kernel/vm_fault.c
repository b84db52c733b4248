#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kernel/peek.h"
#include "kernel/thread_memory.h"
#include "kernel/vm_internal.h"

bool vm_unusual_memory;

/* Stacks and guard pages */

/* The end of a thread's stack opens as a whole, so that there is room for its exception handlers. A guard
 * further up, where runtimes put it after an overflow, moves down to the end. */
static NTSTATUS open_stack_guard(struct teb *teb, struct region *guard)
{
    uintptr_t start = guard->start, last = (uintptr_t)teb->DeallocationStack + VM_PAGE;
    uintptr_t limit = last + thread_guard_size(teb);
    NTSTATUS status = vm_change_range(start, guard->end, MEM_COMMIT, guard->protect & ~PAGE_GUARD);
    if (!NT_SUCCESS(status))
        return status;
    teb->Tib.StackLimit = (void *)start;
    if (start <= limit || !vm_is_committed(last, start))
        return STATUS_STACK_OVERFLOW;
    status = vm_change_range(last, limit, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
    if (NT_SUCCESS(status))
        teb->Tib.StackLimit = (void *)limit;
    return status;
}

/* What is kept free at the end of a stack that the program has made itself. */
#define LAST_PAGES (2 * VM_PAGE)

/* Such a stack grows by a page whenever its guard page is reached. */
static NTSTATUS grow_own_stack(struct teb *teb, uintptr_t page, DWORD protect)
{
    uintptr_t next = page - VM_PAGE;
    NTSTATUS status = vm_change_range(page, page + VM_PAGE, MEM_COMMIT, protect & ~PAGE_GUARD);
    if (!NT_SUCCESS(status))
        return status;
    teb->Tib.StackLimit = (void *)page;
    if (next < (uintptr_t)teb->DeallocationStack + LAST_PAGES)
        return STATUS_STACK_OVERFLOW;
    const struct region *below = region_find(next);
    if (below && below->state == MEM_RESERVE)
        status = vm_change_range(next, page, MEM_COMMIT, protect);
    return status;
}

static NTSTATUS open_guard_page(uintptr_t page, struct region *guard)
{
    NTSTATUS status = vm_change_range(page, page + VM_PAGE, MEM_COMMIT, guard->protect & ~PAGE_GUARD);
    return NT_SUCCESS(status) ? STATUS_GUARD_PAGE_VIOLATION : status;
}

static NTSTATUS settle_guard(uintptr_t page, struct region *guard)
{
    const struct allocation *allocation = guard->allocation;
    struct teb *teb = teb_current();
    if (!teb || (uintptr_t)teb->DeallocationStack != allocation->base)
        return open_guard_page(page, guard);
    return allocation->stack ? open_stack_guard(teb, guard) : grow_own_stack(teb, page, guard->protect);
}

/* Faults */

static bool is_allowed(const struct region *region, enum vm_access access)
{
    static const int needed[] = {[VM_READ] = PROT_READ, [VM_WRITE] = PROT_WRITE, [VM_EXECUTE] = PROT_EXEC};
    return vm_host_protection(region->protect) & needed[access];
}

/* Another thread may have settled the same fault in the meantime, so what is allowed is tried again. But not
 * without end: not all that faults has to do with protections. */
static bool may_try_again(uintptr_t address)
{
    enum { MOST = 100 };
    static __thread uintptr_t last;
    static __thread unsigned times;
    times = address == last ? times + 1 : 0;
    last = address;
    return times < MOST;
}

static NTSTATUS settle(uintptr_t address, enum vm_access access)
{
    uintptr_t page = vm_round_down(address, VM_PAGE);
    struct region *region = region_find(page);
    if (region && region->state == MEM_RESERVE && region->allocation->committed) {
        vm_view_refresh(page, page + VM_PAGE);
        region = region_find(page);
    }
    if (!region || region->state != MEM_COMMIT)
        return STATUS_ACCESS_VIOLATION;
    if (region->protect & PAGE_GUARD)
        return settle_guard(page, region);
    if (!is_allowed(region, access))
        return STATUS_ACCESS_VIOLATION;
    if (access == VM_WRITE && vm_watch_settle(region, page))
        return STATUS_SUCCESS;
    return may_try_again(address) ? STATUS_SUCCESS : STATUS_ACCESS_VIOLATION;
}

NTSTATUS vm_fault(uintptr_t address, enum vm_access access)
{
    vm_acquire();
    NTSTATUS status = settle(address, access);
    vm_release_lock();
    return status;
}

/* Memory that Linux's calls are to use */

void vm_prepare_unusual(const void *address, size_t size, bool write)
{
    uintptr_t start, end;
    vm_cover(address, size, &start, &end);
    vm_acquire();
    for (uintptr_t page = start; page < end; page += VM_PAGE) {
        const struct region *region = region_at_or_after(page);
        if (!region || region->start >= end)
            break;
        page = max(page, region->start);
        if (region->state == MEM_RESERVE && region->allocation->committed)
            vm_view_refresh(page, page + VM_PAGE);
        else if (write && region->allocation->written && region->state == MEM_COMMIT)
            vm_watch_settle(region, page);
        else
            page = region->end - VM_PAGE;
    }
    vm_release_lock();
}

size_t vm_copy(void *to, const void *from, size_t size)
{
    return size - peek_copy(to, from, size);
}

ssize_t vm_copy_process(DWORD process, void *address, void *buffer, size_t size, bool write)
{
    struct iovec local = {.iov_base = buffer, .iov_len = size},
                 remote = {.iov_base = address, .iov_len = size};
    return write ? process_vm_writev(process, &local, 1, &remote, 1, 0)
                 : process_vm_readv(process, &local, 1, &remote, 1, 0);
}
