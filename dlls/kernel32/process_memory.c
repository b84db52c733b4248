/* How much memory a process takes, and the machine has, in psapi's terms. */
#define PSAPI_VERSION 2
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/process_information.h"
#include "kernel/handle.h"
#include "kernel/host_machine.h"
#include "kernel/host_process.h"
#include "kernel/vm.h"
#include <psapi.h>

BOOL WINAPI K32GetProcessMemoryInfo(HANDLE handle, PROCESS_MEMORY_COUNTERS *counters, DWORD size)
{
    struct process_vm_counters vm;
    PROCESS_MEMORY_COUNTERS_EX all;
    if (size < sizeof *counters) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    if (!set_last_status(NtQueryInformationProcess(handle, ProcessVmCounters, &vm, sizeof vm, NULL)))
        return FALSE;
    all = (PROCESS_MEMORY_COUNTERS_EX){
        .cb = size < sizeof all ? sizeof *counters : sizeof all,
        .PageFaultCount = vm.counters.PageFaultCount,
        .PeakWorkingSetSize = vm.counters.PeakWorkingSetSize,
        .WorkingSetSize = vm.counters.WorkingSetSize,
        .PagefileUsage = vm.counters.PagefileUsage,
        .PeakPagefileUsage = vm.counters.PeakPagefileUsage,
        .PrivateUsage = vm.private_usage,
    };
    memcpy(counters, &all, all.cb);
    return TRUE;
}

static bool count_process(DWORD id, void *context)
{
    struct host_process process;
    PERFORMANCE_INFORMATION *information = context;
    if (host_process_read(id, 0, &process)) {
        information->ProcessCount++;
        information->ThreadCount += process.threads;
    }
    return true;
}

/* Sizes are in pages. Of handles, this process's alone are known. */
BOOL WINAPI K32GetPerformanceInfo(PERFORMANCE_INFORMATION *information, DWORD size)
{
    struct host_memory memory;
    if (size < sizeof *information)
        return set_last_status(STATUS_INFO_LENGTH_MISMATCH);
    host_memory_read(&memory);
    *information = (PERFORMANCE_INFORMATION){
        .cb = sizeof *information,
        .CommitTotal = (memory.total - memory.available + memory.swap_total - memory.swap_free) / VM_PAGE,
        .CommitLimit = (memory.total + memory.swap_total) / VM_PAGE,
        .PhysicalTotal = memory.total / VM_PAGE,
        .PhysicalAvailable = memory.available / VM_PAGE,
        .SystemCache = memory.cached / VM_PAGE,
        .KernelTotal = memory.kernel / VM_PAGE,
        .KernelNonpaged = memory.kernel / VM_PAGE,
        .PageSize = VM_PAGE,
        .HandleCount = handle_count(),
    };
    information->CommitPeak = information->CommitTotal;
    host_process_for_each(count_process, information);
    return TRUE;
}

static bool add_id(DWORD id, void *context)
{
    struct {
        DWORD *ids;
        DWORD count, room;
    } *list = context;
    if (list->count == list->room)
        return false;
    list->ids[list->count++] = id;
    return true;
}

/* As many as there is room for: a caller who gets all of it asks again with more. */
BOOL WINAPI K32EnumProcesses(DWORD *ids, DWORD size, DWORD *used)
{
    struct {
        DWORD *ids;
        DWORD count, room;
    } list = {.ids = ids, .room = size / sizeof *ids};
    host_process_for_each(add_id, &list);
    *used = list.count * sizeof *ids;
    return TRUE;
}
