/* __try with __except and __finally, thread-local data and longjmp, as Microsoft's ABI has them. */
#include "runtime.h"
#include <string.h>

static char order[60];

static void note(char c)
{
    size_t length = strlen(order);
    order[length] = c;
    order[length + 1] = 0;
}

#define CHECK_ORDER(expected)       \
    do {                            \
        CHECK_STR(order, expected); \
        order[0] = 0;               \
    } while (0)

/* Counts up behind a call that does not return: the scopes' ends are then apart, too, which else overlap by
 * the byte behind the call. */
static volatile int never;

static int noting(char c, int answer)
{
    note(c);
    return answer;
}

__attribute__((noinline)) static void raise(DWORD code)
{
    RaiseException(code, 0, 0, nullptr);
}

__attribute__((noinline)) static void copy_from(const void *source)
{
    char *volatile target = order + 20;
    memcpy(target, source, 16);
}

/* __except */

TEST(a_handler_knows_the_code)
{
    DWORD in_filter = 0, in_handler = 0;
    volatile int reached = 0;
    __try {
        copy_from((const void *)0x18);
        reached = 1;
    } __except (in_filter = GetExceptionCode(), EXCEPTION_EXECUTE_HANDLER) {
        in_handler = GetExceptionCode();
    }
    CHECK_EQ(reached, 0);
    CHECK_EQ(in_filter, EXCEPTION_ACCESS_VIOLATION);
    UNLESS_WINE("Wine 8 leaves 0 in RAX") CHECK_EQ(in_handler, EXCEPTION_ACCESS_VIOLATION);
}

TEST(filters_are_asked_from_the_inside)
{
    __try {
        __try {
            __try {
                raise(0xE0000001);
            } __except (noting('1', EXCEPTION_CONTINUE_SEARCH)) {
                note('!');
            }
        } __except (noting('2', EXCEPTION_EXECUTE_HANDLER)) {
            note('a');
        }
        note('b');
    } __except (noting('3', EXCEPTION_EXECUTE_HANDLER)) {
        note('!');
    }
    CHECK_ORDER("12ab");
}

static int mend(EXCEPTION_POINTERS *pointers, ULONG_PTR good)
{
    CHECK_EQ(pointers->ExceptionRecord->ExceptionCode, 0xE0000002);
    CHECK_EQ(pointers->ExceptionRecord->NumberParameters, 1);
    CHECK_PTR(pointers->ExceptionRecord->ExceptionInformation[0], good);
    return EXCEPTION_CONTINUE_EXECUTION;
}

TEST(execution_continues)
{
    ULONG_PTR argument = 77;
    volatile int reached = 0;
    __try {
        RaiseException(0xE0000002, 0, 1, &argument);
        reached = 1;
    } __except (mend(GetExceptionInformation(), 77)) {
        note('!');
    }
    CHECK_EQ(reached, 1);
    CHECK_ORDER("");
}

TEST(a_handler_may_raise)
{
    __try {
        __try {
            raise(0xE0000001);
        } __except (EXCEPTION_EXECUTE_HANDLER) {
            note('1');
            raise(0xE0000002);
        }
    } __except (noting(GetExceptionCode() == 0xE0000002 ? 'y' : 'n', EXCEPTION_EXECUTE_HANDLER)) {
        note('2');
    }
    CHECK_ORDER("1y2");
}

/* __finally */

__attribute__((noinline)) static void nest(int depth, DWORD code)
{
    __try {
        if (depth)
            nest(depth - 1, code);
        else if (code)
            raise(code);
    } __finally {
        note((char)((AbnormalTermination() ? 'A' : 'a') + depth));
    }
}

TEST(termination_blocks_run)
{
    nest(2, 0);
    CHECK_ORDER("abc");
    __try {
        nest(2, 0xE0000003);
    } __except (noting('f', EXCEPTION_EXECUTE_HANDLER)) {
        note('x');
    }
    CHECK_ORDER("fABCx");
}

TEST(termination_blocks_run_in_the_same_function)
{
    __try {
        __try {
            __try {
                raise(0xE0000004);
                never = never + 1;
            } __finally {
                note('1');
            }
            never = never + 1;
        } __finally {
            note('2');
        }
    } __except (noting('f', EXCEPTION_EXECUTE_HANDLER)) {
        note('x');
    }
    CHECK_ORDER("f12x");
}

TEST(an_exception_in_a_termination_block)
{
    __try {
        __try {
            __try {
                raise(0xE0000005);
            } __finally {
                note('1');
                raise(0xE0000006);
                never = never + 1;
            }
            never = never + 1;
        } __finally {
            note('2');
        }
    } __except (noting(GetExceptionCode() == 0xE0000006 ? 'y' : 'n', EXCEPTION_EXECUTE_HANDLER)) {
        note('x');
    }
    UNLESS_WINE("Wine 8 runs the outer block twice") CHECK_STR(order, "n1y2x");
    order[0] = 0;
}

/* Longjmp */

static __declspec(align(16)) char buffer[512];

__attribute__((noinline)) static void jump(int depth)
{
    __try {
        if (!depth)
            longjmp(buffer, 5);
        jump(depth - 1);
    } __finally {
        note((char)('a' + depth));
    }
}

TEST(longjmp_runs_termination_blocks)
{
    volatile int count = 0;
    int value = _setjmp(buffer);
    if (!value) {
        count = 1;
        jump(2);
    }
    CHECK_EQ(value, 5);
    CHECK_EQ(count, 1);
    CHECK_ORDER("abc");
}

/* __declspec(thread) */

static __declspec(thread) int number = 40;
static __declspec(thread) char text[300] = "template";

static DWORD WINAPI in_thread(void *argument)
{
    CHECK_EQ(number, 40);
    CHECK_STR(text, "template");
    number += *(int *)argument;
    text[0] = 'T';
    return number;
}

TEST(threads_have_their_own_data)
{
    number = 1;
    text[1] = 'E';
    for (int i = 0; i < 3; i++) {
        DWORD code = 0;
        HANDLE thread = CreateThread(nullptr, 0, in_thread, &i, 0, nullptr);
        WaitForSingleObject(thread, INFINITE);
        GetExitCodeThread(thread, &code);
        CloseHandle(thread);
        CHECK_EQ(code, 40 + i);
    }
    CHECK_EQ(number, 1);
    CHECK_STR(text, "tEmplate");
}

int main()
{
    RUN(a_handler_knows_the_code);
    RUN(filters_are_asked_from_the_inside);
    RUN(execution_continues);
    RUN(a_handler_may_raise);
    RUN(termination_blocks_run);
    RUN(termination_blocks_run_in_the_same_function);
    RUN(an_exception_in_a_termination_block);
    RUN(longjmp_runs_termination_blocks);
    RUN(threads_have_their_own_data);
    return CHECK_END();
}
