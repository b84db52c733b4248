/* What becomes of an exception in one frame of a C++ function.
 *
 * A function's body and each of its handlers are parts, with frames of their own: a handler is called by the
 * runtime, and an exception that leaves it comes through the handler's frame, the runtime's, and then the
 * body's. Each part looks only after its own states. The body of a function whose handler is running is in
 * the state that is around the try block, wherever its code stopped. */
#ifndef MSVCRT_CXX_FRAME_H
#define MSVCRT_CXX_FRAME_H

#include "dlls/msvcrt/cxx_tables.h"

struct cxx_part {
    const struct cxx_function *function;
    void *frame; /* the part's */
    char *base;  /* the function's: what tables have offsets from */
    int bottom;  /* this and lower states are not the part's */
    int state;
    void *keeper; /* for cxx_keep_state: x86-64 the DISPATCHER_CONTEXT */
};

/* Looks for a handler. If there is one it is entered, and this does not return. */
void cxx_search(struct cxx_part *part, EXCEPTION_RECORD *record, CONTEXT *context);

/* Leaves the states above `state`. */
void cxx_leave_states(struct cxx_part *part, int state);

/* True if the function has to do with an exception of this kind, or with the unwinding for it. */
bool cxx_concerns(const struct cxx_function *function, const EXCEPTION_RECORD *record);

/* Handlers */

/* An exception on its way to a handler. */
struct cxx_catch {
    struct cxx_part part;
    struct cxx_try try_block;
    struct cxx_handler handler;
    EXCEPTION_RECORD *record;
    CONTEXT *context;
};

/* A handler that is running; on the stack of the runtime's frame, in the thread's list, innermost first. */
struct cxx_active {
    struct cxx_active *outer;
    const struct cxx_catch *caught;
    void *frame;       /* of the part that the try block is in */
    int outer_state;   /* around the try block */
    bool left;         /* by an exception, which has not come to the part's frame yet */
    void *saved_stack; /* i386: the part's own, for its handlers */
};

void cxx_begin_catch(struct cxx_active *active, const struct cxx_catch *caught);

/* Its code is done: ends the exception. */
void cxx_end_catch(struct cxx_active *active);

/* The same for a handler that is not called by the runtime. */
void cxx_hold_exception(struct cxx_active *active, const struct cxx_catch *caught);
void cxx_let_go(struct cxx_active *active, bool ends);

/* An exception leaves it: ends its own exception, unless it is the same. */
void cxx_leave_catch(struct cxx_active *active, const EXCEPTION_RECORD *record);

/* The running handler of a try block in that part; NULL if there is none. */
struct cxx_active *cxx_active_of(const void *frame);

/* The part has taken notice that handlers of its were left. */
void cxx_forget_left(const void *frame);

/* The innermost exception that is being handled; NULL if there is none. */
const struct cxx_catch *cxx_current_catch(void);

/* By architecture */

_Noreturn void cxx_enter_catch(struct cxx_catch *caught);

/* Remembers that a part is in `part->state`, should its unwinding be interrupted. */
void cxx_keep_state(struct cxx_part *part);

/* Calls code of a function that works in the function's frame. */
uintptr_t cxx_call_funclet(void *code, char *base);

/* The unwind record of a catch is for this exception; NULL if it is none of ours. */
const struct cxx_catch *cxx_catch_of_unwind(const EXCEPTION_RECORD *record);

#endif
