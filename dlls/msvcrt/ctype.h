/* Classes and case of characters in the current locale. */
#ifndef MSVCRT_CTYPE_H
#define MSVCRT_CTYPE_H

#include <litewin/windows.h>

enum ctype_flags {
    CTYPE_UPPER = 0x01,
    CTYPE_LOWER = 0x02,
    CTYPE_DIGIT = 0x04,
    CTYPE_SPACE = 0x08,
    CTYPE_PUNCT = 0x10,
    CTYPE_CONTROL = 0x20,
    CTYPE_BLANK = 0x40,
    CTYPE_HEX = 0x80,
    CTYPE_LETTER = 0x100,
    CTYPE_LEADBYTE = 0x8000,
    CTYPE_ALPHA = CTYPE_LETTER | CTYPE_UPPER | CTYPE_LOWER,
};

/* Of one locale. Flags begin with those of EOF. */
struct ctype_tables {
    uint16_t flags[257];
    uint8_t lower[256];
    uint8_t upper[256];
};

/* What _pctype points to: flags of -1 to 255. */
extern const uint16_t **crt_pctype;

/* The current locale's; NULL in the "C" locale, where only ASCII has letters. */
extern const struct ctype_tables *current_ctype;

void ctype_use(const struct ctype_tables *tables);
void ctype_fill(struct ctype_tables *tables, UINT code_page);

static inline int ctype_has(int c, int flags)
{
    return (*crt_pctype)[c] & flags;
}

static inline uint8_t ctype_lower(uint8_t c)
{
    if (__builtin_expect(current_ctype != NULL, 0))
        return current_ctype->lower[c];
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static inline uint8_t ctype_upper(uint8_t c)
{
    if (__builtin_expect(current_ctype != NULL, 0))
        return current_ctype->upper[c];
    return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c;
}

int crt_isleadbyte(int c);
int crt_iswctype(WCHAR c, uint16_t flags);
WCHAR crt_towlower(WCHAR c);
WCHAR crt_towupper(WCHAR c);

#endif
