/* Bytes. hot_string.c has what programs call most. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/ctype.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/thread_data.h"

void *crt_memchr(const void *bytes, int byte, size_t size)
{
    return (void *)memchr(bytes, byte, size);
}

void *crt_memccpy(void *target, const void *source, int last, size_t size)
{
    return memccpy(target, source, last, size);
}

int crt_memicmp(const void *a, const void *b, size_t size)
{
    const uint8_t *p = a, *q = b;
    if (size && (!a || !b)) {
        crt_invalid_parameter(CRT_EINVAL);
        return INT_MAX;
    }
    for (; size; size--, p++, q++) {
        int difference = ctype_lower(*p) - ctype_lower(*q);
        if (difference)
            return difference;
    }
    return 0;
}

int crt_memcpy_s(void *target, size_t capacity, const void *source, size_t size)
{
    if (!size)
        return 0;
    if (!target)
        return crt_invalid_parameter(CRT_EINVAL);
    if (!source || capacity < size) {
        memset(target, 0, capacity);
        return crt_invalid_parameter(source ? CRT_ERANGE : CRT_EINVAL);
    }
    memmove(target, source, size);
    return 0;
}

int crt_memmove_s(void *target, size_t capacity, const void *source, size_t size)
{
    if (!size)
        return 0;
    if (!target || !source)
        return crt_invalid_parameter(CRT_EINVAL);
    if (capacity < size)
        return crt_invalid_parameter(CRT_ERANGE);
    memmove(target, source, size);
    return 0;
}

/* Exchanges the bytes of each pair; an odd last byte is left out. */
void crt_swab(char *source, char *target, int size)
{
    for (; size > 1; size -= 2) {
        char first = *source++;
        *target++ = *source++;
        *target++ = first;
    }
}
