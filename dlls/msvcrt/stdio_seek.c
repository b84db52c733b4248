/* Positions in streams. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/stdio.h"

enum { CRT_SEEK_SET, CRT_SEEK_CUR, CRT_SEEK_END };

static size_t count_lines(const char *text, size_t size)
{
    size_t lines = 0;
    const char *end = text + size;
    while (text < end && (text = memchr(text, '\n', (size_t)(end - text)))) {
        lines++;
        text++;
    }
    return lines;
}

/* Reads once more what the buffer was made of, and returns how many bytes of it became its first `wanted`. */
static int64_t reread(int fd, int64_t start, size_t raw, size_t wanted)
{
    struct lowio_file *file = lowio_acquire(fd);
    int64_t offset = 0;
    size_t made = 0;
    char last = 0;

    if (!file)
        return -1;
    LARGE_INTEGER position = {.QuadPart = start + (int64_t)raw};
    SetFilePointerEx(file->handle, (LARGE_INTEGER){.QuadPart = start}, NULL, FILE_BEGIN);
    while (made < wanted) {
        char bytes[1024];
        DWORD size;
        if (!lowio_read_bytes(file, bytes, sizeof bytes, &size) || size == 0)
            break;
        for (DWORD i = 0; i < size && made < wanted; i++) {
            /* The LF of a CR LF was not counted yet: its CR was. */
            if (bytes[i] != '\n' || last != '\r')
                made++;
            last = bytes[i];
            offset++;
        }
        /* The position is just after a CR: its LF goes with it. */
        if (made == wanted && last == '\r') {
            char next;
            SetFilePointerEx(file->handle, (LARGE_INTEGER){.QuadPart = start + offset}, NULL, FILE_BEGIN);
            if (lowio_read_bytes(file, &next, 1, &size) && size == 1 && next == '\n')
                offset++;
        }
    }
    SetFilePointerEx(file->handle, position, NULL, FILE_BEGIN);
    lowio_release(file);
    return offset;
}

/* How many bytes of the file the read part of the buffer is. Text has lost the CR of its CR LF, of which the
 * number of bytes read tells: none, or that of every line, or else they have to be looked for. */
static int64_t consumed(const struct crt_file *file, int64_t end)
{
    size_t read = (size_t)(file->next - file->base);
    size_t buffered = read + (size_t)file->count;
    size_t raw = lowio_states[file->fd].bytes_read;

    if (raw == buffered)
        return (int64_t)read;
    if (raw == buffered + count_lines(file->base, buffered))
        return (int64_t)(read + count_lines(file->base, read));
    return reread(file->fd, end - (int64_t)raw, raw, read);
}

static bool is_ansi_text(const struct crt_file *file)
{
    return lowio_is_open(file->fd) && (lowio_files[file->fd].flags & LOWIO_TEXT) &&
           lowio_states[file->fd].encoding == LOWIO_ANSI;
}

/* In UTF-16 that was read from UTF-8, characters have other sizes than in the file. */
static int64_t utf8_size(const char *text, size_t size)
{
    size_t units = size / sizeof(WCHAR);
    int64_t bytes = 0;
    for (const WCHAR *unit = (const WCHAR *)text; units; unit++, units--) {
        bool surrogate = (*unit & 0xF800) == 0xD800;
        bytes += *unit == '\n' ? 2 : *unit < 0x80 ? 1 : *unit < 0x800 || surrogate ? 2 : 3;
    }
    return bytes;
}

static int64_t utf16_size(const char *text, size_t size)
{
    size_t units = size / sizeof(WCHAR);
    int64_t bytes = 0;
    for (const WCHAR *unit = (const WCHAR *)text; units; unit++, units--)
        bytes += *unit == '\n' ? 4 : 2;
    return bytes;
}

/* The size in the file of text that is still to be written, or, with lines that end in CR LF, that was read.
 */
static int64_t size_in_file(const struct crt_file *file, const char *text, size_t size)
{
    if (!lowio_is_open(file->fd) || !(lowio_files[file->fd].flags & LOWIO_TEXT))
        return (int64_t)size;
    switch (lowio_states[file->fd].encoding) {
    case LOWIO_UTF8:
        return utf8_size(text, size);
    case LOWIO_UTF16:
        return utf16_size(text, size);
    default:
        return (int64_t)(size + count_lines(text, size));
    }
}

int64_t stream_tell(struct crt_file *file)
{
    int64_t position = crt_lseeki64(file->fd, 0, CRT_SEEK_CUR);

    if (position < 0 || !file->base)
        return position;
    if (file->flags & STREAM_WRITE)
        return position + size_in_file(file, file->base, (size_t)(file->next - file->base));
    if (file->count <= 0)
        return position;
    if (!is_ansi_text(file))
        return position - size_in_file(file, file->next, (size_t)file->count);
    int64_t raw = lowio_states[file->fd].bytes_read;
    int64_t read = consumed(file, position);
    return read < 0 ? -1 : position - raw + read;
}

/* ungetc at the start of a file leads to a place before it. */
static int64_t tell_locked(struct crt_file *file)
{
    int64_t position = stream_is_open(file) ? stream_tell(file) : crt_fail(CRT_EBADF);
    return position < -1 ? -1 : position;
}

int stream_seek(struct crt_file *file, int64_t offset, int whence)
{
    file->flags &= ~STREAM_EOF;
    if (whence == CRT_SEEK_CUR) {
        int64_t position = stream_tell(file);
        if (position < 0)
            return -1;
        offset += position;
        whence = CRT_SEEK_SET;
    }
    stream_flush(file);
    if (file->flags & STREAM_UPDATE)
        file->flags &= ~(STREAM_READ | STREAM_WRITE);
    return crt_lseeki64(file->fd, offset, whence) < 0 ? -1 : 0;
}

int crt_fseeki64(struct crt_file *file, int64_t offset, int whence)
{
    if (!stream_is_valid(file))
        return -1;
    if (whence < CRT_SEEK_SET || whence > CRT_SEEK_END) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    stream_lock(file);
    int result = stream_is_open(file) ? stream_seek(file, offset, whence) : crt_fail(CRT_EINVAL);
    stream_unlock(file);
    return result;
}

int crt_fseek(struct crt_file *file, int offset, int whence)
{
    return crt_fseeki64(file, offset, whence);
}

int64_t crt_ftelli64(struct crt_file *file)
{
    if (!stream_is_valid(file))
        return -1;
    stream_lock(file);
    int64_t position = tell_locked(file);
    stream_unlock(file);
    return position;
}

int crt_ftell(struct crt_file *file)
{
    int64_t position = crt_ftelli64(file);
    return position > INT32_MAX ? crt_fail(CRT_EINVAL) : (int)position;
}

void crt_rewind(struct crt_file *file)
{
    if (!stream_is_valid(file))
        return;
    stream_lock(file);
    if (stream_is_open(file)) {
        stream_seek(file, 0, CRT_SEEK_SET);
        file->flags &= ~(STREAM_EOF | STREAM_ERROR);
    }
    stream_unlock(file);
}

int crt_fgetpos(struct crt_file *file, int64_t *position)
{
    if (!position) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    *position = crt_ftelli64(file);
    return *position < 0 ? -1 : 0;
}

int crt_fsetpos(struct crt_file *file, const int64_t *position)
{
    if (!position) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    return crt_fseeki64(file, *position, CRT_SEEK_SET);
}
