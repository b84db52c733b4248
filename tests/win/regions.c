/* Private memory beyond the everyday: placeholders, write watches, guard pages, requirements for addresses,
 * and what is told of pages. */
#include "check.h"
#include <setjmp.h>
#include <stddef.h>
#include <string.h>
#define PSAPI_VERSION 2
#include <psapi.h>
#include <winternl.h>

#ifndef MEM_REPLACE_PLACEHOLDER
#define MEM_COALESCE_PLACEHOLDERS 0x00000001
#define MEM_PRESERVE_PLACEHOLDER  0x00000002
#define MEM_REPLACE_PLACEHOLDER   0x00004000
#define MEM_RESERVE_PLACEHOLDER   0x00040000
#endif

enum { PAGE = 4096, GRANULARITY = 65536 };

/* MEMORY_REGION_INFORMATION. */
struct region_information {
    void *base;
    ULONG protect;
    ULONG flags;
    SIZE_T size;
    SIZE_T committed;
};

static PVOID(WINAPI *virtual_alloc_2)(HANDLE, PVOID, SIZE_T, ULONG, ULONG, MEM_EXTENDED_PARAMETER *, ULONG);
static PVOID(WINAPI *map_view_3)(HANDLE, HANDLE, PVOID, ULONG64, SIZE_T, ULONG, ULONG,
                                 MEM_EXTENDED_PARAMETER *, ULONG);
static BOOL(WINAPI *unmap_view_2)(HANDLE, PVOID, ULONG);
static BOOL(WINAPI *query_region)(HANDLE, const void *, UINT, PVOID, SIZE_T, SIZE_T *);
static NTSTATUS(WINAPI *query_memory)(HANDLE, const void *, ULONG, void *, SIZE_T, SIZE_T *);

static void *function(const char *name)
{
    void *address = (void *)GetProcAddress(GetModuleHandleA("kernel32.dll"), name);

    return address ? address : (void *)GetProcAddress(LoadLibraryA("kernelbase.dll"), name);
}

static MEMORY_BASIC_INFORMATION query(const void *address)
{
    MEMORY_BASIC_INFORMATION information;

    memset(&information, 0xEE, sizeof information);
    CHECK_EQ(VirtualQuery(address, &information, sizeof information), sizeof information);
    return information;
}

static char *allocate(SIZE_T size, DWORD type, DWORD protect)
{
    char *base = VirtualAlloc(NULL, size, type, protect);

    CHECK(base != NULL);
    return base;
}

TEST(what_a_release_leaves)
{
    char *base = allocate(4 * GRANULARITY, MEM_RESERVE, PAGE_READWRITE);

    CHECK_PTR(VirtualAlloc(base + PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE), base + PAGE);
    CHECK_ERROR(VirtualFree(base, PAGE, MEM_RELEASE) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(VirtualFree(base + GRANULARITY, 4 * GRANULARITY, MEM_DECOMMIT) == FALSE,
                ERROR_INVALID_PARAMETER);
    CHECK_ERROR(VirtualFree(base + GRANULARITY, 0, MEM_DECOMMIT) == FALSE, ERROR_INVALID_ADDRESS);
    /* Decommitting what is not committed is no error. */
    CHECK(VirtualFree(base, 4 * GRANULARITY, MEM_DECOMMIT));
    CHECK(VirtualFree(base + 17, 1, MEM_DECOMMIT));
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

TEST(the_highest_place)
{
    char *low = allocate(PAGE, MEM_RESERVE, PAGE_READWRITE);
    char *high = allocate(PAGE, MEM_RESERVE | MEM_TOP_DOWN, PAGE_READWRITE);

    CHECK(high > low);
    CHECK(VirtualFree(low, 0, MEM_RELEASE));
    CHECK(VirtualFree(high, 0, MEM_RELEASE));
}

TEST(huge_reservations)
{
#ifdef _WIN64
    SIZE_T size = (SIZE_T)64 << 30;
    char *base = allocate(size, MEM_RESERVE, PAGE_READWRITE);

    CHECK_PTR(VirtualAlloc(base + size - PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE), base + size - PAGE);
    base[size - 1] = 1;
    CHECK_EQ(query(base).RegionSize, size - PAGE);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
#endif
}

TEST(a_guard_page_is_met_once)
{
    char *base = allocate(2 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    DWORD old;

    CHECK(VirtualProtect(base + PAGE, PAGE, PAGE_READWRITE | PAGE_GUARD, &old));
    CHECK_EQ(query(base + PAGE).Protect, PAGE_READWRITE | PAGE_GUARD);
    UNLESS_WINE("Wine reports ERROR_NOACCESS, and leaves the guard")
    {
        CHECK_ERROR(VirtualLock(base, 2 * PAGE) == FALSE, (DWORD)STATUS_GUARD_PAGE_VIOLATION);
        CHECK_EQ(query(base).RegionSize, 2 * PAGE);
        CHECK(VirtualLock(base, 2 * PAGE));
        CHECK(VirtualUnlock(base, 2 * PAGE));
    }
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

TEST(caching_belongs_to_the_allocation)
{
    char *base = allocate(2 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE | PAGE_NOCACHE);
    DWORD old;

    CHECK_EQ(query(base).Protect, PAGE_READWRITE | PAGE_NOCACHE);
    CHECK(VirtualProtect(base, PAGE, PAGE_READONLY, &old));
    CHECK_EQ(old, PAGE_READWRITE | PAGE_NOCACHE);
    CHECK_EQ(query(base).Protect, PAGE_READONLY | PAGE_NOCACHE);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
    base = allocate(PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    CHECK(VirtualProtect(base, PAGE, PAGE_READONLY | PAGE_NOCACHE, &old));
    CHECK_EQ(query(base).Protect, PAGE_READONLY);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
    UNLESS_WINE("Wine takes both")
    CHECK_ERROR(VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE | PAGE_NOCACHE | PAGE_WRITECOMBINE) ==
                    NULL,
                ERROR_INVALID_PARAMETER);
}

TEST(a_reset_keeps_the_pages)
{
    char *base = allocate(4 * PAGE, MEM_RESERVE, PAGE_READWRITE);

    CHECK_PTR(VirtualAlloc(base, PAGE, MEM_COMMIT, PAGE_READWRITE), base);
    CHECK_PTR(VirtualAlloc(base, PAGE, MEM_RESET, PAGE_NOACCESS), base);
    CHECK_EQ(query(base).Protect, PAGE_READWRITE);
    CHECK_ERROR(VirtualAlloc(base + 3 * PAGE, 2 * PAGE, MEM_RESET, PAGE_NOACCESS) == NULL,
                ERROR_INVALID_ADDRESS);
    UNLESS_WINE("Wine takes both")
    CHECK_ERROR(VirtualAlloc(base, PAGE, MEM_RESET | MEM_COMMIT, PAGE_READWRITE) == NULL,
                ERROR_INVALID_PARAMETER);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

/* What each protection allows */

static __thread jmp_buf recovery;
static volatile ULONG_PTR refused_access, refused_address;

static LONG CALLBACK on_violation(EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;

    if (record->ExceptionCode != (DWORD)EXCEPTION_ACCESS_VIOLATION)
        return EXCEPTION_CONTINUE_SEARCH;
    refused_access = record->ExceptionInformation[0];
    refused_address = record->ExceptionInformation[1];
    longjmp(recovery, 1);
}

enum { READ = 0, WRITE = 1, EXECUTE = 8, ALLOWED = 99 };

/* ALLOWED, or how the exception names the access. */
static ULONG_PTR try_access(char *page, ULONG_PTR access)
{
    refused_access = ALLOWED;
    if (setjmp(recovery) != 0)
        CHECK_PTR(refused_address, page);
    else if (access == READ)
        (void)*(volatile char *)page;
    else if (access == WRITE)
        *(volatile unsigned char *)page = 0xC3;
    else
        ((void (*)(void))page)();
    return refused_access;
}

TEST(what_each_protection_allows)
{
    static const struct {
        DWORD protect;
        int read, write, execute;
    } cases[] = {
        {PAGE_NOACCESS, 0, 0, 0},     {PAGE_READONLY, 1, 0, 0}, {PAGE_READWRITE, 1, 1, 0},
        {PAGE_EXECUTE_READ, 1, 0, 1}, {PAGE_EXECUTE, 1, 0, 1},  {PAGE_EXECUTE_READWRITE, 1, 1, 1},
    };
    void *handler = AddVectoredExceptionHandler(1, on_violation);
    char *base = allocate(PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    DWORD old;

    *(unsigned char *)base = 0xC3; /* ret */
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK(VirtualProtect(base, PAGE, cases[i].protect, &old));
        CHECK_EQ(query(base).Protect, cases[i].protect);
        CHECK_EQ(try_access(base, READ), cases[i].read ? ALLOWED : READ);
        CHECK_EQ(try_access(base, WRITE), cases[i].write ? ALLOWED : WRITE);
        CHECK_EQ(try_access(base, EXECUTE), cases[i].execute ? ALLOWED : EXECUTE);
    }
    CHECK(RemoveVectoredExceptionHandler(handler));
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

static volatile LONG flipping;

static DWORD WINAPI run_code(void *code)
{
    DWORD wrong = 0;

    while (flipping)
        wrong += ((int (*)(void))code)() != 42;
    return wrong;
}

/* Code that patches itself makes its pages writable for a moment, while other threads run there. */
TEST(code_runs_while_its_protection_changes)
{
    static const unsigned char return_42[] = {0xB8, 42, 0, 0, 0, 0xC3};
    char *base = allocate(2 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), *code = base + PAGE - 3;
    HANDLE thread;
    DWORD old, wrong = 1;
    int failed = 0;

    memcpy(code, return_42, sizeof return_42);
    CHECK(VirtualProtect(base, 2 * PAGE, PAGE_EXECUTE_READ, &old));
    flipping = 1;
    thread = CreateThread(NULL, 0, run_code, code, 0, NULL);
    for (int i = 0; i < 10000; i++) {
        failed +=
            !VirtualProtect(code, sizeof return_42, PAGE_EXECUTE_READWRITE, &old) || old != PAGE_EXECUTE_READ;
        *(volatile char *)(code + 1) = 42;
        failed += !VirtualProtect(code, sizeof return_42, PAGE_EXECUTE_READ, &old);
    }
    flipping = 0;
    CHECK_EQ(failed, 0);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &wrong));
    CHECK_EQ(wrong, 0);
    CHECK(CloseHandle(thread));
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

/* Write watches */

static ULONG_PTR written(char *base, SIZE_T size, DWORD flags, void **pages)
{
    ULONG_PTR count = 16;
    DWORD granularity = 0;

    CHECK_EQ(GetWriteWatch(flags, base, size, pages, &count, &granularity), 0);
    CHECK_EQ(granularity, PAGE);
    return count;
}

/* Which indirect calls may lead to code is a matter of executable pages alone. */
TEST(targets_of_calls)
{
    const DWORD flag = 0x40000000; /* PAGE_TARGETS_INVALID, PAGE_TARGETS_NO_UPDATE */
    MEMORY_BASIC_INFORMATION info;
    DWORD old = 0;
    char *pages = VirtualAlloc(NULL, 0x2000, MEM_RESERVE, PAGE_NOACCESS);

    CHECK_PTR(VirtualAlloc(pages, 0x1000, MEM_COMMIT, PAGE_READWRITE), pages);
    CHECK_PTR(VirtualAlloc(pages, 0x2000, MEM_COMMIT, PAGE_EXECUTE_READ | flag), pages);
    CHECK(VirtualQuery(pages, &info, sizeof info));
    CHECK_EQ(info.Protect, PAGE_EXECUTE_READ);
    CHECK_EQ(info.RegionSize, 0x2000);
    CHECK(VirtualProtect(pages, 0x2000, PAGE_EXECUTE_READWRITE | flag, &old));
    CHECK_EQ(old, PAGE_EXECUTE_READ);
    UNLESS_WINE("it takes the flag anywhere")
    CHECK_ERROR(!VirtualProtect(pages, 0x2000, PAGE_READWRITE | flag, &old), ERROR_INVALID_PARAMETER);
    CHECK(VirtualFree(pages, 0, MEM_RELEASE));
    UNLESS_WINE("it takes the flag anywhere")
    CHECK_ERROR(!VirtualAlloc(NULL, 0x1000, MEM_COMMIT, PAGE_READWRITE | flag), ERROR_INVALID_PARAMETER);
}

TEST(writes_are_watched)
{
    void *pages[16];
    char *base = allocate(GRANULARITY, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);
    DWORD old;

    CHECK_EQ(written(base, GRANULARITY, 0, pages), 0);
    CHECK_EQ(base[5 * PAGE], 0);
    base[2 * PAGE + 1] = 1;
    base[7 * PAGE] = 1;
    *(volatile LONG *)(base + 10 * PAGE - 2) = -1;
    CHECK_EQ(written(base, GRANULARITY, 0, pages), 4);
    CHECK_PTR(pages[0], base + 2 * PAGE);
    CHECK_PTR(pages[1], base + 7 * PAGE);
    CHECK_PTR(pages[3], base + 10 * PAGE);
    CHECK_EQ(written(base + 3 * PAGE, 5 * PAGE, WRITE_WATCH_FLAG_RESET, pages), 1);
    CHECK_EQ(written(base, GRANULARITY, 0, pages), 3);
    /* Protections come and go; the marks stay. */
    CHECK(VirtualProtect(base, GRANULARITY, PAGE_READONLY, &old));
    CHECK(VirtualProtect(base, GRANULARITY, PAGE_READWRITE, &old));
    CHECK_EQ(written(base, GRANULARITY, 0, pages), 3);
    CHECK_EQ(query(base).RegionSize, GRANULARITY);
    CHECK_EQ(ResetWriteWatch(base, GRANULARITY), 0);
    CHECK_EQ(written(base, GRANULARITY, 0, pages), 0);
    base[2 * PAGE] = 3;
    CHECK_EQ(written(base, GRANULARITY, WRITE_WATCH_FLAG_RESET, pages), 1);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

TEST(reading_a_file_counts_as_writing)
{
    void *pages[16];
    char *base = allocate(4 * PAGE, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);
    HANDLE file = CreateFileA("read", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                              FILE_FLAG_DELETE_ON_CLOSE, NULL);
    DWORD done;

    SetFilePointer(file, 4 * PAGE, NULL, FILE_BEGIN);
    CHECK(SetEndOfFile(file));
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    CHECK(ReadFile(file, base + PAGE, 2 * PAGE, &done, NULL));
    CHECK_EQ(done, 2 * PAGE);
    CHECK_EQ(written(base, 4 * PAGE, 0, pages), 2);
    CHECK_PTR(pages[0], base + PAGE);
    CHECK(CloseHandle(file));
    CHECK(WriteProcessMemory(GetCurrentProcess(), base + 3 * PAGE, "x", 1, NULL));
    UNLESS_WINE("Wine does not see that write")
    CHECK_EQ(written(base, 4 * PAGE, 0, pages), 3);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

TEST(watches_that_are_refused)
{
    void *pages[16];
    ULONG_PTR count = 16;
    DWORD granularity;
    char *plain = allocate(PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    char *base = allocate(PAGE, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);

    CHECK_ERROR(GetWriteWatch(0, plain, PAGE, pages, &count, &granularity) == ~0u, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(GetWriteWatch(0, base, 2 * PAGE, pages, &count, &granularity) == ~0u,
                ERROR_INVALID_PARAMETER);
    CHECK_ERROR(GetWriteWatch(0, base, 0, pages, &count, &granularity) == ~0u, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(GetWriteWatch(2, base, PAGE, pages, &count, &granularity) == ~0u, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(GetWriteWatch(0, base, PAGE, NULL, &count, &granularity) == ~0u, ERROR_NOACCESS);
    CHECK_ERROR(GetWriteWatch(0, base, PAGE, pages, NULL, &granularity) == ~0u, ERROR_NOACCESS);
    CHECK_ERROR(ResetWriteWatch(plain, PAGE) == ~0u, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(VirtualAlloc(NULL, PAGE, MEM_WRITE_WATCH, PAGE_READWRITE) == NULL, ERROR_INVALID_PARAMETER);
    CHECK(VirtualFree(plain, 0, MEM_RELEASE));
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

static DWORD WINAPI write_pages(void *base)
{
    for (int i = 0; i < 256; i++)
        InterlockedIncrement((volatile LONG *)((char *)base + i * PAGE));
    return 0;
}

TEST(threads_write_to_watched_pages)
{
    char *base = allocate(256 * PAGE, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);
    static void *pages[256];
    ULONG_PTR count = 256;
    DWORD granularity;
    HANDLE threads[4];

    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, 0, write_pages, base, 0, NULL);
    CHECK_EQ(WaitForMultipleObjects(4, threads, TRUE, INFINITE), WAIT_OBJECT_0);
    for (int i = 0; i < 4; i++)
        CHECK(CloseHandle(threads[i]));
    CHECK_EQ(GetWriteWatch(0, base, 256 * PAGE, pages, &count, &granularity), 0);
    CHECK_EQ(count, 256);
    CHECK_EQ(*(LONG *)(base + 255 * PAGE), 4);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

/* Placeholders */

TEST(placeholders)
{
    char *base = virtual_alloc_2(NULL, NULL, 4 * GRANULARITY, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER,
                                 PAGE_NOACCESS, NULL, 0);
    HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, GRANULARITY, NULL);
    char *view, *other;

    CHECK(base != NULL);
    CHECK_EQ(query(base).State, MEM_RESERVE);
    CHECK_EQ(query(base).AllocationProtect, PAGE_NOACCESS);
    CHECK_ERROR(VirtualAlloc(base, PAGE, MEM_COMMIT, PAGE_READWRITE) == NULL, ERROR_INVALID_ADDRESS);
    /* A buffer that goes round: two views of one section, side by side. */
    CHECK(VirtualFree(base + GRANULARITY, GRANULARITY, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER));
    CHECK(VirtualFree(base + 2 * GRANULARITY, GRANULARITY, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER));
    view = map_view_3(section, NULL, base + GRANULARITY, 0, GRANULARITY, MEM_REPLACE_PLACEHOLDER,
                      PAGE_READWRITE, NULL, 0);
    CHECK_PTR(view, base + GRANULARITY);
    other = map_view_3(section, NULL, base + 2 * GRANULARITY, 0, GRANULARITY, MEM_REPLACE_PLACEHOLDER,
                       PAGE_READWRITE, NULL, 0);
    CHECK_PTR(other, base + 2 * GRANULARITY);
    memcpy(view + GRANULARITY - 3, "round", 5);
    CHECK_MEM(view, "nd", 2);
    CHECK(unmap_view_2(GetCurrentProcess(), view, MEM_PRESERVE_PLACEHOLDER));
    CHECK_EQ(query(view).State, MEM_RESERVE);
    CHECK_PTR(virtual_alloc_2(NULL, view, GRANULARITY, MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER,
                              PAGE_READWRITE, NULL, 0),
              view);
    view[0] = 1;
    CHECK_EQ(query(view).RegionSize, GRANULARITY);
    CHECK(VirtualFree(view, GRANULARITY, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER));
    CHECK(unmap_view_2(GetCurrentProcess(), other, MEM_PRESERVE_PLACEHOLDER));
    CHECK(VirtualFree(base, 4 * GRANULARITY, MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS));
    CHECK_EQ(query(base).RegionSize, 4 * GRANULARITY);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
    CHECK(CloseHandle(section));
}

TEST(requirements_for_addresses)
{
    MEM_ADDRESS_REQUIREMENTS where = {(void *)0x30000000, (void *)0x3FFFFFFF, 0x1000000};
    MEM_EXTENDED_PARAMETER parameter = {.Type = MemExtendedParameterAddressRequirements, .Pointer = &where};
    ULONG_PTR place = (ULONG_PTR)virtual_alloc_2(NULL, NULL, GRANULARITY, MEM_RESERVE | MEM_COMMIT,
                                                 PAGE_READWRITE, &parameter, 1);

    CHECK(place >= 0x30000000 && place + GRANULARITY <= 0x40000000);
    CHECK_EQ(place % 0x1000000, 0);
    CHECK_ERROR(virtual_alloc_2(NULL, (void *)0x30000000, GRANULARITY, MEM_RESERVE, PAGE_READWRITE,
                                &parameter, 1) == NULL,
                ERROR_INVALID_PARAMETER);
    where.Alignment = 3 * GRANULARITY;
    CHECK_ERROR(virtual_alloc_2(NULL, NULL, GRANULARITY, MEM_RESERVE, PAGE_READWRITE, &parameter, 1) == NULL,
                ERROR_INVALID_PARAMETER);
    CHECK(VirtualFree((void *)place, 0, MEM_RELEASE));
}

/* What is told of memory */

TEST(whole_allocations)
{
    enum { PRIVATE = 1, IMAGE = 4, REGION_CLASS = 3, REGION_EX_CLASS = 7 };
    char *base = allocate(GRANULARITY, MEM_RESERVE, PAGE_READONLY);
    struct region_information region;
    SIZE_T returned = 0;

    CHECK(VirtualAlloc(base + PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
    CHECK(VirtualAlloc(base + 4 * PAGE, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
    CHECK(query_region(GetCurrentProcess(), base + 2 * PAGE, 0, &region, sizeof region, &returned));
    CHECK_EQ(returned, sizeof region);
    CHECK_PTR(region.base, base);
    CHECK_EQ(region.protect, PAGE_READONLY);
    CHECK_EQ(region.flags, PRIVATE);
    CHECK_EQ(region.size, GRANULARITY);
    CHECK_EQ(region.committed, 3 * PAGE);
    CHECK_EQ(query_memory(GetCurrentProcess(), base, REGION_CLASS, &region, sizeof region, NULL), 0);
    CHECK_EQ(region.flags, 0);
    CHECK_EQ(query_memory(GetCurrentProcess(), (void *)query, REGION_EX_CLASS, &region, sizeof region, NULL),
             0);
    CHECK_EQ(region.flags, IMAGE);
    /* A caller that does not know of the committed size need not have room for it. */
    region.committed = 77;
    CHECK_EQ(query_memory(GetCurrentProcess(), base, REGION_CLASS, &region,
                          offsetof(struct region_information, committed), NULL),
             0);
    CHECK_EQ(region.committed, 77);
    CHECK_EQ(query_memory(GetCurrentProcess(), base, REGION_CLASS, &region,
                          offsetof(struct region_information, size), NULL),
             (NTSTATUS)0xC0000004); /* STATUS_INFO_LENGTH_MISMATCH */
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

TEST(names_of_mapped_files)
{
    enum { FILENAME_CLASS = 2 };
    static const WCHAR volume[] = L"\\Device\\HarddiskVolume";
    struct {
        UNICODE_STRING string;
        WCHAR text[MAX_PATH];
    } name;
    SIZE_T returned = 0;
    HANDLE file = CreateFileA("mapped.file", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                              FILE_FLAG_DELETE_ON_CLOSE, NULL);
    HANDLE section = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, PAGE, NULL);
    void *view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    char *base = allocate(PAGE, MEM_RESERVE, PAGE_READWRITE);
    WCHAR *end;

    CHECK_EQ(query_memory(GetCurrentProcess(), view, FILENAME_CLASS, &name, sizeof name, &returned), 0);
    CHECK_PTR(name.string.Buffer, &name.text);
    CHECK_EQ(returned, sizeof name.string + name.string.MaximumLength);
    end = name.string.Buffer + name.string.Length / sizeof(WCHAR);
    CHECK_WSTR(end - 11, L"mapped.file");
    UNLESS_WINE("Wine answers with a name below \\??\\")
    CHECK_MEM(name.string.Buffer, volume, sizeof volume - sizeof *volume);
    CHECK_EQ(query_memory(GetCurrentProcess(), (void *)query, FILENAME_CLASS, &name, sizeof name, NULL), 0);
    end = name.string.Buffer + name.string.Length / sizeof(WCHAR);
    CHECK_WSTR(end - 11, L"regions.exe");
    CHECK(query_memory(GetCurrentProcess(), base, FILENAME_CLASS, &name, sizeof name, NULL) < 0);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
    CHECK(UnmapViewOfFile(view));
    CHECK(CloseHandle(section));
    CHECK(CloseHandle(file));
}

TEST(pages_in_memory)
{
    char *base = allocate(2 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    PSAPI_WORKING_SET_EX_INFORMATION pages[3] = {
        {.VirtualAddress = base}, {.VirtualAddress = base + PAGE}, {.VirtualAddress = base + 2 * PAGE}};

    base[0] = 1;
    CHECK(K32QueryWorkingSetEx(GetCurrentProcess(), pages, sizeof pages));
    CHECK_EQ(pages[0].VirtualAttributes.Valid, 1);
    CHECK_EQ(pages[0].VirtualAttributes.Win32Protection, 4);
    CHECK_EQ(pages[0].VirtualAttributes.Shared, 0);
    CHECK_EQ(pages[1].VirtualAttributes.Valid, 0);
    CHECK_EQ(pages[2].VirtualAttributes.Valid, 0);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

/* The stack's end */

static volatile LONG overflows;

static LONG CALLBACK on_overflow(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != (DWORD)EXCEPTION_STACK_OVERFLOW)
        return EXCEPTION_CONTINUE_SEARCH;
    InterlockedIncrement(&overflows);
    longjmp(recovery, 1);
}

static __attribute__((noinline)) SIZE_T descend(SIZE_T step)
{
    volatile char room[96];
    MEMORY_BASIC_INFORMATION region;
    DWORD old;

    room[0] = 1;
    VirtualProtect((void *)&overflows, 1, PAGE_READWRITE, &old);
    VirtualQuery((void *)room, &region, sizeof region);
    return step == (SIZE_T)-1 ? 0 : descend(step + 1) + room[0];
}

static DWORD WINAPI overflow(void *offset)
{
    volatile char *room = __builtin_alloca((SIZE_T)offset + 1);

    room[0] = 1;
    if (setjmp(recovery) == 0)
        descend(0);
    return 0;
}

/* Wherever in a call the stack ends, other threads can go on. */
TEST(stacks_that_end_within_a_call)
{
    void *handler = AddVectoredExceptionHandler(1, on_overflow);
    enum { TIMES = 40 };

    for (int i = 0; i < TIMES; i++) {
        HANDLE thread = CreateThread(NULL, GRANULARITY, overflow, (void *)(SIZE_T)(i * 112),
                                     STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);

        CHECK_EQ(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
        CHECK(CloseHandle(thread));
        CHECK_EQ(query(&handler).State, MEM_COMMIT);
    }
    CHECK_EQ(overflows, TIMES);
    CHECK(RemoveVectoredExceptionHandler(handler));
}

TEST(advice)
{
    char *base = allocate(GRANULARITY, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    WIN32_MEMORY_RANGE_ENTRY range = {base, GRANULARITY};

    base[0] = 1;
    CHECK(PrefetchVirtualMemory(GetCurrentProcess(), 1, &range, 0));
    CHECK(!PrefetchVirtualMemory(GetCurrentProcess(), 0, NULL, 0));
    CHECK(GetProcAddress(LoadLibraryA("kernelbase.dll"), "PrefetchVirtualMemory") != NULL);
    UNLESS_WINE("Wine 8 has none of these")
    {
        CHECK_EQ(OfferVirtualMemory(base, GRANULARITY, VmOfferPriorityLow), ERROR_SUCCESS);
        CHECK_EQ(ReclaimVirtualMemory(base, GRANULARITY), ERROR_SUCCESS);
        CHECK_EQ(base[0], 1);
        CHECK_EQ(DiscardVirtualMemory(base, GRANULARITY), ERROR_SUCCESS);
        base[0] = 2;
        CHECK_EQ(DiscardVirtualMemory(base + 1, PAGE), ERROR_INVALID_PARAMETER);
        CHECK_EQ(DiscardVirtualMemory(base, 2 * GRANULARITY), ERROR_INVALID_PARAMETER);
    }
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

TEST(copying_the_own_memory)
{
    char *base = allocate(4 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), buffer[3 * PAGE];
    SIZE_T done = 77;
    DWORD old;

    CHECK(WriteProcessMemory(GetCurrentProcess(), base + PAGE - 2, "text", 5, &done));
    CHECK_EQ(done, 5);
    CHECK(ReadProcessMemory(GetCurrentProcess(), base + PAGE - 2, buffer, 5, &done));
    CHECK_STR(buffer, "text");
    CHECK(VirtualProtect(base + 2 * PAGE, PAGE, PAGE_NOACCESS, &old));
    UNLESS_WINE("Wine copies what has no access, too")
    {
        CHECK_ERROR(ReadProcessMemory(GetCurrentProcess(), base + PAGE, buffer, 2 * PAGE, &done) == FALSE,
                    ERROR_PARTIAL_COPY);
        CHECK_ERROR(WriteProcessMemory(GetCurrentProcess(), base + 2 * PAGE, buffer, 4, &done) == FALSE,
                    ERROR_NOACCESS);
    }
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
}

TEST(figures_that_add_up)
{
    MEMORYSTATUSEX status = {.dwLength = sizeof status};
    ULONGLONG installed = 0;

    CHECK(GlobalMemoryStatusEx(&status));
    CHECK(status.ullAvailPhys <= status.ullTotalPhys);
    CHECK(status.ullAvailPageFile <= status.ullTotalPageFile);
    CHECK(status.ullTotalPhys <= status.ullTotalPageFile);
    CHECK(status.ullAvailVirtual < status.ullTotalVirtual);
    CHECK(status.dwMemoryLoad <= 100);
#ifdef _WIN64
    CHECK_EQ(status.ullTotalVirtual, 0x7FFFFFFE0000);
#else
    CHECK_EQ(status.ullTotalVirtual, 0x7FFE0000);
#endif
    CHECK(GetPhysicallyInstalledSystemMemory(&installed));
    CHECK(installed * 1024 >= status.ullTotalPhys);
    status.dwLength--;
    CHECK_ERROR(GlobalMemoryStatusEx(&status) == FALSE, ERROR_INVALID_PARAMETER);
}

int main(void)
{
    virtual_alloc_2 = function("VirtualAlloc2");
    map_view_3 = function("MapViewOfFile3");
    unmap_view_2 = function("UnmapViewOfFile2");
    query_region = function("QueryVirtualMemoryInformation");
    query_memory = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtQueryVirtualMemory");
    RUN(what_a_release_leaves);
    RUN(the_highest_place);
    RUN(huge_reservations);
    RUN(a_guard_page_is_met_once);
    RUN(caching_belongs_to_the_allocation);
    RUN(a_reset_keeps_the_pages);
    RUN(what_each_protection_allows);
    RUN(code_runs_while_its_protection_changes);
    RUN(targets_of_calls);
    RUN(writes_are_watched);
    RUN(reading_a_file_counts_as_writing);
    RUN(watches_that_are_refused);
    RUN(threads_write_to_watched_pages);
    UNLESS_WINE("Wine 8 has no placeholders")
    RUN(placeholders);
    UNLESS_WINE("Wine 8 gives only an alignment")
    RUN(requirements_for_addresses);
    UNLESS_WINE("Wine 8 does not fill in all of it")
    RUN(whole_allocations);
    RUN(names_of_mapped_files);
    RUN(pages_in_memory);
    UNLESS_WINE("Wine 8 ends the process where the stack ends within a call")
    RUN(stacks_that_end_within_a_call);
    RUN(advice);
    RUN(copying_the_own_memory);
    RUN(figures_that_add_up);
    return CHECK_END();
}
