#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "dlls/ntdll/process_names.h"
#include "kernel/path.h"
#include "kernel/status.h"
#include "kernel/utf.h"

/* The loader of a 32-bit program is itself one to Linux. */
NTSTATUS process_is_32_bit(const struct process *process, bool *is_32_bit)
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

/* Of other processes, Linux knows the program that it runs: which of Windows' the loader has loaded, it does
 * not. */
static NTSTATUS win32_path(const struct process *process, WCHAR *path, size_t capacity, size_t *length)
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

/* Every drive is on the one volume. */
NTSTATUS process_image_path(const struct process *process, bool native, WCHAR *path, size_t capacity,
                            size_t *length)
{
    static const WCHAR volume[] = L"\\Device\\HarddiskVolume1";
    enum { VOLUME_LENGTH = ARRAYSIZE(volume) - 1, DRIVE_LENGTH = 2 };
    NTSTATUS status = win32_path(process, path, capacity, length);
    if (!NT_SUCCESS(status) || !native)
        return status;
    size_t written = *length;
    *length += VOLUME_LENGTH - DRIVE_LENGTH;
    if (*length >= capacity)
        return STATUS_SUCCESS;
    memmove(path + VOLUME_LENGTH, path + DRIVE_LENGTH, (written - DRIVE_LENGTH + 1) * sizeof *path);
    memcpy(path, volume, VOLUME_LENGTH * sizeof *path);
    return STATUS_SUCCESS;
}
