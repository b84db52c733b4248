/* The export directory of a PE image. */
#include <litewin/windows.h>
#include "loader/pe.h"
#include "loader/pe_internal.h"

/* A table of `count` entries; NULL with an error unless all lie in the image. */
static const uint8_t *table_at(const struct pe_image *image, uint32_t rva, uint32_t count, size_t entry_size,
                               const char *what, struct pe_error *error)
{
    const uint8_t *table = NULL;
    if (count <= image->image_size / entry_size)
        table = pe_at(image, rva, count * entry_size);
    if (!table)
        pe_set_error(error, rva, "bad export directory: its %" PRIu32 " %s do not lie in the image", count,
                     what);
    return table;
}

enum pe_result pe_exports_open(const struct pe_image *image, struct pe_exports *exports,
                               struct pe_error *error)
{
    memset(exports, 0, sizeof *exports);
    struct pe_directory directory = image->directories[IMAGE_DIRECTORY_ENTRY_EXPORT];
    if (directory.rva == 0)
        return PE_NONE;
    IMAGE_EXPORT_DIRECTORY header;
    if (!pe_read(image, directory.rva, &header, sizeof header))
        return pe_bad(error, directory.rva, "bad export directory: it is cut short");

    struct pe_exports found = {
        .image = image,
        .directory = directory,
        .module_name = pe_string(image, header.Name),
        .ordinal_base = header.Base,
        .function_count = header.NumberOfFunctions,
        .name_count = header.NumberOfNames,
    };
    if (found.function_count == 0)
        return PE_NONE;
    found.functions = table_at(image, header.AddressOfFunctions, found.function_count, sizeof(uint32_t),
                               "functions", error);
    if (!found.functions)
        return PE_BAD;
    if (found.name_count != 0) {
        found.names =
            table_at(image, header.AddressOfNames, found.name_count, sizeof(uint32_t), "names", error);
        if (!found.names)
            return PE_BAD;
        found.ordinals = table_at(image, header.AddressOfNameOrdinals, found.name_count, sizeof(uint16_t),
                                  "name ordinals", error);
        if (!found.ordinals)
            return PE_BAD;
    }
    *exports = found;
    return PE_FOUND;
}

struct pe_export pe_export_by_index(const struct pe_exports *exports, uint32_t index)
{
    struct pe_export found = {.kind = PE_EXPORT_NONE, .ordinal = exports->ordinal_base + index};
    if (index >= exports->function_count)
        return found;
    uint32_t rva = pe_load32(exports->functions + (size_t)index * sizeof rva);
    if (rva == 0 || rva >= exports->image->image_size)
        return found;
    found.rva = rva;
    found.kind = PE_EXPORT_ADDRESS;
    /* That a function seems to lie in the export directory is how the format says "elsewhere". */
    if (rva - exports->directory.rva < exports->directory.size) {
        found.forwarder = pe_string(exports->image, rva);
        found.kind = found.forwarder ? PE_EXPORT_FORWARDER : PE_EXPORT_NONE;
    }
    return found;
}

struct pe_export pe_find_export_by_ordinal(const struct pe_exports *exports, uint32_t ordinal)
{
    /* An ordinal below the base wraps to an index that is past any count. */
    struct pe_export found = pe_export_by_index(exports, ordinal - exports->ordinal_base);
    found.ordinal = ordinal;
    return found;
}

static uint32_t name_index_to_function(const struct pe_exports *exports, uint32_t name_index)
{
    return pe_load16(exports->ordinals + (size_t)name_index * sizeof(uint16_t));
}

const char *pe_export_name(const struct pe_exports *exports, uint32_t name_index, uint32_t *index)
{
    *index = name_index_to_function(exports, name_index);
    return pe_string(exports->image, pe_load32(exports->names + (size_t)name_index * sizeof(uint32_t)));
}

/* Orders `name`, whose terminating zero counts in `size`, against the table's name by their bytes. A
 * mapped image's names are compared in place, without looking for their ends first. */
static int compare_name(const struct pe_exports *exports, const char *name, size_t size, uint32_t name_index)
{
    const struct pe_image *image = exports->image;
    uint32_t rva = pe_load32(exports->names + (size_t)name_index * sizeof rva);
    if (image->layout == PE_LAYOUT_MAPPED && pe_in_image(image, rva, size))
        return memcmp(name, image->bytes + rva, size);
    const char *other = pe_string(image, rva);
    return other ? strcmp(name, other) : 1;
}

struct pe_export pe_find_export(const struct pe_exports *exports, const char *name, uint32_t hint)
{
    size_t size = strlen(name) + 1;
    if (hint < exports->name_count && compare_name(exports, name, size, hint) == 0)
        return pe_export_by_index(exports, name_index_to_function(exports, hint));
    uint32_t low = 0, high = exports->name_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_name(exports, name, size, middle);
        if (order == 0)
            return pe_export_by_index(exports, name_index_to_function(exports, middle));
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return (struct pe_export){.kind = PE_EXPORT_NONE};
}

static bool parse_ordinal(const char *digits, uint32_t *ordinal)
{
    uint32_t value = 0;
    if (*digits == '\0')
        return false;
    for (; *digits; digits++) {
        if (*digits < '0' || *digits > '9')
            return false;
        value = value * 10 + (uint32_t)(*digits - '0');
        if (value > UINT16_MAX)
            return false;
    }
    *ordinal = value;
    return true;
}

bool pe_split_forwarder(const char *text, struct pe_forwarder *forwarder)
{
    const char *dot = strrchr(text, '.');
    if (!dot || dot == text || dot[1] == '\0')
        return false;
    *forwarder =
        (struct pe_forwarder){.module = text, .module_length = (size_t)(dot - text), .name = dot + 1};
    if (dot[1] != '#')
        return true;
    forwarder->name = NULL;
    return parse_ordinal(dot + 2, &forwarder->ordinal);
}
