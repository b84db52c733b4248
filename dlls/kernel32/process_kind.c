/* What program a process runs, and for which machine. */
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/process_names.h"
#include "kernel/handle.h"
#include "kernel/path.h"

static struct process *reference_process(HANDLE handle)
{
    void *object;
    NTSTATUS status = handle_reference(handle, &process_type, PROCESS_QUERY_LIMITED_INFORMATION, &object);
    return set_last_status(status) ? object : NULL;
}

static bool query_32_bit_by_handle(HANDLE handle, bool *is_32_bit)
{
    struct process *process = reference_process(handle);
    if (!process)
        return false;
    NTSTATUS status = process_is_32_bit(process, is_32_bit);
    object_release(process);
    return set_last_status(status);
}

/* Windows for x86-64 is what every program is told that this is. */
BOOL WINAPI IsWow64Process(HANDLE handle, PBOOL wow64)
{
    bool is_32_bit;
    if (!query_32_bit_by_handle(handle, &is_32_bit))
        return FALSE;
    *wow64 = is_32_bit;
    return TRUE;
}

BOOL WINAPI IsWow64Process2(HANDLE handle, USHORT *process_machine, USHORT *native_machine)
{
    bool is_32_bit;
    if (!query_32_bit_by_handle(handle, &is_32_bit))
        return FALSE;
    *process_machine = is_32_bit ? IMAGE_FILE_MACHINE_I386 : IMAGE_FILE_MACHINE_UNKNOWN;
    if (native_machine)
        *native_machine = IMAGE_FILE_MACHINE_AMD64;
    return TRUE;
}

/* The path is written to `path` if that has room for it. */
static bool query_image_by_handle(HANDLE handle, DWORD flags, WCHAR *path, size_t capacity, size_t *length)
{
    if (flags & ~PROCESS_NAME_NATIVE) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return false;
    }
    struct process *process = reference_process(handle);
    if (!process)
        return false;
    NTSTATUS status = process_image_path(process, flags, path, capacity, length);
    object_release(process);
    return set_last_status(status);
}

BOOL WINAPI QueryFullProcessImageNameW(HANDLE handle, DWORD flags, LPWSTR buffer, PDWORD size)
{
    size_t length;
    if (!query_image_by_handle(handle, flags, buffer, *size, &length))
        return FALSE;
    if (length >= *size) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    *size = length;
    return TRUE;
}

BOOL WINAPI QueryFullProcessImageNameA(HANDLE handle, DWORD flags, LPSTR buffer, PDWORD size)
{
    WCHAR path[PATH_MAX];
    size_t length;
    if (!query_image_by_handle(handle, flags, path, ARRAYSIZE(path), &length))
        return FALSE;
    DWORD bytes = length < ARRAYSIZE(path) ? ansi_return(path, length, buffer, *size) : *size;
    if (bytes >= *size) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    *size = bytes;
    return TRUE;
}

/* Where System32 is */

/* A 32-bit program finds its own architecture's DLLs in System32 as well as in SysWOW64, so there is nothing
 * to lead elsewhere; whether it wants that is only kept. */
static __thread ULONG redirection_disabled;

static bool is_wow64(void)
{
    if (sizeof(void *) == 4)
        return true;
    SetLastError(ERROR_INVALID_FUNCTION);
    return false;
}

BOOL WINAPI Wow64DisableWow64FsRedirection(PVOID *old)
{
    if (!is_wow64())
        return FALSE;
    *old = (void *)(ULONG_PTR)redirection_disabled;
    redirection_disabled = TRUE;
    return TRUE;
}

BOOL WINAPI Wow64RevertWow64FsRedirection(PVOID old)
{
    if (!is_wow64())
        return FALSE;
    redirection_disabled = (ULONG)(ULONG_PTR)old;
    return TRUE;
}

BOOLEAN WINAPI Wow64EnableWow64FsRedirection(BOOLEAN enable)
{
    if (!is_wow64())
        return FALSE;
    redirection_disabled = !enable;
    return TRUE;
}
