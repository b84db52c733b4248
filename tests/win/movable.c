/* GlobalAlloc, LocalAlloc and their handles. */
#include <string.h>
#include "check.h"

static int is_handle(const void *handle)
{
    return (ULONG_PTR)handle % (2 * sizeof(void *)) == sizeof(void *);
}

TEST(fixed_memory)
{
    HGLOBAL block = GlobalAlloc(GPTR, 100);
    CHECK(block && !is_handle(block));
    CHECK_EQ(GlobalSize(block), 100);
    CHECK_EQ(HeapSize(GetProcessHeap(), 0, block), 100);
    CHECK_EQ(GlobalFlags(block), 0);
    CHECK_PTR(GlobalLock(block), block);
    CHECK(GlobalUnlock(block));
    CHECK(GlobalUnlock(block));
    CHECK_PTR(GlobalHandle(block), block);
    CHECK_PTR(GlobalFree(block), NULL);
    CHECK_PTR(GlobalFree(NULL), NULL);
    block = GlobalAlloc(GMEM_FIXED, 0);
    CHECK_EQ(GlobalSize(block), 1);
    CHECK_PTR(GlobalFree(block), NULL);
    block = LocalAlloc(LMEM_FIXED, 0);
    CHECK_EQ(LocalSize(block), 0);
    CHECK_ERROR(!LocalUnlock(block), ERROR_NOT_LOCKED);
    CHECK_PTR(LocalFree(block), NULL);
}

TEST(movable_memory)
{
    HGLOBAL handle = GlobalAlloc(GHND, 50);
    char *memory = GlobalLock(handle);
    CHECK(is_handle(handle));
    CHECK(memory && (void *)memory != handle && !is_handle(memory));
    CHECK_PTR(*(void **)handle, memory);
    CHECK_EQ(memory[49], 0);
    CHECK_EQ(GlobalSize(handle), 50);
    CHECK_EQ(HeapSize(GetProcessHeap(), 0, memory), 50);
    CHECK_PTR(GlobalHandle(memory), handle);
    strcpy(memory, "kept");
    CHECK_PTR(GlobalLock(handle), memory);
    CHECK_EQ(GlobalFlags(handle), 2);
    CHECK(GlobalUnlock(handle));
    CHECK_ERROR(!GlobalUnlock(handle), NO_ERROR);
    CHECK_ERROR(!GlobalUnlock(handle), ERROR_NOT_LOCKED);
    CHECK_PTR(GlobalReAlloc(handle, 100000, GMEM_MOVEABLE | GMEM_ZEROINIT), handle);
    memory = GlobalLock(handle);
    CHECK_STR(memory, "kept");
    CHECK_EQ(memory[50] | memory[99999], 0);
    CHECK_PTR(GlobalHandle(memory), handle);
    CHECK_PTR(GlobalFree(handle), NULL);
}

TEST(lock_counts)
{
    HGLOBAL handle = GlobalAlloc(GMEM_MOVEABLE, 10);
    for (int i = 0; i < 300; i++)
        CHECK(GlobalLock(handle) != NULL);
    CHECK_EQ(GlobalFlags(handle) & GMEM_LOCKCOUNT, 255);
    for (int i = 0; i < 254; i++)
        CHECK(GlobalUnlock(handle));
    CHECK_ERROR(!GlobalUnlock(handle), NO_ERROR);
    CHECK_EQ(GlobalFlags(handle), 0);
    CHECK_PTR(GlobalFree(handle), NULL);
}

TEST(discarding)
{
    HGLOBAL handle = GlobalAlloc(GMEM_MOVEABLE | GMEM_DISCARDABLE, 100);
    CHECK_EQ(GlobalFlags(handle), GMEM_DISCARDABLE);
    GlobalLock(handle);
    CHECK_PTR(GlobalDiscard(handle), NULL);
    GlobalUnlock(handle);
    CHECK_PTR(GlobalDiscard(handle), handle);
    CHECK_EQ(GlobalFlags(handle), GMEM_DISCARDABLE | GMEM_DISCARDED);
    CHECK_EQ(GlobalSize(handle), 0);
    CHECK_ERROR(GlobalLock(handle) == NULL, ERROR_DISCARDED);
    CHECK_PTR(GlobalReAlloc(handle, 200, GMEM_MOVEABLE), handle);
    CHECK_EQ(GlobalFlags(handle), GMEM_DISCARDABLE);
    CHECK_EQ(GlobalSize(handle), 200);
    CHECK_PTR(GlobalFree(handle), NULL);
    handle = GlobalAlloc(GMEM_MOVEABLE, 0);
    CHECK_EQ(GlobalFlags(handle), GMEM_DISCARDED);
    CHECK_PTR(GlobalFree(handle), NULL);
    handle = LocalAlloc(LMEM_MOVEABLE | LMEM_DISCARDABLE, 10);
    CHECK_EQ(LocalFlags(handle) & LMEM_DISCARDED, 0);
    CHECK(LocalFlags(handle) & LMEM_DISCARDABLE);
    CHECK_PTR(LocalFree(handle), NULL);
}

/* Locked memory only moves if the caller says so; what is not may always. */
TEST(resizing)
{
    HGLOBAL handle = GlobalAlloc(GMEM_MOVEABLE, 12);
    void *memory = GlobalLock(handle);
    CHECK_ERROR(GlobalReAlloc(handle, 32 << 20, 0) == NULL, ERROR_NOT_ENOUGH_MEMORY);
    CHECK_EQ(GlobalSize(handle), 12);
    CHECK_PTR(GlobalReAlloc(handle, 10, 0), handle);
    CHECK_PTR(*(void **)handle, memory);
    CHECK_PTR(GlobalReAlloc(handle, 32 << 20, GMEM_MOVEABLE), handle);
    CHECK(*(void **)handle != memory);
    GlobalUnlock(handle);
    CHECK_PTR(GlobalReAlloc(handle, 5000, 0), handle);
    CHECK_ERROR(GlobalReAlloc(handle, 0, 0) == NULL, ERROR_INVALID_PARAMETER);
    CHECK_PTR(GlobalFree(handle), NULL);
    /* Whatever lies behind a small block, it does not grow where it is. */
    for (int i = 0; i < 40; i++) {
        handle = GlobalAlloc(GMEM_MOVEABLE, 12);
        memory = GlobalLock(handle);
        UNLESS_WINE("Wine 8 grows it where there is room")
        CHECK_ERROR(GlobalReAlloc(handle, 512, 0) == NULL, ERROR_NOT_ENOUGH_MEMORY);
        GlobalUnlock(handle);
        CHECK_PTR(GlobalReAlloc(handle, 512, 0), handle);
        UNLESS_WINE("Wine 8 grows it where there is room") CHECK(*(void **)handle != memory);
        CHECK_PTR(GlobalHandle(*(void **)handle), handle);
        CHECK_EQ(GlobalSize(handle), 512);
        CHECK_PTR(GlobalFree(handle), NULL);
    }
    memory = GlobalAlloc(GMEM_FIXED, 12);
    CHECK_ERROR(GlobalReAlloc(memory, 32 << 20, 0) == NULL, ERROR_NOT_ENOUGH_MEMORY);
    memory = GlobalReAlloc(memory, 512, GMEM_MOVEABLE);
    CHECK_EQ(GlobalSize(memory), 512);
    CHECK_PTR(GlobalReAlloc(memory, 1, GMEM_MODIFY), memory);
    CHECK_EQ(GlobalSize(memory), 512);
    CHECK_PTR(GlobalFree(memory), NULL);
}

TEST(fixed_becomes_movable)
{
    char *block = GlobalAlloc(GMEM_FIXED, 300);
    strcpy(block, "kept");
    HGLOBAL handle = GlobalReAlloc(block, 0, GMEM_MODIFY | GMEM_MOVEABLE);
    CHECK(is_handle(handle));
    CHECK_EQ(GlobalSize(handle), 300);
    CHECK_STR(GlobalLock(handle), "kept");
    CHECK_PTR(GlobalHandle(*(void **)handle), handle);
    CHECK_PTR(GlobalFree(handle), NULL);
    block = LocalAlloc(LMEM_FIXED, 300);
    CHECK_PTR(LocalReAlloc(block, 0, LMEM_MODIFY | LMEM_MOVEABLE), block);
    CHECK_PTR(LocalFree(block), NULL);
}

TEST(what_is_no_handle)
{
    HGLOBAL handle = GlobalAlloc(GMEM_MOVEABLE, 10),
            never = (HGLOBAL)(ULONG_PTR)(0xDEADBEE0 + sizeof(void *));
    CHECK_PTR(GlobalFree(handle), NULL);
    for (int i = 0; i < 2; i++, handle = never) {
        CHECK_ERROR(GlobalFree(handle) == handle, ERROR_INVALID_HANDLE);
        CHECK_ERROR(GlobalLock(handle) == NULL, ERROR_INVALID_HANDLE);
        CHECK_ERROR(GlobalSize(handle) == 0, ERROR_INVALID_HANDLE);
        CHECK_ERROR(GlobalFlags(handle) == GMEM_INVALID_HANDLE, ERROR_INVALID_HANDLE);
        CHECK_ERROR(GlobalReAlloc(handle, 5, GMEM_MOVEABLE) == NULL, ERROR_INVALID_HANDLE);
        UNLESS_WINE("Wine returns FALSE") CHECK_ERROR(GlobalUnlock(handle), ERROR_INVALID_HANDLE);
        CHECK_ERROR(!LocalUnlock(handle), ERROR_INVALID_HANDLE);
    }
}

TEST(as_many_handles_as_there_are)
{
    static HGLOBAL handles[0x10000];
    int count = 0;
    while (count < 0x10000 && (handles[count] = GlobalAlloc(GMEM_MOVEABLE, 0)))
        count++;
    CHECK_EQ(count, 0x10000);
    CHECK_ERROR(GlobalAlloc(GMEM_MOVEABLE, 0) == NULL, ERROR_NOT_ENOUGH_MEMORY);
    CHECK_ERROR(LocalAlloc(LMEM_MOVEABLE, 0) == NULL, ERROR_NOT_ENOUGH_MEMORY);
    while (count > 0)
        GlobalFree(handles[--count]);
    HGLOBAL again = GlobalAlloc(GMEM_MOVEABLE, 20);
    CHECK(again != NULL);
    CHECK_PTR(GlobalFree(again), NULL);
}

int main(void)
{
    RUN(fixed_memory);
    RUN(movable_memory);
    RUN(lock_counts);
    RUN(discarding);
    RUN(resizing);
    RUN(fixed_becomes_movable);
    RUN(what_is_no_handle);
    RUN(as_many_handles_as_there_are);
    return CHECK_END();
}
