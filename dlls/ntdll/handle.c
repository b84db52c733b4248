#include "kernel/handle.h"

/* A process handle is taken where it names this process. */
static NTSTATUS check_process(HANDLE process)
{
    struct object *object;
    NTSTATUS status = handle_reference(process, NULL, PROCESS_DUP_HANDLE, &object);
    if (!NT_SUCCESS(status))
        return status;
    if (object != handle_current_process)
        status = STATUS_NOT_SUPPORTED;
    object_release(object);
    return status;
}

NTSTATUS WINAPI NtClose(HANDLE handle)
{
    return handle_close(handle);
}

NTSTATUS WINAPI NtDuplicateObject(HANDLE source_process, HANDLE source, HANDLE target_process, HANDLE *target,
                                  ACCESS_MASK access, ULONG attributes, ULONG options)
{
    NTSTATUS status = check_process(source_process);
    if (NT_SUCCESS(status) && target)
        status = check_process(target_process);
    return NT_SUCCESS(status) ? handle_duplicate(source, access, attributes, options, target) : status;
}
