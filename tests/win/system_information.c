/* What the native interface tells of the system and of the process. */
#include "check.h"
#include <stdbool.h>
#include <winternl.h>

#define LENGTH_MISMATCH ((NTSTATUS)0xC0000004)
#define INVALID_HANDLE  ((NTSTATUS)0xC0000008)
#define INVALID_CLASS   ((NTSTATUS)0xC0000003)
#define NOT_IMPLEMENTED ((NTSTATUS)0xC0000002)
#define PORT_NOT_SET    ((NTSTATUS)0xC0000353)

typedef NTSTATUS(NTAPI *query_system_function)(ULONG class, void *buffer, ULONG size, ULONG *returned);
typedef NTSTATUS(NTAPI *query_process_function)(HANDLE process, ULONG class, void *buffer, ULONG size,
                                                ULONG *returned);
static query_system_function query_system;
static query_process_function query_process;

TEST(basic_system)
{
    SYSTEM_BASIC_INFORMATION basic;
    SYSTEM_INFO info;
    ULONG returned = 0;
    GetSystemInfo(&info);
    CHECK_EQ(query_system(0, &basic, sizeof basic, &returned), 0);
    CHECK_EQ(returned, sizeof basic);
    CHECK_EQ(basic.NumberOfProcessors, info.dwNumberOfProcessors);
    CHECK_EQ(query_system(0, &basic, sizeof basic - 1, NULL), LENGTH_MISMATCH);
    CHECK_EQ(query_system(0, &basic, sizeof basic + 1, NULL), LENGTH_MISMATCH);
    CHECK_EQ(query_system(0, NULL, 0, &returned), LENGTH_MISMATCH);
    UNLESS_WINE("Wine 8 says that it is not implemented")
    CHECK_EQ(query_system(9999, &basic, sizeof basic, NULL), INVALID_CLASS);
}

TEST(kernel_debugger)
{
    BOOLEAN debugger[2] = {TRUE, FALSE};
    CHECK_EQ(query_system(35, debugger, sizeof debugger, NULL), 0);
    CHECK_EQ(debugger[0], FALSE);
    CHECK_EQ(debugger[1], TRUE);
}

TEST(basic_process)
{
    PROCESS_BASIC_INFORMATION basic;
    ULONG returned = 0;
    CHECK_EQ(query_process(GetCurrentProcess(), 0, &basic, sizeof basic, &returned), 0);
    CHECK_EQ(returned, sizeof basic);
    CHECK_EQ(((ULONG_PTR *)&basic)[4], GetCurrentProcessId());
    CHECK_EQ(query_process(GetCurrentProcess(), 0, &basic, sizeof basic - 1, NULL), LENGTH_MISMATCH);
    CHECK_EQ(query_process((HANDLE)0x7654320, 0, &basic, sizeof basic, NULL), INVALID_HANDLE);
}

TEST(global_flags)
{
    typedef ULONG(NTAPI * global_flags_function)(void);
    global_flags_function get =
        (global_flags_function)(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlGetNtGlobalFlags");
    PROCESS_BASIC_INFORMATION basic;
    ULONG *flags, before;
    CHECK(get != NULL);
    CHECK_EQ(query_process(GetCurrentProcess(), 0, &basic, sizeof basic, NULL), 0);
    flags = (ULONG *)((char *)basic.PebBaseAddress + (sizeof(void *) == 8 ? 0xBC : 0x68));
    before = *flags;
    CHECK_EQ(get(), before);
    *flags = 0x12345;
    CHECK_EQ(get(), 0x12345);
    *flags = before;
}

TEST(debugging)
{
    ULONG_PTR port = 1;
    ULONG flags = 0, handles = 0;
    HANDLE debugger = GetCurrentThread();
    CHECK_EQ(query_process(GetCurrentProcess(), 7, &port, sizeof port, NULL), 0);
    CHECK_EQ(port, 0);
    CHECK_EQ(query_process(GetCurrentProcess(), 30, &debugger, sizeof debugger, NULL), PORT_NOT_SET);
    CHECK_PTR(debugger, NULL);
    CHECK_EQ(query_process(GetCurrentProcess(), 31, &flags, sizeof flags, NULL), 0);
    CHECK_EQ(flags, TRUE);
    CHECK_EQ(query_process(GetCurrentProcess(), 20, &handles, sizeof handles, NULL), 0);
    UNLESS_WINE("Wine 8 counts none") CHECK(handles > 0);
}

/* SYSTEM_PROCESS_INFORMATION and SYSTEM_THREAD_INFORMATION, as far as they are looked at. */
struct process_entry {
    ULONG next, threads;
    LARGE_INTEGER times[6];
    UNICODE_STRING name;
    LONG base_priority;
    HANDLE id, parent;
    ULONG handles, session;
    ULONG_PTR key;
    SIZE_T memory[12];
    IO_COUNTERS io;
};

struct thread_entry {
    LARGE_INTEGER times[3];
    ULONG wait_time;
    void *start;
    HANDLE process, thread;
    LONG priority, base_priority;
    ULONG switches, state, reason;
};

static struct process_entry *find_process(void *buffer, DWORD id)
{
    for (struct process_entry *entry = buffer;; entry = (void *)((char *)entry + entry->next)) {
        if ((ULONG_PTR)entry->id == id)
            return entry;
        if (!entry->next)
            return NULL;
    }
}

TEST(processes_and_threads)
{
    ULONG size = 0;
    void *buffer = NULL;
    NTSTATUS status;

    CHECK_EQ(query_system(5, NULL, 0, &size), LENGTH_MISMATCH);
    CHECK(size > sizeof(struct process_entry));
    do {
        HeapFree(GetProcessHeap(), 0, buffer);
        size += 0x10000;
        buffer = HeapAlloc(GetProcessHeap(), 0, size);
        status = query_system(5, buffer, size, &size);
    } while (status == LENGTH_MISMATCH);
    CHECK_EQ(status, 0);
    struct process_entry *own = find_process(buffer, GetCurrentProcessId());
    CHECK(own != NULL);
    if (!own)
        return;
    CHECK_WSTR(own->name.Buffer, L"system_information.exe");
    UNLESS_WINE("Wine 8 gives the number of the class") CHECK_EQ(own->base_priority, 8);
    CHECK(own->threads > 0);
    bool found = false;
    struct thread_entry *threads = (struct thread_entry *)(own + 1);
    for (ULONG i = 0; i < own->threads; i++) {
        CHECK_PTR(threads[i].process, own->id);
        found |= (ULONG_PTR)threads[i].thread == GetCurrentThreadId();
    }
    CHECK(found);
    HeapFree(GetProcessHeap(), 0, buffer);
}

struct handle_entry {
    ULONG process;
    BYTE type, flags;
    USHORT handle;
    void *object;
    ULONG access;
};

TEST(handles)
{
    static struct {
        ULONG count;
        struct handle_entry entries[60000];
    } list;
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    ULONG returned = 0;
    bool found = false;

    CHECK(SetHandleInformation(event, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
    CHECK_EQ(query_system(16, &list, 4, &returned), LENGTH_MISMATCH);
    CHECK_EQ(query_system(16, &list, sizeof list, &returned), 0);
    for (ULONG i = 0; i < list.count; i++) {
        const struct handle_entry *entry = &list.entries[i];
        if (entry->process == GetCurrentProcessId() && entry->handle == (ULONG_PTR)event) {
            found = true;
            CHECK_EQ(entry->flags, 2);
            CHECK_EQ(entry->access, EVENT_ALL_ACCESS);
        }
    }
    CHECK(found);
    CHECK(CloseHandle(event));
}

TEST(figures_of_the_system)
{
    ULONGLONG buffer[60];
    SYSTEM_TIMEOFDAY_INFORMATION time;
    SYSTEM_BASIC_INFORMATION basic;
    FILETIME idle, kernel, user;
    ULONG returned = 0;

    CHECK_EQ(query_system(2, buffer, 0, &returned), LENGTH_MISMATCH);
    CHECK_EQ(query_system(2, buffer, 312, &returned), 0);
    CHECK_EQ(returned, 312);
    CHECK(((ULONG *)buffer)[11] > 0); /* available pages */
    CHECK_EQ(query_system(3, &time, 24, &returned), 0);
    CHECK_EQ(returned, 24);
    CHECK_EQ(query_system(3, &time, sizeof time + 1, &returned), LENGTH_MISMATCH);
    CHECK_EQ(query_system(3, &time, sizeof time, &returned), 0);
    CHECK(((LARGE_INTEGER *)&time)[0].QuadPart < ((LARGE_INTEGER *)&time)[1].QuadPart);
    CHECK_EQ(query_system(0, &basic, sizeof basic, NULL), 0);
    CHECK_EQ(query_system(8, buffer, 48, &returned), 0);
    CHECK_EQ(returned, 48);
    CHECK(GetSystemTimes(&idle, &kernel, &user));
    CHECK(CompareFileTime(&idle, &kernel) <= 0);
    UNLESS_WINE("Wine 8 says that it is not implemented")
    CHECK_EQ(query_system(221, buffer, 0, NULL), INVALID_CLASS);
    UNLESS_WINE("Wine 8 knows of no such class") CHECK_EQ(query_system(12, buffer, 0, NULL), NOT_IMPLEMENTED);
}

TEST(processors)
{
    static char buffer[0x10000];
    SYSTEM_INFO info;
    DWORD size = 0, cores = 0;
    ULONG highest = 7;
    ULONGLONG mask = 0;
    DWORD_PTR process_mask, system_mask;
    UCHAR node = 9;

    GetSystemInfo(&info);
    CHECK_ERROR(!GetLogicalProcessorInformation(NULL, &size), ERROR_INSUFFICIENT_BUFFER);
    CHECK(size > 0 && size % sizeof(SYSTEM_LOGICAL_PROCESSOR_INFORMATION) == 0);
    CHECK(GetLogicalProcessorInformation((void *)buffer, &size));
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION *entry = (void *)buffer;
    for (DWORD i = 0; i < size / sizeof *entry; i++)
        for (ULONG_PTR rest = entry[i].ProcessorMask; rest && entry[i].Relationship == RelationProcessorCore;
             rest &= rest - 1)
            cores++;
    CHECK_EQ(cores, info.dwNumberOfProcessors);
    size = sizeof buffer;
    CHECK(GetLogicalProcessorInformationEx(RelationGroup, (void *)buffer, &size));
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *group = (void *)buffer;
    CHECK_EQ(group->Size, size);
    CHECK_EQ(group->Group.GroupInfo[0].ActiveProcessorCount, info.dwNumberOfProcessors);

    CHECK(GetNumaHighestNodeNumber(&highest));
    CHECK_EQ(GetActiveProcessorCount(ALL_PROCESSOR_GROUPS), info.dwNumberOfProcessors);
    CHECK_EQ(GetActiveProcessorGroupCount(), 1);
    UNLESS_WINE("Wine 8 has not implemented it")
    {
        CHECK(GetNumaNodeProcessorMask(0, &mask));
        CHECK(mask != 0);
    }
    CHECK(GetNumaProcessorNode(0, &node));
    CHECK_EQ(node, 0);
    CHECK(GetProcessAffinityMask(GetCurrentProcess(), &process_mask, &system_mask));
    CHECK_ERROR(!SetProcessAffinityMask(GetCurrentProcess(), 0), ERROR_INVALID_PARAMETER);
    CHECK(SetProcessAffinityMask(GetCurrentProcess(), 1));
    CHECK(GetProcessAffinityMask(GetCurrentProcess(), &process_mask, &system_mask));
    CHECK_EQ(process_mask, 1);
    CHECK(SetProcessAffinityMask(GetCurrentProcess(), system_mask));
    CHECK(GetProcessAffinityMask(GetCurrentProcess(), &process_mask, &system_mask));
    CHECK_EQ(process_mask, system_mask);
}

struct names {
    UNICODE_STRING string;
    WCHAR text[1000];
};

TEST(names_of_the_process)
{
    struct names name;
    WCHAR path[MAX_PATH];
    ULONG returned = 0;

    GetModuleFileNameW(NULL, path, MAX_PATH);
    CHECK_EQ(query_process(GetCurrentProcess(), 43, &name, 2, NULL), LENGTH_MISMATCH);
    CHECK_EQ(query_process(GetCurrentProcess(), 43, &name, sizeof name, &returned), 0);
    CHECK_EQ(name.string.Length, 2 * lstrlenW(path));
    CHECK_MEM(name.string.Buffer, path, name.string.Length);
    UNLESS_WINE("Wine 8 terminates none")
    CHECK_EQ(returned, sizeof name.string + name.string.Length + 2);
    CHECK_EQ(query_process(GetCurrentProcess(), 27, &name, sizeof name, NULL), 0);
    UNLESS_WINE("Wine 8 gives a drive")
    {
        name.text[8] = 0;
        CHECK_WSTR(name.text, L"\\Device\\");
    }
    UNLESS_WINE("Wine 8 knows of no such class")
    {
        CHECK_EQ(query_process(GetCurrentProcess(), 60, &name, sizeof name, NULL), 0);
        CHECK_WSTR(name.string.Buffer, GetCommandLineW());
    }
}

TEST(counters_of_the_process)
{
    SIZE_T memory[12];
    IO_COUNTERS io = {0}, later = {0};
    LARGE_INTEGER times[4];
    DWORD handles = 0, written;
    ULONG64 cycles = 0;
    HANDLE nul = CreateFileW(L"NUL", GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);

    CHECK_EQ(query_process(GetCurrentProcess(), 3, memory, 24, NULL), LENGTH_MISMATCH);
    CHECK_EQ(query_process(GetCurrentProcess(), 3, memory, 11 * sizeof *memory, NULL), 0);
    CHECK(memory[4] > 0);
    CHECK_EQ(query_process(GetCurrentProcess(), 3, memory, sizeof memory, NULL), 0);
    CHECK_EQ(memory[9], memory[11]);
    CHECK(GetProcessIoCounters(GetCurrentProcess(), &io));
    CHECK(WriteFile(nul, &io, sizeof io, &written, NULL));
    CHECK(GetProcessIoCounters(GetCurrentProcess(), &later));
    UNLESS_WINE("Wine 8 does not count") CHECK(later.WriteTransferCount >= io.WriteTransferCount + sizeof io);
    CHECK_EQ(query_process(GetCurrentProcess(), 4, times, sizeof times, NULL), 0);
    CHECK(times[0].QuadPart > 0 && times[1].QuadPart == 0);
    CHECK(GetProcessHandleCount(GetCurrentProcess(), &handles));
    UNLESS_WINE("Wine 8 has not implemented it") CHECK(QueryProcessCycleTime(GetCurrentProcess(), &cycles));
    CHECK(CloseHandle(nul));
}

TEST(priority_classes)
{
    BYTE class[2] = {9, 9};
    PROCESS_BASIC_INFORMATION basic;

    CHECK_EQ(GetPriorityClass(GetCurrentProcess()), NORMAL_PRIORITY_CLASS);
    CHECK(SetPriorityClass(GetCurrentProcess(), BELOW_NORMAL_PRIORITY_CLASS));
    CHECK_EQ(GetPriorityClass(GetCurrentProcess()), BELOW_NORMAL_PRIORITY_CLASS);
    CHECK_EQ(query_process(GetCurrentProcess(), 18, class, sizeof class, NULL), 0);
    CHECK_EQ(class[1], 5);
    CHECK_EQ(query_process(GetCurrentProcess(), 0, &basic, sizeof basic, NULL), 0);
    UNLESS_WINE("Wine 8 gives the number of the class")
    CHECK_EQ(((LONG *)&basic)[sizeof(void *) == 8 ? 6 : 3], 6);
    CHECK_ERROR(!SetPriorityClass(GetCurrentProcess(), 3), ERROR_INVALID_PARAMETER);
    CHECK(SetPriorityClass(GetCurrentProcess(), NORMAL_PRIORITY_CLASS));
}

TEST(classes)
{
    ULONG_PTR buffer[16];

    CHECK_EQ(query_process(GetCurrentProcess(), 103, buffer, 4, NULL), INVALID_CLASS);
    UNLESS_WINE("Wine 8 calls both the same")
    {
        CHECK_EQ(query_process(GetCurrentProcess(), 5, buffer, 4, NULL), INVALID_CLASS);
        CHECK_EQ(query_process(GetCurrentProcess(), 93, buffer, 4, NULL), NOT_IMPLEMENTED);
    }
    CHECK_EQ(query_process(GetCurrentProcess(), 37, buffer, 3, NULL), LENGTH_MISMATCH);
    CHECK_EQ(query_process(GetCurrentProcess(), 37, buffer, sizeof(void *) == 8 ? 64 : 48, NULL), 0);
    const IMAGE_DOS_HEADER *dos = (void *)GetModuleHandleW(NULL);
    const IMAGE_NT_HEADERS *nt = (void *)((const BYTE *)dos + dos->e_lfanew);
    CHECK_PTR(buffer[0], (ULONG_PTR)dos + nt->OptionalHeader.AddressOfEntryPoint);
    CHECK_EQ(buffer[2], nt->OptionalHeader.SizeOfStackReserve);
}

int main(void)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    query_system = (query_system_function)(void *)GetProcAddress(ntdll, "NtQuerySystemInformation");
    query_process = (query_process_function)(void *)GetProcAddress(ntdll, "NtQueryInformationProcess");
    RUN(basic_system);
    RUN(kernel_debugger);
    RUN(basic_process);
    RUN(global_flags);
    RUN(debugging);
    RUN(processes_and_threads);
    RUN(handles);
    RUN(figures_of_the_system);
    RUN(processors);
    RUN(names_of_the_process);
    RUN(counters_of_the_process);
    RUN(priority_classes);
    RUN(classes);
    return CHECK_END();
}
