/* What is told of another process and set in it: its program, processors and priorities. This program is run
 * again, with an argument, to be the other one; "with PROGRAM" has the tests do that with another program,
 * such as the one for the other architecture. */
#include "other_process.h"
#include <stdbool.h>
#include <string.h>

#define IS_TERMINATING  ((LONG)0xC000010A)
#define LENGTH_MISMATCH ((LONG)0xC0000004)

static bool other_architecture;

typedef LONG(WINAPI *query_function)(HANDLE process, int class, void *buffer, ULONG size, ULONG *returned);
typedef LONG(WINAPI *set_function)(HANDLE process, int class, void *buffer, ULONG size);
typedef LONG(WINAPI *unmap_function)(HANDLE process, void *address);
static query_function query_process;
static set_function set_process;
static unmap_function unmap_view;

/* SECTION_IMAGE_INFORMATION. */
struct image_information {
    char *entry_point;
    ULONG zero_bits;
    SIZE_T stack_reserve, stack_commit;
    ULONG subsystem;
    USHORT versions[4];
    USHORT characteristics, dll_characteristics, machine;
    UCHAR contains_code, flags;
    ULONG loader_flags, file_size, checksum;
};

static struct image_information image_of(HANDLE process)
{
    struct image_information information;
    ULONG returned = 0;

    memset(&information, 0xCC, sizeof information);
    CHECK_EQ(query_process(process, 37, &information, sizeof information, &returned), 0);
    CHECK_EQ(returned, sizeof information);
    return information;
}

static char *base_of(HANDLE process)
{
    void *basic[6] = {0};
    char *base = NULL;

    CHECK_EQ(query_process(process, 0, basic, sizeof basic, NULL), 0);
    CHECK(ReadProcessMemory(process, (void **)basic[1] + 2, &base, sizeof base, NULL));
    return base;
}

static void check_image(HANDLE process)
{
    struct image_information own = image_of(GetCurrentProcess()), other = image_of(process);

    CHECK_EQ(other.subsystem, own.subsystem);
    CHECK_EQ(other.contains_code, own.contains_code);
    CHECK(!(other.characteristics & IMAGE_FILE_DLL));
    CHECK(other.file_size != 0);
    CHECK(other.stack_reserve != 0);
    CHECK_EQ(other.machine == own.machine, !other_architecture);
    if (other_architecture)
        return;
    CHECK_EQ(other.entry_point - base_of(process), own.entry_point - (char *)GetModuleHandleA(NULL));
    other.entry_point = own.entry_point;
    CHECK_MEM(&other, &own, sizeof own);
}

TEST(the_program)
{
    PROCESS_INFORMATION process;
    struct image_information information;
    HANDLE handle = start("sleep", 0, &process);

    check_image(handle);
    CHECK_EQ(query_process(handle, 37, &information, sizeof information - 1, NULL), LENGTH_MISMATCH);
    terminate(&process);
    forget(&process);
}

/* As one is whose program is replaced before it begins. */
TEST(a_program_that_is_unmapped)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("sleep", CREATE_SUSPENDED, &process);
    struct image_information before, after;

    check_image(handle);
    if (!other_architecture) {
        before = image_of(handle);
        CHECK_EQ(unmap_view(handle, base_of(handle)), 0);
        after = image_of(handle);
        CHECK_MEM(&after, &before, sizeof before);
    }
    terminate(&process);
    forget(&process);
}

static DWORD_PTR processors_of(HANDLE process)
{
    DWORD_PTR mask = 0, all = 0;

    CHECK(GetProcessAffinityMask(process, &mask, &all));
    return mask;
}

TEST(processors)
{
    PROCESS_INFORMATION process;
    HANDLE weak, handle = start("sleep", 0, &process);
    DWORD_PTR one = 1, all = processors_of(GetCurrentProcess());

    CHECK_EQ(processors_of(handle), all);
    CHECK(SetProcessAffinityMask(handle, 1));
    CHECK_EQ(processors_of(handle), 1);
    CHECK_EQ(processors_of(GetCurrentProcess()), all);
    CHECK_ERROR(!SetProcessAffinityMask(handle, 0), ERROR_INVALID_PARAMETER);
    weak = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, process.dwProcessId);
    CHECK_ERROR(!SetProcessAffinityMask(weak, 1), ERROR_ACCESS_DENIED);
    CloseHandle(weak);
    terminate(&process);
    CHECK_EQ(set_process(handle, 21, &one, sizeof one), IS_TERMINATING);
    CHECK_ERROR(!SetProcessAffinityMask(handle, 1), ERROR_ACCESS_DENIED);
    forget(&process);
}

TEST(priorities)
{
    PROCESS_INFORMATION process;
    HANDLE weak, thread;

    start("sleep", 0, &process);
    thread = process.hThread;
    CHECK_EQ(GetThreadPriority(thread), THREAD_PRIORITY_NORMAL);
    CHECK(SetThreadPriority(thread, THREAD_PRIORITY_LOWEST));
    CHECK_EQ(GetThreadPriority(thread), THREAD_PRIORITY_LOWEST);
    CHECK(SetThreadPriority(thread, THREAD_PRIORITY_TIME_CRITICAL));
    CHECK_EQ(GetThreadPriority(thread), THREAD_PRIORITY_TIME_CRITICAL);
    CHECK_EQ(GetThreadPriority(GetCurrentThread()), THREAD_PRIORITY_NORMAL);
    CHECK_ERROR(!SetThreadPriority(thread, 5), ERROR_INVALID_PARAMETER);
    weak = OpenThread(THREAD_QUERY_INFORMATION, FALSE, process.dwThreadId);
    CHECK_EQ(GetThreadPriority(weak), THREAD_PRIORITY_TIME_CRITICAL);
    CHECK_ERROR(!SetThreadPriority(weak, 0), ERROR_ACCESS_DENIED);
    CloseHandle(weak);
    terminate(&process);
    CHECK(SetThreadPriority(thread, THREAD_PRIORITY_NORMAL));
    forget(&process);
}

TEST(priority_classes)
{
    PROCESS_INFORMATION process;
    HANDLE weak, handle = start("sleep", 0, &process);

    CHECK_EQ(GetPriorityClass(handle), NORMAL_PRIORITY_CLASS);
    CHECK(SetPriorityClass(handle, BELOW_NORMAL_PRIORITY_CLASS));
    CHECK_EQ(GetPriorityClass(handle), BELOW_NORMAL_PRIORITY_CLASS);
    CHECK(SetPriorityClass(handle, HIGH_PRIORITY_CLASS));
    CHECK_EQ(GetPriorityClass(handle), HIGH_PRIORITY_CLASS);
    CHECK_EQ(GetPriorityClass(GetCurrentProcess()), NORMAL_PRIORITY_CLASS);
    CHECK_ERROR(!SetPriorityClass(handle, 3), ERROR_INVALID_PARAMETER);
    weak = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, process.dwProcessId);
    CHECK_ERROR(!SetPriorityClass(weak, NORMAL_PRIORITY_CLASS), ERROR_ACCESS_DENIED);
    CloseHandle(weak);
    finish(&process);
}

static ULONGLONG number_of(FILETIME time)
{
    return (ULONGLONG)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

static void check_times(HANDLE thread, ULONGLONG earliest, BOOL ended)
{
    FILETIME created, end, kernel, user, now;

    CHECK(GetThreadTimes(thread, &created, &end, &kernel, &user));
    GetSystemTimeAsFileTime(&now);
    /* Clocks need not tick at the same time. */
    CHECK(number_of(created) + 1000000 >= earliest);
    CHECK(number_of(created) <= number_of(now) + 1000000);
    CHECK(ended ? number_of(end) >= number_of(created) : number_of(end) == 0);
    CHECK(number_of(end) <= number_of(now) + 1000000);
}

TEST(times_of_threads)
{
    PROCESS_INFORMATION process;
    FILETIME before;
    HANDLE handle, thread;
    FARPROC sleep = GetProcAddress(GetModuleHandleA("kernel32.dll"), "Sleep");

    GetSystemTimeAsFileTime(&before);
    handle = start("sleep", 0, &process);
    check_times(process.hThread, number_of(before), FALSE);
    if (!other_architecture) {
        thread =
            CreateRemoteThread(handle, NULL, 0, (LPTHREAD_START_ROUTINE)(void *)sleep, (void *)1, 0, NULL);
        CHECK_EQ(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
        check_times(thread, number_of(before), TRUE);
        CHECK(CloseHandle(thread));
    }
    terminate(&process);
    check_times(process.hThread, number_of(before), TRUE);
    forget(&process);
}

TEST(attributes_of_threads)
{
    PROCESS_INFORMATION process;
    PROCESSOR_NUMBER number = {.Number = 99};
    GROUP_AFFINITY group = {0};
    ULONG64 cycles;
    DWORD_PTR all;
    BOOL disabled = 2;
    HANDLE weak, thread;

    start("sleep", 0, &process);
    thread = process.hThread;
    all = processors_of(process.hProcess);
    CHECK(GetThreadPriorityBoost(thread, &disabled));
    CHECK_EQ(disabled, FALSE);
    CHECK(SetThreadPriorityBoost(thread, TRUE));
    CHECK(GetThreadPriorityBoost(thread, &disabled));
    UNLESS_WINE("Wine 8 knows no boosts") CHECK_EQ(disabled, TRUE);
    CHECK(GetThreadPriorityBoost(GetCurrentThread(), &disabled));
    CHECK_EQ(disabled, FALSE);
    CHECK_EQ(SetThreadAffinityMask(thread, 1), all);
    CHECK_EQ(SetThreadAffinityMask(thread, all), 1);
    CHECK_ERROR(!SetThreadAffinityMask(thread, 0), ERROR_INVALID_PARAMETER);
    CHECK(GetThreadGroupAffinity(thread, &group));
    CHECK_EQ(group.Mask, all);
    UNLESS_WINE("Wine 8 counts no cycles") CHECK(QueryThreadCycleTime(thread, &cycles));
    UNLESS_WINE("Wine 8 remembers none")
    {
        CHECK(SetThreadIdealProcessor(thread, 0) != (DWORD)-1);
        CHECK(GetThreadIdealProcessorEx(thread, &number));
        CHECK_EQ(number.Number, 0);
    }
    weak = OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, process.dwThreadId);
    CHECK_ERROR(!SetThreadAffinityMask(weak, 1), ERROR_ACCESS_DENIED);
    UNLESS_WINE("Wine 8 knows no boosts")
    CHECK_ERROR(!SetThreadPriorityBoost(weak, FALSE), ERROR_ACCESS_DENIED);
    CHECK(GetThreadPriorityBoost(weak, &disabled));
    CloseHandle(weak);
    finish(&process);
}

TEST(names_of_threads)
{
    HRESULT(WINAPI * set)
    (HANDLE, PCWSTR) = (void *)GetProcAddress(GetModuleHandleA("kernel32.dll"), "SetThreadDescription");
    HRESULT(WINAPI * get)
    (HANDLE, PWSTR *) = (void *)GetProcAddress(GetModuleHandleA("kernel32.dll"), "GetThreadDescription");
    PROCESS_INFORMATION process;
    HANDLE weak;
    PWSTR name = NULL;

    start("sleep", 0, &process);
    CHECK(SUCCEEDED(get(process.hThread, &name)));
    CHECK_WSTR(name, L"");
    LocalFree(name);
    CHECK(SUCCEEDED(set(process.hThread, L"sl\x00e9"
                                         L"eper")));
    CHECK(SUCCEEDED(get(process.hThread, &name)));
    CHECK_WSTR(name, L"sl\x00e9"
                     L"eper");
    LocalFree(name);
    weak = OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, process.dwThreadId);
    CHECK(SUCCEEDED(get(weak, &name)));
    CHECK_WSTR(name, L"sl\x00e9"
                     L"eper");
    LocalFree(name);
    CHECK_EQ(set(weak, L"other"), HRESULT_FROM_NT(0xC0000022));
    CloseHandle(weak);
    finish(&process);
}

/* What the thread itself sees: GetThreadPriority is where it runs, and its argument names it. */
TEST(the_priority_of_a_thread_that_has_not_begun)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("sleep", 0, &process);
    FARPROC query = GetProcAddress(GetModuleHandleA("kernel32.dll"), "GetThreadPriority");
    HANDLE thread = CreateRemoteThread(handle, NULL, 0, (LPTHREAD_START_ROUTINE)(void *)query,
                                       GetCurrentThread(), CREATE_SUSPENDED, NULL);
    DWORD code = 0;

    CHECK(SetThreadPriority(thread, THREAD_PRIORITY_ABOVE_NORMAL));
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, THREAD_PRIORITY_ABOVE_NORMAL);
    CHECK(SetThreadPriority(thread, THREAD_PRIORITY_BELOW_NORMAL));
    CHECK_ERROR(!SetThreadPriority(thread, 5), ERROR_INVALID_PARAMETER);
    CloseHandle(thread);
    terminate(&process);
    forget(&process);
}

static void find_functions(void)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");

    query_process = (query_function)(void *)GetProcAddress(ntdll, "NtQueryInformationProcess");
    set_process = (set_function)(void *)GetProcAddress(ntdll, "NtSetInformationProcess");
    unmap_view = (unmap_function)(void *)GetProcAddress(ntdll, "NtUnmapViewOfSection");
}

int main(int count, char **arguments)
{
    if (count == 2)
        Sleep(INFINITE);
    other_architecture = count > 2;
    if (other_architecture)
        snprintf(program, sizeof program, "%s", arguments[2]);
    else
        GetModuleFileNameA(NULL, program, sizeof program);
    find_functions();
    RUN(the_program);
    RUN(a_program_that_is_unmapped);
    RUN(processors);
    RUN(priorities);
    RUN(priority_classes);
    RUN(times_of_threads);
    RUN(attributes_of_threads);
    RUN(names_of_threads);
    if (!other_architecture)
        RUN(the_priority_of_a_thread_that_has_not_begun);
    return CHECK_END();
}
