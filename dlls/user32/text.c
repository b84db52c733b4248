/* Characters: their cases, and the way through text. */
#include "kernel/upcase.h"
#include <winuser.h>

/* A "string" whose address has no more than 16 bits is one character. */
static LPWSTR map_string(LPWSTR text, WCHAR (*map)(WCHAR unit))
{
    if (!((ULONG_PTR)text >> 16))
        return (LPWSTR)(ULONG_PTR)map((WCHAR)(ULONG_PTR)text);
    for (WCHAR *unit = text; *unit; unit++)
        *unit = map(*unit);
    return text;
}

static DWORD map_buffer(LPWSTR text, DWORD length, WCHAR (*map)(WCHAR unit))
{
    for (DWORD i = 0; i < length; i++)
        text[i] = map(text[i]);
    return length;
}

LPWSTR WINAPI CharUpperW(LPWSTR text)
{
    return map_string(text, upcase);
}

LPWSTR WINAPI CharLowerW(LPWSTR text)
{
    return map_string(text, downcase);
}

DWORD WINAPI CharUpperBuffW(LPWSTR text, DWORD length)
{
    return map_buffer(text, length, upcase);
}

DWORD WINAPI CharLowerBuffW(LPWSTR text, DWORD length)
{
    return map_buffer(text, length, downcase);
}

LPWSTR WINAPI CharNextW(LPCWSTR at)
{
    return (LPWSTR)(*at ? at + 1 : at);
}

LPWSTR WINAPI CharPrevW(LPCWSTR start, LPCWSTR at)
{
    return (LPWSTR)(at > start ? at - 1 : start);
}

/* Whether a byte is the second one of a character is known only from the start. */
LPSTR WINAPI CharPrevExA(WORD code_page, LPCSTR start, LPCSTR current, DWORD flags)
{
    LPCSTR at = start;
    while (at < current && *at) {
        LPCSTR next = at + (IsDBCSLeadByteEx(code_page, *at) && at[1] ? 2 : 1);
        if (next >= current)
            break;
        at = next;
    }
    return (LPSTR)at;
}
