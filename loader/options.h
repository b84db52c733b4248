/* litewin-load's command line. */
#ifndef LOADER_OPTIONS_H
#define LOADER_OPTIONS_H

#include <stdbool.h>

enum action {
    ACTION_RUN,
    ACTION_IMPORTS, /* --imports: a table of what the program needs, and whether it is there */
    ACTION_DUMP,    /* --dump: the image's headers and tables */
    ACTION_DEBUG,   /* --gdb, --gdbserver: under a debugger */
    ACTION_HELP,
    ACTION_VERSION,
};

/* A list of words that an option added, in the order given. */
struct option_words {
    const char **words;
    unsigned count;
};

struct options {
    enum action action;
    const char *exit_code_file;
    const char *start_block; /* --start-block N: from a program that starts this one, for its use alone */
    struct option_words dll_paths;        /* --dll-path, then LITEWIN_PATH */
    struct option_words builtin;          /* --builtin NAME: litewin's own, whatever the program ships */
    struct option_words native;           /* --native NAME: the program's, though litewin has one */
    struct option_words drives;           /* --drive X=DIR */
    bool trace_apis;                      /* --trace-apis: a line for each call that the program makes */
    bool trace_summary;                   /* --trace-summary: a table of them at the end */
    struct option_words trace_filters;    /* --trace-filter PATTERN */
    struct option_words trace_categories; /* --trace-category LIST */
    const char *trace_format, *trace_output;
    const char *trace_strings;       /* --trace-strings N: how much of a string is shown */
    const char *crash_report;        /* --crash-report KIND */
    const char *crash_dump;          /* --crash-dump [full:]FILE */
    const char *gdbserver;           /* --gdbserver HOST:PORT; NULL: --gdb */
    char **debugger, **debugger_end; /* --gdb and what follows for it, or --gdbserver and its value */
    char **program;                  /* the program's name and its arguments, NULL at the end */
};

extern struct options options;

/* Returns NULL, or what is wrong with the command line. */
const char *options_parse(char **arguments);

void options_print_help(void);

#endif
