/* The argument vector of main and wmain. */
#ifndef MSVCRT_ARGUMENTS_H
#define MSVCRT_ARGUMENTS_H

#include <litewin/windows.h>

/* Splits the command line. With `expand_wildcards` an argument with an unquoted wildcard becomes the names
 * that it matches, if there are any. The vector is one block of the program's heap and has a NULL at
 * its end. NULL without memory. */
WCHAR **wide_arguments(const WCHAR *line, bool expand_wildcards, int *count);

/* The same vector in the ANSI code page. */
char **narrow_arguments(WCHAR *const *wide, int count);

#endif
