#include <stdio.h>
#include "kernel/registry_text.h"
#include "kernel/utf.h"

static void add_text(struct registry_bytes *text, const char *added)
{
    registry_bytes_add(text, added, strlen(added));
}

static void add_units(struct registry_bytes *text, const WCHAR *units, size_t length)
{
    char bytes[384];
    while (length) {
        size_t count = min(length, sizeof bytes / 3);
        /* Both halves of a character stay together. */
        if (count < length && count > 1 && (units[count - 1] & 0xfc00) == 0xd800)
            count--;
        registry_bytes_add(text, bytes, utf8_from_utf16(bytes, sizeof bytes, units, count, UTF_SURROGATES));
        units += count;
        length -= count;
    }
}

/* How a unit is written that cannot be so itself, or NULL. */
static const char *escape_of(WCHAR unit)
{
    switch (unit) {
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\0':
        return "\\0";
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    default:
        return NULL;
    }
}

static void add_quoted(struct registry_bytes *text, const WCHAR *units, size_t length)
{
    add_text(text, "\"");
    for (size_t begin = 0, at = 0; begin < length; begin = ++at) {
        while (at < length && !escape_of(units[at]))
            at++;
        add_units(text, units + begin, at - begin);
        if (at < length)
            add_text(text, escape_of(units[at]));
    }
    add_text(text, "\"");
}

/* Of what is special between brackets. */
static const char *key_escape_of(WCHAR unit)
{
    if (unit == ']')
        return "\\\\]";
    if (unit == '\n')
        return "\\\\n";
    return unit == '\r' ? "\\\\r" : unit ? NULL : "\\\\0";
}

void registry_write_key(struct registry_bytes *text, const WCHAR *path, size_t length, bool deleted)
{
    add_text(text, deleted ? "[-" : "[");
    for (size_t begin = 0, at = 0; begin < length; begin = ++at) {
        while (at < length && !key_escape_of(path[at]))
            at++;
        add_units(text, path + begin, at - begin);
        if (at < length)
            add_text(text, key_escape_of(path[at]));
    }
    add_text(text, "]\n");
}

void registry_write_class(struct registry_bytes *text, const WCHAR *class, size_t length)
{
    add_text(text, ";class=");
    add_quoted(text, class, length);
    add_text(text, "\n");
}

static void add_name(struct registry_bytes *text, const WCHAR *name, size_t length)
{
    if (length)
        add_quoted(text, name, length);
    else
        add_text(text, "@");
    add_text(text, "=");
}

/* A string that is exactly what quotes give: with one NUL, at its end, and on one line. */
static bool is_plain_string(const WCHAR *units, size_t size)
{
    size_t length = size / sizeof *units;
    if (!length || size % sizeof *units || units[length - 1])
        return false;
    for (size_t i = 0; i < length - 1; i++)
        if (!units[i] || units[i] == '\n' || units[i] == '\r')
            return false;
    return true;
}

static void add_hex(struct registry_bytes *text, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        const char digits[] = "0123456789abcdef";
        const char byte[3] = {digits[bytes[i] >> 4], digits[bytes[i] & 15], ','};
        registry_bytes_add(text, byte, i + 1 < size ? 3 : 2);
    }
}

static void add_data(struct registry_bytes *text, ULONG type, const void *data, size_t size)
{
    char prefix[24];
    if (type == REG_SZ && is_plain_string(data, size)) {
        add_quoted(text, data, size / sizeof(WCHAR) - 1);
        return;
    }
    if (type == REG_DWORD && size == sizeof(DWORD)) {
        DWORD number;
        memcpy(&number, data, sizeof number);
        snprintf(prefix, sizeof prefix, "dword:%08x", (unsigned)number);
        add_text(text, prefix);
        return;
    }
    snprintf(prefix, sizeof prefix, "hex(%x):", (unsigned)type);
    add_text(text, type == REG_BINARY ? "hex:" : prefix);
    add_hex(text, data, size);
}

void registry_write_value(struct registry_bytes *text, const WCHAR *name, size_t length, ULONG type,
                          const void *data, size_t size)
{
    add_name(text, name, length);
    add_data(text, type, data, size);
    add_text(text, "\n");
}

void registry_write_deleted_value(struct registry_bytes *text, const WCHAR *name, size_t length)
{
    add_name(text, name, length);
    add_text(text, "-\n");
}
