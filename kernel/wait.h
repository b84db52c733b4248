/* Waiting: the one mechanism behind WaitForSingleObject, WaitForMultipleObjects, Sleep and kin.
 *
 * An object that can be waited for begins with a `struct waitable`. Its state word says whether it is
 * signaled and doubles as its lock, so that setting, resetting and satisfied waits are single atomic
 * operations as long as nobody waits. A thread that has to block puts a block into the queue of each
 * object it waits for and sleeps on a futex of its own; whoever signals an object takes waiters off
 * its queue in order of arrival and decides their wait for them. */
#ifndef KERNEL_WAIT_H
#define KERNEL_WAIT_H

#include "kernel/object.h"

struct shared_wait;
struct thread;
struct wait_block;

#define WAIT_NEVER INT64_MAX

enum {
    WAITABLE_LOCKED = 1,    /* someone changes the object: all else may change only under the lock */
    WAITABLE_CONTENDED = 2, /* someone sleeps until the lock is released */
    WAITABLE_QUEUED = 4,    /* the queue is not empty */
    WAITABLE_SIGNALED = 8,
    WAITABLE_SHARED = 16, /* `shared` is there; the object is signaled only while it is locked */
};

struct waitable {
    struct object object;
    uint32_t state;       /* atomic: WAITABLE_* */
    uint32_t all_waiters; /* how many waits for several objects at once have this one among them */
    struct wait_block *first, *last;
    struct shared_wait *shared; /* atomic: kernel/shared_wait.h; NULL for most */
};

/* How an object answers to waits. Both functions are called with the object locked. */
struct wait_operations {
    /* Would a wait of this thread be satisfied? NULL: when the object is signaled. */
    bool (*ready)(const struct waitable *object, const struct thread *thread);
    /* Does to a ready object what a satisfied wait does to it, and returns whether it was abandoned.
     * NULL: nothing, the object stays signaled. */
    bool (*take)(struct waitable *object, struct thread *thread);
    /* Tries, without the lock, what ready, take and taken do together, where no wait has been abandoned. It
     * may fail for any reason. An object that waits do not change needs none. */
    bool (*try_take)(struct waitable *object, struct thread *thread);
    /* Called, without the lock, in the waiting thread after `take` was. May be NULL. */
    void (*taken)(struct waitable *object, struct thread *thread);
    /* Called without the lock before a thread blocks or gives up, and then whenever the time comes that it
     * returned: an object whose signal comes from elsewhere (a file descriptor, the clock) sees to it. The
     * time is in nanoseconds of CLOCK_MONOTONIC, or WAIT_NEVER. May be NULL. */
    int64_t (*watch)(struct waitable *object);
    /* For objects that processes can share (kernel/shared_wait.h), with the object locked: takes its state
     * from words that others may have changed, and returns whether it is signaled. */
    bool (*load)(struct waitable *object, const uint32_t *words);
    /* Puts the state there, in an order that is right for others wherever this process is killed. */
    void (*store)(const struct waitable *object, uint32_t *words);
    /* Undoes a `take` that was for no thread. NULL where there is no such one. */
    void (*put_back)(struct waitable *object);
};

/* Operations of an object that stays signaled until it is reset. */
EXPORTED extern const struct wait_operations wait_notification;

EXPORTED void waitable_initialize(struct waitable *object, const struct object_type *type, bool signaled);
/* Signals the object and serves its waiters; returns whether it was signaled before. */
EXPORTED bool waitable_set(struct waitable *object);
EXPORTED bool waitable_reset(struct waitable *object);
/* Has all who wait for the object call `watch` again, since what it returned does not hold any more. */
EXPORTED void wait_review(struct waitable *object);
/* Serves the present waiters and leaves the object not signaled (PulseEvent). */
EXPORTED bool waitable_pulse(struct waitable *object);
/* Of an object that processes may share, or under the lock. */
EXPORTED bool waitable_query(struct waitable *object);
static inline bool waitable_is_signaled(const struct waitable *object)
{
    return __atomic_load_n(&object->state, __ATOMIC_ACQUIRE) & WAITABLE_SIGNALED;
}

/* For objects with more state than one bit (semaphores, mutexes): the lock, and the release that also
 * signals or not, serving waiters as long as the object is ready for them. */
EXPORTED void waitable_lock(struct waitable *object);
EXPORTED void waitable_unlock(struct waitable *object, bool signaled);

/* A timeout is Windows': NULL is for ever, negative is relative, positive a date; units of 100 ns. */

/* STATUS_WAIT_0, STATUS_ABANDONED, STATUS_TIMEOUT, STATUS_USER_APC, STATUS_ALERTED. The caller holds a
 * reference. */
EXPORTED NTSTATUS wait_single(struct waitable *object, bool alertable, const LARGE_INTEGER *timeout);
/* STATUS_WAIT_0 + index and so on. Any, or all at once; at most MAXIMUM_WAIT_OBJECTS. */
EXPORTED NTSTATUS wait_multiple(ULONG count, struct waitable *const objects[], bool all, bool alertable,
                                const LARGE_INTEGER *timeout);
EXPORTED NTSTATUS wait_delay(bool alertable, const LARGE_INTEGER *timeout);

/* The same by handles, which must grant SYNCHRONIZE. */
EXPORTED NTSTATUS wait_for_handle(HANDLE handle, bool alertable, const LARGE_INTEGER *timeout);
EXPORTED NTSTATUS wait_for_handles(ULONG count, const HANDLE handles[], bool all, bool alertable,
                                   const LARGE_INTEGER *timeout);
EXPORTED NTSTATUS wait_signal_and_wait(HANDLE signal, HANDLE wait, bool alertable,
                                       const LARGE_INTEGER *timeout);

/* Windows' milliseconds as a timeout: NULL for INFINITE. */
static inline const LARGE_INTEGER *wait_milliseconds(LARGE_INTEGER *timeout, DWORD milliseconds)
{
    if (milliseconds == INFINITE)
        return NULL;
    timeout->QuadPart = -(LONGLONG)milliseconds * 10000;
    return timeout;
}

#endif
