/* The stacks of threads: what VirtualQuery shows of them, that their places are free when the threads have
 * ended, and that a new thread finds its own as new, whatever an earlier one has done to a stack in that
 * place. */
#include "check.h"
#include <string.h>

#define RESERVE 0x100000

struct stack {
    char *allocation, *limit, *base;
    SIZE_T guard_size;
    BOOL well_formed;
};

/* From the lowest address: reserved pages, if any, guard pages, and what can be used up to the end. */
static void describe_own_stack(struct stack *stack)
{
    const NT_TIB *tib = (const NT_TIB *)NtCurrentTeb();
    MEMORY_BASIC_INFORMATION region;
    char *at;

    VirtualQuery(tib->StackLimit, &region, sizeof region);
    at = stack->allocation = region.AllocationBase;
    stack->limit = tib->StackLimit;
    stack->base = tib->StackBase;
    VirtualQuery(at, &region, sizeof region);
    stack->well_formed = region.AllocationProtect == PAGE_READWRITE && region.Type == MEM_PRIVATE;
    /* Wine 8 has a committed page without access there. */
    if (region.State == MEM_RESERVE || (check_on_wine() && region.Protect == PAGE_NOACCESS)) {
        at += region.RegionSize;
        VirtualQuery(at, &region, sizeof region);
    }
    stack->well_formed &= region.State == MEM_COMMIT && region.Protect == (PAGE_READWRITE | PAGE_GUARD);
    stack->guard_size = region.RegionSize;
    at += region.RegionSize;
    VirtualQuery(at, &region, sizeof region);
    stack->well_formed &= region.State == MEM_COMMIT && region.Protect == PAGE_READWRITE &&
                          region.AllocationBase == stack->allocation && at == stack->limit &&
                          at + region.RegionSize == stack->base;
}

static DWORD WINAPI describe(void *stack)
{
    describe_own_stack(stack);
    return 0;
}

static HANDLE start(LPTHREAD_START_ROUTINE function, void *parameter, SIZE_T reserve)
{
    HANDLE thread = CreateThread(NULL, reserve, function, parameter, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);

    CHECK(thread != NULL);
    return thread;
}

static void join(HANDLE thread)
{
    CHECK_EQ(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
}

static void run(LPTHREAD_START_ROUTINE function, void *parameter, SIZE_T reserve)
{
    join(start(function, parameter, reserve));
}

TEST(a_stack_is_reserved_guarded_and_committed)
{
    struct stack first, second;

    run(describe, &first, RESERVE);
    CHECK(first.well_formed);
    CHECK(first.guard_size >= 0x1000);
    CHECK_EQ(first.base - first.allocation, RESERVE);
    run(describe, &second, 2 * RESERVE);
    CHECK(second.well_formed);
    CHECK_EQ(second.guard_size, first.guard_size);
    CHECK_EQ(second.base - second.allocation, 2 * RESERVE);
    describe_own_stack(&first);
    CHECK(first.well_formed);
}

TEST(the_place_of_an_ended_threads_stack_is_free)
{
    MEMORY_BASIC_INFORMATION region;
    struct stack stack, next;
    char *place;
    int i, used = 0;

    run(describe, &stack, RESERVE);
    CHECK(VirtualQuery(stack.allocation, &region, sizeof region) != 0);
    UNLESS_WINE("Wine 8 frees it later") CHECK_EQ(region.State, MEM_FREE);
    UNLESS_WINE("Wine 8 frees it later") CHECK(region.RegionSize >= RESERVE);
    UNLESS_WINE("Wine 8 frees it later")
    CHECK_ERROR(!VirtualFree(stack.allocation, 0, MEM_RELEASE), ERROR_INVALID_ADDRESS);

    /* Part of it, from its middle, while another thread needs a stack. */
    place = VirtualAlloc(stack.allocation + RESERVE / 2, 0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    UNLESS_WINE("Wine 8 frees it later") CHECK_PTR(place, stack.allocation + RESERVE / 2);
    for (i = 0; place && i < 0x10000; i++)
        used += place[i] != 0;
    CHECK_EQ(used, 0);
    run(describe, &next, RESERVE);
    CHECK(next.well_formed);
    CHECK(!place || next.base <= place || next.allocation >= place + 0x10000);
    CHECK(!place || VirtualFree(place, 0, MEM_RELEASE));
}

TEST(wherever_there_is_room_is_good_for_memory_of_any_kind)
{
    static char *places[64];
    struct stack stack;
    int i, j, dirty = 0;

    for (i = 0; i < 64; i++) {
        run(describe, &stack, RESERVE);
        CHECK(stack.well_formed);
        places[i] = VirtualAlloc(NULL, 0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
        CHECK(places[i] != NULL);
        for (j = 0; j < 0x10000; j += 8)
            dirty += *(volatile LONGLONG *)(places[i] + j) != 0;
        memset(places[i], 0xA5, 0x10000);
    }
    CHECK_EQ(dirty, 0);
    for (i = 0; i < 64; i++)
        CHECK(VirtualFree(places[i], 0, MEM_RELEASE));
}

/* -- what a thread does to its stack ----------------------------------------------------------------------
 */

static DWORD WINAPI make_part_inaccessible(void *parameter)
{
    const NT_TIB *tib = (const NT_TIB *)NtCurrentTeb();
    DWORD old;

    (void)parameter;
    CHECK(VirtualProtect(tib->StackLimit, 0x1000, PAGE_NOACCESS, &old));
    return 0;
}

static DWORD WINAPI make_part_executable(void *parameter)
{
    const NT_TIB *tib = (const NT_TIB *)NtCurrentTeb();
    DWORD old;

    (void)parameter;
    CHECK(VirtualProtect((char *)tib->StackBase - 0x8000, 0x8000, PAGE_EXECUTE_READWRITE, &old));
    return 0;
}

static DWORD WINAPI open_guard(void *parameter)
{
    const NT_TIB *tib = (const NT_TIB *)NtCurrentTeb();
    DWORD old;

    (void)parameter;
    CHECK(VirtualProtect((char *)tib->StackLimit - 0x1000, 0x1000, PAGE_READWRITE, &old));
    return 0;
}

static DWORD WINAPI guarantee_much(void *parameter)
{
    ULONG size = 0x10000;

    (void)parameter;
    CHECK(SetThreadStackGuarantee(&size));
    return 0;
}

static DWORD WINAPI lock_part(void *parameter)
{
    const NT_TIB *tib = (const NT_TIB *)NtCurrentTeb();

    (void)parameter;
    CHECK(VirtualLock((char *)tib->StackBase - 0x2000, 0x1000));
    return 0;
}

TEST(a_new_thread_finds_its_stack_as_new)
{
    static const LPTHREAD_START_ROUTINE changes[] = {make_part_inaccessible, make_part_executable, open_guard,
                                                     guarantee_much, lock_part};
    struct stack stack, before;
    unsigned i;

    run(describe, &before, RESERVE);
    for (i = 0; i < ARRAYSIZE(changes); i++) {
        run(changes[i], NULL, RESERVE);
        run(describe, &stack, RESERVE);
        CHECK(stack.well_formed);
        CHECK_EQ(stack.guard_size, before.guard_size);
        CHECK_EQ(stack.base - stack.allocation, RESERVE);
    }
}

/* Writes below what any thread of these tests uses, where it must find nothing that another has left. */
static DWORD WINAPI look_and_leave_marks(void *parameter)
{
    const NT_TIB *tib = (const NT_TIB *)NtCurrentTeb();
    char *low = tib->StackLimit, *high = (char *)tib->StackBase - 0x20000, *at;
    LONG *marks = parameter;

    for (at = low; at < high; at += 0x1000) {
        if (*(volatile LONG *)at)
            InterlockedIncrement(marks);
        *(volatile LONG *)at = 0x5A5A5A5A;
    }
    return 0;
}

TEST(the_rest_of_a_new_stack_is_zero)
{
    LONG marks = 0;
    int i;

    for (i = 0; i < 8; i++)
        run(look_and_leave_marks, &marks, RESERVE);
    CHECK_EQ(marks, 0);
}

/* -- many -------------------------------------------------------------------------------------------------
 */

#define AT_ONCE 40

TEST(stacks_of_many_sizes_come_and_go)
{
    static struct stack stacks[AT_ONCE];
    HANDLE threads[AT_ONCE];
    int round, i;

    for (round = 0; round < 5; round++) {
        for (i = 0; i < AT_ONCE; i++)
            threads[i] = start(describe, &stacks[i], (1 + (i + round) % 4) * RESERVE);
        for (i = 0; i < AT_ONCE; i++)
            join(threads[i]);
        for (i = 0; i < AT_ONCE; i++) {
            CHECK(stacks[i].well_formed);
            CHECK_EQ(stacks[i].base - stacks[i].allocation, (1 + (i + round) % 4) * RESERVE);
        }
    }
}

static HANDLE go;

static DWORD WINAPI wait_to_go(void *parameter)
{
    (void)parameter;
    return WaitForSingleObject(go, INFINITE);
}

TEST(more_threads_at_once_than_stacks_are_kept)
{
    static HANDLE threads[300];
    unsigned i;

    go = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (i = 0; i < ARRAYSIZE(threads); i++)
        threads[i] = start(wait_to_go, NULL, 0x10000);
    CHECK(SetEvent(go));
    for (i = 0; i < ARRAYSIZE(threads); i++)
        join(threads[i]);
    CHECK(CloseHandle(go));
}

int main(void)
{
    RUN(a_stack_is_reserved_guarded_and_committed);
    RUN(the_place_of_an_ended_threads_stack_is_free);
    RUN(wherever_there_is_room_is_good_for_memory_of_any_kind);
    RUN(a_new_thread_finds_its_stack_as_new);
    RUN(the_rest_of_a_new_stack_is_zero);
    RUN(stacks_of_many_sizes_come_and_go);
    RUN(more_threads_at_once_than_stacks_are_kept);
    return CHECK_END();
}
