#include "dlls/ntdll/extended_state.h"

#ifdef __x86_64__
#define CONTEXT_ARCHITECTURE CONTEXT_AMD64
#else
#define CONTEXT_ARCHITECTURE CONTEXT_i386
#endif

/* CONTEXT_XSTATE, which MinGW-w64's headers lack. */
#define CONTEXT_EXTENDED_STATE (CONTEXT_ARCHITECTURE | 0x40)

#define FXSAVE_SIZE       512
#define MAXIMUM_EXTENSION 0x4000 /* far above what any processor has */

/* x87 and SSE, which have their place in the CONTEXT itself. */
#define LEGACY_COMPONENTS 3

struct xsave_header {
    uint64_t present;
    uint64_t compaction;
    uint64_t reserved[6];
};

/* A program may have copied the context without what follows. */
static bool is_valid(const struct context_extension *extension)
{
    return extension->legacy.offset == -(LONG)sizeof(CONTEXT) &&
           extension->legacy.length == sizeof(CONTEXT) &&
           extension->xstate.length >= sizeof(struct xsave_header) &&
           extension->xstate.length <= MAXIMUM_EXTENSION;
}

const struct context_extension *extended_state_of(const CONTEXT *context)
{
    const struct context_extension *extension = (const void *)(context + 1);
    bool said_to_follow = (context->ContextFlags & CONTEXT_EXTENDED_STATE) == CONTEXT_EXTENDED_STATE;
    return said_to_follow && is_valid(extension) ? extension : NULL;
}

size_t extended_state_area_size(const struct context_extension *extension)
{
    return FXSAVE_SIZE + extension->xstate.length;
}

/* The components that the processor and Linux have switched on. */
static uint64_t enabled_components(void)
{
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

/* A component that is not present gets its initial state. */
uint64_t extended_state_lay_out(void *area, const void *fxsave, const struct context_extension *extension)
{
    struct xsave_header *header = (struct xsave_header *)((uint8_t *)area + FXSAVE_SIZE);
    uint64_t components = enabled_components() & ~(uint64_t)LEGACY_COMPONENTS;
    memcpy(area, fxsave, FXSAVE_SIZE);
    memcpy(header, (const uint8_t *)extension + extension->xstate.offset, extension->xstate.length);
    header->present &= components;
    memset(header->reserved, 0, sizeof header->reserved);
    return components;
}
