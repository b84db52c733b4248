/* Source files and lines of addresses, from DWARF's line number programs, versions 2 to 5. */
#ifndef LOADER_CRASH_LINE_TABLE_H
#define LOADER_CRASH_LINE_TABLE_H

#include "loader/crash/span.h"

/* .debug_line, and the sections that hold the strings of version 5. */
struct line_sections {
    struct span lines, line_strings, strings;
};

/* The strings are the sections' own. */
struct line_place {
    const char *directory; /* "" where the file is in the compiler's own */
    const char *file;
    uint32_t line;   /* 0: no line in particular */
    uint32_t offset; /* of the address behind the line's first instruction */
};

/* `address` is the linker's. Nothing in the sections is trusted. */
bool line_table_find(const struct line_sections *sections, uint64_t address, struct line_place *place);

#endif
