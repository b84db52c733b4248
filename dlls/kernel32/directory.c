/* Creating and removing directories, and finding files in them. */
#include <stdlib.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "dlls/kernel32/find_pipe.h"
#include "kernel/directory.h"
#include "kernel/lock.h"
#include "kernel/time.h"
#include "kernel/utf.h"
#include "kernel/wildcard.h"

/* Creating and removing */

BOOL WINAPI CreateDirectoryW(LPCWSTR path, LPSECURITY_ATTRIBUTES security)
{
    struct host_path host;
    NTSTATUS status = host_path_of(path, &host);
    return set_last_status(status ? status : file_create_directory(&host));
}

BOOL WINAPI CreateDirectoryA(LPCSTR path, LPSECURITY_ATTRIBUTES security)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, path))
        return FALSE;
    BOOL result = CreateDirectoryW(wide.text, security);
    wide_free(&wide);
    return result;
}

/* The template's attributes have no place on Linux; it must be a directory all the same. */
BOOL WINAPI CreateDirectoryExW(LPCWSTR template, LPCWSTR path, LPSECURITY_ATTRIBUTES security)
{
    DWORD attributes = GetFileAttributesW(template);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return FALSE;
    if (!(attributes & FILE_ATTRIBUTE_DIRECTORY)) {
        SetLastError(ERROR_DIRECTORY);
        return FALSE;
    }
    return CreateDirectoryW(path, security);
}

BOOL WINAPI CreateDirectoryExA(LPCSTR template, LPCSTR path, LPSECURITY_ATTRIBUTES security)
{
    struct wide_pair pair;
    if (!wide_pair_from_ansi(&pair, template, path))
        return FALSE;
    BOOL result = CreateDirectoryExW(pair.first.text, pair.second.text, security);
    wide_pair_free(&pair);
    return result;
}

BOOL WINAPI RemoveDirectoryW(LPCWSTR path)
{
    struct host_path host;
    NTSTATUS status = host_path_of(path, &host);
    return set_last_status(status ? status : file_remove_directory(&host));
}

BOOL WINAPI RemoveDirectoryA(LPCSTR path)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, path))
        return FALSE;
    BOOL result = RemoveDirectoryW(wide.text);
    wide_free(&wide);
    return result;
}

/* A search */

struct find {
    struct object object;
    struct lock lock;
    struct file *directory;
    struct directory_search *search; /* NULL when a name without wildcards was looked for */
    struct found_pipes *pipes;       /* of a search for pipes */
};

static void find_destroy(struct object *object)
{
    struct find *find = (struct find *)object;
    if (find->search)
        directory_search_close(find->search);
    if (find->pipes)
        find_pipes_close(find->pipes);
    if (find->directory)
        object_release(find->directory);
    free(find);
}

static const struct object_type find_type = {.name = "FindFile", .destroy = find_destroy};

static void fill_find_data(const struct file_information *information, const WCHAR *name, size_t length,
                           WIN32_FIND_DATAW *data)
{
    data->dwFileAttributes = information->attributes;
    data->ftCreationTime = time_to_filetime(information->creation_time);
    data->ftLastAccessTime = time_to_filetime(information->access_time);
    data->ftLastWriteTime = time_to_filetime(information->write_time);
    data->nFileSizeHigh = (DWORD)(information->size >> 32);
    data->nFileSizeLow = (DWORD)information->size;
    data->dwReserved0 = information->reparse_tag;
    data->dwReserved1 = 0;
    memcpy(data->cFileName, name, length * sizeof *name);
    data->cFileName[length] = 0;
    data->cAlternateFileName[0] = 0;
}

/* The next file that is still there. */
static NTSTATUS find_next(struct find *find, WIN32_FIND_DATAW *data)
{
    struct directory_entry entry;
    struct file_information information;
    NTSTATUS status;
    if (find->pipes)
        return find_pipes_next(find->pipes, data) ? STATUS_SUCCESS : STATUS_NO_MORE_FILES;
    if (!find->search)
        return STATUS_NO_MORE_FILES;
    do {
        if (!directory_search_next(find->search, &entry))
            return STATUS_NO_MORE_FILES;
        status = directory_search_query(find->search, &entry, &information);
    } while (status == STATUS_OBJECT_NAME_NOT_FOUND);
    if (!status)
        fill_find_data(&information, entry.name, entry.name_length, data);
    return status;
}

/* Starting it */

/* Where the last part of a path begins. */
static size_t last_part(const WCHAR *path, size_t length)
{
    while (length && path[length - 1] != '\\' && path[length - 1] != '/' && path[length - 1] != ':')
        length--;
    return length;
}

static NTSTATUS open_directory(const WCHAR *path, size_t length, struct host_path *host,
                               struct file **directory)
{
    struct file_open how = {
        .access = FILE_LIST_DIRECTORY | SYNCHRONIZE,
        .share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = FILE_DIRECTORY_FILE | FILE_OPEN_FOR_BACKUP_INTENT | FILE_SYNCHRONOUS_IO_NONALERT,
    };
    NTSTATUS status = length ? path_to_host(path, length, host) : path_to_host(L".", 1, host);
    if (!status)
        status = file_open(host, &how, directory, NULL);
    return status == STATUS_OBJECT_NAME_NOT_FOUND ? STATUS_OBJECT_PATH_NOT_FOUND : status;
}

static NTSTATUS find_matching(struct find *find, const WCHAR *path, size_t directory_length, size_t length,
                              WIN32_FIND_DATAW *data)
{
    WCHAR pattern[PATH_NAME_UNITS];
    struct host_path host;
    size_t pattern_length = length - directory_length;
    if (pattern_length > ARRAYSIZE(pattern))
        return STATUS_OBJECT_NAME_INVALID;
    memcpy(pattern, path + directory_length, pattern_length * sizeof *pattern);
    pattern_length = wildcard_from_win32(pattern, pattern_length);
    NTSTATUS status = open_directory(path, directory_length, &host, &find->directory);
    if (!status)
        status = directory_search_open(file_descriptor(find->directory), pattern, pattern_length,
                                       !strcmp(host.name, "/"), &find->search);
    if (!status)
        status = find_next(find, data);
    return status == STATUS_NO_MORE_FILES ? STATUS_NO_SUCH_FILE : status;
}

/* Every directory has the reserved names, so to speak. */
static NTSTATUS find_device(const WCHAR *path, size_t length, WIN32_FIND_DATAW *data)
{
    struct file_information information = {.attributes = FILE_ATTRIBUTE_ARCHIVE};
    size_t offset, name_length;
    if (path_dos_device(path, length, &offset, &name_length) == PATH_FILE)
        return STATUS_NO_SUCH_FILE;
    fill_find_data(&information, path + offset, name_length, data);
    return STATUS_SUCCESS;
}

/* What a path that ends in a separator comes to: no file, if the directory exists. */
static NTSTATUS check_directory(const WCHAR *path, size_t length)
{
    struct host_path host;
    DWORD attributes;
    NTSTATUS status = path_to_host(path, length, &host);
    if (!status)
        status = file_query_attributes(&host, &attributes);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND)
        return STATUS_OBJECT_PATH_NOT_FOUND;
    return status ? status : STATUS_NO_SUCH_FILE;
}

/* A name without wildcards is looked up, not searched for. */
static NTSTATUS find_single(const WCHAR *path, size_t length, WIN32_FIND_DATAW *data)
{
    struct host_path host;
    struct file_information information;
    WCHAR name[PATH_NAME_UNITS], full[1024];
    NTSTATUS status = path_to_host(path, length, &host);
    if (!status && host.kind != PATH_FILE && host.kind != PATH_VOLUME)
        return find_device(path, length, data);
    if (!status)
        status = file_query_path(&host, false, &information);
    if (status)
        return status;
    const char *slash = strrchr(host.name, '/'), *last = slash ? slash + 1 : host.name;
    size_t offset, name_length;
    if (strcmp(last, ".") && *last) {
        name_length = path_name_from_host(last, strlen(last), name);
        fill_find_data(&information, name, name_length, data);
        return STATUS_SUCCESS;
    }
    /* It is "." or comes to that: the name is in the full path, unless that is a root. */
    size_t full_length = path_full(path, length, full, ARRAYSIZE(full), &offset);
    if (full_length >= ARRAYSIZE(full) || !offset)
        return STATUS_NO_SUCH_FILE;
    fill_find_data(&information, full + offset, full_length - offset, data);
    return STATUS_SUCCESS;
}

/* False if the path leads elsewhere. */
static bool find_pipes(struct find *find, const WCHAR *path, size_t length, WIN32_FIND_DATAW *data,
                       NTSTATUS *status)
{
    struct host_path host;
    bool is_special =
        length > 2 && (path[0] == '\\' || path[0] == '/') && (path[1] == '\\' || path[1] == '/');
    if (!is_special || path_to_host(path, length, &host) || host.kind != PATH_PIPE)
        return false;
    *status = find_pipes_open(host.name, &find->pipes);
    if (!*status && !find_pipes_next(find->pipes, data))
        *status = STATUS_NO_SUCH_FILE;
    return true;
}

static NTSTATUS find_first(struct find *find, const WCHAR *path, WIN32_FIND_DATAW *data)
{
    size_t length = path ? utf16_length(path) : 0, directory_length = last_part(path, length);
    if (!length)
        return STATUS_OBJECT_PATH_NOT_FOUND;
    NTSTATUS status;
    if (find_pipes(find, path, length, data, &status))
        return status;
    if (directory_length == length)
        return check_directory(path, length);
    if (wildcard_present(path + directory_length, length - directory_length))
        return find_matching(find, path, directory_length, length, data);
    return find_single(path, length, data);
}

static HANDLE start_search(const WCHAR *path, WIN32_FIND_DATAW *data)
{
    HANDLE handle = INVALID_HANDLE_VALUE;
    struct find *find = calloc(1, sizeof *find);
    if (!find) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return INVALID_HANDLE_VALUE;
    }
    object_initialize(&find->object, &find_type);
    NTSTATUS status = find_first(find, path, data);
    if (!status)
        status = handle_create(&find->object, 0, 0, &handle);
    object_release(find);
    return set_last_status(status) ? handle : INVALID_HANDLE_VALUE;
}

/* Win32's face of it */

static bool check_find_arguments(FINDEX_INFO_LEVELS level, FINDEX_SEARCH_OPS operation, const void *filter,
                                 DWORD flags)
{
    DWORD known = FIND_FIRST_EX_CASE_SENSITIVE | FIND_FIRST_EX_LARGE_FETCH | 4 /* ..._ON_DISK_ENTRIES_ONLY */;
    if (level < FindExInfoMaxInfoLevel && operation < FindExSearchLimitToDevices && !filter &&
        !(flags & ~known))
        return true;
    SetLastError(operation == FindExSearchLimitToDevices ? ERROR_NOT_SUPPORTED : ERROR_INVALID_PARAMETER);
    return false;
}

HANDLE WINAPI FindFirstFileExW(LPCWSTR path, FINDEX_INFO_LEVELS level, LPVOID data,
                               FINDEX_SEARCH_OPS operation, LPVOID filter, DWORD flags)
{
    if (!check_find_arguments(level, operation, filter, flags))
        return INVALID_HANDLE_VALUE;
    return start_search(path, data);
}

HANDLE WINAPI FindFirstFileW(LPCWSTR path, LPWIN32_FIND_DATAW data)
{
    return start_search(path, data);
}

BOOL WINAPI FindNextFileW(HANDLE handle, LPWIN32_FIND_DATAW data)
{
    struct find *find;
    NTSTATUS status = handle_reference(handle, &find_type, 0, &find);
    if (status)
        return set_last_status(status);
    lock_acquire(&find->lock);
    status = find_next(find, data);
    lock_release(&find->lock);
    object_release(find);
    return set_last_status(status);
}

BOOL WINAPI FindClose(HANDLE handle)
{
    struct find *find;
    NTSTATUS status = handle_reference(handle, &find_type, 0, &find);
    if (status)
        return set_last_status(status);
    status = handle_close(handle);
    object_release(find);
    return set_last_status(status);
}

/* ANSI */

static void find_data_to_ansi(const WIN32_FIND_DATAW *wide, WIN32_FIND_DATAA *data)
{
    memcpy(data, wide, offsetof(WIN32_FIND_DATAW, cFileName));
    size_t size = utf8_from_utf16(data->cFileName, sizeof data->cFileName - 1, wide->cFileName,
                                  utf16_length(wide->cFileName), UTF_REPLACE);
    /* A name of more bytes than the structure holds is cut. */
    if (size >= sizeof data->cFileName)
        size = sizeof data->cFileName - 1;
    data->cFileName[size] = '\0';
    data->cAlternateFileName[0] = '\0';
}

HANDLE WINAPI FindFirstFileExA(LPCSTR path, FINDEX_INFO_LEVELS level, LPVOID data,
                               FINDEX_SEARCH_OPS operation, LPVOID filter, DWORD flags)
{
    struct wide wide;
    WIN32_FIND_DATAW wide_data;
    if (!wide_from_ansi(&wide, path))
        return INVALID_HANDLE_VALUE;
    HANDLE handle = FindFirstFileExW(wide.text, level, &wide_data, operation, filter, flags);
    wide_free(&wide);
    if (handle != INVALID_HANDLE_VALUE)
        find_data_to_ansi(&wide_data, data);
    return handle;
}

HANDLE WINAPI FindFirstFileA(LPCSTR path, LPWIN32_FIND_DATAA data)
{
    return FindFirstFileExA(path, FindExInfoStandard, data, FindExSearchNameMatch, NULL, 0);
}

BOOL WINAPI FindNextFileA(HANDLE handle, LPWIN32_FIND_DATAA data)
{
    WIN32_FIND_DATAW wide;
    if (!FindNextFileW(handle, &wide))
        return FALSE;
    find_data_to_ansi(&wide, data);
    return TRUE;
}
