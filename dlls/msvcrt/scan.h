/* The reader of the whole scanf family. Where characters come from is the source's affair. */
#ifndef MSVCRT_SCAN_H
#define MSVCRT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <litewin/varargs.h>
#include "dlls/msvcrt/format.h"

enum scan_option {
    /* Each buffer for text is followed by its size (scanf_s). */
    SCAN_SECURE = 0x1,
    SCAN_LEGACY_WIDE_SPECIFIERS = 0x2, /* %s in a wide function is a wide string */
    SCAN_LEGACY_MSVCRT = 0x4,          /* %hhd is %hd; no infinities, NaNs and hexadecimal numbers with %f */
};

/* What msvcrt.dll's functions read with. */
#define SCAN_MSVCRT (SCAN_LEGACY_WIDE_SPECIFIERS | SCAN_LEGACY_MSVCRT)

struct scan_source {
    /* The next character or UTF-16 unit; -1 at the end. */
    int (*get)(struct scan_source *source);
    /* Takes back the last one, which is not -1. */
    void (*unget)(struct scan_source *source, int unit);
};

/* Both return the number of arguments that were set, or -1 where the input ends before the first of them. */
int scan_narrow(struct scan_source *source, unsigned options, const struct format_locale *locale,
                const char *format, guest_va_list arguments);
int scan_wide(struct scan_source *source, unsigned options, const struct format_locale *locale,
              const wchar_t *format, guest_va_list arguments);

#endif
