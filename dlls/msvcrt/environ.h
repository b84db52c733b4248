/* The runtime's copies of the environment, and getenv. */
#ifndef MSVCRT_ENVIRON_H
#define MSVCRT_ENVIRON_H

#include <litewin/windows.h>

/* The vectors behind _environ and _wenviron, made on first use; NULL without memory. */
char **narrow_environment(void);
WCHAR **wide_environment(void);

char *crt_getenv(const char *name);
WCHAR *crt_wgetenv(const WCHAR *name);

#endif
