/* Where the system and the user keep things. */
#include <stdlib.h>
#include "dlls/kernel32/error.h"
#include "kernel/utf.h"
#include <initguid.h>
#include <knownfolders.h>
#include <shlobj.h>

/* A folder is one that a variable of the environment names, or one in that. */
struct folder {
    bool of_every_user; /* Windows makes it with the profile, so that it is always there */
    int id;
    const KNOWNFOLDERID *known;
    WCHAR variable[18];
    WCHAR below[48];
};

static const struct folder folders[] = {
    {true, CSIDL_APPDATA, &FOLDERID_RoamingAppData, L"APPDATA", L""},
    {false, CSIDL_COMMON_APPDATA, &FOLDERID_ProgramData, L"ProgramData", L""},
    {false, CSIDL_DESKTOPDIRECTORY, &FOLDERID_Desktop, L"USERPROFILE", L"\\Desktop"},
    {false, CSIDL_FONTS, &FOLDERID_Fonts, L"SystemRoot", L"\\Fonts"},
    {true, CSIDL_LOCAL_APPDATA, &FOLDERID_LocalAppData, L"LOCALAPPDATA", L""},
    {false, CSIDL_MYMUSIC, &FOLDERID_Music, L"USERPROFILE", L"\\Music"},
    {false, CSIDL_MYPICTURES, &FOLDERID_Pictures, L"USERPROFILE", L"\\Pictures"},
    {false, CSIDL_MYVIDEO, &FOLDERID_Videos, L"USERPROFILE", L"\\Videos"},
    {false, CSIDL_PERSONAL, &FOLDERID_Documents, L"USERPROFILE", L"\\Documents"},
    {false, CSIDL_PROFILE, &FOLDERID_Profile, L"USERPROFILE", L""},
    {false, CSIDL_PROGRAM_FILES, &FOLDERID_ProgramFiles, L"ProgramFiles", L""},
    {false, CSIDL_PROGRAM_FILES_COMMON, &FOLDERID_ProgramFilesCommon, L"CommonProgramFiles", L""},
    {false, CSIDL_SYSTEM, &FOLDERID_System, L"SystemRoot", L"\\System32"},
    {false, CSIDL_WINDOWS, &FOLDERID_Windows, L"SystemRoot", L""},
    {false, -1, &FOLDERID_Downloads, L"USERPROFILE", L"\\Downloads"},
    {false, -1, &FOLDERID_Public, L"PUBLIC", L""},
};

static const struct folder *find_by_id(int id)
{
    id = id == CSIDL_DESKTOP ? CSIDL_DESKTOPDIRECTORY : id;
    for (size_t i = 0; i < ARRAYSIZE(folders); i++) {
        if (folders[i].id == id)
            return &folders[i];
    }
    return NULL;
}

static const struct folder *find_known(const KNOWNFOLDERID *id)
{
    for (size_t i = 0; i < ARRAYSIZE(folders); i++) {
        if (!memcmp(folders[i].known, id, sizeof *id))
            return &folders[i];
    }
    return NULL;
}

/* In MAX_PATH units. */
static bool path_of(const struct folder *folder, WCHAR *path)
{
    size_t length = GetEnvironmentVariableW(folder->variable, path, MAX_PATH);
    size_t rest = utf16_length(folder->below) + 1;
    if (!length || length + rest > MAX_PATH)
        return false;
    memcpy(path + length, folder->below, rest * sizeof *path);
    return true;
}

static bool exists(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);
    return attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY;
}

/* With all that leads there. */
static bool create(WCHAR *path)
{
    for (WCHAR *at = path + 3; *at; at++) {
        if (*at == '\\') {
            *at = 0;
            CreateDirectoryW(path, NULL);
            *at = '\\';
        }
    }
    return CreateDirectoryW(path, NULL) || exists(path);
}

static bool is_there(const struct folder *folder, WCHAR *path)
{
    return exists(path) || (folder->of_every_user && create(path));
}

/* S_FALSE for a folder that is not there, unless it is not to be looked for. */
HRESULT WINAPI SHGetFolderPathW(HWND window, int id, HANDLE token, DWORD flags, LPWSTR path)
{
    const struct folder *folder = find_by_id(id & ~CSIDL_FLAG_MASK);
    WCHAR found[MAX_PATH];
    if (!path)
        return E_INVALIDARG;
    *path = 0;
    if (!folder || flags > SHGFP_TYPE_DEFAULT || !path_of(folder, found))
        return E_INVALIDARG;
    memcpy(path, found, (utf16_length(found) + 1) * sizeof *path);
    if (id & CSIDL_FLAG_DONT_VERIFY || is_there(folder, path))
        return S_OK;
    if (!(id & CSIDL_FLAG_CREATE))
        return S_FALSE;
    return create(path) ? S_OK : HRESULT_FROM_WIN32(GetLastError());
}

HRESULT WINAPI SHGetFolderPathA(HWND window, int id, HANDLE token, DWORD flags, LPSTR path)
{
    WCHAR wide[MAX_PATH];
    if (!path)
        return E_INVALIDARG;
    *path = '\0';
    HRESULT result = SHGetFolderPathW(window, id, token, flags, wide);
    if (SUCCEEDED(result) && !WideCharToMultiByte(CP_ACP, 0, wide, -1, path, MAX_PATH, NULL, NULL))
        return HRESULT_FROM_WIN32(GetLastError());
    return result;
}

BOOL WINAPI SHGetSpecialFolderPathW(HWND window, LPWSTR path, int id, BOOL create_it)
{
    return SHGetFolderPathW(window, id | (create_it ? CSIDL_FLAG_CREATE : 0), NULL, SHGFP_TYPE_CURRENT,
                            path) == S_OK;
}

BOOL WINAPI SHGetSpecialFolderPathA(HWND window, LPSTR path, int id, BOOL create_it)
{
    return SHGetFolderPathA(window, id | (create_it ? CSIDL_FLAG_CREATE : 0), NULL, SHGFP_TYPE_CURRENT,
                            path) == S_OK;
}

/* The path is for CoTaskMemFree, which frees what the process's heap has given. */
HRESULT WINAPI SHGetKnownFolderPath(REFKNOWNFOLDERID id, DWORD flags, HANDLE token, PWSTR *path)
{
    const struct folder *folder = find_known(id);
    WCHAR found[MAX_PATH];
    *path = NULL;
    if (!folder || !path_of(folder, found))
        return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    if (!(flags & KF_FLAG_DONT_VERIFY) && !is_there(folder, found) &&
        !(flags & KF_FLAG_CREATE && create(found)))
        return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    size_t size = (utf16_length(found) + 1) * sizeof *found;
    *path = HeapAlloc(GetProcessHeap(), 0, size);
    if (!*path)
        return E_OUTOFMEMORY;
    memcpy(*path, found, size);
    return S_OK;
}
