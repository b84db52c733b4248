/* Calendar time, for the runtime's files about it. */
#ifndef MSVCRT_CRT_TIME_H
#define MSVCRT_CRT_TIME_H

#include <litewin/windows.h>

/* Structure tm. */
struct crt_tm {
    int tm_sec, tm_min, tm_hour;
    int tm_mday, tm_mon, tm_year; /* months from 0, years from 1900 */
    int tm_wday, tm_yday;
    int tm_isdst;
};

/* The end of the year 3000, in California: the last that the 64-bit functions take. The first is 1970. */
#define CRT_MAX_TIME64 0x793406fffLL

/* The local time zone as _tzset found it. */
void timezone_prepare(void);
/* Local time's distance from UTC in seconds, east positive, at a UTC time. */
int timezone_offset(int64_t utc, int *is_dst);
/* Turns local seconds to UTC, by the caller's word on daylight saving where it has one. */
int64_t timezone_to_utc(int64_t local, int is_dst);
/* The name of standard or daylight saving time. */
const char *timezone_label(bool is_dst);

/* Without the zone: seconds since 1970 to a broken-down time and back, any year. */
void calendar_from_seconds(int64_t seconds, struct crt_tm *result);
int64_t calendar_to_seconds(const struct crt_tm *time);

#endif
