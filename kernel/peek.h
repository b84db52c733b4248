/* Reading through a pointer of the program's that may point nowhere, at the price of a copy. */
#ifndef KERNEL_PEEK_H
#define KERNEL_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <litewin/windows.h>

/* Copies until a byte that cannot be read. Returns how many bytes were left, 0 when all were copied. A guard
 * page counts as one that cannot be read, and stays one. */
EXPORTED size_t peek_copy(void *to, const void *from, size_t size);

/* The length of a terminated string of 1-byte or 2-byte units; SIZE_MAX where it cannot be read up to its
 * end. */
EXPORTED size_t peek_length(const void *string, size_t unit);

static inline bool peek(void *to, const void *from, size_t size)
{
    return !peek_copy(to, from, size);
}

/* For the fault handler: true if the fault was in peek_copy, which goes on and tells its caller. */
struct ucontext_t;
bool peek_recover(struct ucontext_t *host);

#endif
