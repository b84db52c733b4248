/* Messages of named pipes as packets of sockets. One that is too large for a packet goes in memory of its
 * own, whose descriptor an empty packet carries. */
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "kernel/pipe_internal.h"

ssize_t pipe_receive(int descriptor, void *buffer, size_t length, int flags)
{
    ssize_t result;
    int resets = 0;
    do {
        result = recv(descriptor, buffer, length, flags | MSG_DONTWAIT);
    } while (result < 0 && (errno == EINTR || (errno == ECONNRESET && !resets++)));
    return result;
}

ssize_t pipe_transmit(int descriptor, const void *buffer, size_t length)
{
    ssize_t result;
    do {
        result = send(descriptor, buffer, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (result < 0 && errno == EINTR);
    return result;
}

/* What may come with a packet: its sender's credentials, always, and a descriptor. */
union control {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
};

static int descriptor_within(struct msghdr *message)
{
    int descriptor = -1;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part))
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
            memcpy(&descriptor, CMSG_DATA(part), sizeof descriptor);
    return descriptor;
}

bool pipe_look_at_message(const struct file *file, struct pipe_message *first)
{
    union control control;
    struct msghdr message;
    ssize_t result;
    int resets = 0;
    do {
        message = (struct msghdr){.msg_control = &control, .msg_controllen = sizeof control};
        result = recvmsg(file->descriptor, &message, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (result < 0 && (errno == EINTR || (errno == ECONNRESET && !resets++)));
    if (result < 0)
        return false;
    if (!message.msg_controllen) {
        errno = 0;
        return false;
    }
    struct stat status;
    *first = (struct pipe_message){.size = result, .memory = descriptor_within(&message)};
    if (first->memory >= 0 && !fstat(first->memory, &status))
        first->size = status.st_size;
    return true;
}

void pipe_message_release(const struct pipe_message *message)
{
    if (message->memory >= 0)
        close(message->memory);
}

ssize_t pipe_copy_message(const struct file *file, const struct pipe_message *message, void *buffer,
                          size_t length)
{
    int start = file->pipe->taken;
    if (message->memory >= 0)
        return pread(message->memory, buffer, length, start);
    if (start)
        setsockopt(file->descriptor, SOL_SOCKET, SO_PEEK_OFF, &start, sizeof start);
    ssize_t result = pipe_receive(file->descriptor, buffer, length, MSG_PEEK);
    if (start)
        setsockopt(file->descriptor, SOL_SOCKET, SO_PEEK_OFF, &(int){-1}, sizeof(int));
    return result;
}

/* Sending */

static int make_memory(const char *buffer, size_t length)
{
    int memory = memfd_create("litewin-message", MFD_CLOEXEC);
    size_t done = 0;
    while (memory >= 0 && done < length) {
        ssize_t result = write(memory, buffer + done, length - done);
        if (result >= 0) {
            done += result;
        } else if (errno != EINTR) {
            int error = errno;
            close(memory);
            errno = error;
            return -1;
        }
    }
    return memory;
}

static ssize_t send_descriptor(int socket, int descriptor)
{
    union control control = {0};
    struct msghdr message = {.msg_control = &control, .msg_controllen = CMSG_SPACE(sizeof descriptor)};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(part), &descriptor, sizeof descriptor);
    return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

ssize_t pipe_send_message(const struct file *file, const void *buffer, size_t length)
{
    ssize_t result = pipe_transmit(file->descriptor, buffer, length);
    if (result >= 0 || errno != EMSGSIZE)
        return result;
    int memory = make_memory(buffer, length);
    if (memory < 0)
        return -1;
    result = send_descriptor(file->descriptor, memory);
    int error = errno;
    close(memory);
    errno = error;
    return result;
}
