/* scanf's kin that read from the console itself. */
#include "dlls/msvcrt/conio.h"
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/print.h"
#include "dlls/msvcrt/scan.h"

static int get(struct scan_source *source)
{
    return crt_getche();
}

static void unget(struct scan_source *source, int unit)
{
    crt_ungetch(unit);
}

static int get_wide(struct scan_source *source)
{
    WCHAR unit = crt_getwche();
    return unit == CRT_WEOF ? -1 : unit;
}

static void unget_wide(struct scan_source *source, int unit)
{
    crt_ungetwch((WCHAR)unit);
}

static int scan(unsigned options, const char *format, guest_va_list arguments)
{
    struct scan_source source = {get, unget};
    struct format_locale locale = print_locale();

    if (format)
        return scan_narrow(&source, SCAN_MSVCRT | options, &locale, format, arguments);
    crt_invalid_parameter(CRT_EINVAL);
    return CRT_EOF;
}

static int scan_units(unsigned options, const WCHAR *format, guest_va_list arguments)
{
    struct scan_source source = {get_wide, unget_wide};
    struct format_locale locale = print_locale();

    if (format)
        return scan_wide(&source, SCAN_MSVCRT | options, &locale, format, arguments);
    crt_invalid_parameter(CRT_EINVAL);
    return CRT_EOF;
}

int crt_cscanf(const char *format, guest_va_list arguments)
{
    return scan(0, format, arguments);
}

int crt_cscanf_s(const char *format, guest_va_list arguments)
{
    return scan(SCAN_SECURE, format, arguments);
}

int crt_cwscanf(const WCHAR *format, guest_va_list arguments)
{
    return scan_units(0, format, arguments);
}

int crt_cwscanf_s(const WCHAR *format, guest_va_list arguments)
{
    return scan_units(SCAN_SECURE, format, arguments);
}

/* The same with a locale that is never there. */

int crt_cscanf_l(const char *format, void *locale, guest_va_list arguments)
{
    return crt_cscanf(format, arguments);
}

int crt_cscanf_s_l(const char *format, void *locale, guest_va_list arguments)
{
    return crt_cscanf_s(format, arguments);
}

int crt_cwscanf_l(const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_cwscanf(format, arguments);
}

int crt_cwscanf_s_l(const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_cwscanf_s(format, arguments);
}
