#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernel/shared_directory.h"
#include "kernel/status.h"

enum { OPEN_FLAGS = O_RDWR | O_CLOEXEC | O_NOFOLLOW };

struct shared_path {
    char text[PATH_MAX];
};

/* Too long a path stays without its end, and leads nowhere. */
static size_t directory_path(struct shared_path *path)
{
    const char *parent = getenv("LITEWIN_NAMES");
    int length = snprintf(path->text, sizeof path->text, "%s/litewin-%u",
                          parent && *parent ? parent : "/dev/shm", (unsigned)geteuid());
    return min((size_t)length, sizeof path->text - 1);
}

static const char *file_path(enum shared_use use, uint64_t hash, struct shared_path *path)
{
    size_t length = directory_path(path);
    snprintf(path->text + length, sizeof path->text - length, "/%c%016llx", use, (unsigned long long)hash);
    return path->text;
}

/* Locks */

void shared_directory_lock(int descriptor)
{
    while (flock(descriptor, LOCK_EX) && errno == EINTR)
        continue;
}

void shared_directory_unlock(int descriptor)
{
    flock(descriptor, LOCK_UN);
}

bool shared_directory_hold(int descriptor, uint32_t place, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = place, .l_len = 1};
    return !fcntl(descriptor, F_OFD_SETLK, &lock);
}

static bool are_held(int descriptor, uint32_t first, uint32_t count)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = first, .l_len = count};
    return !fcntl(descriptor, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

bool shared_directory_is_held(int descriptor, uint32_t place)
{
    return are_held(descriptor, place, 1);
}

static bool is_abandoned(int descriptor)
{
    return !are_held(descriptor, 0, SHARED_PLACES);
}

/* Removing */

void shared_directory_remove(enum shared_use use, uint64_t hash)
{
    struct shared_path path;
    unlink(file_path(use, hash, &path));
}

static bool is_linked(int descriptor)
{
    struct stat status;
    return !fstat(descriptor, &status) && status.st_nlink;
}

void shared_directory_leave(enum shared_use use, uint64_t hash, int descriptor, uint32_t place, bool wait)
{
    if (wait)
        shared_directory_lock(descriptor);
    else if (flock(descriptor, LOCK_EX | LOCK_NB))
        return;
    shared_directory_hold(descriptor, place, F_UNLCK);
    if (is_abandoned(descriptor) && is_linked(descriptor))
        shared_directory_remove(use, hash);
    shared_directory_unlock(descriptor);
}

/* Whoever makes a file, or takes hold of it, keeps it locked meanwhile. */
static void remove_if_abandoned(int directory, const char *file)
{
    int descriptor = openat(directory, file, OPEN_FLAGS);
    if (descriptor < 0)
        return;
    if (!flock(descriptor, LOCK_EX | LOCK_NB) && is_abandoned(descriptor))
        unlinkat(directory, file, 0);
    close(descriptor);
}

/* What processes have left that were killed; once in a process that makes files. */
static void sweep(const char *path)
{
    static uint32_t done;
    if (__atomic_exchange_n(&done, 1, __ATOMIC_RELAXED))
        return;
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        if (entry->d_name[0] != '.')
            remove_if_abandoned(dirfd(directory), entry->d_name);
    if (directory)
        closedir(directory);
}

/* Opening */

static NTSTATUS check_private(const char *path)
{
    struct stat status;
    if (lstat(path, &status))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    bool private = S_ISDIR(status.st_mode) && status.st_uid == geteuid() && !(status.st_mode & 077);
    return private ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;
}

static NTSTATUS find_directory(bool create)
{
    struct shared_path path;
    directory_path(&path);
    if (create && mkdir(path.text, 0700) && errno != EEXIST)
        return STATUS_OBJECT_PATH_NOT_FOUND;
    NTSTATUS status = check_private(path.text);
    if (!status && create)
        sweep(path.text);
    return status;
}

NTSTATUS shared_directory_find(char path[PATH_MAX])
{
    struct shared_path directory;
    size_t length = directory_path(&directory);
    memcpy(path, directory.text, length + 1);
    return find_directory(true);
}

/* Opens and locks the file that the path leads to; one that was removed meanwhile is as good as none. */
static int open_linked(const char *path, bool create, bool *is_new)
{
    for (;;) {
        struct stat status;
        int descriptor = open(path, OPEN_FLAGS | (create ? O_CREAT : 0), 0600);
        if (descriptor < 0)
            return -1;
        shared_directory_lock(descriptor);
        if (!fstat(descriptor, &status) && status.st_nlink) {
            *is_new = status.st_size == 0;
            return descriptor;
        }
        close(descriptor);
    }
}

NTSTATUS shared_directory_open(enum shared_use use, uint64_t hash, bool create, int *result, bool *is_new)
{
    struct shared_path path;
    NTSTATUS status = find_directory(create);
    if (status)
        return status;
    file_path(use, hash, &path);
    for (;;) {
        int descriptor = open_linked(path.text, create, is_new);
        if (descriptor < 0)
            return status_from_errno(errno);
        *result = descriptor;
        if (!is_abandoned(descriptor)) {
            *is_new = false;
            return STATUS_SUCCESS;
        }
        if (create && *is_new)
            return STATUS_SUCCESS;
        bool removed = !unlink(path.text) || errno == ENOENT;
        close(descriptor);
        if (!create || !removed)
            return create ? STATUS_ACCESS_DENIED : STATUS_OBJECT_NAME_NOT_FOUND;
    }
}

/* All files */

/* False to stop. */
static bool visit_file(int directory, const char *file, bool (*visit)(int, void *), void *context)
{
    int descriptor = openat(directory, file, OPEN_FLAGS);
    if (descriptor < 0)
        return true;
    bool more = is_abandoned(descriptor) || visit(descriptor, context);
    close(descriptor);
    return more;
}

void shared_directory_for_each(enum shared_use use, bool (*visit)(int, void *), void *context)
{
    struct shared_path path;
    directory_path(&path);
    DIR *directory = check_private(path.text) ? NULL : opendir(path.text);
    if (!directory)
        return;
    struct dirent *entry;
    while ((entry = readdir(directory)))
        if (entry->d_name[0] == (char)use && !visit_file(dirfd(directory), entry->d_name, visit, context))
            break;
    closedir(directory);
}
