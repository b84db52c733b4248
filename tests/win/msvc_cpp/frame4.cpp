/* Exception tables of the fourth format, of the function in frame4.S. */
#include "runtime.h"
#include <string.h>

static char order[40];

static void note(char c)
{
    size_t length = strlen(order);
    order[length] = c;
    order[length + 1] = 0;
}

#define CHECK_ORDER(expected)       \
    do {                            \
        CHECK_STR(order, expected); \
        order[0] = 0;               \
    } while (0)

extern "C" {

struct type_description {
    const void *vtable;
    void *spare;
    char name[4];
};
type_description frame4_int = {type_info_vtable, nullptr, ".H"};
type_description frame4_char = {type_info_vtable, nullptr, ".D"};

int frame4(void (*function)(void *), void *argument);

void frame4_end(char *object)
{
    note(*object);
}

int frame4_handle(int value)
{
    note((char)('0' + value));
    if (value == 8)
        throw;
    if (value == 9)
        throw 'z';
    return value;
}
}

static void throw_it(void *what)
{
    const char *kind = (const char *)what;
    switch (kind[0]) {
    case 'i':
        throw kind[1] - '0';
    case 'c':
        throw 'c';
    case 'd':
        throw 1.5;
    }
}

TEST(handlers_and_where_they_go_on)
{
    CHECK_EQ(frame4(throw_it, (void *)"-"), 0);
    CHECK_ORDER("");
    CHECK_EQ(frame4(throw_it, (void *)"i0"), 1);
    CHECK_ORDER("cba0");
    CHECK_EQ(frame4(throw_it, (void *)"i1"), 2);
    CHECK_ORDER("cba1");
    CHECK_EQ(frame4(throw_it, (void *)"c"), 3);
    CHECK_ORDER("cba");
    CHECK_EQ(frame4(throw_it, (void *)"d"), 4);
    CHECK_ORDER("cba");
}

TEST(exceptions_out_of_a_handler)
{
    int got = 0;
    try {
        frame4(throw_it, (void *)"i9");
    } catch (char c) {
        got = c;
    }
    CHECK_EQ(got, 'z');
    CHECK_ORDER("cba9h");
    try {
        frame4(throw_it, (void *)"i8");
    } catch (int value) {
        got = value;
    }
    CHECK_EQ(got, 8);
    CHECK_ORDER("cba8h");
}

static void raise_it(void *)
{
    RaiseException(0xE0000001, 0, 0, nullptr);
}

TEST(foreign_exceptions_pass)
{
    __try {
        frame4(raise_it, nullptr);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        note('x');
    }
    CHECK_ORDER("x");
}

int main()
{
    UNLESS_WINE("Wine 8's msvcrt has no such frame handler")
    {
        RUN(handlers_and_where_they_go_on);
        RUN(exceptions_out_of_a_handler);
        RUN(foreign_exceptions_pass);
    }
    return CHECK_END();
}
