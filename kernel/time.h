/* Clocks and the Windows representation of time: 100 ns ticks, since 1601 for points in time. */
#ifndef KERNEL_TIME_H
#define KERNEL_TIME_H

#include <time.h>

#include <litewin/windows.h>

#define TIME_TICKS_PER_SECOND 10000000LL
/* From 1601 to 1970. */
#define TIME_UNIX_EPOCH (11644473600LL * TIME_TICKS_PER_SECOND)

static inline int64_t time_from_unix(int64_t seconds, uint32_t nanoseconds)
{
    return seconds * TIME_TICKS_PER_SECOND + nanoseconds / 100 + TIME_UNIX_EPOCH;
}

static inline struct timespec time_to_timespec(int64_t ticks)
{
    int64_t since_epoch = ticks - TIME_UNIX_EPOCH;
    int64_t seconds = since_epoch / TIME_TICKS_PER_SECOND, rest = since_epoch % TIME_TICKS_PER_SECOND;
    if (rest < 0) {
        rest += TIME_TICKS_PER_SECOND;
        seconds--;
    }
    return (struct timespec){.tv_sec = seconds, .tv_nsec = rest * 100};
}

static inline FILETIME time_to_filetime(int64_t ticks)
{
    return (FILETIME){.dwLowDateTime = (DWORD)ticks, .dwHighDateTime = (DWORD)(ticks >> 32)};
}

static inline int64_t time_from_filetime(const FILETIME *time)
{
    return (int64_t)((uint64_t)time->dwHighDateTime << 32 | time->dwLowDateTime);
}

/* UTC now. */
EXPORTED int64_t time_system(void);
/* The performance counter: ticks of 100 ns since the machine was started, never stepping back. */
EXPORTED int64_t time_performance_counter(void);
/* Milliseconds since the machine was started, at the resolution of the scheduler's clock. */
EXPORTED uint64_t time_tick_count(void);

/* The difference between UTC and local time at a point in time given in UTC, in ticks: local time is
 * UTC plus this. */
EXPORTED int64_t time_local_offset(int64_t utc);
/* The same for a point given in local time. Where the clock is put back, the first of the two. */
EXPORTED int64_t time_local_offset_of_local(int64_t local);

/* The rules of the local time zone in a year, as GetTimeZoneInformationForYear gives them. */
EXPORTED void time_zone_of_year(int year, TIME_ZONE_INFORMATION *zone);
/* The zone's name in the tz database ("Europe/Berlin"), "" where unknown. */
EXPORTED const char *time_zone_name(void);

#endif
