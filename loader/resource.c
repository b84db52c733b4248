#include "loader/datafile.h"
#include "loader/resource.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"
#include "kernel/vm.h"

#define IS_DIRECTORY 0x80000000u
#define IS_STRING    0x80000000u

static NTSTATUS open_datafile(HMODULE handle, struct pe_image *image)
{
    MEMORY_BASIC_INFORMATION region;
    struct pe_error error;
    void *base = (void *)((uintptr_t)handle & ~(uintptr_t)3);
    if (vm_query(base, &region) || region.AllocationBase != base)
        return STATUS_INVALID_HANDLE;
    enum pe_layout layout = datafile_is_image(handle) ? PE_LAYOUT_MAPPED : PE_LAYOUT_FILE;
    return pe_open(image, base, region.RegionSize, layout, &error) ? STATUS_SUCCESS
                                                                   : STATUS_INVALID_IMAGE_FORMAT;
}

NTSTATUS resource_image(HMODULE handle, struct pe_image *image)
{
    if (datafile_is_handle(handle))
        return open_datafile(handle, image);
    const struct module *module = handle ? module_from_handle(handle) : program_module;
    if (!module)
        return STATUS_RESOURCE_DATA_NOT_FOUND;
    *image = module->image;
    return STATUS_SUCCESS;
}

/* Everything in the tree is told by its offset in the section. */
static const void *bytes_at(const struct pe_image *image, uint32_t offset, uint32_t size)
{
    const struct pe_directory *section = &image->directories[IMAGE_DIRECTORY_ENTRY_RESOURCE];
    if (!section->rva || offset > section->size || size > section->size - offset)
        return NULL;
    return pe_at(image, section->rva + offset, size);
}

static bool open_at(const struct pe_image *image, uint32_t offset, struct resource_directory *directory)
{
    const IMAGE_RESOURCE_DIRECTORY *header = bytes_at(image, offset, sizeof *header);
    if (!header)
        return false;
    directory->image = image;
    directory->offset = offset;
    directory->count = header->NumberOfNamedEntries + header->NumberOfIdEntries;
    return bytes_at(image, offset,
                    sizeof *header + directory->count * sizeof(IMAGE_RESOURCE_DIRECTORY_ENTRY)) != NULL;
}

NTSTATUS resource_image_of_file(const void *bytes, size_t size, struct pe_image *image)
{
    struct pe_error error = {0};
    return pe_open(image, bytes, size, PE_LAYOUT_FILE, &error) ? STATUS_SUCCESS : STATUS_INVALID_IMAGE_FORMAT;
}

NTSTATUS resource_root(const struct pe_image *image, struct resource_directory *directory)
{
    return open_at(image, 0, directory) ? STATUS_SUCCESS : STATUS_RESOURCE_DATA_NOT_FOUND;
}

bool resource_open(const struct resource_entry *entry, const struct pe_image *image,
                   struct resource_directory *directory)
{
    return entry->is_directory && open_at(image, entry->offset, directory);
}

bool resource_entry(const struct resource_directory *directory, uint32_t index, struct resource_entry *entry)
{
    const IMAGE_RESOURCE_DIRECTORY_ENTRY *raw =
        bytes_at(directory->image, directory->offset + sizeof(IMAGE_RESOURCE_DIRECTORY) + index * sizeof *raw,
                 sizeof *raw);
    if (!raw)
        return false;
    *entry = (struct resource_entry){
        .number = raw->Id,
        .is_directory = raw->OffsetToData & IS_DIRECTORY,
        .offset = raw->OffsetToData & ~IS_DIRECTORY,
    };
    if (!(raw->Name & IS_STRING))
        return true;
    uint32_t offset = raw->Name & ~IS_STRING;
    const uint16_t *length = bytes_at(directory->image, offset, sizeof *length);
    if (!length ||
        !(entry->name = bytes_at(directory->image, offset + sizeof *length, *length * sizeof(WCHAR))))
        return false;
    entry->length = *length;
    return true;
}

static bool number_of(const WCHAR *name, uint16_t *number)
{
    unsigned value = 0;
    if (IS_INTRESOURCE(name)) {
        *number = (uint16_t)(uintptr_t)name;
        return true;
    }
    if (*name != '#')
        return false;
    for (const WCHAR *digit = name + 1; *digit; digit++) {
        if (*digit < '0' || *digit > '9' || (value = 10 * value + *digit - '0') > UINT16_MAX)
            return false;
    }
    *number = value;
    return name[1] != 0;
}

bool resource_find(const struct resource_directory *directory, const WCHAR *name,
                   struct resource_entry *entry)
{
    uint16_t number;
    bool by_number = number_of(name, &number);
    size_t length = by_number ? 0 : utf16_length(name);
    for (uint32_t i = 0; i < directory->count; i++) {
        if (!resource_entry(directory, i, entry))
            continue;
        if (by_number ? !entry->name && entry->number == number
                      : entry->name && upcase_equal(entry->name, entry->length, name, length))
            return true;
    }
    return false;
}

const IMAGE_RESOURCE_DATA_ENTRY *resource_leaf(const struct pe_image *image,
                                               const struct resource_entry *entry)
{
    return entry->is_directory ? NULL : bytes_at(image, entry->offset, sizeof(IMAGE_RESOURCE_DATA_ENTRY));
}

const void *resource_data(const struct pe_image *image, const IMAGE_RESOURCE_DATA_ENTRY *leaf)
{
    return pe_at(image, leaf->OffsetToData, leaf->Size);
}
