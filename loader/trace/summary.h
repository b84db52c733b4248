/* The table that --trace-summary prints in place of lines. */
#ifndef LOADER_TRACE_SUMMARY_H
#define LOADER_TRACE_SUMMARY_H

#include "loader/trace/thread.h"

void summary_start(void);

/* A call begins, and returns: for most calls that is all there is to do, and it needs neither another stack
 * nor the C library. False where more must be done first. */
bool summary_enter(const struct trace_frame *frame);
bool summary_leave(const struct trace_frame *frame);

/* Begins what trace_thread_push has returned. */
void summary_begin(struct trace_call *call);
/* Ends a call that has been taken out. */
void summary_count(struct trace_thread *thread, const struct trace_call *call, bool failed);
/* A call that is passed by: it has no duration. */
void summary_count_pass(struct trace_thread *thread, const struct trace_export *export);
void summary_print(void);

#endif
