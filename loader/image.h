/* Puts PE files into memory. */
#ifndef LOADER_IMAGE_H
#define LOADER_IMAGE_H

#include <sys/stat.h>
#include "loader/module.h"

#ifdef __x86_64__
#define HOST_MACHINE IMAGE_FILE_MACHINE_AMD64
#else
#define HOST_MACHINE IMAGE_FILE_MACHINE_I386
#endif

/* An open file whose headers have been read and found good; sections are checked, not yet in memory. */
struct image_file {
    int fd;
    struct stat status;
    struct pe_image image; /* reads the headers from one of the next two */
    uint8_t start[4096];
    uint8_t *longer_headers; /* NULL unless they are longer than `start` */
};

/* STATUS_OBJECT_NAME_NOT_FOUND and kin if the file cannot be opened, STATUS_INVALID_IMAGE_FORMAT and kin with
 * a reason if it is no image. STATUS_SHARING_VIOLATION if the program itself is writing to it. */
NTSTATUS image_open(const char *host_path, struct image_file *file, struct load_failure *failure);
/* The same for what is only to be looked at, whoever writes to it. */
NTSTATUS image_open_data(const char *host_path, struct image_file *file, struct load_failure *failure);
/* The same for a file that somebody else has open, and closes. */
NTSTATUS image_read(int fd, struct image_file *file, struct load_failure *failure);
void image_close(struct image_file *file);

/* False for an image that is not made for the .NET runtime. */
bool image_read_managed(const struct image_file *file, struct pe_managed *managed);

struct image_place {
    void *address;    /* NULL: at its preferred base, or where there is room */
    bool unrelocated; /* one that cannot be relocated may lie anywhere: nothing of it will run */
};

/* Maps the image, writable throughout, at its preferred base or relocated, and fills in the module's
 * image, exports and loader entry. `place` may be NULL. */
NTSTATUS image_map(const struct image_file *file, const struct image_place *place, struct module *module,
                   struct load_failure *failure);

/* Gives code that was compiled with /GS a cookie of its own. */
void image_set_security_cookie(struct module *module);

/* After imports have been written: every section gets the protection it asks for. */
NTSTATUS image_protect(struct module *module);

void image_unmap(struct module *module);

#endif
