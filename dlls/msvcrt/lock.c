#include "dlls/msvcrt/lock.h"

struct crt_mutex crt_locks[CRT_LOCK_COUNT];

void crt_lock(int number)
{
    if (number >= 0 && number < CRT_LOCK_COUNT)
        crt_mutex_lock(&crt_locks[number]);
}

/* One that the thread does not hold stays as it is. */
void crt_unlock(int number)
{
    if (number >= 0 && number < CRT_LOCK_COUNT && crt_mutex_is_mine(&crt_locks[number]))
        crt_mutex_unlock(&crt_locks[number]);
}
