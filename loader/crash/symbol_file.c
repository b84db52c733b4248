#include "loader/crash/symbol_file.h"
#include <elf.h>
#include <link.h>
#include <stdlib.h>
#include <litewin/windows.h>

#ifdef __x86_64__
#define ELF_MACHINE EM_X86_64
#else
#define ELF_MACHINE EM_386
#endif

static struct span whole(const struct symbol_file *file)
{
    return (struct span){file->bytes, file->bytes + file->size, false};
}

static struct span part(const struct symbol_file *file, uint64_t offset, uint64_t size)
{
    struct span rest = whole(file);
    span_take(&rest, offset);
    return span_take(&rest, size);
}

static bool read_at(const struct symbol_file *file, uint64_t offset, void *to, size_t size)
{
    struct span bytes = part(file, offset, size);
    if (bytes.broken)
        return false;
    memcpy(to, bytes.at, size);
    return true;
}

static bool is_our_elf(const struct symbol_file *file)
{
    ElfW(Ehdr) header;
    return read_at(file, 0, &header, sizeof header) && !memcmp(header.e_ident, ELFMAG, SELFMAG) &&
           header.e_machine == ELF_MACHINE && header.e_shentsize == sizeof(ElfW(Shdr));
}

bool symbol_file_open(struct symbol_file *file, const void *bytes, size_t size)
{
    struct pe_error error;
    *file = (struct symbol_file){.bytes = bytes, .size = size};
    file->is_elf = is_our_elf(file);
    return file->is_elf || pe_open(&file->pe, bytes, size, PE_LAYOUT_FILE, &error);
}

uint64_t symbol_file_linked_address(const struct symbol_file *file, uint64_t rva)
{
    return file->is_elf ? rva : file->pe.preferred_base + rva;
}

/* ELF */

static bool read_section(const struct symbol_file *file, unsigned number, ElfW(Shdr) * section)
{
    ElfW(Ehdr) header;
    return read_at(file, 0, &header, sizeof header) && number < header.e_shnum &&
           read_at(file, header.e_shoff + (uint64_t)number * sizeof *section, section, sizeof *section);
}

static struct span elf_section(const struct symbol_file *file, const char *name)
{
    ElfW(Ehdr) header;
    ElfW(Shdr) names, section;
    if (!read_at(file, 0, &header, sizeof header) || !read_section(file, header.e_shstrndx, &names))
        return (struct span){0};
    for (unsigned i = 0; read_section(file, i, &section); i++) {
        struct span string = part(file, names.sh_offset, names.sh_size);
        span_take(&string, section.sh_name);
        if (section.sh_type != SHT_NOBITS && !(section.sh_flags & SHF_COMPRESSED) &&
            !strcmp(span_string(&string), name))
            return part(file, section.sh_offset, section.sh_size);
    }
    return (struct span){0};
}

static bool search_elf_table(const struct symbol_file *file, const ElfW(Shdr) * table, uint64_t rva,
                             struct symbol_function *function)
{
    struct span symbols = part(file, table->sh_offset, table->sh_size);
    ElfW(Shdr) strings;
    ElfW(Sym) symbol;
    if (!read_section(file, table->sh_link, &strings))
        return false;
    while (span_size(&symbols) >= sizeof symbol) {
        memcpy(&symbol, span_take(&symbols, sizeof symbol).at, sizeof symbol);
        unsigned type = ELF64_ST_TYPE(symbol.st_info);
        if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF ||
            rva < symbol.st_value || rva - symbol.st_value >= symbol.st_size)
            continue;
        struct span name = part(file, strings.sh_offset, strings.sh_size);
        span_take(&name, symbol.st_name);
        function->name = span_string(&name);
        function->length = strlen(function->name);
        function->offset = rva - symbol.st_value;
        return function->length;
    }
    return false;
}

static bool find_elf_function(const struct symbol_file *file, uint64_t rva, struct symbol_function *function)
{
    ElfW(Shdr) section;
    for (unsigned i = 0; read_section(file, i, &section); i++)
        if ((section.sh_type == SHT_SYMTAB || section.sh_type == SHT_DYNSYM) &&
            search_elf_table(file, &section, rva, function))
            return true;
    return false;
}

/* PE and its COFF symbols */

enum { COFF_FUNCTION = 0x20, COFF_FILE = 103 };

static bool read_file_header(const struct symbol_file *file, IMAGE_FILE_HEADER *header)
{
    return read_at(file, file->pe.nt_header + 4, header, sizeof *header) && header->PointerToSymbolTable &&
           header->NumberOfSymbols;
}

static const char *coff_string(const struct symbol_file *file, const IMAGE_FILE_HEADER *header,
                               uint32_t offset)
{
    struct span strings = whole(file);
    span_take(&strings,
              header->PointerToSymbolTable + (uint64_t)header->NumberOfSymbols * sizeof(IMAGE_SYMBOL));
    span_take(&strings, offset);
    return span_string(&strings);
}

/* A name of more than 8 characters is "/" and where it is among the strings. */
static bool is_section_named(const struct symbol_file *file, const struct pe_section *section,
                             const char *name)
{
    IMAGE_FILE_HEADER header;
    if (section->name[0] != '/')
        return !strcmp(section->name, name);
    return read_file_header(file, &header) &&
           !strcmp(coff_string(file, &header, strtoul(section->name + 1, NULL, 10)), name);
}

bool symbol_file_pe_section(const struct symbol_file *file, const char *name, struct pe_section *section)
{
    for (uint32_t i = 0; !file->is_elf && i < file->pe.section_count; i++) {
        pe_section(&file->pe, i, section);
        if (is_section_named(file, section, name))
            return true;
    }
    return false;
}

static struct span pe_named_section(const struct symbol_file *file, const char *name)
{
    struct pe_section section;
    if (!symbol_file_pe_section(file, name, &section))
        return (struct span){0};
    uint32_t size = section.file_size < section.virtual_size ? section.file_size : section.virtual_size;
    return part(file, section.file_offset, size);
}

static uint32_t section_of_rva(const struct symbol_file *file, uint64_t rva, struct pe_section *section)
{
    for (uint32_t i = 0; i < file->pe.section_count; i++) {
        pe_section(&file->pe, i, section);
        if (rva >= section->rva && rva - section->rva < section->virtual_size)
            return i + 1;
    }
    return 0;
}

/* Names of sections and files are no functions; assembly's labels have no type, but may be. */
static bool may_be_function(const IMAGE_SYMBOL *symbol)
{
    if (symbol->Type == COFF_FUNCTION)
        return true;
    bool is_label = symbol->StorageClass == IMAGE_SYM_CLASS_EXTERNAL ||
                    symbol->StorageClass == IMAGE_SYM_CLASS_STATIC ||
                    symbol->StorageClass == IMAGE_SYM_CLASS_LABEL;
    return is_label && !symbol->NumberOfAuxSymbols && symbol->N.ShortName[0] != '.';
}

static void name_coff_symbol(const struct symbol_file *file, const IMAGE_FILE_HEADER *header,
                             const uint8_t *at, struct symbol_function *function)
{
    IMAGE_SYMBOL symbol;
    memcpy(&symbol, at, sizeof symbol);
    function->name = symbol.N.Name.Short ? (const char *)at : coff_string(file, header, symbol.N.Name.Long);
    function->length =
        symbol.N.Name.Short ? strnlen(function->name, sizeof symbol.N.ShortName) : strlen(function->name);
    /* What C calls f, i386 objects call _f. */
    if (!file->pe.is_64bit && function->length > 1 && function->name[0] == '_') {
        function->name++;
        function->length--;
    }
}

static bool find_coff_function(const struct symbol_file *file, uint64_t rva, struct symbol_function *function)
{
    IMAGE_FILE_HEADER header;
    struct pe_section section;
    uint32_t number = section_of_rva(file, rva, &section);
    if (!number || !read_file_header(file, &header))
        return false;
    struct span symbols =
        part(file, header.PointerToSymbolTable, (uint64_t)header.NumberOfSymbols * sizeof(IMAGE_SYMBOL));
    const uint8_t *nearest = NULL;
    uint64_t wanted = rva - section.rva, nearest_value = 0;
    IMAGE_SYMBOL symbol;
    while (span_size(&symbols) >= sizeof symbol) {
        const uint8_t *at = span_take(&symbols, sizeof symbol).at;
        memcpy(&symbol, at, sizeof symbol);
        span_take(&symbols, symbol.NumberOfAuxSymbols * sizeof symbol);
        bool better = !nearest || symbol.Value > nearest_value ||
                      (symbol.Value == nearest_value && symbol.Type == COFF_FUNCTION);
        if (symbol.SectionNumber == (int)number && symbol.Value <= wanted && better &&
            may_be_function(&symbol)) {
            nearest = at;
            nearest_value = symbol.Value;
        }
    }
    if (!nearest)
        return false;
    name_coff_symbol(file, &header, nearest, function);
    function->offset = wanted - nearest_value;
    return function->length;
}

/* -- either ------------------------------------------------------------------------------------------------
 */

struct span symbol_file_section(const struct symbol_file *file, const char *name)
{
    return file->is_elf ? elf_section(file, name) : pe_named_section(file, name);
}

bool symbol_file_function(const struct symbol_file *file, uint64_t rva, struct symbol_function *function)
{
    return file->is_elf ? find_elf_function(file, rva, function) : find_coff_function(file, rva, function);
}
