/* uses: kernel/utf.c kernel/upcase.c */
#include <setjmp.h>
#include "kernel/upcase.h"
#include "kernel/utf.h"
#include <cmocka.h>

static void assert_wide(const char *utf8, enum utf_policy policy, const WCHAR *expected)
{
    WCHAR buffer[64];
    size_t length = utf16_from_utf8(buffer, ARRAYSIZE(buffer), utf8, strlen(utf8), policy);
    assert_int_equal(length, utf16_length(expected));
    assert_memory_equal(buffer, expected, length * sizeof *buffer);
}

static void assert_narrow(const WCHAR *wide, enum utf_policy policy, const char *expected)
{
    char buffer[64];
    size_t length = utf8_from_utf16(buffer, sizeof buffer, wide, utf16_length(wide), policy);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(buffer, expected, length);
}

static size_t strict_from_utf8(const char *text)
{
    return utf16_from_utf8(NULL, 0, text, strlen(text), UTF_STRICT);
}

static void well_formed(void **state)
{
    static const char utf8[] =
        "A\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80"
        "\xf4\x8f\xbf\xbf";
    static const WCHAR utf16[] = L"A\x80\x7ff\x800\xd7ff\xe000\xffff\xd800\xdc00\xdbff\xdfff";
    assert_wide(utf8, UTF_STRICT, utf16);
    assert_wide(utf8, UTF_REPLACE, utf16);
    assert_narrow(utf16, UTF_STRICT, utf8);
    assert_narrow(utf16, UTF_REPLACE, utf8);
}

static void ill_formed_is_refused(void **state)
{
    static const char *const texts[] = {"\x80",
                                        "\xc0\x80",
                                        "\xc1\xbf",
                                        "\xe0\x9f\xbf",
                                        "\xed\xa0\x80",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xff",
                                        "ab\xe2\x82",
                                        "\xc3("};
    for (size_t i = 0; i < ARRAYSIZE(texts); i++)
        assert_int_equal(strict_from_utf8(texts[i]), UTF_INVALID);
    assert_int_equal(utf8_from_utf16(NULL, 0, L"a\xd800", 2, UTF_STRICT), UTF_INVALID);
    assert_int_equal(utf8_from_utf16(NULL, 0, L"\xdc00\xd800", 2, UTF_STRICT), UTF_INVALID);
}

/* One U+FFFD for each maximal subpart, as in Unicode's own example. */
static void ill_formed_is_replaced(void **state)
{
    assert_wide("a\xf1\x80\x80\xe1\x80\xc2"
                "b\x80"
                "c\x80\xbf"
                "d",
                UTF_REPLACE,
                L"a\xfffd\xfffd\xfffd"
                L"b\xfffd"
                L"c\xfffd\xfffd"
                L"d");
    assert_wide("\xed\xa0\x80", UTF_REPLACE, L"\xfffd\xfffd\xfffd");
    assert_narrow(L"\xd800x", UTF_REPLACE, "\xef\xbf\xbdx");
}

static void host_names(void **state)
{
    assert_wide("a/b\xff", UTF_HOST_NAME, L"a\\b\xdcff");
    assert_wide("\xed\xb2\x80", UTF_HOST_NAME, L"\xdced\xdcb2\xdc80");
    assert_wide("x:*\x01", UTF_HOST_NAME, L"x\xf03a\xf02a\xf001");
    assert_wide("\xef\x80\xba", UTF_HOST_NAME, L"\xdcef\xdc80\xdcba");
    assert_wide("\xef\x81\x81", UTF_HOST_NAME, L"\xf041");
    assert_narrow(L"a\\b\xdcff", UTF_HOST_NAME, "a/b\xff");
    assert_narrow(L"\xf03a\xf02e", UTF_HOST_NAME, ":.");
    assert_narrow(L"\xf02f", UTF_HOST_NAME, "\xef\x80\xaf");
    assert_narrow(L"\xd800", UTF_HOST_NAME, "\xed\xa0\x80");
    assert_narrow(L"\xd83d\xde00", UTF_HOST_NAME, "\xf0\x9f\x98\x80");
}

static void nothing_is_written_in_part(void **state)
{
    WCHAR wide[4] = {1, 2, 3, 4};
    char narrow[4] = {1, 2, 3, 4};
    assert_int_equal(utf16_from_utf8(wide, 2, "a\xf0\x9f\x98\x80", 5, UTF_STRICT), 3);
    assert_int_equal(wide[0], 'a');
    assert_int_equal(wide[1], 2);
    assert_int_equal(utf8_from_utf16(narrow, 2, L"a\x20ac", 2, UTF_STRICT), 4);
    assert_int_equal(narrow[0], 'a');
    assert_int_equal(narrow[1], 2);
    assert_int_equal(utf16_from_utf8(NULL, 0, "abc", 3, UTF_STRICT), 3);
    assert_int_equal(utf16_from_utf8(wide, 4, "", 0, UTF_STRICT), 0);
    assert_int_equal(utf16_from_utf8(wide, 4, "\0a", 2, UTF_STRICT), 2);
}

/* ASCII is converted in blocks: every length and every place of what is not ASCII. */
static void runs_of_ascii(void **state)
{
    char text[100], back[200];
    WCHAR wide[100];
    for (size_t length = 0; length < sizeof text - 2; length++) {
        for (size_t special = 0; special <= length; special++) {
            memset(text, 'x', length + 2);
            memcpy(text + special, "\xc3\xa9", 2);
            size_t units = utf16_from_utf8(wide, ARRAYSIZE(wide), text, length + 2, UTF_STRICT);
            assert_int_equal(units, length + 1);
            assert_int_equal(wide[special], 0xe9);
            assert_int_equal(utf8_from_utf16(back, sizeof back, wide, units, UTF_STRICT), length + 2);
            assert_memory_equal(back, text, length + 2);
        }
        /* A target that ends within the run gets what fits, and not more. */
        memset(text, 'y', length);
        wide[length / 2] = 7;
        assert_int_equal(utf16_from_utf8(wide, length / 2, text, length, UTF_STRICT), length);
        assert_int_equal(wide[length / 2], 7);
    }
}

static void upper_case(void **state)
{
    assert_int_equal(upcase('a'), 'A');
    assert_int_equal(upcase('{'), '{');
    assert_int_equal(upcase(0xe4), 0xc4);
    assert_int_equal(upcase(0xf7), 0xf7);
    assert_int_equal(upcase(0xff), 0x178);
    assert_int_equal(upcase(0x3b1), 0x391);
    assert_int_equal(upcase(0x44f), 0x42f);
    assert_int_equal(upcase(0xff5a), 0xff3a);
    assert_int_equal(upcase(0xab70), 0x13a0);
    /* These have no way back, so they stay. */
    assert_int_equal(upcase(0x131), 0x131);
    assert_int_equal(upcase(0xdf), 0xdf);
    assert_int_equal(upcase(0x17f), 0x17f);
    for (int unit = 0; unit < 0x10000; unit++)
        assert_int_equal(upcase(upcase(unit)), upcase(unit));
    assert_true(upcase_equal(L"\xe4x", 2, L"\xc4X", 2));
    assert_false(upcase_equal(L"a", 1, L"ab", 2));
    assert_true(upcase_compare(L"a", 1, L"B", 1) < 0);
    assert_true(upcase_compare(L"ab", 2, L"A", 1) > 0);
    assert_int_equal(upcase_compare(L"ab", 2, L"AB", 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed),
        cmocka_unit_test(ill_formed_is_refused),
        cmocka_unit_test(ill_formed_is_replaced),
        cmocka_unit_test(host_names),
        cmocka_unit_test(nothing_is_written_in_part),
        cmocka_unit_test(runs_of_ascii),
        cmocka_unit_test(upper_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
