/* The state of the processor beyond what every CONTEXT holds, as Windows lays it out behind one. */
#ifndef KERNEL_EXTENDED_STATE_H
#define KERNEL_EXTENDED_STATE_H

#include <litewin/windows.h>

/* MinGW-w64's headers lack it. The low bits of all such flags are the same, but for CONTEXT_i386's bits. */
#ifdef __x86_64__
#define CONTEXT_EXTENDED_STATE (CONTEXT_AMD64 | 0x40)
#else
#define CONTEXT_EXTENDED_STATE (CONTEXT_i386 | 0x40)
#endif

/* CONTEXT_EX, which follows a CONTEXT; offsets are relative to itself. */
struct context_chunk {
    LONG offset;
    DWORD length;
};

struct context_extension {
    struct context_chunk all, legacy, xstate;
};

#define COMPONENT_AVX      2
#define LEGACY_COMPONENTS  0x03u /* x87 and SSE, which have their place in the CONTEXT itself */
#define VISIBLE_COMPONENTS (1u << COMPONENT_AVX)
#define COMPACTED          (1ull << 63)

/* XSTATE: a part of an XSAVE area, from its header on. What of the processor's state Windows programs see
 * here ends with YMM: so far a compacted area and an ordinary one look the same. A fault's frame goes on with
 * the rest, which only Linux and the processor understand. */
struct extended_state {
    uint64_t present;
    uint64_t compaction;
    uint64_t hidden; /* the components that are present behind YMM; reserved for Windows programs */
    uint64_t reserved[5];
    M128A ymm_high[16];
};

/* The components that the processor and Linux have switched on, where the processor has XSAVE. */
EXPORTED uint64_t extended_state_enabled(void);

/* The components that Windows programs may use: LEGACY_COMPONENTS and above; 0 for a processor without XSAVE.
 */
EXPORTED uint64_t extended_state_features(void);

/* The `compaction` of an area for these components. */
EXPORTED uint64_t extended_state_compaction(uint64_t components);

#endif
