/* What the files of the subject of waiting share: kernel/wait.c, kernel/wait_all.c, kernel/shared_wait.c. */
#ifndef KERNEL_WAIT_INTERNAL_H
#define KERNEL_WAIT_INTERNAL_H

#include "kernel/lock.h"
#include "kernel/wait.h"

/* A sleeping thread's decision: the word it sleeps on. Whoever changes it from WAITING has decided the
 * wait; CLAIMED means that the outcome follows at once. REVIEW is as undecided as WAITING, but the sleeper is
 * to look at its objects again. All other values are outcomes, an NTSTATUS. */
enum { WAITING = 0x10000, REVIEW = 0x10001, CLAIMED = 0x10002 };

/* One wait of one thread, on its stack. */
struct waiter {
    uint32_t outcome; /* atomic */
    struct thread *thread;
    struct wait_block *blocks;
};

/* Its place in the queue of one of the objects, any of which will do. */
struct wait_block {
    struct wait_block *next, *previous;
    struct waiter *waiter;
    struct waitable *object;
    bool queued; /* under the object's lock */
};

/* Wake-ups are put off until no lock is held, so that whoever wakes does not run into it. */
struct wake_list {
    unsigned count;
    uint32_t *sleepers[16];
};
void wait_add_wake(struct wake_list *list, uint32_t *sleeper);
void wait_flush_wakes(struct wake_list *list);

static inline void waitable_set_flags(struct waitable *object, uint32_t flags, bool on)
{
    if (on)
        __atomic_fetch_or(&object->state, flags, __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(&object->state, ~flags, __ATOMIC_RELAXED);
}

/* The state word's own lock, without that of the page that processes share. */
void waitable_lock_here(struct waitable *object);
/* Neither signals nor serves. */
void waitable_unlock_only(struct waitable *object);

/* Under the object's lock. */

static inline bool wait_is_ready(const struct waitable *object, const struct thread *thread)
{
    const struct wait_operations *operations = object->object.type->wait;
    return operations->ready ? operations->ready(object, thread) : waitable_is_signaled(object);
}

/* Returns the wait's outcome. */
static inline uint32_t wait_take(struct waitable *object, struct thread *thread)
{
    const struct wait_operations *operations = object->object.type->wait;
    bool abandoned = operations->take && operations->take(object, thread);
    return abandoned ? STATUS_ABANDONED_WAIT_0 : STATUS_WAIT_0;
}

/* Hands the object to those who wait for it or for any of several, as long as it is ready. */
void wait_serve_queue(struct waitable *object, struct wake_list *wakes);

/* Without it. */
static inline void wait_note_taken(struct waitable *object, struct thread *thread)
{
    const struct wait_operations *operations = object->object.type->wait;
    if (operations->taken)
        operations->taken(object, thread);
}

/* Deciding a wait that nobody else has decided: claim it, then decide it. The waiter may be gone as soon as
 * its outcome is there: only its address is used after that, to wake it. A wake-up that reaches memory that
 * is put to other use by then is one too many, which every sleeper expects. */
bool wait_claim(struct waiter *waiter);
static inline void wait_decide(struct waiter *waiter, uint32_t outcome)
{
    __atomic_store_n(&waiter->outcome, outcome, __ATOMIC_RELEASE);
}

/* Has an undecided waiter look at its objects again, which is in a queue or list whose lock is held. */
void wait_have_reviewed(struct waiter *waiter);

uint32_t wait_sleep_until_decided(struct waiter *waiter, ULONG count, struct waitable *const objects[],
                                  bool alertable, const struct deadline *deadline);
/* What is left to do for a thread whose wait has that outcome. */
NTSTATUS wait_finish(struct waiter *waiter, NTSTATUS outcome);
/* The outcome of a wait that may not block, where no object was ready. */
NTSTATUS wait_poll_apcs(bool alertable);
/* Calls `watch` of each, and returns the earliest time to do so again. */
int64_t wait_watch(ULONG count, struct waitable *const objects[]);

static inline bool wait_is_zero(const LARGE_INTEGER *timeout)
{
    return timeout && timeout->QuadPart == 0;
}

/* Waits for several objects at once; kernel/wait_all.c */
NTSTATUS wait_all(ULONG count, struct waitable *const objects[], bool alertable,
                  const LARGE_INTEGER *timeout);
/* Serves those that have a signaled object among theirs. No lock is held. */
void wait_all_serve(struct waitable *object, struct wake_list *wakes);
void wait_all_review(struct waitable *object);

#endif
