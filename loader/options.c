#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "loader/options.h"

struct options options;

static char problem[256];

static void add_word(struct option_words *list, const char *word)
{
    /* A child gets both its parent's options and the variable that some of them came from. */
    for (unsigned i = 0; i < list->count; i++) {
        if (!strcmp(list->words[i], word))
            return;
    }
    list->words = realloc(list->words, (list->count + 1) * sizeof *list->words);
    if (!list->words)
        abort();
    list->words[list->count++] = word;
}

static void add_library_path(const char *path)
{
    static char *directories; /* the options' words are parts of it */
    directories = strdup(path);
    for (char *rest = directories, *directory; (directory = strsep(&rest, ":"));) {
        if (*directory)
            add_word(&options.dll_paths, directory);
    }
}

/* Every option that takes a value, and where the value goes. */
static const struct {
    const char *name;
    struct option_words *list; /* NULL: one value, the last counts */
    const char **value;
} valued_options[] = {
    {"--dll-path", &options.dll_paths, NULL},
    {"--builtin", &options.builtin, NULL},
    {"--native", &options.native, NULL},
    {"--drive", &options.drives, NULL},
    {"--exit-code-file", NULL, &options.exit_code_file},
    {"--trace-filter", &options.trace_filters, NULL},
    {"--trace-category", &options.trace_categories, NULL},
    {"--trace-format", NULL, &options.trace_format},
    {"--trace-output", NULL, &options.trace_output},
    {"--trace-strings", NULL, &options.trace_strings},
    {"--crash-report", NULL, &options.crash_report},
    {"--crash-dump", NULL, &options.crash_dump},
    {"--start-block", NULL, &options.start_block},
    {"--gdbserver", NULL, &options.gdbserver},
};

static const struct {
    const char *name;
    bool *value;
} switches[] = {
    {"--trace-apis", &options.trace_apis},
    {"--trace-summary", &options.trace_summary},
};

/* For programs that another program starts. */
static const struct {
    const char *variable, *option;
} option_variables[] = {
    {"LITEWIN_TRACE", "--trace-apis"},
    {"LITEWIN_TRACE_SUMMARY", "--trace-summary"},
    {"LITEWIN_TRACE_FILTER", "--trace-filter"},
    {"LITEWIN_TRACE_CATEGORY", "--trace-category"},
    {"LITEWIN_TRACE_FORMAT", "--trace-format"},
    {"LITEWIN_TRACE_OUTPUT", "--trace-output"},
    {"LITEWIN_TRACE_STRINGS", "--trace-strings"},
    {"LITEWIN_CRASH_REPORT", "--crash-report"},
    {"LITEWIN_CRASH_DUMP", "--crash-dump"},
};

static const struct {
    const char *name;
    enum action action;
} actions[] = {
    {"--imports", ACTION_IMPORTS}, {"--dump", ACTION_DUMP},       {"--help", ACTION_HELP},
    {"-h", ACTION_HELP},           {"--version", ACTION_VERSION},
};

static bool take_action(const char *argument)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (!strcmp(argument, actions[i].name)) {
            options.action = actions[i].action;
            return true;
        }
    }
    return false;
}

static bool *find_switch(const char *argument)
{
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        if (!strcmp(argument, switches[i].name))
            return switches[i].value;
    }
    return NULL;
}

static bool take_switch(const char *argument)
{
    bool *value = find_switch(argument);
    return value && (*value = true);
}

/* Takes `--name value` or `--name=value`; moves *arguments to the last word used. */
static bool take_valued(char ***arguments)
{
    char *argument = **arguments;
    for (size_t i = 0; i < sizeof valued_options / sizeof *valued_options; i++) {
        size_t length = strlen(valued_options[i].name);
        if (strncmp(argument, valued_options[i].name, length) ||
            (argument[length] && argument[length] != '='))
            continue;
        const char *value = argument[length] ? argument + length + 1 : *++*arguments;
        if (!value || !*value) {
            snprintf(problem, sizeof problem, "%s needs a value", valued_options[i].name);
            --*arguments;
        } else if (valued_options[i].list) {
            add_word(valued_options[i].list, value);
        } else {
            *valued_options[i].value = value;
        }
        return true;
    }
    return false;
}

static void set_debugger(char **first, char **end)
{
    options.action = ACTION_DEBUG;
    options.debugger = first;
    options.debugger_end = end;
}

/* `--gdb`, and if the next word begins with '-', gdb's own options up to `--`; or `--gdbserver HOST:PORT`. */
static bool take_debugger(char ***arguments)
{
    char **first = *arguments, **end = first + 1;
    bool is_gdb = !strcmp(*first, "--gdb");
    if (!is_gdb && strncmp(*first, "--gdbserver", strlen("--gdbserver")))
        return false;
    if (!is_gdb)
        return take_valued(arguments) && (set_debugger(first, *arguments + 1), true);
    if (*end && **end == '-')
        while (*end && strcmp(*end, "--"))
            end++;
    if (!*end && end > first + 1)
        snprintf(problem, sizeof problem, "after --gdb, '--' must follow gdb's own options");
    else
        *arguments = end - 1;
    set_debugger(first, end);
    return true;
}

static void take_variables(void)
{
    for (size_t i = 0; i < sizeof option_variables / sizeof *option_variables; i++) {
        char *value = getenv(option_variables[i].variable);
        char *words[] = {(char *)option_variables[i].option, value, NULL}, **word = words;
        if (!value || !*value || (find_switch(words[0]) && !strcmp(value, "0")))
            continue;
        if (!take_switch(words[0]))
            take_valued(&word);
    }
}

const char *options_parse(char **arguments)
{
    *problem = '\0';
    take_variables(); /* which the command line overrides */
    for (arguments++; *arguments && **arguments == '-' && !*problem; arguments++) {
        if (!strcmp(*arguments, "--")) {
            arguments++;
            break;
        }
        if (!take_action(*arguments) && !take_switch(*arguments) && !take_debugger(&arguments) &&
            !take_valued(&arguments))
            snprintf(problem, sizeof problem, "unknown option %.200s", *arguments);
    }
    const char *library_path = getenv("LITEWIN_PATH");
    if (library_path)
        add_library_path(library_path);
    options.program = arguments;
    bool needs_program = options.action != ACTION_HELP && options.action != ACTION_VERSION;
    if (!*problem && needs_program && !*arguments)
        snprintf(problem, sizeof problem, "no program is named");
    return *problem ? problem : NULL;
}

void options_print_help(void)
{
    fputs(
        "usage: litewin-load [options] program.exe [arguments]\n"
        "Runs a Windows console program, x86-64 or i386.\n"
        "\n"
        "  --imports             list every DLL and function that the program needs, where it was found and\n"
        "                        whether it is implemented; exit 1 if anything is missing\n"
        "  --dump                print the image's headers, sections, relocations, imports, exports, TLS\n"
        "  --dll-path DIR        search DIR for DLLs after the program's own directory (may be repeated;\n"
        "                        LITEWIN_PATH=DIR:DIR does the same)\n"
        "  --builtin NAME        use litewin's NAME.dll even if the program ships one\n"
        "  --native NAME         use the program's NAME.dll even if litewin has one\n"
        "  --drive X=DIR         show the directory DIR as drive X:\n"
        "  --exit-code-file FILE write all 32 bits of the program's exit code to FILE, in decimal\n"
        "  --trace-apis          write a line for each call that the program makes, and for its return\n"
        "  --trace-filter NAME   only calls of that name: Nt*File, kernel32!Create*, !GetLastError excludes\n"
        "                        (may be repeated)\n"
        "  --trace-category LIST only calls of those categories: file_io,memory,...\n"
        "  --trace-format FORMAT text, json or perfetto\n"
        "  --trace-output FILE   where the trace goes; to standard error otherwise\n"
        "  --trace-strings N     show N characters of a string (80)\n"
        "  --trace-summary       no lines, but a table of the calls and their times at the end\n"
        "  --gdb [OPTIONS --]    debug the program with gdb, to which the OPTIONS go:\n"
        "                        --gdb -batch -ex run -ex bt -- program.exe arguments\n"
        "  --gdbserver HOST:PORT run it for a gdb that connects to that address\n"
        "  --crash-report KIND   what is said of an exception that nobody handles: short, full or none\n"
        "  --crash-dump FILE     write a minidump then; %p in FILE becomes the process's id; full:FILE has "
        "all\n"
        "                        of the program's memory\n"
        "  --version, --help\n"
        "\n"
        "The exit status is the low 8 bits of the program's exit code (255 if only higher bits are set),\n"
        "126 if the program cannot be run, 127 if it cannot be found.\n",
        stdout);
}
