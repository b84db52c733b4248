#include <signal.h>
#include <ucontext.h>
#include "kernel/fault_internal.h"
#include "kernel/suspend_context.h"

/* What code at user level may set. */
#define EFLAGS_OF_PROGRAMS 0x250dd5

/* Linux' numbers of the registers, in the order of CONTEXT's fields from RAX to RIP. */
static const uint8_t order[] = {
    REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8,
    REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
};

/* The part of an FXSAVE image that is not Linux's, without MxCsr_Mask, which is the processor's. */
static void write_float(uint8_t *image, const CONTEXT *context)
{
    const XMM_SAVE_AREA32 *from = &context->FltSave;
    const size_t registers = offsetof(XMM_SAVE_AREA32, FloatRegisters);
    memcpy(image, from, offsetof(XMM_SAVE_AREA32, MxCsr));
    memcpy(image + registers, from->FloatRegisters, sizeof from->FloatRegisters + sizeof from->XmmRegisters);
    uint32_t mxcsr = context->MxCsr & 0xffff;
    memcpy(image + offsetof(XMM_SAVE_AREA32, MxCsr), &mxcsr, sizeof mxcsr);
}

void suspend_write_registers(ucontext_t *host, const CONTEXT *context)
{
    greg_t *registers = host->uc_mcontext.gregs;
    for (unsigned i = 0; i < ARRAYSIZE(order); i++)
        registers[order[i]] = (&context->Rax)[i];
    registers[REG_EFL] = context->EFlags & EFLAGS_OF_PROGRAMS;
    write_float(fault_fxsave_image(host), context);
    suspend_note_components(host, LEGACY_COMPONENTS);
}

static bool has(DWORD flags, DWORD part)
{
    return (flags & part) == part;
}

void context_copy_parts(CONTEXT *to, const CONTEXT *from, DWORD flags)
{
    if (has(flags, CONTEXT_CONTROL)) {
        to->SegCs = from->SegCs;
        to->SegSs = from->SegSs;
        to->EFlags = from->EFlags;
        to->Rsp = from->Rsp;
        to->Rip = from->Rip;
    }
    if (has(flags, CONTEXT_INTEGER)) {
        uint64_t rsp = to->Rsp;
        memcpy(&to->Rax, &from->Rax, offsetof(CONTEXT, Rip) - offsetof(CONTEXT, Rax));
        to->Rsp = rsp;
    }
    if (has(flags, CONTEXT_SEGMENTS)) {
        to->SegDs = from->SegDs;
        to->SegEs = from->SegEs;
        to->SegFs = from->SegFs;
        to->SegGs = from->SegGs;
    }
    if (has(flags, CONTEXT_FLOATING_POINT)) {
        to->FltSave = from->FltSave;
        to->MxCsr = from->MxCsr;
    }
    if (has(flags, CONTEXT_DEBUG_REGISTERS))
        memcpy(&to->Dr0, &from->Dr0, offsetof(CONTEXT, Rax) - offsetof(CONTEXT, Dr0));
}
