#include "emit.h"

static const char *const kind_names[] = {
    [LITEWIN_EXPORT_STUB] = "stub",         [LITEWIN_EXPORT_STDCALL] = "stdcall",
    [LITEWIN_EXPORT_CDECL] = "cdecl",       [LITEWIN_EXPORT_VARARGS] = "varargs",
    [LITEWIN_EXPORT_THISCALL] = "thiscall", [LITEWIN_EXPORT_FASTCALL] = "fastcall",
    [LITEWIN_EXPORT_EXTERN] = "extern",     [LITEWIN_EXPORT_FORWARD] = "forward",
};

static const char *or_dash(const char *text)
{
    return *text ? text : "-";
}

static void list_arguments(const struct entry *entry, FILE *out)
{
    if (!entry->argument_count)
        fputc('-', out);
    for (unsigned i = 0; i < entry->argument_count; i++) {
        const struct argument *argument = &entry->arguments[i];
        fprintf(out, "%s%s%s%s", i ? "," : "", argument->type->name, *argument->name ? ":" : "",
                argument->name);
    }
}

static void list_flags(const struct entry *entry, FILE *out)
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {
        {FLAG_NONAME, "noname"}, {FLAG_ORDINAL, "ordinal"}, {FLAG_PRIVATE, "private"},
        {FLAG_DIRECT, "direct"}, {FLAG_LEAF, "leaf"},       {FLAG_NORELAY, "norelay"},
    };
    const char *separator = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (entry->flags & names[i].flag) {
            fprintf(out, "%s%s", separator, names[i].name);
            separator = ",";
        }
    }
    if (!*separator)
        fputc('-', out);
}

static void list_export(const struct module *module, const struct export *export, FILE *out)
{
    const struct entry *entry = export->entry;
    fprintf(out, "%u\t%u\t%s\t%s\t%s\t", export->ordinal, export->index, or_dash(entry->name),
            kind_names[entry_export_kind(entry, module->arch)],
            or_dash(*entry->forward ? entry->forward : entry->target));
    list_arguments(entry, out);
    fprintf(out, "\t%s\t", entry->result ? entry->result->name : "-");
    if (entry_is_extern(entry))
        fprintf(out, "%u\t", entry_extern_size(entry, module->arch));
    else
        fputs("-\t", out);
    list_flags(entry, out);
    fprintf(out, "\t%s\n", or_dash(entry->category));
}

void emit_list(const struct module *module, FILE *out)
{
    fputs("#ordinal\tindex\tname\tkind\ttarget\targuments\tresult\tsize\tflags\tcategory\n", out);
    for (uint32_t i = 0; i < module->export_count; i++)
        list_export(module, &module->exports[i], out);
    for (size_t i = 0; i < module->spec->apiset_count; i++)
        fprintf(out, "apiset\t%s\t%s\n", module->spec->apisets[i].name, module->spec->apisets[i].hosts);
}
