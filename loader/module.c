/* The table of loaded modules: by address, by name, and as the lists of the PEB. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "loader/apiset.h"
#include "loader/module.h"
#include "loader/search.h"
#include "kernel/path.h"
#include "kernel/upcase.h"

#define NAME_BUCKETS 32

struct module *program_module;

static struct peb_loader_data loader_data;

/* Readers are any thread that asks for a module by name; writers hold the loader lock as well. */
static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static LIST_ENTRY by_name[NAME_BUCKETS]; /* of the entries' HashLinks */

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static __thread uint32_t lock_depth;

void loader_lock(void)
{
    pthread_mutex_lock(&lock);
    lock_depth++;
}

bool loader_try_lock(void)
{
    if (pthread_mutex_trylock(&lock))
        return false;
    lock_depth++;
    return true;
}

void loader_unlock(void)
{
    lock_depth--;
    pthread_mutex_unlock(&lock);
}

bool loader_lock_is_mine(void)
{
    return lock_depth != 0;
}

/* By address */

/* Each frame of an unwinding thread is looked up here, so readers take no lock and never wait, not even one
 * that has interrupted a writer. Of two equal copies readers use the one that `address_version` selects; a
 * change is made in the other one, then they trade places, and then it is made again. Only a reader that is
 * overtaken by a change has to look again. What outgrows its memory is kept for readers who still look at it:
 * sizes double, so all of it is never more than what is in use. */
struct address_table {
    uint32_t count, capacity;
    struct address_place {
        uintptr_t begin, end;
        struct module *module;
    } places[]; /* sorted */
};

static struct address_table no_modules;
static struct address_table *address_tables[2] = {&no_modules, &no_modules};
static uint32_t address_version;

/* Where the first module is that begins above `address`. */
static uint32_t position_above(const struct address_table *table, uintptr_t address)
{
    uint32_t low = 0, high = table->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (table->places[middle].begin <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct module *module_from_address(const void *pointer)
{
    uintptr_t address = (uintptr_t)pointer;
    uint32_t before, version = __atomic_load_n(&address_version, __ATOMIC_ACQUIRE);
    struct address_place place;
    do {
        before = version;
        const struct address_table *table = __atomic_load_n(&address_tables[version % 2], __ATOMIC_ACQUIRE);
        uint32_t above = position_above(table, address);
        place = above ? table->places[above - 1] : (struct address_place){0};
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        version = __atomic_load_n(&address_version, __ATOMIC_RELAXED);
    } while (version != before);
    return address < place.end ? place.module : NULL;
}

/* Under the lock of either kind. */
static const struct address_table *modules_by_address(void)
{
    return address_tables[address_version % 2];
}

static struct address_table *unused_copy(void)
{
    return address_tables[(address_version + 1) % 2];
}

static void trade_places(void)
{
    __atomic_store_n(&address_version, address_version + 1, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static bool make_room(struct address_table **copy)
{
    struct address_table *old = *copy;
    if (old->count < old->capacity)
        return true;
    uint32_t capacity = old->capacity ? old->capacity * 2 : 32;
    struct address_table *table = malloc(sizeof *table + capacity * sizeof *table->places);
    if (!table)
        return false;
    table->count = old->count;
    table->capacity = capacity;
    memcpy(table->places, old->places, old->count * sizeof *old->places);
    __atomic_store_n(copy, table, __ATOMIC_RELEASE);
    return true;
}

static void insert_place(struct address_table *table, struct address_place place)
{
    uint32_t at = position_above(table, place.begin);
    memmove(table->places + at + 1, table->places + at, (table->count - at) * sizeof *table->places);
    table->places[at] = place;
    table->count++;
}

static void remove_place(struct address_table *table, uintptr_t begin)
{
    uint32_t above = position_above(table, begin);
    memmove(table->places + above - 1, table->places + above, (table->count - above) * sizeof *table->places);
    table->count--;
}

static bool insert_by_address(struct module *module)
{
    uintptr_t begin = (uintptr_t)module->entry.DllBase;
    struct address_place place = {begin, begin + module->entry.SizeOfImage, module};
    if (!make_room(&address_tables[0]) || !make_room(&address_tables[1]))
        return false;
    for (int copy = 0; copy < 2; copy++) {
        insert_place(unused_copy(), place);
        trade_places();
    }
    return true;
}

static void remove_by_address(const struct module *module)
{
    for (int copy = 0; copy < 2; copy++) {
        remove_place(unused_copy(), (uintptr_t)module->entry.DllBase);
        trade_places();
    }
}

struct module *module_from_handle(HMODULE handle)
{
    if (!handle)
        return program_module;
    struct module *module = module_from_address(handle);
    return module && module_handle(module) == handle ? module : NULL;
}

/* By name */

/* As RtlHashUnicodeString has it. */
static uint32_t hash_name(const WCHAR *name, size_t length)
{
    uint32_t hash = 0;
    for (size_t i = 0; i < length; i++)
        hash = hash * 65599 + upcase(name[i]);
    return hash;
}

static bool equal_name(const UNICODE_STRING *string, const WCHAR *name, size_t length)
{
    return string->Length == length * sizeof(WCHAR) && upcase_equal(string->Buffer, length, name, length);
}

static struct module *find_by_base_name(const WCHAR *name, size_t length)
{
    struct module *found = NULL;
    uint32_t hash = hash_name(name, length);
    pthread_rwlock_rdlock(&table_lock);
    const LIST_ENTRY *bucket = &by_name[hash % NAME_BUCKETS];
    for (const LIST_ENTRY *link = bucket->Flink; link != bucket && !found; link = link->Flink) {
        struct module *module = CONTAINING_RECORD(link, struct module, entry.HashLinks);
        if (module->entry.BaseNameHashValue == hash && equal_name(&module->entry.BaseDllName, name, length))
            found = module;
    }
    pthread_rwlock_unlock(&table_lock);
    return found;
}

/* An API set is found under its own name, too: its host is what is loaded. */
static struct module *find_by_plain_name(const WCHAR *name, size_t length)
{
    char set[80], host[sizeof set];
    WCHAR host_name[sizeof host];
    size_t i = 0;
    if (length < 4 || name[3] != '-' || length >= sizeof set)
        return find_by_base_name(name, length);
    for (; i < length && name[i] < 0x80; i++)
        set[i] = (char)name[i];
    if (i < length)
        return find_by_base_name(name, length);
    set[length] = '\0';
    apiset_resolve(set, host, sizeof host);
    for (i = 0; host[i]; i++)
        host_name[i] = (WCHAR)host[i];
    return find_by_base_name(host_name, i);
}

static struct module *find_by_full_name(const WCHAR *name, size_t length)
{
    struct module *found = NULL;
    pthread_rwlock_rdlock(&table_lock);
    const struct address_table *modules = modules_by_address();
    for (uint32_t i = 0; i < modules->count && !found; i++) {
        if (equal_name(&modules->places[i].module->entry.FullDllName, name, length))
            found = modules->places[i].module;
    }
    pthread_rwlock_unlock(&table_lock);
    return found;
}

static struct module *find_by_path(const WCHAR *name, size_t length)
{
    size_t capacity = path_full(name, length, NULL, 0, NULL) + 1;
    WCHAR *full = malloc(capacity * sizeof *full);
    if (!full)
        return NULL;
    /* The current directory may have become a longer one meanwhile. */
    size_t full_length = path_full(name, length, full, capacity, NULL);
    struct module *module = full_length < capacity ? find_by_full_name(full, full_length) : NULL;
    free(full);
    return module;
}

struct module *module_find_named(const WCHAR *name, size_t length)
{
    bool has_path = false, has_dot = false;
    for (size_t i = 0; i < length; i++) {
        if (name[i] == '\\' || name[i] == '/' || name[i] == ':')
            has_path = true, has_dot = false;
        else if (name[i] == '.')
            has_dot = true;
    }
    /* A trailing dot says that the name has no extension. */
    if (length && name[length - 1] == '.')
        length--;
    else if (!has_dot) {
        WCHAR *with_extension = malloc((length + 4) * sizeof *with_extension);
        if (!with_extension)
            return NULL;
        memcpy(with_extension, name, length * sizeof *name);
        memcpy(with_extension + length, L".dll", 4 * sizeof *name);
        struct module *module = has_path ? find_by_path(with_extension, length + 4)
                                         : find_by_plain_name(with_extension, length + 4);
        free(with_extension);
        return module;
    }
    return has_path ? find_by_path(name, length) : find_by_plain_name(name, length);
}

static struct module *find_by_file(const WCHAR *name, size_t length)
{
    char host_path[PATH_MAX];
    struct stat status;
    if (search_resolve(name, length, host_path) || stat(host_path, &status))
        return NULL;
    pthread_rwlock_rdlock(&table_lock);
    struct module *module = module_find_file(status.st_dev, status.st_ino);
    pthread_rwlock_unlock(&table_lock);
    return module;
}

struct module *module_find_loaded(const WCHAR *name, size_t length)
{
    struct module *module = module_find_named(name, length);
    bool has_path = false;
    for (size_t i = 0; i < length && !has_path; i++)
        has_path = name[i] == '\\' || name[i] == '/' || name[i] == ':';
    return module || !has_path ? module : find_by_file(name, length);
}

struct module *module_find_file(dev_t device, ino_t inode)
{
    const struct address_table *modules = modules_by_address();
    for (uint32_t i = 0; i < modules->count; i++) {
        struct module *module = modules->places[i].module;
        if (module->inode == inode && module->device == device)
            return module;
    }
    return NULL;
}

/* The PEB's lists */

static void list_append(LIST_ENTRY *list, LIST_ENTRY *entry)
{
    entry->Flink = list;
    entry->Blink = list->Blink;
    list->Blink->Flink = entry;
    list->Blink = entry;
}

static void list_remove(LIST_ENTRY *entry)
{
    if (!entry->Flink)
        return;
    entry->Blink->Flink = entry->Flink;
    entry->Flink->Blink = entry->Blink;
}

void modules_initialize_lists(void)
{
    LIST_ENTRY *lists[] = {&loader_data.InLoadOrderModuleList, &loader_data.InMemoryOrderModuleList,
                           &loader_data.InInitializationOrderModuleList};
    for (size_t i = 0; i < ARRAYSIZE(lists); i++)
        lists[i]->Flink = lists[i]->Blink = lists[i];
    for (size_t i = 0; i < NAME_BUCKETS; i++)
        by_name[i].Flink = by_name[i].Blink = &by_name[i];
    loader_data.Length = sizeof loader_data;
    loader_data.Initialized = TRUE;
    process_environment.Ldr = &loader_data;
}

/* Coming and going */

/* Of two DLLs with one name, the one that was loaded first is found. */
static void insert_by_name(struct module *module)
{
    const UNICODE_STRING *name = &module->entry.BaseDllName;
    module->entry.BaseNameHashValue = hash_name(name->Buffer, name->Length / sizeof(WCHAR));
    list_append(&by_name[module->entry.BaseNameHashValue % NAME_BUCKETS], &module->entry.HashLinks);
}

static void describe(struct module *module)
{
    LIST_ENTRY *modules = &module->node.Modules;
    module->entry.DdagNode = &module->node;
    module->entry.OriginalBase = (void *)(uintptr_t)module->image.preferred_base;
    module->entry.LoadCount = UINT16_MAX;
    if (module->image.characteristics & IMAGE_FILE_DLL)
        module->entry.Flags |= ENTRY_IMAGE_DLL;
    modules->Flink = modules->Blink = &module->entry.NodeModuleLink;
    module->entry.NodeModuleLink = (LIST_ENTRY){modules, modules};
}

bool module_register(struct module *module)
{
    pthread_rwlock_wrlock(&table_lock);
    bool done = insert_by_address(module);
    if (done) {
        insert_by_name(module);
        describe(module);
    }
    pthread_rwlock_unlock(&table_lock);
    if (!done)
        return false;
    list_append(&loader_data.InLoadOrderModuleList, &module->entry.InLoadOrderLinks);
    list_append(&loader_data.InMemoryOrderModuleList, &module->entry.InMemoryOrderLinks);
    return true;
}

void module_unregister(struct module *module)
{
    pthread_rwlock_wrlock(&table_lock);
    remove_by_address(module);
    list_remove(&module->entry.HashLinks);
    pthread_rwlock_unlock(&table_lock);
    list_remove(&module->entry.InLoadOrderLinks);
    list_remove(&module->entry.InMemoryOrderLinks);
    list_remove(&module->entry.InInitializationOrderLinks);
}

void module_set_initialized(struct module *module)
{
    list_append(&loader_data.InInitializationOrderModuleList, &module->entry.InInitializationOrderLinks);
}

LIST_ENTRY *module_initialization_list(void)
{
    return &loader_data.InInitializationOrderModuleList;
}

struct module *module_in_load_order(uint32_t number)
{
    LIST_ENTRY *list = &loader_data.InLoadOrderModuleList, *link = list->Flink;
    while (number-- && link != list)
        link = link->Flink;
    return link == list ? NULL : module_from_load_link(link);
}

bool module_set_names(struct module *module, const char *host_path)
{
    size_t length = path_from_host(host_path, NULL, 0);
    WCHAR *full = malloc((length + 1) * sizeof *full);
    module->host_path = strdup(host_path);
    if (!full || !module->host_path) {
        free(full);
        return false;
    }
    path_from_host(host_path, full, length + 1);
    size_t base = length;
    while (base && full[base - 1] != '\\')
        base--;
    module->entry.FullDllName = (UNICODE_STRING){length * sizeof *full, (length + 1) * sizeof *full, full};
    module->entry.BaseDllName =
        (UNICODE_STRING){(length - base) * sizeof *full, (length - base + 1) * sizeof *full, full + base};
    return true;
}

void module_free(struct module *module)
{
    free(module->entry.FullDllName.Buffer);
    free(module->host_path);
    module_remove_dependencies(module);
    free(module);
}
