/* The thread-local storage directory of a PE image. */
#include <litewin/windows.h>
#include "loader/pe.h"
#include "loader/pe_internal.h"

#define ALIGNMENT_SHIFT 20 /* of IMAGE_SCN_ALIGN_MASK: 1 is 1 byte, 14 is 8192 */

/* Both forms of the directory, with i386's widened. */
static bool read_directory(const struct pe_image *image, uint32_t rva, IMAGE_TLS_DIRECTORY64 *directory)
{
    IMAGE_TLS_DIRECTORY32 narrow;
    if (image->is_64bit)
        return pe_read(image, rva, directory, sizeof *directory);
    if (!pe_read(image, rva, &narrow, sizeof narrow))
        return false;
    *directory = (IMAGE_TLS_DIRECTORY64){
        .StartAddressOfRawData = narrow.StartAddressOfRawData,
        .EndAddressOfRawData = narrow.EndAddressOfRawData,
        .AddressOfIndex = narrow.AddressOfIndex,
        .AddressOfCallBacks = narrow.AddressOfCallBacks,
        .SizeOfZeroFill = narrow.SizeOfZeroFill,
        .Characteristics = narrow.Characteristics,
    };
    return true;
}

static bool take_template(const struct pe_image *image, const IMAGE_TLS_DIRECTORY64 *directory,
                          struct pe_tls *tls)
{
    uint64_t size = directory->EndAddressOfRawData - directory->StartAddressOfRawData;
    if (size == 0)
        return true;
    if (!pe_rva_of_address(image, directory->StartAddressOfRawData, &tls->template_rva) ||
        !pe_in_image(image, tls->template_rva, size))
        return false;
    tls->template_size = (uint32_t)size;
    return true;
}

enum pe_result pe_tls(const struct pe_image *image, struct pe_tls *tls, struct pe_error *error)
{
    uint32_t rva = image->directories[IMAGE_DIRECTORY_ENTRY_TLS].rva;
    IMAGE_TLS_DIRECTORY64 directory;
    *tls = (struct pe_tls){.alignment = 1};
    if (rva == 0)
        return PE_NONE;
    if (!read_directory(image, rva, &directory))
        return pe_bad(error, rva, "bad TLS directory: it is cut short");
    if (!take_template(image, &directory, tls))
        return pe_bad(error, rva, "bad TLS directory: its data is not in the image");
    if (!pe_rva_of_address(image, directory.AddressOfIndex, &tls->index_rva) ||
        !pe_in_image(image, tls->index_rva, sizeof(uint32_t)))
        return pe_bad(error, rva, "bad TLS directory: its index variable is not in the image");
    if (directory.AddressOfCallBacks != 0 &&
        !pe_rva_of_address(image, directory.AddressOfCallBacks, &tls->callbacks_rva))
        return pe_bad(error, rva, "bad TLS directory: its callbacks are not in the image");
    tls->zero_fill = directory.SizeOfZeroFill;
    uint32_t alignment = (directory.Characteristics & IMAGE_SCN_ALIGN_MASK) >> ALIGNMENT_SHIFT;
    if (alignment == 15)
        return pe_bad(error, rva, "bad TLS directory: there is no such alignment");
    if (alignment != 0)
        tls->alignment = 1u << (alignment - 1);
    return PE_FOUND;
}

enum pe_result pe_tls_callback(const struct pe_image *image, const struct pe_tls *tls, uint32_t number,
                               uint32_t *rva, struct pe_error *error)
{
    if (tls->callbacks_rva == 0)
        return PE_NONE;
    uint64_t at = tls->callbacks_rva + (uint64_t)number * pe_pointer_size(image), address;
    if (at > UINT32_MAX || !pe_read_pointer(image, (uint32_t)at, &address))
        return pe_bad(error, at, "bad TLS callbacks: they have no end inside the image");
    if (address == 0)
        return PE_NONE;
    if (!pe_rva_of_address(image, address, rva))
        return pe_bad(error, at, "bad TLS callback: 0x%" PRIx64 " is not in the image", address);
    return PE_FOUND;
}
