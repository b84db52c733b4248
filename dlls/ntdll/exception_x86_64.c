#include "dlls/ntdll/context.h"
#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/unwind.h"
#include "dlls/ntdll/vectored.h"

/* The frames' handlers of one dispatch. Up to `nested_frame` they are told that an exception happened in
 * a handler for an exception. */
struct dispatch {
    EXCEPTION_RECORD *record;
    CONTEXT *context; /* where it happened: what handlers may change */
    CONTEXT walked;   /* the caller of the frame that is asked */
    DISPATCHER_CONTEXT dispatcher;
    uint64_t nested_frame;
};

static bool is_frame_valid(struct dispatch *dispatch, uint64_t frame)
{
    if (exception_is_on_stack(frame))
        return true;
    dispatch->record->ExceptionFlags |= EXCEPTION_STACK_INVALID;
    return false;
}

static void note_nested_exception(struct dispatch *dispatch)
{
    dispatch->record->ExceptionFlags |= EXCEPTION_NESTED_CALL;
    dispatch->nested_frame = max(dispatch->nested_frame, dispatch->dispatcher.EstablisherFrame);
}

static EXCEPTION_DISPOSITION call_handler(struct dispatch *dispatch, language_handler handler)
{
    EXCEPTION_RECORD *record = dispatch->record;
    uint64_t frame = dispatch->dispatcher.EstablisherFrame;
    EXCEPTION_DISPOSITION disposition = context_call_exception_handler(
        record, (void *)frame, dispatch->context, &dispatch->dispatcher, handler);
    if (frame == dispatch->nested_frame) {
        record->ExceptionFlags &= ~EXCEPTION_NESTED_CALL;
        dispatch->nested_frame = 0;
    }
    return disposition;
}

/* True if the context is to be resumed. */
static bool call_handlers_of_frame(struct dispatch *dispatch, language_handler handler)
{
    EXCEPTION_RECORD *record = dispatch->record;
    while (handler) {
        dispatch->dispatcher.ContextRecord = &dispatch->walked;
        switch (call_handler(dispatch, handler)) {
        case ExceptionContinueExecution:
            if (record->ExceptionFlags & EXCEPTION_NONCONTINUABLE)
                exception_raise_nested(STATUS_NONCONTINUABLE_EXCEPTION, record);
            return true;
        case ExceptionContinueSearch:
            return false;
        case ExceptionNestedException:
            note_nested_exception(dispatch);
            return false;
        case ExceptionCollidedUnwind:
            handler = unwind_resume_collided(&dispatch->dispatcher, &dispatch->walked);
            break;
        default:
            exception_raise_nested(STATUS_INVALID_DISPOSITION, record);
        }
    }
    return false;
}

bool exception_call_frame_handlers(EXCEPTION_RECORD *record, CONTEXT *context)
{
    struct dispatch dispatch;
    dispatch.record = record;
    dispatch.context = context;
    dispatch.nested_frame = 0;
    memset(&dispatch.dispatcher, 0, sizeof dispatch.dispatcher);
    unwind_copy_context(&dispatch.walked, context);
    while (dispatch.walked.Rip) {
        if (!is_frame_valid(&dispatch, dispatch.walked.Rsp))
            return false;
        language_handler handler = unwind_step(UNW_FLAG_EHANDLER, &dispatch.walked, &dispatch.dispatcher);
        if (!is_frame_valid(&dispatch, dispatch.dispatcher.EstablisherFrame))
            return false;
        if (call_handlers_of_frame(&dispatch, handler))
            return true;
    }
    /* Every thread begins in Linux code, which says that nobody has called it. Any other end is a stack that
     * only its owner understands. */
    if (!dispatch.dispatcher.FunctionEntry)
        record->ExceptionFlags |= EXCEPTION_STACK_INVALID;
    return false;
}

/* Where exceptions come from */

void exception_raise_captured(EXCEPTION_RECORD *record, CONTEXT *context)
{
    record->ExceptionAddress = (void *)context->Rip;
    exception_raise(record, context);
}

/* These find their arguments in the context that context_capture_and_call has captured. */
void exception_captured_by_windows(CONTEXT *context)
{
    exception_raise_captured((EXCEPTION_RECORD *)context->Rcx, context);
}

void exception_captured_by_linux(CONTEXT *context)
{
    exception_raise_captured((EXCEPTION_RECORD *)context->Rdi, context);
}

/* The result is in RAX, if the function returns and if it is resumed. */
bool exception_notify_captured(CONTEXT *context)
{
    EXCEPTION_RECORD *record = (EXCEPTION_RECORD *)context->Rdi;
    record->ExceptionAddress = (void *)context->Rip;
    context->Rax = true;
    if (!vectored_call_exception_handlers(record, context))
        return false;
    vectored_call_continue_handlers(record, context);
    exception_resume(context);
}
