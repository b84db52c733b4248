/* What the tracer keeps of each thread: the calls that it is in, and the line that it writes. */
#ifndef LOADER_TRACE_THREAD_H
#define LOADER_TRACE_THREAD_H

#include "kernel/thread.h"
#include "loader/trace/entry.h"
#include "loader/trace/recent.h"
#include "loader/trace/text.h"

enum { LONGEST_LINE = 0x4000, TRACE_STACK_SIZE = 0x10000 };

struct trace_call {
    struct trace_export *export;
    uintptr_t frame; /* where on the stack the call is */
    uint64_t start;  /* of the summary's clock */
    uint64_t inner;  /* time in the traced calls that it has made */
};

/* One export's figures, of one thread. Times are of the summary's clock. */
struct trace_figures {
    uint64_t calls, failures, total, own, slowest;
};

struct trace_thread {
    uint32_t id;
    uint32_t depth, capacity;
    struct trace_call *calls;      /* the innermost is the last */
    struct trace_figures *figures; /* by export's number */
    uint32_t figures_count;
    struct trace_thread *next; /* of all that ever were, for the summary */
    uint32_t in_use;           /* atomic */
    bool busy;                 /* on its stack */
    struct trace_recent recent;
    char line[LONGEST_LINE];
    /* The tracer's own: the program may have little left of its, and must not see what was written there. */
    char stack[TRACE_STACK_SIZE] __attribute__((aligned(16)));
};

/* The calling thread's; NULL if it has none yet. */
extern __thread struct trace_thread *trace_thread_self __attribute__((visibility("hidden")));

/* Runs the function on that stack for the calling thread, unless it is what the thread is doing already.
 * errno stays as it was. */
void trace_thread_run(void (*function)(struct trace_thread *thread, void *argument), void *argument);

/* The calling thread ends: what is its own goes to the next that starts, figures included. */
void trace_thread_end(void);

/* The first of all. */
struct trace_thread *trace_thread_first(void);

/* The new innermost call; NULL where memory is short. */
struct trace_call *trace_thread_push(struct trace_thread *thread, struct trace_export *export,
                                     uintptr_t frame);

/* Fibers have stacks of their own, and the calls on them last while others run. */
static inline bool trace_is_on_this_stack(uintptr_t frame)
{
    const struct teb *teb = teb_current();
    return frame >= (uintptr_t)teb->Tib.StackLimit && frame < (uintptr_t)teb->Tib.StackBase;
}

/* Takes out the call at that frame, which is among the innermost. False if there is none. */
bool trace_thread_take(struct trace_thread *thread, uintptr_t frame, struct trace_call *call);

/* Takes out the innermost call if its frame is gone from the stack, which reaches down to `frame` now: an
 * exception or longjmp has left it. */
bool trace_thread_take_left(struct trace_thread *thread, uintptr_t frame, struct trace_call *call);

#endif
