#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/virtual.h"
#include "kernel/process.h"
#include "kernel/process_memory.h"
#include "kernel/vm.h"

static bool is_this_process(HANDLE process, ACCESS_MASK access)
{
    return set_last_status(process_check_current(process, access));
}

/* Regions */

LPVOID WINAPI VirtualAlloc(LPVOID address, SIZE_T size, DWORD type, DWORD protect)
{
    return set_last_status(vm_allocate(&address, &size, type, protect, NULL)) ? address : NULL;
}

LPVOID WINAPI VirtualAllocEx(HANDLE process, LPVOID address, SIZE_T size, DWORD type, DWORD protect)
{
    return set_last_status(process_allocate(process, &address, &size, type, protect, NULL)) ? address : NULL;
}

/* All memory is as near as any other here. */
LPVOID WINAPI VirtualAllocExNuma(HANDLE process, LPVOID address, SIZE_T size, DWORD type, DWORD protect,
                                 DWORD node)
{
    if (node != NUMA_NO_PREFERRED_NODE && node != 0) {
        set_last_status(STATUS_INVALID_PARAMETER);
        return NULL;
    }
    return VirtualAllocEx(process, address, size, type, protect);
}

LPVOID WINAPI VirtualAlloc2(HANDLE process, PVOID address, SIZE_T size, ULONG type, ULONG protect,
                            MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    if (!process)
        process = GetCurrentProcess();
    return set_last_status(
               NtAllocateVirtualMemoryEx(process, &address, &size, type, protect, parameters, count))
               ? address
               : NULL;
}

#define EXECUTABLE (PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)

/* Applications from the store make no code by these; it takes VirtualProtectFromApp, or a capability. */
static bool is_for_data(ULONG protect)
{
    return set_last_status(protect & EXECUTABLE ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS);
}

PVOID WINAPI VirtualAllocFromApp(PVOID address, SIZE_T size, ULONG type, ULONG protect)
{
    return is_for_data(protect) ? VirtualAlloc(address, size, type, protect) : NULL;
}

PVOID WINAPI VirtualAlloc2FromApp(HANDLE process, PVOID address, SIZE_T size, ULONG type, ULONG protect,
                                  MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    return is_for_data(protect) ? VirtualAlloc2(process, address, size, type, protect, parameters, count)
                                : NULL;
}

/* Releasing takes no size, as it releases all; only placeholders are split and joined by sizes. */
BOOL WINAPI VirtualFree(LPVOID address, SIZE_T size, DWORD type)
{
    if (type == MEM_RELEASE && size != 0)
        return set_last_status(STATUS_INVALID_PARAMETER);
    return set_last_status(vm_free(&address, &size, type));
}

BOOL WINAPI VirtualFreeEx(HANDLE process, LPVOID address, SIZE_T size, DWORD type)
{
    return set_last_status(type == MEM_RELEASE && size != 0 ? STATUS_INVALID_PARAMETER
                                                            : process_free(process, &address, &size, type));
}

BOOL WINAPI VirtualProtect(LPVOID address, SIZE_T size, DWORD protect, DWORD *old)
{
    if (!old)
        return set_last_status(STATUS_ACCESS_VIOLATION);
    return set_last_status(vm_protect_pages(&address, &size, protect, old));
}

BOOL WINAPI VirtualProtectFromApp(PVOID address, SIZE_T size, ULONG protect, ULONG *old)
{
    return VirtualProtect(address, size, protect, old);
}

BOOL WINAPI VirtualProtectEx(HANDLE process, LPVOID address, SIZE_T size, DWORD protect, DWORD *old)
{
    if (!old)
        return set_last_status(STATUS_ACCESS_VIOLATION);
    return set_last_status(process_protect(process, &address, &size, protect, old));
}

SIZE_T WINAPI VirtualQuery(LPCVOID address, MEMORY_BASIC_INFORMATION *information, SIZE_T size)
{
    if (size < sizeof *information) {
        set_last_status(STATUS_INFO_LENGTH_MISMATCH);
        return 0;
    }
    return set_last_status(vm_query(address, information)) ? sizeof *information : 0;
}

SIZE_T WINAPI VirtualQueryEx(HANDLE process, LPCVOID address, MEMORY_BASIC_INFORMATION *information,
                             SIZE_T size)
{
    if (size < sizeof *information) {
        set_last_status(STATUS_INFO_LENGTH_MISMATCH);
        return 0;
    }
    return set_last_status(process_query(process, address, information)) ? sizeof *information : 0;
}

BOOL WINAPI VirtualLock(LPVOID address, SIZE_T size)
{
    return set_last_status(vm_lock_pages(address, size));
}

BOOL WINAPI VirtualUnlock(LPVOID address, SIZE_T size)
{
    return set_last_status(vm_unlock_pages(address, size));
}

BOOL WINAPI VirtualUnlockEx(HANDLE process, LPVOID address, SIZE_T size)
{
    return set_last_status(process_unlock_pages(process, address, size));
}

/* The one class that there is: MemoryRegionInfo. */
BOOL WINAPI QueryVirtualMemoryInformation(HANDLE process, const VOID *address, UINT class, PVOID information,
                                          SIZE_T size, SIZE_T *returned)
{
    if (class != 0)
        return set_last_status(STATUS_INVALID_PARAMETER);
    return set_last_status(
        NtQueryVirtualMemory(process, address, MEMORY_REGION_EX_CLASS, information, size, returned));
}

UINT WINAPI GetWriteWatch(DWORD flags, PVOID address, SIZE_T size, PVOID *pages, ULONG_PTR *count,
                          DWORD *granularity)
{
    return set_last_status(
               NtGetWriteWatch(GetCurrentProcess(), flags, address, size, pages, count, granularity))
               ? 0
               : ~0u;
}

UINT WINAPI ResetWriteWatch(LPVOID address, SIZE_T size)
{
    return set_last_status(NtResetWriteWatch(GetCurrentProcess(), address, size)) ? 0 : ~0u;
}

/* Advice */

/* Ranges that are not there are passed over; it is only a hint. */
BOOL WINAPI PrefetchVirtualMemory(HANDLE process, ULONG_PTR count, WIN32_MEMORY_RANGE_ENTRY *ranges,
                                  ULONG flags)
{
    if (!is_this_process(process, PROCESS_VM_OPERATION))
        return FALSE;
    if (count == 0 || !ranges || flags)
        return set_last_status(STATUS_INVALID_PARAMETER);
    for (ULONG_PTR i = 0; i < count; i++)
        vm_prefetch(ranges[i].VirtualAddress, ranges[i].NumberOfBytes);
    return TRUE;
}

DWORD WINAPI DiscardVirtualMemory(PVOID address, SIZE_T size)
{
    return status_to_win32(vm_advise(address, size, VM_DISCARD));
}

DWORD WINAPI OfferVirtualMemory(PVOID address, SIZE_T size, OFFER_PRIORITY priority)
{
    if (priority < VmOfferPriorityVeryLow || priority > VmOfferPriorityNormal)
        return ERROR_INVALID_PARAMETER;
    return status_to_win32(vm_advise(address, size, VM_OFFER));
}

/* What was offered has not been taken. */
DWORD WINAPI ReclaimVirtualMemory(PVOID address, SIZE_T size)
{
    return status_to_win32(vm_advise(address, size, VM_RECLAIM));
}

SIZE_T WINAPI GetLargePageMinimum(void)
{
    return 0x200000;
}

/* Contents */

/* x86 keeps its instruction cache coherent by itself. */
BOOL WINAPI FlushInstructionCache(HANDLE process, LPCVOID address, SIZE_T size)
{
    return set_last_status(NtFlushInstructionCache(process, address, size));
}

/* All other running threads pass a full barrier before this returns. */
void WINAPI FlushProcessWriteBuffers(void)
{
    static bool registered;
    if (!__atomic_load_n(&registered, __ATOMIC_RELAXED)) {
        syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
        __atomic_store_n(&registered, true, __ATOMIC_RELAXED);
    }
    syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
}

BOOL WINAPI ReadProcessMemory(HANDLE process, LPCVOID address, LPVOID buffer, SIZE_T size, SIZE_T *read)
{
    return set_last_status(NtReadVirtualMemory(process, address, buffer, size, read));
}

/* Code that is not writable is made so for the time of the writing, since patching it is what debuggers and
 * hooks use this function for. */
static SIZE_T write_to_code(HANDLE process, void *address, const void *buffer, SIZE_T size)
{
    void *start = address;
    SIZE_T length = size, copied = 0;
    DWORD old, ignored;
    MEMORY_BASIC_INFORMATION information;
    if (!NT_SUCCESS(process_query(process, address, &information)) ||
        !(information.Protect & (PAGE_EXECUTE | PAGE_EXECUTE_READ)))
        return 0;
    if (NT_SUCCESS(process_protect(process, &start, &length, PAGE_EXECUTE_READWRITE, &old))) {
        process_write(process, address, buffer, size, &copied);
        process_protect(process, &start, &length, old, &ignored);
    }
    return copied;
}

static bool is_inaccessible(HANDLE process, const void *address)
{
    MEMORY_BASIC_INFORMATION information;
    return NT_SUCCESS(process_query(process, address, &information)) && information.State == MEM_COMMIT;
}

BOOL WINAPI WriteProcessMemory(HANDLE process, LPVOID address, LPCVOID buffer, SIZE_T size, SIZE_T *written)
{
    SIZE_T copied;
    NTSTATUS status = process_write(process, address, buffer, size, &copied);
    if (status == STATUS_PARTIAL_COPY) {
        if (copied == 0)
            copied = write_to_code(process, address, buffer, size);
        if (copied == size)
            status = STATUS_SUCCESS;
        else if (is_inaccessible(process, (char *)address + copied))
            status = STATUS_ACCESS_VIOLATION;
    }
    if (written)
        *written = copied;
    return set_last_status(status);
}

/* Whether every page of a range has one of some protections. */
static bool has_protection(const void *address, UINT_PTR size, DWORD protections)
{
    MEMORY_BASIC_INFORMATION information;
    const char *place = address, *end = place + size;
    if (size == 0)
        return true;
    if (end < place)
        return false;
    while (place < end) {
        if (!NT_SUCCESS(vm_query(place, &information)) || information.State != MEM_COMMIT ||
            information.Protect & PAGE_GUARD || !(information.Protect & protections))
            return false;
        place = (char *)information.BaseAddress + information.RegionSize;
    }
    return true;
}

#define WRITABLE (PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)
#define READABLE (WRITABLE | PAGE_READONLY | PAGE_EXECUTE | PAGE_EXECUTE_READ)

BOOL WINAPI IsBadReadPtr(const void *address, UINT_PTR size)
{
    return !has_protection(address, size, READABLE);
}

BOOL WINAPI IsBadWritePtr(void *address, UINT_PTR size)
{
    return !has_protection(address, size, WRITABLE);
}

BOOL WINAPI IsBadCodePtr(FARPROC address)
{
    return IsBadReadPtr(address, 1);
}

BOOL WINAPI IsBadStringPtrA(LPCSTR string, UINT_PTR size)
{
    for (UINT_PTR i = 0; i < size; i++) {
        if ((i == 0 || (UINT_PTR)(string + i) % VM_PAGE == 0) && IsBadReadPtr(string + i, 1))
            return TRUE;
        if (!string[i])
            break;
    }
    return FALSE;
}

BOOL WINAPI IsBadStringPtrW(LPCWSTR string, UINT_PTR size)
{
    for (UINT_PTR i = 0; i < size; i++) {
        if ((i == 0 || (UINT_PTR)(string + i) % VM_PAGE < sizeof *string) &&
            IsBadReadPtr(string + i, sizeof *string))
            return TRUE;
        if (!string[i])
            break;
    }
    return FALSE;
}
