/* Streams: FILE as programs see it, and what its functions share. */
#ifndef MSVCRT_STREAM_H
#define MSVCRT_STREAM_H

#include <litewin/windows.h>
#include "dlls/msvcrt/lock.h"

/* Programs know this layout: getc and putc were macros once. While a stream is read, `count` characters are
 * left at `next`; while it is written, there is room for that many. A stream just opened or flushed has
 * `count` 0, and whoever finds no character or no room there calls _filbuf or _flsbuf. */
struct crt_file {
    char *next;
    int32_t count;
    char *base;
    int32_t flags;
    int32_t fd;
    int32_t small_buffer;
    int32_t size; /* of the buffer */
    char *temporary_name;
};

static_assert(sizeof(struct crt_file) == (sizeof(void *) == 8 ? 48 : 32), "FILE");
static_assert(offsetof(struct crt_file, flags) == (sizeof(void *) == 8 ? 24 : 12), "FILE._flag");
static_assert(offsetof(struct crt_file, temporary_name) == (sizeof(void *) == 8 ? 40 : 28), "FILE._tmpfname");

enum stream_flag {
    STREAM_READ = 0x0001,
    STREAM_WRITE = 0x0002,
    STREAM_UNBUFFERED = 0x0004,
    STREAM_OWN_BUFFER = 0x0008, /* to be freed with the stream */
    STREAM_EOF = 0x0010,
    STREAM_ERROR = 0x0020,
    STREAM_STRING = 0x0040, /* a program's own, with no file behind it */
    STREAM_UPDATE = 0x0080, /* opened for reading and writing: one of the two flags above comes and goes */
    STREAM_USER_BUFFER = 0x0100,
    STREAM_SETVBUF = 0x0400,
    STREAM_COMMIT = 0x4000,
    STREAM_RESERVED = 0x10000, /* about to be opened */

    STREAM_OPEN = STREAM_READ | STREAM_WRITE | STREAM_UPDATE,
    STREAM_ANY_BUFFER = STREAM_OWN_BUFFER | STREAM_USER_BUFFER,
};

#define CRT_EOF     (-1)
#define CRT_WEOF    ((WCHAR)0xFFFF)
#define IOB_ENTRIES 20
#define STREAM_SIZE 4096 /* of a buffer */

/* The first streams; stdin, stdout and stderr are the first three. In the DLL's image. */
EXPORTED extern struct crt_file *crt_iob;

/* A stream past those of _iob. MinGW's _lock_file knows that its lock follows. */
struct extra_stream {
    struct crt_file file;
    CRITICAL_SECTION lock;
};

static inline unsigned stream_iob_index(const struct crt_file *file)
{
    return (unsigned)(((uintptr_t)file - (uintptr_t)crt_iob) / sizeof *file);
}

static inline bool stream_is_in_iob(const struct crt_file *file)
{
    return (uintptr_t)file - (uintptr_t)crt_iob < IOB_ENTRIES * sizeof *file;
}

static inline void stream_lock(struct crt_file *file)
{
    if (stream_is_in_iob(file))
        crt_mutex_lock(&crt_locks[CRT_LOCK_STREAMS + stream_iob_index(file)]);
    else
        EnterCriticalSection(&((struct extra_stream *)file)->lock);
}

static inline void stream_unlock(struct crt_file *file)
{
    if (stream_is_in_iob(file))
        crt_mutex_unlock(&crt_locks[CRT_LOCK_STREAMS + stream_iob_index(file)]);
    else
        LeaveCriticalSection(&((struct extra_stream *)file)->lock);
}

static inline bool stream_is_open(const struct crt_file *file)
{
    return (file->flags & STREAM_OPEN) != 0;
}

/* False with errno EINVAL for NULL, which is what a failed fopen leaves to careless programs. */
bool stream_is_valid(const struct crt_file *file);

/* Whether there is a line of `size` characters to read into; reports what is wrong. */
bool stream_check_line(const void *line, int size, const struct crt_file *file);

/* How many bytes fread and fwrite are asked to move; 0, with what is wrong reported, where there are none. */
size_t stream_transfer_size(const void *data, size_t size, size_t count, const struct crt_file *file);

/* A closed stream, marked as reserved; NULL with errno EMFILE where there are too many. */
struct crt_file *stream_reserve(void);
/* Returns it, or one that is closed now, to where stream_reserve finds it. */
void stream_release(struct crt_file *file);

/* Calls `visit` for every stream that is open, with its lock taken, and returns the sum of its results. */
int stream_for_each(int (*visit)(struct crt_file *file), int32_t flags);

/* What follows works on a stream whose lock is held. */

/* _filbuf: the next character, from a buffer filled anew; EOF. */
int stream_fill(struct crt_file *file);
/* _flsbuf: writes one character where there is no room. */
int stream_overflow(int c, struct crt_file *file);

/* `count` means nothing unless the stream goes in the right direction already. */
static inline bool stream_can_get(const struct crt_file *file)
{
    return (file->flags & STREAM_READ) && file->count > 0;
}

static inline bool stream_can_put(const struct crt_file *file)
{
    return (file->flags & STREAM_WRITE) && file->count > 0;
}

static inline int stream_get(struct crt_file *file)
{
    if (!stream_can_get(file))
        return stream_fill(file);
    file->count--;
    return (unsigned char)*file->next++;
}

static inline int stream_put(int c, struct crt_file *file)
{
    if (!stream_can_put(file))
        return stream_overflow(c, file);
    file->count--;
    return (unsigned char)(*file->next++ = (char)c);
}

/* Makes a stream ready for writing: after it there is a buffer with room or there is to be none. */
bool stream_begin_write(struct crt_file *file);

static inline bool stream_has_buffer(const struct crt_file *file)
{
    return (file->flags & STREAM_ANY_BUFFER) != 0;
}

size_t stream_write(struct crt_file *file, const void *data, size_t size);
/* The next `size` bytes; fewer at the end of the file or with an error. */
size_t stream_read(struct crt_file *file, void *data, size_t size);
int stream_unget(int c, struct crt_file *file);
/* Reads up to a line's end, which is included, or `size` bytes. */
size_t stream_read_line(struct crt_file *file, char *line, size_t size);

/* Writes out what is buffered for writing, and forgets what is buffered of reading. 0 or EOF. */
int stream_flush(struct crt_file *file);
void stream_make_buffer(struct crt_file *file);
void stream_drop_buffer(struct crt_file *file);
int stream_close(struct crt_file *file);

/* Whether wide characters are stored as they are: the file is binary, or its text is Unicode. Otherwise they
 * are converted to the locale's. */
bool stream_is_wide(const struct crt_file *file);

int64_t stream_tell(struct crt_file *file);
int stream_seek(struct crt_file *file, int64_t offset, int whence);

#endif
