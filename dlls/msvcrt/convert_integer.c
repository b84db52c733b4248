/* Integers from text and to text. Windows' long is an int here. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/ctype.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/thread_data.h"

struct number {
    uint64_t magnitude;
    bool negative;
    bool overflow; /* of 64 bits */
};

/* 36 for what is no digit. */
static int digit_value(WCHAR c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    WCHAR letter = c | 0x20;
    return letter >= 'a' && letter <= 'z' ? letter - 'a' + 10 : 36;
}

/* Of all scripts, but not their letters. */
static int wide_digit_value(WCHAR c)
{
    static const WCHAR zeros[] = {0x660, 0x6f0, 0x966, 0x9e6, 0xa66,  0xae6,  0xb66,  0xc66, 0xce6,
                                  0xd66, 0xe50, 0xed0, 0xf20, 0x1040, 0x17e0, 0x1810, 0xff10};
    if (c < zeros[0])
        return digit_value(c);
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++) {
        if (c >= zeros[i] && c < zeros[i] + 10)
            return c - zeros[i];
    }
    return 36;
}

static void add_digit(struct number *number, int digit, int base)
{
    uint64_t next;
    number->overflow |= __builtin_mul_overflow(number->magnitude, (uint64_t)base, &next) ||
                        __builtin_add_overflow(next, (uint64_t)digit, &next);
    number->magnitude = next;
}

/* Defines a reader for one kind of character, which returns where the number ends: at `text` itself where
 * there is none. Base 0 takes the base from the number's own prefix. */
#define DEFINE_READER(name, CHARACTER, IS_SPACE, DIGIT_VALUE)                            \
    static const CHARACTER *name(const CHARACTER *text, int base, struct number *number) \
    {                                                                                    \
        const CHARACTER *p = text;                                                       \
        *number = (struct number){0};                                                    \
        while (IS_SPACE(*p))                                                             \
            p++;                                                                         \
        number->negative = *p == '-';                                                    \
        p += *p == '-' || *p == '+';                                                     \
        bool hexadecimal = DIGIT_VALUE(p[0]) == 0 && (p[1] == 'x' || p[1] == 'X');       \
        if (base == 0)                                                                   \
            base = hexadecimal ? 16 : DIGIT_VALUE(*p) == 0 ? 8 : 10;                     \
        if (base == 16 && hexadecimal)                                                   \
            p += 2;                                                                      \
        const CHARACTER *digits = p;                                                     \
        for (int digit; (digit = DIGIT_VALUE(*p)) < base; p++)                           \
            add_digit(number, digit, base);                                              \
        return p == digits ? text : p;                                                   \
    }

#define NARROW_SPACE(c) ctype_has((uint8_t)(c), CTYPE_SPACE)
#define WIDE_SPACE(c)   crt_iswctype((c), CTYPE_SPACE)

DEFINE_READER(read_narrow, char, NARROW_SPACE, digit_value)
DEFINE_READER(read_wide, WCHAR, WIDE_SPACE, wide_digit_value)

static int64_t to_signed(const struct number *number, int64_t lowest, int64_t highest)
{
    uint64_t limit = number->negative ? -(uint64_t)lowest : (uint64_t)highest;
    if (number->overflow || number->magnitude > limit) {
        crt_thread.error = CRT_ERANGE;
        return number->negative ? lowest : highest;
    }
    return (int64_t)(number->negative ? -number->magnitude : number->magnitude);
}

/* A minus sign is allowed and negates, even the largest number that stands for all that are too large. */
static uint64_t to_unsigned(const struct number *number, uint64_t highest)
{
    uint64_t magnitude = number->magnitude;
    if (number->overflow || magnitude > highest) {
        crt_thread.error = CRT_ERANGE;
        magnitude = highest;
    }
    return number->negative ? -magnitude : magnitude;
}

static bool arguments_are_valid(const void *text, int base)
{
    if (text && (base == 0 || (base >= 2 && base <= 36)))
        return true;
    crt_invalid_parameter(CRT_EINVAL);
    return false;
}

/* strtol and its kin for one kind of character. */
#define DEFINE_CONVERSIONS(CHARACTER, READ, TO_LONG, TO_ULONG, TO_INT64, TO_UINT64)                        \
    static bool parse_##CHARACTER(const CHARACTER *text, CHARACTER **end, int base, struct number *number) \
    {                                                                                                      \
        if (end)                                                                                           \
            *end = (CHARACTER *)text;                                                                      \
        if (!arguments_are_valid(text, base))                                                              \
            return false;                                                                                  \
        const CHARACTER *stop = READ(text, base, number);                                                  \
        if (end)                                                                                           \
            *end = (CHARACTER *)stop;                                                                      \
        return true;                                                                                       \
    }                                                                                                      \
    int32_t TO_LONG(const CHARACTER *text, CHARACTER **end, int base)                                      \
    {                                                                                                      \
        struct number number;                                                                              \
        return parse_##CHARACTER(text, end, base, &number) ? to_signed(&number, INT32_MIN, INT32_MAX) : 0; \
    }                                                                                                      \
    uint32_t TO_ULONG(const CHARACTER *text, CHARACTER **end, int base)                                    \
    {                                                                                                      \
        struct number number;                                                                              \
        return parse_##CHARACTER(text, end, base, &number) ? to_unsigned(&number, UINT32_MAX) : 0;         \
    }                                                                                                      \
    int64_t TO_INT64(const CHARACTER *text, CHARACTER **end, int base)                                     \
    {                                                                                                      \
        struct number number;                                                                              \
        return parse_##CHARACTER(text, end, base, &number) ? to_signed(&number, INT64_MIN, INT64_MAX) : 0; \
    }                                                                                                      \
    uint64_t TO_UINT64(const CHARACTER *text, CHARACTER **end, int base)                                   \
    {                                                                                                      \
        struct number number;                                                                              \
        return parse_##CHARACTER(text, end, base, &number) ? to_unsigned(&number, UINT64_MAX) : 0;         \
    }

DEFINE_CONVERSIONS(char, read_narrow, crt_strtol, crt_strtoul, crt_strtoi64, crt_strtoui64)
DEFINE_CONVERSIONS(WCHAR, read_wide, crt_wcstol, crt_wcstoul, crt_wcstoi64, crt_wcstoui64)

/* atoi and atol know no range errors: what does not fit loses its upper bits. */
static int truncate(const struct number *number)
{
    return (int)(number->negative ? -number->magnitude : number->magnitude);
}

int crt_atoi(const char *text)
{
    struct number number;
    return parse_char(text, NULL, 10, &number) ? truncate(&number) : 0;
}

int64_t crt_atoi64(const char *text)
{
    return crt_strtoi64(text, NULL, 10);
}

int crt_wtoi(const WCHAR *text)
{
    struct number number;
    return parse_WCHAR(text, NULL, 10, &number) ? truncate(&number) : 0;
}

int64_t crt_wtoi64(const WCHAR *text)
{
    return crt_wcstoi64(text, NULL, 10);
}

/* 64 binary digits, a sign and a terminator. */
#define DIGITS_SIZE 66
#define MAX_RADIX   36

/* The digits from the last to the first, and then the sign; in a radix above 36, they go on after z. */
static size_t write_backwards(char buffer[DIGITS_SIZE], uint64_t magnitude, bool negative, int radix)
{
    size_t length = 0;
    do {
        int digit = (int)(magnitude % radix);
        buffer[length++] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        magnitude /= radix;
    } while (magnitude);
    if (negative)
        buffer[length++] = '-';
    return length;
}

/* Digits that there is no room for leave the others in the order that they were found in, the last one first,
 * after a NUL in the place of the first: programs see it. */
#define DEFINE_PUT(name, CHARACTER)                                                               \
    static int name(uint64_t magnitude, bool negative, CHARACTER *target, size_t size, int radix, \
                    int max_radix)                                                                \
    {                                                                                             \
        char backwards[DIGITS_SIZE];                                                              \
        if (!target || !size)                                                                     \
            return crt_invalid_parameter(CRT_EINVAL);                                             \
        *target = 0;                                                                              \
        if (radix < 2 || radix > max_radix)                                                       \
            return crt_invalid_parameter(CRT_EINVAL);                                             \
        size_t length = write_backwards(backwards, magnitude, negative, radix);                   \
        if (length >= size) {                                                                     \
            size_t sign = negative;                                                               \
            for (size_t i = 1; i < size; i++)                                                     \
                target[i] = backwards[i - sign];                                                  \
            return crt_invalid_parameter(CRT_ERANGE);                                             \
        }                                                                                         \
        for (size_t i = 0; i < length; i++)                                                       \
            target[i] = backwards[length - 1 - i];                                                \
        target[length] = 0;                                                                       \
        return 0;                                                                                 \
    }

DEFINE_PUT(put_narrow, char)
DEFINE_PUT(put_wide, WCHAR)

/* One type's two functions. The old one trusts the caller for room. Only decimal numbers are signed. */
#define DEFINE_WRITER(NAME, CHARACTER, PUT, TYPE, UNSIGNED, IS_NEGATIVE)    \
    int NAME##_s(TYPE value, CHARACTER *target, size_t size, int radix)     \
    {                                                                       \
        bool negative = radix == 10 && (IS_NEGATIVE);                       \
        UNSIGNED magnitude = negative ? -(UNSIGNED)value : (UNSIGNED)value; \
        return PUT(magnitude, negative, target, size, radix, MAX_RADIX);    \
    }                                                                       \
    CHARACTER *NAME(TYPE value, CHARACTER *target, int radix)               \
    {                                                                       \
        bool negative = radix == 10 && (IS_NEGATIVE);                       \
        UNSIGNED magnitude = negative ? -(UNSIGNED)value : (UNSIGNED)value; \
        PUT(magnitude, negative, target, DIGITS_SIZE, radix, INT_MAX);      \
        return target;                                                      \
    }

DEFINE_WRITER(crt_itoa, char, put_narrow, int32_t, uint32_t, value < 0)
DEFINE_WRITER(crt_ultoa, char, put_narrow, uint32_t, uint32_t, false)
DEFINE_WRITER(crt_i64toa, char, put_narrow, int64_t, uint64_t, value < 0)
DEFINE_WRITER(crt_ui64toa, char, put_narrow, uint64_t, uint64_t, false)
DEFINE_WRITER(crt_itow, WCHAR, put_wide, int32_t, uint32_t, value < 0)
DEFINE_WRITER(crt_ultow, WCHAR, put_wide, uint32_t, uint32_t, false)
DEFINE_WRITER(crt_i64tow, WCHAR, put_wide, int64_t, uint64_t, value < 0)
DEFINE_WRITER(crt_ui64tow, WCHAR, put_wide, uint64_t, uint64_t, false)
