/* Raising exceptions, dispatching them to handlers, and what becomes of one that nobody handles. */
#ifndef NTDLL_EXCEPTION_H
#define NTDLL_EXCEPTION_H

#include <litewin/windows.h>

#define EXCEPTION_NOT_IMPLEMENTED 0x80000100 /* with the DLL's name and the function's */

/* For the DLLs; also the Windows functions that MinGW-w64's headers do not declare */

/* It sees the registers of its Linux caller; direct_RtlRaiseException is its twin for Windows code. */
EXPORTED VOID RtlRaiseException(PEXCEPTION_RECORD record);
EXPORTED _Noreturn VOID RtlRaiseStatus(NTSTATUS status);

EXPORTED NTSTATUS NtContinue(PCONTEXT context, BOOLEAN alertable);
EXPORTED NTSTATUS NtRaiseException(PEXCEPTION_RECORD record, PCONTEXT context, BOOLEAN first_chance);

/* Raises an exception at the context that context_capture_and_call has captured. */
EXPORTED _Noreturn void exception_raise_captured(EXCEPTION_RECORD *record, CONTEXT *context);

/* Has only the vectored handlers see an exception, since its raiser handles it right behind them. True if one
 * of them has said that the program is to go on. */
EXPORTED bool exception_notify(EXCEPTION_RECORD *record);

/* Asked about an exception that no handler wants: EXCEPTION_CONTINUE_EXECUTION, or the process ends. */
EXPORTED void exception_set_unhandled_filter(LONG (*filter)(EXCEPTION_POINTERS *pointers));

/* For a person who wonders why the program has ended. */
EXPORTED void exception_report(const EXCEPTION_RECORD *record, const CONTEXT *context);

/* Within ntdll */

/* Registers the dispatcher with the floors below. */
void exception_initialize(void);

/* Calls the handlers. True if one says that the context, as it is now, is to be resumed; false if none
 * handles the exception. */
bool exception_dispatch(EXCEPTION_RECORD *record, CONTEXT *context);

/* The handlers of the frames, from the context's on; as above. */
bool exception_call_frame_handlers(EXCEPTION_RECORD *record, CONTEXT *context);

/* The whole life of an exception at a context that can be resumed. */
_Noreturn void exception_raise(EXCEPTION_RECORD *record, CONTEXT *context);

/* Raises an exception that results from the handling of another one. */
_Noreturn void exception_raise_nested(NTSTATUS status, EXCEPTION_RECORD *cause);

/* Nobody handles it: asks the filter, then ends the process unless the filter resumes. */
_Noreturn void exception_unhandled(EXCEPTION_RECORD *record, CONTEXT *context);

/* Calls function(argument). An exception that nobody handles on its way out of there ends with the call; its
 * code is the result, or 0. */
DWORD exception_catch(void(GUEST_CDECL *function)(void *argument), void *argument);

/* Goes on at the context, with everything that its flags say it holds. */
_Noreturn void exception_resume(CONTEXT *context);

/* True if this may be the address of a frame on the thread's stack. */
bool exception_is_on_stack(uintptr_t frame);

#endif
