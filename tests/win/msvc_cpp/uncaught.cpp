/* Ends by an exception that nobody catches: uncaught [number | terminate | handled].
 * tests/crash/crash_test.py reads the report. */
#include "runtime.h"

namespace std
{
class exception
{
  public:
    virtual ~exception() {}
    virtual const char *what() const
    {
        return "unknown";
    }
};
} // namespace std

namespace shop
{
struct thing {
    int number;
};
struct failure : thing, std::exception {
    virtual const char *what() const
    {
        return "the shop is \"closed\"";
    }
};
} // namespace shop

static void on_terminate()
{
    ExitProcess(9);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "number"))
        throw 5;
    /* Otherwise the start-up code's filter comes before the runtime's. */
    if (argc > 1)
        SetUnhandledExceptionFilter(nullptr);
    if (argc > 1 && !strcmp(argv[1], "handled"))
        set_terminate(on_terminate);
    throw shop::failure();
}
