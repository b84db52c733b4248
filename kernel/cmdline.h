/* A Windows command line is one string; programs split it by rules of their C library. */
#ifndef KERNEL_CMDLINE_H
#define KERNEL_CMDLINE_H

#include <litewin/windows.h>

/* The two splitters in use differ in argv[0] and in quotes that stand beside each other. */
enum cmdline_rules {
    CMDLINE_CRT,   /* main's argv: Microsoft's C runtime since 2008 */
    CMDLINE_SHELL, /* CommandLineToArgvW */
};

struct cmdline_argument {
    size_t length;
    bool wildcard; /* an asterisk or question mark stands outside quotes */
};

/* Take the program's name, which begins every command line, and then one argument after another off the
 * line. `text` is NULL or has room for all that is left of the line, and is terminated. The name is
 * there even when the line is empty; cmdline_next returns false when nothing but blanks is left. */
EXPORTED void cmdline_program(const WCHAR **line, enum cmdline_rules rules, WCHAR *text,
                              struct cmdline_argument *argument);
EXPORTED bool cmdline_next(const WCHAR **line, enum cmdline_rules rules, WCHAR *text,
                           struct cmdline_argument *argument);

/* Splits a whole line. With `argv` NULL it only counts: the arguments, and the WCHARs of all of them with
 * their terminators. Otherwise it stores them in `text`, and pointers to them in `argv` with a NULL after
 * the last. */
EXPORTED void cmdline_parse(const WCHAR *line, enum cmdline_rules rules, WCHAR **argv, WCHAR *text,
                            size_t *count, size_t *size);

/* The command line that either splitter takes apart into exactly `argv`, whose strings are UTF-8. The
 * program's name cannot hold a quotation mark, as no Windows path can; one there is left out. The caller
 * frees the result with free(); NULL without memory. */
EXPORTED WCHAR *cmdline_build(size_t count, const char *const *argv);

#endif
