// Throwing and catching, with the compiler's own unwinder on top of the system's.
#include "check.h"
#include <cstdlib>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

static std::string order;

struct Noted {
    char mark;
    explicit Noted(char c) : mark(c) {}
    ~Noted()
    {
        order += mark;
    }
};

TEST(a_thrown_object_arrives)
{
    int caught = 0;

    try {
        throw 42;
    } catch (int value) {
        caught = value;
    }
    CHECK_EQ(caught, 42);
    try {
        throw std::runtime_error("what it says");
    } catch (const std::exception &error) {
        CHECK_STR(error.what(), "what it says");
        caught = 1;
    }
    CHECK_EQ(caught, 1);
}

TEST(the_first_handler_that_fits_is_taken)
{
    int which = 0;

    try {
        throw std::out_of_range("x");
    } catch (const std::runtime_error &) {
        which = 1;
    } catch (const std::logic_error &) {
        which = 2;
    } catch (...) {
        which = 3;
    }
    CHECK_EQ(which, 2);
}

__attribute__((noinline)) static void descend(int depth)
{
    Noted noted(static_cast<char>('a' + depth));
    if (depth == 9)
        throw depth;
    descend(depth + 1);
    order += '!';
}

TEST(destructors_run_from_the_inside_out)
{
    int caught = 0;

    order.clear();
    try {
        descend(0);
    } catch (int depth) {
        caught = depth;
    }
    CHECK_EQ(caught, 9);
    CHECK_STR(order.c_str(), "jihgfedcba");
}

TEST(rethrowing_passes_the_same_object)
{
    const void *first = nullptr, *second = nullptr;

    try {
        try {
            throw std::string("one");
        } catch (std::string &text) {
            first = &text;
            text = "two";
            throw;
        }
    } catch (std::string &text) {
        second = &text;
        CHECK_STR(text.c_str(), "two");
    }
    CHECK(first == second);
}

TEST(a_handler_may_throw_something_else)
{
    order.clear();
    try {
        try {
            Noted noted('a');
            throw 1;
        } catch (int) {
            Noted noted('b');
            throw 2L;
        }
    } catch (long) {
        order += 'c';
    }
    CHECK_STR(order.c_str(), "abc");
}

struct ThrowsInside {
    ~ThrowsInside()
    {
        try {
            throw 5;
        } catch (int) {
            order += 'i';
        }
    }
};

TEST(a_destructor_may_throw_and_catch_while_it_unwinds)
{
    order.clear();
    try {
        ThrowsInside object;
        throw "text";
    } catch (const char *) {
        order += 'o';
    }
    CHECK_STR(order.c_str(), "io");
}

struct Member {
    Member()
    {
        throw 7;
    }
};

struct Holder {
    Noted noted;
    Member member;
    Holder()
    try : noted('n') {
    } catch (int) {
        order += 't';
    }
};

TEST(a_constructor_may_fail)
{
    order.clear();
    try {
        Holder holder;
    } catch (int value) {
        CHECK_EQ(value, 7);
        order += 'c';
    }
    CHECK_STR(order.c_str(), "ntc");
}

/* Both registers that both conventions preserve and those that only Windows does. */
TEST(local_variables_survive)
{
    double d0 = std::atof("1.5"), d1 = d0 * 2, d2 = d0 * 3, d3 = d0 * 4, d4 = d0 * 5, d5 = d0 * 6;
    int i0 = std::atoi("1"), i1 = i0 * 2, i2 = i0 * 3, i3 = i0 * 4, i4 = i0 * 5, i5 = i0 * 6;

    for (int i = 0; i < 5; i++) {
        try {
            descend(3);
        } catch (int) {
            d0 += 1, d1 += 1, d2 += 1, d3 += 1, d4 += 1, d5 += 1;
            i0 += 1, i1 += 1, i2 += 1, i3 += 1, i4 += 1, i5 += 1;
        }
    }
    CHECK(d0 == 6.5 && d1 == 8 && d2 == 9.5 && d3 == 11 && d4 == 12.5 && d5 == 14);
    CHECK(i0 == 6 && i1 == 7 && i2 == 8 && i3 == 9 && i4 == 10 && i5 == 11);
}

TEST(an_exception_may_be_kept)
{
    std::exception_ptr kept;

    try {
        throw std::runtime_error("kept");
    } catch (...) {
        kept = std::current_exception();
    }
    CHECK(kept != nullptr);
    try {
        std::rethrow_exception(kept);
    } catch (const std::runtime_error &error) {
        CHECK_STR(error.what(), "kept");
    }
}

TEST(the_library_throws)
{
    std::vector<int> vector(3);
    bool caught = false;

    try {
        (void)vector.at(3);
    } catch (const std::out_of_range &) {
        caught = true;
    }
    CHECK(caught);
    caught = false;
    try {
        std::string text(10, 'x');
        (void)text.substr(11);
    } catch (const std::out_of_range &) {
        caught = true;
    }
    CHECK(caught);
}

TEST(uncaught_exceptions_are_counted)
{
    struct Counter {
        int *count;
        ~Counter()
        {
            *count = std::uncaught_exceptions();
        }
    };
    int count = 9;

    try {
        Counter counter{&count};
        throw 1;
    } catch (int) {
    }
    CHECK_EQ(count, 1);
    CHECK_EQ(std::uncaught_exceptions(), 0);
}

#ifdef _WIN64
/* The i386 compiler's unwinder does not know the frames of a DLL that others have made. */
static int compare_and_throw(const void *, const void *)
{
    Noted noted('q');
    throw 99;
}

TEST(an_exception_crosses_the_system_s_functions)
{
    int numbers[8] = {3, 1, 2, 5, 4, 8, 7, 6}, caught = 0;

    order.clear();
    for (int i = 0; i < 3; i++) {
        Noted noted('o');
        try {
            std::qsort(numbers, 8, sizeof *numbers, compare_and_throw);
        } catch (int value) {
            caught += value;
        }
    }
    CHECK_EQ(caught, 297);
    CHECK_STR(order.c_str(), "qoqoqo");
}
#endif

static DWORD CALLBACK throw_in_thread(void *argument)
{
    int sum = 0;
    for (int i = 0; i < 500; i++) {
        try {
            descend(static_cast<int>(reinterpret_cast<ULONG_PTR>(argument)));
        } catch (int depth) {
            sum += depth;
        }
    }
    return sum;
}

static DWORD CALLBACK throw_quietly(void *)
{
    int sum = 0;
    for (int i = 0; i < 500; i++) {
        try {
            throw i;
        } catch (int value) {
            sum += value;
        }
    }
    return sum;
}

TEST(threads_throw_at_the_same_time)
{
    HANDLE threads[4];
    DWORD result = 0;

    for (HANDLE &thread : threads)
        thread = CreateThread(nullptr, 0, throw_quietly, nullptr, 0, nullptr);
    for (HANDLE &thread : threads) {
        WaitForSingleObject(thread, INFINITE);
        CHECK(GetExitCodeThread(thread, &result));
        CHECK_EQ(result, 500 * 499 / 2);
        CloseHandle(thread);
    }
    HANDLE thread = CreateThread(nullptr, 0, throw_in_thread, nullptr, 0, nullptr);
    WaitForSingleObject(thread, INFINITE);
    CHECK(GetExitCodeThread(thread, &result));
    CHECK_EQ(result, 4500);
    CloseHandle(thread);
}

int main()
{
    RUN(a_thrown_object_arrives);
    RUN(the_first_handler_that_fits_is_taken);
    RUN(destructors_run_from_the_inside_out);
    RUN(rethrowing_passes_the_same_object);
    RUN(a_handler_may_throw_something_else);
    RUN(a_destructor_may_throw_and_catch_while_it_unwinds);
    RUN(a_constructor_may_fail);
    RUN(local_variables_survive);
    RUN(an_exception_may_be_kept);
    RUN(the_library_throws);
    RUN(uncaught_exceptions_are_counted);
#ifdef _WIN64
    RUN(an_exception_crosses_the_system_s_functions);
#endif
    RUN(threads_throw_at_the_same_time);
    return CHECK_END();
}
