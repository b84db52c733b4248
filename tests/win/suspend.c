/* Suspending threads, and their registers: in whatever state a thread is. */
#include "threading.h"

#ifdef __x86_64__
#define IP Rip
#define SP Rsp
#else
#define IP Eip
#define SP Esp
#endif

static volatile LONG counter, stop;

static void wait_for_progress(void)
{
    LONG seen = counter;

    while (counter == seen)
        Sleep(0);
}

/* The thread is suspended; it counts in a loop whenever it runs. */
static void check_stands_still(void)
{
    LONG seen = counter;

    Sleep(20);
    CHECK_EQ(counter, seen);
}

static DWORD WINAPI count(void *unused)
{
    (void)unused;
    while (!stop)
        counter++;
    return 7;
}

TEST(a_running_thread_stands_still)
{
    HANDLE thread;
    int i;

    stop = 0;
    thread = start(count, NULL);
    wait_for_progress();
    for (i = 0; i < 5; i++) {
        CHECK_EQ(SuspendThread(thread), 0);
        check_stands_still();
        CHECK_EQ(SuspendThread(thread), 1);
        CHECK_EQ(ResumeThread(thread), 2);
        check_stands_still();
        CHECK_EQ(ResumeThread(thread), 1);
        wait_for_progress();
    }
    CHECK_EQ(ResumeThread(thread), 0);
    stop = 1;
    CHECK_EQ(join(thread), 7);
}

TEST(the_count_has_a_limit)
{
    HANDLE thread = CreateThread(NULL, 0, count, NULL, CREATE_SUSPENDED, NULL);
    DWORD i;

    stop = 1;
    for (i = 1; i < MAXIMUM_SUSPEND_COUNT; i++)
        CHECK_EQ(SuspendThread(thread), i);
    CHECK_ERROR(SuspendThread(thread) == (DWORD)-1, ERROR_SIGNAL_REFUSED);
    for (i = MAXIMUM_SUSPEND_COUNT; i > 0; i--)
        CHECK_EQ(ResumeThread(thread), i);
    CHECK_EQ(WaitForSingleObject(thread, 30000), WAIT_OBJECT_0);
    CHECK_ERROR(SuspendThread(thread) == (DWORD)-1, ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(thread));
    CHECK_ERROR(SuspendThread(NULL) == (DWORD)-1, ERROR_INVALID_HANDLE);
}

TEST(rights)
{
    HANDLE thread, weak;
    CONTEXT context;

    thread = CreateThread(NULL, 0, count, NULL, CREATE_SUSPENDED, NULL);
    context.ContextFlags = CONTEXT_FULL;
    stop = 1;
    weak = OpenThread(THREAD_QUERY_INFORMATION, FALSE, GetThreadId(thread));
    CHECK_ERROR(SuspendThread(weak) == (DWORD)-1, ERROR_ACCESS_DENIED);
    CHECK_ERROR(ResumeThread(weak) == (DWORD)-1, ERROR_ACCESS_DENIED);
    CHECK_ERROR(GetThreadContext(weak, &context) == FALSE, ERROR_ACCESS_DENIED);
    CHECK_ERROR(SetThreadContext(weak, &context) == FALSE, ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(weak));
    CHECK_EQ(ResumeThread(thread), 1);
    join(thread);
}

/* Threads that are not in Windows code */

static HANDLE pipe_read, pipe_write, event;
static volatile LONG arrived;
static CRITICAL_SECTION section;

static DWORD WINAPI read_pipe(void *unused)
{
    (void)unused;
    DWORD read = 0;
    char byte = 0;

    arrived = 1;
    if (!ReadFile(pipe_read, &byte, 1, &read, NULL) || read != 1)
        return 0;
    counter++;
    return byte;
}

static DWORD WINAPI sleep_for_ever(void *unused)
{
    (void)unused;
    arrived = 1;
    SleepEx(INFINITE, TRUE);
    counter++;
    return 3;
}

static DWORD WINAPI wait_for_event(void *unused)
{
    (void)unused;
    DWORD result;

    arrived = 1;
    result = WaitForSingleObject(event, INFINITE);
    counter++;
    return result + 4;
}

static DWORD WINAPI enter_section(void *unused)
{
    (void)unused;
    arrived = 1;
    EnterCriticalSection(&section);
    counter++;
    LeaveCriticalSection(&section);
    return 5;
}

static void CALLBACK count_apc(ULONG_PTR unused)
{
    (void)unused;
    counter += 100;
}

static void let_read(HANDLE thread)
{
    DWORD written;

    (void)thread;
    CHECK(WriteFile(pipe_write, "\x02", 1, &written, NULL));
}

static void let_sleep(HANDLE thread)
{
    CHECK(QueueUserAPC(count_apc, thread, 0) != 0);
}

static void let_wait(HANDLE thread)
{
    (void)thread;
    CHECK(SetEvent(event));
}

static void let_enter(HANDLE thread)
{
    (void)thread;
    LeaveCriticalSection(&section);
}

static const struct blocked {
    const char *name;
    LPTHREAD_START_ROUTINE routine;
    void (*let_go)(HANDLE thread);
    DWORD exit_code;
} blocked[] = {
    {"ReadFile", read_pipe, let_read, 2},
    {"SleepEx", sleep_for_ever, let_sleep, 3},
    {"WaitForSingleObject", wait_for_event, let_wait, 4},
    {"EnterCriticalSection", enter_section, let_enter, 5},
};

static HANDLE start_blocked(const struct blocked *kind)
{
    HANDLE thread;

    arrived = counter = 0;
    if (kind->routine == enter_section)
        EnterCriticalSection(&section);
    thread = start(kind->routine, NULL);
    while (!arrived)
        Sleep(0);
    Sleep(10);
    return thread;
}

/* What the thread waits for happens while it is suspended: it must not come back from the call before it is
 * resumed, nor run an APC. */
TEST(a_blocked_thread_is_suspended_at_once)
{
    unsigned i;

    for (i = 0; i < ARRAYSIZE(blocked); i++) {
        HANDLE thread = start_blocked(&blocked[i]);

        check_note(blocked[i].name);
        CHECK_EQ(SuspendThread(thread), 0);
        blocked[i].let_go(thread);
        check_stands_still();
        CHECK_EQ(counter, 0);
        CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
        CHECK_EQ(ResumeThread(thread), 1);
        CHECK_EQ(join(thread), blocked[i].exit_code);
        CHECK_EQ(counter, blocked[i].routine == sleep_for_ever ? 101 : 1);
    }
}

TEST(the_context_of_a_blocked_thread)
{
    unsigned i;

    for (i = 0; i < ARRAYSIZE(blocked); i++) {
        HANDLE thread = start_blocked(&blocked[i]);
        MEMORY_BASIC_INFORMATION information;
        CONTEXT context, again;
        DWORD before;

        check_note(blocked[i].name);
        memset(&context, 0, sizeof context);
        memset(&again, 0, sizeof again);
        context.ContextFlags = again.ContextFlags = CONTEXT_FULL;
        before = SuspendThread(thread);
        CHECK_EQ(before, 0);
        CHECK(GetThreadContext(thread, &context));
        CHECK(VirtualQuery((void *)context.IP, &information, sizeof information));
        CHECK_EQ(information.Type, MEM_IMAGE);
        CHECK(context.SP % sizeof(void *) == 0);
        CHECK(GetThreadContext(thread, &again));
        CHECK_PTR(again.IP, context.IP);
        CHECK_PTR(again.SP, context.SP);
        /* To set what is there changes nothing. */
        CHECK(SetThreadContext(thread, &context));
        CHECK_EQ(ResumeThread(thread), 1);
        CHECK_EQ(SuspendThread(thread), 0);
        CHECK(GetThreadContext(thread, &again));
        CHECK_PTR(again.IP, context.IP);
        CHECK_PTR(again.SP, context.SP);
        CHECK_EQ(ResumeThread(thread), 1);
        blocked[i].let_go(thread);
        CHECK_EQ(join(thread), blocked[i].exit_code);
    }
}

static void __attribute__((noinline, force_align_arg_pointer)) end_here(void)
{
    ExitThread(77);
}

static void redirect(HANDLE thread)
{
    CONTEXT context;

    context.ContextFlags = CONTEXT_CONTROL;
    CHECK(GetThreadContext(thread, &context));
    context.SP = (context.SP - 256) & ~(ULONG_PTR)15;
    context.IP = (ULONG_PTR)end_here;
    context.SP -= sizeof(void *);
    CHECK(SetThreadContext(thread, &context));
}

TEST(a_thread_can_be_sent_elsewhere)
{
    unsigned i;
    HANDLE thread;

    stop = 0;
    thread = start(count, NULL);
    wait_for_progress();
    CHECK_EQ(SuspendThread(thread), 0);
    redirect(thread);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(join(thread), 77);
    for (i = 0; i < ARRAYSIZE(blocked); i++) {
        check_note(blocked[i].name);
        thread = start_blocked(&blocked[i]);
        CHECK_EQ(SuspendThread(thread), 0);
        redirect(thread);
        CHECK_EQ(ResumeThread(thread), 1);
        blocked[i].let_go(thread);
        CHECK_EQ(join(thread), 77);
    }
}

#ifdef _WIN64
static ULONG_PTR stack_of_seven;

static DWORD seven(void)
{
    stack_of_seven = (ULONG_PTR)__builtin_frame_address(0);
    return 7;
}

static BOOL is_in_system(ULONG_PTR address)
{
    HMODULE module;

    return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                  GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                              (const WCHAR *)address, &module) &&
           module != GetModuleHandleW(NULL);
}

/* Only the instruction pointer is changed. A thread that waits is about to return from a system call, and
 * what it is sent to returns in that one's place. */
TEST(a_waiting_thread_sent_elsewhere_finds_a_return_address)
{
    HANDLE thread = start_blocked(&blocked[2]);
    CONTEXT context;

    context.ContextFlags = CONTEXT_CONTROL;
    for (;;) {
        CHECK_EQ(SuspendThread(thread), 0);
        CHECK(GetThreadContext(thread, &context));
        if (is_in_system(context.IP))
            break;
        CHECK_EQ(ResumeThread(thread), 1);
        Sleep(1);
    }
    context.IP = (ULONG_PTR)seven;
    CHECK(SetThreadContext(thread, &context));
    CHECK_EQ(ResumeThread(thread), 1);
    let_wait(thread);
    CHECK_EQ(join(thread), 7 + blocked[2].exit_code);
    CHECK_EQ(stack_of_seven % 16, 0);
}
#endif

int main(void)
{
    CHECK(CreatePipe(&pipe_read, &pipe_write, NULL, 0));
    event = CreateEventW(NULL, FALSE, FALSE, NULL);
    InitializeCriticalSection(&section);
    RUN(a_running_thread_stands_still);
    RUN(the_count_has_a_limit);
    RUN(rights);
    RUN(a_blocked_thread_is_suspended_at_once);
    RUN(the_context_of_a_blocked_thread);
    RUN(a_thread_can_be_sent_elsewhere);
#ifdef _WIN64
    RUN(a_waiting_thread_sent_elsewhere_finds_a_return_address);
#endif
    return CHECK_END();
}
