/* The load configuration of a PE image, and its table of unwind data. */
#include <litewin/windows.h>
#include "loader/pe.h"
#include "loader/pe_internal.h"

/* The structure has grown with every Windows; an image has as much of it as its linker knew. What is
 * missing is zero. */
static bool read_config(const struct pe_image *image, uint32_t rva, void *config, size_t known)
{
    uint32_t size;
    memset(config, 0, known);
    if (!pe_read(image, rva, &size, sizeof size))
        return false;
    return pe_read(image, rva, config, size < known ? size : known);
}

/* The RVA of a field that is an address, 0 for one that is 0. */
static bool field_rva(const struct pe_image *image, uint64_t address, uint64_t size, uint32_t *rva)
{
    *rva = 0;
    return address == 0 || (pe_rva_of_address(image, address, rva) && pe_in_image(image, *rva, size));
}

static enum pe_result take_config(const struct pe_image *image, uint64_t cookie, uint64_t handlers,
                                  uint64_t handler_count, uint32_t rva, struct pe_load_config *config,
                                  struct pe_error *error)
{
    if (!field_rva(image, cookie, pe_pointer_size(image), &config->cookie_rva))
        return pe_bad(error, rva, "bad load configuration: the security cookie is not in the image");
    if (handler_count > image->image_size / sizeof(uint32_t) ||
        !field_rva(image, handlers, handler_count * sizeof(uint32_t), &config->handlers_rva))
        return pe_bad(error, rva,
                      "bad load configuration: the table of exception handlers is not in the image");
    config->handler_count = config->handlers_rva ? (uint32_t)handler_count : 0;
    return PE_FOUND;
}

enum pe_result pe_load_config(const struct pe_image *image, struct pe_load_config *config,
                              struct pe_error *error)
{
    uint32_t rva = image->directories[IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG].rva;
    memset(config, 0, sizeof *config);
    if (rva == 0)
        return PE_NONE;
    if (image->is_64bit) {
        IMAGE_LOAD_CONFIG_DIRECTORY64 wide;
        if (!read_config(image, rva, &wide, sizeof wide))
            return pe_bad(error, rva, "bad load configuration: it is cut short");
        config->size = wide.Size;
        /* SafeSEH tables are i386's alone. */
        return take_config(image, wide.SecurityCookie, 0, 0, rva, config, error);
    }
    IMAGE_LOAD_CONFIG_DIRECTORY32 narrow;
    if (!read_config(image, rva, &narrow, sizeof narrow))
        return pe_bad(error, rva, "bad load configuration: it is cut short");
    config->size = narrow.Size;
    return take_config(image, narrow.SecurityCookie, narrow.SEHandlerTable, narrow.SEHandlerCount, rva,
                       config, error);
}

enum pe_result pe_managed(const struct pe_image *image, struct pe_managed *managed, struct pe_error *error)
{
    enum { IL_ONLY = 1, NEEDS_32BIT = 2, PREFERS_32BIT = 0x20000 };
    const struct pe_directory *directory = &image->directories[IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR];
    IMAGE_COR20_HEADER header;
    memset(managed, 0, sizeof *managed);
    if (directory->rva == 0 || directory->size == 0)
        return PE_NONE;
    if (directory->size < sizeof header || !pe_read(image, directory->rva, &header, sizeof header))
        return pe_bad(error, directory->rva, "bad .NET header: it is cut short");
    *managed = (struct pe_managed){
        .runtime_major = header.MajorRuntimeVersion,
        .runtime_minor = header.MinorRuntimeVersion,
        .il_only = header.Flags & IL_ONLY,
        .needs_32bit = header.Flags & NEEDS_32BIT,
        .prefers_32bit = header.Flags & PREFERS_32BIT,
    };
    return PE_FOUND;
}

enum pe_result pe_unwind_table(const struct pe_image *image, uint32_t *rva, uint32_t *count)
{
    enum { ENTRY_SIZE = 3 * sizeof(uint32_t) }; /* IMAGE_RUNTIME_FUNCTION_ENTRY of x86-64 */
    const struct pe_directory *directory = &image->directories[IMAGE_DIRECTORY_ENTRY_EXCEPTION];
    *rva = *count = 0;
    if (image->machine != IMAGE_FILE_MACHINE_AMD64 || directory->rva == 0 || directory->size < ENTRY_SIZE)
        return PE_NONE;
    *rva = directory->rva;
    *count = directory->size / ENTRY_SIZE;
    return PE_FOUND;
}
