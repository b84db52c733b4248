/* Opening and closing streams, and giving them buffers. */
#include <strings.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/file_name.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/stdio.h"

#define PERMISSION (CRT_S_IREAD | CRT_S_IWRITE)

/* The program's default for streams whose mode says neither 'c' nor 'n' (startup.c). */
extern int *crt_commode;

/* What a mode such as "w+b" asks for. */
struct open_mode {
    int open_flags;
    int32_t stream_flags;
};

static bool skip_text(const WCHAR **text, const char *expected)
{
    const WCHAR *at = *text;
    for (; *expected; expected++, at++) {
        WCHAR unit = *at >= 'A' && *at <= 'Z' ? *at | 0x20 : *at;
        if (unit != (unsigned char)*expected)
            return false;
    }
    *text = at;
    return true;
}

static const WCHAR *skip_blanks(const WCHAR *text)
{
    while (*text == ' ')
        text++;
    return text;
}

/* ", ccs=ENCODING" ends a mode. */
static bool read_encoding(const WCHAR *text, struct open_mode *mode)
{
    text = skip_blanks(text);
    if (!*text)
        return true;
    if (*text++ != ',')
        return true;
    text = skip_blanks(text);
    if (!skip_text(&text, "ccs"))
        return false;
    text = skip_blanks(text);
    if (*text++ != '=')
        return false;
    text = skip_blanks(text);
    if (skip_text(&text, "utf-8"))
        mode->open_flags |= CRT_O_U8TEXT;
    else if (skip_text(&text, "utf-16le"))
        mode->open_flags |= CRT_O_U16TEXT;
    else if (skip_text(&text, "unicode"))
        mode->open_flags |= CRT_O_WTEXT;
    else
        return false;
    mode->open_flags &= ~CRT_O_TEXT;
    return *skip_blanks(text) == 0;
}

static void read_mode_letter(WCHAR letter, struct open_mode *mode)
{
    switch (letter) {
    case '+':
        mode->open_flags = (mode->open_flags & ~CRT_O_ACCESS) | CRT_O_RDWR;
        mode->stream_flags = (mode->stream_flags & ~(STREAM_READ | STREAM_WRITE)) | STREAM_UPDATE;
        break;
    case 'b':
        if (!(mode->open_flags & CRT_O_TEXT))
            mode->open_flags |= CRT_O_BINARY;
        break;
    case 't':
        if (!(mode->open_flags & CRT_O_BINARY))
            mode->open_flags |= CRT_O_TEXT;
        break;
    case 'c':
        mode->stream_flags |= STREAM_COMMIT;
        break;
    case 'n':
        mode->stream_flags &= ~STREAM_COMMIT;
        break;
    case 'N':
        mode->open_flags |= CRT_O_NOINHERIT;
        break;
    case 'S': /* of these two the first counts */
        mode->open_flags |= mode->open_flags & CRT_O_RANDOM ? 0 : CRT_O_SEQUENTIAL;
        break;
    case 'R':
        mode->open_flags |= mode->open_flags & CRT_O_SEQUENTIAL ? 0 : CRT_O_RANDOM;
        break;
    case 'T':
        mode->open_flags |= CRT_O_SHORT_LIVED;
        break;
    case 'D':
        mode->open_flags |= CRT_O_TEMPORARY;
        break;
    }
}

/* Letters without a meaning have none. */
static bool read_mode(const WCHAR *text, struct open_mode *mode)
{
    text = skip_blanks(text);
    switch (*text++) {
    case 'r':
        *mode = (struct open_mode){CRT_O_RDONLY, STREAM_READ};
        break;
    case 'w':
        *mode = (struct open_mode){CRT_O_WRONLY | CRT_O_CREAT | CRT_O_TRUNC, STREAM_WRITE};
        break;
    case 'a':
        *mode = (struct open_mode){CRT_O_WRONLY | CRT_O_CREAT | CRT_O_APPEND, STREAM_WRITE};
        break;
    default:
        return false;
    }
    mode->stream_flags |= *crt_commode & STREAM_COMMIT;
    for (; *text && *text != ','; text++)
        read_mode_letter(*text, mode);
    return read_encoding(text, mode);
}

static void begin_stream(struct crt_file *file, int fd, int32_t flags)
{
    file->next = file->base = NULL;
    file->count = 0;
    file->temporary_name = NULL;
    file->fd = fd;
    __atomic_store_n(&file->flags, flags, __ATOMIC_RELEASE);
}

/* Into a stream that is reserved, and that is released again where this fails. */
static struct crt_file *open_into(struct crt_file *file, const WCHAR *path, const WCHAR *mode_text, int share)
{
    struct open_mode mode;
    int fd = -1;

    if (read_mode(mode_text, &mode))
        fd = crt_wsopen(path, mode.open_flags, share, PERMISSION);
    else
        crt_invalid_parameter(CRT_EINVAL);
    if (fd < 0) {
        stream_release(file);
        return NULL;
    }
    begin_stream(file, fd, mode.stream_flags);
    return file;
}

struct crt_file *crt_wfsopen(const WCHAR *path, const WCHAR *mode, int share)
{
    if (!path || !mode || !*mode) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    struct crt_file *file = stream_reserve();
    return file ? open_into(file, path, mode, share) : NULL;
}

#define MODE_LENGTH 64

/* Modes are ASCII. */
static const WCHAR *widen_mode(WCHAR *wide, const char *mode)
{
    if (!mode)
        return NULL;
    size_t length = strnlen(mode, MODE_LENGTH - 1);
    for (size_t i = 0; i < length; i++)
        wide[i] = (unsigned char)mode[i];
    wide[length] = 0;
    return wide;
}

struct crt_file *crt_fsopen(const char *path, const char *mode, int share)
{
    WCHAR wide_mode[MODE_LENGTH];
    struct file_name name;

    if (!file_name_open(&name, path))
        return NULL;
    struct crt_file *file = crt_wfsopen(name.text, widen_mode(wide_mode, mode), share);
    file_name_close(&name);
    return file;
}

struct crt_file *crt_fopen(const char *path, const char *mode)
{
    return crt_fsopen(path, mode, CRT_SH_DENYNO);
}

struct crt_file *crt_wfopen(const WCHAR *path, const WCHAR *mode)
{
    return crt_wfsopen(path, mode, CRT_SH_DENYNO);
}

/* The secure functions open for this process alone, as far as they write. */
int crt_fopen_s(struct crt_file **file, const char *path, const char *mode)
{
    if (!file)
        return crt_invalid_parameter(CRT_EINVAL);
    *file = crt_fsopen(path, mode, CRT_SH_SECURE);
    return *file ? 0 : *crt_errno();
}

int crt_wfopen_s(struct crt_file **file, const WCHAR *path, const WCHAR *mode)
{
    if (!file)
        return crt_invalid_parameter(CRT_EINVAL);
    *file = crt_wfsopen(path, mode, CRT_SH_SECURE);
    return *file ? 0 : *crt_errno();
}

struct crt_file *crt_wfdopen(int fd, const WCHAR *mode_text)
{
    struct open_mode mode;

    if (!mode_text || !read_mode(mode_text, &mode)) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    if (!lowio_is_open(fd)) {
        crt_fail(CRT_EBADF);
        return NULL;
    }
    struct crt_file *file = stream_reserve();
    if (file)
        begin_stream(file, fd, mode.stream_flags);
    return file;
}

struct crt_file *crt_fdopen(int fd, const char *mode)
{
    WCHAR wide_mode[MODE_LENGTH];
    return crt_wfdopen(fd, widen_mode(wide_mode, mode));
}

static void delete_temporary(struct crt_file *file)
{
    struct file_name name;

    if (!file->temporary_name)
        return;
    if (file_name_open(&name, file->temporary_name)) {
        DeleteFileW(name.text);
        file_name_close(&name);
    }
    crt_free(file->temporary_name);
    file->temporary_name = NULL;
}

/* Leaves the stream reserved. */
static int close_stream(struct crt_file *file)
{
    int result = stream_flush(file);

    stream_drop_buffer(file);
    if (crt_close(file->fd) < 0)
        result = CRT_EOF;
    delete_temporary(file);
    file->flags = STREAM_RESERVED;
    return result;
}

int stream_close(struct crt_file *file)
{
    int result = close_stream(file);
    stream_release(file);
    return result;
}

int crt_fclose(struct crt_file *file)
{
    int result = CRT_EOF;

    if (!stream_is_valid(file))
        return CRT_EOF;
    stream_lock(file);
    if (file->flags & STREAM_STRING)
        file->flags = 0;
    else if (stream_is_open(file))
        result = stream_close(file);
    stream_unlock(file);
    return result;
}

struct crt_file *crt_wfreopen(const WCHAR *path, const WCHAR *mode, struct crt_file *file)
{
    if (!path || !mode || !file) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    stream_lock(file);
    if (stream_is_open(file))
        close_stream(file);
    file->flags = STREAM_RESERVED;
    struct crt_file *opened = open_into(file, path, mode, CRT_SH_DENYNO);
    stream_unlock(file);
    return opened;
}

struct crt_file *crt_freopen(const char *path, const char *mode, struct crt_file *file)
{
    WCHAR wide_mode[MODE_LENGTH];
    struct file_name name;

    if (!file_name_open(&name, path))
        return NULL;
    struct crt_file *opened = crt_wfreopen(name.text, widen_mode(wide_mode, mode), file);
    file_name_close(&name);
    return opened;
}

int crt_freopen_s(struct crt_file **opened, const char *path, const char *mode, struct crt_file *file)
{
    if (!opened)
        return crt_invalid_parameter(CRT_EINVAL);
    *opened = crt_freopen(path, mode, file);
    return *opened ? 0 : *crt_errno();
}

int crt_wfreopen_s(struct crt_file **opened, const WCHAR *path, const WCHAR *mode, struct crt_file *file)
{
    if (!opened)
        return crt_invalid_parameter(CRT_EINVAL);
    *opened = crt_wfreopen(path, mode, file);
    return *opened ? 0 : *crt_errno();
}

static int close_other_than_standard(struct crt_file *file)
{
    if (stream_is_in_iob(file) && stream_iob_index(file) < 3)
        return 0;
    return stream_close(file) == 0;
}

int crt_fcloseall(void)
{
    return stream_for_each(close_other_than_standard, STREAM_OPEN);
}

enum { CRT_IOFBF = 0x00, CRT_IONBF = 0x04, CRT_IOLBF = 0x40 };

/* Windows has no line buffering: what asks for it is fully buffered. */
static bool set_buffer(struct crt_file *file, char *buffer, int mode, size_t size)
{
    stream_flush(file);
    stream_drop_buffer(file);
    if (mode == CRT_IONBF) {
        file->flags |= STREAM_UNBUFFERED;
        file->base = (char *)&file->small_buffer;
        size = sizeof(WCHAR);
    } else if (buffer) {
        file->flags |= STREAM_USER_BUFFER | STREAM_SETVBUF;
        file->base = buffer;
    } else {
        file->base = crt_malloc(size);
        if (!file->base)
            return false;
        file->flags |= STREAM_OWN_BUFFER | STREAM_SETVBUF;
    }
    file->next = file->base;
    file->size = (int32_t)size;
    return true;
}

int crt_setvbuf(struct crt_file *file, char *buffer, int mode, size_t size)
{
    if (!stream_is_valid(file))
        return -1;
    bool known = mode == CRT_IOFBF || mode == CRT_IOLBF || mode == CRT_IONBF;
    if (!known || (mode != CRT_IONBF && (size < 2 || size > INT_MAX))) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    stream_lock(file);
    bool done = set_buffer(file, buffer, mode, size & ~(size_t)1);
    stream_unlock(file);
    return done ? 0 : -1;
}

void crt_setbuf(struct crt_file *file, char *buffer)
{
    crt_setvbuf(file, buffer, buffer ? CRT_IOFBF : CRT_IONBF, 512);
}
