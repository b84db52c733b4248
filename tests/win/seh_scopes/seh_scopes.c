/* __try with __except and __finally, which of the free compilers only clang knows. It lets a scope cover
 * calls alone: what faults is in functions of its own. */
#include "check.h"
#include <excpt.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

static char order[64];

static void note(char c)
{
    size_t length = strlen(order);
    order[length] = c;
    order[length + 1] = 0;
}

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
    RaiseException(code, 0, 0, NULL);
}

__attribute__((noinline)) static void write_to(ULONG_PTR address)
{
    *(volatile int *)address = 1;
}

TEST(a_handler_runs_for_a_fault)
{
    DWORD code = 0;
    volatile int reached = 0;

    __try {
        write_to(0x18);
        reached = 1;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        code = GetExceptionCode();
    }
    CHECK_EQ(reached, 0);
    UNLESS_WINE("Wine 8 leaves 0 in RAX") CHECK_EQ(code, EXCEPTION_ACCESS_VIOLATION);
}

static EXCEPTION_RECORD seen;

static int look(DWORD code, EXCEPTION_POINTERS *pointers)
{
    seen = *pointers->ExceptionRecord;
    return code == 0xE0000001 ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH;
}

TEST(a_filter_sees_the_exception)
{
    ULONG_PTR arguments[2] = {11, 22};
    int local = 5, handled = 0;

    __try {
        local = 6;
        RaiseException(0xE0000001, 0, 2, arguments);
    } __except (look(GetExceptionCode(), GetExceptionInformation())) {
        handled = local;
    }
    CHECK_EQ(handled, 6);
    CHECK_EQ(seen.ExceptionCode, 0xE0000001);
    CHECK_EQ(seen.NumberParameters, 2);
    CHECK_PTR(seen.ExceptionInformation[1], 22);
}

TEST(filters_are_asked_from_the_inside_out)
{
    order[0] = 0;
    __try {
        __try {
            __try {
                raise(0xE0000002);
            } __except (noting('1', EXCEPTION_CONTINUE_SEARCH)) {
                note('x');
            }
        } __except (noting('2', EXCEPTION_EXECUTE_HANDLER)) {
            note('h');
        }
    } __except (noting('3', EXCEPTION_EXECUTE_HANDLER)) {
        note('y');
    }
    CHECK_STR(order, "12h");
}

TEST(a_filter_may_continue)
{
    order[0] = 0;
    __try {
        raise(0xE0000003);
        note('a');
    } __except (noting('f', EXCEPTION_CONTINUE_EXECUTION)) {
        note('x');
    }
    CHECK_STR(order, "fa");
}

TEST(termination_blocks_run_between_filter_and_handler)
{
    order[0] = 0;
    __try {
        __try {
            __try {
                raise(0xE0000004);
                never++;
            } __finally {
                note(AbnormalTermination() ? 'A' : 'a');
            }
        } __finally {
            note(AbnormalTermination() ? 'B' : 'b');
        }
    } __except (noting('f', EXCEPTION_EXECUTE_HANDLER)) {
        note('h');
    }
    CHECK_STR(order, "fABh");
    order[0] = 0;
    __try {
        note('t');
    } __finally {
        note(AbnormalTermination() ? 'A' : 'a');
    }
    CHECK_STR(order, "ta");
}

__attribute__((noinline)) static void descend(int depth)
{
    __try {
        if (depth)
            descend(depth - 1);
        else
            raise(0xE0000005);
        never++;
    } __finally {
        note((char)('0' + depth));
    }
}

TEST(frames_between_are_left_in_order)
{
    order[0] = 0;
    __try {
        descend(5);
    } __except (noting('f', EXCEPTION_EXECUTE_HANDLER)) {
        note('h');
    }
    CHECK_STR(order, "f012345h");
}

TEST(an_exception_in_a_handler_goes_outward)
{
    order[0] = 0;
    __try {
        __try {
            raise(0xE0000006);
        } __except (noting('1', EXCEPTION_EXECUTE_HANDLER)) {
            raise(0xE0000007);
        }
    } __except (noting(GetExceptionCode() == 0xE0000007 ? '2' : '?', EXCEPTION_EXECUTE_HANDLER)) {
        note('h');
    }
    CHECK_STR(order, "12h");
}

static int raise_in_filter(DWORD code)
{
    __try {
        raise(0xE0000009);
    } __except (noting('i', EXCEPTION_EXECUTE_HANDLER)) {
        note('j');
    }
    return code == 0xE0000008 ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH;
}

TEST(a_filter_may_raise_and_handle)
{
    order[0] = 0;
    __try {
        raise(0xE0000008);
    } __except (raise_in_filter(GetExceptionCode())) {
        note('h');
    }
    CHECK_STR(order, "ijh");
}

static int raise_from_filter(void)
{
    note('r');
    raise(0xE000000B);
    return EXCEPTION_CONTINUE_SEARCH;
}

static DWORD nested_flags;

static int look_at_flags(DWORD code, EXCEPTION_POINTERS *pointers)
{
    if (code != 0xE000000B)
        return EXCEPTION_CONTINUE_SEARCH;
    nested_flags = pointers->ExceptionRecord->ExceptionFlags;
    return EXCEPTION_EXECUTE_HANDLER;
}

__attribute__((noinline)) static void filter_that_raises(void)
{
    __try {
        raise(0xE000000A);
    } __except (strlen(order) < 3 ? raise_from_filter() : EXCEPTION_CONTINUE_SEARCH) {
        note('x');
    }
}

TEST(a_filter_may_raise_what_another_frame_handles)
{
    order[0] = 0;
    __try {
        filter_that_raises();
    } __except (look_at_flags(GetExceptionCode(), GetExceptionInformation())) {
        note('h');
    }
    CHECK(strchr(order, 'h') != NULL);
    CHECK(strchr(order, 'x') == NULL);
}

/* The first unwind is overtaken by the second, and the termination block is not run again. */
TEST(collided_unwinds)
{
    order[0] = 0;
    __try {
        __try {
            __try {
                raise(0xE000000C);
                never++;
            } __finally {
                note('1');
                raise(0xE000000D);
                never++;
            }
        } __except (GetExceptionCode() == 0xE000000D ? noting('f', EXCEPTION_EXECUTE_HANDLER)
                                                     : EXCEPTION_CONTINUE_SEARCH) {
            note('h');
        }
        note('a');
    } __except (noting('g', EXCEPTION_EXECUTE_HANDLER)) {
        note('y');
    }
    CHECK_STR(order, "g1fha");
}

__attribute__((noinline)) static void raise_while_leaving(void)
{
    __try {
        __try {
            raise(0xE000000E);
            never++;
        } __finally {
            note('1');
            raise(0xE000000F);
            never++;
        }
    } __finally {
        note('2');
    }
}

TEST(collided_unwinds_over_frames)
{
    DWORD volatile code = 0;

    order[0] = 0;
    __try {
        __try {
            raise_while_leaving();
        } __finally {
            note('3');
        }
    } __except (code = GetExceptionCode(), noting('f', EXCEPTION_EXECUTE_HANDLER)) {
        note('h');
    }
    CHECK_STR(order, "f1f23h");
    CHECK_EQ(code, 0xE000000F);
}

TEST(what_cannot_continue_does_not)
{
    DWORD volatile code = 0;

    order[0] = 0;
    __try {
        __try {
            RaiseException(0xE0000010, EXCEPTION_NONCONTINUABLE, 0, NULL);
        } __except (GetExceptionCode() == 0xE0000010 ? EXCEPTION_CONTINUE_EXECUTION
                                                     : EXCEPTION_CONTINUE_SEARCH) {
            note('x');
        }
    } __except (code = GetExceptionCode(), EXCEPTION_EXECUTE_HANDLER) {
        note('h');
    }
    CHECK_STR(order, "h");
    CHECK_EQ(code, EXCEPTION_NONCONTINUABLE_EXCEPTION);
}

static int compare_and_raise(const void *a, const void *b)
{
    __try {
        raise(0xE0000011);
        never++;
    } __finally {
        note('c');
    }
    return *(const int *)a - *(const int *)b;
}

TEST(an_exception_crosses_the_system_s_functions)
{
    int numbers[4] = {3, 1, 2, 4};

    order[0] = 0;
    __try {
        qsort(numbers, 4, sizeof *numbers, compare_and_raise);
    } __except (noting('f', EXCEPTION_EXECUTE_HANDLER)) {
        note('h');
    }
    CHECK_STR(order, "fch");
}

TEST(a_fault_inside_the_system_is_handled)
{
    void *(*volatile copy)(void *, const void *, size_t) = memcpy;
    char *volatile bad = (char *)0x20;
    int handled = 0;

    for (int i = 0; i < 1000; i++) {
        __try {
            copy(bad, "1234567890", 10);
        } __except (EXCEPTION_EXECUTE_HANDLER) {
            handled++;
        }
    }
    CHECK_EQ(handled, 1000);
}

static jmp_buf back;

__attribute__((noinline)) static void jump_out(void)
{
    __try {
        longjmp(back, 3);
    } __finally {
        note('f');
    }
}

TEST(longjmp_runs_termination_blocks)
{
    order[0] = 0;
    int value = setjmp(back);
    if (!value)
        jump_out();
    CHECK_EQ(value, 3);
    CHECK_STR(order, "f");
}

static DWORD CALLBACK raise_in_thread(void *argument)
{
    volatile DWORD sum = 0;

    (void)argument;
    for (int i = 0; i < 500; i++) {
        __try {
            raise(0xE0000012);
        } __except (EXCEPTION_EXECUTE_HANDLER) {
            sum++;
        }
    }
    return sum;
}

TEST(threads_raise_at_the_same_time)
{
    HANDLE threads[4];

    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, 0, raise_in_thread, NULL, 0, NULL);
    for (int i = 0; i < 4; i++) {
        DWORD sum = 0;
        WaitForSingleObject(threads[i], INFINITE);
        GetExitCodeThread(threads[i], &sum);
        CHECK_EQ(sum, 500);
        CloseHandle(threads[i]);
    }
}

int main(void)
{
    RUN(a_handler_runs_for_a_fault);
    RUN(a_filter_sees_the_exception);
    RUN(filters_are_asked_from_the_inside_out);
    RUN(a_filter_may_continue);
    RUN(termination_blocks_run_between_filter_and_handler);
    RUN(frames_between_are_left_in_order);
    RUN(an_exception_in_a_handler_goes_outward);
    RUN(a_filter_may_raise_and_handle);
    RUN(a_filter_may_raise_what_another_frame_handles);
    RUN(collided_unwinds);
    RUN(collided_unwinds_over_frames);
    RUN(what_cannot_continue_does_not);
    RUN(an_exception_crosses_the_system_s_functions);
    RUN(a_fault_inside_the_system_is_handled);
    RUN(longjmp_runs_termination_blocks);
    RUN(threads_raise_at_the_same_time);
    CHECK_EQ(never, 0);
    return CHECK_END();
}
