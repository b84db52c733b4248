#include "dlls/ntdll/memory_parameters.h"

NTSTATUS memory_zero_bits(ULONG_PTR zero_bits, struct vm_requirements *requirements)
{
    if (zero_bits > 21 && zero_bits < 32)
        return STATUS_INVALID_PARAMETER_3;
    if (zero_bits && zero_bits < 32)
        requirements->highest = 0xFFFFFFFFu >> zero_bits;
    else if (zero_bits >= 32)
        requirements->highest = UINTPTR_MAX >> __builtin_clzll(zero_bits) % (8 * sizeof(ULONG_PTR));
    return STATUS_SUCCESS;
}

/* Addresses begin at a granule and end before one; 0 stands for no limit. */
static NTSTATUS address_requirements(const MEM_ADDRESS_REQUIREMENTS *wanted,
                                     struct vm_requirements *requirements)
{
    uintptr_t lowest = (uintptr_t)wanted->LowestStartingAddress;
    uintptr_t highest = (uintptr_t)wanted->HighestEndingAddress;
    size_t alignment = wanted->Alignment;
    if (alignment && (alignment & (alignment - 1) || alignment < VM_GRANULARITY))
        return STATUS_INVALID_PARAMETER;
    if (lowest % VM_GRANULARITY || (highest && (highest + 1) % VM_PAGE))
        return STATUS_INVALID_PARAMETER;
    if (highest && (highest <= lowest || highest > vm_highest_address()))
        return STATUS_INVALID_PARAMETER;
    *requirements = (struct vm_requirements){.lowest = lowest, .highest = highest, .alignment = alignment};
    return STATUS_SUCCESS;
}

NTSTATUS memory_parameters(const MEM_EXTENDED_PARAMETER *parameters, ULONG count,
                           struct vm_requirements *requirements)
{
    unsigned seen = 0;
    if (count && !parameters)
        return STATUS_INVALID_PARAMETER;
    for (ULONG i = 0; i < count; i++) {
        unsigned type = parameters[i].Type;
        NTSTATUS status = STATUS_SUCCESS;
        if (type >= 32 || parameters[i].Reserved || seen >> type & 1)
            return STATUS_INVALID_PARAMETER;
        seen |= 1u << type;
        switch (type) {
        case MemExtendedParameterAddressRequirements:
            status = parameters[i].Pointer ? address_requirements(parameters[i].Pointer, requirements)
                                           : STATUS_INVALID_PARAMETER;
            break;
        case MemExtendedParameterNumaNode:
            if (parameters[i].ULong != 0 && parameters[i].ULong != NUMA_NO_PREFERRED_NODE)
                status = STATUS_INVALID_PARAMETER;
            break;
        case MemExtendedParameterAttributeFlags:
            if (parameters[i].ULong64 & ~(DWORD64)MEM_EXTENDED_PARAMETER_ZERO_PAGES_OPTIONAL)
                status = STATUS_NOT_SUPPORTED;
            break;
        default:
            status = STATUS_INVALID_PARAMETER;
        }
        if (!NT_SUCCESS(status))
            return status;
    }
    requirements->extended = true;
    return STATUS_SUCCESS;
}
