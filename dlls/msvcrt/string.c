/* Strings of bytes. */
#include <strings.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/ctype.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/thread_data.h"

size_t crt_strnlen(const char *string, size_t limit)
{
    return strnlen(string, limit);
}

/* What programs get besides the sign is 1 on x86-64 and the difference of the bytes on i386. */
#ifdef __x86_64__
int crt_strncmp(const char *a, const char *b, size_t count)
{
    int difference = strncmp(a, b, count);
    return (difference > 0) - (difference < 0);
}
#else
int crt_strncmp(const char *a, const char *b, size_t count)
{
    for (; count; count--, a++, b++) {
        if (*a != *b || !*a)
            return (unsigned char)*a - (unsigned char)*b;
    }
    return 0;
}
#endif

/* Programs rely on it that text may move down within its own memory. */
char *crt_strcpy(char *target, const char *source)
{
    return memmove(target, source, strlen(source) + 1);
}

char *crt_strncpy(char *target, const char *source, size_t count)
{
    return strncpy(target, source, count);
}

char *crt_strcat(char *target, const char *source)
{
    return strcat(target, source);
}

char *crt_strncat(char *target, const char *source, size_t count)
{
    return strncat(target, source, count);
}

char *crt_strchr(const char *string, int c)
{
    return (char *)strchr(string, c);
}

char *crt_strrchr(const char *string, int c)
{
    return (char *)strrchr(string, c);
}

char *crt_strstr(const char *string, const char *part)
{
    return (char *)strstr(string, part);
}

size_t crt_strspn(const char *string, const char *accepted)
{
    return strspn(string, accepted);
}

size_t crt_strcspn(const char *string, const char *rejected)
{
    return strcspn(string, rejected);
}

char *crt_strpbrk(const char *string, const char *accepted)
{
    return (char *)strpbrk(string, accepted);
}

int crt_stricmp(const char *a, const char *b)
{
    if (!a || !b) {
        crt_invalid_parameter(CRT_EINVAL);
        return INT_MAX;
    }
    if (!current_ctype)
        return strcasecmp(a, b);
    const uint8_t *p = (const uint8_t *)a, *q = (const uint8_t *)b;
    while (*p && ctype_lower(*p) == ctype_lower(*q))
        p++, q++;
    return ctype_lower(*p) - ctype_lower(*q);
}

int crt_strnicmp(const char *a, const char *b, size_t count)
{
    if ((!a || !b) && count) {
        crt_invalid_parameter(CRT_EINVAL);
        return INT_MAX;
    }
    if (!current_ctype)
        return strncasecmp(a, b, count);
    for (const uint8_t *p = (const uint8_t *)a, *q = (const uint8_t *)b; count; count--, p++, q++) {
        int difference = ctype_lower(*p) - ctype_lower(*q);
        if (difference || !*p)
            return difference;
    }
    return 0;
}

char *crt_strdup(const char *string)
{
    if (!string)
        return NULL;
    size_t size = strlen(string) + 1;
    char *copy = crt_malloc(size);
    return copy ? memcpy(copy, string, size) : NULL;
}

/* What need not change is not written: it may be constant. */
char *crt_strlwr(char *string)
{
    for (char *p = string; *p; p++) {
        char lower = (char)ctype_lower(*p);
        if (lower != *p)
            *p = lower;
    }
    return string;
}

char *crt_strupr(char *string)
{
    for (char *p = string; *p; p++) {
        char upper = (char)ctype_upper(*p);
        if (upper != *p)
            *p = upper;
    }
    return string;
}

char *crt_strrev(char *string)
{
    size_t length = strlen(string);
    for (size_t i = 0; i < length / 2; i++) {
        char c = string[i];
        string[i] = string[length - 1 - i];
        string[length - 1 - i] = c;
    }
    return string;
}

char *crt_strset(char *string, int c)
{
    return memset(string, c, strlen(string));
}

char *crt_strnset(char *string, int c, size_t count)
{
    return memset(string, c, strnlen(string, count));
}

/* `next` is where the last call left off. */
char *crt_strtok_s(char *string, const char *delimiters, char **next)
{
    if (!delimiters || !next || (!string && !*next)) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    return strtok_r(string, delimiters, next);
}

/* After the last token each call returns NULL, until a new string is given. */
char *crt_strtok(char *string, const char *delimiters)
{
    if (!string && !crt_thread.strtok_next)
        return NULL;
    return strtok_r(string, delimiters, &crt_thread.strtok_next);
}
