#include "kernel/handle.h"
#include "kernel/process.h"
#include "kernel/vm.h"

/* The address space of the calling process, under the names that MinGW-w64's headers do not declare. */

enum { MEMORY_BASIC_INFORMATION_CLASS = 0 };

static NTSTATUS check_process(HANDLE process, ACCESS_MASK access)
{
    struct object *object;
    NTSTATUS status = handle_reference(process, &process_type, access, &object);
    if (!NT_SUCCESS(status))
        return status;
    if (object != handle_current_process)
        status = STATUS_NOT_SUPPORTED;
    object_release(object);
    return status;
}

/* `zero_bits` says how many of the highest of 32 bits must be zero; from 32 on it is itself the mask that
 * the address must fit into. */
static struct vm_requirements requirements_of(ULONG_PTR zero_bits)
{
    struct vm_requirements requirements = {0};
    if (zero_bits && zero_bits < 32)
        requirements.highest = 0xFFFFFFFFu >> zero_bits;
    else if (zero_bits >= 32)
        requirements.highest = UINTPTR_MAX >> __builtin_clzll(zero_bits) % (8 * sizeof(ULONG_PTR));
    return requirements;
}

NTSTATUS WINAPI NtAllocateVirtualMemory(HANDLE process, void **address, ULONG_PTR zero_bits, SIZE_T *size,
                                        ULONG type, ULONG protect)
{
    NTSTATUS status = check_process(process, PROCESS_VM_OPERATION);
    if (!NT_SUCCESS(status))
        return status;
    if (zero_bits > 21 && zero_bits < 32)
        return STATUS_INVALID_PARAMETER_3;
    const struct vm_requirements requirements = requirements_of(zero_bits);
    return vm_allocate(address, size, type, protect, &requirements);
}

NTSTATUS WINAPI NtFreeVirtualMemory(HANDLE process, void **address, SIZE_T *size, ULONG type)
{
    NTSTATUS status = check_process(process, PROCESS_VM_OPERATION);
    return NT_SUCCESS(status) ? vm_free(address, size, type) : status;
}

NTSTATUS WINAPI NtProtectVirtualMemory(HANDLE process, void **address, SIZE_T *size, ULONG protect,
                                       ULONG *old)
{
    NTSTATUS status = check_process(process, PROCESS_VM_OPERATION);
    if (!NT_SUCCESS(status))
        return status;
    DWORD previous;
    status = vm_protect_pages(address, size, protect, &previous);
    if (NT_SUCCESS(status))
        *old = previous;
    return status;
}

NTSTATUS WINAPI NtQueryVirtualMemory(HANDLE process, const void *address, ULONG class, void *buffer,
                                     SIZE_T size, SIZE_T *returned)
{
    NTSTATUS status = check_process(process, PROCESS_QUERY_INFORMATION);
    if (!NT_SUCCESS(status))
        return status;
    if (class != MEMORY_BASIC_INFORMATION_CLASS)
        return STATUS_INVALID_INFO_CLASS;
    if (size < sizeof(MEMORY_BASIC_INFORMATION))
        return STATUS_INFO_LENGTH_MISMATCH;
    status = vm_query(address, buffer);
    if (NT_SUCCESS(status) && returned)
        *returned = sizeof(MEMORY_BASIC_INFORMATION);
    return status;
}

NTSTATUS WINAPI NtLockVirtualMemory(HANDLE process, void **address, SIZE_T *size, ULONG type)
{
    NTSTATUS status = check_process(process, PROCESS_VM_OPERATION);
    return NT_SUCCESS(status) ? vm_lock_pages(*address, *size) : status;
}

NTSTATUS WINAPI NtUnlockVirtualMemory(HANDLE process, void **address, SIZE_T *size, ULONG type)
{
    NTSTATUS status = check_process(process, PROCESS_VM_OPERATION);
    return NT_SUCCESS(status) ? vm_unlock_pages(*address, *size) : status;
}

NTSTATUS WINAPI NtReadVirtualMemory(HANDLE process, const void *address, void *buffer, SIZE_T size,
                                    SIZE_T *read)
{
    NTSTATUS status = check_process(process, PROCESS_VM_READ);
    if (!NT_SUCCESS(status))
        return status;
    SIZE_T copied = vm_copy(buffer, address, size);
    if (read)
        *read = copied;
    return copied == size ? STATUS_SUCCESS : STATUS_PARTIAL_COPY;
}

NTSTATUS WINAPI NtWriteVirtualMemory(HANDLE process, void *address, const void *buffer, SIZE_T size,
                                     SIZE_T *written)
{
    NTSTATUS status = check_process(process, PROCESS_VM_WRITE);
    if (!NT_SUCCESS(status))
        return status;
    SIZE_T copied = vm_copy(address, buffer, size);
    if (written)
        *written = copied;
    return copied == size ? STATUS_SUCCESS : STATUS_PARTIAL_COPY;
}

NTSTATUS WINAPI NtFlushInstructionCache(HANDLE process, const void *address, SIZE_T size)
{
    return check_process(process, PROCESS_VM_WRITE);
}
