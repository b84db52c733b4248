/* The segment register by which Windows code finds its TEB: GS on x86-64, FS on i386. */
#ifndef KERNEL_SEGMENT_H
#define KERNEL_SEGMENT_H

#include "kernel/teb.h"

/* For the calling thread. False where Linux does not allow it. */
bool segment_set(struct teb *teb);

#endif
