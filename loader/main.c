/* litewin-load: runs a Windows program. */
#include <stdio.h>
#include "loader/options.h"
#include "loader/start.h"

#define VERSION "0.1"

int main(int argc, char **argv, char **environment)
{
    const char *problem = options_parse(argv);
    if (problem) {
        fprintf(stderr, "litewin-load: %s (litewin-load --help lists the options)\n", problem);
        return EXIT_CANNOT_RUN;
    }
    switch (options.action) {
    case ACTION_HELP:
        options_print_help();
        return 0;
    case ACTION_VERSION:
        puts("litewin-load " VERSION);
        return 0;
    case ACTION_RUN:
    case ACTION_IMPORTS:
    case ACTION_DUMP:
    case ACTION_DEBUG:
        break;
    }
    return start_program(argv, options.program, environment);
}
