/* The machine's processors: their times, their topology, and the one group and the one node that all are in.
 */
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/system_information.h"
#include "kernel/host_machine.h"
#include "kernel/process.h"
#include "kernel/time.h"

BOOL WINAPI GetSystemTimes(PFILETIME idle, PFILETIME kernel, PFILETIME user)
{
    struct host_processor_times times;
    host_processor_times(-1, &times);
    if (idle)
        *idle = time_to_filetime(times.idle);
    /* On Windows, a processor that idles does so in the kernel. */
    if (kernel)
        *kernel = time_to_filetime(times.kernel + times.idle);
    if (user)
        *user = time_to_filetime(times.user);
    return TRUE;
}

/* Topology */

/* A buffer that is too small is one error, whatever the native one. */
static bool set_error_of_size(NTSTATUS status)
{
    return set_last_status(status == STATUS_INFO_LENGTH_MISMATCH ? STATUS_BUFFER_TOO_SMALL : status);
}

BOOL WINAPI GetLogicalProcessorInformation(PSYSTEM_LOGICAL_PROCESSOR_INFORMATION buffer, PDWORD size)
{
    if (!size)
        return set_last_status(STATUS_INVALID_PARAMETER);
    return set_error_of_size(NtQuerySystemInformation(
        (SYSTEM_INFORMATION_CLASS)SYSTEM_CLASS_LOGICAL_PROCESSORS, buffer, *size, (ULONG *)size));
}

BOOL WINAPI GetLogicalProcessorInformationEx(LOGICAL_PROCESSOR_RELATIONSHIP relationship,
                                             PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX buffer, PDWORD size)
{
    if (!size)
        return set_last_status(STATUS_INVALID_PARAMETER);
    return set_error_of_size(
        NtQuerySystemInformationEx((SYSTEM_INFORMATION_CLASS)SYSTEM_CLASS_LOGICAL_PROCESSORS_EX,
                                   &relationship, sizeof relationship, buffer, *size, (ULONG *)size));
}

/* Groups */

static bool is_group(WORD group)
{
    if (group == 0 || group == ALL_PROCESSOR_GROUPS)
        return true;
    SetLastError(ERROR_INVALID_PARAMETER);
    return false;
}

WORD WINAPI GetActiveProcessorGroupCount(VOID)
{
    return 1;
}

WORD WINAPI GetMaximumProcessorGroupCount(VOID)
{
    return 1;
}

DWORD WINAPI GetActiveProcessorCount(WORD group)
{
    return is_group(group) ? process_environment.NumberOfProcessors : 0;
}

DWORD WINAPI GetMaximumProcessorCount(WORD group)
{
    return GetActiveProcessorCount(group);
}

/* Nodes */

static bool succeed_if(bool good)
{
    return set_last_status(good ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
}

BOOL WINAPI GetNumaHighestNodeNumber(PULONG highest)
{
    *highest = 0;
    return TRUE;
}

BOOL WINAPI GetNumaProcessorNode(UCHAR processor, PUCHAR node)
{
    bool exists = processor < process_environment.NumberOfProcessors;
    *node = exists ? 0 : 0xff;
    return succeed_if(exists);
}

BOOL WINAPI GetNumaProcessorNodeEx(PPROCESSOR_NUMBER processor, PUSHORT node)
{
    bool exists = processor->Group == 0 && processor->Number < process_environment.NumberOfProcessors &&
                  !processor->Reserved;
    *node = exists ? 0 : 0xffff;
    return succeed_if(exists);
}

BOOL WINAPI GetNumaNodeProcessorMask(UCHAR node, PULONGLONG mask)
{
    if (node == 0)
        *mask = process_system_affinity();
    return succeed_if(node == 0);
}

BOOL WINAPI GetNumaNodeProcessorMaskEx(USHORT node, PGROUP_AFFINITY affinity)
{
    if (node == 0)
        *affinity = (GROUP_AFFINITY){.Mask = process_system_affinity()};
    return succeed_if(node == 0);
}

BOOL WINAPI GetNumaAvailableMemoryNodeEx(USHORT node, PULONGLONG bytes)
{
    struct host_memory memory;
    if (node != 0)
        return succeed_if(false);
    host_memory_read(&memory);
    *bytes = memory.available;
    return TRUE;
}

BOOL WINAPI GetNumaAvailableMemoryNode(UCHAR node, PULONGLONG bytes)
{
    return GetNumaAvailableMemoryNodeEx(node, bytes);
}
