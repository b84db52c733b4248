#include <stdlib.h>
#include <unistd.h>
#include "kernel/directory.h"
#include "kernel/directory_reader.h"
#include "kernel/status.h"
#include "kernel/upcase.h"
#include "kernel/wildcard.h"

/* A name as the search keeps it: where its two forms are in the arrays of all names. */
struct search_entry {
    uint32_t name;
    uint32_t host_name;
    uint16_t name_length;
};

struct growing_array {
    void *items;
    size_t count, capacity;
};

struct directory_search {
    int descriptor;
    size_t position;
    struct growing_array entries;    /* of struct search_entry */
    struct growing_array names;      /* of WCHAR */
    struct growing_array host_names; /* of char, each with its NUL */
};

/* Room for `count` more items, or NULL. */
static void *add_items(struct growing_array *array, size_t count, size_t size)
{
    if (array->count + count > array->capacity) {
        size_t capacity = array->capacity ? array->capacity * 2 : 64;
        while (capacity < array->count + count)
            capacity *= 2;
        void *items = realloc(array->items, capacity * size);
        if (!items)
            return NULL;
        array->items = items;
        array->capacity = capacity;
    }
    void *room = (char *)array->items + array->count * size;
    array->count += count;
    return room;
}

static bool is_dots(const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

static bool add_entry(struct directory_search *search, const char *host_name, const WCHAR *name,
                      size_t length)
{
    size_t size = strlen(host_name) + 1;
    struct search_entry *entry = add_items(&search->entries, 1, sizeof *entry);
    WCHAR *name_copy = add_items(&search->names, length, sizeof *name);
    char *host_copy = add_items(&search->host_names, size, 1);
    if (!entry || !name_copy || !host_copy)
        return false;
    memcpy(name_copy, name, length * sizeof *name);
    memcpy(host_copy, host_name, size);
    entry->name = search->names.count - length;
    entry->host_name = search->host_names.count - size;
    entry->name_length = length;
    return true;
}

/* "." and ".." pass for a name of one dot as well as for none at all. */
static bool matches(const WCHAR *pattern, size_t length, const char *host_name, const WCHAR *name,
                    size_t name_length)
{
    if (is_dots(host_name))
        return wildcard_match(pattern, length, L".", 1) || wildcard_match(pattern, length, L"", 0);
    return wildcard_match(pattern, length, name, name_length);
}

static bool matches_all(const WCHAR *pattern, size_t length)
{
    return !length || (length == 1 && pattern[0] == '*');
}

static NTSTATUS read_entries(struct directory_search *search, const WCHAR *pattern, size_t length, bool root)
{
    struct directory_reader reader;
    const struct dirent64 *entry;
    bool all = matches_all(pattern, length), memory = true;
    if (!directory_reader_open(&reader, search->descriptor))
        return STATUS_NO_MEMORY;
    while (memory && (entry = directory_reader_next(&reader))) {
        WCHAR name[PATH_NAME_UNITS];
        if (root && is_dots(entry->d_name))
            continue;
        size_t name_length = path_name_from_host(entry->d_name, strlen(entry->d_name), name);
        if (all || matches(pattern, length, entry->d_name, name, name_length))
            memory = add_entry(search, entry->d_name, name, name_length);
    }
    directory_reader_close(&reader);
    if (!memory)
        return STATUS_NO_MEMORY;
    return reader.error ? status_from_errno(reader.error) : STATUS_SUCCESS;
}

static int compare_entries(const void *a_entry, const void *b_entry, void *context)
{
    const struct directory_search *search = context;
    const struct search_entry *a = a_entry, *b = b_entry;
    const WCHAR *names = search->names.items;
    const char *host_names = search->host_names.items;
    bool a_dots = is_dots(host_names + a->host_name), b_dots = is_dots(host_names + b->host_name);
    if (a_dots != b_dots)
        return b_dots - a_dots;
    int order = upcase_compare(names + a->name, a->name_length, names + b->name, b->name_length);
    return order ? order : strcmp(host_names + a->host_name, host_names + b->host_name);
}

NTSTATUS directory_search_open(int descriptor, const WCHAR *pattern, size_t length, bool root,
                               struct directory_search **result)
{
    struct directory_search *search = calloc(1, sizeof *search);
    if (!search)
        return STATUS_NO_MEMORY;
    search->descriptor = descriptor;
    lseek(descriptor, 0, SEEK_SET);
    NTSTATUS status = read_entries(search, pattern, length, root);
    if (status) {
        directory_search_close(search);
        return status;
    }
    qsort_r(search->entries.items, search->entries.count, sizeof(struct search_entry), compare_entries,
            search);
    *result = search;
    return STATUS_SUCCESS;
}

void directory_search_close(struct directory_search *search)
{
    free(search->entries.items);
    free(search->names.items);
    free(search->host_names.items);
    free(search);
}

bool directory_search_next(struct directory_search *search, struct directory_entry *entry)
{
    if (search->position == search->entries.count)
        return false;
    const struct search_entry *found = (struct search_entry *)search->entries.items + search->position++;
    entry->name = (WCHAR *)search->names.items + found->name;
    entry->name_length = found->name_length;
    entry->host_name = (char *)search->host_names.items + found->host_name;
    return true;
}

void directory_search_back(struct directory_search *search)
{
    search->position--;
}

NTSTATUS directory_search_query(struct directory_search *search, const struct directory_entry *entry,
                                struct file_information *information)
{
    return file_query_at(search->descriptor, entry->host_name, information);
}
