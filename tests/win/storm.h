/* Storms: many threads at once on one lock or kind of object, over and over, and a watchdog that says who
 * hangs.
 *
 *     static void events(struct storm_thread *self)
 *     {
 *         while (storm_next(self)) {
 *             storm_at(self, "waiting for the event");
 *             ...
 *         }
 *     }
 *
 *     int main(int argc, char **argv)
 *     {
 *         storm_length(argc, argv);
 *         STORM(events, 16, 1);
 *         return CHECK_END();
 *     }
 *
 * The program's argument is how many operations a storm has in all, so that the same program is a short test
 * and a long one (tests/win/storms). Each thread does its part of them; STORM's last argument divides the
 * number for operations that take long. */
#ifndef STORM_H
#define STORM_H

#include "check.h"
#include <stdlib.h>

#define STORM_MOST_THREADS 32
#define STORM_SHORT        20000

/* Nothing takes that many seconds unless it hangs, however loaded the machine. */
#define STORM_PATIENCE 60

struct storm_thread {
    int index, count;
    LONG rest;               /* operations that it still has to do */
    volatile LONG done;      /* for the watchdog */
    const char *volatile at; /* likewise: what it does at present */
    unsigned random;
    void (*function)(struct storm_thread *self);
    HANDLE thread;
    LONG seen; /* the watchdog's own */
    DWORD seen_when;
} __attribute__((aligned(64)));

static LONG storm_operations = STORM_SHORT;
static struct storm_thread storm_threads[STORM_MOST_THREADS];

static inline void storm_length(int argc, char **argv)
{
    if (argc > 1 && atoi(argv[1]) > 0)
        storm_operations = atoi(argv[1]);
}

/* How many operations each thread of a storm with so many of them does. */
static inline LONG storm_share(int threads, int divisor)
{
    LONG share = storm_operations / threads / divisor;

    return share ? share : 1;
}

static inline int storm_next(struct storm_thread *self)
{
    self->done++;
    return self->rest-- > 0;
}

static inline void storm_at(struct storm_thread *self, const char *what)
{
    self->at = what;
}

static inline unsigned storm_random(struct storm_thread *self)
{
    self->random = self->random * 1664525 + 1013904223;
    return self->random >> 8;
}

/* A check that costs nothing where it holds, and is reported once. */
#define STORM_CHECK(condition) ((condition) ? (void)0 : (void)storm_complain(__FILE__, __LINE__, #condition))

static inline void storm_complain(const char *file, int line, const char *what)
{
    static volatile LONG complaints;

    if (InterlockedIncrement(&complaints) <= 20)
        check_true(file, line, 0, what);
}

static DWORD WINAPI storm_run_thread(void *argument)
{
    struct storm_thread *self = (struct storm_thread *)argument;

    self->function(self);
    return 0;
}

static inline void storm_report(const struct storm_thread *thread)
{
    struct check_line line;

    line.length = 0;
    check_put(&line, "  thread ");
    check_put_digits(&line, (unsigned)thread->index, 10);
    check_put(&line, " hangs ");
    check_put(&line, thread->at ? thread->at : "before its first operation");
    check_put(&line, ", with ");
    check_put_digits(&line, (unsigned)thread->done, 10);
    check_put(&line, " operations done and ");
    check_put_digits(&line, (unsigned)(thread->rest > 0 ? thread->rest : 0), 10);
    check_put(&line, " to do");
    check_print(&line);
}

static inline int storm_has_ended(const struct storm_thread *thread)
{
    return WaitForSingleObject(thread->thread, 0) == WAIT_OBJECT_0;
}

static inline int storm_is_stuck(struct storm_thread *thread)
{
    DWORD now = GetTickCount();

    if (thread->done != thread->seen) {
        thread->seen = thread->done;
        thread->seen_when = now;
    }
    return now - thread->seen_when > STORM_PATIENCE * 1000;
}

/* A thread that hangs would keep the process: it ends here. */
static inline void storm_watch(int count)
{
    int stuck = 0;

    for (int i = 0; i < count; i++)
        stuck += !storm_has_ended(&storm_threads[i]) && storm_is_stuck(&storm_threads[i]);
    if (!stuck)
        return;
    for (int i = 0; i < count; i++)
        if (!storm_has_ended(&storm_threads[i]))
            storm_report(&storm_threads[i]);
    CHECK(!"a thread hangs");
    ExitProcess((UINT)CHECK_END());
}

static inline void storm_join(int count)
{
    for (int i = 0; i < count; i++) {
        while (WaitForSingleObject(storm_threads[i].thread, 500) == WAIT_TIMEOUT)
            storm_watch(count);
        CloseHandle(storm_threads[i].thread);
    }
}

#define STORM(function, threads, divisor) (check_test = #function, storm_run(function, threads, divisor))

static inline void storm_run(void (*function)(struct storm_thread *self), int count, int divisor)
{
    for (int i = 0; i < count; i++) {
        struct storm_thread *thread = &storm_threads[i];
        memset(thread, 0, sizeof *thread);
        thread->index = i;
        thread->count = count;
        thread->rest = storm_share(count, divisor);
        thread->random = (unsigned)i * 2654435761u + 1;
        thread->function = function;
        thread->seen_when = GetTickCount();
    }
    for (int i = 0; i < count; i++) {
        storm_threads[i].thread = CreateThread(NULL, 0, storm_run_thread, &storm_threads[i], 0, NULL);
        CHECK(storm_threads[i].thread != NULL);
    }
    storm_join(count);
}

#endif
