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

NTSTATUS file_share_enter(struct file *file)
{
    ULONG needed = shares_needed(file->access);
    if (!needed)
        return STATUS_SUCCESS;
    NTSTATUS status = STATUS_SUCCESS;
    lock_acquire(&share_lock);
    struct file **bucket = bucket_of(file->device, file->inode);
    for (struct file *other = *bucket; other && !status; other = other->next) {
        if (other->inode != file->inode || other->device != file->device)
            continue;
        if (needed & ~other->share || shares_needed(other->access) & ~file->share)
            status = STATUS_SHARING_VIOLATION;
        else if (other->delete_pending)
            status = STATUS_DELETE_PENDING;
    }
    if (!status) {
        file->next = *bucket;
        *bucket = file;
        file->shared = true;
    }
    lock_release(&share_lock);
    return status;
}

void file_share_leave(struct file *file)
{
    lock_acquire(&share_lock);
    struct file **at = bucket_of(file->device, file->inode);
    while (*at != file)
        at = &(*at)->next;
    *at = file->next;
    file->shared = false;
    lock_release(&share_lock);
}

NTSTATUS file_share_check_delete(dev_t device, ino_t inode, const struct file *except)
{
    NTSTATUS status = STATUS_SUCCESS;
    lock_acquire(&share_lock);
    for (struct file *other = *bucket_of(device, inode); other && !status; other = other->next)
        if (other != except && other->inode == inode && other->device == device &&
            !(other->share & FILE_SHARE_DELETE))
            status = STATUS_SHARING_VIOLATION;
    lock_release(&share_lock);
    return status;
}
