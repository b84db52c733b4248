/* The functions of multibyte strings that are told how large their target is. What they count in characters
 * is counted out in bytes; a string that is cut off is not cut off within a character. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/crt_string.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/mbctype.h"
#include "dlls/msvcrt/thread_data.h"

#define TRUNCATE ((size_t)-1)

int crt_mbccpy_s(uint8_t *target, size_t size, int *copied, const uint8_t *source)
{
    if (copied)
        *copied = 0;
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    *target = 0;
    if (!source)
        return crt_invalid_parameter(CRT_EINVAL);
    if (mb_is_lead(*source) && !source[1]) {
        if (copied)
            *copied = 1;
        return crt_thread.error = CRT_EILSEQ;
    }
    size_t length = mb_length(source);
    if (length > size)
        return crt_invalid_parameter(CRT_ERANGE);
    memcpy(target, source, length);
    if (copied)
        *copied = (int)length;
    return 0;
}

/* Bytes of the characters that are whole within both limits. */
static size_t whole_characters(const uint8_t *source, size_t characters, size_t bytes)
{
    const uint8_t *p = source;
    for (; characters && !mb_ends(p) && (size_t)(p - source) + mb_length(p) <= bytes; characters--)
        p += mb_length(p);
    return p - source;
}

/* Copies to `target`, which is `start` or lies behind the text there. What is not all to be copied leaves its
 * beginning with a NUL in the place of the first byte at `start`; half a character at the source's end is
 * left out. `size` is not 0. */
static int copy(uint8_t *start, uint8_t *target, size_t size, const uint8_t *source, size_t characters,
                size_t bytes, bool truncate)
{
    size_t length = whole_characters(source, characters, bytes);
    bool fits = length < size;
    if (!fits && truncate)
        length = whole_characters(source, SIZE_MAX, size - 1);
    memmove(target, source, fits || truncate ? length : size);
    if (fits || truncate)
        target[length] = 0;
    else
        *start = 0;
    if (!fits)
        return truncate ? CRT_STRUNCATE : crt_invalid_parameter(CRT_ERANGE);
    bool half =
        mb_is_lead(source[length]) && !source[length + 1] && characters == SIZE_MAX && bytes == SIZE_MAX;
    return half ? (crt_thread.error = CRT_EILSEQ) : 0;
}

static int copy_checked(uint8_t *target, size_t size, const uint8_t *source, size_t characters, size_t bytes,
                        bool truncate)
{
    bool nothing = !characters || !bytes;
    if (!target && !size && nothing)
        return 0;
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    if (nothing || !source) {
        *target = 0;
        return nothing ? 0 : crt_invalid_parameter(CRT_EINVAL);
    }
    return copy(target, target, size, source, characters, bytes, truncate);
}

/* Whether the last of the string's bytes is a lead byte without another: appending writes over it. */
static bool ends_in_half(const uint8_t *string, size_t length)
{
    return whole_characters(string, SIZE_MAX, length) < length;
}

static int append_checked(uint8_t *target, size_t size, const uint8_t *source, size_t characters,
                          size_t bytes, bool truncate)
{
    bool nothing = !characters || !bytes;
    if (!target && !size && nothing)
        return 0;
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    size_t used = strnlen((char *)target, size);
    if (used == size || (!source && !nothing)) {
        *target = 0;
        return crt_invalid_parameter(CRT_EINVAL);
    }
    if (nothing)
        return 0;
    bool half = ends_in_half(target, used);
    int error = copy(target, target + used - half, size - used + half, source, characters, bytes, truncate);
    return half && !error ? (crt_thread.error = CRT_EILSEQ) : error;
}

int crt_mbscpy_s(uint8_t *target, size_t size, const uint8_t *source)
{
    return copy_checked(target, size, source, SIZE_MAX, SIZE_MAX, false);
}

int crt_mbscat_s(uint8_t *target, size_t size, const uint8_t *source)
{
    return append_checked(target, size, source, SIZE_MAX, SIZE_MAX, false);
}

int crt_mbsncpy_s(uint8_t *target, size_t size, const uint8_t *source, size_t count)
{
    return copy_checked(target, size, source, count, SIZE_MAX, count == TRUNCATE);
}

int crt_mbsnbcpy_s(uint8_t *target, size_t size, const uint8_t *source, size_t count)
{
    return copy_checked(target, size, source, SIZE_MAX, count, count == TRUNCATE);
}

int crt_mbsncat_s(uint8_t *target, size_t size, const uint8_t *source, size_t count)
{
    return append_checked(target, size, source, count, SIZE_MAX, count == TRUNCATE);
}

int crt_mbsnbcat_s(uint8_t *target, size_t size, const uint8_t *source, size_t count)
{
    return append_checked(target, size, source, SIZE_MAX, count, count == TRUNCATE);
}

/* What the functions that change a string in place ask of it. */
static int check(uint8_t *string, size_t size)
{
    if (!string && !size)
        return 0;
    if (string && size && strnlen((char *)string, size) < size)
        return 0;
    if (string && size)
        *string = 0;
    return crt_invalid_parameter(CRT_EINVAL);
}

int crt_mbslwr_s(uint8_t *string, size_t size)
{
    int error = check(string, size);
    if (!error && string)
        crt_mbslwr(string);
    return error;
}

int crt_mbsupr_s(uint8_t *string, size_t size)
{
    int error = check(string, size);
    if (!error && string)
        crt_mbsupr(string);
    return error;
}

int crt_mbsset_s(uint8_t *string, size_t size, unsigned c)
{
    int error = check(string, size);
    if (!error && string)
        crt_mbsset(string, c);
    return error;
}

int crt_mbsnset_s(uint8_t *string, size_t size, unsigned c, size_t count)
{
    int error = check(string, size);
    if (!error && string)
        crt_mbsnset(string, c, count);
    return error;
}

int crt_mbsnbset_s(uint8_t *string, size_t size, unsigned c, size_t count)
{
    int error = check(string, size);
    if (!error && string)
        crt_mbsnbset(string, c, count);
    return error;
}
