/* The base relocations of a PE image. */
#include <litewin/windows.h>
#include "loader/pe.h"
#include "loader/pe_internal.h"

/* An entry's offset in its page has 12 bits, and the widest value 8 bytes. */
#define BLOCK_SPAN (PE_PAGE_SIZE + sizeof(uint64_t) - 1)

static uint32_t entry_type(uint16_t entry)
{
    return entry >> 12;
}

static uint32_t entry_offset(uint16_t entry)
{
    return entry & (PE_PAGE_SIZE - 1);
}

#define BAD_TYPE UINT32_MAX

/* How many bytes a relocation of this type changes; BAD_TYPE if litewin's machines have none such. */
static uint32_t type_size(uint32_t type)
{
    switch (type) {
    case IMAGE_REL_BASED_ABSOLUTE:
        return 0;
    case IMAGE_REL_BASED_HIGH:
    case IMAGE_REL_BASED_LOW:
    case IMAGE_REL_BASED_HIGHADJ:
        return sizeof(uint16_t);
    case IMAGE_REL_BASED_HIGHLOW:
        return sizeof(uint32_t);
    case IMAGE_REL_BASED_DIR64:
        return sizeof(uint64_t);
    }
    return BAD_TYPE;
}

bool pe_is_relocatable(const struct pe_image *image)
{
    return !(image->characteristics & IMAGE_FILE_RELOCS_STRIPPED);
}

void pe_relocations_begin(const struct pe_image *image, struct pe_relocation_cursor *cursor)
{
    const struct pe_directory *directory = &image->directories[IMAGE_DIRECTORY_ENTRY_BASERELOC];
    *cursor = (struct pe_relocation_cursor){.image = image};
    if (directory->rva != 0) {
        cursor->rva = directory->rva;
        cursor->end = directory->rva + directory->size;
    }
}

/* Enters the next block that has entries. A block of size 0 ends the directory early: some linkers
 * stop that way. */
static enum pe_result next_block(struct pe_relocation_cursor *cursor, struct pe_error *error)
{
    while (cursor->end - cursor->rva >= sizeof(IMAGE_BASE_RELOCATION)) {
        IMAGE_BASE_RELOCATION header;
        if (!pe_read(cursor->image, cursor->rva, &header, sizeof header))
            return pe_bad(error, cursor->rva, "bad relocations: a block is not in the image");
        if (header.SizeOfBlock == 0)
            return PE_NONE;
        if (header.SizeOfBlock < sizeof header || header.SizeOfBlock > cursor->end - cursor->rva)
            return pe_bad(error, cursor->rva, "bad relocations: a block has 0x%x bytes, 0x%x are left",
                          (unsigned)header.SizeOfBlock, (unsigned)(cursor->end - cursor->rva));
        const uint8_t *block = pe_at(cursor->image, cursor->rva, header.SizeOfBlock);
        if (!block)
            return pe_bad(error, cursor->rva, "bad relocations: a block is not in the image");
        cursor->page = header.VirtualAddress;
        cursor->entry = block + sizeof header;
        cursor->entries_left = (uint32_t)((header.SizeOfBlock - sizeof header) / sizeof(uint16_t));
        cursor->rva += header.SizeOfBlock;
        if (cursor->entries_left != 0)
            return PE_FOUND;
    }
    return PE_NONE;
}

static uint16_t take_entry(struct pe_relocation_cursor *cursor)
{
    uint16_t entry = pe_load16(cursor->entry);
    cursor->entry += sizeof entry;
    cursor->entries_left--;
    return entry;
}

/* The next relocation of the current block, which has at least one more. */
static enum pe_result next_in_block(struct pe_relocation_cursor *cursor, struct pe_relocation *relocation,
                                    struct pe_error *error)
{
    uint16_t entry = take_entry(cursor);
    uint64_t rva = (uint64_t)cursor->page + entry_offset(entry);
    uint32_t size = type_size(entry_type(entry));
    if (size == BAD_TYPE)
        return pe_bad(error, rva, "bad relocations: type %u at 0x%" PRIx64 " is none of this machine's",
                      (unsigned)entry_type(entry), rva);
    if (size != 0 && (rva > UINT32_MAX || !pe_in_image(cursor->image, (uint32_t)rva, size)))
        return pe_bad(error, rva, "bad relocations: the place 0x%" PRIx64 " is not in the image", rva);
    *relocation = (struct pe_relocation){.rva = (uint32_t)rva, .type = (uint8_t)entry_type(entry)};
    if (relocation->type == IMAGE_REL_BASED_HIGHADJ) {
        if (cursor->entries_left == 0)
            return pe_bad(error, rva, "bad relocations: the one at 0x%" PRIx64 " lacks its second half", rva);
        relocation->parameter = take_entry(cursor);
    }
    return PE_FOUND;
}

enum pe_result pe_next_relocation(struct pe_relocation_cursor *cursor, struct pe_relocation *relocation,
                                  struct pe_error *error)
{
    if (cursor->entries_left == 0) {
        enum pe_result result = next_block(cursor, error);
        if (result != PE_FOUND)
            return result;
    }
    return next_in_block(cursor, relocation, error);
}

/* Applying */

static void store16(uint8_t *at, uint16_t value)
{
    memcpy(at, &value, sizeof value);
}

static void add32(uint8_t *at, uint32_t delta)
{
    uint32_t value = pe_load32(at) + delta;
    memcpy(at, &value, sizeof value);
}

static void add64(uint8_t *at, uint64_t delta)
{
    uint64_t value = pe_load64(at) + delta;
    memcpy(at, &value, sizeof value);
}

static void apply_rare(uint8_t *at, const struct pe_relocation *relocation, uint32_t delta)
{
    uint32_t high = (uint32_t)pe_load16(at) << 16;
    switch (relocation->type) {
    case IMAGE_REL_BASED_HIGH:
        store16(at, (uint16_t)((high + delta) >> 16));
        break;
    case IMAGE_REL_BASED_LOW:
        store16(at, (uint16_t)(pe_load16(at) + delta));
        break;
    case IMAGE_REL_BASED_HIGHADJ:
        /* The low half is added as a signed number, so the high half is rounded. */
        store16(at, (uint16_t)((high + (uint32_t)(int16_t)relocation->parameter + delta + 0x8000) >> 16));
        break;
    }
}

/* Any block, one relocation after another, each checked. */
static bool apply_checked(struct pe_relocation_cursor *cursor, uint8_t *mapping, uint64_t delta,
                          struct pe_error *error)
{
    while (cursor->entries_left != 0) {
        struct pe_relocation relocation;
        if (next_in_block(cursor, &relocation, error) != PE_FOUND)
            return false;
        uint8_t *at = mapping + relocation.rva;
        if (relocation.type == IMAGE_REL_BASED_HIGHLOW)
            add32(at, (uint32_t)delta);
        else if (relocation.type == IMAGE_REL_BASED_DIR64)
            add64(at, delta);
        else if (relocation.type != IMAGE_REL_BASED_ABSOLUTE)
            apply_rare(at, &relocation, (uint32_t)delta);
    }
    return true;
}

/* A block none of whose offsets can leave the image. Stops at the first entry that is not of the two
 * types which all of today's linkers make. */
static void apply_common(struct pe_relocation_cursor *cursor, uint8_t *mapping, uint64_t delta)
{
    uint8_t *page = mapping + cursor->page;
    const uint8_t *entry = cursor->entry, *end = entry + cursor->entries_left * sizeof(uint16_t);
    for (; entry < end; entry += sizeof(uint16_t)) {
        uint16_t value = pe_load16(entry);
        if (entry_type(value) == IMAGE_REL_BASED_DIR64)
            add64(page + entry_offset(value), delta);
        else if (entry_type(value) == IMAGE_REL_BASED_HIGHLOW)
            add32(page + entry_offset(value), (uint32_t)delta);
        else
            break;
    }
    cursor->entry = entry;
    cursor->entries_left = (uint32_t)((size_t)(end - entry) / sizeof(uint16_t));
}

bool pe_apply_relocations(const struct pe_image *image, void *mapping, uint64_t delta, struct pe_error *error)
{
    struct pe_relocation_cursor cursor;
    enum pe_result result;
    if (delta == 0)
        return true;
    pe_relocations_begin(image, &cursor);
    while ((result = next_block(&cursor, error)) == PE_FOUND) {
        if (pe_in_image(image, cursor.page, BLOCK_SPAN))
            apply_common(&cursor, mapping, delta);
        if (!apply_checked(&cursor, mapping, delta, error))
            return false;
    }
    return result == PE_NONE;
}
