/* File functions from before Win32, kept for programs that still have them. */
#include <time.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/time.h"
#include "kernel/utf.h"

static HFILE as_old_handle(HANDLE handle)
{
    return (HFILE)(intptr_t)handle;
}

static HANDLE as_handle(HFILE file)
{
    return (HANDLE)(intptr_t)file;
}

/* OF_READ, OF_WRITE and OF_READWRITE, and the OF_SHARE_ bits. */
static bool translate_mode(UINT mode, DWORD *access, DWORD *share)
{
    static const DWORD accesses[] = {GENERIC_READ, GENERIC_WRITE, GENERIC_READ | GENERIC_WRITE};
    if ((mode & 3) >= ARRAYSIZE(accesses)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return false;
    }
    *access = accesses[mode & 3];
    switch (mode & 0x70) {
    case OF_SHARE_EXCLUSIVE:
        *share = 0;
        break;
    case OF_SHARE_DENY_WRITE:
        *share = FILE_SHARE_READ;
        break;
    case OF_SHARE_DENY_READ:
        *share = FILE_SHARE_WRITE;
        break;
    default:
        *share = FILE_SHARE_READ | FILE_SHARE_WRITE;
        break;
    }
    return true;
}

HFILE WINAPI _lopen(LPCSTR path, int mode)
{
    DWORD access, share;
    if (!translate_mode(mode, &access, &share))
        return HFILE_ERROR;
    return as_old_handle(CreateFileA(path, access, share, NULL, OPEN_EXISTING, 0, NULL));
}

/* The low three attributes count, and volume labels cannot be made. */
HFILE WINAPI _lcreat(LPCSTR path, int attributes)
{
    return as_old_handle(CreateFileA(
        path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, CREATE_ALWAYS,
        attributes & (FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM), NULL));
}

HFILE WINAPI _lclose(HFILE file)
{
    return CloseHandle(as_handle(file)) ? 0 : HFILE_ERROR;
}

UINT WINAPI _lread(HFILE file, LPVOID buffer, UINT size)
{
    DWORD read;
    return ReadFile(as_handle(file), buffer, size, &read, NULL) ? read : (UINT)HFILE_ERROR;
}

LONG WINAPI _hread(HFILE file, LPVOID buffer, LONG size)
{
    return _lread(file, buffer, size);
}

/* Writing nothing ends the file at its position. */
UINT WINAPI _lwrite(HFILE file, LPCCH buffer, UINT size)
{
    DWORD written;
    if (!size)
        return SetEndOfFile(as_handle(file)) ? 0 : (UINT)HFILE_ERROR;
    return WriteFile(as_handle(file), buffer, size, &written, NULL) ? written : (UINT)HFILE_ERROR;
}

LONG WINAPI _hwrite(HFILE file, LPCCH buffer, LONG size)
{
    return _lwrite(file, buffer, size);
}

LONG WINAPI _llseek(HFILE file, LONG distance, int origin)
{
    return SetFilePointer(as_handle(file), distance, NULL, origin);
}

/* OpenFile */

static HFILE open_file_failed(LPOFSTRUCT result)
{
    result->nErrCode = (WORD)GetLastError();
    return HFILE_ERROR;
}

/* Finds the file's full name: where OF_CREATE or OF_PARSE say it, or by a search. */
static bool full_name(LPCSTR path, UINT mode, LPOFSTRUCT result)
{
    DWORD length;
    if (mode & OF_REOPEN)
        return true;
    if (mode & (OF_CREATE | OF_PARSE))
        length = GetFullPathNameA(path, sizeof result->szPathName, result->szPathName, NULL);
    else
        length = SearchPathA(NULL, path, NULL, sizeof result->szPathName, result->szPathName, NULL);
    if (length && length < sizeof result->szPathName)
        return true;
    if (length)
        SetLastError(ERROR_INVALID_DATA);
    return false;
}

/* The date and time of the last write, as the caller saw it before and has it checked with OF_VERIFY. */
static bool check_time(HANDLE file, UINT mode, LPOFSTRUCT result)
{
    FILETIME written, local;
    WORD stamp[2] = {0, 0}, before[2] = {result->Reserved1, result->Reserved2};
    if (GetFileTime(file, NULL, NULL, &written) && FileTimeToLocalFileTime(&written, &local))
        FileTimeToDosDateTime(&local, &stamp[0], &stamp[1]);
    result->Reserved1 = stamp[0];
    result->Reserved2 = stamp[1];
    return !(mode & OF_VERIFY) || !memcmp(stamp, before, sizeof stamp);
}

HFILE WINAPI OpenFile(LPCSTR path, LPOFSTRUCT result, UINT mode)
{
    DWORD access, share;
    result->cBytes = sizeof *result;
    result->nErrCode = 0;
    result->fFixedDisk = TRUE;
    if (!translate_mode(mode, &access, &share) || !full_name(path, mode, result))
        return open_file_failed(result);
    if (mode & OF_PARSE)
        return 0;
    if (mode & OF_DELETE)
        return DeleteFileA(result->szPathName) ? 1 : open_file_failed(result);
    HANDLE file = CreateFileA(result->szPathName, access, share, NULL,
                              mode & OF_CREATE ? CREATE_ALWAYS : OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return open_file_failed(result);
    if (!check_time(file, mode, result)) {
        CloseHandle(file);
        SetLastError(ERROR_INVALID_FUNCTION);
        return open_file_failed(result);
    }
    if (mode & OF_EXIST) {
        CloseHandle(file);
        return 1;
    }
    return as_old_handle(file);
}
