/* URLs, and the paths of those that name files. */
#include <stdlib.h>
#include "dlls/kernel32/error.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"
#include <shlwapi.h>

static bool is_letter(WCHAR c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_separator(WCHAR c)
{
    return c == '/' || c == '\\';
}

/* Without the colon. 0 if there is none; a single letter is a drive. */
static size_t scheme_length(const WCHAR *url)
{
    size_t length = 0;
    while (is_letter(url[length]) || (url[length] >= '0' && url[length] <= '9') || url[length] == '+' ||
           url[length] == '-' || url[length] == '.')
        length++;
    return url[length] == ':' && length > 1 ? length : 0;
}

static bool has_scheme(const WCHAR *url, const WCHAR *scheme)
{
    return upcase_equal(url, scheme_length(url), scheme, utf16_length(scheme));
}

/* What follows the scheme has a meaning of its own. */
static bool is_opaque(const WCHAR *url)
{
    return has_scheme(url, L"about") || has_scheme(url, L"javascript") || has_scheme(url, L"mailto") ||
           has_scheme(url, L"shell") || has_scheme(url, L"vbscript");
}

static bool is_not_for_history(const WCHAR *url)
{
    return has_scheme(url, L"javascript") || has_scheme(url, L"mailto") || has_scheme(url, L"vbscript");
}

static bool has_query(const WCHAR *url)
{
    while (*url && *url != '?' && *url != '#')
        url++;
    return *url == '?';
}

static bool ends_in_separator(const WCHAR *url)
{
    size_t length = utf16_length(url);
    return length && is_separator(url[length - 1]);
}

BOOL WINAPI UrlIsW(LPCWSTR url, URLIS question)
{
    if (!url)
        return FALSE;
    switch (question) {
    case URLIS_URL:
        return scheme_length(url) != 0;
    case URLIS_OPAQUE:
        return is_opaque(url);
    case URLIS_NOHISTORY:
        return is_not_for_history(url);
    case URLIS_FILEURL:
        return has_scheme(url, L"file");
    case URLIS_DIRECTORY:
        return ends_in_separator(url);
    case URLIS_HASQUERY:
        return scheme_length(url) && has_query(url);
    default:
        return FALSE;
    }
}

/* Paths */

static int digit_of(WCHAR c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 'a' - 'A';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that %XX stands for, or -1. */
static int escaped_byte(const WCHAR *at)
{
    if (at[0] != '%' || digit_of(at[1]) < 0 || digit_of(at[2]) < 0)
        return -1;
    return digit_of(at[1]) * 16 + digit_of(at[2]);
}

/* Escaped bytes that stand side by side are one text in the ANSI code page. Returns the new length. */
static size_t unescape(const WCHAR *text, WCHAR *target)
{
    size_t length = 0;
    while (*text) {
        char bytes[256];
        size_t count = 0;
        int byte;
        while (count < sizeof bytes && (byte = escaped_byte(text)) >= 0) {
            bytes[count++] = byte;
            text += 3;
        }
        if (count)
            length += utf16_from_utf8(target + length, count, bytes, count, UTF_REPLACE);
        else
            target[length++] = *text++;
    }
    target[length] = 0;
    return length;
}

static bool is_drive(const WCHAR *text)
{
    return is_letter(text[0]) && (text[1] == ':' || text[1] == '|');
}

static bool is_local_host(const WCHAR *text)
{
    static const WCHAR name[] = L"localhost";
    size_t length = ARRAYSIZE(name) - 1;
    for (size_t i = 0; i < length; i++) {
        if (!upcase_equal(text + i, 1, name + i, 1))
            return false;
    }
    return is_separator(text[length]);
}

/* Skips what only says that a path follows: a drive stands alone, a server behind two separators, and another
 * path keeps one. */
static const WCHAR *skip_authority(const WCHAR *text)
{
    size_t separators = 0;
    while (is_separator(text[separators]))
        separators++;
    if (is_drive(text + separators))
        return text + separators;
    if (separators == 2 && is_local_host(text + 2))
        return skip_authority(text + 2 + sizeof "localhost" - 1);
    return separators > 2 ? text + separators - (separators == 3 ? 1 : 2) : text;
}

static void make_path(WCHAR *text)
{
    if (is_drive(text))
        text[1] = ':';
    for (; *text; text++) {
        if (*text == '/')
            *text = '\\';
    }
}

/* `size` becomes the length, or, where there is no room, the size that is needed. */
HRESULT WINAPI PathCreateFromUrlW(LPCWSTR url, LPWSTR path, LPDWORD size, DWORD reserved)
{
    if (!url || !path || !size || !*size || !has_scheme(url, L"file"))
        return E_INVALIDARG;
    const WCHAR *rest = skip_authority(url + ARRAYSIZE(L"file:") - 1);
    size_t room = (utf16_length(rest) + 1) * sizeof(WCHAR);
    WCHAR *raw = malloc(2 * room), *found = raw + room / sizeof(WCHAR);
    if (!raw)
        return E_OUTOFMEMORY;
    memcpy(raw, rest, room);
    make_path(raw);
    size_t length = unescape(raw, found);
    bool fits = length < *size;
    if (fits)
        memcpy(path, found, (length + 1) * sizeof *path);
    free(raw);
    *size = fits ? length : length + 1;
    return fits ? S_OK : E_POINTER;
}
