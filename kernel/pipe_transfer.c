/* Reading from and writing to named pipes. */
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "kernel/pipe_internal.h"
#include "kernel/status.h"
#include "kernel/thread.h"
#include "kernel/vm.h"

bool pipe_wait_ready(struct file *file, short events)
{
    struct pollfd state = {.fd = file->descriptor, .events = events};
    waitable_reset(&file->waitable);
    file_begin_blocking();
    poll(&state, 1, -1);
    bool goes_on = file_end_blocking();
    waitable_set(&file->waitable);
    return goes_on;
}

/* Bytes */

static NTSTATUS status_of_failed_read(const struct file *file)
{
    if (errno == EAGAIN)
        return STATUS_PENDING;
    return errno == EFAULT ? STATUS_ACCESS_VIOLATION : pipe_status_of_end(file, STATUS_PIPE_BROKEN);
}

/* A look comes first where memory must be prepared, since nothing is written as long as nothing is there. */
static NTSTATUS read_bytes(struct file *file, void *buffer, ULONG length, ULONG *done)
{
    char first;
    ssize_t result = 1;
    if (!length || vm_unusual_memory)
        result = pipe_receive(file->descriptor, &first, 1, MSG_PEEK);
    if (result > 0 && length)
        result = pipe_receive(file->descriptor, buffer, file_prepare_input(file, buffer, length), 0);
    if (result < 0)
        return status_of_failed_read(file);
    *done = length ? result : 0;
    return result ? STATUS_SUCCESS : pipe_status_of_end(file, STATUS_PIPE_BROKEN);
}

static NTSTATUS status_of_failed_write(const struct file *file)
{
    if (errno == EAGAIN)
        return STATUS_PENDING;
    if (errno == EFAULT)
        return STATUS_INVALID_USER_BUFFER;
    if (errno == EMSGSIZE || errno == ENOBUFS || errno == ENOMEM)
        return STATUS_INSUFFICIENT_RESOURCES;
    return pipe_status_of_end(file, STATUS_PIPE_CLOSING);
}

static NTSTATUS write_bytes(struct file *file, const void *buffer, ULONG length, ULONG *done)
{
    while (*done < length) {
        ssize_t result = pipe_transmit(file->descriptor, (const char *)buffer + *done, length - *done);
        if (result < 0)
            return status_of_failed_write(file);
        *done += result;
    }
    return STATUS_SUCCESS;
}

/* Messages */

/* A message is taken out in one piece, so one that is read in parts stays until its end has been read. */
static NTSTATUS read_part(struct file *file, const struct pipe_message *message, void *buffer, size_t length,
                          ULONG *done)
{
    struct pipe_end *end = file->pipe;
    size_t left = message->size - end->taken, size = length < left ? length : left;
    bool whole = !end->taken && size == left && message->memory < 0;
    ssize_t result = 0;
    vm_prepare(buffer, size, true);
    if (whole)
        result = pipe_receive(file->descriptor, buffer, size, 0);
    else if (size)
        result = pipe_copy_message(file, message, buffer, size);
    if (result < 0)
        return status_of_failed_read(file);
    if (!whole && size == left)
        pipe_receive(file->descriptor, NULL, 0, 0);
    end->taken = size == left ? 0 : end->taken + size;
    *done += size;
    return size == left ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;
}

/* Under the end's lock. Where messages are read as bytes, they follow each other, but for an empty one. */
static NTSTATUS read_messages(struct file *file, char *buffer, ULONG length, ULONG *done)
{
    struct pipe_end *end = file->pipe;
    struct pipe_message message;
    NTSTATUS status = STATUS_SUCCESS;
    do {
        if (!pipe_look_at_message(file, &message))
            return *done ? STATUS_SUCCESS : status_of_failed_read(file);
        if (!*done || message.size)
            status = read_part(file, &message, buffer + *done, length - *done, done);
        pipe_message_release(&message);
        if (status == STATUS_BUFFER_OVERFLOW && !end->reads_messages)
            status = STATUS_SUCCESS;
    } while (!status && !end->reads_messages && *done && *done < length && message.size);
    return status;
}

static NTSTATUS write_message(struct file *file, const void *buffer, ULONG length, ULONG *done)
{
    if (pipe_send_message(file, buffer, length) < 0)
        return status_of_failed_write(file);
    *done = length;
    return STATUS_SUCCESS;
}

/* Either */

NTSTATUS pipe_try_read(struct file *file, void *buffer, ULONG length, ULONG *done)
{
    struct pipe_end *end = file->pipe;
    NTSTATUS status = pipe_check_connected(file);
    *done = 0;
    if (status)
        return status;
    if (!end->message_type) {
        status = read_bytes(file, buffer, length, done);
    } else {
        lock_acquire(&end->lock);
        status = read_messages(file, buffer, length, done);
        lock_release(&end->lock);
    }
    return status == STATUS_PENDING && end->no_wait ? STATUS_PIPE_EMPTY : status;
}

NTSTATUS pipe_try_write(struct file *file, const void *buffer, ULONG length, ULONG *done)
{
    struct pipe_end *end = file->pipe;
    NTSTATUS status = pipe_check_connected(file);
    if (status)
        return status;
    status = end->message_type ? write_message(file, buffer, length, done)
                               : write_bytes(file, buffer, length, done);
    return status == STATUS_PENDING && end->no_wait ? STATUS_SUCCESS : status;
}

/* Under the end's lock. */
static NTSTATUS peek_message(struct file *file, void *buffer, ULONG size, struct pipe_contents *contents)
{
    struct pipe_message first;
    int waiting = 0;
    if (!pipe_look_at_message(file, &first))
        return status_of_failed_read(file);
    ioctl(file->descriptor, FIONREAD, &waiting);
    contents->message = first.size - file->pipe->taken;
    contents->available = waiting - file->pipe->taken + (first.memory >= 0 ? first.size : 0);
    ULONG wanted = size < contents->message ? size : contents->message;
    ssize_t copied = wanted ? pipe_copy_message(file, &first, buffer, wanted) : 0;
    pipe_message_release(&first);
    if (copied < 0)
        return status_of_failed_read(file);
    contents->copied = copied;
    return STATUS_SUCCESS;
}

static NTSTATUS peek_bytes(struct file *file, void *buffer, ULONG size, struct pipe_contents *contents)
{
    int waiting = 0;
    char first;
    ssize_t copied = pipe_receive(file->descriptor, size ? buffer : &first, size ? size : 1, MSG_PEEK);
    if (!copied)
        errno = 0;
    if (copied <= 0)
        return status_of_failed_read(file);
    ioctl(file->descriptor, FIONREAD, &waiting);
    contents->available = waiting;
    contents->copied = size ? copied : 0;
    return STATUS_SUCCESS;
}

static NTSTATUS peek(struct file *file, void *buffer, ULONG size, struct pipe_contents *contents)
{
    *contents = (struct pipe_contents){0};
    NTSTATUS status = pipe_check_connected(file);
    if (status)
        return file->pipe->server ? STATUS_INVALID_PIPE_STATE : status;
    if (!file->pipe->message_type) {
        status = peek_bytes(file, buffer, size, contents);
    } else {
        lock_acquire(&file->pipe->lock);
        status = peek_message(file, buffer, size, contents);
        lock_release(&file->pipe->lock);
    }
    return status == STATUS_PENDING ? STATUS_SUCCESS : status;
}

NTSTATUS pipe_peek(struct file *file, void *buffer, ULONG size, struct pipe_contents *contents)
{
    vm_prepare(buffer, size, true);
    pipe_settle(file);
    return peek(file, buffer, size, contents);
}

NTSTATUS pipe_try_transact(struct file *file, const void *input, ULONG input_size, void *output,
                           ULONG output_size, bool *begun, ULONG *done)
{
    struct pipe_end *end = file->pipe;
    struct pipe_contents contents;
    ULONG written = 0;
    if (!end || !end->reads_messages)
        return end ? STATUS_INVALID_READ_MODE : STATUS_INVALID_DEVICE_REQUEST;
    if (!*begun) {
        NTSTATUS status = peek(file, NULL, 0, &contents);
        if (!status && contents.available)
            status = STATUS_PIPE_BUSY;
        if (!status)
            status = pipe_try_write(file, input, input_size, &written);
        if (status)
            return status;
        *begun = true;
    }
    return pipe_try_read(file, output, output_size, done);
}

/* An operation that fails at once leaves the file as it is while one is under way. */
static NTSTATUS end_transfer(struct file *file, NTSTATUS status)
{
    if (!NT_ERROR(status))
        waitable_set(&file->waitable);
    pipe_stir_peer(file);
    return status;
}

NTSTATUS pipe_read(struct file *file, void *buffer, ULONG length, ULONG *done)
{
    NTSTATUS status;
    vm_prepare(buffer, length, true);
    pipe_settle(file);
    waitable_reset(&file->waitable);
    while ((status = pipe_try_read(file, buffer, length, done)) == STATUS_PENDING)
        if (!pipe_wait_ready(file, POLLIN))
            return STATUS_CANCELLED;
    return end_transfer(file, status);
}

NTSTATUS pipe_write(struct file *file, const void *buffer, ULONG length, ULONG *done)
{
    NTSTATUS status;
    vm_prepare((void *)buffer, length, false);
    pipe_settle(file);
    waitable_reset(&file->waitable);
    while ((status = pipe_try_write(file, buffer, length, done)) == STATUS_PENDING)
        if (!pipe_wait_ready(file, POLLOUT))
            return STATUS_CANCELLED;
    return end_transfer(file, status);
}

NTSTATUS pipe_transact(struct file *file, const void *input, ULONG input_size, void *output,
                       ULONG output_size, ULONG *done)
{
    bool begun = false;
    NTSTATUS status;
    if (!file->pipe)
        return STATUS_INVALID_DEVICE_REQUEST;
    pipe_settle(file);
    while ((status = pipe_try_transact(file, input, input_size, output, output_size, &begun, done)) ==
           STATUS_PENDING) {
        pipe_stir_peer(file);
        if (!pipe_wait_ready(file, begun ? POLLIN : POLLOUT))
            return STATUS_CANCELLED;
    }
    pipe_stir_peer(file);
    return status;
}

/* How long a look at what the other side has left to read is put off. */
#define FIRST_PAUSE_US   50
#define LONGEST_PAUSE_US 10000

NTSTATUS pipe_flush(struct file *file)
{
    int unread = 0;
    for (useconds_t pause = FIRST_PAUSE_US;; pause = min(2 * pause, (useconds_t)LONGEST_PAUSE_US)) {
        pipe_settle(file);
        NTSTATUS status = pipe_check_connected(file);
        if (status)
            return status;
        bool empty = ioctl(file->descriptor, SIOCOUTQ, &unread) || !unread;
        /* Whoever leaves with something unread resets the connection. */
        struct pollfd state = {.fd = file->descriptor};
        if (poll(&state, 1, 0) > 0 && state.revents & POLLERR)
            return pipe_status_of_end(file, STATUS_PIPE_BROKEN);
        if (empty)
            return STATUS_SUCCESS;
        file_begin_blocking();
        usleep(pause);
        if (!file_end_blocking())
            return STATUS_CANCELLED;
    }
}
