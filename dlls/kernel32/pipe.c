/* Anonymous pipes. */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "dlls/kernel32/request.h"
#include "kernel/pipe.h"

#define DEFAULT_SIZE 65536 /* what Linux gives a pipe */
#define USUAL_SIZE   4096  /* what Windows says of one */

static NTSTATUS make_end(int descriptor, ACCESS_MASK access, const SECURITY_ATTRIBUTES *attributes,
                         DWORD size, HANDLE *handle)
{
    struct file *file;
    NTSTATUS status = file_from_descriptor(descriptor, access, 0, &file);
    if (status) {
        close(descriptor);
        return status;
    }
    file_set_pipe_size(file, size ? size : USUAL_SIZE);
    status =
        handle_create((struct object *)file, access, is_inheritable(attributes) ? OBJ_INHERIT : 0, handle);
    object_release(file);
    return status;
}

static NTSTATUS create_pipe(HANDLE *reader, HANDLE *writer, const SECURITY_ATTRIBUTES *attributes, DWORD size)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return status_from_errno(errno);
    /* A suggestion on Windows; Linux may refuse what is very large. */
    if (size > DEFAULT_SIZE)
        fcntl(ends[0], F_SETPIPE_SZ, size);
    NTSTATUS status = make_end(ends[0], GENERIC_READ | FILE_WRITE_ATTRIBUTES, attributes, size, reader);
    if (status) {
        close(ends[1]);
        return status;
    }
    status = make_end(ends[1], GENERIC_WRITE | FILE_READ_ATTRIBUTES, attributes, size, writer);
    if (status)
        handle_close(*reader);
    return status;
}

BOOL WINAPI CreatePipe(PHANDLE reader, PHANDLE writer, LPSECURITY_ATTRIBUTES attributes, DWORD size)
{
    return set_last_status(create_pipe(reader, writer, attributes, size));
}

/* Looking at a pipe */

/* The pipe behind a handle, to be released. */
static NTSTATUS pipe_of(HANDLE handle, ACCESS_MASK access, struct file **file)
{
    NTSTATUS status = file_of(handle, access, file);
    if (!status && file_device_type(*file) != FILE_TYPE_PIPE) {
        object_release(*file);
        status = STATUS_INVALID_DEVICE_REQUEST;
    }
    return status;
}

/* Copies what a pipe holds without taking it out: Linux can do so into another pipe only. */
static ssize_t peek_pipe(int descriptor, void *buffer, size_t size)
{
    int copy[2];
    if (pipe2(copy, O_CLOEXEC))
        return -1;
    if (size > DEFAULT_SIZE)
        fcntl(copy[0], F_SETPIPE_SZ, size);
    ssize_t length = tee(descriptor, copy[1], size, SPLICE_F_NONBLOCK);
    if (length > 0)
        length = read(copy[0], buffer, length);
    else if (length < 0 && errno == EAGAIN)
        length = 0;
    close(copy[0]);
    close(copy[1]);
    return length;
}

static ssize_t peek(int descriptor, void *buffer, size_t size)
{
    ssize_t length = recv(descriptor, buffer, size, MSG_PEEK | MSG_DONTWAIT);
    if (length < 0 && errno == ENOTSOCK)
        return peek_pipe(descriptor, buffer, size);
    return length < 0 && errno == EAGAIN ? 0 : length;
}

static bool has_ended(int descriptor)
{
    struct pollfd state = {.fd = descriptor, .events = POLLIN};
    return poll(&state, 1, 0) > 0 && state.revents & POLLHUP;
}

static NTSTATUS peek_file(struct file *file, void *buffer, DWORD size, DWORD *read, DWORD *available)
{
    int descriptor = file_descriptor(file), waiting = 0;
    ssize_t copied = 0;
    if (ioctl(descriptor, FIONREAD, &waiting))
        return status_from_errno(errno);
    if (!waiting && has_ended(descriptor)) {
        /* The last writer may have written between the two looks. */
        ioctl(descriptor, FIONREAD, &waiting);
        if (!waiting)
            return STATUS_PIPE_BROKEN;
    }
    if (buffer && size && waiting)
        copied = peek(descriptor, buffer, size);
    if (copied < 0)
        return status_from_errno(errno);
    *read = copied;
    *available = waiting > copied ? waiting : copied;
    return STATUS_SUCCESS;
}

BOOL WINAPI PeekNamedPipe(HANDLE pipe, LPVOID buffer, DWORD size, LPDWORD read, LPDWORD available,
                          LPDWORD left_of_message)
{
    struct file *file;
    DWORD copied = 0, waiting = 0, left = 0;
    NTSTATUS status = pipe_of(pipe, FILE_READ_DATA, &file);
    if (!set_last_status(status))
        return FALSE;
    if (pipe_is_named(file)) {
        struct pipe_contents contents;
        status = pipe_peek(file, buffer, size, &contents);
        copied = contents.copied;
        waiting = contents.available;
        left = contents.message - copied;
    } else {
        status = peek_file(file, buffer, size, &copied, &waiting);
    }
    object_release(file);
    if (!set_last_status(status))
        return FALSE;
    if (read)
        *read = copied;
    if (available)
        *available = waiting;
    /* Of what has no messages, this is less than nothing where the pipe has a name. */
    if (left_of_message)
        *left_of_message = left;
    return TRUE;
}

static BOOL tell_information(const struct pipe_information *information, DWORD *flags, DWORD *out_size,
                             DWORD *in_size, DWORD *instances)
{
    if (flags)
        *flags = (information->server ? PIPE_SERVER_END : PIPE_CLIENT_END) |
                 (information->message_type ? PIPE_TYPE_MESSAGE : PIPE_TYPE_BYTE);
    if (out_size)
        *out_size = information->server ? information->outbound_size : information->inbound_size;
    if (in_size)
        *in_size = information->server ? information->inbound_size : information->outbound_size;
    if (instances)
        *instances = min(information->maximum, (ULONG)PIPE_UNLIMITED_INSTANCES);
    return TRUE;
}

BOOL WINAPI GetNamedPipeInfo(HANDLE pipe, LPDWORD flags, LPDWORD out_size, LPDWORD in_size, LPDWORD instances)
{
    struct file *file;
    if (!set_last_status(pipe_of(pipe, FILE_READ_ATTRIBUTES, &file)))
        return FALSE;
    if (pipe_is_named(file)) {
        struct pipe_information information;
        NTSTATUS status = pipe_query(file, &information);
        object_release(file);
        return set_last_status(status) && tell_information(&information, flags, out_size, in_size, instances);
    }
    int size = (int)file_pipe_size(file);
    if (!size)
        size = fcntl(file_descriptor(file), F_GETPIPE_SZ);
    bool reads = file_access(file) & FILE_READ_DATA;
    object_release(file);
    /* On Windows, too, the reading end is the server's. */
    if (flags)
        *flags = PIPE_TYPE_BYTE | (reads ? PIPE_SERVER_END : PIPE_CLIENT_END);
    if (out_size)
        *out_size = size < 0 ? 0 : size;
    if (in_size)
        *in_size = size < 0 ? 0 : size;
    if (instances)
        *instances = 1;
    return TRUE;
}
