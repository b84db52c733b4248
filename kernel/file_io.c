/* Reading, writing and the position. */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "kernel/file_internal.h"
#include "kernel/pipe_internal.h"
#include "kernel/status.h"
#include "kernel/thread.h"
#include "kernel/vm.h"

/* One transfer */

void file_begin_blocking(void)
{
    __atomic_store_n(&thread_current()->blocking_io, THREAD_IO_BLOCKING, __ATOMIC_RELAXED);
}

static bool is_cancelled(const struct thread *thread)
{
    return __atomic_load_n(&thread->blocking_io, __ATOMIC_RELAXED) == THREAD_IO_CANCELLED ||
           suspend_terminates(&thread->suspension);
}

bool file_end_blocking(void)
{
    struct thread *thread = thread_current();
    bool cancelled = is_cancelled(thread);
    __atomic_store_n(&thread->blocking_io, THREAD_IO_NONE, __ATOMIC_RELEASE);
    return !cancelled;
}

/* A thread whose input or output is cancelled, or that is being terminated, is in no mood for more. */
static bool is_to_be_repeated(void)
{
    return errno == EINTR && !is_cancelled(thread_current());
}

/* `offset` is FILE_AT_POSITION for the descriptor's own. A signal that means nothing to the program
 * must not cut its transfer short. */
static ssize_t read_once(int descriptor, void *buffer, size_t length, int64_t offset)
{
    ssize_t result;
    file_begin_blocking();
    do {
        result = offset < 0 ? read(descriptor, buffer, length) : pread(descriptor, buffer, length, offset);
    } while (result < 0 && is_to_be_repeated());
    file_end_blocking();
    return result;
}

static ssize_t write_once(int descriptor, const void *buffer, size_t length, int64_t offset)
{
    ssize_t result;
    file_begin_blocking();
    do {
        result = offset < 0 ? write(descriptor, buffer, length) : pwrite(descriptor, buffer, length, offset);
    } while (result < 0 && is_to_be_repeated());
    file_end_blocking();
    return result;
}

static NTSTATUS status_of_end(const struct file *file)
{
    return file->device_type == FILE_TYPE_PIPE ? STATUS_PIPE_BROKEN : STATUS_END_OF_FILE;
}

static NTSTATUS note_read(const struct file *file, ssize_t result, ULONG length, ULONG *done)
{
    if (result < 0) {
        if (errno == EISDIR)
            return STATUS_INVALID_DEVICE_REQUEST;
        return errno == ECONNRESET ? STATUS_PIPE_BROKEN : status_from_errno(errno);
    }
    *done = result;
    return result || !length ? STATUS_SUCCESS : status_of_end(file);
}

static NTSTATUS read_at(struct file *file, void *buffer, ULONG length, int64_t offset, ULONG *done)
{
    vm_prepare(buffer, length, true);
    return note_read(file, read_once(file->descriptor, buffer, length, offset), length, done);
}

/* Linux may take less than all of it (a pipe that is filled, 2 GiB at once); Windows does not. */
static NTSTATUS write_at(struct file *file, const void *buffer, ULONG length, int64_t offset, ULONG *done)
{
    vm_prepare(buffer, length, false);
    while (*done < length) {
        ssize_t result = write_once(file->descriptor, (const char *)buffer + *done, length - *done,
                                    offset < 0 ? offset : offset + *done);
        if (result < 0) {
            return errno == ECONNRESET ? STATUS_PIPE_CLOSING : status_from_errno(errno);
        }
        *done += result;
    }
    return STATUS_SUCCESS;
}

/* Locks and positions */

static bool has_data(const struct file *file)
{
    return !file->path_only;
}

/* Another object's lock can only be found through the table of locks, which is empty most of the time. */
static NTSTATUS check_range(struct file *file, int64_t offset, ULONG length, bool write)
{
    if (offset < 0)
        return STATUS_SUCCESS;
    return file_lock_check(file, offset, length, write);
}

static int64_t end_of(const struct file *file)
{
    struct stat status;
    return fstat(file->descriptor, &status) ? -1 : status.st_size;
}

NTSTATUS file_read(struct file *file, void *buffer, ULONG length, int64_t offset, ULONG *done)
{
    *done = 0;
    if (!has_data(file))
        return STATUS_ACCESS_DENIED;
    if (file->pipe)
        return pipe_read(file, buffer, length, done);
    if (file->kernel_position && (offset < 0 || file->device_type != FILE_TYPE_DISK))
        return read_at(file, buffer, length, FILE_AT_POSITION, done);
    if (offset >= 0) {
        NTSTATUS status = check_range(file, offset, length, false);
        return status ? status : read_at(file, buffer, length, offset, done);
    }
    lock_acquire(&file->lock);
    NTSTATUS status = check_range(file, file->position, length, false);
    if (!status)
        status = read_at(file, buffer, length, file->position, done);
    file->position += *done;
    lock_release(&file->lock);
    return status;
}

static bool appends(const struct file *file, int64_t offset)
{
    return offset == FILE_APPEND || !(file->access & FILE_WRITE_DATA);
}

NTSTATUS file_write(struct file *file, const void *buffer, ULONG length, int64_t offset, ULONG *done)
{
    *done = 0;
    if (!has_data(file))
        return STATUS_ACCESS_DENIED;
    if (file->pipe)
        return pipe_write(file, buffer, length, done);
    if (file->kernel_position && file->device_type != FILE_TYPE_DISK)
        return write_at(file, buffer, length, FILE_AT_POSITION, done);
    if (file->kernel_position && offset < 0) {
        if (offset == FILE_APPEND)
            lseek(file->descriptor, 0, SEEK_END);
        return write_at(file, buffer, length, FILE_AT_POSITION, done);
    }
    lock_acquire(&file->lock);
    int64_t at = appends(file, offset) ? end_of(file) : offset >= 0 ? offset : file->position;
    NTSTATUS status = at < 0 ? STATUS_INVALID_HANDLE : check_range(file, at, length, true);
    if (!status)
        status = write_at(file, buffer, length, at, done);
    if (offset < 0)
        file->position = at + *done;
    lock_release(&file->lock);
    return status;
}

static bool would_block(const struct file *file)
{
    struct pollfd state = {.fd = file->descriptor, .events = POLLIN};
    return poll(&state, 1, 0) == 0;
}

ULONG file_prepare_input(const struct file *file, void *buffer, ULONG length)
{
    int waiting = 0;
    if (!vm_unusual_memory)
        return length;
    if (!ioctl(file->descriptor, FIONREAD, &waiting) && waiting > 0)
        length = min(length, (ULONG)waiting);
    vm_prepare(buffer, length, true);
    return length;
}

/* This may be no thread of the program's. */
static NTSTATUS read_ready(struct file *file, void *buffer, ULONG length, ULONG *done)
{
    ssize_t result;
    *done = 0;
    length = file_prepare_input(file, buffer, length);
    do {
        result = read(file->descriptor, buffer, length);
    } while (result < 0 && errno == EINTR);
    return note_read(file, result, length, done);
}

NTSTATUS file_try_read(struct file *file, void *buffer, ULONG length, int64_t offset, ULONG *done)
{
    if (file->pipe)
        return pipe_try_read(file, buffer, length, done);
    if (file->device_type == FILE_TYPE_DISK || !has_data(file))
        return file_read(file, buffer, length, offset, done);
    return length && would_block(file) ? STATUS_PENDING : read_ready(file, buffer, length, done);
}

NTSTATUS file_try_write(struct file *file, const void *buffer, ULONG length, int64_t offset, ULONG *done)
{
    return file->pipe ? pipe_try_write(file, buffer, length, done)
                      : file_write(file, buffer, length, offset, done);
}

NTSTATUS file_seek(struct file *file, int64_t distance, DWORD origin, int64_t *position)
{
    static const int whence[] = {[FILE_BEGIN] = SEEK_SET, [FILE_CURRENT] = SEEK_CUR, [FILE_END] = SEEK_END};
    if (origin > FILE_END)
        return STATUS_INVALID_PARAMETER;
    if (file->kernel_position) {
        if (file->device_type == FILE_TYPE_PIPE)
            return STATUS_INVALID_PARAMETER;
        off_t result = lseek(file->descriptor, distance, whence[origin]);
        /* A terminal accepts a position and has no use for it. */
        if (result < 0 && !(errno == ESPIPE && file->device_type == FILE_TYPE_CHAR))
            return STATUS_INVALID_PARAMETER;
        *position = result < 0 ? 0 : result;
        return STATUS_SUCCESS;
    }
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    lock_acquire(&file->lock);
    int64_t base = origin == FILE_BEGIN ? 0 : origin == FILE_CURRENT ? file->position : end_of(file), target;
    if (base >= 0 && !__builtin_add_overflow(base, distance, &target) && target >= 0) {
        file->position = *position = target;
        status = STATUS_SUCCESS;
    }
    lock_release(&file->lock);
    return status;
}

void file_share_position(struct file *file)
{
    lock_acquire(&file->lock);
    if (!file->kernel_position) {
        lseek(file->descriptor, file->position, SEEK_SET);
        file->kernel_position = true;
    }
    lock_release(&file->lock);
}

/* Size and storage */

NTSTATUS file_flush(struct file *file)
{
    if (!has_data(file))
        return STATUS_ACCESS_DENIED;
    if (file->pipe)
        return pipe_flush(file);
    /* Only what is stored can be flushed; a pipe, a terminal or a device has nothing to wait for. */
    if (file->device_type != FILE_TYPE_DISK || !fsync(file->descriptor) || errno == EINVAL || errno == EROFS)
        return STATUS_SUCCESS;
    return status_from_errno(errno);
}

NTSTATUS file_set_size(struct file *file, int64_t size)
{
    if (size < 0)
        return STATUS_INVALID_PARAMETER;
    if (!has_data(file))
        return STATUS_ACCESS_DENIED;
    NTSTATUS mapped = size < end_of(file) ? file_share_check_size(file) : STATUS_SUCCESS;
    if (mapped)
        return mapped;
    if (!ftruncate(file->descriptor, size))
        return STATUS_SUCCESS;
    /* EINVAL tells of what is no disk file as well as of what was not opened for writing. */
    return errno == EINVAL ? STATUS_INVALID_DEVICE_REQUEST : status_from_errno(errno);
}
