/* Contexts with extended state: making them, looking into them, copying them, and what handlers find in them.
 */
#pragma GCC diagnostic ignored "-Wunused-parameter" /* many handlers do not look at the exception */
#include "check.h"
#include <cpuid.h>
#include <stddef.h>
#include <string.h>

#define XSTATE_AVX_FEATURE 2
#define XSTATE_AVX_MASK    4
#define XSTATE_FLAG        0x40

#ifdef _WIN64
#define NATIVE       CONTEXT_AMD64
#define LEGACY_STATE CONTEXT_FLOATING_POINT
#define PC           Rip
#define XMM_COUNT    16
#else
#define NATIVE       CONTEXT_i386
#define LEGACY_STATE CONTEXT_EXTENDED_REGISTERS
#define PC           Eip
#define XMM_COUNT    8
#endif

static DECLSPEC_ALIGN(64) unsigned char buffer[8192], other_buffer[8192];
static BOOL has_avx;

/* Making */

TEST(lengths)
{
    DWORD length = 1, with_state = 0;
    CONTEXT *context = NULL;

    CHECK_ERROR(!InitializeContext(NULL, CONTEXT_FULL, NULL, &length), ERROR_INSUFFICIENT_BUFFER);
    CHECK(length >= sizeof(CONTEXT) + 24);
    CHECK_ERROR(!InitializeContext(NULL, CONTEXT_ALL | NATIVE | XSTATE_FLAG, NULL, &with_state),
                ERROR_INSUFFICIENT_BUFFER);
    if (has_avx)
        CHECK(with_state >= length + 256);
    length--;
    CHECK_ERROR(!InitializeContext(buffer, CONTEXT_FULL, &context, &length), ERROR_INSUFFICIENT_BUFFER);
    CHECK(context == NULL);
    length = sizeof buffer;
    CHECK_ERROR(!InitializeContext(buffer, 0, &context, &length), ERROR_INVALID_PARAMETER);
    CHECK_ERROR(!InitializeContext(buffer, 0x110001, &context, &length), ERROR_INVALID_PARAMETER);
    CHECK_EQ(length, sizeof buffer);
}

TEST(a_context_in_an_unaligned_buffer)
{
    DWORD length = sizeof buffer - 3, part;
    CONTEXT *context;

    memset(buffer, 0xCC, sizeof buffer);
    CHECK(InitializeContext(buffer + 3, CONTEXT_FULL, &context, &length));
    CHECK((unsigned char *)context > buffer + 3 && (unsigned char *)context <= buffer + 3 + 16);
    CHECK_EQ((ULONG_PTR)context % (sizeof(void *) == 8 ? 16 : 4), 0);
    CHECK_EQ(context->ContextFlags, CONTEXT_FULL);
    CHECK_EQ(*(DWORD *)&context->PC, 0xCCCCCCCC);
    part = 0;
    CHECK(LocateXStateFeature(context, 0, &part) != NULL);
    CHECK_EQ(part, 160);
    CHECK(LocateXStateFeature(context, 1, &part) != NULL);
    CHECK_EQ(part, 16 * XMM_COUNT);
    part = 77;
    CHECK(LocateXStateFeature(context, XSTATE_AVX_FEATURE, &part) == NULL);
    CHECK_EQ(part, 77);
}

TEST(masks)
{
    DWORD length = sizeof buffer;
    CONTEXT *context;
    DWORD64 mask = 99;

    CHECK(InitializeContext(buffer, NATIVE | 3, &context, &length));
    CHECK(GetXStateFeaturesMask(context, &mask));
    CHECK_EQ(mask, 0);
    CHECK(SetXStateFeaturesMask(context, 1));
    CHECK_EQ(context->ContextFlags, (NATIVE | 3 | LEGACY_STATE));
    CHECK(GetXStateFeaturesMask(context, &mask));
    CHECK_EQ(mask, 3);
    CHECK(!SetXStateFeaturesMask(context, XSTATE_AVX_MASK));
    if (!has_avx)
        return;
    length = sizeof buffer;
    CHECK(InitializeContext(buffer, NATIVE | 3 | XSTATE_FLAG, &context, &length));
    CHECK(GetXStateFeaturesMask(context, &mask));
    CHECK_EQ(mask, 0);
    CHECK(SetXStateFeaturesMask(context, XSTATE_AVX_MASK));
    CHECK(GetXStateFeaturesMask(context, &mask));
    CHECK_EQ(mask, XSTATE_AVX_MASK);
    CHECK(LocateXStateFeature(context, XSTATE_AVX_FEATURE, &length) != NULL);
    CHECK_EQ(length, 256);
    CHECK_EQ((ULONG_PTR)LocateXStateFeature(context, XSTATE_AVX_FEATURE, NULL) % 64, 0);
    CHECK((GetEnabledXStateFeatures() & 7) == 7);
}

/* Copying */

TEST(copies_hold_what_was_asked_for)
{
    DWORD length = sizeof buffer;
    CONTEXT *from, *to;

    memset(buffer, 0x11, sizeof buffer);
    memset(other_buffer, 0x22, sizeof other_buffer);
    CHECK(InitializeContext(buffer, CONTEXT_FULL, &from, &length));
    length = sizeof other_buffer;
    CHECK(InitializeContext(other_buffer, NATIVE, &to, &length));
    CHECK(CopyContext(to, CONTEXT_CONTROL, from));
    CHECK_EQ(to->ContextFlags, CONTEXT_CONTROL);
    CHECK_EQ(*(DWORD *)&to->PC, 0x11111111);
#ifdef _WIN64
    CHECK_EQ((DWORD)to->Rcx, 0x22222222);
#else
    CHECK_EQ(to->Ecx, 0x22222222);
#endif
    if (!has_avx)
        return;
    UNLESS_WINE("Wine 8 copies less")
    CHECK_ERROR(!CopyContext(to, NATIVE | XSTATE_FLAG, from), ERROR_MORE_DATA);
}

TEST(copies_of_plain_contexts)
{
    static CONTEXT from, to;

    from.ContextFlags = CONTEXT_FULL;
    from.PC = 0x1234;
    to.ContextFlags = CONTEXT_CONTROL;
    CHECK(CopyContext(&to, CONTEXT_FULL, &from));
    UNLESS_WINE("Wine 8 copies no more than the target has")
    {
        CHECK_EQ(to.ContextFlags, CONTEXT_FULL);
        CHECK_PTR(to.PC, 0x1234);
    }
}

TEST(copies_of_wide_registers)
{
    DWORD length = sizeof buffer;
    CONTEXT *from, *to;

    if (!has_avx)
        return;
    CHECK(InitializeContext(buffer, NATIVE | 3 | XSTATE_FLAG, &from, &length));
    length = sizeof other_buffer;
    CHECK(InitializeContext(other_buffer, NATIVE | 3 | XSTATE_FLAG, &to, &length));
    memset(LocateXStateFeature(from, XSTATE_AVX_FEATURE, NULL), 0x33, 256);
    memset(LocateXStateFeature(to, XSTATE_AVX_FEATURE, NULL), 0x44, 256);
    CHECK(SetXStateFeaturesMask(from, XSTATE_AVX_MASK));
    CHECK(CopyContext(to, NATIVE | XSTATE_FLAG, from));
    CHECK_MEM(LocateXStateFeature(to, XSTATE_AVX_FEATURE, NULL),
              LocateXStateFeature(from, XSTATE_AVX_FEATURE, NULL), 256);
    DWORD64 mask = 0;
    CHECK(GetXStateFeaturesMask(to, &mask));
    CHECK_EQ(mask, XSTATE_AVX_MASK);
}

/* In handlers */

static unsigned seen_high[4];
static BOOL seen_state, clear_state;
static DWORD64 seen_mask;

/* `ud2` has two bytes. */
static LONG CALLBACK change_ymm(EXCEPTION_POINTERS *pointers)
{
    CONTEXT *context = pointers->ContextRecord;
    M128A *high = LocateXStateFeature(context, XSTATE_AVX_FEATURE, NULL);

    seen_state = (context->ContextFlags & XSTATE_FLAG) && high;
    if (seen_state) {
        GetXStateFeaturesMask(context, &seen_mask);
        memcpy(seen_high, &high[1], sizeof seen_high);
        memset(&high[1], 0x55, sizeof *high);
        if (clear_state)
            SetXStateFeaturesMask(context, 3);
    }
    context->PC += 2;
    return EXCEPTION_CONTINUE_EXECUTION;
}

__attribute__((target("avx"))) static void load_and_trap(const unsigned *values, unsigned *results)
{
    __asm__ volatile("vmovups (%0), %%ymm1\n\tud2\n\tvmovups %%ymm1, (%1)\n\tvzeroupper"
                     :
                     : "r"(values), "r"(results)
                     : "xmm1", "memory");
}

TEST(a_handler_changes_wide_registers)
{
    const unsigned values[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const unsigned changed[8] = {1, 2, 3, 4, 0x55555555, 0x55555555, 0x55555555, 0x55555555};
    const unsigned cleared[8] = {1, 2, 3, 4};
    unsigned results[8];

    if (!has_avx)
        return;
    void *handler = AddVectoredExceptionHandler(TRUE, change_ymm);
    load_and_trap(values, results);
    CHECK(seen_state);
    CHECK_EQ(seen_mask & XSTATE_AVX_MASK, XSTATE_AVX_MASK);
    CHECK_MEM(seen_high, values + 4, sizeof seen_high);
    CHECK_MEM(results, changed, sizeof results);
    clear_state = TRUE;
    load_and_trap(values, results);
    CHECK_MEM(results, cleared, sizeof results);
    RemoveVectoredExceptionHandler(handler);
}

#ifdef _WIN64
/* What Windows programs do not see of the state survives all the same. */
__attribute__((target("avx512f"))) static void load_512_and_trap(const unsigned *values, unsigned *results)
{
    __asm__ volatile("vmovups (%0), %%zmm20\n\tkmovw (%0), %%k3\n\tud2\n\t"
                     "vmovups %%zmm20, (%1)\n\tkmovw %%k3, 64(%1)\n\tvzeroupper"
                     :
                     : "r"(values), "r"(results)
                     : "xmm20", "k3", "memory");
}

__attribute__((target("avx512f"))) static LONG CALLBACK spoil_512(EXCEPTION_POINTERS *pointers)
{
    __asm__ volatile("vpxord %%zmm20, %%zmm20, %%zmm20\n\tkxorw %%k3, %%k3, %%k3" : : : "xmm20", "k3");
    pointers->ContextRecord->PC += 2;
    return EXCEPTION_CONTINUE_EXECUTION;
}

TEST(the_widest_registers_survive)
{
    unsigned values[17], results[17] = {0};

    if (!__builtin_cpu_supports("avx512f") || check_on_wine()) /* Wine 8 loses them */
        return;
    for (unsigned i = 0; i < 17; i++)
        values[i] = i + 1;
    values[16] = values[0];
    void *handler = AddVectoredExceptionHandler(TRUE, spoil_512);
    load_512_and_trap(values, results);
    CHECK_MEM(results, values, sizeof values);
    RemoveVectoredExceptionHandler(handler);
}
#endif

#ifdef _WIN64
__attribute__((target("avx"))) static void load_and_capture(void(NTAPI *capture)(CONTEXT *), CONTEXT *context,
                                                            const unsigned *values)
{
    __asm__ volatile("vmovups (%2), %%ymm8\n\tmov %0, %%rcx\n\tmov %%rsp, %%rbx\n\tsub $32, %%rsp\n\tand "
                     "$-16, %%rsp\n\tcall *%1\n\tmov %%rbx, %%rsp\n\tvzeroupper"
                     :
                     : "r"(context), "r"(capture), "r"(values)
                     : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "xmm2", "xmm3",
                       "xmm4", "xmm5", "xmm8", "memory");
}

TEST(captured_wide_registers)
{
    const unsigned values[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    void(NTAPI * capture)(CONTEXT *) =
        (void *)GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "RtlCaptureContext2");
    DWORD length = sizeof buffer;
    CONTEXT *context;

    UNLESS_WINE("Wine 8 does not have it") CHECK(capture != NULL);
    if (!capture || !has_avx)
        return;
    CHECK(InitializeContext(buffer, CONTEXT_FULL | NATIVE | XSTATE_FLAG, &context, &length));
    load_and_capture(capture, context, values);
    CHECK(context->Rip != 0);
    CHECK_EQ(context->ContextFlags, (CONTEXT_FULL | NATIVE | XSTATE_FLAG));
    CHECK_MEM(&context->Xmm8, values, 16);
    CHECK_MEM((M128A *)LocateXStateFeature(context, XSTATE_AVX_FEATURE, NULL) + 8, values + 4, 16);
}
#endif

int main(void)
{
    __builtin_cpu_init();
    has_avx = __builtin_cpu_supports("avx") != 0;
    RUN(lengths);
    RUN(a_context_in_an_unaligned_buffer);
    RUN(masks);
    RUN(copies_hold_what_was_asked_for);
    RUN(copies_of_plain_contexts);
    RUN(copies_of_wide_registers);
    RUN(a_handler_changes_wide_registers);
#ifdef _WIN64
    RUN(captured_wide_registers);
    RUN(the_widest_registers_survive);
#endif
    return CHECK_END();
}
