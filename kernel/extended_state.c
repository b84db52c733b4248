#include <cpuid.h>
#include <sys/platform/x86.h>
#include "kernel/extended_state.h"

uint64_t extended_state_enabled(void)
{
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

uint64_t extended_state_features(void)
{
    return CPU_FEATURE_PRESENT(OSXSAVE) ? extended_state_enabled() & (LEGACY_COMPONENTS | VISIBLE_COMPONENTS)
                                        : 0;
}

/* Windows compacts wherever the processor can. */
uint64_t extended_state_compaction(uint64_t components)
{
    return CPU_FEATURE_PRESENT(XSAVEC) ? COMPACTED | components : 0;
}

#define CPUID_STATE 0xD

struct state_component extended_state_components[MAXIMUM_COMPONENTS];

/* Threads that do so at once write the same. */
void extended_state_find_components(void)
{
    uint64_t hidden = extended_state_enabled() & ~(uint64_t)(LEGACY_COMPONENTS | VISIBLE_COMPONENTS);
    for (unsigned i = 0; i < MAXIMUM_COMPONENTS; i++) {
        uint32_t size, offset, flags, unused;
        if (!(hidden >> i & 1))
            continue;
        __cpuid_count(CPUID_STATE, i, size, offset, flags, unused);
        extended_state_components[i] = (struct state_component){offset, size};
    }
}
