/* Enumeration of directories, in the order that NTFS has: "." and "..", then by upper-cased name. */
#ifndef KERNEL_DIRECTORY_H
#define KERNEL_DIRECTORY_H

#include "kernel/file.h"

struct directory_search;

/* Valid until the next call on the search. */
struct directory_entry {
    const WCHAR *name; /* of `name_length` units, not terminated */
    size_t name_length;
    const char *host_name;
};

/* Reads the names that match an NT pattern (kernel/wildcard.h); an empty one matches all. They are those
 * of this moment: files may come and go during the search. `descriptor` is of a directory, and must
 * remain open and in nobody else's use for as long as the search lasts. A root directory has no "."
 * and "..". */
EXPORTED NTSTATUS directory_search_open(int descriptor, const WCHAR *pattern, size_t length, bool root,
                                        struct directory_search **search);
EXPORTED void directory_search_close(struct directory_search *search);

/* The next entry, or false at the end. */
EXPORTED bool directory_search_next(struct directory_search *search, struct directory_entry *entry);
/* Makes the last entry come once more, because there was no room for it. */
EXPORTED void directory_search_back(struct directory_search *search);

/* What there is to know of an entry. STATUS_OBJECT_NAME_NOT_FOUND if it has gone since. */
EXPORTED NTSTATUS directory_search_query(struct directory_search *search, const struct directory_entry *entry,
                                         struct file_information *information);

#endif
