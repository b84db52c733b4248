/* What the processes of a user find by name: small files in memory, in a directory that is nobody else's:
 * litewin-UID in /dev/shm, or in what the environment variable LITEWIN_NAMES says.
 *
 * A file counts for as long as somebody holds a byte of it. The kernel's locks tell, and go with a process
 * however it ends, so that what a killed one leaves behind is as good as nothing. */
#ifndef KERNEL_SHARED_DIRECTORY_H
#define KERNEL_SHARED_DIRECTORY_H

#include <litewin/windows.h>

/* The first letter of a file's name; the rest is the hash of what it stands for. */
enum shared_use { SHARED_PIPES = 'p', SHARED_OBJECTS = 'o' };

/* How many bytes there are to be held. */
#define SHARED_PLACES 1024

/* Opens a file that somebody holds, and locks it. With `create`, one that nobody holds is made anew: it is
 * empty, and has to be held before it is unlocked. STATUS_OBJECT_NAME_NOT_FOUND; STATUS_ACCESS_DENIED where
 * the directory is not private; STATUS_OBJECT_PATH_NOT_FOUND where there can be none. */
NTSTATUS shared_directory_open(enum shared_use use, uint64_t hash, bool create, int *descriptor,
                               bool *is_new);
/* Where the directory is, which is made, for a file that lasts until the machine is restarted: its name has
 * to begin with a dot. */
NTSTATUS shared_directory_find(char path[PATH_MAX]);
/* One lock, for all descriptors that were opened by themselves. It outlives a descriptor whose file is still
 * mapped. */
void shared_directory_lock(int descriptor);
void shared_directory_unlock(int descriptor);

/* Holds a byte, alone (F_WRLCK) or with others (F_RDLCK), or lets go of it (F_UNLCK). A hold belongs to all
 * duplicates of the descriptor. */
bool shared_directory_hold(int descriptor, uint32_t place, short type);
/* Whether anybody else holds the byte. */
bool shared_directory_is_held(int descriptor, uint32_t place);

/* Lets go of the byte, and removes the file if nobody holds it any more. One who does not wait leaves that to
 * whoever has the lock. */
void shared_directory_leave(enum shared_use use, uint64_t hash, int descriptor, uint32_t place, bool wait);
/* Under the lock. */
void shared_directory_remove(enum shared_use use, uint64_t hash);

/* Calls `visit` for every file that somebody holds, until it returns false. */
void shared_directory_for_each(enum shared_use use, bool (*visit)(int descriptor, void *context),
                               void *context);

#endif
