#include "debug_info.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_STRUCTURE_DEPTH 16

struct definition {
    const char *name;
    Dwarf_Die die;
};

struct definitions {
    struct definition *list;
    size_t count;
};

struct debug_info {
    struct arena arena;
    int file;
    Elf *elf;
    Dwarf *dwarf;
    struct definitions functions, data;
    unsigned pointer_size;
};

static int compare_definitions(const void *a, const void *b)
{
    return strcmp(((const struct definition *)a)->name, ((const struct definition *)b)->name);
}

static void add_definition(struct debug_info *info, struct definitions *definitions, Dwarf_Die *die)
{
    const char *name = dwarf_diename(die);
    if (!name || !dwarf_hasattr_integrate(die, DW_AT_external))
        return;
    definitions->list =
        arena_grow(&info->arena, definitions->list, definitions->count, sizeof *definitions->list);
    definitions->list[definitions->count++] = (struct definition){name, *die};
}

static void index_unit(struct debug_info *info, Dwarf_Die *unit)
{
    Dwarf_Die die;
    if (dwarf_child(unit, &die))
        return;
    do {
        int tag = dwarf_tag(&die);
        if (tag == DW_TAG_subprogram &&
            (dwarf_hasattr(&die, DW_AT_low_pc) || dwarf_hasattr(&die, DW_AT_ranges)))
            add_definition(info, &info->functions, &die);
        else if (tag == DW_TAG_variable && dwarf_hasattr(&die, DW_AT_location))
            add_definition(info, &info->data, &die);
    } while (!dwarf_siblingof(&die, &die));
}

static void sort_definitions(struct definitions *definitions)
{
    if (definitions->count)
        qsort(definitions->list, definitions->count, sizeof *definitions->list, compare_definitions);
}

static void index_all(struct debug_info *info)
{
    Dwarf_CU *unit = NULL;
    Dwarf_Die die;
    while (!dwarf_get_units(info->dwarf, unit, &unit, NULL, NULL, &die, NULL))
        index_unit(info, &die);
    sort_definitions(&info->functions);
    sort_definitions(&info->data);
}

static const struct definition *find_definition(const struct definitions *definitions, const char *name)
{
    const struct definition key = {.name = name};
    if (!definitions->count)
        return NULL;
    return bsearch(&key, definitions->list, definitions->count, sizeof key, compare_definitions);
}

static bool check_machine(struct debug_info *info, const char *path, enum arch arch,
                          struct diagnostics *diagnostics)
{
    GElf_Ehdr header;
    int expected = arch == ARCH_I386 ? EM_386 : EM_X86_64;
    if (info->elf && gelf_getehdr(info->elf, &header) && header.e_machine == expected)
        return true;
    report(diagnostics, (struct position){0}, "%s is no ELF file for %s, expected the DLL's backing", path,
           arch == ARCH_I386 ? "i386" : "x86_64");
    return false;
}

struct debug_info *debug_info_open(const char *path, enum arch arch, struct diagnostics *diagnostics)
{
    struct debug_info *info = calloc(1, sizeof *info);
    if (!info)
        abort();
    info->pointer_size = arch == ARCH_I386 ? 4 : 8;
    info->file = open(path, O_RDONLY | O_CLOEXEC);
    if (info->file < 0) {
        report(diagnostics, (struct position){0}, "cannot read %s: %s", path, strerror(errno));
        goto failed;
    }
    elf_version(EV_CURRENT);
    info->elf = elf_begin(info->file, ELF_C_READ_MMAP, NULL);
    if (!check_machine(info, path, arch, diagnostics))
        goto failed;
    info->dwarf = dwarf_begin_elf(info->elf, DWARF_C_READ, NULL);
    if (!info->dwarf) {
        report(diagnostics, (struct position){0},
               "%s has no debug information, expected a file built with -g", path);
        goto failed;
    }
    index_all(info);
    return info;
failed:
    debug_info_close(info);
    return NULL;
}

void debug_info_close(struct debug_info *info)
{
    if (info->dwarf)
        dwarf_end(info->dwarf);
    if (info->elf)
        elf_end(info->elf);
    if (info->file >= 0)
        close(info->file);
    arena_free(&info->arena);
    free(info);
}

static bool type_of(Dwarf_Die *die, Dwarf_Die *type)
{
    Dwarf_Attribute attribute;
    Dwarf_Die named;
    return dwarf_attr_integrate(die, DW_AT_type, &attribute) && dwarf_formref_die(&attribute, &named) &&
           !dwarf_peel_type(&named, type);
}

static bool is_floating_base(Dwarf_Die *type)
{
    Dwarf_Attribute attribute;
    Dwarf_Word encoding = 0;
    if (dwarf_tag(type) != DW_TAG_base_type)
        return false;
    dwarf_formudata(dwarf_attr(type, DW_AT_encoding, &attribute), &encoding);
    return encoding == DW_ATE_float || encoding == DW_ATE_complex_float || encoding == DW_ATE_decimal_float;
}

/* True if the type is floating, or an aggregate that has something floating in it. */
static bool holds_floating(Dwarf_Die *type, unsigned depth)
{
    Dwarf_Die element, member;
    int tag = dwarf_tag(type);
    if (tag == DW_TAG_array_type)
        return depth && type_of(type, &element) && holds_floating(&element, depth - 1);
    if (tag != DW_TAG_structure_type && tag != DW_TAG_union_type)
        return is_floating_base(type);
    if (!depth || dwarf_child(type, &member))
        return false;
    do {
        if (dwarf_tag(&member) == DW_TAG_member && type_of(&member, &element) &&
            holds_floating(&element, depth - 1))
            return true;
    } while (!dwarf_siblingof(&member, &member));
    return false;
}

static struct c_type describe(const struct debug_info *info, Dwarf_Die *type)
{
    struct c_type described = {.class = C_CLASS_OTHER};
    Dwarf_Word size = 0;
    if (!dwarf_aggregate_size(type, &size))
        described.size = size;
    switch (dwarf_tag(type)) {
    case DW_TAG_base_type:
        described.class = is_floating_base(type) ? C_CLASS_FLOATING : C_CLASS_INTEGER;
        break;
    case DW_TAG_enumeration_type:
        described.class = C_CLASS_INTEGER;
        break;
    case DW_TAG_pointer_type:
        described.class = C_CLASS_POINTER;
        described.size = info->pointer_size;
        break;
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
        described.class = C_CLASS_STRUCTURE;
        described.has_floating_member = holds_floating(type, MAX_STRUCTURE_DEPTH);
        break;
    }
    return described;
}

static struct c_type type_of_die(const struct debug_info *info, Dwarf_Die *die)
{
    Dwarf_Die type;
    if (!dwarf_hasattr_integrate(die, DW_AT_type))
        return (struct c_type){.class = C_CLASS_VOID};
    return type_of(die, &type) ? describe(info, &type) : (struct c_type){.class = C_CLASS_OTHER};
}

/* The value of the function symbol of a name. A symbol table that has the name undefined, for the
 * binding table's reference, has at most a static function beside it, which does not count. */
static bool find_in_table(const struct debug_info *info, Elf_Scn *section, const GElf_Shdr *header,
                          const char *name, GElf_Addr *address)
{
    Elf_Data *data = elf_getdata(section, NULL);
    bool found = false;
    for (size_t i = 0; data && i < data->d_size / header->sh_entsize; i++) {
        GElf_Sym symbol;
        const char *symbol_name = NULL;
        if (gelf_getsym(data, (int)i, &symbol))
            symbol_name = elf_strptr(info->elf, header->sh_link, symbol.st_name);
        if (!symbol_name || strcmp(symbol_name, name))
            continue;
        if (symbol.st_shndx == SHN_UNDEF)
            return false;
        int type = GELF_ST_TYPE(symbol.st_info);
        if (type == STT_FUNC || type == STT_NOTYPE) {
            *address = symbol.st_value;
            found = true;
        }
    }
    return found;
}

/* Assembly and aliases have no DWARF of their own; an alias is found as the function at its address. */
static bool symbol_address(const struct debug_info *info, const char *name, GElf_Addr *address)
{
    for (Elf_Scn *section = NULL; (section = elf_nextscn(info->elf, section));) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB && header.sh_entsize)
            return find_in_table(info, section, &header, name, address);
    }
    return false;
}

static const struct definition *function_at(const struct debug_info *info, GElf_Addr address)
{
    for (size_t i = 0; i < info->functions.count; i++)
        if (dwarf_haspc(&info->functions.list[i].die, address) == 1)
            return &info->functions.list[i];
    return NULL;
}

static void read_parameters(const struct debug_info *info, Dwarf_Die *die, struct c_function *function)
{
    Dwarf_Attribute attribute;
    Dwarf_Die origin, child;
    /* The out-of-line copy of a function that was also inlined refers to the one with the types. */
    if (dwarf_attr(die, DW_AT_abstract_origin, &attribute) && dwarf_formref_die(&attribute, &origin))
        die = &origin;
    function->result = type_of_die(info, die);
    function->file = dwarf_decl_file(die);
    dwarf_decl_line(die, &function->line);
    if (dwarf_child(die, &child))
        return;
    do {
        if (dwarf_tag(&child) == DW_TAG_unspecified_parameters)
            function->variadic = true;
        if (dwarf_tag(&child) != DW_TAG_formal_parameter)
            continue;
        if (function->parameter_count < sizeof function->parameters / sizeof *function->parameters)
            function->parameters[function->parameter_count] = type_of_die(info, &child);
        function->parameter_count++;
    } while (!dwarf_siblingof(&child, &child));
}

bool debug_info_function(const struct debug_info *info, const char *name, struct c_function *function)
{
    const struct definition *found = find_definition(&info->functions, name);
    GElf_Addr address;
    *function = (struct c_function){0};
    if (!found && !symbol_address(info, name, &address))
        return false;
    if (!found)
        found = function_at(info, address);
    if (found) {
        Dwarf_Die die = found->die;
        function->typed = true;
        read_parameters(info, &die, function);
    }
    return true;
}

bool debug_info_datum(const struct debug_info *info, const char *name, struct c_datum *datum)
{
    const struct definition *found = find_definition(&info->data, name);
    Dwarf_Die type, pointee;
    Dwarf_Word size;
    if (!found)
        return false;
    Dwarf_Die die = found->die;
    *datum = (struct c_datum){.type = type_of_die(info, &die), .file = dwarf_decl_file(&die)};
    dwarf_decl_line(&die, &datum->line);
    if (datum->type.class == C_CLASS_POINTER && type_of(&die, &type) && type_of(&type, &pointee) &&
        !dwarf_aggregate_size(&pointee, &size))
        datum->pointee_size = size;
    return true;
}
