/* The lstr functions, and MulDiv. */
#include "dlls/kernel32/ansi.h"
#include "kernel/utf.h"

int WINAPI lstrlenA(LPCSTR string)
{
    return string ? strlen(string) : 0;
}

int WINAPI lstrlenW(LPCWSTR string)
{
    return string ? utf16_length(string) : 0;
}

LPSTR WINAPI lstrcpyA(LPSTR target, LPCSTR source)
{
    return target && source ? strcpy(target, source) : NULL;
}

LPWSTR WINAPI lstrcpyW(LPWSTR target, LPCWSTR source)
{
    if (!target || !source)
        return NULL;
    return memcpy(target, source, (utf16_length(source) + 1) * sizeof *source);
}

/* `capacity` counts the NUL, which is there in any case. */
LPSTR WINAPI lstrcpynA(LPSTR target, LPCSTR source, int capacity)
{
    if (!target || !source)
        return NULL;
    if (capacity > 0) {
        size_t length = strnlen(source, capacity - 1);
        memcpy(target, source, length);
        target[length] = '\0';
    }
    return target;
}

LPWSTR WINAPI lstrcpynW(LPWSTR target, LPCWSTR source, int capacity)
{
    if (!target || !source)
        return NULL;
    int length = 0;
    while (length < capacity - 1 && source[length]) {
        target[length] = source[length];
        length++;
    }
    if (capacity > 0)
        target[length] = 0;
    return target;
}

LPSTR WINAPI lstrcatA(LPSTR target, LPCSTR source)
{
    return target && source ? strcat(target, source) : NULL;
}

LPWSTR WINAPI lstrcatW(LPWSTR target, LPCWSTR source)
{
    if (!target || !source)
        return NULL;
    lstrcpyW(target + utf16_length(target), source);
    return target;
}

/* NULL comes before every string. */
static bool compare_null(const void *a, const void *b, int *order)
{
    *order = (a != NULL) - (b != NULL);
    return !a || !b;
}

static int compare_ansi(LPCSTR a, LPCSTR b, DWORD flags)
{
    int order;
    if (compare_null(a, b, &order))
        return order;
    order = CompareStringA(GetThreadLocale(), flags | LOCALE_USE_CP_ACP, a, -1, b, -1);
    return order ? order - CSTR_EQUAL : strcmp(a, b);
}

static int compare_wide(LPCWSTR a, LPCWSTR b, DWORD flags)
{
    int order;
    return compare_null(a, b, &order) ? order
                                      : CompareStringW(GetThreadLocale(), flags, a, -1, b, -1) - CSTR_EQUAL;
}

int WINAPI lstrcmpA(LPCSTR a, LPCSTR b)
{
    return compare_ansi(a, b, 0);
}

int WINAPI lstrcmpW(LPCWSTR a, LPCWSTR b)
{
    return compare_wide(a, b, 0);
}

int WINAPI lstrcmpiA(LPCSTR a, LPCSTR b)
{
    return compare_ansi(a, b, NORM_IGNORECASE);
}

int WINAPI lstrcmpiW(LPCWSTR a, LPCWSTR b)
{
    return compare_wide(a, b, NORM_IGNORECASE);
}

/* Rounds to the nearest integer, halves away from zero; -1 for what does not fit. */
int WINAPI MulDiv(int number, int numerator, int denominator)
{
    if (!denominator)
        return -1;
    int64_t product = (int64_t)number * numerator, divisor = denominator;
    if (divisor < 0) {
        product = -product;
        divisor = -divisor;
    }
    int64_t result = (product + (product < 0 ? -divisor : divisor) / 2) / divisor;
    return result == (int)result ? (int)result : -1;
}
