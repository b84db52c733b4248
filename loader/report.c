#include <stdio.h>
#include <unistd.h>
#include "loader/report.h"
#include "loader/search.h"

static bool print_directory(const char *directory, void *context)
{
    char current[PATH_MAX];
    if (!strcmp(directory, ".") && getcwd(current, sizeof current))
        directory = current;
    fprintf(stderr, "  %s\n", directory);
    return true;
}

static const char *path_of(const struct module *module)
{
    return module ? module->host_path : "the program";
}

void report_refusal(const struct module *program, const struct module *dll)
{
    fprintf(stderr, "litewin: %s: %s failed to initialize\n", path_of(program), path_of(dll));
}

void report_load_failure(const struct module *program, const struct load_failure *failure)
{
    const struct search search = {0};
    if (failure->status == STATUS_DLL_NOT_FOUND && !*failure->reason) {
        fprintf(stderr, "litewin: %s needs %s, which was not found. Searched:\n", path_of(failure->needed_by),
                failure->dll);
        search_for_each_directory(&search, print_directory, NULL);
    } else if (*failure->dll) {
        fprintf(stderr, "litewin: %s needs %s, which cannot be loaded: %s\n", path_of(failure->needed_by),
                failure->dll, failure->reason);
    } else {
        fprintf(stderr, "litewin: %s: %s\n", path_of(program), failure->reason);
    }
}
