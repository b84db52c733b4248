/* The memory of other processes: this program again, told by its argument what to do meanwhile. The first
 * argument may also be `with` and the path of this program for another architecture. */
#include "other_process.h"
#include <stdlib.h>
#include <string.h>

static volatile int sink;

/* What the child does, for ever */

static DWORD WINAPI spin(void *unused)
{
    while (!unused)
        sink++;
    return 0;
}

static DWORD WINAPI allocate(void *unused)
{
    while (!unused)
        free(malloc((size_t)(sink++ % 5000)));
    return 0;
}

static DWORD WINAPI reserve(void *unused)
{
    while (!unused)
        VirtualFree(VirtualAlloc(NULL, 0x1000, MEM_COMMIT, PAGE_READWRITE), 0, MEM_RELEASE);
    return 0;
}

static DWORD WINAPI nap(void *unused)
{
    while (!unused)
        Sleep(1);
    return 0;
}

static DWORD WINAPI leave(void *unused)
{
    CreateThread(NULL, 0, nap, NULL, 0, NULL);
    ExitThread((DWORD)(ULONG_PTR)unused);
}

static DWORD WINAPI doze(void *unused)
{
    while (!unused)
        Sleep(INFINITE);
    return 0;
}

static const struct {
    const char *name;
    LPTHREAD_START_ROUTINE run;
} roles[] = {{"doze", doze},         {"nap", nap},         {"spin", spin},
             {"allocate", allocate}, {"reserve", reserve}, {"leave", leave}};

static int play(const char *role)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (!strcmp(role, roles[i].name))
            return (int)roles[i].run(NULL);
    return 0;
}

/* What the parent does */

static void use_memory(HANDLE process)
{
    MEMORY_BASIC_INFORMATION region;
    char text[] = "from outside", back[sizeof text] = "";
    SIZE_T copied = 0;
    DWORD old = 0;
    char *memory = VirtualAllocEx(process, NULL, 0x3000, MEM_RESERVE, PAGE_READWRITE);

    CHECK(memory != NULL);
    CHECK_PTR(VirtualAllocEx(process, memory + 0x1000, 0x1000, MEM_COMMIT, PAGE_READWRITE), memory + 0x1000);
    CHECK_EQ(VirtualQueryEx(process, memory + 0x1000, &region, sizeof region), sizeof region);
    CHECK_PTR(region.AllocationBase, memory);
    CHECK_PTR(region.BaseAddress, memory + 0x1000);
    CHECK_EQ(region.RegionSize, 0x1000);
    CHECK_EQ(region.State, MEM_COMMIT);
    CHECK_EQ(region.Protect, PAGE_READWRITE);
    CHECK_EQ(region.Type, MEM_PRIVATE);
    CHECK(WriteProcessMemory(process, memory + 0x1800, text, sizeof text, &copied));
    CHECK_EQ(copied, sizeof text);
    CHECK(ReadProcessMemory(process, memory + 0x1800, back, sizeof back, &copied));
    CHECK_STR(back, text);
    CHECK(VirtualProtectEx(process, memory + 0x1000, 1, PAGE_READONLY, &old));
    CHECK_EQ(old, PAGE_READWRITE);
    UNLESS_WINE("Wine writes to it")
    CHECK_ERROR(!WriteProcessMemory(process, memory + 0x1000, text, sizeof text, &copied), ERROR_NOACCESS);
    CHECK(VirtualProtectEx(process, memory + 0x1000, 1, PAGE_EXECUTE_READ, &old));
    CHECK(WriteProcessMemory(process, memory + 0x1000, text, sizeof text, &copied));
    CHECK_EQ(VirtualQueryEx(process, memory + 0x1000, &region, sizeof region), sizeof region);
    CHECK_EQ(region.Protect, PAGE_EXECUTE_READ);
    CHECK_ERROR(!VirtualFreeEx(process, memory, 0x3000, MEM_RELEASE), ERROR_INVALID_PARAMETER);
    CHECK(VirtualFreeEx(process, memory, 0, MEM_RELEASE));
}

TEST(memory_that_is_no_more)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("doze", 0, &process);
    char byte, *memory = VirtualAllocEx(handle, NULL, 1, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    SIZE_T copied = 1;

    CHECK(VirtualFreeEx(handle, memory, 0, MEM_RELEASE));
    UNLESS_WINE("Wine calls it a wrong parameter")
    CHECK_ERROR(!VirtualFreeEx(handle, memory, 0, MEM_RELEASE), ERROR_INVALID_ADDRESS);
    UNLESS_WINE("Wine still finds something there")
    {
        CHECK_ERROR(!ReadProcessMemory(handle, memory, &byte, 1, &copied), ERROR_PARTIAL_COPY);
        CHECK_EQ(copied, 0);
    }
    finish(&process);
}

TEST(memory_whatever_the_process_does)
{
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        PROCESS_INFORMATION process;
        HANDLE handle = start(roles[i].name, 0, &process);

        use_memory(handle);
        use_memory(handle);
        finish(&process);
    }
}

TEST(memory_of_a_suspended_process)
{
    PROCESS_INFORMATION process;

    use_memory(start("doze", CREATE_SUSPENDED, &process));
    CHECK_EQ(ResumeThread(process.hThread), 1);
    use_memory(process.hProcess);
    finish(&process);
}

TEST(reading_stops_where_memory_does)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("doze", 0, &process);
    char buffer[0x2000], *memory = VirtualAllocEx(handle, NULL, 0x2000, MEM_RESERVE, PAGE_READWRITE);
    SIZE_T copied = 0;

    CHECK_PTR(VirtualAllocEx(handle, memory, 0x1000, MEM_COMMIT, PAGE_READWRITE), memory);
    UNLESS_WINE("Wine reads what is only reserved")
    CHECK_ERROR(!ReadProcessMemory(handle, memory + 0x800, buffer, 0x1000, &copied), ERROR_PARTIAL_COPY);
    finish(&process);
}

/* A source that cannot be read leaves the target alone. */
TEST(writing_from_what_is_not_there)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("doze", 0, &process);
    char *source = VirtualAlloc(NULL, 0x2000, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);
    char *memory = VirtualAllocEx(handle, NULL, 0x2000, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE), byte = 1;
    SIZE_T copied = 1;
    DWORD old;

    memset(source, 'x', 0x2000);
    CHECK(VirtualProtect(source + 0x1000, 0x1000, PAGE_NOACCESS, &old));
    CHECK(!WriteProcessMemory(handle, memory, source, 0x2000, &copied));
    CHECK_EQ(copied, 0);
    CHECK(ReadProcessMemory(handle, memory, &byte, 1, &copied));
    CHECK_EQ(byte, 0);
    VirtualFree(source, 0, MEM_RELEASE);
    finish(&process);
}

TEST(rights_are_needed)
{
    PROCESS_INFORMATION process;
    MEMORY_BASIC_INFORMATION region;
    char byte = 0;
    SIZE_T copied;
    DWORD old;
    HANDLE handle = start("doze", 0, &process);
    HANDLE weak = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, process.dwProcessId);
    HANDLE strong = OpenProcess(PROCESS_VM_OPERATION, FALSE, process.dwProcessId);
    void *memory = VirtualAllocEx(strong, NULL, 1, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE);

    CHECK(weak != NULL);
    CHECK(memory != NULL);
    CHECK_ERROR(!VirtualAllocEx(weak, NULL, 1, MEM_RESERVE, PAGE_READWRITE), ERROR_ACCESS_DENIED);
    CHECK_ERROR(!VirtualFreeEx(weak, memory, 0, MEM_RELEASE), ERROR_ACCESS_DENIED);
    CHECK_ERROR(!VirtualProtectEx(weak, memory, 1, PAGE_READONLY, &old), ERROR_ACCESS_DENIED);
    CHECK_ERROR(!ReadProcessMemory(weak, memory, &byte, 1, &copied), ERROR_ACCESS_DENIED);
    CHECK_ERROR(!WriteProcessMemory(weak, memory, &byte, 1, &copied), ERROR_ACCESS_DENIED);
    CHECK_ERROR(!ReadProcessMemory(strong, memory, &byte, 1, &copied), ERROR_ACCESS_DENIED);
    CHECK_ERROR(!VirtualQueryEx(strong, memory, &region, sizeof region), ERROR_ACCESS_DENIED);
    CHECK(ReadProcessMemory(handle, memory, &byte, 1, &copied));
    CloseHandle(weak);
    CloseHandle(strong);
    finish(&process);
}

TEST(an_ended_process)
{
    PROCESS_INFORMATION process;
    SIZE_T copied;
    char byte;
    HANDLE handle = start("none", 0, &process);

    CHECK_EQ(WaitForSingleObject(handle, 20000), WAIT_OBJECT_0);
    CHECK_ERROR(!VirtualAllocEx(handle, NULL, 1, MEM_RESERVE, PAGE_READWRITE), ERROR_ACCESS_DENIED);
    CHECK(!ReadProcessMemory(handle, &byte, &byte, 1, &copied));
    CloseHandle(process.hThread);
    CloseHandle(handle);
}

/* It is terminated while requests are on their way: each is answered or fails, and none lasts. */
static DWORD WINAPI terminate_soon(void *process)
{
    Sleep(20);
    return TerminateProcess(process, 3);
}

TEST(a_process_that_ends_meanwhile)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("doze", 0, &process),
           thread = CreateThread(NULL, 0, terminate_soon, handle, 0, NULL);
    void *memory;

    while ((memory = VirtualAllocEx(handle, NULL, 1, MEM_RESERVE, PAGE_READWRITE)))
        VirtualFreeEx(handle, memory, 0, MEM_RELEASE);
    CHECK_EQ(GetLastError(), ERROR_ACCESS_DENIED);
    CHECK_EQ(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(handle, 20000), WAIT_OBJECT_0);
    CloseHandle(thread);
    CloseHandle(process.hThread);
    CloseHandle(handle);
}

int main(int count, char **arguments)
{
    if (count == 3 && !strcmp(arguments[1], "with"))
        snprintf(program, sizeof program, "%s", arguments[2]);
    else if (count > 1)
        return play(arguments[1]);
    else
        GetModuleFileNameA(NULL, program, sizeof program);
    RUN(memory_whatever_the_process_does);
    RUN(memory_of_a_suspended_process);
    RUN(memory_that_is_no_more);
    RUN(reading_stops_where_memory_does);
    RUN(writing_from_what_is_not_there);
    RUN(rights_are_needed);
    RUN(an_ended_process);
    RUN(a_process_that_ends_meanwhile);
    return CHECK_END();
}
