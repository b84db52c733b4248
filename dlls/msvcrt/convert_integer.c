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

static int digit_value(WCHAR c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    WCHAR letter = c | 0x20;
    return letter >= 'a' && letter <= 'z' ? letter - 'a' + 10 : 36;
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
#define DEFINE_READER(name, CHARACTER, IS_SPACE)                                         \
    static const CHARACTER *name(const CHARACTER *text, int base, struct number *number) \
    {                                                                                    \
        const CHARACTER *p = text;                                                       \
        *number = (struct number){0};                                                    \
        while (IS_SPACE(*p))                                                             \
            p++;                                                                         \
        number->negative = *p == '-';                                                    \
        p += *p == '-' || *p == '+';                                                     \
        bool hexadecimal = p[0] == '0' && (p[1] == 'x' || p[1] == 'X');                  \
        if (base == 0)                                                                   \
            base = hexadecimal ? 16 : *p == '0' ? 8 : 10;                                \
        if (base == 16 && hexadecimal)                                                   \
            p += 2;                                                                      \
        const CHARACTER *digits = p;                                                     \
        for (int digit; (digit = digit_value(*p)) < base; p++)                           \
            add_digit(number, digit, base);                                              \
        return p == digits ? text : p;                                                   \
    }

#define NARROW_SPACE(c) ctype_has((uint8_t)(c), CTYPE_SPACE)
#define WIDE_SPACE(c)   crt_iswctype((c), CTYPE_SPACE)

DEFINE_READER(read_narrow, char, NARROW_SPACE)
DEFINE_READER(read_wide, WCHAR, WIDE_SPACE)

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

/* Writes the number at the buffer's end and returns where it begins. */
static char *write_digits(char buffer[DIGITS_SIZE], uint64_t magnitude, bool negative, int radix)
{
    char *p = buffer + DIGITS_SIZE - 1;
    *p = 0;
    do {
        *--p = "0123456789abcdefghijklmnopqrstuvwxyz"[magnitude % radix];
        magnitude /= radix;
    } while (magnitude);
    if (negative)
        *--p = '-';
    return p;
}

static int put_narrow(uint64_t magnitude, bool negative, char *target, size_t size, int radix)
{
    char buffer[DIGITS_SIZE];
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    *target = 0;
    if (radix < 2 || radix > 36)
        return crt_invalid_parameter(CRT_EINVAL);
    const char *digits = write_digits(buffer, magnitude, negative, radix);
    size_t needed = buffer + DIGITS_SIZE - digits;
    if (needed > size)
        return crt_invalid_parameter(CRT_ERANGE);
    memcpy(target, digits, needed);
    return 0;
}

static int put_wide(uint64_t magnitude, bool negative, WCHAR *target, size_t size, int radix)
{
    char digits[DIGITS_SIZE];
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    *target = 0;
    int error = put_narrow(magnitude, negative, digits, size < sizeof digits ? size : sizeof digits, radix);
    for (const char *p = digits; !error && (*target++ = *p++) != 0;)
        ;
    return error;
}

/* The old functions trust the caller for room. Only decimal numbers are signed. */
#define DEFINE_WRITERS(CHARACTER, PUT, FROM_INT, FROM_UINT, FROM_INT64, FROM_UINT64, FROM_INT_S,  \
                       FROM_UINT_S, FROM_INT64_S, FROM_UINT64_S)                                  \
    int FROM_INT64_S(int64_t value, CHARACTER *target, size_t size, int radix)                    \
    {                                                                                             \
        bool negative = radix == 10 && value < 0;                                                 \
        return PUT(negative ? -(uint64_t)value : (uint64_t)value, negative, target, size, radix); \
    }                                                                                             \
    int FROM_UINT64_S(uint64_t value, CHARACTER *target, size_t size, int radix)                  \
    {                                                                                             \
        return PUT(value, false, target, size, radix);                                            \
    }                                                                                             \
    int FROM_INT_S(int32_t value, CHARACTER *target, size_t size, int radix)                      \
    {                                                                                             \
        bool negative = radix == 10 && value < 0;                                                 \
        return PUT(negative ? -(uint32_t)value : (uint32_t)value, negative, target, size, radix); \
    }                                                                                             \
    int FROM_UINT_S(uint32_t value, CHARACTER *target, size_t size, int radix)                    \
    {                                                                                             \
        return PUT(value, false, target, size, radix);                                            \
    }                                                                                             \
    CHARACTER *FROM_INT(int32_t value, CHARACTER *target, int radix)                              \
    {                                                                                             \
        FROM_INT_S(value, target, DIGITS_SIZE, radix);                                            \
        return target;                                                                            \
    }                                                                                             \
    CHARACTER *FROM_UINT(uint32_t value, CHARACTER *target, int radix)                            \
    {                                                                                             \
        FROM_UINT_S(value, target, DIGITS_SIZE, radix);                                           \
        return target;                                                                            \
    }                                                                                             \
    CHARACTER *FROM_INT64(int64_t value, CHARACTER *target, int radix)                            \
    {                                                                                             \
        FROM_INT64_S(value, target, DIGITS_SIZE, radix);                                          \
        return target;                                                                            \
    }                                                                                             \
    CHARACTER *FROM_UINT64(uint64_t value, CHARACTER *target, int radix)                          \
    {                                                                                             \
        FROM_UINT64_S(value, target, DIGITS_SIZE, radix);                                         \
        return target;                                                                            \
    }

DEFINE_WRITERS(char, put_narrow, crt_itoa, crt_ultoa, crt_i64toa, crt_ui64toa, crt_itoa_s, crt_ultoa_s,
               crt_i64toa_s, crt_ui64toa_s)
DEFINE_WRITERS(WCHAR, put_wide, crt_itow, crt_ultow, crt_i64tow, crt_ui64tow, crt_itow_s, crt_ultow_s,
               crt_i64tow_s, crt_ui64tow_s)
