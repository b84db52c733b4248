/* Every address that a program sees lies where its header says that it can use one: an i386 program that does
 * not call itself large-address-aware sees nothing from 2 GiB up. large_addresses.c is the same program with
 * the mark. */
#include "check.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ULONG_PTR highest; /* the last byte that the program may see */
static BOOL is_large;     /* i386: the header has the mark */

static void find_limit(void)
{
    BYTE *base = (BYTE *)GetModuleHandleW(NULL);
    IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);

    is_large = (headers->FileHeader.Characteristics & IMAGE_FILE_LARGE_ADDRESS_AWARE) != 0;
#ifdef _WIN64
    highest = 0x7FFFFFFEFFFF;
#else
    highest = is_large ? 0xFFFEFFFF : 0x7FFEFFFF;
#endif
}

static void check_address(const void *address, const char *what)
{
    if (!CHECK(address != NULL) || !CHECK((ULONG_PTR)address <= highest))
        check_note(what);
}

TEST(the_system_says_the_same)
{
    SYSTEM_INFO info;
    MEMORYSTATUSEX status = {.dwLength = sizeof status};

    GetSystemInfo(&info);
    CHECK_PTR(info.lpMaximumApplicationAddress, highest);
    CHECK(GlobalMemoryStatusEx(&status));
    CHECK_EQ(status.ullTotalVirtual, (ULONGLONG)highest + 1 - 0x10000);
    CHECK(status.ullAvailVirtual < status.ullTotalVirtual);
}

TEST(what_the_process_starts_with)
{
    int local;
    WCHAR *environment = GetEnvironmentStringsW();
    NT_TIB *tib = (NT_TIB *)NtCurrentTeb();

    check_address(&local, "stack");
    check_address(tib, "TEB");
    check_address((char *)tib->StackBase - 1, "stack base");
    check_address(((void **)tib)[12], "PEB");
    check_address(environment, "environment");
    check_address(GetCommandLineW(), "command line");
    check_address(GetCommandLineA(), "narrow command line");
    check_address(GetProcessHeap(), "heap");
    check_address(__argv[0], "argument");
    check_address(_environ[0], "variable");
    check_address(getenv("PATH"), "getenv");
    check_address(stdout, "stdout");
    check_address(&errno, "errno");
    FreeEnvironmentStringsW(environment);
}

TEST(modules_and_their_functions)
{
    static const char *const names[] = {"kernel32", "ntdll", "msvcrt", "ws2_32"};

    for (int i = 0; i < 4; i++)
        check_address(LoadLibraryA(names[i]), names[i]);
    check_address((void *)GetProcAddress(GetModuleHandleA("kernel32"), "Sleep"), "Sleep");
}

TEST(heap_blocks_of_every_size)
{
    HANDLE heap = HeapCreate(0, 0, 0);

    for (SIZE_T size = 1; size <= 64 << 20; size *= 4) {
        void *blocks[] = {malloc(size), HeapAlloc(GetProcessHeap(), 0, size), HeapAlloc(heap, 0, size),
                          LocalAlloc(LPTR, size)};

        for (int i = 0; i < 4; i++)
            check_address(blocks[i], "heap block");
        blocks[0] = realloc(blocks[0], size * 2);
        check_address((char *)blocks[0] + size * 2 - 1, "end of a block");
        free(blocks[0]);
        HeapFree(GetProcessHeap(), 0, blocks[1]);
        LocalFree(blocks[3]);
    }
    CHECK(HeapDestroy(heap));
}

TEST(from_the_top)
{
    char *block = VirtualAlloc(NULL, 1 << 20, MEM_RESERVE | MEM_COMMIT | MEM_TOP_DOWN, PAGE_READWRITE);

    check_address(block + (1 << 20) - 1, "MEM_TOP_DOWN");
    /* A program that knows of more gets what lies above what others get. */
    if (is_large)
        CHECK((ULONG_PTR)block >= 0x80000000u);
    CHECK(VirtualFree(block, 0, MEM_RELEASE));
}

TEST(beyond_the_end_there_is_nothing)
{
    MEMORY_BASIC_INFORMATION region;
    char *beyond = (char *)highest + 1;

    CHECK_ERROR(VirtualAlloc(beyond, 0x10000, MEM_RESERVE, PAGE_READWRITE) == NULL, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(VirtualAlloc(beyond - 0x10000, 0x20000, MEM_RESERVE, PAGE_READWRITE) == NULL,
                ERROR_INVALID_PARAMETER);
    /* A walk through all of memory ends. */
    for (ULONG_PTR at = 0; at < highest; at = (ULONG_PTR)region.BaseAddress + region.RegionSize) {
        if (!CHECK_EQ(VirtualQuery((void *)at, &region, sizeof region), sizeof region) ||
            !CHECK((ULONG_PTR)region.BaseAddress == at && region.RegionSize > 0))
            break;
        if (region.State != MEM_FREE)
            check_address((char *)at + region.RegionSize - 1, "a region");
    }
}

static DWORD WINAPI address_of_local(void *result)
{
    int local;

    check_address(&local, "stack of a thread");
    check_address(NtCurrentTeb(), "TEB of a thread");
    *(void **)result = malloc(100);
    return 0;
}

TEST(threads)
{
    HANDLE all[8];
    void *blocks[8] = {NULL};

    for (int i = 0; i < 8; i++)
        all[i] = CreateThread(NULL, 0, address_of_local, &blocks[i], 0, NULL);
    CHECK_EQ(WaitForMultipleObjects(8, all, TRUE, 10000), WAIT_OBJECT_0);
    for (int i = 0; i < 8; i++) {
        check_address(blocks[i], "block of a thread");
        free(blocks[i]);
        CloseHandle(all[i]);
    }
}

TEST(views_of_a_section)
{
    HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 16 << 20, NULL);
    char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);

    check_address(view + (16 << 20) - 1, "view");
    CHECK(UnmapViewOfFile(view));
    CHECK(CloseHandle(section));
}

#ifndef _WIN64
/* Takes all that there is. */
TEST(as_much_as_there_is)
{
    enum { STEP = 16 << 20, MAX_STEPS = 256 };
    static void *blocks[MAX_STEPS];
    int count = 0, above = 0;

    while (count < MAX_STEPS && (blocks[count] = VirtualAlloc(NULL, STEP, MEM_RESERVE, PAGE_NOACCESS)))
        count++;
    CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    for (int i = 0; i < count; i++) {
        check_address((char *)blocks[i] + STEP - 1, "one of many");
        above += (ULONG_PTR)blocks[i] >= 0x80000000u;
    }
    /* At least 1.5 GiB of the 2, or 3 of the 4, are the program's to take. */
    CHECK(count >= (is_large ? 3072 : 1536) / 16);
    CHECK(is_large ? above > 0 : above == 0);
    check_address(malloc(100), "a small block when all is taken");
    for (int i = 0; i < count; i++)
        VirtualFree(blocks[i], 0, MEM_RELEASE);
}
#endif

int main(void)
{
    find_limit();
    RUN(the_system_says_the_same);
    RUN(what_the_process_starts_with);
    RUN(modules_and_their_functions);
    RUN(heap_blocks_of_every_size);
    RUN(from_the_top);
    RUN(beyond_the_end_there_is_nothing);
    RUN(threads);
    RUN(views_of_a_section);
#ifndef _WIN64
    RUN(as_much_as_there_is);
#endif
    return CHECK_END();
}
