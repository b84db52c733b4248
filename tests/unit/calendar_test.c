/* uses: dlls/msvcrt/calendar.c */
/* msvcrt's calendar against the C library's. */
#include <setjmp.h>
#include <time.h>
#include "dlls/msvcrt/crt_time.h"
#include <cmocka.h>

static void check(int64_t seconds)
{
    struct crt_tm ours;
    struct tm theirs;
    time_t time = (time_t)seconds;
    calendar_from_seconds(seconds, &ours);
    assert_non_null(gmtime_r(&time, &theirs));
    assert_int_equal(ours.tm_sec, theirs.tm_sec);
    assert_int_equal(ours.tm_min, theirs.tm_min);
    assert_int_equal(ours.tm_hour, theirs.tm_hour);
    assert_int_equal(ours.tm_mday, theirs.tm_mday);
    assert_int_equal(ours.tm_mon, theirs.tm_mon);
    assert_int_equal(ours.tm_year, theirs.tm_year);
    assert_int_equal(ours.tm_wday, theirs.tm_wday);
    assert_int_equal(ours.tm_yday, theirs.tm_yday);
    assert_true(calendar_to_seconds(&ours) == seconds);
}

static void agrees_on_every_day(void **state)
{
    for (int64_t day = -800000; day < 800000; day += 1) {
        check(day * 86400);
        if (day % 97 == 0)
            check(day * 86400 + 86399);
    }
}

static void fields_carry_over(void **state)
{
    static const struct crt_tm rows[] = {
        {.tm_mday = 32, .tm_year = 126},
        {.tm_mday = 0, .tm_mon = 2, .tm_year = 100},
        {.tm_mday = 1, .tm_mon = 14, .tm_year = 99},
        {.tm_mday = 1, .tm_mon = -1, .tm_year = 70},
        {.tm_mday = 1, .tm_mon = -25, .tm_year = 101},
        {.tm_mday = 60, .tm_hour = 50, .tm_min = -70, .tm_sec = 3700, .tm_year = 124},
        {.tm_mday = -400, .tm_mon = 1200, .tm_year = -1899},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tm theirs = {
            .tm_sec = rows[i].tm_sec,
            .tm_min = rows[i].tm_min,
            .tm_hour = rows[i].tm_hour,
            .tm_mday = rows[i].tm_mday,
            .tm_mon = rows[i].tm_mon,
            .tm_year = rows[i].tm_year,
        };
        assert_true(calendar_to_seconds(&rows[i]) == (int64_t)timegm(&theirs));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_on_every_day),
        cmocka_unit_test(fields_carry_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
