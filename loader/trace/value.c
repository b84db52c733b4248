#include "loader/trace/value.h"
#include "kernel/peek.h"
#include "kernel/utf.h"
#include "loader/trace/handles.h"
#include "loader/trace/names.h"
#include "loader/trace/structure.h"

/* Strings are read in pieces that never reach into a page that the string may not reach itself. */
#define PIECE 64

unsigned value_string_limit = 80;

enum { LONGEST_STRING = VALUE_STRING_MOST };

/* The bytes up to a terminator of `unit` bytes, or as many as there is room for. -1 where the first cannot be
 * read. `*whole` tells whether that was all. */
static int read_string(const char *string, char *bytes, size_t room, size_t unit, bool *whole)
{
    size_t size = 0;
    *whole = true;
    while (size < room) {
        size_t piece = PIECE - (uintptr_t)(string + size) % PIECE;
        if (piece > room - size)
            piece = room - size;
        if (!peek(bytes + size, string + size, piece))
            return size ? (int)size : -1;
        for (size_t end = size + piece; size + unit <= end; size += unit)
            if (!bytes[size] && (unit == 1 || !bytes[size + 1]))
                return size;
        if (unit == 2 && piece % 2)
            break;
    }
    *whole = false;
    return size;
}

static void put_bad_pointer(struct trace_text *text, enum text_quoting quoting, uint64_t address)
{
    const char *quote = quoting == QUOTE_JSON ? "\"" : "";
    text_string(text, quote);
    text_hex(text, address);
    text_string(text, address ? "?" : "");
    text_string(text, quote);
}

static void put_quoted(struct trace_text *text, enum text_quoting quoting, const char *utf8, size_t size,
                       bool whole)
{
    text_char(text, '"');
    text_escaped(text, quoting, utf8, size);
    if (!whole)
        text_string(text, "...");
    text_char(text, '"');
}

/* A character is never cut in two. */
static size_t whole_characters(const char *utf8, size_t size)
{
    size_t start = size;
    while (start && size - start < 3 && ((unsigned char)utf8[start - 1] & 0xc0) == 0x80)
        start--;
    if (start && (unsigned char)utf8[start - 1] >= 0xc0) {
        unsigned char lead = utf8[start - 1];
        size_t needed = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        if (size - (start - 1) < needed)
            return start - 1;
    }
    return size;
}

static void put_units(struct trace_text *text, enum text_quoting quoting, const WCHAR *units, size_t length,
                      bool whole)
{
    char utf8[3 * LONGEST_STRING];
    put_quoted(text, quoting, utf8, utf8_from_utf16(utf8, sizeof utf8, units, length, UTF_REPLACE), whole);
}

/* Bytes that are no text are shown one by one. */
static void put_binary(struct trace_text *text, enum text_quoting quoting, const char *bytes, size_t size,
                       bool whole)
{
    WCHAR units[LONGEST_STRING];
    for (size_t i = 0; i < size; i++)
        units[i] = (unsigned char)bytes[i];
    put_units(text, quoting, units, size, whole);
}

static void put_bytes(struct trace_text *text, enum text_quoting quoting, const char *bytes, size_t size,
                      bool whole)
{
    size_t shown = whole ? size : whole_characters(bytes, size);
    if (utf16_from_utf8(NULL, 0, bytes, shown, UTF_STRICT) == UTF_INVALID)
        put_binary(text, quoting, bytes, size, whole);
    else
        put_quoted(text, quoting, bytes, shown, whole);
}

static void put_narrow(struct trace_text *text, enum text_quoting quoting, uint64_t address)
{
    char bytes[LONGEST_STRING];
    bool whole;
    size_t limit = value_string_limit < sizeof bytes ? value_string_limit : sizeof bytes;
    int size = address ? read_string((const char *)(uintptr_t)address, bytes, limit, 1, &whole) : -1;
    if (size < 0)
        put_bad_pointer(text, quoting, address);
    else
        put_bytes(text, quoting, bytes, size, whole);
}

static void put_wide(struct trace_text *text, enum text_quoting quoting, uint64_t address)
{
    WCHAR units[LONGEST_STRING];
    bool whole;
    size_t limit = value_string_limit < LONGEST_STRING ? value_string_limit : LONGEST_STRING;
    int size =
        address ? read_string((const char *)(uintptr_t)address, (char *)units, 2 * limit, 2, &whole) : -1;
    if (size < 0)
        put_bad_pointer(text, quoting, address);
    else
        put_units(text, quoting, units, size / 2, whole);
}

void value_put_buffer(struct trace_text *text, enum text_quoting quoting, const struct trace_type *type,
                      uint64_t address, int64_t count)
{
    WCHAR units[LONGEST_STRING];
    bool wide = type->kind == KIND_WIDE_BYTES;
    size_t limit = value_string_limit < LONGEST_STRING ? value_string_limit : LONGEST_STRING;
    size_t shown = (uint64_t)count < limit ? (size_t)count : limit;
    if (count < 0 && wide)
        put_wide(text, quoting, address);
    else if (count < 0)
        put_narrow(text, quoting, address);
    else if (!address || !peek(units, (const void *)(uintptr_t)address, wide ? 2 * shown : shown))
        put_bad_pointer(text, quoting, address);
    else if (wide)
        put_units(text, quoting, units, shown, shown == (uint64_t)count);
    else
        put_bytes(text, quoting, (const char *)units, shown, shown == (uint64_t)count);
}

static void put_counted(struct trace_text *text, uint64_t address)
{
    UNICODE_STRING string;
    WCHAR units[LONGEST_STRING];
    size_t limit = value_string_limit < LONGEST_STRING ? value_string_limit : LONGEST_STRING;
    if (!peek(&string, (const void *)(uintptr_t)address, sizeof string)) {
        put_bad_pointer(text, QUOTE_C, address);
        return;
    }
    size_t length = string.Length / 2, shown = length < limit ? length : limit;
    if (!peek(units, string.Buffer, 2 * shown))
        put_bad_pointer(text, QUOTE_C, (uintptr_t)string.Buffer);
    else
        put_units(text, QUOTE_C, units, shown, shown == length);
}

static int64_t sign_extend(uint64_t value, unsigned size)
{
    unsigned unused = 64 - 8 * size;
    return (int64_t)(value << unused) >> unused;
}

static uint64_t zero_extend(uint64_t value, unsigned size)
{
    unsigned unused = 64 - 8 * size;
    return value << unused >> unused;
}

static void put_named(struct trace_text *text, const struct trace_names *names, uint32_t value)
{
    const char *name = names_find(names, value);
    if (name)
        text_string(text, name);
    else
        text_decimal(text, value);
}

static void put_code(struct trace_text *text, const char *name, uint32_t code)
{
    if (name) {
        text_string(text, name);
    } else {
        text_hex(text, code);
    }
}

static void put_structure(struct trace_text *text, const struct trace_structure *fields, uint64_t address);

/* A plain value, which `type` does not only point to. */
static void put_plain(struct trace_text *text, const struct trace_type *type, uint64_t value)
{
    float single;
    double number;
    uint64_t extended = type->size ? zero_extend(value, type->size < 8 ? type->size : 8) : 0;
    switch ((enum trace_kind)type->kind) {
    case KIND_VOID:
        break;
    case KIND_SIGNED:
        text_signed(text, sign_extend(value, type->size));
        break;
    case KIND_UNSIGNED:
        text_decimal(text, extended);
        break;
    case KIND_HEX:
    case KIND_POINTER:
    case KIND_TEXT:
    case KIND_WIDE_TEXT:
    case KIND_BYTES:
    case KIND_WIDE_BYTES:
        text_hex(text, extended);
        break;
    case KIND_BOOL:
        if (extended < 2)
            text_string(text, extended ? "TRUE" : "FALSE");
        else
            text_signed(text, sign_extend(value, type->size));
        break;
    case KIND_HANDLE:
        handles_put(text, (HANDLE)(uintptr_t)extended);
        break;
    case KIND_STRING:
        put_narrow(text, QUOTE_C, extended);
        break;
    case KIND_WIDE_STRING:
        put_wide(text, QUOTE_C, extended);
        break;
    case KIND_FLOAT:
        memcpy(&single, &value, sizeof single);
        text_double(text, single);
        break;
    case KIND_DOUBLE:
        memcpy(&number, &value, sizeof number);
        text_double(text, number);
        break;
    case KIND_NAMED:
        put_named(text, type->names, extended);
        break;
    case KIND_FLAGS:
        names_put_flags(text, type->names, extended);
        break;
    case KIND_ERROR:
        put_code(text, names_of_error(extended), extended);
        break;
    case KIND_STATUS:
        put_code(text, names_of_status(extended), extended);
        break;
    case KIND_STRUCTURE:
        put_structure(text, type->names, extended);
        break;
    }
}

static void put_field(struct trace_text *text, const struct trace_structure *field, const uint8_t *bytes)
{
    const struct trace_type type = {.kind = field->kind, .size = field->size, .names = field->names};
    uint64_t value = 0;
    text_string(text, field->name);
    text_char(text, '=');
    if (field->kind == KIND_WIDE_TEXT) {
        const WCHAR *units = (const WCHAR *)(bytes + field->offset);
        size_t length = 0;
        while (length < field->size / sizeof *units && units[length])
            length++;
        put_units(text, QUOTE_C, units, length, true);
        return;
    }
    memcpy(&value, bytes + field->offset, field->size);
    put_plain(text, &type, value);
}

static void put_structure(struct trace_text *text, const struct trace_structure *fields, uint64_t address)
{
    uint8_t bytes[STRUCTURE_LARGEST];
    size_t size = 0;
    if (fields == structure_unicode) {
        put_counted(text, address);
        return;
    }
    for (const struct trace_structure *field = fields; field->name; field++)
        if (size < (size_t)field->offset + field->size)
            size = field->offset + field->size;
    if (!peek(bytes, (const void *)(uintptr_t)address, size)) {
        put_bad_pointer(text, QUOTE_C, address);
        return;
    }
    text_char(text, '{');
    for (const struct trace_structure *field = fields; field->name; field++) {
        if (field != fields)
            text_string(text, ", ");
        put_field(text, field, bytes);
    }
    text_char(text, '}');
}

void value_put_pointed_to(struct trace_text *text, const struct trace_type *type, uint64_t address)
{
    struct trace_type pointed_to = *type;
    uint64_t value = 0;
    pointed_to.points = false;
    if (type->kind == KIND_TEXT)
        put_narrow(text, QUOTE_C, address);
    else if (type->kind == KIND_WIDE_TEXT)
        put_wide(text, QUOTE_C, address);
    else if (type->kind == KIND_STRUCTURE)
        put_structure(text, type->names, address);
    else if (!peek(&value, (const void *)(uintptr_t)address, type->size))
        put_bad_pointer(text, QUOTE_C, address);
    else
        put_plain(text, &pointed_to, value);
}

/* What a structure holds before the call is mostly of interest where the function reads it. */
static bool shows_contents(const struct trace_type *type)
{
    return type->kind == KIND_STRUCTURE &&
           (type->names == structure_object || type->names == structure_unicode ||
            type->names == structure_security);
}

void value_put(struct trace_text *text, const struct trace_type *type, uint64_t value)
{
    if (!type->points)
        put_plain(text, type, value);
    else if (shows_contents(type) && value)
        value_put_pointed_to(text, type, value);
    else
        text_hex(text, zero_extend(value, sizeof(void *)));
}

static bool is_json_number(const struct trace_type *type)
{
    return !type->points && (type->kind == KIND_SIGNED || type->kind == KIND_UNSIGNED);
}

static void put_text_as_json(struct trace_text *text, const char *plain, size_t size)
{
    text_char(text, '"');
    text_escaped(text, QUOTE_JSON, plain, size);
    text_char(text, '"');
}

void value_put_json(struct trace_text *text, const struct trace_type *type, uint64_t value)
{
    char plain[4 * LONGEST_STRING];
    struct trace_text line = {plain, plain + sizeof plain};
    if (!type->points && type->kind == KIND_STRING) {
        put_narrow(text, QUOTE_JSON, value);
    } else if (!type->points && type->kind == KIND_WIDE_STRING) {
        put_wide(text, QUOTE_JSON, value);
    } else if (is_json_number(type)) {
        put_plain(text, type, value);
    } else {
        value_put(&line, type, value);
        put_text_as_json(text, plain, line.at - plain);
    }
}

void value_put_pointed_to_json(struct trace_text *text, const struct trace_type *type, uint64_t address)
{
    char plain[4 * LONGEST_STRING];
    struct trace_text line = {plain, plain + sizeof plain};
    if (type->kind == KIND_TEXT) {
        put_narrow(text, QUOTE_JSON, address);
    } else if (type->kind == KIND_WIDE_TEXT) {
        put_wide(text, QUOTE_JSON, address);
    } else {
        value_put_pointed_to(&line, type, address);
        put_text_as_json(text, plain, line.at - plain);
    }
}
