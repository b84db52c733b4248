/* What the files of the pipe subject share. */
#ifndef KERNEL_PIPE_INTERNAL_H
#define KERNEL_PIPE_INTERNAL_H

#include "kernel/file_internal.h"
#include "kernel/pipe.h"
#include "kernel/pipe_name.h"

struct pipe_end {
    struct pipe_page *page; /* NULL: the name was gone before this process inherited the end */
    struct pipe_name name;  /* what makes the instance a server's */
    bool owns_instance;
    bool server, message_type;
    bool reads_messages, no_wait; /* atomic */
    uint8_t state;                /* atomic: FILE_PIPE_*_STATE, never CLOSING */
    uint32_t instance, serial;
    struct lock lock;  /* of the state's changes, and of reading messages */
    size_t taken;      /* bytes of the first message that have been read */
    struct file *file; /* whose end this is */
    struct file
        *peer; /* the other end, if it is in this process; it has no reference. Under a lock of its own */
    struct pipe_end *next_server; /* in this process, under that lock too */
};

/* Pipe.c */

/* Makes a named pipe's end of a file whose descriptor was inherited from one. */
void pipe_adopt(struct file *file, unsigned flags);
/* Its last handle is closed. */
void pipe_close(struct file *file);
/* Returns the other end, with a reference, if it is in this process. */
struct file *pipe_destroy(struct file *file);
/* What an inheriting process must be told: FILE_PIPE_* flags. */
unsigned pipe_flags(const struct file *file);
/* A client that has come is accepted, in case nobody waits for it. Not in the thread of pending operations.
 */
void pipe_settle(struct file *file);
/* STATUS_SUCCESS, or why nothing can be transferred. */
NTSTATUS pipe_check_connected(const struct file *file);
/* Why there is nothing more to read, or nobody to write to. */
NTSTATUS pipe_status_of_end(const struct file *file, NTSTATUS otherwise);
/* Takes the first step, or the next, of a wait for a client: STATUS_PENDING until there is one. */
NTSTATUS pipe_try_listen(struct file *file, bool *begun);

/* Pipe_root.c */

NTSTATUS pipe_open_root(const struct file_open *how, struct file **file);
/* FSCTL_PIPE_WAIT. */
NTSTATUS pipe_wait_by_control(const void *input, ULONG size);

/* Pipe_peer.c */

/* A server's end has come to be, and a client's has connected to one that may be in this process. */
void pipe_add_server(struct file *file);
void pipe_join(struct file *client);
/* The process ends: its servers' names are not left behind, unless another thread is just busy with them. */
void pipe_leave_names(void);
/* They are joined no longer; returns the other end, with a reference, if there was one. */
struct file *pipe_part(struct file *file, bool is_gone);
/* What was done with this end may let the other go on. */
void pipe_stir_peer(struct file *file);

/* Pipe_message.c */

/* recv and send that do not wait. */
ssize_t pipe_receive(int descriptor, void *buffer, size_t length, int flags);
ssize_t pipe_transmit(int descriptor, const void *buffer, size_t length);

struct pipe_message {
    size_t size;
    int memory; /* descriptor of what is in it; -1: it is in the packet */
};

/* Finds the first message, to be released. False with an errno, which is 0 at the end. */
bool pipe_look_at_message(const struct file *file, struct pipe_message *first);
void pipe_message_release(const struct pipe_message *message);
/* Reads on from within the first message, which stays. */
ssize_t pipe_copy_message(const struct file *file, const struct pipe_message *message, void *buffer,
                          size_t length);
/* All of it at once, or -1 with an errno. */
ssize_t pipe_send_message(const struct file *file, const void *buffer, size_t length);

/* Pipe_transfer.c */

/* As much as can be done at once; STATUS_PENDING if that is not enough. */
NTSTATUS pipe_try_read(struct file *file, void *buffer, ULONG length, ULONG *done);
NTSTATUS pipe_try_write(struct file *file, const void *buffer, ULONG length, ULONG *done);
NTSTATUS pipe_try_transact(struct file *file, const void *input, ULONG input_size, void *output,
                           ULONG output_size, bool *begun, ULONG *done);
/* Until it is done. */
NTSTATUS pipe_read(struct file *file, void *buffer, ULONG length, ULONG *done);
NTSTATUS pipe_write(struct file *file, const void *buffer, ULONG length, ULONG *done);
NTSTATUS pipe_flush(struct file *file);
/* Waits until the descriptor is ready for POLLIN or POLLOUT. False if that is cancelled. */
bool pipe_wait_ready(struct file *file, short events);

#endif
