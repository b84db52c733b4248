/* The printf family for wide text, as printf.c is for narrow. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/print.h"

#define TRUNCATE ((size_t)-1)

int crt_fwprintf(struct crt_file *file, const WCHAR *format, guest_va_list arguments)
{
    return print_wide_to_stream(file, print_options(), format, arguments);
}

int crt_wprintf(const WCHAR *format, guest_va_list arguments)
{
    return print_wide_to_stream(&crt_iob[1], print_options(), format, arguments);
}

int crt_fwprintf_s(struct crt_file *file, const WCHAR *format, guest_va_list arguments)
{
    return print_wide_to_stream(file, print_options() | PRINT_SECURE, format, arguments);
}

int crt_wprintf_s(const WCHAR *format, guest_va_list arguments)
{
    return crt_fwprintf_s(&crt_iob[1], format, arguments);
}

int crt_fwprintf_p(struct crt_file *file, const WCHAR *format, guest_va_list arguments)
{
    return print_wide_to_stream(file, print_options() | FORMAT_POSITIONAL, format, arguments);
}

int crt_wprintf_p(const WCHAR *format, guest_va_list arguments)
{
    return crt_fwprintf_p(&crt_iob[1], format, arguments);
}

/* Nothing but the length. */
int crt_scwprintf(const WCHAR *format, guest_va_list arguments)
{
    return print_wide_to_memory(NULL, 0, print_options(), format, arguments);
}

int crt_scwprintf_p(const WCHAR *format, guest_va_list arguments)
{
    return print_wide_to_memory(NULL, 0, print_options() | FORMAT_POSITIONAL, format, arguments);
}

int crt_swprintf(WCHAR *buffer, const WCHAR *format, guest_va_list arguments)
{
    if (!buffer) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    return print_wide_to_memory(buffer, PRINT_UNLIMITED, print_options(), format, arguments);
}

/* A NUL only where there is room for it after the text, and -1 where there is none for the text. Without
 * a buffer, the length. */
int crt_snwprintf(WCHAR *buffer, size_t size, const WCHAR *format, guest_va_list arguments)
{
    if (!buffer && size) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    int count = print_wide_to_memory(buffer, size, print_options(), format, arguments);
    if (!buffer || count < 0)
        return count;
    return (size_t)count <= size ? count : -1;
}

/* As much as fits, and always a NUL; -1 where something is left out. */
int crt_swprintf_c(WCHAR *buffer, size_t size, const WCHAR *format, guest_va_list arguments)
{
    if (!buffer || !size) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    int count = print_wide_to_memory(buffer, size - 1, print_options(), format, arguments);
    buffer[size - 1] = 0;
    if (count >= 0 && (size_t)count < size)
        buffer[count] = 0;
    return count >= 0 && (size_t)count < size ? count : -1;
}

/* Text that does not fit leaves none. */
static int print_whole(WCHAR *buffer, size_t size, unsigned options, const WCHAR *format,
                       guest_va_list arguments)
{
    if (!buffer || !size || !format) {
        if (buffer && size)
            *buffer = 0;
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    int count = print_wide_to_memory(buffer, size, options, format, arguments);
    if (count >= 0 && (size_t)count < size)
        return count;
    *buffer = 0;
    if (count >= 0)
        crt_invalid_parameter(CRT_ERANGE);
    return -1;
}

int crt_swprintf_s(WCHAR *buffer, size_t size, const WCHAR *format, guest_va_list arguments)
{
    return print_whole(buffer, size, print_options() | PRINT_SECURE, format, arguments);
}

int crt_swprintf_p(WCHAR *buffer, size_t size, const WCHAR *format, guest_va_list arguments)
{
    return print_whole(buffer, size, print_options() | FORMAT_POSITIONAL, format, arguments);
}

/* Up to `limit` characters and a NUL; what is left out makes the result -1. With TRUNCATE as many as fit. */
int crt_snwprintf_s(WCHAR *buffer, size_t size, size_t limit, const WCHAR *format, guest_va_list arguments)
{
    if (!buffer && !size && !limit)
        return 0;
    if (limit != TRUNCATE && limit >= size)
        return crt_swprintf_s(buffer, size, format, arguments);
    if (!buffer || !size || !format) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    size_t room = limit < size ? limit : size - 1;
    int count = print_wide_to_memory(buffer, room, print_options() | PRINT_SECURE, format, arguments);
    if (count < 0) {
        *buffer = 0;
        return -1;
    }
    buffer[(size_t)count < room ? (size_t)count : room] = 0;
    return (size_t)count <= room ? count : -1;
}

/* The same with a locale that is never there. */

int crt_fwprintf_l(struct crt_file *file, const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_fwprintf(file, format, arguments);
}

int crt_wprintf_l(const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_wprintf(format, arguments);
}

int crt_fwprintf_s_l(struct crt_file *file, const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_fwprintf_s(file, format, arguments);
}

int crt_wprintf_s_l(const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_wprintf_s(format, arguments);
}

int crt_fwprintf_p_l(struct crt_file *file, const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_fwprintf_p(file, format, arguments);
}

int crt_wprintf_p_l(const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_wprintf_p(format, arguments);
}

int crt_scwprintf_l(const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_scwprintf(format, arguments);
}

int crt_scwprintf_p_l(const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_scwprintf_p(format, arguments);
}

int crt_swprintf_l(WCHAR *buffer, const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_swprintf(buffer, format, arguments);
}

int crt_snwprintf_l(WCHAR *buffer, size_t size, const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_snwprintf(buffer, size, format, arguments);
}

int crt_swprintf_s_l(WCHAR *buffer, size_t size, const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_swprintf_s(buffer, size, format, arguments);
}

int crt_swprintf_p_l(WCHAR *buffer, size_t size, const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_swprintf_p(buffer, size, format, arguments);
}

int crt_snwprintf_s_l(WCHAR *buffer, size_t size, size_t limit, const WCHAR *format, void *locale,
                      guest_va_list arguments)
{
    return crt_snwprintf_s(buffer, size, limit, format, arguments);
}

int crt_swprintf_c_l(WCHAR *buffer, size_t size, const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_swprintf_c(buffer, size, format, arguments);
}
