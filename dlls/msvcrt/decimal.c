#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dlls/msvcrt/decimal.h"

#define EXPONENT_BIAS 1075 /* of a double whose significand is read as an integer */
#define SIGNIFICAND   ((uint64_t)1 << 52)
#define QUIET_NAN     ((uint64_t)1 << 51)

/* No double has more significant digits than this. */
#define LONGEST_EXPANSION 767
#define SMALLEST_FRACTION 1074

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536"
                                  "37383940414243444546474849505152535455565758596061626364656667686970717273"
                                  "7475767778798081828384858687888990919293949596979899";

static char *write_small(char *end, uint32_t value)
{
    while (value >= 100) {
        end -= 2;
        memcpy(end, digit_pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        end -= 2;
        memcpy(end, digit_pairs + value * 2, 2);
    } else {
        *--end = (char)('0' + value);
    }
    return end;
}

/* Billions at a time, since 64-bit division is dear, on i386 above all. */
char *decimal_write(char *end, unsigned long long value)
{
    while (value > UINT32_MAX) {
        char *start = end - 9;
        end = write_small(end, (uint32_t)(value % 1000000000));
        while (end > start)
            *--end = '0';
        value /= 1000000000;
    }
    return write_small(end, (uint32_t)value);
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static const char *name_of_non_finite(uint64_t bits)
{
    uint64_t payload = bits & (SIGNIFICAND - 1);
    if (payload == 0)
        return "1#INF";
    if (!(payload & QUIET_NAN))
        return "1#SNAN";
    return payload == QUIET_NAN && bits >> 63 ? "1#IND" : "1#QNAN";
}

/* What needs no arithmetic. */
static bool take_special(struct decimal *decimal, double value)
{
    uint64_t bits = bits_of(value);
    decimal->negative = bits >> 63;
    if (value != 0 && isfinite(value))
        return false;
    const char *digits = value == 0 ? "0" : name_of_non_finite(bits);
    decimal->point = 1;
    decimal->count = (int)strlen(digits);
    memcpy(decimal->digits, digits, decimal->count);
    return true;
}

/* Rounds half away from zero to `count` digits; none and fewer are possible. */
static void round_to(struct decimal *decimal, int count)
{
    if (count >= decimal->count)
        return;
    bool up = count >= 0 && decimal->digits[count] >= '5';
    while (up && count > 0 && decimal->digits[count - 1] == '9')
        count--;
    decimal->count = count > 0 ? count : 0;
    if (!up)
        return;
    if (count > 0) {
        decimal->digits[count - 1]++;
    } else {
        decimal->digits[0] = '1';
        decimal->count = 1;
        decimal->point++;
    }
}

#ifdef __SIZEOF_INT128__

typedef unsigned __int128 uint128;

static const uint64_t powers[] = {1ull,
                                  10ull,
                                  100ull,
                                  1000ull,
                                  10000ull,
                                  100000ull,
                                  1000000ull,
                                  10000000ull,
                                  100000000ull,
                                  1000000000ull,
                                  10000000000ull,
                                  100000000000ull,
                                  1000000000000ull,
                                  10000000000000ull,
                                  100000000000000ull,
                                  1000000000000000ull,
                                  10000000000000000ull,
                                  100000000000000000ull,
                                  1000000000000000000ull,
                                  10000000000000000000ull};

/* A quotient, and whether its remainder is less than half the divisor (-1), half (0) or more (1). */
struct scaled {
    uint64_t quotient;
    int half;
};

static bool divide(uint128 numerator, uint128 divisor, struct scaled *scaled)
{
    uint128 quotient = numerator / divisor;
    uint128 twice = (numerator - quotient * divisor) * 2;
    if (quotient >> 64)
        return false;
    scaled->quotient = (uint64_t)quotient;
    scaled->half = twice < divisor ? -1 : twice > divisor;
    return true;
}

static bool divide_by_power_of_two(uint128 numerator, int power, struct scaled *scaled)
{
    uint128 quotient = numerator >> power;
    uint128 remainder = numerator - (quotient << power);
    uint128 half = (uint128)1 << power >> 1;
    if (quotient >> 64)
        return false;
    scaled->quotient = (uint64_t)quotient;
    scaled->half = remainder < half || power == 0 ? -1 : remainder > half;
    return true;
}

/* value * 10^power, a positive value of ordinary size, without loss. False where 128 bits do not do. */
static bool scale(double value, int power, struct scaled *scaled)
{
    uint64_t bits = bits_of(value);
    int exponent = (int)(bits >> 52 & 0x7FF) - EXPONENT_BIAS;
    uint128 numerator = (bits & (SIGNIFICAND - 1)) | SIGNIFICAND;

    if (exponent > 22 || exponent < -126 || power > 22 || power < -18)
        return false;
    if (exponent > 0) {
        numerator <<= exponent;
        exponent = 0;
    }
    if (power >= 0) {
        int first = power < 19 ? power : 19;
        if (exponent == 0 && power > 15)
            return false;
        numerator *= powers[first];
        numerator *= powers[power - first];
        return divide_by_power_of_two(numerator, -exponent, scaled);
    }
    if (exponent < -60)
        return false;
    return divide(numerator, (uint128)powers[-power] << -exponent, scaled);
}

/* The power of ten just below or at the value, or one less than that. */
static int estimate_exponent(double value)
{
    int binary = (int)(bits_of(value) >> 52 & 0x7FF) - 1023;
    return (int)floor(binary * 0.30102999566398114);
}

/* The value as an integer of `count` digits, 17 at most, and what is left after them. */
static bool scale_to_digits(double value, int count, struct scaled *scaled, int *point)
{
    int exponent = estimate_exponent(value);
    if (!scale(value, count - 1 - exponent, scaled))
        return false;
    if (scaled->quotient >= powers[count]) {
        exponent++;
        if (!scale(value, count - 1 - exponent, scaled))
            return false;
    }
    *point = exponent + 1;
    return true;
}

/* To nearest, without the help of the library; false where that takes more than 128 bits. */
static bool digits_by_arithmetic(struct decimal *decimal, double value, int count, bool ties_away)
{
    struct scaled scaled;
    char *end = decimal->digits + count;

    value = fabs(value);
    if (count < 1 || count > 17 || !scale_to_digits(value, count, &scaled, &decimal->point))
        return false;
    scaled.quotient += scaled.half > 0 || (scaled.half == 0 && (ties_away || (scaled.quotient & 1)));
    if (scaled.quotient == powers[count]) {
        scaled.quotient /= 10;
        decimal->point++;
    }
    decimal_write(end, scaled.quotient);
    decimal->count = count;
    return true;
}

#else

static bool digits_by_arithmetic(struct decimal *decimal, double value, int count, bool ties_away)
{
    return false;
}

#endif

/* Takes over what snprintf printed as D.DDDe+XX. The locale's point does not matter: it is skipped. */
static void take_printed(struct decimal *decimal, char *text, int length)
{
    char *exponent = memchr(text, 'e', length);
    char *digits = decimal->digits;

    for (char *from = text; from < exponent; from++)
        if (*from >= '0' && *from <= '9')
            *digits++ = *from;
    decimal->count = (int)(digits - decimal->digits);
    decimal->point = atoi(exponent + 1) + 1;
}

static void digits_by_library(struct decimal *decimal, double value, size_t count)
{
    char text[LONGEST_EXPANSION + 32];
    if (count > LONGEST_EXPANSION)
        count = LONGEST_EXPANSION;
    take_printed(decimal, text, snprintf(text, sizeof text, "%.*e", (int)count - 1, value));
}

static void seventeen_digits(struct decimal *decimal, double value)
{
    if (!digits_by_arithmetic(decimal, value, 17, false))
        digits_by_library(decimal, value, 17);
}

/* Exactly: what is tried before the library is. */
static bool round_by_arithmetic(struct decimal *decimal, double value, int count,
                                enum decimal_rounding rounding)
{
    if (rounding == DECIMAL_STANDARD && fegetround() != FE_TONEAREST)
        return false;
    return digits_by_arithmetic(decimal, value, count, rounding == DECIMAL_HALF_AWAY);
}

void decimal_significant(struct decimal *decimal, double value, size_t digits, enum decimal_rounding rounding)
{
    if (digits > LONGEST_EXPANSION)
        digits = LONGEST_EXPANSION;
    if (take_special(decimal, value)) {
        round_to(decimal, (int)digits);
    } else if (rounding == DECIMAL_FROM_17_DIGITS) {
        seventeen_digits(decimal, value);
        round_to(decimal, (int)digits);
    } else if (!round_by_arithmetic(decimal, value, (int)digits, rounding)) {
        digits_by_library(decimal, value, rounding == DECIMAL_STANDARD ? digits : LONGEST_EXPANSION);
        round_to(decimal, (int)digits);
    }
}

/* A number of which only zeros are left still says where its digits would stand. */
static void fraction_by_library(struct decimal *decimal, double value, int digits)
{
    int length = snprintf(decimal->digits, sizeof decimal->digits, "%.*f", digits, fabs(value));
    int whole = digits ? length - digits - 1 : length;

    memmove(decimal->digits + whole, decimal->digits + length - digits, digits);
    decimal->count = whole + digits;
    decimal->point = whole;
}

/* Before rounding, a value's digits say where the point is, and so how many of them are wanted. */
static bool fraction_by_arithmetic(struct decimal *decimal, double value, int digits,
                                   enum decimal_rounding rounding)
{
    int point = decimal->point;
    return round_by_arithmetic(decimal, value, point + digits, rounding) && decimal->point == point;
}

void decimal_fraction(struct decimal *decimal, double value, size_t digits, enum decimal_rounding rounding)
{
    int wanted = digits < SMALLEST_FRACTION ? (int)digits : SMALLEST_FRACTION;

    if (take_special(decimal, value)) {
        round_to(decimal, decimal->point + wanted);
        return;
    }
    seventeen_digits(decimal, value);
    if (rounding == DECIMAL_FROM_17_DIGITS) {
        round_to(decimal, decimal->point + wanted);
    } else if (fraction_by_arithmetic(decimal, value, wanted, rounding)) {
        return;
    } else if (rounding == DECIMAL_STANDARD) {
        fraction_by_library(decimal, value, wanted);
    } else {
        digits_by_library(decimal, value, LONGEST_EXPANSION);
        round_to(decimal, decimal->point + wanted);
    }
}
