#include <stdlib.h>
#include "kernel/cmdline.h"
#include "kernel/utf.h"

static bool is_blank(WCHAR c)
{
    return c == ' ' || c == '\t';
}

/* The text goes out one character at a time; without a buffer it is only counted. */
static void put(WCHAR *text, struct cmdline_argument *argument, WCHAR c)
{
    if (text)
        text[argument->length] = c;
    argument->length++;
}

static void finish(WCHAR *text, const struct cmdline_argument *argument)
{
    if (text)
        text[argument->length] = 0;
}

/* The C runtime's argv[0]: quotes switch the meaning of blanks, backslashes mean nothing. */
static const WCHAR *crt_program(const WCHAR *p, WCHAR *text, struct cmdline_argument *argument)
{
    for (bool quoted = false; *p && (quoted || !is_blank(*p)); p++) {
        if (*p == '"')
            quoted = !quoted;
        else
            put(text, argument, *p);
    }
    return p;
}

/* CommandLineToArgvW's argv[0]: a quoted name ends at the next quote, any other at the first blank or
 * control character. */
static const WCHAR *shell_program(const WCHAR *p, WCHAR *text, struct cmdline_argument *argument)
{
    if (*p == '"') {
        for (p++; *p && *p != '"'; p++)
            put(text, argument, *p);
        return *p ? p + 1 : p;
    }
    for (; *p > ' '; p++)
        put(text, argument, *p);
    return p;
}

void cmdline_program(const WCHAR **line, enum cmdline_rules rules, WCHAR *text,
                     struct cmdline_argument *argument)
{
    *argument = (struct cmdline_argument){0};
    *line = rules == CMDLINE_CRT ? crt_program(*line, text, argument) : shell_program(*line, text, argument);
    finish(text, argument);
}

/* What stands at *line is a run of quotes that no backslash escapes. The runtime reads two quotes within
 * quotes as one that does not end them. CommandLineToArgvW counts on through the run: within quotes every
 * third is a quote to keep, and the state at its end says whether quotes are still open. */
static const WCHAR *quotes(const WCHAR *p, enum cmdline_rules rules, bool *quoted, WCHAR *text,
                           struct cmdline_argument *argument)
{
    if (rules == CMDLINE_CRT) {
        if (*quoted && p[1] == '"') {
            put(text, argument, '"');
            return p + 2;
        }
        *quoted = !*quoted;
        return p + 1;
    }
    size_t count = 0;
    while (p[count] == '"')
        count++;
    for (size_t i = 3 - *quoted; i <= count; i += 3)
        put(text, argument, '"');
    *quoted = (count + *quoted) % 3 == 1;
    return p + count;
}

/* Backslashes are themselves unless a quote follows: then each two are one, and an odd one makes the quote
 * an ordinary character. */
static const WCHAR *backslashes(const WCHAR *p, WCHAR *text, struct cmdline_argument *argument)
{
    size_t count = 0;
    while (p[count] == '\\')
        count++;
    bool before_quote = p[count] == '"';
    for (size_t i = before_quote ? count / 2 : count; i; i--)
        put(text, argument, '\\');
    p += count;
    if (before_quote && count % 2)
        put(text, argument, *p++);
    return p;
}

bool cmdline_next(const WCHAR **line, enum cmdline_rules rules, WCHAR *text,
                  struct cmdline_argument *argument)
{
    const WCHAR *p = *line;
    *argument = (struct cmdline_argument){0};
    while (is_blank(*p))
        p++;
    if (!*p) {
        *line = p;
        return false;
    }
    for (bool quoted = false; *p && (quoted || !is_blank(*p));) {
        if (*p == '"') {
            p = quotes(p, rules, &quoted, text, argument);
        } else if (*p == '\\') {
            p = backslashes(p, text, argument);
        } else {
            argument->wildcard |= !quoted && (*p == '*' || *p == '?');
            put(text, argument, *p++);
        }
    }
    finish(text, argument);
    *line = p;
    return true;
}

void cmdline_parse(const WCHAR *line, enum cmdline_rules rules, WCHAR **argv, WCHAR *text, size_t *count,
                   size_t *size)
{
    struct cmdline_argument argument;
    *count = 0;
    *size = 0;
    cmdline_program(&line, rules, argv ? text : NULL, &argument);
    do {
        if (argv)
            argv[*count] = text + *size;
        ++*count;
        *size += argument.length + 1;
    } while (cmdline_next(&line, rules, argv ? text + *size : NULL, &argument));
    if (argv)
        argv[*count] = NULL;
}

/* Linux's arguments are any bytes; what is not UTF-8 has no command line that leads back to it. */
static size_t to_utf16(WCHAR *target, size_t capacity, const char *argument)
{
    return utf16_from_utf8(target, capacity, argument, strlen(argument), UTF_REPLACE);
}

/* A wildcard that has come this far is meant as it is, and would be expanded without quotes. */
static bool needs_quotes(const WCHAR *argument, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (argument[i] <= ' ' || argument[i] == '"' || argument[i] == '*' || argument[i] == '?')
            return true;
    }
    return length == 0;
}

static WCHAR *fill(WCHAR *out, WCHAR c, size_t count)
{
    while (count--)
        *out++ = c;
    return out;
}

static WCHAR *quote_argument(WCHAR *out, const WCHAR *argument, size_t length)
{
    size_t backslashes = 0;
    *out++ = '"';
    for (size_t i = 0; i < length; i++) {
        if (argument[i] == '"')
            out = fill(out, '\\', backslashes + 1);
        backslashes = argument[i] == '\\' ? backslashes + 1 : 0;
        *out++ = argument[i];
    }
    out = fill(out, '\\', backslashes);
    *out++ = '"';
    return out;
}

static WCHAR *quote_program(WCHAR *out, const WCHAR *name, size_t length)
{
    *out++ = '"';
    for (size_t i = 0; i < length; i++) {
        if (name[i] != '"')
            *out++ = name[i];
    }
    *out++ = '"';
    return out;
}

static WCHAR *append_argument(WCHAR *out, const WCHAR *argument, size_t length, bool is_program)
{
    if (is_program && needs_quotes(argument, length))
        return quote_program(out, argument, length);
    if (needs_quotes(argument, length))
        return quote_argument(out, argument, length);
    memcpy(out, argument, length * sizeof *out);
    return out + length;
}

WCHAR *cmdline_build(size_t count, const char *const *argv)
{
    /* Quoting at most doubles an argument and adds two quotes; a blank or the terminator follows. */
    size_t longest = 0, total = 1;
    for (size_t i = 0; i < count; i++) {
        size_t length = to_utf16(NULL, 0, argv[i]);
        longest = length > longest ? length : longest;
        total += 2 * length + 3;
    }
    WCHAR *line = malloc((total + longest) * sizeof *line);
    if (!line)
        return NULL;
    WCHAR *out = line, *argument = line + total;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *out++ = ' ';
        out = append_argument(out, argument, to_utf16(argument, longest, argv[i]), i == 0);
    }
    *out = 0;
    return line;
}
