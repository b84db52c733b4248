#include <stdlib.h>
#include "kernel/registry_tree.h"
#include "kernel/upcase.h"

/* Keys */

struct registry_key *registry_key_retain(struct registry_key *key)
{
    key->references++;
    return key;
}

static void clear_values(struct registry_key *key)
{
    for (uint32_t i = 0; i < key->value_count; i++)
        registry_value_release(key->values[i]);
    key->value_count = 0;
}

void registry_key_release(struct registry_key *key)
{
    if (--key->references)
        return;
    clear_values(key);
    free(key->children);
    free(key->values);
    free(key->class);
    free(key->name);
    free(key);
}

/* Where the child is, or would be. */
static uint32_t child_place(const struct registry_key *parent, const WCHAR *name, size_t length, bool *found)
{
    uint32_t low = 0, high = parent->child_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        const struct registry_key *child = parent->children[middle];
        int order = upcase_compare(child->name, child->name_length, name, length);
        if (!order) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = false;
    return low;
}

struct registry_key *registry_key_find(const struct registry_key *parent, const WCHAR *name, size_t length)
{
    bool found;
    uint32_t place = child_place(parent, name, length, &found);
    return found ? parent->children[place] : NULL;
}

/* Makes room for one more element of `size` bytes. */
static bool grow(void *array, uint32_t count, uint32_t *capacity, size_t size)
{
    void **elements = array;
    if (count < *capacity)
        return true;
    uint32_t wanted = count ? 2 * count : 4;
    void *grown = realloc(*elements, wanted * size);
    if (!grown)
        return false;
    *elements = grown;
    *capacity = wanted;
    return true;
}

/* At least one unit, so that NULL tells that memory is short. */
static WCHAR *copy_units(const WCHAR *units, size_t length)
{
    WCHAR *copy = malloc((length + 1) * sizeof *units);
    if (copy && length)
        memcpy(copy, units, length * sizeof *units);
    return copy;
}

static struct registry_key *allocate_key(const WCHAR *name, size_t length)
{
    struct registry_key *key = calloc(1, sizeof *key);
    WCHAR *copy = copy_units(name, length);
    if (!key || !copy) {
        free(key);
        free(copy);
        return NULL;
    }
    key->references = 1;
    key->name = copy;
    key->name_length = length;
    return key;
}

static bool insert_child(struct registry_key *parent, struct registry_key *child)
{
    bool found;
    if (!grow(&parent->children, parent->child_count, &parent->child_capacity, sizeof child))
        return false;
    uint32_t place = child_place(parent, child->name, child->name_length, &found);
    memmove(parent->children + place + 1, parent->children + place,
            (parent->child_count - place) * sizeof child);
    parent->children[place] = child;
    parent->child_count++;
    child->parent = parent;
    return true;
}

static void take_child(struct registry_key *child)
{
    bool found;
    struct registry_key *parent = child->parent;
    uint32_t place = child_place(parent, child->name, child->name_length, &found);
    parent->child_count--;
    memmove(parent->children + place, parent->children + place + 1,
            (parent->child_count - place) * sizeof child);
    child->parent = NULL;
}

struct registry_key *registry_key_add(struct registry_key *parent, const WCHAR *name, size_t length)
{
    struct registry_key *key = parent ? registry_key_find(parent, name, length) : NULL;
    if (key) {
        key->unconfirmed = false;
        return key;
    }
    key = allocate_key(name, length);
    if (key && parent && !insert_child(parent, key)) {
        registry_key_release(key);
        return NULL;
    }
    return key;
}

/* From the last child to the first, so that what is taken away does not move the others. */
static void remove_children(struct registry_key *key)
{
    for (uint32_t i = key->child_count; i-- > 0;)
        registry_key_remove(key->children[i]);
}

void registry_key_remove(struct registry_key *key)
{
    remove_children(key);
    if (key->permanent) {
        clear_values(key);
        return;
    }
    take_child(key);
    key->deleted = true;
    registry_key_release(key);
}

/* What was taken away can be put back: there is room for it. */
bool registry_key_rename(struct registry_key *key, const WCHAR *name, size_t length)
{
    struct registry_key *parent = key->parent;
    WCHAR *copy = copy_units(name, length);
    if (!copy)
        return false;
    take_child(key);
    free(key->name);
    key->name = copy;
    key->name_length = length;
    return insert_child(parent, key);
}

bool registry_key_set_class(struct registry_key *key, const WCHAR *class, size_t length)
{
    WCHAR *copy = copy_units(class, length);
    if (!copy)
        return false;
    free(key->class);
    key->class = copy;
    key->class_length = length;
    return true;
}

/* Values */

uint32_t registry_name_hash(const WCHAR *name, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ upcase(name[i])) * 16777619u;
    return hash;
}

struct registry_value *registry_value_retain(struct registry_value *value)
{
    __atomic_add_fetch(&value->references, 1, __ATOMIC_RELAXED);
    return value;
}

void registry_value_release(struct registry_value *value)
{
    if (!__atomic_sub_fetch(&value->references, 1, __ATOMIC_ACQ_REL))
        free(value);
}

/* NULL: there is none. */
static struct registry_value **find_place(const struct registry_key *key, const WCHAR *name, size_t length,
                                          uint32_t hash)
{
    for (uint32_t i = 0; i < key->value_count; i++) {
        const struct registry_value *value = key->values[i];
        if (value->hash == hash && upcase_equal(value->name, value->name_length, name, length))
            return &key->values[i];
    }
    return NULL;
}

struct registry_value *registry_value_find(const struct registry_key *key, const WCHAR *name, size_t length,
                                           uint32_t hash)
{
    struct registry_value **place = find_place(key, name, length, hash);
    return place ? *place : NULL;
}

/* The data is behind the name, and is aligned as the largest of numbers. */
static struct registry_value *allocate_value(const WCHAR *name, size_t length, ULONG type, const void *data,
                                             size_t size)
{
    size_t offset = (sizeof(struct registry_value) + length * sizeof *name + 7) & ~(size_t)7;
    struct registry_value *value = size <= MAXLONG ? malloc(offset + size) : NULL;
    if (!value)
        return NULL;
    *value = (struct registry_value){
        .references = 1,
        .hash = registry_name_hash(name, length),
        .type = type,
        .size = size,
        .name_length = length,
        .data = (char *)value + offset,
    };
    if (length)
        memcpy(value->name, name, length * sizeof *name);
    if (size)
        memcpy((char *)value + offset, data, size);
    return value;
}

/* A value that is set again keeps its place, and its name as it was first given. */
bool registry_value_set(struct registry_key *key, const WCHAR *name, size_t length, ULONG type,
                        const void *data, size_t size)
{
    struct registry_value **place = find_place(key, name, length, registry_name_hash(name, length));
    struct registry_value *value = allocate_value(place ? (*place)->name : name, length, type, data, size);
    if (!value)
        return false;
    if (place) {
        registry_value_release(*place);
        *place = value;
        return true;
    }
    if (!grow(&key->values, key->value_count, &key->value_capacity, sizeof value)) {
        free(value);
        return false;
    }
    key->values[key->value_count++] = value;
    return true;
}

void registry_value_remove(struct registry_key *key, const WCHAR *name, size_t length)
{
    struct registry_value **place = find_place(key, name, length, registry_name_hash(name, length));
    if (!place)
        return;
    registry_value_release(*place);
    key->value_count--;
    memmove(place, place + 1, (char *)(key->values + key->value_count) - (char *)place);
}

/* Reading anew */

void registry_tree_unconfirm(struct registry_key *root)
{
    clear_values(root);
    free(root->class);
    root->class = NULL;
    root->class_length = 0;
    root->is_volatile = false;
    root->unconfirmed = !root->permanent;
    for (uint32_t i = 0; i < root->child_count; i++)
        registry_tree_unconfirm(root->children[i]);
}

void registry_tree_remove_unconfirmed(struct registry_key *root)
{
    for (uint32_t i = root->child_count; i-- > 0;)
        if (root->children[i]->unconfirmed)
            registry_key_remove(root->children[i]);
        else
            registry_tree_remove_unconfirmed(root->children[i]);
}

void registry_tree_free(struct registry_key *root)
{
    for (uint32_t i = 0; i < root->child_count; i++)
        registry_tree_free(root->children[i]);
    registry_key_release(root);
}
