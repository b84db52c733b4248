#include "dlls/kernel32/error.h"
#include "kernel/handle.h"
#include "kernel/process.h"
#include "kernel/thread.h"
#include "kernel/token.h"

static NTSTATUS open_process_token(HANDLE process, ACCESS_MASK access, HANDLE *handle)
{
    void *object;
    NTSTATUS status = handle_reference(process, &process_type, PROCESS_QUERY_LIMITED_INFORMATION, &object);
    if (!NT_SUCCESS(status))
        return status;
    bool own = object == handle_current_process;
    object_release(object);
    if (!own)
        return STATUS_ACCESS_DENIED;
    struct object *token = token_of_process();
    status = handle_create(token, access, 0, handle);
    object_release(token);
    return status;
}

BOOL WINAPI OpenProcessToken(HANDLE process, DWORD access, PHANDLE token)
{
    return set_last_status(open_process_token(process, access, token));
}

/* No thread acts for anybody else than its process. */
BOOL WINAPI OpenThreadToken(HANDLE handle, DWORD access, BOOL as_self, PHANDLE token)
{
    struct thread *thread;
    NTSTATUS status = thread_reference(handle, THREAD_QUERY_LIMITED_INFORMATION, &thread);
    if (NT_SUCCESS(status)) {
        thread_release(thread);
        status = STATUS_NO_TOKEN;
    }
    return set_last_status(status);
}

/* None of the privileges that are asked for is there, which is a success of its own kind. */
BOOL WINAPI AdjustTokenPrivileges(HANDLE token, BOOL disable_all, PTOKEN_PRIVILEGES wanted, DWORD size,
                                  PTOKEN_PRIVILEGES previous, PDWORD returned)
{
    void *object;
    ACCESS_MASK access = TOKEN_ADJUST_PRIVILEGES | (previous ? TOKEN_QUERY : 0);
    if (!disable_all && !wanted) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if (!set_last_status(handle_reference(token, &token_type, access, &object)))
        return FALSE;
    object_release(object);
    if (previous) {
        *returned = offsetof(TOKEN_PRIVILEGES, Privileges);
        if (size < *returned) {
            SetLastError(ERROR_INSUFFICIENT_BUFFER);
            return FALSE;
        }
        previous->PrivilegeCount = 0;
    }
    SetLastError(disable_all || !wanted->PrivilegeCount ? ERROR_SUCCESS : ERROR_NOT_ALL_ASSIGNED);
    return TRUE;
}
