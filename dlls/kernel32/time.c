/* Clocks, calendar and time zone. */
#include "kernel/time.h"
#include "kernel/zone_names.h"
#include "dlls/kernel32/error.h"
#include "kernel/calendar.h"
#include "kernel/utf.h"

/* Clocks */

void WINAPI GetSystemTimeAsFileTime(LPFILETIME time)
{
    *time = time_to_filetime(time_system());
}

void WINAPI GetSystemTimePreciseAsFileTime(LPFILETIME time)
{
    *time = time_to_filetime(time_system());
}

BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *counter)
{
    counter->QuadPart = time_performance_counter();
    return TRUE;
}

BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *frequency)
{
    frequency->QuadPart = TIME_TICKS_PER_SECOND;
    return TRUE;
}

DWORD WINAPI GetTickCount(void)
{
    return (DWORD)time_tick_count();
}

ULONGLONG WINAPI GetTickCount64(void)
{
    return time_tick_count();
}

void WINAPI QueryInterruptTime(PULONGLONG time)
{
    *time = time_performance_counter();
}

void WINAPI QueryInterruptTimePrecise(PULONGLONG time)
{
    *time = time_performance_counter();
}

BOOL WINAPI QueryUnbiasedInterruptTime(PULONGLONG time)
{
    if (!time) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    *time = time_performance_counter();
    return TRUE;
}

void WINAPI QueryUnbiasedInterruptTimePrecise(PULONGLONG time)
{
    *time = time_performance_counter();
}

/* The calendar */

static BOOL invalid_parameter(void)
{
    SetLastError(ERROR_INVALID_PARAMETER);
    return FALSE;
}

BOOL WINAPI FileTimeToSystemTime(const FILETIME *file_time, LPSYSTEMTIME time)
{
    int64_t ticks = time_from_filetime(file_time);
    if (!calendar_holds(ticks))
        return invalid_parameter();
    *time = calendar_from_ticks(ticks);
    return TRUE;
}

BOOL WINAPI SystemTimeToFileTime(const SYSTEMTIME *time, LPFILETIME file_time)
{
    int64_t ticks;
    if (!calendar_to_ticks(time, &ticks))
        return invalid_parameter();
    *file_time = time_to_filetime(ticks);
    return TRUE;
}

void WINAPI GetSystemTime(LPSYSTEMTIME time)
{
    *time = calendar_from_ticks(time_system());
}

void WINAPI GetLocalTime(LPSYSTEMTIME time)
{
    int64_t now = time_system();
    *time = calendar_from_ticks(now + time_local_offset(now));
}

LONG WINAPI CompareFileTime(const FILETIME *a, const FILETIME *b)
{
    uint64_t first = time_from_filetime(a), second = time_from_filetime(b);
    return first < second ? -1 : first > second;
}

/* Local time */

/* These two use the offset that is in force now, whatever the season of the time given, as Windows does. */
BOOL WINAPI FileTimeToLocalFileTime(const FILETIME *utc, LPFILETIME local)
{
    *local = time_to_filetime(time_from_filetime(utc) + time_local_offset(time_system()));
    return TRUE;
}

BOOL WINAPI LocalFileTimeToFileTime(const FILETIME *local, LPFILETIME utc)
{
    *utc = time_to_filetime(time_from_filetime(local) - time_local_offset(time_system()));
    return TRUE;
}

/* When in `year` a zone changes over, in local time before the change. */
static int64_t change_in_year(const SYSTEMTIME *rule, int year)
{
    SYSTEMTIME date = *rule;
    int64_t ticks = 0;
    date.wYear = year;
    if (rule->wYear) {
        calendar_to_ticks(&date, &ticks);
        return ticks;
    }
    /* wDay counts the weekday's occurrences in the month, 5 being the last. */
    date.wDay = 1;
    if (!calendar_to_ticks(&date, &ticks))
        return 0;
    int first = calendar_from_ticks(ticks).wDayOfWeek;
    int day = 1 + (rule->wDayOfWeek - first + 7) % 7 + (rule->wDay - 1) * 7;
    while (day > calendar_days_of_month(year, rule->wMonth))
        day -= 7;
    return ticks + (day - 1) * CALENDAR_TICKS_PER_DAY;
}

static bool has_daylight(const TIME_ZONE_INFORMATION *zone)
{
    return zone->StandardDate.wMonth && zone->DaylightDate.wMonth;
}

/* Whether daylight time is in force, `ticks` being UTC less the zone's Bias, i.e. without daylight saving. */
static bool is_daylight(const TIME_ZONE_INFORMATION *zone, int64_t wall_to_standard, int64_t wall_to_daylight)
{
    int year = calendar_from_ticks(wall_to_standard).wYear;
    int64_t daylight = change_in_year(&zone->DaylightDate, year);
    int64_t standard = change_in_year(&zone->StandardDate, year);
    if (daylight < standard)
        return wall_to_standard >= daylight && wall_to_daylight < standard;
    return wall_to_standard >= daylight || wall_to_daylight < standard;
}

#define TICKS_PER_MINUTE (60 * TIME_TICKS_PER_SECOND)

/* A zone without changes has one bias. */
static int64_t bias_ticks(const TIME_ZONE_INFORMATION *zone, bool daylight)
{
    if (!has_daylight(zone))
        return zone->Bias * TICKS_PER_MINUTE;
    return (zone->Bias + (daylight ? zone->DaylightBias : zone->StandardBias)) * TICKS_PER_MINUTE;
}

static bool is_daylight_utc(const TIME_ZONE_INFORMATION *zone, int64_t utc)
{
    return has_daylight(zone) &&
           is_daylight(zone, utc - bias_ticks(zone, false), utc - bias_ticks(zone, true));
}

static bool is_daylight_local(const TIME_ZONE_INFORMATION *zone, int64_t local)
{
    return has_daylight(zone) && is_daylight(zone, local, local);
}

BOOL WINAPI SystemTimeToTzSpecificLocalTime(const TIME_ZONE_INFORMATION *zone, const SYSTEMTIME *utc,
                                            LPSYSTEMTIME local)
{
    int64_t ticks;
    if (!calendar_to_ticks(utc, &ticks))
        return invalid_parameter();
    ticks += zone ? -bias_ticks(zone, is_daylight_utc(zone, ticks)) : time_local_offset(ticks);
    if (!calendar_holds(ticks))
        return invalid_parameter();
    *local = calendar_from_ticks(ticks);
    return TRUE;
}

BOOL WINAPI TzSpecificLocalTimeToSystemTime(const TIME_ZONE_INFORMATION *zone, const SYSTEMTIME *local,
                                            LPSYSTEMTIME utc)
{
    int64_t ticks;
    if (!calendar_to_ticks(local, &ticks))
        return invalid_parameter();
    ticks -= zone ? -bias_ticks(zone, is_daylight_local(zone, ticks)) : time_local_offset_of_local(ticks);
    if (!calendar_holds(ticks))
        return invalid_parameter();
    *utc = calendar_from_ticks(ticks);
    return TRUE;
}

static void plain_zone(const DYNAMIC_TIME_ZONE_INFORMATION *dynamic, TIME_ZONE_INFORMATION *zone)
{
    /* The longer structure begins with the fields of the shorter. */
    memcpy(zone, dynamic, sizeof *zone);
}

BOOL WINAPI SystemTimeToTzSpecificLocalTimeEx(const DYNAMIC_TIME_ZONE_INFORMATION *dynamic,
                                              const SYSTEMTIME *utc, LPSYSTEMTIME local)
{
    TIME_ZONE_INFORMATION zone;
    if (dynamic)
        plain_zone(dynamic, &zone);
    return SystemTimeToTzSpecificLocalTime(dynamic ? &zone : NULL, utc, local);
}

BOOL WINAPI TzSpecificLocalTimeToSystemTimeEx(const DYNAMIC_TIME_ZONE_INFORMATION *dynamic,
                                              const SYSTEMTIME *local, LPSYSTEMTIME utc)
{
    TIME_ZONE_INFORMATION zone;
    if (dynamic)
        plain_zone(dynamic, &zone);
    return TzSpecificLocalTimeToSystemTime(dynamic ? &zone : NULL, local, utc);
}

/* The zone */

static DWORD zone_id_now(const TIME_ZONE_INFORMATION *zone)
{
    if (!has_daylight(zone))
        return TIME_ZONE_ID_UNKNOWN;
    return is_daylight_utc(zone, time_system()) ? TIME_ZONE_ID_DAYLIGHT : TIME_ZONE_ID_STANDARD;
}

DWORD WINAPI GetTimeZoneInformation(LPTIME_ZONE_INFORMATION zone)
{
    SYSTEMTIME now;
    GetSystemTime(&now);
    time_zone_of_year(now.wYear, zone);
    return zone_id_now(zone);
}

DWORD WINAPI GetDynamicTimeZoneInformation(PDYNAMIC_TIME_ZONE_INFORMATION dynamic)
{
    TIME_ZONE_INFORMATION zone;
    DWORD id = GetTimeZoneInformation(&zone);
    memset(dynamic, 0, sizeof *dynamic);
    memcpy(dynamic, &zone, sizeof zone);
    size_t length = zone_windows_name(time_zone_name(), dynamic->TimeZoneKeyName);
    if (!length)
        memcpy(dynamic->TimeZoneKeyName, zone.StandardName, sizeof zone.StandardName);
    return id;
}

BOOL WINAPI GetTimeZoneInformationForYear(USHORT year, PDYNAMIC_TIME_ZONE_INFORMATION dynamic,
                                          LPTIME_ZONE_INFORMATION zone)
{
    if (!zone || year < 1601 || year > 30827)
        return invalid_parameter();
    if (dynamic)
        plain_zone(dynamic, zone);
    else
        time_zone_of_year(year, zone);
    return TRUE;
}

/* MS-DOS */

BOOL WINAPI FileTimeToDosDateTime(const FILETIME *file_time, LPWORD date, LPWORD time)
{
    SYSTEMTIME calendar;
    int64_t ticks = time_from_filetime(file_time);
    if (!calendar_holds(ticks))
        return invalid_parameter();
    calendar = calendar_from_ticks(ticks);
    if (calendar.wYear < 1980 || calendar.wYear > 2107)
        return invalid_parameter();
    *date = (calendar.wYear - 1980) << 9 | calendar.wMonth << 5 | calendar.wDay;
    *time = calendar.wHour << 11 | calendar.wMinute << 5 | calendar.wSecond / 2;
    return TRUE;
}

BOOL WINAPI DosDateTimeToFileTime(WORD date, WORD time, LPFILETIME file_time)
{
    SYSTEMTIME calendar = {
        .wYear = (date >> 9) + 1980,
        .wMonth = date >> 5 & 15,
        .wDay = date & 31,
        .wHour = time >> 11,
        .wMinute = time >> 5 & 63,
        .wSecond = (time & 31) * 2,
    };
    return SystemTimeToFileTime(&calendar, file_time);
}
