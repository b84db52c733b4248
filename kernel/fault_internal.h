/* What fault.c and the files of each architecture share. They include signal.h and ucontext.h first. */
#ifndef KERNEL_FAULT_INTERNAL_H
#define KERNEL_FAULT_INTERNAL_H

#include "kernel/fault.h"

/* The processor's exceptions by vector. */
enum trap {
    TRAP_DIVIDE_ERROR = 0,
    TRAP_DEBUG = 1,
    TRAP_BREAKPOINT_INSTRUCTION = 3,
    TRAP_OVERFLOW = 4,
    TRAP_BOUND_RANGE = 5,
    TRAP_INVALID_OPCODE = 6,
    TRAP_GENERAL_PROTECTION = 13,
    TRAP_PAGE_FAULT = 14,
    TRAP_X87 = 16,
    TRAP_ALIGNMENT = 17,
    TRAP_SIMD = 19,
};

/* Bits of a page fault's error code. */
#define PAGE_FAULT_WRITE 0x02
#define PAGE_FAULT_FETCH 0x10

#define EFLAGS_ALIGNMENT 0x40000

#define X87_MASK_ALL   0x3f   /* in the control word */
#define X87_EXCEPTIONS 0x80ff /* in the status word */

struct fault_trap {
    unsigned number;
    unsigned error_code;
    uintptr_t address;     /* of the access, for page faults */
    NTSTATUS memory_fault; /* what vm_fault says of a page fault */
};

#ifdef __x86_64__
#define REGISTER_SP REG_RSP
#define REGISTER_PC REG_RIP
#define RED_ZONE    128 /* Linux code may keep data there, below the stack pointer. */
#else
#define REGISTER_SP REG_ESP
#define REGISTER_PC REG_EIP
#define RED_ZONE    0
#endif

/* Each architecture */

/* What FXSAVE and XSAVE would write; NULL where the processor lacks them. */
uint8_t *fault_fxsave_image(const ucontext_t *host);
void fault_write_context(const ucontext_t *host, CONTEXT *context);

/* The signal handler will return to the dispatcher: what else that needs of the registers, `masked` as below.
 */
void fault_prepare_host(ucontext_t *host, bool masked);

/* Fault_frame.c */

struct fault_trap fault_trap_of(const ucontext_t *host, const siginfo_t *information);
uintptr_t fault_stack_pointer(const ucontext_t *host);

/* The state that follows the part which is in every CONTEXT, in the signal's own XSAVE area; NULL where there
 * is none for YMM. */
struct extended_state *fault_extended_image(const ucontext_t *host);

/* Takes the frame's place from the stack and fills in the context and its extension. */
struct fault_frame *fault_write_frame(const ucontext_t *host);

/* Has the signal handler return to the dispatcher. With `masked`, floating-point exceptions that are pending
 * do not happen again. */
void fault_enter_dispatcher(ucontext_t *host, struct fault_frame *frame, void (*dispatcher)(void),
                            bool masked);

/* Fault_record.c: fills in the record, and corrects what Windows shows differently in the context */

void fault_describe(const struct fault_trap *trap, EXCEPTION_RECORD *record, CONTEXT *context);

#endif
