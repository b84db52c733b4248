/* The name space: creating, removing, renaming and linking names. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "kernel/file_internal.h"
#include "kernel/handle.h"
#include "kernel/status.h"

/* Looking */

static NTSTATUS find_existing(struct host_path *path, struct stat *status)
{
    if (path->kind != PATH_FILE)
        return STATUS_ACCESS_DENIED;
    if (!lstat(path->name, status))
        return STATUS_SUCCESS;
    if (errno != ENOENT && errno != ENOTDIR)
        return status_from_errno(errno);
    NTSTATUS result = path_correct_case(path);
    if (!result && lstat(path->name, status))
        result = status_from_errno(errno);
    return result;
}

/* Readies a path for a new name: STATUS_SUCCESS if there is none, in any case. */
static NTSTATUS find_free(struct host_path *path)
{
    struct stat status;
    NTSTATUS result = find_existing(path, &status);
    if (!result)
        return STATUS_OBJECT_NAME_COLLISION;
    return result == STATUS_OBJECT_NAME_NOT_FOUND ? STATUS_SUCCESS : result;
}

static bool is_read_only(const struct stat *status)
{
    return S_ISREG(status->st_mode) && !(status->st_mode & 0222);
}

/* Whether the name shows as a directory: one, or a link to one. */
static bool is_like_directory(const struct host_path *path, const struct stat *status)
{
    struct stat target;
    if (!S_ISLNK(status->st_mode))
        return S_ISDIR(status->st_mode);
    return !stat(path->name, &target) && S_ISDIR(target.st_mode);
}

/* Removing */

static NTSTATUS remove_name(const char *name, bool directory)
{
    if (directory ? rmdir(name) : unlink(name))
        return status_from_errno(errno);
    path_note_removed(name);
    return STATUS_SUCCESS;
}

NTSTATUS file_delete_path(struct host_path *path)
{
    struct stat status;
    NTSTATUS result = find_existing(path, &status);
    if (result)
        return result;
    if (is_like_directory(path, &status))
        return STATUS_FILE_IS_A_DIRECTORY;
    if (path->directory_only)
        return STATUS_OBJECT_NAME_INVALID;
    if (is_read_only(&status))
        return STATUS_CANNOT_DELETE;
    result = file_share_check_delete(status.st_dev, status.st_ino, NULL);
    return result ? result : remove_name(path->name, false);
}

static bool is_current_directory(const struct stat *status)
{
    struct stat current;
    return !stat(".", &current) && current.st_ino == status->st_ino && current.st_dev == status->st_dev;
}

NTSTATUS file_remove_directory(struct host_path *path)
{
    struct stat status;
    NTSTATUS result = find_existing(path, &status);
    if (result)
        return result;
    if (!is_like_directory(path, &status))
        return STATUS_NOT_A_DIRECTORY;
    result = file_share_check_delete(status.st_dev, status.st_ino, NULL);
    if (result || is_current_directory(&status))
        return STATUS_SHARING_VIOLATION;
    /* A link to a directory goes away by itself. */
    return remove_name(path->name, S_ISDIR(status.st_mode));
}

static bool is_empty_directory(const char *name)
{
    DIR *directory = opendir(name);
    if (!directory)
        return false;
    int entries = 0;
    while (entries <= 2 && readdir(directory))
        entries++;
    closedir(directory);
    return entries <= 2;
}

NTSTATUS file_set_delete(struct file *file, bool delete)
{
    struct stat status;
    char name[PATH_MAX];
    if (delete) {
        NTSTATUS result = file_host_name(file, name);
        if (result)
            return result;
        if (fstat(file->descriptor, &status))
            return status_from_errno(errno);
        if (is_read_only(&status))
            return STATUS_CANNOT_DELETE;
        if (file->directory && !is_empty_directory(name))
            return STATUS_DIRECTORY_NOT_EMPTY;
    }
    file->delete_on_close = file->delete_pending = delete;
    return STATUS_SUCCESS;
}

void file_delete_own_name(struct file *file)
{
    char name[PATH_MAX];
    struct stat status;
    if (file_host_name(file, name) || lstat(name, &status) || status.st_ino != file->inode ||
        status.st_dev != file->device)
        return;
    remove_name(name, file->directory);
}

NTSTATUS file_host_name(const struct file *file, char name[PATH_MAX])
{
    char link[32];
    struct stat status;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file->descriptor);
    ssize_t length = readlink(link, name, PATH_MAX - 1);
    if (length < 0)
        return status_from_errno(errno);
    name[length] = '\0';
    if (name[0] != '/')
        return STATUS_OBJECT_PATH_NOT_FOUND;
    if (!fstat(file->descriptor, &status) && !status.st_nlink)
        return STATUS_FILE_DELETED;
    return STATUS_SUCCESS;
}

NTSTATUS file_directory_name(const struct file *file, HANDLE directory, char name[PATH_MAX])
{
    struct file *parent;
    if (!directory) {
        NTSTATUS status = file_host_name(file, name);
        char *slash = status ? NULL : strrchr(name, '/');
        if (slash)
            slash[slash == name] = '\0';
        return status;
    }
    NTSTATUS status = handle_reference(directory, &file_type, 0, &parent);
    if (status)
        return status;
    status = file_host_name(parent, name);
    object_release(parent);
    return status;
}

/* Creating */

NTSTATUS file_create_directory(struct host_path *path)
{
    if (!strcmp(path->name, "/"))
        return STATUS_ACCESS_DENIED;
    NTSTATUS result = find_free(path);
    if (result)
        return result;
    if (mkdir(path->name, 0777))
        return status_from_errno(errno);
    path_note_created(path->name);
    return STATUS_SUCCESS;
}

NTSTATUS file_link_path(struct host_path *existing, struct host_path *target)
{
    struct stat status;
    NTSTATUS result = find_existing(existing, &status);
    if (!result)
        result = find_free(target);
    if (result)
        return result;
    if (link(existing->name, target->name))
        return status_from_errno(errno);
    path_note_created(target->name);
    return STATUS_SUCCESS;
}

NTSTATUS file_symlink_path(const char *text, struct host_path *path)
{
    NTSTATUS result = find_free(path);
    if (result)
        return result;
    if (symlink(text, path->name))
        return status_from_errno(errno);
    path_note_created(path->name);
    return STATUS_SUCCESS;
}

/* Renaming */

static const char *last_part(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static bool same_inode(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

/* Whether what has the target's name may make way. */
static NTSTATUS check_replaced(struct host_path *target, const struct stat *status, bool replace)
{
    if (!replace)
        return STATUS_OBJECT_NAME_COLLISION;
    if (S_ISDIR(status->st_mode) || is_read_only(status))
        return STATUS_ACCESS_DENIED;
    return file_share_check_delete(status->st_dev, status->st_ino, NULL) ? STATUS_ACCESS_DENIED
                                                                         : STATUS_SUCCESS;
}

/* Spells the target's last part as it was given, where path_correct_case found the source under it: the
 * program changes the case of a name. */
static NTSTATUS respell(struct host_path *target, const char *given)
{
    size_t directory = last_part(target->name) - target->name, length = strlen(given);
    if (directory + length >= sizeof target->name)
        return STATUS_NAME_TOO_LONG;
    memcpy(target->name + directory, given, length + 1);
    return STATUS_SUCCESS;
}

static NTSTATUS rename_name(const char *source, const char *target, bool replace)
{
    int result = renameat2(AT_FDCWD, source, AT_FDCWD, target, replace ? 0 : RENAME_NOREPLACE);
    if (result && errno == EINVAL && !replace)
        result =
            rename(source, target); /* a file system without RENAME_NOREPLACE; the name was free just now */
    if (result)
        return errno == EINVAL ? STATUS_SHARING_VIOLATION : status_from_errno(errno); /* into itself */
    path_note_removed(source);
    path_note_created(target);
    return STATUS_SUCCESS;
}

/* `source` exists, as `status` describes it, and may be moved. The target's name is spelled as it was given,
 * even where it takes the place of one in another case. */
static NTSTATUS rename_found(const char *source, const struct stat *status, struct host_path *target,
                             bool replace)
{
    struct stat existing;
    char given[NAME_MAX + 1], replaced[PATH_MAX];
    const char *last = last_part(target->name);
    if (strlen(last) > NAME_MAX)
        return STATUS_NAME_TOO_LONG;
    strcpy(given, last);
    NTSTATUS result = find_existing(target, &existing);
    if (result == STATUS_OBJECT_NAME_NOT_FOUND) {
        bool fits = !target->directory_only || S_ISDIR(status->st_mode);
        return fits ? rename_name(source, target->name, false) : STATUS_OBJECT_NAME_INVALID;
    }
    if (result)
        return result;
    bool same = same_inode(status, &existing), respelled = strcmp(last_part(target->name), given);
    result = same ? STATUS_SUCCESS : check_replaced(target, &existing, replace);
    strcpy(replaced, target->name);
    if (!result && respelled)
        result = respell(target, given);
    if (!result && !same)
        result = rename_name(source, replaced, true);
    if (!result && (same || respelled))
        result = rename_name(same ? source : replaced, target->name, true);
    return result;
}

NTSTATUS file_rename_path(struct host_path *source, struct host_path *target, bool replace)
{
    struct stat status;
    NTSTATUS result = find_existing(source, &status);
    if (!result)
        result = file_share_check_delete(status.st_dev, status.st_ino, NULL);
    return result ? result : rename_found(source->name, &status, target, replace);
}

NTSTATUS file_rename(struct file *file, struct host_path *target, bool replace)
{
    struct stat status;
    char name[PATH_MAX];
    NTSTATUS result = file_host_name(file, name);
    if (result)
        return result;
    if (lstat(name, &status))
        return status_from_errno(errno);
    result = file_share_check_delete(status.st_dev, status.st_ino, file);
    return result ? result : rename_found(name, &status, target, replace);
}

NTSTATUS file_link(struct file *file, struct host_path *target, bool replace)
{
    char name[PATH_MAX];
    struct stat status;
    NTSTATUS result = file_host_name(file, name);
    if (result)
        return result;
    result = find_existing(target, &status);
    if (!result)
        result = check_replaced(target, &status, replace);
    if (!result)
        result = remove_name(target->name, false);
    if (result && result != STATUS_OBJECT_NAME_NOT_FOUND)
        return result;
    if (link(name, target->name))
        return status_from_errno(errno);
    path_note_created(target->name);
    return STATUS_SUCCESS;
}
