#include "dlls/ntdll/context.h"
#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/vectored.h"
#include "kernel/teb.h"
#include "loader/trace/trace.h"

#define END_OF_CHAIN ((EXCEPTION_REGISTRATION_RECORD *)~(uintptr_t)0)

/* An exception inside a handler for an exception: up to the frame whose handler that was, handlers are told
 * so. Linux code has more use for an aligned stack than whoever may walk over the chain knows. */
__attribute__((force_align_arg_pointer)) static EXCEPTION_DISPOSITION
nested_exception(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher)
{
    const struct handler_call *call = frame;
    if (record->ExceptionFlags & EXCEPTION_UNWIND)
        return ExceptionContinueSearch;
    *(void **)dispatcher = call->frame;
    return ExceptionNestedException;
}

bool exception_call_frame_handlers(EXCEPTION_RECORD *record, CONTEXT *context)
{
    EXCEPTION_REGISTRATION_RECORD *frame = teb_current()->Tib.ExceptionList;
    void *nested_frame = NULL, *dispatcher = NULL;
    for (; frame != END_OF_CHAIN; frame = frame->Next) {
        if (!exception_is_on_stack((uintptr_t)frame)) {
            record->ExceptionFlags |= EXCEPTION_STACK_INVALID;
            return false;
        }
        EXCEPTION_DISPOSITION disposition = context_call_handler(
            record, frame, context, &dispatcher, (frame_handler)frame->Handler, nested_exception);
        if (frame == nested_frame) {
            record->ExceptionFlags &= ~EXCEPTION_NESTED_CALL;
            nested_frame = NULL;
        }
        switch (disposition) {
        case ExceptionContinueExecution:
            if (record->ExceptionFlags & EXCEPTION_NONCONTINUABLE)
                exception_raise_nested(STATUS_NONCONTINUABLE_EXCEPTION, record);
            return true;
        case ExceptionContinueSearch:
            break;
        case ExceptionNestedException:
            record->ExceptionFlags |= EXCEPTION_NESTED_CALL;
            nested_frame = max(nested_frame, dispatcher);
            break;
        default:
            exception_raise_nested(STATUS_INVALID_DISPOSITION, record);
        }
    }
    return false;
}

/* Unwinding */

/* An unwind inside a handler for an unwind: that one will not be resumed, and the frames that it has dealt
 * with are passed over. */
__attribute__((force_align_arg_pointer)) static EXCEPTION_DISPOSITION
collided_unwind(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher)
{
    const struct handler_call *call = frame;
    if (!(record->ExceptionFlags & EXCEPTION_UNWIND))
        return ExceptionContinueSearch;
    *(void **)dispatcher = call->frame;
    return ExceptionCollidedUnwind;
}

static void check_frame(const EXCEPTION_REGISTRATION_RECORD *frame, const void *target,
                        EXCEPTION_RECORD *record)
{
    if (target && (const void *)frame > target)
        exception_raise_nested(STATUS_INVALID_UNWIND_TARGET, record);
    if (!exception_is_on_stack((uintptr_t)frame))
        exception_raise_nested(STATUS_BAD_STACK, record);
}

/* Calls and removes the handlers in front of the target. */
static void unwind_chain(const void *target, EXCEPTION_RECORD *record, CONTEXT *context)
{
    EXCEPTION_REGISTRATION_RECORD *frame = teb_current()->Tib.ExceptionList;
    while (frame != END_OF_CHAIN && frame != target) {
        void *dispatcher = NULL;
        check_frame(frame, target, record);
        EXCEPTION_DISPOSITION disposition = context_call_handler(
            record, frame, context, &dispatcher, (frame_handler)frame->Handler, collided_unwind);
        if (disposition == ExceptionCollidedUnwind)
            frame = max(frame, (EXCEPTION_REGISTRATION_RECORD *)dispatcher);
        else if (disposition != ExceptionContinueSearch)
            exception_raise_nested(STATUS_INVALID_DISPOSITION, record);
        frame = frame->Next;
        teb_current()->Tib.ExceptionList = frame;
    }
}

/* RtlUnwind(frame, ip, record, value). It returns to its caller: on i386 the address that it is given has
 * never been used. */
void unwind_captured(CONTEXT *context, const uintptr_t *arguments)
{
    void *target = (void *)arguments[0];
    EXCEPTION_RECORD own_record = {
        .ExceptionCode = STATUS_UNWIND,
        .ExceptionAddress = (void *)context->Eip,
    };
    EXCEPTION_RECORD *record = arguments[2] ? (EXCEPTION_RECORD *)arguments[2] : &own_record;
    record->ExceptionFlags |= EXCEPTION_UNWINDING | (target ? 0 : EXCEPTION_EXIT_UNWIND);
    context->Eax = arguments[3];
    if (trace_is_on)
        trace_unwind((const void *)arguments[1]);
    unwind_chain(target, record, context);
    exception_resume(context);
}

/* Where exceptions come from */

void exception_raise_captured(EXCEPTION_RECORD *record, CONTEXT *context)
{
    context_capture_rest(context);
    record->ExceptionAddress = (void *)context->Eip;
    exception_raise(record, context);
}

/* RtlRaiseException(record) */
void exception_captured(CONTEXT *context, const uintptr_t *arguments)
{
    exception_raise_captured((EXCEPTION_RECORD *)arguments[0], context);
}

/* The result is in EAX, if the function returns and if it is resumed. */
bool exception_notify_captured(CONTEXT *context, const uintptr_t *arguments)
{
    EXCEPTION_RECORD *record = (EXCEPTION_RECORD *)arguments[0];
    record->ExceptionAddress = (void *)context->Eip;
    context->Eax = true;
    if (!vectored_call_exception_handlers(record, context))
        return false;
    vectored_call_continue_handlers(record, context);
    exception_resume(context);
}

/* Backtraces */

/* What a function has on the stack that keeps a frame pointer. */
struct stack_frame {
    uintptr_t next;
    void *return_address;
};

/* RtlCaptureStackBackTrace(skip, count, trace, hash): the chain of frame pointers, as far as it goes. */
WORD back_trace_captured(CONTEXT *context, const uintptr_t *arguments)
{
    DWORD skip = arguments[0], count = arguments[1], *hash = (DWORD *)arguments[3];
    void **trace = (void **)arguments[2], *address = (void *)context->Eip;
    uintptr_t frame = context->Ebp, above = context->Esp;
    DWORD captured = 0, sum = 0;
    for (DWORD i = 0; captured < count && address; i++) {
        if (i >= skip) {
            trace[captured++] = address;
            sum += (DWORD)(uintptr_t)address;
        }
        if (frame < above || !exception_is_on_stack(frame))
            break;
        address = ((const struct stack_frame *)frame)->return_address;
        above = frame + sizeof(struct stack_frame);
        frame = ((const struct stack_frame *)frame)->next;
    }
    if (hash)
        *hash = sum;
    return captured;
}
