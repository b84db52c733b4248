#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "dlls/kernel32/process_program.h"
#include "kernel/utf.h"

static bool is_blank(WCHAR unit)
{
    return unit == ' ' || unit == '\t';
}

static bool make_absolute(char *host_path)
{
    char relative[PATH_MAX];
    if (*host_path == '/')
        return true;
    strcpy(relative, host_path);
    return getcwd(host_path, PATH_MAX) && strlen(host_path) + strlen(relative) + 2 < PATH_MAX &&
           strcat(strcat(host_path, "/"), relative);
}

/* The file that a path names, in any case; directories are none. */
static NTSTATUS find_file(const WCHAR *path, char *host_path)
{
    struct host_path host;
    struct stat status;
    NTSTATUS found = host_path_of(path, &host);
    if (found)
        return found;
    if (host.kind != PATH_FILE)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (stat(host.name, &status)) {
        found = path_correct_case(&host);
        if (found)
            return found;
        if (stat(host.name, &status))
            return status_from_errno(errno);
    }
    if (S_ISDIR(status.st_mode) || host.directory_only)
        return STATUS_ACCESS_DENIED;
    strcpy(host_path, host.name);
    return make_absolute(host_path) ? STATUS_SUCCESS : STATUS_NAME_TOO_LONG;
}

static NTSTATUS search_with(const WCHAR *name, const WCHAR *extension, char *host_path)
{
    DWORD length = SearchPathW(NULL, name, extension, 0, NULL, NULL);
    WCHAR *path = length ? malloc(length * sizeof *path) : NULL;
    NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;
    if (path && SearchPathW(NULL, name, extension, length, path, NULL) < length)
        status = find_file(path, host_path);
    free(path);
    return status;
}

/* As Windows searches, with .exe added to a name without extension. Linux's programs have none: a name that
 * leads nowhere with .exe is tried as it is. */
static NTSTATUS search(const WCHAR *name, char *host_path)
{
    NTSTATUS status = search_with(name, L".exe", host_path);
    return status ? search_with(name, NULL, host_path) : status;
}

static WCHAR *copy_name(const WCHAR *name, size_t length)
{
    WCHAR *copy = malloc((length + 1) * sizeof *copy);
    if (copy) {
        memcpy(copy, name, length * sizeof *copy);
        copy[length] = 0;
    }
    return copy;
}

static NTSTATUS search_part(const WCHAR *name, size_t length, char *host_path)
{
    WCHAR *copy = copy_name(name, length);
    NTSTATUS status = copy ? search(copy, host_path) : STATUS_NO_MEMORY;
    free(copy);
    return status;
}

/* Without quotes a name may end at any blank: `C:\Program Files\tool.exe x` is C:\Program, or else C:\Program
 * Files\tool.exe, or else all of it. The error is that of the first guess. */
static NTSTATUS search_unquoted(const WCHAR *line, char *host_path, size_t *quoted)
{
    NTSTATUS first = STATUS_SUCCESS;
    bool has_blank = false;
    for (size_t length = 0;; length++) {
        while (line[length] && !is_blank(line[length]))
            length++;
        NTSTATUS status = search_part(line, length, host_path);
        if (!status) {
            *quoted = has_blank ? length : 0;
            return status;
        }
        if (!first)
            first = status;
        if (!line[length])
            return first;
        has_blank = true;
    }
}

static NTSTATUS search_command_line(const WCHAR *line, char *host_path, size_t *quoted)
{
    if (*line != '"') {
        const WCHAR *start = line;
        while (is_blank(*start))
            start++;
        NTSTATUS status = search_unquoted(start, host_path, quoted);
        /* Only a name at the very front can be given quotes. */
        if (start != line)
            *quoted = 0;
        return status;
    }
    size_t length = 0;
    while (line[1 + length] && line[1 + length] != '"')
        length++;
    return search_part(line + 1, length, host_path);
}

NTSTATUS process_find_program(const WCHAR *application, const WCHAR *command_line, char *host_path,
                              size_t *quoted)
{
    *quoted = 0;
    return application ? find_file(application, host_path)
                       : search_command_line(command_line, host_path, quoted);
}
