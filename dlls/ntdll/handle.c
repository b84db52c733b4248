#include "kernel/handle.h"
#include "kernel/process.h"

NTSTATUS WINAPI NtClose(HANDLE handle)
{
    return handle_close(handle);
}

NTSTATUS WINAPI NtDuplicateObject(HANDLE source_process, HANDLE source, HANDLE target_process, HANDLE *target,
                                  ACCESS_MASK access, ULONG attributes, ULONG options)
{
    NTSTATUS status = process_check_current(source_process, PROCESS_DUP_HANDLE);
    if (NT_SUCCESS(status) && target)
        status = process_check_current(target_process, PROCESS_DUP_HANDLE);
    return NT_SUCCESS(status) ? handle_duplicate(source, access, attributes, options, target) : status;
}
