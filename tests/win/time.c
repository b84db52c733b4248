/* Clocks, calendars and time zones. */
#include "check.h"
#include <string.h>
#include <time.h>

/* 1970-01-01 in units of 100 ns since 1601. */
static const ULONGLONG unix_epoch = 116444736000000000;

static FILETIME from_number(ULONGLONG number)
{
    FILETIME time = {(DWORD)number, (DWORD)(number >> 32)};

    return time;
}

static ULONGLONG to_number(FILETIME time)
{
    return ((ULONGLONG)time.dwHighDateTime << 32) | time.dwLowDateTime;
}

TEST(the_performance_counter)
{
    LARGE_INTEGER frequency, first, second;
    int backwards = 0;

    CHECK(QueryPerformanceFrequency(&frequency));
    CHECK(frequency.QuadPart >= 1000000);
    CHECK(QueryPerformanceCounter(&first));
    for (int i = 0; i < 10000; i++) {
        QueryPerformanceCounter(&second);
        backwards += second.QuadPart < first.QuadPart;
        first = second;
    }
    CHECK_EQ(backwards, 0);
    Sleep(50);
    QueryPerformanceCounter(&second);
    CHECK(second.QuadPart - first.QuadPart >= frequency.QuadPart * 49 / 1000);
    CHECK(second.QuadPart - first.QuadPart < frequency.QuadPart * 10);
}

TEST(ticks)
{
    ULONGLONG first = GetTickCount64(), second;
    DWORD low = GetTickCount();

    CHECK(low - (DWORD)first < 1000);
    Sleep(50);
    second = GetTickCount64();
    CHECK(second - first >= 30 && second - first < 10000);
}

TEST(the_system_clock)
{
    FILETIME coarse, precise;
    SYSTEMTIME broken;
    ULONGLONG seconds = (ULONGLONG)time(NULL);
    FILETIME again;

    GetSystemTimeAsFileTime(&coarse);
    GetSystemTimePreciseAsFileTime(&precise);
    GetSystemTime(&broken);
    CHECK((to_number(coarse) - unix_epoch) / 10000000 - seconds <= 1);
    CHECK(to_number(precise) + 1000000 >= to_number(coarse));
    CHECK(SystemTimeToFileTime(&broken, &again));
    CHECK(to_number(again) + 1000000 >= to_number(coarse));
    CHECK(to_number(again) < to_number(coarse) + 50000000);
}

TEST(moments_and_calendars)
{
    static const struct {
        ULONGLONG number;
        SYSTEMTIME calendar; /* year, month, day of the week, day, hour, minute, second, millisecond */
    } rows[] = {
        {0, {1601, 1, 1, 1, 0, 0, 0, 0}},
        {116444736000000000, {1970, 1, 4, 1, 0, 0, 0, 0}},
        {125963012960000000, {2000, 2, 2, 29, 12, 34, 56, 0}},
        {126227807999990000, {2000, 12, 0, 31, 23, 59, 59, 999}},
        {130645439999990000, {2014, 12, 3, 31, 23, 59, 59, 999}},
        {133536815991230000, {2024, 2, 4, 29, 11, 59, 59, 123}},
        {0x7FFFFFFFFFFFFFFF, {30828, 9, 4, 14, 2, 48, 5, 477}},
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        FILETIME moment = from_number(rows[i].number), back;
        SYSTEMTIME calendar;

        CHECK(FileTimeToSystemTime(&moment, &calendar));
        CHECK_MEM(&calendar, &rows[i].calendar, sizeof calendar);
        if (calendar.wYear > 30827) { /* the last year that is documented as valid */
            UNLESS_WINE("takes years beyond the last") CHECK(!SystemTimeToFileTime(&calendar, &back));
            continue;
        }
        CHECK(SystemTimeToFileTime(&rows[i].calendar, &back));
        /* A calendar has milliseconds, a moment 100 ns. */
        CHECK_EQ(to_number(back), rows[i].number - rows[i].number % 10000);
    }
}

TEST(the_day_of_the_week_is_not_read)
{
    SYSTEMTIME calendar = {2024, 2, 6, 29, 0, 0, 0, 0}, again;
    FILETIME moment;

    CHECK(SystemTimeToFileTime(&calendar, &moment));
    CHECK(FileTimeToSystemTime(&moment, &again));
    CHECK_EQ(again.wDayOfWeek, 4);
}

TEST(calendars_that_cannot_be)
{
    static const SYSTEMTIME wrong[] = {
        {1600, 1, 0, 1},
        {30828, 1, 0, 1 + 31},
        {2024, 2, 0, 30},
        {2024, 0, 0, 1},
        {2024, 13, 0, 1},
        {2024, 1, 0, 0},
        {2024, 4, 0, 31},
        {2024, 1, 0, 1, 24},
        {2024, 1, 0, 1, 0, 60},
        {2024, 1, 0, 1, 0, 0, 60},
        {2024, 1, 0, 1, 0, 0, 0, 1000},
    };
    FILETIME moment;
    SYSTEMTIME calendar, no_leap_year = {1900, 2, 0, 29};

    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        FILETIME unused;

        CHECK_ERROR(SystemTimeToFileTime(&wrong[i], &unused) == FALSE, ERROR_INVALID_PARAMETER);
    }
    UNLESS_WINE("Wine makes it the first of March")
    CHECK_ERROR(SystemTimeToFileTime(&no_leap_year, &moment) == FALSE, ERROR_INVALID_PARAMETER);
    moment = from_number(0x8000000000000000);
    CHECK_ERROR(FileTimeToSystemTime(&moment, &calendar) == FALSE, ERROR_INVALID_PARAMETER);
}

TEST(comparing)
{
    FILETIME a = from_number(0x1FFFFFFFF), b = from_number(0x200000000), c = from_number(0x1FFFFFFFF);

    CHECK_EQ(CompareFileTime(&a, &b), -1);
    CHECK_EQ(CompareFileTime(&b, &a), 1);
    CHECK_EQ(CompareFileTime(&a, &c), 0);
}

TEST(dos_dates)
{
    FILETIME moment = from_number(125963012960000000), back;
    WORD date = 0, clock = 0;

    CHECK(FileTimeToDosDateTime(&moment, &date, &clock));
    CHECK_EQ(date, (20 << 9) | (2 << 5) | 29);
    CHECK_EQ(clock, (12 << 11) | (34 << 5) | 28);
    CHECK(DosDateTimeToFileTime(date, clock, &back));
    CHECK_EQ(to_number(back), to_number(moment));
    CHECK_EQ(DosDateTimeToFileTime(0, 0, &back), FALSE);
    moment = from_number(unix_epoch);
    CHECK_ERROR(FileTimeToDosDateTime(&moment, &date, &clock) == FALSE, ERROR_INVALID_PARAMETER);
}

TEST(local_time)
{
    TIME_ZONE_INFORMATION zone;
    DWORD kind = GetTimeZoneInformation(&zone);
    FILETIME now, local, back;
    SYSTEMTIME utc, here, again;
    LONGLONG offset;

    CHECK(kind <= TIME_ZONE_ID_DAYLIGHT);
    CHECK(zone.Bias >= -14 * 60 && zone.Bias <= 12 * 60);
    offset = zone.Bias;
    if (kind == TIME_ZONE_ID_STANDARD)
        offset += zone.StandardBias;
    if (kind == TIME_ZONE_ID_DAYLIGHT)
        offset += zone.DaylightBias;
    GetSystemTimeAsFileTime(&now);
    CHECK(FileTimeToLocalFileTime(&now, &local));
    CHECK_EQ((LONGLONG)(to_number(now) - to_number(local)), offset * 60 * 10000000);
    CHECK(LocalFileTimeToFileTime(&local, &back));
    CHECK_EQ(to_number(back), to_number(now));
    CHECK(FileTimeToSystemTime(&now, &utc));
    CHECK(SystemTimeToTzSpecificLocalTime(NULL, &utc, &here));
    CHECK(TzSpecificLocalTimeToSystemTime(NULL, &here, &again));
    CHECK_MEM(&again, &utc, sizeof utc);
}

TEST(a_zone_with_summer_time)
{
    /* Central Europe: UTC+1, in summer from the last Sunday of March to that of October UTC+2. */
    TIME_ZONE_INFORMATION zone = {
        .Bias = -60, .StandardDate = {0, 10, 0, 5, 3}, .DaylightBias = -60, .DaylightDate = {0, 3, 0, 5, 2}};
    static const struct {
        SYSTEMTIME utc;
        int hour;
    } rows[] = {
        {{2024, 1, 1, 15, 12}, 13},   {{2024, 7, 1, 15, 12}, 14},    {{2024, 3, 0, 31, 0, 59}, 1},
        {{2024, 3, 0, 31, 1, 0}, 3},  {{2024, 10, 0, 27, 0, 59}, 2}, {{2024, 10, 0, 27, 1, 0}, 2},
        {{2024, 10, 0, 27, 2, 0}, 3},
    };

    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        SYSTEMTIME local;

        CHECK(SystemTimeToTzSpecificLocalTime(&zone, &rows[i].utc, &local));
        CHECK_EQ(local.wHour, rows[i].hour);
        CHECK_EQ(local.wDay, rows[i].utc.wDay);
    }
}

TEST(waiting_takes_its_time)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    ULONGLONG start = GetTickCount64(), taken;

    CHECK_EQ(WaitForSingleObject(event, 60), WAIT_TIMEOUT);
    taken = GetTickCount64() - start;
    CHECK(taken >= 50 && taken < 10000);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(event));
}

TEST(times_of_the_process)
{
    FILETIME created, ended, in_kernel, in_user, now;

    CHECK(GetProcessTimes(GetCurrentProcess(), &created, &ended, &in_kernel, &in_user));
    GetSystemTimeAsFileTime(&now);
    CHECK(to_number(created) <= to_number(now));
    CHECK(to_number(now) - to_number(created) < 10ULL * 60 * 10000000);
    CHECK(to_number(in_user) < 60ULL * 10000000);
    CHECK(GetThreadTimes(GetCurrentThread(), &created, &ended, &in_kernel, &in_user));
    CHECK(to_number(created) <= to_number(now));
}

int main(void)
{
    RUN(the_performance_counter);
    RUN(ticks);
    RUN(the_system_clock);
    RUN(moments_and_calendars);
    RUN(the_day_of_the_week_is_not_read);
    RUN(calendars_that_cannot_be);
    RUN(comparing);
    RUN(dos_dates);
    RUN(local_time);
    RUN(a_zone_with_summer_time);
    RUN(waiting_takes_its_time);
    RUN(times_of_the_process);
    return CHECK_END();
}
