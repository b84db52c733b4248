/* Threads made by the native API, what is told of them and set, and many at once. */
#include "threading.h"
#include <winternl.h>

typedef DWORD(WINAPI *routine)(void *);

static NTSTATUS(NTAPI *create_thread_ex)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, HANDLE, routine, void *,
                                         ULONG, ULONG_PTR, SIZE_T, SIZE_T, void *);
static NTSTATUS(NTAPI *create_user_thread)(HANDLE, void *, BOOLEAN, ULONG, SIZE_T, SIZE_T, routine, void *,
                                           HANDLE *, CLIENT_ID *);
static NTSTATUS(NTAPI *query_thread)(HANDLE, ULONG, void *, ULONG, ULONG *);
static NTSTATUS(NTAPI *set_thread)(HANDLE, ULONG, void *, ULONG);

#define INVALID_PARAMETER 0xC000000D
#define LENGTH_MISMATCH   0xC0000004
#define INVALID_CLASS     0xC0000003
#define ACCESS_IS_DENIED  0xC0000022
#define BUFFER_TOO_SMALL  0xC0000023

static void find_functions(void)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");

    create_thread_ex = (void *)GetProcAddress(ntdll, "NtCreateThreadEx");
    create_user_thread = (void *)GetProcAddress(ntdll, "RtlCreateUserThread");
    query_thread = (void *)GetProcAddress(ntdll, "NtQueryInformationThread");
    set_thread = (void *)GetProcAddress(ntdll, "NtSetInformationThread");
}

#ifdef __i386__

static DWORD base_of(const LDT_ENTRY *entry)
{
    return entry->HighWord.Bytes.BaseHi << 24 | entry->HighWord.Bytes.BaseMid << 16 | entry->BaseLow;
}

static DWORD limit_of(const LDT_ENTRY *entry)
{
    return entry->HighWord.Bits.LimitHi << 16 | entry->LimitLow;
}

struct meeting {
    HANDLE gate;
    DWORD block;
    volatile LONG present;
};

static DWORD WINAPI leave_block_and_wait(void *argument)
{
    struct meeting *meeting = argument;

    meeting->block = (DWORD)NtCurrentTeb();
    meeting->present = TRUE;
    return WaitForSingleObject(meeting->gate, 60000);
}

TEST(segments)
{
    CONTEXT context = {.ContextFlags = CONTEXT_SEGMENTS | CONTEXT_CONTROL};
    LDT_ENTRY entry, none = {0};
    struct meeting meeting = {.gate = CreateEventW(NULL, TRUE, FALSE, NULL)};
    HANDLE thread;

    CHECK(GetThreadContext(GetCurrentThread(), &context));
    CHECK(GetThreadSelectorEntry(GetCurrentThread(), context.SegCs, &entry));
    CHECK_EQ(base_of(&entry), 0);
    CHECK_EQ(limit_of(&entry), 0xfffff);
    CHECK_EQ(entry.HighWord.Bits.Type & ~1, 0x1a);
    CHECK_EQ(entry.HighWord.Bits.Dpl, 3);
    CHECK_EQ(entry.HighWord.Bits.Granularity, 1);
    CHECK(GetThreadSelectorEntry(GetCurrentThread(), context.SegSs, &entry));
    CHECK_EQ(base_of(&entry), 0);
    CHECK_EQ(entry.HighWord.Bits.Type & ~1, 0x12);
    CHECK_EQ(entry.HighWord.Bits.Default_Big, 1);
    CHECK(GetThreadSelectorEntry(GetCurrentThread(), context.SegFs & ~3, &entry));
    CHECK_PTR(base_of(&entry), NtCurrentTeb());
    CHECK_EQ(limit_of(&entry), 0xfff);
    CHECK_EQ(entry.HighWord.Bits.Granularity, 0);
    CHECK_EQ(entry.HighWord.Bits.Pres, 1);
    CHECK(GetThreadSelectorEntry(GetCurrentThread(), 0, &entry));
    CHECK_MEM(&entry, &none, sizeof entry);
    CHECK_ERROR(!GetThreadSelectorEntry(GetCurrentThread(), context.SegSs + 0x100, &entry),
                ERROR_GEN_FAILURE);

    thread = CreateThread(NULL, 0, leave_block_and_wait, &meeting, 0, NULL);
    while (!meeting.present)
        Sleep(1);
    CHECK(GetThreadSelectorEntry(thread, context.SegFs, &entry));
    CHECK_EQ(base_of(&entry), meeting.block);
    CHECK(SetEvent(meeting.gate));
    CHECK_EQ(WaitForSingleObject(thread, 60000), WAIT_OBJECT_0);
    CloseHandle(thread);
    CloseHandle(meeting.gate);
}

#endif

TEST(error_modes)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    DWORD(WINAPI * get_mode)(void) = (void *)GetProcAddress(ntdll, "RtlGetThreadErrorMode");
    LONG(WINAPI * set_mode)(DWORD, DWORD *) = (void *)GetProcAddress(ntdll, "RtlSetThreadErrorMode");
    DWORD before = 0;

    CHECK(SetThreadErrorMode(SEM_NOGPFAULTERRORBOX, NULL));
    CHECK_EQ(get_mode(), 0x20);
    CHECK_EQ(set_mode(0x50, &before), 0);
    CHECK_EQ(before, 0x20);
    CHECK_EQ(GetThreadErrorMode(), SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX);
    CHECK_EQ((DWORD)set_mode(0x80, NULL), 0xC00000EF);
    CHECK_EQ(set_mode(0, NULL), 0);
    CHECK_EQ(GetThreadErrorMode(), 0);
}

static DWORD WINAPI return_argument(void *argument)
{
    return (DWORD)(ULONG_PTR)argument;
}

TEST(native_creation)
{
    HANDLE thread = NULL;
    CLIENT_ID id = {0};

    CHECK_EQ(create_thread_ex(&thread, THREAD_ALL_ACCESS, NULL, GetCurrentProcess(), return_argument,
                              (void *)5, 1, 0, 0, 0, NULL),
             0);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(join(thread), 5);
    CHECK_EQ(create_user_thread(GetCurrentProcess(), NULL, TRUE, 0, 0, 0, return_argument, (void *)6, &thread,
                                &id),
             0);
    CHECK_EQ((ULONG_PTR)id.UniqueThread, GetThreadId(thread));
    CHECK_EQ((ULONG_PTR)id.UniqueProcess, GetCurrentProcessId());
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(join(thread), 6);
    CHECK_EQ(create_user_thread(GetCurrentProcess(), NULL, FALSE, 0, 0x100000, 0x1000, return_argument,
                                (void *)7, &thread, NULL),
             0);
    CHECK_EQ(join(thread), 7);
}

TEST(what_is_told)
{
    HANDLE thread = CreateThread(NULL, 0, return_argument, (void *)8, CREATE_SUSPENDED, NULL);
    void *start = NULL;
    ULONG number = 77, returned = 0;
    LONGLONG times[4] = {0};

    CHECK_EQ(query_thread(thread, 9, &start, sizeof start, &returned), 0);
    UNLESS_WINE("Wine 8 does not know it before the thread runs") CHECK_PTR(start, return_argument);
    CHECK_EQ(returned, sizeof start);
    UNLESS_WINE("Wine 8 fills in what fits")
    CHECK_EQ((ULONG)query_thread(thread, 9, &start, 1, NULL), LENGTH_MISMATCH);
    CHECK_EQ(query_thread(thread, 1, times, sizeof times, NULL), 0);
    CHECK(times[0] != 0);
    CHECK_EQ(times[1], 0);
    CHECK_EQ(query_thread(GetCurrentThread(), 12, &number, sizeof number, NULL), 0);
    CHECK_EQ(number, 0);
    CHECK_EQ(query_thread(thread, 35, &number, sizeof number, NULL), 0);
    CHECK_EQ(number, 1);
    CHECK_EQ(query_thread(thread, 16, &number, sizeof number, NULL), 0);
    CHECK_EQ(number, 0);
    UNLESS_WINE("Wine 8 has STATUS_NOT_IMPLEMENTED")
    CHECK_EQ((ULONG)query_thread(thread, 9999, &number, sizeof number, NULL), INVALID_CLASS);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(join(thread), 8);
}

TEST(what_a_limited_right_tells)
{
    HANDLE limited = OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, GetCurrentThreadId());
    BYTE basic[sizeof(void *) == 8 ? 48 : 28];
    LONGLONG times[4];
    void *pointer;
    BOOLEAN flag;
    ULONG number;

    CHECK(limited);
    CHECK_EQ(query_thread(limited, 0, basic, sizeof basic, NULL), 0);
    CHECK_EQ(query_thread(limited, 1, times, sizeof times, NULL), 0);
    CHECK_EQ(query_thread(limited, 12, &number, sizeof number, NULL), 0);
    CHECK_EQ((ULONG)query_thread(limited, 9, &pointer, sizeof pointer, NULL), ACCESS_IS_DENIED);
    CHECK_EQ((ULONG)query_thread(limited, 17, &flag, sizeof flag, NULL), ACCESS_IS_DENIED);
    UNLESS_WINE("Wine 8 tells it")
    CHECK_EQ((ULONG)query_thread(limited, 16, &number, sizeof number, NULL), ACCESS_IS_DENIED);
    CHECK(CloseHandle(limited));
}

TEST(processors)
{
    HANDLE self = GetCurrentThread();
    DWORD_PTR process, system, all = 0xFFFFFFFF;
    DWORD_PTR first;

    CHECK(GetProcessAffinityMask(GetCurrentProcess(), &process, &system));
    first = process & -process;
    CHECK_PTR(SetThreadAffinityMask(self, first), process);
    CHECK_PTR(SetThreadAffinityMask(self, ~(DWORD_PTR)0), first);
    CHECK_PTR(SetThreadAffinityMask(self, first), process);
    CHECK_ERROR(!SetThreadAffinityMask(self, 0), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!GetThreadGroupAffinity(self, NULL), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!SetThreadGroupAffinity(self, NULL, NULL), ERROR_NOACCESS);
    CHECK_EQ(set_thread(self, 4, &all, sizeof all), 0);
    if (process < 0xFFFFFFFF)
        CHECK_PTR(SetThreadAffinityMask(self, process), process);
}

/* Each call returns what was set before. A number that no processor has sets nothing, if it could have one.
 */
TEST(ideal_processors)
{
    HANDLE thread = GetCurrentThread(), weak;
    PROCESSOR_NUMBER number = {.Number = 0}, previous = {.Number = 99};
    SYSTEM_INFO system;

    GetSystemInfo(&system);
    weak = OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, GetCurrentThreadId());
    CHECK(SetThreadIdealProcessor(thread, system.dwNumberOfProcessors - 1) != (DWORD)-1);
    CHECK_EQ(SetThreadIdealProcessor(thread, 64), system.dwNumberOfProcessors - 1);
    CHECK_EQ(SetThreadIdealProcessor(thread, 0), system.dwNumberOfProcessors - 1);
    CHECK_EQ(SetThreadIdealProcessor(thread, 64), 0);
    CHECK_ERROR(SetThreadIdealProcessor(thread, 65) == (DWORD)-1, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(SetThreadIdealProcessor(thread, (DWORD)-1) == (DWORD)-1, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(SetThreadIdealProcessor(weak, 0) == (DWORD)-1, ERROR_ACCESS_DENIED);
    if (system.dwNumberOfProcessors < 63)
        CHECK_EQ(SetThreadIdealProcessor(thread, 63), 0);
    CHECK_EQ(SetThreadIdealProcessor(thread, 0), 0);
    CHECK(SetThreadIdealProcessorEx(thread, &number, &previous));
    CHECK_EQ(previous.Number, 0);
    number.Number = 64;
    CHECK_ERROR(!SetThreadIdealProcessorEx(thread, &number, NULL), ERROR_INVALID_PARAMETER);
    number = (PROCESSOR_NUMBER){.Group = 1};
    CHECK_ERROR(!SetThreadIdealProcessorEx(thread, &number, NULL), ERROR_INVALID_PARAMETER);
    CHECK(GetThreadIdealProcessorEx(thread, &number));
    CHECK_EQ(number.Group, 0);
    CHECK_EQ(number.Number, 0);
    CHECK(CloseHandle(weak));
}

TEST(names)
{
    HANDLE thread = CreateThread(NULL, 0, return_argument, NULL, CREATE_SUSPENDED, NULL);
    struct {
        UNICODE_STRING string;
        WCHAR text[20];
    } buffer;
    UNICODE_STRING name = {8, 8, (WCHAR *)L"name"};
    ULONG returned = 0;

    CHECK_EQ(set_thread(thread, 38, &name, sizeof name), 0);
    UNLESS_WINE("Wine 8 succeeds, and has no name")
    CHECK_EQ((ULONG)query_thread(thread, 38, &buffer, sizeof buffer.string, &returned), BUFFER_TOO_SMALL);
    UNLESS_WINE("Wine 8 succeeds, and has no name") CHECK_EQ(returned, sizeof buffer.string + 8);
    CHECK_EQ(query_thread(thread, 38, &buffer, sizeof buffer, &returned), 0);
    CHECK_EQ(buffer.string.Length, 8);
    CHECK_MEM(buffer.string.Buffer, L"name", 8);
    CHECK_EQ(ResumeThread(thread), 1);
    join(thread);
}

TEST(priorities)
{
    static const int priorities[] = {THREAD_PRIORITY_IDLE,         THREAD_PRIORITY_LOWEST,
                                     THREAD_PRIORITY_BELOW_NORMAL, THREAD_PRIORITY_ABOVE_NORMAL,
                                     THREAD_PRIORITY_HIGHEST,      THREAD_PRIORITY_TIME_CRITICAL,
                                     THREAD_PRIORITY_NORMAL};
    LONG wrong = 5;
    unsigned i;

    for (i = 0; i < ARRAYSIZE(priorities); i++) {
        CHECK(SetThreadPriority(GetCurrentThread(), priorities[i]));
        CHECK_EQ(GetThreadPriority(GetCurrentThread()), priorities[i]);
    }
    CHECK_ERROR(SetThreadPriority(GetCurrentThread(), 5) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK_EQ((ULONG)set_thread(GetCurrentThread(), 3, &wrong, sizeof wrong), INVALID_PARAMETER);
    UNLESS_WINE("Wine 8 looks at the value first")
    CHECK_EQ((ULONG)set_thread(GetCurrentThread(), 3, &wrong, 1), LENGTH_MISMATCH);
}

static HANDLE gate;
static volatile LONG present;

static DWORD WINAPI stand(void *argument)
{
    InterlockedIncrement(&present);
    WaitForSingleObject(gate, INFINITE);
    return (DWORD)(ULONG_PTR)argument;
}

/* As many as a program with 2 GiB of addresses has room for. */
TEST(many_at_once)
{
    enum { MANY = 1000 };
    static HANDLE threads[MANY];
    DWORD i, code, wrong = 0;

    gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (i = 0; i < MANY; i++) {
        threads[i] =
            CreateThread(NULL, 0x40000, stand, (void *)(ULONG_PTR)i, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
        wrong += !threads[i];
    }
    CHECK_EQ(wrong, 0);
    while (present < MANY)
        Sleep(1);
    CHECK(SetEvent(gate));
    for (i = 0; i < MANY; i++) {
        wrong += WaitForSingleObject(threads[i], 60000) != WAIT_OBJECT_0;
        wrong += !GetExitCodeThread(threads[i], &code) || code != i;
        CloseHandle(threads[i]);
    }
    CHECK_EQ(wrong, 0);
    CHECK(CloseHandle(gate));
}

int main(void)
{
    find_functions();
#ifdef __i386__
    RUN(segments);
#endif
    RUN(error_modes);
    RUN(native_creation);
    RUN(what_is_told);
    RUN(what_a_limited_right_tells);
    RUN(processors);
    UNLESS_WINE("Wine 8 remembers none") RUN(ideal_processors);
    RUN(names);
    RUN(priorities);
    RUN(many_at_once);
    return CHECK_END();
}
