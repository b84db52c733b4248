#include "dlls/kernel32/error.h"
#include "kernel/host_machine.h"
#include "kernel/vm.h"

/* How much memory there is, and how much of it is in use. */

BOOL WINAPI GlobalMemoryStatusEx(MEMORYSTATUSEX *status)
{
    struct host_memory figures;
    if (status->dwLength != sizeof *status)
        return set_last_status(STATUS_INVALID_PARAMETER);
    host_memory_read(&figures);
    status->ullTotalPhys = figures.total;
    status->ullAvailPhys = figures.available;
    status->dwMemoryLoad = figures.total ? (figures.total - figures.available) * 100 / figures.total : 0;
    status->ullTotalPageFile = figures.total + figures.swap_total;
    status->ullAvailPageFile = figures.available + figures.swap_free;
    status->ullTotalVirtual = (uint64_t)vm_highest_address() + 1 - vm_lowest_address();
    status->ullAvailVirtual = vm_unused();
    status->ullAvailExtendedVirtual = 0;
    return TRUE;
}

/* Windows' own limits for programs that would take more memory for a negative number. */
static SIZE_T clamp_memory(uint64_t value)
{
    return min(value, (uint64_t)MAXLONG_PTR);
}

static SIZE_T clamp(uint64_t value)
{
    return min(value, (uint64_t)MAXULONG_PTR);
}

void WINAPI GlobalMemoryStatus(MEMORYSTATUS *status)
{
    MEMORYSTATUSEX extended = {.dwLength = sizeof extended};
    GlobalMemoryStatusEx(&extended);
    *status = (MEMORYSTATUS){
        .dwLength = sizeof *status,
        .dwMemoryLoad = extended.dwMemoryLoad,
        .dwTotalPhys = clamp_memory(extended.ullTotalPhys),
        .dwAvailPhys = clamp_memory(extended.ullAvailPhys),
        .dwTotalPageFile = clamp(extended.ullTotalPageFile),
        .dwAvailPageFile = clamp(extended.ullAvailPageFile),
        .dwTotalVirtual = clamp(extended.ullTotalVirtual),
        .dwAvailVirtual = clamp(extended.ullAvailVirtual),
    };
}

BOOL WINAPI GetPhysicallyInstalledSystemMemory(ULONGLONG *kilobytes)
{
    struct host_memory figures;
    if (!kilobytes)
        return set_last_status(STATUS_INVALID_PARAMETER);
    host_memory_read(&figures);
    *kilobytes = figures.total / 1024;
    return TRUE;
}
