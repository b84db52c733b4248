/* Strings of characters of one or two bytes. Sizes count characters, in the functions with an "nb" bytes. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/crt_string.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/mbctype.h"
#include "dlls/msvcrt/thread_data.h"

size_t crt_mbclen(const uint8_t *p)
{
    return mb_length(p);
}

void crt_mbccpy(uint8_t *target, const uint8_t *source)
{
    memcpy(target, source, mb_length(source));
}

size_t crt_mbslen(const uint8_t *string)
{
    if (!mb_code_page)
        return strlen((const char *)string);
    size_t count = 0;
    for (; !mb_ends(string); string += mb_length(string))
        count++;
    return count;
}

/* `limit` counts bytes, of which there are enough where the string does not end before. */
size_t crt_mbsnlen(const uint8_t *string, size_t limit)
{
    return strnlen((const char *)string, limit) < limit ? crt_mbslen(string) : limit;
}

uint8_t *crt_mbsinc(const uint8_t *p)
{
    return (uint8_t *)p + mb_length(p);
}

/* The character before `place`: found from the beginning, since a byte alone does not tell what it is. */
uint8_t *crt_mbsdec(const uint8_t *string, const uint8_t *place)
{
    const uint8_t *before = NULL;
    if (!mb_code_page)
        return place > string ? (uint8_t *)place - 1 : NULL;
    for (const uint8_t *p = string; p < place; p += mb_length(p))
        before = p;
    return (uint8_t *)before;
}

uint8_t *crt_mbsninc(const uint8_t *string, size_t count)
{
    if (!string)
        return NULL;
    for (; count && !mb_ends(string); count--)
        string += mb_length(string);
    return (uint8_t *)string;
}

unsigned crt_mbsnextc(const uint8_t *p)
{
    return mb_character(p);
}

/* Characters in the first `count` bytes, and bytes of the first `count` characters. */
size_t crt_mbsnccnt(const uint8_t *string, size_t count)
{
    const uint8_t *end = string + count;
    size_t characters = 0;
    for (; string < end && !mb_ends(string); string += mb_length(string))
        characters++;
    return characters;
}

size_t crt_mbsnbcnt(const uint8_t *string, size_t count)
{
    return crt_mbsninc(string, count) - string;
}

uint8_t *crt_mbschr(const uint8_t *string, unsigned c)
{
    for (;; string += mb_length(string)) {
        if (mb_character(string) == c)
            return (uint8_t *)string;
        if (!*string)
            return NULL;
    }
}

uint8_t *crt_mbsrchr(const uint8_t *string, unsigned c)
{
    const uint8_t *last = NULL;
    for (;; string += mb_length(string)) {
        if (mb_character(string) == c)
            last = string;
        if (!*string)
            return (uint8_t *)last;
    }
}

static unsigned as_is(unsigned c)
{
    return c;
}

static int compare(const uint8_t *a, const uint8_t *b, size_t characters, const uint8_t *a_end,
                   unsigned (*fold)(unsigned))
{
    for (; characters && a < a_end; characters--) {
        unsigned x = fold(mb_character(a)), y = fold(mb_character(b));
        if (x != y || !x)
            return (x > y) - (x < y);
        a += mb_length(a);
        b += mb_length(b);
    }
    return 0;
}

#define NO_END ((const uint8_t *)UINTPTR_MAX)

int crt_mbscmp(const uint8_t *a, const uint8_t *b)
{
    return compare(a, b, SIZE_MAX, NO_END, as_is);
}

int crt_mbsicmp(const uint8_t *a, const uint8_t *b)
{
    return compare(a, b, SIZE_MAX, NO_END, crt_mbctolower);
}

int crt_mbsncmp(const uint8_t *a, const uint8_t *b, size_t count)
{
    return compare(a, b, count, NO_END, as_is);
}

int crt_mbsnicmp(const uint8_t *a, const uint8_t *b, size_t count)
{
    return compare(a, b, count, NO_END, crt_mbctolower);
}

int crt_mbsnbcmp(const uint8_t *a, const uint8_t *b, size_t count)
{
    return compare(a, b, SIZE_MAX, count > (size_t)(NO_END - a) ? NO_END : a + count, as_is);
}

int crt_mbsnbicmp(const uint8_t *a, const uint8_t *b, size_t count)
{
    return compare(a, b, SIZE_MAX, count > (size_t)(NO_END - a) ? NO_END : a + count, crt_mbctolower);
}

uint8_t *crt_mbsstr(const uint8_t *string, const uint8_t *part)
{
    size_t length = strlen((const char *)part);
    for (;; string += mb_length(string)) {
        if (strncmp((const char *)string, (const char *)part, length) == 0)
            return (uint8_t *)string;
        if (!*string)
            return NULL;
    }
}

/* Half a character at the set's end stands for all, as in Windows. */
static bool is_in_set(unsigned c, const uint8_t *set)
{
    for (; !mb_ends(set); set += mb_length(set)) {
        if (mb_character(set) == c)
            return true;
    }
    return *set != 0;
}

/* Bytes up to the first character that is (or is not) one of the set. */
static size_t span(const uint8_t *string, const uint8_t *set, bool accepted)
{
    const uint8_t *p = string;
    while (*p && is_in_set(mb_character(p), set) == accepted)
        p += mb_length(p);
    return p - string;
}

size_t crt_mbsspn(const uint8_t *string, const uint8_t *set)
{
    return span(string, set, true);
}

size_t crt_mbscspn(const uint8_t *string, const uint8_t *set)
{
    return span(string, set, false);
}

uint8_t *crt_mbsspnp(const uint8_t *string, const uint8_t *set)
{
    string += span(string, set, true);
    return *string ? (uint8_t *)string : NULL;
}

uint8_t *crt_mbspbrk(const uint8_t *string, const uint8_t *set)
{
    string += span(string, set, false);
    return *string ? (uint8_t *)string : NULL;
}

uint8_t *crt_mbstok_s(uint8_t *string, const uint8_t *delimiters, uint8_t **next)
{
    if (!delimiters || !next || (!string && !*next)) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    uint8_t *token = string ? string : *next;
    token += span(token, delimiters, true);
    uint8_t *end = token + span(token, delimiters, false);
    *next = *end ? end + mb_length(end) : end;
    if (end == token)
        return NULL;
    *end = 0;
    return token;
}

uint8_t *crt_mbstok(uint8_t *string, const uint8_t *delimiters)
{
    if (!string && !crt_thread.mbstok_next)
        return NULL;
    return crt_mbstok_s(string, delimiters, &crt_thread.mbstok_next);
}

/* The bytes of whole characters, up to `count` characters or `bytes` bytes. */
static size_t whole_characters(const uint8_t *source, size_t count, size_t bytes)
{
    const uint8_t *p = source;
    for (; count && !mb_ends(p) && (size_t)(p - source) + mb_length(p) <= bytes; count--)
        p += mb_length(p);
    return p - source;
}

uint8_t *crt_mbsncat(uint8_t *target, const uint8_t *source, size_t count)
{
    uint8_t *end = target + strlen((char *)target);
    size_t length = whole_characters(source, count, SIZE_MAX);
    memcpy(end, source, length);
    end[length] = 0;
    return target;
}

uint8_t *crt_mbsnbcat(uint8_t *target, const uint8_t *source, size_t count)
{
    uint8_t *end = target + strlen((char *)target);
    size_t length = whole_characters(source, SIZE_MAX, count);
    memcpy(end, source, length);
    end[length] = 0;
    return target;
}

/* What is left of `count` after the source's end is filled with NULs; two of them stand for half a character.
 */
uint8_t *crt_mbsncpy(uint8_t *target, const uint8_t *source, size_t count)
{
    uint8_t *out = target;
    for (; count && !mb_ends(source); count--) {
        size_t length = mb_length(source);
        memcpy(out, source, length);
        out += length;
        source += length;
    }
    memset(out, 0, count && *source ? count + 1 : count);
    return target;
}

uint8_t *crt_mbsnbcpy(uint8_t *target, const uint8_t *source, size_t count)
{
    size_t length = whole_characters(source, SIZE_MAX, count);
    memcpy(target, source, length);
    memset(target + length, 0, count - length);
    return target;
}

/* Case of a character does not change its length. What need not change is not written: it may be constant. */
static uint8_t *change_case(uint8_t *string, unsigned (*change)(unsigned))
{
    for (uint8_t *p = string; *p;) {
        size_t length = mb_length(p);
        unsigned old = mb_character(p), c = change(old);
        if (c != old && length == 2)
            p[0] = c >> 8;
        if (c != old)
            p[length - 1] = (uint8_t)c;
        p += length;
    }
    return string;
}

uint8_t *crt_mbslwr(uint8_t *string)
{
    return change_case(string, crt_mbctolower);
}

uint8_t *crt_mbsupr(uint8_t *string)
{
    return change_case(string, crt_mbctoupper);
}

static void swap_bytes(uint8_t *a, uint8_t *b)
{
    uint8_t byte = *a;
    *a = *b;
    *b = byte;
}

/* Turns each pair round, and then the whole. */
uint8_t *crt_mbsrev(uint8_t *string)
{
    uint8_t *end = string;
    while (*end) {
        size_t length = mb_length(end);
        if (length == 2)
            swap_bytes(end, end + 1);
        end += length;
    }
    for (uint8_t *low = string, *high = end; low < --high; low++)
        swap_bytes(low, high);
    return string;
}

/* Puts `c` in the place of up to `bytes` bytes; half a place at the end becomes a blank. */
static uint8_t *fill(uint8_t *string, unsigned c, size_t bytes)
{
    size_t left = strnlen((char *)string, bytes);
    uint8_t *p = string;
    if (c < 256) {
        memset(p, (int)c, left);
        return string;
    }
    for (; left > 1; left -= 2) {
        *p++ = c >> 8;
        *p++ = (uint8_t)c;
    }
    if (left)
        *p = ' ';
    return string;
}

uint8_t *crt_mbsset(uint8_t *string, unsigned c)
{
    return fill(string, c, SIZE_MAX);
}

uint8_t *crt_mbsnbset(uint8_t *string, unsigned c, size_t count)
{
    return fill(string, c, count);
}

uint8_t *crt_mbsnset(uint8_t *string, unsigned c, size_t count)
{
    return fill(string, c, c < 256 ? count : 2 * count);
}
