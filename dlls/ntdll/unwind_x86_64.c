#include "dlls/ntdll/unwind.h"
#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/function_table.h"
#include "dlls/ntdll/unwind_elf.h"
#include "dlls/ntdll/unwind_pe.h"
#include "kernel/process.h"
#include "loader/trace/trace.h"

/* The frames of our own calls to language handlers */

static DISPATCHER_CONTEXT *dispatcher_of_call(const void *frame)
{
    return *(DISPATCHER_CONTEXT *const *)((const char *)frame + CALL_DISPATCHER);
}

/* An exception inside a handler for an exception: up to the frame whose handler that was, handlers are
 * told so. */
static GUEST_CDECL EXCEPTION_DISPOSITION nested_exception(EXCEPTION_RECORD *record, void *frame,
                                                          CONTEXT *context, DISPATCHER_CONTEXT *dispatcher)
{
    if (record->ExceptionFlags & EXCEPTION_UNWIND)
        return ExceptionContinueSearch;
    dispatcher->EstablisherFrame = dispatcher_of_call(frame)->EstablisherFrame;
    return ExceptionNestedException;
}

/* An exception or an unwind inside a handler for an unwind: that unwind will not be resumed, and the
 * frames that it has dealt with are passed over. */
static GUEST_CDECL EXCEPTION_DISPOSITION collided_unwind(EXCEPTION_RECORD *record, void *frame,
                                                         CONTEXT *context, DISPATCHER_CONTEXT *dispatcher)
{
    uint64_t target = dispatcher->TargetIp;
    *dispatcher = *dispatcher_of_call(frame);
    dispatcher->TargetIp = target;
    return ExceptionCollidedUnwind;
}

static PEXCEPTION_ROUTINE handler_of_call(uint64_t pc, const void *frame, void **handler_data)
{
    if (pc == (uint64_t)context_call_guarded_return) {
        *handler_data = *(void *const *)((const char *)frame + GUARD_DATA);
        return *(const PEXCEPTION_ROUTINE *)((const char *)frame + GUARD_HANDLER);
    }
    if (pc == (uint64_t)context_call_exception_handler_return)
        return (PEXCEPTION_ROUTINE)nested_exception;
    if (pc == (uint64_t)context_call_unwind_handler_return)
        return (PEXCEPTION_ROUTINE)collided_unwind;
    return NULL;
}

/* One frame */

/* The thread's stack ends at the Linux frame that has switched to it from another one. */
static void unwind_linux_frame(uint64_t pc, CONTEXT *context, KNONVOLATILE_CONTEXT_POINTERS *pointers)
{
    bool was_on_stack = exception_is_on_stack(context->Rsp);
    unwind_elf_frame(pc, context, pointers);
    if (was_on_stack && !exception_is_on_stack(context->Rsp))
        context->Rip = 0;
}

PEXCEPTION_ROUTINE RtlVirtualUnwind(DWORD handler_type, DWORD64 image_base, DWORD64 pc,
                                    PRUNTIME_FUNCTION function, PCONTEXT context, PVOID *handler_data,
                                    PDWORD64 establisher_frame, PKNONVOLATILE_CONTEXT_POINTERS pointers)
{
    if (function != function_table_elf)
        return unwind_pe_frame(handler_type, image_base, pc, function, context, handler_data,
                               (uint64_t *)establisher_frame, pointers);
    *establisher_frame = context->Rsp;
    unwind_linux_frame(pc, context, pointers);
    return handler_type ? handler_of_call(pc, (const void *)*establisher_frame, handler_data) : NULL;
}

static void unwind_leaf(CONTEXT *context)
{
    context->Rip = *(const uint64_t *)context->Rsp;
    context->Rsp += 8;
}

language_handler unwind_step(DWORD handler_type, CONTEXT *context, DISPATCHER_CONTEXT *dispatcher)
{
    dispatcher->ControlPc = context->Rip;
    dispatcher->ScopeIndex = 0;
    dispatcher->FunctionEntry =
        RtlLookupFunctionEntry(context->Rip, &dispatcher->ImageBase, dispatcher->HistoryTable);
    dispatcher->LanguageHandler = NULL;
    if (dispatcher->FunctionEntry) {
        dispatcher->LanguageHandler = RtlVirtualUnwind(
            handler_type, dispatcher->ImageBase, dispatcher->ControlPc, dispatcher->FunctionEntry, context,
            &dispatcher->HandlerData, &dispatcher->EstablisherFrame, NULL);
    } else {
        dispatcher->EstablisherFrame = context->Rsp;
        unwind_leaf(context);
    }
    return (language_handler)dispatcher->LanguageHandler;
}

language_handler unwind_resume_collided(DISPATCHER_CONTEXT *dispatcher, CONTEXT *caller)
{
    void *handler_data;
    DWORD64 establisher_frame;
    unwind_copy_context(caller, dispatcher->ContextRecord);
    RtlVirtualUnwind(UNW_FLAG_NHANDLER, dispatcher->ImageBase, dispatcher->ControlPc,
                     dispatcher->FunctionEntry, caller, &handler_data, &establisher_frame, NULL);
    return (language_handler)dispatcher->LanguageHandler;
}

/* Unwinding to a frame */

struct unwind {
    uint64_t target_frame; /* 0: all frames */
    EXCEPTION_RECORD *record;
    CONTEXT *frame, *caller; /* the frame that is dealt with, and the one that called it */
    DISPATCHER_CONTEXT dispatcher;
};

static bool is_target(const struct unwind *unwind)
{
    return unwind->target_frame && unwind->dispatcher.FunctionEntry &&
           unwind->dispatcher.EstablisherFrame == unwind->target_frame;
}

static _Noreturn void raise_bad_stack(struct unwind *unwind)
{
    exception_raise_nested(STATUS_BAD_STACK, unwind->record);
}

/* Without a target the unwind ends with the stack, and with it the process. */
static language_handler step_to_caller(struct unwind *unwind)
{
    if (!unwind->frame->Rip && !unwind->target_frame)
        exception_unhandled(unwind->record, unwind->frame);
    if (!unwind->frame->Rip || !exception_is_on_stack(unwind->frame->Rsp))
        raise_bad_stack(unwind);
    unwind_copy_context(unwind->caller, unwind->frame);
    language_handler handler = unwind_step(UNW_FLAG_UHANDLER, unwind->caller, &unwind->dispatcher);
    uint64_t frame = unwind->dispatcher.EstablisherFrame;
    if (!exception_is_on_stack(frame) || (unwind->target_frame && frame > unwind->target_frame))
        raise_bad_stack(unwind);
    return handler;
}

/* The handlers of one frame: one, unless that of an overtaken unwind is found and takes its place. */
static void call_unwind_handlers(struct unwind *unwind, language_handler handler)
{
    EXCEPTION_RECORD *record = unwind->record;
    DISPATCHER_CONTEXT *dispatcher = &unwind->dispatcher;
    while (handler) {
        if (is_target(unwind))
            record->ExceptionFlags |= EXCEPTION_TARGET_UNWIND;
        dispatcher->ContextRecord = unwind->frame;
        EXCEPTION_DISPOSITION disposition = context_call_unwind_handler(
            record, (void *)dispatcher->EstablisherFrame, unwind->frame, dispatcher, handler);
        record->ExceptionFlags &= ~(EXCEPTION_TARGET_UNWIND | EXCEPTION_COLLIDED_UNWIND);
        if (disposition == ExceptionContinueSearch)
            return;
        if (disposition != ExceptionCollidedUnwind)
            exception_raise_nested(STATUS_INVALID_DISPOSITION, record);
        unwind_copy_context(unwind->frame, dispatcher->ContextRecord);
        handler = unwind_resume_collided(dispatcher, unwind->caller);
        record->ExceptionFlags |= EXCEPTION_COLLIDED_UNWIND;
    }
}

/* `context` is that of the frame to begin with, and may be used up. */
static _Noreturn void unwind_frames(void *target_frame, void *target_ip, EXCEPTION_RECORD *record,
                                    void *return_value, CONTEXT *context)
{
    CONTEXT other;
    EXCEPTION_RECORD own_record = {
        .ExceptionCode = STATUS_UNWIND,
        .ExceptionAddress = (void *)context->Rip,
    };
    struct unwind unwind = {
        .target_frame = (uint64_t)target_frame,
        .record = record ? record : &own_record,
        .frame = context,
        .caller = &other,
        .dispatcher = {.TargetIp = (uint64_t)target_ip},
    };
    unwind.record->ExceptionFlags |= EXCEPTION_UNWINDING | (target_frame ? 0 : EXCEPTION_EXIT_UNWIND);
    if (trace_is_on)
        trace_unwind(target_ip);
    for (;;) {
        call_unwind_handlers(&unwind, step_to_caller(&unwind));
        if (is_target(&unwind))
            break;
        CONTEXT *caller = unwind.caller;
        unwind.caller = unwind.frame;
        unwind.frame = caller;
    }
    unwind.frame->Rax = (uint64_t)return_value;
    if (unwind.record->ExceptionCode != (DWORD)STATUS_UNWIND_CONSOLIDATE)
        unwind.frame->Rip = (uint64_t)target_ip;
    RtlRestoreContext(unwind.frame, unwind.record);
    __builtin_unreachable();
}

/* Their arguments are in the context that context_capture_and_call has captured, where either convention
 * puts them. RtlUnwindEx's ContextRecord is scratch memory that is not needed, its HistoryTable a cache. */
void unwind_captured_by_windows(CONTEXT *context)
{
    unwind_frames((void *)context->Rcx, (void *)context->Rdx, (EXCEPTION_RECORD *)context->R8,
                  (void *)context->R9, context);
}

void unwind_captured_by_linux(CONTEXT *context)
{
    unwind_frames((void *)context->Rdi, (void *)context->Rsi, (EXCEPTION_RECORD *)context->Rdx,
                  (void *)context->Rcx, context);
}

/* Backtraces */

static WORD capture_back_trace(DWORD skip, DWORD count, void **trace, DWORD *hash, CONTEXT *context)
{
    DISPATCHER_CONTEXT dispatcher = {0};
    DWORD sum = 0, captured = 0;
    for (DWORD i = 0; captured < count && context->Rip && exception_is_on_stack(context->Rsp); i++) {
        if (i >= skip) {
            trace[captured++] = (void *)context->Rip;
            sum += (DWORD)context->Rip;
        }
        unwind_step(UNW_FLAG_NHANDLER, context, &dispatcher);
    }
    if (hash)
        *hash = sum;
    return captured;
}

WORD back_trace_captured_by_windows(CONTEXT *context)
{
    return capture_back_trace(context->Rcx, context->Rdx, (void **)context->R8, (DWORD *)context->R9,
                              context);
}

WORD back_trace_captured_by_linux(CONTEXT *context)
{
    return capture_back_trace(context->Rdi, context->Rsi, (void **)context->Rdx, (DWORD *)context->Rcx,
                              context);
}
