/* What becomes of instructions that the processor, or Windows, does not let a program execute: each is put
 * into executable memory and called. */
#include "check.h"
#include <string.h>

#ifdef _WIN64
#define PC Rip
#define SP Rsp
#else
#define PC Eip
#define SP Esp
#endif

static unsigned char *code;
static EXCEPTION_RECORD seen;
static CONTEXT seen_context;
static int count;
static ULONG_PTR return_address, stack_pointer;

/* Returns from the code, whatever it has done to the stack. */
static LONG CALLBACK leave_code(EXCEPTION_POINTERS *pointers)
{
    CONTEXT *context = pointers->ContextRecord;

    if (!count++) {
        seen = *pointers->ExceptionRecord;
        seen_context = *context;
    }
    context->PC = return_address;
    context->SP = stack_pointer;
    context->EFlags &= ~0x40500;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void call_code(void)
{
#ifdef _WIN64
    __asm__ volatile("push %%rbp\n\tpush %%rbx\n\tsub $0x28, %%rsp\n\tlea 1f(%%rip), %%rax\n\tmov %%rax, "
                     "%0\n\tmov %%rsp, %1\n\t"
                     "mov $0x1111, %%eax\n\tmov $0x2222, %%ecx\n\tmov $0x3333, %%edx\n\tcall *%2\n1:\tadd "
                     "$0x28, %%rsp\n\tpop %%rbx\n\tpop %%rbp\n\tcld"
                     : "=m"(return_address), "=m"(stack_pointer)
                     : "m"(code)
                     : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                       "r15", "memory", "cc");
#else
    __asm__ volatile("push %%ebp\n\tpush %%ebx\n\tmovl $1f, %0\n\tmov %%esp, %1\n\t"
                     "mov $0x1111, %%eax\n\tmov $0x2222, %%ecx\n\tmov $0x3333, %%edx\n\tcall *%2\n1:\tpop "
                     "%%ebx\n\tpop %%ebp\n\tcld"
                     : "=m"(return_address), "=m"(stack_pointer)
                     : "m"(code)
                     : "eax", "ecx", "edx", "esi", "edi", "memory", "cc");
#endif
}

/* The instruction that faults is `offset` bytes into the code. */
static void run_code(const void *bytes, size_t size)
{
    memset(&seen, 0, sizeof seen);
    memset(&seen_context, 0, sizeof seen_context);
    memset(code, 0x90, 64);
    memcpy(code, bytes, size);
    code[size] = code[63] = 0xC3;
    count = 0;
    call_code();
}

#define EXECUTE(...)                           \
    do {                                       \
        unsigned char bytes[] = {__VA_ARGS__}; \
        run_code(bytes, sizeof bytes);         \
    } while (0)

#define CHECK_FAULT(status, offset)                                     \
    do {                                                                \
        CHECK_EQ(count, 1);                                             \
        CHECK_EQ(seen.ExceptionCode, (DWORD)(status));                  \
        CHECK_PTR(seen.ExceptionAddress, (ULONG_PTR)(code + (offset))); \
        CHECK_PTR(seen_context.PC, (ULONG_PTR)(code + (offset)));       \
    } while (0)

/* Privileged ones */

#define CHECK_PRIVILEGED(...)                       \
    do {                                            \
        EXECUTE(__VA_ARGS__);                       \
        CHECK_FAULT(EXCEPTION_PRIV_INSTRUCTION, 0); \
        CHECK_EQ(seen.NumberParameters, 0);         \
    } while (0)

TEST(privileged_instructions)
{
    CHECK_PRIVILEGED(0xF4);             /* hlt */
    CHECK_PRIVILEGED(0xFA);             /* cli */
    CHECK_PRIVILEGED(0xFB);             /* sti */
    CHECK_PRIVILEGED(0xE4, 0x11);       /* in $0x11, %al */
    CHECK_PRIVILEGED(0xE5, 0x11);       /* in $0x11, %eax */
    CHECK_PRIVILEGED(0xE6, 0x11);       /* out %al, $0x11 */
    CHECK_PRIVILEGED(0xE7, 0x11);       /* out %eax, $0x11 */
    CHECK_PRIVILEGED(0xEC);             /* in %dx, %al */
    CHECK_PRIVILEGED(0xED);             /* in %dx, %eax */
    CHECK_PRIVILEGED(0xEE);             /* out %al, %dx */
    CHECK_PRIVILEGED(0xEF);             /* out %eax, %dx */
    CHECK_PRIVILEGED(0x6C);             /* insb */
    CHECK_PRIVILEGED(0x6D);             /* insl */
    CHECK_PRIVILEGED(0x6E);             /* outsb */
    CHECK_PRIVILEGED(0x6F);             /* outsl */
    CHECK_PRIVILEGED(0x0F, 0x20, 0xC0); /* mov %cr0, %eax */
    CHECK_PRIVILEGED(0x0F, 0x22, 0xE0); /* mov %eax, %cr4 */
    CHECK_PRIVILEGED(0x0F, 0x21, 0xF8); /* mov %dr7, %eax */
    CHECK_PRIVILEGED(0x0F, 0x23, 0xC0); /* mov %eax, %dr0 */
    CHECK_PRIVILEGED(0x0F, 0x06);       /* clts */
    CHECK_PRIVILEGED(0x0F, 0x09);       /* wbinvd */
}

/* A hypervisor may answer some of these; if not, they are no instructions. The machine must survive. */
TEST(instructions_of_hypervisors)
{
    static const unsigned char last_bytes[] = {0xC1, 0xC2, 0xC3, 0xC4, 0xD9};

    for (unsigned i = 0; i < sizeof last_bytes; i++) {
        EXECUTE(0x0F, 0x01, last_bytes[i]);
        if (count)
            CHECK_FAULT(EXCEPTION_ILLEGAL_INSTRUCTION, 0);
    }
}

TEST(what_is_no_instruction)
{
    EXECUTE(0x0F, 0x0B); /* ud2 */
    CHECK_FAULT(EXCEPTION_ILLEGAL_INSTRUCTION, 0);
    CHECK_EQ(seen.NumberParameters, 0);
    EXECUTE(0xF0, 0x90); /* lock nop */
    CHECK_FAULT(EXCEPTION_ILLEGAL_INSTRUCTION, 0);
    EXECUTE(0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0xFA);
    CHECK_FAULT(EXCEPTION_PRIV_INSTRUCTION, 0);
    EXECUTE(0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0x64, 0xFA);
    CHECK_FAULT(EXCEPTION_ILLEGAL_INSTRUCTION, 0);
#ifdef _WIN64
    EXECUTE(0xCE); /* into */
    CHECK_FAULT(EXCEPTION_ILLEGAL_INSTRUCTION, 0);
#endif
}

/* Interrupts */

TEST(breakpoints)
{
    EXECUTE(0x90, 0xCC);
    CHECK_FAULT(EXCEPTION_BREAKPOINT, 1);
    CHECK_EQ(seen.NumberParameters, 1);
    CHECK_PTR(seen.ExceptionInformation[0], 0);
    /* The long form looks to the processor like the short one. */
    EXECUTE(0x90, 0xCD, 0x03);
    CHECK_FAULT(EXCEPTION_BREAKPOINT, 2);
}

TEST(a_debug_service)
{
    EXECUTE(0xCD, 0x2D, 0x90, 0x90);
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_BREAKPOINT);
    CHECK_PTR(seen_context.PC, (ULONG_PTR)(code + 2));
    CHECK_PTR(seen.ExceptionAddress, (ULONG_PTR)(code + 3));
    CHECK(seen.NumberParameters >= 1);
    CHECK_PTR(seen.ExceptionInformation[0], 0x1111);
}

TEST(other_interrupts)
{
    EXECUTE(0xCD, 0x2C);
    CHECK_FAULT(STATUS_ASSERTION_FAILURE, 0);
    EXECUTE(0xCD, 0x04);
    CHECK_FAULT(EXCEPTION_INT_OVERFLOW, 2);
    EXECUTE(0xCD, 0xFF);
    CHECK_FAULT(EXCEPTION_ACCESS_VIOLATION, 0);
    CHECK_EQ(seen.NumberParameters, 2);
    CHECK_PTR(seen.ExceptionInformation[0], 0);
    CHECK_PTR(seen.ExceptionInformation[1], ~(ULONG_PTR)0);
    EXECUTE(0xF1, 0x90);
    CHECK_FAULT(EXCEPTION_SINGLE_STEP, 1);
}

/* Flags and segments */

TEST(misaligned_data)
{
    /* pushf; pop %eax; or $0x40000, %eax; push %eax; popf; mov -15(%esp), %eax */
    EXECUTE(0x9C, 0x58, 0x0D, 0, 0, 4, 0, 0x50, 0x9D, 0x8B, 0x44, 0x24, 0xF1);
    UNLESS_WINE("Wine 8 clears the flag and goes on") CHECK_FAULT(EXCEPTION_DATATYPE_MISALIGNMENT, 9);
}

TEST(the_direction_flag)
{
    EXECUTE(0xFD, 0xFA); /* std; cli */
    CHECK_FAULT(EXCEPTION_PRIV_INSTRUCTION, 1);
    CHECK(seen_context.EFlags & 0x400);
}

TEST(bad_selectors)
{
    EXECUTE(0x6A, 0, 0x6A, 0, 0x6A, 0, 0xCF); /* push $0; push $0; push $0; iret */
    CHECK_FAULT(EXCEPTION_ACCESS_VIOLATION, 6);
    CHECK_PTR(seen.ExceptionInformation[1], ~(ULONG_PTR)0);
#ifndef _WIN64
    EXECUTE(0xEA, 0, 0, 0, 0, 0, 0); /* ljmp $0, $0 */
    CHECK_FAULT(EXCEPTION_ACCESS_VIOLATION, 0);
    EXECUTE(0x0E, 0x17); /* push %cs; pop %ss */
    CHECK_FAULT(EXCEPTION_ACCESS_VIOLATION, 1);
    /* Handlers have data segments that serve, whatever the code has made of its own:
     * xor %eax, %eax; mov %ax, %es; mov %ax, %ds; cli */
    EXECUTE(0x31, 0xC0, 0x8E, 0xC0, 0x8E, 0xD8, 0xFA);
    CHECK_FAULT(EXCEPTION_PRIV_INSTRUCTION, 6);
    EXECUTE(0x31, 0xC0, 0x8E, 0xC0, 0x26, 0xA1, 0, 0, 0, 0); /* ... mov %es:0, %eax */
    CHECK_FAULT(EXCEPTION_ACCESS_VIOLATION, 4);
#endif
}

/* Addresses */

#ifdef _WIN64
TEST(addresses_that_are_none)
{
    /* mov $0x8000000000000001, %rax; mov %al, (%rax) */
    EXECUTE(0x48, 0xB8, 1, 0, 0, 0, 0, 0, 0, 0x80, 0x88, 0x00);
    CHECK_FAULT(EXCEPTION_ACCESS_VIOLATION, 10);
    CHECK_EQ(seen.NumberParameters, 2);
    CHECK_PTR(seen.ExceptionInformation[0], 0);
    CHECK_PTR(seen.ExceptionInformation[1], ~(ULONG_PTR)0);
    EXECUTE(0x48, 0xB8, 1, 0, 0, 0, 0, 0, 0, 0x80, 0xFF, 0xD0); /* call *%rax */
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_ACCESS_VIOLATION);
    /* lea -7(%rsp), %rax; movaps (%rax), %xmm0 */
    EXECUTE(0x48, 0x8D, 0x44, 0x24, 0xF9, 0x0F, 0x28, 0x00);
    CHECK_FAULT(EXCEPTION_ACCESS_VIOLATION, 5);
    CHECK_PTR(seen.ExceptionInformation[1], ~(ULONG_PTR)0);
}
#else
TEST(bounds_and_overflow)
{
    /* push $7; push $3; mov $8, %eax; bound %eax, (%esp) */
    EXECUTE(0x6A, 7, 0x6A, 3, 0xB8, 8, 0, 0, 0, 0x62, 0x04, 0x24);
    CHECK_FAULT(EXCEPTION_ARRAY_BOUNDS_EXCEEDED, 9);
    EXECUTE(0xB8, 0xFF, 0xFF, 0xFF, 0x7F, 0x40, 0xCE); /* mov $0x7FFFFFFF, %eax; inc %eax; into */
    CHECK_FAULT(EXCEPTION_INT_OVERFLOW, 7);
    EXECUTE(0xD4, 0x00); /* aam $0 */
    CHECK_FAULT(EXCEPTION_INT_DIVIDE_BY_ZERO, 0);
}
#endif

/* Floating point */

static const double one = 1, zero, three = 3, tiny = 1e-308, huge_value = 1e308, denormal = 5e-324;

/* Divides, with one kind of exception unmasked. */
__attribute__((target("sse2"))) static void divide_by_sse(unsigned unmask, const double *left,
                                                          const double *right)
{
    unsigned mxcsr = 0x1F80 & ~unmask, normal = 0x1F80;

    memset(&seen, 0, sizeof seen);
    count = 0;
#ifdef _WIN64
    __asm__ volatile("mov %%rsp, %1\n\tlea 1f(%%rip), %%rax\n\tmov %%rax, %0\n\tldmxcsr %2\n\tmovsd (%3), "
                     "%%xmm0\n\tdivsd (%4), %%xmm0\n1:"
                     : "=m"(return_address), "=m"(stack_pointer)
                     : "m"(mxcsr), "r"(left), "r"(right)
                     : "rax", "xmm0", "memory");
#else
    __asm__ volatile(
        "mov %%esp, %1\n\tmovl $1f, %0\n\tldmxcsr %2\n\tmovsd (%3), %%xmm0\n\tdivsd (%4), %%xmm0\n1:"
        : "=m"(return_address), "=m"(stack_pointer)
        : "m"(mxcsr), "r"(left), "r"(right)
        : "xmm0", "memory");
#endif
    __asm__ volatile("ldmxcsr %0" : : "m"(normal));
}

static void check_sse(unsigned unmask, const double *left, const double *right, DWORD status)
{
    divide_by_sse(unmask, left, right);
    CHECK_EQ(count, 1);
#ifdef _WIN64
    CHECK_EQ(seen.ExceptionCode, status);
    CHECK_EQ(seen.NumberParameters, 2);
    CHECK_PTR(seen.ExceptionInformation[1], seen_context.MxCsr);
#else
    /* There it is left to the program to look into MXCSR. */
    CHECK(seen.ExceptionCode == 0xC00002B4 || seen.ExceptionCode == 0xC00002B5);
    CHECK(status != 0);
#endif
    CHECK_PTR(seen.ExceptionInformation[0], 0);
}

TEST(sse_exceptions)
{
    check_sse(0x080, &zero, &zero, EXCEPTION_FLT_INVALID_OPERATION);
    check_sse(0x200, &one, &zero, EXCEPTION_FLT_DIVIDE_BY_ZERO);
    check_sse(0x400, &huge_value, &tiny, EXCEPTION_FLT_OVERFLOW);
    check_sse(0x800, &tiny, &huge_value, EXCEPTION_FLT_UNDERFLOW);
    check_sse(0x1000, &one, &three, EXCEPTION_FLT_INEXACT_RESULT);
    UNLESS_WINE("Wine 8 calls it an underflow")
    check_sse(0x100, &denormal, &one, EXCEPTION_FLT_DENORMAL_OPERAND);
    divide_by_sse(0, &one, &zero);
    CHECK_EQ(count, 0);
}

/* fldcw code+48; fldl code+32; fdivl code+40; fwait */
static void check_x87(unsigned unmask, const double *left, const double *right, DWORD status)
{
    unsigned short control = 0x37F & ~unmask;
#ifdef _WIN64
    unsigned char bytes[] = {0xDB, 0xE3,                   /* fninit */
                             0xD9, 0x2D, 48 - 8,  0, 0, 0, /* fldcw 48 */
                             0xDD, 0x05, 32 - 14, 0, 0, 0, /* fldl 32 */
                             0xDC, 0x35, 40 - 20, 0, 0, 0, /* fdivl 40 */
                             0xDD, 0x1D, 52 - 26, 0, 0, 0, /* fstpl 52 */
                             0x9B};
#else
    unsigned char bytes[] = {0xDB, 0xE3, 0xD9, 0x2D, 0, 0, 0,    0,    0xDD, 0x05, 0, 0, 0,   0,
                             0xDC, 0x35, 0,    0,    0, 0, 0xDD, 0x1D, 0,    0,    0, 0, 0x9B};
    for (int i = 0; i < 4; i++) {
        static const unsigned char offsets[4] = {48, 32, 40, 52};
        unsigned char *operand = code + offsets[i];
        memcpy(bytes + 4 + 6 * i, &operand, 4);
    }
#endif
    unsigned char all[64];

    memset(all, 0x90, sizeof all);
    memcpy(all, bytes, sizeof bytes);
    all[sizeof bytes] = 0xC3;
    memcpy(all + 32, left, 8);
    memcpy(all + 40, right, 8);
    memcpy(all + 48, &control, 2);
    run_code(all, 62);
    __asm__ volatile("fninit");
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.ExceptionCode, status);
    UNLESS_WINE("Wine 8 has no parameters") CHECK(seen.NumberParameters >= 1);
    CHECK_PTR(seen.ExceptionInformation[0], 0);
}

TEST(x87_exceptions)
{
    unsigned short control = 0x27F;

    check_x87(0x01, &zero, &zero, EXCEPTION_FLT_INVALID_OPERATION);
    check_x87(0x04, &one, &zero, EXCEPTION_FLT_DIVIDE_BY_ZERO);
    check_x87(0x08, &huge_value, &tiny, EXCEPTION_FLT_OVERFLOW);
    check_x87(0x10, &tiny, &huge_value, EXCEPTION_FLT_UNDERFLOW);
    check_x87(0x20, &one, &three, EXCEPTION_FLT_INEXACT_RESULT);
    UNLESS_WINE("Wine 8 calls it an underflow")
    check_x87(0x02, &denormal, &one, EXCEPTION_FLT_DENORMAL_OPERAND);
    /* fninit; pushw $0x37E; fldcw (%esp); fstp %st(0); fwait */
    EXECUTE(0xDB, 0xE3, 0x66, 0x68, 0x7E, 0x03, 0xD9, 0x2C, 0x24, 0xDD, 0xD8, 0x9B);
    __asm__ volatile("fninit\n\tfldcw %0" : : "m"(control));
    CHECK_EQ(count, 1);
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_FLT_STACK_CHECK);
    CHECK_PTR(seen_context.PC, (ULONG_PTR)(code + 11));
#ifndef _WIN64
    UNLESS_WINE("Wine 8 has the address of the instruction that waits")
    CHECK_PTR(seen.ExceptionAddress, (ULONG_PTR)(code + 9));
#endif
}

int main(void)
{
    void *handler = AddVectoredExceptionHandler(TRUE, leave_code);

    code = VirtualAlloc(NULL, 0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    RUN(privileged_instructions);
    RUN(instructions_of_hypervisors);
    RUN(what_is_no_instruction);
    RUN(breakpoints);
    RUN(a_debug_service);
    RUN(other_interrupts);
    RUN(misaligned_data);
    RUN(the_direction_flag);
    RUN(bad_selectors);
#ifdef _WIN64
    RUN(addresses_that_are_none);
#else
    RUN(bounds_and_overflow);
#endif
    RUN(sse_exceptions);
    RUN(x87_exceptions);
    RemoveVectoredExceptionHandler(handler);
    return CHECK_END();
}
