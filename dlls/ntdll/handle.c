#include "kernel/handle.h"
#include "kernel/remote_handle.h"

NTSTATUS WINAPI NtClose(HANDLE handle)
{
    return handle_close(handle);
}

NTSTATUS WINAPI NtDuplicateObject(HANDLE source_process, HANDLE source, HANDLE target_process, HANDLE *target,
                                  ACCESS_MASK access, ULONG attributes, ULONG options)
{
    return process_duplicate_handle(source_process, source, target_process, target, access, attributes,
                                    options);
}
