/* Code pages.
 *
 * The ANSI and the OEM code page are UTF-8 (65001), as they can be on Windows 10 and later: the
 * arguments, environment and files of a Linux user are UTF-8, and any other choice would lose
 * characters. Whoever names the system's code page by CP_ACP and kin did not choose UTF-8, so the flags
 * and arguments that UTF-8 forbids are let pass there.
 *
 * The others are tables made from the C library's own when they are first asked for. */
#include <iconv.h>
#include <stdlib.h>
#include <litewin/windows.h>
#include "kernel/lock.h"
#include "kernel/utf.h"

#define SYSTEM_CODE_PAGE CP_UTF8

/* -- single-byte tables -- */

struct table {
    UINT page;
    WCHAR wide[256];
    /* By UTF-16 unit; 0 stands for none, except for NUL itself. */
    uint8_t narrow[65536];
};

static const struct {
    uint16_t page;
    char name[14];
} single_byte_pages[] = {
    {437, "IBM437"},       {737, "CP737"},        {775, "CP775"},         {850, "IBM850"},
    {852, "IBM852"},       {855, "IBM855"},       {857, "IBM857"},        {860, "IBM860"},
    {861, "IBM861"},       {862, "IBM862"},       {863, "IBM863"},        {864, "IBM864"},
    {865, "IBM865"},       {866, "IBM866"},       {869, "IBM869"},        {874, "WINDOWS-874"},
    {1250, "CP1250"},      {1251, "CP1251"},      {1252, "CP1252"},       {1253, "CP1253"},
    {1254, "CP1254"},      {1255, "CP1255"},      {1256, "CP1256"},       {1257, "CP1257"},
    {1258, "CP1258"},      {10000, "MACINTOSH"},  {20127, "ASCII"},       {20866, "KOI8-R"},
    {21866, "KOI8-U"},     {28591, "ISO-8859-1"}, {28592, "ISO-8859-2"},  {28593, "ISO-8859-3"},
    {28594, "ISO-8859-4"}, {28595, "ISO-8859-5"}, {28596, "ISO-8859-6"},  {28597, "ISO-8859-7"},
    {28598, "ISO-8859-8"}, {28599, "ISO-8859-9"}, {28603, "ISO-8859-13"}, {28605, "ISO-8859-15"},
};

static struct table *tables[ARRAYSIZE(single_byte_pages)];
static struct lock tables_lock;

/* A byte that the page leaves undefined stands for the control character of the same number. */
static WCHAR decode_byte(iconv_t converter, unsigned char byte)
{
    uint16_t unit;
    char *in = (char *)&byte, *out = (char *)&unit;
    size_t in_left = 1, out_left = sizeof unit;
    iconv(converter, NULL, NULL, NULL, NULL);
    size_t result = iconv(converter, &in, &in_left, &out, &out_left);
    return result == (size_t)-1 || out_left ? byte : unit;
}

static struct table *make_table(UINT page, const char *name)
{
    iconv_t converter = iconv_open("UTF-16LE", name);
    if (converter == (iconv_t)-1)
        return NULL;
    struct table *table = calloc(1, sizeof *table);
    if (table) {
        table->page = page;
        for (int byte = 0; byte < 256; byte++) {
            table->wide[byte] = decode_byte(converter, byte);
            table->narrow[table->wide[byte]] = byte;
        }
        /* ASCII is the same in both directions, whatever else shares a character with it. */
        for (int byte = 0; byte < 128; byte++)
            table->narrow[byte] = byte;
    }
    iconv_close(converter);
    return table;
}

static struct table *table_of(UINT page)
{
    for (size_t i = 0; i < ARRAYSIZE(single_byte_pages); i++) {
        if (single_byte_pages[i].page != page)
            continue;
        lock_acquire(&tables_lock);
        if (!tables[i])
            tables[i] = make_table(page, single_byte_pages[i].name);
        struct table *table = tables[i];
        lock_release(&tables_lock);
        return table;
    }
    return NULL;
}

/* -- which page -- */

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
    return page == CP_UTF8 || table_of(page);
}

BOOL WINAPI GetCPInfo(UINT page, LPCPINFO info)
{
    if (!info || !(is_system_page(page) || IsValidCodePage(page)))
        return fail(ERROR_INVALID_PARAMETER);
    *info = (CPINFO){
        .MaxCharSize = is_system_page(page) || page == CP_UTF8 ? 4 : 1,
        .DefaultChar = {'?'},
    };
    return TRUE;
}

/* The name shows the number, which is all that programs make of it. */
static void name_page(UINT page, WCHAR name[MAX_PATH])
{
    static const WCHAR description[] = L"  (UTF-8)";
    WCHAR digits[8];
    size_t count = 0, length = 0;
    for (UINT rest = page; rest; rest /= 10)
        digits[count++] = '0' + rest % 10;
    while (count)
        name[length++] = digits[--count];
    memcpy(name + length, description, page == CP_UTF8 ? sizeof description : sizeof *description);
    if (page != CP_UTF8)
        name[length] = 0;
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

/* None of the pages here has double-byte characters. */
BOOL WINAPI IsDBCSLeadByte(BYTE byte)
{
    return FALSE;
}

BOOL WINAPI IsDBCSLeadByteEx(UINT page, BYTE byte)
{
    if (!is_system_page(page) && !IsValidCodePage(page))
        return fail(ERROR_INVALID_PARAMETER);
    return FALSE;
}

BOOL WINAPI EnumSystemCodePagesW(CODEPAGE_ENUMPROCW callback, DWORD flags)
{
    if (!callback)
        return fail(ERROR_INVALID_PARAMETER);
    for (size_t i = 0; i <= ARRAYSIZE(single_byte_pages); i++) {
        CPINFOEXW info;
        UINT page = i < ARRAYSIZE(single_byte_pages) ? single_byte_pages[i].page : CP_UTF8;
        if (!GetCPInfoExW(page, 0, &info))
            continue;
        info.CodePageName[page == CP_UTF8 ? 5 : utf16_length(info.CodePageName)] = 0;
        if (!callback(info.CodePageName))
            break;
    }
    return TRUE;
}

/* -- to UTF-16 -- */

static int wide_from_table(const struct table *table, DWORD flags, const char *source, int length,
                           WCHAR *target, int capacity)
{
    for (int i = 0; i < length; i++) {
        unsigned char byte = source[i];
        if (flags & MB_ERR_INVALID_CHARS && table->page == 20127 && byte >= 0x80)
            return fail(ERROR_NO_UNICODE_TRANSLATION);
        if (i < capacity)
            target[i] = table->wide[byte];
    }
    return length;
}

static int wide_from_utf8(DWORD flags, const char *source, int length, WCHAR *target, int capacity)
{
    size_t result = utf16_from_utf8(target, capacity, source, length,
                                    flags & MB_ERR_INVALID_CHARS ? UTF_STRICT : UTF_REPLACE);
    if (result == UTF_INVALID)
        return fail(ERROR_NO_UNICODE_TRANSLATION);
    if (result > INT_MAX)
        return fail(ERROR_ARITHMETIC_OVERFLOW);
    return result;
}

int WINAPI MultiByteToWideChar(UINT page, DWORD flags, LPCCH source, int length, LPWSTR target, int capacity)
{
    if (!source || !length || capacity < 0 || (capacity && !target) || (const void *)source == target)
        return fail(ERROR_INVALID_PARAMETER);
    bool utf8 = is_system_page(page) || page == CP_UTF8;
    const struct table *table = utf8 ? NULL : table_of(page);
    if (!utf8 && !table)
        return fail(ERROR_INVALID_PARAMETER);
    DWORD allowed = MB_ERR_INVALID_CHARS;
    if (page != CP_UTF8)
        allowed |= MB_PRECOMPOSED | MB_COMPOSITE | MB_USEGLYPHCHARS;
    if (flags & ~allowed)
        return fail(ERROR_INVALID_FLAGS);
    if (length < 0)
        length = strlen(source) + 1;
    int result = utf8 ? wide_from_utf8(flags, source, length, target, capacity)
                      : wide_from_table(table, flags, source, length, target, capacity);
    return capacity && result > capacity ? fail(ERROR_INSUFFICIENT_BUFFER) : result;
}

/* -- from UTF-16 -- */

static int narrow_to_table(const struct table *table, const WCHAR *source, int length, char *target,
                           int capacity, const char *default_char, BOOL *used_default)
{
    int total = 0;
    for (int i = 0; i < length; i++, total++) {
        char byte = table->narrow[source[i]];
        if (!byte && source[i]) {
            byte = default_char ? *default_char : '?';
            if (used_default)
                *used_default = TRUE;
            /* A surrogate pair is one character. */
            if ((source[i] & 0xfc00) == 0xd800 && i + 1 < length && (source[i + 1] & 0xfc00) == 0xdc00)
                i++;
        }
        if (total < capacity)
            target[total] = byte;
    }
    return total;
}

static int narrow_to_utf8(DWORD flags, const WCHAR *source, int length, char *target, int capacity)
{
    size_t result = utf8_from_utf16(target, capacity, source, length,
                                    flags & WC_ERR_INVALID_CHARS ? UTF_STRICT : UTF_REPLACE);
    if (result == UTF_INVALID)
        return fail(ERROR_NO_UNICODE_TRANSLATION);
    if (result > INT_MAX)
        return fail(ERROR_ARITHMETIC_OVERFLOW);
    return result;
}

int WINAPI WideCharToMultiByte(UINT page, DWORD flags, LPCWCH source, int length, LPSTR target, int capacity,
                               LPCCH default_char, LPBOOL used_default)
{
    if (!source || !length || capacity < 0 || (capacity && !target) || (const void *)source == target)
        return fail(ERROR_INVALID_PARAMETER);
    bool utf8 = is_system_page(page) || page == CP_UTF8;
    const struct table *table = utf8 ? NULL : table_of(page);
    if (!utf8 && !table)
        return fail(ERROR_INVALID_PARAMETER);
    if (page == CP_UTF8 && (default_char || used_default))
        return fail(ERROR_INVALID_PARAMETER);
    DWORD allowed = WC_ERR_INVALID_CHARS;
    if (page != CP_UTF8)
        allowed |= WC_COMPOSITECHECK | WC_DISCARDNS | WC_SEPCHARS | WC_DEFAULTCHAR | WC_NO_BEST_FIT_CHARS;
    if (flags & ~allowed)
        return fail(ERROR_INVALID_FLAGS);
    if (length < 0)
        length = utf16_length(source) + 1;
    if (used_default)
        *used_default = FALSE;
    int result = utf8 ? narrow_to_utf8(flags, source, length, target, capacity)
                      : narrow_to_table(table, source, length, target, capacity, default_char, used_default);
    return capacity && result > capacity ? fail(ERROR_INSUFFICIENT_BUFFER) : result;
}

/* -- file functions' code page -- */

BOOL WINAPI AreFileApisANSI(void)
{
    return TRUE;
}

/* Both are the same code page. */
void WINAPI SetFileApisToOEM(void) {}

void WINAPI SetFileApisToANSI(void) {}
