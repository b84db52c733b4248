/* The one country that there is to know of. */
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/locale.h"
#include "kernel/utf.h"

#define UNITED_STATES 244

/* By GEO_*. */
static const WCHAR *const united_states[] = {
    [GEO_NATION] = L"244",
    [GEO_LATITUDE] = L"39.450",
    [GEO_LONGITUDE] = L"-98.908",
    [GEO_ISO2] = L"US",
    [GEO_ISO3] = L"USA",
    [GEO_RFC1766] = L"en-us",
    [GEO_LCID] = L"00000409",
    [GEO_FRIENDLYNAME] = L"United States",
    [GEO_OFFICIALNAME] = L"United States of America",
};

static const WCHAR *information(GEOID location, GEOTYPE type)
{
    if (location != UNITED_STATES) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    const WCHAR *text = (size_t)type < ARRAYSIZE(united_states) ? united_states[type] : NULL;
    if (!text)
        SetLastError(ERROR_INVALID_FLAGS);
    return text;
}

int WINAPI GetGeoInfoW(GEOID location, GEOTYPE type, LPWSTR buffer, int size, LANGID language)
{
    const WCHAR *text = information(location, type);
    return text ? locale_return(text, utf16_length(text) + 1, buffer, size) : 0;
}

int WINAPI GetGeoInfoA(GEOID location, GEOTYPE type, LPSTR buffer, int size, LANGID language)
{
    const WCHAR *text = information(location, type);
    return text ? locale_return_ansi(text, utf16_length(text) + 1, buffer, size) : 0;
}
