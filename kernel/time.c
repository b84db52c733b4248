#define _TIME_BITS 64
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "kernel/time.h"
#include "kernel/utf.h"
#include "kernel/zone_names.h"

/* Clocks */

int64_t time_system(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return time_from_unix(now.tv_sec, now.tv_nsec);
}

int64_t time_performance_counter(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * TIME_TICKS_PER_SECOND + now.tv_nsec / 100;
}

uint64_t time_tick_count(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The local zone */

static pthread_once_t zone_once = PTHREAD_ONCE_INIT;
static char zone_name[64];

static bool copy_zone_name(const char *name)
{
    size_t length = strlen(name);
    if (!length || length >= sizeof zone_name)
        return false;
    memcpy(zone_name, name, length + 1);
    return true;
}

/* TZ, or what /etc/localtime is a link to, tells the name; glibc finds the rules by itself. */
static void load_zone(void)
{
    static const char directory[] = "/zoneinfo/";
    char target[256];
    tzset();
    const char *variable = getenv("TZ");
    if (variable && copy_zone_name(variable + (*variable == ':')))
        return;
    ssize_t length = readlink("/etc/localtime", target, sizeof target - 1);
    if (length < 0)
        return;
    target[length] = '\0';
    const char *found = strstr(target, directory);
    if (found)
        copy_zone_name(found + sizeof directory - 1);
}

const char *time_zone_name(void)
{
    pthread_once(&zone_once, load_zone);
    return zone_name;
}

/* Seconds that local time is ahead of UTC, at a point in Unix time. */
static int offset_at(time_t point, struct tm *local)
{
    pthread_once(&zone_once, load_zone);
    return localtime_r(&point, local) ? (int)local->tm_gmtoff : 0;
}

static time_t to_unix(int64_t ticks)
{
    return time_to_timespec(ticks).tv_sec;
}

int64_t time_local_offset(int64_t utc)
{
    struct tm local;
    return offset_at(to_unix(utc), &local) * TIME_TICKS_PER_SECOND;
}

int64_t time_local_offset_of_local(int64_t local)
{
    /* An offset is right if it is the one in force at the point in UTC that it leads to. The one of a day
     * before comes first, so that of two points it is the earlier one. */
    time_t wall = to_unix(local);
    struct tm ignored;
    int before = offset_at(wall - 86400, &ignored), after = offset_at(wall + 86400, &ignored);
    bool before_fits = offset_at(wall - before, &ignored) == before;
    return (before_fits || offset_at(wall - after, &ignored) != after ? before : after) *
           TIME_TICKS_PER_SECOND;
}

/* The rules of a year */

struct transition {
    time_t at;
    int before, after; /* offsets */
    bool daylight;     /* begins here */
};

/* The first moment in (low, high] at which the offset is no longer what it is at `low`. */
static time_t find_change(time_t low, time_t high)
{
    struct tm local;
    int offset = offset_at(low, &local);
    while (high - low > 1) {
        time_t middle = low + (high - low) / 2;
        if (offset_at(middle, &local) == offset)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static int find_transitions(int year, struct transition transitions[2])
{
    struct tm start = {.tm_year = year - 1900, .tm_mday = 1}, local;
    time_t begin = timegm(&start);
    int count = 0;
    /* A month is short enough that two changes do not fall in one and cancel out. */
    for (int step = 0; step < 12 && count < 2; step++) {
        time_t low = begin + step * 2635200LL, high = low + 2635200LL;
        int before = offset_at(low, &local), after = offset_at(high, &local);
        if (before == after)
            continue;
        struct transition *transition = &transitions[count++];
        transition->at = find_change(low, high);
        transition->before = before;
        transition->after = after;
        offset_at(transition->at, &local);
        transition->daylight = local.tm_isdst > 0;
    }
    return count;
}

/* "Last Sunday of March, 2:00": the wall clock at the moment of the change, before it. */
static SYSTEMTIME recurring_date(const struct transition *transition)
{
    time_t wall = transition->at + transition->before;
    struct tm date;
    gmtime_r(&wall, &date);
    int week = (date.tm_mday - 1) / 7 + 1;
    if (week == 4 && date.tm_mday + 7 > 28) {
        /* Whether "fourth" or "last" is meant, one year cannot tell. Rules say "last". */
        static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        if (date.tm_mday + 7 > days[date.tm_mon])
            week = 5;
    }
    return (SYSTEMTIME){
        .wMonth = date.tm_mon + 1,
        .wDayOfWeek = date.tm_wday,
        .wDay = week,
        .wHour = date.tm_hour,
        .wMinute = date.tm_min,
        .wSecond = date.tm_sec,
    };
}

static void name_zone(WCHAR name[32], const char *abbreviation)
{
    size_t length = utf16_from_utf8(name, 31, abbreviation, strlen(abbreviation), UTF_REPLACE);
    name[length < 31 ? length : 31] = 0;
}

/* Windows' own names where it has them: "... Standard Time" and "... Daylight Time". */
static void name_as_windows(TIME_ZONE_INFORMATION *zone)
{
    static const WCHAR standard[] = L"Standard", daylight[] = L"Daylight";
    const size_t word = ARRAYSIZE(standard) - 1;
    WCHAR name[ZONE_NAME_UNITS] = {0};
    size_t length = zone_windows_name(time_zone_name(), name);
    if (!length)
        return;
    memcpy(zone->StandardName, name, sizeof name);
    for (size_t at = 0; at + word <= length; at++)
        if (!memcmp(name + at, standard, word * sizeof *name))
            memcpy(name + at, daylight, word * sizeof *name);
    memcpy(zone->DaylightName, name, sizeof name);
}

/* The names are abbreviations so far. */
static void read_zone_of_year(int year, TIME_ZONE_INFORMATION *zone)
{
    struct transition transitions[2];
    struct tm start = {.tm_year = year - 1900, .tm_mday = 1}, local;
    time_t begin = timegm(&start);
    memset(zone, 0, sizeof *zone);
    int offset = offset_at(begin, &local);
    name_zone(zone->StandardName, local.tm_zone);
    name_zone(zone->DaylightName, local.tm_zone);
    zone->Bias = -offset / 60;
    if (find_transitions(year, transitions) != 2 || transitions[0].daylight == transitions[1].daylight)
        return;
    const struct transition *to_daylight = &transitions[!transitions[0].daylight];
    const struct transition *to_standard = &transitions[transitions[0].daylight];
    zone->Bias = -to_standard->after / 60;
    zone->DaylightBias = -(to_daylight->after - to_standard->after) / 60;
    zone->DaylightDate = recurring_date(to_daylight);
    zone->StandardDate = recurring_date(to_standard);
    offset_at(to_daylight->at, &local);
    name_zone(zone->DaylightName, local.tm_zone);
    offset_at(to_standard->at, &local);
    name_zone(zone->StandardName, local.tm_zone);
}

void time_zone_of_year(int year, TIME_ZONE_INFORMATION *zone)
{
    read_zone_of_year(year, zone);
    name_as_windows(zone);
}
