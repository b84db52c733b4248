/* The fourth version of i386's frame handler, which free compilers do not use: the function in
 * handler4_frame.S has its tables. _except_handler4 itself is a part of each program; what it is made of is
 * in the runtime. */
#include "check.h"
#include <string.h>

/* What tables and frames are mixed with. */
ULONG_PTR secret = 0x5AD1E5;

int _except_handler4_common(ULONG_PTR *cookie, void(__fastcall *check)(ULONG_PTR), EXCEPTION_RECORD *record,
                            void *frame, CONTEXT *context, void *dispatcher);
void _local_unwind4(ULONG_PTR *cookie, void *frame, int level);

void __stdcall _seh_longjmp_unwind4(DWORD *jump_buffer);

static int checks, wrong_cookies;
static char order[20];

static void note(char c)
{
    order[strlen(order)] = c;
}

static void __fastcall check(ULONG_PTR cookie)
{
    checks++;
    wrong_cookies += cookie != secret;
}

int except_handler4(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher)
{
    return _except_handler4_common(&secret, check, record, frame, context, dispatcher);
}

/* Calls function(registration) in a __try with __finally, in one with __except; 1 if the latter was needed.
 */
int guarded(void (*function)(void *frame));

/* The filter and the termination block. */
static int filter_answer;

int filter(EXCEPTION_POINTERS *pointers)
{
    note(pointers->ExceptionRecord->ExceptionCode == 0xE0000001 ? 'f' : '?');
    return filter_answer;
}

void finally(void)
{
    note('t');
}

static void return_at_once(void *frame)
{
    (void)frame;
    note('1');
}

static void raise(void *frame)
{
    (void)frame;
    RaiseException(0xE0000001, 0, 0, NULL);
    note('2');
}

static void leave_scope(void *frame)
{
    _local_unwind4(&secret, frame, 0);
    note('3');
}

/* Where a jump buffer has the frame, its level and the cookie. */
enum { REGISTRATION = 6, LEVEL = 7, UNWIND_DATA = 10 };

static void leave_scope_by_longjmp(void *frame)
{
    DWORD buffer[16] = {[REGISTRATION] = (DWORD)frame, [LEVEL] = 0, [UNWIND_DATA] = (DWORD)&secret};
    _seh_longjmp_unwind4(buffer);
    note('4');
}

TEST(scopes)
{
    CHECK_EQ(guarded(return_at_once), 0);
    CHECK_STR(order, "1");
    memset(order, 0, sizeof order);

    filter_answer = EXCEPTION_EXECUTE_HANDLER;
    CHECK_EQ(guarded(raise), 1);
    CHECK_STR(order, "ft");
    memset(order, 0, sizeof order);

    filter_answer = EXCEPTION_CONTINUE_EXECUTION;
    CHECK_EQ(guarded(raise), 0);
    CHECK_STR(order, "f2");
    memset(order, 0, sizeof order);

    CHECK_EQ(guarded(leave_scope), 0);
    CHECK_STR(order, "t3");
    memset(order, 0, sizeof order);

    CHECK_EQ(guarded(leave_scope_by_longjmp), 0);
    CHECK_STR(order, "t4");
    memset(order, 0, sizeof order);
}

TEST(cookies)
{
    checks = 0;
    filter_answer = EXCEPTION_EXECUTE_HANDLER;
    CHECK_EQ(guarded(raise), 1);
    /* Two cookies, when searching; the frame that handles it is not asked again. */
    CHECK_EQ(checks, 2);
    CHECK_EQ(wrong_cookies, 0);
}

int main(void)
{
    RUN(scopes);
    RUN(cookies);
    return CHECK_END();
}
