#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/ctype.h"
#include "dlls/msvcrt/locale.h"
#include "dlls/msvcrt/startup.h"
#include "dlls/msvcrt/thread_data.h"

const uint16_t **crt_pctype, **crt_pwctype;
uint16_t (*crt_ctype)[257], (*crt_wctype)[257];
const struct ctype_tables *current_ctype;
static bool locale_was_set; /* to another than "C", ever */

/* The "C" locale, beginning with EOF. */
static const uint16_t c_flags[257] = {
    [1 + 0 ... 1 + 8] = CTYPE_CONTROL,
    [1 + 9 ... 1 + 13] = CTYPE_SPACE | CTYPE_CONTROL,
    [1 + 14 ... 1 + 31] = CTYPE_CONTROL,
    [1 + ' '] = CTYPE_SPACE | CTYPE_BLANK,
    [1 + '!' ... 1 + '/'] = CTYPE_PUNCT,
    [1 + '0' ... 1 + '9'] = CTYPE_DIGIT | CTYPE_HEX,
    [1 + ':' ... 1 + '@'] = CTYPE_PUNCT,
    [1 + 'A' ... 1 + 'F'] = CTYPE_UPPER | CTYPE_HEX,
    [1 + 'G' ... 1 + 'Z'] = CTYPE_UPPER,
    [1 + '[' ... 1 + '`'] = CTYPE_PUNCT,
    [1 + 'a' ... 1 + 'f'] = CTYPE_LOWER | CTYPE_HEX,
    [1 + 'g' ... 1 + 'z'] = CTYPE_LOWER,
    [1 + '{' ... 1 + '~'] = CTYPE_PUNCT,
    [1 + 127] = CTYPE_CONTROL,
};

/* The first 256 of Unicode, beginning with WEOF. They are the same in every locale. */
#define UPPER_LETTER (CTYPE_LETTER | CTYPE_UPPER)
#define LOWER_LETTER (CTYPE_LETTER | CTYPE_LOWER)
static const uint16_t wide_flags[257] = {
    [1 + 0 ... 1 + 8] = CTYPE_CONTROL,
    [1 + 9] = CTYPE_SPACE | CTYPE_CONTROL | CTYPE_BLANK,
    [1 + 10 ... 1 + 13] = CTYPE_SPACE | CTYPE_CONTROL,
    [1 + 14 ... 1 + 31] = CTYPE_CONTROL,
    [1 + ' '] = CTYPE_SPACE | CTYPE_BLANK,
    [1 + '!' ... 1 + '/'] = CTYPE_PUNCT,
    [1 + '0' ... 1 + '9'] = CTYPE_DIGIT | CTYPE_HEX,
    [1 + ':' ... 1 + '@'] = CTYPE_PUNCT,
    [1 + 'A' ... 1 + 'F'] = UPPER_LETTER | CTYPE_HEX,
    [1 + 'G' ... 1 + 'Z'] = UPPER_LETTER,
    [1 + '[' ... 1 + '`'] = CTYPE_PUNCT,
    [1 + 'a' ... 1 + 'f'] = LOWER_LETTER | CTYPE_HEX,
    [1 + 'g' ... 1 + 'z'] = LOWER_LETTER,
    [1 + '{' ... 1 + '~'] = CTYPE_PUNCT,
    [1 + 0x7f ... 1 + 0x9f] = CTYPE_CONTROL,
    [1 + 0xa0] = CTYPE_SPACE | CTYPE_BLANK,
    [1 + 0xa1 ... 1 + 0xb1] = CTYPE_PUNCT,
    [1 + 0xb2 ... 1 + 0xb3] = CTYPE_PUNCT | CTYPE_DIGIT,
    [1 + 0xb4 ... 1 + 0xb8] = CTYPE_PUNCT,
    [1 + 0xb9] = CTYPE_PUNCT | CTYPE_DIGIT,
    [1 + 0xba ... 1 + 0xbf] = CTYPE_PUNCT,
    [1 + 0xc0 ... 1 + 0xd6] = UPPER_LETTER,
    [1 + 0xd7] = CTYPE_PUNCT,
    [1 + 0xd8 ... 1 + 0xde] = UPPER_LETTER,
    [1 + 0xdf ... 1 + 0xf6] = LOWER_LETTER,
    [1 + 0xf7] = CTYPE_PUNCT,
    [1 + 0xf8 ... 1 + 0xff] = LOWER_LETTER,
};

void ctype_attach(void)
{
    *crt_pctype = c_flags + 1;
    *crt_pwctype = wide_flags + 1;
    memcpy(*crt_ctype, c_flags, sizeof c_flags);
    memcpy(*crt_wctype, wide_flags, sizeof wide_flags);
}

void ctype_use(const struct ctype_tables *tables)
{
    current_ctype = tables;
    locale_was_set |= tables != NULL;
    *crt_pctype = (tables ? tables->flags : c_flags) + 1;
}

/* The one byte's character and its case as bytes of the code page again. */
static void fill_single_byte(struct ctype_tables *tables, UINT code_page, uint8_t byte)
{
    WCHAR c, changed;
    uint8_t converted;
    if (MultiByteToWideChar(code_page, MB_ERR_INVALID_CHARS, (char *)&byte, 1, &c, 1) != 1)
        return;
    GetStringTypeW(CT_CTYPE1, &c, 1, &tables->flags[byte + 1]);
    if (LCMapStringW(LOCALE_USER_DEFAULT, LCMAP_LOWERCASE, &c, 1, &changed, 1) == 1 &&
        WideCharToMultiByte(code_page, 0, &changed, 1, (char *)&converted, 1, NULL, NULL) == 1)
        tables->lower[byte] = converted;
    if (LCMapStringW(LOCALE_USER_DEFAULT, LCMAP_UPPERCASE, &c, 1, &changed, 1) == 1 &&
        WideCharToMultiByte(code_page, 0, &changed, 1, (char *)&converted, 1, NULL, NULL) == 1)
        tables->upper[byte] = converted;
}

void ctype_fill(struct ctype_tables *tables, UINT code_page)
{
    memcpy(tables->flags, c_flags, sizeof c_flags);
    for (int byte = 0; byte < 256; byte++) {
        tables->lower[byte] = byte >= 'A' && byte <= 'Z' ? byte + 32 : byte;
        tables->upper[byte] = byte >= 'a' && byte <= 'z' ? byte - 32 : byte;
    }
    for (int byte = 0x80; byte < 256; byte++) {
        if (IsDBCSLeadByteEx(code_page, byte))
            tables->flags[byte + 1] = CTYPE_LEADBYTE;
        else if (code_page != CP_UTF8)
            fill_single_byte(tables, code_page, byte);
    }
}

/* Outside -1..255 a character is nothing, unless the locale has double-byte characters. */
int crt_isctype(int c, int flags)
{
    if (c >= -1 && c <= 255)
        return ctype_has(c, flags);
    if (*crt_mb_cur_max < 2 || !crt_isleadbyte(c >> 8 & 255))
        return 0;
    char bytes[2] = {c >> 8, c};
    WCHAR wide;
    uint16_t type;
    if (MultiByteToWideChar(locale_code_page(), MB_ERR_INVALID_CHARS, bytes, 2, &wide, 1) != 1 ||
        !GetStringTypeW(CT_CTYPE1, &wide, 1, &type))
        return 0;
    return type & flags;
}

#define NARROW_CLASS(name, flags)       \
    int name(int c)                     \
    {                                   \
        return crt_isctype(c, (flags)); \
    }

NARROW_CLASS(crt_isalpha, CTYPE_ALPHA)
NARROW_CLASS(crt_isupper, CTYPE_UPPER)
NARROW_CLASS(crt_islower, CTYPE_LOWER)
NARROW_CLASS(crt_isdigit, CTYPE_DIGIT)
NARROW_CLASS(crt_isxdigit, CTYPE_HEX)
NARROW_CLASS(crt_isspace, CTYPE_SPACE)
NARROW_CLASS(crt_ispunct, CTYPE_PUNCT)
NARROW_CLASS(crt_isalnum, CTYPE_ALPHA | CTYPE_DIGIT)
NARROW_CLASS(crt_isprint, CTYPE_BLANK | CTYPE_PUNCT | CTYPE_ALPHA | CTYPE_DIGIT)
NARROW_CLASS(crt_isgraph, CTYPE_PUNCT | CTYPE_ALPHA | CTYPE_DIGIT)
NARROW_CLASS(crt_iscntrl, CTYPE_CONTROL)

int crt_isleadbyte(int c)
{
    return (*crt_pctype)[(uint8_t)c] & CTYPE_LEADBYTE;
}

int crt_isascii(int c)
{
    return (unsigned)c < 0x80;
}

int crt_toascii(int c)
{
    return c & 0x7f;
}

/* What may begin, and go on in, a C name. */
int crt_iscsymf(int c)
{
    return crt_isalpha(c) || c == '_';
}

int crt_iscsym(int c)
{
    return crt_isalnum(c) || c == '_';
}

/* What is no byte: a double-byte character, its lead byte in bits 8 to 15, or a byte that a program has
 * extended by its sign. The latter is an error, but is mapped by the code page once the program has set a
 * locale. */
static int map_other(int c, DWORD mapping)
{
    char bytes[2] = {c >> 8, c};
    WCHAR wide, changed;
    uint8_t converted[2];
    UINT code_page = locale_code_page() ? locale_code_page() : CP_ACP;
    bool is_double = *crt_mb_cur_max > 1 && crt_isleadbyte(c >> 8 & 255);
    if (!locale_was_set)
        return c;
    if (!is_double)
        crt_thread.error = CRT_EILSEQ;
    int size = is_double ? 2 : 1;
    if (MultiByteToWideChar(code_page, MB_ERR_INVALID_CHARS, bytes + 2 - size, size, &wide, 1) != 1 ||
        LCMapStringW(LOCALE_USER_DEFAULT, mapping, &wide, 1, &changed, 1) != 1 ||
        WideCharToMultiByte(code_page, 0, &changed, 1, (char *)converted, 2, NULL, NULL) != size)
        return c;
    return is_double ? converted[0] << 8 | converted[1] : converted[0];
}

int crt_tolower(int c)
{
    return (unsigned)c < 256 ? ctype_lower(c) : map_other(c, LCMAP_LOWERCASE);
}

int crt_toupper(int c)
{
    return (unsigned)c < 256 ? ctype_upper(c) : map_other(c, LCMAP_UPPERCASE);
}

/* The underlined ones are the macros of old: the argument must be a letter of the other case. */
int crt_tolower_unchecked(int c)
{
    return c - 'A' + 'a';
}

int crt_toupper_unchecked(int c)
{
    return c - 'a' + 'A';
}

int crt_iswctype(WCHAR c, uint16_t flags)
{
    uint16_t type;
    if (c == (WCHAR)-1)
        return 0;
    if (c < 256)
        return wide_flags[1 + c] & flags;
    return GetStringTypeW(CT_CTYPE1, &c, 1, &type) ? type & flags : 0;
}

#define WIDE_CLASS(name, flags)          \
    int name(WCHAR c)                    \
    {                                    \
        return crt_iswctype(c, (flags)); \
    }

WIDE_CLASS(crt_iswalpha, CTYPE_ALPHA)
WIDE_CLASS(crt_iswupper, CTYPE_UPPER)
WIDE_CLASS(crt_iswlower, CTYPE_LOWER)
WIDE_CLASS(crt_iswdigit, CTYPE_DIGIT)
WIDE_CLASS(crt_iswxdigit, CTYPE_HEX)
WIDE_CLASS(crt_iswspace, CTYPE_SPACE)
WIDE_CLASS(crt_iswpunct, CTYPE_PUNCT)
WIDE_CLASS(crt_iswalnum, CTYPE_ALPHA | CTYPE_DIGIT)
WIDE_CLASS(crt_iswprint, CTYPE_BLANK | CTYPE_PUNCT | CTYPE_ALPHA | CTYPE_DIGIT)
WIDE_CLASS(crt_iswgraph, CTYPE_PUNCT | CTYPE_ALPHA | CTYPE_DIGIT)
WIDE_CLASS(crt_iswcntrl, CTYPE_CONTROL)

int crt_iswascii(WCHAR c)
{
    return c < 0x80;
}

static WCHAR map_wide(WCHAR c, DWORD mapping)
{
    WCHAR mapped;
    if (!current_ctype || LCMapStringW(locale_of(CRT_LC_CTYPE), mapping, &c, 1, &mapped, 1) != 1)
        return c;
    return mapped;
}

/* In the "C" locale only ASCII has case. */
WCHAR crt_towlower(WCHAR c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    return map_wide(c, LCMAP_LOWERCASE);
}

WCHAR crt_towupper(WCHAR c)
{
    if (c < 0x80)
        return c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c;
    return map_wide(c, LCMAP_UPPERCASE);
}

const uint16_t *crt_pctype_func(void)
{
    return *crt_pctype;
}

const uint16_t *crt_pwctype_func(void)
{
    return *crt_pwctype;
}

const uint16_t **crt_p_pctype(void)
{
    return crt_pctype;
}

const uint16_t **crt_p_pwctype(void)
{
    return crt_pwctype;
}
