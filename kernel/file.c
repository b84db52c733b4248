#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "kernel/completion.h"
#include "kernel/directory.h"
#include "kernel/file_internal.h"
#include "kernel/io_request.h"
#include "kernel/pipe_internal.h"
#include "kernel/status.h"

/* What ends with the last handle, though a section or an operation may still hold the object. */
static void clean_up(struct file *file)
{
    if (file->has_locks)
        file_lock_release_all(file);
    if (file->open)
        file_share_leave(file);
    if (file->delete_on_close)
        file_delete_own_name(file);
    io_close(file);
    if (file->pipe)
        pipe_close(file);
    file->has_locks = file->delete_on_close = false;
}

static void file_handle_opened(struct object *object)
{
    __atomic_fetch_add(&((struct file *)object)->handles, 1, __ATOMIC_RELAXED);
}

static void file_handle_closed(struct object *object)
{
    struct file *file = (struct file *)object;
    if (__atomic_fetch_sub(&file->handles, 1, __ATOMIC_ACQ_REL) == 1)
        clean_up(file);
}

static void file_destroy(struct object *object)
{
    struct file *file = (struct file *)object;
    clean_up(file);
    file_share_forget(file);
    if (file->search)
        directory_search_close(file->search);
    if (file->port)
        object_release(file->port);
    io_destroy(file);
    struct file *peer = file->pipe ? pipe_destroy(file) : NULL;
    if (file->descriptor > STDERR_FILENO) {
        close(file->descriptor);
    } else {
        /* Whatever the program opens next must not become its, or our, standard output. */
        int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(nothing, file->descriptor);
        close(nothing);
    }
    /* Another end in this process hears of it at once. */
    if (peer) {
        io_review(peer);
        object_release(peer);
    }
    free(file);
}

const struct object_type file_type = {
    .name = "File",
    .destroy = file_destroy,
    .handle_opened = file_handle_opened,
    .handle_closed = file_handle_closed,
    .wait = &file_waits,
    .access = {FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS},
};

ACCESS_MASK file_map_access(ACCESS_MASK access)
{
    if (access & GENERIC_READ)
        access |= FILE_GENERIC_READ;
    if (access & GENERIC_WRITE)
        access |= FILE_GENERIC_WRITE;
    if (access & GENERIC_EXECUTE)
        access |= FILE_GENERIC_EXECUTE;
    if (access & (GENERIC_ALL | MAXIMUM_ALLOWED))
        access |= FILE_ALL_ACCESS;
    return access & ~(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL | MAXIMUM_ALLOWED);
}

/* Making an object of a descriptor */

static uint8_t device_type_of(mode_t mode)
{
    if (S_ISCHR(mode))
        return FILE_TYPE_CHAR;
    return S_ISFIFO(mode) || S_ISSOCK(mode) ? FILE_TYPE_PIPE : FILE_TYPE_DISK;
}

static struct file *file_allocate(int descriptor, const struct stat *status)
{
    struct file *file = calloc(1, sizeof *file);
    if (!file)
        return NULL;
    waitable_initialize(&file->waitable, &file_type, true);
    file->descriptor = descriptor;
    file->device_type = device_type_of(status->st_mode);
    file->directory = S_ISDIR(status->st_mode);
    file->kernel_position = !S_ISREG(status->st_mode) && !S_ISBLK(status->st_mode);
    file->device = status->st_dev;
    file->inode = status->st_ino;
    return file;
}

NTSTATUS file_from_descriptor(int descriptor, ACCESS_MASK access, unsigned flags, struct file **result)
{
    struct stat status;
    if (fstat(descriptor, &status))
        return status_from_errno(errno);
    struct file *file = file_allocate(descriptor, &status);
    if (!file)
        return STATUS_NO_MEMORY;
    file->access = file_map_access(access);
    file->share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    file->options = flags & FILE_OVERLAPPED ? 0 : FILE_SYNCHRONOUS_IO_NONALERT;
    if (flags & FILE_SHARED_POSITION) {
        file->kernel_position = true;
        if (S_ISSOCK(status.st_mode))
            pipe_adopt(file, flags);
    }
    *result = file;
    return STATUS_SUCCESS;
}

/* Opening */

static bool may_create(ULONG disposition)
{
    return disposition != FILE_OPEN && disposition != FILE_OVERWRITE;
}

static bool overwrites(ULONG disposition)
{
    return disposition == FILE_SUPERSEDE || disposition == FILE_OVERWRITE || disposition == FILE_OVERWRITE_IF;
}

static int open_flags(const struct file_open *how, ACCESS_MASK access)
{
    int flags = O_CLOEXEC | O_NOCTTY;
    bool reads = access & FILE_READS, writes = access & FILE_WRITES;
    if (how->options & FILE_OPEN_REPARSE_POINT)
        flags |= O_NOFOLLOW;
    if (overwrites(how->disposition) && !writes)
        writes = true; /* to cut the file off */
    if (!reads && !writes)
        return flags | O_PATH;
    if (writes && !(access & FILE_WRITE_DATA) && !overwrites(how->disposition))
        flags |= O_APPEND;
    if (writes && how->options & FILE_WRITE_THROUGH)
        flags |= O_DSYNC;
    return flags | (reads && writes ? O_RDWR : writes ? O_WRONLY : O_RDONLY);
}

static int open_existing(const char *name, int flags, const struct file_open *how)
{
    int descriptor = open(name, flags);
    if (descriptor >= 0)
        return descriptor;
    if (errno == EISDIR && !(how->options & FILE_NON_DIRECTORY_FILE))
        return open(name, (flags & ~(O_ACCMODE | O_APPEND)) | O_RDONLY | O_DIRECTORY);
    if (errno == ELOOP && flags & O_NOFOLLOW)
        return open(name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (errno == EACCES && how->access & MAXIMUM_ALLOWED) {
        descriptor = open(name, (flags & ~O_ACCMODE) | O_RDONLY);
        return descriptor >= 0 ? descriptor : open(name, (flags & ~O_ACCMODE) | O_PATH);
    }
    return -1;
}

static mode_t creation_mode(const struct file_open *how)
{
    return how->attributes & FILE_ATTRIBUTE_READONLY ? 0444 : 0666;
}

static int create_new(const char *name, int flags, const struct file_open *how)
{
    int descriptor;
    if (how->options & FILE_DIRECTORY_FILE) {
        if (mkdir(name, 0777))
            return -1;
        descriptor = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } else {
        descriptor = open(name, (flags & ~(O_PATH | O_NOFOLLOW)) | O_CREAT | O_EXCL, creation_mode(how));
    }
    if (descriptor >= 0)
        path_note_created(name);
    return descriptor;
}

/* Something has the name that was to be a new file's. */
static NTSTATUS status_of_collision(const char *name, const struct file_open *how)
{
    struct stat status;
    bool directory = !stat(name, &status) && S_ISDIR(status.st_mode);
    return directory && how->options & FILE_NON_DIRECTORY_FILE ? STATUS_FILE_IS_A_DIRECTORY
                                                               : STATUS_OBJECT_NAME_COLLISION;
}

static NTSTATUS status_of_missing(NTSTATUS status)
{
    return status ? status : STATUS_OBJECT_NAME_NOT_FOUND;
}

/* Opens or creates the path's file. `*created` tells which. */
static NTSTATUS open_descriptor(struct host_path *path, const struct file_open *how, ACCESS_MASK access,
                                int *descriptor, bool *created)
{
    int flags = open_flags(how, access);
    *created = false;
    if (how->disposition != FILE_CREATE) {
        *descriptor = open_existing(path->name, flags, how);
        if (*descriptor >= 0)
            return STATUS_SUCCESS;
        if (errno != ENOENT && errno != ENOTDIR)
            return status_from_errno(errno);
    }
    NTSTATUS status = path_correct_case(path);
    if (!status && how->disposition == FILE_CREATE)
        return status_of_collision(path->name, how);
    if (!status) {
        *descriptor = open_existing(path->name, flags, how);
        if (*descriptor >= 0)
            return STATUS_SUCCESS;
        if (errno != ENOENT)
            return status_from_errno(errno);
    }
    if (status_of_missing(status) != STATUS_OBJECT_NAME_NOT_FOUND || !may_create(how->disposition))
        return status_of_missing(status);
    if (path->directory_only && !(how->options & FILE_DIRECTORY_FILE))
        return STATUS_OBJECT_NAME_INVALID;
    *descriptor = create_new(path->name, flags, how);
    *created = *descriptor >= 0;
    if (*created)
        return STATUS_SUCCESS;
    if (errno == EEXIST && how->disposition == FILE_CREATE)
        return status_of_collision(path->name, how);
    if (errno == EEXIST && !(how->options & FILE_DIRECTORY_FILE)) {
        /* Somebody was faster, or the name is that of a link to nothing, which comes to exist now. */
        *descriptor = open(path->name, (flags & ~O_PATH) | O_CREAT, creation_mode(how));
        if (*descriptor >= 0)
            return STATUS_SUCCESS;
    }
    return status_from_errno(errno);
}

/* Whether what was found is what was asked for. */
static NTSTATUS check_found(const struct host_path *path, const struct file_open *how, ACCESS_MASK access,
                            const struct stat *status)
{
    if (S_ISDIR(status->st_mode)) {
        if (how->options & FILE_NON_DIRECTORY_FILE)
            return STATUS_FILE_IS_A_DIRECTORY;
        return overwrites(how->disposition) ? STATUS_OBJECT_NAME_COLLISION : STATUS_SUCCESS;
    }
    if (how->options & FILE_DIRECTORY_FILE)
        return STATUS_NOT_A_DIRECTORY;
    if (path->directory_only)
        return STATUS_OBJECT_NAME_INVALID;
    if (!S_ISREG(status->st_mode) || status->st_mode & 0222)
        return STATUS_SUCCESS;
    /* READONLY */
    if ((access & FILE_WRITES && !(how->access & MAXIMUM_ALLOWED)) || overwrites(how->disposition))
        return STATUS_ACCESS_DENIED;
    return how->options & FILE_DELETE_ON_CLOSE ? STATUS_CANNOT_DELETE : STATUS_SUCCESS;
}

static NTSTATUS cut_off(struct file *file, const struct file_open *how, const struct stat *status)
{
    if (!S_ISREG(status->st_mode))
        return STATUS_SUCCESS;
    NTSTATUS mapped = file_share_check_size(file);
    if (mapped)
        return mapped;
    if (status->st_size && ftruncate(file->descriptor, 0))
        return status_from_errno(errno);
    if (how->attributes & FILE_ATTRIBUTE_READONLY)
        fchmod(file->descriptor, status->st_mode & 0555);
    return STATUS_SUCCESS;
}

static ULONG information_of(ULONG disposition, bool created)
{
    if (created)
        return FILE_CREATED;
    if (disposition == FILE_SUPERSEDE)
        return FILE_SUPERSEDED;
    return overwrites(disposition) ? FILE_OVERWRITTEN : FILE_OPENED;
}

static NTSTATUS finish_open(const struct host_path *path, const struct file_open *how, ACCESS_MASK access,
                            int descriptor, bool created, struct file **result)
{
    struct stat status;
    if (fstat(descriptor, &status))
        return status_from_errno(errno);
    NTSTATUS checked = created ? STATUS_SUCCESS : check_found(path, how, access, &status);
    if (checked)
        return checked;
    struct file *file = file_allocate(descriptor, &status);
    if (!file)
        return STATUS_NO_MEMORY;
    file->access = access;
    file->share = how->share;
    file->options = how->options;
    file->path_only = !(access & (FILE_READS | FILE_WRITES)) && !created && !overwrites(how->disposition);
    checked = file_share_enter(file);
    if (!checked && !created && overwrites(how->disposition))
        checked = cut_off(file, how, &status);
    if (checked) {
        file_share_forget(file);
        free(file);
        return checked;
    }
    file->delete_on_close = (how->options & FILE_DELETE_ON_CLOSE) != 0;
    *result = file;
    return STATUS_SUCCESS;
}

/* Where a program was started with a standard descriptor closed, the next file must not become it. */
static int above_standard(int descriptor)
{
    if (descriptor > STDERR_FILENO)
        return descriptor;
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    close(descriptor);
    return moved;
}

/* Console and other devices are there or not; they are never created, cut off or deleted. */
static NTSTATUS open_device(struct host_path *path, const struct file_open *how, struct file **result,
                            ULONG *information)
{
    ACCESS_MASK access = file_map_access(how->access);
    struct file_open plain = *how;
    plain.disposition = FILE_OPEN;
    plain.options &=
        ~(FILE_DELETE_ON_CLOSE | FILE_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT | FILE_WRITE_THROUGH);
    if (path->kind == PATH_VOLUME && access & (FILE_READS | FILE_WRITES))
        return STATUS_ACCESS_DENIED;
    if (path->kind == PATH_DEVICE)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    int descriptor = open(path->name, open_flags(&plain, access));
    if (descriptor < 0)
        return errno == ENXIO ? STATUS_INVALID_HANDLE : status_from_errno(errno);
    descriptor = above_standard(descriptor);
    NTSTATUS status = file_from_descriptor(descriptor, access, 0, result);
    if (status) {
        close(descriptor);
        return status;
    }
    (*result)->options = plain.options;
    (*result)->path_only = !(access & (FILE_READS | FILE_WRITES));
    if (information)
        *information = FILE_OPENED;
    return STATUS_SUCCESS;
}

NTSTATUS file_open(struct host_path *path, const struct file_open *how, struct file **result,
                   ULONG *information)
{
    if (path->kind == PATH_PIPE) {
        if (information)
            *information = FILE_OPENED;
        return pipe_open(path->name, how, result);
    }
    if (path->kind != PATH_FILE)
        return open_device(path, how, result, information);
    ACCESS_MASK access = file_map_access(how->access);
    if (how->options & FILE_DELETE_ON_CLOSE && !(access & DELETE))
        return STATUS_INVALID_PARAMETER;
    int descriptor;
    bool created;
    NTSTATUS status = open_descriptor(path, how, access, &descriptor, &created);
    if (status)
        return status;
    descriptor = above_standard(descriptor);
    status = finish_open(path, how, access, descriptor, created, result);
    if (status) {
        close(descriptor);
        return status;
    }
    if (information)
        *information = information_of(how->disposition, created);
    return STATUS_SUCCESS;
}

/* What an object is */

int file_descriptor(const struct file *file)
{
    return file->descriptor;
}

ino_t file_inode(const struct file *file)
{
    return file->inode;
}

DWORD file_device_type(const struct file *file)
{
    return file->device_type;
}

void file_set_pipe_size(struct file *file, uint32_t size)
{
    file->pipe_size = size;
}

uint32_t file_pipe_size(const struct file *file)
{
    return file->pipe_size;
}

bool file_is_directory(const struct file *file)
{
    return file->directory;
}

bool file_is_terminal(const struct file *file)
{
    return file->device_type == FILE_TYPE_CHAR && isatty(file->descriptor);
}

ULONG file_options(const struct file *file)
{
    return file->options;
}

ACCESS_MASK file_access(const struct file *file)
{
    return file->access;
}

/* Completion */

NTSTATUS file_set_port(struct file *file, struct completion_port *port, ULONG_PTR key)
{
    if (file->options & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    lock_acquire(&file->lock);
    if (!file->port) {
        file->port_key = key;
        file->port = object_retain(port);
        status = STATUS_SUCCESS;
    }
    lock_release(&file->lock);
    return status;
}

void file_set_completion_modes(struct file *file, uint8_t modes)
{
    /* They can only be added. */
    __atomic_fetch_or(&file->completion_modes, modes, __ATOMIC_RELAXED);
}

uint8_t file_completion_modes(const struct file *file)
{
    return __atomic_load_n(&file->completion_modes, __ATOMIC_RELAXED);
}

void file_post_completion(struct file *file, ULONG_PTR value, NTSTATUS status, ULONG_PTR information,
                          bool at_once)
{
    if (!file->port || (at_once && file_completion_modes(file) & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS))
        return;
    completion_post(file->port, &(struct completion_packet){file->port_key, value, status, information});
}
