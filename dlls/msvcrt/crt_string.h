/* Strings of bytes, for the runtime's other files; what C's own library does the same is called directly. */
#ifndef MSVCRT_CRT_STRING_H
#define MSVCRT_CRT_STRING_H

#include <stddef.h>

char *crt_strdup(const char *string);
char *crt_strlwr(char *string);
char *crt_strupr(char *string);
int crt_stricmp(const char *a, const char *b);
int crt_strnicmp(const char *a, const char *b, size_t count);

#endif
