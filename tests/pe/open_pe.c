#include <stdlib.h>
#include "tests/pe/open_pe.h"

bool open_file(struct opened_pe *opened, const struct pe_build *build)
{
    memset(opened, 0, sizeof *opened);
    opened->file = malloc(build->size ? build->size : 1);
    if (!opened->file)
        abort();
    memcpy(opened->file, build->bytes, build->size);
    return pe_open(&opened->image, opened->file, build->size, PE_LAYOUT_FILE, &opened->error);
}

static void lay_out(struct opened_pe *opened)
{
    const struct pe_image *image = &opened->image;
    opened->mapping = calloc(image->image_size, 1);
    if (!opened->mapping)
        abort();
    memcpy(opened->mapping, opened->file, image->leading_size);
    for (uint32_t i = 0; i < image->section_count; i++) {
        struct pe_section section;
        pe_section(image, i, &section);
        memcpy(opened->mapping + section.rva, opened->file + section.file_offset, section.file_size);
    }
}

bool open_mapped(struct opened_pe *opened, const struct pe_build *build)
{
    if (!open_file(opened, build))
        return false;
    lay_out(opened);
    size_t size = opened->image.image_size;
    return pe_open(&opened->image, opened->mapping, size, PE_LAYOUT_MAPPED, &opened->error);
}

void close_pe(struct opened_pe *opened)
{
    free(opened->file);
    free(opened->mapping);
}
