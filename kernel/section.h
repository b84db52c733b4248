/* Sections: memory that is mapped from a file, or shared through no file at all ("page file"). */
#ifndef KERNEL_SECTION_H
#define KERNEL_SECTION_H

#include "kernel/named.h"

struct file;

/* `protect` is the most that a view may do, PAGE_READONLY to PAGE_EXECUTE_WRITECOPY; `attributes` are
 * SEC_COMMIT or SEC_RESERVE. Without a file, a size is due. With one, a size of 0 is the file's, and a
 * writable file grows to the size. The section holds on to the file. */
EXPORTED NTSTATUS section_create(const struct object_request *request, struct file *file, uint64_t size,
                                 DWORD protect, DWORD attributes, HANDLE *handle);
EXPORTED NTSTATUS section_open(const struct object_request *request, HANDLE *handle);

struct section_view {
    void *address;   /* in: where, or NULL; out */
    SIZE_T size;     /* in: 0 for all behind the offset; out: whole pages */
    uint64_t offset; /* a multiple of VM_GRANULARITY */
    DWORD type;      /* MEM_TOP_DOWN, MEM_RESERVE */
    DWORD protect;
};

/* The handle must grant what the view is to be able to do. */
EXPORTED NTSTATUS section_map(HANDLE section, struct section_view *view);
EXPORTED NTSTATUS section_query(HANDLE section, uint64_t *size, DWORD *attributes);

EXPORTED extern const struct object_type section_type;

#endif
