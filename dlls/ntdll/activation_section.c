/* What the assemblies of a context offer, by name: each kind in a section of its own, laid out as Windows
 * does, since programs get pointers into it. A section is made when it is first asked for. */
#include <stdlib.h>
#include <stdio.h>
#include "dlls/ntdll/activation.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

#define STRING_SECTION_MAGIC 0x64487353 /* "SsHd" */

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

/* The bytes may move until the section is complete, so that offsets are kept. */
struct activation_section {
    char *bytes;
    size_t length, room;
    bool failed;
};

/* ---- building ---- */

/* Returns the offset; what is added is zero and begins at a multiple of 4. */
static size_t add(struct activation_section *section, size_t size)
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

static void *at(const struct activation_section *section, size_t offset)
{
    return section->bytes + offset;
}

static ULONG bytes_of(const WCHAR *string)
{
    return utf16_length(string) * sizeof *string;
}

static void put_string(struct activation_section *section, size_t offset, const WCHAR *string)
{
    memcpy(at(section, offset), string, bytes_of(string) + sizeof *string);
}

static ULONG hash_of(const WCHAR *string, size_t length)
{
    ULONG hash = 0;
    while (length-- > 0)
        hash = hash * 65599 + upcase(*string++);
    return hash;
}

/* What a section has of one name: the maker adds the data and returns its length. */
struct entry {
    const struct activation_assembly *assembly;
    ULONG roster; /* the assembly's number, from 1 */
    const WCHAR *name;
    const struct manifest_item *item;
};

typedef ULONG make_data(struct activation_section *section, const struct entry *entry);

static void add_entry(struct activation_section *section, unsigned number, const struct entry *entry,
                      make_data *make)
{
    ULONG name_length = bytes_of(entry->name);
    size_t name_offset = add(section, name_length + sizeof(WCHAR));
    if (section->failed)
        return;
    put_string(section, name_offset, entry->name);
    size_t data_offset = section->length;
    ULONG data_length = make(section, entry);
    if (section->failed)
        return;
    const struct string_header *header = at(section, 0);
    struct string_index *index = at(section, header->index_offset);
    index[number] = (struct string_index){
        .hash = hash_of(entry->name, utf16_length(entry->name)),
        .name_offset = name_offset,
        .name_length = name_length,
        .data_offset = data_offset,
        .data_length = data_length,
        .roster = entry->roster,
    };
}

static void begin(struct activation_section *section, ULONG count)
{
    size_t header_offset = add(section, sizeof(struct string_header));
    size_t index_offset = add(section, count * sizeof(struct string_index));
    if (section->failed)
        return;
    *(struct string_header *)at(section, header_offset) = (struct string_header){
        .magic = STRING_SECTION_MAGIC,
        .size = sizeof(struct string_header),
        .version = {1, 1, 1},
        .count = count,
        .index_offset = index_offset,
    };
}

/* ---- DLLs ---- */

/* ACTIVATION_CONTEXT_DATA_DLL_REDIRECTION: the file is where the assembly is. */
struct dll_data {
    ULONG size, flags, total_path_length, path_count, path_offset;
};

enum { PATH_OMITS_ASSEMBLY_ROOT = 2 };

static ULONG make_dll(struct activation_section *section, const struct entry *entry)
{
    size_t offset = add(section, sizeof(struct dll_data));
    if (!section->failed)
        *(struct dll_data *)at(section, offset) = (struct dll_data){
            .size = sizeof(struct dll_data),
            .flags = PATH_OMITS_ASSEMBLY_ROOT,
        };
    return sizeof(struct dll_data);
}

static ULONG for_each_file(const struct activation_context *context, struct activation_section *section)
{
    struct entry entry = {.assembly = context->assemblies, .roster = 1};
    ULONG count = 0;
    for (; entry.assembly; entry.assembly = entry.assembly->next, entry.roster++)
        for (const struct manifest_file *file = entry.assembly->manifest.files; file; file = file->next) {
            entry.name = file->name;
            if (section)
                add_entry(section, count, &entry, make_dll);
            count++;
        }
    return count;
}

/* ---- window classes ---- */

/* ACTIVATION_CONTEXT_DATA_WINDOW_CLASS_REDIRECTION. */
struct class_data {
    ULONG size, flags;
    ULONG name_length, name_offset;     /* from here */
    ULONG module_length, module_offset; /* from the section's beginning */
};

/* "VERSION!CLASS", unless the manifest says that it is not versioned. */
static void versioned_name(const struct entry *entry, WCHAR name[512])
{
    const USHORT *version = entry->assembly->manifest.identity.version;
    const WCHAR *versioned = manifest_value(entry->item, L"versioned");
    bool is_versioned = !versioned || !upcase_equal(versioned, utf16_length(versioned), L"no", 2);
    char prefix[32] = "";
    if (is_versioned)
        snprintf(prefix, sizeof prefix, "%u.%u.%u.%u!", version[0], version[1], version[2], version[3]);
    size_t used = utf16_from_utf8(name, 32, prefix, strlen(prefix), UTF_REPLACE);
    size_t length = min(utf16_length(entry->item->text), (size_t)511 - used);
    memcpy(name + used, entry->item->text, length * sizeof *name);
    name[used + length] = 0;
}

static ULONG make_class(struct activation_section *section, const struct entry *entry)
{
    WCHAR name[512];
    const WCHAR *module = entry->item->file->name;
    versioned_name(entry, name);
    struct class_data data = {
        .size = sizeof data,
        .name_length = bytes_of(name),
        .name_offset = sizeof data,
        .module_length = bytes_of(module),
    };
    ULONG length = sizeof data + data.name_length + data.module_length + 2 * sizeof(WCHAR);
    size_t offset = add(section, length);
    if (section->failed)
        return 0;
    data.module_offset = offset + sizeof data + data.name_length + sizeof(WCHAR);
    *(struct class_data *)at(section, offset) = data;
    put_string(section, offset + data.name_offset, name);
    put_string(section, data.module_offset, module);
    return length;
}

static ULONG for_each_class(const struct activation_context *context, struct activation_section *section)
{
    struct entry entry = {.assembly = context->assemblies, .roster = 1};
    ULONG count = 0;
    for (; entry.assembly; entry.assembly = entry.assembly->next, entry.roster++)
        for (entry.item = entry.assembly->manifest.items; entry.item; entry.item = entry.item->next) {
            if (entry.item->kind != ITEM_WINDOW_CLASS)
                continue;
            entry.name = entry.item->text;
            if (section)
                add_entry(section, count, &entry, make_class);
            count++;
        }
    return count;
}

/* ---- sections ---- */

/* Counts the entries, and adds them if there is a section. */
typedef ULONG for_each_entry(const struct activation_context *context, struct activation_section *section);

static for_each_entry *entries_of(ULONG section)
{
    switch (section) {
    case ACTIVATION_CONTEXT_SECTION_DLL_REDIRECTION:
        return for_each_file;
    case ACTIVATION_CONTEXT_SECTION_WINDOW_CLASS_REDIRECTION:
        return for_each_class;
    default:
        return NULL;
    }
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

static NTSTATUS make_section(const struct activation_context *context, for_each_entry *for_each,
                             struct activation_section **made)
{
    ULONG count = for_each(context, NULL);
    if (!count)
        return STATUS_SXS_SECTION_NOT_FOUND;
    struct activation_section *section = calloc(1, sizeof *section);
    if (!section)
        return STATUS_NO_MEMORY;
    begin(section, count);
    if (!section->failed)
        for_each(context, section);
    if (section->failed) {
        free_section(section);
        return STATUS_NO_MEMORY;
    }
    *made = section;
    return STATUS_SUCCESS;
}

static NTSTATUS find_section(struct activation_context *context, ULONG number,
                             const struct activation_section **found)
{
    for_each_entry *for_each = entries_of(number);
    NTSTATUS status = for_each ? STATUS_SUCCESS : STATUS_SXS_SECTION_NOT_FOUND;
    if (!for_each)
        return status;
    lock_acquire(&context->lock);
    if (!context->sections[number])
        status = make_section(context, for_each, &context->sections[number]);
    *found = context->sections[number];
    lock_release(&context->lock);
    return status;
}

/* ---- finding ---- */

static void give(const struct activation_section *section, const struct string_index *index,
                 ACTCTX_SECTION_KEYED_DATA *data)
{
    const struct string_header *header = at(section, 0);
    data->ulDataFormatVersion = 1;
    data->lpData = at(section, index->data_offset);
    data->ulLength = index->data_length;
    data->lpSectionGlobalData = header->global_length ? at(section, header->global_offset) : NULL;
    data->ulSectionGlobalDataLength = header->global_length;
    data->lpSectionBase = section->bytes;
    data->ulSectionTotalLength = section->length;
    data->hActCtx = NULL;
    if (data->cbSize >= offsetof(ACTCTX_SECTION_KEYED_DATA, ulAssemblyRosterIndex) + sizeof(ULONG))
        data->ulAssemblyRosterIndex = index->roster;
}

NTSTATUS activation_find_string(struct activation_context *context, ULONG number, const UNICODE_STRING *key,
                                ACTCTX_SECTION_KEYED_DATA *data)
{
    const struct activation_section *section;
    NTSTATUS status = find_section(context, number, &section);
    if (status)
        return status;
    const struct string_header *header = at(section, 0);
    const struct string_index *index = at(section, header->index_offset);
    size_t length = key->Length / sizeof(WCHAR);
    ULONG hash = hash_of(key->Buffer, length);
    for (ULONG i = 0; i < header->count; i++, index++) {
        if (index->hash != hash || !upcase_equal(at(section, index->name_offset),
                                                 index->name_length / sizeof(WCHAR), key->Buffer, length))
            continue;
        if (data)
            give(section, index, data);
        return STATUS_SUCCESS;
    }
    return STATUS_SXS_KEY_NOT_FOUND;
}
