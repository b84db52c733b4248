/* What the files of the PE reader share. Its users include loader/pe.h. */
#ifndef LITEWIN_LOADER_PE_INTERNAL_H
#define LITEWIN_LOADER_PE_INTERNAL_H

#include "loader/pe.h"
#include <string.h>

void pe_set_error(struct pe_error *error, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4), cold));

/* To be returned: pe_fail(error, offset, format, ...) fills in the error and is false, or PE_BAD. */
#define pe_fail(...) (pe_set_error(__VA_ARGS__), false)
#define pe_bad(...)  (pe_set_error(__VA_ARGS__), PE_BAD)

/* Images may place anything at odd addresses, so values are copied out and never pointed at. */
static inline uint16_t pe_load16(const void *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint32_t pe_load32(const void *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint64_t pe_load64(const void *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* Copies `size` bytes from an RVA; false unless all are there. */
static inline bool pe_read(const struct pe_image *image, uint32_t rva, void *to, size_t size)
{
    const void *from = pe_at(image, rva, size);
    if (from)
        memcpy(to, from, size);
    return from != NULL;
}

/* An address or table entry of the image's own width. */
static inline bool pe_read_pointer(const struct pe_image *image, uint32_t rva, uint64_t *value)
{
    *value = 0;
    return pe_read(image, rva, value, image->is_64bit ? 8 : 4);
}

static inline uint32_t pe_pointer_size(const struct pe_image *image)
{
    return image->is_64bit ? 8 : 4;
}

/* Whether `size` bytes at `rva` belong to the image, be they in the file or not. */
static inline bool pe_in_image(const struct pe_image *image, uint32_t rva, uint64_t size)
{
    return rva <= image->image_size && size <= image->image_size - rva;
}

#endif
