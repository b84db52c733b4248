/* What is known of a file: attributes, times, size. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "kernel/file_internal.h"
#include "kernel/status.h"
#include "kernel/time.h"

#define WANTED (STATX_BASIC_STATS | STATX_BTIME)

/* Attributes */

/* `mode` is a link's own; `target` what it leads to, 0 if nothing. */
static DWORD attributes_of(mode_t mode, mode_t target)
{
    DWORD attributes = 0;
    if (S_ISLNK(mode))
        attributes |= FILE_ATTRIBUTE_REPARSE_POINT;
    if (S_ISDIR(mode) || (S_ISLNK(mode) && S_ISDIR(target)))
        attributes |= FILE_ATTRIBUTE_DIRECTORY;
    else
        attributes |= FILE_ATTRIBUTE_ARCHIVE;
    if (S_ISREG(mode) && !(mode & 0222))
        attributes |= FILE_ATTRIBUTE_READONLY;
    return attributes;
}

static mode_t target_mode(int directory, const char *name)
{
    struct statx data;
    return statx(directory, name, 0, STATX_TYPE, &data) ? 0 : data.stx_mode;
}

static int64_t ticks_of(const struct statx_timestamp *time)
{
    return time_from_unix(time->tv_sec, time->tv_nsec);
}

static void describe(const struct statx *data, mode_t target, struct file_information *information)
{
    bool directory = S_ISDIR(data->stx_mode);
    *information = (struct file_information){
        .attributes = attributes_of(data->stx_mode, target),
        .reparse_tag = S_ISLNK(data->stx_mode) ? IO_REPARSE_TAG_SYMLINK : 0,
        .links = directory ? 1 : data->stx_nlink,
        .mode = data->stx_mode,
        .access_time = ticks_of(&data->stx_atime),
        .write_time = ticks_of(&data->stx_mtime),
        .change_time = ticks_of(&data->stx_ctime),
        .size = S_ISREG(data->stx_mode) ? data->stx_size : 0,
        .allocation = directory ? 0 : data->stx_blocks * 512,
        .volume = makedev(data->stx_dev_major, data->stx_dev_minor),
        .id = data->stx_ino,
    };
    /* A file system that does not keep a birth time leaves the oldest there is. */
    information->creation_time = information->write_time < information->change_time
                                     ? information->write_time
                                     : information->change_time;
    if (data->stx_mask & STATX_BTIME)
        information->creation_time = ticks_of(&data->stx_btime);
}

NTSTATUS file_query_at(int directory, const char *name, struct file_information *information)
{
    struct statx data;
    if (statx(directory, name, AT_SYMLINK_NOFOLLOW, WANTED, &data))
        return status_from_errno(errno);
    describe(&data, S_ISLNK(data.stx_mode) ? target_mode(directory, name) : 0, information);
    return STATUS_SUCCESS;
}

NTSTATUS file_query(struct file *file, struct file_information *information)
{
    struct statx data;
    if (statx(file->descriptor, "", AT_EMPTY_PATH, WANTED, &data))
        return status_from_errno(errno);
    mode_t target = 0;
    char name[PATH_MAX];
    if (S_ISLNK(data.stx_mode) && !file_host_name(file, name))
        target = target_mode(AT_FDCWD, name);
    describe(&data, target, information);
    if (file->delete_on_close && information->links)
        information->links--;
    return STATUS_SUCCESS;
}

/* statx of a path, in another case if it must be. */
static NTSTATUS look_up(struct host_path *path, int flags, unsigned mask, struct statx *data)
{
    if (path->kind == PATH_DEVICE || path->kind == PATH_PIPE)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (path->directory_only)
        flags &= ~AT_SYMLINK_NOFOLLOW;
    if (statx(AT_FDCWD, path->name, flags, mask, data)) {
        if (errno != ENOENT && errno != ENOTDIR)
            return status_from_errno(errno);
        NTSTATUS status = path_correct_case(path);
        if (status)
            return status;
        if (statx(AT_FDCWD, path->name, flags, mask, data))
            return status_from_errno(errno);
    }
    return path->directory_only && !S_ISDIR(data->stx_mode) ? STATUS_OBJECT_NAME_INVALID : STATUS_SUCCESS;
}

NTSTATUS file_query_path(struct host_path *path, bool follow, struct file_information *information)
{
    struct statx data;
    NTSTATUS status = look_up(path, follow ? 0 : AT_SYMLINK_NOFOLLOW, WANTED, &data);
    if (!status)
        describe(&data, S_ISLNK(data.stx_mode) ? target_mode(AT_FDCWD, path->name) : 0, information);
    return status;
}

NTSTATUS file_query_attributes(struct host_path *path, DWORD *attributes)
{
    struct statx data;
    NTSTATUS status = look_up(path, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_MODE, &data);
    if (!status)
        *attributes =
            attributes_of(data.stx_mode, S_ISLNK(data.stx_mode) ? target_mode(AT_FDCWD, path->name) : 0);
    return status;
}

/* Changing them */

/* A name for what O_PATH opened, which refuses the calls that take a descriptor. */
static void descriptor_name(const struct file *file, char name[32])
{
    snprintf(name, 32, "/proc/self/fd/%d", file->descriptor);
}

static struct timespec time_to_set(int64_t ticks)
{
    if (ticks <= 0)
        return (struct timespec){.tv_nsec = UTIME_OMIT};
    return time_to_timespec(ticks);
}

NTSTATUS file_set_times(struct file *file, int64_t access_time, int64_t write_time)
{
    struct timespec times[2] = {time_to_set(access_time), time_to_set(write_time)};
    char name[32];
    int result;
    if (file->path_only) {
        descriptor_name(file, name);
        result = utimensat(AT_FDCWD, name, times, 0);
    } else {
        result = futimens(file->descriptor, times);
    }
    return result ? status_from_errno(errno) : STATUS_SUCCESS;
}

static mode_t mode_with(mode_t mode, DWORD attributes)
{
    if (attributes & FILE_ATTRIBUTE_READONLY)
        return mode & 0555;
    return (mode & 0222 ? mode : mode | 0200) & 07777;
}

/* A directory's write permission says who may create files in it, which READONLY does not mean there. */
static NTSTATUS change_mode(const char *name, mode_t mode, DWORD attributes)
{
    if (!S_ISREG(mode))
        return STATUS_SUCCESS;
    mode_t changed = mode_with(mode, attributes);
    if (changed == (mode & 07777) || !chmod(name, changed))
        return STATUS_SUCCESS;
    return status_from_errno(errno);
}

NTSTATUS file_set_attributes(struct file *file, DWORD attributes)
{
    struct stat status;
    char name[32];
    if (fstat(file->descriptor, &status))
        return status_from_errno(errno);
    descriptor_name(file, name);
    return change_mode(name, status.st_mode, attributes);
}

NTSTATUS file_set_path_attributes(struct host_path *path, DWORD attributes)
{
    struct statx data;
    NTSTATUS status = look_up(path, AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_MODE, &data);
    return status ? status : change_mode(path->name, data.stx_mode, attributes);
}
