/* What Linux knows about single pages of the process. */
#ifndef KERNEL_PAGEMAP_H
#define KERNEL_PAGEMAP_H

#include <litewin/windows.h>

/* Pages that a process has copied by writing to them, in memory that is mapped for copying: whether the one
 * at `start` is, and where the run of pages of which the same is true ends, at most at `end`. */
bool pagemap_is_copied(uintptr_t start, uintptr_t end, uintptr_t *run_end);

/* How pagemap entries begin. */
#define PAGEMAP_PRESENT 0x8000000000000000ull
#define PAGEMAP_SWAPPED 0x4000000000000000ull
#define PAGEMAP_SHARED  0x2000000000000000ull /* of a file, or of anonymous memory that is shared */

/* The entries of some pages; how many could be read. */
EXPORTED size_t pagemap_read(uintptr_t start, uint64_t *entries, size_t count);

#endif
