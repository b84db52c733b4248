#include "dlls/ntdll/extended_state.h"

#define FXSAVE_SIZE       512
#define MAXIMUM_EXTENSION 0x4000 /* far above what any processor has */
#define HEADER_SIZE       offsetof(struct extended_state, ymm_high)

/* A program may have copied the context without what follows. */
static bool is_valid(const struct context_extension *extension)
{
    const LONG before = -(LONG)sizeof(CONTEXT);
    return extension->legacy.offset == before && extension->all.offset == before &&
           extension->xstate.offset >= (LONG)sizeof *extension &&
           extension->xstate.offset <= MAXIMUM_EXTENSION && extension->xstate.length >= HEADER_SIZE &&
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
    return FXSAVE_SIZE + max(extension->xstate.length, sizeof(struct extended_state));
}

/* What a program has made holds no more than what Windows programs see; of that, what its compaction mask
 * leaves out stays as it is. A component that is not present gets its initial state. */
uint64_t extended_state_lay_out(void *area, const void *fxsave, const struct context_extension *extension)
{
    struct extended_state *state = (struct extended_state *)((uint8_t *)area + FXSAVE_SIZE);
    uint64_t components = extended_state_enabled() & ~(uint64_t)LEGACY_COMPONENTS;
    memcpy(area, fxsave, FXSAVE_SIZE);
    memcpy(state, (const uint8_t *)extension + extension->xstate.offset, extension->xstate.length);
    if (extension->xstate.length <= sizeof *state) {
        components &= VISIBLE_COMPONENTS;
        if (state->compaction & COMPACTED || extension->xstate.length < sizeof *state)
            components &= state->compaction;
        state->hidden = 0;
    }
    state->present = ((state->present & VISIBLE_COMPONENTS) | state->hidden) & components;
    state->compaction = state->hidden = 0;
    memset(state->reserved, 0, sizeof state->reserved);
    return components;
}
