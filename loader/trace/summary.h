/* The table that --trace-summary prints in place of lines. */
#ifndef LOADER_TRACE_SUMMARY_H
#define LOADER_TRACE_SUMMARY_H

#include <time.h>
#include "loader/trace/thread.h"

/* The processor's clock: in half the time that Linux takes to tell its own. */
static inline uint64_t summary_clock(void)
{
    return __builtin_ia32_rdtsc();
}

void summary_start(void);
void summary_count(struct trace_thread *thread, const struct trace_call *call, bool failed);
/* A call that is passed by: it has no duration. */
void summary_count_pass(struct trace_thread *thread, const struct trace_export *export);
void summary_print(void);

#endif
