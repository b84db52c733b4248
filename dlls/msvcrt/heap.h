/* The C runtime's heap: what these return, the program may free. */
#ifndef MSVCRT_HEAP_H
#define MSVCRT_HEAP_H

#include <litewin/windows.h>

/* All set errno to ENOMEM where they return NULL for lack of memory. */
void *crt_malloc(size_t size);
void *crt_calloc(size_t count, size_t size);
void *crt_realloc(void *block, size_t size);
void crt_free(void *block);
void *crt_operator_new(size_t size);
size_t crt_msize(void *block);
int crt_set_new_mode(int mode);

#endif
