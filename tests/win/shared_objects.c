/* Events, semaphores and mutexes that several processes have: by inheritance, by duplication and by name.
 * This program again plays the other process; its arguments are a role and the handles that it inherits. */
#include "other_process.h"
#include <stdlib.h>
#include <string.h>

/* What both sides see: in a section that the child inherits. */
struct board {
    volatile LONG handle, step, created, existed;
};

static struct board *board;

enum { PATIENCE = 20000, ROUNDS = 300, MOST = 5 };

typedef LONG(WINAPI *query_function)(HANDLE, int, void *, ULONG, ULONG *);
static query_function query_event, query_semaphore, query_mutex;

static void name_object(char *name, const char *what)
{
    snprintf(name, 64, "litewin-%s-%lu", what, (unsigned long)GetCurrentProcessId());
}

static DWORD wait_for(HANDLE handle)
{
    return WaitForSingleObject(handle, PATIENCE);
}

/* What the child does; its exit code is 0 if all was well, or says what was not */

static int answer(HANDLE *handles)
{
    if (wait_for(handles[0]) != WAIT_OBJECT_0)
        return 1;
    return SetEvent(handles[1]) ? 0 : 2;
}

static int set(HANDLE *handles)
{
    return SetEvent(handles[0]) ? 0 : 1;
}

/* Takes what the parent has put there, and gives something back. */
static int exchange(HANDLE *handles)
{
    HANDLE own = CreateEventA(NULL, TRUE, FALSE, NULL);

    if (wait_for(handles[0]) != WAIT_OBJECT_0 || !SetEvent((HANDLE)(LONG_PTR)board->handle))
        return 1;
    board->handle = (LONG)(LONG_PTR)own;
    if (!SetEvent(handles[1]) || wait_for(own) != WAIT_OBJECT_0)
        return 2;
    return 0;
}

static int count_down(HANDLE *handles)
{
    LONG previous = -1;

    for (int i = 0; i < 3; i++)
        if (wait_for(handles[0]) != WAIT_OBJECT_0)
            return 1;
    if (WaitForSingleObject(handles[0], 0) != WAIT_TIMEOUT)
        return 2;
    if (!ReleaseSemaphore(handles[0], 2, &previous) || previous != 0)
        return 3;
    if (ReleaseSemaphore(handles[0], 3, NULL) || GetLastError() != ERROR_TOO_MANY_POSTS)
        return 4;
    return 0;
}

/* Owns a mutex twice, says so, and lets go of it when told. */
static int own(HANDLE *handles)
{
    if (wait_for(handles[0]) != WAIT_OBJECT_0 || wait_for(handles[0]) != WAIT_OBJECT_0)
        return 1;
    SetEvent(handles[1]);
    if (wait_for(handles[2]) != WAIT_OBJECT_0)
        return 2;
    return ReleaseMutex(handles[0]) && ReleaseMutex(handles[0]) && !ReleaseMutex(handles[0]) &&
                   GetLastError() == ERROR_NOT_OWNER
               ? 0
               : 3;
}

/* Keeps it. */
static int own_and_leave(HANDLE *handles)
{
    if (wait_for(handles[0]) != WAIT_OBJECT_0)
        return 1;
    SetEvent(handles[1]);
    return wait_for(handles[2]) != WAIT_OBJECT_0;
}

static DWORD WINAPI take_mutex(void *mutex)
{
    return wait_for(mutex);
}

static int own_in_thread(HANDLE *handles)
{
    HANDLE thread = CreateThread(NULL, 0, take_mutex, handles[0], 0, NULL);

    if (wait_for(thread) != WAIT_OBJECT_0)
        return 1;
    SetEvent(handles[1]);
    return wait_for(handles[2]) != WAIT_OBJECT_0;
}

static int doze(HANDLE *handles)
{
    (void)handles;
    Sleep(INFINITE);
    return 0;
}

static int pass_on(HANDLE *handles)
{
    if (wait_for(handles[0]) != WAIT_OBJECT_0)
        return 1;
    for (int i = 1; i < ROUNDS; i++)
        if (SignalObjectAndWait(handles[1], handles[0], PATIENCE, FALSE) != WAIT_OBJECT_0)
            return 2;
    return SetEvent(handles[1]) ? 0 : 3;
}

/* Each of the names that the parent has made. */
static int open_names(HANDLE *handles)
{
    char name[64];
    DWORD parent = (DWORD)board->handle;
    (void)handles;

    snprintf(name, sizeof name, "litewin-event-%lu", (unsigned long)parent);
    HANDLE event = OpenEventA(SYNCHRONIZE, FALSE, name);
    if (!event || wait_for(event) != WAIT_OBJECT_0)
        return 1;
    if (SetEvent(event) || GetLastError() != ERROR_ACCESS_DENIED)
        return 2;
    if (OpenMutexA(SYNCHRONIZE, FALSE, name) || GetLastError() != ERROR_INVALID_HANDLE)
        return 3;
    if (CreateSemaphoreA(NULL, 1, 1, name) || GetLastError() != ERROR_INVALID_HANDLE)
        return 4;
    SetLastError(5);
    HANDLE again = CreateEventA(NULL, FALSE, FALSE, name); /* it stays one of manual reset */
    if (!again || GetLastError() != ERROR_ALREADY_EXISTS)
        return 5;
    if (wait_for(again) != WAIT_OBJECT_0 || wait_for(event) != WAIT_OBJECT_0)
        return 6;
    snprintf(name, sizeof name, "Local\\litewin-semaphore-%lu", (unsigned long)parent);
    HANDLE semaphore = OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, name);
    if (!semaphore || !ReleaseSemaphore(semaphore, 1, NULL))
        return 7;
    snprintf(name, sizeof name, "litewin-mutex-%lu", (unsigned long)parent);
    HANDLE mutex = CreateMutexA(NULL, TRUE, name); /* which it does not own thereby */
    if (!mutex || GetLastError() != ERROR_ALREADY_EXISTS || ReleaseMutex(mutex))
        return 8;
    if (wait_for(semaphore) != WAIT_OBJECT_0)
        return 9;
    return 0;
}

/* Several do this at once. */
static int create_at_once(HANDLE *handles)
{
    char name[64];

    snprintf(name, sizeof name, "litewin-race-%ld", (long)board->handle);
    InterlockedIncrement(&board->step);
    if (wait_for(handles[0]) != WAIT_OBJECT_0)
        return 1;
    SetLastError(0);
    HANDLE mutex = CreateMutexA(NULL, TRUE, name);
    if (!mutex)
        return 2;
    InterlockedIncrement(GetLastError() == ERROR_ALREADY_EXISTS ? &board->existed : &board->created);
    SetEvent(handles[1]);
    return wait_for(handles[2]) != WAIT_OBJECT_0;
}

static int create_and_doze(HANDLE *handles)
{
    char name[64];

    snprintf(name, sizeof name, "litewin-orphan-%ld", (long)board->handle);
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, name);
    if (!event)
        return 1;
    SetEvent(handles[0]);
    return doze(handles);
}

static int take_all(HANDLE *handles)
{
    for (int i = 0; i < ROUNDS; i++) {
        DWORD outcome = WaitForMultipleObjects(2, handles, TRUE, PATIENCE);
        if (outcome > WAIT_OBJECT_0 + 1)
            return 1;
        board->step++;
        ReleaseMutex(handles[0]);
        SetEvent(handles[1]);
    }
    return 0;
}

static int play(int count, char **arguments)
{
    static const struct {
        const char *name;
        int (*function)(HANDLE *handles);
    } roles[] = {
        {"answer", answer},
        {"set", set},
        {"exchange", exchange},
        {"count_down", count_down},
        {"own", own},
        {"own_and_leave", own_and_leave},
        {"own_in_thread", own_in_thread},
        {"doze", doze},
        {"pass_on", pass_on},
        {"open_names", open_names},
        {"create_at_once", create_at_once},
        {"create_and_doze", create_and_doze},
        {"take_all", take_all},
    };
    HANDLE handles[MOST];

    for (int i = 3; i < count; i++)
        handles[i - 3] = (HANDLE)(LONG_PTR)atoi(arguments[i]);
    board = MapViewOfFile((HANDLE)(LONG_PTR)atoi(arguments[2]), FILE_MAP_WRITE, 0, 0, 0);
    if (!board)
        return 98;
    for (unsigned i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (!strcmp(arguments[1], roles[i].name))
            return roles[i].function(handles);
    return 99;
}

/* What the parent does */

static HANDLE board_section;
static SECURITY_ATTRIBUTES inheritable = {sizeof inheritable, NULL, TRUE};

static void run(const char *role, unsigned count, const HANDLE *handles, PROCESS_INFORMATION *process)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    char line[MAX_PATH + 200];
    int length = snprintf(line, sizeof line, "\"%s\" %s %d", program, role, (int)(LONG_PTR)board_section);

    for (unsigned i = 0; i < count; i++)
        length += snprintf(line + length, sizeof line - length, " %d", (int)(LONG_PTR)handles[i]);
    CHECK(CreateProcessA(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, process));
}

static DWORD code_of(PROCESS_INFORMATION *process)
{
    DWORD code = 0;

    CHECK_EQ(wait_for(process->hProcess), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(process->hProcess, &code));
    forget(process);
    return code;
}

static DWORD outcome_of(const char *role, unsigned count, const HANDLE *handles)
{
    PROCESS_INFORMATION process;

    run(role, count, handles, &process);
    return code_of(&process);
}

static void close_all(unsigned count, const HANDLE *handles)
{
    for (unsigned i = 0; i < count; i++)
        CHECK(CloseHandle(handles[i]));
}

static HANDLE automatic(void)
{
    return CreateEventA(&inheritable, FALSE, FALSE, NULL);
}

static HANDLE manual(void)
{
    return CreateEventA(&inheritable, TRUE, FALSE, NULL);
}

TEST(inherited_events)
{
    HANDLE handles[] = {automatic(), manual()};
    PROCESS_INFORMATION process;
    LONG state[2] = {-1, -1};

    run("answer", 2, handles, &process);
    CHECK(SetEvent(handles[0]));
    CHECK_EQ(wait_for(handles[1]), WAIT_OBJECT_0);
    CHECK_EQ(code_of(&process), 0);
    CHECK_EQ(query_event(handles[1], 0, state, sizeof state, NULL), 0);
    CHECK_EQ(state[0], 0); /* a notification event */
    CHECK_EQ(state[1], 1);
    CHECK_EQ(WaitForSingleObject(handles[0], 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(handles[1], 0), WAIT_OBJECT_0);
    CHECK(ResetEvent(handles[1]));
    CHECK_EQ(WaitForSingleObject(handles[1], 0), WAIT_TIMEOUT);
    CHECK_EQ(query_event(handles[0], 0, state, sizeof state, NULL), 0);
    CHECK_EQ(state[0], 1);
    CHECK_EQ(state[1], 0);
    close_all(2, handles);
}

TEST(duplicated_events)
{
    HANDLE handles[] = {automatic(), automatic()}, given = CreateEventA(NULL, FALSE, FALSE, NULL);
    HANDLE there = NULL, back = NULL, taken = NULL, again = NULL;
    PROCESS_INFORMATION process;

    run("exchange", 2, handles, &process);
    CHECK(DuplicateHandle(GetCurrentProcess(), given, process.hProcess, &there, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    board->handle = (LONG)(LONG_PTR)there;
    CHECK(DuplicateHandle(process.hProcess, there, GetCurrentProcess(), &back, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    SetEvent(handles[0]);
    CHECK_EQ(wait_for(given), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(back, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(back));
    CHECK_EQ(WaitForSingleObject(given, 0), WAIT_OBJECT_0);
    CHECK_EQ(wait_for(handles[1]), WAIT_OBJECT_0);
    CHECK(DuplicateHandle(process.hProcess, (HANDLE)(LONG_PTR)board->handle, GetCurrentProcess(), &taken, 0,
                          FALSE, DUPLICATE_SAME_ACCESS));
    CHECK(DuplicateHandle(process.hProcess, (HANDLE)(LONG_PTR)board->handle, GetCurrentProcess(), &again,
                          SYNCHRONIZE, FALSE, 0));
    CHECK_ERROR(!SetEvent(again), ERROR_ACCESS_DENIED);
    CHECK_EQ(WaitForSingleObject(again, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(taken));
    CHECK_EQ(WaitForSingleObject(again, 0), WAIT_OBJECT_0);
    CHECK_EQ(code_of(&process), 0);
    CHECK_EQ(WaitForSingleObject(taken, 0), WAIT_OBJECT_0);
    CloseHandle(given);
    CloseHandle(back);
    CloseHandle(taken);
    CloseHandle(again);
    close_all(2, handles);
}

typedef BOOL(WINAPI *compare_function)(HANDLE, HANDLE);

/* What comes back is the same object, for this process too. */
TEST(an_object_that_comes_back)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL), other = CreateEventA(NULL, FALSE, FALSE, NULL);
    HANDLE there = NULL, back = NULL;
    compare_function compare =
        (compare_function)(void *)GetProcAddress(GetModuleHandleA("kernelbase.dll"), "CompareObjectHandles");
    PROCESS_INFORMATION process;

    run("doze", 0, NULL, &process);
    CHECK(DuplicateHandle(GetCurrentProcess(), event, process.hProcess, &there, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    CHECK(DuplicateHandle(process.hProcess, there, GetCurrentProcess(), &back, 0, FALSE,
                          DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    if (compare) {
        CHECK(compare(event, back));
        CHECK(!compare(event, other));
    }
    CHECK_ERROR(!DuplicateHandle(process.hProcess, there, GetCurrentProcess(), &other, 0, FALSE,
                                 DUPLICATE_SAME_ACCESS),
                ERROR_INVALID_HANDLE);
    finish(&process);
    CHECK(SetEvent(back));
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CloseHandle(event);
    CloseHandle(back);
}

/* Threads that sleep when the object becomes one of several processes */

static HANDLE sleepers_event, local_event, suspended_event;
static volatile LONG called;

static DWORD WINAPI sleep_alone(void *unused)
{
    (void)unused;
    return wait_for(sleepers_event);
}

static DWORD WINAPI sleep_for_any(void *unused)
{
    HANDLE handles[] = {local_event, sleepers_event};

    (void)unused;
    return WaitForMultipleObjects(2, handles, FALSE, PATIENCE);
}

static DWORD WINAPI sleep_for_all(void *unused)
{
    HANDLE handles[] = {suspended_event, sleepers_event};

    (void)unused;
    return WaitForMultipleObjects(2, handles, TRUE, PATIENCE);
}

static void CALLBACK note_call(void *unused, BOOLEAN timed_out)
{
    (void)unused;
    if (!timed_out)
        InterlockedIncrement(&called);
}

static void CALLBACK note_apc(ULONG_PTR event)
{
    SetEvent((HANDLE)event);
}

static DWORD WINAPI sleep_alertably(void *unused)
{
    DWORD outcome = WaitForSingleObjectEx(sleepers_event, PATIENCE, TRUE);

    (void)unused;
    if (outcome != WAIT_IO_COMPLETION)
        return 1000 + outcome;
    return WaitForSingleObjectEx(sleepers_event, PATIENCE, TRUE);
}

TEST(an_event_that_threads_sleep_on)
{
    DWORD(WINAPI *const functions[])
    (void *) = {sleep_alone, sleep_for_any, sleep_for_all, sleep_alertably, sleep_alone};
    static const DWORD outcomes[] = {0, 1, 0, 0, 0};
    HANDLE threads[5], wait = NULL, alerted = CreateEventA(NULL, FALSE, FALSE, NULL);
    DWORD code;

    sleepers_event = manual();
    local_event = CreateEventA(NULL, TRUE, FALSE, NULL);
    suspended_event = CreateEventA(NULL, TRUE, TRUE, NULL);
    called = 0;
    for (int i = 0; i < 5; i++)
        threads[i] = CreateThread(NULL, 0, functions[i], NULL, 0, NULL);
    CHECK(RegisterWaitForSingleObject(&wait, sleepers_event, note_call, NULL, PATIENCE, WT_EXECUTEONLYONCE));
    Sleep(50); /* most of them sleep by then; it must work in any case */
    CHECK_EQ(SuspendThread(threads[4]), 0);
    CHECK(QueueUserAPC(note_apc, threads[3], (ULONG_PTR)alerted));
    CHECK_EQ(wait_for(alerted), WAIT_OBJECT_0);
    CHECK_EQ(outcome_of("set", 1, &sleepers_event), 0);
    CHECK_EQ(WaitForMultipleObjects(4, threads, TRUE, PATIENCE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(threads[4], 0), WAIT_TIMEOUT);
    CHECK_EQ(ResumeThread(threads[4]), 1);
    CHECK_EQ(wait_for(threads[4]), WAIT_OBJECT_0);
    for (int i = 0; i < 5; i++) {
        CHECK(GetExitCodeThread(threads[i], &code));
        CHECK_EQ(code, outcomes[i]);
    }
    for (int i = 0; i < PATIENCE && !called; i++)
        Sleep(1);
    CHECK_EQ(called, 1);
    UnregisterWaitEx(wait, INVALID_HANDLE_VALUE);
    close_all(5, threads);
    CloseHandle(sleepers_event);
    CloseHandle(local_event);
    CloseHandle(suspended_event);
    CloseHandle(alerted);
}

TEST(waits_for_a_shared_event)
{
    HANDLE handles[] = {automatic(), CreateEventA(NULL, TRUE, TRUE, NULL)};
    DWORD start = GetTickCount();

    CHECK_EQ(outcome_of("set", 1, handles), 0);
    CHECK_EQ(WaitForMultipleObjects(2, handles, FALSE, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForMultipleObjects(2, handles, FALSE, 0), WAIT_OBJECT_0 + 1);
    CHECK_EQ(WaitForMultipleObjects(2, handles, TRUE, 0), WAIT_TIMEOUT);
    start = GetTickCount();
    CHECK_EQ(WaitForSingleObject(handles[0], 60), WAIT_TIMEOUT);
    CHECK_EQ(WaitForMultipleObjects(2, handles, TRUE, 60), WAIT_TIMEOUT);
    CHECK(GetTickCount() - start >= 100);
    CHECK(SetEvent(handles[0]));
    CHECK_EQ(WaitForMultipleObjects(2, handles, TRUE, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(handles[0], 0), WAIT_TIMEOUT);
    close_all(2, handles);
}

TEST(semaphores)
{
    HANDLE semaphore = CreateSemaphoreA(&inheritable, 3, 4, NULL);
    LONG state[2] = {-1, -1}, previous = -1;

    CHECK_EQ(outcome_of("count_down", 1, &semaphore), 0);
    CHECK_EQ(query_semaphore(semaphore, 0, state, sizeof state, NULL), 0);
    CHECK_EQ(state[0], 2);
    CHECK_EQ(state[1], 4);
    CHECK(ReleaseSemaphore(semaphore, 1, &previous));
    CHECK_EQ(previous, 2);
    CHECK_EQ(outcome_of("count_down", 1, &semaphore), 0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
    CloseHandle(semaphore);
}

struct mutex_state {
    LONG count;
    BOOLEAN owned, abandoned;
};

static void check_mutex(HANDLE mutex, LONG count, BOOLEAN is_owned, BOOLEAN abandoned)
{
    struct mutex_state state = {-99, 9, 9};

    CHECK_EQ(query_mutex(mutex, 0, &state, sizeof state, NULL), 0);
    CHECK_EQ(state.count, count);
    CHECK_EQ(state.owned, is_owned);
    CHECK_EQ(state.abandoned, abandoned);
}

TEST(mutexes)
{
    HANDLE handles[] = {CreateMutexA(&inheritable, TRUE, NULL), automatic(), automatic()};
    PROCESS_INFORMATION process;

    run("own", 3, handles, &process);
    CHECK_EQ(WaitForSingleObject(handles[1], 30), WAIT_TIMEOUT);
    check_mutex(handles[0], 0, TRUE, FALSE);
    CHECK_EQ(WaitForSingleObject(handles[0], 0), WAIT_OBJECT_0);
    check_mutex(handles[0], -1, TRUE, FALSE);
    CHECK(ReleaseMutex(handles[0]));
    CHECK(ReleaseMutex(handles[0]));
    CHECK_EQ(wait_for(handles[1]), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(handles[0], 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(handles[0], 30), WAIT_TIMEOUT);
    CHECK_ERROR(!ReleaseMutex(handles[0]), ERROR_NOT_OWNER);
    check_mutex(handles[0], -1, FALSE, FALSE);
    CHECK(SetEvent(handles[2]));
    CHECK_EQ(wait_for(handles[0]), WAIT_OBJECT_0);
    CHECK_EQ(code_of(&process), 0);
    check_mutex(handles[0], 0, TRUE, FALSE);
    CHECK(ReleaseMutex(handles[0]));
    check_mutex(handles[0], 1, FALSE, FALSE);
    close_all(3, handles);
}

static DWORD WINAPI wait_for_mutex(void *mutex)
{
    DWORD outcome = wait_for(mutex);

    ReleaseMutex(mutex);
    return outcome;
}

/* By a process that ends, one that is ended while others wait, and a thread of one that goes on. */
TEST(abandoned_mutexes)
{
    HANDLE handles[] = {CreateMutexA(&inheritable, FALSE, NULL), automatic(), automatic()}, thread;
    PROCESS_INFORMATION process;
    DWORD code = 0;

    run("own_and_leave", 3, handles, &process);
    CHECK_EQ(wait_for(handles[1]), WAIT_OBJECT_0);
    SetEvent(handles[2]);
    CHECK_EQ(wait_for(handles[0]), WAIT_ABANDONED);
    CHECK_EQ(code_of(&process), 0);
    CHECK(ReleaseMutex(handles[0]));

    run("own_and_leave", 3, handles, &process);
    CHECK_EQ(wait_for(handles[1]), WAIT_OBJECT_0);
    thread = CreateThread(NULL, 0, wait_for_mutex, handles[0], 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, 50), WAIT_TIMEOUT);
    finish(&process);
    CHECK_EQ(wait_for(thread), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, WAIT_ABANDONED);
    CloseHandle(thread);
    CHECK_EQ(WaitForSingleObject(handles[0], 0), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(handles[0]));

    run("own_and_leave", 3, handles, &process);
    CHECK_EQ(wait_for(handles[1]), WAIT_OBJECT_0);
    finish(&process);
    check_mutex(handles[0], 1, FALSE, TRUE);
    CHECK_EQ(WaitForSingleObject(handles[0], 0), WAIT_ABANDONED);
    check_mutex(handles[0], 0, TRUE, FALSE);
    CHECK(ReleaseMutex(handles[0]));

    run("own_in_thread", 3, handles, &process);
    CHECK_EQ(wait_for(handles[1]), WAIT_OBJECT_0);
    CHECK_EQ(wait_for(handles[0]), WAIT_ABANDONED);
    CHECK(ReleaseMutex(handles[0]));
    SetEvent(handles[2]);
    CHECK_EQ(code_of(&process), 0);
    close_all(3, handles);
}

TEST(signals_and_waits)
{
    HANDLE handles[] = {automatic(), automatic()};
    PROCESS_INFORMATION process;
    int done = 0;

    run("pass_on", 2, handles, &process);
    for (int i = 0; i < ROUNDS; i++)
        done += SignalObjectAndWait(handles[0], handles[1], PATIENCE, FALSE) == WAIT_OBJECT_0;
    CHECK_EQ(done, ROUNDS);
    CHECK_EQ(code_of(&process), 0);
    close_all(2, handles);
}

/* Nobody can know when the other one waits. */
TEST(pulses)
{
    HANDLE handles[] = {manual(), manual()};
    PROCESS_INFORMATION process;

    for (int kind = 0; kind < 2; kind++) {
        run("answer", 2, handles, &process);
        for (int i = 0; i < PATIENCE && WaitForSingleObject(handles[1], 5) == WAIT_TIMEOUT; i++)
            CHECK(PulseEvent(handles[0]));
        CHECK_EQ(code_of(&process), 0);
        CHECK_EQ(WaitForSingleObject(handles[0], 0), WAIT_TIMEOUT);
        CHECK_EQ(WaitForSingleObject(handles[1], 0), WAIT_OBJECT_0);
        CHECK(ResetEvent(handles[1]));
        CloseHandle(handles[0]);
        handles[0] = automatic();
    }
    close_all(2, handles);
}

TEST(all_at_once_from_two_processes)
{
    HANDLE handles[] = {CreateMutexA(&inheritable, FALSE, NULL), automatic()};
    HANDLE reverse[] = {handles[1], handles[0]};
    PROCESS_INFORMATION process;
    int failures = 0;

    board->step = 0;
    run("take_all", 2, handles, &process);
    SetEvent(handles[1]);
    for (int i = 0; i < ROUNDS; i++) {
        failures += WaitForMultipleObjects(2, reverse, TRUE, PATIENCE) > WAIT_OBJECT_0 + 1;
        board->step++;
        ReleaseMutex(handles[0]);
        SetEvent(handles[1]);
    }
    CHECK_EQ(failures, 0);
    CHECK_EQ(code_of(&process), 0);
    CHECK_EQ(board->step, 2 * ROUNDS);
    close_all(2, handles);
}

TEST(names)
{
    char event_name[64], semaphore_name[64], mutex_name[64];

    name_object(event_name, "event");
    name_object(semaphore_name, "semaphore");
    name_object(mutex_name, "mutex");
    HANDLE handles[] = {
        CreateEventA(NULL, TRUE, TRUE, event_name),
        CreateSemaphoreA(NULL, 0, 5, semaphore_name),
        CreateMutexA(NULL, TRUE, mutex_name),
    };
    board->handle = (LONG)GetCurrentProcessId();
    CHECK_EQ(outcome_of("open_names", 0, NULL), 0);
    CHECK_EQ(WaitForSingleObject(handles[1], 0), WAIT_TIMEOUT);
    CHECK(ReleaseMutex(handles[2]));
    close_all(3, handles);
    CHECK_ERROR(!OpenEventA(SYNCHRONIZE, FALSE, event_name), ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(!OpenSemaphoreA(SYNCHRONIZE, FALSE, semaphore_name), ERROR_FILE_NOT_FOUND);
    CHECK_ERROR(!OpenMutexA(SYNCHRONIZE, FALSE, mutex_name), ERROR_FILE_NOT_FOUND);
}

TEST(names_that_several_create_at_once)
{
    enum { PROCESSES = 4 };
    HANDLE handles[] = {manual(), CreateSemaphoreA(&inheritable, 0, 100, NULL), manual()};
    PROCESS_INFORMATION processes[PROCESSES];

    memset(board, 0, sizeof *board);
    board->handle = (LONG)GetCurrentProcessId();
    for (int i = 0; i < PROCESSES; i++) {
        run("create_at_once", 3, handles, &processes[i]);
    }
    for (int i = 0; i < PATIENCE && board->step < PROCESSES; i++)
        Sleep(1);
    SetEvent(handles[0]);
    for (int i = 0; i < PATIENCE && board->created + board->existed < PROCESSES; i++)
        Sleep(1);
    CHECK_EQ(board->created, 1);
    CHECK_EQ(board->existed, PROCESSES - 1);
    SetEvent(handles[2]);
    for (int i = 0; i < PROCESSES; i++)
        CHECK(code_of(&processes[i]) != 2);
    close_all(3, handles);
}

/* A name lives as long as anybody has it, and no longer, however they end. */
TEST(names_of_killed_processes)
{
    HANDLE ready = automatic(), event, again;
    PROCESS_INFORMATION process;
    char name[64];

    name_object(name, "orphan");
    board->handle = (LONG)GetCurrentProcessId();
    run("create_and_doze", 1, &ready, &process);
    CHECK_EQ(wait_for(ready), WAIT_OBJECT_0);
    event = OpenEventA(EVENT_ALL_ACCESS, FALSE, name);
    CHECK(event != NULL);
    finish(&process);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    again = CreateEventA(NULL, TRUE, FALSE, name);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CloseHandle(event);
    CloseHandle(again);
    run("create_and_doze", 1, &ready, &process);
    CHECK_EQ(wait_for(ready), WAIT_OBJECT_0);
    finish(&process);
    CHECK_ERROR(!OpenEventA(EVENT_ALL_ACCESS, FALSE, name), ERROR_FILE_NOT_FOUND);
    SetLastError(5);
    event = CreateEventA(NULL, TRUE, FALSE, name);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CloseHandle(event);
    CloseHandle(ready);
}

static void find_functions(void)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");

    query_event = (query_function)(void *)GetProcAddress(ntdll, "NtQueryEvent");
    query_semaphore = (query_function)(void *)GetProcAddress(ntdll, "NtQuerySemaphore");
    query_mutex = (query_function)(void *)GetProcAddress(ntdll, "NtQueryMutant");
}

/* Without arguments; or "with" and the program that plays the other process. */
int main(int count, char **arguments)
{
    if (count > 2 && strcmp(arguments[1], "with"))
        return play(count, arguments);
    if (count > 2)
        snprintf(program, sizeof program, "%s", arguments[2]);
    else
        GetModuleFileNameA(NULL, program, sizeof program);
    find_functions();
    board_section =
        CreateFileMappingA(INVALID_HANDLE_VALUE, &inheritable, PAGE_READWRITE, 0, sizeof *board, NULL);
    board = MapViewOfFile(board_section, FILE_MAP_WRITE, 0, 0, 0);
    RUN(inherited_events);
    RUN(duplicated_events);
    RUN(an_object_that_comes_back);
    RUN(an_event_that_threads_sleep_on);
    RUN(waits_for_a_shared_event);
    RUN(semaphores);
    RUN(mutexes);
    RUN(abandoned_mutexes);
    RUN(signals_and_waits);
    RUN(pulses);
    RUN(all_at_once_from_two_processes);
    RUN(names);
    RUN(names_that_several_create_at_once);
    RUN(names_of_killed_processes);
    return CHECK_END();
}
