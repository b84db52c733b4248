/* Binds litewin's own DLLs to the Linux code behind them. */
#ifndef LOADER_BACKING_H
#define LOADER_BACKING_H

#include "loader/module.h"

/* For a mapped module from litewin's own directory. A DLL there that has no stamp is an ordinary one. */
NTSTATUS backing_bind(struct module *module, struct load_failure *failure);

/* For a bound module whose functions the tracer has: another function for that export. */
void backing_replace(const struct module *module, uint32_t index, litewin_function function);

/* Backings call those of ntdll and kernel32, which a program's start always binds first. Where no program is
 * started, this loads them. */
void backing_open_floors(void);

/* The Linux code behind an image; NULL, with failure->status 0, if it has no stamp. */
const struct litewin_backing *backing_find(const struct pe_image *image, struct load_failure *failure);

#endif
