/* What psapi tells of single pages, and of the files that are mapped. */
#define PSAPI_VERSION 2
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/virtual.h"

BOOL WINAPI K32QueryWorkingSetEx(HANDLE process, PVOID pages, DWORD size)
{
    return set_last_status(
        NtQueryVirtualMemory(process, NULL, MEMORY_WORKING_SET_EX_CLASS, pages, size, NULL));
}

struct mapped_name {
    UNICODE_STRING string;
    WCHAR text[PATH_MAX];
};

static bool find_name(HANDLE process, const void *address, struct mapped_name *name)
{
    return set_last_status(
        NtQueryVirtualMemory(process, address, MEMORY_FILENAME_CLASS, name, sizeof *name, NULL));
}

DWORD WINAPI K32GetMappedFileNameW(HANDLE process, LPVOID address, LPWSTR buffer, DWORD size)
{
    struct mapped_name name;
    if (!find_name(process, address, &name))
        return 0;
    return wide_return_cut(name.string.Buffer, name.string.Length / sizeof(WCHAR), buffer, size);
}

DWORD WINAPI K32GetMappedFileNameA(HANDLE process, LPVOID address, LPSTR buffer, DWORD size)
{
    struct mapped_name name;
    if (!find_name(process, address, &name))
        return 0;
    return ansi_return_cut(name.string.Buffer, name.string.Length / sizeof(WCHAR), buffer, size);
}
