/* Bytes of a file that nobody has checked: what is read past their end is zero, and says so. */
#ifndef LOADER_CRASH_SPAN_H
#define LOADER_CRASH_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *at, *end;
    bool broken; /* something was not there */
};

static inline size_t span_size(const struct span *span)
{
    return span->end - span->at;
}

/* The next bytes, which may be none: of a span that is shorter, nothing, and it is broken from then on. */
static inline struct span span_take(struct span *span, uint64_t size)
{
    struct span taken = {span->at, span->at, false};
    if (span->broken || size > span_size(span)) {
        span->broken = taken.broken = true;
        span->at = span->end;
        return taken;
    }
    taken.end = span->at += size;
    return taken;
}

static inline struct span span_from(const struct span *span, uint64_t offset)
{
    struct span rest = *span;
    span_take(&rest, offset);
    return rest;
}

/* A little-endian number of up to 8 bytes. */
static inline uint64_t span_number(struct span *span, unsigned size)
{
    uint64_t value = 0;
    struct span bytes = span_take(span, size);
    if (!bytes.broken)
        memcpy(&value, bytes.at, size);
    return value;
}

/* DWARF's numbers of variable length. */
static inline uint64_t span_leb(struct span *span, bool is_signed)
{
    uint64_t value = 0;
    uint8_t byte;
    unsigned shift = 0;
    do {
        byte = span_number(span, 1);
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return is_signed && byte & 0x40 && shift < 64 ? value | ~0ull << shift : value;
}

static inline uint64_t span_uleb(struct span *span)
{
    return span_leb(span, false);
}

static inline int64_t span_sleb(struct span *span)
{
    return span_leb(span, true);
}

/* A terminated string; "" if it does not end. */
static inline const char *span_string(struct span *span)
{
    const uint8_t *string = span->at, *zero = string == span->end ? NULL : memchr(string, 0, span_size(span));
    span_take(span, zero ? (uint64_t)(zero - string) + 1 : UINT64_MAX);
    return zero ? (const char *)string : "";
}

#endif
