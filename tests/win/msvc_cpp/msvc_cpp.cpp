/* C++ exceptions of Microsoft's ABI, as clang compiles them for the C runtime's frame handlers. There are no
 * headers of Microsoft's: what they declare is declared here. */
#include "runtime.h"
#include <stdlib.h>
#include <string.h>

static char order[200];

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

/* Notes its name when it ends, in capitals when it is copied. */
struct Noted {
    char name;
    explicit Noted(char c) : name(c) {}
    Noted(const Noted &other) : name(other.name)
    {
        note((char)(name - 'a' + 'A'));
    }
    ~Noted()
    {
        note(name);
    }
};

static int live;

struct Counted {
    int value;
    explicit Counted(int v) : value(v)
    {
        live++;
    }
    Counted(const Counted &other) : value(other.value)
    {
        live++;
    }
    ~Counted()
    {
        live--;
    }
};

/* What is caught */

struct Base {
    int base = 1;
};
struct Other {
    int other = 2;
};
struct Derived : Base, Other {
    int derived = 3;
};
struct VirtualLeft : virtual Base {
    int left = 4;
};
struct VirtualRight : virtual Base {
    int right = 5;
};
struct Diamond : VirtualLeft, VirtualRight {
    int diamond = 6;
    Diamond()
    {
        base = 7;
    }
};
struct Twice : Derived, VirtualLeft {
};

enum thrown {
    AN_INT,
    A_POINTER,
    A_CONST_POINTER,
    A_DERIVED,
    A_DERIVED_POINTER,
    A_DIAMOND,
    A_TWICE,
    A_DOUBLE,
    A_NULL
};

static int an_int = 11;
static Derived a_derived;

__attribute__((noinline)) static void throw_one(thrown what)
{
    Counted local(0);
    switch (what) {
    case AN_INT:
        throw 42;
    case A_POINTER:
        throw &an_int;
    case A_CONST_POINTER:
        throw(const int *) & an_int;
    case A_DERIVED:
        throw Derived();
    case A_DERIVED_POINTER:
        throw &a_derived;
    case A_DIAMOND:
        throw Diamond();
    case A_TWICE:
        throw Twice();
    case A_DOUBLE:
        throw 1.5;
    case A_NULL:
        throw(Derived *) nullptr;
    }
}

TEST(scalars_are_caught_by_type)
{
    int got = 0;
    try {
        throw_one(AN_INT);
    } catch (double) {
        got = -1;
    } catch (int value) {
        got = value;
    } catch (...) {
        got = -2;
    }
    CHECK_EQ(got, 42);
    double real = 0;
    try {
        throw_one(A_DOUBLE);
    } catch (const double &value) {
        real = value;
    }
    CHECK(real == 1.5);
    try {
        throw_one(A_DOUBLE);
    } catch (int) {
        got = -1;
    } catch (...) {
        got = 5;
    }
    CHECK_EQ(got, 5);
    CHECK_EQ(live, 0);
}

TEST(pointers_keep_their_qualifiers)
{
    int got = 0;
    try {
        throw_one(A_POINTER);
    } catch (const int *pointer) {
        got = *pointer;
    }
    CHECK_EQ(got, 11);
    try {
        throw_one(A_CONST_POINTER);
    } catch (int *) {
        got = -1;
    } catch (const int *pointer) {
        got = *pointer + 1;
    }
    CHECK_EQ(got, 12);
    try {
        throw_one(A_POINTER);
    } catch (void *pointer) {
        got = pointer == &an_int;
    }
    CHECK_EQ(got, 1);
}

TEST(bases_are_found_in_objects)
{
    int got = 0;
    try {
        throw_one(A_DERIVED);
    } catch (Other &other) {
        got = other.other;
    }
    CHECK_EQ(got, 2);
    try {
        throw_one(A_DERIVED);
    } catch (Other other) {
        got = other.other * 10;
    }
    CHECK_EQ(got, 20);
    try {
        throw_one(A_DERIVED_POINTER);
    } catch (Other *other) {
        got = other == &a_derived;
    }
    CHECK_EQ(got, 1);
    try {
        throw_one(A_NULL);
    } catch (Other *other) {
        got = other == nullptr;
    }
    CHECK_EQ(got, 1);
}

TEST(virtual_bases_are_found_in_objects)
{
    int got = 0;
    try {
        throw_one(A_DIAMOND);
    } catch (Base &base) {
        got = base.base;
    }
    CHECK_EQ(got, 7);
    try {
        throw_one(A_DIAMOND);
    } catch (VirtualRight right) {
        got = right.right * 10 + right.base;
    }
    CHECK_EQ(got, 57);
    try {
        throw_one(A_DIAMOND);
    } catch (Diamond whole) {
        got = whole.diamond * 100 + whole.left * 10 + whole.base;
    }
    CHECK_EQ(got, 647);
    /* A base that is there twice cannot be caught. */
    try {
        throw_one(A_TWICE);
    } catch (Base &) {
        got = -1;
    } catch (Other &other) {
        got = other.other;
    }
    CHECK_EQ(got, 2);
}

/* When objects end */

TEST(the_exception_ends_behind_its_handler)
{
    try {
        Noted local('l');
        throw Noted('e');
    } catch (Noted &) {
        note('1');
    }
    note('2');
    CHECK_ORDER("l1e2");
}

TEST(a_copy_ends_before_the_exception)
{
    try {
        Noted local('l');
        throw Noted('e');
    } catch (Noted copy) {
        copy.name = 'c';
        note('1');
    }
    /* The copy is made before the stack is unwound. */
    CHECK_ORDER("El1ce");
}

__attribute__((noinline)) static void nest(int depth)
{
    Noted local((char)('a' + depth));
    if (depth == 3)
        throw 1;
    nest(depth + 1);
    note('!');
}

TEST(locals_end_inside_out)
{
    try {
        nest(0);
    } catch (int) {
        note('1');
    }
    CHECK_ORDER("dcba1");
}

TEST(only_what_was_made_ends)
{
    struct Pair {
        Noted first{'f'};
        Noted second;
        Pair() : second((throw 5, 's')) {}
    };
    try {
        Noted before('b');
        {
            Noted done('d');
        }
        Pair pair;
        Noted never('n');
    } catch (int) {
        note('1');
    }
    CHECK_ORDER("dfb1");
}

TEST(a_handler_may_be_left_in_any_way)
{
    int i;
    for (i = 0; i < 10; i++) {
        try {
            throw Counted(i);
        } catch (Counted &counted) {
            if (counted.value == 3)
                break;
            if (counted.value == 1)
                continue;
        }
    }
    CHECK_EQ(i, 3);
    CHECK_EQ(live, 0);
    auto leave = []() -> int {
        Noted local('l');
        try {
            throw Noted('e');
        } catch (Noted &) {
            return 5;
        }
    };
    CHECK_EQ(leave(), 5);
    CHECK_ORDER("el");
}

/* Exceptions in handlers */

TEST(an_exception_is_thrown_on)
{
    try {
        try {
            throw Noted('e');
        } catch (...) {
            note('1');
            throw;
        }
    } catch (Noted &noted) {
        note('2');
        note(noted.name);
    }
    CHECK_ORDER("12ee");
}

__attribute__((noinline)) static void throw_on()
{
    Noted local('l');
    throw;
}

TEST(an_exception_is_thrown_on_from_a_function)
{
    try {
        try {
            throw Noted('e');
        } catch (Noted &) {
            throw_on();
        }
    } catch (Noted &) {
        note('2');
    }
    CHECK_ORDER("l2e");
}

TEST(an_exception_is_thrown_on_and_caught_in_its_handler)
{
    try {
        throw Noted('e');
    } catch (Noted &outer) {
        try {
            throw_on();
        } catch (Noted &inner) {
            note(&outer == &inner ? '=' : '#');
        }
        note('1');
    }
    CHECK_ORDER("l=1e");
}

TEST(an_exception_replaces_another)
{
    try {
        try {
            throw Noted('e');
        } catch (Noted &) {
            Noted local('l');
            throw Noted('f');
        }
    } catch (Noted &noted) {
        note(noted.name);
        note('2');
    }
    CHECK_ORDER("lef2f");
}

TEST(an_exception_within_a_handler)
{
    try {
        throw Noted('e');
    } catch (Noted &) {
        try {
            Noted local('l');
            throw Noted('f');
        } catch (Noted &inner) {
            note(inner.name);
        }
        note('1');
    }
    CHECK_ORDER("lff1e");
}

TEST(handlers_nest_deeply)
{
    try {
        try {
            throw Noted('a');
        } catch (Noted &) {
            try {
                throw Noted('b');
            } catch (Noted &) {
                try {
                    throw Noted('c');
                } catch (int) {
                    note('-');
                }
                note('-');
            }
            note('-');
        }
        note('-');
    } catch (Noted &last) {
        note('1');
        note(last.name);
    }
    CHECK_ORDER("ba1cc");
    try {
        try {
            throw 1;
        } catch (int) {
            try {
                throw 2;
            } catch (int) {
                note('2');
                throw 3;
            }
        }
    } catch (int value) {
        note((char)('0' + value));
    }
    CHECK_ORDER("23");
}

TEST(a_handler_throws_the_outer_exception_on)
{
    try {
        try {
            throw Noted('a');
        } catch (Noted &) {
            try {
                throw 2;
            } catch (int) {
                note('2');
            }
            throw;
        }
    } catch (Noted &noted) {
        note(noted.name);
    }
    CHECK_ORDER("2aa");
}

TEST(a_try_block_works_again_after_its_handler)
{
    for (int i = 0; i < 3; i++) {
        try {
            Noted local('l');
            try {
                throw i;
            } catch (int value) {
                Noted handler('h');
                if (value == 1)
                    throw 'x';
            }
            note('.');
            if (i == 2)
                throw 'y';
        } catch (char c) {
            note(c);
        }
    }
    CHECK_ORDER("h.lhlxh.ly");
}

TEST(an_exception_from_a_destructor_may_be_caught_in_it)
{
    struct Thrower {
        ~Thrower()
        {
            try {
                throw Noted('i');
            } catch (Noted &) {
                note('d');
            }
        }
    };
    try {
        Thrower thrower;
        throw Noted('o');
    } catch (Noted &noted) {
        note(noted.name);
    }
    CHECK_ORDER("dioo");
}

TEST(many_exceptions)
{
    int sum = 0;
    for (int i = 0; i < 20000; i++) {
        try {
            Counted local(i);
            throw Counted(i & 1);
        } catch (Counted &counted) {
            sum += counted.value;
        }
    }
    CHECK_EQ(sum, 10000);
    CHECK_EQ(live, 0);
}

/* Uncaught exceptions */

static DWORD WINAPI see_none(void *)
{
    return __uncaught_exception();
}

static bool another_thread_sees_it()
{
    DWORD answer = 2;
    HANDLE thread = CreateThread(nullptr, 0, see_none, nullptr, 0, nullptr);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &answer);
    CloseHandle(thread);
    return answer != 0;
}

TEST(destructors_see_an_uncaught_exception)
{
    struct Asker {
        ~Asker()
        {
            note(__uncaught_exception() ? 'y' : 'n');
            CHECK(!another_thread_sees_it());
        }
    };
    {
        Asker asker;
    }
    try {
        Asker asker;
        throw 1;
    } catch (int) {
        Asker asker;
    }
    CHECK_ORDER("nyn");
}

static void on_terminate()
{
    note('t');
    ExitThread(77);
}

static DWORD WINAPI in_thread(void *function)
{
    set_terminate(on_terminate);
    ((void (*)())function)();
    return 0;
}

/* terminate is not to return: it ends the thread that gets there. */
static DWORD exit_code_of(void (*function)())
{
    DWORD code = 0;
    HANDLE thread = CreateThread(nullptr, 0, in_thread, (void *)function, 0, nullptr);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    set_terminate(nullptr);
    return code;
}

static void throw_without_leave() noexcept
{
    throw_one(AN_INT);
}

/* The compiler must not know. */
static void (*volatile without_leave)() = throw_without_leave;

static void throw_through_noexcept()
{
    try {
        without_leave();
    } catch (...) {
        note('!');
    }
}

/* What the compiler sees through it takes out. */
static volatile bool always = true;

struct BadCopy {
    BadCopy() {}
    BadCopy(const BadCopy &)
    {
        if (always)
            throw 2;
    }
};

static BadCopy bad_copy;

static void throw_in_a_copy()
{
    try {
        throw bad_copy;
    } catch (int) {
        note('i');
    }
}

__attribute__((noinline)) static void throw_bad_copy()
{
    throw BadCopy();
}

static void catch_a_bad_copy()
{
    try {
        throw_bad_copy();
    } catch (BadCopy copy) {
        note('!');
    } catch (int) {
        note('!');
    }
}

struct BadEnd {
    ~BadEnd() noexcept(false)
    {
        if (always)
            throw 2;
    }
};

static void throw_in_a_destructor()
{
    try {
        BadEnd bad;
        throw 'c';
    } catch (...) {
        note('!');
    }
}

TEST(what_ends_the_program)
{
    CHECK_EQ(exit_code_of(throw_through_noexcept), 77);
    CHECK_ORDER("t");
    CHECK_EQ(exit_code_of(throw_in_a_copy), 0);
    CHECK_ORDER("i");
    UNLESS_WINE("Wine 8 lets both exceptions out")
    {
        CHECK_EQ(exit_code_of(throw_in_a_destructor), 77);
        CHECK_ORDER("t");
        CHECK_EQ(exit_code_of(catch_a_bad_copy), 77);
        CHECK_ORDER("t");
    }
    order[0] = 0;
    live = 0;
}

/* Across other code */

static int compare_badly(const void *, const void *)
{
    Noted local('q');
    throw 9;
}

TEST(through_a_function_of_the_runtime)
{
    int numbers[4] = {4, 3, 2, 1}, got = 0;
    try {
        Noted local('l');
        qsort(numbers, 4, sizeof numbers[0], compare_badly);
    } catch (int value) {
        got = value;
    }
    CHECK_EQ(got, 9);
    CHECK_ORDER("ql");
}

__attribute__((noinline)) static void raise_foreign(DWORD code)
{
    Noted local('r');
    RaiseException(code, 0, 0, nullptr);
}

__attribute__((noinline)) static void catch_all(DWORD code)
{
    Noted local('l');
    try {
        raise_foreign(code);
    } catch (...) {
        note('!');
    }
}

__attribute__((noinline)) static void throw_noted()
{
    Noted local('l');
    throw Noted('e');
}

/* What the compiler was told: C++ code throws C++ exceptions alone. Others pass it by. */
TEST(foreign_exceptions_pass)
{
    DWORD code = 0;
    __try {
        catch_all(0xE0000001);
    } __except (code = GetExceptionCode(), EXCEPTION_EXECUTE_HANDLER) {
        note('x');
    }
    CHECK_EQ(code, 0xE0000001);
    CHECK_ORDER("x");
}

static int look(EXCEPTION_POINTERS *pointers)
{
    EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    CHECK_EQ(record->ExceptionCode, 0xE06D7363);
    CHECK_EQ(record->ExceptionFlags, EXCEPTION_NONCONTINUABLE);
    CHECK_EQ(record->NumberParameters, sizeof(void *) == 8 ? 4 : 3);
    CHECK_EQ(record->ExceptionInformation[0], 0x19930520);
    CHECK_EQ(((Noted *)record->ExceptionInformation[1])->name, 'e');
    note('f');
    return EXCEPTION_EXECUTE_HANDLER;
}

TEST(a_scope_handler_takes_cpp_exceptions)
{
    __try {
        throw_noted();
    } __except (look(GetExceptionInformation())) {
        note('x');
    }
    CHECK_ORDER("flx");
}

__attribute__((noinline)) static void finally()
{
    __try {
        throw_noted();
    } __finally {
        note('f');
    }
}

TEST(a_finally_block_runs_on_the_way)
{
    try {
        finally();
    } catch (Noted &) {
        note('c');
    }
    CHECK_ORDER("lfce");
}

__attribute__((noinline)) static void take_in_a_destructor()
{
    __try {
        RaiseException(0xE0000002, 0, 0, nullptr);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        note('x');
    }
}

TEST(a_foreign_exception_in_a_destructor)
{
    struct Raiser {
        ~Raiser()
        {
            take_in_a_destructor();
        }
    };
    try {
        Noted local('l');
        Raiser raiser;
        throw Noted('e');
    } catch (Noted &) {
        note('c');
    }
    CHECK_ORDER("xlce");
}

/* The tables' flags */

__attribute__((noinline)) static void with_flags(void (*function)())
{
    Noted local('l');
    function();
    note('!');
}

static void throw_int()
{
    throw 1;
}

static void set_flags_and_throw()
{
    unsigned *flags = eh_flags_of((void *)with_flags);
    CHECK_EQ(*flags, EH_SYNCHRONOUS);
    set_eh_flags(flags, EH_SYNCHRONOUS | EH_NOEXCEPT);
    try {
        with_flags(throw_int);
    } catch (int) {
        note('!');
    }
}

static void raise_one()
{
    RaiseException(0xE0000003, 0, 0, nullptr);
}

TEST(a_function_that_is_marked_noexcept)
{
    unsigned *flags = eh_flags_of((void *)with_flags);
    CHECK_EQ(exit_code_of(set_flags_and_throw), 77);
    CHECK_ORDER("t");
    set_eh_flags(flags, 0);
    __try {
        with_flags(raise_one);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        note('x');
    }
    CHECK_ORDER("lx");
    set_eh_flags(flags, EH_SYNCHRONOUS);
}

/* Threads, and the end of a process */

__attribute__((noinline)) static void throw_on_quietly()
{
    throw;
}

static DWORD WINAPI throw_often(void *)
{
    DWORD sum = 0;
    for (DWORD i = 0; i < 2000; i++) {
        try {
            try {
                throw i;
            } catch (DWORD) {
                throw_on_quietly();
            }
        } catch (DWORD value) {
            sum += value;
        }
    }
    return sum;
}

TEST(threads_throw_at_the_same_time)
{
    HANDLE threads[4];
    for (HANDLE &thread : threads)
        thread = CreateThread(nullptr, 0, throw_often, nullptr, 0, nullptr);
    for (HANDLE thread : threads) {
        DWORD code = 0;
        WaitForSingleObject(thread, INFINITE);
        GetExitCodeThread(thread, &code);
        CloseHandle(thread);
        CHECK_EQ(code, 1999 * 1000);
    }
}

static void leave_process()
{
    ExitProcess(__uncaught_exception() ? 56 : 55);
}

static int throw_out_of_the_process()
{
    SetUnhandledExceptionFilter(nullptr);
    set_terminate(leave_process);
    throw_one(AN_INT);
    return 1;
}

TEST(an_exception_that_nobody_catches)
{
    char path[MAX_PATH], line[] = "msvc_cpp throw";
    STARTUPINFOA startup = {};
    PROCESS_INFORMATION process;
    DWORD code = 0;
    startup.cb = sizeof startup;
    GetModuleFileNameA(nullptr, path, MAX_PATH);
    CHECK(CreateProcessA(path, line, nullptr, nullptr, FALSE, 0, nullptr, nullptr, &startup, &process));
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    CHECK_EQ(code, 55);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
}

/* Translation */

struct Translated {
    unsigned code;
    void *address;
};

static void translate(unsigned code, EXCEPTION_POINTERS *pointers)
{
    note('t');
    if (code == 0xE0000005)
        return;
    throw Translated{code, pointers->ExceptionRecord->ExceptionAddress};
}

__attribute__((noinline)) static unsigned catch_translated(DWORD code)
{
    Noted local('l');
    try {
        Noted inner('i');
        raise_foreign(code);
    } catch (Translated &translated) {
        note(translated.address ? 'c' : '!');
        return translated.code;
    }
    return 0;
}

TEST(a_function_makes_cpp_exceptions_of_others)
{
    unsigned *flags = eh_flags_of((void *)catch_translated);
    DWORD code = 0;
    CHECK(_set_se_translator(translate) == nullptr);
    set_eh_flags(flags, 0);
    CHECK_EQ(catch_translated(0xE0000004), 0xE0000004);
    CHECK_ORDER("tricl");
    /* One that it does not translate passes. */
    __try {
        catch_translated(0xE0000005);
    } __except (code = GetExceptionCode(), EXCEPTION_EXECUTE_HANDLER) {
        note('x');
    }
    CHECK_EQ(code, 0xE0000005);
    CHECK_ORDER("tilx");
    set_eh_flags(flags, EH_SYNCHRONOUS);
    __try {
        catch_translated(0xE0000004);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        note('x');
    }
    CHECK_ORDER("x");
    CHECK(_set_se_translator(nullptr) == translate);
}

int main(int argc, char **)
{
    if (argc > 1)
        return throw_out_of_the_process();
    RUN(scalars_are_caught_by_type);
    RUN(pointers_keep_their_qualifiers);
    RUN(bases_are_found_in_objects);
    RUN(virtual_bases_are_found_in_objects);
    RUN(the_exception_ends_behind_its_handler);
    RUN(a_copy_ends_before_the_exception);
    RUN(locals_end_inside_out);
    RUN(only_what_was_made_ends);
    RUN(a_handler_may_be_left_in_any_way);
    RUN(an_exception_is_thrown_on);
    RUN(an_exception_is_thrown_on_from_a_function);
    RUN(an_exception_is_thrown_on_and_caught_in_its_handler);
    RUN(an_exception_replaces_another);
    RUN(an_exception_within_a_handler);
    RUN(handlers_nest_deeply);
    RUN(a_handler_throws_the_outer_exception_on);
    RUN(a_try_block_works_again_after_its_handler);
    RUN(an_exception_from_a_destructor_may_be_caught_in_it);
    RUN(many_exceptions);
    RUN(destructors_see_an_uncaught_exception);
    RUN(what_ends_the_program);
    RUN(through_a_function_of_the_runtime);
    RUN(foreign_exceptions_pass);
    RUN(a_scope_handler_takes_cpp_exceptions);
    RUN(a_finally_block_runs_on_the_way);
    RUN(a_foreign_exception_in_a_destructor);
    RUN(a_function_that_is_marked_noexcept);
    RUN(a_function_makes_cpp_exceptions_of_others);
    RUN(threads_throw_at_the_same_time);
    UNLESS_WINE("Wine 8 ends the process by the exception") RUN(an_exception_that_nobody_catches);
    return CHECK_END();
}
