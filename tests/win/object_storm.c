/* Threads against every kind of object that can be waited for, and every way to wait: no signal is lost, none
 * is taken twice, nobody hangs. */
#include "storm.h"

enum { THREADS = 16 };

static volatile LONG guarded;

static void linger(struct storm_thread *self)
{
    for (unsigned i = storm_random(self) % 64; i > 0; i--)
        YieldProcessor();
}

static void close_all(HANDLE *handles, int count)
{
    for (int i = 0; i < count; i++)
        CHECK(CloseHandle(handles[i]));
}

/* A wait for one object, in one of several ways. False for a timeout. */
static BOOL wait_for(struct storm_thread *self, HANDLE handle)
{
    DWORD result;

    switch (storm_random(self) % 4) {
    case 0:
        result = WaitForSingleObject(handle, storm_random(self) % 3);
        break;
    case 1:
        result = WaitForMultipleObjects(1, &handle, TRUE, INFINITE);
        break;
    default:
        result = WaitForSingleObject(handle, INFINITE);
    }
    STORM_CHECK(result == WAIT_OBJECT_0 || result == WAIT_TIMEOUT);
    return result == WAIT_OBJECT_0;
}

/* One object that lets one thread in */

static HANDLE gate;

static void enter_and_count(struct storm_thread *self, void (*leave)(void))
{
    while (storm_next(self)) {
        storm_at(self, "waiting for its turn");
        while (!wait_for(self, gate))
            ;
        LONG before = guarded;
        if (self->rest % 16 == 0)
            linger(self);
        guarded = before + 1;
        storm_at(self, "leaving");
        leave();
    }
}

static void set_gate(void)
{
    STORM_CHECK(SetEvent(gate));
}

static void release_gate(void)
{
    STORM_CHECK(ReleaseMutex(gate));
}

static void post_gate(void)
{
    STORM_CHECK(ReleaseSemaphore(gate, 1, NULL));
}

static void events(struct storm_thread *self)
{
    enter_and_count(self, set_gate);
}

static void mutexes(struct storm_thread *self)
{
    enter_and_count(self, release_gate);
}

static void semaphores(struct storm_thread *self)
{
    enter_and_count(self, post_gate);
}

static void run_gates(void)
{
    gate = CreateEventW(NULL, FALSE, TRUE, NULL);
    STORM(events, THREADS, 1);
    CHECK(CloseHandle(gate));
    gate = CreateMutexW(NULL, FALSE, NULL);
    STORM(mutexes, THREADS, 1);
    CHECK(CloseHandle(gate));
    gate = CreateSemaphoreW(NULL, 1, 1, NULL);
    STORM(semaphores, THREADS, 1);
    CHECK(CloseHandle(gate));
    CHECK_EQ(guarded, 3 * THREADS * storm_share(THREADS, 1));
}

/* Pairs */

static HANDLE balls[THREADS];

static void take_ball(HANDLE mine, BOOL manual_reset)
{
    STORM_CHECK(WaitForSingleObject(mine, INFINITE) == WAIT_OBJECT_0);
    if (manual_reset)
        ResetEvent(mine);
}

/* Each thread hits the ball that its partner has hit to it. The even one begins. */
static void hit(struct storm_thread *self, BOOL manual_reset)
{
    HANDLE mine = balls[self->index], other = balls[self->index ^ 1];

    storm_at(self, "playing");
    while (storm_next(self)) {
        if (self->index % 2)
            take_ball(mine, manual_reset);
        STORM_CHECK(SetEvent(other));
        if (self->index % 2 == 0)
            take_ball(mine, manual_reset);
    }
}

static void ping_pong(struct storm_thread *self)
{
    hit(self, FALSE);
}

static void ping_pong_by_manual_reset(struct storm_thread *self)
{
    hit(self, TRUE);
}

/* The even one signals and waits; the odd one waits and signals, in one call from its second time on. */
static void ping_pong_in_one_call(struct storm_thread *self)
{
    HANDLE mine = balls[self->index], other = balls[self->index ^ 1];
    BOOL first = self->index % 2;

    while (storm_next(self)) {
        storm_at(self, "signaling and waiting");
        if (first)
            STORM_CHECK(WaitForSingleObject(mine, INFINITE) == WAIT_OBJECT_0);
        else
            STORM_CHECK(SignalObjectAndWait(other, mine, INFINITE, FALSE) == WAIT_OBJECT_0);
        first = FALSE;
    }
    /* The odd one still has the last ball. */
    if (self->index % 2)
        SetEvent(other);
}

static void make_balls(BOOL manual_reset)
{
    for (int i = 0; i < THREADS; i++)
        balls[i] = CreateEventW(NULL, manual_reset, FALSE, NULL);
}

static void run_pairs(void)
{
    make_balls(FALSE);
    STORM(ping_pong, THREADS, 1);
    STORM(ping_pong_in_one_call, THREADS, 1);
    close_all(balls, THREADS);
    make_balls(TRUE);
    STORM(ping_pong_by_manual_reset, THREADS, 1);
    close_all(balls, THREADS);
}

/* Any of several */

enum { TOKENS = 10, PLACES = 20 };

static HANDLE places[PLACES];
static volatile LONG occupied[PLACES];

static void take_place(DWORD place)
{
    STORM_CHECK(place < PLACES);
    if (place < PLACES)
        STORM_CHECK(InterlockedExchange(&occupied[place], 0) == 1);
}

/* A token goes to a place that is free; the place's object tells that there is one. */
static void put_token(struct storm_thread *self)
{
    for (unsigned place = storm_random(self) % PLACES;; place = (place + 1) % PLACES)
        if (InterlockedCompareExchange(&occupied[place], 1, 0) == 0) {
            if (place % 2)
                STORM_CHECK(SetEvent(places[place]));
            else
                STORM_CHECK(ReleaseSemaphore(places[place], 1, NULL));
            return;
        }
}

static void any_of_many(struct storm_thread *self)
{
    while (storm_next(self)) {
        DWORD timeout = self->rest % 8 ? INFINITE : 1, result;
        storm_at(self, "waiting for any of the places");
        while ((result = WaitForMultipleObjects(PLACES, places, FALSE, timeout)) == WAIT_TIMEOUT)
            ;
        take_place(result - WAIT_OBJECT_0);
        storm_at(self, "giving a token");
        put_token(self);
    }
}

static void run_any(void)
{
    struct storm_thread self = {.random = 1};
    int tokens = 0;

    for (int i = 0; i < PLACES; i++)
        places[i] = i % 2 ? CreateEventW(NULL, FALSE, FALSE, NULL) : CreateSemaphoreW(NULL, 0, 1, NULL);
    for (int i = 0; i < TOKENS; i++)
        put_token(&self);
    STORM(any_of_many, THREADS, 1);
    while (WaitForMultipleObjects(PLACES, places, FALSE, 0) != WAIT_TIMEOUT)
        tokens++;
    CHECK_EQ(tokens, TOKENS);
    close_all(places, PLACES);
}

/* All of several */

static HANDLE forks[THREADS];
static volatile LONG in_use[THREADS];

static void release_fork(int fork)
{
    STORM_CHECK(InterlockedExchange(&in_use[fork], 0) == 1);
    switch (fork % 3) {
    case 0:
        STORM_CHECK(SetEvent(forks[fork]));
        break;
    case 1:
        STORM_CHECK(ReleaseSemaphore(forks[fork], 1, NULL));
        break;
    default:
        STORM_CHECK(ReleaseMutex(forks[fork]));
    }
}

/* Philosophers: each needs both forks beside it, and takes both or none. Some also take one alone. */
static void all_of_several(struct storm_thread *self)
{
    int mine[2] = {self->index, (self->index + 1) % THREADS};
    HANDLE both[2] = {forks[mine[0]], forks[mine[1]]};

    while (storm_next(self)) {
        DWORD count = storm_random(self) % 4 ? 2 : 1, timeout = self->rest % 8 ? INFINITE : 1, result;
        storm_at(self, "waiting for its forks");
        while ((result = WaitForMultipleObjects(count, both, TRUE, timeout)) == WAIT_TIMEOUT)
            ;
        STORM_CHECK(result == WAIT_OBJECT_0);
        for (DWORD i = 0; i < count; i++)
            STORM_CHECK(InterlockedExchange(&in_use[mine[i]], 1) == 0);
        if (self->rest % 16 == 0)
            linger(self);
        storm_at(self, "releasing its forks");
        for (DWORD i = 0; i < count; i++)
            release_fork(mine[i]);
    }
}

static void run_all(void)
{
    for (int i = 0; i < THREADS; i++)
        forks[i] = i % 3 == 0   ? CreateEventW(NULL, FALSE, TRUE, NULL)
                   : i % 3 == 1 ? CreateSemaphoreW(NULL, 1, 1, NULL)
                                : CreateMutexW(NULL, FALSE, NULL);
    STORM(all_of_several, THREADS, 2);
    CHECK_EQ(WaitForMultipleObjects(THREADS, forks, TRUE, 0), WAIT_OBJECT_0);
    close_all(forks, THREADS);
}

/* Abandoned mutexes */

static HANDLE abandoned[2];
static volatile LONG left_behind, found;

static DWORD WINAPI take_and_end(void *unused)
{
    DWORD result = WaitForMultipleObjects(2, abandoned, TRUE, INFINITE);

    (void)unused;
    STORM_CHECK(result == WAIT_OBJECT_0 || result == WAIT_ABANDONED_0);
    found += result == WAIT_ABANDONED_0;
    left_behind++;
    return 0;
}

static void abandoned_mutexes(struct storm_thread *self)
{
    while (storm_next(self)) {
        HANDLE thread;
        DWORD result;
        if (self->rest % 2) {
            storm_at(self, "waiting for a thread that leaves mutexes behind");
            thread = CreateThread(NULL, 0, take_and_end, NULL, 0, NULL);
            STORM_CHECK(WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0);
            CloseHandle(thread);
            continue;
        }
        storm_at(self, "waiting for the mutexes");
        result = WaitForMultipleObjects(2, abandoned, TRUE, INFINITE);
        STORM_CHECK(result == WAIT_OBJECT_0 || result == WAIT_ABANDONED_0);
        found += result == WAIT_ABANDONED_0;
        STORM_CHECK(ReleaseMutex(abandoned[0]));
        STORM_CHECK(ReleaseMutex(abandoned[1]));
    }
}

static void run_abandoned(void)
{
    for (int i = 0; i < 2; i++)
        abandoned[i] = CreateMutexW(NULL, FALSE, NULL);
    STORM(abandoned_mutexes, THREADS, 40);
    found += WaitForMultipleObjects(2, abandoned, TRUE, 0) == WAIT_ABANDONED_0;
    CHECK_EQ(found, left_behind);
    close_all(abandoned, 2);
}

/* Timers */

static HANDLE shared_timer;

static void CALLBACK count_expiry(void *count, DWORD low, DWORD high)
{
    (void)low, (void)high;
    ++*(LONG *)count;
}

static void timers(struct storm_thread *self)
{
    HANDLE timer = CreateWaitableTimerW(NULL, self->index % 2, NULL);
    LONG expiries = 0, set = 0;

    while (storm_next(self)) {
        LARGE_INTEGER due = {.QuadPart = -(LONGLONG)(storm_random(self) % 500) - 1};
        switch (storm_random(self) % 4) {
        case 0:
            storm_at(self, "setting and canceling");
            due.QuadPart -= 100000000;
            STORM_CHECK(SetWaitableTimer(timer, &due, 0, count_expiry, &expiries, FALSE));
            STORM_CHECK(CancelWaitableTimer(timer));
            STORM_CHECK(WaitForSingleObject(timer, 0) == WAIT_TIMEOUT);
            break;
        case 1:
            storm_at(self, "sleeping until its timer's call");
            STORM_CHECK(SetWaitableTimer(timer, &due, 0, count_expiry, &expiries, FALSE));
            set++;
            while (expiries < set)
                SleepEx(INFINITE, TRUE);
            STORM_CHECK(WaitForSingleObject(timer, 0) == WAIT_OBJECT_0);
            break;
        case 2:
            storm_at(self, "waiting for the shared timer");
            STORM_CHECK(WaitForSingleObject(shared_timer, INFINITE) == WAIT_OBJECT_0);
            break;
        default:
            storm_at(self, "waiting for its timer");
            STORM_CHECK(SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE));
            STORM_CHECK(WaitForSingleObject(timer, INFINITE) == WAIT_OBJECT_0);
        }
    }
    CloseHandle(timer);
}

static DWORD WINAPI set_shared_timer(void *stop)
{
    LARGE_INTEGER due = {.QuadPart = -500};

    /* Set again while threads wait for it. */
    while (WaitForSingleObject(stop, 1) == WAIT_TIMEOUT)
        CHECK(SetWaitableTimer(shared_timer, &due, 0, NULL, NULL, FALSE));
    return 0;
}

static void run_timers(void)
{
    HANDLE stop = CreateEventW(NULL, TRUE, FALSE, NULL), setter;

    shared_timer = CreateWaitableTimerW(NULL, TRUE, NULL);
    setter = CreateThread(NULL, 0, set_shared_timer, stop, 0, NULL);
    STORM(timers, THREADS, 20);
    SetEvent(stop);
    CHECK_EQ(WaitForSingleObject(setter, 20000), WAIT_OBJECT_0);
    CHECK(CloseHandle(setter));
    CHECK(CloseHandle(stop));
    CHECK(CloseHandle(shared_timer));
}

/* APCs */

static HANDLE ring[THREADS];
static volatile LONG joined;
static volatile LONG received[THREADS];

static void CALLBACK receive(ULONG_PTR index)
{
    received[index]++;
}

/* Each thread queues a call to its neighbour, and waits in some alertable way for as many of its own. */
static void apcs(struct storm_thread *self)
{
    HANDLE never = CreateEventW(NULL, TRUE, FALSE, NULL), next;
    LONG sent = 0;

    DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &ring[self->index], 0,
                    FALSE, DUPLICATE_SAME_ACCESS);
    InterlockedIncrement(&joined);
    while (joined < self->count)
        Sleep(0);
    next = ring[(self->index + 1) % self->count];
    while (storm_next(self)) {
        storm_at(self, "queueing a call");
        STORM_CHECK(QueueUserAPC(receive, next, (ULONG_PTR)(self->index + 1) % self->count));
        sent++;
        storm_at(self, "waiting for its neighbour's call");
        while (received[self->index] < sent)
            switch (storm_random(self) % 3) {
            case 0:
                STORM_CHECK(SleepEx(INFINITE, TRUE) == WAIT_IO_COMPLETION);
                break;
            case 1:
                STORM_CHECK(WaitForSingleObjectEx(never, INFINITE, TRUE) == WAIT_IO_COMPLETION);
                break;
            default:
                SleepEx(1, TRUE);
            }
    }
    CloseHandle(never);
}

static void run_apcs(void)
{
    STORM(apcs, THREADS, 1);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(received[i], storm_share(THREADS, 1));
    close_all(ring, THREADS);
}

/* Names and handles */

static const WCHAR *const names[] = {L"litewin storm a", L"litewin storm b", L"Global\\litewin storm c"};

/* Whoever makes the object of a name, and whoever finds it, has the same one as long as both hold it. */
static void named_objects(struct storm_thread *self)
{
    while (storm_next(self)) {
        const WCHAR *name = names[storm_random(self) % 3];
        HANDLE made, opened, copy = NULL;
        storm_at(self, "creating");
        made = CreateSemaphoreW(NULL, 0, 1000, name);
        STORM_CHECK(made != NULL);
        storm_at(self, "opening");
        opened = OpenSemaphoreW(SEMAPHORE_ALL_ACCESS, FALSE, name);
        STORM_CHECK(opened != NULL);
        STORM_CHECK(ReleaseSemaphore(made, 1, NULL));
        STORM_CHECK(DuplicateHandle(GetCurrentProcess(), opened, GetCurrentProcess(), &copy, 0, FALSE,
                                    DUPLICATE_SAME_ACCESS));
        STORM_CHECK(CloseHandle(made));
        storm_at(self, "waiting");
        STORM_CHECK(WaitForSingleObject(copy, INFINITE) == WAIT_OBJECT_0);
        STORM_CHECK(CloseHandle(opened));
        STORM_CHECK(CloseHandle(copy));
    }
}

static void run_names(void)
{
    STORM(named_objects, THREADS, 2);
    for (int i = 0; i < 3; i++)
        CHECK_ERROR(OpenSemaphoreW(SYNCHRONIZE, FALSE, names[i]) == NULL, ERROR_FILE_NOT_FOUND);
}

int main(int argc, char **argv)
{
    storm_length(argc, argv);
    run_gates();
    run_pairs();
    run_any();
    run_all();
    run_abandoned();
    run_timers();
    run_apcs();
    run_names();
    return CHECK_END();
}
