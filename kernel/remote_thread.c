#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <ucontext.h>
#include "kernel/handle.h"
#include "kernel/process_start.h"
#include "kernel/remote_thread_internal.h"
#include "kernel/status.h"
#include "kernel/suspend_context.h"

/* Their ends */

/* Each object for a thread of another process has the reading end of a pipe, the thread the other, to which
 * it writes how it has ended. If its process ends, Linux closes the pipe. A child's first thread is known
 * without one: it ends with its process. */
static void note_end(struct remote_thread *thread)
{
    struct pollfd state = {.fd = thread->end, .events = POLLIN};
    if (poll(&state, 1, 0) <= 0)
        return;
    thread->exit_code_known = read(thread->end, &thread->last, sizeof thread->last) == sizeof thread->last;
    thread->ended = true;
}

bool remote_thread_has_ended(struct remote_thread *thread)
{
    if (remote_thread_is_main(thread))
        return process_has_ended(thread->process);
    lock_acquire(&thread->lock);
    bool ended_before = thread->ended;
    if (!ended_before)
        note_end(thread);
    bool ended = thread->ended;
    lock_release(&thread->lock);
    if (ended && !ended_before)
        waitable_set(&thread->object);
    return ended;
}

static NTSTATUS exit_code_of(struct remote_thread *thread, DWORD *code)
{
    *code = STILL_ACTIVE;
    if (!remote_thread_is_main(thread)) {
        if (!remote_thread_has_ended(thread))
            return STATUS_SUCCESS;
        *code = thread->last.exit_code;
        if (thread->exit_code_known)
            return STATUS_SUCCESS;
    }
    return process_query_exit_code(thread->process, code);
}

static void watched_has_ended(struct watch *watch)
{
    struct remote_thread *thread = CONTAINING_RECORD(watch, struct remote_thread, watch);
    remote_thread_has_ended(thread);
    object_release(thread);
}

static int64_t watch_thread(struct waitable *object)
{
    struct remote_thread *thread = (struct remote_thread *)object;
    if (remote_thread_is_main(thread))
        return process_watch(thread->process);
    if (remote_thread_has_ended(thread))
        return WAIT_NEVER;
    lock_acquire(&thread->lock);
    if (!thread->watched) {
        thread->watch.ready = watched_has_ended;
        object_retain(thread);
        thread->watched = watch_descriptor(thread->end, EPOLLIN, &thread->watch);
        if (!thread->watched)
            object_release(thread);
    }
    lock_release(&thread->lock);
    return WAIT_NEVER;
}

/* The object */

static void destroy_thread(struct object *object)
{
    struct remote_thread *thread = (struct remote_thread *)object;
    struct process *process = thread->process;
    if (process == &process_self)
        return;
    if (!remote_thread_is_main(thread)) {
        close(thread->end);
        free(thread);
    }
    object_release(process);
}

static const struct wait_operations thread_wait = {.watch = watch_thread};

const struct object_type process_thread_type = {
    .name = "Thread",
    .destroy = destroy_thread,
    .wait = &thread_wait,
    .access = THREAD_GENERIC_MAPPING,
};

void remote_thread_initialize(struct remote_thread *thread, struct process *process)
{
    waitable_initialize(&thread->object, &process_thread_type, false);
    thread->process = process;
    thread->id = process->id;
    thread->end = -1;
}

static NTSTATUS make_thread(struct process *process, int end, struct remote_thread **thread)
{
    *thread = calloc(1, sizeof **thread);
    if (!*thread)
        return STATUS_NO_MEMORY;
    remote_thread_initialize(*thread, object_retain(process));
    (*thread)->end = end;
    return STATUS_SUCCESS;
}

/* Calls for a thread to be created or found, which is to write to the pipe when it ends. */
static NTSTATUS call_for_thread(struct process *process, struct remote_call *call,
                                struct remote_thread **thread)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return status_from_errno(errno);
    call->gives = true;
    call->descriptor = ends[1];
    NTSTATUS status = remote_call(process, call);
    close(ends[1]);
    if (NT_SUCCESS(status))
        status = make_thread(process, ends[0], thread);
    if (!NT_SUCCESS(status)) {
        close(ends[0]);
        return status;
    }
    (*thread)->id = call->values[0];
    return STATUS_SUCCESS;
}

/* Acting on them */

/* A child that has not begun is suspended without its help. */
static bool change_unbegun(struct remote_thread *thread, int change, DWORD *previous)
{
    struct start_block *block = remote_thread_is_main(thread) ? thread->process->block : NULL;
    return block && start_block_suspend(block, change, previous);
}

NTSTATUS remote_thread_call(struct remote_thread *thread, enum remote_operation operation,
                            struct remote_call *call)
{
    call->operation = operation;
    call->values[0] = thread->id;
    return remote_thread_has_ended(thread) ? STATUS_THREAD_IS_TERMINATING
                                           : remote_call(thread->process, call);
}

static NTSTATUS change_count(struct remote_thread *thread, enum remote_operation operation, int change,
                             DWORD *previous)
{
    struct remote_call call = {0};
    *previous = 0;
    if (change_unbegun(thread, change, previous))
        return STATUS_SUCCESS;
    /* A program of Linux's, which runs. */
    if (change < 0 && remote_thread_is_main(thread) && !thread->process->block)
        return STATUS_SUCCESS;
    NTSTATUS status = remote_thread_call(thread, operation, &call);
    *previous = call.values[1];
    return status;
}

static NTSTATUS terminate(struct remote_thread *thread, DWORD exit_code)
{
    struct remote_call call = {.values = {0, exit_code}};
    NTSTATUS status = remote_thread_call(thread, REMOTE_TERMINATE_THREAD, &call);
    return remote_thread_is_past(status) ? STATUS_SUCCESS : status;
}

static NTSTATUS set_priority(struct remote_thread *thread, LONG priority)
{
    struct remote_call call = {.values = {0, (DWORD)priority}};
    if (!thread_is_priority(priority))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = remote_thread_call(thread, REMOTE_SET_PRIORITY, &call);
    if (!NT_SUCCESS(status) && !remote_thread_is_past(status))
        return status;
    __atomic_store_n(&thread->priority, priority, __ATOMIC_RELAXED);
    return STATUS_SUCCESS;
}

static NTSTATUS priority_of(struct remote_thread *thread, LONG *priority)
{
    struct remote_call call = {0};
    NTSTATUS status = remote_thread_call(thread, REMOTE_QUERY_THREAD, &call);
    if (NT_SUCCESS(status))
        __atomic_store_n(&thread->priority, (LONG)call.values[2], __ATOMIC_RELAXED);
    else if (!remote_thread_is_past(status))
        return status;
    *priority = __atomic_load_n(&thread->priority, __ATOMIC_RELAXED);
    return STATUS_SUCCESS;
}

static NTSTATUS queue_apc(struct remote_thread *thread, enum remote_operation operation, uintptr_t function,
                          ULONG_PTR a, ULONG_PTR b, ULONG_PTR c)
{
    struct remote_call call = {.values = {0, function, a, b, c}};
    NTSTATUS status = remote_thread_call(thread, operation, &call);
    return status == STATUS_THREAD_IS_TERMINATING ? STATUS_UNSUCCESSFUL : status;
}

/* Extended state stays where it is. */
static NTSTATUS get_context(struct remote_thread *thread, CONTEXT *context)
{
    CONTEXT whole = *context;
    struct remote_call call = {.size = sizeof whole, .data = &whole};
    whole.ContextFlags &= ~(CONTEXT_EXTENDED_STATE & ~CONTEXT_ARCHITECTURE);
    NTSTATUS status = remote_thread_call(thread, REMOTE_GET_CONTEXT, &call);
    whole.ContextFlags = context->ContextFlags;
    if (NT_SUCCESS(status))
        *context = whole;
    return status;
}

static NTSTATUS set_context(struct remote_thread *thread, const CONTEXT *context)
{
    CONTEXT whole = *context;
    struct remote_call call = {.size = sizeof whole, .data = &whole};
    whole.ContextFlags &= ~(CONTEXT_EXTENDED_STATE & ~CONTEXT_ARCHITECTURE);
    return remote_thread_call(thread, REMOTE_SET_CONTEXT, &call);
}

static NTSTATUS summarize(struct remote_thread *thread, struct thread_summary *summary)
{
    struct remote_call call = {0};
    *summary = (struct thread_summary){.process = thread->process->id, .id = thread->id};
    if (NT_SUCCESS(remote_thread_call(thread, REMOTE_QUERY_THREAD, &call)))
        summary->teb = (void *)(uintptr_t)call.values[1];
    return STATUS_SUCCESS;
}

/* By handles: this process's threads, or another's */

NTSTATUS remote_thread_reference(HANDLE handle, ACCESS_MASK access, struct thread_reference *thread)
{
    *thread = (struct thread_reference){0};
    NTSTATUS status = thread_reference(handle, access, &thread->own);
    if (status == STATUS_OBJECT_TYPE_MISMATCH)
        status = handle_reference(handle, &process_thread_type, access, &thread->remote);
    return status;
}

NTSTATUS remote_thread_release(struct thread_reference *thread, NTSTATUS status)
{
    if (thread->own)
        thread_release(thread->own);
    else
        object_release(thread->remote);
    return status;
}

NTSTATUS thread_handle_suspend(HANDLE handle, DWORD *previous_count)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_SUSPEND_RESUME, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread.own ? thread_suspend(thread.own, previous_count)
                        : change_count(thread.remote, REMOTE_SUSPEND_THREAD, 1, previous_count);
    return remote_thread_release(&thread, status);
}

NTSTATUS thread_handle_resume(HANDLE handle, DWORD *previous_count)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_SUSPEND_RESUME, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread.own ? thread_resume(thread.own, previous_count)
                        : change_count(thread.remote, REMOTE_RESUME_THREAD, -1, previous_count);
    return remote_thread_release(&thread, status);
}

NTSTATUS thread_handle_terminate(HANDLE handle, DWORD exit_code)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_TERMINATE, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread.own ? thread_terminate(thread.own, exit_code) : terminate(thread.remote, exit_code);
    return remote_thread_release(&thread, status);
}

NTSTATUS thread_handle_get_context(HANDLE handle, CONTEXT *context)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_GET_CONTEXT, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread.own ? thread_get_context(thread.own, context) : get_context(thread.remote, context);
    return remote_thread_release(&thread, status);
}

NTSTATUS thread_handle_set_context(HANDLE handle, const CONTEXT *context)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_SET_CONTEXT, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread.own ? thread_set_context(thread.own, context) : set_context(thread.remote, context);
    return remote_thread_release(&thread, status);
}

NTSTATUS thread_handle_queue_apc(HANDLE handle, apc_function function, ULONG_PTR a, ULONG_PTR b, ULONG_PTR c)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_SET_CONTEXT, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread.own ? apc_queue(thread.own, function, a, b, c)
                        : queue_apc(thread.remote, REMOTE_QUEUE_APC, (uintptr_t)function, a, b, c);
    return remote_thread_release(&thread, status);
}

static GUEST_STDCALL void call_user_apc(ULONG_PTR function, ULONG_PTR argument, ULONG_PTR unused)
{
    ((PAPCFUNC)function)(argument);
}

NTSTATUS thread_handle_queue_user_apc(HANDLE handle, PAPCFUNC function, ULONG_PTR argument)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_SET_CONTEXT, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread.own
                 ? apc_queue(thread.own, call_user_apc, (ULONG_PTR)function, argument, 0)
                 : queue_apc(thread.remote, REMOTE_QUEUE_USER_APC, (uintptr_t)function, argument, 0, 0);
    return remote_thread_release(&thread, status);
}

NTSTATUS thread_handle_exit_code(HANDLE handle, DWORD *exit_code)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread);
    if (!NT_SUCCESS(status))
        return status;
    if (thread.own)
        *exit_code = thread.own->exit_code;
    else
        status = exit_code_of(thread.remote, exit_code);
    return remote_thread_release(&thread, status);
}

NTSTATUS thread_handle_set_priority(HANDLE handle, LONG priority)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_SET_LIMITED_INFORMATION, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread.own ? thread_set_priority(thread.own, priority) : set_priority(thread.remote, priority);
    return remote_thread_release(&thread, status);
}

NTSTATUS thread_handle_priority(HANDLE handle, LONG *priority)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread);
    if (!NT_SUCCESS(status))
        return status;
    if (thread.own)
        *priority = __atomic_load_n(&thread.own->priority, __ATOMIC_RELAXED);
    else
        status = priority_of(thread.remote, priority);
    return remote_thread_release(&thread, status);
}

static struct thread_summary summary_of_own(struct thread *thread)
{
    return (struct thread_summary){.process = process_self.id, .id = thread->id, .teb = &thread->teb};
}

NTSTATUS thread_handle_summary(HANDLE handle, struct thread_summary *summary)
{
    struct thread_reference thread;
    NTSTATUS status = remote_thread_reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread);
    if (!NT_SUCCESS(status))
        return status;
    if (thread.own)
        *summary = summary_of_own(thread.own);
    else
        status = summarize(thread.remote, summary);
    return remote_thread_release(&thread, status);
}

/* Finding and making them */

/* Linux knows to which process a thread belongs; 0: there is no such thread. */
static DWORD process_of_thread(DWORD id)
{
    char name[32], line[128];
    unsigned process = 0;
    snprintf(name, sizeof name, "/proc/%u/status", (unsigned)id);
    FILE *status = id ? fopen(name, "re") : NULL;
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "Tgid: %u", &process) == 1)
            break;
    if (status)
        fclose(status);
    return process;
}

static NTSTATUS open_in(DWORD process_id, DWORD id, struct object **object)
{
    struct process *process;
    struct remote_thread *thread;
    struct remote_call call = {.operation = REMOTE_OPEN_THREAD, .values = {id}};
    NTSTATUS status = process_open(process_id, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = call_for_thread(process, &call, &thread);
    object_release(process);
    if (NT_SUCCESS(status))
        *object = &thread->object.object;
    return status;
}

NTSTATUS thread_open(DWORD id, struct object **object)
{
    struct thread *own;
    if (NT_SUCCESS(thread_reference_by_id(id, &own))) {
        *object = &own->object.object;
        return STATUS_SUCCESS;
    }
    DWORD process = process_of_thread(id);
    return process && process != process_self.id ? open_in(process, id, object) : STATUS_INVALID_CID;
}

static NTSTATUS create_own(const struct thread_parameters *parameters, struct object **object,
                           struct thread_summary *summary)
{
    struct thread *thread;
    NTSTATUS status = thread_create(parameters, &thread);
    if (!NT_SUCCESS(status))
        return status;
    *summary = summary_of_own(thread);
    *object = &thread->object.object;
    return STATUS_SUCCESS;
}

/* What runs in a process of the other architecture cannot be started from here, says Windows too. */
static NTSTATUS create_remote(struct process *process, const struct thread_parameters *parameters,
                              struct object **object, struct thread_summary *summary)
{
    struct remote_thread *thread;
    struct remote_call call = {
        .operation = REMOTE_CREATE_THREAD,
        .values = {sizeof(void *), (uintptr_t)parameters->start, (uintptr_t)parameters->argument,
                   parameters->stack_reserve, parameters->stack_commit, parameters->suspended,
                   parameters->skip_attach},
    };
    NTSTATUS status = call_for_thread(process, &call, &thread);
    if (!NT_SUCCESS(status))
        return status;
    *summary = (struct thread_summary){process->id, thread->id, (void *)(uintptr_t)call.values[1]};
    *object = &thread->object.object;
    return STATUS_SUCCESS;
}

NTSTATUS thread_create_in(HANDLE handle, const struct thread_parameters *parameters, struct object **thread,
                          struct thread_summary *summary)
{
    struct process *process;
    NTSTATUS status = handle_reference(handle, &process_type, PROCESS_CREATE_THREAD, &process);
    if (!NT_SUCCESS(status))
        return status;
    status = (process == &process_self ? create_own(parameters, thread, summary)
                                       : create_remote(process, parameters, thread, summary));
    object_release(process);
    return status;
}

/* All threads of a process */

struct threads {
    struct thread **all;
    size_t count, room;
};

static void count_thread(struct thread *thread, void *context)
{
    ((struct threads *)context)->room++;
}

static void collect_thread(struct thread *thread, void *context)
{
    struct threads *threads = context;
    if (threads->count < threads->room && thread != thread_current()) {
        object_retain(&thread->object);
        threads->all[threads->count++] = thread;
    }
}

/* The calling thread, which may be one of them, comes last. */
static NTSTATUS change_own_threads(NTSTATUS (*change)(struct thread *thread, DWORD *previous))
{
    struct threads threads = {0};
    DWORD previous;
    thread_for_each(count_thread, &threads);
    threads.all = calloc(threads.room + 1, sizeof *threads.all);
    if (!threads.all)
        return STATUS_NO_MEMORY;
    thread_for_each(collect_thread, &threads);
    for (size_t i = 0; i < threads.count; i++) {
        change(threads.all[i], &previous);
        thread_release(threads.all[i]);
    }
    free(threads.all);
    return STATUS_SUCCESS;
}

static NTSTATUS change_threads(HANDLE handle, enum remote_operation operation,
                               NTSTATUS (*change)(struct thread *thread, DWORD *previous))
{
    struct process *process;
    struct remote_call call = {.operation = operation};
    DWORD previous;
    NTSTATUS status = handle_reference(handle, &process_type, PROCESS_SUSPEND_RESUME, &process);
    if (!NT_SUCCESS(status))
        return status;
    if (process == &process_self) {
        status = change_own_threads(change);
        if (NT_SUCCESS(status))
            status = change(thread_current(), &previous);
    } else if (!process->block ||
               !start_block_suspend(process->block, operation == REMOTE_SUSPEND_ALL ? 1 : -1, &previous)) {
        status = remote_call(process, &call);
    }
    object_release(process);
    return status;
}

NTSTATUS process_suspend_threads(HANDLE process)
{
    return change_threads(process, REMOTE_SUSPEND_ALL, thread_suspend);
}

NTSTATUS process_resume_threads(HANDLE process)
{
    return change_threads(process, REMOTE_RESUME_ALL, thread_resume);
}

/* Serving */

NTSTATUS remote_thread_find(const struct remote_call *call, struct thread **thread)
{
    return NT_SUCCESS(thread_reference_by_id(call->values[0], thread)) ? STATUS_SUCCESS
                                                                       : STATUS_THREAD_IS_TERMINATING;
}

static NTSTATUS follow(struct thread *thread, struct remote_call *call)
{
    struct thread_follower *follower = malloc(sizeof *follower);
    if (!follower)
        return STATUS_NO_MEMORY;
    follower->descriptor = call->descriptor;
    NTSTATUS status = thread_add_follower(thread, follower);
    if (NT_SUCCESS(status))
        call->gives = false; /* it is the thread's from now on */
    else
        free(follower);
    return status;
}

static NTSTATUS serve_open_thread(struct remote_call *call)
{
    struct thread *thread;
    if (!NT_SUCCESS(thread_reference_by_id(call->values[0], &thread)))
        return STATUS_INVALID_CID;
    NTSTATUS status = follow(thread, call);
    thread_release(thread);
    return status;
}

static void resume_and_release(void *argument)
{
    struct thread *thread = argument;
    DWORD previous;
    thread_resume(thread, &previous);
    thread_release(thread);
}

static NTSTATUS serve_create_thread(struct remote_call *call)
{
    const struct thread_parameters parameters = {
        .start = (thread_start)(uintptr_t)call->values[1],
        .argument = (void *)(uintptr_t)call->values[2],
        .stack_reserve = call->values[3],
        .stack_commit = call->values[4],
        .suspended = true,
        .skip_attach = call->values[6],
    };
    struct thread *thread;
    if (call->values[0] != sizeof(void *))
        return STATUS_ACCESS_DENIED;
    NTSTATUS status = thread_create(&parameters, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = follow(thread, call);
    call->values[0] = thread->id;
    call->values[1] = (uintptr_t)&thread->teb;
    if (!NT_SUCCESS(status))
        thread_terminate(thread, status);
    if (call->values[5]) {
        thread_release(thread);
    } else {
        call->afterwards = resume_and_release;
        call->argument = thread;
    }
    return status;
}

static NTSTATUS serve_suspend(struct remote_call *call)
{
    struct thread *thread;
    DWORD previous = 0;
    NTSTATUS status = remote_thread_find(call, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread_suspend(thread, &previous);
    call->values[1] = previous;
    thread_release(thread);
    return status;
}

static NTSTATUS serve_resume(struct remote_call *call)
{
    struct thread *thread;
    NTSTATUS status = remote_thread_find(call, &thread);
    if (!NT_SUCCESS(status))
        return status;
    call->values[1] = suspend_count(&thread->suspension);
    call->afterwards = resume_and_release;
    call->argument = thread;
    return STATUS_SUCCESS;
}

static NTSTATUS serve_suspend_all(struct remote_call *call)
{
    return change_own_threads(thread_suspend);
}

static void resume_all(void *unused)
{
    change_own_threads(thread_resume);
}

static NTSTATUS serve_resume_all(struct remote_call *call)
{
    call->afterwards = resume_all;
    return STATUS_SUCCESS;
}

static NTSTATUS serve_terminate(struct remote_call *call)
{
    struct thread *thread;
    NTSTATUS status = remote_thread_find(call, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread_terminate(thread, call->values[1]);
    thread_release(thread);
    return status;
}

static NTSTATUS serve_context(struct remote_call *call, bool set)
{
    struct thread *thread;
    if (call->size != sizeof(CONTEXT))
        return STATUS_NOT_SUPPORTED;
    NTSTATUS status = remote_thread_find(call, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = set ? thread_set_context(thread, call->data) : thread_get_context(thread, call->data);
    thread_release(thread);
    return status;
}

static NTSTATUS serve_get_context(struct remote_call *call)
{
    return serve_context(call, false);
}

static NTSTATUS serve_set_context(struct remote_call *call)
{
    return serve_context(call, true);
}

static NTSTATUS serve_apc(struct remote_call *call, bool user)
{
    struct thread *thread;
    const uint64_t *values = call->values;
    NTSTATUS status = remote_thread_find(call, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = user ? apc_queue(thread, call_user_apc, values[1], values[2], 0)
                  : apc_queue(thread, (apc_function)(uintptr_t)values[1], values[2], values[3], values[4]);
    thread_release(thread);
    return status;
}

static NTSTATUS serve_queue_apc(struct remote_call *call)
{
    return serve_apc(call, false);
}

static NTSTATUS serve_queue_user_apc(struct remote_call *call)
{
    return serve_apc(call, true);
}

static NTSTATUS serve_query_thread(struct remote_call *call)
{
    struct thread *thread;
    NTSTATUS status = remote_thread_find(call, &thread);
    if (!NT_SUCCESS(status))
        return status;
    call->values[1] = (uintptr_t)&thread->teb;
    call->values[2] = (DWORD)__atomic_load_n(&thread->priority, __ATOMIC_RELAXED);
    thread_release(thread);
    return STATUS_SUCCESS;
}

static NTSTATUS serve_set_priority(struct remote_call *call)
{
    struct thread *thread;
    NTSTATUS status = remote_thread_find(call, &thread);
    if (!NT_SUCCESS(status))
        return status;
    status = thread_set_priority(thread, (LONG)call->values[1]);
    thread_release(thread);
    return status;
}

const remote_server remote_thread_servers[REMOTE_OPERATIONS] = {
    [REMOTE_OPEN_THREAD] = serve_open_thread,       [REMOTE_CREATE_THREAD] = serve_create_thread,
    [REMOTE_SUSPEND_THREAD] = serve_suspend,        [REMOTE_RESUME_THREAD] = serve_resume,
    [REMOTE_SUSPEND_ALL] = serve_suspend_all,       [REMOTE_RESUME_ALL] = serve_resume_all,
    [REMOTE_TERMINATE_THREAD] = serve_terminate,    [REMOTE_GET_CONTEXT] = serve_get_context,
    [REMOTE_SET_CONTEXT] = serve_set_context,       [REMOTE_QUEUE_APC] = serve_queue_apc,
    [REMOTE_QUEUE_USER_APC] = serve_queue_user_apc, [REMOTE_QUERY_THREAD] = serve_query_thread,
    [REMOTE_SET_PRIORITY] = serve_set_priority,
};
