/* The multibyte code page of the _mbs functions. It is apart from the locale's, and at first the ANSI one. */
#ifndef MSVCRT_MBCTYPE_H
#define MSVCRT_MBCTYPE_H

#include <litewin/windows.h>

enum mbctype_flags {
    MB_KANA = 0x01,
    MB_PUNCT = 0x02,
    MB_LEAD = 0x04,
    MB_TRAIL = 0x08,
    MB_UPPER = 0x10,
    MB_LOWER = 0x20,
};

/* What _mbctype is: flags of -1 to 255. */
extern uint8_t (*crt_mbctype)[257];

/* The code page as _getmbcp gives it: 0 where every character is one byte. */
extern int mb_code_page;

static inline bool mb_is_lead(uint8_t c)
{
    return (*crt_mbctype)[1 + c] & MB_LEAD;
}

/* Of the character at `p`: 2 where a lead byte and another follow. */
static inline size_t mb_length(const uint8_t *p)
{
    return mb_is_lead(p[0]) && p[1] ? 2 : 1;
}

/* Whether the string ends at `p`: there, or within the character. */
static inline bool mb_ends(const uint8_t *p)
{
    return !p[0] || (mb_is_lead(p[0]) && !p[1]);
}

/* The character at `p`, its lead byte in bits 8 to 15. */
static inline unsigned mb_character(const uint8_t *p)
{
    return mb_length(p) == 2 ? p[0] << 8 | p[1] : p[0];
}

unsigned crt_mbctolower(unsigned c);
unsigned crt_mbctoupper(unsigned c);

uint8_t *crt_mbslwr(uint8_t *string);
uint8_t *crt_mbsupr(uint8_t *string);
uint8_t *crt_mbsset(uint8_t *string, unsigned c);
uint8_t *crt_mbsnset(uint8_t *string, unsigned c, size_t count);
uint8_t *crt_mbsnbset(uint8_t *string, unsigned c, size_t count);

#endif
