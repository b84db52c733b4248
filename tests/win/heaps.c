/* Heaps: HeapCreate and its family, and msvcrt's view of them. */
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

#define UNIT (2 * sizeof(void *))

static int is_filled(const unsigned char *block, size_t size, unsigned char byte)
{
    for (size_t i = 0; i < size; i++)
        if (block[i] != byte)
            return 0;
    return 1;
}

/* Blocks */

/* All sizes up to `most`, by steps that grow. */
static void try_sizes(HANDLE heap, SIZE_T most)
{
    for (SIZE_T size = 0; size <= most; size += 1 + size / 16) {
        char *block = HeapAlloc(heap, 0, size);
        if (!block || (ULONG_PTR)block % UNIT || HeapSize(heap, 0, block) != size ||
            !HeapValidate(heap, 0, block))
            CHECK_EQ(size, -1);
        else
            memset(block, 0xC3, size);
        if (!HeapFree(heap, 0, block))
            CHECK_EQ(size, -2);
    }
    CHECK(HeapValidate(heap, 0, NULL));
}

TEST(sizes_are_exact)
{
    HANDLE heap = HeapCreate(0, 0, 0);
    try_sizes(GetProcessHeap(), 3 << 20);
    try_sizes(heap, 3 << 20);
    CHECK(HeapDestroy(heap));
}

TEST(contents_survive_a_change_of_size)
{
    HANDLE heaps[2] = {GetProcessHeap(), HeapCreate(0, 0, 0)};
    for (int i = 0; i < 2; i++) {
        SIZE_T size = 1;
        unsigned char *block = HeapAlloc(heaps[i], 0, size);
        *block = 0x5A;
        while (size < 4 << 20) {
            SIZE_T larger = size * 3 + 1;
            block = HeapReAlloc(heaps[i], HEAP_ZERO_MEMORY, block, larger);
            if (!is_filled(block, size, 0x5A) || !is_filled(block + size, larger - size, 0))
                CHECK_EQ(size, -1);
            memset(block, 0x5A, larger);
            size = larger;
        }
        while (size > 0) {
            size /= 5;
            block = HeapReAlloc(heaps[i], 0, block, size);
            if (!is_filled(block, size, 0x5A) || HeapSize(heaps[i], 0, block) != size)
                CHECK_EQ(size, -2);
        }
        CHECK(HeapFree(heaps[i], 0, block));
    }
    CHECK(HeapDestroy(heaps[1]));
}

TEST(zeroed_memory)
{
    HANDLE heap = GetProcessHeap();
    for (SIZE_T size = 1; size < 3 << 20; size = size * 2 + 3) {
        void *dirty = HeapAlloc(heap, 0, size);
        memset(dirty, 0xEE, size);
        HeapFree(heap, 0, dirty);
        unsigned char *block = HeapAlloc(heap, HEAP_ZERO_MEMORY, size);
        if (!is_filled(block, size, 0))
            CHECK_EQ(size, -1);
        memset(block, 0xEE, size);
        HeapFree(heap, 0, block);
        block = calloc(1, size);
        if (!is_filled(block, size, 0))
            CHECK_EQ(size, -2);
        free(block);
    }
}

TEST(resizing_in_place)
{
    HANDLE heap = HeapCreate(0, 0, 0);
    char *block = HeapAlloc(heap, 0, 50000), *barrier = HeapAlloc(heap, 0, 100);
    CHECK_PTR(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 20000), block);
    CHECK_EQ(HeapSize(heap, 0, block), 20000);
    CHECK_PTR(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 45000), block);
    CHECK_EQ(HeapSize(heap, 0, block), 45000);
    CHECK_ERROR(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 200000) == NULL,
                ERROR_NOT_ENOUGH_MEMORY);
    CHECK_EQ(HeapSize(heap, 0, block), 45000);
    CHECK(HeapFree(heap, 0, block) && HeapFree(heap, 0, barrier));
    CHECK(HeapDestroy(heap));
}

/* Step by step, without a copy at each step. */
TEST(growing_without_copies)
{
    HANDLE heap = GetProcessHeap();
    char *block = HeapAlloc(heap, 0, 1 << 20);
    int moves = 0;
    for (SIZE_T size = 1 << 20; size < 16 << 20; size += 0x10000) {
        char *grown = HeapReAlloc(heap, HEAP_ZERO_MEMORY, block, size);
        if (!grown || HeapSize(heap, 0, grown) != size || grown[size - 1] != 0)
            CHECK_EQ(size, -1);
        grown[size - 1] = 1;
        moves += grown != block;
        block = grown;
    }
    UNLESS_WINE("Wine copies more often") CHECK(moves < 12);
    CHECK(HeapFree(heap, 0, block));
}

TEST(a_summary)
{
    BOOL(WINAPI * summarize)(HANDLE, DWORD, SIZE_T *);
    summarize = (void *)(ULONG_PTR)GetProcAddress(GetModuleHandleA("kernel32.dll"), "HeapSummary");
    HANDLE heap = HeapCreate(0, 0, 0);
    struct {
        DWORD size;
        SIZE_T allocated, committed, reserved, largest_reserve;
    } summary = {.size = sizeof summary};
    HeapAlloc(heap, 0, 1000);
    HeapAlloc(heap, 0, 4 << 20);
    UNLESS_WINE("Wine 8 has no HeapSummary")
    {
        CHECK(summarize(heap, 0, (SIZE_T *)&summary));
        CHECK_EQ(summary.allocated, 1000 + (4 << 20));
        CHECK(summary.committed > summary.allocated && summary.reserved > summary.committed);
        summary.size = 3;
        CHECK_ERROR(!summarize(heap, 0, (SIZE_T *)&summary), ERROR_INVALID_PARAMETER);
    }
    CHECK(HeapDestroy(heap));
}

TEST(what_is_no_block)
{
    static char data[4096];
    HANDLE heap = GetProcessHeap(), other = HeapCreate(0, 0, 0);
    char *block = HeapAlloc(heap, 0, 5000), *theirs = HeapAlloc(other, 0, 5000);
    char *aligned = (char *)(((ULONG_PTR)data + 64) & ~(ULONG_PTR)63);
    CHECK(HeapFree(heap, 0, NULL));
    CHECK(!HeapValidate(heap, 0, aligned));
    CHECK(!HeapValidate(heap, 0, theirs));
    CHECK(!HeapValidate(other, 0, block));
    CHECK(!HeapValidate(heap, 0, block + 16));
    CHECK(!HeapValidate(heap, 0, (void *)(ULONG_PTR)0xDEADBE00));
    /* Windows ends a program that frees these, so what is checked is what litewin says instead. */
    UNLESS_WINE("Wine leaves the last error as it was")
    {
        CHECK_ERROR(!HeapFree(heap, 0, aligned), ERROR_INVALID_PARAMETER);
        CHECK_ERROR(!HeapFree(heap, 0, theirs), ERROR_INVALID_PARAMETER);
        CHECK_ERROR(!HeapFree(heap, 0, block + 16), ERROR_INVALID_PARAMETER);
        CHECK_ERROR(HeapSize(heap, 0, aligned) == (SIZE_T)-1, ERROR_INVALID_PARAMETER);
        CHECK_ERROR(HeapReAlloc(heap, 0, aligned, 10) == NULL, ERROR_INVALID_PARAMETER);
        CHECK(HeapFree(heap, 0, block));
        CHECK_ERROR(!HeapFree(heap, 0, block), ERROR_INVALID_PARAMETER);
        block = HeapAlloc(heap, 0, 40);
        CHECK(HeapFree(heap, 0, block));
        CHECK_ERROR(!HeapFree(heap, 0, block), ERROR_INVALID_PARAMETER);
        CHECK(!HeapValidate(heap, 0, block));
        block = HeapAlloc(heap, 0, 5 << 20);
        CHECK(HeapFree(heap, 0, block));
        block = NULL;
    }
    CHECK(HeapFree(heap, 0, block));
    CHECK(HeapValidate(heap, 0, NULL));
    CHECK(HeapValidate(other, 0, NULL));
    CHECK(HeapDestroy(other));
}

/* There are programs that look at what they have just freed, and get away with it. */
TEST(what_was_freed)
{
    HANDLE heap = GetProcessHeap();
    void **block = HeapAlloc(heap, 0, 4 * sizeof(void *));
    for (int i = 0; i < 4; i++)
        block[i] = &block[i];
    CHECK(HeapFree(heap, 0, block));
    UNLESS_WINE("Wine has its links there")
    for (int i = 0; i < 3; i++)
        CHECK_PTR(block[i], &block[i]);
}

TEST(too_much)
{
    HANDLE heap = GetProcessHeap();
    char *block = HeapAlloc(heap, 0, 10);
    CHECK_ERROR(HeapAlloc(heap, 0, ~(SIZE_T)0) == NULL, ERROR_NOT_ENOUGH_MEMORY);
    CHECK_ERROR(HeapAlloc(heap, 0, ~(SIZE_T)0 - 100) == NULL, ERROR_NOT_ENOUGH_MEMORY);
    CHECK_ERROR(HeapReAlloc(heap, 0, block, ~(SIZE_T)0 - 7) == NULL, ERROR_NOT_ENOUGH_MEMORY);
    CHECK_EQ(HeapSize(heap, 0, block), 10);
    CHECK(HeapFree(heap, 0, block));
}

/* Heaps */

TEST(memory_is_private_and_committed)
{
    MEMORY_BASIC_INFORMATION information;
    char *small = HeapAlloc(GetProcessHeap(), 0, 100), *large = HeapAlloc(GetProcessHeap(), 0, 4 << 20);
    for (int i = 0; i < 2; i++) {
        CHECK(VirtualQuery(i ? large : small, &information, sizeof information) == sizeof information);
        CHECK_EQ(information.State, MEM_COMMIT);
        CHECK_EQ(information.Type, MEM_PRIVATE);
        CHECK_EQ(information.Protect, PAGE_READWRITE);
        CHECK_EQ(information.AllocationProtect, PAGE_READWRITE);
    }
    CHECK(HeapFree(GetProcessHeap(), 0, large));
    CHECK(VirtualQuery(large, &information, sizeof information) && information.State != MEM_COMMIT);
    CHECK(HeapFree(GetProcessHeap(), 0, small));
}

TEST(executable_heaps)
{
    MEMORY_BASIC_INFORMATION information;
    HANDLE heap = HeapCreate(HEAP_CREATE_ENABLE_EXECUTE, 0, 0);
    unsigned char *code = HeapAlloc(heap, 0, 6);
    memcpy(code, "\xB8\x2A\x00\x00\x00\xC3", 6); /* mov eax, 42; ret */
    CHECK_EQ(((int (*)(void))(ULONG_PTR)code)(), 42);
    CHECK(VirtualQuery(code, &information, sizeof information));
    CHECK_EQ(information.Protect, PAGE_EXECUTE_READWRITE);
    CHECK(HeapDestroy(heap));
}

TEST(fixed_heaps_run_out)
{
    SIZE_T maximum = 0x40000;
    HANDLE heap = HeapCreate(0, 0, maximum);
    SIZE_T total = 0;
    while (HeapAlloc(heap, 0, 1000))
        total += 1000;
    CHECK(total > maximum * 9 / 10 && total < maximum);
    CHECK_ERROR(HeapAlloc(heap, 0, 4000) == NULL, ERROR_NOT_ENOUGH_MEMORY);
    CHECK(HeapDestroy(heap));
    /* However large the heap is, a block in it cannot have more than this. */
    heap = HeapCreate(0, 0, 4 << 20);
    CHECK_ERROR(HeapAlloc(heap, 0, sizeof(void *) == 8 ? 1 << 20 : 1 << 19) == NULL, ERROR_NOT_ENOUGH_MEMORY);
    CHECK(HeapAlloc(heap, 0, sizeof(void *) == 8 ? 0xFE000 : 0x7E000) != NULL);
    CHECK(HeapDestroy(heap));
    /* The larger of both counts. */
    heap = HeapCreate(0, 0x20000, 0x10000);
    CHECK(HeapAlloc(heap, 0, 0x18000) != NULL);
    CHECK(HeapAlloc(heap, 0, 0x18000) == NULL);
    CHECK(HeapDestroy(heap));
}

static jmp_buf after_exception;

static LONG CALLBACK leave(EXCEPTION_POINTERS *exception)
{
    longjmp(after_exception, (int)exception->ExceptionRecord->ExceptionCode);
}

TEST(failure_as_an_exception)
{
    HANDLE heap = HeapCreate(HEAP_GENERATE_EXCEPTIONS, 0, 0x20000);
    void *handler = AddVectoredExceptionHandler(1, leave);
    volatile int calls = 0;
    void *block = HeapAlloc(heap, 0, 100);
    CHECK(block != NULL);
    int code = setjmp(after_exception);
    if (code == 0) {
        calls++;
        HeapAlloc(heap, 0, 0x40000);
        calls++;
    }
    UNLESS_WINE("Wine raises only what the call asks for")
    {
        CHECK_EQ(calls, 1);
        CHECK_EQ((DWORD)code, STATUS_NO_MEMORY);
    }
    code = setjmp(after_exception);
    if (code == 0)
        HeapAlloc(GetProcessHeap(), HEAP_GENERATE_EXCEPTIONS, (SIZE_T)-100);
    CHECK_EQ((DWORD)code, STATUS_NO_MEMORY);
    RemoveVectoredExceptionHandler(handler);
    CHECK(HeapFree(heap, 0, block));
    CHECK(HeapDestroy(heap));
}

TEST(the_list_of_heaps)
{
    HANDLE heaps[64], first, second;
    DWORD count = GetProcessHeaps(0, NULL);
    CHECK(count >= 1);
    first = HeapCreate(0, 0, 0);
    second = HeapCreate(0, 0, 0);
    CHECK_EQ(GetProcessHeaps(64, heaps), count + 2);
    CHECK_PTR(heaps[0], GetProcessHeap());
    UNLESS_WINE("Wine has the newest heap first")
    {
        CHECK_PTR(heaps[count], first);
        CHECK_PTR(heaps[count + 1], second);
    }
    CHECK((ULONG_PTR)first % 0x10000 == 0 && (ULONG_PTR)second % 0x10000 == 0);
    CHECK(HeapDestroy(first));
    CHECK(HeapDestroy(second));
    CHECK_EQ(GetProcessHeaps(0, NULL), count);
}

TEST(information)
{
    HANDLE heap = HeapCreate(0, 0, 0);
    ULONG value = 77;
    SIZE_T needed = 0;
    CHECK(
        HeapQueryInformation(GetProcessHeap(), HeapCompatibilityInformation, &value, sizeof value, &needed));
    CHECK_EQ(needed, sizeof value);
    UNLESS_WINE("Wine 8 has no low-fragmentation heap") CHECK_EQ(value, 2);
    CHECK(HeapQueryInformation(heap, HeapCompatibilityInformation, &value, sizeof value, NULL));
    CHECK_EQ(value, 0);
    CHECK_ERROR(!HeapQueryInformation(heap, HeapCompatibilityInformation, &value, 1, &needed),
                ERROR_INSUFFICIENT_BUFFER);
    value = 2;
    CHECK(HeapSetInformation(heap, HeapCompatibilityInformation, &value, sizeof value));
    value = 0;
    UNLESS_WINE("Wine 8 has no low-fragmentation heap")
    {
        CHECK_ERROR(!HeapSetInformation(heap, HeapCompatibilityInformation, &value, sizeof value),
                    ERROR_GEN_FAILURE);
        CHECK(HeapQueryInformation(heap, HeapCompatibilityInformation, &value, sizeof value, NULL));
        CHECK_EQ(value, 2);
    }
    CHECK(HeapSetInformation(NULL, HeapEnableTerminationOnCorruption, NULL, 0));
    CHECK(HeapDestroy(heap));
}

/* Walking */

struct found {
    unsigned regions, busy, free, uncommitted, wanted;
    SIZE_T bytes;
};

static struct found walk(HANDLE heap, void *const blocks[], unsigned count)
{
    PROCESS_HEAP_ENTRY entry = {0};
    struct found found = {0};
    while (HeapWalk(heap, &entry)) {
        found.regions += (entry.wFlags & PROCESS_HEAP_REGION) != 0;
        found.uncommitted += (entry.wFlags & PROCESS_HEAP_UNCOMMITTED_RANGE) != 0;
        found.free += entry.wFlags == 0;
        if (entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) {
            found.busy++;
            found.bytes += entry.cbData;
            for (unsigned i = 0; i < count; i++)
                found.wanted += entry.lpData == blocks[i];
        }
    }
    CHECK_EQ(GetLastError(), ERROR_NO_MORE_ITEMS);
    return found;
}

TEST(walking_a_heap)
{
    HANDLE heap = HeapCreate(0, 0, 0);
    void *blocks[10];
    struct found found = walk(heap, NULL, 0);
    CHECK_EQ(found.regions, 1);
    CHECK_EQ(found.busy, 0);
    for (int i = 0; i < 10; i++)
        blocks[i] = HeapAlloc(heap, 0, i == 9 ? 2 << 20 : 100 + i * 1000);
    found = walk(heap, blocks, 10);
    CHECK_EQ(found.busy, 10);
    CHECK_EQ(found.wanted, 10);
    CHECK_EQ(found.bytes, 9 * 100 + 36 * 1000 + (2 << 20));
    for (int i = 0; i < 10; i += 3)
        HeapFree(heap, 0, blocks[i]);
    found = walk(heap, blocks, 10);
    CHECK_EQ(found.busy, 6);
    CHECK(found.free >= 3);
    CHECK(HeapDestroy(heap));
}

TEST(walking_the_process_heap)
{
    void *blocks[100];
    for (int i = 0; i < 100; i++)
        blocks[i] = HeapAlloc(GetProcessHeap(), 0, 10 + i * 7);
    CHECK(HeapLock(GetProcessHeap()));
    struct found found = walk(GetProcessHeap(), blocks, 100);
    CHECK(HeapUnlock(GetProcessHeap()));
    CHECK_EQ(found.wanted, 100);
    for (int i = 0; i < 100; i++)
        HeapFree(GetProcessHeap(), 0, blocks[i]);
    CHECK_EQ(walk(GetProcessHeap(), blocks, 100).wanted, 0);
}

TEST(giving_memory_back)
{
    MEMORY_BASIC_INFORMATION information;
    HANDLE heap = HeapCreate(0, 0, 0);
    static char *blocks[200];
    for (int i = 0; i < 200; i++)
        memset(blocks[i] = HeapAlloc(heap, 0, 100000), i, 100000);
    char *last = blocks[199];
    for (int i = 0; i < 200; i++)
        HeapFree(heap, 0, blocks[i]);
    UNLESS_WINE("Wine keeps it")
    {
        CHECK(HeapCompact(heap, 0) > 0);
        CHECK(VirtualQuery(last, &information, sizeof information));
        CHECK(information.State != MEM_COMMIT);
    }
    CHECK(HeapValidate(heap, 0, NULL));
    CHECK(HeapAlloc(heap, 0, 100000) != NULL);
    CHECK(HeapDestroy(heap));
}

TEST(giving_cached_memory_back)
{
    MEMORY_BASIC_INFORMATION information;
    DWORD info[2] = {1, 0};
    HANDLE heap = HeapCreate(0, 0, 0);
    static char *blocks[1000];
    for (int i = 0; i < 1000; i++)
        memset(blocks[i] = HeapAlloc(heap, 0, 1000), i, 1000);
    for (int i = 0; i < 1000; i++)
        HeapFree(heap, 0, blocks[i]);
    UNLESS_WINE("Wine 8 does not know it")
    {
        CHECK_ERROR(!HeapSetInformation(heap, 3, info, sizeof(DWORD)), ERROR_INSUFFICIENT_BUFFER);
        CHECK(HeapSetInformation(heap, 3, info, sizeof info));
        CHECK(VirtualQuery(blocks[999], &information, sizeof information));
        CHECK(information.State != MEM_COMMIT);
        CHECK(HeapSetInformation(NULL, 3, info, sizeof info));
        info[0] = 2;
        CHECK_ERROR(!HeapSetInformation(heap, 3, info, sizeof info), ERROR_INVALID_PARAMETER);
    }
    CHECK(HeapValidate(heap, 0, NULL));
    CHECK(HeapDestroy(heap));
}

/* Locking */

struct other {
    HANDLE heap, ready, go;
    DWORD flags;
};

static DWORD WINAPI allocate_in_a_thread(void *argument)
{
    struct other *other = argument;
    void *block = HeapAlloc(other->heap, other->flags, 64);
    SetEvent(other->ready);
    return block && HeapFree(other->heap, other->flags, block);
}

static DWORD wait_while_locked(HANDLE heap, DWORD flags)
{
    struct other other = {.heap = heap, .ready = CreateEventW(NULL, FALSE, FALSE, NULL), .flags = flags};
    DWORD result = 0;
    CHECK(HeapLock(heap));
    CHECK(HeapLock(heap));
    HANDLE thread = CreateThread(NULL, 0, allocate_in_a_thread, &other, 0, NULL);
    DWORD wait = WaitForSingleObject(other.ready, 100);
    CHECK(HeapUnlock(heap));
    CHECK(HeapUnlock(heap));
    WaitForSingleObject(thread, INFINITE);
    CHECK(GetExitCodeThread(thread, &result));
    CHECK_EQ(result, TRUE);
    CloseHandle(thread);
    CloseHandle(other.ready);
    return wait;
}

TEST(a_locked_heap)
{
    HANDLE heap = HeapCreate(0, 0, 0), free_for_all = HeapCreate(HEAP_NO_SERIALIZE, 0, 0);
    CHECK_EQ(wait_while_locked(heap, 0), WAIT_TIMEOUT);
    CHECK(HeapDestroy(heap));
    CHECK(HeapDestroy(free_for_all));
}

/* Msvcrt */

TEST(the_runtimes_heap)
{
    _HEAPINFO info = {0};
    void *block = malloc(123);
    int found = 0, status;
    CHECK_EQ(_msize(block), 123);
    CHECK(HeapValidate((HANDLE)_get_heap_handle(), 0, block));
    CHECK_EQ(_heapchk(), _HEAPOK);
    while ((status = _heapwalk(&info)) == _HEAPOK)
        found += info._pentry == block && info._size == 123 && info._useflag == _USEDENTRY;
    CHECK_EQ(status, _HEAPEND);
    CHECK_EQ(found, 1);
    CHECK_PTR(_expand(block, 50), block);
    CHECK(_msize(block) == 50 || _msize(block) == 123);
    free(block);
    block = malloc(50000);
    CHECK_PTR(_expand(block, 30000), block);
    CHECK_EQ(_msize(block), 30000);
    free(block);
    UNLESS_WINE("Wine's HeapCompact finds nothing") CHECK_EQ(_heapmin(), 0);
}

TEST(aligned_blocks)
{
    for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
        unsigned char *block = _aligned_offset_malloc(1000, alignment, 24);
        CHECK(((ULONG_PTR)block + 24) % alignment == 0);
        memset(block, 0x77, 1000);
        block = _aligned_offset_realloc(block, 3000, alignment, 24);
        CHECK(((ULONG_PTR)block + 24) % alignment == 0 && is_filled(block, 1000, 0x77));
        _aligned_free(block);
    }
}

TEST(realloc_and_free)
{
    char *block = realloc(NULL, 20);
    strcpy(block, "kept");
    block = realloc(block, 24);
    CHECK_EQ(_msize(block), 24);
    CHECK_STR(block, "kept");
    block = realloc(block, 70000);
    CHECK_STR(block, "kept");
    CHECK_PTR(realloc(block, 0), NULL);
    free(NULL);
    block = calloc(0, 10);
    CHECK(block != NULL && _msize(block) == 0);
    free(block);
}

/* What MinGW-w64's import library does not have. */
static void *runtime(const char *name)
{
    return (void *)(ULONG_PTR)GetProcAddress(GetModuleHandleA("msvcrt.dll"), name);
}

TEST(zeroed_growth)
{
    void *(__cdecl * recalloc)(void *, size_t, size_t) = runtime("_recalloc");
    void *(__cdecl * aligned_recalloc)(void *, size_t, size_t, size_t) = runtime("_aligned_recalloc");
    size_t(__cdecl * aligned_msize)(void *, size_t, size_t) = runtime("_aligned_msize");
    if (recalloc) {
        unsigned char *block = malloc(10);
        memset(block, 0x33, 10);
        block = recalloc(block, 100, 50);
        CHECK(is_filled(block, 10, 0x33) && is_filled(block + 10, 4990, 0));
        CHECK_PTR(recalloc(block, 0, 1), NULL);
        CHECK_PTR(recalloc(NULL, (size_t)-1 / 2, 3), NULL);
    }
    UNLESS_WINE("Wine 8 has none of these")
    {
        CHECK(recalloc && aligned_recalloc && aligned_msize);
        unsigned char *block = _aligned_malloc(77, 64);
        memset(block, 0x33, 77);
        CHECK_EQ(aligned_msize(block, 64, 0), 77);
        block = aligned_recalloc(block, 30, 100, 64);
        CHECK_EQ((ULONG_PTR)block % 64, 0);
        CHECK(is_filled(block, 77, 0x33) && is_filled(block + 77, 3000 - 77, 0));
        CHECK_EQ(aligned_msize(block, 64, 0), 3000);
        _aligned_free(block);
    }
}

static int asked;

static int __cdecl give_up_at_the_third(size_t size)
{
    return size == (size_t)-1000 && ++asked < 3;
}

TEST(new_handlers)
{
    typedef int(__cdecl * handler)(size_t);
    handler(__cdecl * set)(handler) = runtime(sizeof(void *) == 8 ? "?_set_new_handler@@YAP6AH_K@ZP6AH0@Z@Z"
                                                                  : "?_set_new_handler@@YAP6AHI@ZP6AHI@Z@Z");
    int(__cdecl * set_mode)(int) = runtime("?_set_new_mode@@YAHH@Z");
    int(__cdecl * call)(size_t) = runtime("_callnewh");
    void *(__cdecl * new)(size_t) = runtime(sizeof(void *) == 8 ? "??2@YAPEAX_K@Z" : "??2@YAPAXI@Z");
    void(__cdecl * delete)(void *) = runtime(sizeof(void *) == 8 ? "??3@YAXPEAX@Z" : "??3@YAXPAX@Z");
    volatile size_t too_large = (size_t)-1000;
    void *object = new (10);
    CHECK_EQ(_msize(object), 10);
    delete (object);
    delete (NULL);
    CHECK_PTR(set(give_up_at_the_third), NULL);
    CHECK_EQ(call(1), 0);
    CHECK_PTR(malloc(too_large), NULL);
    CHECK_EQ(asked, 0);
    CHECK_EQ(set_mode(1), 0);
    errno = 0;
    CHECK_PTR(malloc(too_large), NULL);
    CHECK_EQ(asked, 3);
    CHECK_EQ(errno, ENOMEM);
    CHECK_EQ(set_mode(0), 1);
    CHECK_PTR(set(NULL), give_up_at_the_third);
}

TEST(ntdlls_own)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    BOOLEAN(WINAPI * get)(HANDLE, ULONG, void *, void **, ULONG *);
    BOOLEAN(WINAPI * set_value)(HANDLE, ULONG, void *, void *);
    BOOLEAN(WINAPI * set_flags)(HANDLE, ULONG, void *, ULONG, ULONG);
    get = (void *)(ULONG_PTR)GetProcAddress(ntdll, "RtlGetUserInfoHeap");
    set_value = (void *)(ULONG_PTR)GetProcAddress(ntdll, "RtlSetUserValueHeap");
    set_flags = (void *)(ULONG_PTR)GetProcAddress(ntdll, "RtlSetUserFlagsHeap");
    void *value = &value, *block = HeapAlloc(GetProcessHeap(), 0xC00 | 0x100, 1000);
    ULONG flags = 1;
    CHECK(get(GetProcessHeap(), 0, block, &value, &flags));
    CHECK_PTR(value, NULL);
    CHECK_EQ(flags, 0xC00);
    CHECK(set_value(GetProcessHeap(), 0, block, ntdll));
    CHECK(set_flags(GetProcessHeap(), 0, block, 0x400, 0x200));
    CHECK_ERROR(!set_flags(GetProcessHeap(), 0, block, 0, 0x1000), ERROR_INVALID_PARAMETER);
    block = HeapReAlloc(GetProcessHeap(), 0, block, 50000);
    CHECK(get(GetProcessHeap(), 0, block, &value, &flags));
    UNLESS_WINE("Wine forgets both when the block moves")
    {
        CHECK_PTR(value, ntdll);
        CHECK_EQ(flags, 0xA00);
    }
    CHECK_EQ(HeapSize(GetProcessHeap(), 0, block), 50000);
    CHECK(HeapFree(GetProcessHeap(), 0, block));
}

int main(void)
{
    RUN(sizes_are_exact);
    RUN(contents_survive_a_change_of_size);
    RUN(zeroed_memory);
    RUN(resizing_in_place);
    RUN(growing_without_copies);
    RUN(a_summary);
    RUN(what_is_no_block);
    RUN(what_was_freed);
    RUN(too_much);
    RUN(memory_is_private_and_committed);
    RUN(executable_heaps);
    RUN(fixed_heaps_run_out);
    RUN(failure_as_an_exception);
    RUN(the_list_of_heaps);
    RUN(information);
    RUN(walking_a_heap);
    RUN(walking_the_process_heap);
    RUN(giving_memory_back);
    RUN(giving_cached_memory_back);
    RUN(a_locked_heap);
    RUN(the_runtimes_heap);
    RUN(aligned_blocks);
    RUN(realloc_and_free);
    RUN(zeroed_growth);
    RUN(new_handlers);
    RUN(ntdlls_own);
    return CHECK_END();
}
