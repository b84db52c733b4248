#include "loader/trace/text.h"
#include <stdio.h>

/* Two digits of a time. 64-bit division is a function on i386, so what has 32 bits is divided as that. */
static const char pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
    "4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495"
    "96979899";

/* Writes `value` before `end`, with zeros in front up to `least` digits, and returns where it begins. */
static char *put_decimal(char *end, uint32_t value, unsigned least)
{
    char *start = end;
    while (value >= 100 || end - start + 2 <= (int)least) {
        start -= 2;
        memcpy(start, pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    while (value || end - start < (int)least) {
        *--start = '0' + value % 10;
        value /= 10;
    }
    return start;
}

#define BILLION 1000000000u

void text_decimal(struct trace_text *text, uint64_t value)
{
    char digits[20], *end = digits + sizeof digits, *start = end;
    while (value > UINT32_MAX) {
        start = put_decimal(start, value % BILLION, 9);
        value /= BILLION;
    }
    start = put_decimal(start, value, start == end);
    text_bytes(text, start, end - start);
}

void text_signed(struct trace_text *text, int64_t value)
{
    if (value < 0)
        text_char(text, '-');
    text_decimal(text, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void text_digits(struct trace_text *text, uint64_t value, unsigned count)
{
    while (count--)
        text_char(text, "0123456789abcdef"[value >> 4 * count & 15]);
}

void text_hex(struct trace_text *text, uint64_t value)
{
    unsigned count = 1;
    while (count < 16 && value >> 4 * count)
        count++;
    text_bytes(text, "0x", 2);
    text_digits(text, value, count);
}

static char *put_pair(char *end, uint32_t value)
{
    return memcpy(end - 2, pairs + 2 * value, 2);
}

void text_seconds(struct trace_text *text, uint64_t nanoseconds)
{
    char digits[20], *end = digits + sizeof digits;
    uint32_t seconds = nanoseconds > UINT32_MAX ? nanoseconds / BILLION : (uint32_t)nanoseconds / BILLION;
    uint32_t microseconds = (uint32_t)(nanoseconds - (uint64_t)seconds * BILLION) / 1000;
    char *start = put_pair(end, microseconds % 100);
    start = put_pair(start, microseconds / 100 % 100);
    start = put_pair(start, microseconds / 10000);
    *--start = '.';
    start = put_decimal(start, seconds, 1);
    text_bytes(text, start, end - start);
}

void text_microseconds(struct trace_text *text, uint64_t nanoseconds)
{
    char digits[30], *end = digits + sizeof digits;
    uint64_t microseconds = nanoseconds / 1000;
    char *start = put_decimal(end, (uint32_t)(nanoseconds - microseconds * 1000), 3);
    *--start = '.';
    text_decimal(text, microseconds);
    text_bytes(text, start, end - start);
}

void text_double(struct trace_text *text, double value)
{
    char digits[40];
    int size = snprintf(digits, sizeof digits, "%.17g", value);
    text_bytes(text, digits, size);
}

/* The letter after a backslash, 0 for none. */
static char escape_letter(char c)
{
    switch (c) {
    case '"':
    case '\\':
        return c;
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static void put_escape(struct trace_text *text, enum text_quoting quoting, char c)
{
    char letter = escape_letter(c);
    text_char(text, '\\');
    if (letter) {
        text_char(text, letter);
        return;
    }
    text_string(text, quoting == QUOTE_JSON ? "u00" : "x");
    text_digits(text, (unsigned char)c, 2);
}

static bool is_plain(char c)
{
    return (unsigned char)c >= ' ' && c != '"' && c != '\\' && c != 0x7f;
}

void text_escaped(struct trace_text *text, enum text_quoting quoting, const char *utf8, size_t size)
{
    for (const char *end = utf8 + size; utf8 < end; utf8++) {
        const char *plain = utf8;
        while (utf8 < end && is_plain(*utf8))
            utf8++;
        text_bytes(text, plain, utf8 - plain);
        if (utf8 < end)
            put_escape(text, quoting, *utf8);
    }
}
