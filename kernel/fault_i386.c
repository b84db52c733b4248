#include <signal.h>
#include <ucontext.h>
#include "kernel/fault_internal.h"

/* Behind Linux' image of the x87 state lies that of FXSAVE or XSAVE, where this is its `magic` field. */
#define LEGACY_SIZE 112
#define HAS_FXSAVE  0

/* The rest of the 512 bytes is Linux's. */
#define FXSAVE_USED 464

/* NULL where the processor has no SSE. */
uint8_t *fault_fxsave_image(const ucontext_t *host)
{
    uint8_t *legacy = (uint8_t *)host->uc_mcontext.fpregs;
    uint16_t magic;
    memcpy(&magic, legacy + LEGACY_SIZE - sizeof magic, sizeof magic);
    return magic == HAS_FXSAVE ? legacy + LEGACY_SIZE : NULL;
}

static void copy_registers(CONTEXT *context, const greg_t *registers)
{
    context->Eax = registers[REG_EAX];
    context->Ecx = registers[REG_ECX];
    context->Edx = registers[REG_EDX];
    context->Ebx = registers[REG_EBX];
    context->Esp = registers[REG_ESP];
    context->Ebp = registers[REG_EBP];
    context->Esi = registers[REG_ESI];
    context->Edi = registers[REG_EDI];
    context->Eip = registers[REG_EIP];
    context->EFlags = registers[REG_EFL];
    context->SegCs = registers[REG_CS];
    context->SegSs = registers[REG_SS];
    context->SegDs = registers[REG_DS];
    context->SegEs = registers[REG_ES];
    context->SegFs = registers[REG_FS];
    context->SegGs = registers[REG_GS];
}

static void copy_float(CONTEXT *context, const ucontext_t *host)
{
    const uint8_t *image = fault_fxsave_image(host);
    memcpy(&context->FloatSave, host->uc_mcontext.fpregs, offsetof(FLOATING_SAVE_AREA, Cr0NpxState));
    if (!image)
        return;
    memcpy(context->ExtendedRegisters, image, FXSAVE_USED);
    context->ContextFlags |= CONTEXT_EXTENDED_REGISTERS;
}

/* Linux code counts on flat data segments; Linux itself has set them for the signal handler only. And Linux
 * takes the x87 words from the older image. */
void fault_prepare_host(ucontext_t *host, bool masked)
{
    greg_t *registers = host->uc_mcontext.gregs;
    registers[REG_DS] = registers[REG_ES] = registers[REG_SS];
    if (!masked)
        return;
    host->uc_mcontext.fpregs->cw |= X87_MASK_ALL;
    host->uc_mcontext.fpregs->sw &= ~X87_EXCEPTIONS;
}

void fault_write_context(const ucontext_t *host, CONTEXT *context)
{
    memset(context, 0, sizeof *context);
    context->ContextFlags =
        CONTEXT_FULL | CONTEXT_SEGMENTS | CONTEXT_FLOATING_POINT | CONTEXT_DEBUG_REGISTERS;
    copy_registers(context, host->uc_mcontext.gregs);
    copy_float(context, host);
}
