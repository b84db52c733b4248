#include "dlls/ntdll/context.h"
#include "dlls/ntdll/exception.h"

#define HAS_EXTENSION     (CONTEXT_i386 | 0x40) /* CONTEXT_XSTATE: a struct context_extension follows */
#define LEGACY_SIZE       512
#define HEADER_SIZE       64
#define MAXIMUM_EXTENSION 0x4000 /* far above what any processor has */

_Static_assert(offsetof(CONTEXT, Eip) == CONTEXT_EIP, "");
_Static_assert(offsetof(CONTEXT, ExtendedRegisters) == CONTEXT_EXTENDED, "");

/* FXRSTOR wants its image aligned to 16. */
struct aligned_context {
    uint8_t unused[16 - CONTEXT_EXTENDED % 16];
    CONTEXT context;
};

static uint64_t extended_components(void)
{
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t)high << 32 | low) & ~3ull;
}

/* A CONTEXT's extension is an XSAVE area without its first 512 bytes; the instruction wants it whole. */
static _Noreturn void resume_extended(const CONTEXT *context, const struct context_extension *extension)
{
    uint8_t *area = __builtin_alloca_with_align(LEGACY_SIZE + extension->xstate.length, 64 * CHAR_BIT);
    const uint8_t *header = (const uint8_t *)extension + extension->xstate.offset;
    uint64_t components = extended_components(), present;
    memcpy(area, context->ExtendedRegisters, LEGACY_SIZE);
    memcpy(area + LEGACY_SIZE, header, extension->xstate.length);
    memcpy(&present, header, sizeof present);
    present &= components;
    memcpy(area + LEGACY_SIZE, &present, sizeof present);
    memset(area + LEGACY_SIZE + 2 * sizeof(uint64_t), 0, HEADER_SIZE - 2 * sizeof(uint64_t));
    context_resume(context, area, components);
}

void exception_resume(CONTEXT *context)
{
    _Alignas(16) struct aligned_context copy;
    const struct context_extension *extension = (const void *)(context + 1);
    copy.context = *context;
    if ((context->ContextFlags & HAS_EXTENSION) == HAS_EXTENSION && extension->xstate.length >= HEADER_SIZE &&
        extension->xstate.length <= MAXIMUM_EXTENSION)
        resume_extended(&copy.context, extension);
    context_resume(&copy.context, NULL, 0);
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
