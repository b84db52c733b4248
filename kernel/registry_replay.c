#include <stdlib.h>
#include "kernel/registry_replay.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

/* Roots, in the order in which a key's root is looked for when its name is written: the one that leads
 * deepest first. What is put into HKEY_CLASSES_ROOT goes to the machine's classes, as on Windows. */
static const struct root {
    WCHAR name[20], short_name[5];
    WCHAR path[64]; /* below \Registry */
    bool written;
} roots[] = {
    {L"HKEY_CURRENT_USER", L"HKCU", L"User\\" REGISTRY_USER_SID, true},
    {L"HKEY_LOCAL_MACHINE", L"HKLM", L"Machine", true},
    {L"HKEY_USERS", L"HKU", L"User", true},
    {L"HKEY_CLASSES_ROOT", L"HKCR", L"Machine\\Software\\Classes", false},
    {L"HKEY_CURRENT_CONFIG", L"HKCC", L"Machine\\System\\CurrentControlSet\\Hardware Profiles\\Current",
     false},
};

static struct registry_key *add_permanent(struct registry_key *parent, const WCHAR *name)
{
    struct registry_key *key = parent ? registry_key_add(parent, name, utf16_length(name)) : NULL;
    if (key)
        key->permanent = true;
    return key;
}

struct registry_key *registry_tree_create(void)
{
    struct registry_key *root = registry_key_add(NULL, L"Registry", 8);
    if (!root)
        return NULL;
    root->permanent = true;
    if (add_permanent(root, L"Machine") && add_permanent(add_permanent(root, L"User"), REGISTRY_USER_SID))
        return root;
    registry_tree_free(root);
    return NULL;
}

/* Paths */

struct path {
    const WCHAR *at;
    size_t length;
};

/* Takes the first name off; empty where there is none any more. */
static struct path next_name(struct path *path)
{
    struct path name = {path->at, 0};
    while (name.length < path->length && path->at[name.length] != '\\')
        name.length++;
    size_t taken = min(name.length + 1, path->length);
    path->at += taken;
    path->length -= taken;
    return name;
}

static bool is(struct path name, const WCHAR *text)
{
    return upcase_equal(name.at, name.length, text, utf16_length(text));
}

/* Visits the path's keys from `key` on, which are made where there are none if `add`. NULL: there is none, or
 * memory is short. */
static struct registry_key *walk(const struct registry_replay *replay, struct registry_key *key,
                                 struct path path, bool add)
{
    while (key && path.length) {
        struct path name = next_name(&path);
        struct registry_key *child = registry_key_find(key, name.at, name.length);
        if (add && (!child || child->unconfirmed)) {
            child = registry_key_add(key, name.at, name.length);
            if (child) {
                child->is_volatile = replay->is_volatile;
                child->written = key->written = replay->written;
            }
        }
        /* A key that is found in a file that lasts does so, too. */
        if (child && add)
            child->is_volatile &= replay->is_volatile;
        key = child;
    }
    return key;
}

/* Whether there can be such a key at all. */
static bool is_good(struct path path)
{
    unsigned depth = 0;
    while (path.length) {
        struct path name = next_name(&path);
        if (!name.length || name.length > REGISTRY_KEY_NAME_UNITS || ++depth > REGISTRY_DEPTH)
            return false;
    }
    return true;
}

/* NULL: there is no such root. The path loses its first name. */
static const struct root *find_root(struct path *path)
{
    struct path name = next_name(path);
    for (size_t i = 0; i < ARRAYSIZE(roots); i++)
        if (is(name, roots[i].name) || is(name, roots[i].short_name))
            return &roots[i];
    return NULL;
}

static struct registry_key *find_key(const struct registry_replay *replay, const struct root *root,
                                     struct path path, bool add)
{
    struct path root_path = {root->path, utf16_length(root->path)};
    struct registry_key *key = walk(replay, replay->root, root_path, add);
    return key ? walk(replay, key, path, add) : NULL;
}

/* Entries */

static void set_current(struct registry_replay *replay, struct registry_key *key)
{
    if (key)
        registry_key_retain(key);
    if (replay->current)
        registry_key_release(replay->current);
    replay->current = key;
}

void registry_replay_forget_key(struct registry_replay *replay)
{
    set_current(replay, NULL);
}

static enum registry_applied apply_key(struct registry_replay *replay, const struct registry_entry *entry)
{
    struct path path = {entry->name, entry->name_length};
    const struct root *root = find_root(&path);
    set_current(replay, NULL);
    if (!root || !is_good(path))
        return REGISTRY_NOT_APPLIED;
    bool add = entry->kind == REGISTRY_KEY;
    struct registry_key *key = find_key(replay, root, path, add);
    if (add) {
        set_current(replay, key);
        return key ? REGISTRY_APPLIED : REGISTRY_NO_MEMORY;
    }
    if (key) {
        if (key->parent)
            key->parent->written = replay->written;
        registry_key_remove(key);
    }
    return REGISTRY_APPLIED;
}

static enum registry_applied apply_value(struct registry_replay *replay, const struct registry_entry *entry)
{
    struct registry_key *key = replay->current;
    bool done = true;
    if (!key || entry->name_length > REGISTRY_VALUE_NAME_UNITS)
        return REGISTRY_NOT_APPLIED;
    if (key->deleted)
        return REGISTRY_APPLIED;
    key->written = replay->written;
    if (entry->kind == REGISTRY_VALUE_DELETED)
        registry_value_remove(key, entry->name, entry->name_length);
    else if (entry->kind == REGISTRY_CLASS)
        done = registry_key_set_class(key, entry->data, entry->size / sizeof(WCHAR));
    else
        done =
            registry_value_set(key, entry->name, entry->name_length, entry->type, entry->data, entry->size);
    return done ? REGISTRY_APPLIED : REGISTRY_NO_MEMORY;
}

enum registry_applied registry_apply(struct registry_replay *replay, const struct registry_entry *entry)
{
    bool is_key = entry->kind == REGISTRY_KEY || entry->kind == REGISTRY_KEY_DELETED;
    return is_key ? apply_key(replay, entry) : apply_value(replay, entry);
}

/* Names */

/* How many names lead from the root to the key. */
static unsigned depth_of(const struct registry_key *key)
{
    unsigned depth = 0;
    for (; key->parent; key = key->parent)
        depth++;
    return depth;
}

static const struct registry_key *ancestor(const struct registry_key *key, unsigned steps)
{
    while (steps--)
        key = key->parent;
    return key;
}

/* How many names a root's path has, if it leads to the key or above it; else 0. */
static unsigned leads_to(const struct root *root, const struct registry_key *key, unsigned depth)
{
    struct path path = {root->path, utf16_length(root->path)};
    for (unsigned count = 1; root->written && count <= depth; count++) {
        const struct registry_key *step = ancestor(key, depth - count);
        struct path name = next_name(&path);
        if (!upcase_equal(name.at, name.length, step->name, step->name_length))
            return 0;
        if (!path.length)
            return count;
    }
    return 0;
}

static void add_units(struct registry_bytes *path, const WCHAR *units, size_t length)
{
    registry_bytes_add(path, units, length * sizeof *units);
}

void registry_write_key_line(struct registry_bytes *text, const struct registry_key *key, bool deleted)
{
    unsigned depth = depth_of(key), above = 0;
    const struct root *root = roots;
    while (root < roots + ARRAYSIZE(roots) && !(above = leads_to(root, key, depth)))
        root++;
    if (!above)
        return;
    struct registry_bytes path = {0};
    add_units(&path, root->name, utf16_length(root->name));
    for (unsigned count = above + 1; count <= depth; count++) {
        const struct registry_key *step = ancestor(key, depth - count);
        add_units(&path, L"\\", 1);
        add_units(&path, step->name, step->name_length);
    }
    text->failed |= path.failed;
    registry_write_key(text, (const WCHAR *)path.bytes, path.size / sizeof(WCHAR), deleted);
    free(path.bytes);
}
