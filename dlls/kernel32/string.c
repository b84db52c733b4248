/* The lstr functions, and MulDiv. */
#include "dlls/kernel32/ansi.h"
#include "kernel/peek.h"
#include "kernel/utf.h"

/* These say 0 or NULL, and go no further, where they meet memory that is not there. */

static size_t readable_length(const void *string, size_t unit)
{
    return string ? peek_length(string, unit) : SIZE_MAX;
}

/* Copies `length` units and a NUL. */
static void *copy(void *target, const void *source, size_t length, size_t unit)
{
    static const WCHAR nul;
    if (!target || length == SIZE_MAX || !peek(target, source, length * unit) ||
        !peek((char *)target + length * unit, &nul, unit))
        return NULL;
    return target;
}

static void *append(void *target, const void *source, size_t unit)
{
    size_t end = readable_length(target, unit), length = readable_length(source, unit);
    return end != SIZE_MAX && copy((char *)target + end * unit, source, length, unit) ? target : NULL;
}

int WINAPI lstrlenA(LPCSTR string)
{
    size_t length = readable_length(string, 1);
    return length == SIZE_MAX ? 0 : length;
}

int WINAPI lstrlenW(LPCWSTR string)
{
    size_t length = readable_length(string, sizeof *string);
    return length == SIZE_MAX ? 0 : length;
}

LPSTR WINAPI lstrcpyA(LPSTR target, LPCSTR source)
{
    return copy(target, source, readable_length(source, 1), 1);
}

LPWSTR WINAPI lstrcpyW(LPWSTR target, LPCWSTR source)
{
    return copy(target, source, readable_length(source, sizeof *source), sizeof *source);
}

/* `capacity` counts the NUL, which is there in any case. */
LPSTR WINAPI lstrcpynA(LPSTR target, LPCSTR source, int capacity)
{
    if (!target || !source)
        return NULL;
    if (capacity <= 0)
        return target;
    size_t length = readable_length(source, 1);
    return copy(target, source, min(length, (size_t)capacity - 1), 1);
}

LPWSTR WINAPI lstrcpynW(LPWSTR target, LPCWSTR source, int capacity)
{
    if (!target || !source)
        return NULL;
    if (capacity <= 0)
        return target;
    size_t length = readable_length(source, sizeof *source);
    return copy(target, source, min(length, (size_t)capacity - 1), sizeof *source);
}

LPSTR WINAPI lstrcatA(LPSTR target, LPCSTR source)
{
    return append(target, source, 1);
}

LPWSTR WINAPI lstrcatW(LPWSTR target, LPCWSTR source)
{
    return append(target, source, sizeof *source);
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
