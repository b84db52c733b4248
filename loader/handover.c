#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>
#include <litewin/windows.h>
#include "loader/handover.h"
#include "loader/options.h"

/* The tree is the same where it is built and where it is installed: each architecture's loader and its DLLs
 * are in lib/litewin/ARCH. */
#define X86_64_DIRECTORY "/lib/litewin/x86_64"
#define I386_DIRECTORY   "/lib/litewin/i386"
#define LOADER_NAME      "/litewin-load"
#define LAUNCHER         "/bin" LOADER_NAME
#ifdef __x86_64__
#define OWN_DIRECTORY     X86_64_DIRECTORY
#define SIBLING_DIRECTORY I386_DIRECTORY
#else
#define OWN_DIRECTORY     I386_DIRECTORY
#define SIBLING_DIRECTORY X86_64_DIRECTORY
#endif
#define OWN_NAME OWN_DIRECTORY LOADER_NAME

/* Appends to the directory that holds all of this; false if this executable is not where it belongs. */
static bool path_in_tree(const char *name, char path[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1), own = strlen(OWN_NAME);
    if (length < own || memcmp(path + length - own, OWN_NAME, own))
        return false;
    return snprintf(path + length - own, PATH_MAX - (length - own), "%s", name) < PATH_MAX - (length - own);
}

const char *handover_system_directory(void)
{
    static char directory[PATH_MAX];
    return path_in_tree(OWN_DIRECTORY, directory) ? directory : NULL;
}

/* For child processes */

/* Every option that a child inherits, and which of an option's forms it has. */
static const struct {
    const char *name;
    const struct option_words *words;
    const char *const *value;
    const bool *given;
} inherited[] = {
    {"--dll-path=", &options.dll_paths, NULL, NULL},
    {"--builtin=", &options.builtin, NULL, NULL},
    {"--native=", &options.native, NULL, NULL},
    {"--drive=", &options.drives, NULL, NULL},
    {"--trace-filter=", &options.trace_filters, NULL, NULL},
    {"--trace-category=", &options.trace_categories, NULL, NULL},
    {"--trace-format=", NULL, &options.trace_format, NULL},
    {"--trace-output=", NULL, &options.trace_output, NULL},
    {"--trace-strings=", NULL, &options.trace_strings, NULL},
    {"--crash-report=", NULL, &options.crash_report, NULL},
    {"--crash-dump=", NULL, &options.crash_dump, NULL},
    {"--trace-apis", NULL, NULL, &options.trace_apis},
    {"--trace-summary", NULL, NULL, &options.trace_summary},
};

/* The words of an option; the last of a command's words is NULL in any case. */
static unsigned word_count(size_t option)
{
    if (inherited[option].words)
        return inherited[option].words->count;
    return inherited[option].value ? *inherited[option].value != NULL : *inherited[option].given;
}

static char *make_word(size_t option, unsigned number)
{
    char *word;
    const char *value = inherited[option].words   ? inherited[option].words->words[number]
                        : inherited[option].value ? *inherited[option].value
                                                  : "";
    return asprintf(&word, "%s%s", inherited[option].name, value) < 0 ? NULL : word;
}

static char **make_command(const char *loader)
{
    size_t count = 2;
    for (size_t i = 0; i < sizeof inherited / sizeof *inherited; i++)
        count += word_count(i);
    char **command = calloc(count, sizeof *command), **end = command, program[PATH_MAX];
    if (!command || !path_in_tree(loader, program) || !(*end++ = strdup(program)))
        return NULL;
    for (size_t i = 0; i < sizeof inherited / sizeof *inherited; i++) {
        for (unsigned n = 0; n < word_count(i); n++) {
            if (!(*end++ = make_word(i, n)))
                return NULL;
        }
    }
    return command;
}

/* The launcher sees to an i386 process's address space. */
char *const *handover_command(uint16_t machine)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static char **commands[2];
    bool is_i386 = machine == IMAGE_FILE_MACHINE_I386;
    pthread_mutex_lock(&lock);
    if (!commands[is_i386])
        commands[is_i386] = make_command(is_i386 ? LAUNCHER : X86_64_DIRECTORY LOADER_NAME);
    pthread_mutex_unlock(&lock);
    return commands[is_i386];
}

/* For another architecture */

void handover(const struct pe_image *image, char **arguments)
{
    char sibling[PATH_MAX];
    if (!path_in_tree(SIBLING_DIRECTORY LOADER_NAME, sibling))
        return;
    /* Linux lays an i386 process out from the top of its 4 GiB. A program that does not know of more
     * than 2 GiB must be laid out from the bottom. */
    if (image->machine == IMAGE_FILE_MACHINE_I386 &&
        !(image->characteristics & IMAGE_FILE_LARGE_ADDRESS_AWARE))
        personality(personality(0xffffffff) | ADDR_COMPAT_LAYOUT);
    execv(sibling, arguments);
}
