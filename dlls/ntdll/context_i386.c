#include "dlls/ntdll/context.h"
#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/extended_state.h"
#include "kernel/suspend.h"

_Static_assert(offsetof(CONTEXT, Eip) == CONTEXT_EIP, "");
_Static_assert(offsetof(CONTEXT, ExtendedRegisters) == CONTEXT_EXTENDED, "");

/* FXRSTOR wants its image aligned to 16. */
struct aligned_context {
    uint8_t unused[16 - CONTEXT_EXTENDED % 16];
    CONTEXT context;
};

void exception_resume(CONTEXT *context)
{
    _Alignas(16) struct aligned_context copy;
    const struct context_extension *extension = extended_state_of(context);
    copy.context = *context;
    suspend_checkpoint();
    if (!extension)
        context_resume(&copy.context, NULL, 0);
    uint8_t *area =
        __builtin_alloca_with_align(extended_state_area_size(extension), EXTENDED_STATE_ALIGNMENT * CHAR_BIT);
    uint64_t components = extended_state_lay_out(area, context->ExtendedRegisters, extension);
    context_resume(&copy.context, area, components);
}

/* Replaces in `context` what `changes` says it holds. */
static void merge(CONTEXT *context, const CONTEXT *changes)
{
    DWORD has = changes->ContextFlags;
    if ((has & CONTEXT_CONTROL) == CONTEXT_CONTROL) {
        context->Ebp = changes->Ebp;
        context->Eip = changes->Eip;
        context->Esp = changes->Esp;
        context->EFlags = changes->EFlags;
    }
    if ((has & CONTEXT_INTEGER) == CONTEXT_INTEGER)
        memcpy(&context->Edi, &changes->Edi, offsetof(CONTEXT, Ebp) - offsetof(CONTEXT, Edi));
    if ((has & CONTEXT_FLOATING_POINT) == CONTEXT_FLOATING_POINT)
        context->FloatSave = changes->FloatSave;
    if ((has & CONTEXT_EXTENDED_REGISTERS) == CONTEXT_EXTENDED_REGISTERS)
        memcpy(context->ExtendedRegisters, changes->ExtendedRegisters, sizeof context->ExtendedRegisters);
    context->ContextFlags |= has & (CONTEXT_FLOATING_POINT | CONTEXT_EXTENDED_REGISTERS);
}

static bool is_complete(const CONTEXT *context)
{
    DWORD needed = CONTEXT_CONTROL | CONTEXT_INTEGER;
    return (context->ContextFlags & needed) == needed;
}

/* NtContinue(context, alertable). What the context does not hold stays as the caller has it. */
NTSTATUS continue_captured(CONTEXT *caller, const uintptr_t *arguments)
{
    CONTEXT *context = (CONTEXT *)arguments[0];
    if (is_complete(context))
        exception_resume(context);
    merge(caller, context);
    exception_resume(caller);
}
