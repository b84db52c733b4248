/* Waitable timers. A timer costs nothing while it runs: threads that wait for it sleep no longer than until
 * its time, and then signal it themselves. */
#ifndef KERNEL_WAITABLE_TIMER_H
#define KERNEL_WAITABLE_TIMER_H

#include "kernel/apc.h"
#include "kernel/named.h"
#include "kernel/wait.h"

EXPORTED NTSTATUS waitable_timer_create(const struct object_request *request, bool manual_reset,
                                        HANDLE *handle);
EXPORTED NTSTATUS waitable_timer_open(const struct object_request *request, HANDLE *handle);

/* `due` is a Windows timeout, `period` in milliseconds or 0. `function`, if not NULL, runs in the calling
 * thread when that waits alertably, with `argument` and the two halves of the date. */
EXPORTED NTSTATUS waitable_timer_set(HANDLE handle, const LARGE_INTEGER *due, LONG period,
                                     apc_function function, ULONG_PTR argument, bool *was_signaled);
EXPORTED NTSTATUS waitable_timer_cancel(HANDLE handle, bool *was_signaled);
/* `remaining` in 100 ns, negative once it has expired. */
EXPORTED NTSTATUS waitable_timer_query(HANDLE handle, int64_t *remaining, bool *signaled);

EXPORTED extern const struct object_type waitable_timer_type;

/* Queues the APCs of the thread's timers whose time has come; returns when the next is due, like watch. */
int64_t waitable_timer_queue_apcs(struct thread *thread);
/* At the end of a thread. */
void waitable_timer_forget_thread(struct thread *thread);

#endif
