/* Walking the frames of a stack on x86-64, Windows' and Linux' alike. */
#ifndef NTDLL_UNWIND_H
#define NTDLL_UNWIND_H

#include "dlls/ntdll/context.h"

/* What of a context a walk needs. The processor's extended state, which may follow a CONTEXT, is not kept. */
static inline void unwind_copy_context(CONTEXT *to, const CONTEXT *from)
{
    memcpy(to, from, offsetof(CONTEXT, VectorRegister));
    to->ContextFlags &= CONTEXT_ALL;
}

/* Turns the context of a frame into that of its caller and describes the frame in `dispatcher`: ControlPc,
 * ImageBase, FunctionEntry (NULL for a leaf function), EstablisherFrame, and its language handler of that
 * type (NULL if it has none) with its data. The stack ends where RIP becomes 0. */
language_handler unwind_step(DWORD handler_type, CONTEXT *context, DISPATCHER_CONTEXT *dispatcher);

/* After a handler has answered ExceptionCollidedUnwind: `dispatcher` is that of an active unwind, which is
 * now overtaken. Makes the context of its frame's caller; the result is the frame's language handler. */
language_handler unwind_resume_collided(DISPATCHER_CONTEXT *dispatcher, CONTEXT *caller);

#endif
