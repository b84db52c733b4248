/* What a fault leaves on the thread's stack for the dispatcher. */
#include <signal.h>
#include <ucontext.h>
#include "kernel/fault_internal.h"

/* The signal's image of the processor's state is an XSAVE area: 512 bytes that FXSAVE would write, whose last
 * ones Linux has filled with its own words about what follows them. */
#define FXSAVE_SIZE    512
#define SOFTWARE_BYTES 464
#define HAS_XSAVE      0x46505853
#define XSAVE_ALIGN    64

struct software_bytes {
    uint32_t magic;
    uint32_t extended_size;
    uint64_t features;
    uint32_t xsave_size;
};

#define X87_CONTROL_OFFSET 0
#define X87_STATUS_OFFSET  2
#define MXCSR_OFFSET       24
#define MXCSR_MASK_ALL     0x1f80

#define EFLAGS_TRAP      0x100
#define EFLAGS_DIRECTION 0x400
#define EFLAGS_RESUME    0x10000

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
    return host->uc_mcontext.gregs[REGISTER_SP];
}

struct extended_state *fault_extended_image(const ucontext_t *host)
{
    uint8_t *image = fault_fxsave_image(host);
    struct software_bytes software;
    if (!image)
        return NULL;
    memcpy(&software, image + SOFTWARE_BYTES, sizeof software);
    bool is_enough =
        software.magic == HAS_XSAVE && software.xsave_size >= FXSAVE_SIZE + sizeof(struct extended_state);
    return is_enough ? (struct extended_state *)(image + FXSAVE_SIZE) : NULL;
}

static uint64_t hidden_components(const struct extended_state *image)
{
    static bool components_known;
    if (!__atomic_load_n(&components_known, __ATOMIC_ACQUIRE)) {
        extended_state_find_components();
        __atomic_store_n(&components_known, true, __ATOMIC_RELEASE);
    }
    return image->present & ~(uint64_t)(LEGACY_COMPONENTS | VISIBLE_COMPONENTS);
}

static size_t size_in_frame(const struct extended_state *image)
{
    if (!image)
        return 0;
    return sizeof *image + sizeof(struct hidden_state) + extended_state_hidden_size(hidden_components(image));
}

static void write_extended_state(struct extended_state *state, const struct extended_state *image)
{
    const uint8_t *area = (const uint8_t *)image - FXSAVE_SIZE;
    struct hidden_state *hidden = (struct hidden_state *)(state + 1);
    uint8_t *packed = hidden->components;
    *state = *image;
    state->present &= VISIBLE_COMPONENTS;
    state->compaction = extended_state_compaction(VISIBLE_COMPONENTS);
    hidden->present = hidden_components(image);
    for (uint64_t left = hidden->present; left; left &= left - 1) {
        struct state_component component =
            extended_state_components[__builtin_ctzll(left) % MAXIMUM_COMPONENTS];
        packed = (uint8_t *)memcpy(packed, area + component.offset, component.size) + component.size;
    }
}

static void write_extension(struct fault_frame *frame, uint8_t *state, size_t size,
                            const struct extended_state *image)
{
    LONG before = -(LONG)offsetof(struct fault_frame, extension);
    frame->extension.legacy = (struct context_chunk){before, sizeof(CONTEXT)};
    frame->extension.all = frame->extension.legacy;
    frame->extension.xstate = (struct context_chunk){0};
    if (!image)
        return;
    write_extended_state((struct extended_state *)state, image);
    frame->extension.xstate = (struct context_chunk){state - (uint8_t *)&frame->extension, size};
    frame->extension.all.length = state + size - (uint8_t *)frame;
    frame->context.ContextFlags |= CONTEXT_EXTENDED_STATE;
}

struct fault_frame *fault_write_frame(const ucontext_t *host)
{
    const size_t frame_size = (sizeof(struct fault_frame) + XSAVE_ALIGN - 1) & ~(size_t)(XSAVE_ALIGN - 1);
    const struct extended_state *image = fault_extended_image(host);
    size_t size = size_in_frame(image);
    uintptr_t place =
        (fault_stack_pointer(host) - RED_ZONE - frame_size - size) & ~(uintptr_t)(XSAVE_ALIGN - 1);
    struct fault_frame *frame = (struct fault_frame *)place;
    fault_write_context(host, &frame->context);
    write_extension(frame, (uint8_t *)frame + frame_size, size, image);
    return frame;
}

static void mask_float_exceptions(uint8_t *image)
{
    uint16_t control, status;
    uint32_t mxcsr;
    memcpy(&control, image + X87_CONTROL_OFFSET, sizeof control);
    memcpy(&status, image + X87_STATUS_OFFSET, sizeof status);
    memcpy(&mxcsr, image + MXCSR_OFFSET, sizeof mxcsr);
    control |= X87_MASK_ALL;
    status &= ~X87_EXCEPTIONS;
    mxcsr |= MXCSR_MASK_ALL;
    memcpy(image + X87_CONTROL_OFFSET, &control, sizeof control);
    memcpy(image + X87_STATUS_OFFSET, &status, sizeof status);
    memcpy(image + MXCSR_OFFSET, &mxcsr, sizeof mxcsr);
}

void fault_enter_dispatcher(ucontext_t *host, struct fault_frame *frame, void (*dispatcher)(void),
                            bool masked)
{
    greg_t *registers = host->uc_mcontext.gregs;
    registers[REGISTER_PC] = (greg_t)dispatcher;
    registers[REGISTER_SP] = (greg_t)frame;
    registers[REG_EFL] &= ~(EFLAGS_TRAP | EFLAGS_DIRECTION | EFLAGS_RESUME | EFLAGS_ALIGNMENT);
    fault_prepare_host(host, masked);
    uint8_t *image = fault_fxsave_image(host);
    if (masked && image)
        mask_float_exceptions(image);
}
