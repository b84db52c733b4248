#include <stdlib.h>
#include <sys/stat.h>

#include "kernel/handle.h"
#include "kernel/lock.h"
#include "kernel/named.h"
#include "kernel/shared_file.h"

/* Which file an object lies in that several processes use: 0 for any, or none. */
struct file_identity {
    dev_t device;
    ino_t inode;
};

/* What a living object can be found by: its name, or the file that it shares with other processes, or both.
 * Objects in the table may have lost their last reference already: finding one is then as good as not
 * finding it. */
struct object_name {
    struct object_name *next;
    struct object *object;
    struct shared_file file; /* the object's own */
    struct file_identity identity;
    uint32_t hash;
    bool global;
    size_t length; /* 0: there is no name */
    WCHAR characters[];
};

enum { BUCKETS = 64 };

static struct lock names_lock;
static struct object_name *names[BUCKETS];
static bool others_find_names; /* atomic: there has been an object with a name and a file */

/* Held from when an object of a shared file is looked for until there is one: no file has two. The file's own
 * lock is taken before. */
static struct lock sharing_lock;

/* A name without its namespace's prefix. */
struct parsed_name {
    const WCHAR *characters;
    size_t length;
    uint32_t hash;
    bool global;
    struct file_identity identity;
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

static bool matches(const struct object_name *entry, const struct parsed_name *name)
{
    if (entry->hash != name->hash || entry->global != name->global || entry->length != name->length ||
        memcmp(entry->characters, name->characters, name->length * sizeof(WCHAR)) != 0)
        return false;
    return !name->identity.inode ||
           (name->identity.inode == entry->identity.inode && name->identity.device == entry->identity.device);
}

/* Under the lock. A reference is taken unless the last one is gone. */
static struct object *find_and_retain(const struct parsed_name *name)
{
    for (struct object_name *entry = names[name->hash % BUCKETS]; entry; entry = entry->next) {
        if (!matches(entry, name))
            continue;
        uint64_t references = __atomic_load_n(&entry->object->references, __ATOMIC_RELAXED);
        while (references)
            if (__atomic_compare_exchange_n(&entry->object->references, &references, references + 1, true,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
                return entry->object;
    }
    return NULL;
}

static struct object *find(const struct parsed_name *name)
{
    lock_acquire(&names_lock);
    struct object *object = find_and_retain(name);
    lock_release(&names_lock);
    return object;
}

/* Under the lock. */
static void insert(struct object_name *entry)
{
    struct object_name **bucket = &names[entry->hash % BUCKETS];
    entry->next = *bucket;
    *bucket = entry;
    __atomic_store_n(&entry->object->name, entry, __ATOMIC_RELEASE);
}

static void enter(struct object_name *entry)
{
    lock_acquire(&names_lock);
    insert(entry);
    lock_release(&names_lock);
}

static struct object_name *make_entry(const struct parsed_name *name, struct object *object)
{
    struct object_name *entry = malloc(sizeof *entry + name->length * sizeof(WCHAR));
    if (!entry)
        return NULL;
    *entry = (struct object_name){
        .object = object, .hash = name->hash, .global = name->global, .length = name->length};
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
    if (!existing)
        insert(entry);
    lock_release(&names_lock);
    if (existing)
        free(entry);
    return existing;
}

/* Objects that lie in shared files */

static struct file_identity identity_of(const struct shared_file *file)
{
    struct stat status = {0};
    fstat(file->descriptor, &status);
    return (struct file_identity){status.st_dev, status.st_ino};
}

/* The entry is for the object that lies in the file from now on. */
static void enter_shared(struct object_name *entry, struct object *object, const struct shared_file *file)
{
    entry->object = object;
    entry->file = *file;
    entry->identity = identity_of(file);
    if (entry->length)
        __atomic_store_n(&others_find_names, true, __ATOMIC_RELAXED);
    enter(entry);
}

static NTSTATUS share_new(struct object_name *entry, struct shared_file *file)
{
    struct object *object = entry->object;
    NTSTATUS status = object->type->share(object, file);
    if (NT_SUCCESS(status))
        enter_shared(entry, object, file);
    return status;
}

static NTSTATUS adopt(const struct object_type *type, struct shared_file *file, struct object_name *entry,
                      struct object **object)
{
    if (file->page->kind != type->shared_kind)
        return STATUS_OBJECT_TYPE_MISMATCH;
    NTSTATUS status = type->adopt(file, object);
    if (NT_SUCCESS(status))
        enter_shared(entry, *object, file);
    return status;
}

/* Gives the file to the new object that the entry is for, or finds the one that lies in it: then that one,
 * retained. Unless it fails, it takes over the file and the entry. */
static NTSTATUS settle(const struct parsed_name *name, const struct object_type *type, bool is_new,
                       struct shared_file *file, struct object_name *entry, struct object **existing)
{
    NTSTATUS status = STATUS_SUCCESS;
    lock_acquire(&sharing_lock);
    *existing = find(name);
    bool known = *existing;
    if (!known)
        status = is_new ? share_new(entry, file) : adopt(type, file, entry, existing);
    lock_release(&sharing_lock);
    if (NT_SUCCESS(status))
        shared_file_unlock(file);
    if (known) {
        shared_file_close(file);
        free(entry);
    }
    return status;
}

/* The same for the file of a name. An object that is to be created is the entry's. */
static NTSTATUS settle_by_name(const struct parsed_name *name, const struct object_type *type,
                               struct object_name *entry, struct object **existing)
{
    const struct shared_name shared = {name->characters, name->length, name->global};
    struct shared_file file;
    bool create = entry->object, is_new;
    NTSTATUS status = shared_file_open(&shared, create, type->shared_kind, &file, &is_new);
    if (!NT_SUCCESS(status))
        return status;
    status = settle(name, type, is_new, &file, entry, existing);
    if (NT_SUCCESS(status))
        return status;
    if (status == STATUS_OBJECT_NAME_NOT_FOUND)
        shared_file_remove(&file);
    shared_file_unlock(&file);
    shared_file_close(&file);
    return status;
}

/* Takes the entry over. Where there is no place for files, the name is this process's own. */
static NTSTATUS find_or_share(const struct parsed_name *name, const struct object_type *type,
                              struct object_name *entry, struct object **existing)
{
    bool create = entry->object;
    NTSTATUS status = settle_by_name(name, type, entry, existing);
    /* Whoever had the object is just being killed, and the name is free; unless the next one is, too. */
    for (int i = 0; i < 100 && create && status == STATUS_OBJECT_NAME_NOT_FOUND; i++)
        status = settle_by_name(name, type, entry, existing);
    if (create && status == STATUS_OBJECT_PATH_NOT_FOUND) {
        *existing = enter_or_find(name, entry);
        return STATUS_SUCCESS;
    }
    if (!NT_SUCCESS(status))
        free(entry);
    return status;
}

/* Creating and opening */

/* Whether another process's object has the name, for a type whose own objects cannot be shared. */
static bool is_others(const struct parsed_name *name)
{
    const struct shared_name shared = {name->characters, name->length, name->global};
    struct shared_file file;
    bool is_new;
    if (!NT_SUCCESS(shared_file_open(&shared, false, 0, &file, &is_new)))
        return false;
    shared_file_unlock(&file);
    shared_file_close(&file);
    return true;
}

static NTSTATUS create_named(const struct parsed_name *name, struct object *object, struct object **existing)
{
    struct object_name *entry = make_entry(name, object);
    if (!entry)
        return STATUS_NO_MEMORY;
    *existing = find(name);
    if (!*existing && object->type->share)
        return find_or_share(name, object->type, entry, existing);
    if (!*existing && !is_others(name)) {
        *existing = enter_or_find(name, entry);
        return STATUS_SUCCESS;
    }
    free(entry);
    return *existing ? STATUS_SUCCESS : STATUS_OBJECT_TYPE_MISMATCH;
}

NTSTATUS named_create(const struct object_request *request, struct object *object, HANDLE *handle)
{
    if (request->length == 0)
        return create_handle(request, object, handle);
    struct parsed_name name;
    struct object *existing = NULL;
    NTSTATUS status = parse_name(request, &name);
    if (NT_SUCCESS(status))
        status = create_named(&name, object, &existing);
    if (NT_SUCCESS(status) && !existing)
        return create_handle(request, object, handle);
    const struct object_type *type = object->type;
    object_release(object);
    if (NT_SUCCESS(status))
        status = open_existing(request, type, existing, handle);
    return NT_SUCCESS(status) ? STATUS_OBJECT_NAME_EXISTS : status;
}

static NTSTATUS open_shared(const struct parsed_name *name, const struct object_type *type,
                            struct object **object)
{
    if (!type->adopt)
        return is_others(name) ? STATUS_OBJECT_TYPE_MISMATCH : STATUS_OBJECT_NAME_NOT_FOUND;
    struct object_name *entry = make_entry(name, NULL);
    return entry ? find_or_share(name, type, entry, object) : STATUS_NO_MEMORY;
}

NTSTATUS named_open(const struct object_request *request, const struct object_type *type, HANDLE *handle)
{
    struct parsed_name name;
    /* An empty name is that of the directory itself. */
    NTSTATUS status = request->length ? parse_name(request, &name) : STATUS_OBJECT_TYPE_MISMATCH;
    if (!NT_SUCCESS(status))
        return status;
    struct object *object = find(&name);
    if (!object)
        status = open_shared(&name, type, &object);
    return NT_SUCCESS(status) ? open_existing(request, type, object, handle) : status;
}

/* Sharing without a name */

static NTSTATUS share_unnamed(struct object *object, struct shared_file *file)
{
    const struct parsed_name name = {.hash = identity_of(file).inode};
    struct object_name *entry = make_entry(&name, object);
    NTSTATUS status = entry ? share_new(entry, file) : STATUS_NO_MEMORY;
    if (!NT_SUCCESS(status))
        free(entry);
    return status;
}

/* A name that no other process can find stays what it is. */
static NTSTATUS share_named(struct object_name *entry, struct shared_file *file)
{
    NTSTATUS status = entry->object->type->share(entry->object, file);
    if (!NT_SUCCESS(status))
        return status;
    lock_acquire(&names_lock);
    entry->file = *file;
    entry->identity = identity_of(file);
    lock_release(&names_lock);
    return status;
}

/* Under the sharing lock. */
static NTSTATUS share_anew(struct object *object)
{
    struct shared_file file;
    NTSTATUS status = shared_file_create(object->type->shared_kind, &file);
    if (!NT_SUCCESS(status))
        return status;
    status = object->name ? share_named(object->name, &file) : share_unnamed(object, &file);
    if (!NT_SUCCESS(status))
        shared_file_close(&file);
    return status;
}

NTSTATUS named_share(struct object *object, struct shared_file *file)
{
    NTSTATUS status = STATUS_SUCCESS;
    if (!object->type->share)
        return STATUS_NOT_SUPPORTED;
    lock_acquire(&sharing_lock);
    if (!object->name || !object->name->identity.inode)
        status = share_anew(object);
    if (NT_SUCCESS(status))
        *file = object->name->file;
    lock_release(&sharing_lock);
    return status;
}

/* The entry for what a file says its name is, with that as `name`. */
static NTSTATUS read_entry(const struct shared_file *file, struct parsed_name *name,
                           struct object_name **result)
{
    *name = (struct parsed_name){
        .length = file->page->name_length,
        .global = file->page->global,
        .identity = identity_of(file),
    };
    if (name->length > LONGEST_NAME)
        return STATUS_INVALID_HANDLE;
    struct object_name *entry = malloc(sizeof *entry + name->length * sizeof(WCHAR));
    *result = entry;
    if (!entry)
        return STATUS_NO_MEMORY;
    *entry = (struct object_name){.global = name->global, .length = name->length};
    if (!shared_file_read_name(file, name->length, entry->characters)) {
        free(entry);
        return STATUS_INVALID_HANDLE;
    }
    name->characters = entry->characters;
    name->hash = name->length ? hash_of(name->characters, name->length) : (uint32_t)name->identity.inode;
    entry->hash = name->hash;
    return STATUS_SUCCESS;
}

NTSTATUS named_adopt(const struct object_type *type, struct shared_file *file, struct object **object)
{
    struct parsed_name name;
    struct object_name *entry;
    NTSTATUS status = read_entry(file, &name, &entry);
    if (!NT_SUCCESS(status)) {
        shared_file_close(file);
        return status;
    }
    status = settle(&name, type, false, file, entry, object);
    if (!NT_SUCCESS(status)) {
        shared_file_close(file);
        free(entry);
    }
    return status;
}

void named_leave(void)
{
    uint32_t expected = LOCK_FREE;
    if (!__atomic_load_n(&others_find_names, __ATOMIC_RELAXED) ||
        !__atomic_compare_exchange_n(&names_lock.word, &expected, LOCK_HELD, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED))
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct object_name *entry = names[i]; entry; entry = entry->next)
            if (entry->identity.inode)
                shared_file_leave(&entry->file, false);
}

static size_t append(WCHAR *path, size_t capacity, size_t place, const WCHAR *text, size_t length)
{
    for (size_t i = 0; i < length && place + i + 1 < capacity; i++)
        path[place + i] = text[i];
    return place + length;
}

size_t named_path(const struct object *object, WCHAR *path, size_t capacity)
{
    const struct object_name *name = __atomic_load_n(&object->name, __ATOMIC_ACQUIRE);
    size_t length = 0;
    if (!name || !name->length)
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
