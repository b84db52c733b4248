/* Where the registry is kept: files that are journals. Each process reads them when it first needs the
 * registry, and then what others have added; what it changes itself it adds to a file, and reads it like the
 * rest.
 *
 *     lib/litewin/registry.reg                     what every Windows has; only read
 *     $LITEWIN_REGISTRY, or ~/.local/share/litewin/registry.reg    what the user's programs have changed
 *     /dev/shm/litewin-UID/.registry-HASH          their volatile keys */
#ifndef KERNEL_REGISTRY_STORE_H
#define KERNEL_REGISTRY_STORE_H

#include "kernel/lock.h"
#include "kernel/registry_text.h"
#include "kernel/registry_tree.h"

/* Of everything here and of the keys in memory. Nothing of the program's memory may be touched under it. */
extern struct lock registry_lock;

/* Under the lock: brings the keys in memory up to date; `*root` is \Registry. */
NTSTATUS registry_refresh(struct registry_key **root);

/* What adds to the files: between begin and end, no other process does, and the keys are up to date. */
struct registry_change {
    int descriptor; /* of the user's file, which is locked */
};
NTSTATUS registry_begin_change(struct registry_change *change, struct registry_key **root);
/* Adds lines, which are about `key` if that is not NULL, to the user's file or that of volatile keys, and
 * does what they say. */
NTSTATUS registry_append(struct registry_change *change, bool is_volatile, const struct registry_key *key,
                         const struct registry_bytes *lines);
/* Waits until what is in the user's file is on the disk. */
NTSTATUS registry_sync(const struct registry_change *change);
void registry_end_change(struct registry_change *change);

/* Linux's name of the user's file; NULL: there is no place for one. Takes no lock. */
const char *registry_user_path(void);

#endif
