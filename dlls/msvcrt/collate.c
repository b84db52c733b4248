/* Comparison by the locale's order. In the "C" locale that is the order of the codes. */
#include <stdlib.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/crt_string.h"
#include "dlls/msvcrt/ctype.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/locale.h"
#include "dlls/msvcrt/thread_data.h"
#include "dlls/msvcrt/wcsstring.h"

/* What the functions here return for bad arguments: _NLSCMPERROR. */
#define NO_ORDER INT_MAX

static int compare_wide(const WCHAR *a, size_t a_length, const WCHAR *b, size_t b_length, DWORD flags)
{
    int order = CompareStringW(locale_of(CRT_LC_COLLATE), flags | SORT_STRINGSORT, a, (int)a_length, b,
                               (int)b_length);
    if (!order) {
        crt_invalid_parameter(CRT_EINVAL);
        return NO_ORDER;
    }
    return order - CSTR_EQUAL;
}

/* A copy of up to `count` bytes in memory that the caller frees. */
static WCHAR *widen(const char *text, size_t count, size_t *length)
{
    size_t bytes = strnlen(text, count);
    WCHAR *wide = malloc((bytes + 1) * sizeof *wide);
    *length =
        wide && bytes ? MultiByteToWideChar(*crt_lc_collate_cp, 0, text, (int)bytes, wide, (int)bytes) : 0;
    return wide;
}

static int compare_narrow(const char *a, const char *b, size_t count, DWORD flags)
{
    size_t a_length, b_length;
    WCHAR *wide_a = widen(a, count, &a_length), *wide_b = widen(b, count, &b_length);
    int order = NO_ORDER;
    if (wide_a && wide_b)
        order = compare_wide(wide_a, a_length, wide_b, b_length, flags);
    else
        crt_thread.error = CRT_ENOMEM;
    free(wide_a);
    free(wide_b);
    return order;
}

static bool can_compare(const void *a, const void *b)
{
    if (a && b)
        return true;
    crt_invalid_parameter(CRT_EINVAL);
    return false;
}

static int sign(int difference)
{
    return (difference > 0) - (difference < 0);
}

int crt_strcoll(const char *a, const char *b)
{
    if (!locale_of(CRT_LC_COLLATE))
        return sign(strcmp(a, b));
    return can_compare(a, b) ? compare_narrow(a, b, SIZE_MAX, 0) : NO_ORDER;
}

int crt_stricoll(const char *a, const char *b)
{
    if (!can_compare(a, b))
        return NO_ORDER;
    return locale_of(CRT_LC_COLLATE) ? compare_narrow(a, b, SIZE_MAX, NORM_IGNORECASE) : crt_stricmp(a, b);
}

int crt_strncoll(const char *a, const char *b, size_t count)
{
    if (!count)
        return 0;
    if (!can_compare(a, b))
        return NO_ORDER;
    return locale_of(CRT_LC_COLLATE) ? compare_narrow(a, b, count, 0) : sign(strncmp(a, b, count));
}

int crt_strnicoll(const char *a, const char *b, size_t count)
{
    if (!count)
        return 0;
    if (!can_compare(a, b))
        return NO_ORDER;
    return locale_of(CRT_LC_COLLATE) ? compare_narrow(a, b, count, NORM_IGNORECASE)
                                     : crt_strnicmp(a, b, count);
}

int crt_wcscoll(const WCHAR *a, const WCHAR *b)
{
    if (!locale_of(CRT_LC_COLLATE))
        return crt_wcscmp(a, b);
    return can_compare(a, b) ? compare_wide(a, crt_wcslen(a), b, crt_wcslen(b), 0) : NO_ORDER;
}

int crt_wcsicoll(const WCHAR *a, const WCHAR *b)
{
    if (!can_compare(a, b))
        return NO_ORDER;
    return locale_of(CRT_LC_COLLATE) ? compare_wide(a, crt_wcslen(a), b, crt_wcslen(b), NORM_IGNORECASE)
                                     : crt_wcsicmp(a, b);
}

int crt_wcsncoll(const WCHAR *a, const WCHAR *b, size_t count)
{
    if (!count)
        return 0;
    if (!can_compare(a, b))
        return NO_ORDER;
    return locale_of(CRT_LC_COLLATE) ? compare_wide(a, crt_wcsnlen(a, count), b, crt_wcsnlen(b, count), 0)
                                     : crt_wcsncmp(a, b, count);
}

int crt_wcsnicoll(const WCHAR *a, const WCHAR *b, size_t count)
{
    if (!count)
        return 0;
    if (!can_compare(a, b))
        return NO_ORDER;
    return locale_of(CRT_LC_COLLATE)
               ? compare_wide(a, crt_wcsnlen(a, count), b, crt_wcsnlen(b, count), NORM_IGNORECASE)
               : crt_wcsnicmp(a, b, count);
}

/* The sort key's bytes with their terminator, in memory that the caller frees. */
static uint8_t *sort_key(const WCHAR *text, size_t length, size_t *size)
{
    int needed =
        length ? LCMapStringW(locale_of(CRT_LC_COLLATE), LCMAP_SORTKEY, text, (int)length, NULL, 0) : 0;
    uint8_t *key = malloc(needed + 1);
    if (key && needed)
        needed =
            LCMapStringW(locale_of(CRT_LC_COLLATE), LCMAP_SORTKEY, text, (int)length, (WCHAR *)key, needed);
    if (!key)
        return NULL;
    *size = needed ? needed : 1;
    key[*size - 1] = 0;
    return key;
}

/* strncpy(target, ..) of a text whose length is known; returns what strxfrm does. */
static size_t give(char *target, const char *text, size_t length, size_t count)
{
    if (length < count)
        memcpy(target, text, length + 1);
    else if (count)
        memcpy(target, text, count);
    return length;
}

size_t crt_strxfrm(char *target, const char *source, size_t count)
{
    if (!source || (!target && count) || count > INT_MAX) {
        crt_invalid_parameter(CRT_EINVAL);
        return INT_MAX;
    }
    if (!locale_of(CRT_LC_COLLATE))
        return give(target, source, strlen(source), count);
    size_t length, size, result = INT_MAX;
    WCHAR *wide = widen(source, SIZE_MAX, &length);
    uint8_t *key = wide ? sort_key(wide, length, &size) : NULL;
    if (key)
        result = give(target, (char *)key, size - 1, count);
    else
        crt_thread.error = CRT_ENOMEM;
    free(key);
    free(wide);
    return result;
}

/* Each byte of the key becomes one character. */
size_t crt_wcsxfrm(WCHAR *target, const WCHAR *source, size_t count)
{
    if (!source || (!target && count) || count > INT_MAX) {
        crt_invalid_parameter(CRT_EINVAL);
        return INT_MAX;
    }
    size_t length = crt_wcslen(source), size;
    if (!locale_of(CRT_LC_COLLATE)) {
        memcpy(target, source, (length < count ? length + 1 : count) * sizeof *target);
        return length;
    }
    uint8_t *key = sort_key(source, length, &size);
    if (!key) {
        crt_thread.error = CRT_ENOMEM;
        return INT_MAX;
    }
    for (size_t i = 0; i < size && i < count; i++)
        target[i] = key[i];
    free(key);
    return size - 1;
}
