/* Searching the names of pipes as if they were files in a directory. */
#include <stdlib.h>
#include "dlls/kernel32/find_pipe.h"
#include "kernel/pipe_name.h"
#include "kernel/utf.h"
#include "kernel/wildcard.h"

struct found_pipes {
    const WCHAR *pattern; /* while names are collected */
    size_t pattern_length;
    size_t count, capacity, next;
    bool failed;
    WIN32_FIND_DATAW *entries;
};

/* A pipe's size is how many instances it has. */
static bool add_if_matching(const WCHAR *name, size_t length, ULONG instances, void *context)
{
    struct found_pipes *found = context;
    if (!wildcard_match(found->pattern, found->pattern_length, name, length))
        return true;
    if (found->count == found->capacity) {
        size_t capacity = found->capacity ? 2 * found->capacity : 16;
        void *entries = realloc(found->entries, capacity * sizeof *found->entries);
        found->failed = !entries;
        if (!entries)
            return false;
        found->entries = entries;
        found->capacity = capacity;
    }
    WIN32_FIND_DATAW *data = &found->entries[found->count++];
    *data = (WIN32_FIND_DATAW){.dwFileAttributes = FILE_ATTRIBUTE_NORMAL, .nFileSizeLow = instances};
    memcpy(data->cFileName, name, length * sizeof *name);
    return true;
}

NTSTATUS find_pipes_open(const char *text, struct found_pipes **result)
{
    WCHAR pattern[PIPE_NAME_UNITS];
    size_t length = utf16_from_utf8(pattern, PIPE_NAME_UNITS, text, strlen(text), UTF_REPLACE);
    if (length > PIPE_NAME_UNITS)
        return STATUS_OBJECT_NAME_INVALID;
    struct found_pipes *found = calloc(1, sizeof *found);
    if (!found)
        return STATUS_NO_MEMORY;
    found->pattern = pattern;
    found->pattern_length = wildcard_from_win32(pattern, length);
    pipe_name_for_each(add_if_matching, found);
    if (found->failed) {
        find_pipes_close(found);
        return STATUS_NO_MEMORY;
    }
    *result = found;
    return STATUS_SUCCESS;
}

bool find_pipes_next(struct found_pipes *found, WIN32_FIND_DATAW *data)
{
    if (found->next == found->count)
        return false;
    *data = found->entries[found->next++];
    return true;
}

void find_pipes_close(struct found_pipes *found)
{
    free(found->entries);
    free(found);
}
