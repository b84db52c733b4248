/* TerminateThread, of threads in every state, at every moment. The argument says how many threads of each
 * kind are ended (20). */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>

static HANDLE pipe_read, pipe_write, event, mutex;
static CRITICAL_SECTION section;
static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE variable;
static volatile LONG arrived, detached;
static int address_word, rounds = 20;

static DWORD WINAPI spin(void *unused)
{
    (void)unused;
    arrived = 1;
    for (;;)
        continue;
    return 0;
}

static DWORD WINAPI read_pipe(void *unused)
{
    DWORD read;
    char byte;

    (void)unused;
    arrived = 1;
    ReadFile(pipe_read, &byte, 1, &read, NULL);
    return 0;
}

static DWORD WINAPI sleep_long(void *unused)
{
    (void)unused;
    arrived = 1;
    Sleep(INFINITE);
    return 0;
}

static DWORD WINAPI wait_long(void *unused)
{
    (void)unused;
    arrived = 1;
    WaitForSingleObject(event, INFINITE);
    return 0;
}

static DWORD WINAPI wait_for_all(void *unused)
{
    HANDLE both[2] = {event, mutex};

    (void)unused;
    arrived = 1;
    WaitForMultipleObjects(2, both, TRUE, INFINITE);
    return 0;
}

static DWORD WINAPI enter_section(void *unused)
{
    (void)unused;
    arrived = 1;
    EnterCriticalSection(&section);
    return 0;
}

static DWORD WINAPI acquire_exclusive(void *unused)
{
    (void)unused;
    arrived = 1;
    AcquireSRWLockExclusive(&lock);
    return 0;
}

static DWORD WINAPI acquire_shared(void *unused)
{
    (void)unused;
    arrived = 1;
    AcquireSRWLockShared(&lock);
    return 0;
}

static DWORD WINAPI wait_on_variable(void *unused)
{
    CRITICAL_SECTION own;

    (void)unused;
    InitializeCriticalSection(&own);
    EnterCriticalSection(&own);
    arrived = 1;
    for (;;)
        SleepConditionVariableCS(&variable, &own, INFINITE);
    return 0;
}

static DWORD WINAPI wait_on_address(void *unused)
{
    int zero = 0;

    (void)unused;
    arrived = 1;
    for (;;)
        WaitOnAddress(&address_word, &zero, sizeof zero, INFINITE);
    return 0;
}

static DWORD WINAPI allocate(void *unused)
{
    (void)unused;
    arrived = 1;
    for (;;)
        free(malloc(100 + rand()));
    return 0;
}

static DWORD WINAPI map_memory(void *unused)
{
    (void)unused;
    arrived = 1;
    for (;;)
        VirtualFree(VirtualAlloc(NULL, 0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), 0, MEM_RELEASE);
    return 0;
}

static DWORD WINAPI make_objects(void *unused)
{
    (void)unused;
    arrived = 1;
    for (;;)
        CloseHandle(CreateEventW(NULL, FALSE, FALSE, NULL));
    return 0;
}

static const struct {
    const char *name;
    LPTHREAD_START_ROUTINE routine;
    int has_locks; /* that all need: where the system's own are lost with their owner, as in Wine, no more
                      goes */
} kinds[] = {
    {"spin", spin},
    {"ReadFile", read_pipe},
    {"Sleep", sleep_long},
    {"WaitForSingleObject", wait_long},
    {"WaitForMultipleObjects", wait_for_all},
    {"EnterCriticalSection", enter_section},
    {"AcquireSRWLockExclusive", acquire_exclusive},
    {"AcquireSRWLockShared", acquire_shared},
    {"SleepConditionVariableCS", wait_on_variable},
    {"WaitOnAddress", wait_on_address},
    {"malloc", allocate, 1},
    {"VirtualAlloc", map_memory, 1},
    {"CreateEventW", make_objects, 1},
};

static void check_ends(HANDLE thread, DWORD expected)
{
    DWORD code = 0;

    CHECK_EQ(WaitForSingleObject(thread, 30000), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, expected);
    CHECK(CloseHandle(thread));
}

static HANDLE start(LPTHREAD_START_ROUTINE routine, DWORD flags)
{
    HANDLE thread;

    arrived = 0;
    thread = CreateThread(NULL, 0, routine, NULL, flags, NULL);
    CHECK(thread != NULL);
    while (!arrived && !(flags & CREATE_SUSPENDED))
        SwitchToThread();
    return thread;
}

TEST(in_any_state)
{
    unsigned i;

    EnterCriticalSection(&section);
    AcquireSRWLockExclusive(&lock);
    for (i = 0; i < ARRAYSIZE(kinds); i++) {
        HANDLE thread;
        DWORD code = 0;

        if (kinds[i].has_locks && check_on_wine())
            continue;
        thread = start(kinds[i].routine, 0);

        check_note(kinds[i].name);
        Sleep(10);
        CHECK(GetExitCodeThread(thread, &code));
        CHECK_EQ(code, STILL_ACTIVE);
        CHECK(TerminateThread(thread, 100 + i));
        check_ends(thread, 100 + i);
    }
    LeaveCriticalSection(&section);
    ReleaseSRWLockExclusive(&lock);
    /* What they waited for is as good as new. */
    UNLESS_WINE("Wine 8 counts the thread that waited on")
    {
        CHECK(TryEnterCriticalSection(&section));
        LeaveCriticalSection(&section);
    }
    CHECK(TryAcquireSRWLockExclusive(&lock));
    ReleaseSRWLockExclusive(&lock);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
}

/* Some of those that wait for one lock end; the others get it. */
static DWORD WINAPI take_turns(void *unused)
{
    (void)unused;
    InterlockedIncrement(&arrived);
    EnterCriticalSection(&section);
    LeaveCriticalSection(&section);
    AcquireSRWLockExclusive(&lock);
    ReleaseSRWLockExclusive(&lock);
    return 1;
}

TEST(among_others_that_wait)
{
    HANDLE threads[16];
    unsigned i;

    EnterCriticalSection(&section);
    AcquireSRWLockExclusive(&lock);
    arrived = 0;
    for (i = 0; i < ARRAYSIZE(threads); i++)
        threads[i] = CreateThread(NULL, 0, take_turns, NULL, 0, NULL);
    while (arrived < (LONG)ARRAYSIZE(threads))
        SwitchToThread();
    for (i = 0; i < ARRAYSIZE(threads); i += 4)
        CHECK(TerminateThread(threads[i], 2));
    LeaveCriticalSection(&section);
    Sleep(5);
    for (i = 1; i < ARRAYSIZE(threads); i += 4)
        CHECK(TerminateThread(threads[i], 2));
    ReleaseSRWLockExclusive(&lock);
    for (i = 0; i < ARRAYSIZE(threads); i++)
        check_ends(threads[i], i % 4 < 2 ? 2 : 1);
}

TEST(suspended)
{
    HANDLE thread = start(spin, CREATE_SUSPENDED);

    CHECK(TerminateThread(thread, 3));
    check_ends(thread, 3);
    thread = start(spin, 0);
    CHECK_EQ(SuspendThread(thread), 0);
    CHECK(TerminateThread(thread, 4));
    check_ends(thread, 4);
    thread = start(wait_long, 0);
    Sleep(10);
    CHECK_EQ(SuspendThread(thread), 0);
    CHECK(TerminateThread(thread, 5));
    check_ends(thread, 5);
}

static DWORD WINAPI own_mutex(void *unused)
{
    (void)unused;
    WaitForSingleObject(mutex, INFINITE);
    arrived = 1;
    Sleep(INFINITE);
    return 0;
}

TEST(its_mutexes_are_abandoned)
{
    HANDLE thread = start(own_mutex, 0);

    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_TIMEOUT);
    CHECK(TerminateThread(thread, 6));
    CHECK_EQ(WaitForSingleObject(mutex, 30000), WAIT_ABANDONED);
    CHECK(ReleaseMutex(mutex));
    check_ends(thread, 6);
}

static void NTAPI count_detach(void *value)
{
    (void)value;
    InterlockedIncrement(&detached);
}

static DWORD fls_slot;
static void *volatile stack_place;

static DWORD WINAPI hold_value(void *unused)
{
    int place;

    (void)unused;
    FlsSetValue(fls_slot, &fls_slot);
    stack_place = &place;
    arrived = 1;
    Sleep(INFINITE);
    return 0;
}

TEST(nobody_hears_of_it)
{
    MEMORY_BASIC_INFORMATION information;
    HANDLE thread;

    fls_slot = FlsAlloc(count_detach);
    thread = start(hold_value, 0);
    CHECK(VirtualQuery(stack_place, &information, sizeof information));
    CHECK_EQ(information.State, MEM_COMMIT);
    CHECK(TerminateThread(thread, 7));
    check_ends(thread, 7);
    CHECK_EQ(detached, 0);
    CHECK(VirtualQuery(stack_place, &information, sizeof information));
    UNLESS_WINE("Wine 8 keeps the stack") CHECK_EQ(information.State, MEM_FREE);
}

static DWORD WINAPI end_itself(void *unused)
{
    (void)unused;
    FlsSetValue(fls_slot, &fls_slot);
    TerminateThread(GetCurrentThread(), 8);
    return 0;
}

TEST(a_thread_ends_itself)
{
    HANDLE thread = CreateThread(NULL, 0, end_itself, NULL, 0, NULL);

    check_ends(thread, 8);
    CHECK_EQ(detached, 0);
}

TEST(errors)
{
    HANDLE thread = start(sleep_long, 0), weak;

    weak = OpenThread(THREAD_QUERY_INFORMATION | SYNCHRONIZE, FALSE, GetThreadId(thread));
    CHECK_ERROR(TerminateThread(weak, 1) == FALSE, ERROR_ACCESS_DENIED);
    CHECK_ERROR(TerminateThread(event, 1) == FALSE, ERROR_INVALID_HANDLE);
    CHECK(TerminateThread(thread, 9));
    CHECK_EQ(WaitForSingleObject(weak, 30000), WAIT_OBJECT_0);
    CHECK(CloseHandle(weak));
    /* It keeps the code that it has. */
    UNLESS_WINE("Wine 8 gives it another") CHECK(TerminateThread(thread, 10));
    check_ends(thread, 9);
}

/* The end comes at any moment, and nothing that others need is lost. */
TEST(at_any_moment)
{
    unsigned i, round;

    for (i = 0; i < ARRAYSIZE(kinds); i++) {
        if (kinds[i].routine == enter_section || kinds[i].routine == acquire_exclusive ||
            kinds[i].routine == acquire_shared)
            continue; /* They would have the locks. */
        for (round = 0; round < (unsigned)rounds; round++) {
            HANDLE thread = CreateThread(NULL, 0, kinds[i].routine, NULL, 0, NULL);
            unsigned wait = round * 37 % 60;

            while (wait--)
                SwitchToThread();
            CHECK(TerminateThread(thread, round));
            check_ends(thread, round);
            free(malloc(round * 100));
        }
    }
}

typedef NTSTATUS(NTAPI *wait_for_object)(HANDLE, BOOLEAN, LARGE_INTEGER *);
typedef NTSTATUS(NTAPI *wait_on)(const void *, const void *, SIZE_T, const LARGE_INTEGER *);

static wait_for_object wait_for_one;
static wait_on wait_for_change;
static volatile LONG returned;

/* Both come and go all the time, so that their end meets them on the way into a wait. */
static DWORD WINAPI wait_for_moments(void *unused)
{
    (void)unused;
    arrived = 1;
    for (;;) {
        LARGE_INTEGER moment = {.QuadPart = -1};

        if (wait_for_one(event, FALSE, &moment) != (NTSTATUS)WAIT_TIMEOUT)
            returned = 1;
    }
    return 0;
}

static DWORD WINAPI watch_for_moments(void *unused)
{
    int zero = 0;

    (void)unused;
    arrived = 1;
    for (;;) {
        LARGE_INTEGER long_time = {.QuadPart = -600000000}, moment = {.QuadPart = -1};

        wait_for_one(event, FALSE, &moment);
        wait_for_change(&address_word, &zero, sizeof zero, &long_time);
        returned = 2;
    }
    return 0;
}

static void end_on_the_way(LPTHREAD_START_ROUTINE routine)
{
    HANDLE thread = start(routine, 0);

    CHECK(TerminateThread(thread, 11));
    check_ends(thread, 11);
}

TEST(no_wait_is_seen_to_end)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    unsigned round;

    wait_for_one = (wait_for_object)(void *)GetProcAddress(ntdll, "NtWaitForSingleObject");
    wait_for_change = (wait_on)(void *)GetProcAddress(ntdll, "RtlWaitOnAddress");
    for (round = 0; round < (unsigned)rounds * 5; round++) {
        end_on_the_way(wait_for_moments);
        end_on_the_way(watch_for_moments);
    }
    CHECK_EQ(returned, 0);
}

static DWORD WINAPI lock_heap(void *unused)
{
    (void)unused;
    HeapLock(GetProcessHeap());
    arrived = 1;
    Sleep(INFINITE);
    return 0;
}

static void NTAPI tell_of_shutdown(void *unused)
{
    BOOLEAN(WINAPI * is_ending)
    (void) = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlDllShutdownInProgress");

    (void)unused;
    TerminateProcess(GetCurrentProcess(), 20 + is_ending());
}

/* The process ends while its heap is locked by a thread that is no more. */
static int end_with_locked_heap(void)
{
    HANDLE thread;

    FlsSetValue(FlsAlloc(count_detach), &event);
    thread = CreateThread(NULL, 0, lock_heap, NULL, 0, NULL);
    while (!arrived)
        SwitchToThread();
    TerminateThread(thread, 0);
    WaitForSingleObject(thread, INFINITE);
    ExitProcess(3);
}

static int end_with_callback(void)
{
    FlsSetValue(FlsAlloc(tell_of_shutdown), &event);
    ExitProcess(4);
}

static void check_child(const char *what, DWORD expected)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    DWORD code = 0;
    char line[MAX_PATH + 40], program[MAX_PATH];

    GetModuleFileNameA(NULL, program, MAX_PATH);
    snprintf(line, sizeof line, "\"%s\" %s", program, what);
    CHECK(CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &child));
    if (WaitForSingleObject(child.hProcess, 20000) != WAIT_OBJECT_0)
        TerminateProcess(child.hProcess, 99);
    CHECK_EQ(WaitForSingleObject(child.hProcess, 20000), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(child.hProcess, &code));
    CHECK_EQ(code, expected);
    CHECK(CloseHandle(child.hThread));
    CHECK(CloseHandle(child.hProcess));
}

TEST(the_process_ends)
{
    UNLESS_WINE("Wine 8 waits for the heap for ever") check_child("locked-heap", 3);
    check_child("callback", 21);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "locked-heap"))
        return end_with_locked_heap();
    if (argc > 1 && !strcmp(argv[1], "callback"))
        return end_with_callback();
    CHECK(CreatePipe(&pipe_read, &pipe_write, NULL, 0));
    event = CreateEventW(NULL, FALSE, FALSE, NULL);
    mutex = CreateMutexW(NULL, FALSE, NULL);
    InitializeCriticalSection(&section);
    RUN(in_any_state);
    RUN(among_others_that_wait);
    RUN(suspended);
    RUN(its_mutexes_are_abandoned);
    RUN(nobody_hears_of_it);
    RUN(a_thread_ends_itself);
    RUN(errors);
    RUN(the_process_ends);
    if (argc > 1)
        rounds = atoi(argv[1]);
    UNLESS_WINE("a thread may have a lock that all need, as on Windows") RUN(at_any_moment);
    RUN(no_wait_is_seen_to_end);
    return CHECK_END();
}
