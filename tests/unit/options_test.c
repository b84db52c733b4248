/* uses: loader/options.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "loader/options.h"

static const char *parse(const char *const *words)
{
    static char *arguments[16];
    size_t count = 0;
    for (; words[count]; count++)
        arguments[count] = (char *)words[count];
    arguments[count] = NULL;
    memset(&options, 0, sizeof options);
    return options_parse(arguments);
}

#define PARSE(...) parse((const char *const[]){"litewin-load", __VA_ARGS__, NULL})

static void options_end_at_the_program(void **state)
{
    assert_null(PARSE("--drive", "X=/tmp", "a.exe", "--dump", "-h"));
    assert_int_equal(options.action, ACTION_RUN);
    assert_string_equal(options.program[0], "a.exe");
    assert_string_equal(options.program[1], "--dump");
    assert_string_equal(options.program[2], "-h");
    assert_null(options.program[3]);
    assert_int_equal(options.drives.count, 1);
    assert_string_equal(options.drives.words[0], "X=/tmp");
    free(options.drives.words);
}

static void a_double_dash_ends_them_too(void **state)
{
    assert_null(PARSE("--", "--odd-name.exe"));
    assert_string_equal(options.program[0], "--odd-name.exe");
}

static void options_of_the_debugger(void **state)
{
    assert_null(PARSE("--dll-path=/a", "--gdb", "a.exe", "--gdb"));
    assert_int_equal(options.action, ACTION_DEBUG);
    assert_string_equal(options.debugger[0], "--gdb");
    assert_ptr_equal(options.debugger_end, options.debugger + 1);
    assert_string_equal(options.program[0], "a.exe");
    free(options.dll_paths.words);
    assert_null(PARSE("--gdb", "-batch", "-ex", "run", "--", "--odd-name.exe"));
    assert_ptr_equal(options.debugger_end, options.debugger + 4);
    assert_string_equal(options.program[0], "--odd-name.exe");
    assert_null(PARSE("--gdbserver", ":99", "--dump", "a.exe"));
    assert_string_equal(options.gdbserver, ":99");
    assert_ptr_equal(options.debugger_end, options.debugger + 2);
    assert_string_equal(options.program[0], "a.exe");
    assert_null(PARSE("--gdbserver=:98", "a.exe"));
    assert_string_equal(options.gdbserver, ":98");
    assert_ptr_equal(options.debugger_end, options.debugger + 1);
    assert_non_null(strstr(PARSE("--gdb", "-batch", "a.exe"), "'--'"));
    assert_non_null(strstr(PARSE("--gdbserver"), "needs a value"));
}

static void values_come_either_way(void **state)
{
    assert_null(PARSE("--dll-path=/a", "--dll-path", "/b", "--exit-code-file=x=y", "a.exe"));
    assert_int_equal(options.dll_paths.count, 2);
    assert_string_equal(options.dll_paths.words[0], "/a");
    assert_string_equal(options.dll_paths.words[1], "/b");
    assert_string_equal(options.exit_code_file, "x=y");
    free(options.dll_paths.words);
}

static void mistakes_are_named(void **state)
{
    assert_string_equal(PARSE("--no-such"), "unknown option --no-such");
    assert_string_equal(PARSE("--drive"), "--drive needs a value");
    assert_string_equal(PARSE("--drive="), "--drive needs a value");
    assert_string_equal(PARSE("--drivel", "a.exe"), "unknown option --drivel");
    assert_string_equal(PARSE("--dump"), "no program is named");
}

static void help_needs_no_program(void **state)
{
    assert_null(PARSE("--help"));
    assert_int_equal(options.action, ACTION_HELP);
}

static void the_environment_adds_directories(void **state)
{
    setenv("LITEWIN_PATH", "/c::/d", 1);
    assert_null(PARSE("--dll-path", "/a", "a.exe"));
    unsetenv("LITEWIN_PATH");
    assert_int_equal(options.dll_paths.count, 3);
    assert_string_equal(options.dll_paths.words[0], "/a");
    assert_string_equal(options.dll_paths.words[1], "/c");
    assert_string_equal(options.dll_paths.words[2], "/d");
    free((char *)options.dll_paths.words[1]); /* the first word of the copied variable */
    free(options.dll_paths.words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_of_the_debugger),
        cmocka_unit_test(options_end_at_the_program),
        cmocka_unit_test(a_double_dash_ends_them_too),
        cmocka_unit_test(values_come_either_way),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(help_needs_no_program),
        cmocka_unit_test(the_environment_adds_directories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
