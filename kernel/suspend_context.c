#include <signal.h>
#include <ucontext.h>
#include "kernel/fault_internal.h"
#include "kernel/suspend_context.h"

#define HEADER_SIZE offsetof(struct extended_state, ymm_high)

/* The signal frame's, NULL where the processor has none. */
static struct extended_state *state_of_host(const ucontext_t *host)
{
    return host ? fault_extended_image(host) : NULL;
}

static struct extended_state *state_of_context(const CONTEXT *context, DWORD *size)
{
    const struct context_extension *extension = (const void *)(context + 1);
    *size = extension->xstate.length;
    return (struct extended_state *)((char *)extension + extension->xstate.offset);
}

void suspend_note_components(ucontext_t *host, uint64_t components)
{
    struct extended_state *state = state_of_host(host);
    if (state)
        state->present |= components;
}

void suspend_read_extended_state(const ucontext_t *host, CONTEXT *context)
{
    DWORD size;
    const struct extended_state *from = state_of_host(host);
    struct extended_state *to = state_of_context(context, &size);
    if (size < HEADER_SIZE)
        return;
    to->present = from && size >= sizeof *to ? from->present & VISIBLE_COMPONENTS : 0;
    if (to->present)
        memcpy(to->ymm_high, from->ymm_high, sizeof to->ymm_high);
}

void suspend_write_extended_state(ucontext_t *host, const CONTEXT *context)
{
    DWORD size;
    const struct extended_state *from = state_of_context(context, &size);
    struct extended_state *to = state_of_host(host);
    if (!to || size < sizeof *from)
        return;
    to->present = (to->present & ~(uint64_t)VISIBLE_COMPONENTS) | (from->present & VISIBLE_COMPONENTS);
    memcpy(to->ymm_high, from->ymm_high, sizeof to->ymm_high);
}
