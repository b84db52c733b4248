/* Decimal digits of doubles. */
#ifndef MSVCRT_DECIMAL_H
#define MSVCRT_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

/* A double has at most 309 digits before the point and 1074 after it. */
#define DECIMAL_DIGITS 1400

/* How digits that are not shown decide the last that is. */
enum decimal_rounding {
    /* msvcrt.dll: to nearest at 17 significant digits, after which there are zeros, and from these half away
     * from zero. */
    DECIMAL_FROM_17_DIGITS,
    /* The Universal CRT before it followed IEEE 754: exactly, half away from zero. */
    DECIMAL_HALF_AWAY,
    /* IEEE 754: exactly, in the thread's rounding mode. */
    DECIMAL_STANDARD,
};

/* 0.DIGITS times ten to the power of `point`. Digits after the last are zeros. Infinities and NaNs
 * have the digits "1#INF", "1#QNAN", "1#SNAN" or "1#IND", which are rounded like any others: that is
 * how msvcrt.dll comes to print 1.#J. */
struct decimal {
    bool negative;
    int point;
    int count;
    char digits[DECIMAL_DIGITS];
};

/* Rounded to `digits` significant digits, of which there is at least one. */
void decimal_significant(struct decimal *decimal, double value, size_t digits,
                         enum decimal_rounding rounding);

/* Rounded to `digits` digits after the decimal point. */
void decimal_fraction(struct decimal *decimal, double value, size_t digits, enum decimal_rounding rounding);

/* Writes a number's digits before `end` and returns where they begin. */
char *decimal_write(char *end, unsigned long long value);

#endif
