/* Exceptions on stacks that the program has made itself, as runtimes with many small stacks have: an
 * exception that a vectored handler settles takes no more room than those leave for it. */
#include "check.h"
#include <string.h>

#ifdef _WIN64
#define PC     Rip
#define BUDGET 4096
#else
#define PC     Eip
#define BUDGET 2048
#endif

#define MARK 0x5A

static unsigned char stack[32768] __attribute__((aligned(64)));
static volatile LONG calls;

/* The instruction that faults has two bytes. */
static LONG CALLBACK skip_instruction(EXCEPTION_POINTERS *pointers)
{
    calls++;
    pointers->ContextRecord->PC += 2;
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* Reads address 0 with the stack pointer at `top`. */
static void fault_on_stack(void *top)
{
#ifdef _WIN64
    __asm__ volatile("movq %%rsp, %%rbx\n\t"
                     "movq %0, %%rsp\n\t"
                     "xorl %%eax, %%eax\n\t"
                     "movl (%%rax), %%eax\n\t"
                     "movq %%rbx, %%rsp"
                     :
                     : "r"(top)
                     : "rax", "rbx", "memory");
#else
    __asm__ volatile("movl %%esp, %%ebx\n\t"
                     "movl %0, %%esp\n\t"
                     "xorl %%eax, %%eax\n\t"
                     "movl (%%eax), %%eax\n\t"
                     "movl %%ebx, %%esp"
                     :
                     : "r"(top)
                     : "eax", "ebx", "memory");
#endif
}

static SIZE_T depth_of_fault(SIZE_T misalignment)
{
    unsigned char *top = stack + sizeof stack - 256 - misalignment, *lowest = stack;

    memset(stack, MARK, sizeof stack);
    fault_on_stack(top);
    while (lowest < top && *lowest == MARK)
        lowest++;
    return top - lowest;
}

TEST(room_for_an_exception)
{
    for (SIZE_T misalignment = 0; misalignment < 64; misalignment += sizeof(void *)) {
        SIZE_T depth = depth_of_fault(misalignment);
        CHECK(depth > 0);
        if (!CHECK(depth <= BUDGET))
            CHECK_EQ(depth, BUDGET);
    }
    CHECK_EQ(calls, 64 / sizeof(void *));
}

TEST(the_stack_above_is_untouched)
{
    unsigned char *top = stack + sizeof stack - 256;

    memset(stack, MARK, sizeof stack);
    fault_on_stack(top);
    for (unsigned char *at = top; at < stack + sizeof stack; at++)
        if (*at != MARK && !CHECK_EQ(at - top, -1))
            break;
}

TEST(many_exceptions)
{
    calls = 0;
    for (int i = 0; i < 2000; i++)
        fault_on_stack(stack + 8192);
    CHECK_EQ(calls, 2000);
}

#ifdef _WIN64
static LONG CALLBACK leave_thread(EXCEPTION_POINTERS *pointers)
{
    ExitThread(pointers->ExceptionRecord->ExceptionCode == EXCEPTION_ACCESS_VIOLATION ? 7 : 8);
}

static DWORD WINAPI fault_elsewhere(void *unused)
{
    (void)unused;
    fault_on_stack(stack + sizeof stack - 256);
    return 0;
}

/* The frames of such a stack cannot be asked; on i386 their chain is elsewhere. */
TEST(continue_handlers_of_an_exception_that_nobody_handles)
{
    void *handler = AddVectoredContinueHandler(1, leave_thread);
    HANDLE thread = CreateThread(NULL, 0, fault_elsewhere, NULL, 0, NULL);
    DWORD code = 0;

    CHECK_EQ(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 7);
    CloseHandle(thread);
    RemoveVectoredContinueHandler(handler);
}
#endif

int main(void)
{
    void *handler = AddVectoredExceptionHandler(1, skip_instruction);

    RUN(room_for_an_exception);
    RUN(the_stack_above_is_untouched);
    RUN(many_exceptions);
    RemoveVectoredExceptionHandler(handler);
#ifdef _WIN64
    UNLESS_WINE("Wine 8 calls none") RUN(continue_handlers_of_an_exception_that_nobody_handles);
#endif
    return CHECK_END();
}
