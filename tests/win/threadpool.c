/* Thread pools: work, timers, waits, files; cleanup groups, callback environments and instances. An argument
 * makes the storm so many times as long. */
#include "check.h"
#include <stdlib.h>
#include <string.h>

#define LIMIT 30000 /* milliseconds, for what should take none */

static FILETIME in_milliseconds(LONGLONG milliseconds)
{
    LARGE_INTEGER time = {.QuadPart = -milliseconds * 10000};
    FILETIME result;

    memcpy(&result, &time, sizeof result);
    return result;
}

static HANDLE make_event(BOOL manual)
{
    HANDLE event = CreateEventW(NULL, manual, FALSE, NULL);

    CHECK(event != NULL);
    return event;
}

static PTP_POOL pool_of(DWORD maximum, PTP_CALLBACK_ENVIRON environment)
{
    PTP_POOL pool = CreateThreadpool(NULL);

    CHECK(pool != NULL);
    SetThreadpoolThreadMaximum(pool, maximum);
    InitializeThreadpoolEnvironment(environment);
    SetThreadpoolCallbackPool(environment, pool);
    return pool;
}

/* Work */

static void CALLBACK count_work(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK work)
{
    (void)instance, (void)work;
    InterlockedIncrement(context);
}

TEST(work_runs_as_often_as_it_is_submitted)
{
    LONG count = 0;
    PTP_WORK work = CreateThreadpoolWork(count_work, &count, NULL);

    CHECK(work != NULL);
    WaitForThreadpoolWorkCallbacks(work, FALSE);
    for (int i = 0; i < 1000; i++)
        SubmitThreadpoolWork(work);
    WaitForThreadpoolWorkCallbacks(work, FALSE);
    CHECK_EQ(count, 1000);
    SubmitThreadpoolWork(work);
    WaitForThreadpoolWorkCallbacks(work, FALSE);
    CHECK_EQ(count, 1001);
    CloseThreadpoolWork(work);
}

struct gate {
    HANDLE entered, leave; /* an automatic event, a manual one */
    LONG count;
};

static void open_gate(struct gate *gate)
{
    gate->entered = make_event(FALSE);
    gate->leave = make_event(TRUE);
    gate->count = 0;
}

static void close_gate(struct gate *gate)
{
    CHECK(CloseHandle(gate->entered));
    CHECK(CloseHandle(gate->leave));
}

static void pass(struct gate *gate)
{
    InterlockedIncrement(&gate->count);
    SetEvent(gate->entered);
    WaitForSingleObject(gate->leave, LIMIT);
}

static void CALLBACK pass_gate(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK work)
{
    (void)instance, (void)work;
    pass(context);
}

static DWORD WINAPI leave_soon(void *event)
{
    Sleep(30);
    SetEvent(event);
    return 0;
}

static void leave_later(struct gate *gate)
{
    CHECK(CloseHandle(CreateThread(NULL, 0, leave_soon, gate->leave, 0, NULL)));
}

TEST(pending_callbacks_can_be_cancelled)
{
    TP_CALLBACK_ENVIRON environment;
    PTP_POOL pool = pool_of(1, &environment);
    struct gate gate;

    open_gate(&gate);
    PTP_WORK work = CreateThreadpoolWork(pass_gate, &gate, &environment);
    for (int i = 0; i < 10; i++)
        SubmitThreadpoolWork(work);
    CHECK_EQ(WaitForSingleObject(gate.entered, LIMIT), WAIT_OBJECT_0);
    leave_later(&gate);
    WaitForThreadpoolWorkCallbacks(work, TRUE);
    CHECK_EQ(gate.count, 1);
    /* What is pending when an object is closed still runs. */
    ResetEvent(gate.leave);
    SubmitThreadpoolWork(work);
    CHECK_EQ(WaitForSingleObject(gate.entered, LIMIT), WAIT_OBJECT_0);
    SubmitThreadpoolWork(work);
    CloseThreadpoolWork(work);
    CHECK(SetEvent(gate.leave));
    CHECK_EQ(WaitForSingleObject(gate.entered, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(gate.count, 3);
    CloseThreadpool(pool);
    Sleep(10);
    close_gate(&gate);
}

static HANDLE all_have_come;

static void CALLBACK wait_for_all(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK work)
{
    (void)instance, (void)work;
    if (InterlockedDecrement(context) == 0)
        SetEvent(all_have_come);
    CHECK_EQ(WaitForSingleObject(all_have_come, LIMIT), WAIT_OBJECT_0);
}

/* Callbacks that wait for each other get a thread each, up to the pool's limit. */
TEST(callbacks_that_block_do_not_block_others)
{
    LONG missing = 30;
    PTP_WORK work = CreateThreadpoolWork(wait_for_all, &missing, NULL);

    all_have_come = make_event(TRUE);
    for (int i = 0; i < 30; i++)
        SubmitThreadpoolWork(work);
    WaitForThreadpoolWorkCallbacks(work, FALSE);
    CHECK_EQ(missing, 0);
    CloseThreadpoolWork(work);
    CHECK(CloseHandle(all_have_come));
}

static LONG present, most_present;

static void CALLBACK note_presence(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK work)
{
    LONG now = InterlockedIncrement(&present), most;

    (void)instance, (void)context, (void)work;
    while (most = most_present, now > most && InterlockedCompareExchange(&most_present, now, most) != most)
        continue;
    Sleep(2);
    InterlockedDecrement(&present);
}

TEST(a_pool_keeps_its_limits)
{
    TP_CALLBACK_ENVIRON environment;
    PTP_POOL pool = pool_of(2, &environment);
    TP_POOL_STACK_INFORMATION stack = {0x20000, 0x4000}, seen = {0, 0};
    PTP_WORK work = CreateThreadpoolWork(note_presence, NULL, &environment);

    present = most_present = 0;
    for (int i = 0; i < 40; i++)
        SubmitThreadpoolWork(work);
    WaitForThreadpoolWorkCallbacks(work, FALSE);
    CHECK_EQ(most_present, 2);
    CHECK(SetThreadpoolThreadMinimum(pool, 1));
    CHECK(SetThreadpoolStackInformation(pool, &stack));
    CHECK(QueryThreadpoolStackInformation(pool, &seen));
    CHECK_EQ(seen.StackReserve, 0x20000);
    CHECK_EQ(seen.StackCommit, 0x4000);
    CloseThreadpoolWork(work);
    CloseThreadpool(pool);
}

/* Priorities, and simple callbacks */

static char order[16];
static LONG order_length;

static void CALLBACK note_order(PTP_CALLBACK_INSTANCE instance, void *context)
{
    (void)instance;
    order[InterlockedIncrement(&order_length) - 1] = *(char *)context;
}

static void CALLBACK simple_pass_gate(PTP_CALLBACK_INSTANCE instance, void *context)
{
    (void)instance;
    pass(context);
}

TEST(priorities)
{
    TP_CALLBACK_ENVIRON environment;
    PTP_POOL pool = pool_of(1, &environment);
    struct gate gate;
    PTP_CLEANUP_GROUP group = CreateThreadpoolCleanupGroup();

    open_gate(&gate);
    CHECK(group != NULL);
    SetThreadpoolCallbackCleanupGroup(&environment, group, NULL);
    CHECK(TrySubmitThreadpoolCallback(simple_pass_gate, &gate, &environment));
    CHECK_EQ(WaitForSingleObject(gate.entered, LIMIT), WAIT_OBJECT_0);
    SetThreadpoolCallbackPriority(&environment, TP_CALLBACK_PRIORITY_LOW);
    CHECK(TrySubmitThreadpoolCallback(note_order, "l", &environment));
    SetThreadpoolCallbackPriority(&environment, TP_CALLBACK_PRIORITY_NORMAL);
    CHECK(TrySubmitThreadpoolCallback(note_order, "n", &environment));
    CHECK(TrySubmitThreadpoolCallback(note_order, "m", &environment));
    SetThreadpoolCallbackPriority(&environment, TP_CALLBACK_PRIORITY_HIGH);
    CHECK(TrySubmitThreadpoolCallback(note_order, "h", &environment));
    environment.CallbackPriority = TP_CALLBACK_PRIORITY_INVALID;
    CHECK_ERROR(!TrySubmitThreadpoolCallback(note_order, "x", &environment), ERROR_INVALID_PARAMETER);
    environment.CallbackPriority = TP_CALLBACK_PRIORITY_NORMAL;
    environment.Version = 77;
    UNLESS_WINE("Wine 8 does not look at the version")
    CHECK_ERROR(!TrySubmitThreadpoolCallback(note_order, "x", &environment), ERROR_INVALID_PARAMETER);
    SetEvent(gate.leave);
    /* Simple callbacks can be waited for through their group. */
    CloseThreadpoolCleanupGroupMembers(group, FALSE, NULL);
    CHECK_STR(order, "hnml");
    CloseThreadpoolCleanupGroup(group);
    CloseThreadpool(pool);
    close_gate(&gate);
}

/* Instances */

static CRITICAL_SECTION section;

struct handles {
    HANDLE event, semaphore, mutex;
};

static void CALLBACK leave_all_to_the_end(PTP_CALLBACK_INSTANCE instance, void *context)
{
    struct handles *handles = context;

    CHECK_EQ(WaitForSingleObject(handles->mutex, LIMIT), WAIT_OBJECT_0);
    EnterCriticalSection(&section);
    LeaveCriticalSectionWhenCallbackReturns(instance, &section);
    ReleaseMutexWhenCallbackReturns(instance, handles->mutex);
    ReleaseSemaphoreWhenCallbackReturns(instance, handles->semaphore, 3);
    SetEventWhenCallbackReturns(instance, handles->event);
    CHECK(CallbackMayRunLong(instance));
    Sleep(10);
    CHECK_EQ(WaitForSingleObject(handles->semaphore, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(handles->event, 0), WAIT_TIMEOUT);
}

TEST(what_is_done_when_a_callback_returns)
{
    struct handles handles = {
        .event = make_event(FALSE),
        .semaphore = CreateSemaphoreW(NULL, 0, 10, NULL),
        .mutex = CreateMutexW(NULL, FALSE, NULL),
    };

    InitializeCriticalSection(&section);
    CHECK(TrySubmitThreadpoolCallback(leave_all_to_the_end, &handles, NULL));
    CHECK_EQ(WaitForSingleObject(handles.event, LIMIT), WAIT_OBJECT_0);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(WaitForSingleObject(handles.semaphore, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(handles.semaphore, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(handles.mutex, LIMIT), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(handles.mutex));
    EnterCriticalSection(&section);
    LeaveCriticalSection(&section);
    DeleteCriticalSection(&section);
    CHECK(CloseHandle(handles.event));
    CHECK(CloseHandle(handles.semaphore));
    CHECK(CloseHandle(handles.mutex));
}

static void CALLBACK dissociate_and_pass(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK work)
{
    (void)work;
    DisassociateCurrentThreadFromCallback(instance);
    pass(context);
    SetEvent(((struct gate *)context)->entered);
}

TEST(a_callback_that_has_dissociated_itself_is_not_waited_for)
{
    struct gate gate;

    open_gate(&gate);
    PTP_WORK work = CreateThreadpoolWork(dissociate_and_pass, &gate, NULL);
    SubmitThreadpoolWork(work);
    WaitForThreadpoolWorkCallbacks(work, FALSE);
    CHECK_EQ(WaitForSingleObject(gate.entered, LIMIT), WAIT_OBJECT_0);
    CloseThreadpoolWork(work);
    CHECK(SetEvent(gate.leave));
    CHECK_EQ(WaitForSingleObject(gate.entered, LIMIT), WAIT_OBJECT_0);
    close_gate(&gate);
}

static void CALLBACK work_that_closes_itself(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK work)
{
    CloseThreadpoolWork(work);
    SetEventWhenCallbackReturns(instance, context);
}

static void CALLBACK finalize(PTP_CALLBACK_INSTANCE instance, void *context)
{
    (void)instance, (void)context;
    InterlockedIncrement(&order_length);
}

TEST(environments)
{
    TP_CALLBACK_ENVIRON environment;
    HANDLE event = make_event(FALSE);

    order_length = 0;
    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackRunsLong(&environment);
    SetThreadpoolCallbackLibrary(&environment, GetModuleHandleW(NULL));
    environment.FinalizationCallback = finalize;
    PTP_WORK work = CreateThreadpoolWork(work_that_closes_itself, event, &environment);
    CHECK(work != NULL);
    SubmitThreadpoolWork(work);
    CHECK_EQ(WaitForSingleObject(event, LIMIT), WAIT_OBJECT_0);
    for (int i = 0; i < 1000 && !order_length; i++)
        Sleep(1);
    CHECK_EQ(order_length, 1);
    CHECK(CloseHandle(event));
}

static void CALLBACK unload_at_the_end(PTP_CALLBACK_INSTANCE instance, void *library)
{
    FreeLibraryWhenCallbackReturns(instance, library);
    CHECK_PTR(GetModuleHandleW(L"winmm.dll"), library);
}

static BOOL is_unloaded_soon(void)
{
    for (int i = 0; i < LIMIT && GetModuleHandleW(L"winmm.dll"); i++)
        Sleep(1);
    return !GetModuleHandleW(L"winmm.dll");
}

TEST(libraries)
{
    TP_CALLBACK_ENVIRON environment;
    struct gate gate;
    HMODULE library = LoadLibraryW(L"winmm.dll");

    CHECK(library != NULL);
    CHECK(TrySubmitThreadpoolCallback(unload_at_the_end, library, NULL));
    CHECK(is_unloaded_soon());
    /* One stays loaded as long as callbacks of its own are pending or run. */
    open_gate(&gate);
    library = LoadLibraryW(L"winmm.dll");
    InitializeThreadpoolEnvironment(&environment);
    SetThreadpoolCallbackLibrary(&environment, library);
    PTP_WORK work = CreateThreadpoolWork(pass_gate, &gate, &environment);
    SubmitThreadpoolWork(work);
    SubmitThreadpoolWork(work);
    CHECK(FreeLibrary(library));
    CHECK_EQ(WaitForSingleObject(gate.entered, LIMIT), WAIT_OBJECT_0);
    CHECK_PTR(GetModuleHandleW(L"winmm.dll"), library);
    SetEvent(gate.leave);
    WaitForThreadpoolWorkCallbacks(work, TRUE);
    CHECK(is_unloaded_soon());
    CloseThreadpoolWork(work);
    close_gate(&gate);
}

/* Cleanup groups */

static LONG cancelled;

static void CALLBACK note_cancelled(void *object_context, void *cleanup_context)
{
    CHECK_PTR(cleanup_context, &cancelled);
    CHECK(object_context != NULL);
    cancelled++;
}

static void CALLBACK never_timer(PTP_CALLBACK_INSTANCE instance, void *context, PTP_TIMER timer)
{
    (void)instance, (void)context, (void)timer;
    CHECK(!"this timer has been cancelled");
}

static void CALLBACK never_wait(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WAIT wait,
                                TP_WAIT_RESULT result)
{
    (void)instance, (void)context, (void)wait, (void)result;
    CHECK(!"this wait has been cancelled");
}

TEST(cleanup_groups)
{
    TP_CALLBACK_ENVIRON environment;
    PTP_POOL pool = pool_of(1, &environment);
    PTP_CLEANUP_GROUP group = CreateThreadpoolCleanupGroup();
    FILETIME later = in_milliseconds(60000);
    HANDLE event = make_event(FALSE);
    struct gate gate;

    open_gate(&gate);
    cancelled = 0;
    /* With nothing in it. */
    CloseThreadpoolCleanupGroupMembers(group, TRUE, NULL);
    PTP_WORK running = CreateThreadpoolWork(pass_gate, &gate, &environment);
    SubmitThreadpoolWork(running);
    CHECK_EQ(WaitForSingleObject(gate.entered, LIMIT), WAIT_OBJECT_0);
    SetThreadpoolCallbackCleanupGroup(&environment, group, note_cancelled);
    PTP_WORK work = CreateThreadpoolWork(pass_gate, &gate, &environment);
    PTP_TIMER timer = CreateThreadpoolTimer(never_timer, &gate, &environment);
    PTP_WAIT wait = CreateThreadpoolWait(never_wait, &gate, &environment);
    CHECK(TrySubmitThreadpoolCallback(simple_pass_gate, &gate, &environment));
    for (int i = 0; i < 5; i++)
        SubmitThreadpoolWork(work);
    SetThreadpoolTimer(timer, &later, 0, 0);
    SetThreadpoolWait(wait, event, &later);
    /* One that leaves the group before. */
    CloseThreadpoolWork(CreateThreadpoolWork(pass_gate, &gate, &environment));
    CloseThreadpoolCleanupGroupMembers(group, TRUE, &cancelled);
    CHECK_EQ(cancelled, 4);
    CHECK_EQ(gate.count, 1);
    CHECK(SetEvent(event));
    SetEvent(gate.leave);
    WaitForThreadpoolWorkCallbacks(running, FALSE);
    CHECK_EQ(gate.count, 1);
    /* Without cancelling, all that is pending runs first. */
    work = CreateThreadpoolWork(pass_gate, &gate, &environment);
    for (int i = 0; i < 5; i++)
        SubmitThreadpoolWork(work);
    CloseThreadpoolCleanupGroupMembers(group, FALSE, NULL);
    CHECK_EQ(gate.count, 6);
    CHECK_EQ(cancelled, 4);
    CloseThreadpoolWork(running);
    CloseThreadpoolCleanupGroup(group);
    CloseThreadpool(pool);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
    close_gate(&gate);
}

/* Timers */

struct ticks {
    HANDLE event;
    LONG count, wanted;
};

static void CALLBACK tick(PTP_CALLBACK_INSTANCE instance, void *context, PTP_TIMER timer)
{
    struct ticks *ticks = context;

    (void)instance, (void)timer;
    if (InterlockedIncrement(&ticks->count) == ticks->wanted)
        SetEvent(ticks->event);
}

TEST(timers)
{
    struct ticks ticks = {.event = make_event(FALSE), .wanted = 1};
    PTP_TIMER timer = CreateThreadpoolTimer(tick, &ticks, NULL);
    FILETIME due;
    ULARGE_INTEGER date;

    CHECK(timer != NULL);
    CHECK(!IsThreadpoolTimerSet(timer));
    due = in_milliseconds(40);
    DWORD start = GetTickCount();
    SetThreadpoolTimer(timer, &due, 0, 0);
    CHECK(IsThreadpoolTimerSet(timer));
    CHECK_EQ(WaitForSingleObject(ticks.event, LIMIT), WAIT_OBJECT_0);
    CHECK(GetTickCount() - start >= 24);
    /* A date; one that has passed is now. */
    GetSystemTimeAsFileTime(&due);
    ticks.wanted = 2;
    SetThreadpoolTimer(timer, &due, 0, 0);
    CHECK_EQ(WaitForSingleObject(ticks.event, LIMIT), WAIT_OBJECT_0);
    memcpy(&date, &due, sizeof date);
    date.QuadPart += 500000;
    memcpy(&due, &date, sizeof due);
    ticks.wanted = 3;
    SetThreadpoolTimer(timer, &due, 0, 20);
    CHECK_EQ(WaitForSingleObject(ticks.event, LIMIT), WAIT_OBJECT_0);
    /* Again and again; a change stops what was. */
    due = in_milliseconds(0);
    ticks.count = 0;
    ticks.wanted = 5;
    start = GetTickCount();
    SetThreadpoolTimer(timer, &due, 10, 0);
    CHECK_EQ(WaitForSingleObject(ticks.event, LIMIT), WAIT_OBJECT_0);
    CHECK(GetTickCount() - start >= 24);
    SetThreadpoolTimer(timer, NULL, 0, 0);
    CHECK(!IsThreadpoolTimerSet(timer));
    WaitForThreadpoolTimerCallbacks(timer, TRUE);
    LONG count = ticks.count;
    Sleep(40);
    CHECK_EQ(ticks.count, count);
    CloseThreadpoolTimer(timer);
    CHECK(CloseHandle(ticks.event));
}

/* The latest, and in whatever order they were set. */
TEST(many_timers)
{
    enum { TIMERS = 200 };
    struct ticks ticks = {.event = make_event(FALSE), .wanted = TIMERS};
    PTP_TIMER timers[TIMERS];
    FILETIME due;

    for (int i = 0; i < TIMERS; i++) {
        due = in_milliseconds(60000 + i);
        timers[i] = CreateThreadpoolTimer(tick, &ticks, NULL);
        SetThreadpoolTimer(timers[i], &due, 0, 0);
    }
    for (int i = 0; i < TIMERS; i++) {
        due = in_milliseconds(i * 7919 % TIMERS / 4);
        SetThreadpoolTimer(timers[i], &due, 0, i % 3 * 10);
    }
    CHECK_EQ(WaitForSingleObject(ticks.event, LIMIT), WAIT_OBJECT_0);
    for (int i = 0; i < TIMERS; i++) {
        WaitForThreadpoolTimerCallbacks(timers[i], FALSE);
        CloseThreadpoolTimer(timers[i]);
    }
    CHECK_EQ(ticks.count, TIMERS);
    CHECK(CloseHandle(ticks.event));
}

/* Waits */

struct outcome {
    HANDLE event;
    LONG signaled, timed_out;
};

static void CALLBACK note_outcome(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WAIT wait,
                                  TP_WAIT_RESULT result)
{
    struct outcome *outcome = context;

    (void)instance, (void)wait;
    CHECK(result == WAIT_OBJECT_0 || result == WAIT_TIMEOUT);
    InterlockedIncrement(result == WAIT_OBJECT_0 ? &outcome->signaled : &outcome->timed_out);
    SetEvent(outcome->event);
}

TEST(waits)
{
    struct outcome outcome = {.event = make_event(FALSE)};
    PTP_WAIT wait = CreateThreadpoolWait(note_outcome, &outcome, NULL);
    HANDLE event = make_event(FALSE);
    FILETIME soon = in_milliseconds(20), later = in_milliseconds(60000);

    CHECK(wait != NULL);
    SetThreadpoolWait(wait, event, NULL);
    CHECK_EQ(WaitForSingleObject(outcome.event, 20), WAIT_TIMEOUT);
    CHECK(SetEvent(event));
    CHECK_EQ(WaitForSingleObject(outcome.event, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(outcome.signaled, 1);
    /* It waits once. */
    CHECK(SetEvent(event));
    CHECK_EQ(WaitForSingleObject(outcome.event, 20), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    SetThreadpoolWait(wait, event, &soon);
    CHECK_EQ(WaitForSingleObject(outcome.event, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(outcome.timed_out, 1);
    SetThreadpoolWait(wait, event, &later);
    SetThreadpoolWait(wait, NULL, NULL);
    /* Nobody takes what is signaled now. */
    CHECK(SetEvent(event));
    CHECK_EQ(WaitForSingleObject(outcome.event, 20), WAIT_TIMEOUT);
    UNLESS_WINE("Wine 8 stops waiting a little later")
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    WaitForThreadpoolWaitCallbacks(wait, TRUE);
    CHECK_EQ(outcome.signaled, 1);
    CHECK_EQ(outcome.timed_out, 1);
    CloseThreadpoolWait(wait);
    CHECK(CloseHandle(event));
    CHECK(CloseHandle(outcome.event));
}

TEST(more_waits_than_one_thread_can_serve)
{
    enum { WAITS = 150 };
    PTP_WAIT waits[WAITS];
    HANDLE events[WAITS];
    struct outcome outcome = {.event = make_event(FALSE)};

    for (int i = 0; i < WAITS; i++) {
        events[i] = make_event(FALSE);
        waits[i] = CreateThreadpoolWait(note_outcome, &outcome, NULL);
        SetThreadpoolWait(waits[i], events[i], NULL);
    }
    for (int i = 0; i < WAITS; i++) {
        SetEvent(events[(i * 37) % WAITS]);
        CHECK_EQ(WaitForSingleObject(outcome.event, LIMIT), WAIT_OBJECT_0);
        CHECK_EQ(outcome.signaled, i + 1);
    }
    for (int i = 0; i < WAITS; i++) {
        if (i % 2)
            SetThreadpoolWait(waits[i], events[i], NULL);
        CloseThreadpoolWait(waits[i]);
        CHECK(CloseHandle(events[i]));
    }
    CHECK(CloseHandle(outcome.event));
}

/* The older work items */

static DWORD WINAPI set_event(void *event)
{
    SetEvent(event);
    return 0;
}

TEST(work_items)
{
    static const ULONG flags[] = {WT_EXECUTEDEFAULT, WT_EXECUTEINIOTHREAD, WT_EXECUTELONGFUNCTION,
                                  WT_EXECUTEINPERSISTENTTHREAD, WT_TRANSFER_IMPERSONATION};
    HANDLE event = make_event(FALSE);

    for (unsigned i = 0; i < ARRAYSIZE(flags); i++) {
        CHECK(QueueUserWorkItem(set_event, event, flags[i]));
        CHECK_EQ(WaitForSingleObject(event, LIMIT), WAIT_OBJECT_0);
    }
    CHECK(CloseHandle(event));
}

/* Files */

struct transfer {
    HANDLE event;
    ULONG result;
    ULONG_PTR bytes;
    void *overlapped;
    LONG count;
};

static void CALLBACK note_transfer(PTP_CALLBACK_INSTANCE instance, void *context, void *overlapped,
                                   ULONG result, ULONG_PTR bytes, PTP_IO io)
{
    struct transfer *transfer = context;

    (void)io;
    transfer->result = result;
    transfer->bytes = bytes;
    transfer->overlapped = overlapped;
    InterlockedIncrement(&transfer->count);
    SetEventWhenCallbackReturns(instance, transfer->event);
}

static struct transfer bound;

static void CALLBACK note_bound(DWORD error, DWORD bytes, OVERLAPPED *overlapped)
{
    bound.result = error;
    bound.bytes = bytes;
    bound.overlapped = overlapped;
    SetEvent(bound.event);
}

static HANDLE open_overlapped(void)
{
    HANDLE file = CreateFileW(L"threadpool.tmp", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                              FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE, NULL);

    CHECK(file != INVALID_HANDLE_VALUE);
    return file;
}

static void write_some(HANDLE file, OVERLAPPED *overlapped)
{
    if (!WriteFile(file, "some text", 9, NULL, overlapped))
        CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
}

TEST(files)
{
    struct transfer transfer = {.event = make_event(FALSE)};
    OVERLAPPED overlapped = {0};
    HANDLE file = open_overlapped();
    PTP_IO io = CreateThreadpoolIo(file, note_transfer, &transfer, NULL);

    CHECK(io != NULL);
    StartThreadpoolIo(io);
    write_some(file, &overlapped);
    WaitForThreadpoolIoCallbacks(io, FALSE);
    CHECK_EQ(WaitForSingleObject(transfer.event, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(transfer.count, 1);
    CHECK_EQ(transfer.result, NO_ERROR);
    CHECK_EQ(transfer.bytes, 9);
    CHECK_PTR(transfer.overlapped, &overlapped);
    /* One that was begun, but will not end in a callback. */
    StartThreadpoolIo(io);
    CancelThreadpoolIo(io);
    WaitForThreadpoolIoCallbacks(io, FALSE);
    CHECK_EQ(transfer.count, 1);
    CHECK(CloseHandle(file));
    CloseThreadpoolIo(io);
    CHECK(CloseHandle(transfer.event));
    CHECK_ERROR(CreateThreadpoolIo(INVALID_HANDLE_VALUE, note_transfer, NULL, NULL) == NULL,
                ERROR_INVALID_HANDLE);
}

TEST(bound_files)
{
    OVERLAPPED overlapped = {0};
    HANDLE file = open_overlapped();

    bound.event = make_event(FALSE);
    CHECK(BindIoCompletionCallback(file, note_bound, 0));
    CHECK_ERROR(!BindIoCompletionCallback(file, note_bound, 0), ERROR_INVALID_PARAMETER);
    write_some(file, &overlapped);
    CHECK_EQ(WaitForSingleObject(bound.event, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(bound.result, NO_ERROR);
    CHECK_EQ(bound.bytes, 9);
    CHECK_PTR(bound.overlapped, &overlapped);
    CHECK(CloseHandle(file));
    CHECK(CloseHandle(bound.event));
}

/* A storm */

static PTP_WORK storm_work;
static LONG submitted, executed;

static void CALLBACK spread(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK work)
{
    LONG number = InterlockedIncrement(&executed);

    (void)instance, (void)context;
    if (number % 4 == 0 && InterlockedIncrement(&submitted) > 0)
        SubmitThreadpoolWork(work);
    if (number % 1000 == 0)
        Sleep(1);
}

static DWORD WINAPI submit_many(void *count)
{
    for (int i = 0; i < (int)(ULONG_PTR)count; i++) {
        InterlockedIncrement(&submitted);
        SubmitThreadpoolWork(storm_work);
    }
    return 0;
}

static void CALLBACK storm_tick(PTP_CALLBACK_INSTANCE instance, void *context, PTP_TIMER timer)
{
    FILETIME due = in_milliseconds(executed % 3);

    (void)instance, (void)context;
    InterlockedIncrement(context);
    SetThreadpoolTimer(timer, &due, executed % 2, 0);
}

static void CALLBACK storm_wait(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WAIT wait,
                                TP_WAIT_RESULT result)
{
    FILETIME due = in_milliseconds(executed % 5);

    (void)instance, (void)result;
    SetThreadpoolWait(wait, context, &due);
}

/* Everything at once: work that begets work, timers and waits that set themselves anew, and the end of it all
 * while they do. */
static void storm(void)
{
    enum { SUBMITTERS = 3, ITEMS = 3000, TIMERS = 10, WAITS = 80 };
    TP_CALLBACK_ENVIRON environment;
    PTP_POOL pool = pool_of(20, &environment);
    PTP_CLEANUP_GROUP group = CreateThreadpoolCleanupGroup();
    HANDLE threads[SUBMITTERS], event = make_event(FALSE);
    FILETIME due = in_milliseconds(1);
    LONG ticks = 0;

    submitted = executed = 0;
    SetThreadpoolCallbackCleanupGroup(&environment, group, NULL);
    storm_work = CreateThreadpoolWork(spread, NULL, &environment);
    for (int i = 0; i < TIMERS; i++)
        SetThreadpoolTimer(CreateThreadpoolTimer(storm_tick, &ticks, &environment), &due, i, 0);
    for (int i = 0; i < WAITS; i++)
        SetThreadpoolWait(CreateThreadpoolWait(storm_wait, event, &environment), event, &due);
    for (int i = 0; i < SUBMITTERS; i++)
        threads[i] = CreateThread(NULL, 0, submit_many, (void *)ITEMS, 0, NULL);
    for (int i = 0; i < 100; i++)
        SetEvent(event);
    CHECK_EQ(WaitForMultipleObjects(SUBMITTERS, threads, TRUE, LIMIT), WAIT_OBJECT_0);
    WaitForThreadpoolWorkCallbacks(storm_work, FALSE);
    CHECK_EQ(executed, submitted);
    CHECK(submitted >= SUBMITTERS * ITEMS);
    for (int i = 0; i < 1000 && !ticks; i++)
        Sleep(1);
    CHECK(ticks > 0);
    CloseThreadpoolCleanupGroupMembers(group, TRUE, NULL);
    LONG after = ticks;
    Sleep(5);
    CHECK_EQ(ticks, after);
    CloseThreadpoolCleanupGroup(group);
    CloseThreadpool(pool);
    for (int i = 0; i < SUBMITTERS; i++)
        CHECK(CloseHandle(threads[i]));
    CHECK(CloseHandle(event));
}

static int storms = 1;

TEST(a_storm)
{
    for (int i = 0; i < storms; i++)
        storm();
}

int main(int argc, char **argv)
{
    if (argc > 1)
        storms = atoi(argv[1]);
    RUN(work_runs_as_often_as_it_is_submitted);
    RUN(pending_callbacks_can_be_cancelled);
    UNLESS_WINE("Wine 8 makes no more threads than there are processors")
    RUN(callbacks_that_block_do_not_block_others);
    RUN(a_pool_keeps_its_limits);
    RUN(priorities);
    RUN(what_is_done_when_a_callback_returns);
    RUN(a_callback_that_has_dissociated_itself_is_not_waited_for);
    RUN(environments);
    UNLESS_WINE("Wine 8 keeps the library until the work object is closed")
    RUN(libraries);
    RUN(cleanup_groups);
    RUN(timers);
    RUN(many_timers);
    RUN(waits);
    RUN(more_waits_than_one_thread_can_serve);
    RUN(work_items);
    RUN(files);
    RUN(bound_files);
    UNLESS_WINE("Wine 8 runs into an assertion of its own") RUN(a_storm);
    return CHECK_END();
}
