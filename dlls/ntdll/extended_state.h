/* Loading the processor's state that follows a CONTEXT. */
#ifndef NTDLL_EXTENDED_STATE_H
#define NTDLL_EXTENDED_STATE_H

#include "kernel/fault.h"

/* What follows the context; NULL if nothing does. */
const struct context_extension *extended_state_of(const CONTEXT *context);

/* The instruction that loads the state wants it behind the 512 bytes of FXSAVE, aligned to 64 bytes. */
#define EXTENDED_STATE_ALIGNMENT 64
size_t extended_state_area_size(const struct context_extension *extension);

/* Lays out that area; returns the components to load from it. */
uint64_t extended_state_lay_out(void *area, const void *fxsave, const struct context_extension *extension);

#endif
