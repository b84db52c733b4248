/* What the files of the process subject share. */
#ifndef KERNEL_PROCESS_INTERNAL_H
#define KERNEL_PROCESS_INTERNAL_H

#include "kernel/process.h"

/* An object for another process, which owns the descriptor and the block from then on; NULL without memory.
 * A child's comes with a reference to its main thread as well. */
struct process *process_make(DWORD id, int descriptor, struct start_block *block, bool is_child);

#endif
