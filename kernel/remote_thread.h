/* Threads of other processes, and what can be done to a thread whosever it is. */
#ifndef KERNEL_REMOTE_THREAD_H
#define KERNEL_REMOTE_THREAD_H

#include "kernel/apc.h"
#include "kernel/process.h"
#include "kernel/thread.h"

/* By a handle, which must grant what is done. */
EXPORTED NTSTATUS thread_handle_suspend(HANDLE thread, DWORD *previous_count);
EXPORTED NTSTATUS thread_handle_resume(HANDLE thread, DWORD *previous_count);
EXPORTED NTSTATUS thread_handle_terminate(HANDLE thread, DWORD exit_code);
EXPORTED NTSTATUS thread_handle_get_context(HANDLE thread, CONTEXT *context);
EXPORTED NTSTATUS thread_handle_set_context(HANDLE thread, const CONTEXT *context);
EXPORTED NTSTATUS thread_handle_queue_apc(HANDLE thread, apc_function function, ULONG_PTR a, ULONG_PTR b,
                                          ULONG_PTR c);
/* A function with one argument. */
EXPORTED NTSTATUS thread_handle_queue_user_apc(HANDLE thread, PAPCFUNC function, ULONG_PTR argument);
EXPORTED NTSTATUS thread_handle_exit_code(HANDLE thread, DWORD *exit_code);

/* THREAD_PRIORITY_*. It is remembered of a thread that has ended, too. */
EXPORTED NTSTATUS thread_handle_set_priority(HANDLE thread, LONG priority);
EXPORTED NTSTATUS thread_handle_priority(HANDLE thread, LONG *priority);

/* The rest of what is told of a thread and set. */
EXPORTED NTSTATUS thread_handle_describe(HANDLE thread, ACCESS_MASK access, struct thread_details *details);
EXPORTED NTSTATUS thread_handle_set(HANDLE thread, ACCESS_MASK access, enum thread_attribute attribute,
                                    uint64_t value, uint64_t *previous);
EXPORTED NTSTATUS thread_handle_copy_name(HANDLE thread, void *(*allocate)(size_t size), WCHAR **name);
EXPORTED NTSTATUS thread_handle_set_name(HANDLE thread, const WCHAR *name, size_t length);

struct thread_summary {
    DWORD process, id;
    void *teb; /* NULL where this process has no room for the address */
};
EXPORTED NTSTATUS thread_handle_summary(HANDLE thread, struct thread_summary *summary);

/* A thread of any process by its id, as an object for a handle; the caller owns the reference. */
EXPORTED NTSTATUS thread_open(DWORD id, struct object **thread);

/* A new thread in the process that a handle names. */
EXPORTED NTSTATUS thread_create_in(HANDLE process, const struct thread_parameters *parameters,
                                   struct object **thread, struct thread_summary *summary);

/* All threads of a process, once each. */
EXPORTED NTSTATUS process_suspend_threads(HANDLE process);
EXPORTED NTSTATUS process_resume_threads(HANDLE process);

/* For kernel/process_child.c */

void remote_thread_initialize(struct remote_thread *thread, struct process *process);

#endif
