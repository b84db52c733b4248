/* uses: kernel/environment.c kernel/environment_host.c kernel/path.c kernel/path_places.c kernel/path_case.c
 * kernel/directory_reader.c kernel/utf.c kernel/upcase.c kernel/status.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "kernel/environment.h"
#include "kernel/process.h"
#include "kernel/utf.h"

/* What the sources under test take from the rest of the floor. */
struct process_parameters process_parameters;
unsigned process_count_processors(void)
{
    return 3;
}

static size_t units(const WCHAR *text)
{
    return utf16_length(text);
}

static void assert_variable(const WCHAR *name, const char *expected)
{
    size_t length;
    char text[1024];
    environment_lock();
    const WCHAR *value = environment_get(name, units(name), &length);
    if (!expected) {
        assert_null(value);
    } else {
        assert_non_null(value);
        assert_int_equal(length, units(value));
        text[utf8_from_utf16(text, sizeof text - 1, value, length, UTF_STRICT)] = '\0';
        assert_string_equal(text, expected);
    }
    environment_unlock();
}

static void set(const WCHAR *name, const WCHAR *value, NTSTATUS expected)
{
    assert_int_equal(environment_set(name, units(name), value, value ? units(value) : 0), expected);
}

static void assert_sorted(void)
{
    size_t length, counted = 1;
    environment_lock();
    const WCHAR *block = environment_block(&length);
    for (const WCHAR *variable = block; *variable; variable += units(variable) + 1) {
        counted += units(variable) + 1;
        /* The names of this test are ASCII, and none is another's beginning. */
        const WCHAR *next = variable + units(variable) + 1;
        size_t i = 0;
        while (variable[i] && (variable[i] | 32) == (next[i] | 32))
            i++;
        if (*next)
            assert_true(variable[i] == '=' || next[i] == '=' || (variable[i] | 32) < (next[i] | 32));
    }
    assert_int_equal(length, counted);
    assert_ptr_equal(process_parameters.Environment, block);
    environment_unlock();
}

static void from_linux(void **state)
{
    char *host[] = {"PATH=/usr/bin:/bin::rel",
                    "HOME=/home/me",
                    "TMP=/var/tmp",
                    "Mixed=a=b",
                    "mIXED=second",
                    "EMPTY=",
                    "nonsense",
                    "=x",
                    "URL=http://x/y",
                    NULL};
    assert_int_equal(environment_initialize(host), STATUS_SUCCESS);
    assert_variable(L"PATH", "C:\\Windows\\System32;C:\\Windows;C:\\usr\\bin;C:\\bin;;rel");
    assert_variable(L"Path", "C:\\Windows\\System32;C:\\Windows;C:\\usr\\bin;C:\\bin;;rel");
    assert_variable(L"HOME", "/home/me");
    assert_variable(L"TMP", "C:\\var\\tmp");
    assert_variable(L"MIXED", "a=b");
    assert_variable(L"EMPTY", "");
    assert_variable(L"URL", "http://x/y");
    assert_variable(L"nonsense", NULL);
    assert_variable(L"OS", "Windows_NT");
    assert_variable(L"systemroot", "C:\\Windows");
    assert_variable(L"NUMBER_OF_PROCESSORS", "3");
    assert_sorted();
}

static void changes(void **state)
{
    set(L"New", L"1", STATUS_SUCCESS);
    assert_variable(L"NEW", "1");
    set(L"nEw", L"a longer value than before", STATUS_SUCCESS);
    assert_variable(L"new", "a longer value than before");
    set(L"NEW", L"", STATUS_SUCCESS);
    assert_variable(L"new", "");
    set(L"NEW", NULL, STATUS_SUCCESS);
    assert_variable(L"new", NULL);
    set(L"NEW", NULL, STATUS_VARIABLE_NOT_FOUND);
    set(L"=C:", L"C:\\here", STATUS_SUCCESS);
    assert_variable(L"=C:", "C:\\here");
    set(L"a=b", L"x", STATUS_INVALID_PARAMETER);
    set(L"", L"x", STATUS_INVALID_PARAMETER);
    assert_sorted();
}

static void whole_blocks(void **state)
{
    assert_int_equal(environment_replace(L"b=2\0A=1\0=D:=D:\\\0"), STATUS_SUCCESS);
    assert_variable(L"a", "1");
    assert_variable(L"B", "2");
    assert_variable(L"=D:", "D:\\");
    assert_variable(L"OS", NULL);
    assert_sorted();
    assert_int_equal(environment_replace(L"no equals sign\0"), STATUS_INVALID_PARAMETER);
    assert_int_equal(environment_replace(L""), STATUS_SUCCESS);
    assert_variable(L"a", NULL);
}

static void to_linux(void **state)
{
    assert_int_equal(environment_replace(L"PATH=C:\\usr\\bin;;Z:\\bin\0TEMP=C:\\tmp\0=C:=C:\\x\0V=\x20ac\0"),
                     STATUS_SUCCESS);
    char **host = environment_to_host();
    const char *expected[] = {"PATH=/usr/bin:/bin", "TEMP=/tmp", "V=\xe2\x82\xac"};
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(host[i], expected[i]);
    assert_null(host[3]);
    for (size_t i = 0; i < 3; i++)
        free(host[i]);
    free(host);
}

static void lists_that_do_not_fit(void **state)
{
    WCHAR wide[4] = {0, 0, 0, 'x'};
    assert_int_equal(environment_paths_from_host(wide, 3, "/usr:/bin"), 13);
    assert_int_equal(wide[3], 'x');
    char narrow[4] = {0, 0, 0, 'x'};
    assert_int_equal(environment_paths_to_host(narrow, 3, L"C:\\usr;C:\\bin", 13), 9);
    assert_int_equal(narrow[3], 'x');
    assert_int_equal(environment_paths_to_host(NULL, 0, L"", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_linux),
        cmocka_unit_test(changes),
        cmocka_unit_test(whole_blocks),
        cmocka_unit_test(to_linux),
        cmocka_unit_test(lists_that_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
