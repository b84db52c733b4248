#include <signal.h>
#include <ucontext.h>
#include "kernel/fault_internal.h"

/* Linux code may keep data there, below the stack pointer. */
#define RED_ZONE 128

/* Where the header of an XSAVE area is, and where Linux says in the unused bytes before how long it is. */
#define XSAVE_HEADER   512
#define XSAVE_ALIGN    64
#define SOFTWARE_BYTES 464
#define HAS_XSAVE      0x46505853

#define EFLAGS_TRAP      0x100
#define EFLAGS_DIRECTION 0x400
#define EFLAGS_RESUME    0x10000
#define EFLAGS_ALIGNMENT 0x40000

#define X87_MASK_ALL   0x3f
#define X87_EXCEPTIONS 0x80ff
#define MXCSR_MASK_ALL 0x1f80

struct software_bytes {
    uint32_t magic;
    uint32_t extended_size;
    uint64_t features;
    uint32_t xsave_size;
};

struct fault_trap fault_trap_of(const ucontext_t *host, const siginfo_t *information)
{
    const greg_t *registers = host->uc_mcontext.gregs;
    return (struct fault_trap){
        .number = registers[REG_TRAPNO],
        .error_code = registers[REG_ERR],
        .address = (uintptr_t)information->si_addr,
    };
}

uintptr_t fault_stack_pointer(const ucontext_t *host)
{
    return host->uc_mcontext.gregs[REG_RSP];
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

/* How many bytes of the processor's state follow the part that is in every CONTEXT. */
static size_t extended_size(const ucontext_t *host)
{
    const struct software_bytes *software =
        (const void *)((const uint8_t *)host->uc_mcontext.fpregs + SOFTWARE_BYTES);
    return software->magic == HAS_XSAVE ? software->xsave_size - XSAVE_HEADER : 0;
}

static void write_extension(struct fault_frame *frame, uint8_t *state, size_t size, const ucontext_t *host)
{
    LONG before = -(LONG)offsetof(struct fault_frame, extension);
    frame->extension.legacy = (struct context_chunk){before, sizeof(CONTEXT)};
    frame->extension.all = frame->extension.legacy;
    frame->extension.xstate = (struct context_chunk){0};
    if (!size)
        return;
    memcpy(state, (const uint8_t *)host->uc_mcontext.fpregs + XSAVE_HEADER, size);
    frame->extension.xstate = (struct context_chunk){state - (uint8_t *)&frame->extension, size};
    frame->extension.all.length = state + size - (uint8_t *)frame;
    frame->context.ContextFlags |= CONTEXT_AMD64 | 0x40; /* CONTEXT_XSTATE */
}

struct fault_frame *fault_write_frame(const ucontext_t *host)
{
    const size_t frame_size = (sizeof(struct fault_frame) + XSAVE_ALIGN - 1) & ~(size_t)(XSAVE_ALIGN - 1);
    size_t size = extended_size(host);
    uintptr_t place =
        (fault_stack_pointer(host) - RED_ZONE - frame_size - size) & ~(uintptr_t)(XSAVE_ALIGN - 1);
    struct fault_frame *frame = (struct fault_frame *)place;
    CONTEXT *context = &frame->context;
    memset(context, 0, offsetof(CONTEXT, FltSave));
    memset(context->VectorRegister, 0, sizeof *context - offsetof(CONTEXT, VectorRegister));
    context->ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS;
    copy_registers(context, host->uc_mcontext.gregs);
    set_segments(context);
    memcpy(&context->FltSave, host->uc_mcontext.fpregs, SOFTWARE_BYTES);
    memset((uint8_t *)&context->FltSave + SOFTWARE_BYTES, 0, sizeof context->FltSave - SOFTWARE_BYTES);
    context->MxCsr = context->FltSave.MxCsr;
    write_extension(frame, (uint8_t *)frame + frame_size, size, host);
    return frame;
}

void fault_enter_dispatcher(ucontext_t *host, struct fault_frame *frame, void (*dispatcher)(void),
                            bool masked)
{
    greg_t *registers = host->uc_mcontext.gregs;
    registers[REG_RIP] = (greg_t)dispatcher;
    registers[REG_RSP] = (greg_t)frame;
    registers[REG_EFL] &= ~(EFLAGS_TRAP | EFLAGS_DIRECTION | EFLAGS_RESUME | EFLAGS_ALIGNMENT);
    if (masked) {
        host->uc_mcontext.fpregs->cwd |= X87_MASK_ALL;
        host->uc_mcontext.fpregs->swd &= ~X87_EXCEPTIONS;
        host->uc_mcontext.fpregs->mxcsr |= MXCSR_MASK_ALL;
    }
}
