/* Names of files and directories as text, and the places that the system names. */
#include <stdlib.h>
#include <unistd.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "kernel/environment.h"
#include "kernel/process.h"
#include "kernel/upcase.h"
#include "kernel/utf.h"

/* A name that a function made, of any length; text_free is due. */
struct text {
    WCHAR *units;
    size_t length;
    WCHAR local[MAX_PATH];
};

static void text_free(struct text *text)
{
    if (text->units != text->local)
        free(text->units);
}

static bool text_reserve(struct text *text, size_t size)
{
    text->units = size <= ARRAYSIZE(text->local) ? text->local : malloc(size * sizeof(WCHAR));
    if (!text->units)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return text->units != NULL;
}

static bool text_set(struct text *text, const WCHAR *units, size_t length)
{
    if (!text_reserve(text, length + 1))
        return false;
    memcpy(text->units, units, length * sizeof *units);
    text->units[length] = 0;
    text->length = length;
    return true;
}

/* Hands the text to the caller of a function and frees it. */
static DWORD text_return_wide(struct text *text, WCHAR *buffer, DWORD size)
{
    DWORD result = wide_return(text->units, text->length, buffer, size);
    text_free(text);
    return result;
}

static DWORD text_return_ansi(struct text *text, char *buffer, DWORD size)
{
    DWORD result = ansi_return(text->units, text->length, buffer, size);
    text_free(text);
    return result;
}

static DWORD fail(DWORD error)
{
    SetLastError(error);
    return 0;
}

/* Full names */

static bool full_name(const WCHAR *path, struct text *full, size_t *name_offset)
{
    size_t length = path ? utf16_length(path) : 0;
    full->units = full->local;
    full->length = path_full(path, length, full->local, ARRAYSIZE(full->local), name_offset);
    if (!full->length) {
        SetLastError(ERROR_INVALID_NAME);
        return false;
    }
    if (full->length < ARRAYSIZE(full->local))
        return true;
    if (!text_reserve(full, full->length + 1))
        return false;
    size_t again = path_full(path, length, full->units, full->length + 1, name_offset);
    if (again <= full->length) {
        full->length = again;
        return true;
    }
    /* The current directory became a longer one in between. */
    text_free(full);
    SetLastError(ERROR_FILENAME_EXCED_RANGE);
    return false;
}

DWORD WINAPI GetFullPathNameW(LPCWSTR path, DWORD size, LPWSTR buffer, LPWSTR *name)
{
    struct text full;
    size_t offset;
    if (!full_name(path, &full, &offset))
        return 0;
    DWORD result = text_return_wide(&full, buffer, size);
    if (name && result == full.length)
        *name = offset ? buffer + offset : NULL;
    return result;
}

DWORD WINAPI GetFullPathNameA(LPCSTR path, DWORD size, LPSTR buffer, LPSTR *name)
{
    struct wide wide;
    struct text full;
    size_t offset;
    DWORD result = 0;
    if (!wide_from_ansi(&wide, path))
        return 0;
    if (full_name(wide.text, &full, &offset)) {
        result = ansi_return(full.units, full.length, buffer, size);
        if (name && result < size)
            *name = offset ? buffer + utf8_from_utf16(NULL, 0, full.units, offset, UTF_REPLACE) : NULL;
        text_free(&full);
    }
    wide_free(&wide);
    return result;
}

/* Long and short names */

/* Whether a part of a path could be a short name: up to eight characters, perhaps a dot and up to three. */
static bool may_be_short(const WCHAR *part, size_t length)
{
    size_t dot = length;
    for (size_t i = 0; i < length; i++) {
        if (part[i] == ' ' || part[i] == '+' || (part[i] == '.' && dot != length))
            return false;
        if (part[i] == '.')
            dot = i;
    }
    return dot && dot <= 8 && (dot == length || length - dot - 1 <= 3);
}

/* Spells the parts of a path that could be short names as the host has them, from the last one back to where
 * the two differ in more than case: "..", a drive's or a virtual directory's root. */
static void respell(struct text *path, const char *host)
{
    size_t end = path->length, host_end = strlen(host);
    while (end && host_end) {
        size_t start = end, host_start = host_end;
        while (start && path->units[start - 1] != '\\' && path->units[start - 1] != '/' &&
               path->units[start - 1] != ':')
            start--;
        while (host_start && host[host_start - 1] != '/')
            host_start--;
        WCHAR name[PATH_NAME_UNITS];
        size_t length = path_name_from_host(host + host_start, host_end - host_start, name);
        if (end == start || !upcase_equal(path->units + start, end - start, name, length))
            return;
        if (may_be_short(path->units + start, length))
            memcpy(path->units + start, name, length * sizeof *name);
        end = start ? start - 1 : 0;
        host_end = host_start ? host_start - 1 : 0;
    }
}

/* Windows looks up what could be a short name, and leaves all else as it was given, case included. Linux
 * files have one name, the long one, which is their short name too. Missing files are errors. */
static bool existing_name(const WCHAR *path, struct text *result)
{
    struct host_path host;
    DWORD attributes;
    if (!path) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return false;
    }
    NTSTATUS status = host_path_of(path, &host);
    if (!status)
        status = file_query_attributes(&host, &attributes);
    if (!set_last_status(status) || !text_set(result, path, utf16_length(path)))
        return false;
    if (host.kind == PATH_FILE)
        respell(result, host.name);
    return true;
}

DWORD WINAPI GetLongPathNameW(LPCWSTR path, LPWSTR buffer, DWORD size)
{
    struct text text;
    if (!existing_name(path, &text))
        return 0;
    return text_return_wide(&text, buffer, buffer ? size : 0);
}

DWORD WINAPI GetLongPathNameA(LPCSTR path, LPSTR buffer, DWORD size)
{
    struct wide wide;
    struct text text;
    DWORD result = 0;
    if (!wide_from_ansi(&wide, path))
        return 0;
    if (existing_name(wide.text, &text))
        result = text_return_ansi(&text, buffer, buffer ? size : 0);
    wide_free(&wide);
    return result;
}

DWORD WINAPI GetShortPathNameW(LPCWSTR path, LPWSTR buffer, DWORD size)
{
    return GetLongPathNameW(path, buffer, size);
}

DWORD WINAPI GetShortPathNameA(LPCSTR path, LPSTR buffer, DWORD size)
{
    return GetLongPathNameA(path, buffer, size);
}

/* Names of handles */

/* What Windows calls the one volume that is not a drive letter's. */
static const WCHAR device_name[] = L"\\Device\\HarddiskVolume1";

static bool prefix_name(struct text *text, const WCHAR *prefix, const WCHAR *path, size_t length)
{
    size_t prefix_length = utf16_length(prefix);
    if (!text_reserve(text, prefix_length + length + 1))
        return false;
    memcpy(text->units, prefix, prefix_length * sizeof *prefix);
    memcpy(text->units + prefix_length, path, length * sizeof *path);
    text->length = prefix_length + length;
    text->units[text->length] = 0;
    return true;
}

static bool name_in_volume(DWORD flags, const WCHAR *path, size_t length, struct text *text)
{
    switch (flags & (VOLUME_NAME_DOS | VOLUME_NAME_GUID | VOLUME_NAME_NONE | VOLUME_NAME_NT)) {
    case VOLUME_NAME_DOS:
        return prefix_name(text, L"\\\\?\\", path, length);
    case VOLUME_NAME_GUID:
        return prefix_name(text, L"\\\\?\\" PATH_VOLUME_PREFIX_WIDE L"43}", path + 2, length - 2);
    case VOLUME_NAME_NONE:
        return prefix_name(text, L"", path + 2, length - 2);
    case VOLUME_NAME_NT:
        return prefix_name(text, device_name, path + 2, length - 2);
    default:
        SetLastError(ERROR_INVALID_PARAMETER);
        return false;
    }
}

static bool handle_name(HANDLE handle, DWORD flags, struct text *text)
{
    struct file *file;
    char host[PATH_MAX];
    WCHAR path[PATH_MAX + 32];
    NTSTATUS status = file_of(handle, 0, &file);
    if (!set_last_status(status))
        return false;
    status =
        file_device_type(file) == FILE_TYPE_DISK ? file_host_name(file, host) : STATUS_INVALID_DEVICE_REQUEST;
    object_release(file);
    if (!set_last_status(status))
        return false;
    size_t length = path_from_host(host, path, ARRAYSIZE(path));
    return name_in_volume(flags, path, length, text);
}

DWORD WINAPI GetFinalPathNameByHandleW(HANDLE handle, LPWSTR buffer, DWORD size, DWORD flags)
{
    struct text text;
    if (!handle_name(handle, flags, &text))
        return 0;
    DWORD result = text_return_wide(&text, buffer, size);
    if (result > text.length)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return result;
}

DWORD WINAPI GetFinalPathNameByHandleA(HANDLE handle, LPSTR buffer, DWORD size, DWORD flags)
{
    struct text text;
    if (!handle_name(handle, flags, &text))
        return 0;
    DWORD result = text_return_ansi(&text, buffer, size);
    if (result > size)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return result;
}

/* The current directory */

static bool current_directory(struct text *text)
{
    text->units = text->local;
    text->length = path_current_directory(text->local, ARRAYSIZE(text->local));
    while (text->length >= ARRAYSIZE(text->local)) {
        size_t size = text->length + 1;
        if (!text_reserve(text, size))
            return false;
        text->length = path_current_directory(text->units, size);
        if (text->length < size)
            break;
        text_free(text);
    }
    return true;
}

DWORD WINAPI GetCurrentDirectoryW(DWORD size, LPWSTR buffer)
{
    struct text text;
    if (!current_directory(&text))
        return 0;
    return text_return_wide(&text, buffer, size);
}

DWORD WINAPI GetCurrentDirectoryA(DWORD size, LPSTR buffer)
{
    struct text text;
    if (!current_directory(&text))
        return 0;
    return text_return_ansi(&text, buffer, size);
}

BOOL WINAPI SetCurrentDirectoryW(LPCWSTR path)
{
    if (!path || !*path)
        return fail(ERROR_PATH_NOT_FOUND);
    NTSTATUS status = path_set_current_directory(path, utf16_length(path));
    return set_last_status(status ? status : process_note_current_directory());
}

BOOL WINAPI SetCurrentDirectoryA(LPCSTR path)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, path))
        return FALSE;
    BOOL result = SetCurrentDirectoryW(wide.text);
    wide_free(&wide);
    return result;
}

/* The system's directories */

static const WCHAR windows_directory[] = L"C:\\Windows";
static const WCHAR system_directory[] = L"C:\\Windows\\System32";

#define LENGTH_OF(literal) (ARRAYSIZE(literal) - 1)

UINT WINAPI GetWindowsDirectoryW(LPWSTR buffer, UINT size)
{
    return wide_return(windows_directory, LENGTH_OF(windows_directory), buffer, size);
}

UINT WINAPI GetWindowsDirectoryA(LPSTR buffer, UINT size)
{
    return ansi_return(windows_directory, LENGTH_OF(windows_directory), buffer, size);
}

UINT WINAPI GetSystemWindowsDirectoryW(LPWSTR buffer, UINT size)
{
    return GetWindowsDirectoryW(buffer, size);
}

UINT WINAPI GetSystemWindowsDirectoryA(LPSTR buffer, UINT size)
{
    return GetWindowsDirectoryA(buffer, size);
}

UINT WINAPI GetSystemDirectoryW(LPWSTR buffer, UINT size)
{
    return wide_return(system_directory, LENGTH_OF(system_directory), buffer, size);
}

UINT WINAPI GetSystemDirectoryA(LPSTR buffer, UINT size)
{
    return ansi_return(system_directory, LENGTH_OF(system_directory), buffer, size);
}

/* There is one only where 32-bit programs run beside 64-bit ones. */
UINT WINAPI GetSystemWow64DirectoryW(LPWSTR buffer, UINT size)
{
#ifdef __i386__
    static const WCHAR directory[] = L"C:\\Windows\\SysWOW64";
    return wide_return(directory, LENGTH_OF(directory), buffer, size);
#else
    return fail(ERROR_CALL_NOT_IMPLEMENTED);
#endif
}

UINT WINAPI GetSystemWow64DirectoryA(LPSTR buffer, UINT size)
{
#ifdef __i386__
    static const WCHAR directory[] = L"C:\\Windows\\SysWOW64";
    return ansi_return(directory, LENGTH_OF(directory), buffer, size);
#else
    return fail(ERROR_CALL_NOT_IMPLEMENTED);
#endif
}

/* Temporary files */

/* The value of the first of these variables that is set. */
static bool temporary_variable(struct text *value)
{
    static const WCHAR names[][12] = {L"TMP", L"TEMP", L"USERPROFILE"};
    bool found = false;
    environment_lock();
    for (size_t i = 0; i < ARRAYSIZE(names) && !found; i++) {
        size_t length;
        const WCHAR *text = environment_get(names[i], utf16_length(names[i]), &length);
        found = text && length && text_set(value, text, length);
    }
    environment_unlock();
    return found;
}

static bool temporary_directory(struct text *path)
{
    struct text value;
    if (!temporary_variable(&value))
        return text_set(path, L"C:\\Windows\\", LENGTH_OF(L"C:\\Windows\\"));
    size_t length = path_full(value.units, value.length, NULL, 0, NULL);
    bool done = text_reserve(path, length + 2);
    if (done) {
        path->length = path_full(value.units, value.length, path->units, length + 1, NULL);
        if (path->units[path->length - 1] != '\\') {
            path->units[path->length++] = '\\';
            path->units[path->length] = 0;
        }
    }
    text_free(&value);
    return done;
}

DWORD WINAPI GetTempPathW(DWORD size, LPWSTR buffer)
{
    struct text text;
    if (!temporary_directory(&text))
        return 0;
    DWORD result = text_return_wide(&text, buffer, size);
    /* What the path does not take of the buffer is cleared, as far as a path could reach. */
    size_t used = result < size ? result : 0, end = size < PATH_LONGEST + 1 ? size : PATH_LONGEST + 1;
    memset(buffer + used, 0, (end - used) * sizeof *buffer);
    return result;
}

DWORD WINAPI GetTempPathA(DWORD size, LPSTR buffer)
{
    struct text text;
    if (!temporary_directory(&text))
        return 0;
    return text_return_ansi(&text, buffer, size);
}

/* Differs only for services that run as SYSTEM. */
DWORD WINAPI GetTempPath2W(DWORD size, LPWSTR buffer)
{
    return GetTempPathW(size, buffer);
}

DWORD WINAPI GetTempPath2A(DWORD size, LPSTR buffer)
{
    return GetTempPathA(size, buffer);
}

/* Writes the number's hexadecimal digits and ".tmp". */
static void end_temporary_name(WCHAR *end, UINT number)
{
    WCHAR digits[8];
    size_t count = 0;
    do {
        digits[count++] = "0123456789ABCDEF"[number % 16];
        number /= 16;
    } while (number);
    while (count)
        *end++ = digits[--count];
    memcpy(end, L".tmp", sizeof L".tmp");
}

static bool is_directory(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);
    return attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY;
}

/* Tries one number after another, as documented: 16 bits that are not 0. */
static UINT create_temporary_file(WCHAR *name, WCHAR *end)
{
    UINT first = (GetTickCount() ^ getpid()) & 0xffff, number = first;
    do {
        if (number) {
            end_temporary_name(end, number);
            HANDLE file = CreateFileW(name, GENERIC_READ, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
            if (file != INVALID_HANDLE_VALUE) {
                CloseHandle(file);
                return number;
            }
            if (GetLastError() != ERROR_FILE_EXISTS && GetLastError() != ERROR_SHARING_VIOLATION)
                return 0;
        }
        number = (number + 1) & 0xffff;
    } while (number != first);
    return 0;
}

UINT WINAPI GetTempFileNameW(LPCWSTR path, LPCWSTR prefix, UINT unique, LPWSTR buffer)
{
    if (!path || !buffer)
        return fail(ERROR_INVALID_PARAMETER);
    size_t length = utf16_length(path);
    /* Room for the separator, three characters of prefix, four digits, the extension and a NUL. */
    if (length > MAX_PATH - 14)
        return fail(ERROR_BUFFER_OVERFLOW);
    if (!is_directory(path))
        return fail(ERROR_DIRECTORY);
    memmove(buffer, path, length * sizeof *path);
    if (length && buffer[length - 1] != '\\' && buffer[length - 1] != '/')
        buffer[length++] = '\\';
    for (size_t i = 0; i < 3 && prefix && prefix[i]; i++)
        buffer[length++] = prefix[i];
    if (!(unique & 0xffff))
        return create_temporary_file(buffer, buffer + length);
    end_temporary_name(buffer + length, unique & 0xffff);
    return unique & 0xffff;
}

UINT WINAPI GetTempFileNameA(LPCSTR path, LPCSTR prefix, UINT unique, LPSTR buffer)
{
    struct wide_pair pair;
    WCHAR name[MAX_PATH];
    if (!wide_pair_from_ansi(&pair, path, prefix))
        return 0;
    UINT result = GetTempFileNameW(pair.first.text, pair.second.text, unique, buffer ? name : NULL);
    if (result && ansi_return(name, utf16_length(name), buffer, MAX_PATH) >= MAX_PATH)
        result = fail(ERROR_BUFFER_OVERFLOW);
    wide_pair_free(&pair);
    return result;
}
