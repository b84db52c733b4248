/* Writing to streams. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/stdio.h"

int crt_fputc(int c, struct crt_file *file)
{
    if (!stream_is_valid(file))
        return CRT_EOF;
    stream_lock(file);
    c = stream_put(c, file);
    stream_unlock(file);
    return c;
}

static __attribute__((noinline)) int GUEST_CDECL GUEST_REALIGNED fputc_locked(int c, struct crt_file *file)
{
    return crt_fputc(c, file);
}

/* As short as direct_fgetc. */
int GUEST_CDECL direct_fputc(int c, struct crt_file *file)
{
    if (!file || !__libc_single_threaded || !stream_can_put(file))
        return fputc_locked(c, file);
    file->count--;
    return (unsigned char)(*file->next++ = (char)c);
}

int crt_putchar(int c)
{
    return crt_fputc(c, &crt_iob[1]);
}

size_t crt_fwrite(const void *data, size_t size, size_t count, struct crt_file *file)
{
    size_t bytes = stream_transfer_size(data, size, count, file);

    if (!bytes)
        return 0;
    stream_lock(file);
    bytes = stream_write(file, data, bytes);
    stream_unlock(file);
    return bytes / size;
}

int crt_fputs(const char *text, struct crt_file *file)
{
    if (!text) {
        crt_invalid_parameter(CRT_EINVAL);
        return CRT_EOF;
    }
    if (!stream_is_valid(file))
        return CRT_EOF;
    size_t length = strlen(text);
    stream_lock(file);
    size_t written = stream_write(file, text, length);
    stream_unlock(file);
    return written == length ? 0 : CRT_EOF;
}

/* A short line reaches a terminal in one piece. */
static bool write_line(struct crt_file *file, const char *text, size_t length)
{
    char line[256];

    if (length < sizeof line && file->count == 0) {
        memcpy(line, text, length);
        line[length] = '\n';
        return stream_write(file, line, length + 1) == length + 1;
    }
    return stream_write(file, text, length) == length && stream_put('\n', file) == '\n';
}

int crt_puts(const char *text)
{
    struct crt_file *file = &crt_iob[1];

    if (!text) {
        crt_invalid_parameter(CRT_EINVAL);
        return CRT_EOF;
    }
    stream_lock(file);
    bool written = write_line(file, text, strlen(text));
    stream_unlock(file);
    return written ? 0 : CRT_EOF;
}

int crt_putw(int value, struct crt_file *file)
{
    return crt_fwrite(&value, sizeof value, 1, file) == 1 ? value : CRT_EOF;
}
