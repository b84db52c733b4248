/* What the assemblies of a context offer: each kind in a section of its own, laid out as Windows does, since
 * programs get pointers into it. A section is made when it is first asked for. */
#include <stdio.h>
#include <stdlib.h>
#include "dlls/ntdll/activation_section.h"
#include "kernel/upcase.h"

#define STRING_SECTION_MAGIC 0x64487353 /* "SsHd" */
#define GUID_SECTION_MAGIC   0x64487347 /* "GsHd" */

/* The headers lack it. */
#define SECTION_ACTIVATABLE_CLASSES 12

struct string_header {
    ULONG magic, size;
    ULONG version[3];
    ULONG count, index_offset;
    ULONG search_structure[2];
    ULONG global_offset, global_length;
};

struct string_index {
    ULONG hash, name_offset, name_length, data_offset, data_length, roster;
};

struct guid_header {
    ULONG magic, size;
    ULONG version[3];
    ULONG count, index_offset;
    ULONG search_structure;
    ULONG global_offset, global_length;
};

struct guid_index {
    GUID guid;
    ULONG data_offset, data_length, roster;
};

/* Building */

size_t section_add(struct activation_section *section, size_t size)
{
    size_t offset = section->length, length = (offset + size + 3) & ~(size_t)3;
    if (length > section->room) {
        size_t room = max(2 * section->room, length + 1024);
        char *bytes = realloc(section->bytes, room);
        if (!bytes) {
            section->failed = true;
            return 0;
        }
        section->bytes = bytes;
        section->room = room;
    }
    memset(section->bytes + offset, 0, length - offset);
    section->length = length;
    return offset;
}

void section_put_string(struct activation_section *section, size_t offset, const WCHAR *string)
{
    memcpy(section_at(section, offset), string, section_bytes(string) + sizeof *string);
}

size_t section_add_string(struct activation_section *section, const WCHAR *string)
{
    size_t offset = section_add(section, section_bytes(string) + sizeof *string);
    if (!section->failed)
        section_put_string(section, offset, string);
    return offset;
}

static ULONG hash_of(const WCHAR *string, size_t length)
{
    ULONG hash = 0;
    while (length-- > 0)
        hash = hash * 65599 + upcase(*string++);
    return hash;
}

static void put_string_key(struct activation_section *section, unsigned number,
                           const struct section_entry *entry, size_t name_offset, size_t data_offset,
                           ULONG data_length)
{
    const struct string_header *header = section_at(section, 0);
    struct string_index *index = section_at(section, header->index_offset);
    index[number] = (struct string_index){
        .hash = hash_of(entry->name, utf16_length(entry->name)),
        .name_offset = name_offset,
        .name_length = section_bytes(entry->name),
        .data_offset = data_offset,
        .data_length = data_length,
        .roster = entry->roster,
    };
}

static void put_guid_key(struct activation_section *section, unsigned number,
                         const struct section_entry *entry, size_t data_offset, ULONG data_length)
{
    const struct guid_header *header = section_at(section, 0);
    struct guid_index *index = section_at(section, header->index_offset);
    index[number] = (struct guid_index){entry->guid, data_offset, data_length, entry->roster};
}

void section_put_entry(struct activation_section *section, bool by_guid, unsigned number,
                       const struct section_entry *entry, section_maker *make)
{
    size_t data_offset = 0,
           name_offset = by_guid || section->failed ? 0 : section_add_string(section, entry->name);
    ULONG data_length = section->failed ? 0 : make(section, entry, &data_offset);
    if (section->failed)
        return;
    if (by_guid)
        put_guid_key(section, number, entry, data_offset, data_length);
    else
        put_string_key(section, number, entry, name_offset, data_offset, data_length);
}

void section_put_alias(struct activation_section *section, unsigned number, const GUID *guid)
{
    if (section->failed)
        return;
    const struct guid_header *header = section_at(section, 0);
    struct guid_index *index = section_at(section, header->index_offset);
    index[number] = index[number - 1];
    index[number].guid = *guid;
}

/* What entries share counts as the section's own data: all that lies behind the index. */
static void put_header(struct activation_section *section, bool by_guid, ULONG count, size_t index_offset,
                       size_t shared_offset, size_t shared_length)
{
    if (by_guid)
        *(struct guid_header *)section_at(section, 0) = (struct guid_header){
            .magic = GUID_SECTION_MAGIC,
            .size = sizeof(struct guid_header),
            .version = {1, 1, 1},
            .count = count,
            .index_offset = index_offset,
            .global_offset = shared_offset,
            .global_length = shared_length,
        };
    else
        *(struct string_header *)section_at(section, 0) = (struct string_header){
            .magic = STRING_SECTION_MAGIC,
            .size = sizeof(struct string_header),
            .version = {1, 1, 1},
            .count = count,
            .index_offset = index_offset,
            .global_offset = shared_offset,
            .global_length = shared_length,
        };
}

/* DLLs */

/* ACTIVATION_CONTEXT_DATA_DLL_REDIRECTION: the file is where the assembly is. */
struct dll_data {
    ULONG size, flags, total_path_length, path_count, path_offset;
};

enum { PATH_OMITS_ASSEMBLY_ROOT = 2 };

static ULONG make_dll(struct activation_section *section, const struct section_entry *entry, size_t *offset)
{
    *offset = section_add(section, sizeof(struct dll_data));
    if (!section->failed)
        *(struct dll_data *)section_at(section, *offset) = (struct dll_data){
            .size = sizeof(struct dll_data),
            .flags = PATH_OMITS_ASSEMBLY_ROOT,
        };
    return sizeof(struct dll_data);
}

static ULONG walk_files(const struct activation_context *context, struct activation_section *section)
{
    struct section_entry entry = {.assembly = context->assemblies, .roster = 1};
    ULONG count = 0;
    for (; entry.assembly; entry.assembly = entry.assembly->next, entry.roster++)
        for (const struct manifest_file *file = entry.assembly->manifest.files; file; file = file->next) {
            entry.name = file->name;
            if (section)
                section_put_entry(section, false, count, &entry, make_dll);
            count++;
        }
    return count;
}

/* Window classes */

/* ACTIVATION_CONTEXT_DATA_WINDOW_CLASS_REDIRECTION. */
struct window_class_data {
    ULONG size, flags;
    ULONG name_length, name_offset;     /* from here */
    ULONG module_length, module_offset; /* from the section's beginning */
};

enum { LONGEST_CLASS = 512 };

/* "VERSION!CLASS", unless the manifest says that it is not versioned. */
static void versioned_name(const struct section_entry *entry, WCHAR name[LONGEST_CLASS])
{
    const USHORT *version = entry->assembly->manifest.identity.version;
    const WCHAR *versioned = manifest_value(entry->item, L"versioned");
    bool is_versioned = !versioned || !upcase_equal(versioned, utf16_length(versioned), L"no", 2);
    char prefix[32] = "";
    if (is_versioned)
        snprintf(prefix, sizeof prefix, "%u.%u.%u.%u!", version[0], version[1], version[2], version[3]);
    size_t used = utf16_from_utf8(name, sizeof prefix, prefix, strlen(prefix), UTF_REPLACE);
    size_t length = min(utf16_length(entry->item->text), LONGEST_CLASS - 1 - used);
    memcpy(name + used, entry->item->text, length * sizeof *name);
    name[used + length] = 0;
}

static ULONG make_window_class(struct activation_section *section, const struct section_entry *entry,
                               size_t *offset)
{
    WCHAR name[LONGEST_CLASS];
    const WCHAR *module = entry->item->file->name;
    versioned_name(entry, name);
    struct window_class_data data = {
        .size = sizeof data,
        .name_length = section_bytes(name),
        .name_offset = sizeof data,
        .module_length = section_bytes(module),
    };
    ULONG length = sizeof data + data.name_length + data.module_length + 2 * sizeof(WCHAR);
    *offset = section_add(section, length);
    if (section->failed)
        return 0;
    data.module_offset = *offset + sizeof data + data.name_length + sizeof(WCHAR);
    *(struct window_class_data *)section_at(section, *offset) = data;
    section_put_string(section, *offset + data.name_offset, name);
    section_put_string(section, data.module_offset, module);
    return length;
}

/* Activatable classes */

struct activatable_data {
    ULONG size, flags;
    ULONG module_length, module_offset; /* from the section's beginning */
    ULONG threading_model;
};

static ULONG parse_threading_model(const WCHAR *text)
{
    static const WCHAR *const models[] = {L"both", L"sta", L"mta"};
    for (unsigned i = 0; text && i < ARRAYSIZE(models); i++)
        if (upcase_equal(text, utf16_length(text), models[i], utf16_length(models[i])))
            return i;
    return 0;
}

static ULONG make_activatable(struct activation_section *section, const struct section_entry *entry,
                              size_t *offset)
{
    const WCHAR *module = entry->item->file->name;
    const struct activatable_data data = {
        .size = sizeof data,
        .module_length = section_bytes(module),
        .module_offset = section_add_string(section, module),
        .threading_model = parse_threading_model(manifest_value(entry->item, L"threadingModel")),
    };
    *offset = section_add(section, sizeof data);
    if (!section->failed)
        *(struct activatable_data *)section_at(section, *offset) = data;
    return sizeof data;
}

/* Sections */

static ULONG walk_items(const struct activation_context *context, struct activation_section *section,
                        enum item_kind kind)
{
    struct section_entry entry = {.assembly = context->assemblies, .roster = 1};
    bool of_windows = kind == ITEM_WINDOW_CLASS;
    ULONG count = 0;
    for (; entry.assembly; entry.assembly = entry.assembly->next, entry.roster++)
        for (entry.item = entry.assembly->manifest.items; entry.item; entry.item = entry.item->next) {
            if (entry.item->kind != kind)
                continue;
            entry.name = of_windows ? entry.item->text : manifest_value(entry.item, L"name");
            if (section)
                section_put_entry(section, false, count, &entry,
                                  of_windows ? make_window_class : make_activatable);
            count++;
        }
    return count;
}

static ULONG walk_window_classes(const struct activation_context *context, struct activation_section *section)
{
    return walk_items(context, section, ITEM_WINDOW_CLASS);
}

static ULONG walk_activatable(const struct activation_context *context, struct activation_section *section)
{
    return walk_items(context, section, ITEM_ACTIVATABLE_CLASS);
}

static section_walker *section_by_name(ULONG section)
{
    switch (section) {
    case ACTIVATION_CONTEXT_SECTION_DLL_REDIRECTION:
        return walk_files;
    case ACTIVATION_CONTEXT_SECTION_WINDOW_CLASS_REDIRECTION:
        return walk_window_classes;
    case ACTIVATION_CONTEXT_SECTION_COM_PROGID_REDIRECTION:
        return section_walk_progids;
    case SECTION_ACTIVATABLE_CLASSES:
        return walk_activatable;
    default:
        return NULL;
    }
}

/* Those whose entries point to what they share. */
static bool shares(ULONG section)
{
    return section == ACTIVATION_CONTEXT_SECTION_COM_SERVER_REDIRECTION ||
           section == ACTIVATION_CONTEXT_SECTION_COM_TYPE_LIBRARY_REDIRECTION ||
           section == ACTIVATION_CONTEXT_SECTION_COM_PROGID_REDIRECTION ||
           section == SECTION_ACTIVATABLE_CLASSES;
}

static void free_section(struct activation_section *section)
{
    if (section)
        free(section->bytes);
    free(section);
}

void activation_free_sections(struct activation_context *context)
{
    for (unsigned i = 0; i < ACTIVATION_SECTION_COUNT; i++)
        free_section(context->sections[i]);
}

static void build(struct activation_section *section, const struct activation_context *context, ULONG number,
                  bool by_guid, section_walker *walk, ULONG count)
{
    section_add(section, by_guid ? sizeof(struct guid_header) : sizeof(struct string_header));
    size_t index_offset =
        section_add(section, count * (by_guid ? sizeof(struct guid_index) : sizeof(struct string_index)));
    if (section->failed)
        return;
    size_t shared_offset = shares(number) ? section->length : 0;
    put_header(section, by_guid, count, index_offset, 0, 0);
    walk(context, section);
    if (!section->failed && shared_offset)
        put_header(section, by_guid, count, index_offset, shared_offset, section->length - shared_offset);
}

static NTSTATUS make_section(const struct activation_context *context, ULONG number, bool by_guid,
                             section_walker *walk, struct activation_section **made)
{
    ULONG count = walk(context, NULL);
    if (!count)
        return STATUS_SXS_SECTION_NOT_FOUND;
    struct activation_section *section = calloc(1, sizeof *section);
    if (!section)
        return STATUS_NO_MEMORY;
    build(section, context, number, by_guid, walk, count);
    if (section->failed) {
        free_section(section);
        return STATUS_NO_MEMORY;
    }
    *made = section;
    return STATUS_SUCCESS;
}

static NTSTATUS find_section(struct activation_context *context, ULONG number, bool by_guid,
                             const struct activation_section **found)
{
    section_walker *walk = by_guid ? section_by_guid(number) : section_by_name(number);
    NTSTATUS status = STATUS_SUCCESS;
    if (!walk)
        return STATUS_SXS_SECTION_NOT_FOUND;
    lock_acquire(&context->lock);
    if (!context->sections[number])
        status = make_section(context, number, by_guid, walk, &context->sections[number]);
    *found = context->sections[number];
    lock_release(&context->lock);
    return status;
}

/* Finding */

static void give(const struct activation_section *section, ULONG data_offset, ULONG data_length, ULONG roster,
                 ULONG shared_offset, ULONG shared_length, ACTCTX_SECTION_KEYED_DATA *data)
{
    data->ulDataFormatVersion = 1;
    data->lpData = section_at(section, data_offset);
    data->ulLength = data_length;
    data->lpSectionGlobalData = shared_offset ? section_at(section, shared_offset) : NULL;
    data->ulSectionGlobalDataLength = shared_length;
    data->lpSectionBase = section->bytes;
    data->ulSectionTotalLength = section->length;
    data->hActCtx = NULL;
    if (data->cbSize >= offsetof(ACTCTX_SECTION_KEYED_DATA, ulAssemblyRosterIndex) + sizeof(ULONG))
        data->ulAssemblyRosterIndex = roster;
}

NTSTATUS activation_find_string(struct activation_context *context, ULONG number, const UNICODE_STRING *key,
                                ACTCTX_SECTION_KEYED_DATA *data)
{
    const struct activation_section *section;
    NTSTATUS status = find_section(context, number, false, &section);
    if (status)
        return status;
    const struct string_header *header = section_at(section, 0);
    const struct string_index *index = section_at(section, header->index_offset);
    size_t length = key->Length / sizeof(WCHAR);
    ULONG hash = hash_of(key->Buffer, length);
    for (ULONG i = 0; i < header->count; i++, index++) {
        if (index->hash != hash || !upcase_equal(section_at(section, index->name_offset),
                                                 index->name_length / sizeof(WCHAR), key->Buffer, length))
            continue;
        if (data)
            give(section, index->data_offset, index->data_length, index->roster, header->global_offset,
                 header->global_length, data);
        return STATUS_SUCCESS;
    }
    return STATUS_SXS_KEY_NOT_FOUND;
}

NTSTATUS activation_find_guid(struct activation_context *context, ULONG number, const GUID *key,
                              ACTCTX_SECTION_KEYED_DATA *data)
{
    const struct activation_section *section;
    NTSTATUS status = find_section(context, number, true, &section);
    if (status)
        return status;
    const struct guid_header *header = section_at(section, 0);
    const struct guid_index *index = section_at(section, header->index_offset);
    for (ULONG i = 0; i < header->count; i++, index++) {
        if (memcmp(&index->guid, key, sizeof *key))
            continue;
        if (data)
            give(section, index->data_offset, index->data_length, index->roster, header->global_offset,
                 header->global_length, data);
        return STATUS_SUCCESS;
    }
    return STATUS_SXS_KEY_NOT_FOUND;
}
