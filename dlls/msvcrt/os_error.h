/* errno from Windows' errors. */
#ifndef MSVCRT_OS_ERROR_H
#define MSVCRT_OS_ERROR_H

#include <litewin/windows.h>

/* Sets _doserrno, and errno to what it means. */
void os_error_set(DWORD error);

/* The same with the thread's last error; returns -1. */
int os_error_last(void);

/* Sets errno to `error` (crt_errno.h) and _doserrno to none; returns -1. */
int crt_fail(int error);

/* The thread's errno. */
int32_t *crt_errno(void);

#endif
