/* The chain of exception handlers that an i386 thread keeps on its stack. */
#ifndef MSVCRT_GUARD_I386_H
#define MSVCRT_GUARD_I386_H

#include "dlls/msvcrt/guard.h"

#define END_OF_CHAIN ((struct registration *)-1)

/* Compilers' runtimes append words of their own. */
struct registration {
    struct registration *next;
    guard_handler handler;
};

static inline struct registration *registration_first(void)
{
    struct registration *first;
    __asm__ volatile("movl %%fs:0, %0" : "=r"(first) : : "memory");
    return first;
}

static inline void registration_set_first(struct registration *first)
{
    __asm__ volatile("movl %0, %%fs:0" : : "r"(first) : "memory");
}

/* Goes on at `code` in a function's frame, which EBP says, with that registration first in the chain. */
_Noreturn void cxx_continue(void *code, char *base, void *stack, struct registration *first);

#endif
