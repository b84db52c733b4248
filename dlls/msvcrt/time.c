/* The time functions. Each comes with 32 and 64 bit times; the names without a number mean 32 bits in an i386
 * program and 64 in an x86-64 one. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/crt_time.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/thread_data.h"
#include "dlls/msvcrt/wcsstring.h"
#include "kernel/time.h"

struct crt_timeb32 {
    int32_t time;
    uint16_t millitm;
    int16_t timezone; /* minutes west */
    int16_t dstflag;
};

struct crt_timeb64 {
    GUEST_INT64 time;
    uint16_t millitm;
    int16_t timezone;
    int16_t dstflag;
};

extern int *crt_timezone;

int64_t crt_time64(GUEST_INT64 *result)
{
    int64_t now = time_to_timespec(time_system()).tv_sec;
    if (result)
        *result = now;
    return now;
}

int32_t crt_time32(int32_t *result)
{
    int32_t now = (int32_t)crt_time64(NULL);
    if (result)
        *result = now;
    return now;
}

double crt_difftime64(int64_t end, int64_t begin)
{
    if (end < 0 || begin < 0) {
        crt_invalid_parameter(CRT_EINVAL);
        return 0;
    }
    return (double)(end - begin);
}

double crt_difftime32(int32_t end, int32_t begin)
{
    return crt_difftime64(end, begin);
}

/* Milliseconds since the program began, by the wall clock as on Windows. */
int32_t crt_clock(void)
{
    static int64_t began;
    FILETIME created, unused;
    if (!began) {
        if (!GetProcessTimes(GetCurrentProcess(), &created, &unused, &unused, &unused))
            return -1;
        began = time_from_filetime(&created);
    }
    return (int32_t)((time_system() - began) / (TIME_TICKS_PER_SECOND / 1000));
}

static struct crt_tm *thread_tm(void)
{
    struct crt_buffers *buffers = crt_thread_buffers();
    return buffers ? (struct crt_tm *)buffers->broken_down_time : NULL;
}

static bool time_in_range(int64_t time)
{
    return time >= 0 && time <= CRT_MAX_TIME64;
}

static void forget_tm(struct crt_tm *result)
{
    if (result)
        memset(result, 0xff, sizeof *result);
}

int crt_gmtime64_s(struct crt_tm *result, const GUEST_INT64 *time)
{
    if (!result || !time || !time_in_range(*time)) {
        forget_tm(result);
        return crt_invalid_parameter(CRT_EINVAL);
    }
    calendar_from_seconds(*time, result);
    return 0;
}

int crt_localtime64_s(struct crt_tm *result, const GUEST_INT64 *time)
{
    if (!result || !time || !time_in_range(*time)) {
        forget_tm(result);
        return crt_invalid_parameter(CRT_EINVAL);
    }
    int is_dst;
    calendar_from_seconds(*time + timezone_offset(*time, &is_dst), result);
    result->tm_isdst = is_dst;
    return 0;
}

int crt_gmtime32_s(struct crt_tm *result, const int32_t *time)
{
    GUEST_INT64 wide = time ? *time : 0;
    return crt_gmtime64_s(result, time ? &wide : NULL);
}

int crt_localtime32_s(struct crt_tm *result, const int32_t *time)
{
    GUEST_INT64 wide = time ? *time : 0;
    return crt_localtime64_s(result, time ? &wide : NULL);
}

struct crt_tm *crt_gmtime64(const GUEST_INT64 *time)
{
    struct crt_tm *result = thread_tm();
    return result && crt_gmtime64_s(result, time) == 0 ? result : NULL;
}

struct crt_tm *crt_gmtime32(const int32_t *time)
{
    struct crt_tm *result = thread_tm();
    return result && crt_gmtime32_s(result, time) == 0 ? result : NULL;
}

struct crt_tm *crt_localtime64(const GUEST_INT64 *time)
{
    struct crt_tm *result = thread_tm();
    return result && crt_localtime64_s(result, time) == 0 ? result : NULL;
}

struct crt_tm *crt_localtime32(const int32_t *time)
{
    struct crt_tm *result = thread_tm();
    return result && crt_localtime32_s(result, time) == 0 ? result : NULL;
}

static int64_t no_time(void)
{
    crt_invalid_parameter(CRT_EINVAL);
    return -1;
}

/* Also puts the fields of `time` into their ranges. */
static int64_t make_local_time(struct crt_tm *time, int64_t latest)
{
    if (!time)
        return no_time();
    int64_t utc = timezone_to_utc(calendar_to_seconds(time), time->tm_isdst);
    if (utc < 0 || utc > latest)
        return no_time();
    int is_dst;
    calendar_from_seconds(utc + timezone_offset(utc, &is_dst), time);
    time->tm_isdst = is_dst;
    return utc;
}

static int64_t make_utc_time(struct crt_tm *time, int64_t latest)
{
    if (!time)
        return no_time();
    int64_t utc = calendar_to_seconds(time);
    if (utc < 0 || utc > latest)
        return no_time();
    calendar_from_seconds(utc, time);
    return utc;
}

int64_t crt_mktime64(struct crt_tm *time)
{
    return make_local_time(time, CRT_MAX_TIME64);
}

int32_t crt_mktime32(struct crt_tm *time)
{
    return (int32_t)make_local_time(time, INT32_MAX);
}

int64_t crt_mkgmtime64(struct crt_tm *time)
{
    return make_utc_time(time, CRT_MAX_TIME64);
}

int32_t crt_mkgmtime32(struct crt_tm *time)
{
    return (int32_t)make_utc_time(time, INT32_MAX);
}

static char *put_two_digits(char *out, int value, char fill)
{
    *out++ = value < 10 ? fill : '0' + value / 10 % 10;
    *out++ = '0' + value % 10;
    return out;
}

#define ASCTIME_SIZE 26

static int days_of_month(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month] + (month == 1 && leap);
}

static bool has_asctime(const struct crt_tm *time)
{
    return time && time->tm_year >= 0 && (unsigned)time->tm_mon < 12 && (unsigned)time->tm_wday < 7 &&
           time->tm_mday >= 1 && time->tm_mday <= days_of_month(time->tm_year + 1900, time->tm_mon) &&
           (unsigned)time->tm_hour < 24 && (unsigned)time->tm_min < 60 && (unsigned)time->tm_sec < 60;
}

/* "Wed Jan 02 02:03:55 1980\n": the day has two digits on Windows, and a year beyond 9999 begins with
 * whatever character comes of it. */
static void write_asctime(char text[ASCTIME_SIZE], const struct crt_tm *time)
{
    int year = time->tm_year + 1900;
    char *out = text;
    memcpy(out, "SunMonTueWedThuFriSat" + time->tm_wday * 3, 3);
    out[3] = ' ';
    memcpy(out + 4, "JanFebMarAprMayJunJulAugSepOctNovDec" + time->tm_mon * 3, 3);
    out[7] = ' ';
    out = put_two_digits(out + 8, time->tm_mday, '0');
    *out++ = ' ';
    out = put_two_digits(out, time->tm_hour, '0');
    *out++ = ':';
    out = put_two_digits(out, time->tm_min, '0');
    *out++ = ':';
    out = put_two_digits(out, time->tm_sec, '0');
    *out++ = ' ';
    *out++ = (char)('0' + year / 1000);
    *out++ = '0' + year / 100 % 10;
    out = put_two_digits(out, year % 100, '0');
    *out++ = '\n';
    *out = 0;
}

static void widen(WCHAR *target, const char *ascii)
{
    while ((*target++ = *ascii++) != 0)
        ;
}

int crt_asctime_s(char *text, size_t size, const struct crt_tm *time)
{
    if (!text || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    *text = 0;
    if (size < ASCTIME_SIZE || !has_asctime(time))
        return crt_invalid_parameter(CRT_EINVAL);
    write_asctime(text, time);
    return 0;
}

int crt_wasctime_s(WCHAR *text, size_t size, const struct crt_tm *time)
{
    char narrow[ASCTIME_SIZE];
    if (!text || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    *text = 0;
    if (size < ASCTIME_SIZE || !has_asctime(time))
        return crt_invalid_parameter(CRT_EINVAL);
    write_asctime(narrow, time);
    widen(text, narrow);
    return 0;
}

char *crt_asctime(const struct crt_tm *time)
{
    struct crt_buffers *buffers = crt_thread_buffers();
    return buffers && crt_asctime_s(buffers->time_text, ASCTIME_SIZE, time) == 0 ? buffers->time_text : NULL;
}

WCHAR *crt_wasctime(const struct crt_tm *time)
{
    struct crt_buffers *buffers = crt_thread_buffers();
    return buffers && crt_wasctime_s(buffers->wide_time_text, ASCTIME_SIZE, time) == 0
               ? buffers->wide_time_text
               : NULL;
}

char *crt_ctime64(const GUEST_INT64 *time)
{
    const struct crt_tm *local = crt_localtime64(time);
    return local ? crt_asctime(local) : NULL;
}

char *crt_ctime32(const int32_t *time)
{
    const struct crt_tm *local = crt_localtime32(time);
    return local ? crt_asctime(local) : NULL;
}

WCHAR *crt_wctime64(const GUEST_INT64 *time)
{
    const struct crt_tm *local = crt_localtime64(time);
    return local ? crt_wasctime(local) : NULL;
}

WCHAR *crt_wctime32(const int32_t *time)
{
    const struct crt_tm *local = crt_localtime32(time);
    return local ? crt_wasctime(local) : NULL;
}

int crt_ftime64_s(struct crt_timeb64 *result)
{
    if (!result)
        return crt_invalid_parameter(CRT_EINVAL);
    struct timespec now = time_to_timespec(time_system());
    int is_dst;
    timezone_offset(now.tv_sec, &is_dst);
    result->time = now.tv_sec;
    result->millitm = now.tv_nsec / 1000000;
    result->timezone = *crt_timezone / 60;
    result->dstflag = is_dst;
    return 0;
}

int crt_ftime32_s(struct crt_timeb32 *result)
{
    struct crt_timeb64 now;
    if (!result)
        return crt_invalid_parameter(CRT_EINVAL);
    crt_ftime64_s(&now);
    *result = (struct crt_timeb32){(int32_t)now.time, now.millitm, now.timezone, now.dstflag};
    return 0;
}

void crt_ftime64(struct crt_timeb64 *result)
{
    crt_ftime64_s(result);
}

void crt_ftime32(struct crt_timeb32 *result)
{
    crt_ftime32_s(result);
}

/* "mm/dd/yy" and "hh:mm:ss", of now. */
static void write_pairs(char text[9], int first, int second, int third, char separator)
{
    put_two_digits(text, first, '0');
    text[2] = separator;
    put_two_digits(text + 3, second, '0');
    text[5] = separator;
    put_two_digits(text + 6, third, '0');
    text[8] = 0;
}

char *crt_strdate(char *text)
{
    SYSTEMTIME now;
    GetLocalTime(&now);
    write_pairs(text, now.wMonth, now.wDay, now.wYear % 100, '/');
    return text;
}

char *crt_strtime(char *text)
{
    SYSTEMTIME now;
    GetLocalTime(&now);
    write_pairs(text, now.wHour, now.wMinute, now.wSecond, ':');
    return text;
}

WCHAR *crt_wstrdate(WCHAR *text)
{
    char narrow[9];
    widen(text, crt_strdate(narrow));
    return text;
}

WCHAR *crt_wstrtime(WCHAR *text)
{
    char narrow[9];
    widen(text, crt_strtime(narrow));
    return text;
}

unsigned crt_getsystime(struct crt_tm *time)
{
    SYSTEMTIME now;
    GetLocalTime(&now);
    *time = (struct crt_tm){
        .tm_sec = now.wSecond,
        .tm_min = now.wMinute,
        .tm_hour = now.wHour,
        .tm_mday = now.wDay,
        .tm_mon = now.wMonth - 1,
        .tm_year = now.wYear - 1900,
        .tm_isdst = -1,
    };
    make_local_time(time, CRT_MAX_TIME64);
    return now.wMilliseconds;
}
