/* The text of floating-point numbers, as the printf family shows them. */
#ifndef MSVCRT_FORMAT_FLOAT_H
#define MSVCRT_FORMAT_FLOAT_H

#include "dlls/msvcrt/decimal.h"

/* A number's text is put together from what exists anyhow; zeros are counted, not stored, so that no
 * precision is too large. */
struct text_piece {
    const char *text;
    size_t length;
    size_t zeros; /* after the text */
};

struct number_text {
    char prefix[4]; /* sign and 0x: padding with zeros goes after these */
    size_t prefix_length;
    size_t piece_count;
    struct text_piece pieces[4];
};

static inline void number_add(struct number_text *number, const char *text, size_t length, size_t zeros)
{
    number->pieces[number->piece_count++] = (struct text_piece){text, length, zeros};
}

struct float_style {
    char conversion; /* one of e f g a, E F G A */
    bool alternate;  /* the flag # */
    bool legacy;     /* infinities as 1.#INF rather than inf */
    char decimal_point;
    int precision; /* -1: the conversion's own */
    int exponent_digits;
    enum decimal_rounding rounding;
};

/* Keeps what the pieces point to. */
struct float_text {
    struct decimal decimal;
    char point;
    char exponent[8];
};

/* Everything but the sign, which `text->decimal.negative` says. */
void format_float(struct number_text *number, struct float_text *text, double value,
                  const struct float_style *style);

#endif
