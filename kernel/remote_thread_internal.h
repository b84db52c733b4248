/* What kernel/remote_thread.c and kernel/remote_thread_details.c share. */
#ifndef KERNEL_REMOTE_THREAD_INTERNAL_H
#define KERNEL_REMOTE_THREAD_INTERNAL_H

#include "kernel/remote.h"
#include "kernel/remote_thread.h"

/* By a handle: this process's thread, or another's. */
struct thread_reference {
    struct thread *own;
    struct remote_thread *remote; /* or this one */
};
NTSTATUS remote_thread_reference(HANDLE handle, ACCESS_MASK access, struct thread_reference *thread);
/* Gives it back and returns the status. */
NTSTATUS remote_thread_release(struct thread_reference *thread, NTSTATUS status);

/* The child's first thread, which ends with its process. */
static inline bool remote_thread_is_main(const struct remote_thread *thread)
{
    return thread->end < 0;
}

bool remote_thread_has_ended(struct remote_thread *thread);

/* The first value says which thread. */
NTSTATUS remote_thread_call(struct remote_thread *thread, enum remote_operation operation,
                            struct remote_call *call);

/* True if the thread has ended before the call could be served. */
static inline bool remote_thread_is_past(NTSTATUS status)
{
    return status == STATUS_THREAD_IS_TERMINATING || status == STATUS_PROCESS_IS_TERMINATING;
}

/* Serving: the thread that the call's first value says. */
NTSTATUS remote_thread_find(const struct remote_call *call, struct thread **thread);

#endif
