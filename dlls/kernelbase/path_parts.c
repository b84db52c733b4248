/* PathCch: the ends of paths. Sizes are in units and include the NUL. */
#include "dlls/kernelbase/path_root.h"
#include "kernel/utf.h"

static bool is_valid(const WCHAR *path, size_t size)
{
    return path && size && size <= PATHCCH_MAX_CCH;
}

/* Separators */

HRESULT WINAPI PathCchAddBackslashEx(PWSTR path, size_t size, PWSTR *end, size_t *remaining)
{
    if (!path)
        return E_INVALIDARG;
    size_t length = utf16_length(path);
    bool add = length && path[length - 1] != '\\';
    bool fits = length + add < size;
    if (fits && add) {
        path[length++] = '\\';
        path[length] = 0;
    }
    if (end)
        *end = fits ? path + length : NULL;
    if (remaining)
        *remaining = fits ? size - length : 0;
    return !fits ? STRSAFE_E_INSUFFICIENT_BUFFER : add ? S_OK : S_FALSE;
}

HRESULT WINAPI PathCchAddBackslash(PWSTR path, size_t size)
{
    return PathCchAddBackslashEx(path, size, NULL, NULL);
}

/* `end` becomes where the separator is, or was, or else the NUL. */
HRESULT WINAPI PathCchRemoveBackslashEx(PWSTR path, size_t size, PWSTR *end, size_t *remaining)
{
    const WCHAR *bare;
    if (end)
        *end = NULL;
    if (remaining)
        *remaining = 0;
    if (!path || !end || !remaining || !size)
        return E_INVALIDARG;
    size_t length = utf16_length(path);
    if (length >= size)
        return E_INVALIDARG;
    if (!path_root_end(path, &bare))
        bare = path;
    bool ends_so = length && path[length - 1] == '\\';
    length -= ends_so;
    *end = path + length;
    *remaining = size - length;
    if (!ends_so || path + length < bare)
        return S_FALSE;
    path[length] = 0;
    return S_OK;
}

HRESULT WINAPI PathCchRemoveBackslash(PWSTR path, size_t size)
{
    PWSTR end;
    size_t remaining;
    return PathCchRemoveBackslashEx(path, size, &end, &remaining);
}

HRESULT WINAPI PathCchRemoveFileSpec(PWSTR path, size_t size)
{
    const WCHAR *bare;
    if (!is_valid(path, size))
        return E_INVALIDARG;
    if (!path_root_end(path, &bare))
        bare = path;
    WCHAR *cut = path + (bare - path);
    for (WCHAR *at = cut; *at; at++) {
        if (*at == '\\')
            cut = at;
    }
    if ((size_t)(cut - path) >= size)
        return E_INVALIDARG;
    if (!*cut)
        return S_FALSE;
    *cut = 0;
    return S_OK;
}

/* Extensions */

HRESULT WINAPI PathCchFindExtension(PCWSTR path, size_t size, PCWSTR *extension)
{
    const WCHAR *dot = NULL, *at = path;
    *extension = NULL;
    if (!is_valid(path, size))
        return E_INVALIDARG;
    for (; *at; at++) {
        if (*at == '\\' || *at == ' ')
            dot = NULL;
        else if (*at == '.')
            dot = at;
        if ((size_t)(at - path) >= size - 1)
            return E_INVALIDARG;
    }
    *extension = dot ? dot : at;
    return S_OK;
}

HRESULT WINAPI PathCchRemoveExtension(PWSTR path, size_t size)
{
    PCWSTR extension;
    HRESULT result = PathCchFindExtension(path, size, &extension);
    if (result)
        return result;
    if (!*extension)
        return S_FALSE;
    path[extension - path] = 0;
    return S_OK;
}

/* Skips the dot that an extension may have; NULL if it is none. */
static const WCHAR *extension_text(const WCHAR *extension)
{
    if (!extension)
        return NULL;
    if (*extension == '.')
        extension++;
    for (const WCHAR *at = extension; *at; at++) {
        if (*at == ' ' || *at == '.' || *at == '\\')
            return NULL;
    }
    return extension;
}

HRESULT WINAPI PathCchAddExtension(PWSTR path, size_t size, PCWSTR extension)
{
    PCWSTR old, text = extension_text(extension);
    HRESULT result = text ? PathCchFindExtension(path, size, &old) : E_INVALIDARG;
    if (result)
        return result;
    if (*old)
        return S_FALSE;
    if (!*text)
        return S_OK;
    size_t length = utf16_length(text);
    WCHAR *end = path + (old - path);
    if ((size_t)(end - path) + 1 + length >= size)
        return STRSAFE_E_INSUFFICIENT_BUFFER;
    *end = '.';
    memcpy(end + 1, text, (length + 1) * sizeof *text);
    return S_OK;
}

HRESULT WINAPI PathCchRenameExtension(PWSTR path, size_t size, PCWSTR extension)
{
    HRESULT result = extension_text(extension) ? PathCchRemoveExtension(path, size) : E_INVALIDARG;
    return FAILED(result) ? result : PathCchAddExtension(path, size, extension);
}

/* Prefixes */

HRESULT WINAPI PathCchStripPrefix(PWSTR path, size_t size)
{
    if (!is_valid(path, size))
        return E_INVALIDARG;
    size_t kept = 0, removed = 0;
    if (path_has_unc_prefix(path)) {
        kept = 2;
        removed = UNC_PREFIX_LENGTH - kept;
    } else if (path_has_prefix(path) && path_is_drive(path + PREFIX_LENGTH)) {
        removed = PREFIX_LENGTH;
    }
    if (!removed)
        return S_FALSE;
    size_t rest = utf16_length(path + removed + kept);
    if (kept + rest >= size)
        return E_INVALIDARG;
    memmove(path + kept, path + removed + kept, (rest + 1) * sizeof *path);
    return S_OK;
}
