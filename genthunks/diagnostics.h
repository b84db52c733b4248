/* Errors in a .spec file: `file:line:column: what is wrong, what was expected`. */
#ifndef GENTHUNKS_DIAGNOSTICS_H
#define GENTHUNKS_DIAGNOSTICS_H

#include <stdio.h>

/* Both count from one; a line of 0 stands for the file as a whole. */
struct position {
    unsigned line, column;
};

struct diagnostics {
    FILE *out;
    const char *file;
    unsigned errors;
};

void report(struct diagnostics *diagnostics, struct position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
