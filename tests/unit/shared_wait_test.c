/* uses: kernel/wait.c kernel/wait_all.c kernel/shared_wait.c kernel/shared_file.c kernel/shared_directory.c
 * kernel/peer.c kernel/watch.c kernel/helper_thread.c kernel/host_process.c kernel/event.c kernel/semaphore.c kernel/mutex.c
 * kernel/waitable_timer.c kernel/time.c kernel/zone_names.c kernel/utf.c kernel/apc.c kernel/handle.c
 * kernel/named.c kernel/lock.c kernel/signal_and_wait.c kernel/status.c kernel/segment_x86_64.c */
/* Objects that processes share: this program runs itself, with a role and the descriptors of the objects. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernel/apc.h"
#include "kernel/event.h"
#include "kernel/handle.h"
#include "kernel/mutex.h"
#include "kernel/segment.h"
#include "kernel/semaphore.h"
#include "kernel/shared_wait.h"
#include "kernel/thread.h"
#include <cmocka.h>

extern char **environ;

/* Nobody is suspended here. */
void suspend_checkpoint(void) {}

struct task {
    struct thread thread;
    pthread_t pthread;
    void (*function)(void *argument);
    void *argument;
};

static void become_thread(struct thread *thread)
{
    thread->id = gettid();
    thread->teb.Tib.Self = &thread->teb.Tib;
    segment_set(&thread->teb);
}

static void *run_task(void *argument)
{
    struct task *task = argument;
    become_thread(&task->thread);
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

/* Objects */

static const struct object_request unnamed = {.access = MAXIMUM_ALLOWED};
static const LARGE_INTEGER now;

static HANDLE make_event(bool manual_reset, bool signaled)
{
    HANDLE handle;
    assert_int_equal(event_create(&unnamed, manual_reset, signaled, &handle), STATUS_SUCCESS);
    return handle;
}

static HANDLE make_semaphore(LONG initial)
{
    HANDLE handle;
    assert_int_equal(semaphore_create(&unnamed, initial, 1000, &handle), STATUS_SUCCESS);
    return handle;
}

static HANDLE make_mutex(bool owned)
{
    HANDLE handle;
    assert_int_equal(mutex_create(&unnamed, owned, &handle), STATUS_SUCCESS);
    return handle;
}

static struct waitable *object_of(HANDLE handle)
{
    struct waitable *object;
    assert_int_equal(handle_reference(handle, NULL, 0, &object), STATUS_SUCCESS);
    object_release(object);
    return object;
}

/* Makes the object one that others can have, and returns what they need. */
static int share(HANDLE handle)
{
    struct object *object = &object_of(handle)->object;
    struct shared_file file;
    assert_int_equal(shared_file_create(object->type->shared_kind, &file), STATUS_SUCCESS);
    assert_int_equal(object->type->share(object, &file), STATUS_SUCCESS);
    return file.descriptor;
}

static HANDLE adopt(int descriptor)
{
    static const struct object_type *const types[] = {
        [SHARED_EVENT] = &event_type, [SHARED_SEMAPHORE] = &semaphore_type, [SHARED_MUTEX] = &mutex_type};
    struct object *object = NULL;
    HANDLE handle = NULL;
    for (enum shared_kind kind = SHARED_EVENT; kind <= SHARED_MUTEX && !object; kind++) {
        struct shared_file file;
        if (!shared_file_adopt(dup(descriptor), kind, &file))
            types[kind]->adopt(&file, &object);
    }
    if (!object || handle_create(object, MAXIMUM_ALLOWED, 0, &handle))
        abort();
    object_release(object);
    return handle;
}

static void assert_poll(HANDLE handle, NTSTATUS status)
{
    assert_int_equal(wait_for_handle(handle, false, &now), status);
}

/* Until so many threads wait, in whatever process. */
static void await_waiters(HANDLE handle, uint32_t count)
{
    uint32_t *waiters = &object_of(handle)->shared->words->waiters;
    while (__atomic_load_n(waiters, __ATOMIC_RELAXED) < count)
        usleep(100);
}

/* Processes */

enum { MOST_OBJECTS = 6 };

struct role {
    const char *name;
    int (*play)(const HANDLE *handles);
};

static pid_t run(const char *role, unsigned count, const int *descriptors)
{
    char numbers[MOST_OBJECTS][16];
    char *arguments[MOST_OBJECTS + 3] = {"shared_wait_test", (char *)role};
    posix_spawn_file_actions_t actions;
    pid_t id;
    posix_spawn_file_actions_init(&actions);
    for (unsigned i = 0; i < count; i++) {
        snprintf(numbers[i], sizeof numbers[i], "%d", descriptors[i]);
        arguments[2 + i] = numbers[i];
        posix_spawn_file_actions_adddup2(&actions, descriptors[i], descriptors[i]);
    }
    assert_int_equal(posix_spawn(&id, "/proc/self/exe", &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return id;
}

static int code_of(pid_t id)
{
    int status;
    assert_int_equal(waitpid(id, &status, 0), id);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Waits for the first, then signals the second. */
static int answer(const HANDLE *handles)
{
    NTSTATUS status = wait_for_handle(handles[0], false, NULL);
    event_set(handles[1], NULL);
    return status;
}

static void an_event_reaches_another_process(void **state)
{
    HANDLE question = make_event(false, false), reply = make_event(true, false);
    const int descriptors[] = {share(question), share(reply)};
    pid_t child = run("answer", 2, descriptors);
    await_waiters(question, 1);
    event_set(question, NULL);
    assert_int_equal(wait_for_handle(reply, false, NULL), STATUS_WAIT_0);
    assert_int_equal(code_of(child), 0);
    assert_poll(reply, STATUS_WAIT_0);
    assert_poll(question, STATUS_TIMEOUT);
    event_reset(reply, NULL);
    assert_poll(reply, STATUS_TIMEOUT);
    handle_close(question);
    handle_close(reply);
}

/* On a Linux that cannot have a thread sleep on several words. */
static int answer_without_waitv(const HANDLE *handles)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex_waitv, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {ARRAYSIZE(filter), filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        return 77;
    return answer(handles);
}

static void an_old_kernel_will_do(void **state)
{
    HANDLE question = make_event(false, false), reply = make_event(true, false);
    const int descriptors[] = {share(question), share(reply)};
    pid_t child = run("answer_without_waitv", 2, descriptors);
    await_waiters(question, 1);
    usleep(5000);
    event_set(question, NULL);
    assert_int_equal(wait_for_handle(reply, false, NULL), STATUS_WAIT_0);
    assert_int_equal(code_of(child), 0);
    handle_close(question);
    handle_close(reply);
}

static void wait_for(void *handle)
{
    assert_int_equal(wait_for_handle(handle, false, NULL), STATUS_WAIT_0);
}

static void wait_for_both(void *handles)
{
    assert_int_equal(wait_for_handles(2, handles, true, false, NULL), STATUS_WAIT_0);
}

static bool has_waiters(HANDLE handle)
{
    struct waitable *object = object_of(handle);
    waitable_lock(object);
    bool has = object->first || object->all_waiters;
    waitable_unlock(object, waitable_is_signaled(object));
    return has;
}

static int set(const HANDLE *handles)
{
    return event_set(handles[0], NULL);
}

/* Those who sleep when the object becomes one that is shared. */
static void an_object_is_shared_under_sleepers(void **state)
{
    HANDLE handles[2] = {make_event(false, false), make_event(true, true)};
    struct task *task = start(wait_for, handles[0]);
    while (!has_waiters(handles[0]))
        usleep(100);
    int descriptor = share(handles[0]);
    assert_int_equal(code_of(run("set", 1, &descriptor)), 0);
    join(task);
    task = start(wait_for_both, handles);
    while (!has_waiters(handles[1]))
        usleep(100);
    share(handles[1]);
    assert_int_equal(code_of(run("set", 1, &descriptor)), 0);
    join(task);
    assert_poll(handles[0], STATUS_TIMEOUT);
    assert_poll(handles[1], STATUS_WAIT_0);
    handle_close(handles[0]);
    handle_close(handles[1]);
}

/* Killed while it holds the lock of the first object's page. */
static int die_with_lock(const HANDLE *handles)
{
    waitable_lock(object_of(handles[0]));
    kill(getpid(), SIGKILL);
    return 1;
}

static int hold_lock(const HANDLE *handles)
{
    waitable_lock(object_of(handles[0]));
    event_set(handles[1], NULL);
    pause();
    return 1;
}

/* A zombie's lock, then one whose process is gone altogether. */
static void a_lock_outlives_its_holder(void **state)
{
    HANDLE event = make_event(false, false);
    int descriptor = share(event);
    for (int i = 0; i < 2; i++) {
        pid_t child = run("die_with_lock", 1, &descriptor);
        siginfo_t information;
        waitid(P_PID, child, &information, WEXITED | WNOWAIT);
        if (i == 1)
            code_of(child);
        assert_int_equal(event_set(event, NULL), STATUS_SUCCESS);
        assert_poll(event, STATUS_WAIT_0);
        assert_poll(event, STATUS_TIMEOUT);
        if (i == 0)
            assert_int_equal(code_of(child), -SIGKILL);
    }
    handle_close(event);
}

static void set_event(void *handle)
{
    event_set(handle, NULL);
}

static bool is_waited_for(const uint32_t *lock)
{
    return __atomic_load_n(lock, __ATOMIC_RELAXED) & 0x80000000;
}

static void a_lock_is_waited_for_when_its_holder_dies(void **state)
{
    HANDLE event = make_event(true, false), ready = make_event(true, false);
    const int descriptors[] = {share(event), share(ready)};
    pid_t child = run("hold_lock", 2, descriptors);
    assert_int_equal(wait_for_handle(ready, false, NULL), STATUS_WAIT_0);
    struct task *tasks[] = {start(set_event, event), start(set_event, event)};
    while (!is_waited_for(&object_of(event)->shared->words->lock))
        usleep(100);
    kill(child, SIGKILL);
    join(tasks[0]);
    join(tasks[1]);
    assert_poll(event, STATUS_WAIT_0);
    assert_int_equal(code_of(child), -SIGKILL);
    handle_close(event);
    handle_close(ready);
}

/* Owners */

static int own_and_die(const HANDLE *handles)
{
    if (wait_for_handle(handles[0], false, NULL))
        return 1;
    event_set(handles[1], NULL);
    wait_for_handle(handles[2], false, NULL);
    kill(getpid(), SIGKILL);
    return 2;
}

static int own_and_exit(const HANDLE *handles)
{
    return wait_for_handle(handles[0], false, NULL);
}

static int own_and_end_thread(const HANDLE *handles)
{
    join(start(wait_for, handles[0]));
    event_set(handles[1], NULL);
    wait_for_handle(handles[2], false, NULL);
    return 0;
}

static void mutexes_are_abandoned_by_processes(void **state)
{
    HANDLE mutex = make_mutex(false), owned = make_event(false, false), go_on = make_event(false, false);
    const int descriptors[] = {share(mutex), share(owned), share(go_on)};
    LONG count;
    bool is_mine, abandoned;
    /* While this process waits. */
    pid_t child = run("own_and_die", 3, descriptors);
    wait_for_handle(owned, false, NULL);
    assert_poll(mutex, STATUS_TIMEOUT);
    assert_int_equal(mutex_release(mutex, NULL), STATUS_MUTANT_NOT_OWNED);
    assert_int_equal(mutex_query(mutex, &count, &is_mine, &abandoned), STATUS_SUCCESS);
    assert_int_equal(count, 0);
    assert_false(is_mine);
    event_set(go_on, NULL);
    assert_int_equal(wait_for_handle(mutex, false, NULL), STATUS_ABANDONED);
    assert_int_equal(code_of(child), -SIGKILL);
    assert_int_equal(mutex_release(mutex, NULL), STATUS_SUCCESS);
    /* Before it looks. */
    assert_int_equal(code_of(run("own_and_exit", 1, descriptors)), 0);
    assert_int_equal(mutex_query(mutex, &count, &is_mine, &abandoned), STATUS_SUCCESS);
    assert_int_equal(count, 1);
    assert_true(abandoned);
    assert_poll(mutex, STATUS_ABANDONED);
    assert_poll(mutex, STATUS_WAIT_0);
    assert_int_equal(mutex_release(mutex, NULL), STATUS_SUCCESS);
    assert_int_equal(mutex_release(mutex, NULL), STATUS_SUCCESS);
    /* By a thread of a process that lives on. */
    child = run("own_and_end_thread", 3, descriptors);
    wait_for_handle(owned, false, NULL);
    assert_poll(mutex, STATUS_ABANDONED);
    event_set(go_on, NULL);
    assert_int_equal(code_of(child), 0);
    mutex_release(mutex, NULL);
    handle_close(mutex);
    handle_close(owned);
    handle_close(go_on);
}

static void own_and_close(void *handle)
{
    wait_for(handle);
    handle_close(handle);
}

/* The last handle of the owner's process is not the last one. */
static int own_without_handle(const HANDLE *handles)
{
    struct task *task = start(own_and_close, handles[0]);
    join(task);
    return 0;
}

static void a_mutex_is_owned_without_a_handle(void **state)
{
    HANDLE mutex = make_mutex(false);
    int descriptor = share(mutex);
    assert_int_equal(code_of(run("own_without_handle", 1, &descriptor)), 0);
    assert_poll(mutex, STATUS_ABANDONED);
    handle_close(mutex);
}

/* Turns */

/* What the mutex guards: a word of the page that no kind uses. */
static uint32_t *guarded_by(HANDLE handle)
{
    return &object_of(handle)->shared->words->state[7];
}

static int wait_first(const HANDLE *handles)
{
    return wait_for_handle(handles[0], false, NULL);
}

static int count_when_served(const HANDLE *handles)
{
    NTSTATUS status = wait_for_handle(handles[0], false, NULL);
    if (status && status != STATUS_ABANDONED)
        return 1;
    *guarded_by(handles[0]) += 1;
    mutex_release(handles[0], NULL);
    return 0;
}

/* Whoever owns a mutex nearly all the time lets others have it in between, in this process and others. */
static void nobody_is_always_last(void **state)
{
    enum { MOST_RELEASES = 100 };
    HANDLE mutex = make_mutex(true);
    int descriptor = share(mutex), releases = 0;
    pid_t children[] = {run("count_when_served", 1, &descriptor), run("count_when_served", 1, &descriptor)};
    await_waiters(mutex, 2);
    struct task *task = start(wait_for, mutex);
    await_waiters(mutex, 3);
    for (; *guarded_by(mutex) < 2 && releases <= MOST_RELEASES; releases++) {
        assert_int_equal(mutex_release(mutex, NULL), STATUS_SUCCESS);
        NTSTATUS status = wait_for_handle(mutex, false, NULL);
        assert_true(status == STATUS_WAIT_0 || status == STATUS_ABANDONED);
    }
    assert_in_range(releases, 1, MOST_RELEASES);
    assert_int_equal(code_of(children[0]), 0);
    assert_int_equal(code_of(children[1]), 0);
    mutex_release(mutex, NULL);
    join(task);
    handle_close(mutex);
}

/* An event that is reset at once has released those who waited. */
static void a_short_signal_reaches_all(void **state)
{
    HANDLE event = make_event(true, false);
    int descriptor = share(event);
    pid_t children[3];
    for (int i = 0; i < 3; i++)
        children[i] = run("wait_first", 1, &descriptor);
    await_waiters(event, 3);
    event_set(event, NULL);
    event_reset(event, NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(code_of(children[i]), 0);
    assert_poll(event, STATUS_TIMEOUT);
    handle_close(event);
}

/* Each of two signals is for one who waits, however quickly the second follows, and leaves nothing behind. */
static void signals_are_given_at_once(void **state)
{
    HANDLE event = make_event(false, false), semaphore;
    int descriptor = share(event);
    pid_t children[2] = {run("wait_first", 1, &descriptor), run("wait_first", 1, &descriptor)};
    LONG previous;
    await_waiters(event, 2);
    assert_int_equal(event_set(event, &previous), STATUS_SUCCESS);
    assert_int_equal(previous, 0);
    assert_int_equal(event_set(event, &previous), STATUS_SUCCESS);
    assert_int_equal(previous, 0);
    event_reset(event, NULL);
    assert_int_equal(code_of(children[0]), 0);
    assert_int_equal(code_of(children[1]), 0);
    assert_poll(event, STATUS_TIMEOUT);
    handle_close(event);
    assert_int_equal(semaphore_create(&unnamed, 0, 1, &semaphore), STATUS_SUCCESS);
    descriptor = share(semaphore);
    children[0] = run("wait_first", 1, &descriptor);
    await_waiters(semaphore, 1);
    assert_int_equal(semaphore_release(semaphore, 1, &previous), STATUS_SUCCESS);
    assert_int_equal(previous, 0);
    assert_int_equal(semaphore_release(semaphore, 1, &previous), STATUS_SUCCESS);
    assert_int_equal(previous, 0);
    assert_int_equal(code_of(children[0]), 0);
    assert_int_equal(semaphore_release(semaphore, 1, NULL), STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    assert_poll(semaphore, STATUS_WAIT_0);
    assert_poll(semaphore, STATUS_TIMEOUT);
    handle_close(semaphore);
}

/* What was given to those who were killed is for all before long, and then they do not count any more. */
static void the_dead_are_forgotten(void **state)
{
    HANDLE event = make_event(false, false);
    int descriptor = share(event);
    pid_t child = run("wait_first", 1, &descriptor);
    await_waiters(event, 1);
    kill(child, SIGKILL);
    code_of(child);
    event_set(event, NULL);
    assert_poll(event, STATUS_WAIT_0);
    event_set(event, NULL);
    assert_int_equal(object_of(event)->shared->words->given_when, 0);
    assert_int_equal(object_of(event)->shared->words->waiters, 0);
    assert_int_equal(wait_for_handle(event, false, NULL), STATUS_WAIT_0);
    handle_close(event);
}

/* Pulses */

static void pulses_release_those_who_wait(void **state)
{
    HANDLE manual = make_event(true, false), automatic = make_event(false, false);
    const int descriptors[] = {share(manual), share(automatic)};
    pid_t children[3];
    for (int i = 0; i < 3; i++)
        children[i] = run("wait_first", 1, &descriptors[0]);
    await_waiters(manual, 3);
    event_pulse(manual, NULL);
    for (int i = 0; i < 3; i++)
        assert_int_equal(code_of(children[i]), 0);
    assert_poll(manual, STATUS_TIMEOUT);
    event_pulse(automatic, NULL);
    for (int i = 0; i < 2; i++)
        children[i] = run("wait_first", 1, &descriptors[1]);
    await_waiters(automatic, 2);
    event_pulse(automatic, NULL);
    pid_t first = waitpid(-1, NULL, 0);
    assert_true(first == children[0] || first == children[1]);
    pid_t second = children[first == children[0]];
    assert_int_equal(waitpid(second, NULL, WNOHANG), 0);
    assert_poll(automatic, STATUS_TIMEOUT);
    event_pulse(automatic, NULL);
    assert_int_equal(code_of(second), 0);
    assert_poll(automatic, STATUS_TIMEOUT);
    handle_close(manual);
    handle_close(automatic);
}

/* Many operations */

enum { PROCESSES = 4, ROUNDS = 1000 };

/* An event for each of four: whoever is its turn signals the next one's. */
static int pass_on(const HANDLE *handles)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (wait_for_handle(handles[0], false, NULL))
            return 1;
        event_set(handles[1], NULL);
    }
    return 0;
}

static void no_wake_up_is_lost_in_a_ring(void **state)
{
    HANDLE events[PROCESSES];
    int descriptors[PROCESSES + 1];
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        events[i] = make_event(false, false);
        descriptors[i] = share(events[i]);
    }
    descriptors[PROCESSES] = descriptors[0];
    for (int i = 0; i < PROCESSES; i++)
        children[i] = run("pass_on", 2, &descriptors[i]);
    event_set(events[0], NULL);
    for (int i = 0; i < PROCESSES; i++)
        assert_int_equal(code_of(children[i]), 0);
    assert_poll(events[0], STATUS_WAIT_0);
    for (int i = 0; i < PROCESSES; i++)
        handle_close(events[i]);
}

static void count_under_mutex(void *argument)
{
    const HANDLE *handles = argument;
    for (int i = 0; i < ROUNDS; i++) {
        if (wait_for_handle(handles[0], false, NULL) || wait_for_handle(handles[1], false, NULL))
            abort();
        *(volatile uint32_t *)guarded_by(handles[0]) += 1;
        mutex_release(handles[0], NULL);
        semaphore_release(handles[1], 1, NULL);
    }
}

static int count_in_two_threads(const HANDLE *handles)
{
    struct task *tasks[] = {start(count_under_mutex, (void *)handles),
                            start(count_under_mutex, (void *)handles)};
    join(tasks[0]);
    join(tasks[1]);
    return 0;
}

static void mutexes_exclude_processes(void **state)
{
    HANDLE handles[] = {make_mutex(false), make_semaphore(3)};
    const int descriptors[] = {share(handles[0]), share(handles[1])};
    pid_t children[PROCESSES];
    LONG count, maximum;
    for (int i = 0; i < PROCESSES; i++)
        children[i] = run("count_in_two_threads", 2, descriptors);
    for (int i = 0; i < PROCESSES; i++)
        assert_int_equal(code_of(children[i]), 0);
    assert_int_equal(*guarded_by(handles[0]), PROCESSES * 2 * ROUNDS);
    assert_int_equal(semaphore_query(handles[1], &count, &maximum), STATUS_SUCCESS);
    assert_int_equal(count, 3);
    assert_int_equal(maximum, 1000);
    handle_close(handles[0]);
    handle_close(handles[1]);
}

/* Each process has the objects in another order. */
static int take_all(const HANDLE *handles)
{
    for (int i = 0; i < ROUNDS; i++) {
        if (wait_for_handles(2, handles, true, false, NULL))
            return 1;
        *(volatile uint32_t *)guarded_by(handles[2]) += 1;
        for (int j = 0; j < 2; j++)
            if (object_of(handles[j])->object.type == &mutex_type)
                mutex_release(handles[j], NULL);
            else
                event_set(handles[j], NULL);
    }
    return 0;
}

static void all_are_waited_for_from_two_processes(void **state)
{
    HANDLE mutex = make_mutex(false), event = make_event(false, true), page = make_event(true, false);
    int first[] = {share(mutex), share(event), share(page)}, second[] = {first[1], first[0], first[2]};
    pid_t children[] = {run("take_all", 3, first), run("take_all", 3, second)};
    assert_int_equal(code_of(children[0]), 0);
    assert_int_equal(code_of(children[1]), 0);
    assert_int_equal(*guarded_by(page), 2 * ROUNDS);
    assert_poll(event, STATUS_WAIT_0);
    handle_close(mutex);
    handle_close(event);
    handle_close(page);
}

/* Goes on until it is killed. */
static int storm(const HANDLE *handles)
{
    unsigned random = getpid();
    for (;;) {
        random = random * 1664525 + 1013904223;
        NTSTATUS status = wait_for_handle(handles[0], false, NULL);
        if (status && status != STATUS_ABANDONED)
            return 1;
        for (unsigned i = 0; i < random >> 24; i++)
            cpu_relax();
        mutex_release(handles[0], NULL);
        event_set(handles[1], NULL);
    }
}

/* One process after another is killed, wherever it is, and the others go on. */
static void the_killed_stop_nobody(void **state)
{
    enum { KILLS = 60 };
    HANDLE mutex = make_mutex(false), event = make_event(false, false);
    const int descriptors[] = {share(mutex), share(event)};
    pid_t children[3];
    for (int i = 0; i < 3; i++)
        children[i] = run("storm", 2, descriptors);
    for (int i = 0; i < KILLS; i++) {
        for (int j = 0; j < 20; j++)
            assert_int_equal(wait_for_handle(event, false, NULL), STATUS_WAIT_0);
        usleep(rand() % 500);
        kill(children[i % 3], SIGKILL);
        assert_int_equal(code_of(children[i % 3]), -SIGKILL);
        children[i % 3] = run("storm", 2, descriptors);
        NTSTATUS status = wait_for_handle(mutex, false, NULL);
        assert_true(status == STATUS_WAIT_0 || status == STATUS_ABANDONED);
        mutex_release(mutex, NULL);
    }
    for (int i = 0; i < 3; i++) {
        kill(children[i], SIGKILL);
        code_of(children[i]);
    }
    handle_close(mutex);
    handle_close(event);
}

#define ROLE(name)  \
    {               \
#name, name \
    }

static int play(const char *name, int count, char **descriptors)
{
    static const struct role roles[] = {
        ROLE(answer),
        ROLE(answer_without_waitv),
        ROLE(count_when_served),
        ROLE(set),
        ROLE(die_with_lock),
        ROLE(hold_lock),
        ROLE(own_and_die),
        ROLE(own_and_exit),
        ROLE(own_and_end_thread),
        ROLE(own_without_handle),
        ROLE(wait_first),
        ROLE(pass_on),
        ROLE(count_in_two_threads),
        ROLE(take_all),
        ROLE(storm),
    };
    HANDLE handles[MOST_OBJECTS];
    for (int i = 0; i < count; i++)
        handles[i] = adopt(atoi(descriptors[i]));
    for (size_t i = 0; i < ARRAYSIZE(roles); i++)
        if (!strcmp(name, roles[i].name))
            return roles[i].play(handles);
    return 99;
}

int main(int argc, char **argv)
{
    static struct thread self;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_reaches_another_process),
        cmocka_unit_test(an_old_kernel_will_do),
        cmocka_unit_test(an_object_is_shared_under_sleepers),
        cmocka_unit_test(a_lock_outlives_its_holder),
        cmocka_unit_test(a_lock_is_waited_for_when_its_holder_dies),
        cmocka_unit_test(mutexes_are_abandoned_by_processes),
        cmocka_unit_test(a_mutex_is_owned_without_a_handle),
        cmocka_unit_test(nobody_is_always_last),
        cmocka_unit_test(a_short_signal_reaches_all),
        cmocka_unit_test(signals_are_given_at_once),
        cmocka_unit_test(the_dead_are_forgotten),
        cmocka_unit_test(pulses_release_those_who_wait),
        cmocka_unit_test(no_wake_up_is_lost_in_a_ring),
        cmocka_unit_test(mutexes_exclude_processes),
        cmocka_unit_test(all_are_waited_for_from_two_processes),
        cmocka_unit_test(the_killed_stop_nobody),
    };
    become_thread(&self);
    if (argc > 1)
        _exit(play(argv[1], argc - 2, argv + 2));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
