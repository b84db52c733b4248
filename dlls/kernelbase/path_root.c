#include "dlls/kernelbase/path_root.h"
#include "kernel/upcase.h"

bool path_has_prefix(const WCHAR *path)
{
    return path[0] == '\\' && path[1] == '\\' && path[2] == '?' && path[3] == '\\';
}

static bool begins_with(const WCHAR *path, const WCHAR *beginning)
{
    while (*beginning && upcase_equal(path, 1, beginning, 1)) {
        path++;
        beginning++;
    }
    return !*beginning;
}

bool path_has_unc_prefix(const WCHAR *path)
{
    return begins_with(path, L"\\\\?\\UNC\\");
}

bool path_is_drive(const WCHAR *path)
{
    return ((path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z')) && path[1] == ':';
}

static bool is_hexadecimal(WCHAR c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* Where \\?\Volume{e51a1864-6f2d-4019-b73d-f4e60e600c26} ends, or NULL. */
static const WCHAR *volume_end(const WCHAR *path)
{
    static const WCHAR beginning[] = L"\\\\?\\Volume{";
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}";
    if (!begins_with(path, beginning))
        return NULL;
    path += ARRAYSIZE(beginning) - 1;
    for (const char *expected = form; *expected; expected++, path++) {
        if (*expected == 'x' ? !is_hexadecimal(*path) : *path != *expected)
            return NULL;
    }
    return path;
}

static const WCHAR *part_end(const WCHAR *path)
{
    while (*path && *path != '\\')
        path++;
    return path;
}

/* Of a server's name and a share's either may be missing. */
static const WCHAR *share_end(const WCHAR *server, const WCHAR **bare)
{
    const WCHAR *end = part_end(server);
    *bare = end;
    if (!*end)
        return end;
    const WCHAR *share = end + 1;
    end = part_end(share);
    if (end == share)
        return share;
    *bare = end;
    return *end ? end + 1 : end;
}

static const WCHAR *with_separator(const WCHAR *end, const WCHAR **bare)
{
    return *bare = *end == '\\' ? end + 1 : end;
}

const WCHAR *path_root_end(const WCHAR *path, const WCHAR **bare)
{
    const WCHAR *unused, *volume = volume_end(path);
    if (!bare)
        bare = &unused;
    if (path_has_unc_prefix(path))
        return share_end(path + UNC_PREFIX_LENGTH, bare);
    if (volume)
        return with_separator(volume, bare);
    if (path_has_prefix(path))
        return path_is_drive(path + PREFIX_LENGTH) ? with_separator(path + PREFIX_LENGTH + 2, bare) : NULL;
    if (path[0] == '\\')
        return path[1] == '\\' ? share_end(path + 2, bare) : with_separator(path, bare);
    return path_is_drive(path) ? with_separator(path + 2, bare) : NULL;
}

HRESULT WINAPI PathCchSkipRoot(PCWSTR path, PCWSTR *end)
{
    if (!path || !end)
        return E_INVALIDARG;
    const WCHAR *root_end = path_root_end(path, NULL);
    if (!root_end)
        return E_INVALIDARG;
    *end = root_end;
    return S_OK;
}

static bool is_unc(const WCHAR *path)
{
    return path_has_unc_prefix(path) || (path[0] == '\\' && path[1] == '\\' && !path_has_prefix(path));
}

/* A drive is a root with a separator behind it, a share only without. */
BOOL WINAPI PathCchIsRoot(PCWSTR path)
{
    const WCHAR *bare;
    return path && path_root_end(path, &bare) && !*bare && (is_unc(path) || bare[-1] == '\\');
}

BOOL WINAPI PathIsUNCEx(PCWSTR path, PCWSTR *server)
{
    const WCHAR *found = !path || !is_unc(path)      ? NULL
                         : path_has_unc_prefix(path) ? path + UNC_PREFIX_LENGTH
                                                     : path + 2;
    if (server)
        *server = found;
    return found != NULL;
}

HRESULT WINAPI PathCchStripToRoot(PWSTR path, size_t size)
{
    const WCHAR *bare;
    if (!path || !size || size > PATHCCH_MAX_CCH || !path_root_end(path, &bare) ||
        (size_t)(bare - path) >= size)
        return E_INVALIDARG;
    if (!*bare)
        return S_FALSE;
    path[bare - path] = 0;
    return S_OK;
}
