/* Locales. There is one, English as in the United States, and with it the invariant locale. */
#ifndef KERNEL32_LOCALE_H
#define KERNEL32_LOCALE_H

#include <litewin/windows.h>

#define LOCALE_ENGLISH MAKELCID(MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), SORT_DEFAULT)

/* Which of the two a locale is, the defaults and the neutral ones included; 0 with the last error set for all
 * others. */
LCID locale_resolve(LCID locale);
LCID locale_resolve_name(const WCHAR *name);

/* The value of one of the locale's strings, at most LOCALE_LONGEST characters; NULL where there is none. */
#define LOCALE_LONGEST 79
const WCHAR *locale_string(LCID locale, LCTYPE type, WCHAR buffer[LOCALE_LONGEST + 1]);

/* The way that most of these functions return text: with a size of 0 the length is only asked for. Counts the
 * NUL, if `length` does. */
int locale_return(const WCHAR *text, size_t length, WCHAR *buffer, int size);
/* The same for an A function, in UTF-8. */
int locale_return_ansi(const WCHAR *text, size_t length, char *buffer, int size);

#endif
