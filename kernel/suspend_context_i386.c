#include <signal.h>
#include <ucontext.h>
#include "kernel/fault_internal.h"
#include "kernel/suspend_context.h"

/* What code at user level may set. */
#define EFLAGS_OF_PROGRAMS 0x250dd5

/* The rest of the 512 bytes is Linux's. */
#define FXSAVE_USED 464

/* Linux takes the x87 state from its own image, and the rest from that of FXSAVE. */
static void write_float(ucontext_t *host, const CONTEXT *context)
{
    uint8_t *image = fault_fxsave_image(host);
    memcpy(host->uc_mcontext.fpregs, &context->FloatSave, offsetof(FLOATING_SAVE_AREA, Cr0NpxState));
    if (!image)
        return;
    memcpy(image, context->ExtendedRegisters, FXSAVE_USED);
    suspend_note_components(host, LEGACY_COMPONENTS);
}

void suspend_write_registers(ucontext_t *host, const CONTEXT *context)
{
    greg_t *registers = host->uc_mcontext.gregs;
    registers[REG_EAX] = context->Eax;
    registers[REG_ECX] = context->Ecx;
    registers[REG_EDX] = context->Edx;
    registers[REG_EBX] = context->Ebx;
    registers[REG_ESP] = context->Esp;
    registers[REG_EBP] = context->Ebp;
    registers[REG_ESI] = context->Esi;
    registers[REG_EDI] = context->Edi;
    registers[REG_EIP] = context->Eip;
    registers[REG_EFL] = context->EFlags & EFLAGS_OF_PROGRAMS;
    write_float(host, context);
}

static bool has(DWORD flags, DWORD part)
{
    return (flags & part) == part;
}

void context_copy_parts(CONTEXT *to, const CONTEXT *from, DWORD flags)
{
    if (has(flags, CONTEXT_CONTROL)) {
        to->Ebp = from->Ebp;
        to->Eip = from->Eip;
        to->SegCs = from->SegCs;
        to->EFlags = from->EFlags;
        to->Esp = from->Esp;
        to->SegSs = from->SegSs;
    }
    if (has(flags, CONTEXT_INTEGER))
        memcpy(&to->Edi, &from->Edi, offsetof(CONTEXT, Ebp) - offsetof(CONTEXT, Edi));
    if (has(flags, CONTEXT_SEGMENTS))
        memcpy(&to->SegGs, &from->SegGs, offsetof(CONTEXT, Edi) - offsetof(CONTEXT, SegGs));
    if (has(flags, CONTEXT_FLOATING_POINT))
        to->FloatSave = from->FloatSave;
    if (has(flags, CONTEXT_EXTENDED_REGISTERS))
        memcpy(to->ExtendedRegisters, from->ExtendedRegisters, sizeof to->ExtendedRegisters);
    if (has(flags, CONTEXT_DEBUG_REGISTERS))
        memcpy(&to->Dr0, &from->Dr0, offsetof(CONTEXT, FloatSave) - offsetof(CONTEXT, Dr0));
}
