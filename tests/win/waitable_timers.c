/* Waitable timers: once and again, by delay and by date, their calls, and what may be asked of them. */
#include "threading.h"

/* Newer than the headers. */
#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 2
#endif

#define MILLISECOND 10000LL

static HANDLE make(BOOL manual_reset)
{
    HANDLE timer = CreateWaitableTimerW(NULL, manual_reset, NULL);

    CHECK(timer != NULL);
    return timer;
}

static void set(HANDLE timer, LONGLONG due, LONG period)
{
    LARGE_INTEGER time = {.QuadPart = due};

    CHECK(SetWaitableTimer(timer, &time, period, NULL, NULL, FALSE));
}

TEST(once)
{
    HANDLE manual = make(TRUE), automatic = make(FALSE);
    double start = now();

    CHECK_EQ(poll(manual), WAIT_TIMEOUT);
    set(manual, -20 * MILLISECOND, 0);
    set(automatic, -20 * MILLISECOND, 0);
    CHECK_EQ(poll(manual), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(manual, 20000), WAIT_OBJECT_0);
    CHECK(now() - start >= 19.9);
    CHECK_EQ(WaitForSingleObject(automatic, 20000), WAIT_OBJECT_0);
    CHECK_EQ(poll(manual), WAIT_OBJECT_0);
    CHECK_EQ(poll(automatic), WAIT_TIMEOUT);
    /* Setting it again takes the signal back. */
    set(manual, -3600000 * MILLISECOND, 0);
    CHECK_EQ(poll(manual), WAIT_TIMEOUT);
    /* Now, and in the past. */
    set(manual, 0, 0);
    CHECK_EQ(WaitForSingleObject(manual, 20000), WAIT_OBJECT_0);
    set(automatic, 1, 0);
    CHECK_EQ(WaitForSingleObject(automatic, 20000), WAIT_OBJECT_0);
    CHECK(CloseHandle(manual));
    CHECK(CloseHandle(automatic));
}

TEST(periodic)
{
    HANDLE timer = make(FALSE);
    double start = now();

    set(timer, -10 * MILLISECOND, 10);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(WaitForSingleObject(timer, 20000), WAIT_OBJECT_0);
    CHECK(now() - start >= 49.9);
    CHECK(CancelWaitableTimer(timer));
    poll(timer);
    CHECK_EQ(WaitForSingleObject(timer, 30), WAIT_TIMEOUT);
    CHECK(CloseHandle(timer));
}

TEST(by_date)
{
    HANDLE timer = make(FALSE);
    FILETIME date;
    ULARGE_INTEGER due;
    double start = now();

    GetSystemTimeAsFileTime(&date);
    due.LowPart = date.dwLowDateTime;
    due.HighPart = date.dwHighDateTime;
    set(timer, (LONGLONG)due.QuadPart + 30 * MILLISECOND, 0);
    CHECK_EQ(poll(timer), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(timer, 20000), WAIT_OBJECT_0);
    CHECK(now() - start >= 25);
    CHECK(CloseHandle(timer));
}

TEST(high_resolution)
{
    HANDLE timer =
        CreateWaitableTimerExW(NULL, NULL, CREATE_WAITABLE_TIMER_HIGH_RESOLUTION, TIMER_ALL_ACCESS);
    double best = 1e9;

    CHECK(timer != NULL);
    for (int i = 0; i < 20; i++) {
        double start = now(), took;
        set(timer, -MILLISECOND / 2, 0);
        CHECK_EQ(WaitForSingleObject(timer, 20000), WAIT_OBJECT_0);
        took = now() - start;
        CHECK(took >= 0.49);
        best = took < best ? took : best;
    }
    /* Half a millisecond is not rounded to one. */
    UNLESS_WINE("Wine's are no finer than others")
    CHECK(best < 0.95);
    CHECK(CloseHandle(timer));
    UNLESS_WINE("Wine takes any flags")
    CHECK_ERROR(CreateWaitableTimerExW(NULL, NULL, 4, TIMER_ALL_ACCESS) == NULL, ERROR_INVALID_PARAMETER);
}

struct call {
    LONG count;
    LONGLONG date;
};

static void CALLBACK note_call(void *argument, DWORD low, DWORD high)
{
    struct call *call = argument;

    call->count++;
    call->date = (LONGLONG)high << 32 | low;
}

static LONGLONG date_now(void)
{
    FILETIME date;

    GetSystemTimeAsFileTime(&date);
    return (LONGLONG)date.dwHighDateTime << 32 | date.dwLowDateTime;
}

TEST(calls)
{
    HANDLE timer = make(FALSE), never = CreateEventW(NULL, TRUE, FALSE, NULL);
    LARGE_INTEGER due = {.QuadPart = -10 * MILLISECOND};
    struct call call = {0};
    LONGLONG before = date_now(), first;

    CHECK(SetWaitableTimer(timer, &due, 20, note_call, &call, FALSE));
    /* Only an alertable wait makes it. */
    Sleep(15);
    CHECK_EQ(call.count, 0);
    CHECK_EQ(WaitForSingleObjectEx(never, 20000, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(call.count, 1);
    first = call.date;
    UNLESS_WINE("Wine tells of another time")
    CHECK(first >= before + 9 * MILLISECOND && first <= date_now() + MILLISECOND);
    CHECK_EQ(WaitForSingleObject(timer, 20000), WAIT_OBJECT_0);
    CHECK_EQ(SleepEx(20000, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(call.count, 2);
    UNLESS_WINE("Wine tells of another time")
    {
        CHECK_EQ((call.date - first) % (20 * MILLISECOND), 0);
        CHECK(call.date > first);
    }
    CHECK(CancelWaitableTimer(timer));
    CHECK_EQ(SleepEx(30, TRUE), 0);
    CHECK_EQ(call.count, 2);
    /* Set again without a function, it has none. */
    CHECK(SetWaitableTimer(timer, &due, 0, note_call, &call, FALSE));
    CHECK(SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE));
    CHECK_EQ(SleepEx(20, TRUE), 0);
    CHECK_EQ(poll(timer), WAIT_OBJECT_0);
    CHECK(CloseHandle(timer));
    CHECK(CloseHandle(never));
}

TEST(what_is_refused)
{
    HANDLE timer = make(FALSE), event = CreateEventW(NULL, FALSE, FALSE, NULL);
    LARGE_INTEGER due = {.QuadPart = -1};

    UNLESS_WINE("Wine does not look")
    CHECK_ERROR(!SetWaitableTimer(timer, &due, -1, NULL, NULL, FALSE), ERROR_INVALID_PARAMETER);
    UNLESS_WINE("Wine does not look")
    CHECK_ERROR(!SetWaitableTimer(timer, NULL, 0, NULL, NULL, FALSE), ERROR_NOACCESS);
    CHECK_ERROR(!SetWaitableTimer(event, &due, 0, NULL, NULL, FALSE), ERROR_INVALID_HANDLE);
    CHECK_ERROR(!SetWaitableTimer(NULL, &due, 0, NULL, NULL, FALSE), ERROR_INVALID_HANDLE);
    CHECK_ERROR(!CancelWaitableTimer(event), ERROR_INVALID_HANDLE);
    CHECK_ERROR(OpenWaitableTimerW(SYNCHRONIZE, FALSE, L"litewin no such timer") == NULL,
                ERROR_FILE_NOT_FOUND);
    CHECK(CloseHandle(timer));
    CHECK(CloseHandle(event));
}

TEST(resuming_the_machine)
{
    HANDLE timer = make(TRUE);
    LARGE_INTEGER due = {.QuadPart = -MILLISECOND};
    REASON_CONTEXT reason = {.Version = POWER_REQUEST_CONTEXT_VERSION};

    /* A machine that cannot says so by the last error, and the timer is set all the same. */
    SetLastError(CHECK_SENTINEL);
    CHECK(SetWaitableTimer(timer, &due, 0, NULL, NULL, TRUE));
    CHECK(GetLastError() == ERROR_NOT_SUPPORTED || check_on_wine());
    CHECK_EQ(WaitForSingleObject(timer, 20000), WAIT_OBJECT_0);
    CHECK(SetWaitableTimerEx(timer, &due, 0, NULL, NULL, NULL, 1000));
    CHECK_EQ(WaitForSingleObject(timer, 20000), WAIT_OBJECT_0);
    SetLastError(CHECK_SENTINEL);
    CHECK(SetWaitableTimerEx(timer, &due, 0, NULL, NULL, &reason, 0));
    CHECK(GetLastError() == ERROR_NOT_SUPPORTED || check_on_wine());
    CHECK_EQ(WaitForSingleObject(timer, 20000), WAIT_OBJECT_0);
    CHECK(CloseHandle(timer));
}

typedef NTSTATUS(WINAPI *create_function)(HANDLE *, ACCESS_MASK, void *, ULONG);
typedef NTSTATUS(WINAPI *set_function)(HANDLE, LARGE_INTEGER *, void *, void *, BOOLEAN, LONG, BOOLEAN *);
typedef NTSTATUS(WINAPI *cancel_function)(HANDLE, BOOLEAN *);
typedef NTSTATUS(WINAPI *query_function)(HANDLE, ULONG, void *, ULONG, ULONG *);

#define NTDLL(type, name) ((type)(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), name))

TEST(natively)
{
    set_function set_timer = NTDLL(set_function, "NtSetTimer");
    query_function query = NTDLL(query_function, "NtQueryTimer");
    struct {
        LARGE_INTEGER remaining;
        BOOLEAN signaled;
    } state;
    LARGE_INTEGER due = {.QuadPart = -3600000 * MILLISECOND};
    BOOLEAN previous = 9;
    HANDLE timer = NULL;

    CHECK_EQ(NTDLL(create_function, "NtCreateTimer")(&timer, TIMER_ALL_ACCESS, NULL, 0), 0);
    CHECK_EQ(set_timer(timer, &due, NULL, NULL, FALSE, 0, &previous), 0);
    CHECK_EQ(previous, 0);
    CHECK_EQ(query(timer, 0, &state, sizeof state, NULL), 0);
    CHECK(state.remaining.QuadPart > 3590000 * MILLISECOND &&
          state.remaining.QuadPart <= 3600000 * MILLISECOND);
    CHECK_EQ(state.signaled, 0);
    due.QuadPart = -1;
    CHECK_EQ(set_timer(timer, &due, NULL, NULL, FALSE, 0, &previous), 0);
    CHECK_EQ(WaitForSingleObject(timer, 20000), WAIT_OBJECT_0);
    CHECK_EQ(query(timer, 0, &state, sizeof state, NULL), 0);
    CHECK_EQ(state.signaled, 1);
    CHECK_EQ((DWORD)query(timer, 1, &state, sizeof state, NULL), 0xC0000003);
    CHECK_EQ((DWORD)query(timer, 0, &state, 4, NULL), 0xC0000004);
    CHECK_EQ(set_timer(timer, &due, NULL, NULL, FALSE, 0, &previous), 0);
    CHECK_EQ(previous, 1);
    CHECK_EQ(WaitForSingleObject(timer, 20000), WAIT_OBJECT_0);
    CHECK_EQ(NTDLL(cancel_function, "NtCancelTimer")(timer, &previous), 0);
    CHECK_EQ(previous, 1);
    CHECK(CloseHandle(timer));
}

int main(void)
{
    RUN(once);
    RUN(periodic);
    RUN(by_date);
    RUN(high_resolution);
    RUN(calls);
    RUN(what_is_refused);
    RUN(resuming_the_machine);
    RUN(natively);
    return CHECK_END();
}
