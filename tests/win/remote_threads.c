/* Threads of other processes: this program again, told by its argument what to do. What the parent has it
 * run, it finds at the addresses that it has itself, in modules that are where they are here. */
#include "other_process.h"
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#define IP Rip
#else
#define IP Eip
#endif

static volatile LONG turns, calls;

/* What the child does */

static DWORD WINAPI doze(void *unused)
{
    while (!unused)
        SleepEx(INFINITE, TRUE);
    return 0;
}

static DWORD WINAPI spin(void *unused)
{
    while (!unused)
        turns++;
    return 0;
}

/* By its address, so that this is where it runs. */
static LPTHREAD_START_ROUTINE volatile spinning = spin;

static int play(const char *role)
{
    if (!strcmp(role, "doze"))
        return (int)doze(NULL);
    if (!strcmp(role, "spin"))
        return (int)spinning(NULL);
    return 0x77;
}

/* What the parent has it run */

static DWORD WINAPI twice(void *number)
{
    return 2 * (DWORD)(ULONG_PTR)number;
}

static void CALLBACK count_call(ULONG_PTR number)
{
    InterlockedExchangeAdd(&calls, (LONG)number);
}

static DWORD WINAPI wait_for_call(void *unused)
{
    (void)unused;
    turns = 1;
    return SleepEx(INFINITE, TRUE) == WAIT_IO_COMPLETION ? (DWORD)calls : 1;
}

static DWORD WINAPI write_two_pages(void *memory)
{
    ((volatile char *)memory)[0x1000] = 1;
    ((volatile char *)memory)[0x3fff] = 1;
    return 3;
}

/* Where the child has what is at an address of the program's here: it need not have the same base. */
static void *there(HANDLE process, const void *here)
{
    typedef LONG(WINAPI * query)(HANDLE, int, void *, ULONG, ULONG *);
    query query_process =
        (query)(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtQueryInformationProcess");
    struct {
        void *status, *peb;
        void *others[4];
    } basic = {0};
    char *base = NULL;

    CHECK_EQ(query_process(process, 0, &basic, sizeof basic, NULL), 0);
    CHECK(ReadProcessMemory(process, (void **)basic.peb + 2, &base, sizeof base, NULL));
    return base + ((const char *)here - (const char *)GetModuleHandleA(NULL));
}

static LPTHREAD_START_ROUTINE routine_there(HANDLE process, LPTHREAD_START_ROUTINE routine)
{
    return (LPTHREAD_START_ROUTINE)(ULONG_PTR)there(process, (const void *)(ULONG_PTR)routine);
}

static DWORD end_of(HANDLE thread)
{
    DWORD code = 0;

    CHECK_EQ(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CloseHandle(thread);
    return code;
}

static LONG turns_of(HANDLE process)
{
    LONG value = -1;

    CHECK(ReadProcessMemory(process, there(process, (const void *)&turns), &value, sizeof value, NULL));
    return value;
}

TEST(a_thread_in_another_process)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("doze", 0, &process);
    DWORD id = 0, code = 0;
    HANDLE thread = CreateRemoteThread(handle, NULL, 0, routine_there(handle, twice), (void *)21, 0, &id);

    CHECK(thread != NULL);
    CHECK_EQ(GetThreadId(thread), id);
    CHECK_EQ(GetProcessIdOfThread(thread), process.dwProcessId);
    CHECK_EQ(end_of(thread), 42);
    thread =
        CreateRemoteThread(handle, NULL, 0, routine_there(handle, twice), (void *)4, CREATE_SUSPENDED, NULL);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK_EQ(WaitForSingleObject(thread, 10), WAIT_TIMEOUT);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(end_of(thread), 8);
    finish(&process);
}

/* The most common use: a DLL for another process, whose program has not begun. */
TEST(a_library_in_a_suspended_process)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("none", CREATE_SUSPENDED, &process);
    char name[] = "psapi.dll",
         *memory = VirtualAllocEx(handle, NULL, sizeof name, MEM_COMMIT, PAGE_READWRITE);
    FARPROC load = GetProcAddress(GetModuleHandleA("kernel32.dll"), "LoadLibraryA");
    DWORD code = 0;

    CHECK(WriteProcessMemory(handle, memory, name, sizeof name, NULL));
    CHECK(end_of(CreateRemoteThread(handle, NULL, 0, (LPTHREAD_START_ROUTINE)(void *)load, memory, 0,
                                    NULL)) != 0);
    CHECK_EQ(ResumeThread(process.hThread), 1);
    CHECK_EQ(WaitForSingleObject(handle, 20000), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(handle, &code));
    CHECK_EQ(code, 0x77);
    CloseHandle(handle);
    CloseHandle(process.hThread);
}

TEST(suspending_and_resuming)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("spin", 0, &process);
    LONG before, after;

    while (turns_of(handle) == 0)
        Sleep(1);
    CHECK_EQ(SuspendThread(process.hThread), 0);
    before = turns_of(handle);
    Sleep(20);
    CHECK_EQ(turns_of(handle), before);
    CHECK_EQ(SuspendThread(process.hThread), 1);
    CHECK_EQ(ResumeThread(process.hThread), 2);
    Sleep(5);
    CHECK_EQ(turns_of(handle), before);
    CHECK_EQ(ResumeThread(process.hThread), 1);
    while ((after = turns_of(handle)) == before)
        Sleep(1);
    CHECK_EQ(ResumeThread(process.hThread), 0);
    finish(&process);
}

TEST(counts_of_a_thread_that_has_not_begun)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("none", CREATE_SUSPENDED, &process);

    CHECK_EQ(SuspendThread(process.hThread), 1);
    CHECK_EQ(ResumeThread(process.hThread), 2);
    CHECK_EQ(WaitForSingleObject(handle, 10), WAIT_TIMEOUT);
    CHECK_EQ(ResumeThread(process.hThread), 1);
    CHECK_EQ(WaitForSingleObject(handle, 20000), WAIT_OBJECT_0);
    CloseHandle(handle);
    CloseHandle(process.hThread);
}

TEST(registers)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("spin", 0, &process);
    CONTEXT context = {.ContextFlags = CONTEXT_FULL};
    char *code_of_spin = there(handle, (const void *)(ULONG_PTR)spin);
    DWORD code = 0;

    while (turns_of(handle) == 0)
        Sleep(1);
    CHECK_EQ(SuspendThread(process.hThread), 0);
    CHECK(GetThreadContext(process.hThread, &context));
    CHECK((char *)context.IP >= code_of_spin && (char *)context.IP < code_of_spin + 0x100);
    context.IP = (ULONG_PTR)there(handle, (const void *)(ULONG_PTR)play);
#ifdef __x86_64__
    context.Rsp = (context.Rsp & -16) - 0x808;
    context.IP = (ULONG_PTR)GetProcAddress(GetModuleHandleA("kernel32.dll"), "ExitProcess");
    context.Rcx = 0x1234;
#else
    DWORD frame[2] = {0, 0x1234};
    context.Esp = (context.Esp & -16) - 0x804;
    context.IP = (ULONG_PTR)GetProcAddress(GetModuleHandleA("kernel32.dll"), "ExitProcess");
    CHECK(WriteProcessMemory(handle, (void *)context.Esp, frame, sizeof frame, NULL));
#endif
    CHECK(SetThreadContext(process.hThread, &context));
    CHECK_EQ(ResumeThread(process.hThread), 1);
    CHECK_EQ(WaitForSingleObject(handle, 20000), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(handle, &code));
    CHECK_EQ(code, 0x1234);
    CloseHandle(handle);
    CloseHandle(process.hThread);
}

TEST(registers_of_a_thread_that_has_not_begun)
{
    PROCESS_INFORMATION process;
    CONTEXT context = {.ContextFlags = CONTEXT_FULL};
    HANDLE handle = start("none", CREATE_SUSPENDED, &process);

    CHECK(GetThreadContext(process.hThread, &context));
    CHECK(context.IP != 0);
    CHECK_EQ(ResumeThread(process.hThread), 1);
    CHECK_EQ(WaitForSingleObject(handle, 20000), WAIT_OBJECT_0);
    CloseHandle(handle);
    CloseHandle(process.hThread);
}

TEST(calls_of_another_process)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("doze", 0, &process);
    HANDLE thread = CreateRemoteThread(handle, NULL, 0, routine_there(handle, wait_for_call), NULL, 0, NULL);
    PAPCFUNC function = (PAPCFUNC)(ULONG_PTR)there(handle, (const void *)(ULONG_PTR)count_call);

    while (turns_of(handle) == 0) /* before that, it would be called as the thread begins */
        Sleep(1);
    CHECK(QueueUserAPC(function, thread, 500));
    CHECK_EQ(end_of(thread), 500);
    finish(&process);
}

TEST(threads_by_their_ids)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("doze", 0, &process);
    DWORD id = 0;
    HANDLE thread = CreateRemoteThread(handle, NULL, 0, routine_there(handle, doze), NULL, 0, &id);
    HANDLE weak = OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, id);
    HANDLE strong = OpenThread(THREAD_ALL_ACCESS, FALSE, id);

    CHECK_EQ(GetThreadId(strong), id);
    CHECK_EQ(GetProcessIdOfThread(weak), process.dwProcessId);
    CHECK_ERROR(SuspendThread(weak) == (DWORD)-1, ERROR_ACCESS_DENIED);
    CHECK_ERROR(!TerminateThread(weak, 1), ERROR_ACCESS_DENIED);
    CHECK_ERROR(!QueueUserAPC(count_call, weak, 1), ERROR_ACCESS_DENIED);
    CHECK_EQ(SuspendThread(strong), 0);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK(TerminateThread(strong, 99));
    CHECK_EQ(end_of(strong), 99);
    CHECK_EQ(end_of(thread), 99);
    CloseHandle(weak);
    CHECK_ERROR(!OpenThread(THREAD_ALL_ACCESS, FALSE, 0), ERROR_INVALID_PARAMETER);
    finish(&process);
}

/* A thread ends with its process. */
TEST(a_thread_whose_process_is_terminated)
{
    PROCESS_INFORMATION process;
    HANDLE handle = start("doze", 0, &process);
    HANDLE thread = CreateRemoteThread(handle, NULL, 0, routine_there(handle, doze), NULL, 0, NULL);

    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    finish(&process);
    CHECK_EQ(end_of(thread), 7);
}

/* Which pages another process has written. */
TEST(watched_writes)
{
    typedef LONG(WINAPI * get_watch)(HANDLE, ULONG, void *, SIZE_T, void **, ULONG_PTR *, ULONG *);
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    get_watch get = (get_watch)(void *)GetProcAddress(ntdll, "NtGetWriteWatch");
    LONG(WINAPI * reset)
    (HANDLE, void *, SIZE_T) = (void *)GetProcAddress(ntdll, "NtResetWriteWatch");
    PROCESS_INFORMATION process;
    HANDLE weak, handle = start("doze", 0, &process);
    char *memory =
        VirtualAllocEx(handle, NULL, 0x10000, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);
    char *plain = VirtualAllocEx(handle, NULL, 0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    void *pages[16];
    ULONG_PTR count = 16;
    ULONG granularity = 0;

    CHECK(memory != NULL);
    CHECK_EQ(get(handle, 0, memory, 0x10000, pages, &count, &granularity), 0);
    CHECK_EQ(count, 0);
    CHECK_EQ(granularity, 0x1000);
    for (int round = 0; round < 2; round++) {
        CHECK_EQ(end_of(CreateRemoteThread(handle, NULL, 0, routine_there(handle, write_two_pages), memory, 0,
                                           NULL)),
                 3);
        count = 16;
        CHECK_EQ(get(handle, 0, memory, 0x10000, pages, &count, &granularity), 0);
        CHECK_EQ(count, 2);
        CHECK_PTR(pages[0], memory + 0x1000);
        CHECK_PTR(pages[1], memory + 0x3000);
        count = 1;
        CHECK_EQ(get(handle, WRITE_WATCH_FLAG_RESET, memory, 0x10000, pages, &count, &granularity), 0);
        CHECK_EQ(count, 1);
        CHECK_PTR(pages[0], memory + 0x1000);
        count = 16;
        CHECK_EQ(get(handle, 0, memory, 0x10000, pages, &count, &granularity), 0);
        CHECK_EQ(count, 1);
        CHECK_PTR(pages[0], memory + 0x3000);
        CHECK_EQ(reset(handle, memory, 0x10000), 0);
        count = 16;
        CHECK_EQ(get(handle, 0, memory, 0x10000, pages, &count, &granularity), 0);
        CHECK_EQ(count, 0);
    }
    CHECK(WriteProcessMemory(handle, memory + 0x2ffe, "word", 4, NULL));
    count = 16;
    CHECK_EQ(get(handle, 0, memory, 0x10000, pages, &count, &granularity), 0);
    CHECK_EQ(count, 2);
    CHECK_PTR(pages[0], memory + 0x2000);
    count = 16;
    CHECK_EQ((DWORD)get(handle, 0, plain, 0x1000, pages, &count, &granularity), 0xC00000EF);
    weak = OpenProcess(PROCESS_VM_READ, FALSE, process.dwProcessId);
    CHECK_EQ((DWORD)get(weak, 0, memory, 0x1000, pages, &count, &granularity), 0xC0000022);
    CHECK_EQ((DWORD)reset(weak, memory, 0x1000), 0xC0000022);
    CloseHandle(weak);
    finish(&process);
}

TEST(rights_to_a_process)
{
    PROCESS_INFORMATION process;
    HANDLE weak, handle = start("doze", 0, &process);

    weak = OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, process.dwProcessId);
    CHECK_ERROR(!CreateRemoteThread(weak, NULL, 0, twice, NULL, 0, NULL), ERROR_ACCESS_DENIED);
    CloseHandle(weak);
    CHECK(handle != NULL);
    finish(&process);
}

int main(int count, char **arguments)
{
    if (count > 1)
        return play(arguments[1]);
    GetModuleFileNameA(NULL, program, sizeof program);
    RUN(a_thread_in_another_process);
    RUN(a_library_in_a_suspended_process);
    RUN(suspending_and_resuming);
    RUN(counts_of_a_thread_that_has_not_begun);
    RUN(registers);
    RUN(registers_of_a_thread_that_has_not_begun);
    RUN(calls_of_another_process);
    RUN(threads_by_their_ids);
    RUN(a_thread_whose_process_is_terminated);
    UNLESS_WINE("Wine 8 watches no other process") RUN(watched_writes);
    RUN(rights_to_a_process);
    return CHECK_END();
}
