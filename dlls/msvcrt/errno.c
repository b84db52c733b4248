/* errno, _doserrno, and what Windows' errors mean in terms of them. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/thread_data.h"

static const struct {
    uint16_t os_error;
    uint16_t error;
} meanings[] = {
    {ERROR_INVALID_FUNCTION, CRT_EINVAL},
    {ERROR_FILE_NOT_FOUND, CRT_ENOENT},
    {ERROR_PATH_NOT_FOUND, CRT_ENOENT},
    {ERROR_TOO_MANY_OPEN_FILES, CRT_EMFILE},
    {ERROR_ACCESS_DENIED, CRT_EACCES},
    {ERROR_INVALID_HANDLE, CRT_EBADF},
    {ERROR_ARENA_TRASHED, CRT_ENOMEM},
    {ERROR_NOT_ENOUGH_MEMORY, CRT_ENOMEM},
    {ERROR_INVALID_BLOCK, CRT_ENOMEM},
    {ERROR_BAD_ENVIRONMENT, CRT_E2BIG},
    {ERROR_BAD_FORMAT, CRT_ENOEXEC},
    {ERROR_INVALID_DRIVE, CRT_ENOENT},
    {ERROR_CURRENT_DIRECTORY, CRT_EACCES},
    {ERROR_NOT_SAME_DEVICE, CRT_EXDEV},
    {ERROR_NO_MORE_FILES, CRT_ENOENT},
    {ERROR_BAD_NETPATH, CRT_ENOENT},
    {ERROR_NETWORK_ACCESS_DENIED, CRT_EACCES},
    {ERROR_BAD_NET_NAME, CRT_ENOENT},
    {ERROR_FILE_EXISTS, CRT_EEXIST},
    {ERROR_CANNOT_MAKE, CRT_EACCES},
    {ERROR_FAIL_I24, CRT_EACCES},
    {ERROR_NO_PROC_SLOTS, CRT_EAGAIN},
    {ERROR_DRIVE_LOCKED, CRT_EACCES},
    {ERROR_BROKEN_PIPE, CRT_EPIPE},
    {ERROR_DISK_FULL, CRT_ENOSPC},
    {ERROR_INVALID_TARGET_HANDLE, CRT_EBADF},
    {ERROR_WAIT_NO_CHILDREN, CRT_ECHILD},
    {ERROR_CHILD_NOT_COMPLETE, CRT_ECHILD},
    {ERROR_DIRECT_ACCESS_HANDLE, CRT_EBADF},
    {ERROR_SEEK_ON_DEVICE, CRT_EACCES},
    {ERROR_DIR_NOT_EMPTY, CRT_ENOTEMPTY},
    {ERROR_NOT_LOCKED, CRT_EACCES},
    {ERROR_BAD_PATHNAME, CRT_ENOENT},
    {ERROR_MAX_THRDS_REACHED, CRT_EAGAIN},
    {ERROR_LOCK_FAILED, CRT_EACCES},
    {ERROR_ALREADY_EXISTS, CRT_EEXIST},
    {ERROR_FILENAME_EXCED_RANGE, CRT_ENOENT},
    {ERROR_NESTING_NOT_ALLOWED, CRT_EAGAIN},
    {ERROR_NO_UNICODE_TRANSLATION, CRT_EILSEQ},
    {ERROR_NOT_ENOUGH_QUOTA, CRT_ENOMEM},
};

static int errno_of(DWORD os_error)
{
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].os_error == os_error)
            return meanings[i].error;
    if (os_error >= ERROR_WRITE_PROTECT && os_error <= ERROR_SHARING_BUFFER_EXCEEDED)
        return CRT_EACCES;
    if (os_error >= ERROR_INVALID_STARTING_CODESEG && os_error <= ERROR_INFLOOP_IN_RELOC_CHAIN)
        return CRT_ENOEXEC;
    return CRT_EINVAL;
}

void os_error_set(DWORD error)
{
    crt_thread.dos_error = error;
    crt_thread.error = errno_of(error);
}

int os_error_last(void)
{
    os_error_set(GetLastError());
    return -1;
}

int crt_fail(int error)
{
    crt_thread.dos_error = 0;
    crt_thread.error = error;
    return -1;
}

int32_t *crt_errno(void)
{
    return &crt_thread.error;
}

uint32_t *crt_doserrno(void)
{
    return &crt_thread.dos_error;
}

int crt_get_errno(int32_t *value)
{
    if (!value)
        return crt_invalid_parameter(CRT_EINVAL);
    *value = crt_thread.error;
    return 0;
}

int crt_set_errno(int value)
{
    crt_thread.error = value;
    return 0;
}

int crt_get_doserrno(uint32_t *value)
{
    if (!value)
        return crt_invalid_parameter(CRT_EINVAL);
    *value = crt_thread.dos_error;
    return 0;
}

int crt_set_doserrno(uint32_t value)
{
    crt_thread.dos_error = value;
    return 0;
}
