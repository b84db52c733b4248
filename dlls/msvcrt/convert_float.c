/* Floating-point numbers from text and to text. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include "dlls/msvcrt/convert.h"
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/ctype.h"
#include "dlls/msvcrt/decimal.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/locale.h"
#include "dlls/msvcrt/thread_data.h"

#define MAX_DIGITS  350 /* of _gcvt */
#define NUMBER_SIZE 400 /* more characters than this cannot change a double; see copy_number */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number so small that it has lost digits, but is not 0, is no range error to Windows. */
static double read_plain(const char *text, char **end)
{
    errno = 0;
    double value = strtod(text, end);
    if (errno == ERANGE && (value == 0 || isinf(value)))
        crt_thread.error = CRT_ERANGE;
    return value;
}

/* Copies digits while there is room, and returns how many there was none for. */
static int copy_digits(char **out, const char *limit, const char **p)
{
    int dropped = 0;
    for (; is_digit(**p); ++*p) {
        if (*out < limit)
            *(*out)++ = **p;
        else
            dropped++;
    }
    return dropped;
}

/* An exponent may be introduced by a D, as in Fortran. Without digits it is none. */
static int read_exponent(const char **text)
{
    const char *p = *text;
    if ((*p | 0x20) != 'e' && (*p | 0x20) != 'd')
        return 0;
    bool negative = *++p == '-';
    p += *p == '-' || *p == '+';
    if (!is_digit(*p))
        return 0;
    int exponent = 0;
    for (; is_digit(*p); p++)
        exponent = exponent < 100000 ? exponent * 10 + *p - '0' : exponent;
    *text = p;
    return negative ? -exponent : exponent;
}

/* A number of Windows in plain C notation. Returns where it ends in `text`. Digits that there is no room for
 * only count: those before the point go into the exponent. */
static const char *copy_number(char out[NUMBER_SIZE], const char *text, char point)
{
    const char *p = text, *limit = out + NUMBER_SIZE - 32;
    if (*p == '-' || *p == '+')
        *out++ = *p++;
    int dropped = copy_digits(&out, limit, &p);
    if (*p == point) {
        *out++ = '.';
        p++;
        copy_digits(&out, limit, &p);
    }
    sprintf(out, "e%d", read_exponent(&p) + dropped);
    return p;
}

/* The number after blanks, with its sign; NULL where there is none. */
static const char *find_number(const char *text, char point)
{
    while (ctype_has((uint8_t)*text, CTYPE_SPACE))
        text++;
    const char *p = text + (*text == '-' || *text == '+');
    return is_digit(*p) || (*p == point && is_digit(p[1])) ? text : NULL;
}

/* msvcrt.dll knows no hexadecimal numbers, infinities or NaNs; C's strtod does. What C would read the same
 * way it reads in place. */
double crt_strtod(const char *text, char **end)
{
    if (end)
        *end = (char *)text;
    if (!text) {
        crt_invalid_parameter(CRT_EINVAL);
        return 0;
    }
    char *stop, point = *crt_localeconv()->decimal_point;
    const char *number = find_number(text, point);
    if (!number)
        return 0;
    const char *p = number + (*number == '-' || *number == '+');
    if (point == '.' && !(p[0] == '0' && (p[1] | 0x20) == 'x')) {
        double value = read_plain(number, &stop);
        if ((*stop | 0x20) != 'd') {
            if (end)
                *end = stop;
            return value;
        }
    }
    char plain[NUMBER_SIZE];
    const char *after = copy_number(plain, number, point);
    if (end)
        *end = (char *)after;
    return read_plain(plain, &stop);
}

double crt_atof(const char *text)
{
    return crt_strtod(text, NULL);
}

/* A number is ASCII: what is copied ends before the first character that is not. */
double crt_wcstod(const WCHAR *text, WCHAR **end)
{
    if (end)
        *end = (WCHAR *)text;
    if (!text) {
        crt_invalid_parameter(CRT_EINVAL);
        return 0;
    }
    const WCHAR *number = text;
    while (crt_iswctype(*number, CTYPE_SPACE))
        number++;
    size_t length = 0;
    while (number[length] > ' ' && number[length] < 0x7f)
        length++;
    char fixed[NUMBER_SIZE];
    char *narrow = length < sizeof fixed ? fixed : malloc(length + 1);
    if (!narrow) {
        crt_thread.error = CRT_ENOMEM;
        return 0;
    }
    for (size_t i = 0; i < length; i++)
        narrow[i] = (char)number[i];
    narrow[length] = 0;
    char *stop;
    double value = crt_strtod(narrow, &stop);
    if (end && stop > narrow)
        *end = (WCHAR *)number + (stop - narrow);
    if (narrow != fixed)
        free(narrow);
    return value;
}

double crt_wtof(const WCHAR *text)
{
    return crt_wcstod(text, NULL);
}

/* What the runtime's own readers return. */
enum conversion_result { CONVERSION_DONE = 0, CONVERSION_OVERFLOW = 3, CONVERSION_UNDERFLOW = 4 };

static int judge(bool overflows, bool underflows)
{
    return overflows ? CONVERSION_OVERFLOW : underflows ? CONVERSION_UNDERFLOW : CONVERSION_DONE;
}

int crt_atodbl(double *result, const char *text)
{
    *result = crt_strtod(text, NULL);
    return judge(isinf(*result), fpclassify(*result) == FP_SUBNORMAL);
}

int crt_atoflt(float *result, const char *text)
{
    double value = crt_strtod(text, NULL);
    *result = (float)value;
    return judge(isinf(*result), value != 0 && (*result == 0 || fpclassify(*result) == FP_SUBNORMAL));
}

/* What __STRINGTOLD returns, which reports errors in no other way. */
enum long_double_result {
    LONG_DOUBLE_DONE = 0,
    LONG_DOUBLE_UNDERFLOW,
    LONG_DOUBLE_OVERFLOW,
    LONG_DOUBLE_NONE = 4
};

/* The result is the ten bytes of the x87's own format. */
int crt_stringtold(void *result, char **end, const char *text, int ignored)
{
    char plain[NUMBER_SIZE];
    long double value = 0;
    char point = *crt_localeconv()->decimal_point;
    const char *number = find_number(text, point);
    *end = (char *)text;
    memset(result, 0, 10);
    if (!number)
        return LONG_DOUBLE_NONE;
    *end = (char *)copy_number(plain, number, point);
    errno = 0;
    value = strtold(plain, NULL);
    memcpy(result, &value, 10);
    if (isinf(value))
        return LONG_DOUBLE_OVERFLOW;
    return value == 0 && errno == ERANGE ? LONG_DOUBLE_UNDERFLOW : LONG_DOUBLE_DONE;
}

int crt_atoldbl(void *result, char *text)
{
    char *end;
    return judge(crt_stringtold(result, &end, text, 0) == LONG_DOUBLE_OVERFLOW, false);
}

/* Copies `count` digits, the last of them zeros where the number has no more. */
static void put_digits(char *target, size_t size, const struct decimal *decimal, int count)
{
    size_t length = count < 0 ? 0 : (size_t)count < size ? (size_t)count : size - 1;
    for (size_t i = 0; i < length; i++)
        target[i] = i < (size_t)decimal->count ? decimal->digits[i] : '0';
    target[length] = 0;
}

/* The digits of _ecvt and _fcvt, without the point, and where it belongs. */
static int write_decimal(char *target, size_t size, double value, int count, int *point, int *sign,
                         bool fraction)
{
    struct decimal decimal;
    if (!target || !size || !point || !sign)
        return crt_invalid_parameter(CRT_EINVAL);
    if (count < 0)
        count = 0;
    if (fraction) {
        decimal_fraction(&decimal, value, count, DECIMAL_FROM_17_DIGITS);
        int digits = value == 0 ? count : decimal.point + count;
        *point = value == 0 ? 0 : digits > 0 ? decimal.point : -count;
        put_digits(target, size, &decimal, digits);
    } else {
        decimal_significant(&decimal, value, count ? count : 1, DECIMAL_FROM_17_DIGITS);
        bool rounds_up = !count && decimal.digits[0] >= '5' && value != 0;
        *point = value == 0 ? 0 : decimal.point + rounds_up;
        put_digits(target, size, &decimal, count);
    }
    *sign = decimal.negative;
    return 0;
}

int crt_ecvt_s(char *target, size_t size, double value, int count, int *point, int *sign)
{
    return write_decimal(target, size, value, count, point, sign, false);
}

int crt_fcvt_s(char *target, size_t size, double value, int count, int *point, int *sign)
{
    return write_decimal(target, size, value, count, point, sign, true);
}

char *crt_ecvt(double value, int count, int *point, int *sign)
{
    struct crt_buffers *buffers = crt_thread_buffers();
    char *text = buffers ? buffers->number_text : NULL;
    return text && crt_ecvt_s(text, sizeof buffers->number_text, value, count, point, sign) == 0 ? text
                                                                                                 : NULL;
}

char *crt_fcvt(double value, int count, int *point, int *sign)
{
    struct crt_buffers *buffers = crt_thread_buffers();
    char *text = buffers ? buffers->number_text : NULL;
    return text && crt_fcvt_s(text, sizeof buffers->number_text, value, count, point, sign) == 0 ? text
                                                                                                 : NULL;
}

/* Digits and a point among them, or zeros on the way to it. */
static char *put_fixed(char *out, const struct decimal *decimal, int digits)
{
    if (decimal->point <= 0)
        *out++ = '0';
    for (int i = 0; i < decimal->point; i++)
        *out++ = i < digits ? decimal->digits[i] : '0';
    *out++ = '.';
    for (int i = decimal->point; i < digits; i++)
        *out++ = i < 0 ? '0' : decimal->digits[i];
    return out;
}

/* Numbers of a hundredth and below, and those of more than `count` digits before the point, have an exponent.
 * Zeros at the end are left out, the point is not. */
static void put_general(char *out, const struct decimal *decimal, int count)
{
    int digits = decimal->count < count ? decimal->count : count, exponent = decimal->point - 1;
    while (digits > 1 && decimal->digits[digits - 1] == '0')
        digits--;
    if (decimal->negative)
        *out++ = '-';
    if (exponent >= -1 && exponent < count) {
        *put_fixed(out, decimal, digits) = 0;
        return;
    }
    *out++ = decimal->digits[0];
    *out++ = '.';
    memcpy(out, decimal->digits + 1, digits - 1);
    sprintf(out + digits - 1, "e%+04d", exponent);
}

int crt_gcvt_s(char *target, size_t size, double value, int count)
{
    char text[NUMBER_SIZE];
    struct decimal decimal;
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    *target = 0;
    if (count < 0 || (size_t)count >= size)
        return crt_invalid_parameter(CRT_ERANGE);
    count = count < 1 ? 1 : count > MAX_DIGITS ? MAX_DIGITS : count;
    decimal_significant(&decimal, value, count, DECIMAL_FROM_17_DIGITS);
    if (value == 0)
        decimal.point = 1;
    put_general(text, &decimal, count);
    if (strlen(text) >= size)
        return crt_invalid_parameter(CRT_ERANGE);
    strcpy(target, text);
    return 0;
}

char *crt_gcvt(double value, int count, char *target)
{
    return crt_gcvt_s(target, NUMBER_SIZE, value, count) == 0 ? target : NULL;
}
