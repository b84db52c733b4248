/* The end of the process, for the runtime's other files. */
#ifndef MSVCRT_EXIT_H
#define MSVCRT_EXIT_H

#include <litewin/windows.h>

/* The exit code of a program that abort or an unhandled signal ends. */
#define CRT_ABORT_EXIT_CODE 3

_Noreturn void crt_exit(int code);
EXPORTED _Noreturn void crt_exit_now(int code); /* _exit */
EXPORTED _Noreturn void crt_abort(void);
_Noreturn void crt_amsg_exit(int number);

typedef int(GUEST_CDECL *exit_function)(void);
/* Returns the function, or NULL when it could not be registered. */
EXPORTED exit_function crt_onexit(exit_function function);

/* Called before the first exit function; NULL unless somebody has put something there. */
EXPORTED extern void (*crt_before_exit)(void);

/* Writes to the standard error handle, past all buffers. */
void write_standard_error(const char *text);

#endif
