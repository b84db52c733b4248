/* The frame handlers of C++ functions on i386, where a function keeps its state in its registration. */
#include "dlls/msvcrt/cxx_frame.h"
#include "dlls/msvcrt/guard_i386.h"

/* What a function has in the chain of handlers. Its EBP points behind it. */
struct cxx_registration {
    void *stack; /* the function's stack pointer */
    struct registration registration;
    int state;
};

static struct cxx_registration *registration_of(const char *base)
{
    return (struct cxx_registration *)(base - sizeof(struct cxx_registration));
}

void cxx_keep_state(struct cxx_part *part)
{
    registration_of(part->base)->state = part->state;
}

/* The unwinding for a catch has the exception's own record. */
const struct cxx_catch *cxx_catch_of_unwind(const EXCEPTION_RECORD *record)
{
    return NULL;
}

static EXCEPTION_DISPOSITION handle(struct cxx_part *part, EXCEPTION_RECORD *record, CONTEXT *context)
{
    const struct cxx_active *active = cxx_active_of(part->frame);
    if (!cxx_concerns(part->function, record))
        return ExceptionContinueSearch;
    if (active)
        part->state = active->outer_state;
    if (record->ExceptionFlags & EXCEPTION_UNWIND)
        cxx_leave_states(part, part->bottom);
    else
        cxx_search(part, record, context);
    return ExceptionContinueSearch;
}

/* Handlers */

/* The part's registration is that of the call of its code. */
static GUARD_HANDLER_FUNCTION EXCEPTION_DISPOSITION catch_handler(EXCEPTION_RECORD *record, void *frame,
                                                                  CONTEXT *context, void *dispatcher)
{
    struct cxx_active *active = guard_data(frame, dispatcher);
    struct cxx_registration *registration = registration_of(active->caught->part.base);
    struct cxx_part part = active->caught->part;
    part.frame = frame;
    part.bottom = active->caught->try_block.high;
    part.state = registration->state;
    handle(&part, record, context);
    if (record->ExceptionFlags & EXCEPTION_UNWIND) {
        cxx_leave_catch(active, record);
        registration->state = active->outer_state;
        registration->stack = active->saved_stack;
    }
    return ExceptionContinueSearch;
}

static uintptr_t call_handler(void *argument)
{
    const struct cxx_catch *caught = argument;
    return cxx_call_funclet(caught->handler.code, caught->part.base);
}

/* Leaves the frames between, whose handlers take the part's registration for the end. */
static void unwind_to(struct cxx_part *part, EXCEPTION_RECORD *record, int state)
{
    RtlUnwind(part->frame, NULL, record, NULL);
    record->ExceptionFlags &= ~EXCEPTION_UNWINDING;
    part->state = registration_of(part->base)->state;
    cxx_leave_states(part, state);
}

void cxx_enter_catch(struct cxx_catch *caught)
{
    struct cxx_part *part = &caught->part;
    struct cxx_registration *registration = registration_of(part->base);
    struct cxx_active active;
    unwind_to(part, caught->record, caught->try_block.low);
    cxx_begin_catch(&active, caught);
    active.saved_stack = registration->stack;
    registration->state = caught->try_block.high + 1;
    uintptr_t code = guard_call(catch_handler, &active, call_handler, caught);
    cxx_end_catch(&active);
    registration->stack = active.saved_stack;
    cxx_continue((void *)code, part->base, registration->stack, part->frame);
}

/* Frames */

static void make_part(struct cxx_part *part, struct cxx_function *function, const void *tables,
                      struct registration *frame)
{
    struct cxx_registration *registration = CONTAINING_RECORD(frame, struct cxx_registration, registration);
    cxx_read_tables(function, tables, 0);
    *part = (struct cxx_part){
        .function = function,
        .frame = frame,
        .base = (char *)(registration + 1),
        .bottom = CXX_NO_STATE,
        .state = registration->state,
    };
}

/* crt_cxx_frame_handler with the tables, which a function's own piece of code puts into EAX. */
__attribute__((used)) EXCEPTION_DISPOSITION cxx_frame_handler(const void *tables, EXCEPTION_RECORD *record,
                                                              struct registration *frame, CONTEXT *context)
{
    struct cxx_function function;
    struct cxx_part part;
    make_part(&part, &function, tables, frame);
    return handle(&part, record, context);
}

/* What a jump buffer that setjmp filled in within a C++ function begins with, from its registration on. */
struct jump_buffer {
    uint32_t ebp, ebx, edi, esi, esp, eip;
    struct registration *frame;
    int state;
    uint32_t cookie;
    void *unwind;
    const void *tables;
};

/* longjmp calls it, for the function that has called setjmp. */
__attribute__((force_align_arg_pointer)) void GUEST_STDCALL crt_cxx_longjmp_unwind(struct jump_buffer *buffer)
{
    struct cxx_function function;
    struct cxx_part part;
    make_part(&part, &function, buffer->tables, buffer->frame);
    cxx_leave_states(&part, buffer->state);
}
