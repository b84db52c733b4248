/* uses: loader/crash/line_table.c loader/crash/symbol_file.c loader/pe.c */
/* Any bytes as a module's file, and as a line table. */
#include "loader/crash/line_table.h"
#include "loader/crash/symbol_file.h"

static volatile size_t sink;

static void look_up(const struct line_sections *sections, uint64_t address)
{
    struct line_place place;
    if (line_table_find(sections, address, &place))
        sink += strlen(place.file) + strlen(place.directory);
}

static void look_into_file(const uint8_t *bytes, size_t size)
{
    struct symbol_file file;
    struct symbol_function function;
    if (!symbol_file_open(&file, bytes, size))
        return;
    const struct line_sections sections = {
        .lines = symbol_file_section(&file, ".debug_line"),
        .line_strings = symbol_file_section(&file, ".debug_line_str"),
        .strings = symbol_file_section(&file, ".debug_str"),
    };
    if (symbol_file_function(&file, 0x1001, &function))
        for (size_t i = 0; i < function.length; i++)
            sink += function.name[i];
    look_up(&sections, symbol_file_linked_address(&file, 0x1001));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct span whole = {bytes, bytes + size, false};
    const struct line_sections sections = {whole, whole, whole};
    look_up(&sections, 0x1004);
    look_into_file(bytes, size);
    return 0;
}
