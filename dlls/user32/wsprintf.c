/* wsprintf: the window manager's own formatter, which knows no floating point and no text longer than 1023.
 */
#include <stdlib.h>
#include <litewin/varargs.h>
#include "kernel/utf.h"
#include <winuser.h>

int user_wvsprintfA(char *buffer, const char *format, guest_va_list arguments);
int user_wvsprintfW(WCHAR *buffer, const WCHAR *format, guest_va_list arguments);
int user_wsprintfA(char *buffer, const char *format, guest_va_list arguments);
int user_wsprintfW(WCHAR *buffer, const WCHAR *format, guest_va_list arguments);

/* The terminator included. */
#define LIMIT 1024

/* Text of bytes or of UTF-16 units. */
struct text {
    const void *units;
    bool wide;
};

static WCHAR unit_at(struct text text, size_t index)
{
    return text.wide ? ((const WCHAR *)text.units)[index] : ((const BYTE *)text.units)[index];
}

struct output {
    void *buffer;
    bool wide;
    size_t length;
};

static void put(struct output *output, WCHAR unit)
{
    if (output->length >= LIMIT - 1)
        return;
    if (output->wide)
        ((WCHAR *)output->buffer)[output->length++] = unit;
    else
        ((BYTE *)output->buffer)[output->length++] = unit;
}

static void put_repeated(struct output *output, WCHAR unit, size_t count)
{
    for (count = min(count, (size_t)LIMIT); count > 0; count--)
        put(output, unit);
}

enum size { SIZE_NONE, SIZE_SHORT, SIZE_LONG, SIZE_64, SIZE_POINTER };

#define NO_PRECISION SIZE_MAX

/* %[-][#][0][width][.precision][size]type */
struct directive {
    bool left, prefix, zero;
    size_t width, precision;
    enum size size;
    WCHAR type;
};

static size_t parse_number(struct text format, size_t *at)
{
    size_t number = 0;
    for (WCHAR unit; (unit = unit_at(format, *at)) >= '0' && unit <= '9'; ++*at)
        number = min(number * 10 + (unit - '0'), (size_t)LIMIT);
    return number;
}

static enum size parse_size(struct text format, size_t *at)
{
    switch (unit_at(format, *at)) {
    case 'h':
        ++*at;
        return SIZE_SHORT;
    case 'l':
    case 'w':
        ++*at;
        return SIZE_LONG;
    case 'I':
        ++*at;
        if (unit_at(format, *at) == '6' && unit_at(format, *at + 1) == '4') {
            *at += 2;
            return SIZE_64;
        }
        if (unit_at(format, *at) == '3' && unit_at(format, *at + 1) == '2') {
            *at += 2;
            return SIZE_NONE;
        }
        return SIZE_POINTER;
    default:
        return SIZE_NONE;
    }
}

static struct directive parse_directive(struct text format, size_t *at)
{
    struct directive directive = {.precision = NO_PRECISION};
    if (unit_at(format, *at) == '-')
        directive.left = true, ++*at;
    if (unit_at(format, *at) == '#')
        directive.prefix = true, ++*at;
    if (unit_at(format, *at) == '0')
        directive.zero = true, ++*at;
    directive.width = parse_number(format, at);
    if (unit_at(format, *at) == '.') {
        ++*at;
        directive.precision = parse_number(format, at);
    }
    directive.size = parse_size(format, at);
    directive.type = unit_at(format, *at);
    if (directive.type)
        ++*at;
    return directive;
}

/* Text */

static void put_text(struct output *output, const struct directive *directive, struct text text,
                     size_t length)
{
    size_t padding = directive->width > length ? directive->width - length : 0;
    if (!directive->left)
        put_repeated(output, directive->zero ? '0' : ' ', padding);
    for (size_t i = 0; i < length; i++)
        put(output, unit_at(text, i));
    if (directive->left)
        put_repeated(output, ' ', padding);
}

/* How many bytes the UTF-8 character has that begins with `lead`. */
static unsigned bytes_of(BYTE lead)
{
    return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* The text need not end where the precision ends it: what is not put out is not read. */
static size_t length_of(struct text text, size_t most, bool converted)
{
    size_t length = 0, characters = 0;
    while (characters < most && unit_at(text, length)) {
        unsigned units = converted && !text.wide ? bytes_of(unit_at(text, length)) : 1;
        characters += units == 4 ? 2 : 1;
        while (units-- > 0 && unit_at(text, length))
            length++;
    }
    return length;
}

/* Text of the other kind than the output's; the precision counts what comes out. */
static void put_converted(struct output *output, const struct directive *directive, struct text text,
                          size_t length, size_t most)
{
    WCHAR wide[LIMIT];
    char narrow[3 * LIMIT];
    struct text result = {.units = output->wide ? (void *)wide : narrow, .wide = output->wide};
    size_t converted = output->wide ? utf16_from_utf8(wide, ARRAYSIZE(wide), text.units, length, UTF_REPLACE)
                                    : utf8_from_utf16(narrow, sizeof narrow, text.units, length, UTF_REPLACE);
    put_text(output, directive, result, min(converted, most));
}

static void put_string(struct output *output, const struct directive *directive, bool wide, const void *units)
{
    size_t most = min(directive->precision, (size_t)LIMIT - 1);
    struct text text = {.units = units, .wide = wide};
    if (!units)
        text = (struct text){.units = "(null)"};
    bool same = text.wide == output->wide || !units;
    size_t length = length_of(text, most, !same);
    if (same)
        put_text(output, directive, text, length);
    else
        put_converted(output, directive, text, length, most);
}

/* A NUL of an explicit size is not put out at all. */
static void put_character(struct output *output, const struct directive *directive, bool wide, uint32_t value)
{
    WCHAR unit = value;
    char byte = value;
    struct text text = {.units = wide ? (void *)&unit : &byte, .wide = wide};
    size_t length = directive->size == SIZE_NONE || unit_at(text, 0) ? 1 : 0;
    if (wide == output->wide)
        put_text(output, directive, text, length);
    else
        put_converted(output, directive, text, length, LIMIT - 1);
}

/* Whether %s or %c is of wide text: as the function itself, unless the letter is capital or a size says so.
 */
static bool is_wide(const struct output *output, const struct directive *directive)
{
    if (directive->size == SIZE_SHORT)
        return false;
    if (directive->size == SIZE_LONG)
        return true;
    return (directive->type == 'S' || directive->type == 'C') != output->wide;
}

/* Numbers */

/* A short number is as long as any other. */
static uint64_t take_number(const struct directive *directive, bool is_signed, guest_va_list *arguments)
{
    if (directive->size == SIZE_64 || (directive->size == SIZE_POINTER && sizeof(void *) == 8))
        return guest_va_int64(arguments);
    uint32_t value = guest_va_int(arguments);
    return is_signed ? (uint64_t)(int32_t)value : value;
}

static void put_digits(struct output *output, const struct directive *directive, const char *sign,
                       uint64_t value, unsigned base, const char *letters)
{
    char digits[20];
    size_t count = 0, sign_length = strlen(sign);
    do
        digits[count++] = letters[value % base];
    while (value /= base);
    size_t zeros = directive->precision != NO_PRECISION && directive->precision > count
                       ? directive->precision - count
                       : 0;
    size_t used = sign_length + zeros + count;
    size_t padding = directive->width > used ? directive->width - used : 0;
    if (directive->zero && !directive->left) {
        zeros += padding;
        padding = 0;
    }
    if (!directive->left)
        put_repeated(output, ' ', padding);
    while (*sign)
        put(output, *sign++);
    put_repeated(output, '0', zeros);
    while (count > 0)
        put(output, digits[--count]);
    if (directive->left)
        put_repeated(output, ' ', padding);
}

static void put_signed(struct output *output, const struct directive *directive, guest_va_list *arguments)
{
    int64_t value = take_number(directive, true, arguments);
    put_digits(output, directive, value < 0 ? "-" : "", value < 0 ? -(uint64_t)value : (uint64_t)value, 10,
               "0123456789");
}

static void put_hexadecimal(struct output *output, const struct directive *directive, uint64_t value)
{
    bool lower = directive->type == 'x';
    const char *prefix = !directive->prefix ? "" : lower ? "0x" : "0X";
    put_digits(output, directive, prefix, value, 16, lower ? "0123456789abcdef" : "0123456789ABCDEF");
}

static void put_pointer(struct output *output, struct directive *directive, guest_va_list *arguments)
{
    directive->precision = 2 * sizeof(void *);
    put_hexadecimal(output, directive, (uintptr_t)guest_va_pointer(arguments));
}

/* The whole */

/* What is no type is put out as it is. */
static void put_directive(struct output *output, struct directive *directive, guest_va_list *arguments)
{
    switch (directive->type) {
    case 'c':
    case 'C':
        put_character(output, directive, is_wide(output, directive), guest_va_int(arguments));
        break;
    case 's':
    case 'S':
        put_string(output, directive, is_wide(output, directive), guest_va_pointer(arguments));
        break;
    case 'd':
    case 'i':
        put_signed(output, directive, arguments);
        break;
    case 'u':
        put_digits(output, directive, "", take_number(directive, false, arguments), 10, "0123456789");
        break;
    case 'x':
    case 'X':
        put_hexadecimal(output, directive, take_number(directive, false, arguments));
        break;
    case 'p':
        put_pointer(output, directive, arguments);
        break;
    case 0:
        break;
    default:
        put(output, directive->type);
    }
}

static int print(struct output output, struct text format, guest_va_list arguments)
{
    for (size_t at = 0; unit_at(format, at);) {
        WCHAR unit = unit_at(format, at++);
        if (unit != '%') {
            put(&output, unit);
            continue;
        }
        struct directive directive = parse_directive(format, &at);
        put_directive(&output, &directive, &arguments);
    }
    if (output.wide)
        ((WCHAR *)output.buffer)[output.length] = 0;
    else
        ((char *)output.buffer)[output.length] = 0;
    return output.length;
}

int user_wvsprintfA(char *buffer, const char *format, guest_va_list arguments)
{
    return print((struct output){.buffer = buffer}, (struct text){.units = format}, arguments);
}

int user_wvsprintfW(WCHAR *buffer, const WCHAR *format, guest_va_list arguments)
{
    return print((struct output){.buffer = buffer, .wide = true},
                 (struct text){.units = format, .wide = true}, arguments);
}

int user_wsprintfA(char *buffer, const char *format, guest_va_list arguments)
{
    return user_wvsprintfA(buffer, format, arguments);
}

int user_wsprintfW(WCHAR *buffer, const WCHAR *format, guest_va_list arguments)
{
    return user_wvsprintfW(buffer, format, arguments);
}
