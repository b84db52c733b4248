#include "kernel/random.h"

/* No header has it. */
BOOL WINAPI ProcessPrng(BYTE *buffer, SIZE_T size);

BOOL WINAPI ProcessPrng(BYTE *buffer, SIZE_T size)
{
    return random_fill(buffer, size);
}
