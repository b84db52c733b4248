#include <sys/random.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/thread_data.h"

/* Every Microsoft runtime has had this generator, and programs rely on its sequences. Each thread begins with
 * the seed 1. */
int crt_rand(void)
{
    crt_thread.random = crt_thread.random * 214013 + 2531011;
    return crt_thread.random >> 16 & 0x7fff;
}

void crt_srand(unsigned seed)
{
    crt_thread.random = seed;
}

int crt_rand_s(unsigned *value)
{
    if (!value)
        return crt_invalid_parameter(CRT_EINVAL);
    if (getrandom(value, sizeof *value, 0) != sizeof *value) {
        *value = 0;
        return crt_invalid_parameter(CRT_EINVAL);
    }
    return 0;
}
