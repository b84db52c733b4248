#include "dlls/msvcrt/mutex.h"
#include "kernel/futex.h"
#include "kernel/process.h"

static bool try_lock(void *mutex)
{
    uint32_t free = 0;
    return __atomic_compare_exchange_n(&((struct crt_mutex *)mutex)->state, &free, 1, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

void crt_mutex_wait(struct crt_mutex *mutex)
{
    struct deadline never = {.forever = true};
    if (process_is_last_thread()) {
        process_acquire_orphan(try_lock, mutex);
        return;
    }
    while (__atomic_exchange_n(&mutex->state, 2, __ATOMIC_ACQUIRE) != 0)
        futex_wait(&mutex->state, 2, &never);
}

void crt_mutex_wake(struct crt_mutex *mutex)
{
    futex_wake(&mutex->state, 1);
}
