/* _splitpath, _makepath and _searchenv. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/environ.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/mbctype.h"
#include "dlls/msvcrt/thread_data.h"
#include "dlls/msvcrt/wcsstring.h"

#define DRIVE_SIZE 3   /* _MAX_DRIVE */
#define PART_SIZE  256 /* _MAX_DIR, _MAX_FNAME and _MAX_EXT */
#define PATH_SIZE  260 /* _MAX_PATH */

#define CHARACTER   char
#define PARTS(name) crt_##name
#define STEP(p)     mb_length((const uint8_t *)(p))
#include "dlls/msvcrt/path_parts.h"

#define CHARACTER   WCHAR
#define PARTS(name) crt_w##name
#define STEP(p)     1
#include "dlls/msvcrt/path_parts.h"

static bool is_there(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

/* directory + separator + name; false where it does not fit. */
static bool join(WCHAR path[PATH_SIZE], const WCHAR *directory, size_t length, const WCHAR *name)
{
    size_t name_length = crt_wcslen(name);
    if (length + name_length + 2 > PATH_SIZE)
        return false;
    memcpy(path, directory, length * sizeof *path);
    if (length && path[length - 1] != '\\' && path[length - 1] != '/' && path[length - 1] != ':')
        path[length++] = '\\';
    memcpy(path + length, name, (name_length + 1) * sizeof *path);
    return true;
}

/* Looks in the current directory and then in those of the variable; false where the file is in none. */
static bool search(WCHAR path[PATH_SIZE], const WCHAR *name, const WCHAR *variable)
{
    if (is_there(name))
        return GetFullPathNameW(name, PATH_SIZE, path, NULL) - 1u < PATH_SIZE - 1;
    const WCHAR *directories = crt_wgetenv(variable);
    while (directories && *directories) {
        const WCHAR *end = crt_wcschr(directories, ';');
        size_t length = end ? (size_t)(end - directories) : crt_wcslen(directories);
        if (length && join(path, directories, length, name) && is_there(path))
            return true;
        directories += length + (end != NULL);
    }
    return false;
}

int crt_wsearchenv_s(const WCHAR *name, const WCHAR *variable, WCHAR *path, size_t size)
{
    WCHAR found[PATH_SIZE];
    if (!path || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    *path = 0;
    if (!name || !variable)
        return crt_invalid_parameter(CRT_EINVAL);
    if (!*name || !search(found, name, variable))
        return crt_thread.error = CRT_ENOENT;
    size_t length = crt_wcslen(found);
    if (length >= size)
        return crt_invalid_parameter(CRT_ERANGE);
    memcpy(path, found, (length + 1) * sizeof *path);
    return 0;
}

int crt_searchenv_s(const char *name, const char *variable, char *path, size_t size)
{
    WCHAR wide_name[PATH_SIZE], wide_variable[PATH_SIZE], found[PATH_SIZE];
    if (!path || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    *path = 0;
    if (!name || !variable)
        return crt_invalid_parameter(CRT_EINVAL);
    if (!MultiByteToWideChar(CP_ACP, 0, name, -1, wide_name, PATH_SIZE) ||
        !MultiByteToWideChar(CP_ACP, 0, variable, -1, wide_variable, PATH_SIZE))
        return crt_thread.error = CRT_ENOENT;
    int error = crt_wsearchenv_s(wide_name, wide_variable, found, PATH_SIZE);
    if (error)
        return error;
    if (WideCharToMultiByte(CP_ACP, 0, found, -1, path, size < INT_MAX ? (int)size : INT_MAX, NULL, NULL))
        return 0;
    *path = 0;
    return crt_invalid_parameter(CRT_ERANGE);
}

void crt_searchenv(const char *name, const char *variable, char *path)
{
    crt_searchenv_s(name, variable, path, PATH_SIZE);
}

void crt_wsearchenv(const WCHAR *name, const WCHAR *variable, WCHAR *path)
{
    crt_wsearchenv_s(name, variable, path, PATH_SIZE);
}
