#include "dlls/kernel32/error.h"
#include "kernel/environment.h"
#include "kernel/handle.h"
#include "kernel/token.h"
#include "kernel/utf.h"
#include <userenv.h>

/* Besides the tokens that were opened there are, as of Windows 8, pseudo handles: for the token of the
 * process, of the thread, and of whichever counts. */
static bool is_token(HANDLE token)
{
    LONG_PTR value = (LONG_PTR)token;
    void *object;
    if (value <= -4 && value >= -6)
        return true;
    if (!set_last_status(handle_reference(token, &token_type, TOKEN_QUERY, &object)))
        return false;
    object_release(object);
    return true;
}

/* The size is that of the whole answer from now on, with its NUL. */
static BOOL fits(DWORD needed, const void *buffer, DWORD *size)
{
    bool enough = buffer && *size >= needed;
    *size = needed;
    if (!enough)
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
    return enough;
}

static BOOL return_wide(const WCHAR *path, DWORD length, LPWSTR buffer, DWORD *size)
{
    if (!size) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if (!fits(length + 1, buffer, size))
        return FALSE;
    memcpy(buffer, path, length * sizeof *path);
    buffer[length] = 0;
    return TRUE;
}

static BOOL return_ansi(const WCHAR *path, DWORD length, LPSTR buffer, DWORD *size)
{
    if (!size) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    size_t bytes = utf8_from_utf16(NULL, 0, path, length, UTF_REPLACE);
    if (!fits(bytes + 1, buffer, size))
        return FALSE;
    utf8_from_utf16(buffer, bytes, path, length, UTF_REPLACE);
    buffer[bytes] = '\0';
    return TRUE;
}

struct path {
    WCHAR text[1024];
    DWORD length;
};

static bool profile_of_user(struct path *path)
{
    size_t length = environment_profile(path->text, ARRAYSIZE(path->text));
    if (length > ARRAYSIZE(path->text)) {
        SetLastError(ERROR_FILENAME_EXCED_RANGE);
        return false;
    }
    path->length = length;
    return true;
}

/* Where the user's profile lies among others'. */
static bool profiles_of_all(struct path *path)
{
    if (!profile_of_user(path))
        return false;
    DWORD end = path->length;
    while (end && path->text[end - 1] != '\\')
        end--;
    /* A drive's root keeps its backslash. */
    path->length = end > 3 ? end - 1 : end;
    return true;
}

BOOL WINAPI GetUserProfileDirectoryW(HANDLE token, LPWSTR buffer, LPDWORD size)
{
    struct path path;
    return is_token(token) && profile_of_user(&path) && return_wide(path.text, path.length, buffer, size);
}

BOOL WINAPI GetUserProfileDirectoryA(HANDLE token, LPSTR buffer, LPDWORD size)
{
    struct path path;
    return is_token(token) && profile_of_user(&path) && return_ansi(path.text, path.length, buffer, size);
}

BOOL WINAPI GetProfilesDirectoryW(LPWSTR buffer, LPDWORD size)
{
    struct path path;
    return profiles_of_all(&path) && return_wide(path.text, path.length, buffer, size);
}

BOOL WINAPI GetProfilesDirectoryA(LPSTR buffer, LPDWORD size)
{
    struct path path;
    return profiles_of_all(&path) && return_ansi(path.text, path.length, buffer, size);
}
