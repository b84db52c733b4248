/* Which key a path leads to: 32-bit programs have keys of their own in some places, and the user's classes
 * lie over those of the machine. */
#ifndef KERNEL_REGISTRY_VIEW_H
#define KERNEL_REGISTRY_VIEW_H

#include "kernel/registry_tree.h"

/* A path from \Registry on. */
struct registry_path {
    size_t count;
    struct registry_name {
        const WCHAR *at;
        size_t length;
    } names[REGISTRY_DEPTH + 8];
};

/* Which keys a program sees, by KEY_WOW64_64KEY, KEY_WOW64_32KEY or what it is itself. */
bool registry_sees_32bit(ACCESS_MASK access);

/* `key` may be NULL: then the path begins with \Registry. STATUS_OBJECT_PATH_SYNTAX_BAD,
 * STATUS_INVALID_PARAMETER for names that are too long or too many, STATUS_OBJECT_NAME_NOT_FOUND. */
NTSTATUS registry_path_make(struct registry_path *path, const struct registry_key *key, const WCHAR *text,
                            size_t length, bool sees_32bit);

/* The key, or NULL; `*found` is the last of those that lead there which exists, and `*left` how many names
 * come after that. */
struct registry_key *registry_path_walk(const struct registry_path *path, struct registry_key *root,
                                        struct registry_key **found, size_t *left);

/* Between a class of the user and of the machine. False for what is neither. */
bool registry_path_is_user_class(const struct registry_path *path);
bool registry_path_to_other_classes(struct registry_path *path);

#endif
