#include "dlls/msvcrt/mutex.h"
#include "kernel/futex.h"

void crt_mutex_wait(struct crt_mutex *mutex)
{
    struct deadline never = {.forever = true};
    while (__atomic_exchange_n(&mutex->state, 2, __ATOMIC_ACQUIRE) != 0)
        futex_wait(&mutex->state, 2, &never);
}

void crt_mutex_wake(struct crt_mutex *mutex)
{
    futex_wake(&mutex->state, 1);
}
