/* MEM_EXTENDED_PARAMETER, by which the newer calls say where memory is to be. */
#ifndef NTDLL_MEMORY_PARAMETERS_H
#define NTDLL_MEMORY_PARAMETERS_H

#include "kernel/vm.h"

/* STATUS_INVALID_PARAMETER for what makes no sense, or is there twice. A preferred NUMA node is taken note
 * of: all memory is as near as any other here. */
NTSTATUS memory_parameters(const MEM_EXTENDED_PARAMETER *parameters, ULONG count,
                           struct vm_requirements *requirements);

/* `zero_bits` says how many of the highest of 32 bits must be zero; from 32 on it is itself the mask that
 * the address must fit into. */
NTSTATUS memory_zero_bits(ULONG_PTR zero_bits, struct vm_requirements *requirements);

#endif
