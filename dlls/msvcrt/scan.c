#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "dlls/msvcrt/scan.h"

static_assert(sizeof(wchar_t) == 2, "wide text is UTF-16");

#define END (-1)

/* More digits than any double needs: what lies beyond changes nothing. */
#define FLOAT_TEXT 1100

enum scan_size {
    SIZE_DEFAULT,
    SIZE_CHAR,
    SIZE_SHORT,
    SIZE_LONG,
    SIZE_LONG_LONG,
    SIZE_LONG_DOUBLE,
    SIZE_INT64,
    SIZE_POINTER,
    SIZE_WIDE,
};

struct directive {
    bool suppressed;
    bool width_given;
    int width; /* at most so many characters */
    enum scan_size size;
    unsigned conversion;
    /* Of %[: the characters between the brackets. */
    const char *set, *set_end;
    bool set_is_inverted;
};

enum outcome {
    CONVERTED,
    MISMATCH,   /* the input is there and does not fit */
    INPUT_ENDS, /* where something was to be read */
};

struct scanner {
    struct scan_source *source;
    const struct format_locale *locale;
    unsigned options;
    bool wide;
    int next; /* a unit that was looked at and is not used yet */
    bool has_next;
    int used; /* units so far */
    const char *format;
    guest_va_list arguments;
};

static unsigned format_unit(const struct scanner *s, const char *at)
{
    return s->wide ? *(const wchar_t *)at : (unsigned char)*at;
}

static unsigned format_peek(const struct scanner *s)
{
    return format_unit(s, s->format);
}

static void format_skip(struct scanner *s, int count)
{
    s->format += (size_t)count << s->wide;
}

static int peek(struct scanner *s)
{
    if (!s->has_next) {
        s->next = s->source->get(s->source);
        s->has_next = true;
    }
    return s->next;
}

static void use(struct scanner *s)
{
    s->has_next = false;
    s->used++;
}

static bool is_space(int unit)
{
    return unit == ' ' || (unit >= '\t' && unit <= '\r');
}

static bool is_digit(int unit)
{
    return unit >= '0' && unit <= '9';
}

static void skip_space(struct scanner *s)
{
    while (is_space(peek(s)))
        use(s);
}

/* Within a field's width. */
static bool accept(struct scanner *s, struct directive *d, int unit)
{
    if (d->width <= 0 || peek(s) != unit)
        return false;
    use(s);
    d->width--;
    return true;
}

static int digit_value(int unit)
{
    if (is_digit(unit))
        return unit - '0';
    int letter = unit | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : 16;
}

static void store_integer(const struct directive *d, void *target, uint64_t value)
{
    switch (d->size) {
    case SIZE_CHAR:
        memcpy(target, &value, 1);
        break;
    case SIZE_SHORT:
        memcpy(target, &value, 2);
        break;
    case SIZE_LONG_LONG:
    case SIZE_INT64:
        memcpy(target, &value, 8);
        break;
    case SIZE_POINTER:
        memcpy(target, &value, sizeof(void *));
        break;
    default:
        memcpy(target, &value, 4);
    }
}

static int base_of(unsigned conversion)
{
    switch (conversion) {
    case 'o':
        return 8;
    case 'x':
    case 'X':
    case 'p':
    case 'P':
        return 16;
    case 'i':
        return 0;
    default:
        return 10;
    }
}

/* Too large a number wraps. */
static enum outcome scan_integer(struct scanner *s, struct directive *d)
{
    int base = base_of(d->conversion);
    uint64_t value = 0;
    bool any = false;

    if (peek(s) == END)
        return INPUT_ENDS;
    bool negative = accept(s, d, '-');
    if (!negative)
        accept(s, d, '+');
    bool prefix = base == 0 || (base == 16 && d->conversion != 'p' && d->conversion != 'P');
    if (prefix && accept(s, d, '0')) {
        if (accept(s, d, 'x') || accept(s, d, 'X'))
            base = 16;
        else
            any = true;
        if (base == 0)
            base = 8;
    }
    if (base == 0)
        base = 10;
    for (; d->width > 0 && digit_value(peek(s)) < base; d->width--) {
        value = value * (unsigned)base + (unsigned)digit_value(peek(s));
        any = true;
        use(s);
    }
    if (!any)
        return peek(s) == END ? INPUT_ENDS : MISMATCH;
    if (!d->suppressed)
        store_integer(d, guest_va_pointer(&s->arguments), negative ? 0 - value : value);
    return CONVERTED;
}

/* A number's text, put together for strtod. */
struct float_text {
    char text[FLOAT_TEXT];
    int length;
};

static void keep(struct float_text *number, char c)
{
    if (number->length < FLOAT_TEXT - 16)
        number->text[number->length++] = c;
}

static bool keep_digits(struct scanner *s, struct directive *d, struct float_text *number)
{
    bool any = false;
    for (; d->width > 0 && is_digit(peek(s)); d->width--) {
        keep(number, (char)peek(s));
        use(s);
        any = true;
    }
    return any;
}

static void keep_exponent(struct scanner *s, struct directive *d, struct float_text *number)
{
    if (!accept(s, d, 'e') && !accept(s, d, 'E'))
        return;
    keep(number, 'e');
    if (accept(s, d, '-'))
        keep(number, '-');
    else
        accept(s, d, '+');
    keep_digits(s, d, number);
}

/* In the Universal C runtime, infinities, NaNs and hexadecimal numbers: their letters, for strtod to judge.
 */
static bool keep_other_number(struct scanner *s, struct directive *d, struct float_text *number)
{
    bool hexadecimal = number->length && number->text[number->length - 1] == '0' && (peek(s) | 0x20) == 'x';
    if (!hexadecimal && (peek(s) | 0x20) != 'i' && (peek(s) | 0x20) != 'n')
        return false;
    for (; d->width > 0; d->width--) {
        int unit = peek(s), letter = unit | 0x20;
        bool sign = (unit == '-' || unit == '+') && (number->text[number->length - 1] | 0x20) == 'p';
        if (!is_digit(unit) && !(letter >= 'a' && letter <= 'z') && unit != '.' && !sign)
            break;
        keep(number, (char)unit);
        use(s);
    }
    return true;
}

static void store_float(const struct directive *d, void *target, double value)
{
    float single = (float)value;
    if (d->size == SIZE_LONG || d->size == SIZE_LONG_DOUBLE)
        memcpy(target, &value, sizeof value);
    else
        memcpy(target, &single, sizeof single);
}

static enum outcome scan_float(struct scanner *s, struct directive *d)
{
    struct float_text number;
    char *end;

    number.length = 0;
    if (accept(s, d, '-'))
        keep(&number, '-');
    else
        accept(s, d, '+');
    bool any = keep_digits(s, d, &number);
    bool other = !(s->options & SCAN_LEGACY_MSVCRT) && keep_other_number(s, d, &number);
    if (!other && accept(s, d, (unsigned char)s->locale->decimal_point)) {
        keep(&number, '.');
        any |= keep_digits(s, d, &number);
    }
    if (any && !other)
        keep_exponent(s, d, &number);
    number.text[number.length] = 0;
    double value = strtod(number.text, &end);
    if (end == number.text)
        return peek(s) == END ? INPUT_ENDS : MISMATCH;
    if (!d->suppressed)
        store_float(d, guest_va_pointer(&s->arguments), value);
    return CONVERTED;
}

/* Where the text of %s, %c and %[ goes: a buffer of either width, of whose size scanf_s is told. */
struct text_target {
    char *at;
    bool wide;
    size_t room; /* in its own characters */
};

static bool is_wide_argument(const struct scanner *s, const struct directive *d)
{
    bool wide_by_nature = s->wide && (s->options & SCAN_LEGACY_WIDE_SPECIFIERS);

    switch (d->size) {
    case SIZE_CHAR:
    case SIZE_SHORT:
        return false;
    case SIZE_LONG:
    case SIZE_WIDE:
        return true;
    default:
        return d->conversion == 'C' || d->conversion == 'S' ? !wide_by_nature : wide_by_nature;
    }
}

static void open_target(struct scanner *s, const struct directive *d, struct text_target *target)
{
    target->wide = is_wide_argument(s, d);
    target->at = NULL;
    target->room = SIZE_MAX;
    if (d->suppressed)
        return;
    target->at = guest_va_pointer(&s->arguments);
    if (s->options & SCAN_SECURE)
        target->room = guest_va_int(&s->arguments);
}

static bool put_character(struct text_target *target, const void *character, size_t count)
{
    size_t size = count << target->wide;
    if (!target->at)
        return true;
    if (count > target->room)
        return false;
    memcpy(target->at, character, size);
    target->at += size;
    target->room -= count;
    return true;
}

static bool terminate(struct text_target *target)
{
    return put_character(target, L"", 1);
}

/* Takes as many units from the input as make one character. */
static bool take_character(struct scanner *s, struct text_target *target)
{
    char bytes[FORMAT_CHARACTER_BYTES];
    wchar_t units[2] = {(wchar_t)peek(s), 0};
    size_t length = 0, used;

    if (target->wide == s->wide) {
        char byte = (char)peek(s);
        use(s);
        return put_character(target, s->wide ? (const void *)units : &byte, 1);
    }
    if (s->wide) {
        int size = s->locale->narrow(bytes, units, 1, &used);
        use(s);
        return size > 0 && put_character(target, bytes, (size_t)size);
    }
    while (length < sizeof bytes && peek(s) != END) {
        bytes[length++] = (char)peek(s);
        use(s);
        int count = s->locale->widen(units, bytes, length, &used);
        if (count > 0)
            return put_character(target, units, (size_t)count);
    }
    return false;
}

static bool set_contains(const struct scanner *s, const struct directive *d, unsigned unit)
{
    size_t step = (size_t)1 << s->wide;
    for (const char *at = d->set; at < d->set_end; at += step) {
        unsigned low = format_unit(s, at), high = low;
        if (at + 2 * step < d->set_end && format_unit(s, at + step) == '-') {
            high = format_unit(s, at + 2 * step);
            at += 2 * step;
        }
        if ((unit >= low && unit <= high) || (unit >= high && unit <= low))
            return true;
    }
    return false;
}

static bool belongs_to_text(const struct scanner *s, const struct directive *d, int unit)
{
    switch (d->conversion) {
    case 'c':
    case 'C':
        return true;
    case '[':
        return set_contains(s, d, (unsigned)unit) != d->set_is_inverted;
    default:
        return !is_space(unit);
    }
}

static enum outcome scan_text(struct scanner *s, struct directive *d)
{
    bool characters = (d->conversion | 0x20) == 'c';
    struct text_target target;
    int read = 0;

    open_target(s, d, &target);
    struct text_target start = target;
    /* Where wide text ends, msvcrt.dll does not notice. */
    bool unnoticed = s->wide && (s->options & SCAN_LEGACY_MSVCRT);
    if (peek(s) == END)
        return unnoticed ? MISMATCH : INPUT_ENDS;
    if (characters && !d->width_given)
        d->width = 1;
    for (; read < d->width && peek(s) != END && belongs_to_text(s, d, peek(s)); read++) {
        if (!take_character(s, &target)) {
            terminate(&start);
            return MISMATCH;
        }
    }
    if (read == 0)
        return peek(s) == END ? INPUT_ENDS : MISMATCH;
    if (!characters && !terminate(&target)) {
        terminate(&start);
        return MISMATCH;
    }
    return CONVERTED;
}

static void store_used(struct scanner *s, const struct directive *d)
{
    if (!d->suppressed)
        store_integer(d, guest_va_pointer(&s->arguments), (uint64_t)s->used);
}

static bool read_i_size(struct scanner *s, struct directive *d)
{
    const char *next = s->format + ((size_t)1 << s->wide), *after = next + ((size_t)1 << s->wide);
    unsigned unit = format_unit(s, next);

    if (unit == '6' && format_unit(s, after) == '4') {
        d->size = SIZE_INT64;
        format_skip(s, 3);
        return true;
    }
    if (unit == '3' && format_unit(s, after) == '2') {
        d->size = SIZE_LONG;
        format_skip(s, 3);
        return true;
    }
    d->size = SIZE_POINTER;
    format_skip(s, 1);
    return true;
}

static bool read_size(struct scanner *s, struct directive *d)
{
    bool legacy = (s->options & SCAN_LEGACY_MSVCRT) != 0;

    switch (format_peek(s)) {
    case 'h':
        /* Twice is none in msvcrt.dll. */
        if (d->size == SIZE_SHORT)
            d->size = legacy ? SIZE_DEFAULT : SIZE_CHAR;
        else
            d->size = SIZE_SHORT;
        break;
    case 'l':
        d->size = d->size == SIZE_LONG ? SIZE_LONG_LONG : SIZE_LONG;
        break;
    case 'L':
        d->size = SIZE_LONG_DOUBLE;
        break;
    case 'w':
        d->size = SIZE_WIDE;
        break;
    case 'j':
        d->size = SIZE_INT64;
        break;
    case 'z':
    case 't':
        d->size = SIZE_POINTER;
        break;
    case 'I':
        return read_i_size(s, d);
    case 'F':
    case 'N':
        if (!legacy)
            return false;
        break;
    default:
        return false;
    }
    format_skip(s, 1);
    return true;
}

/* A bracket that comes first is a member of the set. */
static bool read_set(struct scanner *s, struct directive *d)
{
    d->set_is_inverted = format_peek(s) == '^';
    if (d->set_is_inverted)
        format_skip(s, 1);
    d->set = s->format;
    do {
        if (!format_peek(s))
            return false;
        format_skip(s, 1);
    } while (format_peek(s) != ']');
    d->set_end = s->format;
    format_skip(s, 1);
    return true;
}

static bool read_width_digit(struct scanner *s, struct directive *d)
{
    if (!is_digit((int)format_peek(s)))
        return false;
    if (!d->width_given)
        d->width = 0;
    d->width_given = true;
    if (d->width < INT_MAX / 10 - 1)
        d->width = d->width * 10 + (int)(format_peek(s) - '0');
    format_skip(s, 1);
    return true;
}

/* The format is after the '%'. False where what follows is no directive. */
static bool read_directive(struct scanner *s, struct directive *d)
{
    *d = (struct directive){.width = INT_MAX};
    if (format_peek(s) == '*') {
        d->suppressed = true;
        format_skip(s, 1);
    }
    /* Of sizes and the digits of the width, either may come first. */
    while (read_width_digit(s, d) || read_size(s, d))
        ;
    d->conversion = format_peek(s);
    if (!d->conversion)
        return false;
    format_skip(s, 1);
    return d->conversion != '[' || read_set(s, d);
}

static enum outcome match(struct scanner *s, unsigned unit)
{
    if (peek(s) == END)
        return INPUT_ENDS;
    if (peek(s) != (int)unit)
        return MISMATCH;
    use(s);
    return CONVERTED;
}

/* Counts what was assigned. */
static enum outcome convert(struct scanner *s, struct directive *d, int *assigned)
{
    enum outcome outcome;

    switch (d->conversion) {
    case 'n':
        store_used(s, d);
        return CONVERTED;
    case '%':
        skip_space(s);
        return match(s, '%');
    case 'c':
    case 'C':
    case '[':
        outcome = scan_text(s, d);
        break;
    case 's':
    case 'S':
        skip_space(s);
        outcome = scan_text(s, d);
        break;
    case 'p':
    case 'P':
        d->size = SIZE_POINTER;
        /* fall through */
    case 'd':
    case 'i':
    case 'o':
    case 'u':
    case 'x':
    case 'X':
        skip_space(s);
        outcome = scan_integer(s, d);
        break;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
        skip_space(s);
        outcome = scan_float(s, d);
        break;
    default:
        return match(s, d->conversion);
    }
    if (outcome == CONVERTED && !d->suppressed)
        ++*assigned;
    return outcome;
}

static int scan(struct scanner *s)
{
    enum outcome outcome = CONVERTED;
    bool any_converted = false;
    int assigned = 0;

    while (outcome == CONVERTED && format_peek(s)) {
        unsigned unit = format_peek(s);
        struct directive d;

        format_skip(s, 1);
        if (is_space((int)unit)) {
            skip_space(s);
        } else if (unit != '%') {
            outcome = match(s, unit);
        } else {
            if (!read_directive(s, &d))
                break;
            outcome = convert(s, &d, &assigned);
            any_converted |= outcome == CONVERTED && d.conversion != 'n';
        }
    }
    if (s->has_next && s->next != END)
        s->source->unget(s->source, s->next);
    return outcome == INPUT_ENDS && !any_converted ? -1 : assigned;
}

int scan_narrow(struct scan_source *source, unsigned options, const struct format_locale *locale,
                const char *format, guest_va_list arguments)
{
    struct scanner s = {
        .source = source, .locale = locale, .options = options, .format = format, .arguments = arguments};
    return scan(&s);
}

int scan_wide(struct scan_source *source, unsigned options, const struct format_locale *locale,
              const wchar_t *format, guest_va_list arguments)
{
    struct scanner s = {.source = source,
                        .locale = locale,
                        .options = options,
                        .wide = true,
                        .format = (const char *)format,
                        .arguments = arguments};
    return scan(&s);
}
