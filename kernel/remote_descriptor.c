/* Descriptors that go to another process with a call. They travel through a socket, as they may between any
 * two processes of a user: to take them out of the other process would need the rights of a debugger, which
 * containers and hardened systems keep back. */
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "kernel/futex.h"
#include "kernel/remote_internal.h"
#include "kernel/status.h"

/* Room for a descriptor and for who has sent it. */
union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

/* A socket under a name of Linux's choice, which goes into the block. */
static int open_mailbox(struct remote_block *block)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof address;
    int yes = 1, mailbox = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (mailbox < 0)
        return -1;
    if (!setsockopt(mailbox, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) &&
        !bind(mailbox, (struct sockaddr *)&address, sizeof address.sun_family) &&
        !getsockname(mailbox, (struct sockaddr *)&address, &length) &&
        length == sizeof address.sun_family + sizeof block->mailbox) {
        memcpy(block->mailbox, address.sun_path, sizeof block->mailbox);
        return mailbox;
    }
    close(mailbox);
    return -1;
}

/* Anybody may have written to the socket: what does not come from that process is no answer. */
static int take_descriptor(int mailbox, pid_t sender)
{
    char byte;
    union control control;
    struct iovec contents = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &contents, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct ucred from = {0};
    int descriptor = -1;
    if (recvmsg(mailbox, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
        return -1;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_CREDENTIALS)
            memcpy(&from, CMSG_DATA(part), sizeof from);
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS)
            memcpy(&descriptor, CMSG_DATA(part), sizeof descriptor);
    }
    if (descriptor >= 0 && from.pid == sender)
        return descriptor;
    if (descriptor >= 0)
        close(descriptor);
    errno = EPERM;
    return -1;
}

NTSTATUS remote_receive_descriptor(struct remote_block *block, pid_t sender, int sender_process,
                                   int *descriptor)
{
    int mailbox = open_mailbox(block);
    if (mailbox < 0)
        return status_from_errno(errno);
    remote_set_state(block, REMOTE_AWAITS_DESCRIPTOR);
    while (__atomic_load_n(&block->state, __ATOMIC_ACQUIRE) == REMOTE_AWAITS_DESCRIPTOR &&
           !remote_is_gone(sender_process))
        futex_wait_shared(&block->state, REMOTE_AWAITS_DESCRIPTOR, REMOTE_LONGEST_PAUSE_NS);
    *descriptor = take_descriptor(mailbox, sender);
    NTSTATUS status = *descriptor < 0 ? status_from_errno(errno) : STATUS_SUCCESS;
    close(mailbox);
    return status;
}

/* Who waits for a descriptor that could not be sent finds none. */
void remote_send_descriptor(struct remote_block *block, int descriptor)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    union control control = {0};
    struct iovec contents = {"", 1};
    struct msghdr message = {.msg_name = &address,
                             .msg_namelen = sizeof address.sun_family + sizeof block->mailbox,
                             .msg_iov = &contents,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(sizeof descriptor)};
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    memcpy(address.sun_path, block->mailbox, sizeof block->mailbox);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(part), &descriptor, sizeof descriptor);
    int socket_of_sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (socket_of_sender >= 0) {
        sendmsg(socket_of_sender, &message, MSG_DONTWAIT);
        close(socket_of_sender);
    }
    remote_set_state(block, REMOTE_SENT_DESCRIPTOR);
}
