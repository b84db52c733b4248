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
 * here ends with YMM: so far a compacted area and an ordinary one look the same. */
struct extended_state {
    uint64_t present;
    uint64_t compaction;
    uint64_t reserved[6];
    M128A ymm_high[16];
};

/* What goes on behind it in a fault's frame: the rest of the state, which only Linux and the processor
 * understand. The components that are present lie one behind the other, since the stack that holds the frame
 * may be small. */
struct hidden_state {
    uint64_t present;
    uint8_t components[];
};

/* The components that the processor and Linux have switched on, where the processor has XSAVE. */
EXPORTED uint64_t extended_state_enabled(void);

/* The components that Windows programs may use: LEGACY_COMPONENTS and above; 0 for a processor without XSAVE.
 */
EXPORTED uint64_t extended_state_features(void);

/* Where an ordinary XSAVE area has a component. Known from the first fault on, and so wherever components are
 * hidden. */
struct state_component {
    uint32_t offset, size;
};

#define MAXIMUM_COMPONENTS 32
EXPORTED extern struct state_component extended_state_components[MAXIMUM_COMPONENTS];

/* Asks the processor for the components. */
void extended_state_find_components(void);

/* How many bytes hidden components take. */
static inline size_t extended_state_hidden_size(uint64_t components)
{
    size_t size = 0;
    for (; components; components &= components - 1)
        size += extended_state_components[__builtin_ctzll(components) % MAXIMUM_COMPONENTS].size;
    return size;
}

/* The `compaction` of an area for these components. */
EXPORTED uint64_t extended_state_compaction(uint64_t components);

#endif
