#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/locale.h"
#include "dlls/msvcrt/os_error.h"
#include "dlls/msvcrt/print.h"
#include "dlls/msvcrt/stdio.h"
#include "dlls/msvcrt/thread_data.h"

#define TEMPORARY_BYTES 4096
#define TEMPORARY_UNITS 512

enum { TWO_DIGIT_EXPONENT = 1 };

static unsigned output_format;

unsigned crt_set_output_format(unsigned format)
{
    if (format & ~TWO_DIGIT_EXPONENT) {
        crt_invalid_parameter(CRT_EINVAL);
        return output_format;
    }
    return __atomic_exchange_n(&output_format, format, __ATOMIC_RELAXED);
}

unsigned crt_get_output_format(void)
{
    return output_format;
}

unsigned print_options(void)
{
    unsigned options = FORMAT_LEGACY_WIDE_SPECIFIERS | FORMAT_LEGACY_MSVCRT | FORMAT_FROM_17_DIGITS;
    return output_format & TWO_DIGIT_EXPONENT ? options : options | FORMAT_THREE_DIGIT_EXPONENTS;
}

static int narrow_character(char *bytes, const wchar_t *units, size_t length, size_t *used)
{
    WCHAR last[2] = {*units, 0};
    return locale_encode(bytes, length > 1 ? units : last, used);
}

static int widen_character(wchar_t *units, const char *bytes, size_t length, size_t *used)
{
    return locale_decode(units, bytes, length, used);
}

struct format_locale print_locale(void)
{
    bool is_c = !locale_of(CRT_LC_NUMERIC);
    return (struct format_locale){
        .decimal_point = is_c ? '.' : *crt_localeconv()->decimal_point,
        .narrow = narrow_character,
        .widen = widen_character,
    };
}

/* Text that goes straight into a stream's buffer. */
struct stream_sink {
    struct format_sink sink;
    struct crt_file *file;
};

static void lend_buffer(struct stream_sink *target)
{
    target->sink.cursor = target->file->next;
    target->sink.limit = target->file->next + target->file->count;
}

static void return_buffer(struct stream_sink *target)
{
    struct crt_file *file = target->file;
    file->count -= (int32_t)(target->sink.cursor - file->next);
    file->next = target->sink.cursor;
}

static bool overflow_to_stream(struct format_sink *sink, const char *bytes, size_t size)
{
    struct stream_sink *target = (struct stream_sink *)sink;
    return_buffer(target);
    bool written = stream_write(target->file, bytes, size) == size;
    lend_buffer(target);
    return written;
}

static int print_buffered(struct crt_file *file, unsigned options, const struct format_locale *locale,
                          const char *format, guest_va_list arguments)
{
    struct stream_sink target = {.sink.overflow = overflow_to_stream, .file = file};
    lend_buffer(&target);
    int count = format_narrow(&target.sink, options, locale, format, arguments);
    return_buffer(&target);
    return count;
}

/* Text for a stream without a buffer is put together here first. */
struct unbuffered_sink {
    struct format_sink sink;
    struct crt_file *file;
    char bytes[TEMPORARY_BYTES];
};

static bool write_temporary(struct unbuffered_sink *target)
{
    size_t size = (size_t)(target->sink.cursor - target->bytes);
    target->sink.cursor = target->bytes;
    return stream_write(target->file, target->bytes, size) == size;
}

static bool overflow_to_unbuffered(struct format_sink *sink, const char *bytes, size_t size)
{
    struct unbuffered_sink *target = (struct unbuffered_sink *)sink;
    return write_temporary(target) && stream_write(target->file, bytes, size) == size;
}

static int print_unbuffered(struct crt_file *file, unsigned options, const struct format_locale *locale,
                            const char *format, guest_va_list arguments)
{
    struct unbuffered_sink target;
    target.sink =
        (struct format_sink){target.bytes, target.bytes + sizeof target.bytes, overflow_to_unbuffered};
    target.file = file;
    int count = format_narrow(&target.sink, options, locale, format, arguments);
    return write_temporary(&target) ? count : -1;
}

int print_to_stream(struct crt_file *file, unsigned options, const char *format, guest_va_list arguments)
{
    struct format_locale locale = print_locale();
    int count = -1;

    if (!stream_is_valid(file))
        return -1;
    if (!format) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    stream_lock(file);
    if (stream_begin_write(file))
        count = stream_has_buffer(file) ? print_buffered(file, options, &locale, format, arguments)
                                        : print_unbuffered(file, options, &locale, format, arguments);
    stream_unlock(file);
    return count;
}

/* Wide text, which the stream converts. */
struct wide_sink {
    struct format_sink sink;
    struct crt_file *file;
    WCHAR units[TEMPORARY_UNITS];
};

static bool write_wide_temporary(struct wide_sink *target)
{
    size_t count = (size_t)((WCHAR *)target->sink.cursor - target->units);
    target->sink.cursor = (char *)target->units;
    return stream_write_wide(target->file, target->units, count) == count;
}

static bool overflow_to_wide(struct format_sink *sink, const char *bytes, size_t size)
{
    struct wide_sink *target = (struct wide_sink *)sink;
    size_t count = size / sizeof(WCHAR);
    return write_wide_temporary(target) &&
           stream_write_wide(target->file, (const WCHAR *)bytes, count) == count;
}

int print_wide_to_stream(struct crt_file *file, unsigned options, const WCHAR *format,
                         guest_va_list arguments)
{
    struct format_locale locale = print_locale();
    struct wide_sink target;
    int count = -1;

    if (!stream_is_valid(file))
        return -1;
    if (!format) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    target.sink = (struct format_sink){(char *)target.units, (char *)(target.units + TEMPORARY_UNITS),
                                       overflow_to_wide};
    target.file = file;
    stream_lock(file);
    if (stream_begin_write(file)) {
        count = format_wide(&target.sink, options, &locale, format, arguments);
        if (!write_wide_temporary(&target))
            count = -1;
    }
    stream_unlock(file);
    return count;
}

static bool drop_overflow(struct format_sink *sink, const char *bytes, size_t size)
{
    size_t room = (size_t)(sink->limit - sink->cursor);
    if (room) {
        memcpy(sink->cursor, bytes, room);
        sink->cursor = sink->limit;
    }
    return true;
}

/* A size without a limit must not run past the end of the address space. */
static struct format_sink memory_sink(void *buffer, size_t bytes)
{
    size_t above = (size_t)(UINTPTR_MAX - (uintptr_t)buffer);
    char *start = buffer;
    return (struct format_sink){start, start + (bytes < above ? bytes : above), drop_overflow};
}

int print_to_memory(char *buffer, size_t size, unsigned options, const char *format, guest_va_list arguments)
{
    struct format_locale locale = print_locale();
    struct format_sink sink = memory_sink(buffer, size);

    if (!format) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    int count = format_narrow(&sink, options, &locale, format, arguments);
    if (sink.cursor < sink.limit)
        *sink.cursor = 0;
    return count;
}

int print_wide_to_memory(WCHAR *buffer, size_t size, unsigned options, const WCHAR *format,
                         guest_va_list arguments)
{
    struct format_locale locale = print_locale();
    size_t bytes = size < SIZE_MAX / sizeof *buffer ? size * sizeof *buffer : SIZE_MAX - 1;
    struct format_sink sink = memory_sink(buffer, bytes & ~(size_t)1);

    if (!format) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    int count = format_wide(&sink, options, &locale, format, arguments);
    if (sink.cursor < sink.limit)
        memset(sink.cursor, 0, sizeof *buffer);
    return count;
}
