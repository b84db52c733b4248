/* Handles, views and modules of other processes: this program again, told by its argument what to do. */
#define PSAPI_VERSION 2
#include "other_process.h"
#include <psapi.h>
#include <stdlib.h>
#include <string.h>
#include <tlhelp32.h>

/* What the child does */

/* Waits until it is told a handle, and uses that. */
static volatile LONG_PTR told;

static HANDLE wait_for_handle(void)
{
    while (!told)
        Sleep(1);
    return (HANDLE)told;
}

static int write_to_file(void)
{
    DWORD written;

    return WriteFile(wait_for_handle(), "from the child", 14, &written, NULL) ? (int)written : -1;
}

static int write_to_section(void)
{
    LONG *view = MapViewOfFile(wait_for_handle(), FILE_MAP_WRITE, 0, 0, 0);

    return view ? (int)InterlockedExchangeAdd(view, 5) : -1;
}

static int wait_for_process(void)
{
    DWORD code = 0;
    HANDLE process = wait_for_handle();

    if (WaitForSingleObject(process, 20000) != WAIT_OBJECT_0)
        return -1;
    return GetExitCodeProcess(process, &code) ? (int)code : 0x55;
}

static int play(const char *role)
{
    if (!strcmp(role, "doze"))
        Sleep(INFINITE);
    if (!strcmp(role, "file"))
        return write_to_file();
    if (!strcmp(role, "section"))
        return write_to_section();
    if (!strcmp(role, "process"))
        return wait_for_process();
    return 3;
}

/* What the parent does */

static DWORD code_of(PROCESS_INFORMATION *process)
{
    DWORD code = 0;

    CHECK_EQ(WaitForSingleObject(process->hProcess, 20000), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(process->hProcess, &code));
    CloseHandle(process->hThread);
    CloseHandle(process->hProcess);
    return code;
}

/* A process that has only just begun has no modules yet. */
static HMODULE program_in(HANDLE process)
{
    HMODULE modules[100] = {0};
    DWORD needed = 0;

    while (!EnumProcessModules(process, modules, sizeof modules, &needed) || needed < 4 * sizeof modules[0])
        Sleep(1);
    return modules[0];
}

static void *there(HANDLE process, const volatile void *here)
{
    return (char *)program_in(process) + ((const char *)here - (const char *)GetModuleHandleA(NULL));
}

/* A copy of the handle, which the child is told. */
static void tell(HANDLE process, HANDLE handle)
{
    HANDLE copy = NULL;
    SIZE_T written;

    CHECK(DuplicateHandle(GetCurrentProcess(), handle, process, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    CHECK(copy != NULL);
    CHECK(WriteProcessMemory(process, there(process, &told), &copy, sizeof copy, &written));
}

TEST(a_file_for_another_process)
{
    PROCESS_INFORMATION process;
    char path[MAX_PATH], text[32] = "";
    DWORD done;

    GetTempPathA(sizeof path, path);
    GetTempFileNameA(path, "rem", 0, path);
    HANDLE file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              CREATE_ALWAYS, 0, NULL);
    CHECK(WriteFile(file, "<", 1, &done, NULL));
    tell(start("file", 0, &process), file);
    CHECK_EQ(code_of(&process), 14);
    CHECK(WriteFile(file, ">", 1, &done, NULL)); /* behind what the child has written: it is one file */
    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    CHECK(ReadFile(file, text, sizeof text - 1, &done, NULL));
    CHECK_STR(text, "<from the child>");
    CloseHandle(file);
    DeleteFileA(path);
}

TEST(a_pipe_for_another_process)
{
    PROCESS_INFORMATION process;
    HANDLE read, write;
    char text[32] = "";
    DWORD done = 0;

    CHECK(CreatePipe(&read, &write, NULL, 0));
    tell(start("file", 0, &process), write);
    CloseHandle(write);
    CHECK(ReadFile(read, text, sizeof text, &done, NULL));
    CHECK_EQ(done, 14);
    CHECK_EQ(code_of(&process), 14);
    CHECK_ERROR(!ReadFile(read, text, sizeof text, &done, NULL), ERROR_BROKEN_PIPE);
    CloseHandle(read);
}

TEST(a_section_for_another_process)
{
    PROCESS_INFORMATION process;
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x1000, NULL);
    LONG *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);

    *view = 37;
    tell(start("section", 0, &process), section);
    CHECK_EQ(code_of(&process), 37);
    CHECK_EQ(*view, 42);
    UnmapViewOfFile(view);
    CloseHandle(section);
}

TEST(a_process_for_another_process)
{
    PROCESS_INFORMATION waiter, awaited;

    start("doze", 0, &awaited);
    tell(start("process", 0, &waiter), awaited.hProcess);
    finish(&awaited);
    CHECK(code_of(&waiter) != (DWORD)-1);
}

TEST(handles_from_another_process)
{
    PROCESS_INFORMATION process;
    HANDLE there_handle = NULL, back = NULL, handle = start("doze", 0, &process);
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x1000, NULL);
    LONG *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), *again;

    CHECK(DuplicateHandle(GetCurrentProcess(), section, handle, &there_handle, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    CHECK(DuplicateHandle(handle, there_handle, GetCurrentProcess(), &back, SECTION_MAP_READ, FALSE,
                          DUPLICATE_CLOSE_SOURCE));
    *view = 99;
    again = MapViewOfFile(back, FILE_MAP_READ, 0, 0, 0);
    CHECK(again && *again == 99);
    CHECK_ERROR(!MapViewOfFile(back, FILE_MAP_WRITE, 0, 0, 0), ERROR_ACCESS_DENIED);
    UnmapViewOfFile(again);
    UnmapViewOfFile(view);
    CloseHandle(back);
    CloseHandle(section);
    finish(&process);
}

typedef LONG(WINAPI *map_view)(HANDLE, HANDLE, void **, ULONG_PTR, SIZE_T, LARGE_INTEGER *, SIZE_T *, DWORD,
                               ULONG, ULONG);
typedef LONG(WINAPI *unmap_view)(HANDLE, void *);

TEST(a_view_in_another_process)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    map_view map = (map_view)(void *)GetProcAddress(ntdll, "NtMapViewOfSection");
    unmap_view unmap = (unmap_view)(void *)GetProcAddress(ntdll, "NtUnmapViewOfSection");
    PROCESS_INFORMATION process;
    HANDLE handle = start("doze", 0, &process);
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x2000, NULL);
    LONG *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), value = 0;
    MEMORY_BASIC_INFORMATION region;
    void *address = NULL;
    SIZE_T size = 0;

    *view = 1234;
    CHECK_EQ(map(section, handle, &address, 0, 0, NULL, &size, 2, 0, PAGE_READONLY), 0);
    CHECK_EQ(size, 0x2000);
    CHECK(ReadProcessMemory(handle, address, &value, sizeof value, NULL));
    CHECK_EQ(value, 1234);
    CHECK(VirtualQueryEx(handle, address, &region, sizeof region));
    CHECK_EQ(region.Type, MEM_MAPPED);
    CHECK_EQ(region.Protect, PAGE_READONLY);
    CHECK_EQ(unmap(handle, address), 0);
    CHECK(VirtualQueryEx(handle, address, &region, sizeof region));
    CHECK_EQ(region.State, MEM_FREE);
    UnmapViewOfFile(view);
    CloseHandle(section);
    finish(&process);
}

TEST(modules_of_another_process)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("doze", 0, &process);
    char name[MAX_PATH] = "", path[MAX_PATH] = "";
    MODULEINFO information = {0};
    HMODULE module = program_in(handle);

    CHECK(GetModuleBaseNameA(handle, module, name, sizeof name));
    CHECK_STR(name, strrchr(program, '\\') + 1);
    CHECK(GetModuleFileNameExA(handle, NULL, path, sizeof path));
    CHECK(!_stricmp(path, program));
    CHECK(GetModuleInformation(handle, module, &information, sizeof information));
    CHECK_PTR(information.lpBaseOfDll, module);
    CHECK(information.SizeOfImage > 0x1000);
    CHECK(!GetModuleBaseNameA(handle, (HMODULE)0x12340000, name, sizeof name));
    finish(&process);
}

TEST(a_snapshot_of_another_process)
{
    PROCESS_INFORMATION process;
    int found = 0, threads = 0;
    MODULEENTRY32 module = {.dwSize = sizeof module};
    THREADENTRY32 thread = {.dwSize = sizeof thread};
    HANDLE snapshot, handle = start("doze", 0, &process);

    CHECK(
        VirtualFreeEx(handle, VirtualAllocEx(handle, NULL, 1, MEM_RESERVE, PAGE_READWRITE), 0, MEM_RELEASE));
    CHECK(program_in(handle) != NULL);
    snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPMODULE | TH32CS_SNAPTHREAD, process.dwProcessId);
    CHECK(snapshot != INVALID_HANDLE_VALUE);
    for (BOOL more = Module32First(snapshot, &module); more; more = Module32Next(snapshot, &module)) {
        CHECK_EQ(module.th32ProcessID, process.dwProcessId);
        found += !_stricmp(module.szModule, "kernel32.dll") || !_stricmp(module.szExePath, program);
    }
    CHECK_EQ(found, 2);
    for (BOOL more = Thread32First(snapshot, &thread); more; more = Thread32Next(snapshot, &thread))
        threads += thread.th32OwnerProcessID == process.dwProcessId;
    CHECK_EQ(threads, 1);
    CloseHandle(snapshot);
    finish(&process);
}

TEST(rights)
{
    PROCESS_INFORMATION process;
    HANDLE copy, weak, handle = start("doze", 0, &process);
    HMODULE module;
    DWORD needed;

    weak = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process.dwProcessId);
    CHECK_ERROR(!DuplicateHandle(GetCurrentProcess(), handle, weak, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS),
                ERROR_ACCESS_DENIED);
    CHECK_ERROR(!EnumProcessModules(weak, &module, sizeof module, &needed), ERROR_ACCESS_DENIED);
    CloseHandle(weak);
    finish(&process);
}

int main(int count, char **arguments)
{
    if (count > 1)
        return play(arguments[1]);
    GetModuleFileNameA(NULL, program, sizeof program);
    RUN(a_file_for_another_process);
    RUN(a_pipe_for_another_process);
    RUN(a_section_for_another_process);
    RUN(a_process_for_another_process);
    RUN(handles_from_another_process);
    RUN(a_view_in_another_process);
    RUN(modules_of_another_process);
    RUN(a_snapshot_of_another_process);
    RUN(rights);
    return CHECK_END();
}
