/* uses: kernel/vm.c kernel/vm_allocate.c kernel/vm_fault.c kernel/vm_image.c kernel/vm_place.c
 * kernel/vm_stack.c kernel/vm_protection.c kernel/vm_query.c kernel/vm_view.c kernel/vm_watch.c
 * kernel/pagemap.c kernel/region.c kernel/host_maps.c kernel/lock.c kernel/named.c kernel/handle.c
 * kernel/shared_file.c kernel/shared_directory.c kernel/status.c kernel/peek.c kernel/peek_x86_64.S */
/* The region map against what Windows reports, and against a plain model of pages in a long random run. */
#include <setjmp.h>
#include <stdlib.h>
#include <asm/prctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "kernel/object.h"
#include "kernel/teb.h"
#include "kernel/vm.h"
#include <cmocka.h>
#include "tests/unit/peek_faults.h"

static char *allocate(void *address, SIZE_T size, DWORD type, DWORD protect)
{
    assert_int_equal(vm_allocate(&address, &size, type, protect, NULL), STATUS_SUCCESS);
    return address;
}

static NTSTATUS try_allocate(void *address, SIZE_T size, DWORD type, DWORD protect)
{
    return vm_allocate(&address, &size, type, protect, NULL);
}

static NTSTATUS try_free(void *address, SIZE_T size, DWORD type)
{
    return vm_free(&address, &size, type);
}

static void release(void *address)
{
    assert_int_equal(try_free(address, 0, MEM_RELEASE), STATUS_SUCCESS);
}

static MEMORY_BASIC_INFORMATION query(const void *address)
{
    MEMORY_BASIC_INFORMATION information;
    assert_int_equal(vm_query(address, &information), STATUS_SUCCESS);
    return information;
}

static void assert_region(const void *address, const void *base, SIZE_T size, DWORD state, DWORD protect)
{
    MEMORY_BASIC_INFORMATION information = query(address);
    assert_ptr_equal(information.BaseAddress, base);
    assert_int_equal(information.RegionSize, size);
    assert_int_equal(information.State, state);
    assert_int_equal(information.Protect, protect);
}

static bool is_readable(const void *address)
{
    char byte;
    handle_peek_faults();
    return vm_copy(&byte, address, 1) == 1;
}

static void reserving_and_committing(void **state)
{
    char *base = allocate(NULL, 0x12345, MEM_RESERVE, PAGE_READONLY);
    assert_int_equal((uintptr_t)base % VM_GRANULARITY, 0);
    assert_region(base + 5, base, 0x13000, MEM_RESERVE, 0);
    assert_int_equal(query(base).AllocationProtect, PAGE_READONLY);
    assert_int_equal(query(base).Type, MEM_PRIVATE);
    assert_false(is_readable(base));
    assert_ptr_equal(allocate(base + 0x2010, 0x1000, MEM_COMMIT, PAGE_READWRITE), base + 0x2000);
    assert_region(base + 0x2001, base + 0x2000, 0x2000, MEM_COMMIT, PAGE_READWRITE);
    assert_region(base, base, 0x2000, MEM_RESERVE, 0);
    assert_region(base + 0x4000, base + 0x4000, 0xF000, MEM_RESERVE, 0);
    assert_ptr_equal(query(base + 0x12000).AllocationBase, base);
    base[0x2000] = 1;
    /* What is behind the allocation within its granule is free, but cannot be reserved. */
    assert_int_equal(query(base + 0x13000).State, MEM_FREE);
    assert_int_equal(try_allocate(base + 0x13000, 0x1000, MEM_RESERVE, PAGE_READWRITE),
                     STATUS_CONFLICTING_ADDRESSES);
    assert_int_equal(try_free(base + 0x2000, 0x2000, MEM_DECOMMIT), STATUS_SUCCESS);
    assert_region(base, base, 0x13000, MEM_RESERVE, 0);
    allocate(base + 0x2000, 0x1000, MEM_COMMIT, PAGE_READWRITE);
    assert_int_equal(base[0x2000], 0);
    release(base);
    assert_int_equal(query(base).State, MEM_FREE);
    assert_int_equal(query(base).Protect, PAGE_NOACCESS);
}

static void committing_again_keeps_contents(void **state)
{
    char *base = allocate(NULL, 0x3000, MEM_COMMIT, PAGE_READWRITE);
    base[0] = 7;
    assert_ptr_equal(allocate(base, 0x2000, MEM_COMMIT, PAGE_READONLY), base);
    assert_int_equal(base[0], 7);
    assert_region(base, base, 0x2000, MEM_COMMIT, PAGE_READONLY);
    release(base);
}

static void protections_split_and_join(void **state)
{
    DWORD old;
    char *base = allocate(NULL, 0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    assert_int_equal(vm_protect(base + 0x3000, 0x1000, PAGE_READONLY, &old), STATUS_SUCCESS);
    assert_int_equal(old, PAGE_READWRITE);
    assert_region(base, base, 0x3000, MEM_COMMIT, PAGE_READWRITE);
    assert_region(base + 0x3000, base + 0x3000, 0x1000, MEM_COMMIT, PAGE_READONLY);
    assert_region(base + 0x4000, base + 0x4000, 0xC000, MEM_COMMIT, PAGE_READWRITE);
    assert_int_equal(vm_protect(base + 0x2FFF, 2, PAGE_NOACCESS, &old), STATUS_SUCCESS);
    assert_region(base + 0x2000, base + 0x2000, 0x2000, MEM_COMMIT, PAGE_NOACCESS);
    assert_false(is_readable(base + 0x3000));
    assert_int_equal(vm_protect(base, 0x10000, PAGE_EXECUTE_READ, &old), STATUS_SUCCESS);
    assert_int_equal(old, PAGE_READWRITE);
    assert_region(base + 0x5000, base + 0x5000, 0xB000, MEM_COMMIT, PAGE_EXECUTE_READ);
    release(base);
}

static void what_is_refused(void **state)
{
    DWORD old;
    char *base = allocate(NULL, 0x20000, MEM_RESERVE, PAGE_READWRITE);
    assert_int_equal(try_allocate(NULL, 0, MEM_RESERVE, PAGE_READWRITE), STATUS_INVALID_PARAMETER);
    assert_int_equal(try_allocate(NULL, 1, 0, PAGE_READWRITE), STATUS_INVALID_PARAMETER);
    assert_int_equal(try_allocate(NULL, 1, MEM_RESERVE, 0), STATUS_INVALID_PAGE_PROTECTION);
    assert_int_equal(try_allocate(NULL, 1, MEM_RESERVE, PAGE_READWRITE | PAGE_READONLY),
                     STATUS_INVALID_PAGE_PROTECTION);
    assert_int_equal(try_allocate(NULL, 1, MEM_RESERVE, PAGE_WRITECOPY), STATUS_INVALID_PAGE_PROTECTION);
    assert_int_equal(try_allocate(NULL, 1, MEM_RESERVE, PAGE_NOACCESS | PAGE_GUARD),
                     STATUS_INVALID_PAGE_PROTECTION);
    assert_int_equal(try_allocate(NULL, 1, MEM_RESERVE | MEM_LARGE_PAGES, PAGE_READWRITE),
                     STATUS_PRIVILEGE_NOT_HELD);
    assert_int_equal(try_allocate((void *)16, 1, MEM_RESERVE, PAGE_READWRITE), STATUS_INVALID_PARAMETER);
    assert_int_equal(try_allocate(base, 1, MEM_RESERVE, PAGE_READWRITE), STATUS_CONFLICTING_ADDRESSES);
    assert_int_equal(try_allocate(base + 0x1F000, 0x2000, MEM_COMMIT, PAGE_READWRITE),
                     STATUS_CONFLICTING_ADDRESSES);
    assert_int_equal(try_allocate((void *)(uintptr_t)VM_SHARED_DATA, 1, MEM_RESERVE, PAGE_READWRITE),
                     STATUS_CONFLICTING_ADDRESSES);
    assert_int_equal(vm_protect(base, 1, PAGE_READONLY, &old), STATUS_NOT_COMMITTED);
    assert_int_equal(vm_protect(base + 0x20000, 1, PAGE_READONLY, &old), STATUS_CONFLICTING_ADDRESSES);
    void *inside = base + 16;
    SIZE_T everything = SIZE_MAX;
    assert_int_equal(vm_protect_pages(&inside, &everything, PAGE_READONLY, &old), STATUS_INVALID_PARAMETER);
    assert_int_equal(try_free(base + 0x10000, 0, MEM_RELEASE), STATUS_FREE_VM_NOT_AT_BASE);
    assert_int_equal(try_free(base, 0x21000, MEM_RELEASE), STATUS_UNABLE_TO_FREE_VM);
    assert_int_equal(try_free(base, 0x21000, MEM_DECOMMIT), STATUS_UNABLE_TO_FREE_VM);
    assert_int_equal(try_free(base, 0, MEM_RELEASE | MEM_DECOMMIT), STATUS_INVALID_PARAMETER);
    release(base);
    assert_int_equal(try_free(base, 0, MEM_RELEASE), STATUS_MEMORY_NOT_ALLOCATED);
    assert_int_equal(try_free(base, 0, MEM_DECOMMIT), STATUS_MEMORY_NOT_ALLOCATED);
}

static void fixed_addresses(void **state)
{
    char *base = allocate(NULL, 0x40000, MEM_RESERVE, PAGE_READWRITE);
    release(base);
    assert_ptr_equal(allocate(base + 0x1234, 0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), base);
    assert_region(base, base, 0x3000, MEM_COMMIT, PAGE_READWRITE);
    release(base);
    /* Linux's own mappings are in the way, unseen in the map. */
    char *host = mmap(NULL, 0x20000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *rounded = (char *)(((uintptr_t)host + 0xFFFF) & ~(uintptr_t)0xFFFF);
    assert_int_equal(try_allocate(rounded, 0x1000, MEM_RESERVE, PAGE_READWRITE),
                     STATUS_CONFLICTING_ADDRESSES);
    munmap(host, 0x20000);
}

static void placement(void **state)
{
    char *low = allocate(NULL, 0x1000, MEM_RESERVE, PAGE_READWRITE);
    char *high = allocate(NULL, 0x1000, MEM_RESERVE | MEM_TOP_DOWN, PAGE_READWRITE);
    assert_true(high > low);
    const struct vm_requirements limited = {
        .lowest = 0x30000000, .highest = 0x3FFFFFFF, .alignment = 0x1000000};
    void *address = NULL;
    SIZE_T size = 0x1000;
    assert_int_equal(vm_allocate(&address, &size, MEM_RESERVE, PAGE_READWRITE, &limited), STATUS_SUCCESS);
    assert_in_range((uintptr_t)address, 0x30000000, 0x3FFFFFFF);
    assert_int_equal((uintptr_t)address % 0x1000000, 0);
    release(address);
    release(low);
    release(high);
}

/* A host mapping in the middle of where allocations go is skipped. */
static void host_mappings_are_avoided(void **state)
{
    char *base = allocate(NULL, 0x10000, MEM_RESERVE, PAGE_READWRITE);
    char *obstacle = mmap(base + 0x10000, 0x100000, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    assert_ptr_equal(obstacle, base + 0x10000);
    obstacle[0] = 5;
    char *next = allocate(NULL, 0x20000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    memset(next, 0, 0x20000);
    assert_int_equal(obstacle[0], 5);
    release(next);
    release(base);
    munmap(obstacle, 0x100000);
}

static void guard_pages_work_once(void **state)
{
    /* Whether a guard page belongs to the thread's stack is asked of its TEB. */
    static struct teb teb;
    syscall(SYS_arch_prctl, ARCH_SET_GS, &teb);
    teb.Tib.Self = &teb.Tib;
    char *base = allocate(NULL, 0x3000, MEM_COMMIT, PAGE_READWRITE);
    assert_int_equal(vm_protect(base + 0x1000, 0x1000, PAGE_READWRITE | PAGE_GUARD, NULL), STATUS_SUCCESS);
    assert_region(base + 0x1000, base + 0x1000, 0x1000, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
    assert_false(is_readable(base + 0x1000));
    assert_int_equal(vm_fault((uintptr_t)base + 0x1234, VM_READ), STATUS_GUARD_PAGE_VIOLATION);
    assert_true(is_readable(base + 0x1000));
    assert_region(base, base, 0x3000, MEM_COMMIT, PAGE_READWRITE);
    /* Whoever meets it as it is being opened tries again. */
    assert_int_equal(vm_fault((uintptr_t)base + 0x1234, VM_WRITE), STATUS_SUCCESS);
    assert_int_equal(vm_fault((uintptr_t)base + 0x1234, VM_EXECUTE), STATUS_ACCESS_VIOLATION);
    release(base);
}

static void images(void **state)
{
    void *base = NULL;
    DWORD old;
    char name[] = "/tmp/litewin-vm-XXXXXX";
    int file = mkstemp(name);
    unlink(name);
    assert_int_equal(write(file, "contents", 8), 8);
    assert_int_equal(vm_reserve_image(&base, 0x5000), STATUS_SUCCESS);
    void *same = base;
    assert_int_equal(vm_reserve_image(&same, 0x1000), STATUS_CONFLICTING_ADDRESSES);
    assert_int_equal(vm_map_image(base, 8, file, 0, PAGE_READONLY), STATUS_SUCCESS);
    assert_memory_equal(base, "contents", 9);
    assert_int_equal(vm_commit((char *)base + 0x2000, 0x2000, PAGE_WRITECOPY), STATUS_SUCCESS);
    assert_region(base, base, 0x1000, MEM_COMMIT, PAGE_READONLY);
    assert_region((char *)base + 0x1000, (char *)base + 0x1000, 0x1000, MEM_RESERVE, 0);
    assert_region((char *)base + 0x2000, (char *)base + 0x2000, 0x2000, MEM_COMMIT, PAGE_WRITECOPY);
    assert_int_equal(query(base).Type, MEM_IMAGE);
    assert_int_equal(query(base).AllocationProtect, PAGE_EXECUTE_WRITECOPY);
    assert_int_equal(vm_protect(base, 1, PAGE_READWRITE, &old), STATUS_SUCCESS);
    assert_int_equal(query(base).Protect, PAGE_WRITECOPY);
    *(char *)base = 'C';
    assert_int_equal(query(base).Protect, PAGE_READWRITE);
    assert_int_equal(try_free(base, 0, MEM_RELEASE), STATUS_UNABLE_TO_DELETE_SECTION);
    assert_int_equal(vm_release(base), STATUS_SUCCESS);
    close(file);
}

static char *map(int file, uint64_t offset, size_t size, DWORD protect)
{
    void *address = NULL;
    const struct vm_view view = {.file = file, .offset = offset, .protect = protect, .page_file = true};
    assert_int_equal(vm_map_view(&address, size, &view), STATUS_SUCCESS);
    return address;
}

static void views(void **state)
{
    int file = memfd_create("section", 0);
    assert_int_equal(ftruncate(file, 0x20000), 0);
    char *writer = map(file, 0, 0x20000, PAGE_READWRITE),
         *reader = map(file, 0x10000, 0x10000, PAGE_READONLY);
    char *copier = map(file, 0x10000, 0x2000, PAGE_WRITECOPY);
    writer[0x10000] = 3;
    assert_int_equal(*reader, 3);
    *copier = 4;
    assert_int_equal(*reader, 3);
    assert_int_equal(query(reader).Type, MEM_MAPPED);
    assert_region(copier, copier, 0x1000, MEM_COMMIT, PAGE_READWRITE);
    assert_region(copier + 0x1000, copier + 0x1000, 0x1000, MEM_COMMIT, PAGE_WRITECOPY);
    /* A view's first access is its ceiling. */
    assert_int_equal(vm_protect(reader, 1, PAGE_READWRITE, NULL), STATUS_SECTION_PROTECTION);
    assert_int_equal(vm_protect(writer, 1, PAGE_EXECUTE_READWRITE, NULL), STATUS_SECTION_PROTECTION);
    assert_int_equal(vm_protect(writer, 1, PAGE_READONLY, NULL), STATUS_SUCCESS);
    assert_int_equal(vm_protect(writer, 1, PAGE_READWRITE, NULL), STATUS_SUCCESS);
    assert_int_equal(try_free(reader, 0, MEM_RELEASE), STATUS_UNABLE_TO_DELETE_SECTION);
    assert_int_equal(vm_unmap_view(reader + 0x500, false), STATUS_SUCCESS);
    assert_int_equal(vm_unmap_view(reader, false), STATUS_NOT_MAPPED_VIEW);
    assert_int_equal(vm_unmap_view(writer, false), STATUS_SUCCESS);
    assert_int_equal(vm_unmap_view(copier, false), STATUS_SUCCESS);
    close(file);
}

static void shared_pages_become_copies_and_come_back(void **state)
{
    int file = memfd_create("section", 0);
    assert_int_equal(ftruncate(file, 0x4000), 0);
    char *one = map(file, 0, 0x4000, PAGE_READWRITE), *other = map(file, 0, 0x4000, PAGE_READONLY);
    DWORD old;
    assert_int_equal(vm_protect(one, 0x3000, PAGE_WRITECOPY, &old), STATUS_SUCCESS);
    one[0x1000] = 7;
    assert_int_equal(other[0x1000], 0);
    assert_region(one, one, 0x1000, MEM_COMMIT, PAGE_WRITECOPY);
    assert_region(one + 0x1000, one + 0x1000, 0x1000, MEM_COMMIT, PAGE_READWRITE);
    assert_int_equal(vm_protect(one + 0x1000, 0x1000, PAGE_READONLY, &old), STATUS_SUCCESS);
    assert_int_equal(old, PAGE_READWRITE);
    /* The copy stays one; the other pages are written for all to see again. */
    assert_int_equal(vm_protect(one, 0x4000, PAGE_READWRITE, &old), STATUS_SUCCESS);
    memset(one, 9, 0x4000);
    assert_int_equal(other[0], 9);
    assert_int_equal(other[0x1000], 0);
    assert_int_equal(other[0x2000], 9);
    assert_int_equal(other[0x3000], 9);
    assert_int_equal(vm_unmap_view(one, false), STATUS_SUCCESS);
    assert_int_equal(vm_unmap_view(other, false), STATUS_SUCCESS);
    close(file);
}

static void parts_can_be_released(void **state)
{
    char *base = allocate(NULL, 0x8000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    memset(base, 1, 0x8000);
    assert_int_equal(try_free(base + 0x2000, 0x3000, MEM_RELEASE), STATUS_SUCCESS);
    assert_int_equal(query(base + 0x2000).State, MEM_FREE);
    assert_region(base, base, 0x2000, MEM_COMMIT, PAGE_READWRITE);
    assert_region(base + 0x5000, base + 0x5000, 0x3000, MEM_COMMIT, PAGE_READWRITE);
    assert_ptr_equal(query(base + 0x6000).AllocationBase, base + 0x5000);
    assert_int_equal(base[0x1FFF] + base[0x5000], 2);
    release(base);
    release(base + 0x5000);
}

static void placeholders(void **state)
{
    const struct vm_requirements extended = {.extended = true};
    void *address = NULL;
    SIZE_T size = 0x40000;
    assert_int_equal(
        vm_allocate(&address, &size, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, &extended),
        STATUS_SUCCESS);
    char *base = address;
    assert_int_equal(try_allocate(base, 0x1000, MEM_COMMIT, PAGE_READWRITE), STATUS_CONFLICTING_ADDRESSES);
    assert_int_equal(try_free(base + 0x1000, 0x2000, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER), STATUS_SUCCESS);
    assert_region(base, base, 0x1000, MEM_RESERVE, 0);
    assert_region(base + 0x1000, base + 0x1000, 0x2000, MEM_RESERVE, 0);
    assert_region(base + 0x3000, base + 0x3000, 0x3D000, MEM_RESERVE, 0);
    address = base + 0x1000;
    size = 0x1000;
    DWORD replace = MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER;
    assert_int_equal(vm_allocate(&address, &size, replace, PAGE_READWRITE, &extended),
                     STATUS_CONFLICTING_ADDRESSES);
    size = 0x2000;
    assert_int_equal(vm_allocate(&address, &size, replace, PAGE_READWRITE, &extended), STATUS_SUCCESS);
    memset(base + 0x1000, 5, 0x2000);
    assert_int_equal(try_free(base, 0x40000, MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS),
                     STATUS_CONFLICTING_ADDRESSES);
    assert_int_equal(try_free(base + 0x1000, 0x2000, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER), STATUS_SUCCESS);
    assert_int_equal(try_free(base, 0x40000, MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS), STATUS_SUCCESS);
    assert_region(base, base, 0x40000, MEM_RESERVE, 0);
    release(base);
}

static void writes_are_watched(void **state)
{
    void *pages[8];
    ULONG_PTR count = 8;
    char *base = allocate(NULL, 0x5000, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);
    assert_int_equal(vm_fault((uintptr_t)base + 0x1010, VM_WRITE), STATUS_SUCCESS);
    base[0x1010] = 1;
    handle_peek_faults();
    assert_int_equal(vm_copy(base + 0x2FFF, "xy", 2), 0);
    vm_prepare(base + 0x2FFF, 2, true);
    assert_int_equal(vm_copy(base + 0x2FFF, "xy", 2), 2);
    assert_int_equal(vm_written_pages(base, 0x5000, true, pages, &count), STATUS_SUCCESS);
    assert_int_equal(count, 3);
    assert_ptr_equal(pages[0], base + 0x1000);
    assert_ptr_equal(pages[2], base + 0x3000);
    count = 8;
    assert_int_equal(vm_written_pages(base, 0x5000, false, pages, &count), STATUS_SUCCESS);
    assert_int_equal(count, 0);
    release(base);
}

static void huge_reservations_cost_nothing(void **state)
{
    if (sizeof(void *) < 8)
        skip();
    char *base = allocate(NULL, (SIZE_T)64 << 30, MEM_RESERVE, PAGE_READWRITE);
    allocate(base + ((SIZE_T)63 << 30), 0x1000, MEM_COMMIT, PAGE_READWRITE)[5] = 1;
    assert_region(base, base, (SIZE_T)63 << 30, MEM_RESERVE, 0);
    release(base);
    assert_int_equal(try_allocate(NULL, (SIZE_T)1 << 60, MEM_RESERVE, PAGE_READWRITE),
                     STATUS_INVALID_PARAMETER);
}

static void the_shared_data_page_is_there(void **state)
{
    const void *page = (void *)(uintptr_t)VM_SHARED_DATA;
    assert_region(page, page, VM_PAGE, MEM_COMMIT, PAGE_READONLY);
    assert_int_equal(try_free((void *)page, 0, MEM_RELEASE), STATUS_MEMORY_NOT_ALLOCATED);
}

/* Against a model */

enum { PAGES = 256, STEPS = 20000 };

struct page {
    uint8_t state; /* 0: free */
    uint8_t protect;
    uint16_t allocation; /* number of its first page */
};

static struct page model[PAGES];
static char *arena;
static uint32_t seed = 1;

static uint32_t next_random(uint32_t limit)
{
    seed = seed * 1664525 + 1013904223;
    return (seed >> 8) % limit;
}

static bool in_one_allocation(int first, int count)
{
    for (int i = first; i < first + count; i++)
        if (!model[i].state || model[i].allocation != model[first].allocation)
            return false;
    return true;
}

static void reserve_some(int first, int count)
{
    first &= ~15;
    bool possible = first + count <= PAGES;
    for (int i = first; possible && i < first + count; i++)
        possible = !model[i].state;
    if (first + count > PAGES)
        return;
    NTSTATUS status = try_allocate(arena + first * VM_PAGE, count * VM_PAGE, MEM_RESERVE, PAGE_READWRITE);
    assert_int_equal(NT_SUCCESS(status), possible);
    for (int i = first; possible && i < first + count; i++)
        model[i] = (struct page){.state = 1, .allocation = first};
}

static void change_some(int first, int count)
{
    static const uint8_t protections[] = {PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE};
    uint8_t protect = protections[next_random(3)];
    char *address = arena + first * VM_PAGE;
    SIZE_T size = count * VM_PAGE;
    bool one = in_one_allocation(first, count), committed = one;
    for (int i = first; committed && i < first + count; i++)
        committed = model[i].state == 2;
    switch (next_random(3)) {
    case 0:
        assert_int_equal(NT_SUCCESS(try_allocate(address, size, MEM_COMMIT, protect)), one);
        for (int i = first; one && i < first + count; i++)
            model[i].state = 2, model[i].protect = protect;
        break;
    case 1:
        assert_int_equal(NT_SUCCESS(vm_protect(address, size, protect, NULL)), committed);
        for (int i = first; committed && i < first + count; i++)
            model[i].protect = protect;
        break;
    default:
        assert_int_equal(NT_SUCCESS(try_free(address, size, MEM_DECOMMIT)), one);
        for (int i = first; one && i < first + count; i++)
            model[i].state = 1, model[i].protect = 0;
    }
}

static void release_some(int first)
{
    bool possible = model[first].state && model[first].allocation == first;
    assert_int_equal(NT_SUCCESS(try_free(arena + first * VM_PAGE, 0, MEM_RELEASE)), possible);
    for (int i = first; possible && i < PAGES && model[i].state && model[i].allocation == first; i++)
        model[i] = (struct page){0};
}

static void check_page(int page)
{
    static const DWORD states[] = {MEM_FREE, MEM_RESERVE, MEM_COMMIT};
    MEMORY_BASIC_INFORMATION information = query(arena + page * VM_PAGE);
    assert_int_equal(information.State, states[model[page].state]);
    int end = page;
    while (end < PAGES && model[end].state == model[page].state &&
           model[end].protect == model[page].protect &&
           (!model[page].state || model[end].allocation == model[page].allocation))
        end++;
    if (!model[page].state) {
        assert_true(end == PAGES || information.RegionSize == (SIZE_T)(end - page) * VM_PAGE);
        return;
    }
    assert_int_equal(information.RegionSize, (end - page) * VM_PAGE);
    assert_int_equal(information.Protect, model[page].protect);
    assert_ptr_equal(information.AllocationBase, arena + model[page].allocation * VM_PAGE);
    bool readable = model[page].state == 2 && model[page].protect != PAGE_NOACCESS;
    if (next_random(8) == 0)
        assert_int_equal(is_readable(arena + page * VM_PAGE), readable);
}

static void random_changes_agree_with_a_model(void **state)
{
    arena = allocate(NULL, PAGES * VM_PAGE, MEM_RESERVE, PAGE_READWRITE);
    release(arena);
    for (int step = 0; step < STEPS; step++) {
        int first = next_random(PAGES), count = 1 + next_random(40);
        if (count > PAGES - first)
            count = PAGES - first;
        uint32_t action = next_random(10);
        if (action < 3)
            reserve_some(first, count);
        else if (action < 9)
            change_some(first, count);
        else
            release_some(first & ~15);
        check_page(next_random(PAGES));
    }
    for (int page = 0; page < PAGES; page++) {
        check_page(page);
        release_some(page);
    }
    assert_true(query(arena).RegionSize >= PAGES * VM_PAGE);
}

static void ten_thousand_regions(void **state)
{
    enum { COUNT = 10000 };
    static char *blocks[COUNT];
    for (int i = 0; i < COUNT; i++)
        blocks[i] = allocate(NULL, 0x1000 * (1 + i % 3), MEM_RESERVE, PAGE_READWRITE);
    for (int i = 0; i < COUNT; i += 2)
        release(blocks[i]);
    for (int i = 1; i < COUNT; i += 2)
        assert_region(blocks[i] + 1, blocks[i], 0x1000 * (1 + i % 3), MEM_RESERVE, 0);
    /* The lowest hole is taken first. */
    assert_ptr_equal(allocate(NULL, 0x1000, MEM_RESERVE, PAGE_READWRITE), blocks[0]);
    release(blocks[0]);
    for (int i = 1; i < COUNT; i += 2)
        release(blocks[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserving_and_committing),
        cmocka_unit_test(committing_again_keeps_contents),
        cmocka_unit_test(protections_split_and_join),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(fixed_addresses),
        cmocka_unit_test(placement),
        cmocka_unit_test(host_mappings_are_avoided),
        cmocka_unit_test(guard_pages_work_once),
        cmocka_unit_test(images),
        cmocka_unit_test(views),
        cmocka_unit_test(shared_pages_become_copies_and_come_back),
        cmocka_unit_test(parts_can_be_released),
        cmocka_unit_test(placeholders),
        cmocka_unit_test(writes_are_watched),
        cmocka_unit_test(huge_reservations_cost_nothing),
        cmocka_unit_test(the_shared_data_page_is_there),
        cmocka_unit_test(random_changes_agree_with_a_model),
        cmocka_unit_test(ten_thousand_regions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
