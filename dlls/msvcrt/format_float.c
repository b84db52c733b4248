#include <math.h>
#include <stdint.h>
#include <string.h>
#include "dlls/msvcrt/format_float.h"

#define SIGNIFICAND_BITS 52
#define HEX_DIGITS       13 /* of a significand, after the point */

static bool is_upper_case(char conversion)
{
    return conversion >= 'A' && conversion <= 'Z';
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* "e+005", with at least the wanted number of digits. */
static size_t write_exponent(char *text, char letter, int exponent, int digits)
{
    char reversed[8];
    int count = 0;
    char *at = text;

    *at++ = letter;
    *at++ = exponent < 0 ? '-' : '+';
    for (int rest = exponent < 0 ? -exponent : exponent; rest || count < digits; rest /= 10)
        reversed[count++] = (char)('0' + rest % 10);
    while (count)
        *at++ = reversed[--count];
    return (size_t)(at - text);
}

/* The digits from the `from`th on, `length` of them; those that are not there are zeros. */
static void add_digits(struct number_text *number, const struct decimal *decimal, size_t from, size_t length)
{
    size_t count = (size_t)decimal->count;
    size_t present = from < count ? smaller(count - from, length) : 0;
    number_add(number, decimal->digits + from, present, length - present);
}

static void add_point(struct number_text *number, struct float_text *text, const struct float_style *style,
                      size_t zeros)
{
    text->point = style->decimal_point;
    number_add(number, &text->point, 1, zeros);
}

static void lay_out_fixed(struct number_text *number, struct float_text *text,
                          const struct float_style *style, size_t precision)
{
    int point = text->decimal.point;

    if (point > 0)
        add_digits(number, &text->decimal, 0, (size_t)point);
    else
        number_add(number, "0", 1, 0);
    if (precision == 0 && !style->alternate)
        return;
    size_t zeros = point < 0 ? smaller((size_t)-point, precision) : 0;
    add_point(number, text, style, zeros);
    add_digits(number, &text->decimal, point > 0 ? (size_t)point : 0, precision - zeros);
}

static void lay_out_exponent(struct number_text *number, struct float_text *text,
                             const struct float_style *style, size_t precision)
{
    char letter = is_upper_case(style->conversion) ? 'E' : 'e';

    add_digits(number, &text->decimal, 0, 1);
    if (precision || style->alternate) {
        add_point(number, text, style, 0);
        add_digits(number, &text->decimal, 1, precision);
    }
    size_t length = write_exponent(text->exponent, letter, text->decimal.point - 1, style->exponent_digits);
    number_add(number, text->exponent, length, 0);
}

/* How many digits after the point are left when trailing zeros go. */
static size_t crop_zeros(struct decimal *decimal, int digits_before_point)
{
    while (decimal->count > 1 && decimal->digits[decimal->count - 1] == '0')
        decimal->count--;
    return decimal->count > digits_before_point ? (size_t)(decimal->count - digits_before_point) : 0;
}

/* %g: whichever of the two is shorter. */
static void lay_out_general(struct number_text *number, struct float_text *text,
                            const struct float_style *style, size_t digits)
{
    struct decimal *decimal = &text->decimal;
    int exponent = decimal->point - 1;

    if (exponent < -4 || (exponent >= 0 && (size_t)exponent >= digits))
        lay_out_exponent(number, text, style, style->alternate ? digits - 1 : crop_zeros(decimal, 1));
    else
        lay_out_fixed(number, text, style,
                      style->alternate ? digits - 1 - exponent : crop_zeros(decimal, decimal->point));
}

/* Rounds half away from zero to the wanted number of hexadecimal digits, which may carry into the digit
 * before the point. */
static uint64_t round_significand(uint64_t significand, size_t digits)
{
    if (digits >= HEX_DIGITS)
        return significand;
    int dropped = 4 * (HEX_DIGITS - (int)digits);
    return (significand + ((uint64_t)1 << (dropped - 1))) >> dropped << dropped;
}

static void write_hex_digits(char *text, uint64_t significand, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    for (int i = 0; i <= HEX_DIGITS; i++)
        text[i] = digits[significand >> (4 * (HEX_DIGITS - i)) & 0xF];
}

static void lay_out_hexadecimal(struct number_text *number, struct float_text *text, double value,
                                const struct float_style *style)
{
    bool upper = is_upper_case(style->conversion);
    struct decimal *decimal = &text->decimal;
    size_t precision = style->precision < 0 ? HEX_DIGITS : (size_t)style->precision;
    uint64_t bits;
    int exponent = 0;

    memcpy(&bits, &value, sizeof bits);
    decimal->negative = bits >> 63;
    memcpy(number->prefix, upper ? "0X" : "0x", 2);
    number->prefix_length = 2;
    if (isfinite(value)) {
        int biased = (int)(bits >> SIGNIFICAND_BITS & 0x7FF);
        uint64_t significand = bits & (((uint64_t)1 << SIGNIFICAND_BITS) - 1);
        if (biased)
            significand |= (uint64_t)1 << SIGNIFICAND_BITS;
        if (significand)
            exponent = (biased ? biased : 1) - 1023;
        write_hex_digits(decimal->digits, round_significand(significand, precision), upper);
        decimal->count = HEX_DIGITS + 1;
    } else {
        decimal_significant(decimal, value, precision + 1, DECIMAL_FROM_17_DIGITS);
    }
    add_digits(number, decimal, 0, 1);
    if (precision || style->alternate) {
        add_point(number, text, style, 0);
        add_digits(number, decimal, 1, precision);
    }
    number_add(number, text->exponent, write_exponent(text->exponent, upper ? 'P' : 'p', exponent, 1), 0);
}

/* inf, nan, nan(ind) and nan(snan). */
static void name_non_finite(struct number_text *number, struct float_text *text, double value,
                            const struct float_style *style)
{
    static const char *const names[][2] = {
        {"inf", "INF"}, {"nan", "NAN"}, {"nan(snan)", "NAN(SNAN)"}, {"nan(ind)", "NAN(IND)"}};
    const char *digits = text->decimal.digits;

    decimal_significant(&text->decimal, value, DECIMAL_DIGITS, DECIMAL_FROM_17_DIGITS);
    int kind = digits[2] == 'Q' ? 1 : digits[2] == 'S' ? 2 : digits[3] == 'N' && digits[4] == 'D' ? 3 : 0;
    const char *name = names[kind][is_upper_case(style->conversion)];
    number_add(number, name, strlen(name), 0);
}

void format_float(struct number_text *number, struct float_text *text, double value,
                  const struct float_style *style)
{
    size_t precision = style->precision < 0 ? 6 : (size_t)style->precision;

    number->piece_count = 0;
    number->prefix_length = 0;
    if (!style->legacy && !isfinite(value)) {
        name_non_finite(number, text, value, style);
        return;
    }
    switch (style->conversion) {
    case 'e':
    case 'E':
        decimal_significant(&text->decimal, value, precision + 1, style->rounding);
        lay_out_exponent(number, text, style, precision);
        break;
    case 'f':
    case 'F':
        decimal_fraction(&text->decimal, value, precision, style->rounding);
        lay_out_fixed(number, text, style, precision);
        break;
    case 'g':
    case 'G':
        if (precision == 0)
            precision = 1;
        decimal_significant(&text->decimal, value, precision, style->rounding);
        lay_out_general(number, text, style, precision);
        break;
    default:
        lay_out_hexadecimal(number, text, value, style);
    }
}
