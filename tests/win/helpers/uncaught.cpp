/* Ends by an exception of GCC's that nobody catches, in a thread without the start-up code's handler, which
 * would have the runtime call std::terminate. tests/crash/crash_test.py reads the report. */
#include <stdexcept>
#include <windows.h>

namespace shop
{
struct thing {
    int number;
    virtual ~thing() {}
};
struct failure : thing, std::runtime_error {
    failure() : std::runtime_error("the shop is closed") {}
};
} // namespace shop

static DWORD CALLBACK throw_something(void *is_standard)
{
    if (is_standard)
        throw std::out_of_range("too far");
    throw shop::failure();
}

int main(int argc, char **)
{
    SetUnhandledExceptionFilter(NULL);
    HANDLE thread = CreateThread(NULL, 0, throw_something, argc > 1 ? &argc : NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    return 0;
}
