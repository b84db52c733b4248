#include <fcntl.h>
#include <unistd.h>
#include "kernel/file_control.h"
#include "kernel/file_internal.h"
#include "kernel/pipe.h"
#include "kernel/status.h"
#include "kernel/utf.h"
#include "kernel/volume.h"
#include <winioctl.h>

/* Holes */

static NTSTATUS zero_data(struct file *file, const FILE_ZERO_DATA_INFORMATION *range, ULONG size)
{
    if (size < sizeof *range)
        return STATUS_BUFFER_TOO_SMALL;
    int64_t offset = range->FileOffset.QuadPart, end = range->BeyondFinalZero.QuadPart;
    if (offset < 0 || end < offset)
        return STATUS_INVALID_PARAMETER;
    if (end == offset ||
        !fallocate(file->descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, end - offset))
        return STATUS_SUCCESS;
    return status_from_errno(errno);
}

/* Where there are data, as a list of ranges. */
static NTSTATUS query_allocated_ranges(struct file *file, const FILE_ALLOCATED_RANGE_BUFFER *within,
                                       ULONG input_size, FILE_ALLOCATED_RANGE_BUFFER *ranges,
                                       ULONG output_size, ULONG *used)
{
    if (input_size < sizeof *within)
        return STATUS_INVALID_PARAMETER;
    int64_t at = within->FileOffset.QuadPart, end = at + within->Length.QuadPart;
    for (ULONG count = 0;; count++) {
        off_t start = lseek(file->descriptor, at, SEEK_DATA);
        if (start < 0 || start >= end)
            return start < 0 && errno != ENXIO ? status_from_errno(errno) : STATUS_SUCCESS;
        if ((count + 1) * sizeof *ranges > output_size)
            return STATUS_BUFFER_OVERFLOW;
        at = lseek(file->descriptor, start, SEEK_HOLE);
        int64_t stop = at < end ? at : end;
        ranges[count].FileOffset.QuadPart = start;
        ranges[count].Length.QuadPart = stop - start;
        *used = (count + 1) * sizeof *ranges;
    }
}

/* Symbolic links as reparse points */

/* REPARSE_DATA_BUFFER, which the headers for programs lack. */
struct symbolic_link_data {
    ULONG ReparseTag;
    USHORT ReparseDataLength;
    USHORT Reserved;
    USHORT SubstituteNameOffset;
    USHORT SubstituteNameLength;
    USHORT PrintNameOffset;
    USHORT PrintNameLength;
    ULONG Flags; /* 1: the name is relative */
    WCHAR PathBuffer[];
};

#define LINK_IS_RELATIVE 1

/* The link's text as a Windows path; an absolute one as NT has it in the substitute name. */
static size_t link_path(const char *text, size_t length, bool absolute, WCHAR *path, size_t capacity)
{
    if (!absolute)
        return utf16_from_utf8(path, capacity, text, length, UTF_HOST_NAME);
    return path_from_host(text, path, capacity);
}

static NTSTATUS get_reparse_point(struct file *file, struct symbolic_link_data *data, ULONG size, ULONG *used)
{
    static const WCHAR nt_prefix[] = L"\\??\\";
    char text[PATH_MAX];
    WCHAR path[PATH_MAX + 32];
    ssize_t length = readlinkat(file->descriptor, "", text, sizeof text - 1);
    if (length < 0)
        return STATUS_NOT_A_REPARSE_POINT;
    text[length] = '\0';
    bool absolute = text[0] == '/';
    size_t print_bytes = link_path(text, length, absolute, path, ARRAYSIZE(path)) * sizeof *path;
    size_t prefix_bytes = absolute ? sizeof nt_prefix - sizeof *nt_prefix : 0;
    size_t total = sizeof *data + 2 * print_bytes + prefix_bytes;
    if (size < total)
        return size < sizeof *data ? STATUS_BUFFER_TOO_SMALL : STATUS_BUFFER_OVERFLOW;
    *data = (struct symbolic_link_data){
        .ReparseTag = IO_REPARSE_TAG_SYMLINK,
        .ReparseDataLength = total - offsetof(struct symbolic_link_data, SubstituteNameOffset),
        .SubstituteNameOffset = print_bytes,
        .SubstituteNameLength = prefix_bytes + print_bytes,
        .PrintNameLength = print_bytes,
        .Flags = absolute ? 0 : LINK_IS_RELATIVE,
    };
    char *names = (char *)data->PathBuffer;
    memcpy(names, path, print_bytes);
    memcpy(names + print_bytes, nt_prefix, prefix_bytes);
    memcpy(names + print_bytes + prefix_bytes, path, print_bytes);
    *used = total;
    return STATUS_SUCCESS;
}

/* Disks */

static NTSTATUS store(const void *structure, ULONG structure_size, void *output, ULONG output_size,
                      ULONG *used)
{
    if (output_size < structure_size)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(output, structure, structure_size);
    *used = structure_size;
    return STATUS_SUCCESS;
}

static NTSTATUS disk_length(struct file *file, void *output, ULONG output_size, ULONG *used)
{
    struct volume_information volume;
    NTSTATUS status = volume_query_descriptor(file->descriptor, &volume);
    GET_LENGTH_INFORMATION length = {.Length.QuadPart = volume.total_bytes};
    return status ? status : store(&length, sizeof length, output, output_size, used);
}

NTSTATUS file_control(struct file *file, ULONG code, const void *input, ULONG input_size, void *output,
                      ULONG output_size, ULONG *used)
{
    *used = 0;
    if (DEVICE_TYPE_FROM_CTL_CODE(code) == FILE_DEVICE_NAMED_PIPE)
        return pipe_control(file, code, input, input_size, output, output_size, used);
    switch (code) {
    case FSCTL_SET_SPARSE: /* every file may have holes */
        return STATUS_SUCCESS;
    case FSCTL_SET_ZERO_DATA:
        return zero_data(file, input, input_size);
    case FSCTL_QUERY_ALLOCATED_RANGES:
        return query_allocated_ranges(file, input, input_size, output, output_size, used);
    case FSCTL_GET_REPARSE_POINT:
        return get_reparse_point(file, output, output_size, used);
    case FSCTL_GET_COMPRESSION:
        return store(&(USHORT){COMPRESSION_FORMAT_NONE}, sizeof(USHORT), output, output_size, used);
    case IOCTL_DISK_GET_LENGTH_INFO:
        return disk_length(file, output, output_size, used);
    default:
        return STATUS_INVALID_DEVICE_REQUEST;
    }
}
