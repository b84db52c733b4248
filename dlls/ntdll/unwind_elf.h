/* Unwinding of Linux frames, as their call frame information (.eh_frame) describes them. */
#ifndef NTDLL_UNWIND_ELF_H
#define NTDLL_UNWIND_ELF_H

#include <litewin/windows.h>

/* True if the address lies in Linux code. */
bool unwind_is_elf(uintptr_t pc);

/* Where the caller's registers were found, for whoever asks. Only 64-bit Windows knows of that. */
#ifdef __x86_64__
typedef KNONVOLATILE_CONTEXT_POINTERS unwind_pointers;
#else
typedef void unwind_pointers;
#endif

/* Turns the context of a frame of Linux code into that of its caller. Its instruction pointer becomes 0 where
 * the stack ends: the frame says that it has no caller, or nothing describes it. `pointers` may be NULL. */
void unwind_elf_frame(uintptr_t pc, CONTEXT *context, unwind_pointers *pointers);

/* The same for the innermost frame of a thread that may have been interrupted anywhere. */
void unwind_elf_interrupted_frame(CONTEXT *context);

/* The same for a frame that somebody has found a description of. */
struct frame_row;
void unwind_described_frame(const struct frame_row *row, CONTEXT *context);

#endif
