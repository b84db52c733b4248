#include <stdlib.h>

#include "kernel/apc.h"
#include "kernel/lock.h"
#include "kernel/thread.h"

struct apc {
    struct apc *next;
    apc_function function;
    ULONG_PTR arguments[3];
};

NTSTATUS apc_queue(struct thread *thread, apc_function function, ULONG_PTR a, ULONG_PTR b, ULONG_PTR c)
{
    struct apc *apc = function ? malloc(sizeof *apc) : NULL;
    if (function && !apc)
        return STATUS_NO_MEMORY;
    if (apc)
        *apc = (struct apc){.function = function, .arguments = {a, b, c}};
    lock_acquire(&thread->apc_lock);
    bool accepted = !thread->apc_closed;
    if (accepted && apc) {
        *(thread->last_apc ? &thread->last_apc->next : &thread->first_apc) = apc;
        thread->last_apc = apc;
        if (thread->alertable_wait)
            wait_interrupt(thread->alertable_wait, STATUS_USER_APC);
    }
    lock_release(&thread->apc_lock);
    if (!accepted)
        free(apc);
    return accepted ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static struct apc *next_apc(struct thread *thread)
{
    lock_acquire(&thread->apc_lock);
    struct apc *apc = thread->first_apc;
    if (apc)
        thread->first_apc = apc->next;
    if (!thread->first_apc)
        thread->last_apc = NULL;
    lock_release(&thread->apc_lock);
    return apc;
}

bool apc_deliver(struct thread *thread)
{
    bool any = false;
    struct apc *apc;
    while ((apc = next_apc(thread))) {
        /* The function may leave by longjmp or end the thread, so nothing is kept for after it. */
        struct apc copy = *apc;
        free(apc);
        any = true;
        suspend_checkpoint();
        copy.function(copy.arguments[0], copy.arguments[1], copy.arguments[2]);
    }
    return any;
}

void apc_begin_wait(struct thread *thread, uint32_t *outcome)
{
    lock_acquire(&thread->apc_lock);
    thread->alertable_wait = outcome;
    if (thread->alerted)
        thread->alerted = !wait_interrupt(outcome, STATUS_ALERTED);
    else if (thread->first_apc)
        wait_interrupt(outcome, STATUS_USER_APC);
    lock_release(&thread->apc_lock);
}

void apc_end_wait(struct thread *thread)
{
    lock_acquire(&thread->apc_lock);
    thread->alertable_wait = NULL;
    lock_release(&thread->apc_lock);
}

void apc_alert(struct thread *thread)
{
    lock_acquire(&thread->apc_lock);
    if (!thread->alertable_wait || !wait_interrupt(thread->alertable_wait, STATUS_ALERTED))
        thread->alerted = true;
    lock_release(&thread->apc_lock);
}

bool apc_take_alert(struct thread *thread)
{
    lock_acquire(&thread->apc_lock);
    bool alerted = thread->alerted;
    thread->alerted = false;
    lock_release(&thread->apc_lock);
    return alerted;
}

void apc_close(struct thread *thread)
{
    struct apc *apc;
    lock_acquire(&thread->apc_lock);
    thread->apc_closed = true;
    lock_release(&thread->apc_lock);
    while ((apc = next_apc(thread)))
        free(apc);
}
