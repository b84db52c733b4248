/* Fibers: conversion, switching and what it keeps, storage, exceptions, threads that take each other's
 * fibers. */
#include "threading.h"
#include <stdexcept>

static void *main_fiber;
static LONG steps;

static void enter(void *parameter = NULL, DWORD flags = 0)
{
    main_fiber = ConvertThreadToFiberEx(parameter, flags);
    CHECK(main_fiber != NULL);
}

static void leave()
{
    CHECK(ConvertFiberToThread());
}

static void *make(LPFIBER_START_ROUTINE start, void *parameter = NULL, DWORD flags = 0)
{
    void *fiber = CreateFiberEx(0, 0, flags, start, parameter);

    CHECK(fiber != NULL);
    return fiber;
}

/* A compiler may keep the address of the thread's block in a register, which a fiber that moves must not. */
static __attribute__((noinline)) void *current_fiber()
{
    return GetCurrentFiber();
}

static void WINAPI do_nothing(void *) {}

TEST(conversion)
{
    int datum = 5;

    CHECK(!IsThreadAFiber());
    UNLESS_WINE("Wine 8 sets no error")
    CHECK_ERROR(ConvertFiberToThread() == FALSE, ERROR_ALREADY_THREAD);
    UNLESS_WINE("Wine 8 takes any flags")
    CHECK_ERROR(ConvertThreadToFiberEx(&datum, 0x10) == NULL, ERROR_INVALID_PARAMETER);
    CHECK(!IsThreadAFiber());
    void *fiber = ConvertThreadToFiber(&datum);
    CHECK(fiber != NULL);
    CHECK(IsThreadAFiber());
    CHECK_PTR(current_fiber(), fiber);
    CHECK_PTR(GetFiberData(), &datum);
    CHECK_ERROR(ConvertThreadToFiber(NULL) == NULL, ERROR_ALREADY_FIBER);
    CHECK_ERROR(ConvertThreadToFiberEx(NULL, FIBER_FLAG_FLOAT_SWITCH) == NULL, ERROR_ALREADY_FIBER);
    CHECK_PTR(GetFiberData(), &datum);
    CHECK(ConvertFiberToThread());
    CHECK(!IsThreadAFiber());
    UNLESS_WINE("Wine 8 sets no error")
    CHECK_ERROR(ConvertFiberToThread() == FALSE, ERROR_ALREADY_THREAD);
    UNLESS_WINE("Wine 8 takes any flags")
    CHECK_ERROR(CreateFiberEx(0, 0, 2, NULL, NULL) == NULL, ERROR_INVALID_PARAMETER);
    /* One that never runs. */
    DeleteFiber(make(do_nothing));
}

static void WINAPI count_steps(void *parameter)
{
    CHECK_PTR(GetFiberData(), parameter);
    for (;;) {
        ++*(LONG *)parameter;
        SwitchToFiber(main_fiber);
    }
}

TEST(switching)
{
    LONG counts[3] = {0, 0, 0};
    void *fibers[3];

    enter(&steps);
    for (int i = 0; i < 3; i++)
        fibers[i] = make(count_steps, &counts[i]);
    for (int round = 1; round <= 4; round++)
        for (int i = 0; i < 3; i++) {
            SwitchToFiber(fibers[i]);
            CHECK_EQ(counts[i], round);
            CHECK_PTR(current_fiber(), main_fiber);
            CHECK_PTR(GetFiberData(), &steps);
        }
    /* To itself is nowhere. */
    SwitchToFiber(main_fiber);
    CHECK_PTR(current_fiber(), main_fiber);
    SetLastError(77);
    SwitchToFiber(fibers[0]);
    CHECK_EQ(GetLastError(), 77);
    for (int i = 0; i < 3; i++)
        DeleteFiber(fibers[i]);
    leave();
}

/* More values than there are registers are alive across the switch, so all that a callee keeps are in use. */
static __attribute__((noinline)) double sum_across(void *other, volatile double *numbers,
                                                   volatile LONG *integers)
{
    double a = numbers[0], b = numbers[1], c = numbers[2], d = numbers[3], e = numbers[4], f = numbers[5],
           g = numbers[6], h = numbers[7], i = numbers[8], j = numbers[9], k = numbers[10], l = numbers[11];
    LONG m = integers[0], n = integers[1], o = integers[2], p = integers[3], q = integers[4], r = integers[5],
         s = integers[6], t = integers[7], u = integers[8];
    SwitchToFiber(other);
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j + 11 * k + 12 * l +
           (m + 2 * n + 3 * o + 4 * p + 5 * q + 6 * r + 7 * s + 8 * t + 9 * u);
}

struct numbers {
    volatile double floats[12];
    volatile LONG integers[9];

    numbers(LONG first)
    {
        for (int i = 0; i < 12; i++)
            floats[i] = first + i * i;
        for (int i = 0; i < 9; i++)
            integers[i] = first * 3 + i;
    }
    double expected() const
    {
        double sum = 0;
        for (int i = 0; i < 12; i++)
            sum += (i + 1) * floats[i];
        for (int i = 0; i < 9; i++)
            sum += (i + 1) * integers[i];
        return sum;
    }
};

static void WINAPI use_all_registers(void *parameter)
{
    for (LONG first = (LONG)(ULONG_PTR)parameter;; first += 5) {
        numbers own(first);
        CHECK(sum_across(main_fiber, own.floats, own.integers) == own.expected());
    }
}

TEST(registers)
{
    enter();
    void *fiber = make(use_all_registers, (void *)1000);
    for (int i = 0; i < 5; i++) {
        numbers own(i);
        CHECK(sum_across(fiber, own.floats, own.integers) == own.expected());
    }
    DeleteFiber(fiber);
    leave();
}

static unsigned get_mxcsr()
{
    unsigned value;
    __asm__ volatile("stmxcsr %0" : "=m"(value));
    return value & 0xFFC0;
}

static void set_mxcsr(unsigned value)
{
    __asm__ volatile("ldmxcsr %0" : : "m"(value));
}

static unsigned get_x87_control()
{
    unsigned short value;
    __asm__ volatile("fnstcw %0" : "=m"(value));
    return value;
}

static void set_x87_control(unsigned short value)
{
    __asm__ volatile("fldcw %0" : : "m"(value));
}

static void WINAPI round_down(void *)
{
    CHECK_EQ(get_mxcsr(), 0x1F80);
    set_mxcsr(0x3F80);
    set_x87_control(0x067F);
    SwitchToFiber(main_fiber);
    CHECK_EQ(get_mxcsr(), 0x3F80);
    CHECK_EQ(get_x87_control(), 0x067F);
    SwitchToFiber(main_fiber);
}

static void WINAPI round_down_for_all(void *)
{
    set_mxcsr(0x3F80);
    set_x87_control(0x067F);
    SwitchToFiber(main_fiber);
}

TEST(floating_point_state)
{
    unsigned mxcsr = get_mxcsr(), control = get_x87_control();

    if (check_on_wine())
        return; /* Wine 8 switches no floating point state on x86-64. */
    enter(NULL, FIBER_FLAG_FLOAT_SWITCH);
    set_mxcsr(0x5F80);
    void *fiber = make(round_down, NULL, FIBER_FLAG_FLOAT_SWITCH);
    SwitchToFiber(fiber);
    CHECK_EQ(get_mxcsr(), 0x5F80);
    CHECK_EQ(get_x87_control(), control);
    SwitchToFiber(fiber);
    CHECK_EQ(get_mxcsr(), 0x5F80);
    DeleteFiber(fiber);
    leave();
    /* Without the flag, all fibers have the thread's. */
    set_mxcsr(mxcsr);
    enter();
    fiber = make(round_down_for_all);
    SwitchToFiber(fiber);
    CHECK_EQ(get_mxcsr(), 0x3F80);
    CHECK_EQ(get_x87_control(), 0x067F);
    DeleteFiber(fiber);
    leave();
    set_mxcsr(mxcsr);
    set_x87_control(control);
}

static bool is_on_stack(const void *place)
{
    const NT_TIB *block = (const NT_TIB *)NtCurrentTeb();
    ULONG_PTR low, high;

    GetCurrentThreadStackLimits(&low, &high);
    return place >= block->StackLimit && place < block->StackBase && (ULONG_PTR)place >= low &&
           (ULONG_PTR)place < high;
}

static __attribute__((noinline)) int use_stack(int kilobytes)
{
    volatile char block[1024];

    block[0] = (char)kilobytes;
    return kilobytes > 1 ? use_stack(kilobytes - 1) + block[0] - (char)kilobytes : 1;
}

static void WINAPI look_at_the_stack(void *parameter)
{
    int local;

    CHECK(is_on_stack(&local));
    CHECK(!is_on_stack(parameter));
    SwitchToFiber(main_fiber);
    CHECK(is_on_stack(&local));
    /* All of the megabyte that the program's header asks for, but for what Windows itself needs. */
    CHECK_EQ(use_stack(700), 1);
    SwitchToFiber(main_fiber);
}

static void WINAPI use_much_stack(void *parameter)
{
    ULONG_PTR low, high;

    GetCurrentThreadStackLimits(&low, &high);
    CHECK(high - low >= (ULONG_PTR)parameter);
    CHECK_EQ(use_stack((int)((ULONG_PTR)parameter / 1024) * 3 / 4), 1);
    SwitchToFiber(main_fiber);
}

TEST(stacks)
{
    int local;

    enter();
    void *fiber = make(look_at_the_stack, &local);
    CHECK(is_on_stack(&local));
    SwitchToFiber(fiber);
    CHECK(is_on_stack(&local));
    SwitchToFiber(fiber);
    CHECK(is_on_stack(&local));
    DeleteFiber(fiber);
    fiber = CreateFiberEx(0x10000, 0x800000, 0, use_much_stack, (void *)0x800000);
    SwitchToFiber(fiber);
    DeleteFiber(fiber);
    fiber = CreateFiberEx(0x10000, 0x40000, 0, use_much_stack, (void *)0x40000);
    SwitchToFiber(fiber);
    DeleteFiber(fiber);
    leave();
}

static int overflows;

/* The handler runs in what the fiber has left of its stack, and never comes back. */
static LONG WINAPI leave_overflowed_fiber(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != EXCEPTION_STACK_OVERFLOW)
        return EXCEPTION_CONTINUE_SEARCH;
    overflows++;
    SwitchToFiber(main_fiber);
    return EXCEPTION_CONTINUE_SEARCH;
}

static void WINAPI use_all_stack(void *)
{
    use_stack(1 << 20);
}

TEST(stack_overflow)
{
    enter();
    void *handler = AddVectoredExceptionHandler(1, leave_overflowed_fiber);
    for (int i = 0; i < 2; i++) {
        void *fiber = CreateFiberEx(0x1000, 0x40000, 0, use_all_stack, NULL);
        SwitchToFiber(fiber);
        CHECK_EQ(overflows, i + 1);
        DeleteFiber(fiber);
    }
    CHECK(RemoveVectoredExceptionHandler(handler));
    leave();
}

static DWORD slot;
static LONG freed_sum;

static void WINAPI add_freed(void *value)
{
    freed_sum += (LONG)(ULONG_PTR)value;
}

/* There is nothing to get a value from before the fiber has set its first. */
static void WINAPI set_own_value(void *value)
{
    CHECK_ERROR(FlsGetValue(slot) == NULL, ERROR_INVALID_PARAMETER);
    CHECK(FlsSetValue(slot, value));
    SwitchToFiber(main_fiber);
    CHECK_PTR(FlsGetValue(slot), value);
    SwitchToFiber(main_fiber);
}

TEST(local_storage)
{
    freed_sum = 0;
    slot = FlsAlloc(add_freed);
    CHECK(slot != FLS_OUT_OF_INDEXES);
    CHECK(FlsSetValue(slot, (void *)1));
    enter();
    CHECK_PTR(FlsGetValue(slot), (void *)1);
    void *first = make(set_own_value, (void *)10);
    void *second = make(set_own_value, (void *)100);
    void *third = make(set_own_value, (void *)1000);
    SwitchToFiber(first);
    SwitchToFiber(second);
    CHECK_PTR(FlsGetValue(slot), (void *)1);
    SwitchToFiber(first);
    SwitchToFiber(second);
    CHECK_EQ(freed_sum, 0);
    DeleteFiber(first);
    CHECK_EQ(freed_sum, 10);
    DeleteFiber(third);
    CHECK_EQ(freed_sum, 10);
    /* The slot's end is that of all its values, those of fibers that do not run included. */
    CHECK(FlsFree(slot));
    CHECK_EQ(freed_sum, 111);
    DeleteFiber(second);
    CHECK_EQ(freed_sum, 111);
    leave();
}

static void *value_of(ULONG number)
{
    return (void *)(ULONG_PTR)(number * 3 + 1);
}

static LONG called;

static void WINAPI count_call(void *)
{
    called++;
}

/* Since Windows 10, version 2004, there are 4080 in all, of which the first is never given out. */
TEST(all_slots)
{
    static DWORD slots[0x1000];
    ULONG count = 0;

    called = 0;
    while (count < 0x1000 && (slots[count] = FlsAlloc(count_call)) != FLS_OUT_OF_INDEXES) {
        CHECK(slots[count] > 0 && slots[count] < 0xFF0);
        CHECK(FlsSetValue(slots[count], value_of(count)));
        count++;
    }
    CHECK(count > 4000 && count < 0xFF0);
    CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    for (ULONG i = 0; i < count; i++)
        CHECK_PTR(FlsGetValue(slots[i]), value_of(i));
    /* What is given out again is the only one that is free. */
    CHECK(FlsFree(slots[count / 2]));
    CHECK_EQ(called, 1);
    CHECK_EQ(FlsAlloc(count_call), slots[count / 2]);
    for (ULONG i = 0; i < count; i++)
        CHECK(FlsFree(slots[i]));
    CHECK_EQ((ULONG)called, count);
    CHECK_ERROR(FlsFree(slots[0]) == FALSE, ERROR_INVALID_PARAMETER);
}

TEST(slots_that_are_none)
{
    static const DWORD none[] = {0, 0xFF0, 0x1000, 0x7FFFFFFF, 0xFFFFFFFF};

    for (DWORD index : none) {
        CHECK_ERROR(FlsSetValue(index, &steps) == FALSE, ERROR_INVALID_PARAMETER);
        CHECK_ERROR(FlsGetValue(index) == NULL, ERROR_INVALID_PARAMETER);
        CHECK_ERROR(FlsFree(index) == FALSE, ERROR_INVALID_PARAMETER);
    }
    /* Values are also kept for a slot that nobody has. */
    CHECK_ERROR(FlsFree(0xFEF) == FALSE, ERROR_INVALID_PARAMETER);
    CHECK(FlsSetValue(0xFEF, &steps));
    CHECK_PTR(FlsGetValue(0xFEF), &steps);
    CHECK(FlsSetValue(0xFEF, NULL));
}

static DWORD WINAPI set_value_and_end(void *value)
{
    CHECK_PTR(FlsGetValue(slot), NULL);
    CHECK(FlsSetValue(slot, value));
    return 0;
}

/* It uses the storage itself, and sets its own value again, for which it is not called once more. */
static void WINAPI use_storage(void *value)
{
    DWORD other = FlsAlloc(NULL);

    called++;
    CHECK(other != FLS_OUT_OF_INDEXES && other != slot);
    CHECK(FlsSetValue(other, value));
    CHECK_PTR(FlsGetValue(other), value);
    CHECK(FlsFree(other));
    CHECK(FlsSetValue(2000, value));
    CHECK(FlsSetValue(slot, value));
}

TEST(callbacks_use_storage)
{
    called = 0;
    slot = FlsAlloc(use_storage);
    CHECK(slot != FLS_OUT_OF_INDEXES);
    CHECK_EQ(join(CreateThread(NULL, 0, set_value_and_end, &called, 0, NULL)), 0);
    CHECK_EQ(called, 1);
    CHECK(FlsFree(slot));
    CHECK_EQ(called, 1);
}

#ifdef _WIN64
#define TEB_FLS_DATA 0x17c8
#else
#define TEB_FLS_DATA 0xfb4
#endif

/* The values' block is in a list of all threads' and fibers'. The native call takes it out, and leaves in it
 * what its neighbours were. */
static DWORD WINAPI end_own_storage(void *)
{
    auto process = (void(WINAPI *)(void *, ULONG))(void *)GetProcAddress(GetModuleHandleA("ntdll.dll"),
                                                                         "RtlProcessFlsData");
    CHECK(FlsSetValue(slot, &called));
    auto links = *(LIST_ENTRY **)((char *)NtCurrentTeb() + TEB_FLS_DATA);
    LIST_ENTRY before = *links;
    CHECK(before.Flink->Blink == links);
    process(links, 1);
    CHECK_EQ(called, 1);
    CHECK(before.Flink->Blink != links);
    CHECK(links->Flink == before.Flink && links->Blink == before.Blink);
    return 0;
}

TEST(storage_is_ended_once)
{
    called = 0;
    slot = FlsAlloc(count_call);
    CHECK(slot != FLS_OUT_OF_INDEXES);
    CHECK_EQ(join(start(end_own_storage, NULL)), 0);
    CHECK_EQ(called, 1);
    CHECK(FlsFree(slot));
    CHECK_EQ(called, 1);
}

static void throw_from_depth(int depth)
{
    if (depth == 0)
        throw std::runtime_error("from a fiber");
    throw_from_depth(depth - 1);
}

static void WINAPI throw_and_catch(void *)
{
    for (;;) {
        try {
            throw_from_depth(5);
        } catch (const std::exception &exception) {
            CHECK_STR(exception.what(), "from a fiber");
            steps++;
        }
        SwitchToFiber(main_fiber);
    }
}

static LONG WINAPI continue_execution(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != 0xE0001234)
        return EXCEPTION_CONTINUE_SEARCH;
    steps += 100;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void WINAPI raise(void *)
{
    RaiseException(0xE0001234, 0, 0, NULL);
    SwitchToFiber(main_fiber);
}

TEST(exceptions)
{
    steps = 0;
    enter();
    void *fiber = make(throw_and_catch);
    for (int i = 0; i < 3; i++) {
        SwitchToFiber(fiber);
        try {
            throw_from_depth(3);
        } catch (const std::exception &) {
            steps += 10;
        }
    }
    CHECK_EQ(steps, 33);
    DeleteFiber(fiber);
    /* What nobody in the fiber handles comes to the process's filter. */
    LPTOP_LEVEL_EXCEPTION_FILTER before = SetUnhandledExceptionFilter(continue_execution);
    fiber = make(raise);
    SwitchToFiber(fiber);
    CHECK_EQ(steps, 133);
    SetUnhandledExceptionFilter(before);
    DeleteFiber(fiber);
    leave();
}

/* Fibers do not belong to threads: this one goes on where it is switched to. */
static DWORD seen_threads[2];
static void *return_to;

static void WINAPI note_threads(void *)
{
    for (int i = 0; i < 2; i++) {
        int local;
        seen_threads[i] = GetCurrentThreadId();
        CHECK(is_on_stack(&local));
        SwitchToFiber(return_to);
    }
}

static DWORD WINAPI go_on_with(void *fiber)
{
    return_to = ConvertThreadToFiber(NULL);
    SwitchToFiber(fiber);
    CHECK(ConvertFiberToThread());
    return 6;
}

TEST(another_threads_fiber)
{
    enter();
    return_to = main_fiber;
    void *fiber = make(note_threads);
    SwitchToFiber(fiber);
    CHECK_EQ(join(start(go_on_with, fiber)), 6);
    CHECK_EQ(seen_threads[0], GetCurrentThreadId());
    CHECK(seen_threads[1] != 0 && seen_threads[1] != seen_threads[0]);
    DeleteFiber(fiber);
    leave();
}

static void WINAPI just_return(void *)
{
    steps++;
    FlsSetValue(slot, (void *)7);
}

static void WINAPI delete_itself(void *)
{
    steps++;
    FlsSetValue(slot, (void *)70);
    DeleteFiber(current_fiber());
}

static void WINAPI delete_the_other(void *other)
{
    DeleteFiber(other);
    steps++;
    ExitThread(8);
}

static DWORD WINAPI run_in_fiber(void *start)
{
    void *own = ConvertThreadToFiber(NULL);

    FlsSetValue(slot, (void *)700);
    SwitchToFiber(CreateFiber(0, (LPFIBER_START_ROUTINE)start, own));
    steps = 1000;
    return 0;
}

/* The thread ends; that of the fiber that it has left keeps its values until it is deleted. */
TEST(ends_of_threads)
{
    slot = FlsAlloc(add_freed);
    freed_sum = steps = 0;
    join(start(run_in_fiber, (void *)just_return));
    CHECK_EQ(steps, 1);
    CHECK_EQ(freed_sum, 7);
    CHECK_EQ(join(start(run_in_fiber, (void *)delete_itself)), 1);
    CHECK_EQ(steps, 2);
    CHECK_EQ(freed_sum, 77);
    CHECK_EQ(join(start(run_in_fiber, (void *)delete_the_other)), 8);
    CHECK_EQ(steps, 3);
    CHECK_EQ(freed_sum, 777);
    CHECK(FlsFree(slot));
}

static void *ring[200];

static void WINAPI pass_on(void *index)
{
    for (;;) {
        steps++;
        SwitchToFiber(ring[((ULONG_PTR)index + 1) % 200]);
    }
}

TEST(a_ring_of_many)
{
    enter();
    steps = 0;
    ring[0] = main_fiber;
    for (ULONG_PTR i = 1; i < 200; i++)
        ring[i] = CreateFiberEx(0x1000, 0x10000, 0, pass_on, (void *)i);
    for (int round = 0; round < 50; round++)
        SwitchToFiber(ring[1]);
    CHECK_EQ(steps, 199 * 50);
    for (int i = 1; i < 200; i++)
        DeleteFiber(ring[i]);
    leave();
}

int main()
{
    RUN(conversion);
    RUN(switching);
    RUN(registers);
    RUN(floating_point_state);
    RUN(stacks);
    RUN(stack_overflow);
    RUN(local_storage);
    RUN(all_slots);
    RUN(slots_that_are_none);
    RUN(callbacks_use_storage);
    RUN(storage_is_ended_once);
    RUN(exceptions);
    RUN(another_threads_fiber);
    RUN(ends_of_threads);
    RUN(a_ring_of_many);
    return CHECK_END();
}
