#include "kernel/random.h"

/* RtlGenRandom, under the name that it has here; no header has that name. */
BOOLEAN WINAPI SystemFunction036(void *buffer, ULONG size);

BOOLEAN WINAPI SystemFunction036(void *buffer, ULONG size)
{
    return random_fill(buffer, size);
}
