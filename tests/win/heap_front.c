/* The front end of heaps, which Windows calls low-fragmentation: when a size has it, and what is different
 * then. */
#include "check.h"
#include <string.h>

#define UNIT (2 * sizeof(void *))

/* Allocations of one size after which it has a front end. */
#define ENOUGH 18

struct rtl_entry {
    void *data;
    SIZE_T size;
    BYTE overhead, region;
    WORD flags;
    void *reserved[4];
};

static LONG(WINAPI *walk_heap)(HANDLE, struct rtl_entry *);

static ULONG compatibility(HANDLE heap)
{
    ULONG value = 77;

    CHECK(HeapQueryInformation(heap, HeapCompatibilityInformation, &value, sizeof value, NULL));
    return value;
}

static void allocate(HANDLE heap, SIZE_T size, void *blocks[], int count)
{
    for (int i = 0; i < count; i++)
        CHECK((blocks[i] = HeapAlloc(heap, 0, size)) != NULL);
}

static void release(HANDLE heap, void *const blocks[], int count)
{
    for (int i = 0; i < count; i++)
        CHECK(HeapFree(heap, 0, blocks[i]));
}

static void use_often(HANDLE heap, SIZE_T size)
{
    void *blocks[ENOUGH];

    allocate(heap, size, blocks, ENOUGH);
    release(heap, blocks, ENOUGH);
}

static ULONG compatibility_after_use(DWORD flags, SIZE_T maximum)
{
    HANDLE heap = HeapCreate(flags, 0, maximum);
    use_often(heap, 100);
    ULONG value = compatibility(heap);
    CHECK(HeapValidate(heap, 0, NULL));
    CHECK(HeapDestroy(heap));
    return value;
}

TEST(use_makes_a_front_end)
{
    UNLESS_WINE("Wine 8 has no low-fragmentation heap") CHECK_EQ(compatibility_after_use(0, 0), 2);
    CHECK_EQ(compatibility_after_use(HEAP_NO_SERIALIZE, 0), 0);
    CHECK_EQ(compatibility_after_use(0, 0x40000), 0);
}

static unsigned count_entries(HANDLE heap)
{
    PROCESS_HEAP_ENTRY entry = {0};
    unsigned count = 0;

    while (HeapWalk(heap, &entry))
        count++;
    CHECK_EQ(GetLastError(), ERROR_NO_MORE_ITEMS);
    return count;
}

/* One allocation less leaves no trace. */
TEST(only_much_use_makes_one)
{
    HANDLE heap = HeapCreate(0, 0, 0);
    void *blocks[ENOUGH - 1];
    unsigned count = count_entries(heap);

    allocate(heap, 100, blocks, ENOUGH - 1);
    release(heap, blocks, ENOUGH - 1);
    CHECK_EQ(count_entries(heap), count);
    CHECK_EQ(compatibility(heap), 0);
    CHECK(HeapDestroy(heap));
}

struct found {
    unsigned busy, free, front_busy;
};

/* Blocks of that size. */
static struct found walk(HANDLE heap, SIZE_T size)
{
    SIZE_T free_size = (size + 8 + UNIT - 1) / UNIT * UNIT - UNIT;
    PROCESS_HEAP_ENTRY entry = {0};
    struct rtl_entry rtl_entry = {0};
    struct found found = {0};

    while (HeapWalk(heap, &entry)) {
        CHECK_EQ(walk_heap(heap, &rtl_entry), 0);
        CHECK_PTR(rtl_entry.data, entry.lpData);
        CHECK_EQ(rtl_entry.size, entry.cbData);
        CHECK_EQ(rtl_entry.overhead, entry.cbOverhead);
        CHECK_EQ(entry.wFlags & 0x8000, 0);
        if (entry.wFlags == PROCESS_HEAP_ENTRY_BUSY && entry.cbData == size) {
            found.busy++;
            found.front_busy += rtl_entry.flags == 0x8001;
        }
        found.free += entry.wFlags == 0 && entry.cbData == free_size && entry.cbOverhead == UNIT;
    }
    return found;
}

TEST(walking_finds_its_blocks)
{
    HANDLE heap = HeapCreate(0, 0, 0);
    void *blocks[ENOUGH];

    use_often(heap, 40);
    allocate(heap, 40, blocks, ENOUGH);
    UNLESS_WINE("Wine 8 has no low-fragmentation heap")
    {
        struct found all = walk(heap, 40);
        CHECK_EQ(all.busy, ENOUGH);
        CHECK_EQ(all.front_busy, ENOUGH);
        release(heap, blocks, ENOUGH);
        struct found none = walk(heap, 40);
        CHECK_EQ(none.busy, 0);
        CHECK_EQ(none.free, all.free + ENOUGH);
    }
    CHECK(HeapDestroy(heap));
}

/* Not even to have the same size again. */
TEST(its_blocks_keep_their_size)
{
    HANDLE heap = HeapCreate(0, 0, 0);

    use_often(heap, 100);
    char *block = HeapAlloc(heap, 0, 100), *moved;
    memset(block, 0x5A, 100);
    UNLESS_WINE("Wine 8 has no low-fragmentation heap")
    {
        CHECK_ERROR(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 100) == NULL,
                    ERROR_NOT_ENOUGH_MEMORY);
        CHECK_ERROR(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 50) == NULL,
                    ERROR_NOT_ENOUGH_MEMORY);
        CHECK_EQ(HeapSize(heap, 0, block), 100);
        CHECK((moved = HeapReAlloc(heap, HEAP_ZERO_MEMORY, block, 150)) != block);
        CHECK_EQ(HeapSize(heap, 0, moved), 150);
        CHECK(moved[0] == 0x5A && moved[99] == 0x5A && moved[100] == 0);
        CHECK(!HeapValidate(heap, 0, block));
    }
    CHECK(HeapDestroy(heap));
}

TEST(blocks_with_a_value_have_no_front_end)
{
    HANDLE heap = HeapCreate(0, 0, 0);

    use_often(heap, 100);
    use_often(heap, 116);
    void *block = HeapAlloc(heap, 0x300, 100);
    CHECK_PTR(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 60), block);
    CHECK_EQ(HeapSize(heap, 0, block), 60);
    CHECK(HeapDestroy(heap));
}

struct other {
    HANDLE heap, ready;
    int rounds;
};

static DWORD WINAPI use_in_a_thread(void *argument)
{
    struct other *other = argument;
    int good = 0;

    for (int i = 0; i < other->rounds; i++) {
        void *block = HeapAlloc(other->heap, 0, 64);
        good += block && HeapFree(other->heap, 0, block);
    }
    SetEvent(other->ready);
    return good;
}

/* While a thread has locked the heap, others go on. */
TEST(its_blocks_need_no_lock)
{
    struct other other = {HeapCreate(0, 0, 0), CreateEventW(NULL, FALSE, FALSE, NULL), 5};
    DWORD good = 0;

    use_often(other.heap, 64);
    UNLESS_WINE("Wine 8 has no low-fragmentation heap")
    {
        CHECK(HeapLock(other.heap));
        HANDLE thread = CreateThread(NULL, 0, use_in_a_thread, &other, 0, NULL);
        CHECK_EQ(WaitForSingleObject(other.ready, 20000), WAIT_OBJECT_0);
        CHECK(HeapUnlock(other.heap));
        CHECK_EQ(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
        CHECK(GetExitCodeThread(thread, &good));
        CHECK_EQ(good, 5);
        CloseHandle(thread);
    }
    CHECK(HeapDestroy(other.heap));
    CloseHandle(other.ready);
}

/* Pages that a large block has given back are not there for it any more. */
TEST(large_blocks_shrink_for_good)
{
    HANDLE heap = HeapCreate(0, 0, 0);
    char *block = HeapAlloc(heap, 0, 2 << 20);

    CHECK_PTR(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 400000), block);
    UNLESS_WINE("Wine lets it grow again")
    {
        CHECK_ERROR(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 500000) == NULL,
                    ERROR_NOT_ENOUGH_MEMORY);
        CHECK_EQ(HeapSize(heap, 0, block), 400000);
    }
    CHECK((block = HeapReAlloc(heap, HEAP_ZERO_MEMORY, block, 1 << 20)) != NULL);
    CHECK(block[400000] == 0 && block[(1 << 20) - 1] == 0);
    CHECK(HeapDestroy(heap));
}

/* GlobalAlloc and LocalAlloc show it too. */
TEST(fixed_memory)
{
    void *blocks[ENOUGH];

    for (int i = 0; i < ENOUGH; i++)
        blocks[i] = GlobalAlloc(GMEM_FIXED, 12);
    for (int i = 0; i < ENOUGH; i++)
        CHECK_PTR(GlobalFree(blocks[i]), NULL);
    HGLOBAL memory = GlobalAlloc(GMEM_FIXED, 12), moved;
    UNLESS_WINE("Wine 8 has no low-fragmentation heap")
    {
        CHECK_ERROR(GlobalReAlloc(memory, 12, 0) == NULL, ERROR_NOT_ENOUGH_MEMORY);
        CHECK_ERROR(LocalReAlloc(memory, 10, 0) == NULL, ERROR_NOT_ENOUGH_MEMORY);
        CHECK((moved = GlobalReAlloc(memory, 13, GMEM_MOVEABLE)) != memory && moved);
        CHECK_EQ(GlobalSize(moved), 13);
        memory = GlobalReAlloc(moved, 0, GMEM_MODIFY | GMEM_MOVEABLE);
        CHECK(GlobalLock(memory) != moved);
        CHECK_EQ(GlobalSize(memory), 13);
    }
    CHECK_PTR(GlobalFree(memory), NULL);
}

/* What cannot even be read is told from what is no memory of the heap. */
TEST(errors_of_wrong_memory)
{
    void *nowhere = (void *)(ULONG_PTR)0xDEADBEE0;
    static char data[256];
    void *somewhere = (void *)(((ULONG_PTR)data + 64) & ~(ULONG_PTR)31);

    UNLESS_WINE("Wine 8 says otherwise")
    {
        CHECK_ERROR(GlobalFree(nowhere) == nowhere, ERROR_NOACCESS);
        CHECK_ERROR(GlobalReAlloc(nowhere, 1, GMEM_MOVEABLE) == NULL, ERROR_NOACCESS);
        CHECK_ERROR(LocalFree(nowhere) == nowhere, ERROR_NOACCESS);
        CHECK_ERROR(LocalReAlloc(nowhere, 1, LMEM_MOVEABLE) == NULL, ERROR_NOACCESS);
        CHECK_ERROR(LocalFlags(nowhere) == LMEM_INVALID_HANDLE, ERROR_NOACCESS);
        CHECK_ERROR(LocalHandle(nowhere) == NULL, ERROR_NOACCESS);
        CHECK_ERROR(GlobalHandle(nowhere) == NULL, ERROR_INVALID_HANDLE);
        CHECK_ERROR(GlobalFlags(nowhere) == GMEM_INVALID_HANDLE, ERROR_INVALID_HANDLE);
        CHECK_ERROR(GlobalFree(somewhere) == somewhere, ERROR_INVALID_HANDLE);
        CHECK_ERROR(LocalHandle(somewhere) == NULL, ERROR_INVALID_HANDLE);
    }
}

int main(void)
{
    walk_heap = (void *)(ULONG_PTR)GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlWalkHeap");
    RUN(use_makes_a_front_end);
    RUN(only_much_use_makes_one);
    RUN(walking_finds_its_blocks);
    RUN(its_blocks_keep_their_size);
    RUN(blocks_with_a_value_have_no_front_end);
    RUN(its_blocks_need_no_lock);
    RUN(large_blocks_shrink_for_good);
    RUN(fixed_memory);
    RUN(errors_of_wrong_memory);
    return CHECK_END();
}
