/* What is counted of a process, and how it shares the processors. */
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/process_information.h"
#include "kernel/handle.h"
#include "kernel/process.h"
#include "kernel/time.h"

static bool query(HANDLE process, unsigned class, void *answer, ULONG size)
{
    return set_last_status(NtQueryInformationProcess(process, class, answer, size, NULL));
}

static bool set(HANDLE process, unsigned class, void *setting, ULONG size)
{
    return set_last_status(NtSetInformationProcess(process, class, setting, size));
}

/* What is counted */

BOOL WINAPI GetProcessTimes(HANDLE handle, LPFILETIME creation, LPFILETIME exit, LPFILETIME kernel,
                            LPFILETIME user)
{
    struct process_times times;
    if (!query(handle, ProcessTimes, &times, sizeof times))
        return FALSE;
    *creation = time_to_filetime(times.created.QuadPart);
    *exit = time_to_filetime(times.ended.QuadPart);
    *kernel = time_to_filetime(times.kernel.QuadPart);
    *user = time_to_filetime(times.user.QuadPart);
    return TRUE;
}

BOOL WINAPI QueryProcessCycleTime(HANDLE handle, PULONG64 cycles)
{
    struct process_cycles answer;
    if (!query(handle, PROCESS_CLASS_CYCLE_TIME, &answer, sizeof answer))
        return FALSE;
    *cycles = answer.accumulated;
    return TRUE;
}

BOOL WINAPI GetProcessIoCounters(HANDLE handle, PIO_COUNTERS counters)
{
    return query(handle, ProcessIoCounters, counters, sizeof *counters);
}

BOOL WINAPI GetProcessHandleCount(HANDLE handle, PDWORD count)
{
    return query(handle, ProcessHandleCount, count, sizeof *count);
}

/* Processors */

BOOL WINAPI GetProcessAffinityMask(HANDLE handle, PDWORD_PTR process_mask, PDWORD_PTR system_mask)
{
    PROCESS_BASIC_INFORMATION basic;
    if (!query(handle, ProcessBasicInformation, &basic, sizeof basic))
        return FALSE;
    *process_mask = basic.AffinityMask;
    *system_mask = process_system_affinity();
    return TRUE;
}

BOOL WINAPI SetProcessAffinityMask(HANDLE handle, DWORD_PTR mask)
{
    return set(handle, ProcessAffinityMask, &mask, sizeof mask);
}

/* All processors are in the one group. */
BOOL WINAPI GetProcessGroupAffinity(HANDLE handle, PUSHORT count, PUSHORT groups)
{
    USHORT group, room = *count;
    if (!query(handle, PROCESS_CLASS_GROUP_INFORMATION, &group, sizeof group))
        return FALSE;
    *count = 1;
    if (room < 1) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    *groups = group;
    return TRUE;
}

/* Priority */

static const DWORD priority_classes[] = {
    [PROCESS_CLASS_IDLE] = IDLE_PRIORITY_CLASS,
    [PROCESS_CLASS_NORMAL] = NORMAL_PRIORITY_CLASS,
    [PROCESS_CLASS_HIGH] = HIGH_PRIORITY_CLASS,
    [PROCESS_CLASS_REALTIME] = REALTIME_PRIORITY_CLASS,
    [PROCESS_CLASS_BELOW_NORMAL] = BELOW_NORMAL_PRIORITY_CLASS,
    [PROCESS_CLASS_ABOVE_NORMAL] = ABOVE_NORMAL_PRIORITY_CLASS,
};

DWORD WINAPI GetPriorityClass(HANDLE handle)
{
    struct process_priority priority;
    return query(handle, ProcessPriorityClass, &priority, sizeof priority) ? priority_classes[priority.class]
                                                                           : 0;
}

/* Whoever may not have the highest class gets the one below, as on Windows. */
BOOL WINAPI SetPriorityClass(HANDLE handle, DWORD class)
{
    struct process_priority priority = {0};
    for (UCHAR i = 1; i < ARRAYSIZE(priority_classes); i++)
        if (priority_classes[i] == class)
            priority.class = i;
    if (!priority.class)
        return set_last_status(STATUS_INVALID_PARAMETER);
    if (priority.class == PROCESS_CLASS_REALTIME)
        priority.class = PROCESS_CLASS_HIGH;
    return set(handle, ProcessPriorityClass, &priority, sizeof priority);
}

BOOL WINAPI SetProcessPriorityBoost(HANDLE handle, BOOL disable)
{
    ULONG disabled = disable != 0;
    return set(handle, ProcessPriorityBoost, &disabled, sizeof disabled);
}

BOOL WINAPI GetProcessPriorityBoost(HANDLE handle, PBOOL disabled)
{
    return query(handle, ProcessPriorityBoost, disabled, sizeof *disabled);
}

BOOL WINAPI GetProcessDEPPolicy(HANDLE handle, LPDWORD flags, PBOOL permanent)
{
    ULONG options;
    if (sizeof(void *) == 8) {
        SetLastError(ERROR_NOT_SUPPORTED);
        return FALSE;
    }
    if (!query(handle, PROCESS_CLASS_EXECUTE_FLAGS, &options, sizeof options))
        return FALSE;
    *flags = PROCESS_DEP_ENABLE | PROCESS_DEP_DISABLE_ATL_THUNK_EMULATION;
    *permanent = TRUE;
    return TRUE;
}
