#include "kernel/directory_reader.h"
#include <errno.h>
#include <stdlib.h>

/* Large enough that most directories take one call to read and one to see the end. */
#define BUFFER_SIZE 32768

bool directory_reader_open(struct directory_reader *reader, int descriptor)
{
    *reader = (struct directory_reader){.descriptor = descriptor, .buffer = malloc(BUFFER_SIZE)};
    return reader->buffer != NULL;
}

void directory_reader_close(struct directory_reader *reader)
{
    free(reader->buffer);
}

const struct dirent64 *directory_reader_next(struct directory_reader *reader)
{
    if (reader->at == reader->filled) {
        ssize_t size = getdents64(reader->descriptor, reader->buffer, BUFFER_SIZE);
        if (size <= 0) {
            reader->error = size < 0 ? errno : 0;
            return NULL;
        }
        reader->at = 0;
        reader->filled = size;
    }
    const struct dirent64 *entry = (const struct dirent64 *)(reader->buffer + reader->at);
    reader->at += entry->d_reclen;
    return entry;
}
