/* Stacks that overflow, in the program's own code and in the system's, and go on. */
#include "check.h"
#include <malloc.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef _WIN64
/* Without a frame longjmp just jumps: there is not the room for more at the end of a stack. */
#undef setjmp
#define setjmp(buffer) _setjmp(buffer, NULL)
#endif

typedef int (*recursion)(int depth);

static __thread jmp_buf back;
static __thread EXCEPTION_RECORD seen;
static volatile int never;

static LONG CALLBACK jump_back(EXCEPTION_POINTERS *pointers)
{
    seen = *pointers->ExceptionRecord;
    longjmp(back, 1);
}

__attribute__((noinline)) static int recurse(int depth)
{
    volatile char room[100];
    room[depth % 100] = (char)depth;
    return never ? 0 : recurse(depth + 1) + room[0];
}

/* Each frame is larger than a guard page, which its function looks for. */
__attribute__((noinline)) static int recurse_in_large_steps(int depth)
{
    volatile char room[40000];
    room[depth % 100] = (char)depth;
    return never ? 0 : recurse_in_large_steps(depth + 1) + room[0];
}

/* Where the deepest functions are the system's, a lock of theirs must not be left behind. */
__attribute__((noinline)) static int recurse_with_allocation(int depth)
{
    void *block = malloc(depth % 500 + 1);
    int result = never ? 0 : recurse_with_allocation(depth + 1);
    free(block);
    return result + depth;
}

__attribute__((noinline)) static int recurse_with_formatting(int depth)
{
    char text[80];
    sprintf(text, "%d %f", depth, depth / 3.0);
    return never ? 0 : recurse_with_formatting(depth + 1) + text[0];
}

__attribute__((noinline)) static int recurse_with_handles(int depth)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    WaitForSingleObject(event, 0);
    CloseHandle(event);
    return never ? 0 : recurse_with_handles(depth + 1) + depth;
}

static int sort_deeper(const void *a, const void *b);

__attribute__((noinline)) static int recurse_with_callbacks(int depth)
{
    int numbers[3] = {3, depth, 1};
    qsort(numbers, 3, sizeof *numbers, sort_deeper);
    return numbers[0];
}

static int sort_deeper(const void *a, const void *b)
{
    return recurse_with_callbacks(2) + *(const int *)a - *(const int *)b;
}

static volatile int result;

static void overflow(recursion function, int times)
{
    for (volatile int i = 0; i < times; i++) {
        if (!setjmp(back)) {
            result = function(i);
            CHECK(!"nothing has happened");
        } else {
            CHECK_EQ(seen.ExceptionCode, EXCEPTION_STACK_OVERFLOW);
            CHECK(_resetstkoflw());
        }
    }
}

static void overflow_in_every_way(int times)
{
    overflow(recurse, times);
    overflow(recurse_in_large_steps, times);
    if (check_on_wine()) /* Wine 8 may leave a lock behind */
        return;
    overflow(recurse_with_allocation, times);
    overflow(recurse_with_formatting, times);
    overflow(recurse_with_handles, times);
    overflow(recurse_with_callbacks, times);
}

TEST(the_first_stack)
{
    overflow_in_every_way(20);
}

static DWORD CALLBACK overflow_in_thread(void *times)
{
    overflow_in_every_way((int)(ULONG_PTR)times);
    return 0;
}

TEST(several_stacks_at_once)
{
    const SIZE_T sizes[4] = {0x10000, 0x20000, 0x40000, 0x100000};
    HANDLE threads[4];

    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, sizes[i], overflow_in_thread, (void *)5,
                                  STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(WaitForSingleObject(threads[i], INFINITE), WAIT_OBJECT_0);
        CloseHandle(threads[i]);
    }
}

/* Handlers find as much of the stack as the thread has asked for. */
static SIZE_T room_left;

static LONG CALLBACK measure_room(EXCEPTION_POINTERS *pointers)
{
    MEMORY_BASIC_INFORMATION information;
    char *here = (char *)__builtin_frame_address(0), *base;

    seen = *pointers->ExceptionRecord;
    VirtualQuery(here, &information, sizeof information);
    base = information.AllocationBase;
    for (room_left = 0; here - room_left - 0x1000 > base; room_left += 0x1000) {
        VirtualQuery(here - room_left - 0x1000, &information, sizeof information);
        if (information.Protect != PAGE_READWRITE)
            break;
    }
    longjmp(back, 1);
}

static DWORD CALLBACK overflow_with_guarantee(void *unused)
{
    ULONG size = 100000;

    CHECK(unused == NULL);
    CHECK(SetThreadStackGuarantee(&size));
    CHECK_EQ(size, 0);
    size = 0;
    CHECK(SetThreadStackGuarantee(&size));
    CHECK(size >= 100000);
    for (int i = 0; i < 3; i++) {
        room_left = 0;
        overflow(recurse, 1);
        UNLESS_WINE("Wine 8 keeps less") CHECK(room_left >= 100000 - 0x4000);
    }
    size = 0x10000000;
    CHECK_ERROR(!SetThreadStackGuarantee(&size), ERROR_INVALID_PARAMETER);
    return 0;
}

/* Where the guard is not at the stack's end, it goes there, page by page or at once. */
static volatile int deepest;

__attribute__((noinline)) static int recurse_down_to(int depth)
{
    volatile char room[1000];

    deepest++;
    room[depth % 1000] = (char)depth;
    return depth ? recurse_down_to(depth - 1) + room[0] : 0;
}

static void put_guard_here(SIZE_T distance)
{
    ULONG_PTR here = (ULONG_PTR)__builtin_frame_address(0);
    DWORD old;

    CHECK(VirtualProtect((void *)((here - distance) & ~(ULONG_PTR)0xFFF), 0x3000, PAGE_READWRITE | PAGE_GUARD,
                         &old));
    CHECK_EQ(old, PAGE_READWRITE);
}

static DWORD CALLBACK move_guard(void *unused)
{
    const NT_TIB *tib = (const NT_TIB *)NtCurrentTeb();
    char here;

    CHECK(unused == NULL);
    if (setjmp(back)) {
        CHECK(!"the guard is not the stack's end");
        return 1;
    }
    for (int i = 0; i < 3; i++) {
        deepest = 0;
        put_guard_here(0x20000);
        result = recurse_down_to(300);
        CHECK_EQ(deepest, 301);
        CHECK((char *)tib->StackLimit < &here - 300000);
    }
    deepest = 0;
    if (!setjmp(back)) {
        result = recurse_down_to(1 << 30);
        CHECK(!"nothing has happened");
    }
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_STACK_OVERFLOW);
    CHECK(deepest > 700);

    /* As a runtime does that is linked to the program. */
    put_guard_here(0x6000);
    deepest = 0;
    if (!setjmp(back)) {
        result = recurse_down_to(1 << 30);
        CHECK(!"nothing has happened");
    }
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_STACK_OVERFLOW);
    CHECK(deepest > 700);
    CHECK(_resetstkoflw());
    return 0;
}

TEST(a_guard_further_up)
{
    HANDLE thread = CreateThread(NULL, 0x100000, move_guard, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);

    CHECK_EQ(WaitForSingleObject(thread, 60000), WAIT_OBJECT_0);
    CloseHandle(thread);
}

TEST(a_guarantee)
{
    void *handler = AddVectoredExceptionHandler(TRUE, measure_room);
    HANDLE thread = CreateThread(NULL, 0x100000, overflow_with_guarantee, NULL, 0, NULL);

    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    RemoveVectoredExceptionHandler(handler);
}

/* A program's own stack, with a guard page of its own: calls of the system near its end are none of the
 * guard's business, and find that there is enough. */
#ifdef _WIN64
#define SWITCH_TO(stack)                                                                                   \
    __asm__ volatile("mov %%rsp, %%rbx\n\tmov %0, %%rsp\n\tsub $32, %%rsp\n\tcall *%1\n\tmov %%rbx, %%rsp" \
                     :                                                                                     \
                     : "r"(stack), "r"(call_system)                                                        \
                     : "rbx", "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "memory")
#else
#define SWITCH_TO(stack)                                                                 \
    __asm__ volatile("mov %%esp, %%ebx\n\tmov %0, %%esp\n\tcall *%1\n\tmov %%ebx, %%esp" \
                     :                                                                   \
                     : "r"(stack), "r"(call_system)                                      \
                     : "ebx", "eax", "ecx", "edx", "memory")
#endif

static volatile LONG calls;

static void call_system(void)
{
    calls = GetTickCount() != 0 && GetModuleHandleW(NULL) != NULL;
}

TEST(a_stack_of_the_program_s_own)
{
    char *memory = VirtualAlloc(NULL, 0x10000, MEM_RESERVE, PAGE_NOACCESS);
    MEMORY_BASIC_INFORMATION information;

    VirtualAlloc(memory + 0x1000, 0x1000, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
    VirtualAlloc(memory + 0x2000, 0x3000, MEM_COMMIT, PAGE_READWRITE);
    SWITCH_TO(memory + 0x5000);
    CHECK_EQ(calls, TRUE);
    VirtualQuery(memory + 0x1000, &information, sizeof information);
    CHECK_EQ(information.Protect, PAGE_READWRITE | PAGE_GUARD);
    VirtualFree(memory, 0, MEM_RELEASE);
}

int main(void)
{
    void *handler = AddVectoredExceptionHandler(FALSE, jump_back);

    RUN(the_first_stack);
    RUN(several_stacks_at_once);
    RUN(a_guard_further_up);
    RUN(a_guarantee);
    RUN(a_stack_of_the_program_s_own);
    RemoveVectoredExceptionHandler(handler);
    return CHECK_END();
}
