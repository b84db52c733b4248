/* Which locales there are, by number and by name. */
#include "dlls/kernel32/locale.h"
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

static const WCHAR english_name[] = L"en-US";

LCID locale_resolve(LCID locale)
{
    switch (locale) {
    case LOCALE_NEUTRAL:
    case LOCALE_USER_DEFAULT:
    case LOCALE_SYSTEM_DEFAULT:
    case LOCALE_CUSTOM_DEFAULT:
    case LOCALE_CUSTOM_UI_DEFAULT:
    case MAKELCID(MAKELANGID(LANG_ENGLISH, SUBLANG_NEUTRAL), SORT_DEFAULT):
    case LOCALE_ENGLISH:
        return LOCALE_ENGLISH;
    case LOCALE_INVARIANT:
        return LOCALE_INVARIANT;
    default:
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
}

static bool is_name(const WCHAR *name, const WCHAR *known)
{
    return upcase_equal(name, utf16_length(name), known, utf16_length(known));
}

LCID locale_resolve_name(const WCHAR *name)
{
    if (!name || is_name(name, english_name) || is_name(name, L"en") ||
        is_name(name, LOCALE_NAME_SYSTEM_DEFAULT))
        return LOCALE_ENGLISH;
    if (!*name)
        return LOCALE_INVARIANT;
    SetLastError(ERROR_INVALID_PARAMETER);
    return 0;
}

int locale_return(const WCHAR *text, size_t length, WCHAR *buffer, int size)
{
    if (size < 0 || (size && !buffer)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    if (size && (size_t)size < length) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return 0;
    }
    if (size)
        memcpy(buffer, text, length * sizeof *text);
    return length;
}

int locale_return_ansi(const WCHAR *text, size_t length, char *buffer, int size)
{
    if (size < 0 || (size && !buffer)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    size_t bytes = utf8_from_utf16(buffer, size, text, length, UTF_REPLACE);
    if (size && (size_t)size < bytes) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return 0;
    }
    return bytes;
}

/* Numbers */

LCID WINAPI GetUserDefaultLCID(void)
{
    return LOCALE_ENGLISH;
}

LCID WINAPI GetSystemDefaultLCID(void)
{
    return LOCALE_ENGLISH;
}

LANGID WINAPI GetUserDefaultLangID(void)
{
    return LANGIDFROMLCID(LOCALE_ENGLISH);
}

LANGID WINAPI GetSystemDefaultLangID(void)
{
    return LANGIDFROMLCID(LOCALE_ENGLISH);
}

LANGID WINAPI GetUserDefaultUILanguage(void)
{
    return LANGIDFROMLCID(LOCALE_ENGLISH);
}

LANGID WINAPI GetSystemDefaultUILanguage(void)
{
    return LANGIDFROMLCID(LOCALE_ENGLISH);
}

LANGID WINAPI GetThreadUILanguage(void)
{
    return LANGIDFROMLCID(LOCALE_ENGLISH);
}

LCID WINAPI GetThreadLocale(void)
{
    LCID locale = teb_current()->CurrentLocale;
    return locale ? locale : LOCALE_ENGLISH; /* nothing set: the user's */
}

BOOL WINAPI SetThreadLocale(LCID locale)
{
    LCID resolved = locale_resolve(locale);
    if (!resolved)
        return FALSE;
    teb_current()->CurrentLocale = resolved;
    return TRUE;
}

/* What is no locale stays what it is. */
LCID WINAPI ConvertDefaultLocale(LCID locale)
{
    switch (locale) {
    case LOCALE_NEUTRAL:
    case LOCALE_USER_DEFAULT:
    case LOCALE_SYSTEM_DEFAULT:
    case MAKELCID(MAKELANGID(LANG_ENGLISH, SUBLANG_NEUTRAL), SORT_DEFAULT):
        return LOCALE_ENGLISH;
    default:
        return locale;
    }
}

/* Those that stand for another are no locales themselves. */
BOOL WINAPI IsValidLocale(LCID locale, DWORD flags)
{
    return locale == LOCALE_ENGLISH || locale == LOCALE_INVARIANT ||
           locale == MAKELCID(MAKELANGID(LANG_ENGLISH, SUBLANG_NEUTRAL), SORT_DEFAULT);
}

GEOID WINAPI GetUserGeoID(GEOCLASS class)
{
    return class == GEOCLASS_NATION ? 244 : GEOID_NOT_AVAILABLE;
}

/* Names */

BOOL WINAPI IsValidLocaleName(LPCWSTR name)
{
    return name && (!*name || is_name(name, english_name) || is_name(name, L"en"));
}

int WINAPI GetUserDefaultLocaleName(LPWSTR name, int size)
{
    return locale_return(english_name, ARRAYSIZE(english_name), name, size);
}

int WINAPI GetSystemDefaultLocaleName(LPWSTR name, int size)
{
    return locale_return(english_name, ARRAYSIZE(english_name), name, size);
}

int WINAPI LCIDToLocaleName(LCID locale, LPWSTR name, int size, DWORD flags)
{
    LCID resolved = locale_resolve(locale);
    if (!resolved)
        return 0;
    const WCHAR *found = resolved == LOCALE_INVARIANT             ? L""
                         : LANGIDFROMLCID(locale) == LANG_ENGLISH ? L"en"
                                                                  : english_name;
    return locale_return(found, utf16_length(found) + 1, name, size);
}

LCID WINAPI LocaleNameToLCID(LPCWSTR name, DWORD flags)
{
    if (name && is_name(name, L"en") && flags & LOCALE_ALLOW_NEUTRAL_NAMES)
        return MAKELCID(MAKELANGID(LANG_ENGLISH, SUBLANG_NEUTRAL), SORT_DEFAULT);
    return locale_resolve_name(name);
}

/* Enumeration */

BOOL WINAPI EnumSystemLocalesW(LOCALE_ENUMPROCW callback, DWORD flags)
{
    WCHAR number[] = L"00000409";
    if (!callback)
        return set_last_status(STATUS_INVALID_PARAMETER);
    callback(number);
    return TRUE;
}

BOOL WINAPI EnumSystemLocalesA(LOCALE_ENUMPROCA callback, DWORD flags)
{
    char number[] = "00000409";
    if (!callback)
        return set_last_status(STATUS_INVALID_PARAMETER);
    callback(number);
    return TRUE;
}

/* Neutral locales are meant where `flags` asks for all, or for those alone. */
BOOL WINAPI EnumSystemLocalesEx(LOCALE_ENUMPROCEX callback, DWORD flags, LPARAM parameter, LPVOID reserved)
{
    WCHAR invariant[] = L"", neutral[] = L"en", english[] = L"en-US";
    bool all = flags == LOCALE_ALL;
    if (!callback || reserved)
        return set_last_status(STATUS_INVALID_PARAMETER);
    if ((all || flags & LOCALE_NEUTRALDATA) && !(callback(invariant, LOCALE_NEUTRALDATA, parameter) &&
                                                 callback(neutral, LOCALE_NEUTRALDATA, parameter)))
        return TRUE;
    if (all || flags & (LOCALE_WINDOWS | LOCALE_SPECIFICDATA))
        callback(english, LOCALE_WINDOWS | LOCALE_SPECIFICDATA, parameter);
    return TRUE;
}
