#ifndef LOADER_IMPORTS_H
#define LOADER_IMPORTS_H

#include "loader/load.h"

/* Loads every DLL that the module imports and fills in its import table. A function that its DLL lacks
 * becomes one that says so when it is called; a DLL that is missing is a failure. */
NTSTATUS imports_resolve(struct module *module, const struct search *search, struct load_failure *failure);

#endif
