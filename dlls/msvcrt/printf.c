/* The printf family for narrow text. A variadic function and its v-form are one function here: a Windows
 * va_list is a pointer to the arguments either way. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/print.h"

#define TRUNCATE ((size_t)-1)

int crt_fprintf(struct crt_file *file, const char *format, guest_va_list arguments)
{
    return print_to_stream(file, print_options(), format, arguments);
}

int crt_printf(const char *format, guest_va_list arguments)
{
    return print_to_stream(&crt_iob[1], print_options(), format, arguments);
}

int crt_fprintf_s(struct crt_file *file, const char *format, guest_va_list arguments)
{
    return print_to_stream(file, print_options() | PRINT_SECURE, format, arguments);
}

int crt_printf_s(const char *format, guest_va_list arguments)
{
    return crt_fprintf_s(&crt_iob[1], format, arguments);
}

int crt_fprintf_p(struct crt_file *file, const char *format, guest_va_list arguments)
{
    return print_to_stream(file, print_options() | FORMAT_POSITIONAL, format, arguments);
}

int crt_printf_p(const char *format, guest_va_list arguments)
{
    return crt_fprintf_p(&crt_iob[1], format, arguments);
}

/* Nothing but the length. */
int crt_scprintf(const char *format, guest_va_list arguments)
{
    return print_to_memory(NULL, 0, print_options(), format, arguments);
}

int crt_scprintf_p(const char *format, guest_va_list arguments)
{
    return print_to_memory(NULL, 0, print_options() | FORMAT_POSITIONAL, format, arguments);
}

int crt_sprintf(char *buffer, const char *format, guest_va_list arguments)
{
    if (!buffer) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    return print_to_memory(buffer, PRINT_UNLIMITED, print_options(), format, arguments);
}

/* A NUL only where there is room for it after the text, and -1 where there is none for the text. Without
 * a buffer, the length. */
int crt_snprintf(char *buffer, size_t size, const char *format, guest_va_list arguments)
{
    if (!buffer && size) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    int count = print_to_memory(buffer, size, print_options(), format, arguments);
    if (!buffer || count < 0)
        return count;
    return (size_t)count <= size ? count : -1;
}

/* As much as fits, and always a NUL; -1 where something is left out. */
int crt_snprintf_c(char *buffer, size_t size, const char *format, guest_va_list arguments)
{
    if (!buffer || !size) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    int count = print_to_memory(buffer, size - 1, print_options(), format, arguments);
    buffer[size - 1] = 0;
    if (count >= 0 && (size_t)count < size)
        buffer[count] = 0;
    return count >= 0 && (size_t)count < size ? count : -1;
}

/* Text that does not fit leaves none. */
static int print_whole(char *buffer, size_t size, unsigned options, const char *format,
                       guest_va_list arguments)
{
    if (!buffer || !size || !format) {
        if (buffer && size)
            *buffer = 0;
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    int count = print_to_memory(buffer, size, options, format, arguments);
    if (count >= 0 && (size_t)count < size)
        return count;
    *buffer = 0;
    if (count >= 0)
        crt_invalid_parameter(CRT_ERANGE);
    return -1;
}

int crt_sprintf_s(char *buffer, size_t size, const char *format, guest_va_list arguments)
{
    return print_whole(buffer, size, print_options() | PRINT_SECURE, format, arguments);
}

int crt_sprintf_p(char *buffer, size_t size, const char *format, guest_va_list arguments)
{
    return print_whole(buffer, size, print_options() | FORMAT_POSITIONAL, format, arguments);
}

/* Up to `limit` characters and a NUL; what is left out makes the result -1. With TRUNCATE as many as fit. */
int crt_snprintf_s(char *buffer, size_t size, size_t limit, const char *format, guest_va_list arguments)
{
    if (!buffer && !size && !limit)
        return 0;
    if (limit != TRUNCATE && limit >= size)
        return crt_sprintf_s(buffer, size, format, arguments);
    if (!buffer || !size || !format) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    size_t room = limit < size ? limit : size - 1;
    int count = print_to_memory(buffer, room, print_options() | PRINT_SECURE, format, arguments);
    if (count < 0) {
        *buffer = 0;
        return -1;
    }
    buffer[(size_t)count < room ? (size_t)count : room] = 0;
    return (size_t)count <= room ? count : -1;
}

/* The same with a locale that is never there. */

int crt_fprintf_l(struct crt_file *file, const char *format, void *locale, guest_va_list arguments)
{
    return crt_fprintf(file, format, arguments);
}

int crt_printf_l(const char *format, void *locale, guest_va_list arguments)
{
    return crt_printf(format, arguments);
}

int crt_fprintf_s_l(struct crt_file *file, const char *format, void *locale, guest_va_list arguments)
{
    return crt_fprintf_s(file, format, arguments);
}

int crt_printf_s_l(const char *format, void *locale, guest_va_list arguments)
{
    return crt_printf_s(format, arguments);
}

int crt_fprintf_p_l(struct crt_file *file, const char *format, void *locale, guest_va_list arguments)
{
    return crt_fprintf_p(file, format, arguments);
}

int crt_printf_p_l(const char *format, void *locale, guest_va_list arguments)
{
    return crt_printf_p(format, arguments);
}

int crt_scprintf_l(const char *format, void *locale, guest_va_list arguments)
{
    return crt_scprintf(format, arguments);
}

int crt_scprintf_p_l(const char *format, void *locale, guest_va_list arguments)
{
    return crt_scprintf_p(format, arguments);
}

int crt_sprintf_l(char *buffer, const char *format, void *locale, guest_va_list arguments)
{
    return crt_sprintf(buffer, format, arguments);
}

int crt_snprintf_l(char *buffer, size_t size, const char *format, void *locale, guest_va_list arguments)
{
    return crt_snprintf(buffer, size, format, arguments);
}

int crt_sprintf_s_l(char *buffer, size_t size, const char *format, void *locale, guest_va_list arguments)
{
    return crt_sprintf_s(buffer, size, format, arguments);
}

int crt_sprintf_p_l(char *buffer, size_t size, const char *format, void *locale, guest_va_list arguments)
{
    return crt_sprintf_p(buffer, size, format, arguments);
}

int crt_snprintf_s_l(char *buffer, size_t size, size_t limit, const char *format, void *locale,
                     guest_va_list arguments)
{
    return crt_snprintf_s(buffer, size, limit, format, arguments);
}

int crt_snprintf_c_l(char *buffer, size_t size, const char *format, void *locale, guest_va_list arguments)
{
    return crt_snprintf_c(buffer, size, format, arguments);
}
