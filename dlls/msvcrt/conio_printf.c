/* The console's printf family. */
#include <stdlib.h>
#include "dlls/msvcrt/conio.h"
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/print.h"
#include "dlls/msvcrt/thread_data.h"

static int print(unsigned options, const char *format, guest_va_list arguments)
{
    int length = print_to_memory(NULL, 0, options, format, arguments);
    char *text = length > 0 ? malloc(length) : NULL;
    if (length <= 0)
        return length;
    if (!text) {
        crt_thread.error = CRT_ENOMEM;
        return -1;
    }
    print_to_memory(text, length, options, format, arguments);
    bool written = conio_write_narrow(text, length);
    free(text);
    return written ? length : -1;
}

static int print_wide(unsigned options, const WCHAR *format, guest_va_list arguments)
{
    int length = print_wide_to_memory(NULL, 0, options, format, arguments);
    WCHAR *text = length > 0 ? malloc(length * sizeof *text) : NULL;
    if (length <= 0)
        return length;
    if (!text) {
        crt_thread.error = CRT_ENOMEM;
        return -1;
    }
    print_wide_to_memory(text, length, options, format, arguments);
    bool written = conio_write(text, length);
    free(text);
    return written ? length : -1;
}

int crt_cprintf(const char *format, guest_va_list arguments)
{
    return print(print_options(), format, arguments);
}

int crt_cprintf_l(const char *format, void *locale, guest_va_list arguments)
{
    return print(print_options(), format, arguments);
}

int crt_cprintf_p(const char *format, guest_va_list arguments)
{
    return print(print_options() | FORMAT_POSITIONAL, format, arguments);
}

int crt_cprintf_p_l(const char *format, void *locale, guest_va_list arguments)
{
    return crt_cprintf_p(format, arguments);
}

int crt_cwprintf(const WCHAR *format, guest_va_list arguments)
{
    return print_wide(print_options(), format, arguments);
}

int crt_cwprintf_l(const WCHAR *format, void *locale, guest_va_list arguments)
{
    return print_wide(print_options(), format, arguments);
}

int crt_cwprintf_p(const WCHAR *format, guest_va_list arguments)
{
    return print_wide(print_options() | FORMAT_POSITIONAL, format, arguments);
}

int crt_cwprintf_p_l(const WCHAR *format, void *locale, guest_va_list arguments)
{
    return crt_cwprintf_p(format, arguments);
}
