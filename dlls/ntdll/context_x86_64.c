#include "dlls/ntdll/context.h"
#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/extended_context.h"
#include "dlls/ntdll/extended_state.h"
#include "kernel/apc.h"
#include "kernel/thread.h"
#include "kernel/suspend.h"

_Static_assert(offsetof(CONTEXT, Rip) == CONTEXT_RIP, "");
_Static_assert(offsetof(CONTEXT, FltSave) == CONTEXT_FLOAT, "");
_Static_assert(offsetof(CONTEXT, Xmm6) == CONTEXT_XMM6, "");

/* Resuming */

void exception_resume(CONTEXT *context)
{
    const struct context_extension *extension = extended_state_of(context);
    suspend_checkpoint_before_resuming();
    if (!extension)
        context_resume(context, NULL, 0);
    size_t size = extended_state_area_size(extension);
    uint8_t *area = fault_scratch;
    if (size > FAULT_SCRATCH_SIZE)
        area = __builtin_alloca_with_align(size, EXTENDED_STATE_ALIGNMENT * CHAR_BIT);
    uint64_t components = extended_state_lay_out(area, &context->FltSave, extension);
    memcpy(area + offsetof(XSAVE_FORMAT, MxCsr), &context->MxCsr, sizeof context->MxCsr);
    context_resume(context, area, components);
}

/* Replaces in `context` what `changes` says it holds. */
static void merge(CONTEXT *context, const CONTEXT *changes)
{
    DWORD has = changes->ContextFlags;
    if ((has & CONTEXT_CONTROL) == CONTEXT_CONTROL) {
        context->Rip = changes->Rip;
        context->Rsp = changes->Rsp;
        context->EFlags = changes->EFlags;
    }
    if ((has & CONTEXT_INTEGER) == CONTEXT_INTEGER) {
        uint64_t rsp = context->Rsp;
        memcpy(&context->Rax, &changes->Rax, offsetof(CONTEXT, Rip) - offsetof(CONTEXT, Rax));
        context->Rsp = rsp;
    }
    if ((has & CONTEXT_FLOATING_POINT) == CONTEXT_FLOATING_POINT) {
        context->FltSave = changes->FltSave;
        context->MxCsr = changes->MxCsr;
    }
}

static bool is_complete(const CONTEXT *context)
{
    DWORD needed = CONTEXT_CONTROL | CONTEXT_INTEGER;
    return (context->ContextFlags & needed) == needed;
}

/* What the context does not hold stays as the caller has it. */
static NTSTATUS continue_at(CONTEXT *context, CONTEXT *caller, bool alertable)
{
    if (alertable)
        apc_deliver(thread_current());
    if (is_complete(context))
        exception_resume(context);
    merge(caller, context);
    exception_resume(caller);
}

NTSTATUS continue_captured_by_windows(CONTEXT *caller)
{
    return continue_at((CONTEXT *)caller->Rcx, caller, (BOOLEAN)caller->Rdx);
}

NTSTATUS continue_captured_by_linux(CONTEXT *caller)
{
    return continue_at((CONTEXT *)caller->Rdi, caller, (BOOLEAN)caller->Rsi);
}

NTSTATUS continue_ex_captured_by_windows(CONTEXT *caller)
{
    return continue_at((CONTEXT *)caller->Rcx, caller, context_continues_alertably(caller->Rdx));
}

/* RtlCaptureContext2 */

/* As large as XSAVE makes it that saves no component behind YMM. */
struct saved_state {
    uint8_t legacy[512];
    struct extended_state state;
};

/* The rest of what the context's flags ask for is in the caller's already. XSAVE goes first, since the C
 * library's functions use YMM registers. */
void capture_captured_by_windows(CONTEXT *caller)
{
    _Alignas(EXTENDED_STATE_ALIGNMENT) struct saved_state saved;
    CONTEXT *context = (CONTEXT *)caller->Rcx;
    const struct context_extension *extension = extended_state_of(context);
    if (extension)
        __asm__ volatile("xsave %0" : "=m"(saved) : "a"(VISIBLE_COMPONENTS), "d"(0));
    RtlCopyContext(context, context->ContextFlags & ~(CONTEXT_EXTENDED_STATE & ~CONTEXT_AMD64), caller);
    if (!extension)
        return;
    struct extended_state *state = (struct extended_state *)((char *)extension + extension->xstate.offset);
    state->present = saved.state.present & VISIBLE_COMPONENTS;
    if (extension->xstate.length >= sizeof *state)
        memcpy(state->ymm_high, saved.state.ymm_high, sizeof state->ymm_high);
}

/* RtlRestoreContext */

/* What setjmp saves, in the layout that compilers know. */
struct jump_buffer {
    uint64_t Frame, Rbx, Rsp, Rbp, Rsi, Rdi, R12, R13, R14, R15, Rip;
    uint32_t MxCsr;
    uint16_t FpCsr, Spare;
    M128A Xmm[10];
};

static void apply_jump_buffer(CONTEXT *context, const struct jump_buffer *buffer)
{
    context->Rbx = buffer->Rbx;
    context->Rsp = buffer->Rsp;
    context->Rbp = buffer->Rbp;
    context->Rsi = buffer->Rsi;
    context->Rdi = buffer->Rdi;
    context->R12 = buffer->R12;
    context->R13 = buffer->R13;
    context->R14 = buffer->R14;
    context->R15 = buffer->R15;
    context->Rip = buffer->Rip;
    context->MxCsr = buffer->MxCsr;
    context->FltSave.MxCsr = buffer->MxCsr;
    context->FltSave.ControlWord = buffer->FpCsr;
    memcpy(&context->Xmm6, buffer->Xmm, sizeof buffer->Xmm);
}

VOID RtlRestoreContext(PCONTEXT context, struct _EXCEPTION_RECORD *record)
{
    if (record && record->NumberParameters >= 1) {
        if (record->ExceptionCode == (DWORD)STATUS_LONGJUMP)
            apply_jump_buffer(context, (const struct jump_buffer *)record->ExceptionInformation[0]);
        if (record->ExceptionCode == (DWORD)STATUS_UNWIND_CONSOLIDATE)
            context_consolidate(context, record, record->ExceptionInformation[0]);
    }
    exception_resume(context);
}
