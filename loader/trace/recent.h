/* The last calls of each thread, for the report on a crash. */
#ifndef LOADER_TRACE_RECENT_H
#define LOADER_TRACE_RECENT_H

#include "loader/trace/entry.h"
#include "loader/trace/text.h"

struct trace_thread;

enum { RECENT_CALLS = 10, RECENT_ARGUMENTS = 8 };

struct trace_recent_call {
    const struct trace_export *export;
    uintptr_t frame;
    bool returned;
    uint32_t error; /* the last error, of a call that has failed */
    uint64_t result;
    uint64_t arguments[RECENT_ARGUMENTS]; /* the first ones */
};

struct trace_recent {
    struct trace_recent_call calls[RECENT_CALLS]; /* the one with that number is at its remainder */
    uint32_t count;                               /* of all that ever were */
};

void recent_enter(struct trace_recent *recent, const struct trace_frame *frame);
void recent_leave(struct trace_recent *recent, const struct trace_frame *frame, uint32_t error);

/* A line for each, oldest first; nothing if the thread has made none. What arguments point to is as it is
 * now. */
void recent_put(struct trace_text *text, const struct trace_recent *recent);

#endif
