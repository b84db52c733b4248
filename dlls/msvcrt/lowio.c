/* Reading, writing and the rest of what is done with an open file's number. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"

#define CTRL_Z      0x1A
#define WRITE_CHUNK 8192

enum { CRT_SEEK_SET, CRT_SEEK_CUR, CRT_SEEK_END };

/* A file that was opened for the other direction only is, to the C library, a bad file number. */
static bool fail_transfer(void)
{
    DWORD error = GetLastError();
    os_error_set(error);
    if (error == ERROR_ACCESS_DENIED)
        *crt_errno() = CRT_EBADF;
    return false;
}

bool lowio_read_bytes(struct lowio_file *file, void *buffer, DWORD size, DWORD *done)
{
    *done = 0;
    if (ReadFile(file->handle, buffer, size, done, NULL))
        return true;
    return GetLastError() == ERROR_BROKEN_PIPE || fail_transfer();
}

bool lowio_write_bytes(struct lowio_file *file, const void *buffer, DWORD size, DWORD *done)
{
    *done = 0;
    return WriteFile(file->handle, buffer, size, done, NULL) || fail_transfer();
}

/* A CR ends what was read: only the next byte says whether it belongs to a line's end. Puts what comes of it
 * at `to`, and returns how many bytes that are. Of a file that can be rewound the byte is read again; if it
 * is the LF, the CR is done with, unless nothing else was read, which would look like the end of the file. */
static int resolve_final_cr(struct lowio_file *file, char *to, bool is_first)
{
    char next;
    DWORD done;

    *to = '\r';
    if (!lowio_read_bytes(file, &next, 1, &done) || done == 0)
        return 1;
    bool rewinds = !(lowio_flags(file) & (LOWIO_DEVICE | LOWIO_PIPE));
    if (next == '\n' && (is_first || !rewinds)) {
        *to = '\n';
        lowio_state_of(file)->bytes_read++;
        return 1;
    }
    if (!rewinds) {
        file->lookahead = next;
        return 1;
    }
    SetFilePointerEx(file->handle, (LARGE_INTEGER){.QuadPart = -1}, NULL, FILE_CURRENT);
    return next == '\n' ? 0 : 1;
}

/* A device's text ends at the Ctrl-Z for this once, a file's for good. */
static bool is_end_of_text(struct lowio_file *file)
{
    if (lowio_flags(file) & LOWIO_DEVICE)
        return false;
    lowio_set_flags(file, LOWIO_END);
    return true;
}

/* Turns CR LF into LF, in place, up to `stop`, where there is a Ctrl-Z or the end of what was read. `from` is
 * the first CR. Returns the end of what is left. */
static char *drop_crs(struct lowio_file *file, char *buffer, char *from, char *stop, const char *end)
{
    char *to = from;

    while (from < stop) {
        if (from + 1 == end)
            return to + resolve_final_cr(file, to, to == buffer);
        if (from[1] == '\n')
            from++;
        char *next = from + 1 < stop ? memchr(from + 1, '\r', (size_t)(stop - from - 1)) : NULL;
        size_t plain = (size_t)((next ? next : stop) - from);
        memmove(to, from, plain);
        to += plain;
        from += plain;
    }
    return to;
}

/* Returns how many bytes of text there are among those that were read. */
static unsigned translate_input(struct lowio_file *file, char *buffer, unsigned size)
{
    char *end = buffer + size;
    char *ctrl_z = memchr(buffer, CTRL_Z, size);
    char *stop = ctrl_z ? ctrl_z : end;
    char *cr = memchr(buffer, '\r', (size_t)(stop - buffer));
    char *to = cr ? drop_crs(file, buffer, cr, stop, end) : stop;

    if (ctrl_z && !is_end_of_text(file))
        *to++ = CTRL_Z;
    return (unsigned)(to - buffer);
}

static int read_text(struct lowio_file *file, char *buffer, unsigned size)
{
    unsigned kept = 0;
    DWORD done;

    if (file->flags & LOWIO_END)
        return 0;
    if (file->lookahead != '\n') {
        buffer[kept++] = file->lookahead;
        file->lookahead = '\n';
    }
    if (!lowio_read_bytes(file, buffer + kept, size - kept, &done))
        return -1;
    lowio_state_of(file)->bytes_read = done;
    if (kept + done && buffer[0] == '\n')
        lowio_set_flags(file, LOWIO_CRLF);
    else
        lowio_clear_flags(file, LOWIO_CRLF);
    return (int)translate_input(file, buffer, kept + done);
}

static int read_locked(struct lowio_file *file, void *buffer, unsigned size)
{
    DWORD done;

    lowio_state_of(file)->bytes_read = 0;
    if (size == 0)
        return 0;
    if (file->flags & LOWIO_TEXT) {
        if (lowio_state_of(file)->encoding != LOWIO_ANSI)
            return lowio_read_unicode(file, buffer, size);
        return read_text(file, buffer, size);
    }
    if (!lowio_read_bytes(file, buffer, size, &done))
        return -1;
    lowio_state_of(file)->bytes_read = done;
    return (int)done;
}

int crt_read(int fd, void *buffer, unsigned size)
{
    struct lowio_file *file = lowio_acquire(fd);
    int result = -1;

    if (!file)
        return -1;
    if (!buffer || size > INT_MAX)
        crt_invalid_parameter(CRT_EINVAL);
    else
        result = read_locked(file, buffer, size);
    lowio_release(file);
    return result;
}

/* Copies text with a CR before each LF, as much as surely fits. Returns the number of bytes in `chunk`. */
static unsigned expand_lines(char *chunk, unsigned room, const char *buffer, unsigned size, unsigned *used)
{
    char *to = chunk;
    unsigned from = 0;

    while (from < size && room >= 2) {
        unsigned part = size - from < room - 1 ? size - from : room - 1;
        const char *line_end = memchr(buffer + from, '\n', part);
        unsigned plain = line_end ? (unsigned)(line_end - buffer) - from : part;
        memcpy(to, buffer + from, plain);
        to += plain;
        from += plain;
        room -= plain;
        if (line_end) {
            *to++ = '\r';
            *to++ = '\n';
            from++;
            room -= 2;
        }
    }
    *used = from;
    return (unsigned)(to - chunk);
}

/* How many of the buffer's bytes are among the first `written` of the expanded text. */
static unsigned unexpanded(const char *buffer, unsigned written)
{
    unsigned from = 0;
    for (unsigned to = 0; to < written; from++)
        to += buffer[from] == '\n' ? 2 : 1;
    return from;
}

static int write_text(struct lowio_file *file, const char *buffer, unsigned size)
{
    unsigned total = 0;

    while (total < size) {
        char chunk[WRITE_CHUNK];
        unsigned used;
        DWORD done;
        unsigned length = expand_lines(chunk, sizeof chunk, buffer + total, size - total, &used);
        if (!lowio_write_bytes(file, chunk, length, &done))
            return total ? (int)total : -1;
        if (done < length)
            return (int)(total + unexpanded(buffer + total, done));
        total += used;
    }
    return (int)total;
}

static int write_locked(struct lowio_file *file, const char *buffer, unsigned size)
{
    bool text = (file->flags & LOWIO_TEXT) != 0;
    DWORD done;

    if (file->flags & LOWIO_APPEND)
        SetFilePointerEx(file->handle, (LARGE_INTEGER){.QuadPart = 0}, NULL, FILE_END);
    if (text && lowio_state_of(file)->encoding != LOWIO_ANSI)
        return lowio_write_unicode(file, buffer, size);
    if (text && memchr(buffer, '\n', size))
        return write_text(file, buffer, size);
    return lowio_write_bytes(file, buffer, size, &done) ? (int)done : -1;
}

/* A device may take nothing of what begins with a Ctrl-Z; else nothing is written because there is no room.
 */
int crt_write(int fd, const void *buffer, unsigned size)
{
    struct lowio_file *file = lowio_acquire(fd);
    int result = -1;

    if (!file)
        return -1;
    if (size == 0) {
        result = 0;
    } else if (!buffer || size > INT_MAX) {
        crt_invalid_parameter(CRT_EINVAL);
    } else {
        result = write_locked(file, buffer, size);
        if (result == 0 && !((lowio_flags(file) & LOWIO_DEVICE) && *(const char *)buffer == CTRL_Z))
            result = crt_fail(CRT_ENOSPC);
    }
    lowio_release(file);
    return result;
}

int64_t crt_lseeki64(int fd, int64_t offset, int whence)
{
    LARGE_INTEGER position = {.QuadPart = -1};
    struct lowio_file *file = lowio_acquire(fd);

    if (!file)
        return -1;
    /* Bytes that were read and not given out yet are, to the program, still to come. */
    int64_t held = whence == CRT_SEEK_CUR ? lowio_state_of(file)->held_count : 0;
    if (whence < CRT_SEEK_SET || whence > CRT_SEEK_END) {
        crt_invalid_parameter(CRT_EINVAL);
    } else if (SetFilePointerEx(file->handle, (LARGE_INTEGER){.QuadPart = offset - held}, &position,
                                whence)) {
        lowio_clear_flags(file, LOWIO_END);
        lowio_state_of(file)->held_count = 0;
    } else {
        os_error_last();
        position.QuadPart = -1;
    }
    lowio_release(file);
    return position.QuadPart;
}

/* A position that 32 bits cannot tell is an error, though the file is there. */
int crt_lseek(int fd, int offset, int whence)
{
    int64_t position = crt_lseeki64(fd, offset, whence);
    if (position > INT32_MAX)
        return crt_fail(CRT_EINVAL);
    return (int)position;
}

int64_t crt_telli64(int fd)
{
    return crt_lseeki64(fd, 0, CRT_SEEK_CUR);
}

int crt_tell(int fd)
{
    return crt_lseek(fd, 0, CRT_SEEK_CUR);
}

int64_t crt_filelengthi64(int fd)
{
    LARGE_INTEGER size = {.QuadPart = -1};
    struct lowio_file *file = lowio_acquire(fd);

    if (!file)
        return -1;
    if (!GetFileSizeEx(file->handle, &size)) {
        os_error_last();
        size.QuadPart = -1;
    }
    lowio_release(file);
    return size.QuadPart;
}

int crt_filelength(int fd)
{
    int64_t length = crt_filelengthi64(fd);
    if (length > INT32_MAX)
        return crt_fail(CRT_EINVAL);
    return (int)length;
}

int crt_eof(int fd)
{
    int64_t position = crt_telli64(fd);
    int64_t length = position < 0 ? -1 : crt_filelengthi64(fd);
    return length < 0 ? -1 : position >= length;
}

static bool change_size(HANDLE handle, int64_t size)
{
    LARGE_INTEGER position;
    if (!SetFilePointerEx(handle, (LARGE_INTEGER){.QuadPart = 0}, &position, FILE_CURRENT) ||
        !SetFilePointerEx(handle, (LARGE_INTEGER){.QuadPart = size}, NULL, FILE_BEGIN))
        return false;
    bool changed = SetEndOfFile(handle);
    DWORD error = GetLastError();
    SetFilePointerEx(handle, position, NULL, FILE_BEGIN);
    SetLastError(error);
    return changed;
}

int crt_chsize_s(int fd, int64_t size)
{
    struct lowio_file *file = lowio_acquire(fd);
    int error = 0;

    if (!file)
        return CRT_EBADF;
    if (size < 0) {
        error = crt_invalid_parameter(CRT_EINVAL);
    } else if (!change_size(file->handle, size)) {
        os_error_last();
        error = *crt_errno();
    }
    lowio_release(file);
    return error;
}

int crt_chsize(int fd, int size)
{
    return crt_chsize_s(fd, size) ? -1 : 0;
}

int crt_commit(int fd)
{
    struct lowio_file *file = lowio_acquire(fd);
    int result = 0;

    if (!file)
        return -1;
    if (!FlushFileBuffers(file->handle)) {
        os_error_last();
        *crt_errno() = CRT_EBADF;
        result = -1;
    }
    lowio_release(file);
    return result;
}

static int mode_of(const struct lowio_file *file)
{
    if (!(file->flags & LOWIO_TEXT))
        return CRT_O_BINARY;
    return lowio_state_of(file)->encoding == LOWIO_ANSI ? CRT_O_TEXT : CRT_O_WTEXT;
}

int crt_setmode(int fd, int mode)
{
    struct lowio_file *file;

    if (mode != CRT_O_TEXT && mode != CRT_O_BINARY && mode != CRT_O_WTEXT && mode != CRT_O_U8TEXT &&
        mode != CRT_O_U16TEXT) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    file = lowio_acquire(fd);
    if (!file)
        return -1;
    int old = mode_of(file);
    if (mode == CRT_O_BINARY)
        lowio_clear_flags(file, LOWIO_TEXT);
    else
        lowio_set_flags(file, LOWIO_TEXT);
    lowio_state_of(file)->encoding = lowio_wanted_encoding(mode);
    lowio_release(file);
    return old;
}

int crt_isatty(int fd)
{
    if (!lowio_is_open(fd)) {
        crt_fail(CRT_EBADF);
        return 0;
    }
    return lowio_flags(&lowio_files[fd]) & LOWIO_DEVICE;
}

enum { CRT_LK_UNLCK, CRT_LK_LOCK, CRT_LK_NBLCK, CRT_LK_RLCK, CRT_LK_NBRLCK };

/* Windows' runtime tries ten times, a second apart. */
static bool lock_region(HANDLE handle, DWORD offset, DWORD size, int tries)
{
    while (!LockFile(handle, offset, 0, size, 0)) {
        if (--tries <= 0)
            return false;
        Sleep(1000);
    }
    return true;
}

/* From the current position. */
int crt_locking(int fd, int mode, int size)
{
    if (size < 0 || mode < CRT_LK_UNLCK || mode > CRT_LK_NBRLCK) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    int offset = crt_lseek(fd, 0, CRT_SEEK_CUR);
    struct lowio_file *file = offset < 0 ? NULL : lowio_acquire(fd);
    if (!file)
        return -1;
    bool patient = mode == CRT_LK_LOCK || mode == CRT_LK_RLCK;
    bool done = mode == CRT_LK_UNLCK
                    ? UnlockFile(file->handle, (DWORD)offset, 0, (DWORD)size, 0)
                    : lock_region(file->handle, (DWORD)offset, (DWORD)size, patient ? 10 : 1);
    if (!done) {
        os_error_last();
        if (patient)
            *crt_errno() = CRT_EDEADLK;
    }
    lowio_release(file);
    return done ? 0 : -1;
}
