/* Comparing strings, changing their case, and asking for the classes of their characters. */
#include <stdlib.h>
#include "dlls/kernel32/characters.h"
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/locale.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

static int fail(DWORD error)
{
    SetLastError(error);
    return 0;
}

/* A length as these functions take it: -1, or anything negative, for a terminated string. */
static size_t length_of(const WCHAR *text, int length)
{
    return length < 0 ? utf16_length(text) : (size_t)length;
}

/* Comparison */

static int compare(LCID locale, DWORD flags, const WCHAR *a, int a_length, const WCHAR *b, int b_length)
{
    if (!a || !b)
        return fail(ERROR_INVALID_PARAMETER);
    if (flags & ~(DWORD)(COLLATION_FLAGS | LOCALE_USE_CP_ACP))
        return fail(ERROR_INVALID_FLAGS);
    if (!locale)
        return 0;
    return collation_compare(a, length_of(a, a_length), b, length_of(b, b_length), flags) + CSTR_EQUAL;
}

int WINAPI CompareStringW(LCID locale, DWORD flags, PCNZWCH a, int a_length, PCNZWCH b, int b_length)
{
    return compare(locale_resolve(locale), flags, a, a_length, b, b_length);
}

int WINAPI CompareStringEx(LPCWSTR locale, DWORD flags, LPCWCH a, int a_length, LPCWCH b, int b_length,
                           LPNLSVERSIONINFO version, LPVOID reserved, LPARAM parameter)
{
    return compare(locale_resolve_name(locale), flags, a, a_length, b, b_length);
}

/* UTF-8 as UTF-16, in memory that the caller frees. */
static WCHAR *widen(const char *text, int length, int *wide_length)
{
    size_t bytes = length < 0 ? strlen(text) : (size_t)length;
    WCHAR *wide = malloc((bytes + 1) * sizeof *wide);
    if (wide)
        *wide_length = utf16_from_utf8(wide, bytes, text, bytes, UTF_REPLACE);
    else
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return wide;
}

int WINAPI CompareStringA(LCID locale, DWORD flags, PCNZCH a, int a_length, PCNZCH b, int b_length)
{
    if (!a || !b)
        return fail(ERROR_INVALID_PARAMETER);
    WCHAR *wide_a = widen(a, a_length, &a_length), *wide_b = widen(b, b_length, &b_length);
    int order = wide_a && wide_b ? CompareStringW(locale, flags, wide_a, a_length, wide_b, b_length) : 0;
    free(wide_a);
    free(wide_b);
    return order;
}

static int compare_units(const WCHAR *a, size_t a_length, const WCHAR *b, size_t b_length)
{
    size_t i = 0;
    while (i < a_length && i < b_length && a[i] == b[i])
        i++;
    if (i < a_length && i < b_length)
        return a[i] < b[i] ? -1 : 1;
    return (a_length > b_length) - (a_length < b_length);
}

int WINAPI CompareStringOrdinal(LPCWCH a, int a_length, LPCWCH b, int b_length, BOOL ignore_case)
{
    if (!a || !b || a_length < -1 || b_length < -1)
        return fail(ERROR_INVALID_PARAMETER);
    size_t a_units = length_of(a, a_length), b_units = length_of(b, b_length);
    int order = ignore_case ? upcase_compare(a, a_units, b, b_units) : compare_units(a, a_units, b, b_units);
    return (order > 0) - (order < 0) + CSTR_EQUAL;
}

/* Classes */

BOOL WINAPI GetStringTypeW(DWORD kind, LPCWCH text, int length, LPWORD types)
{
    if (!text || !types || (kind != CT_CTYPE1 && kind != CT_CTYPE2 && kind != CT_CTYPE3))
        return fail(ERROR_INVALID_PARAMETER);
    /* The NUL of a terminated string is a character like any other here. */
    size_t count = length < 0 ? utf16_length(text) + 1 : (size_t)length;
    for (size_t i = 0; i < count; i++)
        types[i] = character_type(kind, text[i]);
    return TRUE;
}

BOOL WINAPI GetStringTypeExW(LCID locale, DWORD kind, LPCWCH text, int length, LPWORD types)
{
    return GetStringTypeW(kind, text, length, types);
}

BOOL WINAPI GetStringTypeA(LCID locale, DWORD kind, LPCSTR text, int length, LPWORD types)
{
    if (!text)
        return fail(ERROR_INVALID_PARAMETER);
    WCHAR *wide = widen(text, length < 0 ? (int)strlen(text) + 1 : length, &length);
    BOOL done = wide && GetStringTypeW(kind, wide, length, types);
    free(wide);
    return done;
}

BOOL WINAPI GetStringTypeExA(LCID locale, DWORD kind, LPCSTR text, int length, LPWORD types)
{
    return GetStringTypeA(locale, kind, text, length, types);
}

/* Mapping */

#define CASE_FLAGS   (LCMAP_LOWERCASE | LCMAP_UPPERCASE)
#define REMOVE_FLAGS (NORM_IGNORENONSPACE | NORM_IGNORESYMBOLS)
#define KNOWN_FLAGS  (CASE_FLAGS | LCMAP_SORTKEY | LCMAP_BYTEREV | LCMAP_LINGUISTIC_CASING | COLLATION_FLAGS)
#define OTHER_FLAGS                                                                                   \
    (LCMAP_HIRAGANA | LCMAP_KATAKANA | LCMAP_HALFWIDTH | LCMAP_FULLWIDTH | LCMAP_SIMPLIFIED_CHINESE | \
     LCMAP_TRADITIONAL_CHINESE | LCMAP_SORTHANDLE | LCMAP_HASH)

static DWORD check_flags(DWORD flags)
{
    if (flags & OTHER_FLAGS || (flags & CASE_FLAGS) == CASE_FLAGS)
        return ERROR_CALL_NOT_IMPLEMENTED;
    if (flags & ~(DWORD)(KNOWN_FLAGS | LOCALE_USE_CP_ACP) ||
        (flags & LCMAP_SORTKEY && flags & (CASE_FLAGS | LCMAP_LINGUISTIC_CASING)))
        return ERROR_INVALID_FLAGS;
    if (!(flags & LCMAP_SORTKEY) && flags & COLLATION_FLAGS & ~(DWORD)REMOVE_FLAGS)
        return ERROR_INVALID_FLAGS;
    if (flags & LCMAP_LINGUISTIC_CASING && !(flags & CASE_FLAGS))
        return ERROR_INVALID_FLAGS;
    return flags & (CASE_FLAGS | LCMAP_SORTKEY | LCMAP_BYTEREV | REMOVE_FLAGS) ? 0 : ERROR_INVALID_FLAGS;
}

static bool is_removed(WCHAR unit, DWORD flags)
{
    if (flags & NORM_IGNORENONSPACE && character_type(CT_CTYPE3, unit) & C3_NONSPACING)
        return true;
    return flags & NORM_IGNORESYMBOLS && character_type(CT_CTYPE1, unit) & C1_PUNCT;
}

static WCHAR map_unit(WCHAR unit, DWORD flags)
{
    if (flags & LCMAP_LOWERCASE)
        unit = character_to_lower(unit);
    else if (flags & LCMAP_UPPERCASE)
        unit = upcase(unit);
    return flags & LCMAP_BYTEREV ? (WCHAR)(unit << 8 | unit >> 8) : unit;
}

/* Returns the length of the whole result. */
static size_t map_text(const WCHAR *source, size_t length, DWORD flags, WCHAR *target, size_t room)
{
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        if (flags & REMOVE_FLAGS && is_removed(source[i], flags))
            continue;
        if (written < room)
            target[written] = map_unit(source[i], flags);
        written++;
    }
    return written;
}

/* A sort key is bytes, and so is its length. */
static int make_key(const WCHAR *source, size_t length, DWORD flags, void *target, int size)
{
    size_t needed = collation_key(source, length, flags, target, size);
    if (size && needed > (size_t)size)
        return fail(ERROR_INSUFFICIENT_BUFFER);
    for (size_t i = 0; size && flags & LCMAP_BYTEREV && i + 1 < needed; i += 2) {
        uint8_t *bytes = target, first = bytes[i];
        bytes[i] = bytes[i + 1];
        bytes[i + 1] = first;
    }
    return needed;
}

static int map_string(LCID locale, DWORD flags, const WCHAR *source, int length, WCHAR *target, int size)
{
    if (!source || !length || size < 0 || (size && !target) ||
        (source == target && size && flags & ~(DWORD)(CASE_FLAGS | LCMAP_LINGUISTIC_CASING)))
        return fail(ERROR_INVALID_PARAMETER);
    DWORD error = check_flags(flags);
    if (error)
        return fail(error);
    if (!locale)
        return 0;
    size_t units = length < 0 ? utf16_length(source) + 1 : (size_t)length;
    if (flags & LCMAP_SORTKEY)
        return make_key(source, length_of(source, length), flags, target, size);
    size_t written = map_text(source, units, flags, target, size);
    return size && written > (size_t)size ? fail(ERROR_INSUFFICIENT_BUFFER) : (int)written;
}

int WINAPI LCMapStringW(LCID locale, DWORD flags, LPCWSTR source, int length, LPWSTR target, int size)
{
    return map_string(locale_resolve(locale), flags, source, length, target, size);
}

int WINAPI LCMapStringEx(LPCWSTR locale, DWORD flags, LPCWSTR source, int length, LPWSTR target, int size,
                         LPNLSVERSIONINFO version, LPVOID reserved, LPARAM parameter)
{
    return map_string(locale_resolve_name(locale), flags, source, length, target, size);
}

int WINAPI LCMapStringA(LCID locale, DWORD flags, LPCSTR source, int length, LPSTR target, int size)
{
    if (!source || !length || size < 0)
        return fail(ERROR_INVALID_PARAMETER);
    WCHAR *wide = widen(source, length < 0 ? (int)strlen(source) + 1 : length, &length);
    if (!wide)
        return 0;
    int result = LCMapStringW(locale, flags, wide, length, (WCHAR *)target, flags & LCMAP_SORTKEY ? size : 0);
    if (result && !(flags & LCMAP_SORTKEY)) {
        /* A mapped text has as many units as the source, or fewer. */
        size_t mapped = map_text(wide, length, flags, wide, length);
        result = locale_return_ansi(wide, mapped, target, size);
    }
    free(wide);
    return result;
}
