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
    struct lock lock; /* of the state's changes, and of reading messages */
    size_t taken;     /* bytes of the first message that have been read */
};

/* -- pipe.c -- */

/* Makes a named pipe's end of a file whose descriptor was inherited from one. */
void pipe_adopt(struct file *file, unsigned flags);
/* Its last handle is closed. */
void pipe_close(struct file *file);
void pipe_destroy(struct pipe_end *end);
/* What an inheriting process must be told: FILE_PIPE_* flags. */
unsigned pipe_flags(const struct file *file);
/* STATUS_SUCCESS, or why nothing can be transferred. */
NTSTATUS pipe_check_connected(struct file *file);
/* Why there is nothing more to read, or nobody to write to. */
NTSTATUS pipe_status_of_end(const struct file *file, NTSTATUS otherwise);
/* Takes the first step, or the next, of a wait for a client: STATUS_PENDING until there is one. */
NTSTATUS pipe_try_listen(struct file *file);

/* -- pipe_transfer.c -- */

/* As much as can be done at once; STATUS_PENDING if that is not enough. */
NTSTATUS pipe_try_read(struct file *file, void *buffer, ULONG length, ULONG *done);
NTSTATUS pipe_try_write(struct file *file, const void *buffer, ULONG length, ULONG *done);
/* Until it is done. */
NTSTATUS pipe_read(struct file *file, void *buffer, ULONG length, ULONG *done);
NTSTATUS pipe_write(struct file *file, const void *buffer, ULONG length, ULONG *done);
NTSTATUS pipe_flush(struct file *file);
/* Waits until the descriptor is ready for POLLIN or POLLOUT. False if the thread is to end. */
bool pipe_wait_ready(const struct file *file, short events);

#endif
