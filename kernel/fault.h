/* Faults: a signal that an instruction of the running thread caused becomes a Windows exception.
 *
 * The signal handler runs on a stack of its own. What the memory manager (vm_fault) does not settle it
 * writes, as exception record and full context, on the thread's stack below what the thread uses there,
 * and lets the thread go on in the exception dispatcher. So the dispatcher is ordinary code: it may call
 * the program's handlers, and they may leave it by longjmp as often as they like. */
#ifndef KERNEL_FAULT_H
#define KERNEL_FAULT_H

#include "kernel/extended_state.h"

/* What a thread needs as its signal stack. Its pages are touched only when a fault happens. */
#define FAULT_STACK_SIZE   0x8000
#define FAULT_SCRATCH_SIZE 0x2000

/* A part of that memory which signal handlers leave alone, aligned to 64 bytes: room for a thread that
 * resumes at a context, where its own stack may have little. NULL in a thread that runs no Windows code. */
EXPORTED extern __thread uint8_t *fault_scratch;

/* Installs the process's handlers for faults; once, before any Windows code runs. */
EXPORTED void fault_initialize(void);

/* The calling thread handles signals on this memory from now on. Each thread that will run Windows code
 * calls it first. */
EXPORTED void fault_use_stack(void *stack, size_t size);

/* True if a handler was running with that stack pointer on the calling thread. */
bool fault_is_on_signal_stack(uintptr_t stack_pointer);

/* Called on the signal stack, before vm_fault, with the address of an access that failed. True if the
 * access will succeed now and is to be repeated. There are at most four hooks, and none is removed. */
EXPORTED void fault_add_hook(bool (*hook)(void *address));

/* What the dispatcher finds at its stack pointer, followed by the state that `extension.xstate` names. */
struct fault_frame {
    CONTEXT context;
    struct context_extension extension;
    EXCEPTION_RECORD record;
};

/* Called on the signal stack where the thread's own has no room for an exception, with what would have been
 * written there; when it returns the process ends. */
EXPORTED void fault_set_last_resort(void (*report)(const EXCEPTION_RECORD *record, const CONTEXT *context));

/* `dispatcher` is jumped to, on the thread's own stack, with the stack pointer at a struct fault_frame
 * and a multiple of 16. It never returns. */
EXPORTED void fault_set_dispatcher(void (*dispatcher)(void));

#endif
