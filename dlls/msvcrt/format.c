#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include "dlls/msvcrt/format.h"
#include "dlls/msvcrt/format_float.h"
#include "dlls/msvcrt/format_directive.h"

static_assert(sizeof(wchar_t) == 2, "wide text is UTF-16");

/* 64 bits in octal, the longest. */
#define INTEGER_DIGITS 22

struct formatter {
    struct format_sink *sink;
    const struct format_locale *locale;
    unsigned options;
    bool wide;
    bool failed;
    uint64_t count; /* characters so far */
    guest_va_list arguments;
    const struct format_positions *positions; /* NULL: arguments are taken in their order */
};

static inline void put_bytes(struct formatter *f, const void *bytes, size_t size)
{
    struct format_sink *sink = f->sink;

    f->count += size >> f->wide;
    if (size <= (size_t)(sink->limit - sink->cursor)) {
        memcpy(sink->cursor, bytes, size);
        sink->cursor += size;
    } else if (!f->failed && !sink->overflow(sink, bytes, size)) {
        f->failed = true;
    }
}

static void put_widened(struct formatter *f, const char *text, size_t length)
{
    wchar_t units[64];
    while (length) {
        size_t count = length < 64 ? length : 64;
        for (size_t i = 0; i < count; i++)
            units[i] = (unsigned char)text[i];
        put_bytes(f, units, count * sizeof *units);
        text += count;
        length -= count;
    }
}

/* Text that is ASCII, such as a number's. */
static inline void put_ascii(struct formatter *f, const char *text, size_t length)
{
    if (f->wide)
        put_widened(f, text, length);
    else
        put_bytes(f, text, length);
}

static void put_fill(struct formatter *f, char fill, size_t count)
{
    char text[64];

    if (f->count + count > INT_MAX)
        f->failed = true;
    memset(text, fill, count < sizeof text ? count : sizeof text);
    while (count && !f->failed) {
        size_t part = count < sizeof text ? count : sizeof text;
        put_ascii(f, text, part);
        count -= part;
    }
}

static void put_unit(struct formatter *f, unsigned unit)
{
    wchar_t wide = (wchar_t)unit;
    char narrow = (char)unit;
    put_bytes(f, f->wide ? (const void *)&wide : (const void *)&narrow,
              f->wide ? sizeof wide : sizeof narrow);
}

static size_t padding(const struct directive *d, size_t length)
{
    return (size_t)d->width > length ? (size_t)d->width - length : 0;
}

static void put_number(struct formatter *f, const struct directive *d, const struct number_text *number)
{
    size_t length = number->prefix_length;
    for (size_t i = 0; i < number->piece_count; i++)
        length += number->pieces[i].length + number->pieces[i].zeros;
    size_t fill = padding(d, length);

    if (fill && !d->left && !d->zero)
        put_fill(f, ' ', fill);
    if (number->prefix_length)
        put_ascii(f, number->prefix, number->prefix_length);
    if (fill && !d->left && d->zero)
        put_fill(f, '0', fill);
    for (const struct text_piece *piece = number->pieces; piece < number->pieces + number->piece_count;
         piece++) {
        if (piece->length)
            put_ascii(f, piece->text, piece->length);
        if (piece->zeros)
            put_fill(f, '0', piece->zeros);
    }
    if (fill && d->left)
        put_fill(f, ' ', fill);
}

static void add_sign(struct number_text *number, const struct directive *d, bool negative)
{
    char sign = negative ? '-' : d->plus ? '+' : d->space ? ' ' : 0;
    if (!sign)
        return;
    memmove(number->prefix + 1, number->prefix, number->prefix_length);
    number->prefix[0] = sign;
    number->prefix_length++;
}

static void go_to_argument(struct formatter *f, unsigned position)
{
    if (position && f->positions)
        f->arguments = f->positions->arguments + f->positions->offsets[position];
}

/* A negative width is the flag '-' and a width; a negative precision is none. */
static void take_width_and_precision(struct formatter *f, struct directive *d)
{
    if (d->width_argument) {
        go_to_argument(f, d->width_position);
        d->width = (int)guest_va_int(&f->arguments);
        if (d->width < 0) {
            d->left = true;
            d->width = d->width == INT_MIN ? INT_MAX : -d->width;
        }
    }
    if (d->precision_argument) {
        go_to_argument(f, d->precision_position);
        d->precision = (int)guest_va_int(&f->arguments);
        if (d->precision < 0)
            d->precision = -1;
    }
}

static uint64_t take_integer(struct formatter *f, const struct directive *d)
{
    if (directive_argument_size(d) == 8)
        return guest_va_int64(&f->arguments);
    uint32_t value = guest_va_int(&f->arguments);
    bool is_signed = d->conversion == 'd' || d->conversion == 'i';
    if (d->sizes & SIZE_CHAR)
        return is_signed ? (uint64_t)(int8_t)value : (uint8_t)value;
    if (d->sizes & SIZE_SHORT)
        return is_signed ? (uint64_t)(int16_t)value : (uint16_t)value;
    return is_signed ? (uint64_t)(int32_t)value : value;
}

static char *write_in_power_of_two(char *end, uint64_t value, int bits, const char *digits)
{
    for (; value; value >>= bits)
        *--end = digits[value & ((1u << bits) - 1)];
    return end;
}

static char *write_digits(char *end, uint64_t value, unsigned conversion)
{
    if (value == 0)
        return end;
    switch (conversion) {
    case 'o':
        return write_in_power_of_two(end, value, 3, "01234567");
    case 'x':
        return write_in_power_of_two(end, value, 4, "0123456789abcdef");
    case 'X':
    case 'p':
        return write_in_power_of_two(end, value, 4, "0123456789ABCDEF");
    default:
        return decimal_write(end, value);
    }
}

static void put_integer(struct formatter *f, struct directive *d)
{
    char digits[INTEGER_DIGITS];
    char *end = digits + sizeof digits;
    struct number_text number;
    uint64_t value = take_integer(f, d);
    bool is_signed = d->conversion == 'd' || d->conversion == 'i';
    bool negative = is_signed && (int64_t)value < 0;

    if (d->precision >= 0)
        d->zero = false;
    else
        d->precision = 1;
    char *start = write_digits(end, negative ? 0 - value : value, d->conversion);
    size_t length = (size_t)(end - start);
    size_t zeros = (size_t)d->precision > length ? (size_t)d->precision - length : 0;
    if (d->conversion == 'o' && d->alternate && zeros == 0)
        zeros = 1;

    number.prefix_length = 0;
    number.piece_count = 0;
    if (d->alternate && value && (d->conversion | 0x20) == 'x') {
        number.prefix[0] = '0';
        number.prefix[1] = (char)d->conversion;
        number.prefix_length = 2;
    }
    if (is_signed)
        add_sign(&number, d, negative);
    if (zeros)
        number_add(&number, NULL, 0, zeros);
    number_add(&number, start, length, 0);
    put_number(f, d, &number);
}

/* Every digit of a pointer, in upper case. */
static void put_pointer(struct formatter *f, struct directive *d)
{
    d->precision = 2 * sizeof(void *);
    d->conversion = 'X';
    d->sizes = SIZE_POINTER;
    put_integer(f, d);
}

static enum decimal_rounding rounding_of(unsigned options)
{
    if (options & FORMAT_FROM_17_DIGITS)
        return DECIMAL_FROM_17_DIGITS;
    return options & FORMAT_STANDARD_ROUNDING ? DECIMAL_STANDARD : DECIMAL_HALF_AWAY;
}

static void put_float(struct formatter *f, struct directive *d)
{
    struct float_style style = {
        .conversion = (char)d->conversion,
        .alternate = d->alternate,
        .legacy = (f->options & FORMAT_LEGACY_MSVCRT) != 0,
        .decimal_point = f->locale->decimal_point,
        .precision = d->precision,
        .exponent_digits = f->options & FORMAT_THREE_DIGIT_EXPONENTS ? 3 : 2,
        .rounding = rounding_of(f->options),
    };
    struct number_text number;
    struct float_text text;

    format_float(&number, &text, guest_va_double(&f->arguments), &style);
    add_sign(&number, d, text.decimal.negative);
    put_number(f, d, &number);
}

/* Whether the argument is wide text: its size says so, or else the function's own width and the
 * conversion's case. */
static bool is_wide_argument(const struct formatter *f, const struct directive *d)
{
    bool wide_by_nature = f->wide && (f->options & FORMAT_LEGACY_WIDE_SPECIFIERS);

    if (d->sizes & (SIZE_LONG | SIZE_WIDE))
        return true;
    if (d->sizes & (SIZE_CHAR | SIZE_SHORT))
        return false;
    if (d->conversion == 'C' || d->conversion == 'S')
        return !wide_by_nature;
    return d->conversion != 'Z' && wide_by_nature;
}

/* A character that the locale lacks ends the output with an error. */
static void put_wide_as_narrow(struct formatter *f, const wchar_t *text, size_t length)
{
    char bytes[FORMAT_CHARACTER_BYTES];
    while (length && !f->failed) {
        size_t used = 1;
        int size = f->locale->narrow(bytes, text, length, &used);
        if (size < 0) {
            f->failed = true;
            return;
        }
        put_bytes(f, bytes, (size_t)size);
        text += used;
        length -= used;
    }
}

static void put_narrow_as_wide(struct formatter *f, const char *text, size_t length)
{
    wchar_t units[2];
    while (length && !f->failed) {
        size_t used = 1;
        int count = f->locale->widen(units, text, length, &used);
        if (count < 0) {
            f->failed = true;
            return;
        }
        put_bytes(f, units, (size_t)count * sizeof *units);
        text += used;
        length -= used;
    }
}

/* In units of the text itself, whatever width they are put out in. */
static void put_text(struct formatter *f, const struct directive *d, const void *text, size_t length,
                     bool wide)
{
    size_t fill = padding(d, length);

    if (fill && !d->left)
        put_fill(f, d->zero ? '0' : ' ', fill);
    if (wide == f->wide)
        put_bytes(f, text, length << wide);
    else if (wide)
        put_wide_as_narrow(f, text, length);
    else
        put_narrow_as_wide(f, text, length);
    if (fill && d->left)
        put_fill(f, ' ', fill);
}

/* A single character that cannot be converted is left out, and is no error. */
static void put_character(struct formatter *f, const struct directive *d)
{
    unsigned value = guest_va_int(&f->arguments);
    bool wide = is_wide_argument(f, d);
    wchar_t unit = (wchar_t)value;
    char byte = (char)value;
    size_t used;

    if (wide && !f->wide) {
        char bytes[FORMAT_CHARACTER_BYTES];
        int size = f->locale->narrow(bytes, &unit, 1, &used);
        put_text(f, d, bytes, size < 0 ? 0 : (size_t)size, false);
    } else if (!wide && f->wide) {
        wchar_t units[2];
        int count = f->locale->widen(units, &byte, 1, &used);
        put_text(f, d, units, count < 0 ? 0 : (size_t)count, true);
    } else {
        put_text(f, d, wide ? (const void *)&unit : (const void *)&byte, 1, wide);
    }
}

static size_t wide_length(const wchar_t *text, size_t limit)
{
    size_t length = 0;
    while (length < limit && text[length])
        length++;
    return length;
}

static void put_string(struct formatter *f, const struct directive *d)
{
    const void *text = guest_va_pointer(&f->arguments);
    bool wide = is_wide_argument(f, d);
    size_t limit = d->precision < 0 ? SIZE_MAX / 2 : (size_t)d->precision;

    if (!text)
        text = wide ? (const void *)L"(null)" : "(null)";
    put_text(f, d, text, wide ? wide_length(text, limit) : strnlen(text, limit), wide);
}

/* ANSI_STRING or UNICODE_STRING. */
struct counted_string {
    uint16_t bytes;
    uint16_t capacity;
    const void *text;
};

static void put_counted_string(struct formatter *f, const struct directive *d)
{
    const struct counted_string *string = guest_va_pointer(&f->arguments);
    bool wide = is_wide_argument(f, d);
    const void *text = string ? string->text : NULL;
    size_t length = text ? (size_t)string->bytes >> wide : strlen("(null)");

    if (!text)
        text = wide ? (const void *)L"(null)" : "(null)";
    if (d->precision >= 0 && (size_t)d->precision < length)
        length = (size_t)d->precision;
    put_text(f, d, text, length, wide);
}

static void store_count(struct formatter *f, const struct directive *d)
{
    void *target = guest_va_pointer(&f->arguments);

    if (f->options & FORMAT_NO_COUNT_OUTPUT) {
        f->failed = true;
        return;
    }
    if (d->sizes & SIZE_64)
        *(int64_t *)target = (int64_t)f->count;
    else if (d->sizes & SIZE_CHAR)
        *(int8_t *)target = (int8_t)f->count;
    else if (d->sizes & SIZE_SHORT)
        *(int16_t *)target = (int16_t)f->count;
    else
        *(int32_t *)target = (int32_t)f->count;
}

static void convert(struct formatter *f, struct directive *d)
{
    take_width_and_precision(f, d);
    go_to_argument(f, d->position);
    switch (d->conversion) {
    case 'd':
    case 'i':
    case 'o':
    case 'u':
    case 'x':
    case 'X':
        put_integer(f, d);
        break;
    case 's':
    case 'S':
        put_string(f, d);
        break;
    case 'c':
    case 'C':
        put_character(f, d);
        break;
    case 'p':
        put_pointer(f, d);
        break;
    case 'Z':
        put_counted_string(f, d);
        break;
    case 'n':
        store_count(f, d);
        break;
    default:
        put_float(f, d);
    }
}

static const char *put_literal(struct formatter *f, const char *text)
{
    const char *end;
    if (f->wide) {
        const wchar_t *at = (const wchar_t *)text;
        while (*at && *at != '%')
            at++;
        end = (const char *)at;
    } else {
        end = text;
        while (*end && *end != '%')
            end++;
    }
    if (end != text)
        put_bytes(f, text, (size_t)(end - text));
    return end;
}

static int format_text(struct formatter *f, const char *text)
{
    struct directive d;

    while (!f->failed) {
        text = put_literal(f, text);
        if (directive_unit(text, f->wide) == 0)
            break;
        text = directive_parse(&d, text, f->wide, f->options);
        if (d.kind == DIRECTIVE_CONVERSION)
            convert(f, &d);
        else if (d.kind == DIRECTIVE_LITERAL)
            put_unit(f, d.conversion);
        else if (d.kind == DIRECTIVE_INVALID)
            f->failed = true;
    }
    return f->failed || f->count > INT_MAX ? -1 : (int)f->count;
}

static int format_any(struct formatter *f, const char *text)
{
    struct format_positions positions;

    if (!(f->options & FORMAT_POSITIONAL))
        return format_text(f, text);
    switch (directive_find_positions(&positions, text, f->wide, f->options, f->arguments)) {
    case POSITIONS_NONE:
        return format_text(f, text);
    case POSITIONS_ALL:
        f->positions = &positions;
        return format_text(f, text);
    default:
        return -1;
    }
}

int format_narrow(struct format_sink *sink, unsigned options, const struct format_locale *locale,
                  const char *format, guest_va_list arguments)
{
    struct formatter f = {.sink = sink, .locale = locale, .options = options, .arguments = arguments};
    return format_any(&f, format);
}

int format_wide(struct format_sink *sink, unsigned options, const struct format_locale *locale,
                const wchar_t *format, guest_va_list arguments)
{
    struct formatter f = {
        .sink = sink, .locale = locale, .options = options, .wide = true, .arguments = arguments};
    return format_any(&f, (const char *)format);
}
