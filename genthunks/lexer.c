#include "lexer.h"

#include <ctype.h>

void lexer_init(struct lexer *lexer, struct arena *arena, const char *bytes, size_t size)
{
    *lexer =
        (struct lexer){.arena = arena, .cursor = bytes, .end = bytes + size, .line_start = bytes, .line = 1};
}

bool lexer_more(const struct lexer *lexer)
{
    return lexer->has_ahead || lexer->cursor < lexer->end;
}

static bool is_blank(char c)
{
    return c != '\n' && isspace((unsigned char)c);
}

/* The length of a backslash and newline at `at`, 0 if there is none. */
static size_t continuation_length(const struct lexer *lexer, const char *at)
{
    if (at < lexer->end && *at == '\\') {
        if (lexer->end - at >= 2 && at[1] == '\n')
            return 2;
        if (lexer->end - at >= 3 && at[1] == '\r' && at[2] == '\n')
            return 3;
    }
    return 0;
}

static void skip_to_newline(struct lexer *lexer)
{
    while (lexer->cursor < lexer->end && *lexer->cursor != '\n')
        lexer->cursor++;
}

static void start_line(struct lexer *lexer)
{
    lexer->line_start = lexer->cursor;
    lexer->line++;
}

/* Stops at a token or at the line's end. */
static void skip_blanks(struct lexer *lexer)
{
    while (lexer->cursor < lexer->end) {
        size_t continuation = continuation_length(lexer, lexer->cursor);
        if (continuation) {
            lexer->cursor += continuation;
            start_line(lexer);
        } else if (is_blank(*lexer->cursor)) {
            lexer->cursor++;
        } else if (*lexer->cursor == '#' || *lexer->cursor == ';') {
            skip_to_newline(lexer);
        } else {
            return;
        }
    }
}

static bool ends_token(const struct lexer *lexer, const char *at)
{
    return at >= lexer->end || isspace((unsigned char)*at) || *at == '(' || *at == ')' ||
           continuation_length(lexer, at);
}

/* A backslash inside a token makes the next character an ordinary one. */
static const char *scan_word(struct lexer *lexer)
{
    const char *start = lexer->cursor;
    const char *at = start;
    size_t length = 0;
    while (!ends_token(lexer, at)) {
        at += *at == '\\' && at + 1 < lexer->end ? 2 : 1;
        length++;
    }
    char *text = arena_alloc(lexer->arena, length + 1);
    at = start;
    for (size_t i = 0; i < length; i++) {
        if (*at == '\\' && at + 1 < lexer->end)
            at++;
        text[i] = *at++;
    }
    lexer->cursor = at;
    return text;
}

static struct token scan(struct lexer *lexer)
{
    skip_blanks(lexer);
    struct token token = {.at = {lexer->line, (unsigned)(lexer->cursor - lexer->line_start) + 1}};
    if (lexer->cursor >= lexer->end || *lexer->cursor == '\n')
        return token;
    if (*lexer->cursor == '(' || *lexer->cursor == ')')
        token.text = *lexer->cursor++ == '(' ? "(" : ")";
    else
        token.text = scan_word(lexer);
    return token;
}

struct token lexer_peek(struct lexer *lexer)
{
    if (!lexer->has_ahead) {
        lexer->ahead = scan(lexer);
        lexer->has_ahead = true;
    }
    return lexer->ahead;
}

struct token lexer_next(struct lexer *lexer)
{
    struct token token = lexer_peek(lexer);
    lexer->has_ahead = false;
    return token;
}

void lexer_end_line(struct lexer *lexer)
{
    while (lexer_next(lexer).text)
        ;
    if (lexer->cursor < lexer->end) {
        lexer->cursor++;
        start_line(lexer);
    }
}

bool lexer_at_directive(struct lexer *lexer)
{
    const char *at = lexer->cursor;
    while (at < lexer->end && is_blank(*at))
        at++;
    if (lexer->end - at < 3 || at[0] != '#' || at[1] != '!' || !isalpha((unsigned char)at[2]))
        return false;
    lexer->cursor = at;
    lexer->ahead = (struct token){scan_word(lexer), {lexer->line, (unsigned)(at - lexer->line_start) + 1}};
    lexer->has_ahead = true;
    return true;
}
