#include <limits.h>
#include <string.h>
#include "dlls/msvcrt/format.h"
#include "dlls/msvcrt/format_directive.h"

/* A place in a format, narrow or wide. */
struct reader {
    const char *at;
    bool wide;
    unsigned options;
};

static unsigned peek(const struct reader *r)
{
    return directive_unit(r->at, r->wide);
}

static unsigned peek_at(const struct reader *r, int distance)
{
    return directive_unit(r->at + ((size_t)distance << r->wide), r->wide);
}

static void skip(struct reader *r, int count)
{
    r->at += (size_t)count << r->wide;
}

static bool is_digit(unsigned unit)
{
    return unit >= '0' && unit <= '9';
}

static int read_number(struct reader *r)
{
    int value = 0;
    for (; is_digit(peek(r)); skip(r, 1)) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (int)(peek(r) - '0'), &value))
            value = INT_MAX;
    }
    return value;
}

/* "2$": 0 and nothing read where there is none. */
static uint8_t read_position(struct reader *r)
{
    struct reader ahead = *r;
    if (!(r->options & FORMAT_POSITIONAL) || !is_digit(peek(r)))
        return 0;
    int position = read_number(&ahead);
    if (peek(&ahead) != '$' || position > FORMAT_POSITIONS)
        return 0;
    skip(&ahead, 1);
    *r = ahead;
    return (uint8_t)position;
}

static void read_flags(struct reader *r, struct directive *d)
{
    for (;; skip(r, 1)) {
        switch (peek(r)) {
        case '-':
            d->left = true;
            break;
        case '+':
            d->plus = true;
            break;
        case ' ':
            d->space = true;
            break;
        case '#':
            d->alternate = true;
            break;
        case '0':
            d->zero = true;
            break;
        default:
            return;
        }
    }
}

static void read_width(struct reader *r, struct directive *d)
{
    if (peek(r) == '*') {
        skip(r, 1);
        d->width_argument = true;
        d->width_position = read_position(r);
    } else {
        d->width = read_number(r);
    }
}

static void read_precision(struct reader *r, struct directive *d)
{
    if (peek(r) != '.')
        return;
    skip(r, 1);
    if (peek(r) == '*') {
        skip(r, 1);
        d->precision_argument = true;
        d->precision_position = read_position(r);
    } else {
        d->precision = read_number(r);
    }
}

/* One that only conversions of integers have. Before anything else its letter means nothing. */
static bool read_pointer_size(struct reader *r, struct directive *d)
{
    unsigned next = peek_at(r, 1);
    if (next == 0 || next > 127 || !strchr("dioxXun", (int)next))
        return false;
    d->sizes |= SIZE_POINTER;
    skip(r, 1);
    return true;
}

/* I64, I32 or I. */
static bool read_integer_size(struct reader *r, struct directive *d)
{
    unsigned next = peek_at(r, 1);

    if (next == '6' && peek_at(r, 2) == '4') {
        d->sizes |= SIZE_64;
        skip(r, 3);
        return true;
    }
    if (next == '3' && peek_at(r, 2) == '2') {
        d->sizes &= ~(unsigned)(SIZE_64 | SIZE_POINTER);
        skip(r, 3);
        return true;
    }
    return read_pointer_size(r, d);
}

static void read_doubled_size(struct reader *r, struct directive *d, unsigned one, unsigned two)
{
    bool doubled = two && peek_at(r, 1) == peek(r);
    d->sizes |= doubled ? two : one;
    skip(r, doubled ? 2 : 1);
}

static void read_sizes(struct reader *r, struct directive *d)
{
    bool legacy = (r->options & FORMAT_LEGACY_MSVCRT) != 0;

    for (;;) {
        switch (peek(r)) {
        case 'h':
            read_doubled_size(r, d, SIZE_SHORT, legacy ? 0 : SIZE_CHAR);
            break;
        case 'l':
            read_doubled_size(r, d, SIZE_LONG, SIZE_64);
            break;
        case 'L': /* a long double is a double like any other */
            skip(r, 1);
            break;
        case 'w':
            d->sizes |= SIZE_WIDE;
            skip(r, 1);
            break;
        case 'j':
            d->sizes |= SIZE_64;
            skip(r, 1);
            break;
        case 'z':
        case 't':
            if (!read_pointer_size(r, d))
                return;
            break;
        case 'I':
            if (!read_integer_size(r, d))
                return;
            break;
        case 'F': /* far and near pointers, once */
        case 'N':
            if (!legacy)
                return;
            skip(r, 1);
            break;
        default:
            return;
        }
    }
}

static enum directive_kind kind_of(unsigned conversion, unsigned options)
{
    if (conversion == 0)
        return DIRECTIVE_END;
    if (conversion == '%')
        return DIRECTIVE_LITERAL;
    if (conversion < 128 && strchr("diouxXcCsSpneEfFgGaAZ", (int)conversion))
        return DIRECTIVE_CONVERSION;
    return options & FORMAT_LEGACY_MSVCRT ? DIRECTIVE_LITERAL : DIRECTIVE_INVALID;
}

const char *directive_parse(struct directive *d, const char *text, bool wide, unsigned options)
{
    struct reader r = {text, wide, options};

    skip(&r, 1);
    *d = (struct directive){.precision = -1, .position = read_position(&r)};
    read_flags(&r, d);
    read_width(&r, d);
    read_precision(&r, d);
    read_sizes(&r, d);
    d->conversion = peek(&r);
    d->kind = kind_of(d->conversion, options);
    if (d->kind != DIRECTIVE_END)
        skip(&r, 1);
    return r.at;
}

int directive_argument_size(const struct directive *d)
{
    switch (d->conversion) {
    case 'd':
    case 'i':
    case 'o':
    case 'u':
    case 'x':
    case 'X':
        break;
    case 'c':
    case 'C':
        return 4;
    case 's':
    case 'S':
    case 'Z':
    case 'n':
    case 'p':
        return sizeof(void *);
    default:
        return sizeof(double);
    }
    if (d->sizes & SIZE_64)
        return 8;
    return d->sizes & SIZE_POINTER ? sizeof(void *) : 4;
}

/* Two directives may share an argument if they agree on its size. */
static bool note_position(uint8_t *sizes, unsigned position, int size)
{
    if (sizes[position] && sizes[position] != size)
        return false;
    sizes[position] = (uint8_t)size;
    return true;
}

static bool note_positions(uint8_t *sizes, const struct directive *d)
{
    if (!d->position || (d->width_argument && !d->width_position) ||
        (d->precision_argument && !d->precision_position))
        return false;
    return note_position(sizes, d->position, directive_argument_size(d)) &&
           (!d->width_position || note_position(sizes, d->width_position, 4)) &&
           (!d->precision_position || note_position(sizes, d->precision_position, 4));
}

static bool lay_out_positions(struct format_positions *positions, const uint8_t *sizes)
{
    int last = FORMAT_POSITIONS;
    int offset = 0;

    while (!sizes[last])
        last--;
    for (int i = 1; i <= last; i++) {
        if (!sizes[i])
            return false;
        positions->offsets[i] = (uint16_t)offset;
        offset += sizes[i] > (int)GUEST_SLOT ? sizes[i] : (int)GUEST_SLOT;
    }
    return true;
}

enum positions_found directive_find_positions(struct format_positions *positions, const char *text, bool wide,
                                              unsigned options, guest_va_list arguments)
{
    uint8_t sizes[FORMAT_POSITIONS + 1] = {0};
    bool with = false, without = false;
    struct directive d;

    while (directive_unit(text, wide)) {
        if (directive_unit(text, wide) != '%') {
            text += 1 << wide;
            continue;
        }
        text = directive_parse(&d, text, wide, options);
        if (d.kind != DIRECTIVE_CONVERSION)
            continue;
        *(d.position ? &with : &without) = true;
        if (d.position && !note_positions(sizes, &d))
            return POSITIONS_INVALID;
    }
    if (!with)
        return POSITIONS_NONE;
    positions->arguments = arguments;
    return without || !lay_out_positions(positions, sizes) ? POSITIONS_INVALID : POSITIONS_ALL;
}
