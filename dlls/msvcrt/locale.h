/* The current locale, and multibyte characters in it. */
#ifndef MSVCRT_LOCALE_H
#define MSVCRT_LOCALE_H

#include <litewin/windows.h>

/* As locale.h numbers them. */
enum crt_locale_category {
    CRT_LC_ALL,
    CRT_LC_COLLATE,
    CRT_LC_CTYPE,
    CRT_LC_MONETARY,
    CRT_LC_NUMERIC,
    CRT_LC_TIME,
    CRT_LC_COUNT,
};

/* Structure lconv. */
struct crt_lconv {
    char *decimal_point, *thousands_sep, *grouping;
    char *int_curr_symbol, *currency_symbol;
    char *mon_decimal_point, *mon_thousands_sep, *mon_grouping;
    char *positive_sign, *negative_sign;
    char int_frac_digits, frac_digits;
    char p_cs_precedes, p_sep_by_space, n_cs_precedes, n_sep_by_space;
    char p_sign_posn, n_sign_posn;
};

extern LCID (*crt_lc_handle)[CRT_LC_COUNT];
extern UINT *crt_lc_codepage, *crt_lc_collate_cp;
extern int *crt_mb_cur_max;

/* 0 in the "C" locale. */
static inline LCID locale_of(enum crt_locale_category category)
{
    return (*crt_lc_handle)[category];
}

/* Of LC_CTYPE; 0 in the "C" locale, where each byte is the character of its value. */
static inline UINT locale_code_page(void)
{
    return *crt_lc_codepage;
}

struct crt_lconv *crt_localeconv(void);
char *crt_setlocale(int category, const char *name);

/* One character. mbtowc returns the bytes it takes (0 for NUL), wctomb those it gives; -1 with errno EILSEQ
 * for none. `bytes` of wctomb has room for *crt_mb_cur_max. */
int crt_mbtowc(WCHAR *target, const char *bytes, size_t count);
int crt_wctomb(char *bytes, WCHAR c);

/* The same for UTF-16 as it is. Takes one character off `bytes`, which are `count` and hold no NUL before
 * their last. Gives one or two units, and returns how many; -1 with errno EILSEQ for what is no character. */
int locale_decode(WCHAR units[2], const char *bytes, size_t count, size_t *taken);
/* The reverse: takes one unit, or a surrogate pair where the code page has it, and returns how many bytes it
 * gives, of which there may be 8. `units` end with a NUL. */
int locale_encode(char *bytes, const WCHAR *units, size_t *taken);

#endif
