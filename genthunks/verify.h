/* "What is declared must exist": compares a .spec file with the backing that was compiled for it. */
#ifndef GENTHUNKS_VERIFY_H
#define GENTHUNKS_VERIFY_H

#include "spec.h"

/* True if every function and datum of the module exists in the ELF file and agrees in number and
 * kind of arguments, and in its result. */
bool verify_backing(const struct module *module, const char *backing_path, struct diagnostics *diagnostics);

#endif
