/* The Gregorian calendar. */
#include "dlls/msvcrt/crt_time.h"

#define DAY_SECONDS      86400
#define DAYS_PER_ERA     146097 /* the calendar's 400 years */
#define EPOCH_FROM_MARCH 719468 /* days from 1 March of year 0 to 1970 */

/* Years that begin in March end with their leap day, and then months follow one formula. */
static int64_t days_from_date(int64_t year, int month, int day)
{
    year -= month < 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int year_of_era = (int)(year - era * 400);
    int month_from_march = (month + 10) % 12;
    int day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - EPOCH_FROM_MARCH;
}

static int64_t floor_divide(int64_t value, int64_t divisor, int *rest)
{
    int64_t quotient = value / divisor;
    *rest = (int)(value % divisor);
    if (*rest < 0) {
        *rest += (int)divisor;
        quotient--;
    }
    return quotient;
}

void calendar_from_seconds(int64_t seconds, struct crt_tm *result)
{
    int second_of_day, day_of_era, weekday;
    int64_t days = floor_divide(seconds, DAY_SECONDS, &second_of_day);
    int64_t era = floor_divide(days + EPOCH_FROM_MARCH, DAYS_PER_ERA, &day_of_era);
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;
    int month = (month_from_march + 2) % 12;
    int64_t year = era * 400 + year_of_era + (month < 2);
    floor_divide(days + 4, 7, &weekday);
    *result = (struct crt_tm){
        .tm_sec = second_of_day % 60,
        .tm_min = second_of_day / 60 % 60,
        .tm_hour = second_of_day / 3600,
        .tm_mday = day_of_year - (153 * month_from_march + 2) / 5 + 1,
        .tm_mon = month,
        .tm_year = (int)(year - 1900),
        .tm_wday = weekday,
        .tm_yday = (int)(days - days_from_date(year, 0, 1)),
    };
}

/* Fields beyond their range carry over. */
int64_t calendar_to_seconds(const struct crt_tm *time)
{
    int month;
    int64_t year = 1900 + (int64_t)time->tm_year + floor_divide(time->tm_mon, 12, &month);
    int64_t days = days_from_date(year, month, 1) + time->tm_mday - 1;
    return days * DAY_SECONDS + time->tm_hour * 3600LL + time->tm_min * 60LL + time->tm_sec;
}
