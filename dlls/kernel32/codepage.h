/* Code pages other than UTF-8. */
#ifndef KERNEL32_CODEPAGE_H
#define KERNEL32_CODEPAGE_H

#include <litewin/windows.h>

/* A code page of one or two bytes a character, made when it is first asked for. */
struct codepage_table {
    UINT page;
    WCHAR wide[256];
    /* Characters of two bytes by lead and trail byte; NULL for a page that has none. */
    WCHAR *pairs;
    BYTE lead_ranges[MAX_LEADBYTES]; /* pairs of first and last, then zeros */
    /* By UTF-16 unit: one byte, or two with the lead byte on top. 0 stands for none. */
    uint16_t narrow[65536];
};

/* NULL for a code page that is not known. */
const struct codepage_table *codepage_table(UINT page);
/* The numbers of all that are known, in order; 0 after the last. */
UINT codepage_number(size_t index);

bool codepage_is_lead(const struct codepage_table *table, unsigned char byte);

/* UTF-7, with the results of utf16_from_utf8 and utf8_from_utf16: what the whole takes. */
size_t utf7_to_wide(const char *source, size_t length, WCHAR *target, size_t capacity);
size_t utf7_from_wide(const WCHAR *source, size_t length, char *target, size_t capacity);

#endif
