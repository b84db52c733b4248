/* Fibers that leave a catch block for another fiber and come back: each has its own current exception,
 * whatever thread runs it. */
#include "runtime.h"

static void *home, *other;
static int other_value, other_caught;

static int live;

struct Counted {
    int value;
    explicit Counted(int v) : value(v)
    {
        live++;
    }
    Counted(const Counted &copied) : value(copied.value)
    {
        live++;
    }
    ~Counted()
    {
        live--;
    }
};

/* The value of the exception that the innermost handler has. */
__attribute__((noinline)) static int current_value()
{
    try {
        throw;
    } catch (const Counted &caught) {
        return caught.value;
    }
}

static void WINAPI switch_within_handler(void *)
{
    for (;;) {
        try {
            throw Counted(20);
        } catch (const Counted &caught) {
            other_caught++;
            SwitchToFiber(home);
            other_value = current_value();
            SwitchToFiber(home);
        }
        SwitchToFiber(home);
    }
}

TEST(each_fiber_throws_its_own_exception_on)
{
    int value = 0;
    other = CreateFiber(0, switch_within_handler, nullptr);
    other_caught = 0;
    try {
        throw Counted(10);
    } catch (const Counted &) {
        SwitchToFiber(other);
        CHECK_EQ(other_caught, 1);
        CHECK_EQ(current_value(), 10);
        other_value = 0;
        SwitchToFiber(other);
        CHECK_EQ(other_value, 20);
        value = 1;
    }
    CHECK_EQ(value, 1);
    SwitchToFiber(other);
    CHECK_EQ(live, 0);
    DeleteFiber(other);
}

TEST(a_handler_ends_before_one_of_an_earlier_fiber)
{
    other = CreateFiber(0, switch_within_handler, nullptr);
    SwitchToFiber(other);
    try {
        throw Counted(30);
    } catch (const Counted &) {
        CHECK_EQ(current_value(), 30);
        other_value = 0;
        SwitchToFiber(other);
        CHECK_EQ(other_value, 20);
        SwitchToFiber(other);
        CHECK_EQ(live, 1);
        CHECK_EQ(current_value(), 30);
    }
    CHECK_EQ(live, 0);
    DeleteFiber(other);
}

TEST(a_fiber_is_deleted_within_its_handler)
{
    for (int i = 0; i < 3; i++) {
        other = CreateFiber(0, switch_within_handler, nullptr);
        SwitchToFiber(other);
        DeleteFiber(other);
        live = 0;
        try {
            throw Counted(40);
        } catch (const Counted &) {
            CHECK_EQ(current_value(), 40);
        }
        CHECK_EQ(live, 0);
    }
}

static DWORD WINAPI run_other(void *)
{
    home = ConvertThreadToFiber(nullptr);
    other_value = 0;
    SwitchToFiber(other);
    return other_value;
}

TEST(a_fiber_goes_on_in_another_thread)
{
    void *here = home;
    DWORD value = 0;
    other = CreateFiber(0, switch_within_handler, nullptr);
    SwitchToFiber(other);
    try {
        throw Counted(50);
    } catch (const Counted &) {
        HANDLE thread = CreateThread(nullptr, 0, run_other, nullptr, 0, nullptr);
        CHECK_EQ(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
        CHECK(GetExitCodeThread(thread, &value));
        CHECK(CloseHandle(thread));
        home = here;
        CHECK_EQ(value, 20);
        CHECK_EQ(current_value(), 50);
    }
    DeleteFiber(other);
}

int main()
{
    if (check_on_wine())
        return CHECK_END(); /* Wine 8 keeps a thread's exceptions, as old versions of the DLL did. */
    home = ConvertThreadToFiber(nullptr);
    RUN(each_fiber_throws_its_own_exception_on);
    RUN(a_handler_ends_before_one_of_an_earlier_fiber);
    RUN(a_fiber_is_deleted_within_its_handler);
    RUN(a_fiber_goes_on_in_another_thread);
    return CHECK_END();
}
