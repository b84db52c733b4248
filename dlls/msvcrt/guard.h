/* Calls that exceptions may leave: what __try is to Windows code. */
#ifndef MSVCRT_GUARD_H
#define MSVCRT_GUARD_H

#include <litewin/windows.h>

/* A frame handler in Windows' convention: `frame` is the guard's, `dispatcher` what its architecture passes.
 */
typedef EXCEPTION_DISPOSITION(GUEST_CDECL *guard_handler)(EXCEPTION_RECORD *record, void *frame,
                                                          CONTEXT *context, void *dispatcher);

typedef uintptr_t(GUEST_CDECL *guarded_function)(void *argument);

#ifdef __x86_64__
#define GUARD_HANDLER_FUNCTION GUEST_CDECL
#else
/* Whoever walks over the chain may not align the stack. */
#define GUARD_HANDLER_FUNCTION __attribute__((force_align_arg_pointer))
#endif

/* function(argument), with a handler for exceptions on their way through. */
uintptr_t guard_call(guard_handler handler, void *data, guarded_function function, void *argument);

/* The `data` of the call whose handler this is. */
void *guard_data(void *frame, void *dispatcher);

/* The same with a handler that lets no exception out: any ends the program by terminate. */
uintptr_t guard_call_no_throw(guarded_function function, void *argument);

#endif
