/* Text files in UTF-8 and UTF-16. The program reads and writes UTF-16 with LF; the file has its encoding's
 * bytes, and CR LF. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/lowio.h"
#include "dlls/msvcrt/os_error.h"

#define CTRL_Z      0x1A
#define READ_BYTES  4096
#define WRITE_UNITS 1024
#define UTF8_BYTES  3 /* at most, of one UTF-16 unit */

static bool is_high_surrogate(WCHAR unit)
{
    return (unit & 0xFC00) == 0xD800;
}

static unsigned utf8_length(uint8_t first)
{
    return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Without a character whose end is yet to come. */
static unsigned complete_utf8(const uint8_t *bytes, unsigned size)
{
    for (unsigned back = 1; back <= 3 && back <= size; back++) {
        uint8_t byte = bytes[size - back];
        if (byte >= 0xC0)
            return utf8_length(byte) > back ? size - back : size;
        if (byte < 0x80)
            break;
    }
    return size;
}

/* Nor a CR at the end, which may be half of a line's end. */
static unsigned complete_length(const uint8_t *bytes, unsigned size, enum lowio_encoding encoding)
{
    if (encoding == LOWIO_UTF8) {
        size = complete_utf8(bytes, size);
        return size && bytes[size - 1] == '\r' ? size - 1 : size;
    }
    bool cr = size >= 2 && size % 2 == 0 && bytes[size - 2] == '\r' && bytes[size - 1] == 0;
    return cr ? size - 2 : size;
}

/* Reads until there is something complete, or no more. Returns how many bytes are to be decoded; the rest is
 * held for the next time. */
static int read_complete(struct lowio_file *file, uint8_t *bytes, unsigned wanted)
{
    struct lowio_state *state = lowio_state_of(file);
    unsigned size = state->held_count;
    unsigned complete;
    DWORD done;

    memcpy(bytes, state->held, size);
    do {
        if (!lowio_read_bytes(file, bytes + size, size < wanted ? wanted - size : 1, &done))
            return -1;
        size += done;
        state->bytes_read += done;
        complete = done ? complete_length(bytes, size, state->encoding) : size;
    } while (complete == 0 && done);
    state->held_count = (uint8_t)(size - complete);
    memcpy(state->held, bytes + complete, size - complete);
    return (int)complete;
}

static unsigned translate_units(struct lowio_file *file, WCHAR *units, unsigned count)
{
    unsigned to = 0;
    for (unsigned from = 0; from < count; from++) {
        WCHAR unit = units[from];
        if (unit == CTRL_Z && !(lowio_flags(file) & LOWIO_DEVICE)) {
            lowio_set_flags(file, LOWIO_END);
            break;
        }
        if (unit == '\r' && from + 1 < count && units[from + 1] == '\n')
            continue;
        units[to++] = unit;
    }
    return to;
}

int lowio_read_unicode(struct lowio_file *file, char *buffer, unsigned size)
{
    enum lowio_encoding encoding = lowio_state_of(file)->encoding;
    uint8_t bytes[READ_BYTES + sizeof lowio_state_of(file)->held];
    unsigned room = size / sizeof(WCHAR);

    if (size % sizeof(WCHAR)) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    if (file->flags & LOWIO_END)
        return 0;
    unsigned wanted = encoding == LOWIO_UTF8 ? room : size;
    int length = read_complete(file, bytes, wanted < READ_BYTES ? wanted : READ_BYTES);
    if (length <= 0)
        return length;
    WCHAR *units = (WCHAR *)buffer;
    unsigned count = (unsigned)length / sizeof(WCHAR);
    if (encoding == LOWIO_UTF8) {
        count = (unsigned)MultiByteToWideChar(CP_UTF8, 0, (char *)bytes, length, units, (int)room);
        if (!count)
            return os_error_last();
    } else {
        /* Half a unit is given and not counted: as on Windows it is lost. */
        memcpy(units, bytes, (size_t)length);
    }
    return (int)(translate_units(file, units, count) * sizeof *units);
}

/* Returns how many units are in `chunk`. A surrogate pair stays together. */
static unsigned expand_units(WCHAR *chunk, const WCHAR *units, unsigned count, unsigned *used)
{
    unsigned part = count < WRITE_UNITS ? count : WRITE_UNITS;
    unsigned to = 0;

    if (part < count && is_high_surrogate(units[part - 1]))
        part--;
    for (unsigned from = 0; from < part; from++) {
        if (units[from] == '\n')
            chunk[to++] = '\r';
        chunk[to++] = units[from];
    }
    *used = part;
    return to;
}

/* What is a device and no console, such as NUL, is a file like any other. */
static bool write_to_console(struct lowio_file *file, const WCHAR *units, unsigned count)
{
    DWORD done;
    return (lowio_flags(file) & LOWIO_DEVICE) && WriteConsoleW(file->handle, units, count, &done, NULL);
}

static bool write_units(struct lowio_file *file, const WCHAR *units, unsigned count)
{
    char bytes[2 * WRITE_UNITS * UTF8_BYTES];
    const void *data = units;
    DWORD size = count * (DWORD)sizeof *units;
    DWORD done;

    if (write_to_console(file, units, count))
        return true;
    if (lowio_state_of(file)->encoding == LOWIO_UTF8) {
        size = (DWORD)WideCharToMultiByte(CP_UTF8, 0, units, (int)count, bytes, sizeof bytes, NULL, NULL);
        data = bytes;
    }
    return lowio_write_bytes(file, data, size, &done) && done == size;
}

int lowio_write_unicode(struct lowio_file *file, const char *buffer, unsigned size)
{
    const WCHAR *units = (const WCHAR *)buffer;
    unsigned count = size / sizeof *units;
    unsigned total = 0;

    if (size % sizeof *units) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    while (total < count) {
        WCHAR chunk[2 * WRITE_UNITS];
        unsigned used;
        unsigned length = expand_units(chunk, units + total, count - total, &used);
        if (!write_units(file, chunk, length))
            return total ? (int)(total * sizeof *units) : -1;
        total += used;
    }
    return (int)size;
}
