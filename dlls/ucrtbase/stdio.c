/* The functions behind the printf and scanf families, whose members are in the programs themselves. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/print.h"
#include "dlls/msvcrt/scan_sources.h"

/* Bits of the options that say what becomes of text for which the buffer is too small; the rest is the
 * formatter's. */
#define LEGACY_TERMINATION 1 /* _vsnprintf: a NUL only where there is room for one */
#define STANDARD_SNPRINTF  2 /* the length that there would have been */

#define TRUNCATE  ((size_t)-1)
#define TRUNCATED (-2)

/* The Universal CRT does not write the count that %n asks for. */
static unsigned print_options_of(uint64_t options)
{
    return ((unsigned)options & ~(LEGACY_TERMINATION | STANDARD_SNPRINTF)) | FORMAT_NO_COUNT_OUTPUT;
}

struct crt_file *ucrt_acrt_iob_func(unsigned number)
{
    return &crt_iob[number];
}

/* Streams */

int ucrt_vfprintf(uint64_t options, struct crt_file *file, const char *format, void *locale,
                  guest_va_list arguments)
{
    return print_to_stream(file, print_options_of(options), format, arguments);
}

int ucrt_vfprintf_p(uint64_t options, struct crt_file *file, const char *format, void *locale,
                    guest_va_list arguments)
{
    return print_to_stream(file, print_options_of(options) | FORMAT_POSITIONAL, format, arguments);
}

int ucrt_vfwprintf(uint64_t options, struct crt_file *file, const WCHAR *format, void *locale,
                   guest_va_list arguments)
{
    return print_wide_to_stream(file, print_options_of(options), format, arguments);
}

int ucrt_vfwprintf_p(uint64_t options, struct crt_file *file, const WCHAR *format, void *locale,
                     guest_va_list arguments)
{
    return print_wide_to_stream(file, print_options_of(options) | FORMAT_POSITIONAL, format, arguments);
}

/* Memory */

static bool is_usable(const void *buffer, size_t size, const void *format)
{
    if (format && (buffer || !size))
        return true;
    crt_invalid_parameter(CRT_EINVAL);
    return false;
}

/* What a call says that has found `count` characters for `size`; `end` becomes where the NUL goes, or
 * SIZE_MAX. */
static int settle(uint64_t options, int count, size_t size, size_t *end)
{
    bool fits = count >= 0 && (size_t)count < size;
    *end = fits ? (size_t)count : size - 1;
    if (fits || count < 0)
        return count;
    if (options & STANDARD_SNPRINTF)
        return count;
    if (!(options & LEGACY_TERMINATION))
        return TRUNCATED;
    *end = SIZE_MAX;
    return (size_t)count == size ? count : -1;
}

int ucrt_vsprintf(uint64_t options, char *buffer, size_t size, const char *format, void *locale,
                  guest_va_list arguments)
{
    size_t end;
    if (!is_usable(buffer, size, format))
        return -1;
    int count = print_to_memory(buffer, size, print_options_of(options), format, arguments);
    if (!buffer || !size)
        return count;
    count = settle(options, count, size, &end);
    if (end != SIZE_MAX)
        buffer[end] = 0;
    return count;
}

int ucrt_vswprintf(uint64_t options, WCHAR *buffer, size_t size, const WCHAR *format, void *locale,
                   guest_va_list arguments)
{
    size_t end;
    if (!is_usable(buffer, size, format))
        return -1;
    int count = print_wide_to_memory(buffer, size, print_options_of(options), format, arguments);
    if (!buffer || !size)
        return count;
    count = settle(options, count, size, &end);
    if (end != SIZE_MAX)
        buffer[end] = 0;
    return count;
}

/* Of the functions that take no text at all rather than a part of it. */
static int report_too_long(int count)
{
    if (count >= 0)
        crt_invalid_parameter(CRT_ERANGE);
    return -1;
}

int ucrt_vsprintf_s(uint64_t options, char *buffer, size_t size, const char *format, void *locale,
                    guest_va_list arguments)
{
    if (!is_usable(size ? buffer : NULL, 1, format))
        return -1;
    int count = print_to_memory(buffer, size, print_options_of(options), format, arguments);
    if (count >= 0 && (size_t)count < size)
        return count;
    *buffer = 0;
    return report_too_long(count);
}

int ucrt_vswprintf_s(uint64_t options, WCHAR *buffer, size_t size, const WCHAR *format, void *locale,
                     guest_va_list arguments)
{
    if (!is_usable(size ? buffer : NULL, 1, format))
        return -1;
    int count = print_wide_to_memory(buffer, size, print_options_of(options), format, arguments);
    if (count >= 0 && (size_t)count < size)
        return count;
    *buffer = 0;
    return report_too_long(count);
}

/* Up to `limit` characters and a NUL; -1 where something is left out. */
int ucrt_vsnprintf_s(uint64_t options, char *buffer, size_t size, size_t limit, const char *format,
                     void *locale, guest_va_list arguments)
{
    if (limit != TRUNCATE && limit >= size)
        return ucrt_vsprintf_s(options, buffer, size, format, locale, arguments);
    if (!is_usable(size ? buffer : NULL, 1, format))
        return -1;
    size_t room = limit < size ? limit : size - 1;
    int count = print_to_memory(buffer, room, print_options_of(options), format, arguments);
    buffer[count < 0 ? 0 : (size_t)count < room ? (size_t)count : room] = 0;
    return count >= 0 && (size_t)count <= room ? count : -1;
}

int ucrt_vsnwprintf_s(uint64_t options, WCHAR *buffer, size_t size, size_t limit, const WCHAR *format,
                      void *locale, guest_va_list arguments)
{
    if (limit != TRUNCATE && limit >= size)
        return ucrt_vswprintf_s(options, buffer, size, format, locale, arguments);
    if (!is_usable(size ? buffer : NULL, 1, format))
        return -1;
    size_t room = limit < size ? limit : size - 1;
    int count = print_wide_to_memory(buffer, room, print_options_of(options), format, arguments);
    buffer[count < 0 ? 0 : (size_t)count < room ? (size_t)count : room] = 0;
    return count >= 0 && (size_t)count <= room ? count : -1;
}

/* Scanning: the options are those of the reader. */

int ucrt_vfscanf(uint64_t options, struct crt_file *file, const char *format, void *locale,
                 guest_va_list arguments)
{
    return scan_stream(file, (unsigned)options, format, arguments);
}

int ucrt_vfwscanf(uint64_t options, struct crt_file *file, const WCHAR *format, void *locale,
                  guest_va_list arguments)
{
    return scan_wide_stream(file, (unsigned)options, format, arguments);
}

int ucrt_vsscanf(uint64_t options, const char *text, size_t length, const char *format, void *locale,
                 guest_va_list arguments)
{
    return scan_text(text, length, (unsigned)options, format, arguments);
}

int ucrt_vswscanf(uint64_t options, const WCHAR *text, size_t length, const WCHAR *format, void *locale,
                  guest_va_list arguments)
{
    return scan_wide_text(text, length, (unsigned)options, format, arguments);
}
