// C++ with its library: streams, containers, exceptions, static objects, run-time types.
#include "check.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <vector>

static std::string order;

struct Marker {
    char mark;
    explicit Marker(char c) : mark(c)
    {
        order += c;
    }
    ~Marker()
    {
        order += static_cast<char>(mark - 'a' + 'A');
    }
};

static int constructed_before_main = [] { return 42; }();
static std::vector<int> made_before_main(10, 3);

TEST(static_objects_exist)
{
    CHECK_EQ(constructed_before_main, 42);
    CHECK_EQ(made_before_main.size(), 10);
    CHECK_EQ(made_before_main[9], 3);
}

TEST(containers)
{
    std::vector<int> numbers;
    std::map<std::string, int> words;

    for (int i = 0; i < 1000; i++)
        numbers.push_back(i * 7919 % 1009);
    std::sort(numbers.begin(), numbers.end());
    CHECK(std::is_sorted(numbers.begin(), numbers.end()));
    CHECK_EQ(numbers.size(), 1000);
    words["one"] = 1;
    words["two"] = 2;
    words["one"]++;
    CHECK_EQ(words["one"], 2);
    CHECK_EQ(words.count("three"), 0);
}

TEST(strings)
{
    std::string text = "hello";

    text += ", " + std::string(3, 'x');
    CHECK_STR(text.c_str(), "hello, xxx");
    CHECK_EQ(text.find("xx"), 7);
    CHECK_EQ(std::stoi("-42"), -42);
    CHECK_STR(std::to_string(1.5).c_str(), "1.500000");
    CHECK_STR(std::to_string(1LL << 40).c_str(), "1099511627776");
}

TEST(string_streams)
{
    std::ostringstream out;
    std::istringstream in("12 abc 2.5");
    int number = 0;
    std::string word;
    double real = 0;

    out << 42 << ' ' << std::hex << 255 << ' ' << std::setw(6) << std::setfill('0') << std::dec << 7 << ' '
        << true << ' ' << 1.5 << ' ' << std::scientific << std::setprecision(2) << 12345.678;
    CHECK_STR(out.str().c_str(), "42 ff 000007 1 1.5 1.23e+04");
    in >> number >> word >> real;
    CHECK_EQ(number, 12);
    CHECK_STR(word.c_str(), "abc");
    CHECK(real == 2.5);
    CHECK(in.eof());
}

TEST(files)
{
    std::ofstream out("stream.txt");

    CHECK(out.is_open());
    out << "line one\nline two\n" << 3 << std::endl;
    out.close();
    std::ifstream in("stream.txt"), raw("stream.txt", std::ios::binary), missing("missing.txt");
    std::string line;
    CHECK(std::getline(in, line) && line == "line one");
    CHECK(std::getline(in, line) && line == "line two");
    int number = 0;
    in >> number;
    CHECK_EQ(number, 3);
    raw.seekg(0, std::ios::end);
    CHECK_EQ(static_cast<long long>(raw.tellg()), 23);
    CHECK(!missing.is_open());
    in.close();
    raw.close();
    CHECK_EQ(std::remove("stream.txt"), 0);
}

TEST(standard_output)
{
    CHECK(static_cast<bool>(std::cout.flush()));
    std::cout << "cpp: written through cout" << std::endl;
    CHECK(std::cout.good());
}

static int depth_of_frames(int depth)
{
    Marker marker(static_cast<char>('a' + depth));

    if (depth == 3)
        throw std::runtime_error("at the bottom");
    return depth_of_frames(depth + 1) + 1;
}

TEST(exceptions)
{
    bool caught = false;

    order.clear();
    try {
        depth_of_frames(0);
    } catch (const std::exception &error) {
        caught = true;
        CHECK_STR(error.what(), "at the bottom");
        CHECK(typeid(error) == typeid(std::runtime_error));
    }
    CHECK(caught);
    CHECK_STR(order.c_str(), "abcdDCBA");
    try {
        throw 42;
    } catch (int number) {
        CHECK_EQ(number, 42);
    }
    try {
        try {
            throw std::string("again");
        } catch (...) {
            throw;
        }
    } catch (const std::string &text) {
        CHECK_STR(text.c_str(), "again");
    }
    try {
        std::vector<int>().at(1);
        CHECK(!"not reached");
    } catch (const std::out_of_range &) {
        caught = true;
    }
    CHECK(caught);
    int count = 0;
    for (int i = 0; i < 1000; i++) {
        try {
            throw i;
        } catch (int thrown) {
            count += thrown == i;
        }
    }
    CHECK_EQ(count, 1000);
}

#ifdef __x86_64__
static int throwing_comparison(const void *, const void *)
{
    Marker marker('q');

    throw std::logic_error("from a comparison");
}

// The C library's own frames lie between the throw and the catch. On i386 GCC's unwinder finds its way by
// tables that no C library of Windows has, so that there this is terminate()'s business on Windows too.
TEST(an_exception_through_qsort)
{
    int numbers[4] = {4, 3, 2, 1};
    bool caught = false;

    order.clear();
    try {
        Marker marker('o');
        qsort(numbers, 4, sizeof numbers[0], throwing_comparison);
    } catch (const std::logic_error &error) {
        caught = true;
        CHECK_STR(error.what(), "from a comparison");
    }
    CHECK(caught);
    CHECK_STR(order.c_str(), "oqQO");
}
#endif

TEST(memory_that_cannot_be)
{
    volatile std::size_t size = static_cast<std::size_t>(-1) / 2 - 100;
    bool caught = false;

    try {
        char *block = static_cast<char *>(::operator new(size));
        block[0] = 1;
    } catch (const std::bad_alloc &) {
        caught = true;
    }
    CHECK(caught);
    CHECK(::operator new(size, std::nothrow) == nullptr);
}

struct Base {
    virtual ~Base() = default;
    virtual int value() const
    {
        return 1;
    }
};

struct Derived : Base {
    int value() const override
    {
        return 2;
    }
};

TEST(run_time_types)
{
    std::unique_ptr<Base> object(new Derived);

    CHECK_EQ(object->value(), 2);
    CHECK(dynamic_cast<Derived *>(object.get()) != nullptr);
    CHECK(dynamic_cast<Derived *>(std::make_unique<Base>().get()) == nullptr);
    bool caught = false;
    try {
        Base plain;
        dynamic_cast<Derived &>(plain).value();
    } catch (const std::bad_cast &) {
        caught = true;
    }
    CHECK(caught);
}

static thread_local std::string name_of_thread = "fresh";

static DWORD WINAPI change_name(void *)
{
    bool fresh = name_of_thread == "fresh";

    name_of_thread = "changed";
    try {
        throw 1;
    } catch (int) {
        return fresh;
    }
}

TEST(threads)
{
    DWORD code = 0;

    name_of_thread = "main";
    HANDLE thread = CreateThread(nullptr, 0, change_name, nullptr, 0, nullptr);
    CHECK_EQ(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 1);
    CHECK_STR(name_of_thread.c_str(), "main");
    CloseHandle(thread);
}

int main(int argc, char **argv)
{
    CHECK_EQ(argc, 1);
    CHECK(std::string(argv[0]).find("cpp") != std::string::npos);
    RUN(static_objects_exist);
    RUN(containers);
    RUN(strings);
    RUN(string_streams);
    RUN(files);
    RUN(standard_output);
    RUN(exceptions);
#ifdef __x86_64__
    RUN(an_exception_through_qsort);
#endif
    RUN(memory_that_cannot_be);
    RUN(run_time_types);
    RUN(threads);
    return CHECK_END();
}
