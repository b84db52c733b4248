#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "loader/debug.h"
#include "loader/handover.h"
#include "loader/options.h"

#define OWN_WORDS 10 /* at most, which no argument is the reason for */

static char script[PATH_MAX], loader[PATH_MAX], program_command[PATH_MAX + 32];

static void copy_words(char ***to, char **from, char **end)
{
    while (from < end)
        *(*to)++ = *from++;
}

static bool set_paths(const char *host_path)
{
    const char *system = handover_system_directory();
    if (!system)
        return false;
    int longest = snprintf(loader, sizeof loader, "%s/litewin-load", system);
    int script_length = snprintf(script, sizeof script, "%s/../litewin-gdb.py", system);
    snprintf(program_command, sizeof program_command, "litewin program %s", host_path);
    return longest < PATH_MAX && script_length < PATH_MAX;
}

/* gdb reads the script before it obeys the user's own options. */
static void begin_gdb(char ***word)
{
    char *own[] = {"gdb", "-x", script, "-ex", program_command};
    copy_words(word, own, own + sizeof own / sizeof *own);
    copy_words(word, options.debugger + 1, options.debugger_end);
    *(*word)++ = "--args";
}

static void begin_gdbserver(char ***word)
{
    *(*word)++ = "gdbserver";
    *(*word)++ = (char *)options.gdbserver;
}

/* The debugger runs this very loader with the same command line, without the words that are about it. */
const char *debug_program(char **arguments, const char *host_path)
{
    static char problem[128];
    char **end = arguments;
    while (*end)
        end++;
    char **command = calloc(end - arguments + OWN_WORDS, sizeof *command), **word = command;
    if (!command || !set_paths(host_path))
        return "litewin-load cannot find itself";
    if (options.gdbserver)
        begin_gdbserver(&word);
    else
        begin_gdb(&word);
    *word++ = loader;
    copy_words(&word, arguments + 1, options.debugger);
    copy_words(&word, options.debugger_end, end);
    execvp(*command, command);
    snprintf(problem, sizeof problem, "%s cannot be started: %s", *command, strerror(errno));
    return problem;
}
