/* Names for addresses of this process: module, function, source line. */
#ifndef LOADER_CRASH_SYMBOLS_H
#define LOADER_CRASH_SYMBOLS_H

#include "loader/crash/symbol_file.h"
#include "loader/crash/line_table.h"
#include "loader/module.h"

struct symbol {
    char place[300];                 /* "crash.exe+0x1467" */
    const struct module *module;     /* NULL: Linux code, or none */
    struct symbol_function function; /* its name is NULL where none is known */
    bool has_line;
    struct line_place line;
};

/* What is known of an address. Of a return address, of the call before it. The names are good until
 * symbols_close. */
void symbols_find(uintptr_t address, bool returns, struct symbol *symbol);

/* A section as it lies in memory, found by the name that the file has for it, which may be too long for the
 * image's header; NULL where the module has none of that name. */
EXPORTED const void *symbols_loaded_section(const struct module *module, const char *name, size_t *size);

/* Gives up the files that were mapped. */
void symbols_close(void);

#endif
