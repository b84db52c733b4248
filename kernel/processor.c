#include <sys/platform/x86.h>
#include "kernel/processor.h"

/* The headers lack these names. */
#define PF_SSSE3_INSTRUCTIONS_AVAILABLE   36
#define PF_SSE4_1_INSTRUCTIONS_AVAILABLE  37
#define PF_SSE4_2_INSTRUCTIONS_AVAILABLE  38
#define PF_AVX_INSTRUCTIONS_AVAILABLE     39
#define PF_AVX2_INSTRUCTIONS_AVAILABLE    40
#define PF_AVX512F_INSTRUCTIONS_AVAILABLE 41

/* The C library asked the processor when the process started. Asking again costs tens of microseconds for
 * each question in a virtual machine, and the compiler's own __builtin_cpu_supports asks them all whenever a
 * program starts that contains it. */
bool processor_has_feature(DWORD feature)
{
    switch (feature) {
    case PF_COMPARE_EXCHANGE_DOUBLE:
    case PF_MMX_INSTRUCTIONS_AVAILABLE:
    case PF_XMMI_INSTRUCTIONS_AVAILABLE:
    case PF_RDTSC_INSTRUCTION_AVAILABLE:
    case PF_PAE_ENABLED:
    case PF_XMMI64_INSTRUCTIONS_AVAILABLE:
    case PF_NX_ENABLED:
    case PF_FASTFAIL_AVAILABLE:
        return true;
    case PF_SSE3_INSTRUCTIONS_AVAILABLE:
        return CPU_FEATURE_ACTIVE(SSE3);
    case PF_COMPARE_EXCHANGE128:
        return CPU_FEATURE_ACTIVE(CMPXCHG16B);
    case PF_XSAVE_ENABLED:
        return CPU_FEATURE_ACTIVE(XSAVE);
    case PF_RDWRFSGSBASE_AVAILABLE:
        return CPU_FEATURE_ACTIVE(FSGSBASE);
    case PF_RDRAND_INSTRUCTION_AVAILABLE:
        return CPU_FEATURE_ACTIVE(RDRAND);
    case PF_RDTSCP_INSTRUCTION_AVAILABLE:
        return CPU_FEATURE_ACTIVE(RDTSCP);
    case PF_SSSE3_INSTRUCTIONS_AVAILABLE:
        return CPU_FEATURE_ACTIVE(SSSE3);
    case PF_SSE4_1_INSTRUCTIONS_AVAILABLE:
        return CPU_FEATURE_ACTIVE(SSE4_1);
    case PF_SSE4_2_INSTRUCTIONS_AVAILABLE:
        return CPU_FEATURE_ACTIVE(SSE4_2);
    case PF_AVX_INSTRUCTIONS_AVAILABLE:
        return CPU_FEATURE_ACTIVE(AVX);
    case PF_AVX2_INSTRUCTIONS_AVAILABLE:
        return CPU_FEATURE_ACTIVE(AVX2);
    case PF_AVX512F_INSTRUCTIONS_AVAILABLE:
        return CPU_FEATURE_ACTIVE(AVX512F);
    default:
        return false;
    }
}
