/* What holds all named pipes, which has a handle but no contents: \\Device\\NamedPipe. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "kernel/pipe_internal.h"
#include "kernel/status.h"
#include "kernel/utf.h"

NTSTATUS pipe_open_root(const struct file_open *how, struct file **file)
{
    int descriptor = open("/dev/null", O_PATH | O_CLOEXEC);
    if (descriptor < 0)
        return status_from_errno(errno);
    NTSTATUS status = file_from_descriptor(descriptor, how->access, 0, file);
    if (status) {
        close(descriptor);
        return status;
    }
    (*file)->options = how->options;
    (*file)->device_type = FILE_TYPE_PIPE;
    (*file)->path_only = (*file)->pipe_root = true;
    return STATUS_SUCCESS;
}

static NTSTATUS name_to_path(const WCHAR *name, size_t length, struct host_path *path)
{
    *path = (struct host_path){.kind = PATH_PIPE};
    size_t size = utf8_from_utf16(path->name, sizeof path->name - 1, name, length, UTF_REPLACE);
    return size < sizeof path->name ? STATUS_SUCCESS : STATUS_OBJECT_NAME_INVALID;
}

NTSTATUS pipe_relative_path(const struct file *file, const WCHAR *name, size_t length, struct host_path *path)
{
    if (file->pipe_root)
        return name_to_path(name, length, path);
    if (!file->pipe || !file->pipe->page || length)
        return STATUS_OBJECT_TYPE_MISMATCH;
    return name_to_path(file->pipe->page->name, file->pipe->page->name_length, path);
}

void pipe_unique_name(struct host_path *path)
{
    static uint32_t count;
    unsigned number = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
    snprintf(path->name, sizeof path->name, "litewin-unnamed.%x.%x", (unsigned)getpid(), number);
}

/* FILE_PIPE_WAIT_FOR_BUFFER, which the headers for programs lack. */
struct wait_for_buffer {
    LARGE_INTEGER timeout; /* negative: relative, in 100 ns */
    ULONG name_length;
    BOOLEAN timeout_specified;
    WCHAR name[];
};

#define TICKS_PER_MILLISECOND 10000

NTSTATUS pipe_wait_by_control(const void *input, ULONG size)
{
    const struct wait_for_buffer *wait = input;
    struct host_path path;
    if (size < offsetof(struct wait_for_buffer, name) ||
        wait->name_length > size - offsetof(struct wait_for_buffer, name))
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = name_to_path(wait->name, wait->name_length / sizeof(WCHAR), &path);
    if (status)
        return status;
    int64_t ticks = wait->timeout.QuadPart;
    DWORD milliseconds = NMPWAIT_USE_DEFAULT_WAIT;
    if (wait->timeout_specified)
        milliseconds = ticks == INT64_MIN ? NMPWAIT_WAIT_FOREVER
                                          : (DWORD)(ticks < 0 ? -ticks / TICKS_PER_MILLISECOND + 1 : 1);
    return pipe_name_wait(path.name, milliseconds);
}
