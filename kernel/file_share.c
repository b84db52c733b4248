/* Share modes, which hold among the handles of this process: what each open object lets others do. */
#include "kernel/file_internal.h"

#define BUCKETS 64

static struct file *buckets[BUCKETS];
static struct lock share_lock;

static struct file **bucket_of(dev_t device, ino_t inode)
{
    return &buckets[(inode * 0x9e3779b97f4a7c15u ^ device) >> 20 & (BUCKETS - 1)];
}

/* The share bits that others must have granted for this access. Looking at attributes needs none. */
static ULONG shares_needed(ACCESS_MASK access)
{
    return (access & FILE_READS ? FILE_SHARE_READ : 0) | (access & FILE_WRITES ? FILE_SHARE_WRITE : 0) |
           (access & DELETE ? FILE_SHARE_DELETE : 0);
}

/* What an open object or a section of the same file has against opening it so. */
static NTSTATUS check_against(const struct file *other, const struct file *file, ULONG needed)
{
    if (other->mappings && other->mapped_writable && !(file->share & FILE_SHARE_WRITE))
        return STATUS_SHARING_VIOLATION;
    if (!other->open || !needed)
        return STATUS_SUCCESS;
    if (needed & ~other->share || shares_needed(other->access) & ~file->share)
        return STATUS_SHARING_VIOLATION;
    return other->delete_pending ? STATUS_DELETE_PENDING : STATUS_SUCCESS;
}

static bool same_file(const struct file *a, const struct file *b)
{
    return a->inode == b->inode && a->device == b->device;
}

/* Under the lock. */
static void list(struct file *file)
{
    struct file **bucket = bucket_of(file->device, file->inode);
    if (file->listed)
        return;
    file->next = *bucket;
    *bucket = file;
    file->listed = true;
}

NTSTATUS file_share_enter(struct file *file)
{
    ULONG needed = shares_needed(file->access);
    NTSTATUS status = STATUS_SUCCESS;
    lock_acquire(&share_lock);
    for (struct file *other = *bucket_of(file->device, file->inode); other && !status; other = other->next)
        if (same_file(other, file))
            status = check_against(other, file, needed);
    if (!status && needed) {
        list(file);
        file->open = true;
    }
    lock_release(&share_lock);
    return status;
}

void file_share_leave(struct file *file)
{
    lock_acquire(&share_lock);
    file->open = false;
    lock_release(&share_lock);
}

void file_share_forget(struct file *file)
{
    if (!file->listed)
        return;
    lock_acquire(&share_lock);
    struct file **at = bucket_of(file->device, file->inode);
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    file->listed = false;
    lock_release(&share_lock);
}

/* Whether all open objects of the file, but one, share that with others. */
static NTSTATUS check_shared(dev_t device, ino_t inode, ULONG needed, ACCESS_MASK refused,
                             const struct file *except)
{
    NTSTATUS status = STATUS_SUCCESS;
    lock_acquire(&share_lock);
    for (struct file *other = *bucket_of(device, inode); other && !status; other = other->next)
        if (other != except && other->open && other->inode == inode && other->device == device &&
            (!(other->share & needed) || other->access & refused))
            status = STATUS_SHARING_VIOLATION;
    lock_release(&share_lock);
    return status;
}

NTSTATUS file_share_check_delete(dev_t device, ino_t inode, const struct file *except)
{
    return check_shared(device, inode, FILE_SHARE_DELETE, 0, except);
}

NTSTATUS file_share_check_image(dev_t device, ino_t inode)
{
    return check_shared(device, inode, FILE_SHARE_READ, FILE_WRITES, NULL);
}

/* Sections */

NTSTATUS file_share_check_size(struct file *file)
{
    NTSTATUS status = STATUS_SUCCESS;
    lock_acquire(&share_lock);
    for (struct file *other = *bucket_of(file->device, file->inode); other && !status; other = other->next)
        if (same_file(other, file) && other->mappings)
            status = STATUS_USER_MAPPED_FILE;
    lock_release(&share_lock);
    return status;
}

void file_begin_mapping(struct file *file, bool writable)
{
    lock_acquire(&share_lock);
    list(file);
    file->mappings++;
    file->mapped_writable |= writable;
    lock_release(&share_lock);
}

void file_end_mapping(struct file *file)
{
    lock_acquire(&share_lock);
    if (!--file->mappings)
        file->mapped_writable = false;
    lock_release(&share_lock);
}
