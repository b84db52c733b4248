#include "dlls/ntdll/context.h"
#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/extended_state.h"
#include "kernel/apc.h"
#include "kernel/thread.h"
#include "kernel/suspend.h"

_Static_assert(offsetof(CONTEXT, Eip) == CONTEXT_EIP, "");
_Static_assert(offsetof(CONTEXT, ExtendedRegisters) == CONTEXT_EXTENDED, "");

/* FXRSTOR wants its image aligned to 16. The area behind the context is aligned to 64. */
struct resumption {
    uint8_t unused[16 - CONTEXT_EXTENDED % 16];
    CONTEXT context;
    _Alignas(EXTENDED_STATE_ALIGNMENT) uint8_t area[];
};

void exception_resume(CONTEXT *context)
{
    const struct context_extension *extension = extended_state_of(context);
    size_t size = extension ? extended_state_area_size(extension) : 0;
    struct resumption *copy = (struct resumption *)fault_scratch;
    if (sizeof *copy + size > FAULT_SCRATCH_SIZE)
        copy = __builtin_alloca_with_align(sizeof *copy + size, EXTENDED_STATE_ALIGNMENT * CHAR_BIT);
    suspend_checkpoint_before_resuming();
    copy->context = *context;
    if (!extension)
        context_resume(&copy->context, NULL, 0);
    uint64_t components = extended_state_lay_out(copy->area, context->ExtendedRegisters, extension);
    context_resume(&copy->context, copy->area, components);
}

/* FNSAVE leaves the unit as FNINIT does. */
void context_capture_rest(CONTEXT *context)
{
    _Alignas(16) uint8_t image[sizeof context->ExtendedRegisters];
    __asm__ volatile("fnsave %0\n\tfrstor %0" : "+m"(context->FloatSave));
    __asm__ volatile("fxsave %0" : "=m"(image));
    memcpy(context->ExtendedRegisters, image, sizeof image);
    memset(&context->Dr0, 0, offsetof(CONTEXT, FloatSave) - offsetof(CONTEXT, Dr0));
    context->ContextFlags |= CONTEXT_FLOATING_POINT | CONTEXT_EXTENDED_REGISTERS | CONTEXT_DEBUG_REGISTERS;
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

/* NtContinue(context, alertable) */
NTSTATUS continue_captured(CONTEXT *caller, const uintptr_t *arguments)
{
    return continue_at((CONTEXT *)arguments[0], caller, (BOOLEAN)arguments[1]);
}

/* NtContinueEx(context, argument) */
NTSTATUS continue_ex_captured(CONTEXT *caller, const uintptr_t *arguments)
{
    return continue_at((CONTEXT *)arguments[0], caller, context_continues_alertably(arguments[1]));
}
