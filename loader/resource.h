/* The resource section of an image: a tree of types, names and languages, with data at its leaves. */
#ifndef LOADER_RESOURCE_H
#define LOADER_RESOURCE_H

#include <litewin/windows.h>
#include "loader/pe.h"

/* One directory of the tree. */
struct resource_directory {
    const struct pe_image *image;
    uint32_t offset, count;
};

struct resource_entry {
    const WCHAR *name; /* `length` units, not terminated and not aligned; NULL: it has a number */
    uint16_t length;
    uint16_t number;
    bool is_directory;
    uint32_t offset;
};

/* The image behind a handle of LoadLibrary's, data files included; NULL is the program. */
EXPORTED NTSTATUS resource_image(HMODULE module, struct pe_image *image);

/* The image in the bytes of a file. STATUS_INVALID_IMAGE_FORMAT if they are none. */
EXPORTED NTSTATUS resource_image_of_file(const void *bytes, size_t size, struct pe_image *image);

/* STATUS_RESOURCE_DATA_NOT_FOUND where the image has no resources, or damaged ones. */
EXPORTED NTSTATUS resource_root(const struct pe_image *image, struct resource_directory *directory);
EXPORTED bool resource_open(const struct resource_entry *entry, const struct pe_image *image,
                            struct resource_directory *directory);
/* False for a damaged entry. `index` is below the directory's count. */
EXPORTED bool resource_entry(const struct resource_directory *directory, uint32_t index,
                             struct resource_entry *entry);
/* `name` is a string or, as a pointer, a number below 65536; "#123" is a number, too. */
EXPORTED bool resource_find(const struct resource_directory *directory, const WCHAR *name,
                            struct resource_entry *entry);
/* A leaf; NULL if it is damaged. */
EXPORTED const IMAGE_RESOURCE_DATA_ENTRY *resource_leaf(const struct pe_image *image,
                                                        const struct resource_entry *entry);
/* What a leaf of that image stands for; NULL if it is not there. */
EXPORTED const void *resource_data(const struct pe_image *image, const IMAGE_RESOURCE_DATA_ENTRY *leaf);

#endif
