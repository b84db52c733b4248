#include "dlls/kernel32/error.h"

#define UNIT    WCHAR
#define NAME(x) x##W
#include "dlls/shlwapi/path_parts.h"
#undef UNIT
#undef NAME

#define UNIT    char
#define NAME(x) x##A
#include "dlls/shlwapi/path_parts.h"

BOOL WINAPI PathFileExistsW(LPCWSTR path)
{
    return path && GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

BOOL WINAPI PathFileExistsA(LPCSTR path)
{
    return path && GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

/* What GetFileAttributes says of a directory, or FALSE. */
static BOOL directory_attribute(DWORD attributes)
{
    return attributes == INVALID_FILE_ATTRIBUTES ? FALSE : attributes & FILE_ATTRIBUTE_DIRECTORY;
}

BOOL WINAPI PathIsDirectoryW(LPCWSTR path)
{
    return path ? directory_attribute(GetFileAttributesW(path)) : FALSE;
}

BOOL WINAPI PathIsDirectoryA(LPCSTR path)
{
    return path ? directory_attribute(GetFileAttributesA(path)) : FALSE;
}
