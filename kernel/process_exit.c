/* How this process ends, in Windows' order: its other threads are ended, wherever they are; then those who
 * want to know are told, fiber-local data first and DLLs last; then Linux ends it. */
#include <unistd.h>
#include "kernel/process.h"
#include "kernel/thread.h"

void (*process_on_exit)(void);

static void (*lock_process)(void), (*unlock_process)(void);
static uint32_t last_thread; /* atomic: the id of the one that has ended the others; 0 while there is none */
static uint32_t exit_code;
static bool shutting_down; /* atomic */

void process_set_exit_lock(void (*acquire)(void), void (*release)(void))
{
    lock_process = acquire;
    unlock_process = release;
}

bool process_is_ending(void)
{
    return __atomic_load_n(&shutting_down, __ATOMIC_RELAXED);
}

bool process_is_closed(void)
{
    return __atomic_load_n(&last_thread, __ATOMIC_SEQ_CST);
}

bool process_is_last_thread(void)
{
    uint32_t last = __atomic_load_n(&last_thread, __ATOMIC_RELAXED);
    return last && last == thread_current()->id;
}

/* Of threads that end the process at the same time, one does, and ends those that come here. */
static _Noreturn void wait_for_the_end(void)
{
    for (;;) {
        suspend_checkpoint();
        pause();
    }
}

void process_end_other_threads(uint32_t code)
{
    uint32_t nobody = 0, self = thread_current()->id;
    if (!__atomic_compare_exchange_n(&last_thread, &nobody, self, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST) &&
        nobody != self)
        wait_for_the_end();
    exit_code = code;
    thread_terminate_others(code);
}

void process_shut_down(void)
{
    if (__atomic_exchange_n(&shutting_down, true, __ATOMIC_RELAXED))
        return;
    thread_call_exit_callbacks(thread_current());
    if (process_on_exit)
        process_on_exit();
}

/* A DllMain that ends the process, while it is ending, goes straight to the end. */
void process_exit(uint32_t code)
{
    if (!process_is_ending()) {
        if (lock_process)
            lock_process();
        process_end_other_threads(code);
        if (unlock_process)
            unlock_process();
        process_shut_down();
    }
    process_terminate(code);
}

/* A thread that was in Linux code when it was ended leaves that, and its locks, before long. */
void process_acquire_orphan(bool (*try_lock)(void *lock), void *lock)
{
    enum { TRIES = 100, PAUSE_US = 1000 };
    for (int i = 0; i < TRIES; i++) {
        if (try_lock(lock))
            return;
        usleep(PAUSE_US);
    }
    process_terminate(exit_code);
}
