/* The import and delay import directories of a PE image. */
#include <litewin/windows.h>
#include "loader/pe.h"
#include "loader/pe_internal.h"

static void begin(const struct pe_image *image, struct pe_import_cursor *cursor, int directory)
{
    cursor->image = image;
    cursor->rva = image->directories[directory].rva;
    cursor->delayed = directory == IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT;
}

void pe_imports_begin(const struct pe_image *image, struct pe_import_cursor *cursor)
{
    begin(image, cursor, IMAGE_DIRECTORY_ENTRY_IMPORT);
}

void pe_delay_imports_begin(const struct pe_image *image, struct pe_import_cursor *cursor)
{
    begin(image, cursor, IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT);
}

/* As Windows: the names table counts only where it can lie in the image. Borland's linkers left it out
 * or put nonsense there. */
static bool is_lookup_table(const struct pe_image *image, uint32_t rva)
{
    return rva >= image->headers_size && rva < image->image_size;
}

static enum pe_result next_dll(const struct pe_import_cursor *cursor, struct pe_import_dll *dll,
                               struct pe_error *error)
{
    const struct pe_image *image = cursor->image;
    IMAGE_IMPORT_DESCRIPTOR descriptor;
    if (!pe_read(image, cursor->rva, &descriptor, sizeof descriptor))
        return pe_bad(error, cursor->rva, "bad import directory: it has no end inside the image");
    if (descriptor.Name == 0 || descriptor.FirstThunk == 0)
        return PE_NONE;
    *dll = (struct pe_import_dll){
        .image = image,
        .name = pe_string(image, descriptor.Name),
        .address_rva = descriptor.FirstThunk,
        .lookup_rva = descriptor.FirstThunk,
        .timestamp = descriptor.TimeDateStamp,
    };
    if (is_lookup_table(image, descriptor.OriginalFirstThunk))
        dll->lookup_rva = descriptor.OriginalFirstThunk;
    if (!dll->name)
        return pe_bad(error, cursor->rva, "bad import directory: a DLL's name at 0x%x is not in the image",
                      (unsigned)descriptor.Name);
    return PE_FOUND;
}

/* Turns the field of a delay import into an RVA where the linker wrote an address. 0 stays 0. */
static bool to_rva(const struct pe_import_dll *dll, uint64_t field, uint32_t *rva)
{
    if (dll->uses_addresses && field != 0)
        return pe_rva_of_address(dll->image, field, rva);
    *rva = (uint32_t)field;
    return field < dll->image->image_size;
}

static enum pe_result next_delayed_dll(const struct pe_import_cursor *cursor, struct pe_import_dll *dll,
                                       struct pe_error *error)
{
    const struct pe_image *image = cursor->image;
    IMAGE_DELAYLOAD_DESCRIPTOR descriptor;
    if (!pe_read(image, cursor->rva, &descriptor, sizeof descriptor))
        return pe_bad(error, cursor->rva, "bad delay import directory: it has no end inside the image");
    if (descriptor.DllNameRVA == 0)
        return PE_NONE;
    *dll = (struct pe_import_dll){
        .image = image,
        .timestamp = descriptor.TimeDateStamp,
        .delayed = true,
        .uses_addresses = !image->is_64bit && !descriptor.Attributes.RvaBased,
    };
    uint32_t name_rva;
    if (!to_rva(dll, descriptor.DllNameRVA, &name_rva) || !(dll->name = pe_string(image, name_rva)))
        return pe_bad(error, cursor->rva,
                      "bad delay import directory: a DLL's name at 0x%x is not in the image",
                      (unsigned)descriptor.DllNameRVA);
    if (!to_rva(dll, descriptor.ModuleHandleRVA, &dll->handle_rva) ||
        !to_rva(dll, descriptor.ImportAddressTableRVA, &dll->address_rva) ||
        !to_rva(dll, descriptor.ImportNameTableRVA, &dll->lookup_rva))
        return pe_bad(error, cursor->rva, "bad delay import directory: a table lies outside the image");
    return PE_FOUND;
}

enum pe_result pe_next_import_dll(struct pe_import_cursor *cursor, struct pe_import_dll *dll,
                                  struct pe_error *error)
{
    if (cursor->rva == 0)
        return PE_NONE;
    enum pe_result result =
        cursor->delayed ? next_delayed_dll(cursor, dll, error) : next_dll(cursor, dll, error);
    /* The descriptor was inside the image, and an image ends well before the last RVA. */
    if (result == PE_FOUND)
        cursor->rva += cursor->delayed ? sizeof(IMAGE_DELAYLOAD_DESCRIPTOR) : sizeof(IMAGE_IMPORT_DESCRIPTOR);
    else
        cursor->rva = 0;
    return result;
}

static bool entry_rva(uint32_t table, uint32_t number, uint32_t size, uint32_t *rva)
{
    uint64_t at = table + (uint64_t)number * size;
    *rva = (uint32_t)at;
    return at <= UINT32_MAX;
}

enum pe_result pe_next_import(struct pe_import_dll *dll, struct pe_import *import, struct pe_error *error)
{
    const struct pe_image *image = dll->image;
    uint32_t size = pe_pointer_size(image), lookup;
    uint64_t entry, by_ordinal = image->is_64bit ? IMAGE_ORDINAL_FLAG64 : IMAGE_ORDINAL_FLAG32;
    if (!entry_rva(dll->lookup_rva, dll->next, size, &lookup) || !pe_read_pointer(image, lookup, &entry))
        return pe_bad(error, dll->lookup_rva, "bad imports: their table has no end inside the image");
    if (entry == 0)
        return PE_NONE;
    if (!entry_rva(dll->address_rva, dll->next, size, &import->slot_rva) ||
        !pe_in_image(image, import->slot_rva, size))
        return pe_bad(error, dll->address_rva, "bad imports: the address table leaves the image");
    dll->next++;
    import->name = NULL;
    import->hint = 0;
    import->ordinal = (uint16_t)entry;
    if (entry & by_ordinal)
        return PE_FOUND;

    uint32_t by_name;
    const uint8_t *hint = NULL;
    if (to_rva(dll, entry, &by_name) && (hint = pe_at(image, by_name, sizeof(uint16_t))))
        import->name = pe_string(image, by_name + sizeof(uint16_t));
    if (!import->name)
        return pe_bad(error, lookup, "bad imports: an entry is 0x%" PRIx64 ", where no name is", entry);
    import->hint = pe_load16(hint);
    import->ordinal = 0;
    return PE_FOUND;
}
