/* Dates and times of day as text. */
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/locale.h"
#include "kernel/utf.h"

/* Text that grows, and counts on when it has no more room. */
struct output {
    WCHAR text[512];
    size_t length;
    size_t unit_end; /* where the last value ended: a value that is left out takes the separators before it
                        along */
};

static void put(struct output *output, WCHAR unit)
{
    if (output->length < ARRAYSIZE(output->text))
        output->text[output->length] = unit;
    output->length++;
}

static void put_text(struct output *output, const WCHAR *text, size_t most)
{
    for (size_t i = 0; i < most && text && text[i]; i++)
        put(output, text[i]);
    output->unit_end = output->length;
}

static void put_number(struct output *output, unsigned value, unsigned digits)
{
    WCHAR text[10];
    unsigned length = 0;
    do {
        text[length++] = '0' + value % 10;
        value /= 10;
    } while (value || length < digits);
    while (length)
        put(output, text[--length]);
    output->unit_end = output->length;
}

static void put_locale_text(struct output *output, LCID locale, LCTYPE type, size_t most)
{
    WCHAR text[LOCALE_LONGEST + 1];
    put_text(output, locale_string(locale, type, text), most);
}

/* What is between quotes stands for itself; two of them are one. Returns where the picture goes on. */
static const WCHAR *put_quoted(struct output *output, const WCHAR *picture)
{
    for (picture++; *picture; picture++) {
        if (*picture == '\'' && *++picture != '\'')
            return picture;
        put(output, *picture);
    }
    return picture;
}

/* A picture is letters that stand for parts of the time, repeated for another form of them, and other text.
 */
typedef bool (*put_part)(struct output *output, LCID locale, const SYSTEMTIME *time, DWORD flags,
                         WCHAR letter, unsigned count);

static void put_picture(struct output *output, LCID locale, const SYSTEMTIME *time, DWORD flags,
                        const WCHAR *picture, put_part put_one)
{
    while (*picture) {
        unsigned count = 1;
        if (*picture == '\'') {
            picture = put_quoted(output, picture);
            continue;
        }
        while (picture[count] == *picture)
            count++;
        if (!put_one(output, locale, time, flags, *picture, count)) {
            for (unsigned i = 0; i < count; i++)
                put(output, *picture);
        }
        picture += count;
    }
    put(output, 0);
}

/* Dates */

static bool put_date_part(struct output *output, LCID locale, const SYSTEMTIME *date, DWORD flags,
                          WCHAR letter, unsigned count)
{
    unsigned weekday = (date->wDayOfWeek + 6) % 7, month = date->wMonth - 1;
    switch (letter) {
    case 'd':
        if (count <= 2)
            put_number(output, date->wDay, count);
        else
            put_locale_text(output, locale,
                            (count == 3 ? LOCALE_SABBREVDAYNAME1 : LOCALE_SDAYNAME1) + weekday, SIZE_MAX);
        return true;
    case 'M':
        if (count <= 2)
            put_number(output, date->wMonth, count);
        else
            put_locale_text(output, locale,
                            (count == 3 ? LOCALE_SABBREVMONTHNAME1 : LOCALE_SMONTHNAME1) + month, SIZE_MAX);
        return true;
    case 'y':
        if (count <= 2)
            put_number(output, date->wYear % 100, count);
        else
            put_number(output, date->wYear, count < 5 ? 4 : 5);
        return true;
    case 'g':
        put_text(output, L"A.D.", SIZE_MAX);
        return true;
    default:
        return false;
    }
}

static int fail(DWORD error)
{
    SetLastError(error);
    return 0;
}

/* The picture that the flags name; 0 if they contradict each other. */
static LCTYPE date_type(DWORD flags)
{
    switch (flags & (DATE_SHORTDATE | DATE_LONGDATE | DATE_YEARMONTH | DATE_MONTHDAY)) {
    case 0:
    case DATE_SHORTDATE:
        return LOCALE_SSHORTDATE;
    case DATE_LONGDATE:
        return LOCALE_SLONGDATE;
    case DATE_YEARMONTH:
        return LOCALE_SYEARMONTH;
    case DATE_MONTHDAY:
        return LOCALE_SMONTHDAY;
    default:
        return 0;
    }
}

/* The time given, or now. The day of the week follows from the date, whatever the caller says. */
static bool take_date(const SYSTEMTIME *given, SYSTEMTIME *date)
{
    FILETIME time;
    if (!given) {
        GetLocalTime(date);
        return true;
    }
    SYSTEMTIME day = {given->wYear, given->wMonth, 0, given->wDay, 0, 0, 0, 0};
    return SystemTimeToFileTime(&day, &time) && FileTimeToSystemTime(&time, date);
}

static bool format_date(struct output *output, LCID locale, DWORD flags, const SYSTEMTIME *given,
                        const WCHAR *picture)
{
    static const DWORD pictures = DATE_SHORTDATE | DATE_LONGDATE | DATE_YEARMONTH | DATE_MONTHDAY;
    static const DWORD known = pictures | LOCALE_NOUSEROVERRIDE | LOCALE_USE_CP_ACP | DATE_LTRREADING |
                               DATE_RTLREADING | DATE_AUTOLAYOUT | DATE_USE_ALT_CALENDAR;
    WCHAR own[LOCALE_LONGEST + 1];
    SYSTEMTIME date;
    if (!locale)
        return false;
    LCTYPE type = date_type(flags);
    if (flags & ~known || !type || (picture && flags & pictures))
        return fail(ERROR_INVALID_FLAGS);
    if (!take_date(given, &date))
        return fail(ERROR_INVALID_PARAMETER);
    put_picture(output, locale, &date, flags, picture ? picture : locale_string(locale, type, own),
                put_date_part);
    return true;
}

/* Times of day */

static void leave_out(struct output *output)
{
    output->length = output->unit_end;
}

static bool put_time_part(struct output *output, LCID locale, const SYSTEMTIME *time, DWORD flags,
                          WCHAR letter, unsigned count)
{
    unsigned digits = count < 2 ? 1 : 2;
    bool no_seconds = flags & (TIME_NOSECONDS | TIME_NOMINUTESORSECONDS);
    switch (letter) {
    case 'h':
        if (!(flags & TIME_FORCE24HOURFORMAT)) {
            put_number(output, time->wHour % 12 ? time->wHour % 12 : 12, digits);
            return true;
        }
        put_number(output, time->wHour, digits);
        return true;
    case 'H':
        put_number(output, time->wHour, digits);
        return true;
    case 'm':
        if (flags & TIME_NOMINUTESORSECONDS)
            leave_out(output);
        else
            put_number(output, time->wMinute, digits);
        return true;
    case 's':
        if (no_seconds)
            leave_out(output);
        else
            put_number(output, time->wSecond, digits);
        return true;
    case 't':
        if (flags & (TIME_NOTIMEMARKER | TIME_FORCE24HOURFORMAT))
            leave_out(output);
        else
            put_locale_text(output, locale, time->wHour < 12 ? LOCALE_S1159 : LOCALE_S2359,
                            count == 1 ? 1 : SIZE_MAX);
        return true;
    default:
        return false;
    }
}

static bool format_time(struct output *output, LCID locale, DWORD flags, const SYSTEMTIME *given,
                        const WCHAR *picture)
{
    static const DWORD known = LOCALE_NOUSEROVERRIDE | LOCALE_USE_CP_ACP | TIME_NOMINUTESORSECONDS |
                               TIME_NOSECONDS | TIME_NOTIMEMARKER | TIME_FORCE24HOURFORMAT;
    WCHAR own[LOCALE_LONGEST + 1];
    SYSTEMTIME time;
    if (!locale)
        return false;
    if (flags & ~known)
        return fail(ERROR_INVALID_FLAGS);
    if (given)
        time = *given;
    else
        GetLocalTime(&time);
    if (time.wHour > 23 || time.wMinute > 59 || time.wSecond > 59 || time.wMilliseconds > 999)
        return fail(ERROR_INVALID_PARAMETER);
    put_picture(output, locale, &time, flags,
                picture ? picture : locale_string(locale, LOCALE_STIMEFORMAT, own), put_time_part);
    return true;
}

/* The functions */

typedef bool (*format_function)(struct output *output, LCID locale, DWORD flags, const SYSTEMTIME *time,
                                const WCHAR *picture);

static bool format(format_function function, struct output *output, LCID locale, DWORD flags,
                   const SYSTEMTIME *time, const WCHAR *picture)
{
    output->length = output->unit_end = 0;
    return function(output, locale, flags, time, picture) &&
           (output->length <= ARRAYSIZE(output->text) || fail(ERROR_INVALID_PARAMETER));
}

static int format_wide(format_function function, LCID locale, DWORD flags, const SYSTEMTIME *time,
                       const WCHAR *picture, WCHAR *buffer, int size)
{
    struct output output;
    return format(function, &output, locale, flags, time, picture)
               ? locale_return(output.text, output.length, buffer, size)
               : 0;
}

static int format_ansi(format_function function, LCID locale, DWORD flags, const SYSTEMTIME *time,
                       const char *picture, char *buffer, int size)
{
    struct output output;
    struct wide wide;
    if (!wide_from_ansi(&wide, picture))
        return 0;
    int result = format(function, &output, locale, flags, time, wide.text)
                     ? locale_return_ansi(output.text, output.length, buffer, size)
                     : 0;
    wide_free(&wide);
    return result;
}

int WINAPI GetDateFormatW(LCID locale, DWORD flags, CONST SYSTEMTIME *date, LPCWSTR picture, LPWSTR buffer,
                          int size)
{
    return format_wide(format_date, locale_resolve(locale), flags, date, picture, buffer, size);
}

int WINAPI GetDateFormatA(LCID locale, DWORD flags, CONST SYSTEMTIME *date, LPCSTR picture, LPSTR buffer,
                          int size)
{
    return format_ansi(format_date, locale_resolve(locale), flags, date, picture, buffer, size);
}

int WINAPI GetDateFormatEx(LPCWSTR locale, DWORD flags, const SYSTEMTIME *date, LPCWSTR picture,
                           LPWSTR buffer, int size, LPCWSTR calendar)
{
    return format_wide(format_date, locale_resolve_name(locale), flags, date, picture, buffer, size);
}

int WINAPI GetTimeFormatW(LCID locale, DWORD flags, CONST SYSTEMTIME *time, LPCWSTR picture, LPWSTR buffer,
                          int size)
{
    return format_wide(format_time, locale_resolve(locale), flags, time, picture, buffer, size);
}

int WINAPI GetTimeFormatA(LCID locale, DWORD flags, CONST SYSTEMTIME *time, LPCSTR picture, LPSTR buffer,
                          int size)
{
    return format_ansi(format_time, locale_resolve(locale), flags, time, picture, buffer, size);
}

int WINAPI GetTimeFormatEx(LPCWSTR locale, DWORD flags, const SYSTEMTIME *time, LPCWSTR picture,
                           LPWSTR buffer, int size)
{
    return format_wide(format_time, locale_resolve_name(locale), flags, time, picture, buffer, size);
}
