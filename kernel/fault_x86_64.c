#include <signal.h>
#include <ucontext.h>
#include "kernel/fault_internal.h"

/* The rest of the 512 bytes is Linux's. */
#define FXSAVE_USED 464

uint8_t *fault_fxsave_image(const ucontext_t *host)
{
    return (uint8_t *)host->uc_mcontext.fpregs;
}

static void copy_registers(CONTEXT *context, const greg_t *registers)
{
    context->Rax = registers[REG_RAX];
    context->Rcx = registers[REG_RCX];
    context->Rdx = registers[REG_RDX];
    context->Rbx = registers[REG_RBX];
    context->Rsp = registers[REG_RSP];
    context->Rbp = registers[REG_RBP];
    context->Rsi = registers[REG_RSI];
    context->Rdi = registers[REG_RDI];
    context->R8 = registers[REG_R8];
    context->R9 = registers[REG_R9];
    context->R10 = registers[REG_R10];
    context->R11 = registers[REG_R11];
    context->R12 = registers[REG_R12];
    context->R13 = registers[REG_R13];
    context->R14 = registers[REG_R14];
    context->R15 = registers[REG_R15];
    context->Rip = registers[REG_RIP];
    context->EFlags = registers[REG_EFL];
}

/* Windows' selectors of 64-bit programs; Linux' code and stack selectors are the same numbers. */
static void set_segments(CONTEXT *context)
{
    context->SegCs = 0x33;
    context->SegSs = context->SegDs = context->SegEs = context->SegGs = 0x2b;
    context->SegFs = 0x53;
}

void fault_prepare_host(ucontext_t *host, bool masked) {}

void fault_write_context(const ucontext_t *host, CONTEXT *context)
{
    memset(context, 0, offsetof(CONTEXT, FltSave));
    memset(context->VectorRegister, 0, sizeof *context - offsetof(CONTEXT, VectorRegister));
    context->ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS | CONTEXT_DEBUG_REGISTERS;
    copy_registers(context, host->uc_mcontext.gregs);
    set_segments(context);
    memcpy(&context->FltSave, fault_fxsave_image(host), FXSAVE_USED);
    memset((uint8_t *)&context->FltSave + FXSAVE_USED, 0, sizeof context->FltSave - FXSAVE_USED);
    context->MxCsr = context->FltSave.MxCsr;
}
