#include <signal.h>
#include <ucontext.h>
#include "kernel/fault_instruction.h"
#include "kernel/fault_internal.h"

#define EFLAGS_TRAP 0x100

/* Software interrupts that Windows gives a meaning. */
#define INTERRUPT_FAST_FAIL        0x29
#define INTERRUPT_ASSERTION_FAILED 0x2c
#define INTERRUPT_DEBUG_SERVICE    0x2d

#ifdef __x86_64__
#define PC Rip
#else
#define PC Eip
#endif

enum access {
    ACCESS_READ = 0,
    ACCESS_WRITE = 1,
    ACCESS_EXECUTE = 8,
};

/* An access violation whose address the processor does not tell. */
#define UNKNOWN_ADDRESS (~(ULONG_PTR)0)

static void add_parameter(EXCEPTION_RECORD *record, ULONG_PTR value)
{
    record->ExceptionInformation[record->NumberParameters++] = value;
}

static void describe_page_fault(const struct fault_trap *trap, EXCEPTION_RECORD *record)
{
    record->ExceptionCode = trap->memory_fault;
    add_parameter(record, trap->error_code & PAGE_FAULT_FETCH   ? ACCESS_EXECUTE
                          : trap->error_code & PAGE_FAULT_WRITE ? ACCESS_WRITE
                                                                : ACCESS_READ);
    add_parameter(record, trap->address);
    if (trap->memory_fault == STATUS_IN_PAGE_ERROR)
        add_parameter(record, (ULONG)STATUS_END_OF_FILE);
}

/* The context is behind the instruction, the address of the exception one byte further: a debugger resumes
 * there, for whom compilers put a byte that is skipped. */
static void describe_debug_service(EXCEPTION_RECORD *record, CONTEXT *context)
{
    record->ExceptionCode = STATUS_BREAKPOINT;
#ifdef __x86_64__
    add_parameter(record, context->Rax);
#else
    add_parameter(record, context->Eax);
#endif
    context->PC += 2;
    record->ExceptionAddress = (void *)(context->PC + 1);
}

/* The processor does not say more than that the instruction was not allowed. */
static void describe_protection_fault(EXCEPTION_RECORD *record, CONTEXT *context)
{
    switch (instruction_interrupt(context)) {
    case INTERRUPT_FAST_FAIL:
        record->ExceptionCode = STATUS_STACK_BUFFER_OVERRUN;
        record->ExceptionFlags = EXCEPTION_NONCONTINUABLE;
#ifdef __x86_64__
        add_parameter(record, (DWORD)context->Rcx);
#else
        add_parameter(record, context->Ecx);
#endif
        return;
    case INTERRUPT_ASSERTION_FAILED:
        record->ExceptionCode = STATUS_ASSERTION_FAILURE;
        return;
    case INTERRUPT_DEBUG_SERVICE:
        describe_debug_service(record, context);
        return;
    }
    if (instruction_is_too_long(context)) {
        record->ExceptionCode = STATUS_ILLEGAL_INSTRUCTION;
        return;
    }
    if (instruction_is_privileged(context)) {
        record->ExceptionCode = STATUS_PRIVILEGED_INSTRUCTION;
        return;
    }
    record->ExceptionCode = STATUS_ACCESS_VIOLATION;
    add_parameter(record, ACCESS_READ);
    add_parameter(record, UNKNOWN_ADDRESS);
}

/* Exception bits have the same order in the x87 status word and in MXCSR, and so have the masks. */
static NTSTATUS float_status(unsigned raised, bool stack_fault)
{
    if (raised & 0x01)
        return stack_fault ? STATUS_FLOAT_STACK_CHECK : STATUS_FLOAT_INVALID_OPERATION;
    if (raised & 0x04)
        return STATUS_FLOAT_DIVIDE_BY_ZERO;
    if (raised & 0x02)
        return STATUS_FLOAT_DENORMAL_OPERAND;
    if (raised & 0x08)
        return STATUS_FLOAT_OVERFLOW;
    if (raised & 0x10)
        return STATUS_FLOAT_UNDERFLOW;
    return STATUS_FLOAT_INEXACT_RESULT;
}

static void describe_x87_fault(EXCEPTION_RECORD *record, const CONTEXT *context)
{
#ifdef __x86_64__
    unsigned status = context->FltSave.StatusWord, control = context->FltSave.ControlWord;
#else
    unsigned status = context->FloatSave.StatusWord, control = context->FloatSave.ControlWord;
#endif
    record->ExceptionCode = float_status(status & ~control & 0x3f, status & 0x40);
    add_parameter(record, 0);
#ifdef __i386__
    /* The unit reports at the next instruction that waits for it. */
    record->ExceptionAddress = (void *)context->FloatSave.ErrorOffset;
#endif
}

static void describe_simd_fault(EXCEPTION_RECORD *record, const CONTEXT *context)
{
#ifdef __x86_64__
    unsigned mxcsr = context->MxCsr;
    record->ExceptionCode = float_status(mxcsr & ~(mxcsr >> 7) & 0x3f, false);
#else
    unsigned mxcsr;
    memcpy(&mxcsr, context->ExtendedRegisters + 24, sizeof mxcsr);
    /* Since one instruction may have several causes, 32-bit Windows leaves it to the program to find out. */
    record->ExceptionCode =
        mxcsr & ~(mxcsr >> 7) & 0x07 ? STATUS_FLOAT_MULTIPLE_TRAPS : STATUS_FLOAT_MULTIPLE_FAULTS;
#endif
    add_parameter(record, 0);
    add_parameter(record, mxcsr);
}

void fault_describe(const struct fault_trap *trap, EXCEPTION_RECORD *record, CONTEXT *context)
{
    *record = (EXCEPTION_RECORD){0};
    switch (trap->number) {
    case TRAP_PAGE_FAULT:
        describe_page_fault(trap, record);
        break;
    case TRAP_DIVIDE_ERROR:
        record->ExceptionCode =
            instruction_divides_by_zero(context) ? STATUS_INTEGER_DIVIDE_BY_ZERO : STATUS_INTEGER_OVERFLOW;
        break;
    case TRAP_DEBUG:
        record->ExceptionCode = STATUS_SINGLE_STEP;
        context->EFlags &= ~EFLAGS_TRAP;
        break;
    case TRAP_BREAKPOINT_INSTRUCTION:
        record->ExceptionCode = STATUS_BREAKPOINT;
        add_parameter(record, 0);
        context->PC--; /* Windows shows the breakpoint itself, the processor stops behind it. */
        break;
    case TRAP_OVERFLOW:
        record->ExceptionCode = STATUS_INTEGER_OVERFLOW;
        break;
    case TRAP_BOUND_RANGE:
        record->ExceptionCode = STATUS_ARRAY_BOUNDS_EXCEEDED;
        break;
    case TRAP_INVALID_OPCODE:
        record->ExceptionCode = STATUS_ILLEGAL_INSTRUCTION;
        break;
    case TRAP_X87:
        describe_x87_fault(record, context);
        break;
    case TRAP_SIMD:
        describe_simd_fault(record, context);
        break;
    case TRAP_ALIGNMENT:
        record->ExceptionCode = STATUS_DATATYPE_MISALIGNMENT;
        context->EFlags &= ~EFLAGS_ALIGNMENT; /* Whoever continues gets beyond it. */
        break;
    default:
        describe_protection_fault(record, context);
        break;
    }
    if (!record->ExceptionAddress)
        record->ExceptionAddress = (void *)context->PC;
}
