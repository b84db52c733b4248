/* Waits for objects that several processes share.
 *
 * Each process has an object of its own over the shared page, at which its threads queue as ever. To lock the
 * object is to lock the page too, and to take the state from there; to unlock it puts the state back. Where
 * the object became signaled by that, those who sleep in other processes are woken first, and then look for
 * themselves: a thread that waits for shared objects sleeps on a word of each page as well.
 *
 * A process may be killed anywhere in this. The lock of its page then goes to whoever wants it, and what it
 * has stored so far is a state that is right. */
#ifndef KERNEL_SHARED_WAIT_H
#define KERNEL_SHARED_WAIT_H

#include "kernel/futex.h"
#include "kernel/shared_file.h"
#include "kernel/wait.h"

/* What the page holds. `waiters` and `queued` are too high where a process was killed, until somebody waits
 * for the dead in vain: then the count begins anew, and each process that comes adds its own. */
struct shared_words {
    uint32_t lock;         /* atomic: the thread that holds it, as FUTEX_LOCK_PI has it */
    uint32_t changes;      /* atomic, a futex: how often there was something to look at; never 0 */
    uint32_t waiters;      /* how many wait, here or there, */
    uint32_t queued;       /* and how many of them for this object or any other, not for several at once */
    uint32_t count;        /* which count of them this is */
    uint32_t pulses;       /* how often the object was pulsed */
    uint32_t tokens;       /* how many waiters the pulses can still release; UINT32_MAX: all */
    uint32_t given;        /* how many of those that queue were given the object and have yet to fetch it */
    uint32_t given_when;   /* atomic: the time of the last time (ms); 0 while nobody was given it */
    uint32_t turns;        /* how often there was a choice between those who wait here and there */
    uint32_t releases_all; /* the object stays signaled until it is reset */
    uint32_t state[8];     /* of wait_operations' load and store */
};

struct shared_wait {
    struct shared_words *words;
    struct shared_file file;
    uint64_t device, inode; /* the order in which pages are locked */
    /* Under the lock: */
    uint32_t changes, pulses, count; /* as seen last */
    uint32_t waiters, queued;        /* this process's part */
    bool was_signaled;               /* when it was locked */
    bool has_given;                  /* since then */
    bool is_withheld;                /* a mutex without an owner that another process was given */
    struct waitable *object;
    struct shared_wait *next, *previous; /* all of this process */
};

/* What the hooks of kernel/object.h do for a waitable: moves it into the file, and the threads that sleep
 * there too. `prepare` fills in what `store` does not. */
NTSTATUS shared_wait_share(struct waitable *object, struct shared_file *file,
                           void (*prepare)(const struct waitable *object, struct shared_words *words));
/* Ties a new object, which nobody else knows, to a file that has a state. */
NTSTATUS shared_wait_adopt(struct waitable *object, struct shared_file *file);
/* When the object is destroyed. */
void shared_wait_destroy(struct shared_wait *shared);
static inline void shared_wait_leave(struct waitable *object)
{
    if (object->shared)
        shared_wait_destroy(object->shared);
}
/* Calls `visit` for each object of a type that is shared, retained. */
void shared_wait_for_each(const struct object_type *type,
                          void (*visit)(struct waitable *object, void *context), void *context);

static inline uint32_t *shared_wait_state(const struct waitable *object)
{
    return object->shared->words->state;
}

/* For kernel/wait.c, with the object's own lock held */

void shared_wait_acquire(struct waitable *object);
void shared_wait_release(struct waitable *object);
/* Acquires those that are shared, in the order that all processes keep. */
void shared_wait_acquire_all(ULONG count, struct waitable *const objects[]);

/* One waits more, or less: in the queue or for several objects at once. */
static inline void shared_wait_count_waiter(struct waitable *object, int change, bool is_queued)
{
    struct shared_wait *shared = object->shared;
    if (!shared)
        return;
    shared->waiters += change;
    shared->words->waiters += change;
    shared->queued += is_queued ? change : 0;
    shared->words->queued += is_queued ? change : 0;
}

/* The object may be signaled: gives it to those who wait elsewhere if it is their turn. */
void shared_wait_take_turns(struct waitable *object);
/* Since when the locked object has been given to others who have not fetched it; 0 if it is not. */
static inline uint32_t shared_wait_given_since(const struct waitable *object)
{
    return object->shared ? object->shared->words->given_when : 0;
}

/* And without it */

static inline bool waitable_is_shared(const struct waitable *object)
{
    return __atomic_load_n(&object->shared, __ATOMIC_ACQUIRE) != NULL;
}

/* PulseEvent for all processes. Waits for several objects at once do not notice. */
bool shared_wait_pulse(struct waitable *object);

/* What a sleeper has looked at. */
struct shared_review {
    ULONG total;
    struct waitable *const *objects;
    ULONG count; /* how many of them are shared */
    uint32_t seen[MAXIMUM_WAIT_OBJECTS];
};

static inline void shared_review_begin(struct shared_review *review, ULONG total,
                                       struct waitable *const objects[])
{
    review->total = total;
    review->objects = objects;
    memset(review->seen, 0, total * sizeof *review->seen);
}

/* Looks at the shared objects that have changed, which may serve this sleeper or others. Returns the time to
 * do so again in any case, or WAIT_NEVER. */
int64_t shared_review(struct shared_review *review);
/* futex_wait, which a change of one of the objects ends too. */
bool shared_wait_sleep(const uint32_t *word, uint32_t value, const struct shared_review *review,
                       const struct deadline *deadline);

#endif
