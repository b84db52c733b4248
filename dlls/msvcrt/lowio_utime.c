/* Setting files' times. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/file_name.h"
#include "dlls/msvcrt/file_time.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"

struct times_32 {
    int32_t accessed, modified;
};

struct times_64 {
    GUEST_INT64 accessed, modified;
};

/* Without times, now. */
static int set_times(int fd, const struct times_64 *times)
{
    struct lowio_file *file = lowio_acquire(fd);
    FILETIME accessed, modified;
    int result = 0;

    if (!file)
        return -1;
    if (times) {
        accessed = file_time_of_seconds(times->accessed);
        modified = file_time_of_seconds(times->modified);
    } else {
        GetSystemTimeAsFileTime(&modified);
        accessed = modified;
    }
    if (!SetFileTime(file->handle, NULL, &accessed, &modified)) {
        os_error_last();
        *crt_errno() = CRT_EINVAL;
        result = -1;
    }
    lowio_release(file);
    return result;
}

static const struct times_64 *widen_times(struct times_64 *wide, const struct times_32 *times)
{
    if (!times)
        return NULL;
    *wide = (struct times_64){times->accessed, times->modified};
    return wide;
}

/* A file that may not be written, or a directory, cannot be opened for that. */
int crt_wutime64(const WCHAR *path, const struct times_64 *times)
{
    int fd = crt_wsopen(path, CRT_O_RDWR | CRT_O_BINARY, CRT_SH_DENYNO, 0);
    if (fd < 0)
        return -1;
    int result = set_times(fd, times);
    int error = *crt_errno();
    crt_close(fd);
    *crt_errno() = error;
    return result;
}

int crt_wutime32(const WCHAR *path, const struct times_32 *times)
{
    struct times_64 wide;
    return crt_wutime64(path, widen_times(&wide, times));
}

int crt_utime64(const char *path, const struct times_64 *times)
{
    struct file_name name;
    if (!file_name_open(&name, path))
        return -1;
    int result = crt_wutime64(name.text, times);
    file_name_close(&name);
    return result;
}

int crt_utime32(const char *path, const struct times_32 *times)
{
    struct times_64 wide;
    return crt_utime64(path, widen_times(&wide, times));
}

int crt_futime64(int fd, const struct times_64 *times)
{
    return set_times(fd, times);
}

int crt_futime32(int fd, const struct times_32 *times)
{
    struct times_64 wide;
    return set_times(fd, widen_times(&wide, times));
}
