/* Which exports are traced. Each gets an entry of the tracer's in its DLL's table of functions. A forwarder
 * has none there, since the program calls what it leads to: while tracing is on, an import through a
 * forwarder gets a piece of code that says so and goes on to the target, whose entry then shows the call
 * under the forwarder's name. */
#include <stdlib.h>
#include <string.h>
#include "loader/backing.h"
#include "loader/module.h"
#include "loader/trace/entry.h"
#include "loader/trace/filter.h"
#include "loader/trace/trace.h"

/* "kernel32" of ".../kernel32.dll". */
static const char *dll_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = strdup(slash ? slash + 1 : path);
    char *dot = name ? strrchr(name, '.') : NULL;
    if (dot && !strcmp(dot, ".dll"))
        *dot = '\0';
    return name;
}

static bool is_matched(const struct litewin_backing *backing, uint32_t index, const char *dll)
{
    const struct litewin_export *line = &backing->exports[index];
    return filter_matches(dll, backing->strings + line->name, backing->strings + line->category);
}

const litewin_function *trace_functions(const struct litewin_backing *backing, const char *path)
{
    const char *dll = dll_name(path);
    litewin_function *functions = malloc((backing->export_count + 1) * sizeof *functions);
    if (!functions || !dll)
        return backing->functions;
    memcpy(functions, backing->functions, backing->export_count * sizeof *functions);
    for (uint32_t i = 0; i < backing->export_count; i++) {
        if (!backing->functions[i] || !is_matched(backing, i, dll))
            continue;
        struct trace_export *export = trace_export_create(dll, backing, i);
        litewin_function entry = export ? trace_entry_create(export, backing->exports[i].flags) : NULL;
        if (entry)
            functions[i] = entry;
    }
    return functions;
}

/* Forwarders */

struct forwarder {
    const struct module *module;
    const char *name; /* the .spec's */
    void *entry;
    struct forwarder *next;
};

/* Under the loader lock. */
static struct forwarder *forwarders;

static uint32_t find_by_name(const struct litewin_backing *backing, const char *name)
{
    uint32_t index = 0;
    while (index < backing->export_count && strcmp(backing->strings + backing->exports[index].name, name))
        index++;
    return index;
}

static uint32_t find_by_ordinal(const struct litewin_backing *backing, uint32_t ordinal)
{
    uint32_t index = 0;
    while (index < backing->export_count && backing->exports[index].ordinal != ordinal)
        index++;
    return index;
}

/* Makes the tracer hear of the target's calls, if it does not yet. */
static bool listen_to(const struct module *target, uint32_t index)
{
    const struct litewin_backing *backing = target->backing;
    if (trace_export_find(backing, index))
        return true;
    struct trace_export *export = trace_export_create(dll_name(target->host_path), backing, index);
    litewin_function entry = export ? trace_entry_create(export, backing->exports[index].flags) : NULL;
    if (!entry)
        return false;
    export->hidden = true;
    backing_replace(target, index, entry);
    return true;
}

/* What is shown: the forwarder's names and its result, if its line tells that, and the target's arguments. */
static struct trace_export *describe(const struct module *module, uint32_t own, const struct module *target,
                                     uint32_t index)
{
    const struct litewin_backing *backing = module->backing;
    const char *dll = dll_name(module->host_path);
    struct trace_export *export = dll ? trace_export_create(dll, target->backing, index) : NULL;
    if (!export)
        return NULL;
    export->name = backing->strings + backing->exports[own].name;
    export->category = backing->strings + backing->exports[own].category;
    const char *result = backing->strings + backing->exports[own].result;
    if (*result)
        export->result = trace_type_find(result, strlen(result));
    export->hidden = !is_matched(backing, own, dll);
    return export;
}

static void *create_forwarder(const struct module *module, uint32_t own, const struct module *target,
                              uint32_t index, void *address)
{
    struct trace_export *export = describe(module, own, target, index);
    if (!export || (export->hidden && !trace_export_find(target->backing, index)) ||
        !listen_to(target, index))
        return NULL;
    return trace_entry_create_forwarder(export, address);
}

void *trace_forwarder(const struct module *module, const char *name, const struct module *target,
                      uint32_t ordinal, void *address)
{
    const struct litewin_backing *backing = module->backing, *other = target->backing;
    if (!backing || !other)
        return address;
    uint32_t own = find_by_name(backing, name), index = find_by_ordinal(other, ordinal);
    if (own == backing->export_count || index == other->export_count || !other->functions[index])
        return address;
    for (struct forwarder *known = forwarders; known; known = known->next)
        if (known->module == module && !strcmp(known->name, name))
            return known->entry;
    struct forwarder *made = malloc(sizeof *made);
    void *entry = made ? create_forwarder(module, own, target, index, address) : NULL;
    if (!made)
        return address;
    *made = (struct forwarder){module, backing->strings + backing->exports[own].name, entry ? entry : address,
                               forwarders};
    forwarders = made;
    return made->entry;
}
