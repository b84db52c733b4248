#include <signal.h>
#include <ucontext.h>
#include "kernel/fault_internal.h"

/* Behind Linux' image of the x87 state lies that of FXSAVE or XSAVE, where this is its `magic` field. */
#define LEGACY_SIZE 112
#define FXSAVE_SIZE 512
#define HAS_FXSAVE  0
#define XSAVE_ALIGN 64

/* In the unused bytes of the FXSAVE image Linux says how long the rest is. */
#define SOFTWARE_BYTES 464
#define HAS_XSAVE      0x46505853

#define EFLAGS_TRAP      0x100
#define EFLAGS_DIRECTION 0x400
#define EFLAGS_RESUME    0x10000
#define EFLAGS_ALIGNMENT 0x40000

#define X87_MASK_ALL   0x3f
#define X87_EXCEPTIONS 0x80ff
#define MXCSR_OFFSET   24
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
    return host->uc_mcontext.gregs[REG_ESP];
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

/* NULL where the processor has no SSE. */
static uint8_t *fxsave_image(const ucontext_t *host)
{
    uint8_t *legacy = (uint8_t *)host->uc_mcontext.fpregs;
    uint16_t magic;
    memcpy(&magic, legacy + LEGACY_SIZE - sizeof magic, sizeof magic);
    return magic == HAS_FXSAVE ? legacy + LEGACY_SIZE : NULL;
}

/* How many bytes of the processor's state follow the part that is in every CONTEXT. */
static size_t extended_size(const ucontext_t *host)
{
    struct software_bytes software;
    const uint8_t *image = fxsave_image(host);
    if (!image)
        return 0;
    memcpy(&software, image + SOFTWARE_BYTES, sizeof software);
    return software.magic == HAS_XSAVE ? software.xsave_size - FXSAVE_SIZE : 0;
}

static void copy_float(CONTEXT *context, const ucontext_t *host)
{
    const uint8_t *image = fxsave_image(host);
    memcpy(&context->FloatSave, host->uc_mcontext.fpregs, offsetof(FLOATING_SAVE_AREA, Cr0NpxState));
    if (!image)
        return;
    memcpy(context->ExtendedRegisters, image, SOFTWARE_BYTES);
    context->ContextFlags |= CONTEXT_EXTENDED_REGISTERS;
}

static void write_extension(struct fault_frame *frame, uint8_t *state, size_t size, const ucontext_t *host)
{
    LONG before = -(LONG)offsetof(struct fault_frame, extension);
    frame->extension.legacy = (struct context_chunk){before, sizeof(CONTEXT)};
    frame->extension.all = frame->extension.legacy;
    frame->extension.xstate = (struct context_chunk){0};
    if (!size)
        return;
    memcpy(state, fxsave_image(host) + FXSAVE_SIZE, size);
    frame->extension.xstate = (struct context_chunk){state - (uint8_t *)&frame->extension, size};
    frame->extension.all.length = state + size - (uint8_t *)frame;
    frame->context.ContextFlags |= CONTEXT_i386 | 0x40; /* CONTEXT_XSTATE */
}

struct fault_frame *fault_write_frame(const ucontext_t *host)
{
    const size_t frame_size = (sizeof(struct fault_frame) + XSAVE_ALIGN - 1) & ~(size_t)(XSAVE_ALIGN - 1);
    size_t size = extended_size(host);
    uintptr_t place = (fault_stack_pointer(host) - frame_size - size) & ~(uintptr_t)(XSAVE_ALIGN - 1);
    struct fault_frame *frame = (struct fault_frame *)place;
    CONTEXT *context = &frame->context;
    memset(context, 0, sizeof *context);
    context->ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS | CONTEXT_FLOATING_POINT;
    copy_registers(context, host->uc_mcontext.gregs);
    copy_float(context, host);
    write_extension(frame, (uint8_t *)frame + frame_size, size, host);
    return frame;
}

static void mask_float_exceptions(const ucontext_t *host)
{
    uint8_t *image = fxsave_image(host);
    host->uc_mcontext.fpregs->cw |= X87_MASK_ALL;
    host->uc_mcontext.fpregs->sw &= ~X87_EXCEPTIONS;
    if (!image)
        return;
    uint32_t mxcsr;
    memcpy(&mxcsr, image + MXCSR_OFFSET, sizeof mxcsr);
    mxcsr |= MXCSR_MASK_ALL;
    memcpy(image + MXCSR_OFFSET, &mxcsr, sizeof mxcsr);
}

void fault_enter_dispatcher(ucontext_t *host, struct fault_frame *frame, void (*dispatcher)(void),
                            bool masked)
{
    greg_t *registers = host->uc_mcontext.gregs;
    registers[REG_EIP] = (greg_t)dispatcher;
    registers[REG_ESP] = (greg_t)frame;
    registers[REG_EFL] &= ~(EFLAGS_TRAP | EFLAGS_DIRECTION | EFLAGS_RESUME | EFLAGS_ALIGNMENT);
    if (masked)
        mask_float_exceptions(host);
}
