/* A line of text in the making. What does not fit is left out, so that a line is always whole. */
#ifndef LOADER_TRACE_TEXT_H
#define LOADER_TRACE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <litewin/windows.h>

struct trace_text {
    char *at, *end;
};

static inline void text_char(struct trace_text *text, char c)
{
    if (text->at < text->end)
        *text->at++ = c;
}

/* Of a known size, as most are, these are a few moves. */
static inline void text_bytes(struct trace_text *text, const char *bytes, size_t size)
{
    size_t room = text->end - text->at;
    if (size <= room) {
        memcpy(text->at, bytes, size);
        text->at += size;
    } else {
        memcpy(text->at, bytes, room);
        text->at = text->end;
    }
}

static inline void text_string(struct trace_text *text, const char *string)
{
    text_bytes(text, string, strlen(string));
}

void text_decimal(struct trace_text *text, uint64_t value);
void text_signed(struct trace_text *text, int64_t value);
/* With 0x, and no more digits than the value has. */
void text_hex(struct trace_text *text, uint64_t value);
/* Exactly that many digits, zeros in front, without 0x. */
void text_digits(struct trace_text *text, uint64_t value, unsigned count);
/* A time in seconds, with six digits behind the point, or in microseconds, with three. */
void text_seconds(struct trace_text *text, uint64_t nanoseconds);
void text_microseconds(struct trace_text *text, uint64_t nanoseconds);
void text_double(struct trace_text *text, double value);

/* What a string's characters are escaped for. */
enum text_quoting { QUOTE_C, QUOTE_JSON };

/* The escaped characters, without quotes around them. */
void text_escaped(struct trace_text *text, enum text_quoting quoting, const char *utf8, size_t size);

#endif
