/* uses: loader/pe.c loader/pe_exports.c loader/pe_imports.c loader/pe_relocations.c loader/pe_tls.c
 * loader/pe_config.c loader/dump.c */
/* Opens any bytes as a PE file and as a mapped image, and walks all that the reader offers. What the
 * reader returns is touched, so that AddressSanitizer judges it. */
#include <stdio.h>
#include <stdlib.h>
#include <litewin/windows.h>
#include <litewin/binding.h>
#include "loader/dump.h"
#include "loader/pe.h"

/* Enough for any real image's tables. A small hostile file may repeat one table for every entry of
 * another, which takes time and shows nothing new. */
#define STEP_LIMIT      2000
#define MAPPING_LIMIT   0x40000
#define DUMP_SIZE_LIMIT 0x2000

static volatile unsigned sink;

static void touch(const void *bytes, size_t size)
{
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += ((const uint8_t *)bytes)[i];
    sink += sum;
}

static void touch_string(const char *text)
{
    if (text)
        touch(text, strlen(text) + 1);
}

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void walk_sections(const struct pe_image *image, size_t file_size)
{
    struct pe_section section;
    for (uint32_t i = 0; i < image->section_count; i++) {
        pe_section(image, i, &section);
        require(section.rva <= image->image_size);
        require(section.virtual_size <= image->image_size - section.rva);
        if (image->layout == PE_LAYOUT_MAPPED)
            continue;
        uint64_t end = (uint64_t)section.file_offset + section.file_size;
        require(end <= file_size);
        if (section.file_size != 0 && end <= image->size)
            require(pe_at(image, section.rva, section.file_size) == image->bytes + section.file_offset);
    }
    pe_find_section(image, ".text", &section);
}

static void walk_exports(const struct pe_image *image)
{
    struct pe_exports exports;
    struct pe_error error;
    struct pe_forwarder forwarder;
    if (pe_exports_open(image, &exports, &error) != PE_FOUND)
        return;
    touch_string(exports.module_name);
    for (uint32_t i = 0; i < exports.name_count && i < STEP_LIMIT; i++) {
        uint32_t index;
        const char *name = pe_export_name(&exports, i, &index);
        if (!name)
            continue;
        touch_string(name);
        struct pe_export export = pe_find_export(&exports, name, i);
        require(export.kind == PE_EXPORT_NONE || export.rva < image->image_size);
        pe_find_export(&exports, name, PE_NO_HINT);
    }
    for (uint32_t i = 0; i < exports.function_count && i < STEP_LIMIT; i++) {
        struct pe_export export = pe_find_export_by_ordinal(&exports, exports.ordinal_base + i);
        require(export.kind == PE_EXPORT_NONE || export.rva < image->image_size);
        if (export.kind == PE_EXPORT_FORWARDER) {
            touch_string(export.forwarder);
            pe_split_forwarder(export.forwarder, &forwarder);
        }
    }
    pe_find_export_by_ordinal(&exports, 0);
    pe_find_export_by_ordinal(&exports, UINT32_MAX);
}

static void walk_imports(const struct pe_image *image, struct pe_import_cursor *cursor)
{
    struct pe_import_dll dll;
    struct pe_import import;
    struct pe_error error;
    unsigned steps = 0;
    while (pe_next_import_dll(cursor, &dll, &error) == PE_FOUND && steps++ < STEP_LIMIT) {
        touch_string(dll.name);
        while (pe_next_import(&dll, &import, &error) == PE_FOUND && steps++ < STEP_LIMIT) {
            touch_string(import.name);
            require((uint64_t)import.slot_rva + (image->is_64bit ? 8 : 4) <= image->image_size);
        }
    }
}

static void walk_rest(const struct pe_image *image)
{
    struct pe_tls tls;
    struct pe_load_config config;
    struct litewin_stamp stamp;
    struct pe_error error;
    uint32_t rva, count;
    if (pe_tls(image, &tls, &error) == PE_FOUND) {
        require((uint64_t)tls.template_rva + tls.template_size <= image->image_size);
        for (uint32_t i = 0; i < STEP_LIMIT; i++)
            if (pe_tls_callback(image, &tls, i, &rva, &error) != PE_FOUND)
                break;
    }
    if (pe_load_config(image, &config, &error) == PE_FOUND)
        require(config.cookie_rva < image->image_size);
    if (pe_unwind_table(image, &rva, &count) == PE_FOUND)
        require(rva + (uint64_t)count * 12 <= image->image_size);
    if (pe_stamp(image, &stamp, &error) == PE_FOUND)
        touch_string(stamp.backing);
}

static void walk_relocations(const struct pe_image *image)
{
    struct pe_relocation_cursor cursor;
    struct pe_relocation relocation;
    struct pe_error error;
    pe_relocations_begin(image, &cursor);
    while (pe_next_relocation(&cursor, &relocation, &error) == PE_FOUND)
        ;
}

static void walk(const struct pe_image *image, size_t file_size)
{
    struct pe_import_cursor cursor;
    walk_sections(image, file_size);
    walk_exports(image);
    pe_imports_begin(image, &cursor);
    walk_imports(image, &cursor);
    pe_delay_imports_begin(image, &cursor);
    walk_imports(image, &cursor);
    walk_rest(image);
    walk_relocations(image);
}

/* Every byte of the text must be harmless to a terminal. */
static void dump(const struct pe_image *image)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    require(out != NULL);
    dump_image(out, image);
    fclose(out);
    for (size_t i = 0; i < size; i++)
        require(text[i] == '\n' || (text[i] >= ' ' && text[i] < 0x7f));
    free(text);
}

/* Lays a file out as a loader does, and walks the mapping before and after it is relocated. */
static void map(const struct pe_image *file)
{
    struct pe_image image = *file;
    struct pe_error error;
    if (file->image_size > MAPPING_LIMIT)
        return;
    uint8_t *mapping = calloc(file->image_size, 1);
    require(mapping != NULL);
    memcpy(mapping, file->bytes, file->leading_size);
    for (uint32_t i = 0; i < file->section_count; i++) {
        struct pe_section section;
        pe_section(file, i, &section);
        memcpy(mapping + section.rva, file->bytes + section.file_offset, section.file_size);
    }
    pe_set_mapped(&image, mapping);
    walk(&image, 0);
    pe_apply_relocations(&image, mapping, 0x123450000, &error);
    pe_set_base(&image, image.base + 0x123450000);
    walk_exports(&image);
    walk_rest(&image);
    free(mapping);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pe_image image;
    struct pe_error error;
    if (pe_open(&image, data, size, PE_LAYOUT_MAPPED, &error))
        walk(&image, size);
    if (pe_open_prefix(&image, data, size / 2, size, &error))
        walk(&image, size);
    if (pe_open(&image, data, size, PE_LAYOUT_FILE, &error)) {
        walk(&image, size);
        if (size <= DUMP_SIZE_LIMIT)
            dump(&image);
        map(&image);
    } else {
        require(error.needed == 0);
    }
    return 0;
}
