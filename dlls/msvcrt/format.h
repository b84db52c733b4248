/* The formatter of the whole printf family. It knows nothing of files, memory or the thread: where text goes
 * is the sink's affair. */
#ifndef MSVCRT_FORMAT_H
#define MSVCRT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <litewin/varargs.h>

/* What differs between the C runtimes. The first few are the bits that programs pass to the Universal CRT's
 * __stdio_common_vfprintf and its kin, and have its values. */
enum format_option {
    FORMAT_LEGACY_WIDE_SPECIFIERS = 0x04, /* %s in a wide function is a wide string */
    FORMAT_LEGACY_MSVCRT = 0x08,          /* 1.#INF; %hhd is %hd; F and N are sizes without a meaning */
    FORMAT_THREE_DIGIT_EXPONENTS = 0x10,
    FORMAT_STANDARD_ROUNDING = 0x20,
    FORMAT_FROM_17_DIGITS = 0x100,  /* of doubles, that is: see decimal.h */
    FORMAT_POSITIONAL = 0x200,      /* %1$d is understood */
    FORMAT_NO_COUNT_OUTPUT = 0x400, /* %n is an error */
};

/* Where text goes. `cursor` to `limit` is room that the formatter fills by itself; what does not fit goes to
 * `overflow`, which may change both. Sizes are in bytes for wide text too. */
struct format_sink {
    char *cursor;
    char *limit;
    /* False ends the formatting, with an error. */
    bool (*overflow)(struct format_sink *sink, const char *bytes, size_t size);
};

#define FORMAT_CHARACTER_BYTES 8

/* The current locale, as far as formatting depends on it. */
struct format_locale {
    char decimal_point;
    /* Writes the first character of `length` units, at most FORMAT_CHARACTER_BYTES bytes of it, and returns
     * how many. `*used` becomes the number of units it took. -1: it has no form in this locale. */
    int (*narrow)(char *bytes, const wchar_t *units, size_t length, size_t *used);
    /* Reads the first character of `length` bytes as one or two units and returns how many. `*used` becomes
     * the number of bytes it took. -1: they are no character of this locale. */
    int (*widen)(wchar_t *units, const char *bytes, size_t length, size_t *used);
};

/* Both return the number of characters that the format makes, also of those that the sink dropped, or -1. */
int format_narrow(struct format_sink *sink, unsigned options, const struct format_locale *locale,
                  const char *format, guest_va_list arguments);
int format_wide(struct format_sink *sink, unsigned options, const struct format_locale *locale,
                const wchar_t *format, guest_va_list arguments);

#endif
