/* strftime. Both kinds of string go through one set of fields; what the locale writes comes from kernel32. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/crt_time.h"
#include "dlls/msvcrt/ctype.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/locale.h"
#include "dlls/msvcrt/thread_data.h"
#include "dlls/msvcrt/wcsstring.h"

#define TEXT_SIZE 80

/* A locale's words and pictures, in the order of the structure that _Gettnames makes. */
enum name_index {
    NAME_SHORT_DAY = 0, /* from Sunday */
    NAME_DAY = 7,
    NAME_SHORT_MONTH = 14,
    NAME_MONTH = 26,
    NAME_MORNING = 38,
    NAME_AFTERNOON,
    NAME_SHORT_DATE,
    NAME_LONG_DATE,
    NAME_TIME,
    NAME_COUNT,
};

/* The structure: the same texts narrow and wide, and behind it their characters. */
struct time_names {
    const char *narrow[NAME_COUNT];
    LCID locale;
    int reserved[2];
    const WCHAR *wide[NAME_COUNT];
};

/* Where names come from: from the caller, or else from the locale, of which 0 is "C". */
struct names {
    const struct time_names *given;
    LCID locale;
};

static LCTYPE type_of_name(int index)
{
    /* Windows numbers days from Monday. */
    if (index < NAME_DAY)
        return LOCALE_SABBREVDAYNAME1 + (index - NAME_SHORT_DAY + 6) % 7;
    if (index < NAME_SHORT_MONTH)
        return LOCALE_SDAYNAME1 + (index - NAME_DAY + 6) % 7;
    if (index < NAME_MONTH)
        return LOCALE_SABBREVMONTHNAME1 + index - NAME_SHORT_MONTH;
    if (index < NAME_MORNING)
        return LOCALE_SMONTHNAME1 + index - NAME_MONTH;
    static const LCTYPE others[] = {LOCALE_S1159, LOCALE_S2359, LOCALE_SSHORTDATE, LOCALE_SLONGDATE,
                                    LOCALE_STIMEFORMAT};
    return others[index - NAME_MORNING];
}

/* In the "C" locale the short words are the beginnings of the long ones. */
static void c_name(int index, WCHAR text[TEXT_SIZE])
{
    static const char words[][10] = {"Sunday",    "Monday",   "Tuesday",  "Wednesday", "Thursday",
                                     "Friday",    "Saturday", "January",  "February",  "March",
                                     "April",     "May",      "June",     "July",      "August",
                                     "September", "October",  "November", "December"};
    static const char others[][21] = {"AM", "PM", "MM/dd/yy", "dddd, MMMM dd, yyyy", "HH:mm:ss"};
    bool is_month = index >= NAME_SHORT_MONTH && index < NAME_MORNING;
    bool is_short = index < NAME_DAY || (is_month && index < NAME_MONTH);
    const char *word = index >= NAME_MORNING ? others[index - NAME_MORNING]
                       : is_month            ? words[7 + (index - NAME_SHORT_MONTH) % 12]
                                             : words[index % 7];
    for (int i = 0; (text[i] = word[i]) != 0; i++) {
        if (is_short && i == 2)
            word = "\0\0\0";
    }
}

static void name_text(const struct names *names, int index, WCHAR text[TEXT_SIZE])
{
    text[0] = 0;
    if (names->given) {
        const char *narrow = names->given->narrow[index];
        if (narrow && !MultiByteToWideChar(*crt_lc_codepage, 0, narrow, -1, text, TEXT_SIZE))
            text[0] = 0;
    } else if (!names->locale || !GetLocaleInfoW(names->locale, type_of_name(index), text, TEXT_SIZE)) {
        c_name(index, text);
    }
}

struct output {
    struct names names;
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

static void put_name(struct output *output, int index)
{
    WCHAR text[TEXT_SIZE];
    name_text(&output->names, index, text);
    put_wide(output, text);
}

static int half_of_day(const struct crt_tm *time)
{
    return time->tm_hour >= 12 ? NAME_AFTERNOON : NAME_MORNING;
}

static int hour_of_twelve(const struct crt_tm *time)
{
    return time->tm_hour % 12 ? time->tm_hour % 12 : 12;
}

/* How many of a letter make the longest field that it stands for in a picture; 0 for other characters. */
static int longest_field(WCHAR letter)
{
    switch (letter) {
    case 'd':
    case 'M':
    case 'y':
        return 4;
    case 'h':
    case 'H':
    case 'm':
    case 's':
        return 2;
    case 't':
    case 'a':
    case 'A':
        return INT_MAX;
    default:
        return 0;
    }
}

static void put_half_of_day(struct output *output, bool only_initial, const struct crt_tm *time)
{
    WCHAR text[TEXT_SIZE];
    name_text(&output->names, half_of_day(time), text);
    if (only_initial)
        text[1] = 0;
    put_wide(output, text);
}

/* A day or month, as a number in one or two digits, or as a short or long word. */
static void put_number_or_word(struct output *output, int count, int number, int short_word, int long_word)
{
    if (count < 3)
        put_number(output, number, 2, count == 1);
    else
        put_name(output, count == 3 ? short_word : long_word);
}

static void put_year(struct output *output, int count, const struct crt_tm *time)
{
    for (; count % 2; count--)
        put(output, 'y');
    if (count)
        put_number(output, (time->tm_year + 1900) % (count == 2 ? 100 : 10000), count, false);
}

/* One field of a picture such as "dddd, MMMM d, yyyy" or "h:mm:ss tt". */
static void put_picture_field(struct output *output, WCHAR letter, int count, const struct crt_tm *time)
{
    switch (letter) {
    case 'd':
        put_number_or_word(output, count, time->tm_mday, NAME_SHORT_DAY + time->tm_wday,
                           NAME_DAY + time->tm_wday);
        break;
    case 'M':
        put_number_or_word(output, count, time->tm_mon + 1, NAME_SHORT_MONTH + time->tm_mon,
                           NAME_MONTH + time->tm_mon);
        break;
    case 'y':
        put_year(output, count, time);
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
    default:
        put_half_of_day(output, letter == 't' && count == 1, time);
    }
}

/* What a run of letters has more than the longest field stands for itself, before the field. */
static void put_picture(struct output *output, const WCHAR *picture, const struct crt_tm *time)
{
    for (bool quoted = false; *picture;) {
        int count = 1, longest = longest_field(*picture);
        if (*picture == '\'') {
            quoted = !quoted;
        } else if (!quoted && longest) {
            while (picture[count] == *picture)
                count++;
            for (int extra = count; extra > longest; extra--)
                put(output, *picture);
            put_picture_field(output, *picture, count < longest ? count : longest, time);
        } else {
            put_wide(output, (WCHAR[]){*picture, 0});
        }
        picture += count;
    }
}

static void put_localized(struct output *output, int index, const struct crt_tm *time)
{
    WCHAR picture[TEXT_SIZE];
    name_text(&output->names, index, picture);
    put_picture(output, picture, time);
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
        put_name(output, (field == 'A' ? NAME_DAY : NAME_SHORT_DAY) + time->tm_wday);
        break;
    case 'b':
    case 'B':
        put_name(output, (field == 'B' ? NAME_MONTH : NAME_SHORT_MONTH) + time->tm_mon);
        break;
    case 'c':
        put_localized(output, alternative ? NAME_LONG_DATE : NAME_SHORT_DATE, time);
        put(output, ' ');
        put_localized(output, NAME_TIME, time);
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
        put_name(output, half_of_day(time));
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
        put_localized(output, alternative ? NAME_LONG_DATE : NAME_SHORT_DATE, time);
        break;
    case 'X':
        put_localized(output, NAME_TIME, time);
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

static size_t format_narrow(struct output *output, const char *format, const struct crt_tm *time)
{
    for (; *format; format++) {
        if (*format != '%') {
            put(output, (unsigned char)*format);
            if (crt_isleadbyte((unsigned char)*format) && format[1])
                put(output, (unsigned char)*++format);
            continue;
        }
        bool alternative = *++format == '#';
        format += alternative;
        if (!time || !is_valid((unsigned char)*format, time))
            return refuse(output);
        put_field(output, *format, alternative, time);
    }
    return finish(output);
}

/* The C++ library's: with the names of a locale of its own. */
size_t crt_strftime_named(char *target, size_t size, const char *format, const struct crt_tm *time,
                          const struct time_names *names)
{
    if (!target || !size || !format) {
        crt_invalid_parameter(CRT_EINVAL);
        return 0;
    }
    struct output output = {{names, locale_of(CRT_LC_TIME)}, false, target, size, 0};
    return format_narrow(&output, format, time);
}

size_t crt_strftime(char *target, size_t size, const char *format, const struct crt_tm *time)
{
    return crt_strftime_named(target, size, format, time, NULL);
}

size_t crt_wcsftime(WCHAR *target, size_t size, const WCHAR *format, const struct crt_tm *time)
{
    if (!target || !size || !format) {
        crt_invalid_parameter(CRT_EINVAL);
        return 0;
    }
    struct output output = {{NULL, locale_of(CRT_LC_TIME)}, true, target, size, 0};
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

/* For the C++ library: ":Sun:Sunday:Mon:..." in memory that the caller frees. */
static char *join_names(int short_name, int long_name, int count)
{
    char text[24 * TEXT_SIZE];
    struct output output = {{NULL, locale_of(CRT_LC_TIME)}, false, text, sizeof text - 1, 0};
    for (int i = 0; i < count; i++) {
        put(&output, ':');
        put_name(&output, short_name + i);
        put(&output, ':');
        put_name(&output, long_name + i);
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
    return join_names(NAME_SHORT_DAY, NAME_DAY, 7);
}

char *crt_getmonths(void)
{
    return join_names(NAME_SHORT_MONTH, NAME_MONTH, 12);
}

/* All of the current locale's names, in one block that the caller frees. */
struct time_names *crt_gettnames(void)
{
    struct time_names *result = crt_malloc(sizeof *result + NAME_COUNT * TEXT_SIZE * (sizeof(WCHAR) + 2));
    if (!result)
        return NULL;
    char *narrow = (char *)(result + 1);
    WCHAR *wide = (WCHAR *)(narrow + NAME_COUNT * TEXT_SIZE * 2);
    struct names names = {NULL, locale_of(CRT_LC_TIME)};
    *result = (struct time_names){.locale = names.locale};
    for (int i = 0; i < NAME_COUNT; i++) {
        struct output output = {names, false, narrow, TEXT_SIZE * 2, 0};
        result->narrow[i] = narrow;
        put_name(&output, i);
        narrow += finish(&output) + 1;
        result->wide[i] = wide;
        name_text(&names, i, wide);
        wide += crt_wcslen(wide) + 1;
    }
    return result;
}
