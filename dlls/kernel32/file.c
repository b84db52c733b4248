/* Opening, reading and writing files. */
#include <stdlib.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/files.h"
#include "dlls/kernel32/overlapped.h"
#include "kernel/time.h"
#include "kernel/utf.h"

NTSTATUS host_path_of(const WCHAR *path, struct host_path *host)
{
    return path_to_host(path, path ? utf16_length(path) : 0, host);
}

/* Opening */

ULONG file_options_of(DWORD flags)
{
    ULONG options = flags & FILE_FLAG_OVERLAPPED ? 0 : FILE_SYNCHRONOUS_IO_NONALERT;
    if (flags & FILE_FLAG_WRITE_THROUGH)
        options |= FILE_WRITE_THROUGH;
    if (flags & FILE_FLAG_NO_BUFFERING)
        options |= FILE_NO_INTERMEDIATE_BUFFERING;
    if (flags & FILE_FLAG_RANDOM_ACCESS)
        options |= FILE_RANDOM_ACCESS;
    if (flags & FILE_FLAG_SEQUENTIAL_SCAN)
        options |= FILE_SEQUENTIAL_ONLY;
    if (flags & FILE_FLAG_DELETE_ON_CLOSE)
        options |= FILE_DELETE_ON_CLOSE;
    if (flags & FILE_FLAG_OPEN_REPARSE_POINT)
        options |= FILE_OPEN_REPARSE_POINT;
    if (flags & FILE_FLAG_BACKUP_SEMANTICS)
        options |= FILE_OPEN_FOR_BACKUP_INTENT;
    else
        options |= FILE_NON_DIRECTORY_FILE;
    return options;
}

/* FILE_OPEN and kin; -1 for what CreateFile does not know. */
static int disposition_of(DWORD creation)
{
    switch (creation) {
    case CREATE_NEW:
        return FILE_CREATE;
    case CREATE_ALWAYS:
        return FILE_OVERWRITE_IF;
    case OPEN_EXISTING:
        return FILE_OPEN;
    case OPEN_ALWAYS:
        return FILE_OPEN_IF;
    case TRUNCATE_EXISTING:
        return FILE_OVERWRITE;
    default:
        return -1;
    }
}

static HANDLE open_file(struct host_path *host, const struct file_open *how, ULONG attributes)
{
    struct file *file;
    ULONG information;
    HANDLE handle;
    NTSTATUS status = file_open(host, how, &file, &information);
    if (!status) {
        status = handle_create((struct object *)file, file_map_access(how->access), attributes, &handle);
        object_release(file);
    }
    if (status) {
        set_last_status(status);
        /* The same status means another error to CreateDirectory. */
        if (status == STATUS_OBJECT_NAME_COLLISION)
            SetLastError(ERROR_FILE_EXISTS);
        if (status == STATUS_FILE_IS_A_DIRECTORY && host->directory_only)
            SetLastError(ERROR_PATH_NOT_FOUND);
        return INVALID_HANDLE_VALUE;
    }
    bool existed = (how->disposition == FILE_OVERWRITE_IF && information == FILE_OVERWRITTEN) ||
                   (how->disposition == FILE_OPEN_IF && information == FILE_OPENED);
    SetLastError(existed ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS);
    return handle;
}

HANDLE WINAPI CreateFileW(LPCWSTR path, DWORD access, DWORD share, LPSECURITY_ATTRIBUTES security,
                          DWORD creation, DWORD flags, HANDLE template)
{
    struct host_path host;
    int disposition = disposition_of(creation);
    if (disposition < 0 || (creation == TRUNCATE_EXISTING && !(access & (GENERIC_WRITE | GENERIC_ALL)))) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    if (!set_last_status(host_path_of(path, &host)))
        return INVALID_HANDLE_VALUE;
    struct file_open how = {
        .access =
            access | SYNCHRONIZE | FILE_READ_ATTRIBUTES | (flags & FILE_FLAG_DELETE_ON_CLOSE ? DELETE : 0),
        .attributes = flags & 0xffff,
        .share = share,
        .disposition = disposition,
        .options = file_options_of(flags),
    };
    return open_file(&host, &how, security && security->bInheritHandle ? OBJ_INHERIT : 0);
}

HANDLE WINAPI CreateFileA(LPCSTR path, DWORD access, DWORD share, LPSECURITY_ATTRIBUTES security,
                          DWORD creation, DWORD flags, HANDLE template)
{
    struct wide wide;
    if (!wide_from_ansi(&wide, path))
        return INVALID_HANDLE_VALUE;
    HANDLE handle = CreateFileW(wide.text, access, share, security, creation, flags, template);
    wide_free(&wide);
    return handle;
}

HANDLE WINAPI CreateFile2(LPCWSTR path, DWORD access, DWORD share, DWORD creation,
                          LPCREATEFILE2_EXTENDED_PARAMETERS extended)
{
    if (!extended)
        return CreateFileW(path, access, share, NULL, creation, 0, NULL);
    /* Each field counts for its own half of the flags. */
    DWORD flags = (extended->dwFileAttributes & 0xffff) |
                  ((extended->dwFileFlags | extended->dwSecurityQosFlags) & ~0xffffu);
    return CreateFileW(path, access, share, extended->lpSecurityAttributes, creation, flags,
                       extended->hTemplateFile);
}

HANDLE WINAPI ReOpenFile(HANDLE handle, DWORD access, DWORD share, DWORD flags)
{
    struct file *file;
    struct host_path host = {.kind = PATH_FILE};
    if (!set_last_status(file_of(handle, 0, &file)))
        return INVALID_HANDLE_VALUE;
    NTSTATUS status = file_host_name(file, host.name);
    object_release(file);
    if (!set_last_status(status))
        return INVALID_HANDLE_VALUE;
    struct file_open how = {
        .access = access | SYNCHRONIZE | FILE_READ_ATTRIBUTES,
        .share = share,
        .disposition = FILE_OPEN,
        .options = file_options_of(flags),
    };
    return open_file(&host, &how, 0);
}

NTSTATUS open_existing(const WCHAR *path, ACCESS_MASK access, ULONG options, struct file **file)
{
    struct host_path host;
    NTSTATUS status = host_path_of(path, &host);
    struct file_open how = {
        .access = access | SYNCHRONIZE | FILE_READ_ATTRIBUTES,
        .share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
        .disposition = FILE_OPEN,
        .options = options | FILE_OPEN_FOR_BACKUP_INTENT | FILE_SYNCHRONOUS_IO_NONALERT,
    };
    return status ? status : file_open(&host, &how, file, NULL);
}

/* Reading and writing */

/* What most transfers are: of a synchronous file, at its position. */
static bool is_plain(const struct file *file, const OVERLAPPED *overlapped)
{
    return !overlapped && file_is_synchronous(file);
}

static NTSTATUS run_transfer(struct file *file, enum io_kind kind, void *buffer, DWORD length,
                             OVERLAPPED *overlapped, ULONG *done)
{
    struct io_operation operation = {
        .kind = kind,
        .buffer = buffer,
        .length = length,
        .offset = overlapped_offset(overlapped),
    };
    NTSTATUS status = overlapped_run(file, &operation, overlapped);
    /* How much came of a message that is cut short is told with the rest of its end. */
    *done = status == STATUS_PENDING || (status == STATUS_BUFFER_OVERFLOW && overlapped) ? 0 : operation.done;
    return status;
}

BOOL WINAPI ReadFile(HANDLE handle, LPVOID buffer, DWORD length, LPDWORD read, LPOVERLAPPED overlapped)
{
    struct file *file;
    ULONG done = 0;
    if (read)
        *read = 0;
    NTSTATUS status = file_of(handle, FILE_READ_DATA, &file);
    if (status)
        return set_last_status(status);
    status = is_plain(file, overlapped) ? file_read(file, buffer, length, FILE_AT_POSITION, &done)
                                        : run_transfer(file, IO_READ, buffer, length, overlapped, &done);
    object_release(file);
    if (read)
        *read = done;
    /* The end of a file is no error, unless the offset said where to read. */
    return overlapped_result(status == STATUS_END_OF_FILE && !overlapped ? STATUS_SUCCESS : status);
}

/* Either right to write will do. */
static NTSTATUS file_to_write(HANDLE handle, struct file **file)
{
    NTSTATUS status = file_of(handle, FILE_WRITE_DATA, file);
    return status == STATUS_ACCESS_DENIED ? file_of(handle, FILE_APPEND_DATA, file) : status;
}

BOOL WINAPI WriteFile(HANDLE handle, LPCVOID buffer, DWORD length, LPDWORD written, LPOVERLAPPED overlapped)
{
    struct file *file;
    ULONG done = 0;
    if (written)
        *written = 0;
    NTSTATUS status = file_to_write(handle, &file);
    if (status)
        return set_last_status(status);
    status = is_plain(file, overlapped)
                 ? file_write(file, buffer, length, FILE_AT_POSITION, &done)
                 : run_transfer(file, IO_WRITE, (void *)buffer, length, overlapped, &done);
    object_release(file);
    if (written)
        *written = done;
    return overlapped_result(status);
}

static BOOL transfer_parts(HANDLE handle, FILE_SEGMENT_ELEMENT *parts, DWORD length, LPOVERLAPPED overlapped,
                           bool write)
{
    struct file *file;
    ULONG done;
    NTSTATUS status = write ? file_to_write(handle, &file) : file_of(handle, FILE_READ_DATA, &file);
    if (status)
        return set_last_status(status);
    status = overlapped ? run_transfer(file, write ? IO_WRITE_PARTS : IO_READ_PARTS, parts, length,
                                       overlapped, &done)
                        : STATUS_INVALID_PARAMETER;
    object_release(file);
    return overlapped_result(status);
}

BOOL WINAPI ReadFileScatter(HANDLE handle, FILE_SEGMENT_ELEMENT parts[], DWORD length, LPDWORD reserved,
                            LPOVERLAPPED overlapped)
{
    return transfer_parts(handle, parts, length, overlapped, false);
}

BOOL WINAPI WriteFileGather(HANDLE handle, FILE_SEGMENT_ELEMENT parts[], DWORD length, LPDWORD reserved,
                            LPOVERLAPPED overlapped)
{
    return transfer_parts(handle, parts, length, overlapped, true);
}

BOOL WINAPI FlushFileBuffers(HANDLE handle)
{
    struct file *file;
    NTSTATUS status = file_to_write(handle, &file);
    if (status)
        return set_last_status(status);
    status = file_flush(file);
    object_release(file);
    return set_last_status(status);
}

/* Position and size */

static NTSTATUS seek(HANDLE handle, int64_t distance, DWORD method, int64_t *position)
{
    struct file *file;
    NTSTATUS status = file_of(handle, 0, &file);
    if (status)
        return status;
    status = file_device_type(file) == FILE_TYPE_PIPE ? STATUS_INVALID_DEVICE_REQUEST
                                                      : file_seek(file, distance, method, position);
    object_release(file);
    return status;
}

static BOOL set_seek_error(NTSTATUS status, DWORD method)
{
    set_last_status(status);
    if (status == STATUS_INVALID_PARAMETER && method <= FILE_END)
        SetLastError(ERROR_NEGATIVE_SEEK);
    return FALSE;
}

BOOL WINAPI SetFilePointerEx(HANDLE handle, LARGE_INTEGER distance, PLARGE_INTEGER result, DWORD method)
{
    int64_t position;
    NTSTATUS status = seek(handle, distance.QuadPart, method, &position);
    if (status)
        return set_seek_error(status, method);
    if (result)
        result->QuadPart = position;
    return TRUE;
}

DWORD WINAPI SetFilePointer(HANDLE handle, LONG distance, PLONG high, DWORD method)
{
    int64_t whole = high ? (int64_t)((uint64_t)*high << 32 | (DWORD)distance) : distance, position, before;
    NTSTATUS status = seek(handle, 0, FILE_CURRENT, &before);
    if (!status)
        status = seek(handle, whole, method, &position);
    if (status) {
        set_seek_error(status, method);
        return INVALID_SET_FILE_POINTER;
    }
    if (high) {
        *high = position >> 32;
    } else if (position > UINT32_MAX) {
        /* It cannot be told, so it does not happen. */
        seek(handle, before, FILE_BEGIN, &position);
        SetLastError(ERROR_INVALID_PARAMETER);
        return INVALID_SET_FILE_POINTER;
    }
    /* 0xFFFFFFFF may be half of a good result: then the last error tells. */
    if ((DWORD)position == INVALID_SET_FILE_POINTER)
        SetLastError(ERROR_SUCCESS);
    return (DWORD)position;
}

BOOL WINAPI GetFileSizeEx(HANDLE handle, PLARGE_INTEGER size)
{
    struct file *file;
    struct file_information information;
    NTSTATUS status = file_of(handle, 0, &file);
    if (status)
        return set_last_status(status);
    status = file_device_type(file) == FILE_TYPE_DISK ? file_query(file, &information)
                                                      : STATUS_INVALID_DEVICE_REQUEST;
    object_release(file);
    if (status)
        return set_last_status(status);
    size->QuadPart = information.size;
    return TRUE;
}

DWORD WINAPI GetFileSize(HANDLE handle, LPDWORD high)
{
    LARGE_INTEGER size;
    if (!GetFileSizeEx(handle, &size))
        return INVALID_FILE_SIZE;
    if (high)
        *high = size.HighPart;
    if (size.LowPart == INVALID_FILE_SIZE)
        SetLastError(ERROR_SUCCESS);
    return size.LowPart;
}

BOOL WINAPI SetEndOfFile(HANDLE handle)
{
    struct file *file;
    int64_t position;
    NTSTATUS status = file_of(handle, FILE_WRITE_DATA, &file);
    if (status)
        return set_last_status(status);
    status = file_seek(file, 0, FILE_CURRENT, &position);
    if (!status)
        status = file_set_size(file, position);
    object_release(file);
    return set_last_status(status);
}

/* There is no valid data length below a file's size on Linux: holes read as zeros. */
BOOL WINAPI SetFileValidData(HANDLE handle, LONGLONG length)
{
    struct file *file;
    struct file_information information;
    NTSTATUS status = file_of(handle, FILE_WRITE_DATA, &file);
    if (status)
        return set_last_status(status);
    status = file_query(file, &information);
    if (!status && (length < 0 || (uint64_t)length > information.size))
        status = STATUS_INVALID_PARAMETER;
    object_release(file);
    return set_last_status(status);
}

DWORD WINAPI GetFileType(HANDLE handle)
{
    struct file *file;
    if (!set_last_status(file_of(handle, 0, &file)))
        return FILE_TYPE_UNKNOWN;
    DWORD type = file_device_type(file);
    object_release(file);
    SetLastError(NO_ERROR);
    return type;
}

/* Locks */

static BOOL lock_range(HANDLE handle, uint64_t offset, uint64_t length, DWORD flags, LPOVERLAPPED overlapped)
{
    struct file *file;
    NTSTATUS status = file_of(handle, 0, &file);
    if (status)
        return set_last_status(status);
    struct io_operation operation = {
        .kind = IO_LOCK,
        .offset = (int64_t)offset,
        .lock_length = length,
        .exclusive = flags & LOCKFILE_EXCLUSIVE_LOCK,
        .immediately = flags & LOCKFILE_FAIL_IMMEDIATELY,
    };
    if (file_device_type(file) != FILE_TYPE_DISK)
        status = STATUS_INVALID_DEVICE_REQUEST;
    else if (overlapped)
        status = overlapped_run(file, &operation, overlapped);
    else
        status = file_lock(file, offset, length, operation.exclusive, !operation.immediately);
    object_release(file);
    return overlapped_result(status);
}

static BOOL unlock_range(HANDLE handle, uint64_t offset, uint64_t length)
{
    struct file *file;
    NTSTATUS status = file_of(handle, 0, &file);
    if (status)
        return set_last_status(status);
    status = file_unlock(file, offset, length);
    object_release(file);
    return set_last_status(status);
}

static uint64_t whole(DWORD low, DWORD high)
{
    return (uint64_t)high << 32 | low;
}

BOOL WINAPI LockFile(HANDLE handle, DWORD low, DWORD high, DWORD length_low, DWORD length_high)
{
    return lock_range(handle, whole(low, high), whole(length_low, length_high),
                      LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, NULL);
}

BOOL WINAPI LockFileEx(HANDLE handle, DWORD flags, DWORD reserved, DWORD length_low, DWORD length_high,
                       LPOVERLAPPED overlapped)
{
    if (reserved || !overlapped) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    return lock_range(handle, whole(overlapped->Offset, overlapped->OffsetHigh),
                      whole(length_low, length_high), flags, overlapped);
}

BOOL WINAPI UnlockFile(HANDLE handle, DWORD low, DWORD high, DWORD length_low, DWORD length_high)
{
    return unlock_range(handle, whole(low, high), whole(length_low, length_high));
}

BOOL WINAPI UnlockFileEx(HANDLE handle, DWORD reserved, DWORD length_low, DWORD length_high,
                         LPOVERLAPPED overlapped)
{
    if (reserved || !overlapped) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    return unlock_range(handle, whole(overlapped->Offset, overlapped->OffsetHigh),
                        whole(length_low, length_high));
}
