/* Reading the directives of printf's formats: %[position$][flags][width][.precision][size]conversion. */
#ifndef MSVCRT_FORMAT_DIRECTIVE_H
#define MSVCRT_FORMAT_DIRECTIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <litewin/varargs.h>

enum directive_size {
    SIZE_DEFAULT,
    SIZE_CHAR,        /* hh */
    SIZE_SHORT,       /* h; of text: narrow */
    SIZE_LONG,        /* l: 32 bits; of text: wide */
    SIZE_LONG_LONG,   /* ll */
    SIZE_LONG_DOUBLE, /* L: a double like any other */
    SIZE_INT32,       /* I32 */
    SIZE_INT64,       /* I64 */
    SIZE_INTMAX,      /* j */
    SIZE_POINTER,     /* I, z, t */
    SIZE_WIDE,        /* w, of text */
};

enum directive_kind {
    DIRECTIVE_CONVERSION,
    DIRECTIVE_LITERAL, /* %% and, in msvcrt.dll, whatever means nothing: print `conversion` itself */
    DIRECTIVE_END,     /* the format ends within the directive */
    DIRECTIVE_INVALID,
};

struct directive {
    enum directive_kind kind;
    bool left, plus, space, alternate, zero;
    bool width_argument, precision_argument; /* given as '*' */
    /* From 1; 0 is the next argument. */
    uint8_t position, width_position, precision_position;
    enum directive_size size;
    unsigned conversion;
    int width;
    int precision; /* -1: none */
};

static inline unsigned directive_unit(const char *text, bool wide)
{
    return wide ? *(const wchar_t *)text : (unsigned char)*text;
}

/* `text` is at the '%'. Returns what follows the directive. */
const char *directive_parse(struct directive *d, const char *text, bool wide, unsigned options);

/* Of the argument that is converted, in bytes: 4 or 8. */
int directive_argument_size(const struct directive *d);

#define FORMAT_POSITIONS 100

/* Where the arguments of a format with positions stand. */
struct format_positions {
    guest_va_list arguments;
    uint16_t offsets[FORMAT_POSITIONS + 1];
};

enum positions_found {
    POSITIONS_NONE,
    POSITIONS_ALL,
    POSITIONS_INVALID, /* some directives have one and some do not, or a position is left out */
};

enum positions_found directive_find_positions(struct format_positions *positions, const char *text, bool wide,
                                              unsigned options, guest_va_list arguments);

#endif
