/* The printf family of msvcrt.dll: its own formats, where they differ from C's, as a table. */
#include "check.h"
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

/* The DLL's own function: MinGW's library may put its own in place of a name that C standardises. */
static int (*msvcrt_vsnprintf)(char *, size_t, const char *, va_list);

#pragma GCC diagnostic ignored "-Wformat"

/* One format with its arguments: the text and the number of characters that come out. */
static void check_format(int line, const char *expected, const char *format, ...)
{
    char text[600];
    va_list arguments;
    int count;

    memset(text, '#', sizeof text);
    va_start(arguments, format);
    count = msvcrt_vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!check_string(__FILE__, line, format, text, expected) ||
        !check_equal(__FILE__, line, "the count", count, (long long)strlen(expected)))
        check_note(format);
}

#define FORMAT(expected, ...) check_format(__LINE__, expected, __VA_ARGS__)

TEST(integers)
{
    FORMAT("0", "%d", 0);
    FORMAT("-1", "%d", -1);
    FORMAT("-2147483648", "%d", INT_MIN);
    FORMAT("2147483647", "%i", INT_MAX);
    FORMAT("4294967295", "%u", UINT_MAX);
    FORMAT("ff", "%x", 255);
    FORMAT("FF", "%X", 255);
    FORMAT("377", "%o", 255);
    FORMAT("   42", "%5d", 42);
    FORMAT("42   |", "%-5d|", 42);
    FORMAT("00042", "%05d", 42);
    FORMAT("-0042", "%05d", -42);
    FORMAT("+42", "%+d", 42);
    FORMAT(" 42", "% d", 42);
    FORMAT("+42", "%+ d", 42);
    FORMAT("0042", "%.4d", 42);
    FORMAT("  0042", "%6.4d", 42);
    FORMAT("0042  |", "%-6.4d|", 42);
    UNLESS_WINE("with a precision the 0 is ignored; Wine heeds it")
    FORMAT("  0042", "%06.4d", 42);
    FORMAT("", "%.0d", 0);
    FORMAT("0", "%.1d", 0);
    FORMAT("   42", "%*d", 5, 42);
    FORMAT("42   |", "%*d|", -5, 42);
    FORMAT("0042", "%.*d", 4, 42);
    FORMAT("42", "%.*d", -4, 42);
    FORMAT("0xff", "%#x", 255);
    FORMAT("0XFF", "%#X", 255);
    FORMAT("0377", "%#o", 255);
    FORMAT("0", "%#x", 0);
    FORMAT("0", "%#o", 0);
    FORMAT("0x00ff", "%#06x", 255);
    FORMAT("  0xff", "%#6x", 255);
    FORMAT("1 2 3", "%d %d %d", 1, 2, 3);
}

TEST(sizes_of_integers)
{
    FORMAT("-1", "%ld", -1L);
    FORMAT("4294967295", "%lu", 0xFFFFFFFFUL);
    FORMAT("-9223372036854775808", "%I64d", LLONG_MIN);
    FORMAT("18446744073709551615", "%I64u", ULLONG_MAX);
    FORMAT("123456789abcdef0", "%I64x", 0x123456789ABCDEF0LL);
    FORMAT("-9223372036854775808", "%lld", LLONG_MIN);
    FORMAT("18446744073709551615", "%llu", ULLONG_MAX);
    FORMAT("-1", "%I32d", -1);
    FORMAT("4294967295", "%I32u", -1);
    FORMAT("-1", "%hd", 65535);
    FORMAT("65535", "%hu", -1);
    FORMAT("1 2 3", "%d %I64d %d", 1, 2LL, 3);
    FORMAT("7 1099511627776 9", "%d %I64d %d", 7, 1LL << 40, 9);
    FORMAT(sizeof(void *) == 8 ? "-1 5" : "-1 5", "%Id %d", (INT_PTR)-1, 5);
    FORMAT(sizeof(void *) == 8 ? "ffffffffffffffff" : "ffffffff", "%Ix", (INT_PTR)-1);
    FORMAT("                 123", "%20I64d", 123LL);
    FORMAT("00000000000000000123", "%020I64d", 123LL);
}

TEST(pointers)
{
    FORMAT(sizeof(void *) == 8 ? "0000000000001A2B" : "00001A2B", "%p", (void *)0x1A2B);
    FORMAT(sizeof(void *) == 8 ? "0000000000000000" : "00000000", "%p", NULL);
    FORMAT(sizeof(void *) == 8 ? "    0000000000001A2B" : "            00001A2B", "%20p", (void *)0x1A2B);
}

TEST(strings)
{
    FORMAT("hello", "%s", "hello");
    FORMAT("     hello", "%10s", "hello");
    FORMAT("hello     |", "%-10s|", "hello");
    FORMAT("hel", "%.3s", "hello");
    FORMAT("  hel", "%5.3s", "hello");
    FORMAT("hel", "%.*s", 3, "hello");
    FORMAT("", "%.0s", "hello");
    FORMAT("(null)", "%s", NULL);
    FORMAT("(nu", "%.3s", NULL);
    FORMAT("wide", "%ls", L"wide");
    FORMAT("wide", "%S", L"wide");
    FORMAT("wide", "%ws", L"wide");
    FORMAT("narrow", "%hs", "narrow");
    FORMAT("narrow", "%hS", "narrow");
    FORMAT("wi", "%.2S", L"wide");
    FORMAT("  wide", "%6ls", L"wide");
    FORMAT("(null)", "%S", NULL);
    FORMAT("ab", "%c%c", 'a', 'b');
    FORMAT("    a", "%5c", 'a');
    FORMAT("a    |", "%-5c|", 'a');
    FORMAT("w", "%C", L'w');
    FORMAT("w", "%lc", L'w');
    FORMAT("h", "%hc", 'h');
    FORMAT("100%", "100%%");
}

TEST(fixed_point)
{
    FORMAT("0.000000", "%f", 0.0);
    FORMAT("-0.000000", "%f", -0.0);
    FORMAT("3.141593", "%f", 3.14159265358979);
    FORMAT("3.14", "%.2f", 3.14159265358979);
    FORMAT("3", "%.0f", 3.14159265358979);
    FORMAT("3.", "%#.0f", 3.14159265358979);
    FORMAT("   3.14", "%7.2f", 3.14159265358979);
    FORMAT("0003.14", "%07.2f", 3.14159265358979);
    FORMAT("-003.14", "%07.2f", -3.14159265358979);
    FORMAT("+3.14", "%+.2f", 3.14159265358979);
    FORMAT("3.14   |", "%-7.2f|", 3.14159265358979);
    FORMAT("1000000.000000", "%f", 1e6);
    FORMAT("123456789012345680.000000", "%.6f", 1.2345678901234568e17);
    FORMAT("0.1000000000", "%.10f", 0.1);
    FORMAT("1.0", "%.1f", 0.99);
    FORMAT("10.00", "%.2f", 9.999);
}

TEST(exponents_have_three_digits)
{
    FORMAT("1.000000e+000", "%e", 1.0);
    FORMAT("1.234568e+005", "%e", 123456.789);
    FORMAT("1.234568E-007", "%E", 1.23456789e-7);
    FORMAT("1e+010", "%.0e", 1e10);
    FORMAT("1.e+010", "%#.0e", 1e10);
    FORMAT("1.0e+100", "%.1e", 1e100);
    FORMAT("1.7976931348623157e+308", "%.16e", 1.7976931348623157e308);
    FORMAT("  1.50e+000", "%11.2e", 1.5);
    FORMAT("0.000000e+000", "%e", 0.0);
}

TEST(general_numbers)
{
    FORMAT("0", "%g", 0.0);
    FORMAT("1", "%g", 1.0);
    FORMAT("0.0001", "%g", 0.0001);
    FORMAT("1e-005", "%g", 0.00001);
    FORMAT("123456", "%g", 123456.0);
    FORMAT("1e+006", "%g", 1e6);
    FORMAT("1.23457e+006", "%g", 1234567.0);
    FORMAT("1E+006", "%G", 1e6);
    FORMAT("3.14159", "%g", 3.14159265358979);
    FORMAT("3.1", "%.2g", 3.14159265358979);
    FORMAT("3", "%.0g", 3.14159265358979);
    FORMAT("1.00000", "%#g", 1.0);
    FORMAT("0.10000000000000001", "%.17g", 0.1);
    FORMAT("   1e+020", "%9g", 1e20);
}

TEST(numbers_that_are_none)
{
    FORMAT("1.#INF00", "%f", INFINITY);
    FORMAT("-1.#INF00", "%f", -INFINITY);
    FORMAT("1.#QNAN0", "%f", fabs(NAN));
    FORMAT("-1.#IND00", "%f", -fabs(NAN));
    FORMAT("1.#INF00e+000", "%e", INFINITY);
    FORMAT("1.#INF", "%g", INFINITY);
    FORMAT("1.#INF", "%.4f", INFINITY);
}

TEST(buffers_that_are_too_small)
{
    char text[8];
    WCHAR wide[8];

    memset(text, '#', sizeof text);
    CHECK_EQ(_snprintf(text, 4, "%d", 123), 3);
    CHECK_MEM(text, "123\0####", 8);
    /* A text that just fits has no terminator; one that does not fit gives -1. */
    memset(text, '#', sizeof text);
    CHECK_EQ(_snprintf(text, 3, "%d", 123), 3);
    CHECK_MEM(text, "123#####", 8);
    memset(text, '#', sizeof text);
    CHECK_EQ(_snprintf(text, 2, "%d", 123), -1);
    CHECK_MEM(text, "12######", 8);
    CHECK_EQ(_snprintf(NULL, 0, "%d", 123), 3);
    CHECK_EQ(_scprintf("%d-%s", 12, "abc"), 6);
    CHECK_EQ(_scwprintf(L"%d-%s", 12, L"abc"), 6);
    CHECK_EQ(_snwprintf(wide, 8, L"%d", 123), 3);
    CHECK_WSTR(wide, L"123");
    wide[2] = L'#';
    CHECK_EQ(_snwprintf(wide, 2, L"%d", 123), -1);
    CHECK_EQ(wide[2], L'#');
    CHECK_EQ(sprintf(text, "%s", "abc"), 3);
    CHECK_STR(text, "abc");
}

TEST(wide_formats_swap_the_meaning_of_s)
{
    WCHAR text[64];

    CHECK_EQ(_snwprintf(text, 64, L"%s|%S|%hs|%ls|%c|%C", L"wide", "narrow", "h", L"l", L'a', 'b'), 19);
    CHECK_WSTR(text, L"wide|narrow|h|l|a|b");
    CHECK_EQ(_snwprintf(text, 64, L"%5d|%-5x|%I64d|%e", 42, 255, 1LL << 40, 1.5), 39);
    CHECK_WSTR(text, L"   42|ff   |1099511627776|1.500000e+000");
    CHECK_EQ(_snwprintf(text, 64, L"\x20AC%s", L"\x4E2D"), 2);
    CHECK_WSTR(text, L"\x20AC\x4E2D");
}

int main(void)
{
    HMODULE msvcrt = GetModuleHandleA("msvcrt.dll");

    msvcrt_vsnprintf = (void *)GetProcAddress(msvcrt, "_vsnprintf");
    RUN(integers);
    RUN(sizes_of_integers);
    RUN(pointers);
    RUN(strings);
    RUN(fixed_point);
    RUN(exponents_have_three_digits);
    RUN(general_numbers);
    RUN(numbers_that_are_none);
    RUN(buffers_that_are_too_small);
    RUN(wide_formats_swap_the_meaning_of_s);
    return CHECK_END();
}
