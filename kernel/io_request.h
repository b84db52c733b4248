/* Operations on files that may outlast the call that begins them: what cannot be done at once waits in its
 * file's queue until the descriptor is ready, and the thread of kernel/watch.c then does it and tells of its
 * end. */
#ifndef KERNEL_IO_REQUEST_H
#define KERNEL_IO_REQUEST_H

#include "kernel/file.h"

struct thread;

enum io_kind {
    IO_READ,
    IO_WRITE,
    IO_READ_PARTS, /* the buffer is an array of FILE_SEGMENT_ELEMENT, pages that follow each other in the file
                    */
    IO_WRITE_PARTS,
    IO_LISTEN, /* for a client of the named pipe */
    IO_TRANSACT,
    IO_LOCK,
};

struct io_operation {
    enum io_kind kind;
    void *buffer; /* to read into, or to write */
    ULONG length;
    int64_t offset; /* FILE_AT_POSITION, FILE_APPEND; of a lock, as unsigned */
    /* Of a transaction: the message that is written first. */
    const void *input;
    ULONG input_size;
    /* Of a lock. */
    uint64_t lock_length;
    bool exclusive, immediately;

    bool begun; /* its first step has been taken */
    ULONG done; /* how many bytes so far */
};

/* How the end of an operation is told. */
struct io_notice {
    IO_STATUS_BLOCK *status; /* or an OVERLAPPED, which begins with the same */
    HANDLE event;            /* if there is none, the file itself is signaled */
    void *apc;               /* PIO_APC_ROUTINE */
    bool apc_is_win32;       /* it is an LPOVERLAPPED_COMPLETION_ROUTINE */
    void *apc_context;
    ULONG_PTR packet; /* what the packet to the file's port is about; 0: there is none */
};

/* Does the operation. STATUS_PENDING, of a file that is not synchronous, if that takes longer. An error that
 * is returned is told of in no other way. */
EXPORTED NTSTATUS io_run(struct file *file, struct io_operation *operation, const struct io_notice *notice);
/* The same, but waits until it is done, whatever the file is. */
EXPORTED NTSTATUS io_run_and_wait(struct file *file, struct io_operation *operation);
/* file_control by an operation. Without a notice, waits until it is done. */
EXPORTED NTSTATUS io_control(struct file *file, ULONG code, const void *input, ULONG input_size, void *output,
                             ULONG output_size, const struct io_notice *notice, ULONG *used);

EXPORTED bool file_is_synchronous(const struct file *file);

/* Ends pending operations with STATUS_CANCELLED: those of a file that `thread` has begun, or anybody (NULL),
 * and that tell of their end at `status`, or anywhere (NULL). Returns whether there was one. */
EXPORTED bool io_cancel(struct file *file, const struct thread *thread, const IO_STATUS_BLOCK *status);
/* What a thread leaves behind. */
void io_cancel_thread(const struct thread *thread);
EXPORTED bool io_is_pending(const struct thread *thread);

/* The file's state has changed in a way that its descriptor does not tell of. */
void io_review(struct file *file);
/* The descriptor is about to be closed or replaced. */
void io_forget_descriptor(struct file *file);
/* The file's last handle is closed; its end. */
void io_close(struct file *file);
void io_destroy(struct file *file);
/* Locks have been released. */
void io_review_locks(void);

#endif
