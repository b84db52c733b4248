/* Wide characters in streams: as they are where the file is binary or its text is Unicode, and otherwise
 * in the locale's encoding. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/locale.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/stdio.h"

#define CHARACTER_BYTES 8

static bool put_bytes(struct crt_file *file, const char *bytes, int size)
{
    for (int i = 0; i < size; i++)
        if (stream_put(bytes[i], file) == CRT_EOF)
            return false;
    return true;
}

size_t stream_write_wide(struct crt_file *file, const WCHAR *units, size_t count)
{
    if (stream_is_wide(file))
        return stream_write(file, units, count * sizeof *units) / sizeof *units;
    size_t done = 0;
    while (done < count) {
        char bytes[CHARACTER_BYTES];
        WCHAR last[2] = {units[done], 0};
        size_t used;
        int size = locale_encode(bytes, count - done > 1 ? units + done : last, &used);
        if (size < 0) {
            file->flags |= STREAM_ERROR;
            break;
        }
        if (!put_bytes(file, bytes, size))
            break;
        done += used;
    }
    return done;
}

/* A character outside the basic plane has no single unit, and is none that this could return. */
static WCHAR get_encoded(struct crt_file *file)
{
    char bytes[CHARACTER_BYTES];
    WCHAR units[2];
    size_t used;

    for (int size = 0; size < *crt_mb_cur_max;) {
        int c = stream_get(file);
        if (c == CRT_EOF)
            return CRT_WEOF;
        bytes[size++] = (char)c;
        int error = *crt_errno();
        int count = locale_decode(units, bytes, (size_t)size, &used);
        if (count == 1)
            return units[0];
        if (count < 0 && size < *crt_mb_cur_max)
            *crt_errno() = error;
    }
    crt_fail(CRT_EILSEQ);
    return CRT_WEOF;
}

static WCHAR get_unit(struct crt_file *file)
{
    if (!stream_is_wide(file))
        return get_encoded(file);
    int low = stream_get(file);
    int high = low == CRT_EOF ? CRT_EOF : stream_get(file);
    return high == CRT_EOF ? CRT_WEOF : (WCHAR)(low | high << 8);
}

static bool put_unit(WCHAR unit, struct crt_file *file)
{
    return stream_write_wide(file, &unit, 1) == 1;
}

WCHAR crt_fgetwc(struct crt_file *file)
{
    if (!stream_is_valid(file))
        return CRT_WEOF;
    stream_lock(file);
    WCHAR unit = get_unit(file);
    stream_unlock(file);
    return unit;
}

WCHAR crt_getwchar(void)
{
    return crt_fgetwc(&crt_iob[0]);
}

WCHAR crt_fputwc(WCHAR unit, struct crt_file *file)
{
    if (!stream_is_valid(file))
        return CRT_WEOF;
    stream_lock(file);
    bool written = put_unit(unit, file);
    stream_unlock(file);
    return written ? unit : CRT_WEOF;
}

WCHAR crt_putwchar(WCHAR unit)
{
    return crt_fputwc(unit, &crt_iob[1]);
}

WCHAR crt_ungetwc(WCHAR unit, struct crt_file *file)
{
    char bytes[CHARACTER_BYTES];
    size_t used;
    int size = sizeof unit;

    if (unit == CRT_WEOF || !stream_is_valid(file))
        return CRT_WEOF;
    stream_lock(file);
    if (stream_is_wide(file))
        memcpy(bytes, &unit, sizeof unit);
    else
        size = locale_encode(bytes, (WCHAR[]){unit, 0}, &used);
    bool done = size > 0;
    while (done && size > 0)
        done = stream_unget((unsigned char)bytes[--size], file) != CRT_EOF;
    stream_unlock(file);
    return done ? unit : CRT_WEOF;
}

/* Up to a line's end, which is included, or `size` units. */
static size_t read_wide_line(struct crt_file *file, WCHAR *line, size_t size)
{
    size_t length = 0;
    while (length < size) {
        WCHAR unit = get_unit(file);
        if (unit == CRT_WEOF)
            break;
        line[length++] = unit;
        if (unit == '\n')
            break;
    }
    return length;
}

WCHAR *crt_fgetws(WCHAR *line, int size, struct crt_file *file)
{
    if (!stream_check_line(line, size, file))
        return NULL;
    stream_lock(file);
    size_t length = read_wide_line(file, line, (size_t)size - 1);
    stream_unlock(file);
    if (length == 0 && size > 1)
        return NULL;
    line[length] = 0;
    return line;
}

WCHAR *crt_getws(WCHAR *line)
{
    struct crt_file *file = &crt_iob[0];

    if (!line) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    stream_lock(file);
    size_t length = read_wide_line(file, line, SIZE_MAX);
    stream_unlock(file);
    if (length == 0)
        return NULL;
    line[line[length - 1] == '\n' ? length - 1 : length] = 0;
    return line;
}

static bool write_text(const WCHAR *text, struct crt_file *file)
{
    size_t length = 0;
    while (text[length])
        length++;
    return stream_write_wide(file, text, length) == length;
}

int crt_fputws(const WCHAR *text, struct crt_file *file)
{
    if (!text) {
        crt_invalid_parameter(CRT_EINVAL);
        return CRT_EOF;
    }
    if (!stream_is_valid(file))
        return CRT_EOF;
    stream_lock(file);
    bool written = write_text(text, file);
    stream_unlock(file);
    return written ? 0 : CRT_EOF;
}

int crt_putws(const WCHAR *text)
{
    struct crt_file *file = &crt_iob[1];

    if (!text) {
        crt_invalid_parameter(CRT_EINVAL);
        return CRT_EOF;
    }
    stream_lock(file);
    bool written = write_text(text, file) && put_unit('\n', file);
    stream_unlock(file);
    return written ? 0 : CRT_EOF;
}
