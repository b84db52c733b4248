/* Vectored handlers: called for every exception of the process, before and after the frames' handlers. */
#ifndef NTDLL_VECTORED_H
#define NTDLL_VECTORED_H

#include <litewin/windows.h>

/* True if a handler says that the context is to be resumed. */
bool vectored_call_exception_handlers(EXCEPTION_RECORD *record, CONTEXT *context);

/* Called before the context is resumed. */
void vectored_call_continue_handlers(EXCEPTION_RECORD *record, CONTEXT *context);

#endif
