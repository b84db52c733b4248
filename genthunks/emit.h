/* The outputs: each writes one file for a module that was resolved (module_resolve). */
#ifndef GENTHUNKS_EMIT_H
#define GENTHUNKS_EMIT_H

#include "spec.h"

#include <stdio.h>

/* Assembly of the DLL's code, export directory and data. */
void emit_stub(const struct module *module, FILE *out);

/* C source of the backing's `litewin_backing`. */
void emit_bind(const struct module *module, FILE *out);

/* Module definition for `dlltool --kill-at`, from which programs get an import library. */
void emit_def(const struct module *module, FILE *out);

/* The bytes of the DLL's .litewin section. */
void emit_stamp(const struct module *module, FILE *out);

/* A table of the exports for people and tests. */
void emit_list(const struct module *module, FILE *out);

#endif
