#include "loader/crash/symbols.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "loader/place.h"

/* The files that a report has needed so far. */
enum { MOST_FILES = 16 };

static struct opened_file {
    const void *key; /* the module, or the dynamic linker's description of one */
    bool is_good;
    struct symbol_file file;
} files[MOST_FILES];
static unsigned file_count;

static bool map_file(const char *path, struct symbol_file *file)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    void *bytes = MAP_FAILED;
    if (!fstat(descriptor, &status) && S_ISREG(status.st_mode) && status.st_size > 0)
        bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    close(descriptor);
    return bytes != MAP_FAILED && symbol_file_open(file, bytes, status.st_size);
}

static const struct symbol_file *find_file(const void *key, const char *path)
{
    for (unsigned i = 0; i < file_count; i++)
        if (files[i].key == key)
            return files[i].is_good ? &files[i].file : NULL;
    if (file_count == MOST_FILES || !path)
        return NULL;
    struct opened_file *opened = &files[file_count++];
    opened->key = key;
    opened->is_good = map_file(path, &opened->file);
    return opened->is_good ? &opened->file : NULL;
}

void symbols_close(void)
{
    for (unsigned i = 0; i < file_count; i++)
        if (files[i].is_good)
            munmap((void *)files[i].file.bytes, files[i].file.size);
    file_count = 0;
}

const void *symbols_loaded_section(const struct module *module, const char *name, size_t *size)
{
    const struct symbol_file *file = find_file(module, module->host_path);
    struct pe_section section;
    if (!file || !symbol_file_pe_section(file, name, &section))
        return NULL;
    *size = section.virtual_size;
    return (const char *)module->entry.DllBase + section.rva;
}

static void find_in_file(const struct symbol_file *file, uint64_t rva, bool returns, struct symbol *symbol)
{
    const struct line_sections sections = {
        .lines = symbol_file_section(file, ".debug_line"),
        .line_strings = symbol_file_section(file, ".debug_line_str"),
        .strings = symbol_file_section(file, ".debug_str"),
    };
    if (symbol_file_function(file, rva - returns, &symbol->function))
        symbol->function.offset += returns;
    symbol->has_line =
        line_table_find(&sections, symbol_file_linked_address(file, rva - returns), &symbol->line);
}

/* The export that begins nearest before it, of modules that tell no more. */
static void find_export(const struct module *module, uint32_t rva, struct symbol *symbol)
{
    const struct pe_exports *exports = &module->exports;
    uint32_t index, nearest = 0;
    for (uint32_t i = 0; i < exports->name_count; i++) {
        const char *name = pe_export_name(exports, i, &index);
        if (!name || index >= exports->function_count)
            continue;
        struct pe_export export = pe_export_by_index(exports, index);
        if (export.kind != PE_EXPORT_ADDRESS || export.rva > rva || export.rva < nearest)
            continue;
        nearest = export.rva;
        symbol->function = (struct symbol_function){name, strlen(name), rva - nearest};
    }
}

/* Of litewin's own DLLs only the exports' entries are in the module; behind them are thunks, which many
 * exports share. */
static void find_in_module(const struct module *module, uintptr_t address, bool returns,
                           struct symbol *symbol)
{
    uint32_t rva = address - (uintptr_t)module->entry.DllBase;
    symbol->module = module;
    if (module->backing)
        return;
    const struct symbol_file *file = find_file(module, module->host_path);
    if (file)
        find_in_file(file, rva, returns, symbol);
    if (!symbol->function.name)
        find_export(module, rva, symbol);
}

static void find_in_linux_code(const struct link_map *map, uintptr_t address, bool returns,
                               struct symbol *symbol)
{
    const struct symbol_file *file = find_file(map, *map->l_name ? map->l_name : "/proc/self/exe");
    if (file)
        find_in_file(file, address - map->l_addr, returns, symbol);
}

void symbols_find(uintptr_t address, bool returns, struct symbol *symbol)
{
    const void *pointer = (const void *)address;
    const struct module *module = module_from_address(pointer);
    struct dl_find_object object;
    *symbol = (struct symbol){.place = ""};
    place_describe(pointer, symbol->place, sizeof symbol->place);
    if (module)
        find_in_module(module, address, returns, symbol);
    else if (!_dl_find_object((void *)pointer, &object))
        find_in_linux_code(object.dlfo_link_map, address, returns, symbol);
}
