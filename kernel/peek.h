/* Reading through a pointer of the program's that may point nowhere, at the price of a copy; and telling the
 * end of an operation through one. Any thread may do so, also one that is not the program's. */
#ifndef KERNEL_PEEK_H
#define KERNEL_PEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <litewin/windows.h>

/* Copies until a byte that cannot be read or written. Returns how many bytes were left, 0 when all were
 * copied. A guard page counts as one that cannot be read, and stays one. */
EXPORTED size_t peek_copy(void *to, const void *from, size_t size);

/* The length of a terminated string of 1-byte or 2-byte units; SIZE_MAX where it cannot be read up to its
 * end. */
EXPORTED size_t peek_length(const void *string, size_t unit);

static inline bool peek(void *to, const void *from, size_t size)
{
    return !peek_copy(to, from, size);
}

/* Writes the number of bytes and then, at once, the status. False where they cannot be written. */
bool poke_io_status(IO_STATUS_BLOCK *block, NTSTATUS status, ULONG_PTR information);

/* For the fault handler: true if the fault was in one of these, which goes on and tells its caller. */
struct ucontext_t;
bool peek_recover(struct ucontext_t *host);

#endif
