/* Stopping and ending a thread from outside, and reading and setting its registers. kernel/suspend.c says
 * how. */
#ifndef KERNEL_SUSPEND_H
#define KERNEL_SUSPEND_H

#include "kernel/lock.h"

struct thread;

/* In the count: the thread is to end, suspended or not. */
#define SUSPEND_TERMINATED 0x80000000u

/* A thread's part in it. */
struct suspension {
    uint32_t count;   /* atomic, a futex: how often it is suspended, and SUSPEND_TERMINATED */
    DWORD exit_code;  /* of a terminated thread */
    uint32_t state;   /* atomic, a futex: enum suspend_state */
    struct lock lock; /* of those who suspend, resume, look or set */
    bool ended;       /* under the lock: no signal may be sent any more */
    bool begun;       /* under the lock: it has gone from its start into Windows code */
    bool caught;      /* it is to end, and will when it comes out of the Linux code that it is in */
    bool in_thunk;    /* `context` is that of the thunk that has called Linux code, not of its caller */
    DWORD changed;    /* which parts of `context` have been set and wait for the return to Windows code */
    uintptr_t *slot;  /* the return address that leads to suspend_trap; NULL: none does */
    uintptr_t return_address; /* what was there */
    uintptr_t resumes_at;     /* where `context` led before it was set, */
    uintptr_t resumes_with;   /* and its stack pointer */
    uintptr_t debug[6];       /* DR0 to DR3, DR6 and DR7, which nothing here obeys */
    void *host;               /* ucontext_t of a thread that is parked in its signal handler */
    CONTEXT context;          /* of a thread in Linux code: as it will be when it returns to Windows code */
};

/* What knows frames, above this floor. Called in signal handlers, where noted. */
struct suspend_hooks {
    bool (*is_linux_code)(uintptr_t address);              /* in signal handlers */
    void (*leave_frame)(CONTEXT *context, bool innermost); /* in signal handlers: one frame of Linux code */
    void (*leave_thunk)(CONTEXT *context); /* to its return, if a thunk is where the context is */
    void (*resume)(CONTEXT *context);      /* goes on there; does not return */
};
EXPORTED void suspend_set_hooks(const struct suspend_hooks *hooks);

EXPORTED NTSTATUS thread_suspend(struct thread *thread, DWORD *previous_count);
EXPORTED NTSTATUS thread_resume(struct thread *thread, DWORD *previous_count);

/* What the context's flags name, of any thread, which is stopped for it. */
EXPORTED NTSTATUS thread_get_context(struct thread *thread, CONTEXT *context);
EXPORTED NTSTATUS thread_set_context(struct thread *thread, const CONTEXT *context);

/* Ends a thread that may be doing anything, without a word to any DLL. The calling one, at once; another one
 * runs no more Windows code when this returns, unless it sleeps where it cannot be told: then when it
 * returns. */
EXPORTED NTSTATUS thread_terminate(struct thread *thread, DWORD exit_code);

/* Ends the thread's sleep in an operation of a synchronous file; STATUS_NOT_FOUND if there is none. */
EXPORTED NTSTATUS thread_cancel_io(struct thread *thread);

/* For Linux code that has slept and is about to call Windows code, or to sleep again for the program's own
 * ends: does not return while the thread is suspended, or ever if it is to end. No internal lock may be held.
 */
EXPORTED void suspend_checkpoint(void);
/* The same for Linux code that resumes at a context. */
EXPORTED void suspend_checkpoint_before_resuming(void);

static inline uint32_t suspend_count(const struct suspension *suspension)
{
    return __atomic_load_n(&suspension->count, __ATOMIC_RELAXED) & ~SUSPEND_TERMINATED;
}

/* True if the calling thread is to end: what makes its sleep end early. Not before the signal is there that
 * keeps the outcome of the sleep from the program. */
static inline bool suspend_terminates(const struct suspension *own)
{
    return __atomic_load_n(&own->caught, __ATOMIC_RELAXED);
}

/* The calling thread is about to run its start routine, which it looks up behind this: a context that was set
 * by now may have changed it. */
void suspend_begin(struct thread *thread);
/* A new thread before anything else: waits while it is suspended. False if it is to end. */
bool suspend_may_start(struct thread *thread);
/* And will not run any more; waits until it is not suspended. */
void suspend_end(struct thread *thread);

/* In a signal handler: the thread is in Windows code, or sleeps in a system call, so that it holds no lock of
 * the C library's and is in the middle of nothing that needs one. Otherwise it calls remote_returned() when
 * it is about to return to Windows code, if it does so soon and can be made to. `host` is a ucontext_t. */
bool suspend_is_at_rest(const void *host);

/* Unwinders: a return address, or what it was before a suspension had it lead elsewhere. */
EXPORTED uintptr_t suspend_true_return(uintptr_t address);

#endif
