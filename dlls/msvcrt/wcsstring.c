/* Strings of UTF-16. The C library's wide characters are four bytes, so none of its functions serve. */
#include <emmintrin.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/ctype.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/thread_data.h"
#include "dlls/msvcrt/wcsstring.h"

/* Looks at aligned groups of eight units, which never reach into a page that the string is not in. */
size_t crt_wcslen(const WCHAR *string)
{
    const WCHAR *p = string;
    for (; (uintptr_t)p & 15; p++) {
        if (!*p)
            return p - string;
        if ((uintptr_t)p & 1) { /* A misaligned string has no aligned groups. */
            while (*p)
                p++;
            return p - string;
        }
    }
    for (;; p += 8) {
        __m128i zeros = _mm_cmpeq_epi16(_mm_load_si128((const __m128i *)p), _mm_setzero_si128());
        unsigned mask = (unsigned)_mm_movemask_epi8(zeros);
        if (mask)
            return p - string + __builtin_ctz(mask) / 2;
    }
}

size_t crt_wcsnlen(const WCHAR *string, size_t limit)
{
    size_t length = 0;
    while (length < limit && string[length])
        length++;
    return length;
}

int crt_wcscmp(const WCHAR *a, const WCHAR *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (*a > *b) - (*a < *b);
}

int crt_wcsncmp(const WCHAR *a, const WCHAR *b, size_t count)
{
    for (; count; count--, a++, b++) {
        if (*a != *b || !*a)
            return (*a > *b) - (*a < *b);
    }
    return 0;
}

/* Programs rely on it that text may move down within its own memory. */
WCHAR *crt_wcscpy(WCHAR *target, const WCHAR *source)
{
    return memmove(target, source, (crt_wcslen(source) + 1) * sizeof *target);
}

WCHAR *crt_wcsncpy(WCHAR *target, const WCHAR *source, size_t count)
{
    size_t length = crt_wcsnlen(source, count);
    memcpy(target, source, length * sizeof *target);
    memset(target + length, 0, (count - length) * sizeof *target);
    return target;
}

WCHAR *crt_wcscat(WCHAR *target, const WCHAR *source)
{
    crt_wcscpy(target + crt_wcslen(target), source);
    return target;
}

WCHAR *crt_wcsncat(WCHAR *target, const WCHAR *source, size_t count)
{
    WCHAR *end = target + crt_wcslen(target);
    size_t length = crt_wcsnlen(source, count);
    memcpy(end, source, length * sizeof *end);
    end[length] = 0;
    return target;
}

WCHAR *crt_wcschr(const WCHAR *string, WCHAR c)
{
    for (;; string++) {
        if (*string == c)
            return (WCHAR *)string;
        if (!*string)
            return NULL;
    }
}

WCHAR *crt_wcsrchr(const WCHAR *string, WCHAR c)
{
    for (const WCHAR *p = string + crt_wcslen(string);; p--) {
        if (*p == c)
            return (WCHAR *)p;
        if (p == string)
            return NULL;
    }
}

WCHAR *crt_wcsstr(const WCHAR *string, const WCHAR *part)
{
    size_t length = crt_wcslen(part);
    if (!length)
        return (WCHAR *)string;
    while ((string = crt_wcschr(string, *part)) != NULL) {
        if (crt_wcsncmp(string, part, length) == 0)
            return (WCHAR *)string;
        string++;
    }
    return NULL;
}

static bool is_one_of(WCHAR c, const WCHAR *set)
{
    while (*set && *set != c)
        set++;
    return *set != 0;
}

size_t crt_wcsspn(const WCHAR *string, const WCHAR *accepted)
{
    size_t length = 0;
    while (string[length] && is_one_of(string[length], accepted))
        length++;
    return length;
}

size_t crt_wcscspn(const WCHAR *string, const WCHAR *rejected)
{
    size_t length = 0;
    while (string[length] && !is_one_of(string[length], rejected))
        length++;
    return length;
}

WCHAR *crt_wcspbrk(const WCHAR *string, const WCHAR *accepted)
{
    string += crt_wcscspn(string, accepted);
    return *string ? (WCHAR *)string : NULL;
}

int crt_wcsicmp(const WCHAR *a, const WCHAR *b)
{
    if (!a || !b) {
        crt_invalid_parameter(CRT_EINVAL);
        return INT_MAX;
    }
    WCHAR x, y;
    do {
        x = crt_towlower(*a++);
        y = crt_towlower(*b++);
    } while (x && x == y);
    return x - y;
}

int crt_wcsnicmp(const WCHAR *a, const WCHAR *b, size_t count)
{
    if ((!a || !b) && count) {
        crt_invalid_parameter(CRT_EINVAL);
        return INT_MAX;
    }
    for (; count; count--) {
        WCHAR x = crt_towlower(*a++), y = crt_towlower(*b++);
        if (x != y || !x)
            return x - y;
    }
    return 0;
}

WCHAR *crt_wcsdup(const WCHAR *string)
{
    if (!string)
        return NULL;
    size_t size = (crt_wcslen(string) + 1) * sizeof *string;
    WCHAR *copy = crt_malloc(size);
    return copy ? memcpy(copy, string, size) : NULL;
}

/* What need not change is not written: it may be constant. */
WCHAR *crt_wcslwr(WCHAR *string)
{
    for (WCHAR *p = string; *p; p++) {
        WCHAR lower = crt_towlower(*p);
        if (lower != *p)
            *p = lower;
    }
    return string;
}

WCHAR *crt_wcsupr(WCHAR *string)
{
    for (WCHAR *p = string; *p; p++) {
        WCHAR upper = crt_towupper(*p);
        if (upper != *p)
            *p = upper;
    }
    return string;
}

WCHAR *crt_wcsrev(WCHAR *string)
{
    size_t length = crt_wcslen(string);
    for (size_t i = 0; i < length / 2; i++) {
        WCHAR c = string[i];
        string[i] = string[length - 1 - i];
        string[length - 1 - i] = c;
    }
    return string;
}

WCHAR *crt_wcsset(WCHAR *string, WCHAR c)
{
    for (WCHAR *p = string; *p; p++)
        *p = c;
    return string;
}

WCHAR *crt_wcsnset(WCHAR *string, WCHAR c, size_t count)
{
    for (WCHAR *p = string; *p && count; p++, count--)
        *p = c;
    return string;
}

WCHAR *crt_wcstok_s(WCHAR *string, const WCHAR *delimiters, WCHAR **next)
{
    if (!delimiters || !next || (!string && !*next)) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    WCHAR *token = string ? string : *next;
    token += crt_wcsspn(token, delimiters);
    WCHAR *end = token + crt_wcscspn(token, delimiters);
    *next = *end ? end + 1 : end;
    if (end == token)
        return NULL;
    *end = 0;
    return token;
}

WCHAR *crt_wcstok(WCHAR *string, const WCHAR *delimiters)
{
    if (!string && !crt_thread.wcstok_next)
        return NULL;
    return crt_wcstok_s(string, delimiters, &crt_thread.wcstok_next);
}
