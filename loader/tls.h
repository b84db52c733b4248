/* Static thread-local storage: the TLS directories of the program and its DLLs. */
#ifndef LOADER_TLS_H
#define LOADER_TLS_H

#include "loader/module.h"
#include "kernel/thread.h"

/* Gives the module its index, and every living thread a copy of its data. The module's image is still
 * writable. Does nothing for a module without a TLS directory. */
NTSTATUS tls_add_module(struct module *module, struct load_failure *failure);
void tls_remove_module(struct module *module);

/* Calls the module's TLS callbacks, as DllMain would be called. */
void tls_call_callbacks(struct module *module, DWORD reason);

/* Gives a thread what it lacks of the loaded modules' data; false when memory is short. */
bool tls_prepare_thread(struct thread *thread);
void tls_discard_thread(struct thread *thread);

#endif
