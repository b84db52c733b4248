/* Opening, duplicating and closing files by number. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/file_name.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"
#include <litewin/varargs.h>

#define CTRL_Z 0x1A

static int creation_mask; /* permissions that new files do not get */

int crt_get_fmode(int *mode)
{
    if (!mode)
        return crt_invalid_parameter(CRT_EINVAL);
    *mode = *crt_fmode;
    return 0;
}

int crt_set_fmode(int mode)
{
    if (mode != CRT_O_TEXT && mode != CRT_O_BINARY && mode != CRT_O_WTEXT)
        return crt_invalid_parameter(CRT_EINVAL);
    *crt_fmode = mode;
    return 0;
}

bool lowio_wants_text(int open_flags)
{
    if (open_flags & CRT_O_BINARY)
        return false;
    return (open_flags & CRT_O_ANY_TEXT) || *crt_fmode != CRT_O_BINARY;
}

enum lowio_encoding lowio_wanted_encoding(int open_flags)
{
    if (open_flags & CRT_O_U8TEXT)
        return LOWIO_UTF8;
    return open_flags & (CRT_O_U16TEXT | CRT_O_WTEXT) ? LOWIO_UTF16 : LOWIO_ANSI;
}

static bool decide_access(int open_flags, DWORD *access)
{
    switch (open_flags & CRT_O_ACCESS) {
    case CRT_O_RDONLY:
        *access = GENERIC_READ;
        return true;
    case CRT_O_WRONLY:
        *access = GENERIC_WRITE;
        /* A byte order mark that is there already wants to be seen. */
        if ((open_flags & CRT_O_APPEND) && (open_flags & (CRT_O_WTEXT | CRT_O_U16TEXT | CRT_O_U8TEXT)))
            *access |= GENERIC_READ;
        return true;
    case CRT_O_RDWR:
        *access = GENERIC_READ | GENERIC_WRITE;
        return true;
    default:
        return false;
    }
}

static bool decide_sharing(int share, DWORD access, DWORD *sharing)
{
    switch (share) {
    case CRT_SH_DENYRW:
        *sharing = 0;
        return true;
    case CRT_SH_DENYWR:
        *sharing = FILE_SHARE_READ;
        return true;
    case CRT_SH_DENYRD:
        *sharing = FILE_SHARE_WRITE;
        return true;
    case CRT_SH_DENYNO:
        *sharing = FILE_SHARE_READ | FILE_SHARE_WRITE;
        return true;
    case CRT_SH_SECURE:
        *sharing = access == GENERIC_READ ? FILE_SHARE_READ : 0;
        return true;
    default:
        return false;
    }
}

static DWORD decide_disposition(int open_flags)
{
    if (!(open_flags & CRT_O_CREAT))
        return open_flags & CRT_O_TRUNC ? TRUNCATE_EXISTING : OPEN_EXISTING;
    if (open_flags & CRT_O_EXCL)
        return CREATE_NEW;
    return open_flags & CRT_O_TRUNC ? CREATE_ALWAYS : OPEN_ALWAYS;
}

static DWORD decide_attributes(int open_flags, int permission)
{
    DWORD attributes = FILE_ATTRIBUTE_NORMAL;
    if ((open_flags & CRT_O_CREAT) && !(permission & ~creation_mask & CRT_S_IWRITE))
        attributes = FILE_ATTRIBUTE_READONLY;
    if (open_flags & CRT_O_TEMPORARY)
        attributes |= FILE_FLAG_DELETE_ON_CLOSE;
    if (open_flags & CRT_O_SHORT_LIVED)
        attributes |= FILE_ATTRIBUTE_TEMPORARY;
    if (open_flags & CRT_O_SEQUENTIAL)
        attributes |= FILE_FLAG_SEQUENTIAL_SCAN;
    else if (open_flags & CRT_O_RANDOM)
        attributes |= FILE_FLAG_RANDOM_ACCESS;
    return attributes;
}

static bool seek(HANDLE handle, int64_t offset, DWORD whence)
{
    return SetFilePointerEx(handle, (LARGE_INTEGER){.QuadPart = offset}, NULL, whence);
}

/* Text that a program is to write on after must not be hidden behind the Ctrl-Z that DOS ended it with. */
static void drop_final_ctrl_z(HANDLE handle)
{
    char last;
    DWORD done;

    if (!seek(handle, -1, FILE_END))
        return;
    if (ReadFile(handle, &last, 1, &done, NULL) && done == 1 && last == CTRL_Z && seek(handle, -1, FILE_END))
        SetEndOfFile(handle);
    seek(handle, 0, FILE_BEGIN);
}

/* A byte order mark that the file begins with decides on the encoding, and is skipped. */
static enum lowio_encoding read_byte_order_mark(HANDLE handle, enum lowio_encoding wanted)
{
    uint8_t mark[3];
    DWORD size = 0;

    if (!ReadFile(handle, mark, sizeof mark, &size, NULL))
        size = 0;
    if (size == 3 && memcmp(mark, "\xEF\xBB\xBF", 3) == 0)
        return LOWIO_UTF8;
    bool utf16 = size >= 2 && memcmp(mark, "\xFF\xFE", 2) == 0;
    seek(handle, utf16 ? 2 : 0, FILE_BEGIN);
    return utf16 ? LOWIO_UTF16 : wanted;
}

static void write_byte_order_mark(HANDLE handle, enum lowio_encoding encoding)
{
    DWORD done;
    if (encoding == LOWIO_UTF8)
        WriteFile(handle, "\xEF\xBB\xBF", 3, &done, NULL);
    else
        WriteFile(handle, "\xFF\xFE", 2, &done, NULL);
}

/* A new file gets a byte order mark, an old one may have another than was asked for. _O_WTEXT asks for the
 * file's own encoding: UTF-16 with a mark, the ANSI code page without. */
static enum lowio_encoding settle_encoding(HANDLE handle, int open_flags)
{
    enum lowio_encoding encoding = lowio_wanted_encoding(open_flags);
    LARGE_INTEGER size;

    if (encoding == LOWIO_ANSI || GetFileType(handle) != FILE_TYPE_DISK || !GetFileSizeEx(handle, &size))
        return encoding;
    bool writes = (open_flags & CRT_O_ACCESS) != CRT_O_RDONLY;
    if (size.QuadPart == 0) {
        if (writes)
            write_byte_order_mark(handle, encoding);
        return encoding;
    }
    return read_byte_order_mark(handle, open_flags & CRT_O_WTEXT ? LOWIO_ANSI : encoding);
}

static bool open_flags_are_valid(int open_flags)
{
    int text = open_flags & (CRT_O_ANY_TEXT | CRT_O_BINARY);
    return (text & (text - 1)) == 0;
}

int crt_wsopen(const WCHAR *path, int open_flags, int share, int permission)
{
    SECURITY_ATTRIBUTES security = {sizeof security, NULL, !(open_flags & CRT_O_NOINHERIT)};
    DWORD access, sharing;

    if (!path || !open_flags_are_valid(open_flags) || !decide_access(open_flags, &access) ||
        !decide_sharing(share, access, &sharing)) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    if (open_flags & CRT_O_TEMPORARY) {
        access |= DELETE;
        sharing |= FILE_SHARE_DELETE;
    }
    HANDLE handle = CreateFileW(path, access, sharing, &security, decide_disposition(open_flags),
                                decide_attributes(open_flags, permission), NULL);
    if (handle == INVALID_HANDLE_VALUE)
        return os_error_last();

    uint8_t flags = 0;
    enum lowio_encoding encoding = LOWIO_ANSI;
    if (lowio_wants_text(open_flags)) {
        flags |= LOWIO_TEXT;
        if ((open_flags & CRT_O_ACCESS) == CRT_O_RDWR && GetFileType(handle) == FILE_TYPE_DISK)
            drop_final_ctrl_z(handle);
        encoding = settle_encoding(handle, open_flags);
    }
    if (open_flags & CRT_O_APPEND)
        flags |= LOWIO_APPEND;
    if (open_flags & CRT_O_NOINHERIT)
        flags |= LOWIO_NO_INHERIT;
    int fd = lowio_add(handle, flags, encoding);
    if (fd < 0)
        CloseHandle(handle);
    return fd;
}

int crt_sopen(const char *path, int open_flags, int share, int permission)
{
    struct file_name name;
    if (!file_name_open(&name, path))
        return -1;
    int fd = crt_wsopen(name.text, open_flags, share, permission);
    file_name_close(&name);
    return fd;
}

/* Only a file that may be created has a permission. */
static int take_permission(int open_flags, guest_va_list arguments)
{
    return open_flags & CRT_O_CREAT ? (int)guest_va_int(&arguments) : 0;
}

int crt_open(const char *path, int open_flags, guest_va_list arguments)
{
    return crt_sopen(path, open_flags, CRT_SH_DENYNO, take_permission(open_flags, arguments));
}

int crt_wopen(const WCHAR *path, int open_flags, guest_va_list arguments)
{
    return crt_wsopen(path, open_flags, CRT_SH_DENYNO, take_permission(open_flags, arguments));
}

int crt_sopen_variadic(const char *path, int open_flags, int share, guest_va_list arguments)
{
    return crt_sopen(path, open_flags, share, take_permission(open_flags, arguments));
}

int crt_wsopen_variadic(const WCHAR *path, int open_flags, int share, guest_va_list arguments)
{
    return crt_wsopen(path, open_flags, share, take_permission(open_flags, arguments));
}

int crt_creat(const char *path, int permission)
{
    return crt_sopen(path, CRT_O_CREAT | CRT_O_TRUNC | CRT_O_RDWR, CRT_SH_DENYNO, permission);
}

int crt_wcreat(const WCHAR *path, int permission)
{
    return crt_wsopen(path, CRT_O_CREAT | CRT_O_TRUNC | CRT_O_RDWR, CRT_SH_DENYNO, permission);
}

static bool secure_arguments_are_valid(int *fd, const void *path, int permission)
{
    if (fd)
        *fd = -1;
    return fd && path && !(permission & ~(CRT_S_IREAD | CRT_S_IWRITE));
}

int crt_sopen_s(int *fd, const char *path, int open_flags, int share, int permission)
{
    if (!secure_arguments_are_valid(fd, path, permission))
        return crt_invalid_parameter(CRT_EINVAL);
    *fd = crt_sopen(path, open_flags, share, permission);
    return *fd < 0 ? *crt_errno() : 0;
}

int crt_wsopen_s(int *fd, const WCHAR *path, int open_flags, int share, int permission)
{
    if (!secure_arguments_are_valid(fd, path, permission))
        return crt_invalid_parameter(CRT_EINVAL);
    *fd = crt_wsopen(path, open_flags, share, permission);
    return *fd < 0 ? *crt_errno() : 0;
}

int crt_umask(int mask)
{
    return __atomic_exchange_n(&creation_mask, mask & (CRT_S_IREAD | CRT_S_IWRITE), __ATOMIC_RELAXED);
}

int lowio_creation_mask(void)
{
    return creation_mask;
}

/* Standard output and error may be one handle, which the last of them to be closed takes along. */
static bool handle_is_still_used(int fd, HANDLE handle)
{
    int other = fd == 1 ? 2 : fd == 2 ? 1 : -1;
    return other >= 0 && lowio_is_open(other) && lowio_files[other].handle == handle;
}

static int close_locked(int fd, struct lowio_file *file)
{
    HANDLE handle = file->handle;
    DWORD error = 0;

    lowio_remove(fd);
    if (!handle_is_still_used(fd, handle) && !CloseHandle(handle))
        error = GetLastError();
    if (!error)
        return 0;
    os_error_set(error);
    return -1;
}

int crt_close(int fd)
{
    struct lowio_file *file = lowio_acquire(fd);
    if (!file)
        return -1;
    int result = close_locked(fd, file);
    lowio_release(file);
    return result;
}

static bool duplicate_handle(HANDLE handle, HANDLE *duplicate)
{
    HANDLE self = GetCurrentProcess();
    if (DuplicateHandle(self, handle, self, duplicate, 0, TRUE, DUPLICATE_SAME_ACCESS))
        return true;
    os_error_last();
    return false;
}

int crt_dup(int fd)
{
    struct lowio_file *file = lowio_acquire(fd);
    HANDLE handle;
    int copy = -1;

    if (!file)
        return -1;
    if (duplicate_handle(file->handle, &handle)) {
        copy = lowio_add(handle, lowio_flags(file) & ~LOWIO_NO_INHERIT, lowio_state_of(file)->encoding);
        if (copy < 0)
            CloseHandle(handle);
    }
    lowio_release(file);
    return copy;
}

int crt_dup2(int fd, int target)
{
    if ((unsigned)target >= LOWIO_FILES)
        return crt_fail(CRT_EBADF);
    struct lowio_file *file = lowio_acquire(fd);
    HANDLE handle;
    int result = 0;

    if (!file)
        return -1;
    if (fd == target) {
        lowio_release(file);
        return 0;
    }
    if (duplicate_handle(file->handle, &handle)) {
        if (lowio_is_open(target))
            crt_close(target);
        lowio_set(target, handle, lowio_flags(file) & ~LOWIO_NO_INHERIT, lowio_state_of(file)->encoding);
    } else {
        result = -1;
    }
    lowio_release(file);
    return result;
}

intptr_t crt_get_osfhandle(int fd)
{
    if (!lowio_is_open(fd))
        return crt_fail(CRT_EBADF);
    return (intptr_t)lowio_files[fd].handle;
}

int crt_open_osfhandle(intptr_t handle, int open_flags)
{
    DWORD type = GetFileType((HANDLE)handle) & ~(DWORD)FILE_TYPE_REMOTE;
    uint8_t flags = 0;

    if (type == FILE_TYPE_UNKNOWN) {
        os_error_set(GetLastError() ? GetLastError() : ERROR_INVALID_HANDLE);
        return -1;
    }
    if (type == FILE_TYPE_CHAR)
        flags |= LOWIO_DEVICE;
    else if (type == FILE_TYPE_PIPE)
        flags |= LOWIO_PIPE;
    if (open_flags & CRT_O_APPEND)
        flags |= LOWIO_APPEND;
    if (open_flags & CRT_O_ANY_TEXT)
        flags |= LOWIO_TEXT;
    if (open_flags & CRT_O_NOINHERIT)
        flags |= LOWIO_NO_INHERIT;
    return lowio_add((HANDLE)handle, flags, lowio_wanted_encoding(open_flags));
}

int crt_pipe(int *ends, unsigned size, int mode)
{
    if (!ends) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    SECURITY_ATTRIBUTES security = {sizeof security, NULL, !(mode & CRT_O_NOINHERIT)};
    uint8_t flags = LOWIO_PIPE | (lowio_wants_text(mode) ? LOWIO_TEXT : 0) |
                    (mode & CRT_O_NOINHERIT ? LOWIO_NO_INHERIT : 0);
    HANDLE reading, writing;

    ends[0] = ends[1] = -1;
    if (!CreatePipe(&reading, &writing, &security, size))
        return os_error_last();
    int first = lowio_add(reading, flags, LOWIO_ANSI);
    int second = first < 0 ? -1 : lowio_add(writing, flags, LOWIO_ANSI);
    if (second < 0) {
        if (first >= 0)
            lowio_remove(first);
        CloseHandle(reading);
        CloseHandle(writing);
        return -1;
    }
    ends[0] = first;
    ends[1] = second;
    return 0;
}
