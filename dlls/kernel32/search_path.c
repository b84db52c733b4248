/* SearchPath: looking for a file in a list of directories. */
#include <stdlib.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "kernel/environment.h"
#include "kernel/process.h"
#include "kernel/utf.h"

/* SetSearchPathMode: whether the current directory comes last rather than early. */
static DWORD search_mode;

static DWORD fail(DWORD error)
{
    SetLastError(error);
    return 0;
}

/* A candidate for the file that is looked for. */
struct candidate {
    WCHAR text[PATH_MAX];
    size_t length;
};

static bool add(struct candidate *candidate, const WCHAR *text, size_t length)
{
    if (candidate->length + length >= ARRAYSIZE(candidate->text))
        return false;
    memcpy(candidate->text + candidate->length, text, length * sizeof *text);
    candidate->length += length;
    candidate->text[candidate->length] = 0;
    return true;
}

static bool is_separator(WCHAR unit)
{
    return unit == '\\' || unit == '/';
}

/* An extension is added only to a name that has none. */
static bool has_extension(const WCHAR *name)
{
    bool result = false;
    for (; *name; name++)
        result = *name == '.' || (result && !is_separator(*name));
    return result;
}

static bool is_absolute(const WCHAR *name)
{
    if (is_separator(name[0]))
        return true;
    if (name[0] && name[1] == ':')
        return true;
    /* "." and ".." at the front are about the current directory as well. */
    return name[0] == '.' && (is_separator(name[1]) || (name[1] == '.' && is_separator(name[2])));
}

static bool exists(const struct candidate *candidate)
{
    return GetFileAttributesW(candidate->text) != INVALID_FILE_ATTRIBUTES;
}

static bool try_directory(struct candidate *candidate, const WCHAR *directory, size_t length,
                          const WCHAR *name, const WCHAR *extension)
{
    candidate->length = 0;
    if (!add(candidate, directory, length))
        return false;
    if (length && !is_separator(directory[length - 1]) && !add(candidate, L"\\", 1))
        return false;
    if (!add(candidate, name, utf16_length(name)))
        return false;
    if (extension && !has_extension(name) && !add(candidate, extension, utf16_length(extension)))
        return false;
    return exists(candidate);
}

/* Tries the directories of a list that has semicolons between them. */
static bool try_list(struct candidate *candidate, const WCHAR *list, const WCHAR *name,
                     const WCHAR *extension)
{
    while (*list) {
        size_t length = 0;
        while (list[length] && list[length] != ';')
            length++;
        if (length && try_directory(candidate, list, length, name, extension))
            return true;
        list += length + (list[length] == ';');
    }
    return false;
}

static bool try_program_directory(struct candidate *candidate, const WCHAR *name, const WCHAR *extension)
{
    const UNICODE_STRING *program = &process_parameters.ImagePathName;
    size_t length = program->Length / sizeof(WCHAR);
    while (length && !is_separator(program->Buffer[length - 1]))
        length--;
    return length && try_directory(candidate, program->Buffer, length - 1, name, extension);
}

static bool try_path_variable(struct candidate *candidate, const WCHAR *name, const WCHAR *extension)
{
    size_t length;
    environment_lock();
    const WCHAR *value = environment_get(L"PATH", 4, &length);
    WCHAR *copy = value ? malloc((length + 1) * sizeof *copy) : NULL;
    if (copy)
        memcpy(copy, value, (length + 1) * sizeof *copy);
    environment_unlock();
    bool found = copy && try_list(candidate, copy, name, extension);
    free(copy);
    return found;
}

static bool try_system_places(struct candidate *candidate, const WCHAR *name, const WCHAR *extension)
{
    static const WCHAR places[] = L"C:\\Windows\\System32;C:\\Windows";
    bool current_last =
        (search_mode & ~BASE_SEARCH_PATH_PERMANENT) == BASE_SEARCH_PATH_ENABLE_SAFE_SEARCHMODE;
    if (try_program_directory(candidate, name, extension))
        return true;
    if (!current_last && try_directory(candidate, L"", 0, name, extension))
        return true;
    if (try_list(candidate, places, name, extension) || try_path_variable(candidate, name, extension))
        return true;
    return current_last && try_directory(candidate, L"", 0, name, extension);
}

static bool search(struct candidate *candidate, const WCHAR *path, const WCHAR *name, const WCHAR *extension)
{
    /* A name that says where it is may be complete in spite of having no extension. */
    if (is_absolute(name))
        return try_directory(candidate, L"", 0, name, NULL) ||
               try_directory(candidate, L"", 0, name, extension);
    return path ? try_list(candidate, path, name, extension) : try_system_places(candidate, name, extension);
}

DWORD WINAPI SearchPathW(LPCWSTR path, LPCWSTR name, LPCWSTR extension, DWORD size, LPWSTR buffer,
                         LPWSTR *part)
{
    struct candidate candidate;
    if (!name || !*name)
        return fail(ERROR_INVALID_PARAMETER);
    if (!search(&candidate, path, name, extension))
        return fail(ERROR_FILE_NOT_FOUND);
    return GetFullPathNameW(candidate.text, size, buffer, part);
}

DWORD WINAPI SearchPathA(LPCSTR path, LPCSTR name, LPCSTR extension, DWORD size, LPSTR buffer, LPSTR *part)
{
    struct wide wide_path, wide_name, wide_extension;
    struct candidate candidate;
    DWORD result = 0;
    if (!name || !*name)
        return fail(ERROR_INVALID_PARAMETER);
    if (!wide_from_ansi(&wide_path, path))
        return 0;
    if (wide_from_ansi(&wide_name, name)) {
        if (wide_from_ansi(&wide_extension, extension)) {
            if (search(&candidate, wide_path.text, wide_name.text, wide_extension.text)) {
                char found[PATH_MAX * 3];
                utf8_from_utf16(found, sizeof found, candidate.text, candidate.length + 1, UTF_REPLACE);
                result = GetFullPathNameA(found, size, buffer, part);
            } else {
                SetLastError(ERROR_FILE_NOT_FOUND);
            }
            wide_free(&wide_extension);
        }
        wide_free(&wide_name);
    }
    wide_free(&wide_path);
    return result;
}

BOOL WINAPI SetSearchPathMode(DWORD mode)
{
    DWORD wanted = mode & ~BASE_SEARCH_PATH_PERMANENT;
    if ((wanted != BASE_SEARCH_PATH_ENABLE_SAFE_SEARCHMODE &&
         wanted != BASE_SEARCH_PATH_DISABLE_SAFE_SEARCHMODE) ||
        mode == (BASE_SEARCH_PATH_PERMANENT | BASE_SEARCH_PATH_DISABLE_SAFE_SEARCHMODE))
        return fail(ERROR_INVALID_PARAMETER);
    if (search_mode & BASE_SEARCH_PATH_PERMANENT)
        return fail(ERROR_ACCESS_DENIED);
    search_mode = mode;
    return TRUE;
}

/* The current directory counts unless the variable exists, or the name says where it is. */
BOOL WINAPI NeedCurrentDirectoryForExePathW(LPCWSTR name)
{
    size_t length;
    for (const WCHAR *at = name; *at; at++)
        if (*at == '\\')
            return TRUE;
    static const WCHAR variable[] = L"NoDefaultCurrentDirectoryInExePath";
    environment_lock();
    bool set = environment_get(variable, ARRAYSIZE(variable) - 1, &length) != NULL;
    environment_unlock();
    return !set;
}

BOOL WINAPI NeedCurrentDirectoryForExePathA(LPCSTR name)
{
    return NeedCurrentDirectoryForExePathW(strchr(name, '\\') ? L"\\" : L"");
}
