/* Attributes of files by name, and operations on names: delete, move, copy, link. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "kernel/time.h"
#include "kernel/utf.h"

/* Attributes */

DWORD WINAPI GetFileAttributesW(LPCWSTR path)
{
    struct host_path host;
    DWORD attributes;
    NTSTATUS status = host_path_of(path, &host);
    if (!status)
        status = file_query_attributes(&host, &attributes);
    return set_last_status(status) ? attributes : INVALID_FILE_ATTRIBUTES;
}

DWORD WINAPI GetFileAttributesA(LPCSTR path)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, path))
        return INVALID_FILE_ATTRIBUTES;
    DWORD attributes = GetFileAttributesW(wide.text);
    wide_free(&wide);
    return attributes;
}

BOOL WINAPI GetFileAttributesExW(LPCWSTR path, GET_FILEEX_INFO_LEVELS level, LPVOID buffer)
{
    struct host_path host;
    struct file_information information;
    if (level != GetFileExInfoStandard) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    NTSTATUS status = host_path_of(path, &host);
    if (!status)
        status = file_query_path(&host, false, &information);
    if (status)
        return set_last_status(status);
    *(WIN32_FILE_ATTRIBUTE_DATA *)buffer = (WIN32_FILE_ATTRIBUTE_DATA){
        .dwFileAttributes = information.attributes,
        .ftCreationTime = time_to_filetime(information.creation_time),
        .ftLastAccessTime = time_to_filetime(information.access_time),
        .ftLastWriteTime = time_to_filetime(information.write_time),
        .nFileSizeHigh = (DWORD)(information.size >> 32),
        .nFileSizeLow = (DWORD)information.size,
    };
    return TRUE;
}

BOOL WINAPI GetFileAttributesExA(LPCSTR path, GET_FILEEX_INFO_LEVELS level, LPVOID buffer)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, path))
        return FALSE;
    BOOL result = GetFileAttributesExW(wide.text, level, buffer);
    wide_free(&wide);
    return result;
}

BOOL WINAPI SetFileAttributesW(LPCWSTR path, DWORD attributes)
{
    struct host_path host;
    NTSTATUS status = host_path_of(path, &host);
    return set_last_status(status ? status : file_set_path_attributes(&host, attributes));
}

BOOL WINAPI SetFileAttributesA(LPCSTR path, DWORD attributes)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, path))
        return FALSE;
    BOOL result = SetFileAttributesW(wide.text, attributes);
    wide_free(&wide);
    return result;
}

/* What the file takes on the disk. */
DWORD WINAPI GetCompressedFileSizeW(LPCWSTR path, LPDWORD high)
{
    struct host_path host;
    struct file_information information;
    NTSTATUS status = host_path_of(path, &host);
    if (!status)
        status = file_query_path(&host, true, &information);
    if (!set_last_status(status))
        return INVALID_FILE_SIZE;
    if (high)
        *high = (DWORD)(information.allocation >> 32);
    if ((DWORD)information.allocation == INVALID_FILE_SIZE)
        SetLastError(ERROR_SUCCESS);
    return (DWORD)information.allocation;
}

DWORD WINAPI GetCompressedFileSizeA(LPCSTR path, LPDWORD high)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, path))
        return INVALID_FILE_SIZE;
    DWORD size = GetCompressedFileSizeW(wide.text, high);
    wide_free(&wide);
    return size;
}

/* Delete */

BOOL WINAPI DeleteFileW(LPCWSTR path)
{
    struct host_path host;
    NTSTATUS status = host_path_of(path, &host);
    return set_last_status(status ? status : file_delete_path(&host));
}

BOOL WINAPI DeleteFileA(LPCSTR path)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, path))
        return FALSE;
    BOOL result = DeleteFileW(wide.text);
    wide_free(&wide);
    return result;
}

/* Copy */

struct copy {
    struct file *source, *target;
    uint64_t size, done;
    LPPROGRESS_ROUTINE progress;
    void *argument;
    BOOL *cancel;
};

#define COPY_PART (16 << 20)

/* Calls the program's progress routine. STATUS_CANCELLED when it, or its flag, says to stop. */
static NTSTATUS report_progress(struct copy *copy, DWORD reason)
{
    if (copy->cancel && *copy->cancel)
        return STATUS_CANCELLED;
    if (!copy->progress)
        return STATUS_SUCCESS;
    LARGE_INTEGER size = {.QuadPart = copy->size}, done = {.QuadPart = copy->done};
    DWORD answer = copy->progress(size, done, size, done, 1, reason, INVALID_HANDLE_VALUE,
                                  INVALID_HANDLE_VALUE, copy->argument);
    if (answer == PROGRESS_QUIET)
        copy->progress = NULL;
    return answer == PROGRESS_CANCEL || answer == PROGRESS_STOP ? STATUS_CANCELLED : STATUS_SUCCESS;
}

/* The kernel copies, sharing storage where the file system can. */
static ssize_t copy_part(int source, int target)
{
    ssize_t result = copy_file_range(source, NULL, target, NULL, COPY_PART, 0);
    if (result < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP))
        result = sendfile(target, source, NULL, COPY_PART);
    return result;
}

static NTSTATUS copy_data(struct copy *copy)
{
    int source = file_descriptor(copy->source), target = file_descriptor(copy->target);
    NTSTATUS status = report_progress(copy, CALLBACK_STREAM_SWITCH);
    while (!status) {
        ssize_t result = copy_part(source, target);
        if (result < 0)
            return status_from_errno(errno);
        if (!result)
            break;
        copy->done += result;
        status = report_progress(copy, CALLBACK_CHUNK_FINISHED);
    }
    return status;
}

/* A copy has the time of what it was made from, and its permissions, of which READONLY is a part. */
static NTSTATUS copy_attributes(struct copy *copy, const struct file_information *information)
{
    NTSTATUS status = file_set_times(copy->target, 0, information->write_time);
    if (!status && fchmod(file_descriptor(copy->target), information->mode & 0777))
        status = status_from_errno(errno);
    return status;
}

static NTSTATUS copy_opened(struct copy *copy)
{
    struct file_information information;
    NTSTATUS status = file_query(copy->source, &information);
    if (status)
        return status;
    copy->size = information.size;
    status = copy_data(copy);
    if (!status)
        status = copy_attributes(copy, &information);
    if (status && file_access(copy->target) & DELETE)
        file_set_delete(copy->target, true);
    return status;
}

/* Nobody may write to the source meanwhile, which keeps a file from being copied to itself; unless somebody
 * writes to it already. */
static NTSTATUS open_source(struct host_path *path, struct file **source)
{
    struct file_open how = {
        .access = GENERIC_READ,
        .share = FILE_SHARE_READ | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT,
    };
    NTSTATUS status = file_open(path, &how, source, NULL);
    if (status == STATUS_SHARING_VIOLATION) {
        how.share |= FILE_SHARE_WRITE;
        status = file_open(path, &how, source, NULL);
    }
    return status;
}

/* The right to delete is for taking an unfinished copy away. Where others do not share it, it will do
 * without. */
static NTSTATUS open_target(struct host_path *path, DWORD flags, struct file **target)
{
    struct file_open how = {
        .access = GENERIC_WRITE | DELETE,
        .share = FILE_SHARE_READ | FILE_SHARE_WRITE,
        .disposition = flags & COPY_FILE_FAIL_IF_EXISTS ? FILE_CREATE : FILE_OVERWRITE_IF,
        .options = FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT,
    };
    NTSTATUS status = file_open(path, &how, target, NULL);
    if (status == STATUS_SHARING_VIOLATION) {
        how.access = GENERIC_WRITE;
        status = file_open(path, &how, target, NULL);
    }
    return status;
}

static NTSTATUS copy_symbolic_link(const struct host_path *source, struct host_path *target)
{
    char text[PATH_MAX];
    ssize_t length = readlink(source->name, text, sizeof text - 1);
    if (length < 0)
        return status_from_errno(errno);
    text[length] = '\0';
    return file_symlink_path(text, target);
}

static NTSTATUS copy_file(const WCHAR *from, const WCHAR *to, DWORD flags, struct copy *copy)
{
    struct host_path source, target;
    struct file_information information;
    NTSTATUS status = host_path_of(from, &source);
    if (!status)
        status = host_path_of(to, &target);
    if (!status && flags & COPY_FILE_COPY_SYMLINK) {
        status = file_query_path(&source, false, &information);
        if (!status && information.reparse_tag)
            return copy_symbolic_link(&source, &target);
    }
    if (!status)
        status = open_source(&source, &copy->source);
    if (status)
        return status;
    status = open_target(&target, flags, &copy->target);
    if (!status) {
        status = copy_opened(copy);
        object_release(copy->target);
    }
    object_release(copy->source);
    return status;
}

BOOL WINAPI CopyFileExW(LPCWSTR from, LPCWSTR to, LPPROGRESS_ROUTINE progress, LPVOID argument, LPBOOL cancel,
                        DWORD flags)
{
    struct copy copy = {.progress = progress, .argument = argument, .cancel = cancel};
    NTSTATUS status = copy_file(from, to, flags, &copy);
    if (!set_last_status(status)) {
        if (status == STATUS_OBJECT_NAME_COLLISION)
            SetLastError(ERROR_FILE_EXISTS);
        if (status == STATUS_CANCELLED)
            SetLastError(ERROR_REQUEST_ABORTED);
        return FALSE;
    }
    SetLastError(ERROR_SUCCESS);
    return TRUE;
}

BOOL WINAPI CopyFileExA(LPCSTR from, LPCSTR to, LPPROGRESS_ROUTINE progress, LPVOID argument, LPBOOL cancel,
                        DWORD flags)
{
    struct wide_pair pair;
    if (!wide_pair_from_ansi(&pair, from, to))
        return FALSE;
    BOOL result = CopyFileExW(pair.first.text, pair.second.text, progress, argument, cancel, flags);
    wide_pair_free(&pair);
    return result;
}

BOOL WINAPI CopyFileW(LPCWSTR from, LPCWSTR to, BOOL fail_if_exists)
{
    return CopyFileExW(from, to, NULL, NULL, NULL, fail_if_exists ? COPY_FILE_FAIL_IF_EXISTS : 0);
}

BOOL WINAPI CopyFileA(LPCSTR from, LPCSTR to, BOOL fail_if_exists)
{
    return CopyFileExA(from, to, NULL, NULL, NULL, fail_if_exists ? COPY_FILE_FAIL_IF_EXISTS : 0);
}

/* Move */

/* Another device takes a copy, which only files can have. */
static BOOL move_by_copy(const WCHAR *from, const WCHAR *to, DWORD flags, LPPROGRESS_ROUTINE progress,
                         void *argument)
{
    DWORD attributes = GetFileAttributesW(from);
    if (attributes & FILE_ATTRIBUTE_DIRECTORY) {
        SetLastError(ERROR_ACCESS_DENIED);
        return FALSE;
    }
    DWORD copy_flags =
        COPY_FILE_COPY_SYMLINK | (flags & MOVEFILE_REPLACE_EXISTING ? 0 : COPY_FILE_FAIL_IF_EXISTS);
    return CopyFileExW(from, to, progress, argument, NULL, copy_flags) && DeleteFileW(from);
}

BOOL WINAPI MoveFileWithProgressW(LPCWSTR from, LPCWSTR to, LPPROGRESS_ROUTINE progress, LPVOID argument,
                                  DWORD flags)
{
    struct host_path source, target;
    if (flags & MOVEFILE_DELAY_UNTIL_REBOOT) {
        /* No boot will come that looks at such a list. */
        SetLastError(ERROR_NOT_SUPPORTED);
        return FALSE;
    }
    NTSTATUS status = host_path_of(from, &source);
    if (!status)
        status = host_path_of(to, &target);
    if (!status)
        status = file_rename_path(&source, &target, flags & MOVEFILE_REPLACE_EXISTING);
    if (status == STATUS_NOT_SAME_DEVICE && flags & MOVEFILE_COPY_ALLOWED)
        return move_by_copy(from, to, flags, progress, argument);
    return set_last_status(status);
}

BOOL WINAPI MoveFileExW(LPCWSTR from, LPCWSTR to, DWORD flags)
{
    return MoveFileWithProgressW(from, to, NULL, NULL, flags);
}

BOOL WINAPI MoveFileW(LPCWSTR from, LPCWSTR to)
{
    return MoveFileWithProgressW(from, to, NULL, NULL, MOVEFILE_COPY_ALLOWED);
}

BOOL WINAPI MoveFileWithProgressA(LPCSTR from, LPCSTR to, LPPROGRESS_ROUTINE progress, LPVOID argument,
                                  DWORD flags)
{
    struct wide_pair pair;
    if (!wide_pair_from_ansi(&pair, from, to))
        return FALSE;
    BOOL result = MoveFileWithProgressW(pair.first.text, pair.second.text, progress, argument, flags);
    wide_pair_free(&pair);
    return result;
}

BOOL WINAPI MoveFileExA(LPCSTR from, LPCSTR to, DWORD flags)
{
    return MoveFileWithProgressA(from, to, NULL, NULL, flags);
}

BOOL WINAPI MoveFileA(LPCSTR from, LPCSTR to)
{
    return MoveFileWithProgressA(from, to, NULL, NULL, MOVEFILE_COPY_ALLOWED);
}

/* Replace */

BOOL WINAPI ReplaceFileW(LPCWSTR replaced, LPCWSTR replacement, LPCWSTR backup, DWORD flags, LPVOID exclude,
                         LPVOID reserved)
{
    struct host_path old, new, kept;
    struct file_information information;
    NTSTATUS status = host_path_of(replaced, &old);
    if (!status)
        status = host_path_of(replacement, &new);
    if (!status && backup)
        status = host_path_of(backup, &kept);
    if (!status)
        status = file_query_path(&old, false, &information);
    if (!status)
        status = file_query_path(&new, false, &information);
    if (!status && backup)
        status = file_rename_path(&old, &kept, true);
    if (!set_last_status(status))
        return FALSE;
    status = file_rename_path(&new, &old, true);
    if (status && backup) {
        file_rename_path(&kept, &old, false);
        SetLastError(ERROR_UNABLE_TO_MOVE_REPLACEMENT);
        return FALSE;
    }
    if (status)
        SetLastError(ERROR_UNABLE_TO_REMOVE_REPLACED);
    return !status;
}

BOOL WINAPI ReplaceFileA(LPCSTR replaced, LPCSTR replacement, LPCSTR backup, DWORD flags, LPVOID exclude,
                         LPVOID reserved)
{
    struct wide old, new, kept;
    BOOL result = FALSE;
    if (!wide_from_ansi(&old, replaced))
        return FALSE;
    if (wide_from_ansi(&new, replacement)) {
        if (wide_from_ansi(&kept, backup)) {
            result = ReplaceFileW(old.text, new.text, kept.text, flags, exclude, reserved);
            wide_free(&kept);
        }
        wide_free(&new);
    }
    wide_free(&old);
    return result;
}

/* Links */

BOOL WINAPI CreateHardLinkW(LPCWSTR link, LPCWSTR existing, LPSECURITY_ATTRIBUTES security)
{
    struct host_path target, source;
    NTSTATUS status = host_path_of(link, &target);
    if (!status)
        status = host_path_of(existing, &source);
    return set_last_status(status ? status : file_link_path(&source, &target));
}

BOOL WINAPI CreateHardLinkA(LPCSTR link, LPCSTR existing, LPSECURITY_ATTRIBUTES security)
{
    struct wide_pair pair;
    if (!wide_pair_from_ansi(&pair, link, existing))
        return FALSE;
    BOOL result = CreateHardLinkW(pair.first.text, pair.second.text, security);
    wide_pair_free(&pair);
    return result;
}

/* A relative target stays relative to the link, so it only changes its separators; any other is a path
 * like every path. */
static NTSTATUS link_text(const WCHAR *target, char text[PATH_MAX])
{
    struct host_path host;
    size_t length = target ? utf16_length(target) : 0;
    if (!length)
        return STATUS_INVALID_PARAMETER;
    bool absolute = target[0] == '\\' || target[0] == '/' || (length >= 2 && target[1] == ':');
    if (absolute) {
        NTSTATUS status = path_to_host(target, length, &host);
        if (!status)
            strcpy(text, host.name);
        return status;
    }
    size_t size = utf8_from_utf16(text, PATH_MAX - 1, target, length, UTF_HOST_NAME);
    if (size > PATH_MAX - 1)
        return STATUS_NAME_TOO_LONG;
    text[size] = '\0';
    return STATUS_SUCCESS;
}

/* Linux links do not say whether they lead to a directory: SYMBOLIC_LINK_FLAG_DIRECTORY shows once the target
 * is one. */
BOOLEAN WINAPI CreateSymbolicLinkW(LPCWSTR link, LPCWSTR target, DWORD flags)
{
    struct host_path host;
    char text[PATH_MAX];
    if (flags & ~(SYMBOLIC_LINK_FLAG_DIRECTORY | SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    NTSTATUS status = host_path_of(link, &host);
    if (!status)
        status = link_text(target, text);
    return set_last_status(status ? status : file_symlink_path(text, &host)) != FALSE;
}

BOOLEAN WINAPI CreateSymbolicLinkA(LPCSTR link, LPCSTR target, DWORD flags)
{
    struct wide_pair pair;
    if (!wide_pair_from_ansi(&pair, link, target))
        return FALSE;
    BOOLEAN result = CreateSymbolicLinkW(pair.first.text, pair.second.text, flags);
    wide_pair_free(&pair);
    return result;
}
