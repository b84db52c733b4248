/* What a program sees of processes, threads, modules and the machine's name: the tool help library and its
 * kin. */
#include "check.h"
#include <string.h>
#include <tlhelp32.h>

static HANDLE snapshot_of(DWORD flags, DWORD process)
{
    HANDLE snapshot = CreateToolhelp32Snapshot(flags, process);

    CHECK(snapshot != INVALID_HANDLE_VALUE);
    return snapshot;
}

static const WCHAR *own_name(void)
{
    static WCHAR path[MAX_PATH];
    const WCHAR *name = path;

    GetModuleFileNameW(NULL, path, MAX_PATH);
    for (const WCHAR *at = path; *at; at++)
        if (*at == '\\')
            name = at + 1;
    return name;
}

TEST(processes)
{
    PROCESSENTRY32W entry = {sizeof entry}, own = {0};
    PROCESSENTRY32 narrow = {sizeof narrow};
    HANDLE snapshot = snapshot_of(TH32CS_SNAPPROCESS, 0);
    int found = 0, count = 0, narrow_count = 0;

    for (BOOL more = Process32FirstW(snapshot, &entry); more; more = Process32NextW(snapshot, &entry)) {
        count++;
        CHECK_EQ(entry.dwSize, sizeof entry);
        if (entry.th32ProcessID == GetCurrentProcessId()) {
            found++;
            own = entry;
        }
    }
    CHECK_EQ(GetLastError(), ERROR_NO_MORE_FILES);
    CHECK_EQ(found, 1);
    CHECK(count >= found);
    CHECK_WSTR(own.szExeFile, own_name());
    CHECK(own.cntThreads >= 1);
    CHECK(own.pcPriClassBase > 0);
    for (BOOL more = Process32First(snapshot, &narrow); more; more = Process32Next(snapshot, &narrow))
        narrow_count++;
    CHECK_EQ(narrow_count, count);
    entry.dwSize = sizeof entry - 4;
    UNLESS_WINE("Wine 8 reports 122 here") CHECK_ERROR(!Process32FirstW(snapshot, &entry), ERROR_BAD_LENGTH);
    CHECK(CloseHandle(snapshot));
    entry.dwSize = sizeof entry;
    CHECK_ERROR(!Process32FirstW(snapshot, &entry), ERROR_INVALID_HANDLE);
}

static DWORD WINAPI wait_for(void *event)
{
    return WaitForSingleObject(event, 20000);
}

TEST(threads)
{
    THREADENTRY32 entry = {sizeof entry};
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL), snapshot;
    DWORD id = 0;
    HANDLE thread = CreateThread(NULL, 0, wait_for, event, 0, &id);
    int own = 0, other = 0;

    snapshot = snapshot_of(TH32CS_SNAPTHREAD, 0);
    for (BOOL more = Thread32First(snapshot, &entry); more; more = Thread32Next(snapshot, &entry)) {
        own += entry.th32ThreadID == GetCurrentThreadId();
        if (entry.th32ThreadID == id) {
            CHECK_EQ(entry.th32OwnerProcessID, GetCurrentProcessId());
            other++;
        }
    }
    CHECK_EQ(GetLastError(), ERROR_NO_MORE_FILES);
    CHECK_EQ(own, 1);
    CHECK_EQ(other, 1);
    CloseHandle(snapshot);
    SetEvent(event);
    CHECK_EQ(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
    CloseHandle(thread);
    CloseHandle(event);
}

TEST(modules)
{
    MODULEENTRY32W entry = {sizeof entry};
    MODULEENTRY32 narrow = {sizeof narrow};
    HANDLE snapshot = snapshot_of(TH32CS_SNAPMODULE, GetCurrentProcessId());
    int kernel = 0;

    CHECK(Module32FirstW(snapshot, &entry));
    CHECK_PTR(entry.hModule, GetModuleHandleW(NULL));
    CHECK_PTR(entry.modBaseAddr, GetModuleHandleW(NULL));
    CHECK(entry.modBaseSize > 0);
    CHECK_WSTR(entry.szModule, own_name());
    do {
        CHECK_EQ(entry.th32ProcessID, GetCurrentProcessId());
        kernel += entry.hModule == GetModuleHandleW(L"kernel32.dll");
    } while (Module32NextW(snapshot, &entry));
    CHECK_EQ(GetLastError(), ERROR_NO_MORE_FILES);
    CHECK_EQ(kernel, 1);
    CHECK(Module32First(snapshot, &narrow));
    CHECK_PTR(narrow.hModule, GetModuleHandleW(NULL));
    CHECK(CloseHandle(snapshot));
}

static int blocks_at(HANDLE heap, const void *block, SIZE_T size)
{
    HEAPENTRY32 entry = {sizeof entry};
    int found = 0;

    for (BOOL more = Heap32First(&entry, GetCurrentProcessId(), (ULONG_PTR)heap); more;
         more = Heap32Next(&entry)) {
        CHECK_PTR(entry.th32HeapID, heap);
        CHECK_EQ(entry.th32ProcessID, GetCurrentProcessId());
        found +=
            entry.dwAddress == (ULONG_PTR)block && entry.dwBlockSize >= size && entry.dwFlags == LF32_FIXED;
    }
    CHECK_EQ(GetLastError(), ERROR_NO_MORE_FILES);
    return found;
}

TEST(heaps)
{
    HEAPLIST32 entry = {sizeof entry};
    HEAPENTRY32 block = {sizeof block};
    HANDLE heap = HeapCreate(0, 0, 0), snapshot = snapshot_of(TH32CS_SNAPHEAPLIST, GetCurrentProcessId());
    void *first = HeapAlloc(heap, 0, 200), *second = HeapAlloc(heap, 0, 3000);
    int own = 0, standard = 0;

    for (BOOL more = Heap32ListFirst(snapshot, &entry); more; more = Heap32ListNext(snapshot, &entry)) {
        CHECK_EQ(entry.dwSize, sizeof entry);
        CHECK_EQ(entry.th32ProcessID, GetCurrentProcessId());
        own += entry.th32HeapID == (ULONG_PTR)heap && entry.dwFlags == 0;
        standard += entry.th32HeapID == (ULONG_PTR)GetProcessHeap() && entry.dwFlags == HF32_DEFAULT;
    }
    CHECK_EQ(GetLastError(), ERROR_NO_MORE_FILES);
    CHECK_EQ(own, 1);
    CHECK_EQ(standard, 1);
    CHECK_EQ(blocks_at(heap, first, 200), 1);
    CHECK_EQ(blocks_at(heap, second, 3000), 1);
    HeapFree(heap, 0, first);
    CHECK_EQ(blocks_at(heap, first, 200), 0);
    CHECK_ERROR(!Heap32First(&block, GetCurrentProcessId(), 0x1230), ERROR_NO_MORE_FILES);
    CHECK(HeapDestroy(heap));
    CHECK_ERROR(!Heap32First(&block, GetCurrentProcessId(), (ULONG_PTR)heap), ERROR_NO_MORE_FILES);
    CHECK(CloseHandle(snapshot));
    CHECK_ERROR(!Heap32ListFirst(snapshot, &entry), ERROR_INVALID_HANDLE);
}

TEST(memory_by_process)
{
    char copy[6] = "";
    SIZE_T read = 0;

    CHECK(Toolhelp32ReadProcessMemory(0, "hello", copy, 6, &read));
    CHECK_EQ(read, 6);
    CHECK_STR(copy, "hello");
    CHECK(Toolhelp32ReadProcessMemory(GetCurrentProcessId(), "world", copy, 6, &read));
    CHECK_STR(copy, "world");
    CHECK_ERROR(!Toolhelp32ReadProcessMemory(0x7FFFFFF0, "hello", copy, 6, NULL), ERROR_INVALID_PARAMETER);
}

TEST(snapshots_that_hold_nothing)
{
    PROCESSENTRY32W entry = {sizeof entry};
    HANDLE snapshot = snapshot_of(TH32CS_SNAPTHREAD, 0), event = CreateEventW(NULL, TRUE, FALSE, NULL);

    CHECK_ERROR(!Process32FirstW(snapshot, &entry), ERROR_NO_MORE_FILES);
    CHECK_ERROR(!Process32FirstW(event, &entry), ERROR_INVALID_HANDLE);
    CloseHandle(event);
    CloseHandle(snapshot);
}

TEST(machines)
{
    BOOL wow64 = 7;
    USHORT machine = 1, native = 1;

    CHECK(IsWow64Process(GetCurrentProcess(), &wow64));
    CHECK_EQ(wow64, sizeof(void *) == 4);
    CHECK(IsWow64Process2(GetCurrentProcess(), &machine, &native));
    CHECK_EQ(machine, sizeof(void *) == 4 ? IMAGE_FILE_MACHINE_I386 : IMAGE_FILE_MACHINE_UNKNOWN);
    CHECK_EQ(native, IMAGE_FILE_MACHINE_AMD64);
    CHECK_ERROR(!IsWow64Process(NULL, &wow64), ERROR_INVALID_HANDLE);
}

TEST(the_image_of_a_process)
{
    WCHAR path[MAX_PATH], own[MAX_PATH];
    char narrow[MAX_PATH];
    DWORD size = MAX_PATH, length = GetModuleFileNameW(NULL, own, MAX_PATH);

    CHECK(QueryFullProcessImageNameW(GetCurrentProcess(), 0, path, &size));
    CHECK_EQ(size, length);
    CHECK_WSTR(path, own);
    size = length;
    CHECK_ERROR(!QueryFullProcessImageNameW(GetCurrentProcess(), 0, path, &size), ERROR_INSUFFICIENT_BUFFER);
    size = length + 1;
    CHECK(QueryFullProcessImageNameA(GetCurrentProcess(), 0, narrow, &size));
    CHECK_EQ(lstrlenA(narrow), size);
    size = length + 1;
    CHECK_ERROR(!QueryFullProcessImageNameW(NULL, 0, path, &size), ERROR_INVALID_HANDLE);
}

TEST(names_of_the_computer)
{
    WCHAR name[256], other[256];
    char narrow[256];
    DWORD size = 0, needed;

    CHECK_ERROR(!GetComputerNameExW(ComputerNameDnsHostname, NULL, &size), ERROR_MORE_DATA);
    needed = size;
    CHECK(GetComputerNameExW(ComputerNameDnsHostname, name, &size));
    CHECK_EQ(size, needed - 1);
    CHECK_EQ(lstrlenW(name), size);
    size = needed - 1;
    CHECK_ERROR(!GetComputerNameExW(ComputerNameDnsHostname, other, &size), ERROR_MORE_DATA);
    CHECK_EQ(size, needed);
    size = 256;
    CHECK(GetComputerNameExA(ComputerNameDnsHostname, narrow, &size));
    CHECK_EQ(lstrlenA(narrow), size);
    size = 256;
    CHECK(GetComputerNameExW(ComputerNameDnsFullyQualified, other, &size));
    CHECK(!memcmp(name, other, lstrlenW(name) * sizeof *name));
    size = 256;
    CHECK(GetComputerNameExW(ComputerNameNetBIOS, name, &size));
    size = 256;
    CHECK(GetComputerNameW(other, &size));
    CHECK_WSTR(other, name);
    size = 256;
    CHECK_ERROR(!GetComputerNameExW(ComputerNameMax, name, &size), ERROR_INVALID_PARAMETER);
}

int main(void)
{
    RUN(processes);
    RUN(threads);
    RUN(modules);
    UNLESS_WINE("Wine 8 lists no heaps") RUN(heaps);
    RUN(memory_by_process);
    RUN(snapshots_that_hold_nothing);
    RUN(machines);
    RUN(the_image_of_a_process);
    RUN(names_of_the_computer);
    return CHECK_END();
}
