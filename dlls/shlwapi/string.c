#include <litewin/windows.h>
#include "kernel/utf.h"

/* Case is that of the user's language, as for CompareString. */
static bool begins_with(LPCWSTR text, size_t left, LPCWSTR part, size_t length, DWORD flags)
{
    return length <= left &&
           CompareStringW(LOCALE_USER_DEFAULT, flags, text, length, part, length) == CSTR_EQUAL;
}

static LPWSTR find(LPCWSTR text, LPCWSTR part, DWORD flags)
{
    if (!text || !part || !*part)
        return NULL;
    size_t left = utf16_length(text), length = utf16_length(part);
    for (; left >= length; text++, left--) {
        if (begins_with(text, left, part, length, flags))
            return (LPWSTR)text;
    }
    return NULL;
}

LPWSTR WINAPI StrStrIW(LPCWSTR text, LPCWSTR part)
{
    return find(text, part, NORM_IGNORECASE);
}

/* Unit by unit. */
LPWSTR WINAPI StrStrW(LPCWSTR text, LPCWSTR part)
{
    if (!text || !part || !*part)
        return NULL;
    size_t left = utf16_length(text), length = utf16_length(part);
    for (; left >= length; text++, left--) {
        if (!memcmp(text, part, length * sizeof *part))
            return (LPWSTR)text;
    }
    return NULL;
}

LPWSTR WINAPI StrChrW(LPCWSTR text, WCHAR unit)
{
    for (; text && *text; text++) {
        if (*text == unit)
            return (LPWSTR)text;
    }
    return NULL;
}

LPWSTR WINAPI StrRChrW(LPCWSTR text, LPCWSTR end, WCHAR unit)
{
    LPCWSTR found = NULL;
    for (; text && (end ? text < end : *text != 0); text++) {
        if (*text == unit)
            found = text;
    }
    return (LPWSTR)found;
}
