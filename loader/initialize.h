/* Runs TLS callbacks and DllMain when modules, threads and the process come and go. */
#ifndef LOADER_INITIALIZE_H
#define LOADER_INITIALIZE_H

#include "loader/module.h"

/* Attaches the module after everything that it depends on. STATUS_DLL_INIT_FAILED if a DllMain says so.
 * Under the loader lock, like the next. */
NTSTATUS initialize_module(struct module *module);

/* Detaches the module that was attached last of those that are not marked; false if there is none. */
bool initialize_detach_unmarked(void);

/* Everything that the program imports, with the program's own TLS callbacks last. On failure `refused` is
 * the DLL that would not be attached. */
NTSTATUS initialize_program(const struct module **refused);

/* Registers what new threads, ending threads and the end of the process call. */
void initialize_register_hooks(void);

#endif
