#include "kernel/calendar.h"

#define DAYS_OF_400_YEARS 146097

static bool is_leap_year(int year)
{
    return year % 4 == 0 && (year % 100 || year % 400 == 0);
}

int calendar_days_of_month(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/* Days from January 1st of 1601 to the first of a year, 1601 being the first of a cycle of 400. */
static int64_t days_before_year(int year)
{
    int64_t years = year - 1601;
    return years * 365 + years / 4 - years / 100 + years / 400;
}

SYSTEMTIME calendar_from_ticks(int64_t ticks)
{
    int64_t days = ticks / CALENDAR_TICKS_PER_DAY, rest = ticks % CALENDAR_TICKS_PER_DAY;
    int year = 1601 + (int)(days * 400 / DAYS_OF_400_YEARS);
    while (days_before_year(year) > days)
        year--;
    while (days_before_year(year + 1) <= days)
        year++;
    int day = (int)(days - days_before_year(year)), month = 1;
    while (day >= calendar_days_of_month(year, month))
        day -= calendar_days_of_month(year, month++);
    int64_t milliseconds = rest / (TIME_TICKS_PER_SECOND / 1000);
    return (SYSTEMTIME){
        .wYear = year,
        .wMonth = month,
        .wDayOfWeek = (days + 1) % 7, /* the first day of 1601 was a Monday */
        .wDay = day + 1,
        .wHour = milliseconds / 3600000,
        .wMinute = milliseconds / 60000 % 60,
        .wSecond = milliseconds / 1000 % 60,
        .wMilliseconds = milliseconds % 1000,
    };
}

bool calendar_to_ticks(const SYSTEMTIME *time, int64_t *ticks)
{
    if (time->wYear < 1601 || time->wYear > 30827 || time->wMonth < 1 || time->wMonth > 12 ||
        time->wDay < 1 || time->wDay > calendar_days_of_month(time->wYear, time->wMonth) ||
        time->wHour > 23 || time->wMinute > 59 || time->wSecond > 59 || time->wMilliseconds > 999)
        return false;
    int64_t days = days_before_year(time->wYear) + time->wDay - 1;
    for (int month = 1; month < time->wMonth; month++)
        days += calendar_days_of_month(time->wYear, month);
    int64_t seconds = (time->wHour * 60 + time->wMinute) * 60 + time->wSecond;
    *ticks = days * CALENDAR_TICKS_PER_DAY +
             (seconds * 1000 + time->wMilliseconds) * (TIME_TICKS_PER_SECOND / 1000);
    return true;
}
