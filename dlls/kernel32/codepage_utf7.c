/* UTF-7: ASCII, and between '+' and '-' UTF-16 in base 64. */
#include "dlls/kernel32/codepage.h"

/* The value of a digit in base 64, or -1. */
static int digit_value(unsigned char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52;
    return byte == '+' ? 62 : byte == '/' ? 63 : -1;
}

/* What may stand for itself: letters, digits, blanks, ends of lines and a few signs; NUL too. */
static bool is_direct(WCHAR unit)
{
    if (unit >= 0x80)
        return false;
    if ((unit >= 'A' && unit <= 'Z') || (unit >= 'a' && unit <= 'z') || (unit >= '0' && unit <= '9'))
        return true;
    return !unit || strchr(" \t\r\n'(),-./:?", unit);
}

struct wide_output {
    WCHAR *target;
    size_t capacity, total;
};

static void put_unit(struct wide_output *output, WCHAR unit)
{
    if (output->total < output->capacity)
        output->target[output->total] = unit;
    output->total++;
}

/* Decodes digits from `at` on; returns where they end. Bits that do not make up a unit are dropped. */
static size_t decode_digits(const char *source, size_t at, size_t length, struct wide_output *output)
{
    uint32_t bits = 0;
    int count = 0, value;
    for (; at < length && (value = digit_value(source[at])) >= 0; at++) {
        bits = bits << 6 | value;
        count += 6;
        if (count >= 16) {
            count -= 16;
            put_unit(output, (WCHAR)(bits >> count));
        }
    }
    return at;
}

size_t utf7_to_wide(const char *source, size_t length, WCHAR *target, size_t capacity)
{
    struct wide_output output = {target, capacity, 0};
    for (size_t at = 0; at < length;) {
        unsigned char byte = source[at++];
        if (byte != '+') {
            put_unit(&output, byte);
            continue;
        }
        if (at < length && source[at] == '-') {
            put_unit(&output, '+');
            at++;
            continue;
        }
        at = decode_digits(source, at, length, &output);
        if (at < length && source[at] == '-')
            at++;
    }
    return output.total;
}

struct narrow_output {
    char *target;
    size_t capacity, total;
};

static void put_byte(struct narrow_output *output, char byte)
{
    if (output->total < output->capacity)
        output->target[output->total] = byte;
    output->total++;
}

static void put_digit(struct narrow_output *output, uint32_t value)
{
    put_byte(output, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[value & 63]);
}

/* Encodes units up to the next that stands for itself; returns where that is. */
static size_t encode_units(const WCHAR *source, size_t at, size_t length, struct narrow_output *output)
{
    uint32_t bits = 0;
    int count = 0;
    for (; at < length && !is_direct(source[at]) && source[at] != '+'; at++) {
        bits = bits << 16 | source[at];
        count += 16;
        for (; count >= 6; count -= 6)
            put_digit(output, bits >> (count - 6));
    }
    if (count)
        put_digit(output, bits << (6 - count));
    return at;
}

size_t utf7_from_wide(const WCHAR *source, size_t length, char *target, size_t capacity)
{
    struct narrow_output output = {target, capacity, 0};
    for (size_t at = 0; at < length;) {
        if (is_direct(source[at])) {
            put_byte(&output, (char)source[at++]);
            continue;
        }
        put_byte(&output, '+');
        if (source[at] == '+')
            at++;
        else
            at = encode_units(source, at, length, &output);
        put_byte(&output, '-');
    }
    return output.total;
}
