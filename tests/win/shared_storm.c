/* Four processes against events, semaphores and mutexes that they share, while one after another is killed,
 * wherever it is: nobody waits in vain, and a mutex tells when its owner was killed. */
#include "storm.h"
#include <stdio.h>

enum { WORKERS = 4, OPERATIONS_BETWEEN_KILLS = 200, UNITS = 3 };

struct worker {
    volatile LONG done;
    volatile LONG at; /* the operation that it is in */
};

struct board {
    volatile LONG first, second; /* equal whenever nobody owns the mutex, unless it is abandoned */
    volatile LONG abandoned, broken, stop;
    struct worker workers[WORKERS];
};

/* The handles that a worker inherits. */
enum { BOARD, MUTEX, SEMAPHORE, TOKEN, SECOND_TOKEN, PROGRESS, NEVER, HANDLES };

static HANDLE handles[HANDLES];
static struct board *board;
static char program[MAX_PATH];
static unsigned seed;

static unsigned any_number(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

static void linger(void)
{
    for (unsigned i = any_number() % 64; i > 0; i--)
        YieldProcessor();
}

/* What a worker does */

static DWORD wait_for(HANDLE handle)
{
    const HANDLE several[] = {handles[NEVER], handle};
    DWORD outcome;

    switch (any_number() % 4) {
    case 0:
        return WaitForSingleObject(handle, any_number() % 3);
    case 1:
        outcome = WaitForMultipleObjects(2, several, FALSE, INFINITE);
        return outcome == WAIT_OBJECT_0 + 1 || outcome == WAIT_ABANDONED_0 + 1 ? outcome - 1 : 0xdead;
    default:
        return WaitForSingleObject(handle, INFINITE);
    }
}

static void use_guarded(BOOL is_abandoned)
{
    if (is_abandoned) {
        InterlockedIncrement(&board->abandoned);
        board->second = board->first;
    }
    if (board->first != board->second)
        InterlockedIncrement(&board->broken);
    board->first++;
    linger();
    board->second++;
}

static int use_mutex(void)
{
    DWORD outcome = wait_for(handles[MUTEX]);

    if (outcome == WAIT_TIMEOUT)
        return 0;
    if (outcome != WAIT_OBJECT_0 && outcome != WAIT_ABANDONED)
        return 1;
    use_guarded(outcome == WAIT_ABANDONED);
    return !ReleaseMutex(handles[MUTEX]);
}

static int use_semaphore(void)
{
    DWORD outcome = wait_for(handles[SEMAPHORE]);

    if (outcome != WAIT_OBJECT_0)
        return outcome != WAIT_TIMEOUT;
    linger();
    /* Its unit may have been replaced since by one for a killed process. */
    return !ReleaseSemaphore(handles[SEMAPHORE], 1, NULL) && GetLastError() != ERROR_TOO_MANY_POSTS;
}

static int use_token(void)
{
    DWORD outcome = wait_for(handles[TOKEN]);

    if (outcome != WAIT_OBJECT_0)
        return outcome != WAIT_TIMEOUT;
    linger();
    return !SetEvent(handles[TOKEN]);
}

static int use_both(void)
{
    const HANDLE both[] = {handles[SECOND_TOKEN], handles[MUTEX]};
    DWORD outcome = WaitForMultipleObjects(2, both, TRUE, any_number() % 2 ? INFINITE : any_number() % 3);

    if (outcome == WAIT_TIMEOUT)
        return 0;
    BOOL is_abandoned = outcome >= WAIT_ABANDONED_0 && outcome <= WAIT_ABANDONED_0 + 1;
    if (!is_abandoned && outcome > WAIT_OBJECT_0 + 1)
        return 1;
    use_guarded(is_abandoned);
    return !ReleaseMutex(handles[MUTEX]) || !SetEvent(handles[SECOND_TOKEN]);
}

static int work(struct worker *self)
{
    static int (*const operations[])(void) = {use_mutex, use_semaphore, use_token, use_both};

    while (!board->stop) {
        unsigned operation = any_number() % 4;
        self->at = (LONG)operation + 1;
        if (operations[operation]())
            return (int)operation + 1;
        self->at = 0;
        self->done++;
        if (!SetEvent(handles[PROGRESS]))
            return 5;
    }
    return 0;
}

/* What the parent does */

static HANDLE begin_to_work(int index)
{
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process = {0};
    char line[MAX_PATH + 200];
    int length = snprintf(line, sizeof line, "\"%s\" worker %d", program, index);

    for (int i = 0; i < HANDLES; i++)
        length += snprintf(line + length, sizeof line - length, " %d", (int)(LONG_PTR)handles[i]);
    board->workers[index].at = 0;
    CHECK(CreateProcessA(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process));
    CloseHandle(process.hThread);
    return process.hProcess;
}

/* What a killed process may have had with it. */
static void replace_what_is_lost(void)
{
    ReleaseSemaphore(handles[SEMAPHORE], 1, NULL);
    SetEvent(handles[TOKEN]);
    SetEvent(handles[SECOND_TOKEN]);
}

static void report(const LONG *seen)
{
    for (int i = 0; i < WORKERS; i++) {
        char text[128];
        snprintf(text, sizeof text, "  worker %d in operation %ld, %ld done before, %ld now", i,
                 (long)board->workers[i].at, (long)seen[i], (long)board->workers[i].done);
        struct check_line line = {.length = 0};
        check_put(&line, text);
        check_print(&line);
    }
}

/* Until each worker has done something since. */
static BOOL all_proceed(void)
{
    LONG seen[WORKERS];
    int moved = 0;

    for (int i = 0; i < WORKERS; i++)
        seen[i] = board->workers[i].done;
    DWORD begin = GetTickCount();
    while (moved < WORKERS) {
        if (WaitForSingleObject(handles[PROGRESS], STORM_PATIENCE * 1000) != WAIT_OBJECT_0 ||
            GetTickCount() - begin > STORM_PATIENCE * 1000) {
            report(seen);
            return FALSE;
        }
        moved = 0;
        for (int i = 0; i < WORKERS; i++)
            moved += board->workers[i].done != seen[i];
    }
    return TRUE;
}

static void kill_one_after_another(HANDLE *workers, LONG kills)
{
    for (LONG i = 0; i < kills; i++) {
        int victim = (int)(any_number() % WORKERS);
        if (!all_proceed()) {
            CHECK(!"a process hangs");
            break;
        }
        for (unsigned j = any_number() % 4000; j > 0; j--)
            YieldProcessor();
        CHECK(TerminateProcess(workers[victim], 7));
        CHECK_EQ(WaitForSingleObject(workers[victim], STORM_PATIENCE * 1000), WAIT_OBJECT_0);
        CloseHandle(workers[victim]);
        replace_what_is_lost();
        workers[victim] = begin_to_work(victim);
    }
}

/* Those that still wait for what others leave behind are given it. */
static void end_all(HANDLE *workers)
{
    DWORD code = 99;

    board->stop = 1;
    for (int i = 0; i < WORKERS; i++) {
        for (int tries = 0; tries < 600 && WaitForSingleObject(workers[i], 100) == WAIT_TIMEOUT; tries++)
            replace_what_is_lost();
        CHECK(GetExitCodeProcess(workers[i], &code));
        CHECK_EQ(code, 0);
        TerminateProcess(workers[i], 8);
        CloseHandle(workers[i]);
    }
}

static void make_objects(void)
{
    static SECURITY_ATTRIBUTES inheritable = {sizeof inheritable, NULL, TRUE};

    handles[BOARD] =
        CreateFileMappingA(INVALID_HANDLE_VALUE, &inheritable, PAGE_READWRITE, 0, sizeof *board, NULL);
    handles[MUTEX] = CreateMutexA(&inheritable, FALSE, NULL);
    handles[SEMAPHORE] = CreateSemaphoreA(&inheritable, UNITS, UNITS, NULL);
    handles[TOKEN] = CreateEventA(&inheritable, FALSE, TRUE, NULL);
    handles[SECOND_TOKEN] = CreateEventA(&inheritable, FALSE, TRUE, NULL);
    handles[PROGRESS] = CreateEventA(&inheritable, FALSE, FALSE, NULL);
    handles[NEVER] = CreateEventA(&inheritable, TRUE, FALSE, NULL);
    board = MapViewOfFile(handles[BOARD], FILE_MAP_WRITE, 0, 0, 0);
}

int main(int argc, char **argv)
{
    HANDLE workers[WORKERS];

    if (argc > 3) {
        for (int i = 0; i < HANDLES; i++)
            handles[i] = (HANDLE)(LONG_PTR)atoi(argv[3 + i]);
        board = MapViewOfFile(handles[BOARD], FILE_MAP_WRITE, 0, 0, 0);
        seed = GetCurrentProcessId();
        return work(&board->workers[atoi(argv[2])]);
    }
    storm_length(argc, argv);
    GetModuleFileNameA(NULL, program, sizeof program);
    make_objects();
    for (int i = 0; i < WORKERS; i++)
        workers[i] = begin_to_work(i);
    kill_one_after_another(workers, storm_operations / OPERATIONS_BETWEEN_KILLS);
    end_all(workers);
    CHECK_EQ(board->broken, 0);
    CHECK(board->abandoned <= storm_operations / OPERATIONS_BETWEEN_KILLS);
    CHECK(WaitForSingleObject(handles[MUTEX], 0) != WAIT_TIMEOUT);
    return CHECK_END();
}
