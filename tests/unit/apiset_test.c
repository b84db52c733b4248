/* uses: loader/apiset.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "loader/apiset.h"

static void check(const char *name, const char *expected)
{
    char dll[128];
    apiset_resolve(name, dll, sizeof dll);
    assert_string_equal(dll, expected);
}

static void sets_have_hosts(void **state)
{
    check("api-ms-win-core-synch-l1-2-0.dll", "kernel32.dll");
    check("api-ms-win-core-rtlsupport-l1-1-0.dll", "ntdll.dll");
    check("api-ms-win-crt-runtime-l1-1-0.dll", "ucrtbase.dll");
    check("API-MS-Win-Core-File-L1-1-0.DLL", "kernel32.dll");
}

static void the_last_number_does_not_matter(void **state)
{
    check("api-ms-win-core-synch-l1-2-0.dll", "kernel32.dll");
    check("api-ms-win-core-synch-l1-2-1.dll", "kernel32.dll");
    check("api-ms-win-core-synch-l1-2-12", "kernel32.dll");
}

static void unknown_sets_stand_for_themselves(void **state)
{
    check("api-ms-win-core-synch-l9-9-0.dll", "api-ms-win-core-synch-l9-9-0.dll");
    check("ext-ms-win-no-such-l1-1-0.dll", "ext-ms-win-no-such-l1-1-0.dll");
    check("api-ms-win-core", "api-ms-win-core");
    check("api-", "api-");
}

static void other_names_are_left_alone(void **state)
{
    check("kernel32.dll", "kernel32.dll");
    check("KERNEL32", "KERNEL32");
    check("", "");
    check("a-name-that-is-longer-than-every-name-of-a-set-could-ever-be-and-longer.dll",
          "a-name-that-is-longer-than-every-name-of-a-set-could-ever-be-and-longer.dll");
}

static void a_short_buffer_is_not_overrun(void **state)
{
    char dll[8] = "1234567";
    apiset_resolve("api-ms-win-core-file-l1-1-0.dll", dll, 5);
    assert_string_equal(dll, "kern");
    assert_int_equal(dll[5], '6');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_have_hosts),
        cmocka_unit_test(the_last_number_does_not_matter),
        cmocka_unit_test(unknown_sets_stand_for_themselves),
        cmocka_unit_test(other_names_are_left_alone),
        cmocka_unit_test(a_short_buffer_is_not_overrun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
