/* The file of a Windows or Linux module, for what is not loaded with it: symbols and debug information. */
#ifndef LOADER_CRASH_SYMBOL_FILE_H
#define LOADER_CRASH_SYMBOL_FILE_H

#include "loader/crash/span.h"
#include "loader/pe.h"

struct symbol_file {
    const uint8_t *bytes;
    size_t size;
    bool is_elf;
    struct pe_image pe;
};

/* The function that holds an address. */
struct symbol_function {
    const char *name; /* not terminated; in the file */
    size_t length;
    uint32_t offset; /* of the address in the function */
};

/* False for what is neither format, or the other architecture's. Nothing in it is trusted from then on. */
bool symbol_file_open(struct symbol_file *file, const void *bytes, size_t size);

/* An empty one where there is none of that name. */
struct span symbol_file_section(const struct symbol_file *file, const char *name);

/* False where a PE file has none of that name. */
bool symbol_file_pe_section(const struct symbol_file *file, const char *name, struct pe_section *section);

/* `rva` is relative to where the image begins, of Linux's to where address 0 is. False where no symbol says.
 */
bool symbol_file_function(const struct symbol_file *file, uint64_t rva, struct symbol_function *function);

/* What the linker took that to be, which is what debug information has. */
uint64_t symbol_file_linked_address(const struct symbol_file *file, uint64_t rva);

#endif
