/* What NtQuerySystemInformation knows. */
#include <unistd.h>
#include "kernel/teb.h"
#include "kernel/vm.h"

/* A class that MinGW-w64's headers lack. */
#define CLASS_KERNEL_DEBUGGER 35

/* Windows' clock interrupts come no further apart than this, in 100 ns. */
#define CLOCK_INCREMENT 156250

struct kernel_debugger {
    BOOLEAN enabled, not_present;
};

union answer {
    SYSTEM_BASIC_INFORMATION basic;
    SYSTEM_PROCESSOR_INFORMATION processor;
    struct kernel_debugger debugger;
};

static void tell_basic(SYSTEM_BASIC_INFORMATION *basic)
{
    ULONG pages = sysconf(_SC_PHYS_PAGES);
    *basic = (SYSTEM_BASIC_INFORMATION){
        .MaximumIncrement = CLOCK_INCREMENT,
        .PhysicalPageSize = VM_PAGE,
        .NumberOfPhysicalPages = pages,
        .LowestPhysicalPage = 1,
        .HighestPhysicalPage = pages,
        .AllocationGranularity = VM_GRANULARITY,
        .LowestUserAddress = vm_lowest_address(),
        .HighestUserAddress = vm_highest_address(),
        .ActiveProcessors = process_environment.ActiveProcessAffinityMask,
        .NumberOfProcessors = process_environment.NumberOfProcessors,
    };
}

/* Returns the answer's size; 0 for a class that is not known here. */
static ULONG find_answer(unsigned class, union answer *answer)
{
    memset(answer, 0, sizeof *answer);
    switch (class) {
    case SystemBasicInformation:
        tell_basic(&answer->basic);
        return sizeof answer->basic;
    case SystemProcessorInformation:
        answer->processor.ProcessorArchitecture =
            sizeof(void *) == 8 ? PROCESSOR_ARCHITECTURE_AMD64 : PROCESSOR_ARCHITECTURE_INTEL;
        answer->processor.ProcessorLevel = 6;
        return sizeof answer->processor;
    case CLASS_KERNEL_DEBUGGER:
        answer->debugger.not_present = TRUE;
        return sizeof answer->debugger;
    default:
        return 0;
    }
}

NTSTATUS WINAPI NtQuerySystemInformation(SYSTEM_INFORMATION_CLASS class, void *buffer, ULONG size,
                                         ULONG *returned)
{
    union answer answer;
    ULONG answer_size = find_answer(class, &answer);
    if (!answer_size)
        return STATUS_INVALID_INFO_CLASS;
    if (returned)
        *returned = answer_size;
    /* The basic class alone refuses a larger buffer. */
    if (size < answer_size || (size > answer_size && (unsigned)class == SystemBasicInformation))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!buffer)
        return STATUS_ACCESS_VIOLATION;
    memcpy(buffer, &answer, answer_size);
    return STATUS_SUCCESS;
}
