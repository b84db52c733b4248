/* Virtual memory and heaps. */
#include "check.h"
#include <string.h>

enum { PAGE = 4096, GRANULARITY = 65536 };

static MEMORY_BASIC_INFORMATION query(const void *address)
{
    MEMORY_BASIC_INFORMATION information;

    memset(&information, 0xEE, sizeof information);
    CHECK_EQ(VirtualQuery(address, &information, sizeof information), sizeof information);
    return information;
}

TEST(the_systems_sizes)
{
    SYSTEM_INFO info;

    GetSystemInfo(&info);
    CHECK_EQ(info.dwPageSize, PAGE);
    CHECK_EQ(info.dwAllocationGranularity, GRANULARITY);
    CHECK_EQ(info.wProcessorArchitecture,
             sizeof(void *) == 8 ? PROCESSOR_ARCHITECTURE_AMD64 : PROCESSOR_ARCHITECTURE_INTEL);
    CHECK(info.dwNumberOfProcessors >= 1);
    CHECK(info.dwActiveProcessorMask & 1);
    CHECK_PTR(info.lpMinimumApplicationAddress, 0x10000);
    CHECK((ULONG_PTR)info.lpMaximumApplicationAddress >= 0x7FFEFFFF);
    CHECK_EQ((ULONG_PTR)info.lpMaximumApplicationAddress & 0xFFFF, 0xFFFF);
}

TEST(reserving_and_committing)
{
    char *base = VirtualAlloc(NULL, 5 * PAGE, MEM_RESERVE, PAGE_READWRITE);
    MEMORY_BASIC_INFORMATION region;

    CHECK(base != NULL);
    CHECK_EQ((ULONG_PTR)base % GRANULARITY, 0);
    region = query(base);
    CHECK_PTR(region.BaseAddress, base);
    CHECK_PTR(region.AllocationBase, base);
    CHECK_EQ(region.AllocationProtect, PAGE_READWRITE);
    CHECK_EQ(region.RegionSize, 5 * PAGE);
    CHECK_EQ(region.State, MEM_RESERVE);
    CHECK_EQ(region.Protect, 0);
    CHECK_EQ(region.Type, MEM_PRIVATE);

    CHECK_PTR(VirtualAlloc(base + PAGE, 2 * PAGE, MEM_COMMIT, PAGE_READONLY), base + PAGE);
    region = query(base);
    CHECK_EQ(region.RegionSize, PAGE);
    CHECK_EQ(region.State, MEM_RESERVE);
    region = query(base + 2 * PAGE + 100);
    CHECK_PTR(region.BaseAddress, base + 2 * PAGE);
    CHECK_PTR(region.AllocationBase, base);
    CHECK_EQ(region.RegionSize, PAGE);
    CHECK_EQ(region.State, MEM_COMMIT);
    CHECK_EQ(region.Protect, PAGE_READONLY);
    CHECK_EQ(region.AllocationProtect, PAGE_READWRITE);
    region = query(base + PAGE);
    CHECK_EQ(region.RegionSize, 2 * PAGE);
    CHECK_EQ(base[PAGE], 0);

    /* Committing again keeps what is there. */
    CHECK_PTR(VirtualAlloc(base + PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE), base + PAGE);
    base[PAGE] = 'x';
    CHECK_PTR(VirtualAlloc(base, 3 * PAGE, MEM_COMMIT, PAGE_READWRITE), base);
    CHECK_EQ(base[PAGE], 'x');

    /* Pages that are decommitted come back as zeros. */
    CHECK(VirtualFree(base + PAGE, PAGE, MEM_DECOMMIT));
    CHECK_EQ(query(base + PAGE).State, MEM_RESERVE);
    CHECK(VirtualFree(base + PAGE, PAGE, MEM_DECOMMIT));
    CHECK(VirtualAlloc(base + PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
    CHECK_EQ(base[PAGE], 0);

    CHECK(VirtualFree(base, 0, MEM_RELEASE));
    region = query(base);
    CHECK_EQ(region.State, MEM_FREE);
    CHECK_EQ(region.Protect, PAGE_NOACCESS);
    CHECK_PTR(region.AllocationBase, NULL);
    UNLESS_WINE("Wine reports ERROR_INVALID_PARAMETER")
    CHECK_ERROR(VirtualFree(base, 0, MEM_RELEASE) == FALSE, ERROR_INVALID_ADDRESS);
}

TEST(allocating_at_an_address)
{
    char *base = VirtualAlloc(NULL, 4 * GRANULARITY, MEM_RESERVE, PAGE_NOACCESS);
    char *again;

    CHECK(VirtualFree(base, 0, MEM_RELEASE));
    /* A reservation begins at a multiple of 64 KiB, and ends with a page. */
    again = VirtualAlloc(base + GRANULARITY + 5000, 100, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    CHECK_PTR(again, base + GRANULARITY);
    CHECK_EQ(query(again).RegionSize, 2 * PAGE);
    CHECK_ERROR(VirtualAlloc(again, PAGE, MEM_RESERVE, PAGE_READWRITE) == NULL, ERROR_INVALID_ADDRESS);
    CHECK_ERROR(VirtualAlloc(base, 2 * GRANULARITY, MEM_RESERVE, PAGE_READWRITE) == NULL,
                ERROR_INVALID_ADDRESS);
    CHECK(VirtualFree(again, 0, MEM_RELEASE));
    CHECK_ERROR(VirtualAlloc(again, PAGE, MEM_COMMIT, PAGE_READWRITE) == NULL, ERROR_INVALID_ADDRESS);
}

TEST(allocations_that_are_refused)
{
    char *base = VirtualAlloc(NULL, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    CHECK_ERROR(VirtualAlloc(NULL, 0, MEM_COMMIT, PAGE_READWRITE) == NULL, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(VirtualAlloc(NULL, PAGE, 0, PAGE_READWRITE) == NULL, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(VirtualAlloc(NULL, PAGE, MEM_COMMIT, 0) == NULL, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(VirtualAlloc(NULL, PAGE, MEM_COMMIT, 0x1234) == NULL, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(VirtualAlloc(NULL, (SIZE_T)-1 / 2, MEM_RESERVE, PAGE_READWRITE) == NULL,
                sizeof(void *) == 8 ? ERROR_INVALID_PARAMETER : ERROR_NOT_ENOUGH_MEMORY);
    CHECK_ERROR(VirtualFree(base, PAGE, MEM_RELEASE) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(VirtualFree(base, 0, 0) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(VirtualFree(base, 0, MEM_RELEASE | MEM_DECOMMIT) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(VirtualFree(base + PAGE / 2 - 1, 0, MEM_FREE) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

TEST(a_release_names_the_start)
{
    char *base = VirtualAlloc(NULL, 4 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    CHECK_ERROR(VirtualFree(base + PAGE, 0, MEM_RELEASE) == FALSE, ERROR_INVALID_ADDRESS);
    /* Without a size the whole allocation is decommitted. */
    CHECK(VirtualFree(base, 0, MEM_DECOMMIT));
    CHECK_EQ(query(base).RegionSize, 4 * PAGE);
    CHECK_EQ(query(base).State, MEM_RESERVE);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

TEST(protections)
{
    static const DWORD kinds[] = {PAGE_NOACCESS, PAGE_READONLY,     PAGE_READWRITE,
                                  PAGE_EXECUTE,  PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE};
    char *base = VirtualAlloc(NULL, 3 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    DWORD old = 0, before = PAGE_READWRITE;

    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        CHECK(VirtualProtect(base + PAGE + 10, 1, kinds[i], &old));
        CHECK_EQ(old, before);
        CHECK_EQ(query(base + PAGE).Protect, kinds[i]);
        CHECK_EQ(query(base).Protect, PAGE_READWRITE);
        CHECK_EQ(query(base + 2 * PAGE).Protect, PAGE_READWRITE);
        before = kinds[i];
    }
    /* Two bytes on both sides of a page boundary are two pages. */
    CHECK(VirtualProtect(base + PAGE - 1, 2, PAGE_READONLY, &old));
    CHECK_EQ(old, PAGE_READWRITE);
    CHECK_EQ(query(base).RegionSize, 2 * PAGE);
    CHECK_ERROR(VirtualProtect(base, PAGE, 0, &old) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(VirtualProtect(base, PAGE, PAGE_READWRITE, NULL) == FALSE, ERROR_NOACCESS);
    CHECK(VirtualFree(base + PAGE, PAGE, MEM_DECOMMIT));
    CHECK_ERROR(VirtualProtect(base, 3 * PAGE, PAGE_READWRITE, &old) == FALSE, ERROR_INVALID_ADDRESS);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
    UNLESS_WINE("Wine reports ERROR_INVALID_PARAMETER")
    CHECK_ERROR(VirtualProtect(base, PAGE, PAGE_READWRITE, &old) == FALSE, ERROR_INVALID_ADDRESS);
}

TEST(code_can_be_made)
{
    static const unsigned char return_42[] = {0xB8, 42, 0, 0, 0, 0xC3};
    char *code = VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE);
    DWORD old;

    CHECK(code != NULL);
    memcpy(code, return_42, sizeof return_42);
    CHECK(VirtualProtect(code, PAGE, PAGE_EXECUTE_READ, &old));
    CHECK(FlushInstructionCache(GetCurrentProcess(), code, PAGE));
    CHECK_EQ(((int (*)(void))code)(), 42);
    CHECK(VirtualFree(code, 0, MEM_RELEASE));
}

static int uninitialised[1 << 18];
static int initialised[2] = {0x12345678, -1};
static const char constant[] = "constant";

TEST(the_sections_of_the_program)
{
    HMODULE self = GetModuleHandleW(NULL);
    MEMORY_BASIC_INFORMATION region = query((void *)query);
    volatile int *zeros = uninitialised;
    int clear = 1;

    for (int i = 0; i < 1 << 18; i++)
        clear &= zeros[i] == 0;
    CHECK(clear);
    CHECK_EQ(initialised[0], 0x12345678);
    CHECK_PTR(region.AllocationBase, self);
    CHECK_EQ(region.Type, MEM_IMAGE);
    CHECK_EQ(region.Protect, PAGE_EXECUTE_READ);
    CHECK_EQ(region.State, MEM_COMMIT);
    CHECK_EQ(query(constant).Protect, PAGE_READONLY);
    region = query(initialised);
    CHECK_EQ(region.Type, MEM_IMAGE);
    /* A page that was never written is PAGE_WRITECOPY. */
    CHECK(region.Protect == PAGE_READWRITE || region.Protect == PAGE_WRITECOPY);
    region = query(self);
    CHECK_EQ(region.Protect, PAGE_READONLY);
    CHECK_PTR(region.BaseAddress, self);
    CHECK_EQ(query(&region).Type, MEM_PRIVATE);
    CHECK_EQ(query(&region).Protect, PAGE_READWRITE);
}

TEST(queries_at_the_edges)
{
    MEMORY_BASIC_INFORMATION information;

    CHECK_EQ(query(NULL).State, MEM_FREE);
    CHECK_PTR(query((void *)1).BaseAddress, NULL);
    CHECK_ERROR(VirtualQuery(NULL, &information, sizeof information - 1) == 0, ERROR_BAD_LENGTH);
    CHECK_ERROR(VirtualQuery((void *)(LONG_PTR)-4096, &information, sizeof information) == 0,
                ERROR_INVALID_PARAMETER);
}

TEST(the_process_heap)
{
    HANDLE heap = GetProcessHeap();
    char *block = HeapAlloc(heap, HEAP_ZERO_MEMORY, 100);
    char *grown;

    CHECK(block != NULL);
    CHECK_EQ((ULONG_PTR)block % (2 * sizeof(void *)), 0);
    CHECK_EQ(HeapSize(heap, 0, block), 100);
    CHECK_EQ(block[99], 0);
    memset(block, 'x', 100);
    grown = HeapReAlloc(heap, HEAP_ZERO_MEMORY, block, 5000);
    CHECK(grown != NULL);
    CHECK_EQ(HeapSize(heap, 0, grown), 5000);
    CHECK(grown[99] == 'x' && grown[100] == 0 && grown[4999] == 0);
    CHECK_PTR(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, grown, 50), grown);
    CHECK_EQ(HeapSize(heap, 0, grown), 50);
    CHECK(HeapValidate(heap, 0, grown));
    CHECK(HeapValidate(heap, 0, NULL));
    CHECK(HeapFree(heap, 0, grown));
    CHECK(HeapFree(heap, 0, NULL));
    block = HeapAlloc(heap, 0, 0);
    CHECK(block != NULL);
    CHECK_EQ(HeapSize(heap, 0, block), 0);
    CHECK(HeapFree(heap, 0, block));
    CHECK_PTR(HeapAlloc(heap, 0, (SIZE_T)-100), NULL);
    block = HeapAlloc(heap, 0, 3 << 20);
    CHECK(block != NULL);
    CHECK_EQ(HeapSize(heap, 0, block), 3 << 20);
    CHECK(HeapFree(heap, 0, block));
}

TEST(private_heaps)
{
    HANDLE growing = HeapCreate(0, 0, 0);
    HANDLE fixed = HeapCreate(0, 0, 0x20000);
    char *block;
    int count = 0;

    CHECK(growing != NULL && fixed != NULL);
    for (int i = 0; i < 1000; i++)
        count += HeapAlloc(growing, 0, 1000) != NULL;
    CHECK_EQ(count, 1000);
    block = HeapAlloc(fixed, 0, 0x1000);
    CHECK(block != NULL);
    CHECK_PTR(HeapAlloc(fixed, 0, 0x20000), NULL);
    CHECK(HeapDestroy(growing));
    CHECK(HeapDestroy(fixed));
}

TEST(local_and_global_memory)
{
    char *block = LocalAlloc(LPTR, 10);
    HGLOBAL movable = GlobalAlloc(GMEM_MOVEABLE | GMEM_ZEROINIT, 20);
    char *locked;

    CHECK(block != NULL && block[9] == 0);
    CHECK_EQ(LocalSize(block), 10);
    block = LocalReAlloc(block, 30, LMEM_MOVEABLE | LMEM_ZEROINIT);
    CHECK_EQ(LocalSize(block), 30);
    CHECK_PTR(LocalFree(block), NULL);
    CHECK_PTR(LocalFree(NULL), NULL);
    CHECK(movable != NULL);
    locked = GlobalLock(movable);
    CHECK(locked != NULL && locked[19] == 0);
    CHECK_PTR(GlobalHandle(locked), movable);
    CHECK_ERROR(GlobalUnlock(movable) == FALSE, NO_ERROR);
    CHECK(GlobalSize(movable) >= 20);
    CHECK_PTR(GlobalFree(movable), NULL);
}

TEST(pointers_that_are_tried)
{
    char *base = VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READONLY);

    CHECK(!IsBadReadPtr(base, PAGE));
    CHECK(IsBadWritePtr(base, 1));
    CHECK(IsBadReadPtr(NULL, 1));
    CHECK(!IsBadReadPtr(NULL, 0));
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
    CHECK(IsBadReadPtr(base, 1));
}

int main(void)
{
    RUN(the_systems_sizes);
    RUN(reserving_and_committing);
    RUN(allocating_at_an_address);
    RUN(allocations_that_are_refused);
    RUN(a_release_names_the_start);
    RUN(protections);
    RUN(code_can_be_made);
    RUN(the_sections_of_the_program);
    RUN(queries_at_the_edges);
    RUN(the_process_heap);
    RUN(private_heaps);
    RUN(local_and_global_memory);
    RUN(pointers_that_are_tried);
    return CHECK_END();
}
