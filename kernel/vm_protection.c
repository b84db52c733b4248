#include <sys/mman.h>

#include "kernel/vm_internal.h"

bool vm_is_valid_protect(DWORD protect)
{
    DWORD access = protect & ~VM_PROTECT_MODIFIERS;
    if (access == 0 || access & (access - 1) || access > PAGE_EXECUTE_WRITECOPY)
        return false;
    if (access == PAGE_NOACCESS && protect != access)
        return false;
    return (protect & VM_CACHE_MODIFIERS) != VM_CACHE_MODIFIERS;
}

DWORD vm_without_call_targets(DWORD protect)
{
    const DWORD executable =
        PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
    return protect & executable ? protect & ~(DWORD)PAGE_TARGETS_INVALID : protect;
}

/* A guard page is inaccessible until vm_fault has seen to it. On x86, what can be executed can be read. */
int vm_host_protection(DWORD protect)
{
    if (protect & PAGE_GUARD)
        return PROT_NONE;
    switch (protect & ~VM_PROTECT_MODIFIERS) {
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

enum { MAY_READ = 1, MAY_WRITE = 2, MAY_EXECUTE = 4 };

/* What a protection asks of a view. Pages of any view that can be read can also be copied. */
static unsigned demands_of(DWORD protect)
{
    switch (protect & ~VM_PROTECT_MODIFIERS) {
    case PAGE_READONLY:
    case PAGE_WRITECOPY:
        return MAY_READ;
    case PAGE_READWRITE:
        return MAY_READ | MAY_WRITE;
    case PAGE_EXECUTE:
    case PAGE_EXECUTE_READ:
    case PAGE_EXECUTE_WRITECOPY:
        return MAY_READ | MAY_EXECUTE;
    case PAGE_EXECUTE_READWRITE:
        return MAY_READ | MAY_WRITE | MAY_EXECUTE;
    default:
        return 0;
    }
}

bool vm_is_within(DWORD protect, DWORD ceiling)
{
    return !(demands_of(protect) & ~demands_of(ceiling));
}

/* Whether memory is cached is decided for a whole allocation. */
static void adapt_caching(const struct allocation *allocation, DWORD *protect)
{
    *protect &= ~VM_CACHE_MODIFIERS;
    if (*protect != PAGE_NOACCESS)
        *protect |= allocation->protect & VM_CACHE_MODIFIERS;
}

NTSTATUS vm_adapt_protect(const struct allocation *allocation, DWORD *protect)
{
    if (!vm_is_valid_protect(*protect))
        return STATUS_INVALID_PAGE_PROTECTION;
    adapt_caching(allocation, protect);
    switch (allocation->type) {
    case MEM_PRIVATE:
        return *protect & VM_WRITES_COPY ? STATUS_INVALID_PAGE_PROTECTION : STATUS_SUCCESS;
    case MEM_IMAGE:
        /* Image pages are private to the process: making them writable makes them copy-on-write. */
        if (*protect & VM_WRITES_THROUGH)
            *protect = (*protect & VM_PROTECT_MODIFIERS) | (*protect & ~VM_PROTECT_MODIFIERS) << 1;
        return STATUS_SUCCESS;
    default:
        return vm_is_within(*protect, allocation->protect) ? STATUS_SUCCESS : STATUS_SECTION_PROTECTION;
    }
}

DWORD vm_written_protect(DWORD protect)
{
    DWORD copying = protect & VM_WRITES_COPY;
    return (protect & ~copying) | copying >> 1;
}
