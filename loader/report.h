/* What litewin-load tells a person about what a program needs. */
#ifndef LOADER_REPORT_H
#define LOADER_REPORT_H

#include "loader/module.h"

/* Why the program cannot start, on stderr: for a missing DLL, who needs it and where it was looked for. */
void report_load_failure(const struct module *program, const struct load_failure *failure);

/* The same for a DLL whose DllMain would not have the process. */
void report_refusal(const struct module *program, const struct module *dll);

#endif
