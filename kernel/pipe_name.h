/* The names of pipes, which all processes of a user share: a small file in memory for each, that exists as
 * long as there are instances of the pipe. It tells what the pipe is and which of its instances a client can
 * connect to; the connections themselves are Unix sockets. Fields have 4 bytes, since both architectures use
 * them. */
#ifndef KERNEL_PIPE_NAME_H
#define KERNEL_PIPE_NAME_H

#include <litewin/windows.h>
#include <sys/socket.h>
#include <sys/un.h>

#define PIPE_NAME_UNITS 256
#define PIPE_INSTANCES  1024

enum pipe_instance_state {
    PIPE_INSTANCE_FREE,      /* there is none */
    PIPE_INSTANCE_LISTENING, /* a client may connect */
    PIPE_INSTANCE_BUSY,      /* it is connected, or its server has yet to listen again */
};

struct pipe_instance {
    uint32_t state;
    uint32_t serial;       /* of the connection that it listens for or has: no two of a name have the same */
    uint32_t disconnected; /* atomic: of the last connection that the server has put an end to */
    uint32_t server;       /* process id */
};

struct pipe_page {
    uint32_t version;
    uint32_t
        changes; /* atomic, a futex that processes share: counts what those who wait for an instance ask */
    uint32_t last_serial;
    uint32_t message_type;
    uint32_t client_access; /* FILE_READ_DATA and FILE_WRITE_DATA, as far as a client may have them */
    uint32_t maximum;       /* of instances */
    uint32_t inbound_size, outbound_size; /* what the first server asked for */
    uint32_t default_wait;                /* in milliseconds */
    uint32_t used;                        /* instances from here on have never been */
    uint32_t name_length;
    uint16_t name[PIPE_NAME_UNITS];
    struct pipe_instance instances[PIPE_INSTANCES];
};

/* A name that is open and, until pipe_name_unlock, in nobody else's hands. */
struct pipe_name {
    int descriptor;
    struct pipe_page *page;
    uint64_t hash;
};

/* Opens a name, which is UTF-8, and frees the instances whose processes have died. If there are none,
 * STATUS_OBJECT_NAME_NOT_FOUND, or, if `create`, an empty page. */
NTSTATUS pipe_name_open(const char *name, bool create, struct pipe_name *result);
void pipe_name_lock(const struct pipe_name *name);
void pipe_name_unlock(const struct pipe_name *name);
/* Closes it, locked or not, but for the page where that is kept. */
void pipe_name_close(struct pipe_name *name, bool keep_page);
void pipe_page_close(struct pipe_page *page);

ULONG pipe_name_count(const struct pipe_page *page);
/* Makes this process the owner of a free instance, for as long as `name` is open. */
NTSTATUS pipe_name_take_instance(const struct pipe_name *name, uint32_t *instance);
/* The instance is no more; the name neither, if it was the last. */
void pipe_name_free_instance(const struct pipe_name *name, ULONG instance);
/* Under the name's lock: those who wait for an instance look again. */
void pipe_name_note_change(struct pipe_page *page);

/* Calls `visit` for each name that has instances until it returns false. */
EXPORTED void pipe_name_for_each(bool (*visit)(const WCHAR *name, size_t length, ULONG instances,
                                               void *context),
                                 void *context);

/* The socket's address of an instance's connection. */
socklen_t pipe_name_address(const struct pipe_name *name, ULONG instance, ULONG serial,
                            struct sockaddr_un *address);
/* What an address belongs to; false if it is not a pipe's. The page is NULL if the name is gone. */
bool pipe_name_of_address(const struct sockaddr_un *address, socklen_t length, struct pipe_page **page,
                          uint32_t *instance, uint32_t *serial);

/* Waits until a client can connect. `milliseconds` may be NMPWAIT_WAIT_FOREVER or NMPWAIT_USE_DEFAULT_WAIT.
 * STATUS_IO_TIMEOUT, STATUS_OBJECT_NAME_NOT_FOUND. */
EXPORTED NTSTATUS pipe_name_wait(const char *name, DWORD milliseconds);

#endif
