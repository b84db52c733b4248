#include <stdlib.h>

#include "kernel/handle.h"
#include "kernel/lock.h"
#include "kernel/named.h"

/* The name of a living object. Objects in the table may have lost their last reference already: finding one
 * is then as good as not finding it. */
struct object_name {
    struct object_name *next;
    struct object *object;
    uint32_t hash;
    bool global;
    size_t length;
    WCHAR characters[];
};

enum { BUCKETS = 64 };

static struct lock names_lock;
static struct object_name *names[BUCKETS];

/* A name without its namespace's prefix. */
struct parsed_name {
    const WCHAR *characters;
    size_t length;
    uint32_t hash;
    bool global;
};

static bool strip_prefix(struct parsed_name *name, const WCHAR *prefix, size_t length)
{
    if (name->length < length || memcmp(name->characters, prefix, length * sizeof *prefix) != 0)
        return false;
    name->characters += length;
    name->length -= length;
    return true;
}

static uint32_t hash_of(const WCHAR *characters, size_t length)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ characters[i]) * 16777619u;
    return hash;
}

#define LITERAL(text) text, ARRAYSIZE(text) - 1

static bool is(const struct parsed_name *name, const WCHAR *text, size_t length)
{
    return name->length == length && memcmp(name->characters, text, length * sizeof *text) == 0;
}

/* The directory that a prefix leads to: session 0 has the global one. The namespaces' names are
 * case-sensitive, like all that the object manager is given without OBJ_CASE_INSENSITIVE, which Win32 does
 * not set. */
static void strip_namespace(struct parsed_name *name)
{
    if (strip_prefix(name, LITERAL(L"Global\\")) || strip_prefix(name, LITERAL(L"Session\\0\\")))
        name->global = true;
    else if (!strip_prefix(name, LITERAL(L"Local\\")))
        strip_prefix(name, LITERAL(L"Session\\1\\"));
}

/* Counted strings end here. */
enum { LONGEST_NAME = 0xFFFF / sizeof(WCHAR) - 1 };

static NTSTATUS parse_name(const struct object_request *request, struct parsed_name *name)
{
    *name = (struct parsed_name){
        .characters = request->name,
        .length = request->length,
        .global = request->global,
    };
    if (name->length > LONGEST_NAME)
        return STATUS_NAME_TOO_LONG;
    if (name->characters[0] == '\\')
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    if (is(name, LITERAL(L"Global")) || is(name, LITERAL(L"Local")) || is(name, LITERAL(L"Session")))
        return STATUS_OBJECT_TYPE_MISMATCH;
    strip_namespace(name);
    if (name->length == 0)
        return STATUS_OBJECT_NAME_INVALID;
    for (size_t i = 0; i < name->length; i++)
        if (name->characters[i] == '\\')
            return STATUS_OBJECT_PATH_NOT_FOUND;
    name->hash = hash_of(name->characters, name->length);
    return STATUS_SUCCESS;
}

/* Under the lock. A reference is taken unless the last one is gone. */
static struct object *find_and_retain(const struct parsed_name *name)
{
    for (struct object_name *entry = names[name->hash % BUCKETS]; entry; entry = entry->next) {
        if (entry->hash != name->hash || entry->global != name->global || entry->length != name->length ||
            memcmp(entry->characters, name->characters, name->length * sizeof(WCHAR)) != 0)
            continue;
        uint64_t references = __atomic_load_n(&entry->object->references, __ATOMIC_RELAXED);
        while (references)
            if (__atomic_compare_exchange_n(&entry->object->references, &references, references + 1, true,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
                return entry->object;
    }
    return NULL;
}

static void insert(struct object_name *entry)
{
    struct object_name **bucket = &names[entry->hash % BUCKETS];
    entry->next = *bucket;
    *bucket = entry;
}

static struct object_name *make_entry(const struct parsed_name *name, struct object *object)
{
    struct object_name *entry = malloc(sizeof *entry + name->length * sizeof(WCHAR));
    if (!entry)
        return NULL;
    entry->object = object;
    entry->hash = name->hash;
    entry->global = name->global;
    entry->length = name->length;
    memcpy(entry->characters, name->characters, name->length * sizeof(WCHAR));
    return entry;
}

static NTSTATUS create_handle(const struct object_request *request, struct object *object, HANDLE *handle)
{
    NTSTATUS status = handle_create(object, request->access, request->attributes, handle);
    object_release(object);
    return status;
}

/* Every user may do everything to an object here, but nobody what its type does not know, nor nothing at all.
 * (A new object's creator gets what there is of what it asks for.) */
static NTSTATUS check_access(const struct object_type *type, ACCESS_MASK access)
{
    if (access & ACCESS_SYSTEM_SECURITY)
        return STATUS_PRIVILEGE_NOT_HELD;
    ACCESS_MASK mapped = handle_map_access(type, access);
    bool known = !(mapped & ~(type->access.GenericAll | SYNCHRONIZE));
    return mapped && known ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;
}

static NTSTATUS open_existing(const struct object_request *request, const struct object_type *type,
                              struct object *object, HANDLE *handle)
{
    NTSTATUS status =
        object->type == type ? check_access(type, request->access) : STATUS_OBJECT_TYPE_MISMATCH;
    if (NT_SUCCESS(status))
        return create_handle(request, object, handle);
    object_release(object);
    return status;
}

/* Enters the name, unless there is such an object: then that one, retained. */
static struct object *enter_or_find(const struct parsed_name *name, struct object_name *entry)
{
    lock_acquire(&names_lock);
    struct object *existing = find_and_retain(name);
    if (!existing) {
        entry->object->name = entry;
        insert(entry);
    }
    lock_release(&names_lock);
    return existing;
}

NTSTATUS named_create(const struct object_request *request, struct object *object, HANDLE *handle)
{
    if (request->length == 0)
        return create_handle(request, object, handle);
    struct parsed_name name;
    NTSTATUS status = parse_name(request, &name);
    struct object_name *entry = NT_SUCCESS(status) ? make_entry(&name, object) : NULL;
    if (!entry) {
        object_release(object);
        return NT_SUCCESS(status) ? STATUS_NO_MEMORY : status;
    }
    struct object *existing = enter_or_find(&name, entry);
    if (!existing)
        return create_handle(request, object, handle);
    const struct object_type *type = object->type;
    free(entry);
    object_release(object);
    status = open_existing(request, type, existing, handle);
    return NT_SUCCESS(status) ? STATUS_OBJECT_NAME_EXISTS : status;
}

NTSTATUS named_open(const struct object_request *request, const struct object_type *type, HANDLE *handle)
{
    struct parsed_name name;
    /* An empty name is that of the directory itself. */
    NTSTATUS status = request->length ? parse_name(request, &name) : STATUS_OBJECT_TYPE_MISMATCH;
    if (!NT_SUCCESS(status))
        return status;
    lock_acquire(&names_lock);
    struct object *object = find_and_retain(&name);
    lock_release(&names_lock);
    return object ? open_existing(request, type, object, handle) : STATUS_OBJECT_NAME_NOT_FOUND;
}

static size_t append(WCHAR *path, size_t capacity, size_t place, const WCHAR *text, size_t length)
{
    for (size_t i = 0; i < length && place + i + 1 < capacity; i++)
        path[place + i] = text[i];
    return place + length;
}

size_t named_path(const struct object *object, WCHAR *path, size_t capacity)
{
    const struct object_name *name = object->name;
    size_t length = 0;
    if (!name)
        return 0;
    if (!name->global)
        length = append(path, capacity, length, LITERAL(L"\\Sessions\\1"));
    length = append(path, capacity, length, LITERAL(L"\\BaseNamedObjects\\"));
    length = append(path, capacity, length, name->characters, name->length);
    if (capacity)
        path[min(length, capacity - 1)] = 0;
    return length;
}

static void remove_name(struct object_name *entry)
{
    lock_acquire(&names_lock);
    struct object_name **link = &names[entry->hash % BUCKETS];
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    lock_release(&names_lock);
    free(entry);
}

void object_destroy(struct object *object)
{
    if (object->name)
        remove_name(object->name);
    object->type->destroy(object);
}
