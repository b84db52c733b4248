/* The chain of exception registrations at fs:[0]. */
#pragma GCC diagnostic ignored "-Wunused-parameter" /* many handlers do not look at the exception */
#include "check.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define UNWINDING 6

NTSYSAPI VOID NTAPI RtlUnwind(PVOID frame, PVOID ip, PEXCEPTION_RECORD record, PVOID value);

struct registration {
    struct registration *next;
    EXCEPTION_DISPOSITION (*handler)(EXCEPTION_RECORD *, struct registration *, CONTEXT *, void *);
    char mark;
    jmp_buf back;
};

static char order[64];

static void note(char c)
{
    size_t length = strlen(order);
    order[length] = c;
    order[length + 1] = 0;
}

static struct registration *chain(void)
{
    struct registration *first;
    __asm__ volatile("movl %%fs:0, %0" : "=r"(first) : : "memory");
    return first;
}

static void set_chain(struct registration *first)
{
    __asm__ volatile("movl %0, %%fs:0" : : "r"(first) : "memory");
}

/* Newer registrations lie below older ones, as they would in deeper functions. */
struct three {
    struct registration c, b, a;
};

#define PUSH(registration, function, letter)                                                   \
    (registration.next = chain(), registration.handler = function, registration.mark = letter, \
     set_chain(&registration))
#define POP(registration) set_chain(registration.next)

static EXCEPTION_RECORD seen;
static CONTEXT seen_context;

static EXCEPTION_DISPOSITION note_and_search(EXCEPTION_RECORD *record, struct registration *frame,
                                             CONTEXT *context, void *dispatcher)
{
    note(record->ExceptionFlags & UNWINDING ? (char)(frame->mark - 'a' + 'A') : frame->mark);
    return ExceptionContinueSearch;
}

static EXCEPTION_DISPOSITION note_and_continue(EXCEPTION_RECORD *record, struct registration *frame,
                                               CONTEXT *context, void *dispatcher)
{
    seen = *record;
    seen_context = *context;
    note(frame->mark);
    return ExceptionContinueExecution;
}

static EXCEPTION_DISPOSITION skip_instruction(EXCEPTION_RECORD *record, struct registration *frame,
                                              CONTEXT *context, void *dispatcher)
{
    note(frame->mark);
    context->Eip += 2;
    context->Eax = 0x1234;
    return ExceptionContinueExecution;
}

TEST(a_thread_has_a_chain)
{
    CHECK(chain() != NULL);
}

TEST(handlers_are_asked_from_the_newest)
{
    struct three on;
    struct registration *before = chain();
    ULONG_PTR arguments[2] = {7, 8};

    order[0] = 0;
    PUSH(on.a, note_and_search, 'a');
    PUSH(on.b, note_and_continue, 'b');
    PUSH(on.c, note_and_search, 'c');
    RaiseException(0xE0000001, 0, 2, arguments);
    CHECK(chain() == &on.c);
    POP(on.c);
    POP(on.b);
    POP(on.a);
    CHECK(chain() == before);
    CHECK_STR(order, "cb");
    CHECK_EQ(seen.ExceptionCode, 0xE0000001);
    CHECK_EQ(seen.NumberParameters, 2);
    CHECK_EQ(seen.ExceptionInformation[1], 8);
    CHECK_EQ(seen_context.ContextFlags & 0x10007, 0x10007);
}

TEST(a_handler_may_change_the_context)
{
    struct registration a;
    int result = 0;

    order[0] = 0;
    PUSH(a, skip_instruction, 'a');
    __asm__ volatile("ud2" : "=a"(result));
    POP(a);
    CHECK_EQ(result, 0x1234);
    CHECK_STR(order, "a");
}

static EXCEPTION_DISPOSITION unwind_and_jump(EXCEPTION_RECORD *record, struct registration *frame,
                                             CONTEXT *context, void *dispatcher)
{
    if (record->ExceptionFlags & UNWINDING) {
        note('!');
        return ExceptionContinueSearch;
    }
    note(frame->mark);
    RtlUnwind(frame, NULL, record, NULL);
    CHECK(chain() == frame);
    longjmp(frame->back, 9);
}

static void raise(DWORD code)
{
    RaiseException(code, 0, 0, NULL);
}

__attribute__((noinline)) static void raise_in_newer_frames(void)
{
    struct three on;

    PUSH(on.b, note_and_search, 'b');
    PUSH(on.c, note_and_search, 'c');
    raise(0xE0000002);
}

TEST(an_unwind_calls_and_removes_the_newer_handlers)
{
    struct registration a;
    volatile int value;

    order[0] = 0;
    PUSH(a, unwind_and_jump, 'a');
    value = setjmp(a.back);
    if (!value)
        raise_in_newer_frames();
    CHECK_EQ(value, 9);
    CHECK(chain() == &a);
    POP(a);
    CHECK_STR(order, "cbaCB");
}

/* RtlUnwind returns to its caller with the registers that calls preserve, and the value in EAX. */
TEST(an_unwind_returns)
{
    struct three on;
    int value, ebx, esi, edi, depth;

    order[0] = 0;
    PUSH(on.a, note_and_search, 'a');
    PUSH(on.b, note_and_search, 'b');
    __asm__ volatile("movl $0x11, %%ebx\n\tmovl $0x22, %%esi\n\tmovl $0x33, %%edi\n\t"
                     "movl %%esp, %4\n\t"
                     "pushl $0x55\n\tpushl $0\n\tpushl $0\n\tpushl %5\n\t"
                     "call *%6\n\t"
                     "subl %%esp, %4"
                     : "=a"(value), "=b"(ebx), "=S"(esi), "=D"(edi), "=m"(depth)
                     : "d"(&on.a), "c"(RtlUnwind)
                     : "memory", "cc");
    CHECK_EQ(value, 0x55);
    CHECK_EQ(ebx, 0x11);
    CHECK_EQ(esi, 0x22);
    CHECK_EQ(edi, 0x33);
    CHECK_EQ(depth, 0);
    CHECK(chain() == &on.a);
    CHECK_STR(order, "B");
    POP(on.a);
}

static DWORD nested_flags[8];
static int nested_count;

static EXCEPTION_DISPOSITION raise_once(EXCEPTION_RECORD *record, struct registration *frame,
                                        CONTEXT *context, void *dispatcher)
{
    if (nested_count < 8)
        nested_flags[nested_count++] = record->ExceptionFlags;
    if (record->ExceptionCode == 0xE0000003)
        raise(0xE0000004);
    return ExceptionContinueSearch;
}

static EXCEPTION_DISPOSITION continue_both(EXCEPTION_RECORD *record, struct registration *frame,
                                           CONTEXT *context, void *dispatcher)
{
    if (nested_count < 8)
        nested_flags[nested_count++] = record->ExceptionFlags;
    return ExceptionContinueExecution;
}

/* The handlers up to the one that has raised are told that the exception is a nested one. */
TEST(an_exception_in_a_handler)
{
    struct three on;

    nested_count = 0;
    PUSH(on.a, continue_both, 'a');
    PUSH(on.b, raise_once, 'b');
    raise(0xE0000003);
    POP(on.b);
    POP(on.a);
    CHECK_EQ(nested_count, 4);
    CHECK_EQ(nested_flags[0], 0);
    CHECK_EQ(nested_flags[1], 0x10); /* EXCEPTION_NESTED_CALL */
    CHECK_EQ(nested_flags[2], 0);
    CHECK_EQ(nested_flags[3], 0);
}

static EXCEPTION_DISPOSITION jump_at_the_second(EXCEPTION_RECORD *record, struct registration *frame,
                                                CONTEXT *context, void *dispatcher)
{
    if (record->ExceptionFlags & UNWINDING)
        return ExceptionContinueSearch;
    if (record->ExceptionCode == EXCEPTION_NONCONTINUABLE_EXCEPTION) {
        seen = *record;
        RtlUnwind(frame, NULL, record, NULL);
        longjmp(frame->back, 1);
    }
    return record->ExceptionCode == 0xE0000005 ? ExceptionContinueExecution : ExceptionContinueSearch;
}

TEST(what_cannot_continue_does_not)
{
    struct registration a;
    volatile int value;

    PUSH(a, jump_at_the_second, 'a');
    value = setjmp(a.back);
    if (!value)
        RaiseException(0xE0000005, EXCEPTION_NONCONTINUABLE, 0, NULL);
    POP(a);
    CHECK_EQ(value, 1);
    CHECK_EQ(seen.ExceptionCode, EXCEPTION_NONCONTINUABLE_EXCEPTION);
    CHECK_EQ(seen.ExceptionFlags, EXCEPTION_NONCONTINUABLE);
    CHECK(seen.ExceptionRecord != NULL);
}

/* A handler that does not preserve registers, and takes no care of its stack pointer. */
__attribute__((naked)) static EXCEPTION_DISPOSITION
careless(EXCEPTION_RECORD *record, struct registration *frame, CONTEXT *context, void *dispatcher)
{
    __asm__("xorl %ebx, %ebx\n\txorl %esi, %esi\n\txorl %edi, %edi\n\tmovl $1, %eax\n\tret $16");
}

TEST(careless_handlers)
{
    struct three on;

    order[0] = 0;
    PUSH(on.a, note_and_continue, 'a');
    PUSH(on.b, careless, 'b');
    raise(0xE0000006);
    POP(on.b);
    POP(on.a);
    CHECK_STR(order, "a");
}

__attribute__((noinline)) static int compare_and_raise(const void *a, const void *b)
{
    struct registration inner;

    PUSH(inner, note_and_search, 'i');
    raise(0xE0000007);
    POP(inner);
    return *(const int *)a - *(const int *)b;
}

TEST(an_exception_crosses_the_system_s_functions)
{
    struct registration a;
    int numbers[3] = {3, 1, 2};
    volatile int value;

    order[0] = 0;
    PUSH(a, unwind_and_jump, 'a');
    value = setjmp(a.back);
    if (!value)
        qsort(numbers, 3, sizeof *numbers, compare_and_raise);
    POP(a);
    CHECK_EQ(value, 9);
    CHECK_STR(order, "iaI");
}

static EXCEPTION_DISPOSITION skip_write(EXCEPTION_RECORD *record, struct registration *frame,
                                        CONTEXT *context, void *dispatcher)
{
    CHECK_EQ(record->ExceptionCode, EXCEPTION_ACCESS_VIOLATION);
    CHECK_EQ(record->ExceptionInformation[1], 0x30);
    RtlUnwind(frame, NULL, record, NULL);
    longjmp(frame->back, 2);
}

TEST(a_fault_inside_the_system_is_handled)
{
    void *(*volatile copy)(void *, const void *, size_t) = memcpy;
    struct registration a;
    volatile int handled = 0;

    for (volatile int i = 0; i < 100; i++) {
        PUSH(a, skip_write, 'a');
        if (!setjmp(a.back))
            copy((void *)0x30, "12", 2);
        else
            handled++;
        POP(a);
    }
    CHECK_EQ(handled, 100);
}

static DWORD CALLBACK look_at_chain(void *argument)
{
    struct registration a;

    PUSH(a, note_and_continue, 't');
    raise(0xE0000008);
    POP(a);
    return 5;
}

TEST(a_thread_has_a_chain_of_its_own)
{
    DWORD code = 0;

    order[0] = 0;
    HANDLE thread = CreateThread(NULL, 0, look_at_chain, NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    CHECK_EQ(code, 5);
    CHECK_STR(order, "t");
}

int main(void)
{
    RUN(a_thread_has_a_chain);
    RUN(handlers_are_asked_from_the_newest);
    RUN(a_handler_may_change_the_context);
    RUN(an_unwind_calls_and_removes_the_newer_handlers);
    RUN(an_unwind_returns);
    RUN(an_exception_in_a_handler);
    RUN(what_cannot_continue_does_not);
    RUN(careless_handlers);
    RUN(an_exception_crosses_the_system_s_functions);
    RUN(a_fault_inside_the_system_is_handled);
    RUN(a_thread_has_a_chain_of_its_own);
    return CHECK_END();
}
