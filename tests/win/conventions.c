/* Calling conventions in the program's own hands: functions of other conventions than Windows' own that call
 * Windows, results that are structures, and what Windows must keep for its callers. */
#include "check.h"
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#define FOREIGN __attribute__((sysv_abi))
#else
#define FOREIGN __attribute__((regparm(3)))
#endif

#define NOT_INLINE __attribute__((noinline, noclone))

/* From one convention to another and back */

static NOT_INLINE FOREIGN int foreign_six(int a, int b, int c, int d, int e, int f)
{
    return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f;
}

static NOT_INLINE FOREIGN double foreign_mixed(double a, int b, double c, long long d, float e)
{
    return a + b + c + (double)d + (double)e;
}

/* Calls Windows while the caller's convention holds values in RDI, RSI and XMM6 to XMM15. */
static NOT_INLINE FOREIGN DWORD foreign_calls_windows(const char *name, const char *value, char *result,
                                                      DWORD size)
{
    SetEnvironmentVariableA(name, value);
    DWORD length = GetEnvironmentVariableA(name, result, size);
    SetEnvironmentVariableA(name, NULL);
    return length;
}

TEST(functions_of_another_convention)
{
    FOREIGN int (*volatile six)(int, int, int, int, int, int) = foreign_six;
    FOREIGN double (*volatile mixed)(double, int, double, long long, float) = foreign_mixed;
    char result[20];

    CHECK_EQ(six(1, 2, 3, 4, 5, 6), 654321);
    CHECK(mixed(0.5, 2, 0.25, 1LL << 33, 4.0f) == 0.5 + 2 + 0.25 + 8589934592.0 + 4);
    CHECK_EQ(foreign_calls_windows("LW_CONVENTION", "seven", result, sizeof result), 5);
    CHECK_STR(result, "seven");
}

static FOREIGN int (*comparison)(const int *, const int *);

static NOT_INLINE FOREIGN int foreign_compare(const int *a, const int *b)
{
    /* The comparison itself calls Windows. */
    SetLastError(GetLastError() + 1);
    return *a - *b;
}

static int __cdecl compare(const void *a, const void *b)
{
    return comparison(a, b);
}

TEST(callbacks_that_change_the_convention)
{
    int numbers[] = {5, 3, 9, 1};

    comparison = foreign_compare;
    SetLastError(0);
    qsort(numbers, 4, sizeof numbers[0], compare);
    CHECK(GetLastError() >= 3);
    CHECK(numbers[0] == 1 && numbers[1] == 3 && numbers[2] == 5 && numbers[3] == 9);
}

/* The stack */

static ULONG_PTR stack_at_callback;

static int __cdecl note_stack(const void *a, const void *b)
{
    stack_at_callback = (ULONG_PTR)__builtin_frame_address(0);
    return *(const char *)a - *(const char *)b;
}

#ifdef __x86_64__
TEST(callbacks_find_an_aligned_stack)
{
    char two[] = {2, 1};

    qsort(two, 2, 1, note_stack);
    /* RBP was pushed below the return address. */
    CHECK_EQ(stack_at_callback % 16, 0);
    CHECK_EQ(two[0], 1);
}

/* Calls a function with a stack pointer that is `shift` bytes below what is agreed upon. */
ULONG_PTR call_at(ULONG_PTR shift, void *function, const void *arguments[4]);
__asm__(".text\n"
        ".globl call_at\n"
        ".seh_proc call_at\n"
        "call_at:\n"
        "pushq %rbp\n"
        ".seh_pushreg %rbp\n"
        "movq %rsp, %rbp\n"
        ".seh_setframe %rbp, 0\n"
        ".seh_endprologue\n"
        "subq $48, %rsp\n"
        "subq %rcx, %rsp\n"
        "movq %rdx, %rax\n"
        "movq %r8, %r10\n"
        "movq (%r10), %rcx\n"
        "movq 8(%r10), %rdx\n"
        "movq 16(%r10), %r8\n"
        "movq 24(%r10), %r9\n"
        "call *%rax\n"
        "leaq (%rbp), %rsp\n"
        "popq %rbp\n"
        "ret\n"
        ".seh_endproc\n");

#define CALL_AT(shift, function, ...) call_at(shift, (void *)(function), (const void *[4]){__VA_ARGS__})

static LONG CALLBACK go_on(EXCEPTION_POINTERS *pointers)
{
    return pointers->ExceptionRecord->ExceptionCode == 0xE0001234 ? EXCEPTION_CONTINUE_EXECUTION
                                                                  : EXCEPTION_CONTINUE_SEARCH;
}

static void call_a_little_of_everything(ULONG_PTR shift)
{
    static const double half = 2.5;
    char text[64];
    jmp_buf back;
    HANDLE heap = GetProcessHeap(), event = (HANDLE)CALL_AT(shift, CreateEventA, NULL, (void *)TRUE);
    CRITICAL_SECTION section;
    void *block, *bits;

    memcpy(&bits, &half, sizeof bits);
    CHECK(event != NULL);
    CHECK_EQ(CALL_AT(shift, WaitForSingleObject, event), WAIT_TIMEOUT);
    CHECK(CALL_AT(shift, CloseHandle, event));
    CHECK_EQ(CALL_AT(shift, sprintf, text, "%.3f %d", bits, (void *)7), 7);
    CHECK_STR(text, "2.500 7");
    for (SIZE_T size = 10; size < 10000000; size *= 100) {
        block = (void *)CALL_AT(shift, HeapAlloc, heap, NULL, (void *)size);
        CHECK(block != NULL);
        CHECK(CALL_AT(shift, HeapFree, heap, NULL, block));
        block = (void *)CALL_AT(shift, malloc, (void *)size);
        block = (void *)CALL_AT(shift, realloc, block, (void *)(size * 10));
        CHECK(block != NULL);
        CALL_AT(shift, free, block);
    }
    CALL_AT(shift, InitializeCriticalSection, &section);
    CALL_AT(shift, EnterCriticalSection, &section);
    CALL_AT(shift, LeaveCriticalSection, &section);
    CALL_AT(shift, DeleteCriticalSection, &section);
    CALL_AT(shift, RaiseException, (void *)0xE0001234);
    if (!setjmp(back))
        CALL_AT(shift, longjmp, back, (void *)1);
    CHECK_EQ(CALL_AT(shift, GetCurrentDirectoryA, (void *)1, text) > 1, TRUE);
}

/* Nobody promises that, but whoever sends a thread elsewhere by its context seldom cares. */
TEST(any_alignment_of_the_stack_will_do)
{
    void *handler = AddVectoredExceptionHandler(TRUE, go_on);

    call_a_little_of_everything(0);
    UNLESS_WINE("Wine's own functions expect what the compiler does")
    call_a_little_of_everything(8);
    RemoveVectoredExceptionHandler(handler);
}
#else

/* An i386 program's stack is aligned to four bytes and no more; the callee of litewin's must not care. */
static NOT_INLINE int format_at(int shift)
{
    char text[64];
    int length;

    __asm__ volatile("sub %1, %%esp\n"
                     "pushl $0x40040000\n" /* 2.5 */
                     "pushl $0\n"
                     "pushl %2\n"
                     "pushl %3\n"
                     "call _sprintf\n"
                     "add $16, %%esp\n"
                     "add %1, %%esp\n"
                     : "=&a"(length)
                     : "b"(shift), "D"("%.3f"), "S"(text)
                     : "ecx", "edx", "memory", "cc");
    CHECK_STR(text, "2.500");
    return length;
}

TEST(any_alignment_of_the_stack_will_do)
{
    char two[] = {2, 1};

    for (int shift = 0; shift < 16; shift += 4)
        CHECK_EQ(format_at(shift), 5);
    qsort(two, 2, 1, note_stack);
    CHECK_EQ(stack_at_callback % 4, 0);
    CHECK_EQ(two[0], 1);
}
#endif

/* Structures */

TEST(results_that_are_structures)
{
    HMODULE msvcrt = GetModuleHandleA("msvcrt");
    div_t(__cdecl * divide)(int, int) = (void *)GetProcAddress(msvcrt, "div");
    ldiv_t(__cdecl * divide_long)(long, long) = (void *)GetProcAddress(msvcrt, "ldiv");
    div_t d = divide(100, -7);
    ldiv_t l = divide_long(-2147483647L, 1000);
    lldiv_t ll = lldiv(0x7FFFFFFFFFFFFFFFLL, -0x100000000LL);

    CHECK_EQ(d.quot, -14);
    CHECK_EQ(d.rem, 2);
    CHECK_EQ(l.quot, -2147483);
    CHECK_EQ(l.rem, -647);
    CHECK_EQ(ll.quot, -0x7FFFFFFFLL);
    CHECK_EQ(ll.rem, 0xFFFFFFFFLL);
}

TEST(arguments_that_are_structures)
{
    struct _complex z = {3, -4};

    CHECK(_cabs(z) == 5);
    z.x = -0.0, z.y = 0;
    CHECK(_cabs(z) == 0);
}

TEST(fractions_in_and_out)
{
    int exponent = 0;

    CHECK(ldexp(0.75, 4) == 12);
    CHECK(frexp(12.0, &exponent) == 0.75 && exponent == 4);
    CHECK(pow(2, 10) == 1024 && pow(2, -1) == 0.5);
    CHECK(fmod(7.5, -2) == 1.5);
    CHECK(floor(-1.5) == -2 && ceil(-1.5) == -1);
    CHECK(strtod("-1e3", NULL) == -1000);
}

int main(void)
{
    RUN(functions_of_another_convention);
    RUN(callbacks_that_change_the_convention);
#ifdef __x86_64__
    RUN(callbacks_find_an_aligned_stack);
#endif
    RUN(any_alignment_of_the_stack_will_do);
    RUN(results_that_are_structures);
    RUN(arguments_that_are_structures);
    RUN(fractions_in_and_out);
    return CHECK_END();
}
