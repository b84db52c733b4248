/* Completion ports. */
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "kernel/completion.h"
#include "kernel/wait.h"

static NTSTATUS port_of(HANDLE handle, struct completion_port **port)
{
    return handle_reference(handle, &completion_port_type, 0, port);
}

/* Ties a file to a port. */
static NTSTATUS associate(HANDLE file_handle, struct completion_port *port, ULONG_PTR key)
{
    struct file *file;
    NTSTATUS status = file_of(file_handle, 0, &file);
    if (status)
        return status;
    status = file_set_port(file, port, key);
    object_release(file);
    return status;
}

static NTSTATUS create_port(HANDLE file, ULONG_PTR key, HANDLE *handle)
{
    struct completion_port *port;
    NTSTATUS status = completion_port_create(&port);
    if (status)
        return status;
    if (file != INVALID_HANDLE_VALUE)
        status = associate(file, port, key);
    if (!status)
        status = handle_create((struct object *)port, GENERIC_ALL, 0, handle);
    object_release(port);
    return status;
}

/* Any number of threads may run at the same time: what limits them is the number of processors. */
HANDLE WINAPI CreateIoCompletionPort(HANDLE file, HANDLE existing, ULONG_PTR key, DWORD threads)
{
    struct completion_port *port;
    HANDLE handle = NULL;
    if (!existing)
        return set_last_status(create_port(file, key, &handle)) ? handle : NULL;
    if (file == INVALID_HANDLE_VALUE) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    NTSTATUS status = port_of(existing, &port);
    if (!status) {
        status = associate(file, port, key);
        object_release(port);
    }
    return set_last_status(status) ? existing : NULL;
}

BOOL WINAPI PostQueuedCompletionStatus(HANDLE handle, DWORD bytes, ULONG_PTR key, LPOVERLAPPED overlapped)
{
    struct completion_port *port;
    NTSTATUS status = port_of(handle, &port);
    if (status)
        return set_last_status(status);
    status =
        completion_post(port, &(struct completion_packet){key, (ULONG_PTR)overlapped, STATUS_SUCCESS, bytes});
    object_release(port);
    return set_last_status(status);
}

/* What ended a wait without a packet. */
static BOOL no_packet(NTSTATUS status)
{
    if (status == STATUS_TIMEOUT)
        SetLastError(WAIT_TIMEOUT);
    else if (status == STATUS_USER_APC)
        SetLastError(WAIT_IO_COMPLETION);
    else
        set_last_status(status);
    return FALSE;
}

BOOL WINAPI GetQueuedCompletionStatus(HANDLE handle, LPDWORD bytes, PULONG_PTR key, LPOVERLAPPED *overlapped,
                                      DWORD milliseconds)
{
    struct completion_port *port;
    struct completion_packet packet;
    LARGE_INTEGER timeout;
    ULONG taken;
    *overlapped = NULL;
    NTSTATUS status = port_of(handle, &port);
    if (status)
        return set_last_status(status);
    status = completion_remove(port, &packet, 1, &taken, false, wait_milliseconds(&timeout, milliseconds));
    object_release(port);
    if (status)
        return no_packet(status);
    *bytes = (DWORD)packet.information;
    *key = packet.key;
    *overlapped = (OVERLAPPED *)packet.value;
    return set_last_status(packet.status);
}

BOOL WINAPI GetQueuedCompletionStatusEx(HANDLE handle, OVERLAPPED_ENTRY *entries, ULONG count, PULONG removed,
                                        DWORD milliseconds, BOOL alertable)
{
    enum { AT_ONCE = 64 };
    struct completion_port *port;
    struct completion_packet packets[AT_ONCE];
    LARGE_INTEGER timeout;
    ULONG taken = 0;
    if (removed)
        *removed = 0;
    if (!entries || !count || !removed) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    NTSTATUS status = port_of(handle, &port);
    if (status)
        return set_last_status(status);
    status = completion_remove(port, packets, count < AT_ONCE ? count : AT_ONCE, &taken, alertable,
                               wait_milliseconds(&timeout, milliseconds));
    object_release(port);
    if (status)
        return no_packet(status);
    for (ULONG i = 0; i < taken; i++)
        entries[i] = (OVERLAPPED_ENTRY){
            .lpCompletionKey = packets[i].key,
            .lpOverlapped = (OVERLAPPED *)packets[i].value,
            .Internal = (ULONG)packets[i].status,
            .dwNumberOfBytesTransferred = (DWORD)packets[i].information,
        };
    *removed = taken;
    return TRUE;
}

BOOL WINAPI SetFileCompletionNotificationModes(HANDLE handle, UCHAR flags)
{
    struct file *file;
    if (flags & ~(FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    NTSTATUS status = file_of(handle, 0, &file);
    if (status)
        return set_last_status(status);
    file_set_completion_modes(file, flags);
    object_release(file);
    return TRUE;
}
