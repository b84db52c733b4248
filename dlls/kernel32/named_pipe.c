/* Named pipes. */
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "dlls/kernel32/overlapped.h"
#include "dlls/kernel32/request.h"
#include "kernel/pipe.h"
#include "kernel/pipe_name.h"
#include "kernel/utf.h"

/* Names */

static NTSTATUS pipe_path(const WCHAR *name, struct host_path *path)
{
    NTSTATUS status = name ? host_path_of(name, path) : STATUS_OBJECT_PATH_NOT_FOUND;
    return !status && path->kind != PATH_PIPE ? STATUS_OBJECT_NAME_INVALID : status;
}

/* Servers */

#define DEFAULT_WAIT_MS 50

#define PIPE_OPEN_MODES                                                                                    \
    (PIPE_ACCESS_DUPLEX | FILE_FLAG_FIRST_PIPE_INSTANCE | FILE_FLAG_WRITE_THROUGH | FILE_FLAG_OVERLAPPED | \
     WRITE_DAC | WRITE_OWNER | ACCESS_SYSTEM_SECURITY)
#define PIPE_MODES (PIPE_NOWAIT | PIPE_READMODE_MESSAGE | PIPE_TYPE_MESSAGE | PIPE_REJECT_REMOTE_CLIENTS)

static NTSTATUS create_pipe(const WCHAR *name, DWORD open_mode, DWORD mode, struct pipe_creation *creation,
                            ULONG attributes, HANDLE *handle)
{
    struct host_path path;
    struct file *file;
    ULONG information;
    NTSTATUS status = pipe_path(name, &path);
    if (status)
        return status;
    if (!(open_mode & PIPE_ACCESS_DUPLEX) || open_mode & ~PIPE_OPEN_MODES || mode & ~PIPE_MODES ||
        !creation->maximum || creation->maximum > PIPE_UNLIMITED_INSTANCES)
        return STATUS_INVALID_PARAMETER;
    if (creation->maximum == PIPE_UNLIMITED_INSTANCES)
        creation->maximum = UINT32_MAX;
    if (!creation->default_wait)
        creation->default_wait = DEFAULT_WAIT_MS;
    creation->access = SYNCHRONIZE | (open_mode & (WRITE_DAC | WRITE_OWNER | ACCESS_SYSTEM_SECURITY));
    if (open_mode & PIPE_ACCESS_INBOUND) {
        creation->access |= FILE_GENERIC_READ;
        creation->share |= FILE_SHARE_WRITE;
    }
    if (open_mode & PIPE_ACCESS_OUTBOUND) {
        creation->access |= FILE_GENERIC_WRITE;
        creation->share |= FILE_SHARE_READ;
    }
    creation->disposition = open_mode & FILE_FLAG_FIRST_PIPE_INSTANCE ? FILE_CREATE : FILE_OPEN_IF;
    creation->options = open_mode & FILE_FLAG_OVERLAPPED ? 0 : FILE_SYNCHRONOUS_IO_NONALERT;
    creation->message_type = mode & PIPE_TYPE_MESSAGE;
    creation->reads_messages = mode & PIPE_READMODE_MESSAGE;
    creation->no_wait = mode & PIPE_NOWAIT;
    status = pipe_create(path.name, creation, &file, &information);
    if (status)
        return status;
    status = handle_create((struct object *)file, creation->access, attributes, handle);
    object_release(file);
    return status;
}

HANDLE WINAPI CreateNamedPipeW(LPCWSTR name, DWORD open_mode, DWORD mode, DWORD instances, DWORD out_size,
                               DWORD in_size, DWORD default_wait, LPSECURITY_ATTRIBUTES attributes)
{
    struct pipe_creation creation = {
        .maximum = instances,
        .inbound_size = in_size,
        .outbound_size = out_size,
        .default_wait = default_wait,
    };
    HANDLE handle;
    NTSTATUS status =
        create_pipe(name, open_mode, mode, &creation, is_inheritable(attributes) ? OBJ_INHERIT : 0, &handle);
    if (!set_last_status(status))
        return INVALID_HANDLE_VALUE;
    SetLastError(ERROR_SUCCESS);
    return handle;
}

HANDLE WINAPI CreateNamedPipeA(LPCSTR name, DWORD open_mode, DWORD mode, DWORD instances, DWORD out_size,
                               DWORD in_size, DWORD default_wait, LPSECURITY_ATTRIBUTES attributes)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, name))
        return INVALID_HANDLE_VALUE;
    HANDLE handle =
        CreateNamedPipeW(wide.text, open_mode, mode, instances, out_size, in_size, default_wait, attributes);
    wide_free(&wide);
    return handle;
}

BOOL WINAPI ConnectNamedPipe(HANDLE pipe, LPOVERLAPPED overlapped)
{
    struct file *file;
    NTSTATUS status = file_of(pipe, 0, &file);
    if (status)
        return set_last_status(status);
    struct io_operation operation = {.kind = IO_LISTEN, .offset = FILE_AT_POSITION};
    status = overlapped_run(file, &operation, overlapped);
    object_release(file);
    return overlapped_result(status);
}

BOOL WINAPI DisconnectNamedPipe(HANDLE pipe)
{
    struct file *file;
    NTSTATUS status = file_of(pipe, 0, &file);
    if (status)
        return set_last_status(status);
    status = pipe_disconnect(file);
    object_release(file);
    return set_last_status(status);
}

/* Clients */

BOOL WINAPI WaitNamedPipeW(LPCWSTR name, DWORD milliseconds)
{
    struct host_path path;
    NTSTATUS status = pipe_path(name, &path);
    return set_last_status(status ? status : pipe_name_wait(path.name, milliseconds));
}

BOOL WINAPI WaitNamedPipeA(LPCSTR name, DWORD milliseconds)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, name))
        return FALSE;
    BOOL result = WaitNamedPipeW(wide.text, milliseconds);
    wide_free(&wide);
    return result;
}

BOOL WINAPI TransactNamedPipe(HANDLE pipe, LPVOID input, DWORD input_size, LPVOID output, DWORD output_size,
                              LPDWORD read, LPOVERLAPPED overlapped)
{
    struct file *file;
    if (read)
        *read = 0;
    NTSTATUS status = file_of(pipe, FILE_READ_DATA | FILE_WRITE_DATA, &file);
    if (status)
        return set_last_status(status);
    struct io_operation operation = {
        .kind = IO_TRANSACT,
        .buffer = output,
        .length = output_size,
        .offset = FILE_AT_POSITION,
        .input = input,
        .input_size = input_size,
    };
    status = overlapped_run(file, &operation, overlapped);
    object_release(file);
    if (read && status != STATUS_PENDING)
        *read = operation.done;
    return overlapped_result(status);
}

/* A client for one message and its answer. */
static HANDLE open_for_call(const WCHAR *name, DWORD milliseconds)
{
    DWORD mode = PIPE_READMODE_MESSAGE;
    HANDLE pipe;
    while ((pipe = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL)) ==
           INVALID_HANDLE_VALUE)
        if (GetLastError() != ERROR_PIPE_BUSY || milliseconds == NMPWAIT_NOWAIT ||
            !WaitNamedPipeW(name, milliseconds))
            return INVALID_HANDLE_VALUE;
    if (SetNamedPipeHandleState(pipe, &mode, NULL, NULL))
        return pipe;
    DWORD error = GetLastError();
    CloseHandle(pipe);
    SetLastError(error);
    return INVALID_HANDLE_VALUE;
}

BOOL WINAPI CallNamedPipeW(LPCWSTR name, LPVOID input, DWORD input_size, LPVOID output, DWORD output_size,
                           LPDWORD read, DWORD milliseconds)
{
    HANDLE pipe = open_for_call(name, milliseconds);
    if (pipe == INVALID_HANDLE_VALUE)
        return FALSE;
    BOOL result = TransactNamedPipe(pipe, input, input_size, output, output_size, read, NULL);
    DWORD error = GetLastError();
    CloseHandle(pipe);
    if (!result)
        SetLastError(error);
    return result;
}

BOOL WINAPI CallNamedPipeA(LPCSTR name, LPVOID input, DWORD input_size, LPVOID output, DWORD output_size,
                           LPDWORD read, DWORD milliseconds)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, name))
        return FALSE;
    BOOL result = CallNamedPipeW(wide.text, input, input_size, output, output_size, read, milliseconds);
    wide_free(&wide);
    return result;
}

/* State */

static NTSTATUS query(HANDLE pipe, struct pipe_information *information)
{
    struct file *file;
    NTSTATUS status = file_of(pipe, FILE_READ_ATTRIBUTES, &file);
    if (status)
        return status;
    status = pipe_query(file, information);
    object_release(file);
    return status;
}

static DWORD shown_instances(ULONG count)
{
    return count < PIPE_UNLIMITED_INSTANCES ? count : PIPE_UNLIMITED_INSTANCES;
}

/* What is said of the network does not hold within a machine; only a server knows its client's user. */
BOOL WINAPI GetNamedPipeHandleStateW(HANDLE pipe, LPDWORD state, LPDWORD instances, LPDWORD collection_size,
                                     LPDWORD collection_time, LPWSTR user, DWORD user_size)
{
    struct pipe_information information;
    NTSTATUS status = query(pipe, &information);
    if (!status && (collection_size || collection_time))
        status = STATUS_INVALID_PARAMETER;
    if (!set_last_status(status))
        return FALSE;
    if (state)
        *state = (information.reads_messages ? PIPE_READMODE_MESSAGE : PIPE_READMODE_BYTE) |
                 (information.no_wait ? PIPE_NOWAIT : PIPE_WAIT);
    if (instances)
        *instances = shown_instances(information.instances);
    if (user && !information.server)
        return set_last_status(STATUS_INVALID_PARAMETER);
    /* No other user can connect. */
    return !user || GetEnvironmentVariableW(L"USERNAME", user, user_size);
}

BOOL WINAPI GetNamedPipeHandleStateA(HANDLE pipe, LPDWORD state, LPDWORD instances, LPDWORD collection_size,
                                     LPDWORD collection_time, LPSTR user, DWORD user_size)
{
    WCHAR wide[MAX_PATH];
    if (!GetNamedPipeHandleStateW(pipe, state, instances, collection_size, collection_time,
                                  user ? wide : NULL, ARRAYSIZE(wide)))
        return FALSE;
    return !user || ansi_return(wide, utf16_length(wide), user, user_size) < user_size;
}

BOOL WINAPI SetNamedPipeHandleState(HANDLE pipe, LPDWORD mode, LPDWORD collection_size,
                                    LPDWORD collection_time)
{
    struct file *file;
    if ((mode && *mode & ~(PIPE_READMODE_MESSAGE | PIPE_NOWAIT)) || collection_size || collection_time)
        return set_last_status(STATUS_INVALID_PARAMETER);
    NTSTATUS status = file_of(pipe, FILE_WRITE_ATTRIBUTES, &file);
    if (status)
        return set_last_status(status);
    if (!pipe_is_named(file))
        status = STATUS_INVALID_DEVICE_REQUEST;
    else if (mode)
        status = pipe_set_mode(file, *mode & PIPE_READMODE_MESSAGE, *mode & PIPE_NOWAIT);
    object_release(file);
    return set_last_status(status);
}

static BOOL store_process(HANDLE pipe, ULONG *process, bool of_server)
{
    struct pipe_information information;
    NTSTATUS status = process ? query(pipe, &information) : STATUS_BUFFER_TOO_SMALL;
    if (!status && !of_server && !information.client_process)
        status = STATUS_NOT_FOUND;
    if (!set_last_status(status))
        return FALSE;
    *process = of_server ? information.server_process : information.client_process;
    return TRUE;
}

BOOL WINAPI GetNamedPipeClientProcessId(HANDLE pipe, PULONG process)
{
    return store_process(pipe, process, false);
}

BOOL WINAPI GetNamedPipeServerProcessId(HANDLE pipe, PULONG process)
{
    return store_process(pipe, process, true);
}

BOOL WINAPI GetNamedPipeClientSessionId(HANDLE pipe, PULONG session)
{
    ULONG process;
    return store_process(pipe, session ? &process : NULL, false) && ProcessIdToSessionId(process, session);
}

BOOL WINAPI GetNamedPipeServerSessionId(HANDLE pipe, PULONG session)
{
    ULONG process;
    return store_process(pipe, session ? &process : NULL, true) && ProcessIdToSessionId(process, session);
}
