#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kernel/apc.h"
#include "kernel/fault.h"
#include "kernel/handle.h"
#include "kernel/heap.h"
#include "kernel/io_request.h"
#include "kernel/host_thread.h"
#include "kernel/mutex.h"
#include "kernel/process.h"
#include "kernel/segment.h"
#include "kernel/shared_data.h"
#include "kernel/thread_memory.h"
#include "kernel/time.h"
#include "kernel/waitable_timer.h"

DWORD thread_call_on_stack(DWORD (*function)(void *), void *argument, void *stack, void **saved);
_Noreturn void thread_return_to_host(void *saved, DWORD result);

static struct lock list_lock;
static struct thread *threads;
static DWORD living;         /* under the list's lock */
static uint32_t not_exiting; /* atomic: threads that have not begun to end */
static const struct thread_hooks *hooks;

/* The list */

static void link_thread(struct thread *thread)
{
    lock_acquire(&list_lock);
    thread->next = threads;
    if (threads)
        threads->previous = thread;
    threads = thread;
    living++;
    lock_release(&list_lock);
    __atomic_fetch_add(&not_exiting, 1, __ATOMIC_RELAXED);
}

/* A thread that is in the list has one before it, or is the first. */
static bool is_linked(const struct thread *thread)
{
    return thread->previous ? thread->previous->next == thread : threads == thread;
}

NTSTATUS thread_add_follower(struct thread *thread, struct thread_follower *follower)
{
    lock_acquire(&list_lock);
    bool living = is_linked(thread);
    if (living) {
        follower->next = thread->followers;
        thread->followers = follower;
    }
    lock_release(&list_lock);
    return living ? STATUS_SUCCESS : STATUS_THREAD_IS_TERMINATING;
}

/* Nobody adds one any more. A reader that is gone is none of the thread's business. */
static void tell_followers(struct thread *thread, DWORD exit_code)
{
    const struct thread_end end = {exit_code, thread->created, thread->ended, thread->kernel_time,
                                   thread->user_time};
    struct thread_follower *follower;
    while ((follower = thread->followers)) {
        thread->followers = follower->next;
        if (write(follower->descriptor, &end, sizeof end) < 0)
            errno = 0;
        close(follower->descriptor);
        free(follower);
    }
}

static void unlink_thread(struct thread *thread)
{
    lock_acquire(&list_lock);
    *(thread->previous ? &thread->previous->next : &threads) = thread->next;
    if (thread->next)
        thread->next->previous = thread->previous;
    thread->previous = thread->next = NULL;
    living--;
    lock_release(&list_lock);
}

void thread_for_each(void (*visit)(struct thread *, void *), void *context)
{
    lock_acquire(&list_lock);
    for (struct thread *thread = threads; thread; thread = thread->next)
        visit(thread, context);
    lock_release(&list_lock);
}

DWORD thread_count(void)
{
    return __atomic_load_n(&living, __ATOMIC_RELAXED);
}

NTSTATUS thread_reference_by_id(DWORD id, struct thread **thread)
{
    lock_acquire(&list_lock);
    struct thread *found = threads;
    while (found && found->id != id)
        found = found->next;
    if (found)
        object_retain(&found->object);
    lock_release(&list_lock);
    *thread = found;
    return found ? STATUS_SUCCESS : STATUS_INVALID_CID;
}

NTSTATUS thread_reference(HANDLE handle, ACCESS_MASK access, struct thread **thread)
{
    struct waitable *object;
    NTSTATUS status = handle_reference(handle, &thread_type, access, &object);
    if (NT_SUCCESS(status))
        *thread = thread_from_object(object);
    return status;
}

/* The object */

static void thread_destroy(struct object *object)
{
    struct thread *thread = thread_from_object((struct waitable *)object);
    free(thread->name);
    thread_memory_free(thread);
}

const struct object_type thread_type = {
    .name = "Thread",
    .destroy = thread_destroy,
    .wait = &wait_notification,
    .access = THREAD_GENERIC_MAPPING,
};

static void set_id(struct thread *thread, DWORD id)
{
    thread->id = id;
    thread->teb.ClientId.UniqueThread = (HANDLE)(ULONG_PTR)id;
}

static struct thread *make_thread(void)
{
    struct thread *thread = thread_memory_allocate();
    if (!thread)
        return NULL;
    struct teb *teb = &thread->teb;
    teb->Tib.Self = &teb->Tib;
    teb->Tib.ExceptionList = (void *)(LONG_PTR)TEB_OFFSET(0, -1);
    teb->Tib.FiberData = TEB_NO_FIBER;
    teb->ProcessEnvironmentBlock = &process_environment;
    teb->ClientId.UniqueProcess = (HANDLE)(ULONG_PTR)process_self.id;
    teb->StaticUnicodeString.Buffer = teb->StaticUnicodeBuffer;
    teb->StaticUnicodeString.MaximumLength = sizeof teb->StaticUnicodeBuffer;
    waitable_initialize(&thread->object, &thread_type, false);
    thread->exit_code = STILL_ACTIVE;
    thread->created = time_system();
    return thread;
}

/* Callbacks */

static void (*exit_callbacks[4])(struct thread *thread);
static unsigned exit_callback_count;

void thread_on_exit(void (*callback)(struct thread *))
{
    assert(exit_callback_count < ARRAYSIZE(exit_callbacks));
    exit_callbacks[exit_callback_count++] = callback;
}

void thread_call_exit_callbacks(struct thread *thread)
{
    for (unsigned i = 0; i < exit_callback_count; i++)
        exit_callbacks[i](thread);
}

static void (*create_callback)(struct thread *created);

void thread_on_create(void (*callback)(struct thread *created))
{
    __atomic_store_n(&create_callback, callback, __ATOMIC_RELEASE);
}

static void (*end_callback)(struct thread *thread);

void thread_on_end(void (*callback)(struct thread *))
{
    end_callback = callback;
}

/* Running and ending */

void thread_set_hooks(const struct thread_hooks *new_hooks)
{
    hooks = new_hooks;
}

static uint64_t ticks_of(const struct timeval *time)
{
    return time->tv_sec * TIME_TICKS_PER_SECOND + time->tv_usec * 10;
}

static void note_times(struct thread *thread)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    thread->user_time = ticks_of(&usage.ru_utime);
    thread->kernel_time = ticks_of(&usage.ru_stime);
    thread->ended = time_system();
}

/* On the host's stack: the last of a thread. Nobody sees it as living after this. */
static void finish_thread(struct thread *thread, DWORD exit_code)
{
    if (hooks && hooks->abandon)
        hooks->abandon(exit_code);
    if (end_callback)
        end_callback(thread);
    suspend_end(thread);
    mutex_abandon_all(thread);
    waitable_timer_forget_thread(thread);
    io_cancel_thread(thread);
    apc_close(thread);
    note_times(thread);
    unlink_thread(thread);
    tell_followers(thread, exit_code);
    if (hooks && hooks->discard)
        hooks->discard(thread);
    heap_leave_thread();
    thread_stack_free(thread);
    if (thread->teb.SameTebFlags & TEB_HAS_FIBER_DATA)
        free(thread->teb.Tib.FiberData);
    free(thread->teb.TlsExpansionSlots);
    thread->teb.TlsExpansionSlots = NULL;
    thread->exit_code = exit_code;
    waitable_set(&thread->object);
}

/* On i386 a thread's first words on its stack are the arguments of Windows' own start routine, start and
 * argument, below a return address of 0. */
static void *first_frame(const struct thread *thread)
{
    void *base = thread->teb.Tib.StackBase;
#ifdef __i386__
    const void *const words[] = {NULL, thread->start, thread->argument, NULL};
    base = memcpy((char *)base - sizeof words, words, sizeof words);
#endif
    return base;
}

static DWORD call_on_guest_stack(struct thread *thread, DWORD (*function)(void *), void *argument)
{
    return thread_call_on_stack(function, argument, first_frame(thread), &thread->host_stack);
}

DWORD thread_run_on_guest_stack(DWORD (*function)(void *), void *argument)
{
    struct thread *thread = thread_current();
    DWORD result = call_on_guest_stack(thread, function, argument);
    if (!thread->exiting)
        return result;
    /* Only the initial thread was not started by start_on_host_stack, to which it would return. Linux has the
     * process's directory in /proc, and more, depend on its first thread, so that one stays. */
    finish_thread(thread, result);
    for (;;)
        pause();
}

/* True if it is the last one. */
static bool begin_to_leave(struct thread *thread)
{
    bool left_before = thread->leaving;
    thread->leaving = true;
    return !left_before && __atomic_sub_fetch(&not_exiting, 1, __ATOMIC_ACQ_REL) == 0;
}

static _Noreturn void leave_guest_stack(struct thread *thread, DWORD exit_code)
{
    thread->exiting = true;
    thread_return_to_host(thread->host_stack, exit_code);
}

GUEST_REALIGNED void thread_exit(DWORD exit_code)
{
    struct thread *thread = thread_current();
    if (begin_to_leave(thread))
        process_exit(exit_code);
    thread_call_exit_callbacks(thread);
    if (hooks && hooks->detach)
        hooks->detach(thread);
    leave_guest_stack(thread, exit_code);
}

void thread_end(DWORD exit_code)
{
    struct thread *thread = thread_current();
    if (begin_to_leave(thread))
        process_terminate(exit_code);
    leave_guest_stack(thread, exit_code);
}

/* Retained, all that there are but the calling one. Who creates one now sees that the process is closed. */
static struct thread **list_others(size_t *count)
{
    const struct thread *self = thread_current();
    lock_acquire(&list_lock);
    struct thread **others = malloc(living * sizeof *others);
    *count = 0;
    for (struct thread *thread = threads; thread && others; thread = thread->next) {
        if (thread == self)
            continue;
        object_retain(&thread->object);
        others[(*count)++] = thread;
    }
    lock_release(&list_lock);
    return others;
}

void thread_terminate_others(DWORD exit_code)
{
    size_t count;
    if (thread_count() <= 1)
        return;
    struct thread **others = list_others(&count);
    for (size_t i = 0; i < count; i++) {
        thread_terminate(others[i], exit_code);
        thread_release(others[i]);
    }
    free(others);
}

static DWORD run_thread(void *argument)
{
    struct thread *thread = argument;
    if (hooks && hooks->attach && !thread->skip_attach)
        hooks->attach(thread);
    suspend_begin(thread);
    apc_deliver(thread);
    thread_exit(thread->start(thread->argument));
}

/* Terminated before it ran. */
static void finish_unstarted(struct thread *thread)
{
    if (begin_to_leave(thread))
        process_terminate(thread->suspension.exit_code);
    finish_thread(thread, thread->suspension.exit_code);
}

static void start_on_host_stack(void *argument)
{
    struct thread *thread = argument;
    set_id(thread, host_thread_own_id());
    segment_set(&thread->teb);
    if (suspend_may_start(thread))
        finish_thread(thread, call_on_guest_stack(thread, run_thread, thread));
    else
        finish_unstarted(thread);
    thread_release(thread);
}

/* Creation */

static bool start_thread(struct thread *thread)
{
    object_retain(&thread->object.object);
    struct host_thread *host = host_thread_create(start_on_host_stack, thread);
    if (!host) {
        thread_release(thread);
        return false;
    }
    /* A thread that has ended by now has noted its id itself. */
    DWORD id = host_thread_id(host);
    if (id)
        set_id(thread, id);
    host_thread_release(host);
    return true;
}

/* An unstarted thread is in the list already: a DLL that is loaded now must reach it. */
static void discard_unstarted(struct thread *thread)
{
    unlink_thread(thread);
    __atomic_fetch_sub(&not_exiting, 1, __ATOMIC_RELAXED);
    if (hooks && hooks->discard)
        hooks->discard(thread);
    if (thread->teb.DeallocationStack)
        thread_stack_free(thread);
    thread_release(thread);
}

NTSTATUS thread_create(const struct thread_parameters *parameters, struct thread **result)
{
    struct thread *thread = make_thread();
    if (!thread)
        return STATUS_NO_MEMORY;
    thread->start = parameters->start;
    thread->argument = parameters->argument;
    thread->suspension.count = parameters->suspended;
    thread->skip_attach = parameters->skip_attach;
    thread->hidden = parameters->hidden;
    link_thread(thread);
    bool prepared = !hooks || !hooks->prepare || hooks->prepare(thread);
    NTSTATUS status = prepared ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    if (process_is_closed())
        status = STATUS_PROCESS_IS_TERMINATING;
    if (NT_SUCCESS(status))
        status = thread_stack_allocate(thread, parameters->stack_reserve, parameters->stack_commit);
    void (*callback)(struct thread *) = __atomic_load_n(&create_callback, __ATOMIC_ACQUIRE);
    if (NT_SUCCESS(status) && callback)
        callback(thread);
    if (NT_SUCCESS(status) && !start_thread(thread))
        status = STATUS_INSUFFICIENT_RESOURCES;
    if (!NT_SUCCESS(status)) {
        discard_unstarted(thread);
        return status;
    }
    *result = thread;
    return STATUS_SUCCESS;
}

NTSTATUS thread_adopt_main(size_t reserve, size_t commit)
{
    static char signal_stack[FAULT_STACK_SIZE];
    struct thread *thread = make_thread();
    if (!thread)
        return STATUS_NO_MEMORY;
    set_id(thread, getpid());
    NTSTATUS status = thread_stack_allocate(thread, reserve, commit);
    if (!NT_SUCCESS(status))
        return status;
    if (!segment_set(&thread->teb))
        return STATUS_NOT_SUPPORTED;
    fault_use_stack(signal_stack, sizeof signal_stack);
    shared_data_initialize();
    thread->running = true;
    link_thread(thread);
    return STATUS_SUCCESS;
}
