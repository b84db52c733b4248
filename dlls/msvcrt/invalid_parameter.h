/* What happens when a function is called with an argument that its documentation forbids. */
#ifndef MSVCRT_INVALID_PARAMETER_H
#define MSVCRT_INVALID_PARAMETER_H

#include <litewin/windows.h>

/* Sets errno to `error` (crt_errno.h) and calls the program's handler, if it set one. Where there is none,
 * or it returns, the caller returns its documented failure: msvcrt.dll does not end the program. Returns
 * `error`, so that the _s functions can return it on. */
EXPORTED int crt_invalid_parameter(int error);

#endif
