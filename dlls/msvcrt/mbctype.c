#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/ctype.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/locale.h"
#include "dlls/msvcrt/mbctype.h"
#include "dlls/msvcrt/startup.h"

/* _setmbcp's own names of code pages. */
enum { MBCP_SINGLE_BYTE = 0, MBCP_OEM = -2, MBCP_ANSI = -3, MBCP_LOCALE = -4 };

#define CODE_PAGE_JAPANESE 932

uint8_t (*crt_mbctype)[257];
uint8_t (*crt_mbcasemap)[256];
int mb_code_page;

static void set_flags(unsigned first, unsigned last, uint8_t flags)
{
    for (unsigned c = first; c <= last; c++)
        (*crt_mbctype)[1 + c] |= flags;
}

/* A letter's other case, as _mbcasemap has it. */
static void pair_letters(uint8_t upper, uint8_t lower)
{
    (*crt_mbctype)[1 + upper] |= MB_UPPER;
    (*crt_mbctype)[1 + lower] |= MB_LOWER;
    (*crt_mbcasemap)[upper] = lower;
    (*crt_mbcasemap)[lower] = upper;
}

static void reset_tables(void)
{
    memset(crt_mbctype, 0, sizeof *crt_mbctype);
    memset(crt_mbcasemap, 0, sizeof *crt_mbcasemap);
    for (int i = 0; i < 26; i++)
        pair_letters('A' + i, 'a' + i);
}

/* Which bytes can follow a lead byte, in two ranges. */
static const struct {
    int code_page;
    uint8_t first, last, second_first, second_last;
} trail_bytes[] = {
    {932, 0x40, 0x7e, 0x80, 0xfc}, {936, 0x40, 0xfe, 0x40, 0xfe},  {949, 0x41, 0xfe, 0x41, 0xfe},
    {950, 0x40, 0x7e, 0xa1, 0xfe}, {1361, 0x31, 0x7e, 0x81, 0xfe},
};

static void use_double_bytes(const CPINFO *info)
{
    for (int i = 0; i + 1 < MAX_LEADBYTES && info->LeadByte[i]; i += 2)
        set_flags(info->LeadByte[i], info->LeadByte[i + 1], MB_LEAD);
    for (size_t i = 0; i < sizeof trail_bytes / sizeof *trail_bytes; i++) {
        if (trail_bytes[i].code_page == mb_code_page) {
            set_flags(trail_bytes[i].first, trail_bytes[i].last, MB_TRAIL);
            set_flags(trail_bytes[i].second_first, trail_bytes[i].second_last, MB_TRAIL);
        }
    }
    if (mb_code_page == CODE_PAGE_JAPANESE) {
        set_flags(0xa1, 0xa5, MB_PUNCT);
        set_flags(0xa6, 0xdf, MB_KANA);
    }
}

static void use_single_bytes(UINT code_page)
{
    static struct ctype_tables tables;
    ctype_fill(&tables, code_page);
    for (int c = 0x80; c < 256; c++) {
        if (tables.flags[1 + c] & CTYPE_UPPER && tables.lower[c] != c)
            pair_letters(c, tables.lower[c]);
    }
}

static UINT named_code_page(int name)
{
    switch (name) {
    case MBCP_OEM:
        return GetOEMCP();
    case MBCP_ANSI:
        return GetACP();
    case MBCP_LOCALE:
        return locale_code_page();
    default:
        return (UINT)name;
    }
}

/* A single-byte code page leaves only ASCII's letters known, until it is set by _setmbcp: at start-up, most
 * programs never ask for more. */
void mbctype_attach(void)
{
    CPINFO info;
    reset_tables();
    if (GetCPInfo(GetACP(), &info) && info.MaxCharSize == 2) {
        mb_code_page = (int)GetACP();
        use_double_bytes(&info);
    }
}

int crt_setmbcp(int name)
{
    CPINFO info;
    UINT code_page = named_code_page(name);
    if (code_page && (!GetCPInfo(code_page, &info) || info.MaxCharSize > 2)) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    reset_tables();
    mb_code_page = code_page && info.MaxCharSize == 2 ? (int)code_page : 0;
    if (mb_code_page)
        use_double_bytes(&info);
    else if (code_page)
        use_single_bytes(code_page);
    return 0;
}

int crt_getmbcp(void)
{
    return mb_code_page;
}

uint8_t (*crt_p_mbctype(void))[257]
{
    return crt_mbctype;
}

uint8_t (*crt_p_mbcasemap(void))[256]
{
    return crt_mbcasemap;
}

static unsigned map_double_byte(unsigned c, DWORD mapping)
{
    char bytes[2] = {c >> 8, c};
    WCHAR wide, changed;
    uint8_t converted[2];
    if (!mb_is_lead(c >> 8 & 255) ||
        MultiByteToWideChar(mb_code_page, MB_ERR_INVALID_CHARS, bytes, 2, &wide, 1) != 1 ||
        LCMapStringW(LOCALE_USER_DEFAULT, mapping, &wide, 1, &changed, 1) != 1 ||
        WideCharToMultiByte(mb_code_page, 0, &changed, 1, (char *)converted, 2, NULL, NULL) != 2)
        return c;
    return converted[0] << 8 | converted[1];
}

unsigned crt_mbctolower(unsigned c)
{
    if (c > 255)
        return map_double_byte(c, LCMAP_LOWERCASE);
    return (*crt_mbctype)[1 + c] & MB_UPPER ? (*crt_mbcasemap)[c] : c;
}

unsigned crt_mbctoupper(unsigned c)
{
    if (c > 255)
        return map_double_byte(c, LCMAP_UPPERCASE);
    return (*crt_mbctype)[1 + c] & MB_LOWER ? (*crt_mbcasemap)[c] : c;
}

/* Of one byte: what the code page says, or the "C" locale. */
static int byte_is(unsigned c, int ctype, uint8_t flags)
{
    c &= 255;
    return (ctype && ctype_has(c, ctype)) || (*crt_mbctype)[1 + c] & flags;
}

int crt_ismbblead(unsigned c)
{
    return byte_is(c, 0, MB_LEAD);
}

int crt_ismbbtrail(unsigned c)
{
    return byte_is(c, 0, MB_TRAIL);
}

int crt_ismbbalpha(unsigned c)
{
    return byte_is(c, CTYPE_ALPHA, MB_KANA);
}

int crt_ismbbalnum(unsigned c)
{
    return byte_is(c, CTYPE_ALPHA | CTYPE_DIGIT, MB_KANA);
}

int crt_ismbbgraph(unsigned c)
{
    return byte_is(c, CTYPE_PUNCT | CTYPE_ALPHA | CTYPE_DIGIT, MB_KANA | MB_PUNCT);
}

int crt_ismbbprint(unsigned c)
{
    return byte_is(c, CTYPE_BLANK | CTYPE_PUNCT | CTYPE_ALPHA | CTYPE_DIGIT, MB_KANA | MB_PUNCT);
}

int crt_ismbbpunct(unsigned c)
{
    return byte_is(c, CTYPE_PUNCT, MB_PUNCT);
}

int crt_ismbbkana(unsigned c)
{
    return mb_code_page == CODE_PAGE_JAPANESE && byte_is(c, 0, MB_KANA);
}

int crt_ismbbkalnum(unsigned c)
{
    return byte_is(c, 0, MB_KANA);
}

int crt_ismbbkpunct(unsigned c)
{
    return byte_is(c, 0, MB_PUNCT);
}

int crt_ismbbkprint(unsigned c)
{
    return byte_is(c, 0, MB_KANA | MB_PUNCT);
}

/* A pair of bytes that the code page has a character for. */
int crt_ismbclegal(unsigned c)
{
    return mb_is_lead(c >> 8 & 255) && byte_is(c, 0, MB_TRAIL);
}

static int character_is(unsigned c, int flags)
{
    char bytes[2] = {c >> 8, c};
    WCHAR wide;
    uint16_t type;
    if (c < 256)
        return ctype_has(c, flags) || (flags & CTYPE_UPPER && (*crt_mbctype)[1 + c] & MB_UPPER) ||
               (flags & CTYPE_LOWER && (*crt_mbctype)[1 + c] & MB_LOWER);
    if (!crt_ismbclegal(c) ||
        MultiByteToWideChar(mb_code_page, MB_ERR_INVALID_CHARS, bytes, 2, &wide, 1) != 1 ||
        !GetStringTypeW(CT_CTYPE1, &wide, 1, &type))
        return 0;
    return type & flags;
}

int crt_ismbcalpha(unsigned c)
{
    return character_is(c, CTYPE_ALPHA);
}

int crt_ismbcalnum(unsigned c)
{
    return character_is(c, CTYPE_ALPHA | CTYPE_DIGIT);
}

int crt_ismbcdigit(unsigned c)
{
    return character_is(c, CTYPE_DIGIT);
}

int crt_ismbcgraph(unsigned c)
{
    return character_is(c, CTYPE_PUNCT | CTYPE_ALPHA | CTYPE_DIGIT);
}

int crt_ismbcprint(unsigned c)
{
    return character_is(c, CTYPE_BLANK | CTYPE_PUNCT | CTYPE_ALPHA | CTYPE_DIGIT);
}

int crt_ismbcpunct(unsigned c)
{
    return character_is(c, CTYPE_PUNCT);
}

int crt_ismbcspace(unsigned c)
{
    return character_is(c, CTYPE_SPACE);
}

int crt_ismbclower(unsigned c)
{
    return character_is(c, CTYPE_LOWER);
}

int crt_ismbcupper(unsigned c)
{
    return character_is(c, CTYPE_UPPER);
}

/* What a byte is after one of `previous` type: 0 a single byte, 1 a lead byte, 2 a trail byte, -1 none. */
int crt_mbbtype(uint8_t c, int previous)
{
    if (previous == 1)
        return byte_is(c, 0, MB_TRAIL) ? 2 : -1;
    if (mb_is_lead(c))
        return 1;
    return crt_ismbbprint(c) ? 0 : -1;
}

int crt_mbsbtype(const uint8_t *string, size_t index)
{
    int type = 0;
    for (size_t i = 0; i <= index; i++) {
        if (!string[i])
            return -1;
        type = crt_mbbtype(string[i], type);
    }
    return type;
}

/* -1 where the byte is the lead (or trail) byte of the character it belongs to. What follows a lead byte is a
 * trail byte, even the NUL. */
static int is_part(const uint8_t *string, const uint8_t *place, bool trail)
{
    while (string <= place && *string) {
        if (mb_is_lead(*string)) {
            if (string == place)
                return trail ? 0 : -1;
            if (++string == place)
                return trail ? -1 : 0;
            if (!*string)
                return 0;
        }
        string++;
    }
    return 0;
}

int crt_ismbslead(const uint8_t *string, const uint8_t *place)
{
    return is_part(string, place, false);
}

int crt_ismbstrail(const uint8_t *string, const uint8_t *place)
{
    return is_part(string, place, true);
}
