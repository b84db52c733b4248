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

static const struct extended_state *state_of(const struct context_extension *extension)
{
    return (const void *)((const uint8_t *)extension + extension->xstate.offset);
}

/* What only a fault's frame has: what a program has made, or copied, ends with what Windows programs see. */
static const struct hidden_state *hidden_state_of(const struct context_extension *extension)
{
    const struct hidden_state *hidden = (const void *)(state_of(extension) + 1);
    size_t length = extension->xstate.length, visible = sizeof(struct extended_state);
    if (length < visible + sizeof *hidden || hidden->present & ~extended_state_enabled() ||
        length < visible + sizeof *hidden + extended_state_hidden_size(hidden->present))
        return NULL;
    return hidden;
}

static struct state_component component_of_lowest(uint64_t components)
{
    return extended_state_components[__builtin_ctzll(components) % MAXIMUM_COMPONENTS];
}

size_t extended_state_area_size(const struct context_extension *extension)
{
    const struct hidden_state *hidden = hidden_state_of(extension);
    size_t size = FXSAVE_SIZE + sizeof(struct extended_state);
    for (uint64_t left = hidden ? hidden->present : 0; left; left &= left - 1) {
        struct state_component component = component_of_lowest(left);
        size = max(size, component.offset + component.size);
    }
    return size;
}

static void unpack(uint8_t *area, const struct hidden_state *hidden)
{
    const uint8_t *packed = hidden->components;
    for (uint64_t left = hidden->present; left; left &= left - 1) {
        struct state_component component = component_of_lowest(left);
        memcpy(area + component.offset, packed, component.size);
        packed += component.size;
    }
}

/* Of what a program has made, what its compaction mask leaves out stays as it is. A component that is not
 * present gets its initial state. */
uint64_t extended_state_lay_out(void *area, const void *fxsave, const struct context_extension *extension)
{
    struct extended_state *state = (struct extended_state *)((uint8_t *)area + FXSAVE_SIZE);
    const struct hidden_state *hidden = hidden_state_of(extension);
    uint64_t components = extended_state_enabled() & ~(uint64_t)LEGACY_COMPONENTS;
    memcpy(area, fxsave, FXSAVE_SIZE);
    memcpy(state, state_of(extension), min(extension->xstate.length, sizeof *state));
    state->present &= VISIBLE_COMPONENTS;
    if (hidden) {
        unpack(area, hidden);
        state->present |= hidden->present;
    } else {
        components &= VISIBLE_COMPONENTS;
        if (state->compaction & COMPACTED || extension->xstate.length < sizeof *state)
            components &= state->compaction;
    }
    state->present &= components;
    state->compaction = 0;
    memset(state->reserved, 0, sizeof state->reserved);
    return components;
}
