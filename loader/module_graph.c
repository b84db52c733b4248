/* Which module needs which others. */
#include <stdlib.h>
#include "loader/module.h"

/* LDR_DEPENDENCY. It is in two rings, of what one module needs and of what needs the other. */
struct dependency {
    SINGLE_LIST_ENTRY to_link;
    struct loader_node *to;
    SINGLE_LIST_ENTRY from_link;
    struct loader_node *from;
};

static struct module *module_of_node(const struct loader_node *node)
{
    return CONTAINING_RECORD(node, struct module, node);
}

static struct dependency *from_to_link(SINGLE_LIST_ENTRY *link)
{
    return CONTAINING_RECORD(link, struct dependency, to_link);
}

static struct dependency *from_from_link(SINGLE_LIST_ENTRY *link)
{
    return CONTAINING_RECORD(link, struct dependency, from_link);
}

static void ring_append(SINGLE_LIST_ENTRY **last, SINGLE_LIST_ENTRY *link)
{
    link->Next = *last ? (*last)->Next : link;
    if (*last)
        (*last)->Next = link;
    *last = link;
}

static void ring_remove(SINGLE_LIST_ENTRY **last, SINGLE_LIST_ENTRY *link)
{
    SINGLE_LIST_ENTRY *before = *last;
    while (before->Next != link)
        before = before->Next;
    before->Next = link->Next;
    if (*last == link)
        *last = before == link ? NULL : before;
}

void module_change_count(struct module *module, int change)
{
    if (!module_is_pinned(module))
        module->node.LoadCount += change;
}

struct dependency *module_next_dependency(const struct module *module, const struct dependency *before)
{
    SINGLE_LIST_ENTRY *last = module->node.last_dependency;
    if (!last || (before && &before->to_link == last))
        return NULL;
    return from_to_link(before ? before->to_link.Next : last->Next);
}

struct module *module_of_dependency(const struct dependency *dependency)
{
    return module_of_node(dependency->to);
}

bool module_add_dependency(struct module *module, struct module *needed)
{
    struct dependency *dependency = NULL;
    if (needed->everywhere)
        return true;
    while ((dependency = module_next_dependency(module, dependency))) {
        if (dependency->to == &needed->node)
            return true;
    }
    dependency = malloc(sizeof *dependency);
    if (!dependency)
        return false;
    dependency->to = &needed->node;
    dependency->from = &module->node;
    ring_append(&module->node.last_dependency, &dependency->to_link);
    ring_append(&needed->node.last_dependent, &dependency->from_link);
    module_change_count(needed, 1);
    return true;
}

static void remove_dependency(struct dependency *dependency)
{
    ring_remove(&dependency->from->last_dependency, &dependency->to_link);
    ring_remove(&dependency->to->last_dependent, &dependency->from_link);
    module_change_count(module_of_node(dependency->to), -1);
    free(dependency);
}

/* Of modules that go together, the one that goes first may be needed by the others. */
void module_remove_dependencies(struct module *module)
{
    while (module->node.last_dependency)
        remove_dependency(from_to_link(module->node.last_dependency));
    while (module->node.last_dependent)
        remove_dependency(from_from_link(module->node.last_dependent));
}
