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

/* Where the buffer of text begins in the file. Windows takes every line's end for CR LF, as positions in
 * files with other ends show; except that with more of the file to come it knows how much was read. */
static int64_t start_of_text(const struct crt_file *file, int64_t end)
{
    size_t size = (size_t)(file->next - file->base) + (size_t)file->count;
    int64_t length = crt_lseeki64(file->fd, 0, CRT_SEEK_END);

    if (length == end)
        return end - (int64_t)(size + count_lines(file->base, size));
    crt_lseeki64(file->fd, end, CRT_SEEK_SET);
    /* The CR of a line's end that comes first was read with what came before. */
    bool split_line = (lowio_files[file->fd].flags & LOWIO_CRLF) != 0;
    return end - lowio_states[file->fd].bytes_read - split_line;
}

int64_t stream_tell(struct crt_file *file)
{
    int64_t position = crt_lseeki64(file->fd, 0, CRT_SEEK_CUR);

    if (position < 0 || !file->base)
        return position;
    int64_t done = size_in_file(file, file->base, (size_t)(file->next - file->base));
    if (file->flags & STREAM_WRITE)
        return position + done;
    if (file->count <= 0)
        return position;
    if (is_ansi_text(file) && stream_has_buffer(file))
        return start_of_text(file, position) + done;
    return position - size_in_file(file, file->next, (size_t)file->count);
}

static int64_t tell_locked(struct crt_file *file)
{
    return stream_is_open(file) ? stream_tell(file) : crt_fail(CRT_EBADF);
}

int stream_seek(struct crt_file *file, int64_t offset, int whence)
{
    file->flags &= ~STREAM_EOF;
    if (whence == CRT_SEEK_CUR) {
        int64_t position = stream_tell(file);
        if (position == -1)
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
    return *position == -1 ? -1 : 0;
}

int crt_fsetpos(struct crt_file *file, const int64_t *position)
{
    if (!position) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    return crt_fseeki64(file, *position, CRT_SEEK_SET);
}
