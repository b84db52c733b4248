/* Exceptions of every origin on many threads at once. An argument says how many rounds each thread makes. */
#include "check.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN64
#define PC Rip
#else
#define PC Eip
#endif

#define THREADS 16

/* What the thread's next exception is to lead to. */
struct state {
    jmp_buf back;
    int leave; /* by longjmp; else the instruction is skipped */
    DWORD code;
    LONG seen;
};

static __thread struct state state;

static LONG CALLBACK handle(EXCEPTION_POINTERS *pointers)
{
    state.code = pointers->ExceptionRecord->ExceptionCode;
    state.seen++;
    if (state.leave)
        longjmp(state.back, 1);
    if (pointers->ExceptionRecord->ExceptionCode == EXCEPTION_ILLEGAL_INSTRUCTION)
        pointers->ContextRecord->PC += 2;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static LONG CALLBACK pass_on(EXCEPTION_POINTERS *pointers)
{
    return pointers->ExceptionRecord->ExceptionCode ? EXCEPTION_CONTINUE_SEARCH
                                                    : EXCEPTION_CONTINUE_EXECUTION;
}

static int fault_in_comparison(const void *a, const void *b)
{
    *(volatile int *)(ULONG_PTR)8 = 1;
    return *(const int *)a - *(const int *)b;
}

static void leave_callback(void)
{
    int numbers[4] = {4, 3, 2, 1};
    qsort(numbers, 4, sizeof *numbers, fault_in_comparison);
}

static void leave_fault_in_system(void)
{
    size_t (*volatile length)(const char *) = strlen;
    state.seen += (LONG)length((const char *)(ULONG_PTR)0x18);
}

static void leave_raise(void)
{
    RaiseException(0xE0000001, EXCEPTION_NONCONTINUABLE, 0, NULL);
}

static const struct {
    void (*run)(void);
    DWORD code;
} leaving[] = {
    {leave_callback, EXCEPTION_ACCESS_VIOLATION},
    {leave_fault_in_system, EXCEPTION_ACCESS_VIOLATION},
    {leave_raise, 0xE0000001},
};

static void leave_by_longjmp(unsigned kind)
{
    volatile unsigned index = kind;
    state.leave = 1;
    if (!setjmp(state.back)) {
        leaving[index].run();
        state.code = 0;
    }
    state.leave = 0;
    if (state.code != leaving[index].code)
        CHECK_EQ(state.code, leaving[index].code);
}

/* Registers must be what they were. */
static void go_on(ULONG_PTR value)
{
    ULONG_PTR result;
#ifdef _WIN64
    __asm__ volatile("mov %1, %%r15\n\tmov %1, %%r9\n\tmovq %1, %%xmm9\n\tud2\n\tmovq %%xmm9, %0\n\tadd "
                     "%%r15, %0\n\tadd %%r9, %0"
                     : "=&r"(result)
                     : "r"(value)
                     : "r9", "r15", "xmm9", "memory");
#else
    __asm__ volatile("mov %1, %%esi\n\tmov %1, %%edx\n\tud2\n\tmov %%esi, %0\n\tadd %%edx, %0\n\tadd %1, %0"
                     : "=&r"(result)
                     : "r"(value)
                     : "edx", "esi", "memory");
#endif
    if (result != 3 * value)
        CHECK_PTR(result, 3 * value);
}

static DWORD CALLBACK storm(void *argument)
{
    int rounds = (int)(ULONG_PTR)argument;

    for (volatile int i = 0; i < rounds; i++) {
        state.seen = 0;
        for (volatile unsigned kind = 0; kind < 3; kind++)
            leave_by_longjmp(kind);
        go_on((ULONG_PTR)i * 77 + GetCurrentThreadId());
        RaiseException(0xE0000002, 0, 0, NULL);
        if (state.seen != 5)
            CHECK_EQ(state.seen, 5);
        if (i % 16 == 0)
            RemoveVectoredExceptionHandler(AddVectoredExceptionHandler(i % 32 == 0, pass_on));
    }
    return rounds;
}

static int round_count;

TEST(many_threads)
{
    HANDLE threads[THREADS];
    void *handler = AddVectoredExceptionHandler(FALSE, handle);

    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, storm, (void *)(ULONG_PTR)round_count, 0, NULL);
    for (int i = 0; i < THREADS; i++) {
        DWORD code = 0;
        WaitForSingleObject(threads[i], INFINITE);
        GetExitCodeThread(threads[i], &code);
        CHECK_EQ(code, round_count);
        CloseHandle(threads[i]);
    }
    RemoveVectoredExceptionHandler(handler);
}

int main(int argc, char **argv)
{
    round_count = argc > 1 ? atoi(argv[1]) : 100;
    RUN(many_threads);
    return CHECK_END();
}
