/* Sections: memory that is mapped from a file, or shared through no file at all ("page file"). */
#ifndef KERNEL_SECTION_H
#define KERNEL_SECTION_H

#include "kernel/named.h"

struct file;

/* `protect` is the most that a view may do, PAGE_READONLY to PAGE_EXECUTE_WRITECOPY; `attributes` are
 * SEC_COMMIT, SEC_RESERVE or SEC_IMAGE, with SEC_NOCACHE or SEC_WRITECOMBINE. Without a file, a size is due.
 * With one, a size of 0 is the file's, and a writable file grows to the size. The section holds on to the
 * file. */
EXPORTED NTSTATUS section_create(const struct object_request *request, struct file *file, uint64_t size,
                                 DWORD protect, DWORD attributes, HANDLE *handle);
EXPORTED NTSTATUS section_open(const struct object_request *request, HANDLE *handle);

struct section_view {
    void *address;   /* in: where, or NULL; out */
    SIZE_T size;     /* in: 0 for all behind the offset; out: whole pages */
    uint64_t offset; /* a multiple of VM_GRANULARITY */
    DWORD type;      /* MEM_TOP_DOWN, MEM_REPLACE_PLACEHOLDER */
    DWORD protect;
    const struct vm_requirements *requirements; /* where to put it; or NULL */
};

/* The section, retained: the handle must grant what the view is to be able to do. */
NTSTATUS section_reference(HANDLE handle, const struct section_view *view, struct object **section);
NTSTATUS section_map(struct object *section, struct section_view *view);

/* What another process needs to have the same section. */
struct section_contents {
    int descriptor;
    uint64_t size;
    DWORD protect, attributes; /* SEC_FILE among them for a file's */
};
/* The descriptor stays the section's. */
void section_export(const struct object *section, struct section_contents *contents);
/* A section without a name, which owns the descriptor. */
NTSTATUS section_import(const struct section_contents *contents, struct object **section);

/* SECTION_IMAGE_INFORMATION, which MinGW-w64's headers lack. */
struct section_image_information {
    void *entry_point;
    ULONG zero_bits;
    SIZE_T stack_reserve, stack_commit;
    ULONG subsystem;
    USHORT subsystem_minor, subsystem_major;
    USHORT system_major, system_minor;
    USHORT characteristics, dll_characteristics;
    USHORT machine;
    BOOLEAN contains_code;
    UCHAR flags;
    ULONG loader_flags;
    ULONG file_size;
    ULONG checksum;
};

/* Makes what is told of a 64-bit image what 64-bit Windows tells a 32-bit program, whose structure has no
 * room for it. */
void section_image_narrow(struct section_image_information *information);

struct section_information {
    uint64_t size;
    DWORD attributes;
    struct section_image_information image; /* of SEC_IMAGE */
};
EXPORTED NTSTATUS section_query(HANDLE section, struct section_information *information);

/* The file of a view's owner (vm_view_owner), not retained; NULL for memory without a file. */
EXPORTED struct file *section_file(const struct object *object);

/* What PE files are is the loader's knowledge, which registers it here. */
struct section_images {
    /* STATUS_INVALID_IMAGE_FORMAT and kin if the file is no image; else its facts and its size in memory. */
    NTSTATUS (*check)(int file, struct section_image_information *information, uint64_t *size);
    /* Maps it, at its own address if *address is NULL and that is free. */
    NTSTATUS (*map)(int file, void **address, size_t *size);
    /* The same facts of this process's program, where it lies. */
    void (*describe_program)(struct section_image_information *information);
};
void section_set_images(const struct section_images *functions);
void section_describe_program(struct section_image_information *information);

EXPORTED extern const struct object_type section_type;

#endif
