#include "kernel/process.h"
#include "kernel/processor.h"
#include "kernel/vm.h"

void WINAPI GetSystemInfo(LPSYSTEM_INFO info)
{
    *info = (SYSTEM_INFO){
        .wProcessorArchitecture =
            sizeof(void *) == 8 ? PROCESSOR_ARCHITECTURE_AMD64 : PROCESSOR_ARCHITECTURE_INTEL,
        .dwPageSize = VM_PAGE,
        .lpMinimumApplicationAddress = (void *)vm_lowest_address(),
        .lpMaximumApplicationAddress = (void *)vm_highest_address(),
        .dwActiveProcessorMask = process_environment.ActiveProcessAffinityMask,
        .dwNumberOfProcessors = process_environment.NumberOfProcessors,
        .dwProcessorType = sizeof(void *) == 8 ? PROCESSOR_AMD_X8664 : PROCESSOR_INTEL_PENTIUM,
        .dwAllocationGranularity = VM_GRANULARITY,
        .wProcessorLevel = 6,
    };
}

void WINAPI GetNativeSystemInfo(LPSYSTEM_INFO info)
{
    GetSystemInfo(info);
    info->wProcessorArchitecture = PROCESSOR_ARCHITECTURE_AMD64;
    info->dwProcessorType = PROCESSOR_AMD_X8664;
}

/* Processor features */

BOOL WINAPI IsProcessorFeaturePresent(DWORD feature)
{
    return processor_has_feature(feature);
}
