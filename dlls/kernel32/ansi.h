/* The ANSI half of the API: strings in the ANSI code page, which here is UTF-8, to and from UTF-16. */
#ifndef KERNEL32_ANSI_H
#define KERNEL32_ANSI_H

#include <litewin/windows.h>

/* An ANSI argument as UTF-16. Short strings need no allocation; wide_free is due in every case. */
struct wide {
    WCHAR *text; /* NUL-terminated; NULL for a NULL argument */
    size_t length;
    WCHAR local[MAX_PATH];
};

/* False, with the last error set, when memory is short. */
bool wide_from_ansi(struct wide *wide, const char *ansi);
void wide_free(struct wide *wide);

/* The same for two arguments: both are there or neither. */
struct wide_pair {
    struct wide first, second;
};

bool wide_pair_from_ansi(struct wide_pair *pair, const char *first, const char *second);
void wide_pair_free(struct wide_pair *pair);

/* Returns a string to an ANSI caller, as most A functions do: the length without the NUL if it fits into
 * `size` bytes with the NUL, else the size that is needed, and nothing is written. */
DWORD ansi_return(const WCHAR *text, size_t length, char *buffer, DWORD size);

/* The same for a W function. */
DWORD wide_return(const WCHAR *text, size_t length, WCHAR *buffer, DWORD size);

/* Returns a name that is cut where the buffer ends, with a NUL in any case, and says so by the last error
 * alone, ERROR_INSUFFICIENT_BUFFER: what GetModuleFileName does. */
DWORD wide_return_cut(const WCHAR *text, size_t length, WCHAR *buffer, DWORD size);
DWORD ansi_return_cut(const WCHAR *text, size_t length, char *buffer, DWORD size);

#endif
