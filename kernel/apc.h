/* Asynchronous procedure calls: functions that a thread runs in its next alertable wait. */
#ifndef KERNEL_APC_H
#define KERNEL_APC_H

#include "kernel/object.h"

struct thread;

typedef void(GUEST_STDCALL *apc_function)(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c);

/* STATUS_UNSUCCESSFUL for a thread that has ended. Without a function, there is nothing to run and no wait to
 * end.
 */
EXPORTED NTSTATUS apc_queue(struct thread *thread, apc_function function, ULONG_PTR a, ULONG_PTR b,
                            ULONG_PTR c);
/* Runs the calling thread's APCs, those that they queue included; returns whether there was one. */
EXPORTED bool apc_deliver(struct thread *thread);

/* Ends the thread's alertable wait, or else its next one: STATUS_ALERTED. */
EXPORTED void apc_alert(struct thread *thread);
/* Whether the calling thread has been alerted, which it is not any more then. */
EXPORTED bool apc_take_alert(struct thread *thread);

/* For waits: `outcome` is the word that an arriving APC or alert decides. */
void apc_begin_wait(struct thread *thread, uint32_t *outcome);
void apc_end_wait(struct thread *thread);
/* Decides a wait that is still undecided. */
bool wait_interrupt(uint32_t *outcome, NTSTATUS status);

/* What is still queued is dropped, and nothing more is accepted. */
void apc_close(struct thread *thread);

#endif
