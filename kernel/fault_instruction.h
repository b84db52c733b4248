/* Enough of an x86 decoder to tell what an instruction that faulted was. */
#ifndef KERNEL_FAULT_INSTRUCTION_H
#define KERNEL_FAULT_INSTRUCTION_H

#include <litewin/windows.h>

/* The instruction at the context's program counter is a division and its divisor is zero; else the quotient
 * was too large. */
bool instruction_divides_by_zero(CONTEXT *context);

/* It is one that only the kernel may execute. */
bool instruction_is_privileged(CONTEXT *context);

/* It has nothing but prefixes within the longest length that an instruction may have. */
bool instruction_is_too_long(CONTEXT *context);

/* The number of `int $n`; -1 for another instruction. */
int instruction_interrupt(CONTEXT *context);

#endif
