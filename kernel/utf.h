/* The one converter between UTF-8 and UTF-16. */
#ifndef KERNEL_UTF_H
#define KERNEL_UTF_H

#include <litewin/windows.h>

/* What becomes of input that is not well formed. */
enum utf_policy {
    /* The conversion fails: UTF_INVALID. */
    UTF_STRICT,
    /* U+FFFD for each maximal ill-formed subsequence, as Unicode recommends and Windows does. */
    UTF_REPLACE,
    /* For names of host files, every one of which must have a Windows name that leads back to it.
     * A byte that is not part of well-formed UTF-8 is U+DC80..U+DCFF. A character that Windows
     * forbids in names is U+F000 plus its code, as Cygwin and WSL have it. The separators change
     * into each other: '/' is '\\'. */
    UTF_HOST_NAME,
    /* The conversion fails, but a surrogate without its other half is three bytes ("WTF-8"), so that every
     * UTF-16 string has a form that leads back to it. */
    UTF_SURROGATES,
};

#define UTF_INVALID SIZE_MAX

/* Converts `length` units, NULs included, and adds no NUL of its own. Returns how many units the
 * whole result takes, or UTF_INVALID. No more than `capacity` are written, and no character is
 * written in part; a result larger than `capacity` tells that the target was too small. With a
 * capacity of 0 the target may be NULL. */
EXPORTED size_t utf16_from_utf8(WCHAR *target, size_t capacity, const char *source, size_t length,
                                enum utf_policy policy);
EXPORTED size_t utf8_from_utf16(char *target, size_t capacity, const WCHAR *source, size_t length,
                                enum utf_policy policy);

/* Length of a NUL-terminated UTF-16 string. */
EXPORTED size_t utf16_length(const WCHAR *string);

#endif
