/* Reading from streams. */
#include <emmintrin.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/stdio.h"

int crt_fgetc(struct crt_file *file)
{
    if (!stream_is_valid(file))
        return CRT_EOF;
    stream_lock(file);
    int c = stream_get(file);
    stream_unlock(file);
    return c;
}

static __attribute__((noinline)) int GUEST_CDECL GUEST_REALIGNED fgetc_locked(struct crt_file *file)
{
    return crt_fgetc(file);
}

/* A character that is there already, with nobody to lock it against, is not worth a way through a thunk. */
int GUEST_CDECL direct_fgetc(struct crt_file *file)
{
    if (!file || !__libc_single_threaded || !stream_can_get(file))
        return fgetc_locked(file);
    file->count--;
    return (unsigned char)*file->next++;
}

int crt_getchar(void)
{
    return crt_fgetc(&crt_iob[0]);
}

static size_t take_buffered(struct crt_file *file, char *to, size_t size)
{
    size_t part = (size_t)file->count < size ? (size_t)file->count : size;
    memcpy(to, file->next, part);
    file->next += part;
    file->count -= (int32_t)part;
    return part;
}

size_t stream_read_line(struct crt_file *file, char *line, size_t size)
{
    size_t total = 0;

    while (total < size) {
        if (file->count <= 0) {
            int c = stream_fill(file);
            if (c == CRT_EOF)
                break;
            file->next--;
            file->count++;
        }
        size_t part = (size_t)file->count < size - total ? (size_t)file->count : size - total;
        const char *end = memchr(file->next, '\n', part);
        if (end)
            part = (size_t)(end - file->next) + 1;
        total += take_buffered(file, line + total, part);
        if (end)
            break;
    }
    return total;
}

/* Whole buffers go straight to where they are wanted. */
static int read_past_buffer(struct crt_file *file, char *to, size_t size)
{
    size_t unit = file->base ? (size_t)file->size : STREAM_SIZE;
    size_t whole = size - size % unit;

    if (whole == 0 || !stream_is_open(file) || (file->flags & (STREAM_WRITE | STREAM_STRING)))
        return 0;
    file->flags |= STREAM_READ;
    file->next = file->base;
    file->count = 0;
    int length = crt_read(file->fd, to, whole < INT_MAX ? (unsigned)whole : INT_MAX & -STREAM_SIZE);
    if (length <= 0)
        file->flags |= length ? STREAM_ERROR : STREAM_EOF;
    return length > 0 ? length : -1;
}

size_t stream_read(struct crt_file *file, void *data, size_t size)
{
    char *to = data;
    size_t total = 0;

    while (total < size) {
        if (file->count > 0) {
            total += take_buffered(file, to + total, size - total);
            continue;
        }
        int length = read_past_buffer(file, to + total, size - total);
        if (length < 0)
            break;
        total += (size_t)length;
        if (length > 0)
            continue;
        int c = stream_fill(file);
        if (c == CRT_EOF)
            break;
        to[total++] = (char)c;
    }
    return total;
}

size_t crt_fread(void *data, size_t size, size_t count, struct crt_file *file)
{
    size_t bytes = stream_transfer_size(data, size, count, file);

    if (!bytes)
        return 0;
    stream_lock(file);
    bytes = stream_read(file, data, bytes);
    stream_unlock(file);
    return bytes / size;
}

char *crt_fgets(char *line, int size, struct crt_file *file)
{
    if (!stream_check_line(line, size, file))
        return NULL;
    stream_lock(file);
    size_t length = stream_read_line(file, line, (size_t)size - 1);
    stream_unlock(file);
    if (length == 0 && size > 1)
        return NULL;
    line[length] = 0;
    return line;
}

static __attribute__((noinline)) char *GUEST_CDECL GUEST_REALIGNED fgets_locked(char *line, int size,
                                                                                struct crt_file *file)
{
    return crt_fgets(line, size, file);
}

/* Copies a line of at most `size` bytes, and no byte more. Returns its length; 0 where it does not end there.
 */
static inline int copy_line(char *line, const char *from, int size)
{
    const __m128i newline = _mm_set1_epi8('\n');
    int done = 0;

    for (; size - done >= 16; done += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(from + done));
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, newline)))
            break;
        _mm_storeu_si128((__m128i *)(line + done), bytes);
    }
    while (done < size) {
        line[done] = from[done];
        if (from[done++] == '\n')
            return done;
    }
    return 0;
}

/* The same for a line that is in the buffer whole. It calls nothing, since a call from here to Linux code
 * would have to save what a thunk saves. */
char *GUEST_CDECL direct_fgets(char *line, int size, struct crt_file *file)
{
    if (!line || size <= 1 || !file || !__libc_single_threaded || !stream_can_get(file))
        return fgets_locked(line, size, file);
    int length = copy_line(line, file->next, file->count < size - 1 ? file->count : size - 1);
    if (!length)
        return fgets_locked(line, size, file);
    line[length] = 0;
    file->next += length;
    file->count -= length;
    return line;
}

/* Of what may be a line of any length: the caller's buffer had better be long enough. */
char *crt_gets(char *line)
{
    struct crt_file *file = &crt_iob[0];

    if (!line) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    stream_lock(file);
    size_t length = stream_read_line(file, line, SIZE_MAX);
    stream_unlock(file);
    if (length == 0)
        return NULL;
    line[line[length - 1] == '\n' ? length - 1 : length] = 0;
    return line;
}

static bool can_be_read(const struct crt_file *file)
{
    if (file->flags & STREAM_READ)
        return true;
    return (file->flags & (STREAM_UPDATE | STREAM_WRITE)) == STREAM_UPDATE;
}

/* Room for one character is certain only after one was read. */
int stream_unget(int c, struct crt_file *file)
{
    if (!can_be_read(file))
        return CRT_EOF;
    if (!file->base)
        stream_make_buffer(file);
    if (file->next == file->base) {
        if (file->count > 0)
            return CRT_EOF;
        file->next++;
    }
    *--file->next = (char)c;
    file->count++;
    file->flags = (file->flags | STREAM_READ) & ~STREAM_EOF;
    return (unsigned char)c;
}

int crt_ungetc(int c, struct crt_file *file)
{
    if (!stream_is_valid(file) || c == CRT_EOF)
        return CRT_EOF;
    stream_lock(file);
    int result = stream_unget(c, file);
    stream_unlock(file);
    return result;
}

int crt_getw(struct crt_file *file)
{
    int value = 0;
    return crt_fread(&value, sizeof value, 1, file) == 1 ? value : CRT_EOF;
}

int crt_feof(struct crt_file *file)
{
    return stream_is_valid(file) ? file->flags & STREAM_EOF : 0;
}

int crt_ferror(struct crt_file *file)
{
    return stream_is_valid(file) ? file->flags & STREAM_ERROR : 0;
}

int crt_clearerr_s(struct crt_file *file)
{
    if (!stream_is_valid(file))
        return CRT_EINVAL;
    stream_lock(file);
    file->flags &= ~(STREAM_EOF | STREAM_ERROR);
    if (lowio_is_open(file->fd))
        lowio_clear_flags(&lowio_files[file->fd], LOWIO_END);
    stream_unlock(file);
    return 0;
}

void crt_clearerr(struct crt_file *file)
{
    crt_clearerr_s(file);
}

int crt_fileno(struct crt_file *file)
{
    return stream_is_valid(file) ? file->fd : -1;
}
