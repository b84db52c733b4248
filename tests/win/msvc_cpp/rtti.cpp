/* Run-time types, and the runtime's own classes. */
#include "runtime.h"
#include <string.h>

class type_info
{
  public:
    __declspec(dllimport) const char *name() const;
    __declspec(dllimport) const char *raw_name() const;
    __declspec(dllimport) int before(const type_info &other) const;
    __declspec(dllimport) int operator==(const type_info &other) const;
    __declspec(dllimport) int operator!=(const type_info &other) const;
    virtual ~type_info();
};

namespace std
{
using ::type_info;
}

class exception
{
  public:
    __declspec(dllimport) exception();
    __declspec(dllimport) explicit exception(const char *const &text);
    __declspec(dllimport) exception(const char *const &text, int);
    __declspec(dllimport) exception(const exception &other);
    __declspec(dllimport) exception &operator=(const exception &other);
    __declspec(dllimport) virtual ~exception();
    __declspec(dllimport) virtual const char *what() const;

  private:
    const char *text;
    int owns_text;
};

class bad_cast : public exception
{
  public:
    __declspec(dllimport) explicit bad_cast(const char *text);
    __declspec(dllimport) bad_cast(const bad_cast &other);
    __declspec(dllimport) virtual ~bad_cast();
};

class bad_typeid : public exception
{
  public:
    __declspec(dllimport) explicit bad_typeid(const char *text);
    __declspec(dllimport) bad_typeid(const bad_typeid &other);
    __declspec(dllimport) virtual ~bad_typeid();
};

class __non_rtti_object : public bad_typeid
{
  public:
    __declspec(dllimport) explicit __non_rtti_object(const char *text);
    __declspec(dllimport) __non_rtti_object(const __non_rtti_object &other);
    __declspec(dllimport) virtual ~__non_rtti_object();
};

/* Typeid */

struct Base {
    virtual ~Base() {}
    int base = 1;
};
struct Other {
    virtual ~Other() {}
    int other = 2;
};
struct Derived : Base, Other {
    int derived = 3;
};
class Private : Base
{
  public:
    Base *as_base()
    {
        return this;
    }
};
struct Left : virtual Base {
    int left = 4;
};
struct Right : virtual Base {
    int right = 5;
};
struct Diamond : Left, Right, Other {
};
struct First : Base {
};
struct Second : Base {
};
struct Twice : First, Second {
};

/* The compiler is not to know what there is. */
template <typename T> static T *hidden(T *pointer)
{
    T *volatile result = pointer;
    return result;
}

TEST(typeid_tells_the_whole_type)
{
    Derived derived;
    Diamond diamond;
    Base *base = hidden<Base>(&derived);
    CHECK(typeid(*base) == typeid(Derived));
    CHECK(typeid(*base) != typeid(Base));
    Other *other = hidden<Other>(&derived);
    CHECK(typeid(*other) == typeid(Derived));
    base = hidden<Base>(&diamond);
    CHECK(typeid(*base) == typeid(Diamond));
    CHECK_STR(typeid(*base).name(), "struct Diamond");
    CHECK_STR(typeid(*base).raw_name(), ".?AUDiamond@@");
    CHECK(typeid(Base).before(typeid(Derived)) != 0);
    CHECK(typeid(Derived).before(typeid(Base)) == 0);
    CHECK(typeid(Base).name() == typeid(Base).name());
}

template <typename T, int N> struct Box {
};
enum Color { RED };
namespace outer
{
namespace inner
{
class Deep
{
};
} // namespace inner
} // namespace outer

#ifdef _WIN64
#define POINTER "* __ptr64"
#else
#define POINTER "*"
#endif

TEST(names_are_readable)
{
    CHECK_STR(typeid(int).name(), "int");
    CHECK_STR(typeid(unsigned char).name(), "unsigned char");
    CHECK_STR(typeid(long long).name(), "__int64");
    CHECK_STR(typeid(bool).name(), "bool");
    CHECK_STR(typeid(wchar_t).name(), "wchar_t");
    CHECK_STR(typeid(Private).name(), "class Private");
    CHECK_STR(typeid(Color).name(), "enum Color");
    CHECK_STR(typeid(outer::inner::Deep).name(), "class outer::inner::Deep");
    CHECK_STR(typeid(int *).name(), "int " POINTER);
    CHECK_STR(typeid(const char *).name(), "char const " POINTER);
    CHECK_STR(typeid(Base **).name(), "struct Base " POINTER " " POINTER);
    CHECK_STR(typeid(Box<int, 3>).name(), "struct Box<int,3>");
    CHECK_STR(typeid(Box<Box<Base, -12>, 100>).name(), "struct Box<struct Box<struct Base,-12>,100>");
    CHECK_STR(typeid(void (*)(int, const char *)).name(), "void (__cdecl*)(int,char const " POINTER ")");
    CHECK_STR(typeid(int(char, ...)).name(), "int __cdecl(char,...)");
    CHECK_STR(typeid(int[3][4]).name(), "int [3][4]");
}

TEST(typeid_of_nothing)
{
    const char *text = nullptr;
    Base *base = hidden<Base>(nullptr);
    try {
        (void)typeid(*base).name();
    } catch (bad_typeid &bad) {
        text = strstr(bad.what(), "NULL pointer");
    }
    CHECK(text != nullptr);
}

/* Dynamic_cast */

TEST(casts_down_and_across)
{
    Derived derived;
    Base *base = hidden<Base>(&derived);
    Other *other = hidden<Other>(&derived);
    CHECK(dynamic_cast<Derived *>(base) == &derived);
    CHECK(dynamic_cast<Derived *>(other) == &derived);
    CHECK(dynamic_cast<Other *>(base) == &derived);
    CHECK(dynamic_cast<Base *>(other) == &derived);
    CHECK(dynamic_cast<Left *>(base) == nullptr);
    CHECK(dynamic_cast<void *>(other) == &derived);
    CHECK(dynamic_cast<Derived *>(hidden<Base>(nullptr)) == nullptr);
    Base plain;
    CHECK(dynamic_cast<Derived *>(hidden(&plain)) == nullptr);
}

TEST(casts_with_virtual_bases)
{
    Diamond diamond;
    Base *base = hidden<Base>(&diamond);
    CHECK(dynamic_cast<Diamond *>(base) == &diamond);
    CHECK(dynamic_cast<Left *>(base) == static_cast<Left *>(&diamond));
    CHECK(dynamic_cast<Right *>(base) == static_cast<Right *>(&diamond));
    CHECK(dynamic_cast<Other *>(hidden<Left>(&diamond)) == static_cast<Other *>(&diamond));
    CHECK(dynamic_cast<Left *>(hidden<Right>(&diamond)) == static_cast<Left *>(&diamond));
    CHECK(dynamic_cast<void *>(base) == &diamond);
}

TEST(casts_that_are_refused)
{
    Twice twice;
    Private closed;
    Base *first = hidden<Base>(static_cast<First *>(&twice));
    CHECK(dynamic_cast<First *>(first) == static_cast<First *>(&twice));
    CHECK(dynamic_cast<Twice *>(first) == &twice);
    CHECK(dynamic_cast<Second *>(first) == static_cast<Second *>(&twice));
    CHECK(dynamic_cast<Base *>(hidden<First>(&twice)) == first);
    UNLESS_WINE("Wine 8 goes through private bases")
    CHECK(dynamic_cast<Private *>(hidden(closed.as_base())) == nullptr);
    Base plain;
    const char *text = nullptr;
    bad_cast *copy = nullptr;
    try {
        (void)dynamic_cast<Derived &>(*hidden(&plain));
    } catch (bad_cast &bad) {
        text = bad.what();
        CHECK_STR(text, "Bad dynamic_cast!");
        copy = new bad_cast(bad);
    }
    CHECK(text != nullptr);
    if (copy)
        CHECK_STR(copy->what(), "Bad dynamic_cast!");
    delete copy;
}

/* Exceptions */

struct Own : exception {
    int number;
    Own(const char *text, int n) : exception(text), number(n) {}
};

TEST(the_class_exception)
{
    exception empty;
    CHECK_STR(empty.what(), "Unknown exception");
    char buffer[] = "text";
    const char *pointer = buffer;
    exception owner(pointer), borrower(pointer, 1), copy(owner), other_copy(borrower);
    buffer[0] = 'n';
    CHECK_STR(owner.what(), "text");
    CHECK_STR(borrower.what(), "next");
    CHECK_STR(copy.what(), "text");
    CHECK(other_copy.what() == buffer);
    copy = borrower;
    CHECK(copy.what() == buffer);
    empty = owner;
    CHECK_STR(empty.what(), "text");
    CHECK(empty.what() != owner.what());
    exception *virtually = hidden(&owner);
    CHECK_STR(virtually->what(), "text");
    CHECK_STR(typeid(*virtually).name(), "class exception");
    int got = 0;
    try {
        throw Own("own", 6);
    } catch (exception &caught) {
        got = dynamic_cast<Own &>(caught).number;
        CHECK_STR(caught.what(), "own");
    }
    CHECK_EQ(got, 6);
}

TEST(the_runtime_s_classes_are_related)
{
    __non_rtti_object object("none");
    exception *base = hidden<exception>(&object);
    CHECK_STR(typeid(*base).name(), "class __non_rtti_object");
    CHECK(dynamic_cast<bad_typeid *>(base) == &object);
    CHECK(dynamic_cast<bad_cast *>(base) == nullptr);
    int got = 0;
    try {
        throw object;
    } catch (bad_cast &) {
        got = 1;
    } catch (bad_typeid &bad) {
        got = 2;
        CHECK_STR(bad.what(), "none");
    }
    CHECK_EQ(got, 2);
}

/* Filters for functions of other languages */

typedef int (*exception_filter)(EXCEPTION_POINTERS *pointers, const void *type, int qualifiers, void *buffer);
typedef int (*detect_rethrow)(EXCEPTION_POINTERS *pointers);
typedef int (*query_size)();
typedef int (*register_object)(EXCEPTION_POINTERS *pointers, void *storage);
typedef void (*unregister_object)(void *storage, int is_thrown_on);

template <typename T> static T runtime(const char *name)
{
    return (T)GetProcAddress(GetModuleHandleA("msvcrt.dll"), name);
}

static int catch_again()
{
    try {
        throw;
    } catch (Own &own) {
        return own.number;
    } catch (...) {
        return -1;
    }
}

static int ask(EXCEPTION_POINTERS *pointers)
{
    exception_filter filter = runtime<exception_filter>("__CxxExceptionFilter");
    char storage[2000], buffer[100];
    void *reference = nullptr;
    CHECK_EQ(filter(pointers, &typeid(int), 0, buffer), EXCEPTION_CONTINUE_SEARCH);
    CHECK_EQ(filter(pointers, &typeid(exception), 8, &reference), EXCEPTION_EXECUTE_HANDLER);
    CHECK_PTR(reference, pointers->ExceptionRecord->ExceptionInformation[1]);
    CHECK_EQ(filter(pointers, nullptr, 0, nullptr), EXCEPTION_EXECUTE_HANDLER);
    CHECK_EQ(runtime<detect_rethrow>("__CxxDetectRethrow")(pointers), 0);
    CHECK(runtime<query_size>("__CxxQueryExceptionSize")() <= (int)sizeof storage);
    runtime<register_object>("__CxxRegisterExceptionObject")(pointers, storage);
    CHECK_EQ(catch_again(), 8);
    runtime<unregister_object>("__CxxUnregisterExceptionObject")(storage, 1);
    return EXCEPTION_EXECUTE_HANDLER;
}

__attribute__((noinline)) static void throw_own()
{
    throw Own("own", 8);
}

TEST(filters_know_cpp_exceptions)
{
    int reached = 0;
    __try {
        throw_own();
    } __except (ask(GetExceptionInformation())) {
        reached = 1;
    }
    CHECK_EQ(reached, 1);
}

int main()
{
    RUN(typeid_tells_the_whole_type);
    RUN(names_are_readable);
    RUN(typeid_of_nothing);
    RUN(casts_down_and_across);
    RUN(casts_with_virtual_bases);
    RUN(casts_that_are_refused);
    RUN(the_class_exception);
    RUN(the_runtime_s_classes_are_related);
    UNLESS_WINE("Wine 8's msvcrt has them on i386 alone") RUN(filters_know_cpp_exceptions);
    return CHECK_END();
}
