/* Tracing: a line for each call that the program makes, or a table at the end.
 *
 * A DLL's exports reach their implementations through its binding. When the DLL is bound, the exports that
 * the filter lets through get an entry of their own there (entry.c), which tells the tracer of the call,
 * calls the implementation and tells of the return. All others, and all when tracing is off, are bound as
 * ever. */
#ifndef LOADER_TRACE_TRACE_H
#define LOADER_TRACE_TRACE_H

#include <litewin/binding.h>
#include <litewin/windows.h>
#include "loader/options.h"

struct module;
struct thread;

/* Whether anything is traced. Who reports an event looks first. */
EXPORTED extern bool trace_is_on;

/* Takes the options and variables. Returns NULL, or what is wrong with them. */
const char *trace_configure(void);

/* The table of functions for the binding of the DLL with that file name. */
const litewin_function *trace_functions(const struct litewin_backing *backing, const char *path);

/* `address` is that of the target's export to which the module's forwarder of that name leads. Returns the
 * address by which the program shall call it, so that the call is known by the forwarder's name. */
void *trace_forwarder(const struct module *module, const char *name, const struct module *target,
                      uint32_t ordinal, void *address);

void trace_module_loaded(const struct module *module);
void trace_module_unloaded(const struct module *module);
EXPORTED void trace_exception(const EXCEPTION_RECORD *record);
/* `by` is "vectored handler" or the like. */
EXPORTED void trace_exception_continued(const char *by);
EXPORTED void trace_unwind(const void *target);
void trace_thread_started(struct thread *thread);
void trace_thread_ended(uint32_t exit_code);

#endif
