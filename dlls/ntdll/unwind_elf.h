/* Unwinding of Linux frames on x86-64, as their call frame information (.eh_frame) describes them. */
#ifndef NTDLL_UNWIND_ELF_H
#define NTDLL_UNWIND_ELF_H

#include <litewin/windows.h>

/* True if the address lies in Linux code. */
bool unwind_is_elf(uint64_t pc);

/* Turns the context of a frame of Linux code into that of its caller. RIP becomes 0 where the stack ends:
 * the frame says that it has no caller, or nothing describes it. `pointers` may be NULL. */
void unwind_elf_frame(uint64_t pc, CONTEXT *context, KNONVOLATILE_CONTEXT_POINTERS *pointers);

#endif
