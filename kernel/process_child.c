/* Processes other than this one: finding them, and how they end. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kernel/process_internal.h"
#include "kernel/process_start.h"
#include "kernel/remote_thread.h"
#include "kernel/status.h"
#include "kernel/time.h"

/* The children, for OpenProcess */

static struct lock children_lock;
static struct process *children;

static void link_child(struct process *process)
{
    lock_acquire(&children_lock);
    process->next = children;
    process->previous = &children;
    if (children)
        children->previous = &process->next;
    children = process;
    lock_release(&children_lock);
}

static void unlink_child(struct process *process)
{
    lock_acquire(&children_lock);
    *process->previous = process->next;
    if (process->next)
        process->next->previous = process->previous;
    lock_release(&children_lock);
}

static struct process *find_child(DWORD id)
{
    lock_acquire(&children_lock);
    struct process *child = children;
    while (child && (child->id != id || !object_retain_living(child)))
        child = child->next;
    lock_release(&children_lock);
    return child;
}

/* How a process ended */

/* What killed it, as Windows would have put it. */
static DWORD code_of_signal(int number)
{
    switch (number) {
    case SIGSEGV:
    case SIGBUS:
        return STATUS_ACCESS_VIOLATION;
    case SIGILL:
        return STATUS_ILLEGAL_INSTRUCTION;
    case SIGFPE:
        return STATUS_INTEGER_DIVIDE_BY_ZERO;
    case SIGTRAP:
        return STATUS_BREAKPOINT;
    case SIGINT:
    case SIGQUIT:
    case SIGHUP:
        return STATUS_CONTROL_C_EXIT;
    case SIGABRT:
        return 3; /* what the C library's abort ends a process with */
    default:
        return 1; /* what the task manager does */
    }
}

static uint64_t ticks_of(const struct timeval *time)
{
    return time->tv_sec * TIME_TICKS_PER_SECOND + time->tv_usec * 10;
}

/* Under the lock. The child's own word goes before what Linux tells, which has 8 bits. */
static void note_end(struct process *process, int status, const struct rusage *usage)
{
    uint32_t code = WIFSIGNALED(status) ? code_of_signal(WTERMSIG(status)) : (DWORD)WEXITSTATUS(status);
    if (process->block)
        start_block_exit_code(process->block, &code);
    process->exit_code = code;
    process->exit_code_known = true;
    process->exited = time_system();
    process->user_time = ticks_of(&usage->ru_utime);
    process->kernel_time = ticks_of(&usage->ru_stime);
    process->ended = true;
}

/* Under the lock. */
static void look_at_child(struct process *process)
{
    int status;
    struct rusage usage;
    pid_t result = wait4(process->id, &status, WNOHANG, &usage);
    if (result > 0)
        note_end(process, status, &usage);
    else if (result < 0 && errno == ECHILD) /* the children's ends are ignored */
        process->ended = true;
}

static void look_at_stranger(struct process *process)
{
    struct pollfd state = {.fd = process->descriptor, .events = POLLIN};
    if (poll(&state, 1, 0) > 0)
        process->ended = true;
}

bool process_has_ended(struct process *process)
{
    if (process == &process_self)
        return false;
    lock_acquire(&process->lock);
    bool ended_before = process->ended;
    if (!ended_before)
        (process->is_child ? look_at_child : look_at_stranger)(process);
    bool ended = process->ended;
    lock_release(&process->lock);
    if (ended && !ended_before) {
        waitable_set(&process->object);
        waitable_set(&process->main_thread.object);
    }
    return ended;
}

NTSTATUS process_query_exit_code(struct process *process, DWORD *code)
{
    *code = STILL_ACTIVE;
    if (!process_has_ended(process))
        return STATUS_SUCCESS;
    *code = process->exit_code;
    return process->exit_code_known ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
}

NTSTATUS process_kill(struct process *process, DWORD code)
{
    if (process == &process_self)
        process_terminate(code);
    if (process_has_ended(process))
        return STATUS_ACCESS_DENIED;
    if (process->block)
        start_block_set_exit_code(process->block, code);
    return pidfd_send_signal(process->descriptor, SIGKILL, NULL, 0) ? status_from_errno(errno)
                                                                    : STATUS_SUCCESS;
}

/* Watching the ends that somebody waits for */

static void watched_has_ended(struct watch *watch)
{
    struct process *process = CONTAINING_RECORD(watch, struct process, watch);
    process_has_ended(process);
    object_release(process);
}

int64_t process_watch(struct process *process)
{
    static struct lock watch_lock;
    if (process == &process_self || process_has_ended(process))
        return WAIT_NEVER;
    lock_acquire(&watch_lock);
    if (!process->watched) {
        process->watch.ready = watched_has_ended;
        object_retain(process);
        process->watched = watch_descriptor(process->descriptor, EPOLLIN, &process->watch);
        if (!process->watched)
            object_release(process);
    }
    lock_release(&watch_lock);
    return WAIT_NEVER;
}

static int64_t watch_as_process(struct waitable *object)
{
    return process_watch((struct process *)object);
}

/* The objects */

/* A child that nobody has a handle to is waited for all the same, lest it become a zombie: the object lives
 * on with the watcher's reference. */
static void outlive_handles(struct process *process)
{
    process->object.object.references = 1;
    process_watch(process);
    process->watched = true; /* or else there is nobody to watch it */
    object_release(process);
}

static void destroy_process(struct object *object)
{
    struct process *process = (struct process *)object;
    if (process == &process_self)
        return;
    if (process->is_child && !process->watched && !process_has_ended(process)) {
        outlive_handles(process);
        return;
    }
    if (process->is_child)
        unlink_child(process);
    if (process->block)
        start_block_release(process->block);
    close(process->descriptor);
    free(process);
}

static const struct wait_operations process_wait = {.watch = watch_as_process};

const struct object_type process_type = {
    .name = "Process",
    .destroy = destroy_process,
    .wait = &process_wait,
    .access = {PROCESS_QUERY_INFORMATION | PROCESS_VM_READ | STANDARD_RIGHTS_READ,
               PROCESS_VM_WRITE | PROCESS_VM_OPERATION | PROCESS_CREATE_THREAD | STANDARD_RIGHTS_WRITE,
               SYNCHRONIZE | STANDARD_RIGHTS_EXECUTE, PROCESS_ALL_ACCESS},
};

struct process *process_make(DWORD id, int descriptor, struct start_block *block, bool is_child)
{
    struct process *process = calloc(1, sizeof *process);
    if (!process)
        return NULL;
    waitable_initialize(&process->object, &process_type, false);
    process->id = id;
    remote_thread_initialize(&process->main_thread, process);
    process->descriptor = descriptor;
    process->block = block;
    process->is_child = is_child;
    process->created = time_system();
    if (is_child) {
        object_retain(process); /* the main thread's */
        link_child(process);
    }
    return process;
}

NTSTATUS process_open(DWORD id, struct process **process)
{
    if (id == process_self.id) {
        *process = object_retain(&process_self);
        return STATUS_SUCCESS;
    }
    *process = find_child(id);
    if (*process)
        return STATUS_SUCCESS;
    int descriptor = id && id <= INT_MAX ? pidfd_open(id, 0) : -1;
    if (descriptor < 0)
        return STATUS_INVALID_CID;
    *process = process_make(id, descriptor, NULL, false);
    if (*process)
        return STATUS_SUCCESS;
    close(descriptor);
    return STATUS_NO_MEMORY;
}
