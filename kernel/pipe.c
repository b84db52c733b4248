/* Ends of named pipes: how they come to be, connect and part. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include "kernel/io_request.h"
#include "kernel/pipe_internal.h"
#include "kernel/status.h"

static uint8_t state_of(const struct pipe_end *end)
{
    return __atomic_load_n(&end->state, __ATOMIC_ACQUIRE);
}

static void set_state(struct pipe_end *end, uint8_t state)
{
    __atomic_store_n(&end->state, state, __ATOMIC_RELEASE);
}

static struct pipe_instance *instance_of(const struct pipe_end *end)
{
    return &end->page->instances[end->instance];
}

bool pipe_is_named(const struct file *file)
{
    return file->pipe;
}

/* Sockets */

static int make_socket(bool message_type, int flags)
{
    return socket(AF_UNIX, (message_type ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC | flags, 0);
}

/* With credentials, an empty packet can be told from the end. */
static void mark_messages(int descriptor, bool message_type)
{
    if (message_type)
        setsockopt(descriptor, SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int));
}

/* Abstract names have no owner, so that it takes a look at who is there. */
static bool is_own_peer(int descriptor)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return !getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) && peer.uid == geteuid();
}

/* Puts another socket in the place of the end's. Whoever sleeps on the old one is woken. */
static NTSTATUS replace_socket(struct file *file, int descriptor)
{
    if (descriptor < 0)
        return status_from_errno(errno);
    io_forget_descriptor(file);
    shutdown(file->descriptor, SHUT_RDWR);
    int result = dup3(descriptor, file->descriptor, O_CLOEXEC);
    NTSTATUS status = result < 0 ? status_from_errno(errno) : STATUS_SUCCESS;
    close(descriptor);
    return status;
}

static int make_listener(const struct pipe_name *name, ULONG instance, ULONG serial, bool message_type)
{
    struct sockaddr_un address;
    socklen_t length = pipe_name_address(name, instance, serial, &address);
    int descriptor = make_socket(message_type, SOCK_NONBLOCK);
    if (descriptor < 0)
        return -1;
    /* No more than one may wait to be accepted. */
    if (!bind(descriptor, (struct sockaddr *)&address, length) && !listen(descriptor, 0))
        return descriptor;
    close(descriptor);
    return -1;
}

/* Making ends */

static NTSTATUS make_end(int descriptor, ACCESS_MASK access, ULONG share, ULONG options,
                         const struct pipe_end *values, struct file **result)
{
    struct pipe_end *end = malloc(sizeof *end);
    NTSTATUS status = end ? file_from_descriptor(descriptor, access, 0, result) : STATUS_NO_MEMORY;
    if (status) {
        free(end);
        return status;
    }
    *end = *values;
    end->file = *result;
    (*result)->pipe = end;
    (*result)->share = share;
    (*result)->options = options;
    return STATUS_SUCCESS;
}

static ULONG client_access(ULONG share)
{
    return (share & FILE_SHARE_READ ? FILE_READ_DATA : 0) | (share & FILE_SHARE_WRITE ? FILE_WRITE_DATA : 0);
}

/* Under the name's lock: whether one more instance may be made. */
static NTSTATUS check_creation(struct pipe_page *page, const struct pipe_creation *creation)
{
    ULONG count = pipe_name_count(page);
    if (!count && creation->disposition == FILE_OPEN)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (!count)
        return STATUS_SUCCESS;
    if (creation->disposition == FILE_CREATE || page->client_access != client_access(creation->share))
        return STATUS_ACCESS_DENIED;
    if (creation->reads_messages && !page->message_type)
        return STATUS_INVALID_PARAMETER;
    return count < page->maximum ? STATUS_SUCCESS : STATUS_INSTANCE_NOT_AVAILABLE;
}

/* What the first instance says holds for all. */
static void describe(struct pipe_page *page, const struct pipe_creation *creation)
{
    page->message_type = creation->message_type;
    page->client_access = client_access(creation->share);
    page->maximum = creation->maximum;
    page->inbound_size = creation->inbound_size;
    page->outbound_size = creation->outbound_size;
    page->default_wait = creation->default_wait;
}

static NTSTATUS make_server(const struct pipe_name *name, const struct pipe_creation *creation,
                            struct file **result)
{
    struct pipe_page *page = name->page;
    struct pipe_end values = {
        .page = page,
        .name = *name,
        .owns_instance = true,
        .server = true,
        .message_type = page->message_type,
        .reads_messages = creation->reads_messages,
        .no_wait = creation->no_wait,
        .state = FILE_PIPE_LISTENING_STATE,
    };
    NTSTATUS status = pipe_name_take_instance(name, &values.instance);
    if (status)
        return status;
    struct pipe_instance *instance = &page->instances[values.instance];
    values.serial = ++page->last_serial;
    int descriptor = make_listener(name, values.instance, values.serial, values.message_type);
    status = descriptor < 0 ? status_from_errno(errno)
                            : make_end(descriptor, creation->access, creation->share, creation->options,
                                       &values, result);
    if (status) {
        instance->state = PIPE_INSTANCE_FREE;
        if (descriptor >= 0)
            close(descriptor);
        return status;
    }
    pipe_add_server(*result);
    instance->serial = values.serial;
    instance->state = PIPE_INSTANCE_LISTENING;
    pipe_name_note_change(page);
    return STATUS_SUCCESS;
}

NTSTATUS pipe_create(const char *text, const struct pipe_creation *creation, struct file **file,
                     ULONG *information)
{
    struct pipe_name name;
    if (creation->reads_messages && !creation->message_type)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = pipe_name_open(text, true, &name);
    if (status)
        return status;
    status = check_creation(name.page, creation);
    *information = pipe_name_count(name.page) ? FILE_OPENED : FILE_CREATED;
    if (!status && *information == FILE_CREATED)
        describe(name.page, creation);
    if (!status)
        status = make_server(&name, creation, file);
    pipe_name_unlock(&name);
    if (status)
        pipe_name_close(&name, false);
    return status;
}

/* Clients */

/* The instance that has been listening for the longest time; `page->used` if none is. */
static ULONG find_listening(const struct pipe_page *page)
{
    ULONG found = page->used;
    for (ULONG i = 0; i < page->used && i < PIPE_INSTANCES; i++)
        if (page->instances[i].state == PIPE_INSTANCE_LISTENING &&
            (found == page->used || page->instances[i].serial < page->instances[found].serial))
            found = i;
    return found;
}

/* Under the name's lock. */
static int connect_to(const struct pipe_name *name, ULONG instance)
{
    struct pipe_page *page = name->page;
    struct sockaddr_un address;
    socklen_t length = pipe_name_address(name, instance, page->instances[instance].serial, &address);
    page->instances[instance].state = PIPE_INSTANCE_BUSY;
    int descriptor = make_socket(page->message_type, SOCK_NONBLOCK);
    if (descriptor < 0)
        return -1;
    if (connect(descriptor, (struct sockaddr *)&address, length) || !is_own_peer(descriptor)) {
        close(descriptor);
        return -1;
    }
    mark_messages(descriptor, page->message_type);
    fcntl(descriptor, F_SETFL, O_RDWR);
    return descriptor;
}

/* Under the name's lock. */
static NTSTATUS connect_client(const struct pipe_name *name, struct pipe_end *end, int *descriptor)
{
    const struct pipe_page *page = name->page;
    ULONG instance;
    while ((instance = find_listening(page)) < page->used) {
        *descriptor = connect_to(name, instance);
        if (*descriptor < 0)
            continue;
        end->instance = instance;
        end->serial = page->instances[instance].serial;
        return STATUS_SUCCESS;
    }
    return STATUS_PIPE_NOT_AVAILABLE;
}

static NTSTATUS make_client(const struct pipe_name *name, const struct file_open *how, ACCESS_MASK access,
                            struct file **file)
{
    struct pipe_end values = {
        .page = name->page,
        .name = *name,
        .message_type = name->page->message_type,
        .state = FILE_PIPE_CONNECTED_STATE,
    };
    int descriptor = -1;
    if (access & (FILE_READ_DATA | FILE_WRITE_DATA) & ~name->page->client_access)
        return STATUS_ACCESS_DENIED;
    NTSTATUS status = connect_client(name, &values, &descriptor);
    if (status)
        return status;
    status = make_end(descriptor, access, how->share, how->options, &values, file);
    if (status)
        close(descriptor);
    return status;
}

NTSTATUS pipe_open(const char *text, const struct file_open *how, struct file **file)
{
    struct pipe_name name;
    if (!*text)
        return pipe_open_root(how, file);
    NTSTATUS status = pipe_name_open(text, false, &name);
    if (status)
        return status;
    status = make_client(&name, how, file_map_access(how->access), file);
    pipe_name_unlock(&name);
    pipe_name_close(&name, !status);
    if (!status)
        pipe_join(*file);
    return status;
}

/* Connecting and parting */

/* Under the end's lock. */
static void accept_client(struct file *file)
{
    struct pipe_end *end = file->pipe;
    int descriptor = accept4(file->descriptor, NULL, NULL, SOCK_CLOEXEC);
    if (descriptor < 0)
        return;
    if (!is_own_peer(descriptor)) {
        close(descriptor);
        return;
    }
    mark_messages(descriptor, end->message_type);
    if (!replace_socket(file, descriptor))
        set_state(end, FILE_PIPE_CONNECTED_STATE);
}

static bool is_disconnected(const struct pipe_end *end)
{
    return !end->server && end->page &&
           __atomic_load_n(&instance_of(end)->disconnected, __ATOMIC_ACQUIRE) == end->serial;
}

NTSTATUS pipe_check_connected(const struct file *file)
{
    uint8_t state = state_of(file->pipe);
    if (state == FILE_PIPE_LISTENING_STATE)
        return STATUS_PIPE_LISTENING;
    return state == FILE_PIPE_DISCONNECTED_STATE || is_disconnected(file->pipe) ? STATUS_PIPE_DISCONNECTED
                                                                                : STATUS_SUCCESS;
}

void pipe_settle(struct file *file)
{
    struct pipe_end *end = file->pipe;
    if (state_of(end) != FILE_PIPE_LISTENING_STATE)
        return;
    lock_acquire(&end->lock);
    if (end->state == FILE_PIPE_LISTENING_STATE)
        accept_client(file);
    lock_release(&end->lock);
    /* Who waits for a client has missed it. */
    io_review(file);
}

NTSTATUS pipe_status_of_end(const struct file *file, NTSTATUS otherwise)
{
    return state_of(file->pipe) != FILE_PIPE_CONNECTED_STATE || is_disconnected(file->pipe)
               ? STATUS_PIPE_DISCONNECTED
               : otherwise;
}

static bool has_peer(const struct file *file)
{
    struct pollfd state = {.fd = file->descriptor, .events = POLLRDHUP};
    return poll(&state, 1, 0) <= 0 || !(state.revents & (POLLHUP | POLLRDHUP));
}

/* Under the end's lock. */
static NTSTATUS begin_listening(struct file *file)
{
    struct pipe_end *end = file->pipe;
    if (!end->owns_instance)
        return STATUS_INVALID_DEVICE_STATE;
    pipe_name_lock(&end->name);
    ULONG serial = ++end->page->last_serial;
    NTSTATUS status =
        replace_socket(file, make_listener(&end->name, end->instance, serial, end->message_type));
    if (!status) {
        end->serial = instance_of(end)->serial = serial;
        instance_of(end)->state = PIPE_INSTANCE_LISTENING;
        set_state(end, FILE_PIPE_LISTENING_STATE);
        pipe_name_note_change(end->page);
    }
    pipe_name_unlock(&end->name);
    return status;
}

/* Under the end's lock: what the state is to somebody who begins to wait for a client. */
static NTSTATUS begin_wait(struct file *file)
{
    switch (file->pipe->state) {
    case FILE_PIPE_DISCONNECTED_STATE:
        return begin_listening(file);
    case FILE_PIPE_LISTENING_STATE:
        /* A client that came before its server waited for it. */
        accept_client(file);
        return file->pipe->state == FILE_PIPE_CONNECTED_STATE ? STATUS_PIPE_CONNECTED : STATUS_SUCCESS;
    default:
        return STATUS_PIPE_CONNECTED;
    }
}

/* Under the end's lock. */
static NTSTATUS go_on_waiting(struct file *file)
{
    struct pipe_end *end = file->pipe;
    if (end->state == FILE_PIPE_LISTENING_STATE)
        accept_client(file);
    if (end->state == FILE_PIPE_LISTENING_STATE)
        return STATUS_PENDING;
    return end->state == FILE_PIPE_CONNECTED_STATE ? STATUS_SUCCESS : STATUS_PIPE_DISCONNECTED;
}

NTSTATUS pipe_try_listen(struct file *file, bool *begun)
{
    struct pipe_end *end = file->pipe;
    NTSTATUS status = STATUS_SUCCESS;
    if (!end || !end->server)
        return STATUS_ILLEGAL_FUNCTION;
    lock_acquire(&end->lock);
    if (!*begun)
        status = begin_wait(file);
    *begun = true;
    if (!status)
        status = go_on_waiting(file);
    lock_release(&end->lock);
    if (status == STATUS_PIPE_CONNECTED && !has_peer(file))
        return STATUS_PIPE_CLOSING;
    return status == STATUS_PENDING && end->no_wait ? STATUS_PIPE_LISTENING : status;
}

NTSTATUS pipe_listen(struct file *file)
{
    bool begun = false;
    NTSTATUS status;
    while ((status = pipe_try_listen(file, &begun)) == STATUS_PENDING)
        if (!pipe_wait_ready(file, POLLIN))
            return STATUS_CANCELLED;
    return status;
}

NTSTATUS pipe_disconnect(struct file *file)
{
    struct pipe_end *end = file->pipe;
    if (!end || !end->server)
        return STATUS_ILLEGAL_FUNCTION;
    NTSTATUS status = STATUS_SUCCESS;
    lock_acquire(&end->lock);
    if (end->state == FILE_PIPE_DISCONNECTED_STATE) {
        status = STATUS_PIPE_DISCONNECTED;
    } else {
        /* The client must find the mark when its socket ends. */
        if (end->page)
            __atomic_store_n(&instance_of(end)->disconnected, end->serial, __ATOMIC_RELEASE);
        if (end->owns_instance) {
            pipe_name_lock(&end->name);
            instance_of(end)->state = PIPE_INSTANCE_BUSY;
            pipe_name_unlock(&end->name);
        }
        set_state(end, FILE_PIPE_DISCONNECTED_STATE);
        status = replace_socket(file, make_socket(end->message_type, 0));
        end->taken = 0;
    }
    lock_release(&end->lock);
    io_review(file);
    struct file *client = pipe_part(file, false);
    if (client) {
        io_review(client);
        object_release(client);
    }
    return status;
}

void pipe_close(struct file *file)
{
    struct pipe_end *end = file->pipe;
    if (end->owns_instance) {
        pipe_name_free_instance(&end->name, end->instance);
        close(end->name.descriptor);
        end->owns_instance = false;
    }
}

struct file *pipe_destroy(struct file *file)
{
    struct pipe_end *end = file->pipe;
    struct file *peer = pipe_part(file, true);
    pipe_page_close(end->page);
    free(end);
    return peer;
}

/* Inheritance */

void pipe_adopt(struct file *file, unsigned flags)
{
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    struct pipe_end values = {
        .state = FILE_PIPE_CONNECTED_STATE,
        .reads_messages = flags & FILE_PIPE_READS_MESSAGES,
        .no_wait = flags & FILE_PIPE_NO_WAIT,
    };
    values.server = !getsockname(file->descriptor, (struct sockaddr *)&address, &length) &&
                    pipe_name_of_address(&address, length, &values.page, &values.instance, &values.serial);
    length = sizeof address;
    if (!values.server &&
        (getpeername(file->descriptor, (struct sockaddr *)&address, &length) ||
         !pipe_name_of_address(&address, length, &values.page, &values.instance, &values.serial)))
        return;
    int value = 0;
    socklen_t size = sizeof value;
    getsockopt(file->descriptor, SOL_SOCKET, SO_TYPE, &value, &size);
    values.message_type = value == SOCK_SEQPACKET;
    if (values.server && !getsockopt(file->descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) && value)
        values.state = FILE_PIPE_LISTENING_STATE;
    values.file = file;
    if ((file->pipe = malloc(sizeof values)))
        *file->pipe = values;
    else
        pipe_page_close(values.page);
}

unsigned pipe_flags(const struct file *file)
{
    if (!file->pipe)
        return 0;
    return (file->pipe->reads_messages ? FILE_PIPE_READS_MESSAGES : 0) |
           (file->pipe->no_wait ? FILE_PIPE_NO_WAIT : 0);
}

/* What is known of an end */

static DWORD peer_process(const struct file *file)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(file->descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) ? 0 : peer.pid;
}

static ULONG configuration_of(const struct pipe_page *page)
{
    if (page->client_access == FILE_READ_DATA)
        return FILE_PIPE_OUTBOUND;
    return page->client_access == FILE_WRITE_DATA ? FILE_PIPE_INBOUND : FILE_PIPE_FULL_DUPLEX;
}

NTSTATUS pipe_query(struct file *file, struct pipe_information *information)
{
    struct pipe_end *end = file->pipe;
    struct pipe_contents contents = {0};
    if (!end)
        return STATUS_INVALID_DEVICE_REQUEST;
    pipe_settle(file);
    NTSTATUS connected = pipe_check_connected(file);
    if (!connected)
        pipe_peek(file, NULL, 0, &contents);
    *information = (struct pipe_information){
        .server = end->server,
        .message_type = end->message_type,
        .reads_messages = end->reads_messages,
        .no_wait = end->no_wait,
        .state = connected == STATUS_PIPE_LISTENING ? FILE_PIPE_LISTENING_STATE
                 : connected                        ? FILE_PIPE_DISCONNECTED_STATE
                 : has_peer(file)                   ? FILE_PIPE_CONNECTED_STATE
                                                    : FILE_PIPE_CLOSING_STATE,
        .maximum = 1,
        .instances = 1,
        .available = contents.available,
        .configuration = FILE_PIPE_FULL_DUPLEX,
    };
    if (end->page) {
        information->configuration = configuration_of(end->page);
        information->maximum = end->page->maximum;
        information->instances = pipe_name_count(end->page);
        information->inbound_size = end->page->inbound_size;
        information->outbound_size = end->page->outbound_size;
        information->server_process = instance_of(end)->server;
    }
    if (!end->server)
        information->client_process = getpid();
    else if (!connected)
        information->client_process = peer_process(file);
    return STATUS_SUCCESS;
}

NTSTATUS pipe_set_mode(struct file *file, bool reads_messages, bool no_wait)
{
    struct pipe_end *end = file->pipe;
    if (!end)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (reads_messages && !end->message_type)
        return STATUS_INVALID_PARAMETER;
    __atomic_store_n(&end->reads_messages, reads_messages, __ATOMIC_RELAXED);
    __atomic_store_n(&end->no_wait, no_wait, __ATOMIC_RELAXED);
    return STATUS_SUCCESS;
}
