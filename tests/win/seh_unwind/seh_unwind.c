/* Unwinding by tables: lookups, walks over the stack, tables that the program adds, and unwinds to a frame.
 */
#pragma GCC diagnostic ignored "-Wunused-parameter" /* many handlers do not look at the exception */
#include "check.h"
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

int main(void);

/* Walks */

static int is_in_function(ULONG_PTR pc, void *function)
{
    DWORD64 base, other_base;
    PRUNTIME_FUNCTION of_pc = RtlLookupFunctionEntry(pc, &base, NULL);
    return of_pc && of_pc == RtlLookupFunctionEntry((ULONG_PTR)function, &other_base, NULL);
}

struct walk {
    int frames;
    int met_main;
    ULONG_PTR main_frame;
    ULONG_PTR last_pc;
    CONTEXT main_context;
};

/* As a program's runtime would: to the end of the stack. */
__attribute__((noinline)) static void walk_stack(struct walk *walk)
{
    CONTEXT context;

    memset(walk, 0, sizeof *walk);
    RtlCaptureContext(&context);
    while (context.Rip && walk->frames < 200) {
        DWORD64 base, frame = 0;
        void *data;
        PRUNTIME_FUNCTION function = RtlLookupFunctionEntry(context.Rip, &base, NULL);
        int here = is_in_function(context.Rip, (void *)(ULONG_PTR)main);

        walk->frames++;
        walk->last_pc = context.Rip;
        if (function) {
            RtlVirtualUnwind(UNW_FLAG_NHANDLER, base, context.Rip, function, &context, &data, &frame, NULL);
        } else {
            context.Rip = *(DWORD64 *)context.Rsp;
            context.Rsp += 8;
        }
        if (here) {
            walk->met_main++;
            walk->main_frame = frame;
        }
    }
}

TEST(lookups)
{
    DWORD64 base = 0;
    PRUNTIME_FUNCTION function = RtlLookupFunctionEntry((ULONG_PTR)walk_stack, &base, NULL);

    CHECK(function != NULL);
    CHECK_PTR(base, (ULONG_PTR)GetModuleHandleW(NULL));
    CHECK_PTR(base + function->BeginAddress, (ULONG_PTR)walk_stack);
    CHECK(function->EndAddress > function->BeginAddress);
    CHECK(RtlLookupFunctionEntry(base + function->EndAddress - 1, &base, NULL) == function);
    CHECK(RtlLookupFunctionEntry(base + function->EndAddress, &base, NULL) != function);
    CHECK(RtlLookupFunctionEntry((ULONG_PTR)GetModuleHandleW(NULL), &base, NULL) == NULL);
}

TEST(a_walk_reaches_the_end_of_the_stack)
{
    struct walk walk;

    walk_stack(&walk);
    CHECK_EQ(walk.met_main, 1);
    CHECK(walk.frames > 3 && walk.frames < 50);
    CHECK(walk.main_frame > (ULONG_PTR)&walk);
}

static struct walk callback_walk;

static int compare_and_walk(const void *a, const void *b)
{
    if (!callback_walk.frames)
        walk_stack(&callback_walk);
    return *(const int *)a - *(const int *)b;
}

TEST(a_walk_crosses_the_system_s_functions)
{
    int numbers[3] = {3, 1, 2};
    struct walk walk;

    qsort(numbers, 3, sizeof *numbers, compare_and_walk);
    walk_stack(&walk);
    CHECK_EQ(callback_walk.met_main, 1);
    CHECK_PTR(callback_walk.main_frame, walk.main_frame);
    CHECK(callback_walk.frames > walk.frames);
}

static DWORD CALLBACK walk_in_thread(void *argument)
{
    walk_stack(argument);
    return 0;
}

TEST(a_walk_in_a_thread)
{
    struct walk walk;
    HANDLE thread = CreateThread(NULL, 0, walk_in_thread, &walk, 0, NULL);

    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    CHECK_EQ(walk.met_main, 0);
    CHECK(walk.frames >= 2 && walk.frames < 20);
}

__attribute__((noinline)) static USHORT trace_stack(DWORD skip, DWORD count, void **trace, DWORD *hash)
{
    USHORT captured = RtlCaptureStackBackTrace(skip, count, trace, hash);
    __asm__ volatile(""); /* no tail call */
    return captured;
}

TEST(back_traces)
{
    void *trace[64], *rest[64];
    DWORD hash = 0, sum = 0;
    USHORT count = trace_stack(0, 62, trace, &hash);

    CHECK(count > 3);
    CHECK(is_in_function((ULONG_PTR)trace[0], (void *)trace_stack));
    CHECK(is_in_function((ULONG_PTR)trace[1], (void *)back_traces));
    CHECK(is_in_function((ULONG_PTR)trace[2], (void *)(ULONG_PTR)main));
    for (int i = 0; i < count; i++)
        sum += (DWORD)(ULONG_PTR)trace[i];
    UNLESS_WINE("Wine 8 does not make one") CHECK_EQ(hash, sum);
    CHECK_EQ(trace_stack(2, 62, rest, NULL), count - 2);
    CHECK(is_in_function((ULONG_PTR)rest[0], (void *)(ULONG_PTR)main));
    CHECK_EQ(trace_stack(0, 2, rest, NULL), 2);
    CHECK_EQ(trace_stack(1000, 2, rest, NULL), 0);
}

TEST(addresses_belong_to_modules)
{
    void *base = (void *)1;

    CHECK(RtlPcToFileHeader((void *)walk_stack, &base) == GetModuleHandleW(NULL));
    CHECK(base == GetModuleHandleW(NULL));
    CHECK(RtlPcToFileHeader((void *)0x10, &base) == NULL);
    CHECK(base == NULL);
}

/* Contexts */

TEST(a_context_can_be_captured_and_restored)
{
    static CONTEXT context;
    volatile int passes = 0;

    RtlCaptureContext(&context);
    passes++;
    CHECK_EQ(context.ContextFlags & 0x10000F, 0x10000F);
    CHECK(is_in_function(context.Rip, (void *)a_context_can_be_captured_and_restored));
    if (passes < 3)
        RtlRestoreContext(&context, NULL);
    CHECK_EQ(passes, 3);
}

TEST(restoring_may_follow_a_jump_buffer)
{
    static CONTEXT context;
    static jmp_buf buffer;
    volatile int passes = 0;
    EXCEPTION_RECORD record = {STATUS_LONGJUMP};

    volatile int value = setjmp(buffer);
    passes++;
    if (passes < 3) {
        RtlCaptureContext(&context);
        context.Rip = 0;
        context.Rsp = 0;
        context.Rax = passes + 4;
        record.NumberParameters = 1;
        record.ExceptionInformation[0] = (ULONG_PTR)buffer;
        RtlRestoreContext(&context, &record);
    }
    CHECK_EQ(value, 6);
    CHECK_EQ(passes, 3);
}

/* Code made at run time */

/* RtlAddFunctionTable's entries are relative to `code`:
 *   0x00  push %rbx; sub $0x20, %rsp; mov $0x1234, %ebx; call *%rcx; nop
 *   0x10  add $0x20, %rsp; pop %rbx; ret
 *   0x18  mov $0x77, %eax; jmp 0x10         where the handler goes
 *   0x30  jmp *0x38                         the handler
 *   0x40  unwind data, 0x60 the entry */
static const unsigned char machine_code[] = {
    0x53, 0x48, 0x83, 0xec, 0x20, 0xbb, 0x34, 0x12, 0x00, 0x00, 0xff, 0xd1, 0x90, 0x90, 0x90, 0x90, /* 00 */
    0x48, 0x83, 0xc4, 0x20, 0x5b, 0xc3, 0x90, 0x90, 0xeb, 0xf6, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, /* 10 */
    0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, /* 20 */
    0xff, 0x25, 0x02, 0x00, 0x00, 0x00, 0x90, 0x90, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* 30 */
    0x19, 0x05, 0x02, 0x00, 0x05, 0x32, 0x01, 0x30, 0x30, 0x00, 0x00, 0x00,                         /* 40 */
};

static unsigned char *made;
static int search_calls, unwind_calls;
static ULONG_PTR handler_frame;

static EXCEPTION_DISPOSITION handle_in_made(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                            DISPATCHER_CONTEXT *dispatcher)
{
    if (record->ExceptionFlags & 6) { /* EXCEPTION_UNWINDING, EXCEPTION_EXIT_UNWIND */
        unwind_calls++;
        CHECK_EQ(record->ExceptionFlags & 0x20, 0x20); /* EXCEPTION_TARGET_UNWIND */
        return ExceptionContinueSearch;
    }
    search_calls++;
    handler_frame = (ULONG_PTR)frame;
    CHECK_PTR(dispatcher->ControlPc, (ULONG_PTR)made + 0xC);
    CHECK_PTR(dispatcher->ImageBase, (ULONG_PTR)made);
    CHECK_PTR(dispatcher->EstablisherFrame, (ULONG_PTR)frame);
    CHECK_PTR(dispatcher->HandlerData, (ULONG_PTR)made + 0x4C);
    if (record->ExceptionCode == 0xE0000001)
        return ExceptionContinueExecution;
    RtlUnwindEx(frame, made + 0x18, record, (void *)0x77, context, NULL);
    return ExceptionContinueSearch;
}

static void make_code(void)
{
    made = VirtualAlloc(NULL, 0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    memcpy(made, machine_code, sizeof machine_code);
    *(void **)(made + 0x38) = (void *)handle_in_made;
    *(RUNTIME_FUNCTION *)(made + 0x60) = (RUNTIME_FUNCTION){0, 0x20, 0x40};
}

static int (*made_function(void))(void (*callee)(void))
{
    return (int (*)(void (*)(void)))(ULONG_PTR)made;
}

static void raise_to_continue(void)
{
    RaiseException(0xE0000001, 0, 0, NULL);
}

static void raise_to_unwind(void)
{
    RaiseException(0xE0000002, 0, 0, NULL);
}

/* The frame's own register is back, whatever the unwound functions have done to it. */
static void try_made_code(void)
{
    search_calls = unwind_calls = 0;
    made_function()(raise_to_continue);
    CHECK_EQ(search_calls, 1);
    CHECK_EQ(unwind_calls, 0);
    CHECK_EQ(made_function()(raise_to_unwind), 0x77);
    CHECK_EQ(search_calls, 2);
    CHECK_EQ(unwind_calls, 1);
}

TEST(tables_can_be_added)
{
    RUNTIME_FUNCTION *table = (RUNTIME_FUNCTION *)(made + 0x60);
    DWORD64 base = 1;

    CHECK(RtlLookupFunctionEntry((ULONG_PTR)made + 5, &base, NULL) == NULL);
    CHECK(RtlAddFunctionTable(table, 1, (ULONG_PTR)made));
    CHECK(RtlLookupFunctionEntry((ULONG_PTR)made + 5, &base, NULL) == table);
    CHECK_PTR(base, (ULONG_PTR)made);
    CHECK(RtlLookupFunctionEntry((ULONG_PTR)made + 0x20, &base, NULL) == NULL);
    try_made_code();
    CHECK(RtlDeleteFunctionTable(table));
    CHECK(!RtlDeleteFunctionTable(table));
    CHECK(RtlLookupFunctionEntry((ULONG_PTR)made + 5, &base, NULL) == NULL);
}

static int lookups_by_callback;

static PRUNTIME_FUNCTION NTAPI find_function(DWORD64 pc, void *context)
{
    lookups_by_callback++;
    return context == made && pc - (ULONG_PTR)made < 0x20 ? (RUNTIME_FUNCTION *)(made + 0x60) : NULL;
}

TEST(tables_can_be_functions)
{
    DWORD64 base = 1, identifier = (ULONG_PTR)made | 3;

    CHECK(!RtlInstallFunctionTableCallback((ULONG_PTR)made, (ULONG_PTR)made, 0x1000, find_function, made,
                                           NULL));
    CHECK(RtlInstallFunctionTableCallback(identifier, (ULONG_PTR)made, 0x1000, find_function, made, NULL));
    CHECK(RtlLookupFunctionEntry((ULONG_PTR)made + 5, &base, NULL) == (RUNTIME_FUNCTION *)(made + 0x60));
    CHECK_PTR(base, (ULONG_PTR)made);
    CHECK(RtlLookupFunctionEntry((ULONG_PTR)made + 0x50, &base, NULL) == NULL);
    CHECK_EQ(lookups_by_callback, 2);
    try_made_code();
    CHECK(RtlDeleteFunctionTable((PRUNTIME_FUNCTION)(ULONG_PTR)identifier));
}

TEST(tables_can_grow)
{
    RUNTIME_FUNCTION *table = (RUNTIME_FUNCTION *)(made + 0x60);
    DWORD64 base = 1;
    void *handle = NULL;
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    DWORD(NTAPI * add)
    (void **, PRUNTIME_FUNCTION, DWORD, DWORD, ULONG_PTR, ULONG_PTR) =
        (void *)GetProcAddress(ntdll, "RtlAddGrowableFunctionTable");
    void(NTAPI * grow)(void *, DWORD) = (void *)GetProcAddress(ntdll, "RtlGrowFunctionTable");
    void(NTAPI * delete)(void *) = (void *)GetProcAddress(ntdll, "RtlDeleteGrowableFunctionTable");

    CHECK(add != NULL && grow != NULL && delete != NULL);
    CHECK_EQ(add(&handle, table, 0, 4, (ULONG_PTR)made, (ULONG_PTR)made + 0x1000), 0);
    CHECK(handle != NULL);
    CHECK(RtlLookupFunctionEntry((ULONG_PTR)made + 5, &base, NULL) == NULL);
    grow(handle, 1);
    CHECK(RtlLookupFunctionEntry((ULONG_PTR)made + 5, &base, NULL) == table);
    try_made_code();
    delete (handle);
    CHECK(RtlLookupFunctionEntry((ULONG_PTR)made + 5, &base, NULL) == NULL);
}

/* Consolidation */

static int consolidations;
static struct walk consolidated_walk;

/* The frames between are gone while it runs. */
static void *consolidate(EXCEPTION_RECORD *record)
{
    consolidations++;
    CHECK_EQ(record->ExceptionCode, STATUS_UNWIND_CONSOLIDATE);
    CHECK_PTR(record->ExceptionInformation[1], 5);
    walk_stack(&consolidated_walk);
    return made + 0x18;
}

static void unwind_with_consolidation(void)
{
    EXCEPTION_RECORD record = {STATUS_UNWIND_CONSOLIDATE};
    CONTEXT context;

    record.NumberParameters = 2;
    record.ExceptionInformation[0] = (ULONG_PTR)consolidate;
    record.ExceptionInformation[1] = 5;
    RtlUnwindEx((void *)handler_frame, made, &record, (void *)0x99, &context, NULL);
}

static void find_frame_and_unwind(void)
{
    raise_to_continue();
    unwind_with_consolidation();
}

TEST(an_unwind_may_end_in_a_callback)
{
    struct walk walk;

    CHECK(RtlAddFunctionTable((RUNTIME_FUNCTION *)(made + 0x60), 1, (ULONG_PTR)made));
    CHECK_EQ(made_function()(find_frame_and_unwind), 0x99);
    CHECK_EQ(consolidations, 1);
    walk_stack(&walk);
    CHECK_EQ(consolidated_walk.met_main, 1);
    CHECK_PTR(consolidated_walk.main_frame, walk.main_frame);
    CHECK(RtlDeleteFunctionTable((RUNTIME_FUNCTION *)(made + 0x60)));
}

int main(void)
{
    RUN(lookups);
    RUN(a_walk_reaches_the_end_of_the_stack);
    RUN(a_walk_crosses_the_system_s_functions);
    RUN(a_walk_in_a_thread);
    RUN(back_traces);
    RUN(addresses_belong_to_modules);
    RUN(a_context_can_be_captured_and_restored);
    RUN(restoring_may_follow_a_jump_buffer);
    make_code();
    RUN(tables_can_be_added);
    RUN(tables_can_be_functions);
    RUN(tables_can_grow);
    RUN(an_unwind_may_end_in_a_callback);
    return CHECK_END();
}
