/* UTF-16 strings, for the runtime's other files. */
#ifndef MSVCRT_WCSSTRING_H
#define MSVCRT_WCSSTRING_H

#include <litewin/windows.h>

size_t crt_wcslen(const WCHAR *string);
size_t crt_wcsnlen(const WCHAR *string, size_t limit);
WCHAR *crt_wcschr(const WCHAR *string, WCHAR c);
WCHAR *crt_wcsdup(const WCHAR *string);
WCHAR *crt_wcslwr(WCHAR *string);
WCHAR *crt_wcsupr(WCHAR *string);
WCHAR *crt_wcspbrk(const WCHAR *string, const WCHAR *accepted);
WCHAR *crt_wcsrchr(const WCHAR *string, WCHAR c);
int crt_wcsncmp(const WCHAR *a, const WCHAR *b, size_t count);
int crt_wcscmp(const WCHAR *a, const WCHAR *b);
int crt_wcsicmp(const WCHAR *a, const WCHAR *b);
int crt_wcsnicmp(const WCHAR *a, const WCHAR *b, size_t count);

#endif
