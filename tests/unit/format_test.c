/* uses: dlls/msvcrt/format.c dlls/msvcrt/format_directive.c dlls/msvcrt/format_float.c dlls/msvcrt/decimal.c
 */
/* The printf family's formatter, as msvcrt.dll formats: rows of what is expected, a format, its arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>
#include "dlls/msvcrt/format.h"

#define MSVCRT                                                                             \
    (FORMAT_LEGACY_WIDE_SPECIFIERS | FORMAT_LEGACY_MSVCRT | FORMAT_THREE_DIGIT_EXPONENTS | \
     FORMAT_FROM_17_DIGITS)

/* A Windows program's variable arguments are a plain pointer to slots, which these let a test make. */
#ifdef __x86_64__
#define GUEST_VARIADIC             __attribute__((ms_abi))
#define guest_va_start(list, last) __builtin_ms_va_start(list, last)
#define guest_va_end(list)         __builtin_ms_va_end(list)
typedef __builtin_ms_va_list variadic_list;
#else
#define GUEST_VARIADIC
#define guest_va_start(list, last) va_start(list, last)
#define guest_va_end(list)         va_end(list)
typedef va_list variadic_list;
#endif

#define ROW(expected, ...)               check_row(__LINE__, MSVCRT, expected, __VA_ARGS__)
#define FAILS(...)                       check_row(__LINE__, MSVCRT, NULL, __VA_ARGS__)
#define ROW_WITH(options, expected, ...) check_row(__LINE__, options, expected, __VA_ARGS__)
#define WIDE_ROW(expected, ...)          check_wide_row(__LINE__, MSVCRT, expected, __VA_ARGS__)
#define WIDE_FAILS(...)                  check_wide_row(__LINE__, MSVCRT, NULL, __VA_ARGS__)

/* The C locale of msvcrt.dll: characters are bytes. */
static int narrow_latin1(char *bytes, const wchar_t *units, size_t length, size_t *used)
{
    *used = 1;
    *bytes = (char)*units;
    return *units < 256 ? 1 : -1;
}

static int widen_latin1(wchar_t *units, const char *bytes, size_t length, size_t *used)
{
    *used = 1;
    *units = (unsigned char)*bytes;
    return 1;
}

static const struct format_locale c_locale = {'.', narrow_latin1, widen_latin1};

/* Its buffer is small, so that text that does not fit is met often. */
struct test_sink {
    struct format_sink sink;
    char text[4096];
    size_t length;
    char buffer[16];
};

static bool take_overflow(struct format_sink *sink, const char *bytes, size_t size)
{
    struct test_sink *test = (struct test_sink *)sink;
    size_t buffered = (size_t)(sink->cursor - test->buffer);

    if (test->length + buffered + size > sizeof test->text - 2)
        return false;
    memcpy(test->text + test->length, test->buffer, buffered);
    memcpy(test->text + test->length + buffered, bytes, size);
    test->length += buffered + size;
    sink->cursor = test->buffer;
    return true;
}

static void open_sink(struct test_sink *test)
{
    memset(test, 0, sizeof *test);
    test->sink = (struct format_sink){test->buffer, test->buffer + sizeof test->buffer, take_overflow};
}

GUEST_VARIADIC static void check_row(int line, unsigned options, const char *expected, const char *format,
                                     ...)
{
    struct test_sink test;
    variadic_list arguments;

    open_sink(&test);
    guest_va_start(arguments, format);
    int result = format_narrow(&test.sink, options, &c_locale, format, (guest_va_list)arguments);
    guest_va_end(arguments);
    take_overflow(&test.sink, "", 0);
    if (!expected) {
        if (result != -1)
            fail_msg("line %d: \"%s\" gave %d, expected a failure", line, format, result);
        return;
    }
    if (strcmp(test.text, expected) != 0 || result != (int)strlen(expected))
        fail_msg("line %d: \"%s\" gave %d \"%s\", expected \"%s\"", line, format, result, test.text,
                 expected);
}

GUEST_VARIADIC static void check_wide_row(int line, unsigned options, const wchar_t *expected,
                                          const wchar_t *format, ...)
{
    struct test_sink test;
    variadic_list arguments;

    open_sink(&test);
    guest_va_start(arguments, format);
    int result = format_wide(&test.sink, options, &c_locale, format, (guest_va_list)arguments);
    guest_va_end(arguments);
    take_overflow(&test.sink, "", 0);
    size_t length = 0;
    while (expected && expected[length])
        length++;
    if (result != (expected ? (int)length : -1))
        fail_msg("line %d: gave %d", line, result);
    if (expected && memcmp(test.text, expected, (length + 1) * sizeof *expected) != 0)
        fail_msg("line %d: other text than expected", line);
}

static void integers(void **state)
{
    ROW("0", "%d", 0);
    ROW("-5", "%d", -5);
    ROW("7", "%i", 7);
    ROW("4294967295", "%u", -1);
    ROW("2147483647", "%d", 2147483647);
    ROW("-2147483648", "%d", (int)0x80000000);
    ROW("   42", "%5d", 42);
    ROW("42   ", "%-5d", 42);
    ROW("-0042", "%05d", -42);
    ROW("+42", "%+d", 42);
    ROW("-42", "%+d", -42);
    ROW(" 42", "% d", 42);
    ROW("+5", "%+ d", 5);
    ROW("5    ", "%-05d", 5);
    ROW("5    ", "%0-5d", 5);
    ROW("+0005", "%+05d", 5);
    ROW("", "%.0d", 0);
    ROW("", "%.d", 0);
    ROW("005", "%.3d", 5);
    ROW("7", "%.0d", 7);
    ROW("     005", "%08.3d", 5);
    ROW("  005", "%5.3d", 5);
    ROW("005  ", "%-5.3d", 5);
    ROW(" +005", "%+5.3d", 5);
    ROW("     ", "%5.0d", 0);
    ROW("10", "%o", 8);
    ROW("010", "%#o", 8);
    ROW("0", "%#o", 0);
    ROW("0", "%#.0o", 0);
    ROW("010", "%#.3o", 8);
    ROW("010", "%#.2o", 8);
    ROW("abcdef", "%x", 0xabcdef);
    ROW("ABCDEF", "%X", 0xabcdef);
    ROW("0xff", "%#x", 255);
    ROW("0XFF", "%#X", 255);
    ROW("0", "%#x", 0);
    ROW("", "%.0x", 0);
    ROW("0x000000ff", "%#010x", 255);
    ROW("0xff      ", "%-#10x", 255);
    ROW("0x000ff", "%#.5x", 255);
    ROW("   0x000ff", "%#10.5x", 255);
    ROW("5", "%+u", 5);
    ROW("5", "% u", 5);
    ROW("5", "%+x", 5);
    ROW("4464", "%hd", 70000);
    ROW("4464", "%hu", 70000);
    ROW("1170", "%hx", 70000);
    ROW("-1", "%hd", -1);
    ROW("65535", "%hu", -1);
    ROW("300", "%hhd", 300);
    ROW("300", "%hhu", 300);
    ROW("-1", "%ld", -1);
    ROW("4294967295", "%lu", -1);
    ROW("ffffffff", "%lx", -1);
    ROW("-1", "%lld", -1ll);
    ROW("18446744073709551615", "%llu", -1ll);
    ROW("123456789abcdef", "%llx", 0x123456789abcdefll);
    ROW("1777777777777777777777", "%llo", -1ll);
    ROW("-9223372036854775808", "%lld", (long long)0x8000000000000000ull);
    ROW("-1", "%I64d", -1ll);
    ROW("18446744073709551615", "%I64u", -1ll);
    ROW("ff", "%I64x", 255ll);
    ROW("FF", "%I64X", 255ll);
    ROW("-8", "%I64i", -8ll);
    ROW("10", "%I64o", 8ll);
    ROW("       -123456789012", "%20I64d", -123456789012ll);
    ROW("-1", "%I32d", -1);
    ROW("4294967295", "%I32u", -1);
    ROW("ffffffff", "%I32x", -1);
    ROW("-1", "%Id", (intptr_t)-1);
    ROW("5", "%Iu", (intptr_t)5);
    ROW("ff", "%Ix", (intptr_t)255);
    ROW("5", "%zu", (size_t)5);
    ROW("-5", "%td", (intptr_t)-5);
    ROW("-5", "%jd", -5ll);
    ROW("12345678901234567890", "%llu", 12345678901234567890ull);
    ROW("1000000000", "%llu", 1000000000ull);
    ROW("4294967296", "%llu", 4294967296ull);
    ROW("100000000000000000", "%llu", 100000000000000000ull);
    ROW("    1", "%*d", 5, 1);
    ROW("1    ", "%*d", -5, 1);
    ROW("1    ", "%-*d", 5, 1);
    ROW("001", "%.*d", 3, 1);
    ROW("1", "%.*d", -3, 1);
    ROW("     001", "%*.*d", 8, 3, 1);
    ROW("000000000000000000000000000005", "%.30d", 5);
    ROW("                                       5", "%40d", 5);
    ROW("0000000000000000000000000000000000000000000000000000000000000000000005", "%070d", 5);
    ROW("1", "%Fd", 1);
    ROW("1", "%Nd", 1);
    ROW("4464", "%lhd", 70000);
    ROW("4464", "%hld", 70000);
    ROW("5", "%hI64d", 5ll);
    ROW("2345", "%hhx", 0x12345);
    ROW("    5", "%5lld", 5ll);
}

static void characters_and_strings(void **state)
{
    ROW("a", "%c", 'a');
    ROW("    a", "%5c", 'a');
    ROW("a    ", "%-5c", 'a');
    ROW("0000a", "%05c", 'a');
    ROW("b", "%C", L'b');
    ROW("b", "%lc", L'b');
    ROW("b", "%hc", 'b');
    ROW("\xe9", "%lc", 0xe9);
    ROW("", "%lc", 0x105);
    ROW("abc", "%s", "abc");
    ROW("ab", "%.2s", "abc");
    ROW("", "%.0s", "abc");
    ROW("", "%.s", "abc");
    ROW("abc", "%.5s", "abc");
    ROW("  abc", "%5s", "abc");
    ROW("abc  ", "%-5s", "abc");
    ROW("00abc", "%05s", "abc");
    ROW("        ab", "%10.2s", "abc");
    ROW("ab        ", "%-10.2s", "abc");
    ROW("ab", "%.*s", 2, "abc");
    ROW("abc  ", "%*s", -5, "abc");
    ROW("(null)", "%s", (void *)0);
    ROW("(nu", "%.3s", (void *)0);
    ROW("    (null)", "%10s", (void *)0);
    ROW("", "%s", "");
    ROW("     ", "%5s", "");
    ROW("s", "%+s", "s");
    ROW("s", "%#s", "s");
    ROW("narrow", "%hs", "narrow");
    ROW("narrow", "%hS", "narrow");
    ROW("wide", "%ls", L"wide");
    ROW("wide", "%S", L"wide");
    ROW("wide", "%ws", L"wide");
    ROW("wide", "%lS", L"wide");
    ROW("wide", "%hls", L"wide");
    ROW("wide", "%#+ -03whlls", L"wide");
    ROW("narrow", "%lls", "narrow");
    ROW("wi", "%.2ls", L"wide");
    ROW("  wide", "%6ls", L"wide");
    ROW("wide  ", "%-6ls", L"wide");
    ROW("wide", "%.9ls", L"wide");
    ROW("\xe9", "%ls", L"\xe9");
    FAILS("%ls", L"a\x105");
    ROW("(null)", "%ls", (void *)0);
    ROW("(null)", "%S", (void *)0);
    ROW("far", "%Fs", "far");
}

static void what_is_no_conversion_is_printed(void **state)
{
    ROW("%", "%%", 0);
    ROW("a%b", "a%%b", 0);
    ROW("y", "%y", 1);
    ROW("y", "%5y", 1);
    ROW("I", "%I", 1);
    ROW("I6d", "%I6d", 1);
    ROW("I3d", "%I3d", 1);
    ROW("Is", "%Is", 1);
    ROW(" d", "%w d", 1);
    ROW("$d", "%1$d", 1);
    ROW("'d", "%'d", 1);
    ROW("m", "%m", 1);
    ROW("5d", "%ll5d", 1ll);
    ROW("z", "%z", 1);
    ROW("tv", "%tv", 1);
    ROW("kmqrtvyz", "%k%m%q%r%t%v%y%z", 1);
    ROW("Ihd", "%Ihd", 1);
    ROW("D", "%I64D", 1ll);
    ROW("", "%j", 1);
    ROW("", "%", 0);
    ROW("abc", "abc%", 0);
    ROW("", "%5", 0);
    ROW("", "%.", 0);
    ROW("", "%l", 0);
    ROW("plain", "plain", 0);
    ROW("", "", 0);
}

static void fixed_point(void **state)
{
    ROW("0.000000", "%f", 0.0);
    ROW("-0.000000", "%f", -0.0);
    ROW("1.500000", "%f", 1.5);
    ROW("-1.500000", "%f", -1.5);
    ROW("1.50", "%.2f", 1.5);
    ROW("2", "%.0f", 1.5);
    ROW("2.", "%#.0f", 1.5);
    ROW("1", "%.0f", 0.5);
    ROW("3", "%.0f", 2.5);
    ROW("0", "%.0f", 0.4);
    ROW("1", "%.0f", 0.9);
    ROW("0", "%.0f", 0.49999999999999994);
    ROW("10", "%.0f", 9.5);
    ROW("100", "%.0f", 99.5);
    ROW("0.3", "%.1f", 0.25);
    ROW("0.13", "%.2f", 0.125);
    ROW("2.001", "%.3f", 2.0005);
    ROW("2.67", "%.2f", 2.675);
    ROW("1.00", "%.2f", 1.005);
    ROW("0.01", "%.2f", 0.015);
    ROW("9.9", "%.1f", 9.95);
    ROW("0.1", "%.1f", 0.05);
    ROW("0.0", "%.1f", 0.04);
    ROW("0.000", "%.3f", 0.0004);
    ROW("0.001", "%.3f", 0.0005);
    ROW("-0.000", "%.3f", -0.0004);
    ROW("0.10000000000000001000", "%.20f", 0.1);
    ROW("0.100000000000000", "%.15f", 0.1);
    ROW("0.333333333333333310000000000000", "%.30f", 1.0 / 3);
    ROW("1000000000000000.000000", "%f", 1e15);
    ROW("123456789.125000", "%f", 123456789.125);
    ROW("10000000000000000000000.000000", "%f", 1e22);
    ROW("123456789012345680.000000", "%f", 123456789012345678.0);
    ROW("1208925819614629200000000", "%.0f", 1208925819614629174706176.0);
    ROW("0.000", "%.3f", 1e-10);
    ROW("0.000000", "%f", 5e-324);
    ROW("+1.500000", "%+f", 1.5);
    ROW(" 1.500000", "% f", 1.5);
    ROW("-01.500000", "%010f", -1.5);
    ROW("1.50      !", "%-10.2f!", 1.5);
    ROW("      1.50", "%10.2f", 1.5);
    ROW("+000001.50", "%+010.2f", 1.5);
    ROW("1.500000", "%lf", 1.5);
    ROW("1.500000", "%Lf", 1.5);
    ROW("1.50", "%.*f", 2, 1.5);
    ROW("    1.50", "%*.*f", 8, 2, 1.5);
    ROW("", "%F", 1.5);
}

static void exponents(void **state)
{
    ROW("0.000000e+000", "%e", 0.0);
    ROW("1.500000e+000", "%e", 1.5);
    ROW("1.500000E+000", "%E", 1.5);
    ROW("2e+000", "%.0e", 1.5);
    ROW("3e+000", "%.0e", 2.5);
    ROW("2.e+000", "%#.0e", 1.5);
    ROW("1.235E+003", "%.3E", 1234.5678);
    ROW("1.000000e+100", "%e", 1e100);
    ROW("1.000000e-300", "%e", 1e-300);
    ROW("1.000000e-005", "%e", 1e-5);
    ROW("9.999999e+000", "%e", 9.9999995);
    ROW("9.999999e+000", "%e", 9.9999994);
    ROW("1.797693e+308", "%e", 1.7976931348623157e308);
    ROW("2.225074e-308", "%e", 2.2250738585072014e-308);
    ROW("4.940656e-324", "%e", 5e-324);
    ROW("4.94065645841246540e-324", "%.17e", 5e-324);
    ROW("9.99999999999999920e+022", "%.17e", 1e23);
    ROW("1.0000000000000001e-001", "%.16e", 0.1);
    ROW("+1.500000e+000", "%+e", 1.5);
    ROW("-01.500000e+000", "%015e", -1.5);
    ROW("       1.500000e+000", "%20e", 1.5);
    ROW("1.500000e+000       !", "%-20e!", 1.5);
}

static void general(void **state)
{
    ROW("0", "%g", 0.0);
    ROW("-0", "%g", -0.0);
    ROW("1", "%g", 1.0);
    ROW("100000", "%g", 100000.0);
    ROW("999999", "%g", 999999.4);
    ROW("1e+006", "%g", 999999.5);
    ROW("1e+006", "%g", 1000000.0);
    ROW("0.0001", "%g", 0.0001);
    ROW("1e-005", "%g", 0.00001);
    ROW("1e+100", "%g", 1e100);
    ROW("1.23457e+008", "%g", 123456789.0);
    ROW("1.5", "%g", 1.5);
    ROW("0.1", "%g", 0.1);
    ROW("1E-010", "%G", 1e-10);
    ROW("1E+010", "%G", 1e10);
    ROW("1.00000", "%#g", 1.0);
    ROW("1.00000E+010", "%#G", 1e10);
    ROW("0.00000", "%#g", 0.0);
    ROW("2", "%.0g", 1.5);
    ROW("2.", "%#.0g", 1.5);
    ROW("1", "%.1g", 1.25);
    ROW("1.24e+003", "%.3g", 1235.0);
    ROW("124", "%.3g", 123.5);
    ROW("0.000123", "%.3g", 0.00012345);
    ROW("0.1", "%.10g", 0.1);
    ROW("0.1", "%.15g", 0.1);
    ROW("0.1", "%.16g", 0.1);
    ROW("0.10000000000000001", "%.17g", 0.1);
    ROW("0.33333333333333331", "%.17g", 1.0 / 3);
    ROW("0.66666666666666663", "%.17g", 2.0 / 3);
    ROW("0.10000000000000001", "%.20g", 0.1);
    ROW("1.0000000000000001e-005", "%.40g", 1e-5);
    ROW("       1.5", "%10g", 1.5);
    ROW("1.5       !", "%-10g!", 1.5);
    ROW("-0000001.5", "%010g", -1.5);
    ROW("+1.5", "%+g", 1.5);
}

static void infinities_and_nans(void **state)
{
    ROW("1.#INF00", "%f", INFINITY);
    ROW("-1.#INF00", "%f", -INFINITY);
    ROW("1.#INF00e+000", "%e", INFINITY);
    ROW("1.#INF00E+000", "%E", INFINITY);
    ROW("1.#INF", "%g", INFINITY);
    ROW("-1.#INF", "%G", -INFINITY);
    ROW("1", "%.0f", INFINITY);
    ROW("1.$", "%.1f", INFINITY);
    ROW("1.#J", "%.2f", INFINITY);
    ROW("1.#IO", "%.3f", INFINITY);
    ROW("1.#INF", "%.4f", INFINITY);
    ROW("1.#INF000000", "%.10f", INFINITY);
    ROW("1.#Je+000", "%.2e", INFINITY);
    ROW("1.#INF000000e+000", "%.10e", INFINITY);
    ROW("1.$", "%.2g", INFINITY);
    ROW("1.#INF", "%.10g", INFINITY);
    ROW("       1.#INF00", "%15f", INFINITY);
    ROW("1.#INF00       !", "%-15f!", INFINITY);
    ROW("00000001.#INF00", "%015f", INFINITY);
    ROW("+1.#INF00", "%+f", INFINITY);
    ROW(" 1.#INF00", "% f", INFINITY);
    ROW("1.#QNAN0", "%f", NAN);
    ROW("1.#QNAN0e+000", "%e", NAN);
    ROW("1.#QNAN", "%g", NAN);
    ROW("1.#R", "%.2f", NAN);
    ROW("1.#QO", "%.3f", NAN);
    ROW("1.#QNAN00000", "%.10f", NAN);
    ROW("-1.#IND00", "%f", -NAN);
    ROW("-1.#IND", "%g", -NAN);
    ROW("-1.#J", "%.2f", -NAN);
    ROW("-1.#IO", "%.3f", -NAN);
}

static void hexadecimal(void **state)
{
    ROW("0x1.0000000000000p+0", "%a", 1.0);
    ROW("0x0.0000000000000p+0", "%a", 0.0);
    ROW("-0x1.999999999999ap-4", "%a", -0.1);
    ROW("0X1.199999999999AP+0", "%A", 1.1);
    ROW("0x2p+0", "%.0a", 1.5);
    ROW("0x1p+0", "%.0a", 1.0);
    ROW("0x1.p+0", "%#.0a", 1.0);
    ROW("0x1.19ap+0", "%.3a", 1.1);
    ROW("0x1.199999999999a0000000p+0", "%.20a", 1.1);
    ROW("0x0.0000000000001p-1022", "%a", 5e-324);
    ROW("0x1.7e43c8800759cp+996", "%a", 1e300);
    ROW("0x1.#INF000000000p+0", "%a", INFINITY);
    ROW("+0x1.0000000000000p+0", "%+a", 1.0);
    ROW("0x000001.0000000000000p+0", "%025a", 1.0);
    ROW("     0x1.0000000000000p+0", "%25a", 1.0);
    ROW("0x1.0000000000000p+0     !", "%-25a!", 1.0);
    ROW("0x2.000p+0", "%.3a", 1.9999);
}

static void counted_strings(void **state)
{
    struct {
        uint16_t length, capacity;
        const void *text;
    } narrow = {3, 6, "abcdef"}, wide = {6, 12, L"abcdef"}, null = {3, 3, NULL};

    ROW("abc", "%Z", &narrow);
    ROW("  abc", "%5Z", &narrow);
    ROW("ab", "%.2Z", &narrow);
    ROW("abc", "%wZ", &wide);
    ROW("abc", "%lZ", &wide);
    ROW("abc", "%hZ", &narrow);
    ROW("(null)", "%Z", &null);
    ROW("(null)", "%Z", NULL);
    WIDE_ROW(L"abc", L"%Z", &narrow);
    WIDE_ROW(L"abc", L"%wZ", &wide);
}

static void a_pointer_has_all_its_digits(void **state)
{
    void *pointer = (void *)0xabc;
#ifdef __x86_64__
    ROW("0000000000000ABC", "%p", pointer);
    ROW("    0000000000000ABC", "%20p", pointer);
    ROW("0000000000000ABC    ", "%-20p", pointer);
    ROW("0X0000000000000ABC", "%#p", pointer);
    ROW("    0000000000000ABC", "%020p", pointer);
    ROW("0000000000000000", "%p", NULL);
#else
    ROW("00000ABC", "%p", pointer);
    ROW("    00000ABC", "%12p", pointer);
    ROW("0X00000ABC", "%#p", pointer);
    ROW("00000000", "%p", NULL);
#endif
}

static void zero_is_a_character(void **state)
{
    struct test_sink test;
    uint64_t slots[2] = {0};

    open_sink(&test);
    assert_int_equal(format_narrow(&test.sink, MSVCRT, &c_locale, "a%cb", (guest_va_list)slots), 3);
    take_overflow(&test.sink, "", 0);
    assert_memory_equal(test.text, "a\0b", 3);
}

static void the_count_is_stored(void **state)
{
    int count = -1;
    int16_t shorter[2] = {-1, -1};
    int64_t longer = -1;

    ROW("abc5", "abc%n%d", &count, 5);
    assert_int_equal(count, 3);
    ROW("abc", "abc%hn", shorter);
    assert_int_equal(shorter[0], 3);
    assert_int_equal(shorter[1], -1);
    ROW("abc", "abc%lln", &longer);
    assert_int_equal(longer, 3);
    check_row(__LINE__, MSVCRT | FORMAT_NO_COUNT_OUTPUT, NULL, "%n", &count);
}

static void wide_formats(void **state)
{
    WIDE_ROW(L"1|    2|ff", L"%d|%5d|%x", 1, 2, 255);
    WIDE_ROW(L"wide|narrow|narrow|wide", L"%s|%S|%hs|%ls", L"wide", "narrow", "narrow", L"wide");
    WIDE_ROW(L"a|b|c|d", L"%c|%C|%hc|%lc", L'a', 'b', 'c', L'd');
    WIDE_ROW(L"ab|ab|  abc|abc  |00abc", L"%.2s|%.2S|%5S|%-5s|%05s", L"abc", "abc", "abc", L"abc", L"abc");
    WIDE_ROW(L"(null)|(null)|(null)", L"%s|%S|%hs", NULL, NULL, NULL);
    WIDE_ROW(L"1.500000|1.500000e+000|1.5", L"%f|%e|%g", 1.5, 1.5, 1.5);
    WIDE_ROW(L"0000000005", L"%010d", 5);
    WIDE_ROW(L"\x105\xe9", L"%s%S", L"\x105", "\xe9");
    WIDE_ROW(L"y%", L"%y%%", 1);
    WIDE_ROW(L"", L"%", 1);
}

static void positions(void **state)
{
    unsigned options = MSVCRT | FORMAT_POSITIONAL;

    ROW_WITH(options, "2 1", "%2$d %1$d", 1, 2);
    ROW_WITH(options, "b a b", "%2$s %1$s %2$s", "a", "b");
    ROW_WITH(options, "x 1.5 5000000000 7", "%4$s %2$g %3$I64d %1$d", 7, 1.5, 5000000000ll, "x");
    ROW_WITH(options, "    1", "%1$*2$d", 1, 5);
    ROW_WITH(options, "001", "%1$.*2$d", 1, 3);
    ROW_WITH(options, "1 2", "%d %d", 1, 2);
    ROW_WITH(options, NULL, "%1$d %d", 1, 2);
    ROW_WITH(options, NULL, "%1$d %3$d", 1, 2, 3);
    ROW_WITH(options, NULL, "%1$d %1$I64d", 1, 2);
}

/* The Universal CRT without any legacy option. */
static void standard_rules(void **state)
{
    unsigned options = FORMAT_STANDARD_ROUNDING;

    ROW_WITH(options, "1e+06", "%g", 1e6);
    ROW_WITH(options, "1e+100", "%g", 1e100);
    ROW_WITH(options, "1.500000e-05", "%e", 1.5e-5);
    ROW_WITH(options, "0", "%.0f", 0.5);
    ROW_WITH(options, "2", "%.0f", 1.5);
    ROW_WITH(options, "2", "%.0f", 2.5);
    ROW_WITH(options, "0.2", "%.1f", 0.25);
    ROW_WITH(options, "2.001", "%.3f", 2.0005);
    ROW_WITH(options, "0.001", "%.3f", 0.0005);
    ROW_WITH(options, "0.10000000000000000555", "%.20f", 0.1);
    ROW_WITH(options, "9.999999e+00", "%e", 9.9999995);
    ROW_WITH(options, "99999999999999991611392.000000", "%f", 1e23);
    ROW_WITH(options, "inf INF -inf", "%f %F %g", INFINITY, INFINITY, -INFINITY);
    ROW_WITH(options, "nan -nan(ind)", "%f %f", NAN, -NAN);
    ROW_WITH(options, "  inf", "%5.1f", INFINITY);
    ROW_WITH(options, "44", "%hhd", 300);
    ROW_WITH(options, "-1 255", "%hhd %hhu", 255, 255);
    ROW_WITH(options, NULL, "%y", 1);
    ROW_WITH(0, "1", "%.0f", 0.5);
    ROW_WITH(0, "3", "%.0f", 2.5);
    ROW_WITH(0, "0.3", "%.1f", 0.25);
    ROW_WITH(0, "2.001", "%.3f", 2.0005);
    check_wide_row(__LINE__, 0, L"narrow wide", L"%s %S", "narrow", L"wide");
    check_wide_row(__LINE__, FORMAT_LEGACY_WIDE_SPECIFIERS, L"wide narrow", L"%s %S", L"wide", "narrow");
}

static void what_is_too_long_fails(void **state)
{
    FAILS("%2147483647d%d", 1, 1);
    FAILS("%99999999999d%d", 1, 1);
    FAILS("%.2147483647d%d", 1, 1);
    FAILS("%5000d", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),
        cmocka_unit_test(characters_and_strings),
        cmocka_unit_test(what_is_no_conversion_is_printed),
        cmocka_unit_test(fixed_point),
        cmocka_unit_test(exponents),
        cmocka_unit_test(general),
        cmocka_unit_test(infinities_and_nans),
        cmocka_unit_test(hexadecimal),
        cmocka_unit_test(counted_strings),
        cmocka_unit_test(a_pointer_has_all_its_digits),
        cmocka_unit_test(zero_is_a_character),
        cmocka_unit_test(the_count_is_stored),
        cmocka_unit_test(wide_formats),
        cmocka_unit_test(positions),
        cmocka_unit_test(standard_rules),
        cmocka_unit_test(what_is_too_long_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
