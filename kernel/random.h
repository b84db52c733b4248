/* Random bytes that nobody can foresee. */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H

#include <litewin/windows.h>

/* Fills the whole buffer. Only a buffer that is not all memory to write on makes it fail. */
EXPORTED bool random_fill(void *buffer, size_t size);

#endif
