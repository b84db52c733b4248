/* Runs TLS callbacks and DllMain when modules, threads and the process come and go. */
#ifndef LOADER_INITIALIZE_H
#define LOADER_INITIALIZE_H

#include "loader/module.h"

/* Calls function(argument), and returns the code of an exception that comes out of that, or 0. Ntdll knows
 * how. */
typedef DWORD (*initialize_catch)(void(GUEST_CDECL *function)(void *argument), void *argument);
EXPORTED void initialize_set_catch(initialize_catch function);

/* Attaches the module after everything that it depends on. STATUS_DLL_INIT_FAILED if a DllMain says so, or
 * the code of an exception that it lets out. Under the loader lock, like the next. */
NTSTATUS initialize_module(struct module *module);

/* Detaches the module that was attached last of those that are not marked; false if there is none. */
bool initialize_detach_unmarked(void);

/* Everything that the program imports, with the program's own TLS callbacks last. On failure `refused` is
 * the DLL that would not be attached. */
NTSTATUS initialize_program(const struct module **refused);

/* Registers what new threads, ending threads and the end of the process call. */
void initialize_register_hooks(void);

#endif
