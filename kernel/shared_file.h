/* Objects that several processes use: the file in memory that one lies in.
 *
 * Its first page tells what the object is and holds its state; behind that is its name. One without a name is
 * a memfd, one with a name has a file of kernel/shared_directory.h, which each process that has the name
 * holds. Both architectures use the page: it has fields of 4 and 8 bytes, and no addresses. */
#ifndef KERNEL_SHARED_FILE_H
#define KERNEL_SHARED_FILE_H

#include <litewin/windows.h>

enum shared_kind { SHARED_SECTION = 1, SHARED_EVENT, SHARED_SEMAPHORE, SHARED_MUTEX };

enum { SHARED_WORDS = 1018 };

struct shared_page {
    uint32_t version, kind;
    uint64_t hash __attribute__((aligned(8)));
    uint32_t name_length;                                     /* units; 0: there is no name */
    uint32_t global;                                          /* the name's directory */
    uint32_t words[SHARED_WORDS] __attribute__((aligned(8))); /* the kind's own; 0 at first */
};
_Static_assert(sizeof(struct shared_page) == 4096, "one page");

struct shared_file {
    int descriptor;
    int contents; /* what the object lies over, for a kind that has such: not the file's. Else -1 */
    struct shared_page *page;
};

/* A name without its namespace's prefix. */
struct shared_name {
    const WCHAR *characters;
    size_t length;
    bool global;
};

/* One without a name. */
NTSTATUS shared_file_create(enum shared_kind kind, struct shared_file *file);
/* Opens the file of a name, of whatever kind the page says, and holds it; with `create`, makes it if there is
 * none, and `*is_new` is true. Until shared_file_unlock, nobody else can open that name. The statuses are
 * shared_directory_open's, and STATUS_OBJECT_NAME_COLLISION for what is none of this litewin's. */
NTSTATUS shared_file_open(const struct shared_name *name, bool create, enum shared_kind kind,
                          struct shared_file *file, bool *is_new);
void shared_file_unlock(const struct shared_file *file);

/* A descriptor for another process, which holds the name as this one does; -1 where there can be none. */
int shared_file_give(const struct shared_file *file);
/* The file behind a descriptor that another process gave, which stays the caller's. STATUS_INVALID_HANDLE
 * where it is no such file, STATUS_OBJECT_TYPE_MISMATCH for another kind. */
NTSTATUS shared_file_adopt(int descriptor, enum shared_kind kind, struct shared_file *file);
/* Maps the page of a file whose descriptor is known. */
NTSTATUS shared_file_map(struct shared_file *file);
/* The name's units, `page->name_length` of them. */
bool shared_file_read_name(const struct shared_file *file, size_t length, WCHAR *characters);

/* Under the lock: nobody finds the name's file any more, though somebody may still have it. */
void shared_file_remove(const struct shared_file *file);

/* This process has the name no longer; the page stays. A name that nobody holds is gone. A process that ends
 * does not wait for those who look for the name just now. */
void shared_file_leave(const struct shared_file *file, bool wait);
void shared_file_release(struct shared_file *file);
/* Both, with waiting. */
void shared_file_close(struct shared_file *file);

#endif
