#include <stdlib.h>
#include "kernel/section.h"
#include "loader/image.h"
#include "loader/image_section.h"

static bool begins_with_mz(const struct image_file *file)
{
    return file->status.st_size >= 2 && file->start[0] == 'M' && file->start[1] == 'Z';
}

/* Reads the headers; on success image_file.longer_headers is to be freed. */
static NTSTATUS read_image(int fd, struct image_file *file)
{
    struct load_failure failure;
    NTSTATUS status = image_read(fd, file, &failure);
    if (status)
        free(file->longer_headers);
    if (status == STATUS_INVALID_IMAGE_FORMAT && !begins_with_mz(file))
        return STATUS_INVALID_IMAGE_NOT_MZ;
    return status;
}

static bool has_code(const struct pe_image *image)
{
    struct pe_section section;
    for (uint32_t i = 0; i < image->section_count; i++) {
        pe_section(image, i, &section);
        if (section.characteristics & (IMAGE_SCN_CNT_CODE | IMAGE_SCN_MEM_EXECUTE))
            return true;
    }
    return false;
}

void image_describe(const struct pe_image *image, uint64_t base, uint64_t file_size,
                    struct section_image_information *information)
{
    *information = (struct section_image_information){
        .entry_point = image->entry_rva ? (void *)(uintptr_t)(base + image->entry_rva) : NULL,
        .stack_reserve = image->stack_reserve,
        .stack_commit = image->stack_commit,
        .subsystem = image->subsystem,
        .subsystem_major = image->subsystem_major,
        .subsystem_minor = image->subsystem_minor,
        .system_major = image->os_major,
        .system_minor = image->os_minor,
        .characteristics = image->characteristics,
        .dll_characteristics = image->dll_characteristics,
        .machine = image->machine,
        .contains_code = has_code(image),
        .file_size = file_size,
        .checksum = image->checksum,
    };
}

static NTSTATUS check(int fd, struct section_image_information *information, uint64_t *size)
{
    struct image_file file;
    const struct pe_image *image = &file.image;
    NTSTATUS status = read_image(fd, &file);
    if (status)
        return status;
    image_describe(image, image->preferred_base, file.status.st_size, information);
    *size = image->image_size;
    free(file.longer_headers);
    return STATUS_SUCCESS;
}

static NTSTATUS place(const struct image_file *file, void **address, size_t *size)
{
    struct module module = {0};
    struct load_failure failure;
    NTSTATUS status = image_map(file, &module, &failure);
    if (status)
        return status;
    status = image_protect(&module);
    if (!status && *address && *address != module.entry.DllBase)
        status = STATUS_CONFLICTING_ADDRESSES;
    if (status) {
        image_unmap(&module);
        return status;
    }
    *address = module.entry.DllBase;
    *size = module.entry.SizeOfImage;
    return (uintptr_t)*address == file->image.preferred_base ? STATUS_SUCCESS : STATUS_IMAGE_NOT_AT_BASE;
}

static NTSTATUS map(int fd, void **address, size_t *size)
{
    struct image_file file;
    NTSTATUS status = read_image(fd, &file);
    if (status)
        return status;
    status = place(&file, address, size);
    free(file.longer_headers);
    return status;
}

void image_sections_initialize(void)
{
    static const struct section_images functions = {.check = check, .map = map};
    section_set_images(&functions);
}
