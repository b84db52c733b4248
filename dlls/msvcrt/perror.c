#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/stdio.h"

void crt_perror(const char *text)
{
    struct crt_file *file = &crt_iob[2];
    const char *message = crt_strerror(*crt_errno());

    stream_lock(file);
    if (text && *text) {
        stream_write(file, text, strlen(text));
        stream_write(file, ": ", 2);
    }
    stream_write(file, message, strlen(message));
    stream_write(file, "\n", 1);
    stream_unlock(file);
}

void crt_wperror(const WCHAR *text)
{
    int size = text ? WideCharToMultiByte(CP_ACP, 0, text, -1, NULL, 0, NULL, NULL) : 0;
    char *narrow = size ? crt_malloc((size_t)size) : NULL;

    if (narrow)
        WideCharToMultiByte(CP_ACP, 0, text, -1, narrow, size, NULL, NULL);
    crt_perror(narrow);
    crt_free(narrow);
}
