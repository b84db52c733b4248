/* What the files of the file subject share. */
#ifndef KERNEL_FILE_INTERNAL_H
#define KERNEL_FILE_INTERNAL_H

#include <sys/stat.h>
#include "kernel/file.h"
#include "kernel/lock.h"
#include "kernel/wait.h"
#include "kernel/watch.h"

struct file {
    union {
        struct object object;
        struct waitable waitable; /* which begins with it */
    };
    int descriptor;
    ACCESS_MASK access;
    ULONG share;
    ULONG options;
    uint8_t device_type; /* FILE_TYPE_* */
    bool directory;
    bool path_only;       /* opened with O_PATH: it has a name and attributes, but no data */
    bool kernel_position; /* the position is the descriptor's own */
    bool delete_on_close;
    bool delete_pending; /* asked for after opening: nobody may open it any more */
    bool listed;         /* in the table of share modes */
    bool open;           /* its access and share modes count; not so after the last handle was closed */
    uint32_t handles;    /* atomic */
    uint32_t mappings;   /* under the table's lock, as is `mapped_writable` */
    bool mapped_writable;
    bool has_locks;
    struct lock lock; /* of `position`, held for the length of an operation that moves it */
    int64_t position;
    dev_t device;
    ino_t inode;
    struct completion_port *port; /* told of finished operations; NULL if there is none */
    ULONG_PTR port_key;
    uint8_t completion_modes;        /* FILE_SKIP_COMPLETION_PORT_ON_SUCCESS ... */
    struct directory_search *search; /* of a directory that is being read by handle */
    struct file *next;               /* in its bucket of the share table */
    struct pipe_end *pipe;           /* of a named pipe; NULL for any other file */
    uint32_t pipe_size;              /* what an anonymous pipe's maker asked for; 0: not known */
    bool pipe_root;                  /* what holds all named pipes */
    struct io_queue *queue;          /* atomic: of pending operations; NULL until there is one */
    struct watch watch;              /* kernel/file_wait.c */
    bool watched;                    /* under a lock of its own */
};

extern const struct wait_operations file_waits;

/* Bits of access that matter to share modes. */
#define FILE_READS  (FILE_READ_DATA | FILE_EXECUTE)
#define FILE_WRITES (FILE_WRITE_DATA | FILE_APPEND_DATA)

/* File_share.c */

/* Enters an open file into the table, or says STATUS_SHARING_VIOLATION or STATUS_DELETE_PENDING. */
NTSTATUS file_share_enter(struct file *file);
/* The object's access and share modes count no longer. */
void file_share_leave(struct file *file);
/* Takes the object out of the table, at its end. */
void file_share_forget(struct file *file);
/* STATUS_USER_MAPPED_FILE while a section of the file exists. */
NTSTATUS file_share_check_size(struct file *file);
/* Whether the file may be deleted or renamed: STATUS_SHARING_VIOLATION if an open object other than
 * `except` does not share deletion. */
NTSTATUS file_share_check_delete(dev_t device, ino_t inode, const struct file *except);

/* File_io.c */

/* Prepares memory for as much as can be read at once, and returns how much that is: pages behind it are not
 * marked as written. */
ULONG file_prepare_input(const struct file *file, void *buffer, ULONG length);
/* file_read and file_write as far as they need not wait; STATUS_PENDING if that is not enough. */
NTSTATUS file_try_read(struct file *file, void *buffer, ULONG length, int64_t offset, ULONG *done);
NTSTATUS file_try_write(struct file *file, const void *buffer, ULONG length, int64_t offset, ULONG *done);
/* The calling thread is about to sleep in a system call, which thread_cancel_io ends, and has done so: false
 * if it was cancelled. */
void file_begin_blocking(void);
bool file_end_blocking(void);

/* File_lock.c */

/* STATUS_FILE_LOCK_CONFLICT if another object's lock forbids reading or writing the range. */
NTSTATUS file_lock_check(struct file *file, uint64_t offset, uint64_t length, bool write);
void file_lock_release_all(struct file *file);

/* File_name.c */

/* The host directory that `file` is in, or the one of a directory handle, if that is not NULL. */
NTSTATUS file_directory_name(const struct file *file, HANDLE directory, char name[PATH_MAX]);
/* Removes the name by which the object is known, at its end. */
void file_delete_own_name(struct file *file);

#endif
