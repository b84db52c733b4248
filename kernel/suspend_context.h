/* The registers of a thread that is stopped in a signal handler. Includers include signal.h and ucontext.h
 * first. */
#ifndef KERNEL_SUSPEND_CONTEXT_H
#define KERNEL_SUSPEND_CONTEXT_H

#include "kernel/extended_state.h"

#ifdef __x86_64__
#define CONTEXT_ARCHITECTURE CONTEXT_AMD64
#else
#define CONTEXT_ARCHITECTURE CONTEXT_i386
#endif

/* Has the signal handler return to the context's control, integer and floating point registers; what shows
 * them is fault_write_context. */
void suspend_write_registers(ucontext_t *host, const CONTEXT *context);

/* The processor is to load these components, in whatever state it had them. */
void suspend_note_components(ucontext_t *host, uint64_t components);

/* What a CONTEXT's extension has room for. Without `host` the state is the initial one. */
void suspend_read_extended_state(const ucontext_t *host, CONTEXT *context);
void suspend_write_extended_state(ucontext_t *host, const CONTEXT *context);

/* Copies what `flags` name, in Windows' meaning of them. Extended state is not among it. */
void context_copy_parts(CONTEXT *to, const CONTEXT *from, DWORD flags);

#endif
