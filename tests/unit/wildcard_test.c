/* uses: kernel/wildcard.c kernel/upcase.c */
#include <setjmp.h>
#include "kernel/wildcard.h"
#include <cmocka.h>

static size_t length_of(const WCHAR *text)
{
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

/* As FindFirstFile does it: the pattern in Win32's terms. */
static bool matches(const WCHAR *pattern, const WCHAR *name)
{
    WCHAR rewritten[64];
    size_t length = length_of(pattern);
    memcpy(rewritten, pattern, length * sizeof *pattern);
    length = wildcard_from_win32(rewritten, length);
    return wildcard_match(rewritten, length, name, length_of(name));
}

static bool matches_nt(const WCHAR *pattern, const WCHAR *name)
{
    return wildcard_match(pattern, length_of(pattern), name, length_of(name));
}

static void plain_names(void **state)
{
    assert_true(matches(L"file.txt", L"FILE.TXT"));
    assert_true(matches(L"\xe4", L"\xc4"));
    assert_false(matches(L"file.txt", L"file.tx"));
    assert_false(matches(L"file", L"file.txt"));
    assert_true(matches(L"file.", L"file"));
    assert_false(matches(L"file.", L"file.txt"));
    assert_true(matches_nt(L"", L""));
    assert_false(matches_nt(L"", L"a"));
}

static void stars(void **state)
{
    assert_true(matches(L"*", L"anything.at.all"));
    assert_true(matches(L"*", L"."));
    assert_true(matches(L"*.*", L"noextension"));
    assert_true(matches(L"*.*", L"a.b"));
    assert_true(matches(L"*.txt", L"a.b.txt"));
    assert_false(matches(L"*.txt", L"a.txt.bak"));
    assert_true(matches(L"a*c*e", L"abcdce"));
    assert_false(matches(L"a*c*e", L"abcdcef"));
    assert_true(matches(L"a*", L"a"));
    assert_true(matches(L"a.*", L"a"));
    assert_true(matches(L"a.*", L"a.b"));
    assert_false(matches(L"a.*", L"ab"));
    assert_true(matches(L"**a**", L"bab"));
    assert_false(matches(L"*a*a*a*a*a*a*a*a*b", L"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void names_without_extension(void **state)
{
    assert_true(matches(L"*.", L"makefile"));
    assert_false(matches(L"*.", L"a.b"));
    assert_true(matches(L"m*.", L"makefile"));
    assert_false(matches(L"m*.", L"make.file"));
    assert_true(matches(L"*.", L".profile"));
    assert_true(matches(L"*. .", L"makefile"));
    assert_true(matches(L"*. ", L"a.b"));
}

static void question_marks(void **state)
{
    assert_true(matches(L"a?c", L"abc"));
    assert_false(matches(L"a?c", L"ac"));
    assert_true(matches(L"ab?", L"ab"));
    assert_true(matches(L"ab???", L"abc"));
    assert_false(matches(L"ab?", L"abcd"));
    assert_true(matches(L"a??.txt", L"a.txt"));
    assert_true(matches(L"????????.???", L"ab.c"));
    assert_false(matches(L"????.???", L"abcde.c"));
    assert_true(matches(L"ab.?", L"ab"));
    assert_true(matches(L"*.?", L"x.y.z"));
    assert_true(matches(L"*.?", L"noext"));
    assert_false(matches(L"*.?", L"a.txt"));
    assert_false(matches_nt(L"ab?", L"ab"));
}

static void nt_wildcards(void **state)
{
    assert_true(matches_nt(L"<.txt", L"a.b.txt"));
    assert_true(matches_nt(L"a<b", L"axxb"));
    assert_true(matches_nt(L"a<b", L"ax.b"));
    assert_false(matches_nt(L"a<b", L"ax.yb"));
    assert_true(matches_nt(L"<<", L"a.b"));
    assert_false(matches_nt(L"<", L"a.b"));
    assert_false(matches_nt(L"a<b", L"a.x"));
    assert_true(matches_nt(L"*a<", L"b.a"));
    assert_true(matches_nt(L"a\"", L"a"));
    assert_true(matches_nt(L"a\"b", L"a.b"));
    assert_true(matches_nt(L"a>>.b", L"a.b"));
}

static void rewriting(void **state)
{
    WCHAR pattern[] = L"a?.*";
    assert_int_equal(wildcard_from_win32(pattern, 4), 4);
    assert_memory_equal(pattern, L"a>\"*", 8);
    WCHAR extension[] = L"*.txt";
    assert_int_equal(wildcard_from_win32(extension, 5), 5);
    assert_memory_equal(extension, L"<.txt", 10);
    WCHAR everything[] = L"*.*";
    assert_int_equal(wildcard_from_win32(everything, 3), 1);
    WCHAR dots[] = L"*...";
    assert_int_equal(wildcard_from_win32(dots, 4), 1);
    assert_int_equal(dots[0], '<');
    assert_int_equal(wildcard_from_win32(dots, 0), 0);
    assert_true(wildcard_present(L"a>b", 3));
    assert_false(wildcard_present(L"a.b", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_names),
        cmocka_unit_test(stars),
        cmocka_unit_test(names_without_extension),
        cmocka_unit_test(question_marks),
        cmocka_unit_test(nt_wildcards),
        cmocka_unit_test(rewriting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
