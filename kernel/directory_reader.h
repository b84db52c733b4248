/* Reads the names in a host directory. */
#ifndef KERNEL_DIRECTORY_READER_H
#define KERNEL_DIRECTORY_READER_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>

struct directory_reader {
    int descriptor;
    int error; /* errno of a failed read */
    char *buffer;
    size_t at, filled;
};

/* False without memory. The descriptor remains the caller's. */
bool directory_reader_open(struct directory_reader *reader, int descriptor);
void directory_reader_close(struct directory_reader *reader);

/* The next entry, "." and ".." included, or NULL. Valid until the next call. */
const struct dirent64 *directory_reader_next(struct directory_reader *reader);

#endif
