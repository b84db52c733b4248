/* Locks on ranges of bytes. Windows' are mandatory: other objects can neither read nor write what is
 * locked. That holds within the process. Towards other processes a lock of the open file description
 * stands for it, so that programs that lock by agreement (databases, build tools) meet each other. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include "kernel/file_internal.h"
#include "kernel/io_request.h"
#include "kernel/status.h"

struct range_lock {
    struct range_lock *next;
    struct file *file;
    uint64_t first;
    uint64_t length; /* a lock on no bytes stands in nobody's way */
    bool exclusive;
};

static struct range_lock *range_locks;
static pthread_mutex_t range_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t range_released = PTHREAD_COND_INITIALIZER;

static bool same_file(const struct file *a, const struct file *b)
{
    return a->inode == b->inode && a->device == b->device;
}

/* Ends are inclusive, so that a range may reach the end of all offsets. */
static bool overlaps(const struct range_lock *lock, uint64_t first, uint64_t last)
{
    return lock->length && lock->first <= last && first <= lock->first + lock->length - 1;
}

/* Under the lock: what stands in the way of locking the range. */
static bool is_taken(const struct file *file, uint64_t first, uint64_t last, bool exclusive)
{
    for (const struct range_lock *lock = range_locks; lock; lock = lock->next)
        if (same_file(lock->file, file) && overlaps(lock, first, last) &&
            (exclusive || (lock->exclusive && lock->file != file)))
            return true;
    return false;
}

/* Linux counts offsets in 63 bits. What lies beyond them is locked within the process only. */
static int lock_for_others(struct file *file, uint64_t first, uint64_t last, short type, bool wait)
{
    if (first > INT64_MAX)
        return 0;
    struct flock lock = {
        .l_type = type,
        .l_whence = SEEK_SET,
        .l_start = first,
        .l_len = last >= INT64_MAX ? 0 : last - first + 1,
    };
    int result;
    do {
        result = fcntl(file->descriptor, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
    } while (result < 0 && errno == EINTR);
    /* An exclusive lock needs a descriptor that can write, a shared one that can read; Windows asks
     * for either. And not every file system has locks. */
    if (result < 0 && errno == EBADF && type == F_WRLCK)
        return lock_for_others(file, first, last, F_RDLCK, wait);
    return result < 0 && (errno == EBADF || errno == ENOLCK || errno == EINVAL || errno == EOPNOTSUPP)
               ? 0
               : result;
}

NTSTATUS file_lock(struct file *file, uint64_t offset, uint64_t length, bool exclusive, bool wait)
{
    uint64_t last = offset + length - 1;
    if (length && last < offset)
        return STATUS_INVALID_LOCK_RANGE;
    struct range_lock *lock = malloc(sizeof *lock);
    if (!lock)
        return STATUS_NO_MEMORY;
    *lock = (struct range_lock){.file = file, .first = offset, .length = length, .exclusive = exclusive};
    NTSTATUS status = STATUS_SUCCESS;
    pthread_mutex_lock(&range_lock);
    /* A range of no bytes is there only to be unlocked. */
    while (length && is_taken(file, offset, last, exclusive)) {
        if (!wait) {
            status = STATUS_LOCK_NOT_GRANTED;
            break;
        }
        pthread_cond_wait(&range_released, &range_lock);
    }
    if (!status) {
        lock->next = range_locks;
        __atomic_store_n(&range_locks, lock, __ATOMIC_RELEASE);
        file->has_locks = true;
    }
    pthread_mutex_unlock(&range_lock);
    if (!status && length && lock_for_others(file, offset, last, exclusive ? F_WRLCK : F_RDLCK, wait)) {
        file_unlock(file, offset, length);
        return STATUS_LOCK_NOT_GRANTED;
    }
    if (status)
        free(lock);
    return status;
}

/* Under the lock: whether another lock of the same object still covers part of the range. */
static bool still_locked(const struct file *file, uint64_t first, uint64_t last)
{
    for (const struct range_lock *lock = range_locks; lock; lock = lock->next)
        if (lock->file == file && overlaps(lock, first, last))
            return true;
    return false;
}

/* Of a shared and an exclusive lock on the same range, the exclusive one goes first. */
static struct range_lock **find_lock(const struct file *file, uint64_t first, uint64_t length)
{
    struct range_lock **found = NULL;
    for (struct range_lock **at = &range_locks; *at; at = &(*at)->next)
        if ((*at)->file == file && (*at)->first == first && (*at)->length == length &&
            (!found || (*at)->exclusive))
            found = at;
    return found;
}

NTSTATUS file_unlock(struct file *file, uint64_t offset, uint64_t length)
{
    uint64_t last = offset + length - 1;
    if (length && last < offset)
        return STATUS_INVALID_LOCK_RANGE;
    pthread_mutex_lock(&range_lock);
    struct range_lock **at = find_lock(file, offset, length), *lock = at ? *at : NULL;
    if (lock) {
        *at = lock->next;
        if (length && !still_locked(file, offset, last))
            lock_for_others(file, offset, last, F_UNLCK, false);
        pthread_cond_broadcast(&range_released);
    }
    pthread_mutex_unlock(&range_lock);
    if (!lock)
        return STATUS_RANGE_NOT_LOCKED;
    free(lock);
    io_review_locks();
    return STATUS_SUCCESS;
}

NTSTATUS file_lock_check(struct file *file, uint64_t offset, uint64_t length, bool write)
{
    if (!__atomic_load_n(&range_locks, __ATOMIC_ACQUIRE) || !length)
        return STATUS_SUCCESS;
    uint64_t last = offset + length - 1;
    NTSTATUS status = STATUS_SUCCESS;
    pthread_mutex_lock(&range_lock);
    for (const struct range_lock *lock = range_locks; lock && !status; lock = lock->next) {
        if (!same_file(lock->file, file) || !overlaps(lock, offset, last))
            continue;
        /* A shared lock forbids writing to everybody, its owner included. */
        if (lock->exclusive ? lock->file != file : write)
            status = STATUS_FILE_LOCK_CONFLICT;
    }
    pthread_mutex_unlock(&range_lock);
    return status;
}

/* The descriptor is about to be closed, which releases what other processes saw. */
void file_lock_release_all(struct file *file)
{
    pthread_mutex_lock(&range_lock);
    for (struct range_lock **at = &range_locks; *at;) {
        struct range_lock *lock = *at;
        if (lock->file == file) {
            *at = lock->next;
            free(lock);
        } else {
            at = &lock->next;
        }
    }
    pthread_cond_broadcast(&range_released);
    pthread_mutex_unlock(&range_lock);
    io_review_locks();
}
