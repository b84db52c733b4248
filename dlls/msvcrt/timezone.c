/* The local time zone: the one that the system has, or one that the program names in TZ the way that Windows
 * knows it, "EST5EDT". */
#include <stdlib.h>
#include "dlls/msvcrt/crt_time.h"
#include "dlls/msvcrt/environ.h"
#include "dlls/msvcrt/lock.h"
#include "dlls/msvcrt/startup.h"
#include "kernel/time.h"

#define NAME_SIZE 64

/* _timezone counts seconds west of Greenwich, _dstbias what daylight saving adds to that. Until _tzset is
 * called they hold California's, by Microsoft's documentation. */
int *crt_timezone, *crt_daylight, *crt_dstbias;
char *(*crt_tzname)[2];

static char names[2][NAME_SIZE] = {"PST", "PDT"};
static bool prepared;
static bool from_environment; /* TZ's daylight saving time then follows the rules of the United States */

void time_attach(void)
{
    *crt_timezone = 8 * 3600;
    *crt_daylight = 1;
    *crt_dstbias = -3600;
    (*crt_tzname)[0] = names[0];
    (*crt_tzname)[1] = names[1];
}

static const char *parse_name(const char *text, char name[NAME_SIZE])
{
    for (int i = 0; i < 3; i++) {
        if (!isalpha((unsigned char)text[i]))
            return NULL;
        name[i] = text[i];
    }
    name[3] = 0;
    return text + 3;
}

/* "[+-]hh[:mm[:ss]]" */
static const char *parse_offset(const char *text, int *seconds)
{
    int direction = *text == '-' ? -1 : 1;
    text += *text == '-' || *text == '+';
    if (!isdigit((unsigned char)*text))
        return NULL;
    *seconds = 0;
    for (int unit = 3600; unit; unit /= 60) {
        char *end;
        *seconds += direction * unit * (int)strtoul(text, &end, 10);
        text = end;
        if (*text != ':' || unit == 1)
            break;
        text++;
    }
    return text;
}

/* Linux's forms of TZ ("Europe/Berlin", rules after a comma) are the system's to read. */
static bool use_environment(const char *text)
{
    char standard[NAME_SIZE], daylight[NAME_SIZE] = "";
    int seconds;
    if (!text || !(text = parse_name(text, standard)) || !(text = parse_offset(text, &seconds)))
        return false;
    if (*text && (!(text = parse_name(text, daylight)) || *text))
        return false;
    strcpy(names[0], standard);
    strcpy(names[1], daylight);
    *crt_timezone = seconds;
    *crt_daylight = *daylight; /* not 1, and _dstbias stays: programs see it */
    return true;
}

static int year_now(void)
{
    struct crt_tm now;
    calendar_from_seconds(time_to_timespec(time_system()).tv_sec, &now);
    return now.tm_year + 1900;
}

static void use_system(void)
{
    TIME_ZONE_INFORMATION zone;
    time_zone_of_year(year_now(), &zone);
    *crt_daylight = zone.DaylightDate.wMonth != 0 && zone.DaylightBias != 0;
    *crt_timezone = (zone.Bias + (zone.StandardDate.wMonth ? zone.StandardBias : 0)) * 60;
    *crt_dstbias = *crt_daylight ? (zone.DaylightBias - zone.StandardBias) * 60 : 0;
    for (int i = 0; i < 2; i++) {
        const WCHAR *name = i ? zone.DaylightName : zone.StandardName;
        if (!WideCharToMultiByte(CP_ACP, 0, name, -1, names[i], NAME_SIZE, NULL, NULL))
            names[i][0] = 0;
    }
}

void crt_tzset(void)
{
    crt_lock(CRT_LOCK_TIME);
    from_environment = use_environment(crt_getenv("TZ"));
    if (!from_environment)
        use_system();
    crt_unlock(CRT_LOCK_TIME);
}

/* The first function that needs the zone looks it up, even if the program has done so before. */
void timezone_prepare(void)
{
    if (__atomic_load_n(&prepared, __ATOMIC_ACQUIRE))
        return;
    crt_tzset();
    __atomic_store_n(&prepared, true, __ATOMIC_RELEASE);
}

/* The day of `month` that is its `nth` Sunday. */
static int nth_sunday(int year, int month, int nth)
{
    struct crt_tm first = {.tm_year = year, .tm_mon = month, .tm_mday = 1};
    calendar_from_seconds(calendar_to_seconds(&first), &first);
    return 1 + (7 - first.tm_wday) % 7 + (nth - 1) * 7;
}

/* From the second Sunday of March to the first of November, at two o'clock by the clock that ends. The time
 * is standard time. */
static bool is_american_daylight(int64_t standard_time)
{
    struct crt_tm time;
    calendar_from_seconds(standard_time, &time);
    struct crt_tm start = {.tm_year = time.tm_year, .tm_mon = 2, .tm_hour = 2};
    struct crt_tm end = {.tm_year = time.tm_year, .tm_mon = 10, .tm_hour = 1};
    start.tm_mday = nth_sunday(time.tm_year, 2, 2);
    end.tm_mday = nth_sunday(time.tm_year, 10, 1);
    return standard_time >= calendar_to_seconds(&start) && standard_time < calendar_to_seconds(&end);
}

/* The offset of daylight saving time in a year, in seconds; NO_DAYLIGHT where the year has none. */
#define NO_DAYLIGHT INT_MAX

static int daylight_offset(int year)
{
    static int known_year = -1, known_offset;
    crt_lock(CRT_LOCK_TIME);
    if (year != known_year) {
        TIME_ZONE_INFORMATION zone;
        time_zone_of_year(year, &zone);
        bool has_daylight = zone.DaylightDate.wMonth != 0 && zone.DaylightBias != 0;
        known_offset = has_daylight ? -(zone.Bias + zone.DaylightBias) * 60 : NO_DAYLIGHT;
        known_year = year;
    }
    int offset = known_offset;
    crt_unlock(CRT_LOCK_TIME);
    return offset;
}

static int system_offset(int64_t utc, int *is_dst)
{
    int offset = (int)(time_local_offset(time_from_unix(utc, 0)) / TIME_TICKS_PER_SECOND);
    struct crt_tm time;
    calendar_from_seconds(utc + offset, &time);
    *is_dst = offset == daylight_offset(time.tm_year + 1900);
    return offset;
}

int timezone_offset(int64_t utc, int *is_dst)
{
    timezone_prepare();
    if (!from_environment)
        return system_offset(utc, is_dst);
    *is_dst = *crt_daylight && is_american_daylight(utc - *crt_timezone);
    return -(*crt_timezone + (*is_dst ? *crt_dstbias : 0));
}

/* An hour that the clock skips counts by the offset before it; of one that it repeats the first is meant. */
static int64_t guess_utc(int64_t local)
{
    if (!from_environment)
        return local - time_local_offset_of_local(time_from_unix(local, 0)) / TIME_TICKS_PER_SECOND;
    int is_dst;
    int64_t in_standard = local + *crt_timezone;
    int64_t in_daylight = in_standard + *crt_dstbias;
    timezone_offset(in_daylight, &is_dst);
    return is_dst ? in_daylight : in_standard;
}

int64_t timezone_to_utc(int64_t local, int is_dst)
{
    timezone_prepare();
    int actual;
    int64_t utc = guess_utc(local);
    timezone_offset(utc, &actual);
    if (is_dst > 0 && !actual)
        utc += *crt_daylight ? *crt_dstbias : -3600;
    else if (is_dst == 0 && actual)
        utc -= *crt_dstbias;
    return utc;
}

const char *timezone_label(bool is_dst)
{
    timezone_prepare();
    return (*crt_tzname)[is_dst];
}

int *crt_p_timezone(void)
{
    return crt_timezone;
}

int *crt_p_daylight(void)
{
    return crt_daylight;
}

int *crt_p_dstbias(void)
{
    return crt_dstbias;
}

char **crt_p_tzname(void)
{
    return *crt_tzname;
}
