/* Named pipes. An end of one is a file whose descriptor is a Unix socket: a stream for a pipe of bytes, so
 * that any program can inherit it, and a socket that keeps packets apart for a pipe of messages. The server's
 * end has a listening socket until a client has come. */
#ifndef KERNEL_PIPE_H
#define KERNEL_PIPE_H

#include "kernel/file.h"

/* States and modes as NT has them; the headers for programs lack them. */
enum {
    FILE_PIPE_DISCONNECTED_STATE = 1,
    FILE_PIPE_LISTENING_STATE,
    FILE_PIPE_CONNECTED_STATE,
    FILE_PIPE_CLOSING_STATE,
};
typedef struct {
    ULONG ReadMode;
    ULONG CompletionMode;
} FILE_PIPE_INFORMATION;
enum { FILE_PIPE_INBOUND, FILE_PIPE_OUTBOUND, FILE_PIPE_FULL_DUPLEX };

struct pipe_creation {
    ACCESS_MASK access;
    ULONG share;       /* FILE_SHARE_READ lets clients read, FILE_SHARE_WRITE write */
    ULONG disposition; /* FILE_CREATE, FILE_OPEN or FILE_OPEN_IF */
    ULONG options;
    bool message_type, reads_messages, no_wait;
    ULONG maximum; /* of instances */
    ULONG inbound_size, outbound_size;
    ULONG default_wait; /* in milliseconds */
};

/* Makes an instance of the pipe, which listens. STATUS_ACCESS_DENIED where the pipe exists and differs, or
 * was to be the first; STATUS_INSTANCE_NOT_AVAILABLE where there are too many. */
EXPORTED NTSTATUS pipe_create(const char *name, const struct pipe_creation *creation, struct file **file,
                              ULONG *information);
/* A client's end. STATUS_PIPE_NOT_AVAILABLE if no instance listens. */
NTSTATUS pipe_open(const char *name, const struct file_open *how, struct file **file);

/* The path of what is called `name` in relation to a file: in the root of all pipes, its name; from a
 * server's end, without a name, its pipe. STATUS_OBJECT_TYPE_MISMATCH for any other file. */
EXPORTED NTSTATUS pipe_relative_path(const struct file *file, const WCHAR *name, size_t length,
                                     struct host_path *path);
/* A name that no other pipe has, for one that is made without. */
EXPORTED void pipe_unique_name(struct host_path *path);

/* Whether the file is an end of a named pipe. */
EXPORTED bool pipe_is_named(const struct file *file);

/* Waits for a client, beginning to listen if the server's end was disconnected. STATUS_PIPE_CONNECTED if
 * there was one already, STATUS_PIPE_CLOSING if it has gone, STATUS_ILLEGAL_FUNCTION for a client's end. */
EXPORTED NTSTATUS pipe_listen(struct file *file);
EXPORTED NTSTATUS pipe_disconnect(struct file *file);

/* Copies what is there to be read without taking it out. `message` becomes the size of what is left of the
 * first message, 0 where there are no messages. */
struct pipe_contents {
    ULONG copied, available, message;
};
EXPORTED NTSTATUS pipe_peek(struct file *file, void *buffer, ULONG size, struct pipe_contents *contents);
/* Writes a message and reads one. */
EXPORTED NTSTATUS pipe_transact(struct file *file, const void *input, ULONG input_size, void *output,
                                ULONG output_size, ULONG *done);

/* FSCTL_PIPE_*, which the headers for programs lack. */
#define FSCTL_PIPE_DISCONNECT 0x110004
#define FSCTL_PIPE_LISTEN     0x110008
#define FSCTL_PIPE_PEEK       0x11400C
#define FSCTL_PIPE_WAIT       0x110018
#define FSCTL_PIPE_TRANSCEIVE 0x11C017
NTSTATUS pipe_control(struct file *file, ULONG code, const void *input, ULONG input_size, void *output,
                      ULONG output_size, ULONG *used);

struct pipe_information {
    bool server, message_type, reads_messages, no_wait;
    ULONG state, configuration;
    ULONG maximum, instances; /* UINT32_MAX: any number */
    ULONG inbound_size, outbound_size;
    ULONG available;
    DWORD server_process, client_process;
};
EXPORTED NTSTATUS pipe_query(struct file *file, struct pipe_information *information);
EXPORTED NTSTATUS pipe_set_mode(struct file *file, bool reads_messages, bool no_wait);

#endif
