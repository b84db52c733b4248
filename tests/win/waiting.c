/* Waiting: for any and for all, for objects of every kind, timeouts, alertable waits, APCs and alerts. */
#include "threading.h"

static HANDLE make_event(BOOL manual_reset, BOOL set)
{
    return CreateEventW(NULL, manual_reset, set, NULL);
}

/* For several */

TEST(sixty_four_handles)
{
    HANDLE events[MAXIMUM_WAIT_OBJECTS + 1];

    for (int i = 0; i <= MAXIMUM_WAIT_OBJECTS; i++)
        events[i] = make_event(FALSE, FALSE);
    CHECK_EQ(WaitForMultipleObjects(64, events, FALSE, 5), WAIT_TIMEOUT);
    SetEvent(events[63]);
    CHECK_EQ(WaitForMultipleObjects(64, events, FALSE, 0), WAIT_OBJECT_0 + 63);
    for (int i = 0; i < 63; i++)
        SetEvent(events[i]);
    CHECK_EQ(WaitForMultipleObjects(64, events, TRUE, 5), WAIT_TIMEOUT);
    SetEvent(events[63]);
    CHECK_EQ(WaitForMultipleObjects(64, events, TRUE, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForMultipleObjects(64, events, FALSE, 0), WAIT_TIMEOUT);
    CHECK_ERROR(WaitForMultipleObjects(65, events, FALSE, 0) == WAIT_FAILED, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(WaitForMultipleObjects(65, events, TRUE, 0) == WAIT_FAILED, ERROR_INVALID_PARAMETER);
    CHECK_ERROR(WaitForMultipleObjects(0, events, TRUE, 0) == WAIT_FAILED, ERROR_INVALID_PARAMETER);
    for (int i = 0; i <= MAXIMUM_WAIT_OBJECTS; i++)
        CHECK(CloseHandle(events[i]));
    CHECK_ERROR(WaitForMultipleObjects(2, events, FALSE, 0) == WAIT_FAILED, ERROR_INVALID_HANDLE);
}

TEST(the_same_handle_twice)
{
    HANDLE event = make_event(FALSE, TRUE);
    HANDLE twice[2] = {event, event}, other = NULL;

    CHECK_EQ(WaitForMultipleObjects(2, twice, FALSE, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForMultipleObjects(2, twice, FALSE, 0), WAIT_TIMEOUT);
    UNLESS_WINE("Wine waits")
    CHECK_ERROR(WaitForMultipleObjects(2, twice, TRUE, 0) == WAIT_FAILED, ERROR_INVALID_PARAMETER);
    /* It is the object that counts. */
    CHECK(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &other, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    twice[1] = other;
    UNLESS_WINE("Wine waits")
    CHECK_ERROR(WaitForMultipleObjects(2, twice, TRUE, 0) == WAIT_FAILED, ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(event));
    CHECK(CloseHandle(other));
}

struct all {
    HANDLE handles[3];
    DWORD result;
};

static DWORD WINAPI wait_for_all(void *argument)
{
    struct all *all = argument;

    return all->result = WaitForMultipleObjects(3, all->handles, TRUE, 20000);
}

TEST(all_are_taken_at_once_or_not_at_all)
{
    struct all all = {
        {make_event(FALSE, FALSE), CreateSemaphoreW(NULL, 0, 9, NULL), CreateMutexW(NULL, TRUE, NULL)}, 0};
    HANDLE thread = start(wait_for_all, &all);

    SetEvent(all.handles[0]);
    CHECK_EQ(WaitForSingleObject(thread, 20), WAIT_TIMEOUT);
    /* Another may take what the wait has not taken. */
    CHECK_EQ(poll(all.handles[0]), WAIT_OBJECT_0);
    ReleaseSemaphore(all.handles[1], 1, NULL);
    ReleaseMutex(all.handles[2]);
    CHECK_EQ(WaitForSingleObject(thread, 20), WAIT_TIMEOUT);
    CHECK_EQ(poll(all.handles[1]), WAIT_OBJECT_0);
    SetEvent(all.handles[0]);
    CHECK_EQ(WaitForSingleObject(thread, 20), WAIT_TIMEOUT);
    ReleaseSemaphore(all.handles[1], 1, NULL);
    CHECK_EQ(join(thread), WAIT_OBJECT_0);
    CHECK_EQ(poll(all.handles[0]), WAIT_TIMEOUT);
    CHECK_EQ(poll(all.handles[1]), WAIT_TIMEOUT);
    CHECK_EQ(poll(all.handles[2]), WAIT_ABANDONED_0);
    for (int i = 0; i < 3; i++)
        CHECK(CloseHandle(all.handles[i]));
}

static DWORD WINAPI end_on_event(void *event)
{
    return WaitForSingleObject(event, 20000);
}

TEST(objects_of_all_kinds)
{
    HANDLE end = make_event(FALSE, FALSE), handles[6];
    LARGE_INTEGER due = {.QuadPart = -10000000LL * 3600};

    handles[0] = OpenProcess(SYNCHRONIZE, FALSE, GetCurrentProcessId());
    handles[1] = start(end_on_event, end);
    handles[2] = CreateWaitableTimerW(NULL, TRUE, NULL);
    handles[3] = make_event(TRUE, FALSE);
    handles[4] = CreateSemaphoreW(NULL, 0, 1, NULL);
    handles[5] = CreateMutexW(NULL, TRUE, NULL);
    CHECK(SetWaitableTimer(handles[2], &due, 0, NULL, NULL, FALSE));
    CHECK_EQ(WaitForMultipleObjects(5, handles, FALSE, 0), WAIT_TIMEOUT);
    SetEvent(end);
    CHECK_EQ(WaitForMultipleObjects(5, handles, FALSE, 20000), WAIT_OBJECT_0 + 1);
    due.QuadPart = -10000;
    CHECK(SetWaitableTimer(handles[2], &due, 0, NULL, NULL, FALSE));
    CHECK_EQ(WaitForMultipleObjects(4, handles + 2, FALSE, 20000) == WAIT_OBJECT_0 + 3, TRUE);
    CHECK_EQ(WaitForMultipleObjects(3, handles + 2, FALSE, 20000), WAIT_OBJECT_0);
    SetEvent(handles[3]);
    ReleaseSemaphore(handles[4], 1, NULL);
    CHECK_EQ(WaitForMultipleObjects(5, handles + 1, TRUE, 20000), WAIT_OBJECT_0);
    CHECK_EQ(poll(handles[4]), WAIT_TIMEOUT);
    CHECK_EQ(poll(GetCurrentThread()), WAIT_TIMEOUT);
    CHECK_EQ(poll(GetCurrentProcess()), WAIT_TIMEOUT);
    for (int i = 0; i < 6; i++)
        CHECK(CloseHandle(handles[i]));
    CHECK(CloseHandle(end));
}

/* What stands for the calling process or thread is for one that waits for nothing else. */
TEST(pseudo_handles_among_several)
{
    HANDLE event = make_event(TRUE, TRUE), handles[] = {event, GetCurrentThread(), GetCurrentProcess()};

    UNLESS_WINE("Wine 8 takes them")
    {
        CHECK_ERROR(WaitForMultipleObjects(1, handles + 1, FALSE, 0) == WAIT_FAILED, ERROR_INVALID_HANDLE);
        CHECK_ERROR(WaitForMultipleObjects(1, handles + 2, FALSE, 0) == WAIT_FAILED, ERROR_INVALID_HANDLE);
        CHECK_ERROR(WaitForMultipleObjects(3, handles, FALSE, 0) == WAIT_FAILED, ERROR_INVALID_HANDLE);
        CHECK_ERROR(WaitForMultipleObjects(2, handles, TRUE, 0) == WAIT_FAILED, ERROR_INVALID_HANDLE);
    }
    CHECK(CloseHandle(event));
}

/* An operation's end signals the file, and with none under way it is signaled. */
TEST(files)
{
    HANDLE file = CreateFileW(L"waiting.tmp", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                              FILE_FLAG_DELETE_ON_CLOSE, NULL);
    DWORD written;

    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK(WriteFile(file, "text", 4, &written, NULL));
    CHECK_EQ(WaitForSingleObject(file, 20000), WAIT_OBJECT_0);
    CHECK_EQ(WaitForMultipleObjects(1, &file, TRUE, 20000), WAIT_OBJECT_0);
    CHECK_ERROR(SignalObjectAndWait(file, file, 0, FALSE) == WAIT_FAILED, ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(file));
}

TEST(what_cannot_be_waited_for)
{
    HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, NULL);

    /* The right is asked for first, and a section's handle lacks it. */
    CHECK_ERROR(WaitForSingleObject(section, 0) == WAIT_FAILED, ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(section));
    CHECK_ERROR(WaitForSingleObject(NULL, 0) == WAIT_FAILED, ERROR_INVALID_HANDLE);
    CHECK_ERROR(WaitForSingleObject((HANDLE)0xDEAD0, 0) == WAIT_FAILED, ERROR_INVALID_HANDLE);
}

TEST(signal_and_wait)
{
    HANDLE event = make_event(FALSE, FALSE), semaphore = CreateSemaphoreW(NULL, 0, 1, NULL);
    HANDLE mutex = CreateMutexW(NULL, TRUE, NULL), timer = CreateWaitableTimerW(NULL, FALSE, NULL);

    CHECK_EQ(SignalObjectAndWait(event, event, 0, FALSE), WAIT_OBJECT_0);
    CHECK_EQ(SignalObjectAndWait(semaphore, event, 5, FALSE), WAIT_TIMEOUT);
    CHECK_ERROR(SignalObjectAndWait(semaphore, event, 0, FALSE) == WAIT_FAILED, ERROR_TOO_MANY_POSTS);
    CHECK_EQ(SignalObjectAndWait(mutex, semaphore, 0, FALSE), WAIT_OBJECT_0);
    CHECK_ERROR(SignalObjectAndWait(mutex, semaphore, 0, FALSE) == WAIT_FAILED, ERROR_NOT_OWNER);
    CHECK_ERROR(SignalObjectAndWait(timer, semaphore, 0, FALSE) == WAIT_FAILED, ERROR_INVALID_HANDLE);
    CHECK_ERROR(SignalObjectAndWait(NULL, event, 0, FALSE) == WAIT_FAILED, ERROR_INVALID_HANDLE);
    CHECK_ERROR(SignalObjectAndWait(event, NULL, 0, FALSE) == WAIT_FAILED, ERROR_INVALID_HANDLE);
    /* The wrong handle to wait for leaves the other object alone. */
    CHECK_EQ(poll(event), WAIT_TIMEOUT);
    CHECK(CloseHandle(event));
    CHECK(CloseHandle(semaphore));
    CHECK(CloseHandle(mutex));
    CHECK(CloseHandle(timer));
}

/* Time */

/* The clock that timeouts are measured by here may tick a hair apart from the kernel's. */
static void check_elapsed(double start, double least)
{
    double elapsed = now() - start;

    if (!CHECK(elapsed >= least - 0.01 && elapsed < least + 5000))
        CHECK_EQ((int)(elapsed * 1000), (int)(least * 1000));
}

TEST(timeouts)
{
    HANDLE event = make_event(FALSE, FALSE), mutex = CreateMutexW(NULL, FALSE, NULL);
    HANDLE both[2] = {event, mutex};

    for (DWORD wait = 1; wait < 40; wait += 13) {
        double start = now();
        CHECK_EQ(WaitForSingleObject(event, wait), WAIT_TIMEOUT);
        check_elapsed(start, wait);
        start = now();
        CHECK_EQ(WaitForMultipleObjects(2, both, TRUE, wait), WAIT_TIMEOUT);
        check_elapsed(start, wait);
        start = now();
        Sleep(wait);
        check_elapsed(start, wait);
        start = now();
        CHECK_EQ(SleepEx(wait, TRUE), 0);
        check_elapsed(start, wait);
    }
    CHECK(CloseHandle(event));
    CHECK(CloseHandle(mutex));
}

typedef NTSTATUS(WINAPI *delay_function)(BOOLEAN, LARGE_INTEGER *);
typedef NTSTATUS(WINAPI *wait_function)(HANDLE, BOOLEAN, LARGE_INTEGER *);
typedef NTSTATUS(WINAPI *alert_function)(HANDLE);
typedef NTSTATUS(WINAPI *alert_wait_function)(const void *, LARGE_INTEGER *);
typedef NTSTATUS(WINAPI *test_function)(void);

#define NTDLL(type, name) ((type)(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), name))

TEST(native_timeouts)
{
    delay_function delay = NTDLL(delay_function, "NtDelayExecution");
    wait_function wait = NTDLL(wait_function, "NtWaitForSingleObject");
    HANDLE event = make_event(FALSE, FALSE);
    LARGE_INTEGER timeout = {.QuadPart = -155000};
    double start = now();

    CHECK_EQ(delay(FALSE, &timeout), 0);
    check_elapsed(start, 15.5);
    start = now();
    CHECK_EQ(wait(event, FALSE, &timeout), 0x102);
    check_elapsed(start, 15.5);
    /* A date: the one that is past ends the wait at once. */
    timeout.QuadPart = 1;
    CHECK_EQ(wait(event, FALSE, &timeout), 0x102);
    GetSystemTimeAsFileTime((FILETIME *)&timeout);
    timeout.QuadPart += 200000;
    start = now();
    CHECK_EQ(wait(event, FALSE, &timeout), 0x102);
    check_elapsed(start, 15);
    CHECK(CloseHandle(event));
}

/* APCs */

static volatile LONG calls;

static void CALLBACK note_call(ULONG_PTR parameter)
{
    calls = calls * 10 + (LONG)parameter;
}

static void CALLBACK queue_another(ULONG_PTR parameter)
{
    note_call(parameter);
    CHECK(QueueUserAPC(note_call, GetCurrentThread(), parameter + 1));
}

static void queue(PAPCFUNC function, ULONG_PTR parameter)
{
    CHECK(QueueUserAPC(function, GetCurrentThread(), parameter));
}

TEST(apcs_run_in_alertable_waits_alone)
{
    HANDLE event = make_event(TRUE, FALSE);

    calls = 0;
    queue(note_call, 1);
    Sleep(1);
    CHECK_EQ(poll(event), WAIT_TIMEOUT);
    CHECK_EQ(WaitForMultipleObjectsEx(1, &event, FALSE, 1, FALSE), WAIT_TIMEOUT);
    CHECK_EQ(calls, 0);
    CHECK_EQ(WaitForSingleObjectEx(event, INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(calls, 1);
    queue(note_call, 2);
    CHECK_EQ(WaitForMultipleObjectsEx(1, &event, TRUE, INFINITE, TRUE), WAIT_IO_COMPLETION);
    queue(note_call, 3);
    CHECK_EQ(WaitForSingleObjectEx(event, 0, TRUE), WAIT_IO_COMPLETION);
    queue(note_call, 4);
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    queue(note_call, 5);
    CHECK_EQ(SignalObjectAndWait(event, GetCurrentProcess(), INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(calls, 12345);
    /* An object that is signaled comes first. */
    queue(note_call, 6);
    CHECK_EQ(WaitForSingleObjectEx(event, INFINITE, TRUE), WAIT_OBJECT_0);
    CHECK_EQ(calls, 12345);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK(CloseHandle(event));
}

TEST(one_wait_runs_all_apcs_in_order)
{
    calls = 0;
    queue(note_call, 1);
    queue(queue_another, 2);
    queue(note_call, 4);
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(calls, 1243);
    CHECK_EQ(SleepEx(0, TRUE), 0);
}

static void CALLBACK wait_alertably(ULONG_PTR parameter)
{
    (void)parameter;
    note_call(1);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    note_call(3);
}

TEST(an_apc_may_wait_alertably)
{
    calls = 0;
    queue(wait_alertably, 0);
    queue(note_call, 2);
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(calls, 123);
}

static DWORD WINAPI report_calls(void *argument)
{
    (void)argument;
    return calls;
}

TEST(apcs_of_a_thread_that_has_not_begun)
{
    HANDLE thread = CreateThread(NULL, 0, report_calls, NULL, CREATE_SUSPENDED, NULL);

    calls = 0;
    CHECK(QueueUserAPC(note_call, thread, 7));
    ResumeThread(thread);
    CHECK_EQ(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
    CHECK_ERROR(QueueUserAPC(note_call, thread, 8) == 0, ERROR_GEN_FAILURE);
    CHECK_EQ(join(thread), 7);
    CHECK_ERROR(QueueUserAPC(note_call, NULL, 8) == 0, ERROR_INVALID_HANDLE);
    CHECK_EQ(calls, 7);
}

struct sleeper {
    HANDLE ready, event;
    DWORD result;
};

static DWORD WINAPI sleep_alertably(void *argument)
{
    struct sleeper *sleeper = argument;
    HANDLE handles[2] = {sleeper->event, sleeper->ready};

    SetEvent(sleeper->ready);
    return WaitForMultipleObjectsEx(1, handles, FALSE, 20000, TRUE);
}

TEST(an_apc_wakes_a_sleeper)
{
    struct sleeper sleeper = {make_event(FALSE, FALSE), make_event(FALSE, FALSE), 0};

    for (int i = 0; i < 50; i++) {
        HANDLE thread = start(sleep_alertably, &sleeper);
        calls = 0;
        CHECK_EQ(WaitForSingleObject(sleeper.ready, 20000), WAIT_OBJECT_0);
        if (i % 2)
            SwitchToThread();
        CHECK(QueueUserAPC(note_call, thread, 9));
        CHECK_EQ(join(thread), WAIT_IO_COMPLETION);
        CHECK_EQ(calls, 9);
    }
    CHECK(CloseHandle(sleeper.ready));
    CHECK(CloseHandle(sleeper.event));
}

/* Alerts */

#define ALERTED 0x101

static DWORD WINAPI wait_natively(void *argument)
{
    struct sleeper *sleeper = argument;
    LARGE_INTEGER timeout = {.QuadPart = -200000000};

    SetEvent(sleeper->ready);
    return NTDLL(wait_function, "NtWaitForSingleObject")(sleeper->event, TRUE, &timeout);
}

TEST(alerts)
{
    alert_function alert = NTDLL(alert_function, "NtAlertThread");
    delay_function delay = NTDLL(delay_function, "NtDelayExecution");
    test_function test = NTDLL(test_function, "NtTestAlert");
    struct sleeper sleeper = {make_event(FALSE, FALSE), make_event(FALSE, FALSE), 0};
    LARGE_INTEGER timeout = {.QuadPart = -10000000};
    HANDLE thread = start(wait_natively, &sleeper);

    CHECK_EQ(WaitForSingleObject(sleeper.ready, 20000), WAIT_OBJECT_0);
    CHECK_EQ(alert(thread), 0);
    CHECK_EQ(join(thread), ALERTED);
    CHECK_EQ(alert(GetCurrentThread()), 0);
    CHECK_EQ(delay(TRUE, &timeout), ALERTED);
    CHECK_EQ(alert(GetCurrentThread()), 0);
    CHECK_EQ(test(), ALERTED);
    CHECK_EQ(test(), 0);
    /* Win32 does not know of it. */
    CHECK_EQ(alert(GetCurrentThread()), 0);
    CHECK_EQ(SleepEx(5, TRUE), 0);
    CHECK_EQ(test(), 0);
    CHECK(CloseHandle(sleeper.ready));
    CHECK(CloseHandle(sleeper.event));
}

static DWORD WINAPI wait_for_alert(void *argument)
{
    LARGE_INTEGER timeout = {.QuadPart = -200000000};

    SetEvent(argument);
    return NTDLL(alert_wait_function, "NtWaitForAlertByThreadId")(NULL, &timeout);
}

TEST(alerts_by_thread_id)
{
    alert_function alert = NTDLL(alert_function, "NtAlertThreadByThreadId");
    alert_wait_function wait = NTDLL(alert_wait_function, "NtWaitForAlertByThreadId");
    HANDLE ready = make_event(FALSE, FALSE), self = (HANDLE)(ULONG_PTR)GetCurrentThreadId();
    LARGE_INTEGER timeout = {.QuadPart = -155000};
    double before = now();

    CHECK_EQ(wait(NULL, &timeout), 0x102);
    check_elapsed(before, 15.5);
    /* Two are as good as one. */
    CHECK_EQ(alert(self), 0);
    CHECK_EQ(alert(self), 0);
    CHECK_EQ(wait(NULL, NULL), ALERTED);
    timeout.QuadPart = 0;
    CHECK_EQ(wait(NULL, &timeout), 0x102);
    CHECK_EQ((DWORD)alert((HANDLE)0x7FFFFFF0), 0xC000000B);
    for (int i = 0; i < 50; i++) {
        DWORD id;
        HANDLE thread = CreateThread(NULL, 0, wait_for_alert, ready, 0, &id);
        CHECK_EQ(WaitForSingleObject(ready, 20000), WAIT_OBJECT_0);
        CHECK_EQ(alert((HANDLE)(ULONG_PTR)id), 0);
        CHECK_EQ(join(thread), ALERTED);
    }
    CHECK(CloseHandle(ready));
}

int main(void)
{
    RUN(sixty_four_handles);
    RUN(the_same_handle_twice);
    RUN(all_are_taken_at_once_or_not_at_all);
    RUN(objects_of_all_kinds);
    RUN(pseudo_handles_among_several);
    RUN(files);
    RUN(what_cannot_be_waited_for);
    RUN(signal_and_wait);
    RUN(timeouts);
    RUN(native_timeouts);
    RUN(apcs_run_in_alertable_waits_alone);
    RUN(one_wait_runs_all_apcs_in_order);
    RUN(an_apc_may_wait_alertably);
    RUN(apcs_of_a_thread_that_has_not_begun);
    RUN(an_apc_wakes_a_sleeper);
    UNLESS_WINE("Wine 8 has no alerts")
    RUN(alerts);
    RUN(alerts_by_thread_id);
    return CHECK_END();
}
