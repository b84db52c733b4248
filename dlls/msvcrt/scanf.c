/* The scanf family. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/print.h"
#include "dlls/msvcrt/scan_sources.h"
#include "dlls/msvcrt/stdio.h"

struct stream_source {
    struct scan_source source;
    struct crt_file *file;
};

static int get_from_stream(struct scan_source *source)
{
    return stream_get(((struct stream_source *)source)->file);
}

static void unget_to_stream(struct scan_source *source, int unit)
{
    stream_unget(unit, ((struct stream_source *)source)->file);
}

static int get_wide_from_stream(struct scan_source *source)
{
    WCHAR unit = crt_fgetwc(((struct stream_source *)source)->file);
    return unit == CRT_WEOF ? -1 : unit;
}

static void unget_wide_to_stream(struct scan_source *source, int unit)
{
    crt_ungetwc((WCHAR)unit, ((struct stream_source *)source)->file);
}

/* Text in memory ends at its NUL, or earlier. */
struct text_source {
    struct scan_source source;
    const void *at;
    size_t left;
};

static int get_from_text(struct scan_source *source)
{
    struct text_source *text = (struct text_source *)source;
    const unsigned char *at = text->at;

    if (!text->left || !*at)
        return -1;
    text->left--;
    text->at = at + 1;
    return *at;
}

static void unget_to_text(struct scan_source *source, int unit)
{
    struct text_source *text = (struct text_source *)source;
    text->at = (const char *)text->at - 1;
    text->left++;
}

static int get_from_wide_text(struct scan_source *source)
{
    struct text_source *text = (struct text_source *)source;
    const WCHAR *at = text->at;

    if (!text->left || !*at)
        return -1;
    text->left--;
    text->at = at + 1;
    return *at;
}

static void unget_to_wide_text(struct scan_source *source, int unit)
{
    struct text_source *text = (struct text_source *)source;
    text->at = (const WCHAR *)text->at - 1;
    text->left++;
}

static bool arguments_are_valid(const void *source, const void *format)
{
    if (!source || !format)
        crt_invalid_parameter(CRT_EINVAL);
    return source && format;
}

int scan_stream(struct crt_file *file, unsigned options, const char *format, guest_va_list arguments)
{
    struct stream_source source = {{get_from_stream, unget_to_stream}, file};
    struct format_locale locale = print_locale();

    if (!arguments_are_valid(file, format))
        return CRT_EOF;
    stream_lock(file);
    int count = scan_narrow(&source.source, options, &locale, format, arguments);
    stream_unlock(file);
    return count;
}

int scan_wide_stream(struct crt_file *file, unsigned options, const WCHAR *format, guest_va_list arguments)
{
    struct stream_source source = {{get_wide_from_stream, unget_wide_to_stream}, file};
    struct format_locale locale = print_locale();

    if (!arguments_are_valid(file, format))
        return CRT_EOF;
    stream_lock(file);
    int count = scan_wide(&source.source, options, &locale, format, arguments);
    stream_unlock(file);
    return count;
}

int scan_text(const char *text, size_t length, unsigned options, const char *format, guest_va_list arguments)
{
    struct text_source source = {{get_from_text, unget_to_text}, text, length};
    struct format_locale locale = print_locale();

    if (!arguments_are_valid(text, format))
        return CRT_EOF;
    return scan_narrow(&source.source, options, &locale, format, arguments);
}

int scan_wide_text(const WCHAR *text, size_t length, unsigned options, const WCHAR *format,
                   guest_va_list arguments)
{
    struct text_source source = {{get_from_wide_text, unget_to_wide_text}, text, length};
    struct format_locale locale = print_locale();

    if (!arguments_are_valid(text, format))
        return CRT_EOF;
    return scan_wide(&source.source, options, &locale, format, arguments);
}

int crt_fscanf(struct crt_file *file, const char *format, guest_va_list arguments)
{
    return scan_stream(file, SCAN_MSVCRT, format, arguments);
}

int crt_fscanf_s(struct crt_file *file, const char *format, guest_va_list arguments)
{
    return scan_stream(file, SCAN_MSVCRT | SCAN_SECURE, format, arguments);
}

int crt_scanf(const char *format, guest_va_list arguments)
{
    return scan_stream(&crt_iob[0], SCAN_MSVCRT, format, arguments);
}

int crt_scanf_s(const char *format, guest_va_list arguments)
{
    return scan_stream(&crt_iob[0], SCAN_MSVCRT | SCAN_SECURE, format, arguments);
}

int crt_sscanf(const char *text, const char *format, guest_va_list arguments)
{
    return scan_text(text, SIZE_MAX, SCAN_MSVCRT, format, arguments);
}

int crt_sscanf_s(const char *text, const char *format, guest_va_list arguments)
{
    return scan_text(text, SIZE_MAX, SCAN_MSVCRT | SCAN_SECURE, format, arguments);
}

int crt_snscanf(const char *text, size_t length, const char *format, guest_va_list arguments)
{
    return scan_text(text, length, SCAN_MSVCRT, format, arguments);
}

int crt_snscanf_s(const char *text, size_t length, const char *format, guest_va_list arguments)
{
    return scan_text(text, length, SCAN_MSVCRT | SCAN_SECURE, format, arguments);
}

int crt_fwscanf(struct crt_file *file, const WCHAR *format, guest_va_list arguments)
{
    return scan_wide_stream(file, SCAN_MSVCRT, format, arguments);
}

int crt_fwscanf_s(struct crt_file *file, const WCHAR *format, guest_va_list arguments)
{
    return scan_wide_stream(file, SCAN_MSVCRT | SCAN_SECURE, format, arguments);
}

int crt_wscanf(const WCHAR *format, guest_va_list arguments)
{
    return scan_wide_stream(&crt_iob[0], SCAN_MSVCRT, format, arguments);
}

int crt_wscanf_s(const WCHAR *format, guest_va_list arguments)
{
    return scan_wide_stream(&crt_iob[0], SCAN_MSVCRT | SCAN_SECURE, format, arguments);
}

int crt_swscanf(const WCHAR *text, const WCHAR *format, guest_va_list arguments)
{
    return scan_wide_text(text, SIZE_MAX, SCAN_MSVCRT, format, arguments);
}

int crt_swscanf_s(const WCHAR *text, const WCHAR *format, guest_va_list arguments)
{
    return scan_wide_text(text, SIZE_MAX, SCAN_MSVCRT | SCAN_SECURE, format, arguments);
}

int crt_snwscanf(const WCHAR *text, size_t length, const WCHAR *format, guest_va_list arguments)
{
    return scan_wide_text(text, length, SCAN_MSVCRT, format, arguments);
}

int crt_snwscanf_s(const WCHAR *text, size_t length, const WCHAR *format, guest_va_list arguments)
{
    return scan_wide_text(text, length, SCAN_MSVCRT | SCAN_SECURE, format, arguments);
}

/* The same with a locale that is never there. */

int crt_fscanf_l(struct crt_file *file, const char *format, void *locale, guest_va_list arguments)
{
    return crt_fscanf(file, format, arguments);
}

int crt_fscanf_s_l(struct crt_file *file, const char *format, void *locale, guest_va_list arguments)
{
    return crt_fscanf_s(file, format, arguments);
}

int crt_scanf_l(const char *format, void *locale, guest_va_list arguments)
{
    return crt_scanf(format, arguments);
}

int crt_scanf_s_l(const char *format, void *locale, guest_va_list arguments)
{
    return crt_scanf_s(format, arguments);
}

int crt_sscanf_l(const char *text, const char *format, void *locale, guest_va_list arguments)
{
    return crt_sscanf(text, format, arguments);
}

int crt_sscanf_s_l(const char *text, const char *format, void *locale, guest_va_list arguments)
{
    return crt_sscanf_s(text, format, arguments);
}

int crt_snscanf_l(const char *text, size_t length, const char *format, void *locale, guest_va_list arguments)
{
    return crt_snscanf(text, length, format, arguments);
}

int crt_snscanf_s_l(const char *text, size_t length, const char *format, void *locale,
                    guest_va_list arguments)
{
    return crt_snscanf_s(text, length, format, arguments);
}

int crt_fwscanf_l(struct crt_file *file, const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_fwscanf(file, format, arguments);
}

int crt_fwscanf_s_l(struct crt_file *file, const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_fwscanf_s(file, format, arguments);
}

int crt_wscanf_l(const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_wscanf(format, arguments);
}

int crt_wscanf_s_l(const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_wscanf_s(format, arguments);
}

int crt_swscanf_l(const WCHAR *text, const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_swscanf(text, format, arguments);
}

int crt_swscanf_s_l(const WCHAR *text, const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_swscanf_s(text, format, arguments);
}

int crt_snwscanf_l(const WCHAR *text, size_t length, const WCHAR *format, void *locale,
                   guest_va_list arguments)
{
    return crt_snwscanf(text, length, format, arguments);
}

int crt_snwscanf_s_l(const WCHAR *text, size_t length, const WCHAR *format, void *locale,
                     guest_va_list arguments)
{
    return crt_snwscanf_s(text, length, format, arguments);
}
