/* Completion ports as the kernel's own calls have them, for which MinGW-w64's headers lack the prototypes. */
#include "dlls/ntdll/io_completion.h"
#include "dlls/ntdll/object_request.h"
#include "kernel/completion.h"
#include "kernel/handle.h"

/* Rights and the one information class. */
enum { IO_COMPLETION_QUERY = 1, IO_COMPLETION_MODIFY = 2 };
enum { BASIC_INFORMATION = 0 };

typedef struct {
    ULONG_PTR Key;
    ULONG_PTR Value;
    IO_STATUS_BLOCK Status;
} FILE_IO_COMPLETION_INFORMATION;

/* Any number of threads may run at the same time: what limits them is the number of processors. */
NTSTATUS NTAPI NtCreateIoCompletion(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes,
                                    ULONG threads)
{
    struct object_request request;
    struct completion_port *port;
    NTSTATUS status = object_request(&request, attributes, access);
    if (!status)
        status = completion_port_create(&port);
    return status ? status : named_create(&request, (struct object *)port, handle);
}

NTSTATUS NTAPI NtOpenIoCompletion(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes)
{
    struct object_request request;
    NTSTATUS status = object_request(&request, attributes, access);
    return status ? status : named_open(&request, &completion_port_type, handle);
}

NTSTATUS NTAPI NtSetIoCompletion(HANDLE handle, ULONG_PTR key, ULONG_PTR value, NTSTATUS packet_status,
                                 SIZE_T information)
{
    struct completion_port *port;
    NTSTATUS status = handle_reference(handle, &completion_port_type, IO_COMPLETION_MODIFY, &port);
    if (status)
        return status;
    status = completion_post(port, &(struct completion_packet){key, value, packet_status, information});
    object_release(port);
    return status;
}

NTSTATUS NTAPI NtRemoveIoCompletionEx(HANDLE handle, FILE_IO_COMPLETION_INFORMATION *entries, ULONG count,
                                      ULONG *removed, LARGE_INTEGER *timeout, BOOLEAN alertable)
{
    enum { AT_ONCE = 64 };
    struct completion_packet packets[AT_ONCE];
    struct completion_port *port;
    ULONG taken = 0;
    if (!count)
        return STATUS_INVALID_PARAMETER;
    NTSTATUS status = handle_reference(handle, &completion_port_type, IO_COMPLETION_MODIFY, &port);
    if (status)
        return status;
    status = completion_remove(port, packets, min(count, (ULONG)AT_ONCE), &taken, alertable, timeout);
    object_release(port);
    for (ULONG i = 0; i < taken; i++)
        entries[i] = (FILE_IO_COMPLETION_INFORMATION){
            .Key = packets[i].key,
            .Value = packets[i].value,
            .Status = {.Status = packets[i].status, .Information = packets[i].information},
        };
    *removed = taken ? taken : 1; /* Windows says so of a wait that found nothing */
    return status;
}

NTSTATUS NTAPI NtRemoveIoCompletion(HANDLE handle, ULONG_PTR *key, ULONG_PTR *value, IO_STATUS_BLOCK *io,
                                    LARGE_INTEGER *timeout)
{
    FILE_IO_COMPLETION_INFORMATION entry;
    ULONG removed;
    NTSTATUS status = NtRemoveIoCompletionEx(handle, &entry, 1, &removed, timeout, FALSE);
    if (status)
        return status;
    *key = entry.Key;
    *value = entry.Value;
    *io = entry.Status;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtQueryIoCompletion(HANDLE handle, int class, void *buffer, ULONG size, ULONG *returned)
{
    struct completion_port *port;
    if (class != BASIC_INFORMATION)
        return STATUS_INVALID_INFO_CLASS;
    if (size != sizeof(LONG))
        return STATUS_INFO_LENGTH_MISMATCH;
    NTSTATUS status = handle_reference(handle, &completion_port_type, IO_COMPLETION_QUERY, &port);
    if (status)
        return status;
    *(LONG *)buffer = (LONG)completion_depth(port);
    object_release(port);
    if (returned)
        *returned = sizeof(LONG);
    return STATUS_SUCCESS;
}

/* Files */

NTSTATUS io_completion_set_port(struct file *file, const void *data, ULONG size)
{
    const struct {
        HANDLE port;
        ULONG_PTR key;
    } *information = data;
    struct completion_port *port;
    if (size < sizeof *information)
        return STATUS_INFO_LENGTH_MISMATCH;
    NTSTATUS status = handle_reference(information->port, &completion_port_type, IO_COMPLETION_MODIFY, &port);
    if (status)
        return status;
    status = file_set_port(file, port, information->key);
    object_release(port);
    return status;
}
