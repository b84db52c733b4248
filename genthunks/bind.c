#include "emit.h"

#include <string.h>

/* The strings that the table of exports refers to, each once. Offset 0 is the empty string. */
struct string_pool {
    struct arena *arena;
    const char **strings;
    uint32_t *offsets;
    uint32_t *slots; /* number of a string plus one, 0 for a free slot */
    size_t count, slot_mask;
    uint32_t size;
};

static void pool_init(struct string_pool *pool, struct arena *arena, size_t most_strings)
{
    size_t slots = 16;
    while (slots < 2 * most_strings)
        slots *= 2;
    *pool = (struct string_pool){.arena = arena, .slot_mask = slots - 1, .size = 1};
    pool->strings = arena_array(arena, most_strings + 1, sizeof *pool->strings);
    pool->offsets = arena_array(arena, most_strings + 1, sizeof *pool->offsets);
    pool->slots = arena_array(arena, slots, sizeof *pool->slots);
}

static uint32_t pool_add(struct string_pool *pool, const char *text)
{
    uint32_t hash = 2166136261u;
    if (!*text)
        return 0;
    for (const char *c = text; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619;
    size_t slot = hash & pool->slot_mask;
    for (; pool->slots[slot]; slot = (slot + 1) & pool->slot_mask)
        if (!strcmp(pool->strings[pool->slots[slot] - 1], text))
            return pool->offsets[pool->slots[slot] - 1];
    pool->strings[pool->count] = text;
    pool->offsets[pool->count] = pool->size;
    pool->slots[slot] = ++pool->count;
    uint32_t offset = pool->size;
    pool->size += strlen(text) + 1;
    return offset;
}

static const char *argument_list(struct arena *arena, const struct entry *entry)
{
    char *list = "";
    for (unsigned i = 0; i < entry->argument_count; i++) {
        const struct argument *argument = &entry->arguments[i];
        list = arena_format(arena, "%s%s%s%s%s", list, i ? " " : "", argument->type->name,
                            *argument->name ? ":" : "", argument->name);
    }
    return list;
}

/* A function may have the name of one that the compiler knows, so it is declared under a name of
 * its own. */
static void emit_functions(const struct module *module, FILE *out)
{
    for (uint32_t i = 0; i < module->export_count; i++)
        if (entry_is_function(module->exports[i].entry))
            fprintf(out, "extern void function_%u(void) __asm__(\"%s\");\n", i,
                    module->exports[i].entry->target);
    fprintf(out, "\nstatic const litewin_function functions[%u] = {\n", module->export_count + 1);
    for (uint32_t i = 0; i < module->export_count; i++)
        if (entry_is_function(module->exports[i].entry))
            fprintf(out, "    [%u] = function_%u,\n", i, i);
    fputs("};\n\n", out);
}

static void emit_exports(const struct module *module, struct string_pool *pool, FILE *out)
{
    fprintf(out, "static const struct litewin_export exports[%u] = {\n", module->export_count + 1);
    for (uint32_t i = 0; i < module->export_count; i++) {
        const struct export *export = &module->exports[i];
        const struct entry *entry = export->entry;
        uint32_t name = pool_add(pool, entry_export_name(entry));
        uint32_t arguments = pool_add(pool, argument_list(pool->arena, entry));
        uint32_t result = pool_add(pool, entry->result ? entry->result->name : "");
        uint32_t category = pool_add(pool, entry->category);
        fprintf(out, "    {%u, %u, %u, %u, %u, %u, %u, %u}, /* %s */\n", name, arguments, result, category,
                export->ordinal, entry_export_kind(entry, module->arch), entry_export_flags(entry),
                entry->argument_count, entry->name);
    }
    fputs("};\n\n", out);
}

static void emit_strings(const struct string_pool *pool, FILE *out)
{
    fputs("static const char strings[] =\n    \"\\0\"\n", out);
    for (size_t i = 0; i < pool->count; i++)
        fprintf(out, "    \"%s\\0\"\n", pool->strings[i]);
    fputs("    ;\n\n", out);
}

static uint32_t emit_externs(const struct module *module, FILE *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < module->export_count; i++)
        if (entry_is_extern(module->exports[i].entry))
            fprintf(out, "extern void *datum_%u __asm__(\"%s\");\n", i, module->exports[i].entry->target);
    fputs("static const struct litewin_extern externs[] = {\n", out);
    for (uint32_t i = 0; i < module->export_count; i++) {
        if (entry_is_extern(module->exports[i].entry)) {
            fprintf(out, "    {%u, &datum_%u},\n", module->exports[i].ordinal, i);
            count++;
        }
    }
    fputs("    {0, NULL},\n};\n\n", out);
    return count;
}

static uint32_t emit_direct(const struct module *module, FILE *out)
{
    uint32_t count = 0;
    fputs("static const uint32_t direct[] = {\n", out);
    for (uint32_t i = 0; i < module->export_count; i++) {
        if (entry_is_direct(module->exports[i].entry)) {
            fprintf(out, "    %u,\n", i);
            count++;
        }
    }
    fputs("    0,\n};\n\n", out);
    return count;
}

void emit_bind(const struct module *module, FILE *out)
{
    const unsigned strings_per_export = 4;
    struct string_pool pool;
    pool_init(&pool, module->spec->arena, strings_per_export * (size_t)module->export_count);
    fprintf(out,
            "/* %s: generated by genthunks from %s. */\n"
            "#include <litewin/binding.h>\n"
            "#include <stddef.h>\n\n",
            module->backing, module->spec->file);
    emit_functions(module, out);
    emit_exports(module, &pool, out);
    emit_strings(&pool, out);
    uint32_t extern_count = emit_externs(module, out);
    uint32_t direct_count = emit_direct(module, out);
    fprintf(out,
            "extern void litewin_attach(void *image_base) __attribute__((weak, visibility(\"hidden\")));\n"
            "extern const char litewin_needs[] __attribute__((weak, visibility(\"hidden\")));\n\n"
            "__attribute__((visibility(\"default\"))) const struct litewin_backing " LITEWIN_BACKING_SYMBOL
            " = {\n"
            "    .abi_version = LITEWIN_ABI_VERSION,\n"
            "    .export_count = %u,\n"
            "    .spec_hash = 0x%016llx,\n"
            "    .functions = functions,\n"
            "    .exports = exports,\n"
            "    .strings = strings,\n"
            "    .externs = externs,\n"
            "    .direct = direct,\n"
            "    .extern_count = %u,\n"
            "    .direct_count = %u,\n"
            "    .attach = litewin_attach,\n"
            "    .needs = litewin_needs,\n"
            "};\n",
            module->export_count, (unsigned long long)module->spec->hash, extern_count, direct_count);
}
