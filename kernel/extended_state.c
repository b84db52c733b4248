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
