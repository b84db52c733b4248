/* Numbers from text, for the runtime's other files. */
#ifndef MSVCRT_CONVERT_H
#define MSVCRT_CONVERT_H

#include <litewin/windows.h>

/* A double from the longest prefix of `text` that Windows takes for one. */
double crt_strtod(const char *text, char **end);

#endif
