/* The code that stands before a traced export's implementation. */
#ifndef LOADER_TRACE_ENTRY_H
#define LOADER_TRACE_ENTRY_H

#include "loader/trace/export.h"

/* What entry_ARCH.S writes of a call. Its address tells where on the stack the call is. */
struct trace_frame {
#ifdef __x86_64__
    uint64_t integers[6];
    double floats[8];
#else
    uint32_t integers[2];
#endif
    const void *stack; /* the word above the return address */
    struct trace_export *export;
    uint64_t result;
    union {
        double value;
        uint8_t bytes[16]; /* i386: an x87 register */
    } float_result;
};

/* Called by entry_ARCH.S: before a function and after it, and before one that is only passed by. */
void trace_enter(struct trace_frame *frame);
void trace_leave(struct trace_frame *frame);
void trace_pass(struct trace_frame *frame);

/* Code that goes on to `address` and lets the tracer know that the call is to be shown as `forwarder`. NULL
 * where memory is short. */
void *trace_entry_create_forwarder(const struct trace_export *forwarder, const void *address);

/* The address to call in place of the export's. NULL where memory is short. */
litewin_function trace_entry_create(const struct trace_export *export, unsigned flags);

#endif
