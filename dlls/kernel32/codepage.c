/* Code pages.
 *
 * The ANSI and the OEM code page are UTF-8 (65001), as they can be on Windows 10 and later: the
 * arguments, environment and files of a Linux user are UTF-8, and any other choice would lose
 * characters. Whoever names the system's code page by CP_ACP and kin did not choose UTF-8, so the flags
 * and arguments that UTF-8 forbids are let pass there. */
#include "dlls/kernel32/codepage.h"
#include "kernel/utf.h"

#define SYSTEM_CODE_PAGE CP_UTF8

/* Which page */

static bool is_system_page(UINT page)
{
    return page == CP_ACP || page == CP_OEMCP || page == CP_MACCP || page == CP_THREAD_ACP;
}

static int fail(DWORD error)
{
    SetLastError(error);
    return 0;
}

UINT WINAPI GetACP(void)
{
    return SYSTEM_CODE_PAGE;
}

UINT WINAPI GetOEMCP(void)
{
    return SYSTEM_CODE_PAGE;
}

BOOL WINAPI IsValidCodePage(UINT page)
{
    return page == CP_UTF8 || page == CP_UTF7 || codepage_table(page);
}

BOOL WINAPI GetCPInfo(UINT page, LPCPINFO info)
{
    if (!info || !(is_system_page(page) || IsValidCodePage(page)))
        return fail(ERROR_INVALID_PARAMETER);
    const struct codepage_table *table = codepage_table(page);
    *info = (CPINFO){
        .MaxCharSize = is_system_page(page) || page == CP_UTF8 ? 4
                       : page == CP_UTF7                       ? 5
                       : table->pairs                          ? 2
                                                               : 1,
        .DefaultChar = {'?'},
    };
    if (table)
        memcpy(info->LeadByte, table->lead_ranges, sizeof info->LeadByte);
    return TRUE;
}

static void write_number(UINT number, WCHAR text[8])
{
    WCHAR digits[8];
    size_t count = 0;
    for (; number; number /= 10)
        digits[count++] = '0' + number % 10;
    while (count)
        *text++ = digits[--count];
    *text = 0;
}

/* The name shows the number, which is all that programs make of it. */
static void name_page(UINT page, WCHAR name[MAX_PATH])
{
    write_number(page, name);
    if (page == CP_UTF8)
        memcpy(name + 5, L"  (UTF-8)", sizeof L"  (UTF-8)");
}

BOOL WINAPI GetCPInfoExW(UINT page, DWORD flags, LPCPINFOEXW info)
{
    CPINFO plain;
    if (!info || flags)
        return fail(ERROR_INVALID_PARAMETER);
    if (!GetCPInfo(page, &plain))
        return FALSE;
    memset(info, 0, sizeof *info);
    info->MaxCharSize = plain.MaxCharSize;
    info->DefaultChar[0] = '?';
    info->CodePage = is_system_page(page) ? SYSTEM_CODE_PAGE : page;
    info->UnicodeDefaultChar = info->CodePage == CP_UTF8 ? 0xfffd : '?';
    name_page(info->CodePage, info->CodePageName);
    return TRUE;
}

BOOL WINAPI GetCPInfoExA(UINT page, DWORD flags, LPCPINFOEXA info)
{
    CPINFOEXW wide;
    if (!info)
        return fail(ERROR_INVALID_PARAMETER);
    if (!GetCPInfoExW(page, flags, &wide))
        return FALSE;
    memset(info, 0, sizeof *info);
    info->MaxCharSize = wide.MaxCharSize;
    info->DefaultChar[0] = '?';
    info->UnicodeDefaultChar = wide.UnicodeDefaultChar;
    info->CodePage = wide.CodePage;
    utf8_from_utf16(info->CodePageName, sizeof info->CodePageName - 1, wide.CodePageName,
                    utf16_length(wide.CodePageName), UTF_REPLACE);
    return TRUE;
}

/* UTF-8 has no lead bytes in this sense. */
BOOL WINAPI IsDBCSLeadByte(BYTE byte)
{
    return FALSE;
}

BOOL WINAPI IsDBCSLeadByteEx(UINT page, BYTE byte)
{
    if (is_system_page(page) || page == CP_UTF8 || page == CP_UTF7)
        return FALSE;
    const struct codepage_table *table = codepage_table(page);
    return table ? codepage_is_lead(table, byte) : fail(ERROR_INVALID_PARAMETER);
}

BOOL WINAPI EnumSystemCodePagesW(CODEPAGE_ENUMPROCW callback, DWORD flags)
{
    WCHAR text[8];
    if (!callback)
        return fail(ERROR_INVALID_PARAMETER);
    for (size_t i = 0; codepage_number(i); i++) {
        write_number(codepage_number(i), text);
        if (IsValidCodePage(codepage_number(i)) && !callback(text))
            return TRUE;
    }
    write_number(CP_UTF7, text);
    if (callback(text)) {
        write_number(CP_UTF8, text);
        callback(text);
    }
    return TRUE;
}

BOOL WINAPI EnumSystemCodePagesA(CODEPAGE_ENUMPROCA callback, DWORD flags)
{
    WCHAR wide[8];
    char text[8];
    if (!callback)
        return fail(ERROR_INVALID_PARAMETER);
    for (size_t i = 0;; i++) {
        UINT page = codepage_number(i) ? codepage_number(i) : CP_UTF8;
        write_number(page, wide);
        utf8_from_utf16(text, sizeof text, wide, ARRAYSIZE(wide), UTF_REPLACE);
        if ((IsValidCodePage(page) && !callback(text)) || page == CP_UTF8)
            return TRUE;
    }
}

/* What pages with tables understand, and what passes for those that the system chose. */
#define WIDE_FLAGS   (MB_ERR_INVALID_CHARS | MB_PRECOMPOSED | MB_COMPOSITE | MB_USEGLYPHCHARS)
#define NARROW_FLAGS (WC_COMPOSITECHECK | WC_DISCARDNS | WC_SEPCHARS | WC_DEFAULTCHAR | WC_NO_BEST_FIT_CHARS)

/* To UTF-16 */

/* SIZE_MAX for bytes that stand for nothing, if those are forbidden. */
static size_t wide_from_table(const struct codepage_table *table, bool strict, const char *source,
                              size_t length, WCHAR *target, size_t capacity)
{
    size_t total = 0;
    for (size_t at = 0; at < length; at++, total++) {
        unsigned char byte = source[at];
        WCHAR unit = table->wide[byte];
        bool valid = table->page != 20127 || byte < 0x80;
        if (table->pairs && codepage_is_lead(table, byte)) {
            bool complete = at + 1 < length && source[at + 1];
            unit = complete ? table->pairs[byte << 8 | (unsigned char)source[at + 1]] : 0;
            valid = unit != 0;
            at += complete;
            if (!valid)
                unit = table->page == 932 ? 0x30fb : '?';
        }
        if (!valid && strict)
            return UTF_INVALID;
        if (total < capacity)
            target[total] = unit;
    }
    return total;
}

/* What a conversion returns: its size, or 0 and the last error. */
static int finish(size_t result, size_t capacity)
{
    if (result == UTF_INVALID)
        return fail(ERROR_NO_UNICODE_TRANSLATION);
    if (capacity && result > capacity)
        return fail(ERROR_INSUFFICIENT_BUFFER);
    return result > INT_MAX ? fail(ERROR_ARITHMETIC_OVERFLOW) : (int)result;
}

int WINAPI MultiByteToWideChar(UINT page, DWORD flags, LPCCH source, int length, LPWSTR target, int capacity)
{
    if (!source || !length || capacity < 0 || (capacity && !target) || (const void *)source == target)
        return fail(ERROR_INVALID_PARAMETER);
    bool strict = flags & MB_ERR_INVALID_CHARS;
    size_t size = length < 0 ? strlen(source) + 1 : (size_t)length;
    if (page == CP_UTF8 || is_system_page(page)) {
        if (flags & ~(page == CP_UTF8 ? MB_ERR_INVALID_CHARS : WIDE_FLAGS))
            return fail(ERROR_INVALID_FLAGS);
        return finish(utf16_from_utf8(target, capacity, source, size, strict ? UTF_STRICT : UTF_REPLACE),
                      capacity);
    }
    if (page == CP_UTF7)
        return flags ? fail(ERROR_INVALID_FLAGS)
                     : finish(utf7_to_wide(source, size, target, capacity), capacity);
    const struct codepage_table *table = codepage_table(page);
    if (!table)
        return fail(ERROR_INVALID_PARAMETER);
    if (flags & ~WIDE_FLAGS)
        return fail(ERROR_INVALID_FLAGS);
    return finish(wide_from_table(table, strict, source, size, target, capacity), capacity);
}

/* From UTF-16 */

static size_t put_bytes(char *target, size_t capacity, size_t total, unsigned character)
{
    char bytes[2] = {(char)(character >> 8), (char)character};
    size_t size = character > 0xff ? 2 : 1;
    if (total + size <= capacity)
        memcpy(target + total, bytes + 2 - size, size);
    return total + size;
}

/* What looks most like a character of U+00A0 to U+017F that a page lacks. */
static char best_fit(WCHAR unit)
{
    static const char letters[] = " !c??Y|?\"ca<?-r_??23'u?.,1o>????AAAAAAACEEEEIIIIDNOOOOO?OUUUUY??"
                                  "aaaaaaaceeeeiiii?nooooo?ouuuuy?yAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGg"
                                  "GgGgHhHhIiIiIiIiIi??JjKk?LlLlLl??LlNnNnNn???OoOoOo??RrRrRrSsSsSs"
                                  "SsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";
    return unit >= 0xa0 && unit < 0xa0 + sizeof letters - 1 && letters[unit - 0xa0] != '?'
               ? letters[unit - 0xa0]
               : 0;
}

static size_t narrow_to_table(const struct codepage_table *table, DWORD flags, const WCHAR *source,
                              size_t length, char *target, size_t capacity, const char *default_char,
                              BOOL *used_default)
{
    unsigned replacement = '?';
    size_t total = 0;
    if (default_char)
        replacement = codepage_is_lead(table, default_char[0])
                          ? (unsigned char)default_char[0] << 8 | (unsigned char)default_char[1]
                          : (unsigned char)default_char[0];
    for (size_t at = 0; at < length; at++) {
        unsigned character = table->narrow[source[at]];
        if (!character && !(flags & WC_NO_BEST_FIT_CHARS))
            character = best_fit(source[at]);
        if (character || !source[at]) {
            total = put_bytes(target, capacity, total, character);
            continue;
        }
        if (used_default && (total < capacity || !capacity))
            *used_default = TRUE;
        total = put_bytes(target, capacity, total, replacement);
        /* A surrogate pair is one character. */
        if (IS_HIGH_SURROGATE(source[at]) && at + 1 < length && IS_LOW_SURROGATE(source[at + 1]))
            at++;
    }
    return total;
}

int WINAPI WideCharToMultiByte(UINT page, DWORD flags, LPCWCH source, int length, LPSTR target, int capacity,
                               LPCCH default_char, LPBOOL used_default)
{
    if (!source || !length || capacity < 0 || (capacity && !target) || (const void *)source == target)
        return fail(ERROR_INVALID_PARAMETER);
    size_t size = length < 0 ? utf16_length(source) + 1 : (size_t)length;
    bool system = is_system_page(page);
    if ((page == CP_UTF8 || page == CP_UTF7) && (default_char || used_default))
        return fail(ERROR_INVALID_PARAMETER);
    if (used_default)
        *used_default = FALSE;
    if (page == CP_UTF8 || system) {
        if (flags & ~(system ? NARROW_FLAGS | WC_ERR_INVALID_CHARS : WC_ERR_INVALID_CHARS))
            return fail(ERROR_INVALID_FLAGS);
        enum utf_policy policy = flags & WC_ERR_INVALID_CHARS ? UTF_STRICT : UTF_REPLACE;
        return finish(utf8_from_utf16(target, capacity, source, size, policy), capacity);
    }
    if (page == CP_UTF7)
        return flags ? fail(ERROR_INVALID_FLAGS)
                     : finish(utf7_from_wide(source, size, target, capacity), capacity);
    const struct codepage_table *table = codepage_table(page);
    if (!table)
        return fail(ERROR_INVALID_PARAMETER);
    if (flags & ~NARROW_FLAGS)
        return fail(ERROR_INVALID_FLAGS);
    return finish(narrow_to_table(table, flags, source, size, target, capacity, default_char, used_default),
                  capacity);
}

/* File functions' code page */

BOOL WINAPI AreFileApisANSI(void)
{
    return TRUE;
}

/* Both are the same code page. */
void WINAPI SetFileApisToOEM(void) {}

void WINAPI SetFileApisToANSI(void) {}
