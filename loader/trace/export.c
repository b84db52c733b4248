#include "loader/trace/export.h"
#include <stdlib.h>
#include <string.h>
#include "kernel/lock.h"

static struct lock lock;
static struct trace_export **exports;
static uint32_t export_count;

uint32_t trace_export_count(void)
{
    return __atomic_load_n(&export_count, __ATOMIC_ACQUIRE);
}

struct trace_export *trace_export_at(uint32_t number)
{
    lock_acquire(&lock);
    struct trace_export *export = exports[number];
    lock_release(&lock);
    return export;
}

struct trace_export *trace_export_find(const struct litewin_backing *backing, uint32_t index)
{
    const char *name = backing->strings + backing->exports[index].name;
    struct trace_export *found = NULL;
    lock_acquire(&lock);
    for (uint32_t i = 0; i < export_count && !found; i++)
        if (exports[i]->name == name)
            found = exports[i];
    lock_release(&lock);
    return found;
}

/* "wstr:path dword:access": the next of them, NULL at the end. */
static const char *next_argument(const char *list, struct trace_argument *argument)
{
    size_t length = strcspn(list, " "), type_length = strcspn(list, ": ");
    if (!length)
        return NULL;
    *argument = (struct trace_argument){.type = trace_type_find(list, type_length)};
    if (type_length < length) {
        argument->name = list + type_length + 1;
        argument->name_length = length - type_length - 1;
    }
    return list + length + (list[length] == ' ');
}

#ifdef __x86_64__

/* The conventions' registers, as entry_x86_64.S saves them. */
enum { SYSV_INTEGERS = 6, SYSV_FLOATS = 8, WINDOWS_REGISTERS = 4 };

static bool is_floating(const struct trace_argument *argument)
{
    return !argument->type.points &&
           (argument->type.kind == KIND_FLOAT || argument->type.kind == KIND_DOUBLE);
}

static void place(struct trace_argument *argument, enum trace_place place, unsigned index)
{
    argument->place = place;
    argument->index = index;
}

/* Positions decide, and each argument has a slot on the stack. */
static void place_as_windows(struct trace_export *export)
{
    for (unsigned i = 0; i < export->argument_count; i++) {
        struct trace_argument *argument = &export->arguments[i];
        if (i < WINDOWS_REGISTERS)
            place(argument, is_floating(argument) ? PLACE_FLOAT : PLACE_INTEGER, i);
        else
            place(argument, PLACE_STACK, i);
    }
    unsigned slots = export->argument_count < WINDOWS_REGISTERS ? WINDOWS_REGISTERS : export->argument_count;
    export->stack_size = 8 * slots;
}

static void place_as_sysv(struct trace_export *export)
{
    unsigned integers = 0, floats = 0, slots = 0;
    for (unsigned i = 0; i < export->argument_count; i++) {
        struct trace_argument *argument = &export->arguments[i];
        if (is_floating(argument) && floats < SYSV_FLOATS)
            place(argument, PLACE_FLOAT, floats++);
        else if (!is_floating(argument) && integers < SYSV_INTEGERS)
            place(argument, PLACE_INTEGER, integers++);
        else
            place(argument, PLACE_STACK, slots++);
    }
    if (export->varargs && integers == SYSV_INTEGERS)
        slots++;
    export->stack_size = 8 * slots;
}

static void place_arguments(struct trace_export *export, const struct litewin_export *line)
{
    if (line->flags & LITEWIN_EXPORT_DIRECT)
        place_as_windows(export);
    else
        place_as_sysv(export);
}

#else

/* A -direct function takes its first words in ECX and EDX where its convention says so; all others take all
 * words on the stack. */
static void place_arguments(struct trace_export *export, const struct litewin_export *line)
{
    bool direct = line->flags & LITEWIN_EXPORT_DIRECT;
    unsigned registers = !direct                                 ? 0
                         : line->kind == LITEWIN_EXPORT_THISCALL ? 1
                         : line->kind == LITEWIN_EXPORT_FASTCALL ? 2
                                                                 : 0;
    unsigned in_registers = 0, word = 0;
    for (unsigned i = 0; i < export->argument_count; i++) {
        struct trace_argument *argument = &export->arguments[i];
        unsigned size = trace_type_i386_size(&argument->type);
        if (in_registers < registers && size == 4 && argument->type.kind != KIND_FLOAT) {
            argument->place = PLACE_INTEGER;
            argument->index = in_registers++;
        } else {
            argument->place = PLACE_STACK;
            argument->index = word;
            word += size / 4;
        }
    }
    bool caller_pops = line->kind == LITEWIN_EXPORT_CDECL || line->kind == LITEWIN_EXPORT_VARARGS;
    export->stack_size = 4 * (word + export->varargs);
    export->popped = direct && !caller_pops ? 4 * word : 0;
    bool floating = export->result.kind == KIND_FLOAT || export->result.kind == KIND_DOUBLE;
    export->flags = floating && !export->result.points ? TRACE_FLOAT_RESULT : 0;
}

#endif

static bool enlist(struct trace_export *export)
{
    const uint32_t step = 256;
    lock_acquire(&lock);
    struct trace_export **list = exports;
    if (export_count % step == 0)
        list = realloc(exports, (export_count + step) * sizeof *list);
    if (list) {
        exports = list;
        exports[export_count] = export;
        export->number = export_count;
        __atomic_store_n(&export_count, export_count + 1, __ATOMIC_RELEASE);
    }
    lock_release(&lock);
    return list;
}

struct trace_export *trace_export_create(const char *dll, const struct litewin_backing *backing,
                                         uint32_t index)
{
    const struct litewin_export *line = &backing->exports[index];
    struct trace_export *export =
        calloc(1, sizeof *export + line->argument_count * sizeof(struct trace_argument));
    if (!export)
        return NULL;
    const char *result = backing->strings + line->result, *list = backing->strings + line->arguments;
    export->function = backing->functions[index];
    export->dll = dll;
    export->name = backing->strings + line->name;
    export->category = backing->strings + line->category;
    export->result = trace_type_find(*result ? result : "void", *result ? strlen(result) : strlen("void"));
    export->varargs = line->kind == LITEWIN_EXPORT_VARARGS && !(line->flags & LITEWIN_EXPORT_DIRECT);
    while (export->argument_count < line->argument_count &&
           (list = next_argument(list, &export->arguments[export->argument_count])))
        export->argument_count++;
    place_arguments(export, line);
    if (enlist(export))
        return export;
    free(export);
    return NULL;
}
