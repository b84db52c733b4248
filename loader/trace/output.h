/* Where the trace goes. */
#ifndef LOADER_TRACE_OUTPUT_H
#define LOADER_TRACE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* Opens the file, NULL for standard error. With `append` it goes on where another process has begun. Returns
 * NULL, or what is wrong. */
const char *output_open(const char *file, bool append);

/* Writes whole lines, in one piece also among other threads and processes. */
void output_write(const char *lines, size_t size);

/* Writes what output_write has kept back. */
void output_flush(void);

#endif
