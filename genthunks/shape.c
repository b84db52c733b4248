#include "shape.h"

#include <stdio.h>
#include <string.h>

#define REGISTER_ARGUMENTS 4

/* A function with fewer arguments than there are registers may be called as if it took them all:
 * the registers that are moved for nothing are scratch registers. That leaves one thunk for all
 * functions of up to four integers. What is variable must not be taken for an argument, though. */
static void pad_to_registers(struct shape_x86_64 *shape)
{
    if (!shape->varargs && shape->count < REGISTER_ARGUMENTS)
        shape->count = REGISTER_ARGUMENTS;
}

void shape_of_entry_x86_64(const struct entry *entry, struct shape_x86_64 *shape)
{
    *shape = (struct shape_x86_64){.count = entry->argument_count, .varargs = entry->kind == ENTRY_VARARGS};
    for (unsigned i = 0; i < entry->argument_count; i++)
        shape->floating[i] = type_is_floating(entry->arguments[i].type);
    pad_to_registers(shape);
    char letters[MAX_ARGUMENTS + 1] = "";
    for (unsigned i = 0; i < shape->count; i++)
        letters[i] = shape->floating[i] ? 'd' : 'i';
    snprintf(shape->name, sizeof shape->name, "thunk_%s%s", shape->varargs ? "varargs_" : "", letters);
}

/* thiscall passes the first argument in ECX; fastcall the first two that are at most a word and
 * not floating, in ECX and EDX. */
static unsigned register_limit(const struct entry *entry)
{
    return entry->flags & FLAG_THISCALL ? 1 : entry->flags & FLAG_FASTCALL ? 2 : 0;
}

static const char *i386_convention(const struct entry *entry)
{
    if (entry->kind == ENTRY_VARARGS)
        return "varargs";
    if (entry->flags & FLAG_THISCALL)
        return "thiscall";
    if (entry->flags & FLAG_FASTCALL)
        return "fastcall";
    return entry->kind == ENTRY_CDECL ? "cdecl" : "stdcall";
}

void shape_of_entry_i386(const struct entry *entry, struct shape_i386 *shape)
{
    const bool caller_pops = entry->kind == ENTRY_CDECL || entry->kind == ENTRY_VARARGS;
    const unsigned limit = register_limit(entry);
    unsigned registers = 0, stack_words = 0, named_words = 0;
    *shape = (struct shape_i386){.varargs = entry->kind == ENTRY_VARARGS};
    for (unsigned i = 0; i < entry->argument_count; i++) {
        const struct spec_type *type = entry->arguments[i].type;
        if (registers < limit && type->i386_bytes == 4 && !type_is_floating(type)) {
            shape->words[shape->word_count++] = registers++ ? WORD_EDX : WORD_ECX;
            named_words = shape->word_count;
            continue;
        }
        for (unsigned word = 0; word < type->i386_bytes / 4; word++, stack_words++)
            shape->words[shape->word_count++] = WORD_STACK;
    }
    shape->popped = caller_pops ? 0 : 4 * stack_words;
    /* Letters up to the last register, then the number of words on the stack. */
    int length = snprintf(shape->name, sizeof shape->name, "thunk_%s_", i386_convention(entry));
    for (unsigned i = 0; i < named_words && (size_t)length < sizeof shape->name - 8; i++)
        shape->name[length++] = "scd"[shape->words[i]];
    snprintf(shape->name + length, sizeof shape->name - length, "%u", shape->word_count - named_words);
}
