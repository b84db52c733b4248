/* uses: kernel/wait.c kernel/wait_all.c kernel/shared_wait.c kernel/shared_file.c kernel/shared_directory.c
 * kernel/peer.c kernel/watch.c kernel/helper_thread.c kernel/host_process.c kernel/event.c kernel/semaphore.c kernel/mutex.c
 * kernel/waitable_timer.c kernel/time.c kernel/zone_names.c kernel/utf.c kernel/apc.c kernel/handle.c
 * kernel/named.c kernel/lock.c kernel/signal_and_wait.c kernel/status.c kernel/segment_x86_64.c */
/* Waiting: each kind of object, timeouts, waits for any and all, alerts, and no lost wake-up under stress. */
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <time.h>
#include "kernel/apc.h"
#include "kernel/event.h"
#include "kernel/handle.h"
#include "kernel/mutex.h"
#include "kernel/segment.h"
#include "kernel/semaphore.h"
#include "kernel/thread.h"
#include "kernel/waitable_timer.h"
#include <cmocka.h>

/* Nobody is suspended here. */
void suspend_checkpoint(void) {}

/* Every pthread that waits needs a thread structure to be found by. */
struct task {
    struct thread thread;
    pthread_t pthread;
    void (*function)(void *argument);
    void *argument;
};

static void *run_task(void *argument)
{
    struct task *task = argument;
    task->thread.teb.Tib.Self = &task->thread.teb.Tib;
    segment_set(&task->thread.teb);
    task->function(task->argument);
    mutex_abandon_all(&task->thread);
    apc_close(&task->thread);
    return NULL;
}

static struct task *start(void (*function)(void *), void *argument)
{
    struct task *task = calloc(1, sizeof *task);
    task->function = function;
    task->argument = argument;
    pthread_create(&task->pthread, NULL, run_task, task);
    return task;
}

static void join(struct task *task)
{
    pthread_join(task->pthread, NULL);
    free(task);
}

static LARGE_INTEGER milliseconds(int count)
{
    return (LARGE_INTEGER){.QuadPart = -count * 10000LL};
}

static const LARGE_INTEGER now;

static const struct object_request unnamed = {.access = MAXIMUM_ALLOWED};

static HANDLE make_event(bool manual_reset, bool signaled)
{
    HANDLE handle;
    assert_int_equal(event_create(&unnamed, manual_reset, signaled, &handle), STATUS_SUCCESS);
    return handle;
}

static HANDLE make_semaphore(LONG initial)
{
    HANDLE handle;
    assert_int_equal(semaphore_create(&unnamed, initial, 1000000, &handle), STATUS_SUCCESS);
    return handle;
}

static HANDLE make_mutex(bool owned)
{
    HANDLE handle;
    assert_int_equal(mutex_create(&unnamed, owned, &handle), STATUS_SUCCESS);
    return handle;
}

static void assert_poll(HANDLE handle, NTSTATUS status)
{
    assert_int_equal(wait_for_handle(handle, false, &now), status);
}

static int64_t elapsed_since(const struct timespec *start)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (end.tv_sec - start->tv_sec) * 1000 + (end.tv_nsec - start->tv_nsec) / 1000000;
}

static void events(void **state)
{
    HANDLE automatic = make_event(false, true), manual = make_event(true, false);
    LONG previous;
    assert_poll(automatic, STATUS_WAIT_0);
    assert_poll(automatic, STATUS_TIMEOUT);
    assert_int_equal(event_set(manual, &previous), STATUS_SUCCESS);
    assert_int_equal(previous, 0);
    assert_int_equal(event_set(manual, &previous), STATUS_SUCCESS);
    assert_int_equal(previous, 1);
    assert_poll(manual, STATUS_WAIT_0);
    assert_poll(manual, STATUS_WAIT_0);
    event_reset(manual, NULL);
    assert_poll(manual, STATUS_TIMEOUT);
    handle_close(automatic);
    handle_close(manual);
}

static void timeouts(void **state)
{
    HANDLE event = make_event(false, false);
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    LARGE_INTEGER timeout = milliseconds(30);
    assert_int_equal(wait_for_handle(event, false, &timeout), STATUS_TIMEOUT);
    assert_in_range(elapsed_since(&start), 30, 1000);
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_int_equal(wait_delay(false, &timeout), STATUS_SUCCESS);
    assert_in_range(elapsed_since(&start), 30, 1000);
    /* A date: 20 ms from now, and one long past. */
    struct timespec date;
    clock_gettime(CLOCK_REALTIME, &date);
    timeout.QuadPart = (date.tv_sec + 11644473600LL) * 10000000 + date.tv_nsec / 100 + 200000;
    assert_int_equal(wait_for_handle(event, false, &timeout), STATUS_TIMEOUT);
    timeout.QuadPart = 1;
    assert_int_equal(wait_for_handle(event, false, &timeout), STATUS_TIMEOUT);
    /* The queue that timed out waits have left works. */
    event_set(event, NULL);
    assert_poll(event, STATUS_WAIT_0);
    handle_close(event);
}

static void mutexes(void **state)
{
    HANDLE mutex = make_mutex(true);
    assert_poll(mutex, STATUS_WAIT_0);
    assert_int_equal(mutex_release(mutex, NULL), STATUS_SUCCESS);
    LONG previous;
    assert_int_equal(mutex_release(mutex, &previous), STATUS_SUCCESS);
    assert_int_equal(previous, 0);
    assert_int_equal(mutex_release(mutex, NULL), STATUS_MUTANT_NOT_OWNED);
    handle_close(mutex);
}

static void take_and_leave(void *argument)
{
    assert_poll(*(HANDLE *)argument, STATUS_WAIT_0);
}

static void mutexes_are_abandoned(void **state)
{
    HANDLE mutex = make_mutex(false);
    join(start(take_and_leave, &mutex));
    assert_poll(mutex, STATUS_ABANDONED);
    assert_poll(mutex, STATUS_WAIT_0);
    mutex_release(mutex, NULL);
    mutex_release(mutex, NULL);
    assert_poll(mutex, STATUS_WAIT_0);
    mutex_release(mutex, NULL);
    handle_close(mutex);
}

static void own_and_close(void *argument)
{
    HANDLE *mutex = argument;
    assert_poll(*mutex, STATUS_WAIT_0);
    handle_close(*mutex);
    handle_close(make_mutex(true));
}

static void owned_mutexes_can_be_closed(void **state)
{
    HANDLE mutex = make_mutex(true);
    handle_close(mutex);
    mutex = make_mutex(false);
    join(start(own_and_close, &mutex));
}

static void semaphores(void **state)
{
    HANDLE semaphore;
    LONG previous;
    assert_int_equal(semaphore_create(&unnamed, 1, 2, &semaphore), STATUS_SUCCESS);
    assert_int_equal(semaphore_release(semaphore, 2, &previous), STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    assert_int_equal(semaphore_release(semaphore, 1, &previous), STATUS_SUCCESS);
    assert_int_equal(previous, 1);
    assert_poll(semaphore, STATUS_WAIT_0);
    assert_poll(semaphore, STATUS_WAIT_0);
    assert_poll(semaphore, STATUS_TIMEOUT);
    assert_int_equal(semaphore_release(semaphore, 0, NULL), STATUS_INVALID_PARAMETER);
    handle_close(semaphore);
    assert_int_equal(semaphore_create(&unnamed, 3, 2, &semaphore), STATUS_INVALID_PARAMETER);
}

static void waits_for_any(void **state)
{
    HANDLE handles[64];
    for (int i = 0; i < 64; i++)
        handles[i] = make_event(false, i == 40 || i == 63);
    assert_int_equal(wait_for_handles(64, handles, false, false, &now), STATUS_WAIT_0 + 40);
    assert_int_equal(wait_for_handles(64, handles, false, false, &now), STATUS_WAIT_0 + 63);
    assert_int_equal(wait_for_handles(64, handles, false, false, &now), STATUS_TIMEOUT);
    LARGE_INTEGER timeout = milliseconds(5);
    assert_int_equal(wait_for_handles(64, handles, false, false, &timeout), STATUS_TIMEOUT);
    assert_int_equal(wait_for_handles(65, handles, false, false, &now), STATUS_INVALID_PARAMETER_1);
    assert_int_equal(wait_for_handles(0, handles, false, false, &now), STATUS_INVALID_PARAMETER_1);
    for (int i = 0; i < 64; i++)
        handle_close(handles[i]);
    assert_int_equal(wait_for_handles(1, handles, false, false, &now), STATUS_INVALID_HANDLE);
}

static void waits_for_all(void **state)
{
    HANDLE handles[3] = {make_event(false, true), make_semaphore(1), make_mutex(true)};
    mutex_release(handles[2], NULL);
    event_reset(handles[0], NULL);
    /* Nothing is taken unless all is. */
    assert_int_equal(wait_for_handles(3, handles, true, false, &now), STATUS_TIMEOUT);
    LARGE_INTEGER timeout = milliseconds(5);
    assert_int_equal(wait_for_handles(3, handles, true, false, &timeout), STATUS_TIMEOUT);
    event_set(handles[0], NULL);
    assert_int_equal(wait_for_handles(3, handles, true, false, &now), STATUS_WAIT_0);
    assert_poll(handles[0], STATUS_TIMEOUT);
    assert_poll(handles[1], STATUS_TIMEOUT);
    assert_int_equal(mutex_release(handles[2], NULL), STATUS_SUCCESS);
    HANDLE twice[2] = {handles[0], handles[0]};
    assert_int_equal(wait_for_handles(2, twice, true, false, &now), STATUS_INVALID_PARAMETER_MIX);
    for (int i = 0; i < 3; i++)
        handle_close(handles[i]);
}

static void wait_for_two(void *argument)
{
    assert_int_equal(wait_for_handles(2, argument, true, false, NULL), STATUS_WAIT_0);
}

static void all_waits_are_woken(void **state)
{
    HANDLE handles[2] = {make_event(false, false), make_event(false, false)};
    for (int round = 0; round < 200; round++) {
        struct task *task = start(wait_for_two, handles);
        event_set(handles[round % 2], NULL);
        event_set(handles[1 - round % 2], NULL);
        join(task);
        assert_poll(handles[0], STATUS_TIMEOUT);
        assert_poll(handles[1], STATUS_TIMEOUT);
    }
    handle_close(handles[0]);
    handle_close(handles[1]);
}

static void rights_are_needed(void **state)
{
    const struct object_request request = {.access = EVENT_MODIFY_STATE};
    HANDLE handle;
    assert_int_equal(event_create(&request, true, true, &handle), STATUS_SUCCESS);
    assert_poll(handle, STATUS_ACCESS_DENIED);
    handle_close(handle);
}

static GUEST_STDCALL void note(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c)
{
    *(ULONG_PTR *)a += b + c;
}

static void alerts(void **state)
{
    struct thread *self = thread_current();
    ULONG_PTR sum = 0;
    HANDLE event = make_event(true, false);
    assert_int_equal(apc_queue(self, note, (ULONG_PTR)&sum, 1, 2), STATUS_SUCCESS);
    assert_poll(event, STATUS_TIMEOUT);
    assert_int_equal(sum, 0);
    assert_int_equal(wait_for_handle(event, true, NULL), STATUS_USER_APC);
    assert_int_equal(sum, 3);
    apc_queue(self, note, (ULONG_PTR)&sum, 1, 0);
    apc_queue(self, note, (ULONG_PTR)&sum, 1, 0);
    assert_int_equal(wait_delay(true, &now), STATUS_USER_APC);
    assert_int_equal(sum, 5);
    assert_int_equal(wait_delay(true, &now), STATUS_SUCCESS);
    handle_close(event);
}

static void sleep_alertably(void *argument)
{
    assert_int_equal(wait_delay(true, NULL), STATUS_USER_APC);
}

static void a_sleeper_is_alerted(void **state)
{
    ULONG_PTR sum = 0;
    struct task *task = start(sleep_alertably, NULL);
    apc_queue(&task->thread, note, (ULONG_PTR)&sum, 1, 0);
    join(task);
    assert_int_equal(sum, 1);
}

static void signals_and_waits(void **state)
{
    HANDLE signal = make_semaphore(0), wait = make_event(false, true);
    assert_int_equal(wait_signal_and_wait(signal, wait, false, NULL), STATUS_WAIT_0);
    assert_poll(signal, STATUS_WAIT_0);
    assert_int_equal(wait_signal_and_wait(wait, signal, false, &now), STATUS_TIMEOUT);
    assert_poll(wait, STATUS_WAIT_0);
    handle_close(signal);
    handle_close(wait);
}

static HANDLE make_timer(bool manual_reset)
{
    HANDLE handle;
    assert_int_equal(waitable_timer_create(&unnamed, manual_reset, &handle), STATUS_SUCCESS);
    return handle;
}

static void set_timer(HANDLE timer, int delay, LONG period)
{
    LARGE_INTEGER due = milliseconds(delay);
    bool was_signaled;
    assert_int_equal(waitable_timer_set(timer, &due, period, NULL, 0, &was_signaled), STATUS_SUCCESS);
}

static void timers_expire(void **state)
{
    HANDLE timers[2] = {make_timer(false), make_timer(true)};
    LARGE_INTEGER timeout = milliseconds(1000);
    struct timespec start;
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_poll(timers[0], STATUS_TIMEOUT);
    set_timer(timers[0], 20, 0);
    set_timer(timers[1], 40, 0);
    assert_poll(timers[0], STATUS_TIMEOUT);
    assert_int_equal(wait_for_handles(2, timers, false, false, &timeout), STATUS_WAIT_0);
    assert_int_equal(wait_for_handle(timers[1], false, NULL), STATUS_WAIT_0);
    assert_in_range(elapsed_since(&start), 40, 500);
    assert_poll(timers[0], STATUS_TIMEOUT);
    assert_poll(timers[1], STATUS_WAIT_0);
    /* Setting a timer again takes its signal back. */
    set_timer(timers[1], 10, 0);
    assert_poll(timers[1], STATUS_TIMEOUT);
    set_timer(timers[0], 10, 0);
    assert_int_equal(wait_for_handles(2, timers, true, false, NULL), STATUS_WAIT_0);
    timeout = milliseconds(5);
    set_timer(timers[0], 1000, 0);
    assert_int_equal(wait_for_handle(timers[0], false, &timeout), STATUS_TIMEOUT);
    handle_close(timers[0]);
    handle_close(timers[1]);
}

static void timers_repeat(void **state)
{
    HANDLE timer = make_timer(false);
    struct timespec start;
    bool was_signaled;
    clock_gettime(CLOCK_MONOTONIC, &start);
    set_timer(timer, 0, 10);
    for (int i = 0; i <= 5; i++)
        assert_int_equal(wait_for_handle(timer, false, NULL), STATUS_WAIT_0);
    assert_in_range(elapsed_since(&start), 49, 500);
    assert_int_equal(waitable_timer_cancel(timer, &was_signaled), STATUS_SUCCESS);
    LARGE_INTEGER timeout = milliseconds(30);
    assert_int_equal(wait_for_handle(timer, false, &timeout), STATUS_TIMEOUT);
    handle_close(timer);
}

static void wait_for_timer(void *argument)
{
    assert_int_equal(wait_for_handle(*(HANDLE *)argument, false, NULL), STATUS_WAIT_0);
}

/* Whoever waits learns that the timer is set to an earlier time. */
static void a_timer_is_set_under_waiters(void **state)
{
    HANDLE timer = make_timer(true);
    for (int i = 0; i < 20; i++) {
        set_timer(timer, 3600000, 0);
        struct task *first = start(wait_for_timer, &timer), *second = start(wait_for_timer, &timer);
        if (i % 2)
            sched_yield();
        set_timer(timer, 1, 0);
        join(first);
        join(second);
    }
    handle_close(timer);
}

static GUEST_STDCALL void note_timer(ULONG_PTR sum, ULONG_PTR low, ULONG_PTR high)
{
    *(ULONG_PTR *)sum += high > 0;
}

static void timers_call(void **state)
{
    HANDLE timer = make_timer(false), event = make_event(true, false);
    LARGE_INTEGER due = milliseconds(10);
    ULONG_PTR sum = 0;
    bool was_signaled;
    assert_int_equal(waitable_timer_set(timer, &due, 0, note_timer, (ULONG_PTR)&sum, &was_signaled),
                     STATUS_SUCCESS);
    assert_int_equal(wait_for_handle(event, true, NULL), STATUS_USER_APC);
    assert_int_equal(sum, 1);
    assert_poll(timer, STATUS_WAIT_0);
    waitable_timer_set(timer, &due, 0, note_timer, (ULONG_PTR)&sum, &was_signaled);
    waitable_timer_cancel(timer, &was_signaled);
    LARGE_INTEGER timeout = milliseconds(20);
    assert_int_equal(wait_for_handle(event, true, &timeout), STATUS_TIMEOUT);
    handle_close(timer);
    handle_close(event);
}

/* Stress */

enum { THREADS = 8, ROUNDS = 20000 };

struct ring {
    HANDLE mine, next;
};

/* A token goes round: any wake-up that is lost stops everything. */
static void pass_on(void *argument)
{
    struct ring *ring = argument;
    for (int i = 0; i < ROUNDS / 8; i++) {
        assert_int_equal(wait_for_handle(ring->mine, false, NULL), STATUS_WAIT_0);
        event_set(ring->next, NULL);
    }
}

static void tokens_go_round(void **state)
{
    struct ring rings[THREADS];
    struct task *tasks[THREADS];
    for (int i = 0; i < THREADS; i++)
        rings[i].mine = make_event(false, i == 0);
    for (int i = 0; i < THREADS; i++)
        rings[i].next = rings[(i + 1) % THREADS].mine;
    for (int i = 0; i < THREADS; i++)
        tasks[i] = start(pass_on, &rings[i]);
    for (int i = 0; i < THREADS; i++)
        join(tasks[i]);
    for (int i = 0; i < THREADS; i++)
        handle_close(rings[i].mine);
}

static HANDLE stress_mutex, stress_semaphore, stress_event;
static uint32_t guarded;

static void count_under_mutex(void *argument)
{
    for (int i = 0; i < ROUNDS; i++) {
        assert_int_equal(wait_for_handle(stress_mutex, false, NULL), STATUS_WAIT_0);
        guarded++;
        mutex_release(stress_mutex, NULL);
    }
}

static void mutexes_exclude(void **state)
{
    struct task *tasks[THREADS];
    stress_mutex = make_mutex(false);
    guarded = 0;
    for (int i = 0; i < THREADS; i++)
        tasks[i] = start(count_under_mutex, NULL);
    for (int i = 0; i < THREADS; i++)
        join(tasks[i]);
    assert_int_equal(guarded, THREADS * ROUNDS);
    handle_close(stress_mutex);
}

/* Waits of every kind and timeouts compete for the units of a semaphore: as many are taken as are given. */
static uint32_t taken;

static void take_units(void *argument)
{
    uintptr_t kind = (uintptr_t)argument;
    HANDLE handles[2] = {stress_event, stress_semaphore};
    for (;;) {
        LARGE_INTEGER timeout = milliseconds(1);
        NTSTATUS status = STATUS_TIMEOUT;
        if (kind == 0)
            status = wait_for_handle(stress_semaphore, false, NULL);
        else if (kind == 1)
            status = wait_for_handle(stress_semaphore, false, &timeout);
        else if (kind == 2)
            status = wait_for_handles(2, handles, true, false, NULL);
        else
            status = wait_for_handles(1, &stress_semaphore, false, false, &timeout);
        if (status == STATUS_TIMEOUT)
            continue;
        assert_int_equal(status, STATUS_WAIT_0);
        if (__atomic_add_fetch(&taken, 1, __ATOMIC_RELAXED) > ROUNDS)
            return;
    }
}

static void give_units(void *argument)
{
    for (int i = 0; i < ROUNDS / 2; i++)
        semaphore_release(stress_semaphore, 1, NULL);
}

static void no_unit_is_lost(void **state)
{
    struct task *takers[THREADS], *givers[2];
    stress_semaphore = make_semaphore(0);
    stress_event = make_event(true, true);
    taken = 0;
    for (uintptr_t i = 0; i < THREADS; i++)
        takers[i] = start(take_units, (void *)(i % 4));
    for (int i = 0; i < 2; i++)
        givers[i] = start(give_units, NULL);
    for (int i = 0; i < 2; i++)
        join(givers[i]);
    /* One more for each taker, to stop it. */
    semaphore_release(stress_semaphore, THREADS, NULL);
    for (int i = 0; i < THREADS; i++)
        join(takers[i]);
    assert_int_equal(taken, ROUNDS + THREADS);
    assert_poll(stress_semaphore, STATUS_TIMEOUT);
    handle_close(stress_semaphore);
    handle_close(stress_event);
}

int main(void)
{
    static struct thread self;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events),
        cmocka_unit_test(timeouts),
        cmocka_unit_test(mutexes),
        cmocka_unit_test(mutexes_are_abandoned),
        cmocka_unit_test(owned_mutexes_can_be_closed),
        cmocka_unit_test(semaphores),
        cmocka_unit_test(waits_for_any),
        cmocka_unit_test(waits_for_all),
        cmocka_unit_test(all_waits_are_woken),
        cmocka_unit_test(rights_are_needed),
        cmocka_unit_test(alerts),
        cmocka_unit_test(a_sleeper_is_alerted),
        cmocka_unit_test(signals_and_waits),
        cmocka_unit_test(timers_expire),
        cmocka_unit_test(timers_repeat),
        cmocka_unit_test(a_timer_is_set_under_waiters),
        cmocka_unit_test(timers_call),
        cmocka_unit_test(tokens_go_round),
        cmocka_unit_test(mutexes_exclude),
        cmocka_unit_test(no_unit_is_lost),
    };
    self.teb.Tib.Self = &self.teb.Tib;
    segment_set(&self.teb);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
