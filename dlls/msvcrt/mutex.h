/* The runtime's recursive lock: one atomic instruction each way while nobody else wants it, and none as long
 * as the process has one thread. Zeros are an unlocked one. */
#ifndef MSVCRT_MUTEX_H
#define MSVCRT_MUTEX_H

#include <sys/single_threaded.h>
#include <litewin/windows.h>
#include "kernel/teb.h"

struct crt_mutex {
    uint32_t state; /* 0: free, 1: taken, 2: taken, and others sleep for it */
    uint32_t owner; /* only its own thread can find its id here */
    uint32_t depth; /* times it is taken beyond the first */
};

/* The ways of a lock that others use, too. */
void crt_mutex_wait(struct crt_mutex *mutex);
void crt_mutex_wake(struct crt_mutex *mutex);

static inline uint32_t crt_thread_id(void)
{
    return (uint32_t)(uintptr_t)teb_current()->ClientId.UniqueThread;
}

static inline void crt_mutex_lock(struct crt_mutex *mutex)
{
    uint32_t self = crt_thread_id();
    uint32_t free = 0;

    if (__atomic_load_n(&mutex->owner, __ATOMIC_RELAXED) == self) {
        mutex->depth++;
        return;
    }
    if (__libc_single_threaded)
        mutex->state = 1;
    else if (!__atomic_compare_exchange_n(&mutex->state, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        crt_mutex_wait(mutex);
    __atomic_store_n(&mutex->owner, self, __ATOMIC_RELAXED);
}

/* By the owner. */
static inline void crt_mutex_unlock(struct crt_mutex *mutex)
{
    if (mutex->depth) {
        mutex->depth--;
        return;
    }
    __atomic_store_n(&mutex->owner, 0, __ATOMIC_RELAXED);
    if (__libc_single_threaded)
        mutex->state = 0;
    else if (__atomic_exchange_n(&mutex->state, 0, __ATOMIC_RELEASE) == 2)
        crt_mutex_wake(mutex);
}

static inline bool crt_mutex_is_mine(const struct crt_mutex *mutex)
{
    return __atomic_load_n(&mutex->owner, __ATOMIC_RELAXED) == crt_thread_id();
}

#endif
