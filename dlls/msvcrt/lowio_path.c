/* What is done with files by their names. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/file_name.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"

enum { ACCESS_WRITE = 2, ACCESS_MODES = 06 };

static bool path_is_valid(const WCHAR *path)
{
    if (!path)
        crt_invalid_parameter(CRT_EINVAL);
    return path != NULL;
}

static int succeed_or_fail(BOOL done)
{
    return done ? 0 : os_error_last();
}

/* Calls one of the wide functions below with a narrow name. */
static int with_name(const char *path, int (*work)(const WCHAR *path))
{
    struct file_name name;
    if (!file_name_open(&name, path))
        return -1;
    int result = work(name.text);
    file_name_close(&name);
    return result;
}

static int with_name_and_mode(const char *path, int mode, int (*work)(const WCHAR *path, int mode))
{
    struct file_name name;
    if (!file_name_open(&name, path))
        return -1;
    int result = work(name.text, mode);
    file_name_close(&name);
    return result;
}

/* Windows' only permission is that of writing a file; directories always have it. */
int crt_waccess_s(const WCHAR *path, int mode)
{
    if (!path || (mode & ~ACCESS_MODES))
        return crt_invalid_parameter(CRT_EINVAL);
    DWORD attributes = GetFileAttributesW(path);
    if (attributes == INVALID_FILE_ATTRIBUTES) {
        os_error_last();
        return *crt_errno();
    }
    if ((mode & ACCESS_WRITE) && (attributes & FILE_ATTRIBUTE_READONLY) &&
        !(attributes & FILE_ATTRIBUTE_DIRECTORY)) {
        os_error_set(ERROR_ACCESS_DENIED);
        return CRT_EACCES;
    }
    return 0;
}

int crt_access_s(const char *path, int mode)
{
    struct file_name name;
    if (!file_name_open(&name, path))
        return *crt_errno();
    int error = crt_waccess_s(name.text, mode);
    file_name_close(&name);
    return error;
}

int crt_waccess(const WCHAR *path, int mode)
{
    return crt_waccess_s(path, mode & ACCESS_MODES) ? -1 : 0;
}

int crt_access(const char *path, int mode)
{
    return crt_access_s(path, mode & ACCESS_MODES) ? -1 : 0;
}

int crt_wchmod(const WCHAR *path, int mode)
{
    if (!path_is_valid(path))
        return -1;
    DWORD attributes = GetFileAttributesW(path);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return os_error_last();
    if (mode & CRT_S_IWRITE)
        attributes &= ~(DWORD)FILE_ATTRIBUTE_READONLY;
    else
        attributes |= FILE_ATTRIBUTE_READONLY;
    return succeed_or_fail(SetFileAttributesW(path, attributes));
}

int crt_chmod(const char *path, int mode)
{
    return with_name_and_mode(path, mode, crt_wchmod);
}

int crt_wunlink(const WCHAR *path)
{
    return path_is_valid(path) ? succeed_or_fail(DeleteFileW(path)) : -1;
}

int crt_unlink(const char *path)
{
    return with_name(path, crt_wunlink);
}

/* Onto another drive a file is copied; what is there already stays. */
int crt_wrename(const WCHAR *from, const WCHAR *to)
{
    if (!path_is_valid(from) || !path_is_valid(to))
        return -1;
    return succeed_or_fail(MoveFileExW(from, to, MOVEFILE_COPY_ALLOWED));
}

int crt_rename(const char *from, const char *to)
{
    struct file_name wide_from, wide_to;
    int result = -1;

    if (!file_name_open(&wide_from, from))
        return -1;
    if (file_name_open(&wide_to, to)) {
        result = crt_wrename(wide_from.text, wide_to.text);
        file_name_close(&wide_to);
    }
    file_name_close(&wide_from);
    return result;
}

int crt_wmkdir(const WCHAR *path)
{
    return path_is_valid(path) ? succeed_or_fail(CreateDirectoryW(path, NULL)) : -1;
}

int crt_mkdir(const char *path)
{
    return with_name(path, crt_wmkdir);
}

int crt_wrmdir(const WCHAR *path)
{
    return path_is_valid(path) ? succeed_or_fail(RemoveDirectoryW(path)) : -1;
}

int crt_rmdir(const char *path)
{
    return with_name(path, crt_wrmdir);
}

/* Each drive has a directory of its own, which programs and their children find in variables such as "=C:".
 */
static void remember_directory_of_drive(void)
{
    WCHAR directory[MAX_PATH];
    DWORD length = GetCurrentDirectoryW(MAX_PATH, directory);

    if (!length || length >= MAX_PATH || directory[1] != ':')
        return;
    WCHAR letter = directory[0] >= 'a' && directory[0] <= 'z' ? directory[0] - 0x20 : directory[0];
    WCHAR variable[] = {'=', letter, ':', 0};
    SetEnvironmentVariableW(variable, directory);
}

int crt_wchdir(const WCHAR *path)
{
    if (!path_is_valid(path))
        return -1;
    if (!SetCurrentDirectoryW(path))
        return os_error_last();
    remember_directory_of_drive();
    return 0;
}

int crt_chdir(const char *path)
{
    return with_name(path, crt_wchdir);
}

/* Drives are numbered from 1, 0 being the current one. */
int crt_getdrive(void)
{
    WCHAR directory[MAX_PATH + 1];
    DWORD length = GetCurrentDirectoryW(MAX_PATH, directory);
    WCHAR letter = directory[0] & ~0x20;
    return length && length < MAX_PATH && directory[1] == ':' ? letter - 'A' + 1 : 0;
}

int crt_chdrive(int drive)
{
    if (drive < 1 || drive > 26) {
        crt_invalid_parameter(CRT_EACCES);
        os_error_set(ERROR_INVALID_DRIVE);
        *crt_errno() = CRT_EACCES;
        return -1;
    }
    WCHAR path[] = {(WCHAR)('A' + drive - 1), ':', 0};
    return succeed_or_fail(SetCurrentDirectoryW(path));
}

unsigned crt_getdrives(void)
{
    return GetLogicalDrives();
}

struct disk_free {
    uint32_t total_clusters, free_clusters, sectors_per_cluster, bytes_per_sector;
};

/* Returns a Windows error, unlike the rest. */
unsigned crt_getdiskfree(unsigned drive, struct disk_free *space)
{
    WCHAR root[] = {(WCHAR)('A' + drive - 1), ':', '\\', 0};
    DWORD sectors, bytes, available, total;

    if (!space || drive > 26) {
        crt_invalid_parameter(CRT_EINVAL);
        return ERROR_INVALID_PARAMETER;
    }
    if (!GetDiskFreeSpaceW(drive ? root : NULL, &sectors, &bytes, &available, &total)) {
        os_error_last();
        return GetLastError();
    }
    *space = (struct disk_free){total, available, sectors, bytes};
    return 0;
}

/* Fills the caller's buffer, or one of at least `size` units that the program frees. NULL with errno. */
static WCHAR *hand_out(const WCHAR *path, WCHAR *buffer, size_t size)
{
    size_t length = 1;
    while (path[length - 1])
        length++;
    if (!buffer)
        buffer = crt_malloc((length > size ? length : size) * sizeof *buffer);
    else if (length > size) {
        crt_fail(CRT_ERANGE);
        return NULL;
    }
    return buffer ? memcpy(buffer, path, length * sizeof *buffer) : NULL;
}

static char *hand_out_narrow(const WCHAR *path, char *buffer, size_t size)
{
    int length = WideCharToMultiByte(CP_ACP, 0, path, -1, NULL, 0, NULL, NULL);
    bool own = !buffer;
    if (own) {
        size = (size_t)length > size ? (size_t)length : size;
        buffer = crt_malloc(size);
        if (!buffer)
            return NULL;
    }
    return file_name_to_ansi(buffer, size < INT_MAX ? (int)size : INT_MAX, path) ? buffer : NULL;
}

/* GetFullPathName's answer, however long it is; to be closed like a name. NULL with errno. */
static WCHAR *full_path(const WCHAR *path, struct file_name *result)
{
    DWORD length = GetFullPathNameW(path, MAX_PATH, result->fixed, NULL);
    result->text = result->fixed;
    if (length >= MAX_PATH) {
        result->text = crt_malloc((length + 1) * sizeof *result->text);
        if (!result->text)
            return NULL;
        length = GetFullPathNameW(path, length + 1, result->text, NULL);
    }
    if (length)
        return result->text;
    os_error_last();
    file_name_close(result);
    return NULL;
}

/* Of the current directory, where no path is given. */
WCHAR *crt_wfullpath(WCHAR *buffer, const WCHAR *path, size_t size)
{
    struct file_name full;
    if (!full_path(path && *path ? path : L".", &full))
        return NULL;
    WCHAR *result = hand_out(full.text, buffer, buffer ? size : 0);
    file_name_close(&full);
    return result;
}

char *crt_fullpath(char *buffer, const char *path, size_t size)
{
    struct file_name name, full;
    char *result = NULL;

    if (!file_name_open(&name, path && *path ? path : "."))
        return NULL;
    if (full_path(name.text, &full)) {
        result = hand_out_narrow(full.text, buffer, buffer ? size : 0);
        file_name_close(&full);
    }
    file_name_close(&name);
    return result;
}

static WCHAR *directory_of_drive(int drive, struct file_name *directory)
{
    WCHAR path[] = {(WCHAR)('A' + drive - 1), ':', '.', 0};

    if (drive == 0)
        return full_path(L".", directory);
    if (drive < 0 || drive > 26 || !(GetLogicalDrives() & 1u << (drive - 1))) {
        os_error_set(ERROR_INVALID_DRIVE);
        crt_invalid_parameter(CRT_EACCES);
        return NULL;
    }
    return full_path(path, directory);
}

/* Checks what both forms of _getdcwd take. */
static bool directory_arguments_are_valid(const void *buffer, int size)
{
    if (size < 0 || (buffer && size == 0)) {
        crt_invalid_parameter(CRT_EINVAL);
        return false;
    }
    return true;
}

WCHAR *crt_wgetdcwd(int drive, WCHAR *buffer, int size)
{
    struct file_name directory;
    if (!directory_arguments_are_valid(buffer, size) || !directory_of_drive(drive, &directory))
        return NULL;
    WCHAR *result = hand_out(directory.text, buffer, (size_t)size);
    file_name_close(&directory);
    return result;
}

char *crt_getdcwd(int drive, char *buffer, int size)
{
    struct file_name directory;
    if (!directory_arguments_are_valid(buffer, size) || !directory_of_drive(drive, &directory))
        return NULL;
    char *result = hand_out_narrow(directory.text, buffer, (size_t)size);
    file_name_close(&directory);
    return result;
}

WCHAR *crt_wgetcwd(WCHAR *buffer, int size)
{
    return crt_wgetdcwd(0, buffer, size);
}

char *crt_getcwd(char *buffer, int size)
{
    return crt_getdcwd(0, buffer, size);
}
