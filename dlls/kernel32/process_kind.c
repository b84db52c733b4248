/* What program a process runs, and for which machine. */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/handle.h"
#include "kernel/path.h"
#include "kernel/process.h"

static struct process *reference_process(HANDLE handle)
{
    void *object;
    NTSTATUS status = handle_reference(handle, &process_type, PROCESS_QUERY_LIMITED_INFORMATION, &object);
    return set_last_status(status) ? object : NULL;
}

/* The loader of a 32-bit program is itself one to Linux. */
static NTSTATUS query_32_bit(const struct process *process, bool *is_32_bit)
{
    char path[32];
    unsigned char ident[EI_NIDENT];
    *is_32_bit = sizeof(void *) == 4;
    if (process == &process_self)
        return STATUS_SUCCESS;
    snprintf(path, sizeof path, "/proc/%u/exe", (unsigned)process->id);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return status_from_errno(errno);
    ssize_t length = read(file, ident, sizeof ident);
    close(file);
    *is_32_bit = length == sizeof ident && ident[EI_CLASS] == ELFCLASS32;
    return STATUS_SUCCESS;
}

static bool query_32_bit_by_handle(HANDLE handle, bool *is_32_bit)
{
    struct process *process = reference_process(handle);
    if (!process)
        return false;
    NTSTATUS status = query_32_bit(process, is_32_bit);
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

/* Of other processes, Linux knows the program that it runs: which of Windows' the loader has loaded, it does
 * not. */
static NTSTATUS query_image(const struct process *process, WCHAR *path, size_t capacity, size_t *length)
{
    char link[32], image[PATH_MAX];
    if (process == &process_self) {
        *length = process_parameters.ImagePathName.Length / sizeof(WCHAR);
        if (*length < capacity)
            memcpy(path, process_parameters.ImagePathName.Buffer, (*length + 1) * sizeof *path);
        return STATUS_SUCCESS;
    }
    snprintf(link, sizeof link, "/proc/%u/exe", (unsigned)process->id);
    ssize_t bytes = readlink(link, image, sizeof image - 1);
    if (bytes < 0)
        return status_from_errno(errno);
    image[bytes] = '\0';
    const char *name = strrchr(image, '/');
    if (name && !strcmp(name + 1, "litewin-load"))
        return STATUS_NOT_SUPPORTED;
    *length = path_from_host(image, path, capacity);
    return STATUS_SUCCESS;
}

/* The path is written to `path` if that has room for it. */
static bool query_image_by_handle(HANDLE handle, DWORD flags, WCHAR *path, size_t capacity, size_t *length)
{
    if (flags) {
        SetLastError(flags == PROCESS_NAME_NATIVE ? ERROR_NOT_SUPPORTED : ERROR_INVALID_PARAMETER);
        return false;
    }
    struct process *process = reference_process(handle);
    if (!process)
        return false;
    NTSTATUS status = query_image(process, path, capacity, length);
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
