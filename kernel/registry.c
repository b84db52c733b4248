#include <stdlib.h>
#include "kernel/handle.h"
#include "kernel/registry.h"
#include "kernel/registry_compact.h"
#include "kernel/registry_store.h"
#include "kernel/registry_view.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

const WCHAR registry_user_sid[] = REGISTRY_USER_SID;

struct key_object {
    struct object object;
    struct registry_key *key;
    bool merged; /* below HKEY_CLASSES_ROOT: the other classes count, too */
};

static void key_destroy(struct object *object)
{
    lock_acquire(&registry_lock);
    registry_key_release(((struct key_object *)object)->key);
    lock_release(&registry_lock);
    free(object);
}

const struct object_type key_type = {
    .name = "Key",
    .destroy = key_destroy,
    .access =
        {
            .GenericRead = KEY_READ,
            .GenericWrite = KEY_WRITE,
            .GenericExecute = KEY_EXECUTE,
            .GenericAll = KEY_ALL_ACCESS,
        },
};

/* Handles */

static const ACCESS_MASK view_bits = KEY_WOW64_64KEY | KEY_WOW64_32KEY;

/* Every user may do everything to a key here, but nobody what keys do not know, nor nothing at all. */
static NTSTATUS check_access(ACCESS_MASK access)
{
    access &= ~view_bits;
    if (access & ACCESS_SYSTEM_SECURITY)
        return STATUS_PRIVILEGE_NOT_HELD;
    ACCESS_MASK mapped = handle_map_access(&key_type, access);
    return mapped && !(mapped & ~(ACCESS_MASK)(KEY_ALL_ACCESS | SYNCHRONIZE)) ? STATUS_SUCCESS
                                                                              : STATUS_ACCESS_DENIED;
}

/* What one call needs, under the lock: the key of a handle and the others. The program's memory has been
 * copied by then, or is touched afterwards. */
struct scope {
    struct key_object *object; /* NULL: there was no handle */
    struct registry_key *key, *root;
    bool changes;
    struct registry_change change;
};

static void leave(struct scope *scope)
{
    if (scope->changes)
        registry_end_change(&scope->change);
    lock_release(&registry_lock);
    if (scope->object)
        object_release(scope->object);
}

static NTSTATUS enter(struct scope *scope, HANDLE handle, ACCESS_MASK access, bool changes)
{
    *scope = (struct scope){.changes = changes};
    NTSTATUS status = handle ? handle_reference(handle, &key_type, access, &scope->object) : STATUS_SUCCESS;
    if (!NT_SUCCESS(status))
        return status;
    lock_acquire(&registry_lock);
    status = changes ? registry_begin_change(&scope->change, &scope->root) : registry_refresh(&scope->root);
    scope->changes = changes && NT_SUCCESS(status);
    scope->key = scope->object ? scope->object->key : NULL;
    if (NT_SUCCESS(status) && scope->key && scope->key->deleted)
        status = STATUS_KEY_DELETED;
    if (!NT_SUCCESS(status))
        leave(scope);
    return status;
}

static NTSTATUS make_handle(struct registry_key *key, bool merged, const struct registry_request *request,
                            HANDLE *handle)
{
    struct key_object *object = malloc(sizeof *object);
    if (!object)
        return STATUS_NO_MEMORY;
    object_initialize(&object->object, &key_type);
    object->key = registry_key_retain(key);
    object->merged = merged;
    NTSTATUS status =
        handle_create(&object->object, request->access & ~view_bits, request->attributes, handle);
    if (NT_SUCCESS(status)) {
        object_release(object);
        return status;
    }
    registry_key_release(key);
    free(object);
    return status;
}

/* A copy of the request's path, which the program may change or take away at any time. */
struct path_copy {
    struct registry_request request;
    WCHAR local[256], *allocated;
};

static bool copy_path(struct path_copy *copy, const struct registry_request *request)
{
    copy->request = *request;
    copy->allocated = NULL;
    WCHAR *units = copy->local;
    if (request->length > ARRAYSIZE(copy->local))
        units = copy->allocated = malloc(request->length * sizeof *units);
    if (!units)
        return false;
    memcpy(units, request->path, request->length * sizeof *units);
    copy->request.path = units;
    return true;
}

/* Opening */

/* What a path leads to: the key, or where the first is that is missing. */
struct target {
    struct registry_path path;
    struct registry_key *key, *parent;
    size_t left;
    bool merged;
};

/* The user's classes come first; what is in neither place is to be with those of the machine. */
static void find_class(struct target *target, struct registry_key *root)
{
    if (registry_path_is_user_class(&target->path))
        registry_path_to_other_classes(&target->path);
    struct registry_path other = target->path;
    registry_path_to_other_classes(&other);
    target->key = registry_path_walk(&other, root, &target->parent, &target->left);
    if (!target->key)
        target->key = registry_path_walk(&target->path, root, &target->parent, &target->left);
}

static NTSTATUS find_target(const struct scope *scope, const struct registry_request *request,
                            struct target *target)
{
    NTSTATUS status = registry_path_make(&target->path, scope->key, request->path, request->length,
                                         registry_sees_32bit(request->access));
    if (!NT_SUCCESS(status))
        return status;
    target->merged = scope->object && scope->object->merged;
    if (target->merged)
        find_class(target, scope->root);
    else
        target->key = registry_path_walk(&target->path, scope->root, &target->parent, &target->left);
    return STATUS_SUCCESS;
}

static NTSTATUS open_copied(const struct registry_request *request, HANDLE *handle)
{
    struct scope scope;
    struct target target;
    NTSTATUS status = enter(&scope, request->root, 0, false);
    if (!NT_SUCCESS(status))
        return status;
    status = find_target(&scope, request, &target);
    if (NT_SUCCESS(status))
        status = target.key ? make_handle(target.key, target.merged, request, handle)
                            : STATUS_OBJECT_NAME_NOT_FOUND;
    leave(&scope);
    return status;
}

NTSTATUS registry_open(const struct registry_request *request, HANDLE *handle)
{
    struct path_copy copy;
    HANDLE opened;
    NTSTATUS status = check_access(request->access);
    if (!NT_SUCCESS(status))
        return status;
    if (!copy_path(&copy, request))
        return STATUS_NO_MEMORY;
    status = open_copied(&copy.request, &opened);
    free(copy.allocated);
    if (NT_SUCCESS(status))
        *handle = opened;
    return status;
}

NTSTATUS registry_open_classes(ACCESS_MASK access, HANDLE *handle)
{
    static const WCHAR path[] = L"Machine\\Software\\Classes";
    const struct registry_request request = {.path = path, .access = access};
    struct registry_path names;
    struct registry_key *found, *key;
    struct scope scope;
    size_t left;
    NTSTATUS status = check_access(access);
    if (NT_SUCCESS(status))
        status = enter(&scope, NULL, 0, false);
    if (!NT_SUCCESS(status))
        return status;
    status = registry_path_make(&names, scope.root, path, ARRAYSIZE(path) - 1, false);
    key = NT_SUCCESS(status) ? registry_path_walk(&names, scope.root, &found, &left) : NULL;
    status = key ? make_handle(key, true, &request, handle) : STATUS_OBJECT_NAME_NOT_FOUND;
    leave(&scope);
    return status;
}

/* Creating */

/* Hives cannot be made where hives lie. */
static NTSTATUS check_creation(const struct target *target, const struct registry_creation *creation)
{
    bool is_volatile = creation->options & REG_OPTION_VOLATILE;
    if (target->left > 1 && !creation->with_parents)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (target->parent->permanent && target->parent->parent != NULL &&
        !(target->path.count > 2 &&
          upcase_equal(target->path.names[0].at, target->path.names[0].length, L"User", 4)))
        return STATUS_INVALID_PARAMETER;
    if (!target->parent->parent)
        return STATUS_ACCESS_DENIED;
    return target->parent->is_volatile && !is_volatile ? STATUS_CHILD_MUST_BE_VOLATILE : STATUS_SUCCESS;
}

/* The line that makes the key: the name of the key above those that are missing, and theirs. */
static void write_new_key(struct registry_bytes *lines, const struct target *target)
{
    registry_write_key_line(lines, target->parent, false);
    if (lines->failed || lines->size < 2)
        return;
    struct registry_bytes names = {0}, line = {0};
    for (size_t i = target->path.count - target->left; i < target->path.count; i++) {
        registry_bytes_add(&names, L"\\", sizeof(WCHAR));
        registry_bytes_add(&names, target->path.names[i].at, target->path.names[i].length * sizeof(WCHAR));
    }
    registry_write_key(&line, (const WCHAR *)names.bytes, names.size / sizeof(WCHAR), false);
    lines->size -= 2; /* the bracket and the line feed */
    if (line.size > 1)
        registry_bytes_add(lines, line.bytes + 1, line.size - 1);
    lines->failed |= names.failed | line.failed;
    free(names.bytes);
    free(line.bytes);
}

static NTSTATUS add_key(struct scope *scope, struct target *target, const struct registry_creation *creation)
{
    struct registry_bytes lines = {0};
    NTSTATUS status = check_creation(target, creation);
    if (!NT_SUCCESS(status))
        return status;
    write_new_key(&lines, target);
    if (creation->class_length)
        registry_write_class(&lines, creation->class, creation->class_length);
    status = registry_append(&scope->change, creation->options & REG_OPTION_VOLATILE, NULL, &lines);
    free(lines.bytes);
    if (NT_SUCCESS(status))
        target->key = registry_path_walk(&target->path, scope->root, &target->parent, &target->left);
    return NT_SUCCESS(status) && !target->key ? STATUS_NO_MEMORY : status;
}

static NTSTATUS create_copied(const struct registry_request *request,
                              const struct registry_creation *creation, HANDLE *handle)
{
    struct scope scope;
    struct target target;
    NTSTATUS status = enter(&scope, request->root, 0, true);
    if (!NT_SUCCESS(status))
        return status;
    status = find_target(&scope, request, &target);
    if (NT_SUCCESS(status) && !target.key)
        status = add_key(&scope, &target, creation);
    if (NT_SUCCESS(status))
        status = make_handle(target.key, target.merged, request, handle);
    leave(&scope);
    return status;
}

/* A key that is there is only opened, for which nothing has to be locked. */
static NTSTATUS open_or_create(const struct registry_request *request,
                               const struct registry_creation *creation, HANDLE *handle, ULONG *disposition)
{
    *disposition = REG_OPENED_EXISTING_KEY;
    NTSTATUS status = open_copied(request, handle);
    if (status != STATUS_OBJECT_NAME_NOT_FOUND)
        return status;
    *disposition = REG_CREATED_NEW_KEY;
    return create_copied(request, creation, handle);
}

NTSTATUS registry_create(const struct registry_request *request, const struct registry_creation *creation,
                         HANDLE *handle, ULONG *disposition)
{
    struct path_copy copy;
    struct registry_creation copied = *creation;
    WCHAR class[REGISTRY_KEY_NAME_UNITS];
    HANDLE opened;
    ULONG done;
    NTSTATUS status = check_access(request->access);
    if (!NT_SUCCESS(status))
        return status;
    if (creation->options & REG_OPTION_CREATE_LINK)
        return STATUS_NOT_SUPPORTED;
    if (creation->class_length > ARRAYSIZE(class))
        return STATUS_INVALID_PARAMETER;
    memcpy(class, creation->class, creation->class_length * sizeof *class);
    copied.class = class;
    if (!copy_path(&copy, request))
        return STATUS_NO_MEMORY;
    status = open_or_create(&copy.request, &copied, &opened, &done);
    free(copy.allocated);
    if (!NT_SUCCESS(status))
        return status;
    *handle = opened;
    if (disposition)
        *disposition = done;
    return status;
}

/* Deleting and renaming */

/* Volatile keys are in a file of their own: each of them that lies below others is deleted there, too. */
static void write_deleted_volatiles(struct registry_bytes *lines, const struct registry_key *key)
{
    if (key->is_volatile) {
        registry_write_key_line(lines, key, true);
        return;
    }
    for (uint32_t i = 0; i < key->child_count; i++)
        write_deleted_volatiles(lines, key->children[i]);
}

static NTSTATUS delete_key(struct scope *scope)
{
    struct registry_bytes lines = {0}, volatiles = {0};
    write_deleted_volatiles(&volatiles, scope->key);
    NTSTATUS status =
        volatiles.size ? registry_append(&scope->change, true, NULL, &volatiles) : STATUS_SUCCESS;
    if (NT_SUCCESS(status) && !scope->key->is_volatile && !scope->key->deleted) {
        registry_write_key_line(&lines, scope->key, true);
        status = registry_append(&scope->change, false, NULL, &lines);
    }
    free(lines.bytes);
    free(volatiles.bytes);
    return status;
}

NTSTATUS registry_delete(HANDLE handle, bool with_children)
{
    struct scope scope;
    NTSTATUS status = enter(&scope, handle, DELETE, true);
    if (!NT_SUCCESS(status))
        return status == STATUS_KEY_DELETED ? STATUS_SUCCESS : status;
    if (scope.key->permanent || (scope.key->child_count && !with_children))
        status = STATUS_CANNOT_DELETE;
    else
        status = delete_key(&scope);
    leave(&scope);
    return status;
}

/* The key in memory is renamed first, so that the lines that make the new one are about it. */
static NTSTATUS rename_key(struct scope *scope, const WCHAR *name, size_t length)
{
    struct registry_key *key = scope->key, *same = registry_key_find(key->parent, name, length);
    if (same && same != key)
        return STATUS_CANNOT_DELETE;
    if (same)
        return STATUS_SUCCESS;
    struct registry_bytes lines = {0}, kept = {0};
    registry_bytes_add(&kept, key->name, key->name_length * sizeof *name);
    registry_write_key_line(&lines, key, true);
    if (kept.failed || !registry_key_rename(key, name, length)) {
        free(lines.bytes);
        free(kept.bytes);
        return STATUS_NO_MEMORY;
    }
    registry_write_difference(&lines, NULL, key);
    NTSTATUS status = registry_append(&scope->change, key->is_volatile, NULL, &lines);
    if (!NT_SUCCESS(status))
        registry_key_rename(key, (const WCHAR *)kept.bytes, kept.size / sizeof *name);
    free(lines.bytes);
    free(kept.bytes);
    return status;
}

static bool has_volatile(const struct registry_key *key)
{
    for (uint32_t i = 0; i < key->child_count; i++)
        if (key->children[i]->is_volatile || has_volatile(key->children[i]))
            return true;
    return key->is_volatile;
}

NTSTATUS registry_rename(HANDLE handle, const WCHAR *name, size_t length)
{
    WCHAR copy[REGISTRY_KEY_NAME_UNITS];
    struct scope scope;
    if (!length || length > ARRAYSIZE(copy))
        return STATUS_INVALID_PARAMETER;
    memcpy(copy, name, length * sizeof *name);
    for (size_t i = 0; i < length; i++)
        if (copy[i] == '\\')
            return STATUS_INVALID_PARAMETER;
    NTSTATUS status = enter(&scope, handle, KEY_WRITE, true);
    if (!NT_SUCCESS(status))
        return status;
    if (scope.key->permanent)
        status = STATUS_ACCESS_DENIED;
    else
        status = has_volatile(scope.key) ? STATUS_NOT_SUPPORTED : rename_key(&scope, copy, length);
    leave(&scope);
    return status;
}

/* Others see at once what is written; it is on the disk when Linux has put it there. */
NTSTATUS registry_flush(HANDLE handle)
{
    struct scope scope;
    NTSTATUS status = enter(&scope, handle, 0, true);
    if (!NT_SUCCESS(status))
        return status;
    status = registry_sync(&scope.change);
    leave(&scope);
    return status;
}

/* Values */

/* A class of the user has the values of the machine's, too, that it has not itself. */
static struct registry_key *other_class(const struct scope *scope)
{
    struct registry_path path;
    struct registry_key *found;
    size_t left;
    if (!scope->object->merged || !NT_SUCCESS(registry_path_make(&path, scope->key, NULL, 0, false)) ||
        !registry_path_to_other_classes(&path))
        return NULL;
    return registry_path_walk(&path, scope->root, &found, &left);
}

static NTSTATUS append_to_key(struct scope *scope, const struct registry_bytes *lines)
{
    return registry_append(&scope->change, scope->key->is_volatile, scope->key, lines);
}

NTSTATUS registry_set_value(HANDLE handle, const WCHAR *name, size_t length, ULONG type, const void *data,
                            size_t size)
{
    struct scope scope;
    struct registry_bytes lines = {0};
    if (length > REGISTRY_VALUE_NAME_UNITS)
        return STATUS_INVALID_PARAMETER;
    registry_write_value(&lines, name, length, type, data, size);
    NTSTATUS status = enter(&scope, handle, KEY_SET_VALUE, true);
    if (NT_SUCCESS(status)) {
        status = append_to_key(&scope, &lines);
        leave(&scope);
    }
    free(lines.bytes);
    return status;
}

NTSTATUS registry_delete_value(HANDLE handle, const WCHAR *name, size_t length)
{
    struct scope scope;
    struct registry_bytes lines = {0};
    if (length > REGISTRY_VALUE_NAME_UNITS)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    uint32_t hash = registry_name_hash(name, length);
    registry_write_deleted_value(&lines, name, length);
    NTSTATUS status = enter(&scope, handle, KEY_SET_VALUE, true);
    if (NT_SUCCESS(status)) {
        bool found = registry_value_find(scope.key, name, length, hash);
        status = found ? append_to_key(&scope, &lines) : STATUS_OBJECT_NAME_NOT_FOUND;
        leave(&scope);
    }
    free(lines.bytes);
    return status;
}

/* The hash is made first: what cannot be read of the name shows there, not under the lock. */
NTSTATUS registry_get_value(HANDLE handle, const WCHAR *name, size_t length, struct registry_value **value)
{
    struct scope scope;
    if (length > REGISTRY_VALUE_NAME_UNITS)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    uint32_t hash = registry_name_hash(name, length);
    NTSTATUS status = enter(&scope, handle, KEY_QUERY_VALUE, false);
    if (!NT_SUCCESS(status))
        return status;
    const struct registry_key *other = other_class(&scope);
    struct registry_value *found = registry_value_find(scope.key, name, length, hash);
    if (!found && other)
        found = registry_value_find(other, name, length, hash);
    if (found)
        *value = registry_value_retain(found);
    leave(&scope);
    return found ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

static struct registry_value *other_value_at(const struct registry_key *key, const struct registry_key *other,
                                             ULONG index)
{
    for (uint32_t i = 0; i < other->value_count; i++) {
        struct registry_value *value = other->values[i];
        if (!registry_value_find(key, value->name, value->name_length, value->hash) && index-- == 0)
            return value;
    }
    return NULL;
}

NTSTATUS registry_get_value_at(HANDLE handle, ULONG index, struct registry_value **value)
{
    struct scope scope;
    NTSTATUS status = enter(&scope, handle, KEY_QUERY_VALUE, false);
    if (!NT_SUCCESS(status))
        return status;
    const struct registry_key *key = scope.key, *other = other_class(&scope);
    struct registry_value *found = index < key->value_count ? key->values[index] : NULL;
    if (!found && other)
        found = other_value_at(key, other, index - key->value_count);
    if (found)
        *value = registry_value_retain(found);
    leave(&scope);
    return found ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES;
}

/* Telling of keys */

/* The key below that has a number, of two lists that are in order, and what is in both once. */
static struct registry_key *child_at(const struct registry_key *key, const struct registry_key *other,
                                     ULONG index)
{
    uint32_t a = 0, b = 0, others = other ? other->child_count : 0;
    if (!other)
        return index < key->child_count ? key->children[index] : NULL;
    for (;;) {
        struct registry_key *first = a < key->child_count ? key->children[a] : NULL;
        struct registry_key *second = b < others ? other->children[b] : NULL;
        int order = !first ? 1
                    : !second
                        ? -1
                        : upcase_compare(first->name, first->name_length, second->name, second->name_length);
        if (!first && !second)
            return NULL;
        if (index-- == 0)
            return order <= 0 ? first : second;
        a += order <= 0;
        b += order >= 0;
    }
}

static void note_value(struct registry_information *information, const struct registry_value *value)
{
    information->values++;
    information->longest_value_name = max(information->longest_value_name, (ULONG)value->name_length);
    information->largest_data = max(information->largest_data, value->size);
}

static void tell(const struct registry_key *key, const struct registry_key *other,
                 struct registry_information *information)
{
    const struct registry_key *child;
    *information = (struct registry_information){
        .written = key->written,
        .is_volatile = key->is_volatile,
        .name_length = key->name_length,
        .class_length = key->class_length,
    };
    memcpy(information->name, key->name, key->name_length * sizeof(WCHAR));
    if (key->class_length)
        memcpy(information->class, key->class,
               min(key->class_length, (size_t)REGISTRY_KEY_NAME_UNITS) * sizeof(WCHAR));
    for (; (child = child_at(key, other, information->subkeys)); information->subkeys++) {
        information->longest_subkey = max(information->longest_subkey, (ULONG)child->name_length);
        information->longest_class = max(information->longest_class, (ULONG)child->class_length);
    }
    for (uint32_t i = 0; i < key->value_count; i++)
        note_value(information, key->values[i]);
    const struct registry_value *value;
    for (ULONG i = 0; other && (value = other_value_at(key, other, i)); i++)
        note_value(information, value);
}

NTSTATUS registry_query(HANDLE handle, struct registry_information *information)
{
    struct scope scope;
    NTSTATUS status = enter(&scope, handle, KEY_QUERY_VALUE, false);
    if (!NT_SUCCESS(status))
        return status;
    tell(scope.key, other_class(&scope), information);
    leave(&scope);
    return status;
}

NTSTATUS registry_query_subkey(HANDLE handle, ULONG index, struct registry_information *information)
{
    struct scope scope;
    NTSTATUS status = enter(&scope, handle, KEY_ENUMERATE_SUB_KEYS, false);
    if (!NT_SUCCESS(status))
        return status;
    const struct registry_key *child = child_at(scope.key, other_class(&scope), index);
    if (child)
        tell(child, NULL, information);
    leave(&scope);
    return child ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES;
}

static size_t put(WCHAR *path, size_t capacity, size_t place, const WCHAR *text, size_t length)
{
    if (place + length <= capacity)
        memcpy(path + place, text, length * sizeof *text);
    return place + length;
}

/* `path` is written under the lock: where it is the program's memory, it has just been written to. */
NTSTATUS registry_query_path(HANDLE handle, WCHAR *path, size_t capacity, size_t *length)
{
    struct scope scope;
    struct registry_path names;
    NTSTATUS status = enter(&scope, handle, 0, false);
    if (!NT_SUCCESS(status))
        return status;
    status = registry_path_make(&names, scope.key, NULL, 0, false);
    size_t place = put(path, capacity, 0, L"\\REGISTRY", 9);
    for (size_t i = 0; i < names.count; i++) {
        place = put(path, capacity, place, L"\\", 1);
        place = put(path, capacity, place, names.names[i].at, names.names[i].length);
    }
    *length = place;
    leave(&scope);
    return status;
}
