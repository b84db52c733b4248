/* Splits a .spec file into lines and tokens. */
#ifndef GENTHUNKS_LEXER_H
#define GENTHUNKS_LEXER_H

#include "arena.h"
#include "diagnostics.h"

#include <stdbool.h>

struct token {
    const char *text; /* NULL at the end of the line */
    struct position at;
};

struct lexer {
    struct arena *arena;
    const char *cursor, *end, *line_start;
    unsigned line;
    struct token ahead;
    bool has_ahead;
};

/* The bytes must stay; they must not contain a NUL. */
void lexer_init(struct lexer *lexer, struct arena *arena, const char *bytes, size_t size);

/* True while tokens or lines are left. */
bool lexer_more(const struct lexer *lexer);

/* The line's next token: a parenthesis, or a run of anything else up to a blank or a parenthesis.
 * Comments are skipped, backslash and newline between tokens continue the line. */
struct token lexer_next(struct lexer *lexer);
struct token lexer_peek(struct lexer *lexer);

/* Drops what is left of the line, its newline included. */
void lexer_end_line(struct lexer *lexer);

/* True if the line begins with `#!` and a letter: a directive, though a comment to winebuild. Its
 * tokens are then read as any line's. */
bool lexer_at_directive(struct lexer *lexer);

#endif
