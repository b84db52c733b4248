/* strftime. Both kinds of string go through one set of fields; what the locale writes comes from kernel32. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/crt_time.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/locale.h"
#include "dlls/msvcrt/thread_data.h"
#include "dlls/msvcrt/wcsstring.h"

#define TEXT_SIZE 80

static const char day_names[7][10] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};
static const char month_names[12][10] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};

struct output {
    bool wide;
    void *target;
    size_t size, used; /* in characters; `used` may pass `size`, and then nothing is written */
};

static void put(struct output *output, WCHAR c)
{
    if (output->used < output->size) {
        if (output->wide)
            ((WCHAR *)output->target)[output->used] = c;
        else
            ((char *)output->target)[output->used] = (char)c;
    }
    output->used++;
}

static void put_ascii(struct output *output, const char *text)
{
    while (*text)
        put(output, (unsigned char)*text++);
}

static void put_wide(struct output *output, const WCHAR *text)
{
    for (; *text; text++) {
        char bytes[8];
        if (output->wide) {
            put(output, *text);
            continue;
        }
        int count = crt_wctomb(bytes, *text);
        for (int i = 0; i < count; i++)
            put(output, (unsigned char)bytes[i]);
    }
}

/* Text of the locale's code page. */
static void put_narrow(struct output *output, const char *text)
{
    WCHAR wide[TEXT_SIZE];
    if (!output->wide)
        put_ascii(output, text);
    else if (MultiByteToWideChar(CP_ACP, 0, text, -1, wide, TEXT_SIZE))
        put_wide(output, wide);
}

static void put_number(struct output *output, int value, int digits, bool no_zeros)
{
    char text[12], *p = text + sizeof text - 1;
    *p = 0;
    for (int i = 0; i < digits; i++, value /= 10)
        *--p = '0' + value % 10;
    while (no_zeros && *p == '0' && p[1])
        p++;
    put_ascii(output, p);
}

static bool locale_text(LCTYPE type, WCHAR text[TEXT_SIZE])
{
    LCID locale = locale_of(CRT_LC_TIME);
    return locale && GetLocaleInfoW(locale, type, text, TEXT_SIZE) != 0;
}

/* `own` is the "C" locale's word, of which `length` characters count. */
static void put_word(struct output *output, LCTYPE type, const char *own, int length)
{
    WCHAR text[TEXT_SIZE];
    if (locale_text(type, text)) {
        put_wide(output, text);
        return;
    }
    while (*own && length--)
        put(output, *own++);
}

/* Windows numbers days from Monday. */
static void put_weekday(struct output *output, const struct crt_tm *time, bool full)
{
    int from_monday = (time->tm_wday + 6) % 7;
    put_word(output, (full ? LOCALE_SDAYNAME1 : LOCALE_SABBREVDAYNAME1) + from_monday,
             day_names[time->tm_wday], full ? 9 : 3);
}

static void put_month(struct output *output, const struct crt_tm *time, bool full)
{
    put_word(output, (full ? LOCALE_SMONTHNAME1 : LOCALE_SABBREVMONTHNAME1) + time->tm_mon,
             month_names[time->tm_mon], full ? 9 : 3);
}

static void put_half_of_day(struct output *output, const struct crt_tm *time)
{
    bool afternoon = time->tm_hour >= 12;
    put_word(output, afternoon ? LOCALE_S2359 : LOCALE_S1159, afternoon ? "PM" : "AM", 2);
}

static int hour_of_twelve(const struct crt_tm *time)
{
    return time->tm_hour % 12 ? time->tm_hour % 12 : 12;
}

/* One run of a letter in a picture such as "dddd, MMMM d, yyyy" or "h:mm:ss tt". */
static void put_picture_field(struct output *output, WCHAR letter, int count, const struct crt_tm *time)
{
    int year = time->tm_year + 1900;
    switch (letter) {
    case 'd':
        if (count > 2)
            put_weekday(output, time, count > 3);
        else
            put_number(output, time->tm_mday, 2, count == 1);
        break;
    case 'M':
        if (count > 2)
            put_month(output, time, count > 3);
        else
            put_number(output, time->tm_mon + 1, 2, count == 1);
        break;
    case 'y':
        if (count > 2)
            put_number(output, year, 4, false);
        else
            put_number(output, year % 100, 2, count == 1);
        break;
    case 'h':
        put_number(output, hour_of_twelve(time), 2, count == 1);
        break;
    case 'H':
        put_number(output, time->tm_hour, 2, count == 1);
        break;
    case 'm':
        put_number(output, time->tm_min, 2, count == 1);
        break;
    case 's':
        put_number(output, time->tm_sec, 2, count == 1);
        break;
    case 't':
        put_half_of_day(output, time);
        break;
    }
}

static bool is_picture_letter(WCHAR c)
{
    return c == 'd' || c == 'M' || c == 'y' || c == 'h' || c == 'H' || c == 'm' || c == 's' || c == 't';
}

static void put_picture(struct output *output, const WCHAR *picture, const struct crt_tm *time)
{
    for (bool quoted = false; *picture;) {
        int count = 1;
        if (*picture == '\'') {
            quoted = !quoted;
        } else if (!quoted && is_picture_letter(*picture)) {
            while (picture[count] == *picture)
                count++;
            put_picture_field(output, *picture, count, time);
        } else {
            put_wide(output, (WCHAR[]){*picture, 0});
        }
        picture += count;
    }
}

static void put_localized(struct output *output, LCTYPE type, const WCHAR *own, const struct crt_tm *time)
{
    WCHAR picture[TEXT_SIZE];
    put_picture(output, locale_text(type, picture) ? picture : own, time);
}

static void put_date(struct output *output, bool long_form, const struct crt_tm *time)
{
    if (long_form)
        put_localized(output, LOCALE_SLONGDATE, L"dddd, MMMM dd, yyyy", time);
    else
        put_localized(output, LOCALE_SSHORTDATE, L"MM/dd/yy", time);
}

static void put_time(struct output *output, const struct crt_tm *time)
{
    put_localized(output, LOCALE_STIMEFORMAT, L"HH:mm:ss", time);
}

/* Weeks of the year that begin on `first_day`; the days before the first such day are week 0. */
static int week_of_year(const struct crt_tm *time, int first_day)
{
    int days_into_week = (time->tm_wday - first_day + 7) % 7;
    return (time->tm_yday + 7 - days_into_week) / 7;
}

static bool within(int value, int lowest, int highest)
{
    return value >= lowest && value <= highest;
}

/* Whether the members that the field is made from are within their ranges. */
static bool is_valid(WCHAR field, const struct crt_tm *time)
{
    bool day = within(time->tm_wday, 0, 6), month = within(time->tm_mon, 0, 11),
         date = within(time->tm_mday, 1, 31);
    bool hour = within(time->tm_hour, 0, 23), minute = within(time->tm_min, 0, 59);
    bool second = within(time->tm_sec, 0, 59), year = within(time->tm_year, -1900, 8099);
    switch (field) {
    case 'a':
    case 'A':
    case 'w':
        return day;
    case 'b':
    case 'B':
    case 'm':
        return month;
    case 'd':
        return date;
    case 'c':
        return day && month && date && hour && minute && second && year;
    case 'H':
    case 'I':
    case 'p':
        return hour;
    case 'j':
        return within(time->tm_yday, 0, 365);
    case 'M':
        return minute;
    case 'S':
        return second;
    case 'U':
    case 'W':
        return day && within(time->tm_yday, 0, 365);
    case 'x':
        return day && month && date && year;
    case 'X':
        return hour && minute && second;
    case 'y':
    case 'Y':
        return year;
    default:
        return field == 'z' || field == 'Z' || field == '%';
    }
}

/* `alternative` is the flag '#': numbers without leading zeros, dates in their long form. */
static void put_field(struct output *output, WCHAR field, bool alternative, const struct crt_tm *time)
{
    switch (field) {
    case 'a':
    case 'A':
        put_weekday(output, time, field == 'A');
        break;
    case 'b':
    case 'B':
        put_month(output, time, field == 'B');
        break;
    case 'c':
        put_date(output, alternative, time);
        put(output, ' ');
        put_time(output, time);
        break;
    case 'd':
        put_number(output, time->tm_mday, 2, alternative);
        break;
    case 'H':
        put_number(output, time->tm_hour, 2, alternative);
        break;
    case 'I':
        put_number(output, hour_of_twelve(time), 2, alternative);
        break;
    case 'j':
        put_number(output, time->tm_yday + 1, 3, alternative);
        break;
    case 'm':
        put_number(output, time->tm_mon + 1, 2, alternative);
        break;
    case 'M':
        put_number(output, time->tm_min, 2, alternative);
        break;
    case 'p':
        put_half_of_day(output, time);
        break;
    case 'S':
        put_number(output, time->tm_sec, 2, alternative);
        break;
    case 'U':
    case 'W':
        put_number(output, week_of_year(time, field == 'W'), 2, alternative);
        break;
    case 'w':
        put_number(output, time->tm_wday, 1, false);
        break;
    case 'x':
        put_date(output, alternative, time);
        break;
    case 'X':
        put_time(output, time);
        break;
    case 'y':
        put_number(output, (time->tm_year + 1900) % 100, 2, alternative);
        break;
    case 'Y':
        put_number(output, time->tm_year + 1900, 4, alternative);
        break;
    case 'z':
    case 'Z':
        put_narrow(output, timezone_label(time->tm_isdst > 0));
        break;
    default:
        put(output, '%');
    }
}

/* Ends the string and gives what strftime returns: its length, or 0 with errno. */
static size_t finish(struct output *output)
{
    bool fits = output->used < output->size;
    size_t length = fits ? output->used : 0;
    output->used = length;
    put(output, 0);
    if (!fits)
        crt_thread.error = CRT_ERANGE;
    return length;
}

static size_t refuse(struct output *output)
{
    output->used = 0;
    put(output, 0);
    crt_invalid_parameter(CRT_EINVAL);
    return 0;
}

size_t crt_strftime(char *target, size_t size, const char *format, const struct crt_tm *time)
{
    if (!target || !size || !format) {
        crt_invalid_parameter(CRT_EINVAL);
        return 0;
    }
    struct output output = {.wide = false, .target = target, .size = size};
    for (; *format; format++) {
        if (*format != '%') {
            put(&output, (unsigned char)*format);
            continue;
        }
        bool alternative = *++format == '#';
        format += alternative;
        if (!time || !is_valid((unsigned char)*format, time))
            return refuse(&output);
        put_field(&output, *format, alternative, time);
    }
    return finish(&output);
}

size_t crt_wcsftime(WCHAR *target, size_t size, const WCHAR *format, const struct crt_tm *time)
{
    if (!target || !size || !format) {
        crt_invalid_parameter(CRT_EINVAL);
        return 0;
    }
    struct output output = {.wide = true, .target = target, .size = size};
    for (; *format; format++) {
        if (*format != '%') {
            put(&output, *format);
            continue;
        }
        bool alternative = *++format == '#';
        format += alternative;
        if (!time || !is_valid(*format, time))
            return refuse(&output);
        put_field(&output, *format, alternative, time);
    }
    return finish(&output);
}

/* For other runtimes' own strftime: ":Sun:Sunday:Mon:..." in memory that the caller frees. */
static char *join_names(void (*put_name)(struct output *, const struct crt_tm *, bool), int count)
{
    char text[24 * TEXT_SIZE];
    struct output output = {.wide = false, .target = text, .size = sizeof text - 1};
    for (int i = 0; i < 2 * count; i++) {
        struct crt_tm time = {.tm_wday = i / 2, .tm_mon = i / 2};
        put(&output, ':');
        put_name(&output, &time, i % 2);
    }
    size_t length = output.used < output.size ? output.used : output.size;
    char *copy = crt_malloc(length + 1);
    if (copy) {
        memcpy(copy, text, length);
        copy[length] = 0;
    }
    return copy;
}

char *crt_getdays(void)
{
    return join_names(put_weekday, 7);
}

char *crt_getmonths(void)
{
    return join_names(put_month, 12);
}

/* The C++ library's, with the names of a locale of its own, which are those of the current one here. */
size_t crt_strftime_named(char *target, size_t size, const char *format, const struct crt_tm *time,
                          void *names)
{
    return crt_strftime(target, size, format, time);
}
