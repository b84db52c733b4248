/* stat and fstat, in the sizes that time_t and file sizes have had. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/file_name.h"
#include "dlls/msvcrt/file_time.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"

enum {
    S_DIRECTORY = 0x4000,
    S_DEVICE = 0x2000,
    S_PIPE = 0x1000,
    S_FILE = 0x8000,
    S_READ = 0x0100,
    S_WRITE = 0x0080,
    S_EXECUTE = 0x0040,
};

/* What all of the structures tell. */
struct stat_facts {
    uint32_t device;
    uint16_t mode;
    int16_t links;
    int64_t size;
    int64_t accessed, modified, created;
};

struct stat_time_default {
    uint32_t st_dev;
    uint16_t st_ino, st_mode;
    int16_t st_nlink, st_uid, st_gid;
    uint32_t st_rdev;
    int32_t st_size;
    crt_time_t st_atime __attribute__((aligned(sizeof(crt_time_t))));
    crt_time_t st_mtime, st_ctime;
};

struct stat_long_default {
    uint32_t st_dev;
    uint16_t st_ino, st_mode;
    int16_t st_nlink, st_uid, st_gid;
    uint32_t st_rdev;
    GUEST_INT64 st_size;
    crt_time_t st_atime, st_mtime, st_ctime;
};

struct stat_long_64 {
    uint32_t st_dev;
    uint16_t st_ino, st_mode;
    int16_t st_nlink, st_uid, st_gid;
    uint32_t st_rdev;
    GUEST_INT64 st_size;
    GUEST_INT64 st_atime, st_mtime, st_ctime;
};

static_assert(sizeof(struct stat_time_default) == (sizeof(void *) == 8 ? 48 : 36), "struct _stat");
static_assert(sizeof(struct stat_long_default) == (sizeof(void *) == 8 ? 56 : 48), "struct _stati64");
static_assert(sizeof(struct stat_long_64) == 56, "struct _stat64");

#define STORE(target, facts)                                    \
    do {                                                        \
        memset((target), 0, sizeof *(target));                  \
        (target)->st_dev = (target)->st_rdev = (facts)->device; \
        (target)->st_mode = (facts)->mode;                      \
        (target)->st_nlink = (facts)->links;                    \
        (target)->st_size = (facts)->size;                      \
        (target)->st_atime = (facts)->accessed;                 \
        (target)->st_mtime = (facts)->modified;                 \
        (target)->st_ctime = (facts)->created;                  \
    } while (0)

static WCHAR lower(WCHAR unit)
{
    return unit >= 'A' && unit <= 'Z' ? unit | 0x20 : unit;
}

/* Whether a name ends in one of the extensions that Windows starts programs by. */
static bool is_executable(const WCHAR *path)
{
    static const WCHAR extensions[][5] = {L".exe", L".com", L".bat", L".cmd"};
    size_t length = 0;
    while (path[length])
        length++;
    for (int i = 0; length >= 4 && i < 4; i++) {
        const WCHAR *end = path + length - 4;
        int at = 0;
        while (at < 4 && lower(end[at]) == extensions[i][at])
            at++;
        if (at == 4)
            return true;
    }
    return false;
}

/* What the owner may do, all may. */
static uint16_t for_everybody(uint16_t mode)
{
    return mode | (mode & 0700) >> 3 | (mode & 0700) >> 6;
}

static uint16_t mode_of(DWORD attributes, bool executable)
{
    bool directory = (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    uint16_t mode = S_READ | (directory ? S_DIRECTORY : S_FILE);
    if (directory || !(attributes & FILE_ATTRIBUTE_READONLY))
        mode |= S_WRITE;
    if (directory || executable)
        mode |= S_EXECUTE;
    return for_everybody(mode);
}

/* The number of the path's drive, or of the current one. */
static uint32_t drive_of(const WCHAR *path)
{
    if (path[0] && path[1] == ':')
        return (uint32_t)(lower(path[0]) - 'a');
    WCHAR current[4];
    DWORD length = GetCurrentDirectoryW(4, current);
    return length && length < 4 && current[1] == ':' ? (uint32_t)(lower(current[0]) - 'a') : 2;
}

static bool is_separator(WCHAR unit)
{
    return unit == '\\' || unit == '/';
}

/* What the search that Windows' runtime makes does not find: wildcards, a drive without a directory, and
 * a name that ends in a backslash, blanks apart, unless it is a root. */
static bool is_no_file(const WCHAR *path)
{
    const WCHAR *start = path[0] && path[1] == ':' ? path + 2 : path;
    const WCHAR *end = start;

    for (const WCHAR *at = start; *at; at++) {
        if (*at == '*' || *at == '?')
            return true;
        if (*at != ' ')
            end = at + 1;
    }
    if (end == start)
        return true;
    return is_separator(end[-1]) && end - start > 1;
}

static void take_times(struct stat_facts *facts, FILETIME accessed, FILETIME modified, FILETIME created)
{
    facts->modified = seconds_of_file_time(modified);
    facts->accessed = seconds_of_file_time(accessed);
    facts->created = seconds_of_file_time(created);
    if (facts->accessed < 0)
        facts->accessed = facts->modified;
    if (facts->created < 0)
        facts->created = facts->modified;
}

static bool examine_path(const WCHAR *path, struct stat_facts *facts)
{
    WIN32_FILE_ATTRIBUTE_DATA data;

    if (!path) {
        crt_invalid_parameter(CRT_EINVAL);
        return false;
    }
    if (is_no_file(path)) {
        crt_fail(CRT_ENOENT);
        return false;
    }
    if (!GetFileAttributesExW(path, GetFileExInfoStandard, &data)) {
        os_error_last();
        *crt_errno() = CRT_ENOENT;
        return false;
    }
    *facts = (struct stat_facts){
        .device = drive_of(path),
        .mode = mode_of(data.dwFileAttributes, is_executable(path)),
        .links = 1,
        .size = (int64_t)((uint64_t)data.nFileSizeHigh << 32 | data.nFileSizeLow),
    };
    if (data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
        facts->size = 0;
    take_times(facts, data.ftLastAccessTime, data.ftLastWriteTime, data.ftCreationTime);
    return true;
}

static bool examine_disk_file(HANDLE handle, struct stat_facts *facts)
{
    BY_HANDLE_FILE_INFORMATION data;

    if (!GetFileInformationByHandle(handle, &data)) {
        os_error_last();
        return false;
    }
    *facts = (struct stat_facts){
        .mode = mode_of(data.dwFileAttributes, false),
        .links = (int16_t)data.nNumberOfLinks,
        .size = (int64_t)((uint64_t)data.nFileSizeHigh << 32 | data.nFileSizeLow),
    };
    take_times(facts, data.ftLastAccessTime, data.ftLastWriteTime, data.ftCreationTime);
    return true;
}

/* A pipe has the size of what waits in it. */
static void examine_pipe(HANDLE handle, int fd, struct stat_facts *facts)
{
    DWORD available;
    *facts = (struct stat_facts){.device = (uint32_t)fd, .mode = S_PIPE, .links = 1};
    if (PeekNamedPipe(handle, NULL, 0, NULL, &available, NULL))
        facts->size = available;
}

static bool examine_file(int fd, struct stat_facts *facts)
{
    struct lowio_file *file = lowio_acquire(fd);
    bool done = true;

    if (!file)
        return false;
    uint8_t flags = lowio_flags(file);
    if (flags & LOWIO_PIPE)
        examine_pipe(file->handle, fd, facts);
    else if (flags & LOWIO_DEVICE)
        *facts = (struct stat_facts){.device = (uint32_t)fd, .mode = S_DEVICE, .links = 1};
    else
        done = examine_disk_file(file->handle, facts);
    lowio_release(file);
    return done;
}

static bool examine_narrow_path(const char *path, struct stat_facts *facts)
{
    struct file_name name;
    if (!file_name_open(&name, path))
        return false;
    bool done = examine_path(name.text, facts);
    file_name_close(&name);
    return done;
}

static bool target_is_valid(const void *target)
{
    if (!target)
        crt_invalid_parameter(CRT_EINVAL);
    return target != NULL;
}

int crt_stat(const char *path, struct stat_time_default *target)
{
    struct stat_facts facts;
    if (!target_is_valid(target) || !examine_narrow_path(path, &facts))
        return -1;
    STORE(target, &facts);
    return 0;
}

int crt_wstat(const WCHAR *path, struct stat_time_default *target)
{
    struct stat_facts facts;
    if (!target_is_valid(target) || !examine_path(path, &facts))
        return -1;
    STORE(target, &facts);
    return 0;
}

int crt_fstat(int fd, struct stat_time_default *target)
{
    struct stat_facts facts;
    if (!target_is_valid(target) || !examine_file(fd, &facts))
        return -1;
    STORE(target, &facts);
    return 0;
}

int crt_stati64(const char *path, struct stat_long_default *target)
{
    struct stat_facts facts;
    if (!target_is_valid(target) || !examine_narrow_path(path, &facts))
        return -1;
    STORE(target, &facts);
    return 0;
}

int crt_wstati64(const WCHAR *path, struct stat_long_default *target)
{
    struct stat_facts facts;
    if (!target_is_valid(target) || !examine_path(path, &facts))
        return -1;
    STORE(target, &facts);
    return 0;
}

int crt_fstati64(int fd, struct stat_long_default *target)
{
    struct stat_facts facts;
    if (!target_is_valid(target) || !examine_file(fd, &facts))
        return -1;
    STORE(target, &facts);
    return 0;
}

int crt_stat64(const char *path, struct stat_long_64 *target)
{
    struct stat_facts facts;
    if (!target_is_valid(target) || !examine_narrow_path(path, &facts))
        return -1;
    STORE(target, &facts);
    return 0;
}

int crt_wstat64(const WCHAR *path, struct stat_long_64 *target)
{
    struct stat_facts facts;
    if (!target_is_valid(target) || !examine_path(path, &facts))
        return -1;
    STORE(target, &facts);
    return 0;
}

int crt_fstat64(int fd, struct stat_long_64 *target)
{
    struct stat_facts facts;
    if (!target_is_valid(target) || !examine_file(fd, &facts))
        return -1;
    STORE(target, &facts);
    return 0;
}
