/* What errno's numbers mean, in words. */
#include <stdio.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/startup.h"
#include "dlls/msvcrt/thread_data.h"

#define TEXT_COUNT 44

static const char texts[TEXT_COUNT][36] = {
    "No error",
    "Operation not permitted",
    "No such file or directory",
    "No such process",
    "Interrupted function call",
    "Input/output error",
    "No such device or address",
    "Arg list too long",
    "Exec format error",
    "Bad file descriptor",
    "No child processes",
    "Resource temporarily unavailable",
    "Not enough space",
    "Permission denied",
    "Bad address",
    "Unknown error",
    "Resource device",
    "File exists",
    "Improper link",
    "No such device",
    "Not a directory",
    "Is a directory",
    "Invalid argument",
    "Too many open files in system",
    "Too many open files",
    "Inappropriate I/O control operation",
    "Unknown error",
    "File too large",
    "No space left on device",
    "Invalid seek",
    "Read-only file system",
    "Too many links",
    "Broken pipe",
    "Domain error",
    "Result too large",
    "Unknown error",
    "Resource deadlock avoided",
    "Unknown error",
    "Filename too long",
    "No locks available",
    "Function not implemented",
    "Directory not empty",
    "Illegal byte sequence",
    "Unknown error",
};

const char *(*crt_sys_errlist)[TEXT_COUNT];
int *crt_sys_nerr;

/* The last text stands for all numbers without one, so it does not count. */
void error_text_attach(void)
{
    for (int i = 0; i < TEXT_COUNT; i++)
        (*crt_sys_errlist)[i] = texts[i];
    *crt_sys_nerr = TEXT_COUNT - 1;
}

static const char *error_text(int error)
{
    return texts[error >= 0 && error < TEXT_COUNT - 1 ? error : TEXT_COUNT - 1];
}

/* As much as there is room for; the target is not empty. */
static void copy_text(char *target, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);
    memcpy(target, text, length);
    target[length] = 0;
}

static void widen(WCHAR *target, size_t size, const char *text)
{
    while (--size && *text)
        *target++ = (unsigned char)*text++;
    *target = 0;
}

char *crt_strerror(int error)
{
    struct crt_buffers *buffers = crt_thread_buffers();
    if (!buffers)
        return NULL;
    copy_text(buffers->error_text, sizeof buffers->error_text, error_text(error));
    return buffers->error_text;
}

WCHAR *crt_wcserror(int error)
{
    struct crt_buffers *buffers = crt_thread_buffers();
    if (!buffers)
        return NULL;
    widen(buffers->wide_error_text, sizeof buffers->wide_error_text / sizeof(WCHAR), error_text(error));
    return buffers->wide_error_text;
}

/* "message: text of errno\n" */
char *crt_strerror_of_errno(const char *message)
{
    struct crt_buffers *buffers = crt_thread_buffers();
    if (!buffers)
        return NULL;
    bool has_message = message && *message;
    snprintf(buffers->error_text, sizeof buffers->error_text, "%.94s%s%s\n", has_message ? message : "",
             has_message ? ": " : "", error_text(crt_thread.error));
    return buffers->error_text;
}

WCHAR *crt_wcserror_of_errno(const WCHAR *message)
{
    struct crt_buffers *buffers = crt_thread_buffers();
    if (!buffers)
        return NULL;
    WCHAR *out = buffers->wide_error_text;
    for (int i = 0; message && message[i] && i < 94; i++)
        *out++ = message[i];
    if (out > buffers->wide_error_text) {
        *out++ = ':';
        *out++ = ' ';
    }
    for (const char *text = error_text(crt_thread.error); *text; text++)
        *out++ = (unsigned char)*text;
    *out++ = '\n';
    *out = 0;
    return buffers->wide_error_text;
}

/* The message's errno as _strerror gives it, into the caller's memory. */
int crt_strerror_of_errno_s(char *target, size_t size, const char *message)
{
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    const char *text = crt_strerror_of_errno(message);
    if (!text)
        return CRT_ENOMEM;
    copy_text(target, size, text);
    return 0;
}

int crt_wcserror_of_errno_s(WCHAR *target, size_t size, const WCHAR *message)
{
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    const WCHAR *text = crt_wcserror_of_errno(message);
    if (!text)
        return CRT_ENOMEM;
    while (--size && *text)
        *target++ = *text++;
    *target = 0;
    return 0;
}

int crt_strerror_s(char *target, size_t size, int error)
{
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    copy_text(target, size, error_text(error));
    return 0;
}

int crt_wcserror_s(WCHAR *target, size_t size, int error)
{
    if (!target || !size)
        return crt_invalid_parameter(CRT_EINVAL);
    widen(target, size, error_text(error));
    return 0;
}
