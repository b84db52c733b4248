/* The segment register by which Windows code finds its TEB: GS on x86-64, FS on i386. */
#ifndef KERNEL_SEGMENT_H
#define KERNEL_SEGMENT_H

#include "kernel/teb.h"

/* For the calling thread. False where Linux does not allow it. */
bool segment_set(struct teb *teb);

#ifdef __i386__
/* The descriptor that a selector of a thread's names. STATUS_UNSUCCESSFUL for one that the thread does not
 * use; the null selector's is all zero. */
EXPORTED NTSTATUS segment_describe(const struct teb *teb, unsigned selector, LDT_ENTRY *descriptor);
#endif

#endif
