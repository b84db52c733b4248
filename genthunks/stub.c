#include "emit.h"

#include "shape.h"
#include "stub.h"

#include <stdlib.h>
#include <string.h>

static const struct stub_target *target_of(const struct module *module)
{
    return module->arch == ARCH_I386 ? &stub_i386 : &stub_x86_64;
}

/* The bytes of a .asciz directive's string. */
static void emit_string(const char *text, FILE *out)
{
    fputs("    .asciz \"", out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputs("\"\n", out);
}

#define TEXT_OF(...)          #__VA_ARGS__
#define EXPANDED_TEXT_OF(...) TEXT_OF(__VA_ARGS__)

void emit_stack_probe(FILE *out)
{
    fputs("    .byte " EXPANDED_TEXT_OF(LITEWIN_STACK_PROBE_CODE) "\n", out);
}

struct thunk {
    char name[SHAPE_NAME_SIZE];
    const struct entry *example;
};

static int compare_thunks(const void *a, const void *b)
{
    return strcmp(((const struct thunk *)a)->name, ((const struct thunk *)b)->name);
}

static void emit_thunks(const struct module *module, FILE *out)
{
    const struct stub_target *target = target_of(module);
    struct thunk *thunks = arena_array(module->spec->arena, module->export_count, sizeof *thunks);
    size_t count = 0;
    bool any_stub = false;
    for (uint32_t i = 0; i < module->export_count; i++) {
        const struct entry *entry = module->exports[i].entry;
        any_stub |= entry_export_kind(entry, module->arch) == LITEWIN_EXPORT_STUB;
        if (!entry_is_function(entry) || entry_is_direct(entry))
            continue;
        target->thunk_name(entry, thunks[count].name);
        thunks[count++].example = entry;
    }
    if (count)
        qsort(thunks, count, sizeof *thunks, compare_thunks);
    for (size_t i = 0; i < count; i++)
        if (!i || strcmp(thunks[i - 1].name, thunks[i].name))
            target->emit_thunk(thunks[i].example, out);
    if (any_stub)
        target->emit_not_implemented(out);
}

static void emit_entry(const struct module *module, const struct export *export, unsigned *direct_slot,
                       FILE *out)
{
    const struct stub_target *target = target_of(module);
    const struct entry *entry = export->entry;
    char thunk[SHAPE_NAME_SIZE] = NOT_IMPLEMENTED_THUNK;
    fprintf(out, "    .balign 16, 0xcc\n.Lexport_%u: /* %s */\n", export->index, entry->name);
    if (entry_is_direct(entry)) {
        if (entry->flags & FLAG_LEAF)
            fprintf(out, "    leaf_%s .Lrest_%u\n.Lrest_%u:\n", entry->name, export->index, export->index);
        target->emit_direct_jump((BINDING_DIRECT + (*direct_slot)++) * target->pointer_size, out);
        return;
    }
    if (entry_is_function(entry))
        target->thunk_name(entry, thunk);
    fprintf(out, "    movl $%u, %%eax\n    jmp %s\n", export->index, thunk);
}

/* The code of leaves: beside the .spec, a macro for each, with the label of the rest as its argument. */
static void include_leaves(const struct module *module, FILE *out)
{
    const char *file = module->spec->file, *slash = strrchr(file, '/');
    int folder = slash ? (int)(slash + 1 - file) : 0;
    bool any = false;
    for (uint32_t i = 0; i < module->export_count; i++)
        any |= (module->exports[i].entry->flags & FLAG_LEAF) != 0;
    if (any)
        fprintf(out, "    .include \"%.*sleaf_%s.s\"\n", folder, file,
                module->arch == ARCH_I386 ? "i386" : "x86_64");
}

static void emit_code(const struct module *module, FILE *out)
{
    unsigned direct_slot = 0;
    include_leaves(module, out);
    fputs("    .text\n", out);
    for (uint32_t i = 0; i < module->export_count; i++) {
        const struct entry *entry = module->exports[i].entry;
        if (entry_is_function(entry) || entry_export_kind(entry, module->arch) == LITEWIN_EXPORT_STUB)
            emit_entry(module, &module->exports[i], &direct_slot, out);
    }
    emit_thunks(module, out);
    /* A DLL has an entry point. The loader knows that there is nothing to call behind this one. */
    fprintf(out,
            "    .balign 16, 0xcc\n    .globl litewin_dll_main\nlitewin_dll_main:\n    movl $1, %%eax\n    "
            "ret%s\n",
            module->arch == ARCH_I386 ? " $12" : "");
}

static void emit_binding(const struct module *module, FILE *out)
{
    const struct stub_target *target = target_of(module);
    unsigned direct_count = 0;
    for (uint32_t i = 0; i < module->export_count; i++)
        direct_count += entry_is_direct(module->exports[i].entry);
    fprintf(out,
            "\n    .section " LITEWIN_BINDING_SECTION ",\"dw\"\n"
            "    .balign 16\n"
            "litewin_binding:\n"
            "    %s 0 /* functions */\n"
            "    %s 0 /* not_implemented */\n",
            target->pointer, target->pointer);
    if (direct_count)
        fprintf(out, "    .skip %u /* direct */\n", direct_count * target->pointer_size);
}

/* A C++ class's vtable has a pointer to the class's description in front of it. */
static bool is_vtable(const char *name)
{
    return !strncmp(name, "??_7", 4);
}

static void emit_externs(const struct module *module, FILE *out)
{
    bool first = true;
    for (uint32_t i = 0; i < module->export_count; i++) {
        const struct export *export = &module->exports[i];
        if (!entry_is_extern(export->entry))
            continue;
        if (first)
            fputs("\n    .data\n", out);
        first = false;
        fputs("    .balign 16\n", out);
        if (is_vtable(export->entry->name))
            fputs("    .skip 16\n", out);
        fprintf(out, ".Lexport_%u: /* %s */\n    .skip %u\n", export->index, export->entry->name,
                entry_extern_size(export->entry, module->arch));
    }
}

/* objcopy replaces these bytes by the stamp; until then no loader takes the stub for a valid one. */
static void emit_stamp_placeholder(FILE *out)
{
    fprintf(out, "\n    .section " LITEWIN_STAMP_SECTION ",\"dr\"\n    .skip %zu\n",
            sizeof(struct litewin_stamp));
}

static void emit_addresses(const struct module *module, FILE *out)
{
    unsigned ordinal = module->ordinal_base;
    fputs(".Laddresses:\n", out);
    for (uint32_t i = 0; i < module->export_count; i++) {
        const struct export *export = &module->exports[i];
        if (export->ordinal != ordinal)
            fprintf(out, "    .skip 4 * %u\n", export->ordinal - ordinal);
        if (*export->entry->forward)
            fprintf(out, "    .rva .Lforward_%u\n", export->index);
        else
            fprintf(out, "    .rva .Lexport_%u\n", export->index);
        ordinal = export->ordinal + 1;
    }
}

static void emit_names(const struct module *module, FILE *out)
{
    fputs(".Lnames:\n", out);
    for (uint32_t i = 0; i < module->name_count; i++)
        fprintf(out, "    .rva .Lname_%u\n", module->by_name[i]->index);
    fputs(".Lname_ordinals:\n", out);
    for (uint32_t i = 0; i < module->name_count; i++)
        fprintf(out, "    .short %u\n", module->by_name[i]->ordinal - module->ordinal_base);
}

static void emit_export_strings(const struct module *module, FILE *out)
{
    fputs(".Ldll_name:\n", out);
    emit_string(module->name, out);
    for (uint32_t i = 0; i < module->name_count; i++) {
        fprintf(out, ".Lname_%u:\n", module->by_name[i]->index);
        emit_string(entry_export_name(module->by_name[i]->entry), out);
    }
    for (uint32_t i = 0; i < module->export_count; i++) {
        if (*module->exports[i].entry->forward) {
            fprintf(out, ".Lforward_%u:\n", module->exports[i].index);
            emit_string(module->exports[i].entry->forward, out);
        }
    }
}

static void emit_export_directory(const struct module *module, FILE *out)
{
    fprintf(out,
            "\n    .section .edata,\"dr\"\n"
            "    .long 0 /* Characteristics */\n"
            "    .long 0 /* TimeDateStamp */\n"
            "    .short 0, 0 /* MajorVersion, MinorVersion */\n"
            "    .rva .Ldll_name\n"
            "    .long %u /* Base */\n"
            "    .long %u /* NumberOfFunctions */\n"
            "    .long %u /* NumberOfNames */\n"
            "    .rva .Laddresses, .Lnames, .Lname_ordinals\n",
            module->ordinal_base, module->ordinal_end - module->ordinal_base, module->name_count);
    emit_addresses(module, out);
    emit_names(module, out);
    emit_export_strings(module, out);
}

void emit_stub(const struct module *module, FILE *out)
{
    fprintf(out, "/* %s: generated by genthunks from %s. */\n", module->name, module->spec->file);
    emit_code(module, out);
    emit_binding(module, out);
    emit_externs(module, out);
    emit_export_directory(module, out);
    emit_stamp_placeholder(out);
}
