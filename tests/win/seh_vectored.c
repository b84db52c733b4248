/* Vectored handlers, RaiseException and what is raised on a program's behalf. */
#pragma GCC diagnostic ignored "-Wunused-parameter" /* many handlers do not look at the exception */
#include "check.h"
#include <setjmp.h>
#include <string.h>

#ifdef _WIN64
#define PC  Rip
#define ACC Rax
#else
#define PC  Eip
#define ACC Eax
#endif

static EXCEPTION_RECORD seen;
static int calls;
static char order[32];

static LONG CALLBACK record_and_continue(EXCEPTION_POINTERS *pointers)
{
    seen = *pointers->ExceptionRecord;
    calls++;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void note(char c)
{
    size_t length = strlen(order);
    order[length] = c;
    order[length + 1] = 0;
}

static LONG CALLBACK note_a(EXCEPTION_POINTERS *pointers)
{
    note('a');
    return EXCEPTION_CONTINUE_SEARCH;
}

static LONG CALLBACK note_b(EXCEPTION_POINTERS *pointers)
{
    note('b');
    return EXCEPTION_CONTINUE_SEARCH;
}

static LONG CALLBACK note_c_and_continue(EXCEPTION_POINTERS *pointers)
{
    note('c');
    return EXCEPTION_CONTINUE_EXECUTION;
}

static LONG CALLBACK note_d(EXCEPTION_POINTERS *pointers)
{
    note('d');
    return EXCEPTION_CONTINUE_SEARCH;
}

/* For several threads at once: it keeps no note. */
static LONG CALLBACK pass_on(EXCEPTION_POINTERS *pointers)
{
    return EXCEPTION_CONTINUE_SEARCH;
}

TEST(what_is_raised_arrives)
{
    ULONG_PTR arguments[3] = {1, (ULONG_PTR)-2, 3};
    void *handler = AddVectoredExceptionHandler(TRUE, record_and_continue);

    CHECK(handler != NULL);
    calls = 0;
    RaiseException(0xE0001234, 0, 3, arguments);
    CHECK_EQ(calls, 1);
    CHECK_EQ(seen.ExceptionCode, 0xE0001234);
    CHECK_EQ(seen.ExceptionFlags, 0);
    CHECK(seen.ExceptionRecord == NULL);
    CHECK(seen.ExceptionAddress != NULL);
    CHECK_EQ(seen.NumberParameters, 3);
    CHECK_PTR(seen.ExceptionInformation[0], 1);
    CHECK_PTR(seen.ExceptionInformation[1], (ULONG_PTR)-2);
    CHECK_PTR(seen.ExceptionInformation[2], 3);
    CHECK(RemoveVectoredExceptionHandler(handler));
}

TEST(codes_flags_and_counts_have_limits)
{
    ULONG_PTR arguments[EXCEPTION_MAXIMUM_PARAMETERS + 5];
    void *handler = AddVectoredExceptionHandler(TRUE, record_and_continue);

    for (int i = 0; i < EXCEPTION_MAXIMUM_PARAMETERS + 5; i++)
        arguments[i] = i;
    RaiseException(0xFFFFFFFF, 0, EXCEPTION_MAXIMUM_PARAMETERS + 5, arguments);
    CHECK_EQ(seen.ExceptionCode, 0xFFFFFFFF);
    CHECK_EQ(seen.NumberParameters, EXCEPTION_MAXIMUM_PARAMETERS);
    CHECK_PTR(seen.ExceptionInformation[EXCEPTION_MAXIMUM_PARAMETERS - 1], EXCEPTION_MAXIMUM_PARAMETERS - 1);
    RaiseException(0, 0xFFFFFFFE, 7, NULL);
    CHECK_EQ(seen.ExceptionCode, 0);
    CHECK_EQ(seen.ExceptionFlags, 0);
    CHECK_EQ(seen.NumberParameters, 0);
    RemoveVectoredExceptionHandler(handler);
}

TEST(first_and_last)
{
    void *c = AddVectoredExceptionHandler(FALSE, note_c_and_continue);
    void *a = AddVectoredExceptionHandler(TRUE, note_a);
    void *b = AddVectoredExceptionHandler(TRUE, note_b);
    void *d = AddVectoredExceptionHandler(FALSE, note_d);

    order[0] = 0;
    RaiseException(0xE0000001, 0, 0, NULL);
    CHECK_STR(order, "bac");
    CHECK(RemoveVectoredExceptionHandler(b));
    CHECK(!RemoveVectoredExceptionHandler(b));
    order[0] = 0;
    RaiseException(0xE0000001, 0, 0, NULL);
    CHECK_STR(order, "ac");
    CHECK(RemoveVectoredExceptionHandler(a));
    CHECK(RemoveVectoredExceptionHandler(c));
    CHECK(RemoveVectoredExceptionHandler(d));
    CHECK(!RemoveVectoredExceptionHandler(NULL));
}

TEST(one_function_may_be_registered_twice)
{
    void *first = AddVectoredExceptionHandler(TRUE, note_a);
    void *second = AddVectoredExceptionHandler(TRUE, note_a);
    void *last = AddVectoredExceptionHandler(FALSE, note_c_and_continue);

    CHECK(first != second);
    order[0] = 0;
    RaiseException(0xE0000001, 0, 0, NULL);
    CHECK_STR(order, "aac");
    RemoveVectoredExceptionHandler(first);
    RemoveVectoredExceptionHandler(second);
    RemoveVectoredExceptionHandler(last);
}

static void *self, *next;
static ULONG removed_self, removed_next;

static LONG CALLBACK remove_self_and_next(EXCEPTION_POINTERS *pointers)
{
    note('r');
    removed_self = RemoveVectoredExceptionHandler(self);
    removed_next = RemoveVectoredExceptionHandler(next);
    return EXCEPTION_CONTINUE_SEARCH;
}

TEST(removal_while_one_runs)
{
    void *last = AddVectoredExceptionHandler(FALSE, note_c_and_continue);

    next = AddVectoredExceptionHandler(TRUE, note_a);
    self = AddVectoredExceptionHandler(TRUE, remove_self_and_next);
    order[0] = 0;
    RaiseException(0xE0000001, 0, 0, NULL);
    CHECK_EQ(removed_self, TRUE);
    CHECK_EQ(removed_next, TRUE);
    CHECK_STR(order, "rc");
    order[0] = 0;
    RaiseException(0xE0000001, 0, 0, NULL);
    CHECK_STR(order, "c");
    RemoveVectoredExceptionHandler(last);
}

TEST(continue_handlers_come_after)
{
    void *before = AddVectoredExceptionHandler(TRUE, note_c_and_continue);
    void *second = AddVectoredContinueHandler(FALSE, note_b);
    void *first = AddVectoredContinueHandler(TRUE, note_a);

    order[0] = 0;
    RaiseException(0xE0000001, 0, 0, NULL);
    UNLESS_WINE("Wine 8 calls them for faults only") CHECK_STR(order, "cab");
    CHECK(!RemoveVectoredExceptionHandler(first));
    CHECK(RemoveVectoredContinueHandler(first));
    CHECK(RemoveVectoredContinueHandler(second));
    CHECK(RemoveVectoredExceptionHandler(before));
}

static int depth;

static LONG CALLBACK raise_again(EXCEPTION_POINTERS *pointers)
{
    note((char)('0' + depth));
    if (depth < 3) {
        depth++;
        RaiseException(0xE0000002, 0, 0, NULL);
        depth--;
    }
    note((char)('0' + depth));
    return EXCEPTION_CONTINUE_EXECUTION;
}

TEST(a_handler_may_raise)
{
    void *handler = AddVectoredExceptionHandler(TRUE, raise_again);

    order[0] = 0;
    RaiseException(0xE0000001, 0, 0, NULL);
    CHECK_STR(order, "01233210");
    RemoveVectoredExceptionHandler(handler);
}

static jmp_buf back;
static int jumping;

/* A call that is left by longjmp may keep the handler in its list for ever. */
static LONG CALLBACK jump_back(EXCEPTION_POINTERS *pointers)
{
    if (jumping)
        longjmp(back, 7);
    return EXCEPTION_CONTINUE_SEARCH;
}

/* Neither the registers that survive a call nor the floating-point state may suffer. */
TEST(a_handler_may_leave_by_longjmp)
{
    void *handler = AddVectoredExceptionHandler(TRUE, jump_back);
    volatile int landed = 0;

    jumping = 1;
    for (volatile int i = 0; i < 1000; i++) {
        int value = setjmp(back);
        if (!value)
            RaiseException(0xE0000003, 0, 0, NULL);
        landed += value;
    }
    CHECK_EQ(landed, 7000);
    for (volatile int i = 0; i < 1000; i++) {
        int value = setjmp(back);
        if (!value)
            *(volatile int *)(ULONG_PTR)(i * 4) = 1;
        landed += value;
    }
    CHECK_EQ(landed, 14000);
    jumping = 0;
    RemoveVectoredExceptionHandler(handler);
}

static LONG CALLBACK change_registers(EXCEPTION_POINTERS *pointers)
{
    CONTEXT *context = pointers->ContextRecord;
#ifdef _WIN64
    context->Rax = 0xA0;
    context->Rcx = 0xC0;
    context->Rdx = 0xD0;
    context->Rbx = 0xB0;
    context->Rsi = 0x51;
    context->Rdi = 0xD1;
    context->R8 = 8;
    context->R9 = 9;
    context->R10 = 10;
    context->R11 = 11;
    context->R12 = 12;
    context->R13 = 13;
    context->R14 = 14;
    context->R15 = 15;
    context->Xmm6.Low = 66;
    context->Xmm15.High = 1515;
#else
    context->Eax = 0xA0;
    context->Ecx = 0xC0;
    context->Edx = 0xD0;
    context->Ebx = 0xB0;
    context->Esi = 0x51;
    context->Edi = 0xD1;
#endif
    context->PC += 2;
    return EXCEPTION_CONTINUE_EXECUTION;
}

#ifdef _WIN64
TEST(a_handler_may_change_every_register)
{
    ULONG_PTR r[14] = {0}, x6[2] = {0}, x15[2] = {0};
    void *handler = AddVectoredExceptionHandler(TRUE, change_registers);

    __asm__ volatile("push %%rbp\n\t"
                     "mov %0, %%rbp\n\t"
                     "ud2\n\t"
                     "mov %%rax, 0(%%rbp)\n\tmov %%rcx, 8(%%rbp)\n\tmov %%rdx, 16(%%rbp)\n\t"
                     "mov %%rbx, 24(%%rbp)\n\tmov %%rsi, 32(%%rbp)\n\tmov %%rdi, 40(%%rbp)\n\t"
                     "mov %%r8, 48(%%rbp)\n\tmov %%r9, 56(%%rbp)\n\tmov %%r10, 64(%%rbp)\n\t"
                     "mov %%r11, 72(%%rbp)\n\tmov %%r12, 80(%%rbp)\n\tmov %%r13, 88(%%rbp)\n\t"
                     "mov %%r14, 96(%%rbp)\n\tmov %%r15, 104(%%rbp)\n\t"
                     "pop %%rbp\n\t"
                     :
                     : "a"(r)
                     : "rcx", "rdx", "rbx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
                       "r15", "xmm6", "xmm15", "memory");
    __asm__ volatile("ud2\n\tmovups %%xmm6, %0\n\tmovups %%xmm15, %1"
                     : "=m"(x6), "=m"(x15)
                     :
                     : "rax", "rcx", "rdx", "rbx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
                       "r14", "r15", "xmm6", "xmm15", "memory");
    RemoveVectoredExceptionHandler(handler);
    const ULONG_PTR expected[14] = {0xA0, 0xC0, 0xD0, 0xB0, 0x51, 0xD1, 8, 9, 10, 11, 12, 13, 14, 15};
    CHECK_MEM(r, expected, sizeof r);
    CHECK_PTR(x6[0], 66);
    CHECK_PTR(x15[1], 1515);
}
#else
TEST(a_handler_may_change_every_register)
{
    static ULONG_PTR r[6];
    void *handler = AddVectoredExceptionHandler(TRUE, change_registers);

    __asm__ volatile("push %%ebx\n\t"
                     "ud2\n\t"
                     "mov %%eax, %0\n\tmov %%ecx, 4+%0\n\tmov %%edx, 8+%0\n\t"
                     "mov %%ebx, 12+%0\n\tmov %%esi, 16+%0\n\tmov %%edi, 20+%0\n\t"
                     "pop %%ebx"
                     : "=m"(r)
                     :
                     : "eax", "ecx", "edx", "esi", "edi", "memory");
    RemoveVectoredExceptionHandler(handler);
    const ULONG_PTR expected[6] = {0xA0, 0xC0, 0xD0, 0xB0, 0x51, 0xD1};
    CHECK_MEM(r, expected, sizeof r);
}
#endif

static DWORD codes[8], parameters[8];
static char text[64];
static WCHAR wide_text[64];
static int code_count;

static LONG CALLBACK record_print(EXCEPTION_POINTERS *pointers)
{
    EXCEPTION_RECORD *record = pointers->ExceptionRecord;

    if (code_count < 8) {
        codes[code_count] = record->ExceptionCode;
        parameters[code_count++] = record->NumberParameters;
    }
    if (record->ExceptionCode == DBG_PRINTEXCEPTION_C)
        memcpy(text, (char *)record->ExceptionInformation[1], record->ExceptionInformation[0]);
    if (record->ExceptionCode == DBG_PRINTEXCEPTION_WIDE_C)
        memcpy(wide_text, (WCHAR *)record->ExceptionInformation[1],
               record->ExceptionInformation[0] * sizeof(WCHAR));
    return EXCEPTION_CONTINUE_SEARCH;
}

TEST(debug_output_is_an_exception)
{
    void *handler = AddVectoredExceptionHandler(TRUE, record_print);

    code_count = 0;
    OutputDebugStringA("some text");
    CHECK_EQ(code_count, 1);
    CHECK_EQ(codes[0], DBG_PRINTEXCEPTION_C);
    CHECK_EQ(parameters[0], 2);
    CHECK_STR(text, "some text");
    code_count = 0;
    text[0] = 0;
    OutputDebugStringW(L"wide text");
    UNLESS_WINE("Wine 8 shows the narrow string only")
    {
        CHECK_EQ(code_count, 2);
        CHECK_EQ(codes[0], DBG_PRINTEXCEPTION_WIDE_C);
        CHECK_EQ(parameters[0], 4);
        CHECK_WSTR(wide_text, L"wide text");
        CHECK_EQ(codes[1], DBG_PRINTEXCEPTION_C);
    }
    CHECK_STR(text, "wide text");
    RemoveVectoredExceptionHandler(handler);
    CHECK(!IsDebuggerPresent());
    OutputDebugStringA("nobody listens");
}

static int filter_calls;

static LONG CALLBACK continue_filter(EXCEPTION_POINTERS *pointers)
{
    filter_calls++;
    return EXCEPTION_CONTINUE_EXECUTION;
}

TEST(the_unhandled_filter_may_continue)
{
    LPTOP_LEVEL_EXCEPTION_FILTER previous = SetUnhandledExceptionFilter(continue_filter);

    RaiseException(0xE0000004, 0, 0, NULL);
    CHECK_EQ(filter_calls, 1);
    CHECK(SetUnhandledExceptionFilter(previous) == continue_filter);
}

static int early_filter_calls;

static LONG CALLBACK note_and_decline(EXCEPTION_POINTERS *pointers)
{
    early_filter_calls++;
    CHECK_EQ(filter_calls, 1);
    return EXCEPTION_CONTINUE_SEARCH;
}

TEST(a_filter_of_the_native_interface_comes_first)
{
    void(NTAPI * set_filter)(LPTOP_LEVEL_EXCEPTION_FILTER) =
        (void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "RtlSetUnhandledExceptionFilter");
    LPTOP_LEVEL_EXCEPTION_FILTER previous = SetUnhandledExceptionFilter(continue_filter);

    if (check_on_wine()) /* where the two are one */
        return;
    filter_calls = 1;
    set_filter(note_and_decline);
    RaiseException(0xE0000004, 0, 0, NULL);
    set_filter(NULL);
    CHECK_EQ(early_filter_calls, 1);
    CHECK_EQ(filter_calls, 2);
    SetUnhandledExceptionFilter(previous);
}

/* Contexts that are gone on at */

static volatile int apc_calls;

static void CALLBACK count_apc(ULONG_PTR amount)
{
    apc_calls += (int)amount;
}

TEST(continuing_may_deliver_apcs)
{
    static CONTEXT context;
    static struct {
        ULONG type, flags;
        ULONGLONG reserved[2];
    } argument = {1, 1, {0, 0}};
    LONG(NTAPI * go_on)
    (CONTEXT *, BOOLEAN) = (void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "NtContinue");
    LONG(NTAPI * go_on_ex)
    (CONTEXT *, void *) = (void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "NtContinueEx");
    volatile int passes = 0;

    UNLESS_WINE("Wine 8 has no NtContinueEx") CHECK(go_on_ex != NULL);
    QueueUserAPC(count_apc, GetCurrentThread(), 1);
    RtlCaptureContext(&context);
    passes++;
    if (passes == 1)
        go_on(&context, FALSE);
    if (passes == 2) {
        CHECK_EQ(apc_calls, 0);
        go_on(&context, TRUE);
    }
    CHECK_EQ(passes, 3);
    CHECK_EQ(apc_calls, 1);
    if (!go_on_ex)
        return;
    QueueUserAPC(count_apc, GetCurrentThread(), 10);
    passes = 0;
    RtlCaptureContext(&context);
    passes++;
    if (passes == 1)
        go_on_ex(&context, NULL);
    if (passes == 2) {
        CHECK_EQ(apc_calls, 1);
        go_on_ex(&context, &argument);
    }
    CHECK_EQ(passes, 3);
    CHECK_EQ(apc_calls, 11);
}

#ifndef _WIN64
static DWORD raised_flags, raised_control;

static LONG CALLBACK change_control_word(EXCEPTION_POINTERS *pointers)
{
    unsigned short other = 0x37F;

    raised_flags = pointers->ContextRecord->ContextFlags;
    raised_control = pointers->ContextRecord->FloatSave.ControlWord & 0xFFFF;
    __asm__ volatile("fldcw %0" : : "m"(other));
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* What a handler does to the floating-point unit is undone, unless it changes the context. */
TEST(a_raised_exception_has_a_whole_context)
{
    void *handler = AddVectoredExceptionHandler(TRUE, change_control_word);
    unsigned short control = 0x27F;

    __asm__ volatile("fldcw %0" : : "m"(control));
    RaiseException(0xE0000004, 0, 0, NULL);
    __asm__ volatile("fnstcw %0" : "=m"(control));
    RemoveVectoredExceptionHandler(handler);
    CHECK_EQ(raised_flags & CONTEXT_ALL, CONTEXT_ALL);
    CHECK_EQ(raised_control, 0x27F);
    CHECK_EQ(control, 0x27F);
}
#endif

TEST(error_modes)
{
    DWORD old = 99;
    UINT mode = SetErrorMode(SEM_NOGPFAULTERRORBOX);

    CHECK_EQ(GetErrorMode(), SEM_NOGPFAULTERRORBOX);
    CHECK_EQ(SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX), SEM_NOGPFAULTERRORBOX);
    CHECK_EQ(SetErrorMode(mode), SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX);
    CHECK(SetThreadErrorMode(SEM_NOGPFAULTERRORBOX, &old));
    CHECK_EQ(old, 0);
    CHECK_EQ(GetThreadErrorMode(), SEM_NOGPFAULTERRORBOX);
    CHECK_ERROR(!SetThreadErrorMode(4, NULL), ERROR_INVALID_PARAMETER);
    CHECK(SetThreadErrorMode(0, &old));
    CHECK_EQ(old, SEM_NOGPFAULTERRORBOX);
}

static LONG CALLBACK count_in_thread(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode == 0xE0000005)
        (*(LONG *)pointers->ExceptionRecord->ExceptionInformation[0])++;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static DWORD CALLBACK raise_often(void *argument)
{
    LONG count = 0;
    ULONG_PTR arguments[1] = {(ULONG_PTR)&count};

    for (int i = 0; i < 2000; i++)
        RaiseException(0xE0000005, 0, 1, arguments);
    return count;
}

TEST(settings_of_error_reporting)
{
    HMODULE kernel32 = GetModuleHandleA("kernel32.dll");
    HRESULT(WINAPI * set)(DWORD) = (void *)GetProcAddress(kernel32, "WerSetFlags");
    HRESULT(WINAPI * get)(HANDLE, DWORD *) = (void *)GetProcAddress(kernel32, "WerGetFlags");
    HANDLE weak;
    DWORD flags = 0xdead;

    CHECK_EQ(get(GetCurrentProcess(), NULL), E_INVALIDARG);
    CHECK_EQ(get((HANDLE)(ULONG_PTR)0xabcdef0, &flags), HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE));
    CHECK_EQ(flags, 0xdead);
    CHECK_EQ(get(GetCurrentProcess(), &flags), S_OK);
    CHECK_EQ(flags, 0);
    CHECK_EQ(set(0x80000000), E_INVALIDARG);
    CHECK_EQ(set(0x24), S_OK);
    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentProcess(), GetCurrentProcess(), &weak,
                          PROCESS_VM_READ, FALSE, 0));
    CHECK_EQ(get(weak, &flags), S_OK);
    CHECK_EQ(flags, 0x24);
    CloseHandle(weak);
    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentProcess(), GetCurrentProcess(), &weak, SYNCHRONIZE,
                          FALSE, 0));
    CHECK_EQ(get(weak, &flags), HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED));
    CloseHandle(weak);
    CHECK_EQ(set(0), S_OK);
}

TEST(threads_raise_at_the_same_time)
{
    HANDLE threads[4];
    void *handler = AddVectoredExceptionHandler(TRUE, count_in_thread);

    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, 0, raise_often, NULL, 0, NULL);
    for (int i = 0; i < 200; i++)
        RemoveVectoredExceptionHandler(AddVectoredExceptionHandler(i & 1, pass_on));
    for (int i = 0; i < 4; i++) {
        DWORD count = 0;
        WaitForSingleObject(threads[i], INFINITE);
        GetExitCodeThread(threads[i], &count);
        CloseHandle(threads[i]);
        CHECK_EQ(count, 2000);
    }
    RemoveVectoredExceptionHandler(handler);
}

int main(void)
{
    RUN(what_is_raised_arrives);
    RUN(codes_flags_and_counts_have_limits);
    RUN(first_and_last);
    RUN(one_function_may_be_registered_twice);
    RUN(removal_while_one_runs);
    RUN(continue_handlers_come_after);
    RUN(a_handler_may_raise);
    RUN(a_handler_may_leave_by_longjmp);
    RUN(a_handler_may_change_every_register);
    RUN(debug_output_is_an_exception);
    RUN(the_unhandled_filter_may_continue);
    RUN(a_filter_of_the_native_interface_comes_first);
    RUN(continuing_may_deliver_apcs);
#ifndef _WIN64
    RUN(a_raised_exception_has_a_whole_context);
#endif
    RUN(error_modes);
    UNLESS_WINE("Wine 8 has neither function")
    RUN(settings_of_error_reporting);
    RUN(threads_raise_at_the_same_time);
    return CHECK_END();
}
