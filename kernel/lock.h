/* The lock of floor 0's own data: four bytes, no set-up, one atomic operation where nobody contends. */
#ifndef KERNEL_LOCK_H
#define KERNEL_LOCK_H

#include "kernel/futex.h"

enum { LOCK_FREE, LOCK_HELD, LOCK_CONTENDED };

struct lock {
    uint32_t word; /* atomic: LOCK_* */
};

EXPORTED void lock_acquire_contended(struct lock *lock);

static inline void lock_acquire(struct lock *lock)
{
    uint32_t expected = LOCK_FREE;
    if (!__atomic_compare_exchange_n(&lock->word, &expected, LOCK_HELD, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED))
        lock_acquire_contended(lock);
}

static inline void lock_release(struct lock *lock)
{
    if (__atomic_exchange_n(&lock->word, LOCK_FREE, __ATOMIC_RELEASE) == LOCK_CONTENDED)
        futex_wake(&lock->word, 1);
}

#endif
