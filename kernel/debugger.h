/* What a debugger of the program needs of litewin. The functions that do nothing are where debugger/ sets
 * breakpoints; without a debugger each costs one call. */
#ifndef KERNEL_DEBUGGER_H
#define KERNEL_DEBUGGER_H

#include <litewin/windows.h>

/* Modules are in the PEB's list that were not, or the other way round. What is in the list is mapped. */
EXPORTED void debugger_modules_changed(void);

/* An exception happens, before any handler is asked. */
EXPORTED void debugger_first_chance(const EXCEPTION_RECORD *record, const CONTEXT *context);

/* What OutputDebugString says, while a debugger is present. */
EXPORTED void debugger_print(const char *text);

#ifdef __x86_64__
/* Calls a function of the program for a debugger that knows Linux's convention alone. */
EXPORTED uintptr_t debugger_call(uintptr_t(GUEST_STDCALL *function)(uintptr_t, uintptr_t, uintptr_t,
                                                                    uintptr_t, uintptr_t, uintptr_t),
                                 uintptr_t first, uintptr_t second, uintptr_t third, uintptr_t fourth,
                                 uintptr_t fifth, uintptr_t sixth);
#endif

/* True while a debugger that knows litewin, one that sets the PEB's BeingDebugged, traces the process. */
EXPORTED bool debugger_is_present(void);

/* Nobody handles an exception: stops in the debugger where it happened, with all registers as they were. When
 * the debugger lets the thread go on, the process ends with the exception's code. */
EXPORTED _Noreturn void debugger_last_chance(const EXCEPTION_RECORD *record, const CONTEXT *context);

#endif
