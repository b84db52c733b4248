#include "verify.h"

#include "debug_info.h"

#include <stdio.h>
#include <string.h>

#define DESCRIPTION_SIZE 64

struct check {
    const struct module *module;
    const struct debug_info *info;
    struct diagnostics *diagnostics;
    unsigned slot;
};

/* Both sides pass a structure of a register's size like an integer, unless it holds a floating
 * member; one of another size Windows passes by reference. */
static bool counts_as_integer(const struct c_type *type)
{
    bool register_size = type->size == 1 || type->size == 2 || type->size == 4 || type->size == 8;
    return type->class == C_CLASS_INTEGER ||
           (type->class == C_CLASS_STRUCTURE && register_size && !type->has_floating_member);
}

static bool is_integer(const struct c_type *type, unsigned size)
{
    return counts_as_integer(type) && type->size == size;
}

static bool serves(const struct check *check, enum c_rule rule, const struct c_type *type)
{
    const unsigned slot = check->slot;
    switch (rule) {
    case C_UP_TO_SLOT:
        return type->class == C_CLASS_POINTER || (counts_as_integer(type) && type->size <= slot);
    case C_INTEGER_1:
        return is_integer(type, 1);
    case C_INTEGER_2:
        return is_integer(type, 2);
    case C_INTEGER_4:
        return is_integer(type, 4);
    case C_INTEGER_8:
        return is_integer(type, 8);
    case C_POINTER:
        return type->class == C_CLASS_POINTER;
    case C_INTEGER_OF_SLOT:
        return is_integer(type, slot);
    case C_POINTER_OR_SLOT:
        return type->class == C_CLASS_POINTER || is_integer(type, slot);
    case C_BYTES_16:
        return slot == 8 ? type->class == C_CLASS_POINTER
                         : type->class == C_CLASS_STRUCTURE && type->size == 16;
    case C_FLOAT:
        return type->class == C_CLASS_FLOATING && type->size == sizeof(float);
    case C_DOUBLE:
        return type->class == C_CLASS_FLOATING && type->size == sizeof(double);
    case C_VOID:
        return type->class == C_CLASS_VOID;
    case C_POINTED_TO:
        break;
    }
    return false;
}

static const char *expected_type(const struct check *check, enum c_rule rule)
{
    const bool wide = check->slot == 8;
    switch (rule) {
    case C_UP_TO_SLOT:
        return wide ? "a pointer or an integer of up to 8 bytes" : "a pointer or an integer of up to 4 bytes";
    case C_INTEGER_1:
        return "a 1-byte integer";
    case C_INTEGER_2:
        return "a 2-byte integer";
    case C_INTEGER_4:
        return "a 4-byte integer";
    case C_INTEGER_8:
        return "an 8-byte integer";
    case C_POINTER:
        return "a pointer";
    case C_INTEGER_OF_SLOT:
        return wide ? "an 8-byte integer" : "a 4-byte integer";
    case C_POINTER_OR_SLOT:
        return wide ? "a pointer or an 8-byte integer" : "a pointer or a 4-byte integer";
    case C_BYTES_16:
        return wide ? "a pointer" : "a structure of 16 bytes";
    case C_FLOAT:
        return "a float";
    case C_DOUBLE:
        return "a double";
    case C_VOID:
        return "void";
    case C_POINTED_TO:
        break;
    }
    return "";
}

static const char *describe(const struct c_type *type, char text[DESCRIPTION_SIZE])
{
    static const char *const names[] = {
        [C_CLASS_VOID] = "void",           [C_CLASS_INTEGER] = "integer",
        [C_CLASS_POINTER] = "a pointer",   [C_CLASS_FLOATING] = "floating number",
        [C_CLASS_STRUCTURE] = "structure", [C_CLASS_OTHER] = "of another type",
    };
    bool sized =
        type->class == C_CLASS_INTEGER || type->class == C_CLASS_FLOATING || type->class == C_CLASS_STRUCTURE;
    if (!sized)
        return names[type->class];
    snprintf(text, DESCRIPTION_SIZE, "%s %llu-byte %s%s", type->size == 8 ? "an" : "a",
             (unsigned long long)type->size, names[type->class],
             type->has_floating_member ? " with a floating member" : "");
    return text;
}

static void check_argument(const struct check *check, const struct entry *entry, unsigned number,
                           const struct c_function *function)
{
    const struct argument *argument = &entry->arguments[number];
    const struct c_type *type = &function->parameters[number];
    char text[DESCRIPTION_SIZE];
    if (!serves(check, argument->type->rule, type))
        report(check->diagnostics, argument->at, "argument %u of %s (%s:%d) is %s, expected %s for \"%s\"",
               number + 1, entry->target, function->file, function->line, describe(type, text),
               expected_type(check, argument->type->rule), argument->type->name);
}

/* A variable argument list arrives as a pointer behind the fixed arguments, except where the C
 * function is itself in the Windows convention. */
static void check_arguments(const struct check *check, const struct entry *entry,
                            const struct c_function *function)
{
    bool varargs = entry->kind == ENTRY_VARARGS, direct = entry->flags & FLAG_DIRECT;
    bool takes_list = varargs && !(direct && function->variadic);
    unsigned expected = entry->argument_count + takes_list;
    if (function->variadic && !(varargs && direct)) {
        report(check->diagnostics, entry->target_at, "%s (%s:%d) takes \"...\", expected %s", entry->target,
               function->file, function->line, varargs ? "a guest_va_list" : "the arguments of the line");
        return;
    }
    if (function->parameter_count != expected) {
        report(check->diagnostics, entry->target_at, "%s (%s:%d) takes %u argument%s, expected %u%s",
               entry->target, function->file, function->line, function->parameter_count,
               function->parameter_count == 1 ? "" : "s", expected,
               takes_list ? " with the guest_va_list" : "");
        return;
    }
    for (unsigned i = 0; i < entry->argument_count; i++)
        check_argument(check, entry, i, function);
    if (takes_list && function->parameters[entry->argument_count].class != C_CLASS_POINTER)
        report(check->diagnostics, entry->target_at,
               "the last argument of %s (%s:%d) is no pointer, expected a guest_va_list", entry->target,
               function->file, function->line);
}

static void check_result(const struct check *check, const struct entry *entry,
                         const struct c_function *function)
{
    const struct c_type *type = &function->result;
    char text[DESCRIPTION_SIZE];
    if (entry->result && !serves(check, entry->result->rule, type))
        report(check->diagnostics, entry->result_at, "%s (%s:%d) returns %s, expected %s for \"%s\"",
               entry->target, function->file, function->line, describe(type, text),
               expected_type(check, entry->result->rule), entry->result->name);
    else if (!entry->result && type->class == C_CLASS_FLOATING)
        report(check->diagnostics, entry->target_at, "%s (%s:%d) returns %s, expected a -ret= that says so",
               entry->target, function->file, function->line, describe(type, text));
    else if (!entry->result && type->class == C_CLASS_STRUCTURE && !counts_as_integer(type))
        report(check->diagnostics, entry->target_at,
               "%s (%s:%d) returns %s, expected a pointer to the result as first argument", entry->target,
               function->file, function->line, describe(type, text));
}

static void check_function(const struct check *check, const struct entry *entry)
{
    struct c_function function;
    if (!debug_info_function(check->info, entry->target, &function)) {
        report(check->diagnostics, entry->target_at,
               "no function \"%s\" in the backing, expected one that is not static", entry->target);
        return;
    }
    if (!function.typed) {
        if (!(entry->flags & FLAG_DIRECT))
            report(check->diagnostics, entry->target_at,
                   "\"%s\" has no debug information, expected a C function, or -direct for assembly",
                   entry->target);
        return;
    }
    check_arguments(check, entry, &function);
    check_result(check, entry, &function);
}

/* The pointer is to the datum or, where the line gives a size, to the first element of an array. */
static bool size_fits(const struct entry *entry, unsigned size, uint64_t pointee_size)
{
    return !pointee_size || (entry->size ? size % pointee_size == 0 : size == pointee_size);
}

static void check_datum(const struct check *check, const struct entry *entry)
{
    struct c_datum datum;
    unsigned size = entry_extern_size(entry, check->module->arch);
    if (!debug_info_datum(check->info, entry->target, &datum))
        report(check->diagnostics, entry->target_at,
               "no variable \"%s\" in the backing, expected a pointer that is not static", entry->target);
    else if (datum.type.class != C_CLASS_POINTER)
        report(check->diagnostics, entry->target_at,
               "\"%s\" (%s:%d) is no pointer, expected a pointer to the data", entry->target, datum.file,
               datum.line);
    else if (!size_fits(entry, size, datum.pointee_size))
        report(check->diagnostics, entry->target_at,
               "\"%s\" (%s:%d) points to %llu bytes and the line declares %u, expected a pointer to it or to "
               "its elements",
               entry->target, datum.file, datum.line, (unsigned long long)datum.pointee_size, size);
}

bool verify_backing(const struct module *module, const char *backing_path, struct diagnostics *diagnostics)
{
    unsigned errors = diagnostics->errors;
    struct debug_info *info = debug_info_open(backing_path, module->arch, diagnostics);
    if (!info)
        return false;
    struct check check = {module, info, diagnostics, module->arch == ARCH_I386 ? 4 : 8};
    for (uint32_t i = 0; i < module->export_count; i++) {
        const struct entry *entry = module->exports[i].entry;
        if (entry_is_function(entry))
            check_function(&check, entry);
        else if (entry_is_extern(entry))
            check_datum(&check, entry);
    }
    debug_info_close(info);
    return diagnostics->errors == errors;
}
