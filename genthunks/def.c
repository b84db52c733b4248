#include "emit.h"

#include <ctype.h>

/* dlltool reads only some characters outside quotes. */
static void emit_symbol(const char *name, FILE *out)
{
    bool plain = isalpha((unsigned char)*name) || *name == '_';
    for (const char *c = name; *c; c++)
        plain &= isalnum((unsigned char)*c) || *c == '_';
    fprintf(out, plain ? "%s" : "\"%s\"", name);
}

/* The symbol that a compiler refers to; dlltool --kill-at takes the decoration off the import. */
static void emit_decorated(const struct module *module, const struct entry *entry, FILE *out)
{
    bool callee_pops = entry->kind == ENTRY_STDCALL && !(entry->flags & FLAG_THISCALL);
    bool mangled = *entry->name == '?';
    if (module->arch != ARCH_I386 || !callee_pops || mangled)
        emit_symbol(entry->name, out);
    else
        fprintf(out, "\"%s%s@%u\"", entry->flags & FLAG_FASTCALL ? "@" : "", entry->name,
                entry_i386_bytes(entry));
}

void emit_def(const struct module *module, FILE *out)
{
    fprintf(out, "LIBRARY \"%s\"\nEXPORTS\n", module->name);
    for (uint32_t i = 0; i < module->export_count; i++) {
        const struct entry *entry = module->exports[i].entry;
        if (!*entry->name)
            continue;
        fputs("    ", out);
        emit_decorated(module, entry, out);
        fprintf(out, " @%u", module->exports[i].ordinal);
        if (entry->flags & (FLAG_NONAME | FLAG_ORDINAL))
            fputs(" NONAME", out);
        if (entry->kind == ENTRY_EXTERN)
            fputs(" DATA", out);
        if (entry->flags & FLAG_PRIVATE || entry->kind == ENTRY_STUB)
            fputs(" PRIVATE", out);
        fputc('\n', out);
    }
}
