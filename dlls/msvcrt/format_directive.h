/* Reading the directives of printf's formats: %[position$][flags][width][.precision][size]conversion. */
#ifndef MSVCRT_FORMAT_DIRECTIVE_H
#define MSVCRT_FORMAT_DIRECTIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <litewin/varargs.h>

/* Several may be given at once. */
enum directive_size {
    SIZE_CHAR = 0x01,    /* hh */
    SIZE_SHORT = 0x02,   /* h; of text: narrow */
    SIZE_LONG = 0x04,    /* l: of integers 32 bits like none; of text: wide */
    SIZE_64 = 0x08,      /* ll, I64, j */
    SIZE_POINTER = 0x10, /* I, z, t */
    SIZE_WIDE = 0x20,    /* w, of text */
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
    unsigned sizes; /* of enum directive_size */
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
