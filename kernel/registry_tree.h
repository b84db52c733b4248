/* Keys and values in memory. Nothing here knows of files or handles; whoever calls holds the registry's lock.
 */
#ifndef KERNEL_REGISTRY_TREE_H
#define KERNEL_REGISTRY_TREE_H

#include <litewin/windows.h>

/* What Windows allows. */
#define REGISTRY_KEY_NAME_UNITS   255
#define REGISTRY_VALUE_NAME_UNITS 16383
#define REGISTRY_DEPTH            512

/* A value never changes: setting it puts another one in its place. So what is retained may be read without
 * the lock. */
struct registry_value {
    uint32_t references; /* atomic */
    uint32_t hash;       /* of the name in upper case */
    ULONG type;
    ULONG size;
    size_t name_length;
    const void *data;
    WCHAR name[];
};

struct registry_key {
    struct registry_key *parent; /* NULL: the root, or a deleted key */
    uint32_t references;         /* its parent's and those of handles */
    bool permanent;              /* cannot be deleted: the root and those right below it */
    bool deleted;
    bool is_volatile;
    bool unconfirmed;               /* not yet found in the files while they are read anew */
    LONGLONG written;               /* when, as a FILETIME */
    struct registry_key **children; /* in the order of their names */
    uint32_t child_count, child_capacity;
    struct registry_value **values; /* in the order in which they came */
    uint32_t value_count, value_capacity;
    WCHAR *class;
    size_t class_length;
    WCHAR *name;
    size_t name_length;
};

struct registry_key *registry_key_retain(struct registry_key *key);
void registry_key_release(struct registry_key *key);

/* NULL: there is none. */
struct registry_key *registry_key_find(const struct registry_key *parent, const WCHAR *name, size_t length);
/* The one that is there, or a new one; NULL: memory is short. The root's parent is NULL. */
struct registry_key *registry_key_add(struct registry_key *parent, const WCHAR *name, size_t length);
/* Takes it from its parent, with all below it; of a permanent key, what is below it that is not permanent. */
void registry_key_remove(struct registry_key *key);
/* To a name that none of its parent's other keys has. */
bool registry_key_rename(struct registry_key *key, const WCHAR *name, size_t length);
bool registry_key_set_class(struct registry_key *key, const WCHAR *class, size_t length);

uint32_t registry_name_hash(const WCHAR *name, size_t length);
/* NULL: there is none. */
struct registry_value *registry_value_find(const struct registry_key *key, const WCHAR *name, size_t length,
                                           uint32_t hash);
bool registry_value_set(struct registry_key *key, const WCHAR *name, size_t length, ULONG type,
                        const void *data, size_t size);
void registry_value_remove(struct registry_key *key, const WCHAR *name, size_t length);
EXPORTED struct registry_value *registry_value_retain(struct registry_value *value);
EXPORTED void registry_value_release(struct registry_value *value);

/* Reading everything anew: keys keep their identity, but not their content. Begins by emptying and marking
 * all keys, and ends by removing those that were not added meanwhile. */
void registry_tree_unconfirm(struct registry_key *root);
void registry_tree_remove_unconfirmed(struct registry_key *root);

/* All of a tree that no handle has to do with. */
void registry_tree_free(struct registry_key *root);

#endif
