#include "loader/trace/text.h"
#include <stdio.h>

void text_decimal(struct trace_text *text, uint64_t value)
{
    char digits[20];
    unsigned count = 0;
    do
        digits[sizeof digits - ++count] = '0' + value % 10;
    while (value /= 10);
    text_bytes(text, digits + sizeof digits - count, count);
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

static void text_fraction(struct trace_text *text, uint64_t value, uint64_t whole, unsigned digits)
{
    text_decimal(text, value / whole);
    text_char(text, '.');
    while (digits--)
        text_char(text, '0' + value / (whole /= 10) % 10);
}

void text_seconds(struct trace_text *text, uint64_t nanoseconds, unsigned digits)
{
    text_fraction(text, nanoseconds, 1000000000, digits);
}

void text_microseconds(struct trace_text *text, uint64_t nanoseconds)
{
    text_fraction(text, nanoseconds, 1000, 3);
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

void text_escaped(struct trace_text *text, enum text_quoting quoting, const char *utf8, size_t size)
{
    for (const char *c = utf8; c < utf8 + size; c++) {
        if ((unsigned char)*c < ' ' || *c == '"' || *c == '\\' || *c == 0x7f)
            put_escape(text, quoting, *c);
        else
            text_char(text, *c);
    }
}
