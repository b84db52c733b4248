/* The streams' table and their buffers. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/startup.h"
#include "dlls/msvcrt/stdio.h"
#include "dlls/msvcrt/stream.h"

#define STREAMS         2048
#define DEFAULT_STREAMS 512

struct crt_file *crt_iob;

static struct crt_mutex table_lock;
static struct extra_stream *extra_streams[STREAMS - IOB_ENTRIES];
static int stream_limit = DEFAULT_STREAMS;

void stdio_attach(void)
{
    lowio_attach();
    for (int i = 0; i < 3; i++) {
        bool exists = lowio_files[i].handle != (HANDLE)(intptr_t)LOWIO_NO_CONSOLE;
        crt_iob[i].fd = exists ? i : LOWIO_NO_CONSOLE;
        crt_iob[i].flags = i == 0 ? STREAM_READ : STREAM_WRITE;
    }
}

struct crt_file *crt_iob_func(void)
{
    return crt_iob;
}

bool stream_is_valid(const struct crt_file *file)
{
    if (!file)
        crt_invalid_parameter(CRT_EINVAL);
    return file != NULL;
}

bool stream_check_line(const void *line, int size, const struct crt_file *file)
{
    if (!stream_is_valid(file))
        return false;
    if ((!line && size) || size < 0) {
        crt_invalid_parameter(CRT_EINVAL);
        return false;
    }
    return size != 0;
}

size_t stream_transfer_size(const void *data, size_t size, size_t count, const struct crt_file *file)
{
    size_t bytes;

    if (size == 0 || count == 0 || !stream_is_valid(file))
        return 0;
    if (!data || __builtin_mul_overflow(size, count, &bytes)) {
        crt_invalid_parameter(CRT_EINVAL);
        return 0;
    }
    return bytes;
}

static struct crt_file *stream_at(int index)
{
    if (index < IOB_ENTRIES)
        return &crt_iob[index];
    struct extra_stream *extra = __atomic_load_n(&extra_streams[index - IOB_ENTRIES], __ATOMIC_ACQUIRE);
    return extra ? &extra->file : NULL;
}

static struct crt_file *make_extra(int index)
{
    struct extra_stream *extra = crt_calloc(1, sizeof *extra);
    if (!extra)
        return NULL;
    InitializeCriticalSection(&extra->lock);
    __atomic_store_n(&extra_streams[index - IOB_ENTRIES], extra, __ATOMIC_RELEASE);
    return &extra->file;
}

struct crt_file *stream_reserve(void)
{
    struct crt_file *file = NULL;

    crt_mutex_lock(&table_lock);
    for (int i = 0; i < stream_limit; i++) {
        file = stream_at(i);
        if (!file)
            file = make_extra(i);
        if (!file || file->flags == 0)
            break;
        file = NULL;
    }
    if (file) {
        file->fd = -1;
        file->flags = STREAM_RESERVED;
    }
    crt_mutex_unlock(&table_lock);
    if (!file)
        crt_fail(CRT_EMFILE);
    return file;
}

void stream_release(struct crt_file *file)
{
    file->fd = -1;
    __atomic_store_n(&file->flags, 0, __ATOMIC_RELEASE);
}

int stream_for_each(int (*visit)(struct crt_file *file), int32_t flags)
{
    int sum = 0;
    for (int i = 0; i < STREAMS; i++) {
        struct crt_file *file = stream_at(i);
        if (!file)
            break;
        /* A stream of another kind may be busy for ever, such as with the console's input. */
        if (!(file->flags & flags))
            continue;
        stream_lock(file);
        if (stream_is_open(file))
            sum += visit(file);
        stream_unlock(file);
    }
    return sum;
}

int crt_getmaxstdio(void)
{
    return stream_limit;
}

int crt_setmaxstdio(int limit)
{
    if (limit < IOB_ENTRIES || limit > STREAMS) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    stream_limit = limit;
    return limit;
}

/* Without memory the stream goes on without a buffer. */
void stream_make_buffer(struct crt_file *file)
{
    file->base = crt_malloc(STREAM_SIZE);
    if (file->base) {
        file->flags |= STREAM_OWN_BUFFER;
        file->size = STREAM_SIZE;
    } else {
        file->flags |= STREAM_UNBUFFERED;
        file->base = (char *)&file->small_buffer;
        file->size = sizeof(WCHAR);
    }
    file->next = file->base;
    file->count = 0;
}

/* A terminal sees what is written to it at once, and nothing of an error message may be lost. */
static bool is_written_at_once(const struct crt_file *file)
{
    return file == &crt_iob[2] || (file == &crt_iob[1] && crt_isatty(file->fd));
}

static int fail_stream(struct crt_file *file, int error)
{
    file->flags |= STREAM_ERROR;
    file->count = 0;
    return crt_fail(error);
}

int stream_fill(struct crt_file *file)
{
    file->count = 0;
    if (!stream_is_open(file) || (file->flags & STREAM_STRING))
        return CRT_EOF;
    if (file->flags & STREAM_WRITE)
        return fail_stream(file, CRT_EBADF);
    file->flags |= STREAM_READ;
    if (!(file->flags & (STREAM_ANY_BUFFER | STREAM_UNBUFFERED)))
        stream_make_buffer(file);
    file->next = file->base;
    /* One byte, where nothing may be read ahead. */
    int size = stream_has_buffer(file) || stream_is_wide(file) ? file->size : 1;
    int length = crt_read(file->fd, file->base, (unsigned)size);
    if (length <= 0) {
        file->flags |= length ? STREAM_ERROR : STREAM_EOF;
        return CRT_EOF;
    }
    file->count = length - 1;
    return (unsigned char)*file->next++;
}

static bool write_out(struct crt_file *file, const void *data, size_t size)
{
    const char *from = data;
    while (size) {
        unsigned part = size < INT_MAX ? (unsigned)size : INT_MAX & -STREAM_SIZE;
        int written = crt_write(file->fd, from, part);
        if (written <= 0) {
            file->flags |= STREAM_ERROR;
            return false;
        }
        from += written;
        size -= (size_t)written;
    }
    return true;
}

/* Empties the buffer of a stream that goes on being written. What could not be written is lost, as on
 * Windows: else the stream would be stuck for ever. */
static bool empty_buffer(struct crt_file *file)
{
    size_t length = (size_t)(file->next - file->base);
    bool written = length == 0 || write_out(file, file->base, length);

    file->next = file->base;
    file->count = file->size;
    return written;
}

static bool is_appended_to(const struct crt_file *file)
{
    return lowio_is_open(file->fd) && (lowio_files[file->fd].flags & LOWIO_APPEND);
}

bool stream_begin_write(struct crt_file *file)
{
    bool holds_output = (file->flags & STREAM_WRITE) && stream_has_buffer(file) && file->next != file->base;
    if (holds_output)
        return true;
    if (!(file->flags & (STREAM_WRITE | STREAM_UPDATE))) {
        fail_stream(file, CRT_EBADF);
        return false;
    }
    if (file->flags & STREAM_STRING) {
        fail_stream(file, CRT_ERANGE);
        return false;
    }
    if (file->flags & STREAM_READ) {
        /* Only a position that is set, or the end of the file, lets a stream change direction. */
        if (!(file->flags & STREAM_EOF)) {
            fail_stream(file, CRT_EBADF);
            return false;
        }
        file->flags &= ~STREAM_READ;
        file->next = file->base;
    }
    file->flags = (file->flags | STREAM_WRITE) & ~STREAM_EOF;
    if (!(file->flags & (STREAM_ANY_BUFFER | STREAM_UNBUFFERED)) && !is_written_at_once(file))
        stream_make_buffer(file);
    file->count = 0;
    if (stream_has_buffer(file)) {
        file->next = file->base;
        file->count = file->size;
        /* So that the position that ftell counts from is right. */
        if (is_appended_to(file))
            crt_lseeki64(file->fd, 0, FILE_END);
    }
    return true;
}

int stream_overflow(int c, struct crt_file *file)
{
    char byte = (char)c;

    /* The caller has taken one from `count`. */
    file->count = 0;
    return stream_write(file, &byte, 1) == 1 ? (unsigned char)c : CRT_EOF;
}

/* A stream that was read, with nothing left in its buffer, takes whole buffers even so, past its own. */
static bool takes_whole_buffers(const struct crt_file *file, size_t size)
{
    return (file->flags & STREAM_READ) && (file->flags & STREAM_UPDATE) && !(file->flags & STREAM_EOF) &&
           file->count == 0 && stream_has_buffer(file) && size >= (size_t)file->size;
}

size_t stream_write(struct crt_file *file, const void *data, size_t size)
{
    const char *from = data;
    size_t left = size;

    if (takes_whole_buffers(file, size)) {
        size_t whole = size - size % (size_t)file->size;
        file->next = file->base;
        if (!write_out(file, data, whole))
            return 0;
        return whole + stream_write(file, from + whole, size - whole);
    }
    if (size == 0 || !stream_begin_write(file))
        return 0;
    if (!stream_has_buffer(file))
        return write_out(file, data, size) ? size : 0;
    while (left) {
        size_t room = (size_t)file->count;
        if (room == 0) {
            if (!empty_buffer(file))
                return size - left;
            continue;
        }
        if (file->next == file->base && left >= (size_t)file->size) {
            size_t whole = left - left % (size_t)file->size;
            if (!write_out(file, from, whole))
                return size - left;
            from += whole;
            left -= whole;
            continue;
        }
        size_t part = left < room ? left : room;
        memcpy(file->next, from, part);
        file->next += part;
        file->count -= (int32_t)part;
        from += part;
        left -= part;
    }
    return size;
}

int stream_flush(struct crt_file *file)
{
    int result = 0;

    if ((file->flags & (STREAM_READ | STREAM_WRITE)) == STREAM_WRITE && stream_has_buffer(file) &&
        file->next > file->base) {
        if (!empty_buffer(file))
            result = CRT_EOF;
        else if (file->flags & STREAM_UPDATE)
            file->flags &= ~STREAM_WRITE;
    }
    file->next = file->base;
    file->count = 0;
    if (result == 0 && (file->flags & STREAM_COMMIT))
        result = crt_commit(file->fd);
    return result ? CRT_EOF : 0;
}

void stream_drop_buffer(struct crt_file *file)
{
    if (file->flags & STREAM_OWN_BUFFER)
        crt_free(file->base);
    file->flags &= ~(STREAM_ANY_BUFFER | STREAM_UNBUFFERED | STREAM_SETVBUF);
    file->next = file->base = NULL;
    file->count = 0;
}

bool stream_is_wide(const struct crt_file *file)
{
    if (!lowio_is_open(file->fd))
        return true;
    return !(lowio_files[file->fd].flags & LOWIO_TEXT) || lowio_states[file->fd].encoding != LOWIO_ANSI;
}

/* What the macros getc and putc of old compilers call. */
int crt_filbuf(struct crt_file *file)
{
    if (!stream_is_valid(file))
        return CRT_EOF;
    stream_lock(file);
    int c = stream_fill(file);
    stream_unlock(file);
    return c;
}

int crt_flsbuf(int c, struct crt_file *file)
{
    if (!stream_is_valid(file))
        return CRT_EOF;
    stream_lock(file);
    c = stream_overflow(c, file);
    stream_unlock(file);
    return c;
}

static int flush_counting_failures(struct crt_file *file)
{
    return stream_flush(file) != 0;
}

static int flush_counting_streams(struct crt_file *file)
{
    stream_flush(file);
    return 1;
}

int crt_fflush(struct crt_file *file)
{
    if (!file)
        return stream_for_each(flush_counting_failures, STREAM_WRITE) ? CRT_EOF : 0;
    stream_lock(file);
    int result = stream_is_open(file) ? stream_flush(file) : 0;
    stream_unlock(file);
    return result;
}

int crt_flushall(void)
{
    return stream_for_each(flush_counting_streams, STREAM_OPEN);
}

void stdio_detach(void)
{
    crt_fflush(NULL);
    crt_rmtmp();
}

void crt_lock_file(struct crt_file *file)
{
    stream_lock(file);
}

void crt_unlock_file(struct crt_file *file)
{
    stream_unlock(file);
}
