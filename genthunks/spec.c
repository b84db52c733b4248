#include "spec.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define STAMP_BACKING_SIZE sizeof((struct litewin_stamp){0}.backing)

const char *entry_export_name(const struct entry *entry)
{
    return entry->flags & FLAG_NONAME ? "" : entry->name;
}

enum litewin_export_kind entry_export_kind(const struct entry *entry, enum arch arch)
{
    if (*entry->forward)
        return LITEWIN_EXPORT_FORWARD;
    if (entry->kind == ENTRY_STUB)
        return LITEWIN_EXPORT_STUB;
    if (entry->kind == ENTRY_EXTERN)
        return LITEWIN_EXPORT_EXTERN;
    if (entry->kind == ENTRY_VARARGS)
        return LITEWIN_EXPORT_VARARGS;
    if (entry->flags & FLAG_THISCALL && arch == ARCH_I386)
        return LITEWIN_EXPORT_THISCALL;
    if (entry->flags & FLAG_FASTCALL && arch == ARCH_I386)
        return LITEWIN_EXPORT_FASTCALL;
    return entry->kind == ENTRY_CDECL ? LITEWIN_EXPORT_CDECL : LITEWIN_EXPORT_STDCALL;
}

unsigned entry_export_flags(const struct entry *entry)
{
    return (entry_is_direct(entry) ? LITEWIN_EXPORT_DIRECT : 0) |
           (entry->flags & FLAG_NORELAY ? LITEWIN_EXPORT_NORELAY : 0);
}

unsigned entry_i386_bytes(const struct entry *entry)
{
    unsigned bytes = 0;
    for (unsigned i = 0; i < entry->argument_count; i++)
        bytes += entry->arguments[i].type->i386_bytes;
    return bytes;
}

bool entry_is_function(const struct entry *entry)
{
    return !*entry->forward && entry->kind != ENTRY_STUB && entry->kind != ENTRY_EXTERN;
}

bool entry_is_extern(const struct entry *entry)
{
    return !*entry->forward && entry->kind == ENTRY_EXTERN;
}

bool entry_is_direct(const struct entry *entry)
{
    return entry->flags & FLAG_DIRECT && entry_is_function(entry);
}

unsigned entry_extern_size(const struct entry *entry, enum arch arch)
{
    return entry->size ? entry->size : arch == ARCH_I386 ? 4 : 8;
}

const char *dll_name_of_spec(struct arena *arena, const char *spec_path)
{
    const char *slash = strrchr(spec_path, '/');
    const char *base = slash ? slash + 1 : spec_path;
    size_t length = strlen(base);
    if (length > 5 && !strcmp(base + length - 5, ".spec"))
        length -= 5;
    const char *suffix = memchr(base, '.', length) ? "" : ".dll";
    return arena_format(arena, "%.*s%s", (int)length, base, suffix);
}

const char *backing_name_of_dll(struct arena *arena, const char *dll_name)
{
    size_t length = strlen(dll_name);
    if (length > 4 && !strcmp(dll_name + length - 4, ".dll"))
        length -= 4;
    return arena_format(arena, "%.*s.so", (int)length, dll_name);
}

/* The x86-64 range lies between the places where Linux puts programs (0x55...) and libraries
 * (0x7f...), even at its widest randomisation, and needs few page tables; the i386 range is where
 * Windows keeps its own DLLs. Images without relocations prefer neither. The seed is one by which the
 * DLLs that programs use most do not collide, not even among the few places of i386. */
uint64_t preferred_base(enum arch arch, const char *dll_name)
{
    const uint64_t step = 1 << 20;
    const uint32_t fnv_basis = 2166136261u, seed = 13;
    uint32_t hash = fnv_basis ^ seed;
    for (; *dll_name; dll_name++)
        hash = (hash ^ (uint8_t)tolower((unsigned char)*dll_name)) * 16777619;
    hash ^= hash >> 16;
    if (arch == ARCH_I386)
        return 0x70000000 + hash % 255 * step;
    return 0x670000000000 + hash % 16384 * step;
}

static int compare_ordinals(const void *a, const void *b)
{
    const struct export *x = a, *y = b;
    return x->ordinal < y->ordinal ? -1 : x->ordinal > y->ordinal;
}

static int compare_names(const void *a, const void *b)
{
    const struct export *x = *(struct export *const *)a, *y = *(struct export *const *)b;
    int order = strcmp(entry_export_name(x->entry), entry_export_name(y->entry));
    if (order)
        return order;
    return x->entry->at.line < y->entry->at.line ? -1 : x->entry->at.line > y->entry->at.line;
}

static void select_entries(struct module *module)
{
    const struct spec *spec = module->spec;
    unsigned cpu = module->arch == ARCH_I386 ? CPU_I386 : CPU_X86_64;
    module->exports = arena_array(spec->arena, spec->entry_count, sizeof *module->exports);
    for (size_t i = 0; i < spec->entry_count; i++)
        if (spec->entries[i]->cpus & cpu)
            module->exports[module->export_count++].entry = spec->entries[i];
}

/* Explicit ordinals are placed first; then each "@" takes the first free one from the smallest
 * explicit ordinal (or 1) upwards. */
static void assign_ordinals(struct module *module, struct diagnostics *diagnostics)
{
    const struct entry **owners = arena_array(module->spec->arena, MAX_ORDINAL + 1, sizeof *owners);
    unsigned base = MAX_ORDINAL + 1;
    for (uint32_t i = 0; i < module->export_count; i++) {
        struct export *export = &module->exports[i];
        const struct entry *entry = export->entry;
        if (!entry->ordinal)
            continue;
        if (owners[entry->ordinal])
            report(diagnostics, entry->at, "ordinal %u is already taken by line %u, expected another",
                   entry->ordinal, owners[entry->ordinal]->at.line);
        owners[entry->ordinal] = entry;
        export->ordinal = entry->ordinal;
        if (entry->ordinal < base)
            base = entry->ordinal;
    }
    if (base > MAX_ORDINAL)
        base = 1;
    unsigned next = base, end = base;
    for (uint32_t i = 0; i < module->export_count; i++) {
        struct export *export = &module->exports[i];
        while (!export->ordinal && next <= MAX_ORDINAL && owners[next])
            next++;
        if (!export->ordinal && next > MAX_ORDINAL) {
            report(diagnostics, export->entry->at,
                   "no ordinal up to %u is left for this export, expected fewer exports", MAX_ORDINAL);
            return;
        }
        if (!export->ordinal) {
            owners[next] = export->entry;
            export->ordinal = next;
        }
        if (export->ordinal >= end)
            end = export->ordinal + 1;
    }
    module->ordinal_base = base;
    module->ordinal_end = end;
}

static void sort_names(struct module *module, struct diagnostics *diagnostics)
{
    module->by_name = arena_array(module->spec->arena, module->export_count, sizeof *module->by_name);
    for (uint32_t i = 0; i < module->export_count; i++)
        if (*entry_export_name(module->exports[i].entry))
            module->by_name[module->name_count++] = &module->exports[i];
    if (module->name_count)
        qsort(module->by_name, module->name_count, sizeof *module->by_name, compare_names);
    for (uint32_t i = 1; i < module->name_count; i++) {
        const struct entry *first = module->by_name[i - 1]->entry, *second = module->by_name[i]->entry;
        if (!strcmp(entry_export_name(first), entry_export_name(second)))
            report(diagnostics, second->at, "\"%s\" is already exported by line %u, expected another name",
                   second->name, first->at.line);
    }
}

bool module_resolve(struct module *module, const struct spec *spec, enum arch arch, const char *dll_name,
                    struct diagnostics *diagnostics)
{
    unsigned errors = diagnostics->errors;
    *module = (struct module){.spec = spec, .arch = arch, .name = dll_name};
    module->backing = backing_name_of_dll(spec->arena, dll_name);
    if (strlen(module->backing) >= STAMP_BACKING_SIZE)
        report(diagnostics, (struct position){0},
               "the DLL's name \"%s\" is too long, expected at most %zu bytes", dll_name,
               STAMP_BACKING_SIZE - 1);
    select_entries(module);
    assign_ordinals(module, diagnostics);
    if (module->export_count)
        qsort(module->exports, module->export_count, sizeof *module->exports, compare_ordinals);
    for (uint32_t i = 0; i < module->export_count; i++)
        module->exports[i].index = i;
    sort_names(module, diagnostics);
    return diagnostics->errors == errors;
}

static bool is_c_identifier(const char *name)
{
    if (!isalpha((unsigned char)*name) && *name != '_')
        return false;
    while (isalnum((unsigned char)*name) || *name == '_')
        name++;
    return !*name;
}

static void check_target(const struct entry *entry, struct diagnostics *diagnostics)
{
    if (!is_c_identifier(entry->target))
        report(diagnostics, entry->target_at,
               "\"%s\" cannot be a C function's name, expected the C symbol as the line's target",
               entry->target);
}

static void check_register_arguments(const struct entry *entry, struct diagnostics *diagnostics)
{
    if (!(entry->flags & FLAG_THISCALL))
        return;
    const struct spec_type *first = entry->argument_count ? entry->arguments[0].type : NULL;
    if (!first || first->i386_bytes != 4 || type_is_floating(first))
        report(diagnostics, entry->at,
               "a thiscall function has no object, expected a pointer as first argument");
}

static int compare_targets(const void *a, const void *b)
{
    const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;
    int order = strcmp(x->target, y->target);
    return order ? order : (int)x->at.line - (int)y->at.line;
}

/* The backing has one pointer for each datum, so two lines cannot share it. */
static void check_extern_targets(const struct module *module, struct diagnostics *diagnostics)
{
    const struct entry **externs = arena_array(module->spec->arena, module->export_count, sizeof *externs);
    size_t count = 0;
    for (uint32_t i = 0; i < module->export_count; i++)
        if (entry_is_extern(module->exports[i].entry))
            externs[count++] = module->exports[i].entry;
    if (count)
        qsort(externs, count, sizeof *externs, compare_targets);
    for (size_t i = 1; i < count; i++)
        if (!strcmp(externs[i - 1]->target, externs[i]->target))
            report(diagnostics, externs[i]->target_at,
                   "\"%s\" is already the data of line %u, expected a C pointer of its own",
                   externs[i]->target, externs[i - 1]->at.line);
}

bool module_check_buildable(const struct module *module, struct diagnostics *diagnostics)
{
    unsigned errors = diagnostics->errors;
    for (uint32_t i = 0; i < module->export_count; i++) {
        const struct entry *entry = module->exports[i].entry;
        if (entry_is_function(entry) || entry_is_extern(entry))
            check_target(entry, diagnostics);
        if (entry_is_function(entry))
            check_register_arguments(entry, diagnostics);
    }
    check_extern_targets(module, diagnostics);
    return diagnostics->errors == errors;
}
