/* Timer queues and registered waits. */
#include "check.h"

#define LIMIT 30000 /* milliseconds, for what should take none */

static HANDLE make_event(BOOL manual)
{
    HANDLE event = CreateEventW(NULL, manual, FALSE, NULL);

    CHECK(event != NULL);
    return event;
}

struct ticks {
    HANDLE reached, entered, leave;
    LONG count, wanted;
    BOOLEAN flag;
    DWORD thread;
};

static void CALLBACK tick(void *context, BOOLEAN timed_out)
{
    struct ticks *ticks = context;

    ticks->flag = timed_out;
    ticks->thread = GetCurrentThreadId();
    if (InterlockedIncrement(&ticks->count) == ticks->wanted)
        SetEvent(ticks->reached);
}

static void CALLBACK stay(void *context, BOOLEAN timed_out)
{
    struct ticks *ticks = context;

    (void)timed_out;
    SetEvent(ticks->entered);
    WaitForSingleObject(ticks->leave, LIMIT);
    if (InterlockedIncrement(&ticks->count) == ticks->wanted)
        SetEvent(ticks->reached);
}

static struct ticks make_ticks(LONG wanted)
{
    return (struct ticks){
        .reached = make_event(FALSE),
        .entered = make_event(FALSE),
        .leave = make_event(TRUE),
        .wanted = wanted,
        .flag = 2,
    };
}

static void close_ticks(struct ticks *ticks)
{
    CHECK(CloseHandle(ticks->reached));
    CHECK(CloseHandle(ticks->entered));
    CHECK(CloseHandle(ticks->leave));
}

/* Timers */

static void one_shot(HANDLE queue, ULONG flags, DWORD period)
{
    struct ticks ticks = make_ticks(1);
    HANDLE timer = NULL;
    DWORD start = GetTickCount();

    CHECK(CreateTimerQueueTimer(&timer, queue, tick, &ticks, 30, period, flags));
    CHECK(timer != NULL);
    CHECK_EQ(WaitForSingleObject(ticks.reached, LIMIT), WAIT_OBJECT_0);
    CHECK(GetTickCount() - start >= 14);
    CHECK_EQ(ticks.flag, TRUE);
    CHECK(ticks.thread != GetCurrentThreadId());
    Sleep(20);
    CHECK_EQ(ticks.count, 1);
    /* It has fired for the last time. */
    CHECK(ChangeTimerQueueTimer(queue, timer, 0, 0));
    Sleep(20);
    UNLESS_WINE("Wine 8 starts it again")
    CHECK_EQ(ticks.count, 1);
    CHECK(DeleteTimerQueueTimer(queue, timer, INVALID_HANDLE_VALUE));
    close_ticks(&ticks);
}

TEST(timers_that_fire_once)
{
    HANDLE queue = CreateTimerQueue();

    CHECK(queue != NULL);
    one_shot(queue, WT_EXECUTEDEFAULT, 0);
    one_shot(queue, WT_EXECUTEINTIMERTHREAD, 0);
    one_shot(queue, WT_EXECUTELONGFUNCTION, 0);
    UNLESS_WINE("Wine 8 lets it fire again")
    one_shot(queue, WT_EXECUTEONLYONCE, 5);
    one_shot(NULL, WT_EXECUTEINPERSISTENTTHREAD, 0);
    CHECK(DeleteTimerQueueEx(queue, INVALID_HANDLE_VALUE));
}

TEST(timers_that_fire_again)
{
    struct ticks ticks = make_ticks(4);
    HANDLE queue = CreateTimerQueue(), timer = NULL;
    DWORD start = GetTickCount();

    CHECK(CreateTimerQueueTimer(&timer, queue, tick, &ticks, 0, 20, 0));
    CHECK_EQ(WaitForSingleObject(ticks.reached, LIMIT), WAIT_OBJECT_0);
    CHECK(GetTickCount() - start >= 44);
    /* From then on it takes longer, */
    CHECK(ChangeTimerQueueTimer(queue, timer, 60000, 60000));
    LONG count = ticks.count;
    Sleep(50);
    CHECK(ticks.count <= count + 1);
    /* and then it is faster again. */
    ticks.wanted = ticks.count + 3;
    CHECK(ChangeTimerQueueTimer(queue, timer, 0, 5));
    CHECK_EQ(WaitForSingleObject(ticks.reached, LIMIT), WAIT_OBJECT_0);
    CHECK(DeleteTimerQueueTimer(queue, timer, INVALID_HANDLE_VALUE));
    count = ticks.count;
    Sleep(30);
    CHECK_EQ(ticks.count, count);
    CHECK(DeleteTimerQueueEx(queue, INVALID_HANDLE_VALUE));
    close_ticks(&ticks);
}

TEST(deleting_a_timer_that_runs)
{
    struct ticks ticks = make_ticks(1);
    HANDLE queue = CreateTimerQueue(), timer = NULL, done = make_event(FALSE);

    CHECK(CreateTimerQueueTimer(&timer, queue, stay, &ticks, 0, 0, 0));
    CHECK_EQ(WaitForSingleObject(ticks.entered, LIMIT), WAIT_OBJECT_0);
    CHECK_ERROR(!DeleteTimerQueueTimer(queue, timer, NULL), ERROR_IO_PENDING);
    CHECK(SetEvent(ticks.leave));
    CHECK_EQ(WaitForSingleObject(ticks.reached, LIMIT), WAIT_OBJECT_0);
    CHECK(CreateTimerQueueTimer(&timer, queue, stay, &ticks, 0, 10, 0));
    CHECK_EQ(WaitForSingleObject(ticks.entered, LIMIT), WAIT_OBJECT_0);
    CHECK(DeleteTimerQueueTimer(queue, timer, INVALID_HANDLE_VALUE));
    LONG count = ticks.count;
    CHECK(count >= 2);
    Sleep(20);
    CHECK_EQ(ticks.count, count);
    CHECK(ResetEvent(ticks.leave));
    CHECK(CreateTimerQueueTimer(&timer, queue, stay, &ticks, 0, 0, WT_EXECUTEINTIMERTHREAD));
    CHECK_EQ(WaitForSingleObject(ticks.entered, LIMIT), WAIT_OBJECT_0);
    CHECK_ERROR(!DeleteTimerQueueTimer(queue, timer, done), ERROR_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(done, 20), WAIT_TIMEOUT);
    CHECK(SetEvent(ticks.leave));
    CHECK_EQ(WaitForSingleObject(done, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(ticks.count, count + 1);
    /* One whose time has come is as good as running. */
    CHECK(CreateTimerQueueTimer(&timer, queue, tick, &ticks, 0, 60000, 0));
    if (!DeleteTimerQueueTimer(queue, timer, NULL))
        CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    else
        CHECK(ticks.count > count + 1);
    /* One that has not fired leaves at once. */
    CHECK(CreateTimerQueueTimer(&timer, queue, tick, &ticks, 60000, 0, 0));
    DeleteTimerQueueTimer(queue, timer, done);
    CHECK_EQ(WaitForSingleObject(done, LIMIT), WAIT_OBJECT_0);
    DeleteTimerQueueEx(queue, done);
    CHECK_EQ(WaitForSingleObject(done, LIMIT), WAIT_OBJECT_0);
    CHECK(CloseHandle(done));
    close_ticks(&ticks);
}

struct own_timer {
    HANDLE queue, timer, ready, done;
    DWORD error;
};

static void CALLBACK delete_itself(void *context, BOOLEAN timed_out)
{
    struct own_timer *own = context;

    (void)timed_out;
    WaitForSingleObject(own->ready, LIMIT);
    own->error = DeleteTimerQueueTimer(own->queue, own->timer, own->done) ? 0 : GetLastError();
}

TEST(a_timer_may_delete_itself)
{
    struct own_timer own = {
        .queue = CreateTimerQueue(), .ready = make_event(TRUE), .done = make_event(FALSE)};

    CHECK(CreateTimerQueueTimer(&own.timer, own.queue, delete_itself, &own, 0, 1000, 0));
    CHECK(SetEvent(own.ready));
    CHECK_EQ(WaitForSingleObject(own.done, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(own.error, ERROR_IO_PENDING);
    CHECK(
        CreateTimerQueueTimer(&own.timer, own.queue, delete_itself, &own, 0, 1000, WT_EXECUTEINTIMERTHREAD));
    CHECK_EQ(WaitForSingleObject(own.done, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(own.error, ERROR_IO_PENDING);
    CHECK(DeleteTimerQueueEx(own.queue, INVALID_HANDLE_VALUE));
    CHECK(CloseHandle(own.ready));
    CHECK(CloseHandle(own.done));
}

TEST(deleting_a_queue_deletes_its_timers)
{
    struct ticks ticks = make_ticks(100);
    HANDLE queue = CreateTimerQueue(), timer, done = make_event(FALSE);

    for (int i = 0; i < 50; i++)
        CHECK(CreateTimerQueueTimer(&timer, queue, tick, &ticks, i % 3, 1 + i % 5, 0));
    CHECK_EQ(WaitForSingleObject(ticks.reached, LIMIT), WAIT_OBJECT_0);
    CHECK(DeleteTimerQueueEx(queue, INVALID_HANDLE_VALUE));
    LONG count = ticks.count;
    Sleep(20);
    CHECK_EQ(ticks.count, count);
    queue = CreateTimerQueue();
    CHECK(CreateTimerQueueTimer(&timer, queue, stay, &ticks, 0, 0, 0));
    CHECK_EQ(WaitForSingleObject(ticks.entered, LIMIT), WAIT_OBJECT_0);
    DeleteTimerQueueEx(queue, done);
    UNLESS_WINE("Wine 8 pulses the event, and at once")
    CHECK_EQ(WaitForSingleObject(done, 20), WAIT_TIMEOUT);
    CHECK(SetEvent(ticks.leave));
    UNLESS_WINE("Wine 8 pulses the event, and at once")
    CHECK_EQ(WaitForSingleObject(done, LIMIT), WAIT_OBJECT_0);
    for (int i = 0; i < 1000 && ticks.count == count; i++)
        Sleep(1);
    CHECK_EQ(ticks.count, count + 1);
    CHECK_ERROR(!DeleteTimerQueueEx(NULL, NULL), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(done));
    close_ticks(&ticks);
}

/* Registered waits */

static void register_and_signal(ULONG flags)
{
    struct ticks ticks = make_ticks(1);
    HANDLE event = make_event(FALSE), wait = NULL;

    CHECK(RegisterWaitForSingleObject(&wait, event, tick, &ticks, INFINITE, flags));
    CHECK(wait != NULL);
    CHECK_EQ(WaitForSingleObject(ticks.reached, 10), WAIT_TIMEOUT);
    CHECK(SetEvent(event));
    CHECK_EQ(WaitForSingleObject(ticks.reached, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(ticks.flag, FALSE);
    if (!(flags & WT_EXECUTEONLYONCE)) {
        ticks.wanted = 2;
        CHECK(SetEvent(event));
        CHECK_EQ(WaitForSingleObject(ticks.reached, LIMIT), WAIT_OBJECT_0);
    }
    CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    /* Nobody waits any more. */
    CHECK(SetEvent(event));
    CHECK_EQ(WaitForSingleObject(event, LIMIT), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
    close_ticks(&ticks);
}

TEST(waits_for_events)
{
    register_and_signal(WT_EXECUTEDEFAULT);
    register_and_signal(WT_EXECUTEONLYONCE);
    register_and_signal(WT_EXECUTEINWAITTHREAD);
    register_and_signal(WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE);
    register_and_signal(WT_EXECUTEINIOTHREAD);
    register_and_signal(WT_EXECUTELONGFUNCTION);
}

TEST(waits_that_time_out)
{
    struct ticks ticks = make_ticks(1);
    HANDLE event = make_event(FALSE), wait = NULL;

    CHECK(RegisterWaitForSingleObject(&wait, event, tick, &ticks, 20, WT_EXECUTEONLYONCE));
    CHECK_EQ(WaitForSingleObject(ticks.reached, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(ticks.flag, TRUE);
    CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    ticks.wanted = 4;
    CHECK(RegisterWaitForSingleObject(&wait, event, tick, &ticks, 5, 0));
    CHECK_EQ(WaitForSingleObject(ticks.reached, LIMIT), WAIT_OBJECT_0);
    CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    LONG count = ticks.count;
    Sleep(20);
    CHECK_EQ(ticks.count, count);
    CHECK_ERROR(!RegisterWaitForSingleObject(&wait, (HANDLE)0x7654321, tick, &ticks, 5, 0),
                ERROR_INVALID_HANDLE);
    CHECK_ERROR(!UnregisterWait(NULL), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
    close_ticks(&ticks);
}

TEST(ending_a_wait_whose_callback_runs)
{
    struct ticks ticks = make_ticks(0);
    HANDLE event = make_event(TRUE), done = make_event(FALSE), wait = NULL;

    CHECK(SetEvent(event));
    CHECK(RegisterWaitForSingleObject(&wait, event, stay, &ticks, INFINITE, WT_EXECUTEONLYONCE));
    CHECK_EQ(WaitForSingleObject(ticks.entered, LIMIT), WAIT_OBJECT_0);
    CHECK_ERROR(!UnregisterWaitEx(wait, done), ERROR_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(done, 20), WAIT_TIMEOUT);
    CHECK(SetEvent(ticks.leave));
    CHECK_EQ(WaitForSingleObject(done, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(ticks.count, 1);
    CHECK(ResetEvent(ticks.leave));
    CHECK(RegisterWaitForSingleObject(&wait, event, stay, &ticks, INFINITE, WT_EXECUTEONLYONCE));
    CHECK_EQ(WaitForSingleObject(ticks.entered, LIMIT), WAIT_OBJECT_0);
    CHECK_ERROR(!UnregisterWait(wait), ERROR_IO_PENDING);
    CHECK(SetEvent(ticks.leave));
    /* The process itself is never signaled. */
    CHECK(
        RegisterWaitForSingleObject(&wait, GetCurrentProcess(), tick, &ticks, INFINITE, WT_EXECUTEONLYONCE));
    CHECK(UnregisterWaitEx(wait, done));
    CHECK_EQ(WaitForSingleObject(done, LIMIT), WAIT_OBJECT_0);
    for (int i = 0; i < 1000 && ticks.count < 2; i++)
        Sleep(1);
    CHECK_EQ(ticks.count, 2);
    CHECK(CloseHandle(event));
    CHECK(CloseHandle(done));
    Sleep(10);
    close_ticks(&ticks);
}

struct own_wait {
    HANDLE event, wait, done;
    DWORD error;
};

static void CALLBACK end_its_wait(void *context, BOOLEAN timed_out)
{
    struct own_wait *own = context;

    (void)timed_out;
    own->error = UnregisterWaitEx(own->wait, own->done) ? 0 : GetLastError();
}

static void check_own_wait(struct own_wait *own, ULONG flags, DWORD expected)
{
    own->error = CHECK_SENTINEL;
    CHECK(RegisterWaitForSingleObject(&own->wait, own->event, end_its_wait, own, INFINITE, flags));
    CHECK(SetEvent(own->event));
    CHECK_EQ(WaitForSingleObject(own->done, LIMIT), WAIT_OBJECT_0);
    CHECK_EQ(own->error, expected);
}

/* The wait thread runs it and knows that; of a worker's callback it only knows that it is not over. */
TEST(a_callback_may_end_its_own_wait)
{
    struct own_wait own = {.event = make_event(FALSE), .done = make_event(FALSE)};

    check_own_wait(&own, WT_EXECUTEONLYONCE, ERROR_IO_PENDING);
    UNLESS_WINE("Wine 8 says that it is pending")
    {
        check_own_wait(&own, WT_EXECUTEONLYONCE | WT_EXECUTEINWAITTHREAD, 0);
        check_own_wait(&own, WT_EXECUTEINWAITTHREAD, 0);
    }
    /* The wait is over. */
    CHECK(SetEvent(own.event));
    CHECK_EQ(WaitForSingleObject(own.event, LIMIT), WAIT_OBJECT_0);
    CHECK(CloseHandle(own.event));
    CHECK(CloseHandle(own.done));
}

static DWORD WINAPI soon_over(void *argument)
{
    return (DWORD)(ULONG_PTR)argument;
}

TEST(waits_for_threads)
{
    enum { THREADS = 20 };
    struct ticks ticks = make_ticks(THREADS);
    HANDLE threads[THREADS], waits[THREADS];

    for (int i = 0; i < THREADS; i++) {
        threads[i] = CreateThread(NULL, 0, soon_over, NULL, CREATE_SUSPENDED, NULL);
        CHECK(RegisterWaitForSingleObject(&waits[i], threads[i], tick, &ticks, INFINITE, WT_EXECUTEONLYONCE));
    }
    for (int i = 0; i < THREADS; i++)
        CHECK(ResumeThread(threads[i]) == 1);
    CHECK_EQ(WaitForSingleObject(ticks.reached, LIMIT), WAIT_OBJECT_0);
    for (int i = 0; i < THREADS; i++) {
        CHECK(UnregisterWaitEx(waits[i], INVALID_HANDLE_VALUE));
        CHECK(CloseHandle(threads[i]));
    }
    CHECK_EQ(ticks.count, THREADS);
    close_ticks(&ticks);
}

int main(void)
{
    RUN(timers_that_fire_once);
    RUN(timers_that_fire_again);
    RUN(deleting_a_timer_that_runs);
    RUN(a_timer_may_delete_itself);
    RUN(deleting_a_queue_deletes_its_timers);
    RUN(waits_for_events);
    UNLESS_WINE(
        "Wine 8 does not end a wait of WT_EXECUTEONLYONCE whose object is signaled or whose time is over")
    {
        RUN(waits_that_time_out);
        RUN(ending_a_wait_whose_callback_runs);
        RUN(a_callback_may_end_its_own_wait);
    }
    RUN(waits_for_threads);
    return CHECK_END();
}
