/* File objects: whatever a program reads and writes by handle. Disk files, directories, pipes, terminals
 * and other devices are all Linux descriptors.
 *
 * Access, share, disposition and option values are NT's (FILE_READ_DATA, FILE_OVERWRITE_IF,
 * FILE_NON_DIRECTORY_FILE ...), so that NtCreateFile and CreateFileW say the same thing here. */
#ifndef KERNEL_FILE_H
#define KERNEL_FILE_H

#include "kernel/object.h"
#include "kernel/path.h"

struct file;
struct completion_port;
extern EXPORTED const struct object_type file_type;

/* Opening */

struct file_open {
    ACCESS_MASK access; /* generic rights are understood */
    ULONG
    attributes;  /* FILE_ATTRIBUTE_READONLY counts when a file is created; others have no place on Linux */
    ULONG share; /* FILE_SHARE_* */
    ULONG disposition; /* FILE_SUPERSEDE ... FILE_OVERWRITE_IF */
    ULONG options;     /* FILE_DIRECTORY_FILE ... */
};

/* The caller owns a reference to the new object. `information`, unless NULL, becomes FILE_OPENED,
 * FILE_CREATED, FILE_OVERWRITTEN or FILE_SUPERSEDED. The path's name takes the case of what was found. */
EXPORTED NTSTATUS file_open(struct host_path *path, const struct file_open *how, struct file **file,
                            ULONG *information);

/* The rights that a generic request comes to, as granted to the handle. */
EXPORTED ACCESS_MASK file_map_access(ACCESS_MASK access);

/* Makes an object of an open descriptor, which it owns from then on. */
#define FILE_SHARED_POSITION 1 /* the descriptor's offset is in use outside this process too */
#define FILE_OVERLAPPED      2 /* opened for asynchronous input and output */
/* How the end of a named pipe was used, from which the descriptor was inherited. */
#define FILE_PIPE_READS_MESSAGES 4
#define FILE_PIPE_NO_WAIT        8
EXPORTED NTSTATUS file_from_descriptor(int descriptor, ACCESS_MASK access, unsigned flags,
                                       struct file **file);

/* Keeps the numbers of closed standard descriptors from being used for anything else. At start, before the
 * first file is opened. */
EXPORTED void file_reserve_standard(void);

/* The handle of standard input, output or error (0, 1, 2), made on first use. 0 if the
 * descriptor is closed. The same handle each time, until the program closes it. */
EXPORTED HANDLE file_standard_handle(int descriptor);

/* Whether an image that is not opened through an object may be loaded: STATUS_SHARING_VIOLATION if the
 * program has the file open and does not share reading, or can write to it. */
EXPORTED NTSTATUS file_share_check_image(dev_t device, ino_t inode);

/* The Linux descriptor, which stays the object's. It may have been opened with O_PATH. */
EXPORTED int file_descriptor(const struct file *file);

/* Moves the position into the descriptor for good, because another process is about to inherit it. */
EXPORTED void file_share_position(struct file *file);

/* The size that whoever made the pipe has asked for, 0 where that is not known. */
EXPORTED void file_set_pipe_size(struct file *file, uint32_t size);
EXPORTED uint32_t file_pipe_size(const struct file *file);

/* FILE_TYPE_DISK, FILE_TYPE_CHAR or FILE_TYPE_PIPE. */
EXPORTED ino_t file_inode(const struct file *file);
EXPORTED DWORD file_device_type(const struct file *file);
EXPORTED bool file_is_directory(const struct file *file);
EXPORTED bool file_is_terminal(const struct file *file);
/* For waits: whether the console has input that it has read from a terminal and nobody has taken from it. */
EXPORTED void file_set_console_input(bool (*has_input)(void));
/* FILE_SYNCHRONOUS_IO_*, FILE_WRITE_THROUGH ... as it was opened. */
EXPORTED ULONG file_options(const struct file *file);
EXPORTED ACCESS_MASK file_access(const struct file *file);

/* While sections of the file exist, it cannot be cut off, and whoever opens it must let others write if one
 * of them does, even after the object's last handle is closed. */
EXPORTED void file_begin_mapping(struct file *file, bool writable);
EXPORTED void file_end_mapping(struct file *file);

/* Input and output */

/* With an offset, there; otherwise at the position, which moves. FILE_APPEND writes at the end.
 * Ends: STATUS_END_OF_FILE on disk files and devices, STATUS_PIPE_BROKEN on pipes and
 * sockets whose other side is closed. A request for 0 bytes succeeds. `done` is set in every case. */
#define FILE_AT_POSITION (-1LL)
#define FILE_APPEND      (-2LL)
EXPORTED NTSTATUS file_read(struct file *file, void *buffer, ULONG length, int64_t offset, ULONG *done);
EXPORTED NTSTATUS file_write(struct file *file, const void *buffer, ULONG length, int64_t offset,
                             ULONG *done);

/* Moves the position as SetFilePointerEx does. STATUS_INVALID_PARAMETER where it cannot move. */
EXPORTED NTSTATUS file_seek(struct file *file, int64_t distance, DWORD origin, int64_t *position);
EXPORTED NTSTATUS file_flush(struct file *file);
EXPORTED NTSTATUS file_set_size(struct file *file, int64_t size);

/* Byte ranges, mandatory against every other handle as Windows has it, and advisory against other
 * processes. Without `wait`, STATUS_LOCK_NOT_GRANTED where another lock is in the way. */
EXPORTED NTSTATUS file_lock(struct file *file, uint64_t offset, uint64_t length, bool exclusive, bool wait);
EXPORTED NTSTATUS file_unlock(struct file *file, uint64_t offset, uint64_t length);

/* Operations of the file, which must be asynchronous, are reported to the port. Once for each object:
 * STATUS_INVALID_PARAMETER after that. */
EXPORTED NTSTATUS file_set_port(struct file *file, struct completion_port *port, ULONG_PTR key);
EXPORTED void file_set_completion_modes(struct file *file, uint8_t modes);
EXPORTED uint8_t file_completion_modes(const struct file *file);
/* Reports an operation, if the file has a port; `at_once`: it was over when the call that began it returned.
 */
EXPORTED void file_post_completion(struct file *file, ULONG_PTR value, NTSTATUS status, ULONG_PTR information,
                                   bool at_once);

/* What is known of a file */

/* Times are Windows ticks. */
struct file_information {
    DWORD attributes;
    DWORD reparse_tag; /* of a symbolic link: IO_REPARSE_TAG_SYMLINK */
    DWORD links;
    DWORD mode; /* st_mode */
    int64_t creation_time;
    int64_t access_time;
    int64_t write_time;
    int64_t change_time;
    uint64_t size;
    uint64_t allocation;
    uint64_t volume; /* st_dev */
    uint64_t id;     /* st_ino */
};

EXPORTED NTSTATUS file_query(struct file *file, struct file_information *information);
/* Without following a final link, unless `follow`. */
EXPORTED NTSTATUS file_query_path(struct host_path *path, bool follow, struct file_information *information);
/* FILE_ATTRIBUTE_* only: for GetFileAttributes. */
EXPORTED NTSTATUS file_query_attributes(struct host_path *path, DWORD *attributes);
/* Names within `directory`, a descriptor or AT_FDCWD. Never follows. */
EXPORTED NTSTATUS file_query_at(int directory, const char *name, struct file_information *information);

/* Ticks of 0 and below leave a time alone. Linux does not let the creation time be set. */
EXPORTED NTSTATUS file_set_times(struct file *file, int64_t access_time, int64_t write_time);
/* READONLY is the absence of every write permission. The other attributes have no place on Linux. */
EXPORTED NTSTATUS file_set_attributes(struct file *file, DWORD attributes);
EXPORTED NTSTATUS file_set_path_attributes(struct host_path *path, DWORD attributes);

/* The name space */

/* Makes the object's last name go away with it, or takes that back. */
EXPORTED NTSTATUS file_set_delete(struct file *file, bool delete);
EXPORTED NTSTATUS file_rename(struct file *file, struct host_path *target, bool replace);
EXPORTED NTSTATUS file_link(struct file *file, struct host_path *target, bool replace);
/* The absolute host path. STATUS_FILE_DELETED, or STATUS_OBJECT_PATH_NOT_FOUND for what has no name. */
EXPORTED NTSTATUS file_host_name(const struct file *file, char name[PATH_MAX]);

EXPORTED NTSTATUS file_delete_path(struct host_path *path);
EXPORTED NTSTATUS file_remove_directory(struct host_path *path);
EXPORTED NTSTATUS file_create_directory(struct host_path *path);
EXPORTED NTSTATUS file_rename_path(struct host_path *source, struct host_path *target, bool replace);
EXPORTED NTSTATUS file_link_path(struct host_path *existing, struct host_path *target);
/* `text` is the link's content, a host path. */
EXPORTED NTSTATUS file_symlink_path(const char *text, struct host_path *link);

#endif
