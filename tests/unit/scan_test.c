/* uses: dlls/msvcrt/scan.c */
/* The scanf family's reader, as msvcrt.dll reads: what is assigned, how many, and what is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "dlls/msvcrt/scan.h"

#define MSVCRT SCAN_MSVCRT

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

struct text_source {
    struct scan_source source;
    const char *at;
    int taken_back;
};

static int get(struct scan_source *source)
{
    struct text_source *text = (struct text_source *)source;
    return *text->at ? (unsigned char)*text->at++ : -1;
}

static void unget(struct scan_source *source, int unit)
{
    struct text_source *text = (struct text_source *)source;
    text->at--;
    text->taken_back++;
    assert_int_equal((unsigned char)*text->at, unit);
}

struct wide_source {
    struct scan_source source;
    const wchar_t *at;
};

static int get_wide(struct scan_source *source)
{
    struct wide_source *text = (struct wide_source *)source;
    return *text->at ? *text->at++ : -1;
}

static void unget_wide(struct scan_source *source, int unit)
{
    ((struct wide_source *)source)->at--;
}

static const char *rest;

GUEST_VARIADIC static int scan_with(unsigned options, const char *input, const char *format, ...)
{
    struct text_source text = {{get, unget}, input, 0};
    variadic_list arguments;

    guest_va_start(arguments, format);
    int count = scan_narrow(&text.source, options, &c_locale, format, (guest_va_list)arguments);
    guest_va_end(arguments);
    assert_true(text.taken_back <= 1);
    rest = text.at;
    return count;
}

GUEST_VARIADIC static int scan_wide_text(const wchar_t *input, const wchar_t *format, ...)
{
    struct wide_source text = {{get_wide, unget_wide}, input};
    variadic_list arguments;

    guest_va_start(arguments, format);
    int count = scan_wide(&text.source, MSVCRT, &c_locale, format, (guest_va_list)arguments);
    guest_va_end(arguments);
    return count;
}

#define SCAN(...) scan_with(MSVCRT, __VA_ARGS__)

#define INTEGER(input, format, count, expected)               \
    do {                                                      \
        int value = -77;                                      \
        assert_int_equal(SCAN(input, format, &value), count); \
        assert_int_equal(value, expected);                    \
    } while (0)

static void integers(void **state)
{
    int a = 0, b = 0;

    INTEGER("12", "%d", 1, 12);
    INTEGER("  -5", "%d", 1, -5);
    INTEGER("+5", "%d", 1, 5);
    INTEGER("-5", "%u", 1, -5);
    INTEGER("99999999999", "%d", 1, 1215752191);
    INTEGER("0x1F", "%i", 1, 31);
    INTEGER("017", "%i", 1, 15);
    INTEGER("0", "%i", 1, 0);
    INTEGER("19", "%i", 1, 19);
    INTEGER("ff", "%x", 1, 255);
    INTEGER("0XFF", "%X", 1, 255);
    INTEGER("778", "%o", 1, 63);
    INTEGER("123456", "%3d", 1, 123);
    INTEGER("12345", "%*2d%d", 1, 345);
    INTEGER("12345", "%l2d", 1, 12);
    INTEGER("123456789012", "%1l0d", 1, 1234567890);
    INTEGER("7", "%ld", 1, 7);
    INTEGER("7", "%I32d", 1, 7);
    assert_int_equal(SCAN("12,34", "%d,%d", &a, &b), 2);
    assert_int_equal(a, 12);
    assert_int_equal(b, 34);
    assert_int_equal(SCAN("1 2 3", "%d%*d%d", &a, &b), 2);
    assert_int_equal(b, 3);
}

static void sizes(void **state)
{
    int64_t wide = -1;
    int16_t shorts[2] = {-1, -1};
    int8_t bytes[2] = {-1, -1};
    void *pointer = NULL;

    assert_int_equal(SCAN("99999999999", "%I64d", &wide), 1);
    assert_int_equal(wide, 99999999999);
    assert_int_equal(SCAN("-99999999999", "%lld", &wide), 1);
    assert_int_equal(wide, -99999999999);
    assert_int_equal(SCAN("70000", "%hd", shorts), 1);
    assert_int_equal(shorts[0], 4464);
    assert_int_equal(shorts[1], -1);
    assert_int_equal(SCAN("70000", "%hhd", shorts), 1);
    assert_int_equal(shorts[0], 4464);
    assert_int_equal(shorts[1], 1);
    assert_int_equal(scan_with(0, "300", "%hhd", bytes), 1);
    assert_int_equal(bytes[0], 44);
    assert_int_equal(bytes[1], -1);
    assert_int_equal(SCAN("00000ABC", "%p", &pointer), 1);
    assert_ptr_equal(pointer, (void *)0xABC);
    assert_int_equal(SCAN("-1", "%P", &pointer), 1);
    assert_ptr_equal(pointer, (void *)-1);
    assert_int_equal(SCAN("0xABC", "%p", &pointer), 1);
    assert_ptr_equal(pointer, NULL);
}

static void what_does_not_match(void **state)
{
    INTEGER("abc", "%d", 0, -77);
    INTEGER("-x", "%d", 0, -77);
    INTEGER("", "%d", -1, -77);
    INTEGER("  ", "%d", -1, -77);
    INTEGER("-", "%d", -1, -77);
    INTEGER("x5", "y%d", 0, -77);
    INTEGER("", "x%d", -1, -77);
    INTEGER("0xg", "%x", 0, -77);
    INTEGER("5", "%", 0, -77);
    INTEGER("5", "%[0-9", 0, -77);
    int a = 0, b = -77;
    assert_int_equal(SCAN("12", "%d%d", &a, &b), 1);
    assert_int_equal(SCAN("12;34", "%d,%d", &a, &b), 1);
    assert_string_equal(rest, ";34");
    assert_int_equal(SCAN("12 x", "%d%d", &a, &b), 1);
    assert_string_equal(rest, "x");
    assert_int_equal(b, -77);
}

static void characters_used(void **state)
{
    int n = -1, a = 0;

    assert_int_equal(SCAN("abc", "%n", &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(SCAN("abc", "abc%n", &n), 0);
    assert_int_equal(n, 3);
    assert_int_equal(SCAN(" 12 %", "%d%%%n", &a, &n), 1);
    assert_int_equal(n, 5);
}

#define TEXT(input, format, expected)                    \
    do {                                                 \
        char value[16] = "~~~~~~~~~~~~~~~";              \
        assert_int_equal(SCAN(input, format, value), 1); \
        assert_string_equal(value, expected);            \
    } while (0)

static void text(void **state)
{
    wchar_t wide[16];
    char first[16] = "~~~", second[16];

    TEXT(" abc def", "%s", "abc");
    TEXT("abcdef", "%3s", "abc");
    TEXT("abc123", "%[a-z]", "abc");
    TEXT("abc123", "%[^0-9]", "abc");
    TEXT("]]x", "%[]]", "]]");
    TEXT("a]b", "%[^]]", "a");
    TEXT("a-b", "%[a-]", "a-");
    TEXT("bca", "%[c-a]", "bca");
    TEXT("abc", "%hs", "abc");
    assert_int_equal(SCAN(" x", "%c", first), 1);
    assert_string_equal(first, " ~~");
    assert_int_equal(SCAN("abc", "%2c", first), 1);
    assert_string_equal(first, "ab~");
    assert_int_equal(SCAN("a", "%2c", first), 1);
    assert_int_equal(SCAN("123", "%[a-z]", first), 0);
    assert_int_equal(SCAN("", "%[a-z]", first), -1);
    assert_int_equal(SCAN("abc def", "%s %s", first, second), 2);
    assert_string_equal(second, "def");
    assert_int_equal(SCAN("a\xe9", "%ls", wide), 1);
    assert_memory_equal(wide, L"a\xe9", 6);
    assert_int_equal(SCAN("abc", "%S", wide), 1);
    assert_memory_equal(wide, L"abc", 8);
    assert_int_equal(SCAN("abc", "%*s", 0), 0);
}

/* A buffer that is too small is left empty, and is the end. */
static void sizes_of_buffers(void **state)
{
    unsigned options = MSVCRT | SCAN_SECURE;
    char value[8];
    int a = -1;

    assert_int_equal(scan_with(options, "abc 5", "%s %d", value, 4, &a), 2);
    assert_string_equal(value, "abc");
    assert_int_equal(a, 5);
    assert_int_equal(scan_with(options, "abcd 6", "%s %d", value, 4, &a), 0);
    assert_string_equal(value, "");
    assert_int_equal(a, 5);
    assert_int_equal(scan_with(options, "abcd", "%2c", value, 2), 1);
    assert_memory_equal(value, "ab", 2);
}

#define DOUBLE(input, expected)                          \
    do {                                                 \
        double value = -7;                               \
        assert_int_equal(SCAN(input, "%lf", &value), 1); \
        assert_true(value == (expected));                \
    } while (0)

static void floating_point(void **state)
{
    float single = 0;
    double value = -7, second = -7;

    DOUBLE("1.5", 1.5);
    DOUBLE("-1.5e3", -1500.0);
    DOUBLE("+.5", 0.5);
    DOUBLE("5.", 5.0);
    DOUBLE("1e", 1.0);
    DOUBLE("0.1", 0.1);
    DOUBLE("1.7976931348623157E+308", 1.7976931348623157e308);
    DOUBLE("0x10", 0.0);
    assert_int_equal(SCAN("1.5", "%f", &single), 1);
    assert_true(single == 1.5f);
    assert_int_equal(SCAN("123.456", "%4lf%lf", &value, &second), 2);
    assert_true(value == 123 && second == 456);
    assert_int_equal(SCAN("inf", "%lf", &value), 0);
    assert_int_equal(SCAN("x", "%lf", &value), 0);
    assert_int_equal(SCAN("", "%lf", &value), -1);
    assert_int_equal(scan_with(0, "inf", "%lf", &value), 1);
    assert_true(value > 1e308);
    assert_int_equal(scan_with(0, "0x10p1", "%lf", &value), 1);
    assert_true(value == 32);
}

static void wide_text(void **state)
{
    wchar_t wide[16];
    char narrow[16];
    int a = 0;

    assert_int_equal(scan_wide_text(L"12 \x105z", L"%d %s", &a, wide), 2);
    assert_int_equal(a, 12);
    assert_memory_equal(wide, L"\x105z", 6);
    assert_int_equal(scan_wide_text(L"abc", L"%hs", narrow), 1);
    assert_string_equal(narrow, "abc");
    assert_int_equal(scan_wide_text(L"abc", L"%S", narrow), 1);
    assert_int_equal(scan_wide_text(L"abc", L"%[a-b]", wide), 1);
    assert_memory_equal(wide, L"ab", 6);
    assert_int_equal(scan_wide_text(L"\x105", L"%hs", narrow), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),        cmocka_unit_test(sizes),     cmocka_unit_test(what_does_not_match),
        cmocka_unit_test(characters_used), cmocka_unit_test(text),      cmocka_unit_test(sizes_of_buffers),
        cmocka_unit_test(floating_point),  cmocka_unit_test(wide_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
