/* Named pipes by file system controls, but for those that may take long. */
#include "kernel/pipe_internal.h"

/* FILE_PIPE_PEEK_BUFFER, which the headers for programs lack. */
struct peek_buffer {
    ULONG NamedPipeState;
    ULONG ReadDataAvailable;
    ULONG NumberOfMessages;
    ULONG MessageLength;
    CHAR Data[];
};

static NTSTATUS peek(struct file *file, struct peek_buffer *output, ULONG size, ULONG *used)
{
    struct pipe_contents contents;
    if (size < sizeof *output)
        return STATUS_INFO_LENGTH_MISMATCH;
    NTSTATUS status = pipe_peek(file, output->Data, size - sizeof *output, &contents);
    if (status)
        return status;
    output->NamedPipeState = FILE_PIPE_CONNECTED_STATE;
    output->ReadDataAvailable = contents.available;
    output->NumberOfMessages = 0;
    output->MessageLength = contents.message;
    *used = sizeof *output + contents.copied;
    ULONG whole = contents.message ? contents.message : contents.available;
    return contents.copied < whole ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

NTSTATUS pipe_control(struct file *file, ULONG code, const void *input, ULONG input_size, void *output,
                      ULONG output_size, ULONG *used)
{
    if (code == FSCTL_PIPE_WAIT && file->pipe_root)
        return pipe_wait_by_control(input, input_size);
    if (!file->pipe)
        return STATUS_INVALID_DEVICE_REQUEST;
    switch (code) {
    case FSCTL_PIPE_DISCONNECT:
        return pipe_disconnect(file);
    case FSCTL_PIPE_PEEK:
        return peek(file, output, output_size, used);
    default:
        return STATUS_INVALID_DEVICE_REQUEST;
    }
}
