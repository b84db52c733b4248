/* What the processor refuses becomes the exception that Windows makes of it. */
#pragma GCC diagnostic ignored "-Wunused-parameter" /* many handlers do not look at the exception */
#include "check.h"
#include <float.h>
#include <setjmp.h>
#include <string.h>

#ifdef _WIN64
#define PC Rip
#else
#define PC Eip
#endif

static jmp_buf back;
static EXCEPTION_RECORD seen;
static ULONG_PTR seen_pc;
static DWORD seen_flags;

static LONG CALLBACK jump_back(EXCEPTION_POINTERS *pointers)
{
    seen = *pointers->ExceptionRecord;
    seen_pc = pointers->ContextRecord->PC;
    seen_flags = pointers->ContextRecord->EFlags;
    longjmp(back, 1);
}

/* Runs statements that fault; the exception's record is in `seen` behind it. */
#define FAULT(...)                          \
    do {                                    \
        memset(&seen, 0, sizeof seen);      \
        if (!setjmp(back)) {                \
            __VA_ARGS__;                    \
            CHECK(!"nothing has happened"); \
        }                                   \
    } while (0)

static volatile ULONG_PTR bad = 0x10;

static void check_access(ULONG_PTR kind, ULONG_PTR address)
{
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_ACCESS_VIOLATION);
    CHECK_EQ(seen.ExceptionFlags, 0);
    CHECK_EQ(seen.NumberParameters, 2);
    CHECK_PTR(seen.ExceptionInformation[0], kind);
    CHECK_PTR(seen.ExceptionInformation[1], address);
    CHECK_PTR(seen.ExceptionAddress, seen_pc);
}

TEST(access_violations)
{
    FAULT((void)*(volatile char *)bad);
    check_access(0, 0x10);
    FAULT(*(volatile char *)bad = 1);
    check_access(1, 0x10);
    FAULT((*(volatile LONG *)(bad + 0x30))++);
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_ACCESS_VIOLATION);
    CHECK_PTR(seen.ExceptionInformation[1], 0x40);
}

TEST(access_to_protected_pages)
{
    char *page = VirtualAlloc(NULL, 0x2000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    DWORD old;

    CHECK(page != NULL);
    page[0x1000] = 1;
    CHECK(VirtualProtect(page + 0x1000, 0x1000, PAGE_READONLY, &old));
    FAULT(page[0x1001] = 1);
    check_access(1, (ULONG_PTR)page + 0x1001);
    CHECK_EQ(page[0x1000], 1);
    CHECK(VirtualProtect(page, 0x1000, PAGE_NOACCESS, &old));
    FAULT((void)*(volatile char *)(page + 5));
    check_access(0, (ULONG_PTR)page + 5);
    FAULT(*(volatile ULONG64 *)(page + 0xFFC) = 1);
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_ACCESS_VIOLATION);
    CHECK(VirtualFree(page, 0, MEM_RELEASE));
    FAULT((void)*(volatile char *)(page + 5));
    check_access(0, (ULONG_PTR)page + 5);
}

typedef void (*code)(void);

TEST(execution_of_what_is_no_code)
{
    static char data[16] = {(char)0xC3};
    volatile code nowhere = (code)bad;
    volatile code in_data = (code)(ULONG_PTR)data;

    FAULT(nowhere());
    check_access(8, 0x10);
    CHECK_PTR(seen_pc, 0x10);
    FAULT(in_data());
    check_access(8, (ULONG_PTR)data);
}

#ifdef _WIN64
TEST(addresses_that_cannot_be)
{
    volatile ULONG_PTR address = (ULONG_PTR)0x8000000000000000;

    FAULT((void)*(volatile char *)address);
    check_access(0, (ULONG_PTR)-1);
    FAULT(__asm__ volatile("movaps 4(%0), %%xmm0" : : "r"(((ULONG_PTR)&bad & ~15)) : "xmm0"));
    check_access(0, (ULONG_PTR)-1);
}
#endif

static volatile int zero = 0, minimum = INT_MIN, minus_one = -1;
static volatile short short_zero = 0;

TEST(integer_division)
{
    volatile int result;

    FAULT(result = 5 / zero);
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_DIVIDE_BY_ZERO);
    CHECK_EQ(seen.NumberParameters, 0);
    CHECK_PTR(seen.ExceptionAddress, seen_pc);
    FAULT(result = 5 % zero);
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_DIVIDE_BY_ZERO);
    UNLESS_WINE("Wine 8 does not tell the two apart")
    {
        FAULT(result = minimum / minus_one);
        CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_OVERFLOW);
    }
    (void)result;
}

/* The divisor's place is in the instruction's bytes, in every form that they have. */
TEST(divisors_of_every_form)
{
    static ULONG_PTR memory[8] = {0, 1, 0, 1};

    UNLESS_WINE("Wine 8 does not tell the two apart")
    {
        FAULT(__asm__ volatile("divb %b1" : : "a"(0xFFFF), "c"(1)));
        CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_OVERFLOW);
        FAULT(__asm__ volatile("mov $1, %%ch\n\tdivb %%ch" : : "a"(0xFFFF) : "ecx"));
        CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_OVERFLOW);
        FAULT(__asm__ volatile("divw %w1" : : "a"(0), "c"(0x10001), "d"(1)));
        CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_OVERFLOW);
        FAULT(__asm__ volatile("divl %1" : : "a"(0), "m"(memory[1]), "d"(1)));
        CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_OVERFLOW);
        FAULT(__asm__ volatile("divl (%1,%3,8)"
                               :
                               : "a"(0), "r"(memory + 1 - 32 / sizeof *memory), "d"(1), "r"((ULONG_PTR)4)));
        CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_OVERFLOW);
        FAULT(__asm__ volatile("divl 0x1000(%1)" : : "a"(0), "r"((char *)(memory + 1) - 0x1000), "d"(1)));
        CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_OVERFLOW);
#ifdef _WIN64
        FAULT(__asm__ volatile("divq %1" : : "a"(0ull), "r"(1ull), "d"(1ull)));
        CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_OVERFLOW);
        FAULT(__asm__ volatile("divl (%k1)" : : "a"(0), "r"(memory + 1), "d"(1)));
        if (seen.ExceptionCode != EXCEPTION_ACCESS_VIOLATION) /* the image lies above 4 GiB */
            CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_OVERFLOW);
        FAULT(__asm__ volatile("mov $1, %%r13d\n\tdivl %%r13d" : : "a"(0), "d"(1) : "r13"));
        CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_OVERFLOW);
        FAULT(__asm__ volatile("mov %1, %%r12\n\tmov $1, %%r9\n\tdivl 4(%%r12,%%r9,4)"
                               :
                               : "a"(0), "r"(memory), "d"(1)
                               : "r9", "r12"));
        CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_OVERFLOW);
#endif
    }
    FAULT(__asm__ volatile("divb %b1" : : "a"(5), "c"(0x100)));
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_DIVIDE_BY_ZERO);
    FAULT(__asm__ volatile("divw %w1" : : "a"(5), "c"(0x10000), "d"(0)));
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_DIVIDE_BY_ZERO);
    FAULT(__asm__ volatile("idivl %1" : : "a"(5), "m"(memory[2]), "d"(0)));
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_DIVIDE_BY_ZERO);
}

TEST(instructions_that_are_none_or_not_for_programs)
{
    FAULT(__asm__ volatile("ud2"));
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_ILLEGAL_INSTRUCTION);
    CHECK_EQ(seen.NumberParameters, 0);
    CHECK_EQ(*(unsigned char *)seen_pc, 0x0F);
    CHECK_PTR(seen.ExceptionAddress, seen_pc);
    FAULT(__asm__ volatile("hlt"));
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_PRIV_INSTRUCTION);
    CHECK_EQ(*(unsigned char *)seen_pc, 0xF4);
    FAULT(__asm__ volatile("cli"));
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_PRIV_INSTRUCTION);
    FAULT(__asm__ volatile("inb %%dx, %%al" : : "d"(0) : "eax"));
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_PRIV_INSTRUCTION);
    FAULT(__asm__ volatile("mov %%cr0, %0" : : "r"((ULONG_PTR)0)));
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_PRIV_INSTRUCTION);
    FAULT(__asm__ volatile("wrmsr" : : "a"(0), "c"(0), "d"(0)));
    UNLESS_WINE("Wine 8 makes it an access violation")
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_PRIV_INSTRUCTION);
}

#ifndef _WIN64
TEST(bounds_and_overflow)
{
    static int bounds[2] = {3, 7};

    FAULT(__asm__ volatile("bound %0, %1" : : "r"(8), "m"(bounds)));
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_ARRAY_BOUNDS_EXCEEDED);
    FAULT(__asm__ volatile("movl $0x7FFFFFFF, %%eax\n\tincl %%eax\n\tinto" : : : "eax"));
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_INT_OVERFLOW);
}
#endif

/* Going on */

static volatile int stops;
static ULONG_PTR stop_addresses[16];
static DWORD stop_codes[16];

static LONG CALLBACK step_over_breakpoint(EXCEPTION_POINTERS *pointers)
{
    CONTEXT *context = pointers->ContextRecord;

    seen = *pointers->ExceptionRecord;
    seen_pc = context->PC;
    stops++;
    context->PC++;
    return EXCEPTION_CONTINUE_EXECUTION;
}

TEST(breakpoints)
{
    void *handler = AddVectoredExceptionHandler(TRUE, step_over_breakpoint);

    stops = 0;
    __asm__ volatile("int3");
    CHECK_EQ(stops, 1);
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_BREAKPOINT);
    CHECK_EQ(seen.NumberParameters, 1);
    CHECK_PTR(seen.ExceptionInformation[0], 0);
    CHECK_EQ(*(unsigned char *)seen_pc, 0xCC);
    CHECK_PTR(seen.ExceptionAddress, seen_pc);
    DebugBreak();
    CHECK_EQ(stops, 2);
    ((void(WINAPI *)(void))(void *)GetProcAddress(GetModuleHandleW(L"ntdll"), "DbgBreakPoint"))();
    CHECK_EQ(stops, 3);
    RemoveVectoredExceptionHandler(handler);
}

static LONG CALLBACK trace(EXCEPTION_POINTERS *pointers)
{
    CONTEXT *context = pointers->ContextRecord;

    if (stops < 16) {
        stop_codes[stops] = pointers->ExceptionRecord->ExceptionCode;
        stop_addresses[stops] = context->PC;
        seen_flags = context->EFlags;
    }
    if (++stops < 4)
        context->EFlags |= 0x100;
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* The trap comes behind each instruction, with the flag cleared for the handler. */
TEST(single_steps)
{
    void *handler = AddVectoredExceptionHandler(TRUE, trace);

    stops = 0;
    __asm__ volatile("pushf\n\torl $0x100, (%%"
#ifdef _WIN64
                     "rsp"
#else
                     "esp"
#endif
                     ")\n\tpopf\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop"
                     :
                     :
                     : "memory", "cc");
    RemoveVectoredExceptionHandler(handler);
    CHECK_EQ(stops, 4);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(stop_codes[i], EXCEPTION_SINGLE_STEP);
    CHECK_EQ(seen_flags & 0x100, 0);
    for (int i = 1; i < 4; i++)
        CHECK_PTR(stop_addresses[i], stop_addresses[i - 1] + 1);
}

static volatile char *guarded;

static LONG CALLBACK note_guard(EXCEPTION_POINTERS *pointers)
{
    seen = *pointers->ExceptionRecord;
    stops++;
    return seen.ExceptionCode == EXCEPTION_GUARD_PAGE ? EXCEPTION_CONTINUE_EXECUTION
                                                      : EXCEPTION_CONTINUE_SEARCH;
}

TEST(a_guard_page_strikes_once)
{
    void *handler = AddVectoredExceptionHandler(TRUE, note_guard);

    guarded = VirtualAlloc(NULL, 0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
    stops = 0;
    guarded[8] = 5;
    guarded[9] = 6;
    CHECK_EQ(stops, 1);
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_GUARD_PAGE);
    CHECK_EQ(seen.NumberParameters, 2);
    CHECK_PTR(seen.ExceptionInformation[0], 1);
    CHECK_PTR(seen.ExceptionInformation[1], (ULONG_PTR)guarded + 8);
    CHECK_EQ(guarded[8], 5);
    VirtualFree((void *)guarded, 0, MEM_RELEASE);
    RemoveVectoredExceptionHandler(handler);
}

/* Floating point */

#ifdef _WIN64
static DWORD sse_fault(unsigned mask_cleared, double left, double right)
{
    unsigned mxcsr = 0x1F80 & ~mask_cleared, normal = 0x1F80;
    volatile double result;

    FAULT(__asm__ volatile("ldmxcsr %1\n\tdivsd %3, %2\n\tmovsd %2, %0"
                           : "=m"(result)
                           : "m"(mxcsr), "x"(left), "x"(right)));
    __asm__ volatile("ldmxcsr %0" : : "m"(normal));
    (void)result;
    return seen.ExceptionCode;
}

TEST(unmasked_sse_exceptions)
{
    CHECK_EQ(sse_fault(0x200, 1, 0), EXCEPTION_FLT_DIVIDE_BY_ZERO);
    CHECK_EQ(sse_fault(0x080, 0, 0), EXCEPTION_FLT_INVALID_OPERATION);
    CHECK_EQ(sse_fault(0x400, 1e308, 1e-308), EXCEPTION_FLT_OVERFLOW);
    CHECK_EQ(sse_fault(0x800, 1e-308, 1e308), EXCEPTION_FLT_UNDERFLOW);
    CHECK_EQ(sse_fault(0x1000, 1, 3), EXCEPTION_FLT_INEXACT_RESULT);
    UNLESS_WINE("Wine 8 calls it an underflow")
    CHECK_EQ(sse_fault(0x100, 5e-324, 1), EXCEPTION_FLT_DENORMAL_OPERAND);
}
#endif

static DWORD x87_fault(unsigned short unmask, double left, double right)
{
    unsigned short control = 0x37F & ~unmask, normal = 0x27F;
    volatile double result;

    FAULT(__asm__ volatile("fninit\n\tfldcw %1\n\tfldl %2\n\tfdivl %3\n\tfstpl %0\n\tfwait"
                           : "=m"(result)
                           : "m"(control), "m"(left), "m"(right)));
    __asm__ volatile("fninit\n\tfldcw %0" : : "m"(normal));
    (void)result;
    return seen.ExceptionCode;
}

TEST(unmasked_x87_exceptions)
{
    unsigned short control = 0x37E, normal = 0x27F;

    CHECK_EQ(x87_fault(0x04, 1, 0), EXCEPTION_FLT_DIVIDE_BY_ZERO);
    CHECK_EQ(x87_fault(0x01, 0, 0), EXCEPTION_FLT_INVALID_OPERATION);
    CHECK_EQ(x87_fault(0x20, 1, 3), EXCEPTION_FLT_INEXACT_RESULT);
    UNLESS_WINE("Wine 8 calls it an underflow")
    CHECK_EQ(x87_fault(0x02, 5e-324, 1), EXCEPTION_FLT_DENORMAL_OPERAND);
    FAULT(__asm__ volatile("fninit\n\tfldcw %0\n\tfstp %%st(0)\n\tfwait" : : "m"(control)));
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_FLT_STACK_CHECK);
    __asm__ volatile("fninit\n\tfldcw %0" : : "m"(normal));
}

/* What the handler does not change stays as it is */

static char *page;

static LONG CALLBACK open_page(EXCEPTION_POINTERS *pointers)
{
    DWORD old;
    volatile double noise = (double)GetTickCount();

    stops++;
    for (int i = 0; i < 100; i++)
        noise = noise * 1.5 + i;
    VirtualProtect(page, 0x1000, PAGE_READWRITE, &old);
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void close_page(void)
{
    DWORD old;
    VirtualProtect(page, 0x1000, PAGE_NOACCESS, &old);
    stops = 0;
}

#ifdef _WIN64
__attribute__((target("avx"))) static void load_and_fault(const float *values, float *results)
{
    __asm__ volatile("vmovups (%0), %%ymm0\n\tvmovups 32(%0), %%ymm7\n\tvmovups 64(%0), %%ymm15\n\t"
                     "movb $1, (%1)\n\t"
                     "vmovups %%ymm0, (%2)\n\tvmovups %%ymm7, 32(%2)\n\tvmovups %%ymm15, 64(%2)\n\t"
                     "vzeroupper"
                     :
                     : "r"(values), "r"(page), "r"(results)
                     : "xmm0", "xmm7", "xmm15", "memory");
}

TEST(wide_registers_survive)
{
    float values[24], results[24] = {0};

    if (!__builtin_cpu_supports("avx"))
        return;
    for (int i = 0; i < 24; i++)
        values[i] = (float)i + 0.5f;
    close_page();
    load_and_fault(values, results);
    CHECK_EQ(stops, 1);
    CHECK_MEM(results, values, sizeof values);
}
#endif

TEST(registers_and_flags_survive)
{
    ULONG_PTR result = 0, flags = 0;

    close_page();
#ifdef _WIN64
    __asm__ volatile("mov $0x1111, %%eax\n\tmov $0x2222, %%r11d\n\tmov $0x3333, %%r9d\n\tstc\n\t"
                     "movb $1, (%2)\n\t"
                     "pushf\n\tpop %1\n\tadd %%r11, %%rax\n\tadd %%r9, %%rax\n\tmov %%rax, %0"
                     : "=&r"(result), "=&r"(flags)
                     : "r"(page)
                     : "rax", "r11", "r9", "memory");
#else
    __asm__ volatile("mov $0x1111, %%eax\n\tmov $0x5555, %%edx\n\tstc\n\t"
                     "movb $1, (%2)\n\t"
                     "pushf\n\tpop %1\n\tadd %%edx, %%eax\n\tmov %%eax, %0"
                     : "=&r"(result), "=&r"(flags)
                     : "r"(page)
                     : "eax", "edx", "memory");
#endif
    CHECK_EQ(stops, 1);
    CHECK_PTR(result, 0x6666);
    CHECK_EQ(flags & 1, 1);
}

/* A fault in a function of a DLL is the program's exception, too, and the function goes on behind it. */
TEST(faults_inside_the_system)
{
    void *(*volatile copy)(void *, const void *, size_t) = memcpy;
    char *(*volatile find)(const char *, int) = (char *(*)(const char *, int))strchr;

    close_page();
    copy(page + 10, "0123456789", 11);
    CHECK_EQ(stops, 1);
    CHECK_STR(page + 10, "0123456789");
    close_page();
    CHECK(find(page + 10, '7') == page + 17);
    CHECK_EQ(stops, 1);
}

int main(void)
{
    void *handler = AddVectoredExceptionHandler(TRUE, jump_back);

    RUN(access_violations);
    RUN(access_to_protected_pages);
    RUN(execution_of_what_is_no_code);
#ifdef _WIN64
    RUN(addresses_that_cannot_be);
#endif
    RUN(integer_division);
    RUN(divisors_of_every_form);
    RUN(instructions_that_are_none_or_not_for_programs);
#ifndef _WIN64
    RUN(bounds_and_overflow);
#endif
#ifdef _WIN64
    RUN(unmasked_sse_exceptions);
#endif
    RUN(unmasked_x87_exceptions);
    RemoveVectoredExceptionHandler(handler);

    page = VirtualAlloc(NULL, 0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    RUN(breakpoints);
    RUN(single_steps);
    RUN(a_guard_page_strikes_once);
    handler = AddVectoredExceptionHandler(TRUE, open_page);
#ifdef _WIN64
    RUN(wide_registers_survive);
#endif
    RUN(registers_and_flags_survive);
    RUN(faults_inside_the_system);
    RemoveVectoredExceptionHandler(handler);
    return CHECK_END();
}
