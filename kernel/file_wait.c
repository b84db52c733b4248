#include <poll.h>
#include <sys/epoll.h>
#include "kernel/file_internal.h"

/* A file is signaled when an operation has ended that tells of it in no other way, and before the first. A
 * terminal's, or another device's, that can be read is the console's input to Windows: it is signaled while
 * there is any. */

static bool (*console_has_input)(void);

void file_set_console_input(bool (*has_input)(void))
{
    __atomic_store_n(&console_has_input, has_input, __ATOMIC_RELEASE);
}

static bool has_input(const struct file *file)
{
    bool (*also)(void) = __atomic_load_n(&console_has_input, __ATOMIC_ACQUIRE);
    struct pollfd state = {.fd = file->descriptor, .events = POLLIN};
    return poll(&state, 1, 0) > 0 || (also && also());
}

static bool is_input(const struct file *file)
{
    return file->device_type == FILE_TYPE_CHAR && file->access & FILE_READ_DATA;
}

static bool is_ready(const struct waitable *object, const struct thread *thread)
{
    const struct file *file = (const struct file *)object;
    return is_input(file) ? has_input(file) : waitable_is_signaled(object);
}

static bool try_take(struct waitable *object, struct thread *thread)
{
    return is_ready(object, thread);
}

static struct lock watch_lock;

/* Those who are not served, since another has taken the input, are to have it watched again. */
static void input_has_come(struct watch *watch)
{
    struct file *file = CONTAINING_RECORD(watch, struct file, watch);
    lock_acquire(&watch_lock);
    file->watched = false;
    lock_release(&watch_lock);
    waitable_lock(&file->waitable);
    waitable_unlock(&file->waitable, true);
    wait_review(&file->waitable);
    object_release(file);
}

static int64_t watch_input(struct waitable *object)
{
    struct file *file = (struct file *)object;
    if (!is_input(file) || has_input(file))
        return WAIT_NEVER;
    lock_acquire(&watch_lock);
    if (!file->watched) {
        file->watch.ready = input_has_come;
        object_retain(file);
        file->watched = watch_descriptor(file->descriptor, EPOLLIN, &file->watch);
        if (!file->watched)
            object_release(file);
    }
    lock_release(&watch_lock);
    return WAIT_NEVER;
}

const struct wait_operations file_waits = {.ready = is_ready, .try_take = try_take, .watch = watch_input};
