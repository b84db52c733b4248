/* Threads of the Windows program: each is a pthread with a TEB and a stack of its own. */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include "kernel/lock.h"
#include "kernel/suspend.h"
#include "kernel/teb.h"
#include "kernel/wait.h"

typedef DWORD(GUEST_STDCALL *thread_start)(void *argument);

/* What a thread does in a read, write or other operation of a synchronous file. */
enum { THREAD_IO_NONE, THREAD_IO_BLOCKING, THREAD_IO_CANCELLED };

/* Where a thread writes its struct thread_end when it has ended, for another process; malloc'd. */
struct thread_follower {
    struct thread_follower *next;
    int descriptor; /* owned */
};

/* GS (FS on i386) points to `teb` while the thread runs, so a thread finds itself in one load. */
struct thread {
    struct teb teb;
    struct waitable object; /* signaled when the thread has ended; what handles name */
    DWORD id;               /* Linux's thread id */
    DWORD exit_code;        /* STILL_ACTIVE while it runs */
    thread_start start;
    void *argument;
    bool skip_attach;
    bool running;                   /* it has begun to run Windows code */
    bool leaving;                   /* it has begun to end */
    bool exiting;                   /* and will run no more Windows code */
    struct thread *next, *previous; /* all living threads, under the thread list's lock */
    void *host_stack;               /* where thread_run_on_guest_stack left the host's stack */
    struct mutex *owned;            /* mutexes that it would abandon, newest first */
    LONG priority;                  /* THREAD_PRIORITY_* */
    KAFFINITY affinity;             /* 0: never set */
    DWORD ideal_processor;
    bool boost_disabled;
    bool hidden;                     /* from debuggers */
    WCHAR *name;                     /* SetThreadDescription; malloc'd, terminated */
    uint64_t created, ended;         /* FILETIMEs */
    uint64_t user_time, kernel_time; /* of an ended thread, in 100 ns */
    struct lock apc_lock;
    bool apc_closed;
    bool alerted;          /* under apc_lock */
    uint32_t alerts_by_id; /* atomic, a futex: kernel/alert.c */
    bool has_shared_data;  /* kernel/shared_data.c */
    struct apc *first_apc, *last_apc;
    struct timer *timers;              /* whose APCs are its own; kernel/waitable_timer.c */
    uint32_t *alertable_wait;          /* kernel/apc.h */
    uint32_t blocking_io;              /* atomic: THREAD_IO_* */
    struct thread_follower *followers; /* under the thread list's lock */
    void *loader;                      /* the loader's own, e.g. its static TLS */
    void *ended_values;                /* fiber-local ones whose callbacks have been called */
    struct suspension suspension;
};

/* The calling thread; only threads that run Windows code have one. */
static inline struct thread *thread_current(void)
{
    return (struct thread *)teb_current();
}

/* For process start */

/* Makes the initial Linux thread the first Windows thread: TEB, segment base, signal stack, and a guest
 * stack of `reserve` bytes of which `commit` are committed (0: 1 MiB and one page). */
EXPORTED NTSTATUS thread_adopt_main(size_t reserve, size_t commit);

/* Runs `function` on the calling thread's guest stack, with the floating point control words of Windows,
 * and returns what it returns. thread_exit does not come back here: it ends the thread. */
EXPORTED DWORD thread_run_on_guest_stack(DWORD (*function)(void *argument), void *argument);

/* What the loader does on a new thread before its start routine and after it, on the guest stack, and
 * in the creating thread before the new one exists (`prepare`: static TLS, false fails the creation). Each
 * may be NULL. */
struct thread_hooks {
    bool (*prepare)(struct thread *thread);
    void (*attach)(struct thread *thread);
    void (*detach)(struct thread *thread);
    /* In the ended thread: gives up what it holds of the loader's, as it does if it was terminated. */
    void (*abandon)(DWORD exit_code);
    /* Frees what `prepare` made; on no particular thread, after the thread has ended or failed to start. */
    void (*discard)(struct thread *thread);
};
EXPORTED void thread_set_hooks(const struct thread_hooks *hooks);

/* What floors above the loader do when a thread, or the whole process, ends: called in the ending thread
 * before any DLL hears of it. There are few, and none is removed. */
EXPORTED void thread_on_exit(void (*callback)(struct thread *thread));
void thread_call_exit_callbacks(struct thread *thread);
/* And when the thread has ended, in whatever way, and will run no more Windows code. */
EXPORTED void thread_on_end(void (*callback)(struct thread *thread));

/* The one thing that a floor above does for a new thread in its creator, before it runs. */
EXPORTED void thread_on_create(void (*callback)(struct thread *created));

/* Life */

struct thread_parameters {
    thread_start start;
    void *argument;
    size_t stack_reserve, stack_commit; /* 0: the executable's */
    bool suspended;
    bool skip_attach; /* THREAD_CREATE_FLAGS_SKIP_THREAD_ATTACH */
    bool hidden;
};

/* The new thread's object comes with a reference for the caller. */
EXPORTED NTSTATUS thread_create(const struct thread_parameters *parameters, struct thread **thread);
/* What thread_create takes where a size is 0. */
EXPORTED void thread_set_default_stack(size_t reserve, size_t commit);

/* Ends the calling thread: runs the detach hook on this very stack, then leaves it for good. The last thread
 * ends the process instead, by process_exit. */
EXPORTED void thread_exit(DWORD exit_code) __attribute__((noreturn));
/* Ends all threads but the calling one as thread_terminate does; none can be created any more. */
void thread_terminate_others(DWORD exit_code);
/* The same as thread_exit without a word to anybody; the last thread ends the process by process_terminate.
 */
_Noreturn void thread_end(DWORD exit_code);

/* Makes sure that at least that much of the calling thread's stack is left when it has overflowed, and never
 * less than the two pages, on i386 one, that Windows guarantees. */
EXPORTED NTSTATUS thread_guarantee_stack(ULONG size);

/* Makes the end of the calling thread's stack a guard again, which an overflow has opened. False while what
 * the thread uses of the stack still reaches into it. */
EXPORTED bool thread_restore_stack_guard(void);

/* Finding */

/* What the generic rights to a thread stand for, of this process or another. */
#define THREAD_GENERIC_MAPPING                                                                      \
    {                                                                                               \
        .GenericRead = STANDARD_RIGHTS_READ | THREAD_GET_CONTEXT | THREAD_QUERY_INFORMATION,        \
        .GenericWrite = STANDARD_RIGHTS_WRITE | THREAD_TERMINATE | THREAD_SUSPEND_RESUME |          \
                        THREAD_SET_CONTEXT | THREAD_SET_INFORMATION,                                \
        .GenericExecute = STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE | THREAD_QUERY_LIMITED_INFORMATION, \
        .GenericAll = THREAD_ALL_ACCESS,                                                            \
    }

EXPORTED extern const struct object_type thread_type;

static inline struct thread *thread_from_object(struct waitable *object)
{
    return CONTAINING_RECORD(object, struct thread, object);
}

static inline void thread_release(struct thread *thread)
{
    object_release(&thread->object.object);
}

EXPORTED NTSTATUS thread_reference(HANDLE handle, ACCESS_MASK access, struct thread **thread);
EXPORTED NTSTATUS thread_reference_by_id(DWORD id, struct thread **thread);
/* STATUS_THREAD_IS_TERMINATING where it is too late for that. */
NTSTATUS thread_add_follower(struct thread *thread, struct thread_follower *follower);
/* Calls `visit` for each living thread, under the list's lock: none starts or ends meanwhile. */
EXPORTED void thread_for_each(void (*visit)(struct thread *thread, void *context), void *context);
EXPORTED DWORD thread_count(void);

/* Attributes */

bool thread_is_priority(LONG priority);
EXPORTED NTSTATUS thread_set_priority(struct thread *thread, LONG priority);
/* As the scheduler has it, 1 to 31: the process's base and the thread's own part. */
EXPORTED LONG thread_absolute_priority(const struct thread *thread);
EXPORTED NTSTATUS thread_set_affinity(struct thread *thread, KAFFINITY mask, KAFFINITY *previous);
/* The same, where a mask whose low 32 bits are all set means whatever processors the process has. */
EXPORTED NTSTATUS thread_set_affinity_or_all(struct thread *thread, KAFFINITY mask, KAFFINITY *previous);
EXPORTED NTSTATUS thread_set_name(struct thread *thread, const WCHAR *name, size_t length);
/* A terminated copy, "" where there is no name; NULL where there is no memory. */
EXPORTED WCHAR *thread_copy_name(struct thread *thread, void *(*allocate)(size_t size));
/* The rest of what can be set: whether priorities are never boosted, processors, as thread_set_affinity and
 * the next do, and the one that would be best; a number that no processor here has, up to 64, leaves that as
 * it is. */
enum thread_attribute {
    THREAD_BOOST_DISABLED,
    THREAD_AFFINITY,
    THREAD_AFFINITY_OR_ALL,
    THREAD_IDEAL_PROCESSOR,
};
NTSTATUS thread_set(struct thread *thread, enum thread_attribute attribute, uint64_t value,
                    uint64_t *previous);

struct thread_details {
    uint64_t created, ended;         /* FILETIMEs */
    uint64_t kernel_time, user_time; /* in units of 100 ns */
    KAFFINITY affinity;
    void *start;
    DWORD ideal_processor, suspend_count;
    LONG priority, absolute_priority;
    bool boost_disabled;
};
void thread_describe(struct thread *thread, struct thread_details *details);

/* Processor time in units of 100 ns. */
EXPORTED void thread_times(struct thread *thread, uint64_t *kernel, uint64_t *user);

#endif
