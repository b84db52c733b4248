/* Characters: their kinds and cases, and the way through text. */
#include <stdlib.h>
#include "kernel/upcase.h"
#include "kernel/utf.h"
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

/* The ANSI code page, which is UTF-8 */

/* Where the other case of a character has another number of bytes, the character stays. */
static DWORD map_bytes(char *text, DWORD length, WCHAR (*map)(WCHAR unit))
{
    for (DWORD at = 0, next; at < length; at = next) {
        WCHAR units[2];
        char bytes[4];
        next = at + 1;
        while (next < length && (text[next] & 0xc0) == 0x80)
            next++;
        if (utf16_from_utf8(units, ARRAYSIZE(units), text + at, next - at, UTF_STRICT) != 1)
            continue;
        *units = map(*units);
        if (utf8_from_utf16(bytes, sizeof bytes, units, 1, UTF_STRICT) == next - at)
            memcpy(text + at, bytes, next - at);
    }
    return length;
}

/* A byte in the place of the text is a character only if it is ASCII. */
static LPSTR map_ansi(LPSTR text, WCHAR (*map)(WCHAR unit))
{
    ULONG_PTR unit = (ULONG_PTR)text;
    if (!(unit >> 16))
        return (LPSTR)(unit < 0x80 ? map(unit) : unit);
    map_bytes(text, strlen(text), map);
    return text;
}

LPSTR WINAPI CharUpperA(LPSTR text)
{
    return map_ansi(text, upcase);
}

LPSTR WINAPI CharLowerA(LPSTR text)
{
    return map_ansi(text, downcase);
}

DWORD WINAPI CharUpperBuffA(LPSTR text, DWORD length)
{
    return map_bytes(text, length, upcase);
}

DWORD WINAPI CharLowerBuffA(LPSTR text, DWORD length)
{
    return map_bytes(text, length, downcase);
}

/* The way through text */

LPWSTR WINAPI CharNextW(LPCWSTR at)
{
    return (LPWSTR)(*at ? at + 1 : at);
}

LPWSTR WINAPI CharPrevW(LPCWSTR start, LPCWSTR at)
{
    return (LPWSTR)(at > start ? at - 1 : start);
}

LPSTR WINAPI CharNextExA(WORD code_page, LPCSTR at, DWORD flags)
{
    if (!*at)
        return (LPSTR)at;
    return (LPSTR)at + (IsDBCSLeadByteEx(code_page, *at) && at[1] ? 2 : 1);
}

LPSTR WINAPI CharNextA(LPCSTR at)
{
    return CharNextExA(CP_ACP, at, 0);
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

LPSTR WINAPI CharPrevA(LPCSTR start, LPCSTR current)
{
    return CharPrevExA(CP_ACP, start, current, 0);
}

/* Kinds */

static bool is_kind(WCHAR unit, WORD kinds)
{
    WORD type;
    return GetStringTypeW(CT_CTYPE1, &unit, 1, &type) && type & kinds;
}

/* A byte that is no whole character is of no kind. */
static bool is_kind_of_byte(CHAR byte, WORD kinds)
{
    return (BYTE)byte < 0x80 && is_kind(byte, kinds);
}

BOOL WINAPI IsCharAlphaW(WCHAR unit)
{
    return is_kind(unit, C1_ALPHA);
}

BOOL WINAPI IsCharAlphaA(CHAR byte)
{
    return is_kind_of_byte(byte, C1_ALPHA);
}

BOOL WINAPI IsCharAlphaNumericW(WCHAR unit)
{
    return is_kind(unit, C1_ALPHA | C1_DIGIT);
}

BOOL WINAPI IsCharAlphaNumericA(CHAR byte)
{
    return is_kind_of_byte(byte, C1_ALPHA | C1_DIGIT);
}

BOOL WINAPI IsCharUpperW(WCHAR unit)
{
    return is_kind(unit, C1_UPPER);
}

BOOL WINAPI IsCharUpperA(CHAR byte)
{
    return is_kind_of_byte(byte, C1_UPPER);
}

BOOL WINAPI IsCharLowerW(WCHAR unit)
{
    return is_kind(unit, C1_LOWER);
}

BOOL WINAPI IsCharLowerA(CHAR byte)
{
    return is_kind_of_byte(byte, C1_LOWER);
}

/* The OEM code page */

/* `size` counts the target's units. */
static bool convert(UINT from, LPCSTR source, DWORD source_length, UINT to, LPSTR target, DWORD size)
{
    WCHAR *wide = source && target ? malloc((source_length + 1) * sizeof *wide) : NULL;
    if (!wide)
        return false;
    int length = MultiByteToWideChar(from, 0, source, source_length, wide, source_length + 1);
    WideCharToMultiByte(to, 0, wide, length, target, size, NULL, NULL);
    free(wide);
    return true;
}

BOOL WINAPI CharToOemBuffW(LPCWSTR source, LPSTR target, DWORD length)
{
    if (!source || !target)
        return FALSE;
    WideCharToMultiByte(CP_OEMCP, 0, source, length, target, length, NULL, NULL);
    return TRUE;
}

BOOL WINAPI CharToOemW(LPCWSTR source, LPSTR target)
{
    return source && CharToOemBuffW(source, target, utf16_length(source) + 1);
}

BOOL WINAPI CharToOemBuffA(LPCSTR source, LPSTR target, DWORD length)
{
    return convert(CP_ACP, source, length, CP_OEMCP, target, length);
}

BOOL WINAPI CharToOemA(LPCSTR source, LPSTR target)
{
    return source && CharToOemBuffA(source, target, strlen(source) + 1);
}

BOOL WINAPI OemToCharBuffW(LPCSTR source, LPWSTR target, DWORD length)
{
    if (!source || !target)
        return FALSE;
    MultiByteToWideChar(CP_OEMCP, 0, source, length, target, length);
    return TRUE;
}

BOOL WINAPI OemToCharW(LPCSTR source, LPWSTR target)
{
    return source && OemToCharBuffW(source, target, strlen(source) + 1);
}

BOOL WINAPI OemToCharBuffA(LPCSTR source, LPSTR target, DWORD length)
{
    return convert(CP_OEMCP, source, length, CP_ACP, target, length);
}

BOOL WINAPI OemToCharA(LPCSTR source, LPSTR target)
{
    return source && OemToCharBuffA(source, target, strlen(source) + 1);
}
