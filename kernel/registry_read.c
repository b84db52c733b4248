#include <stdlib.h>
#include "kernel/registry_text.h"
#include "kernel/utf.h"

/* Bytes that grow */

static bool reserve(struct registry_bytes *bytes, size_t added)
{
    if (added <= bytes->capacity - bytes->size)
        return true;
    size_t capacity = max(bytes->size + added, 2 * bytes->capacity);
    char *grown = realloc(bytes->bytes, capacity);
    if (!grown) {
        bytes->failed = true;
        return false;
    }
    bytes->bytes = grown;
    bytes->capacity = capacity;
    return true;
}

void registry_bytes_add(struct registry_bytes *bytes, const void *added, size_t size)
{
    if (!size || !reserve(bytes, size))
        return;
    memcpy(bytes->bytes + bytes->size, added, size);
    bytes->size += size;
}

static void add_byte(struct registry_bytes *bytes, char byte)
{
    registry_bytes_add(bytes, &byte, 1);
}

/* Adds UTF-8 as UTF-16. */
static bool add_wide(struct registry_bytes *bytes, const char *text, size_t length)
{
    if (!reserve(bytes, length * sizeof(WCHAR)))
        return false;
    size_t units =
        utf16_from_utf8((WCHAR *)(bytes->bytes + bytes->size), length, text, length, UTF_SURROGATES);
    if (units == UTF_INVALID)
        return false;
    bytes->size += units * sizeof(WCHAR);
    return true;
}

static bool add_unit(struct registry_bytes *bytes, WCHAR unit)
{
    registry_bytes_add(bytes, &unit, sizeof unit);
    return !bytes->failed;
}

/* Pieces of lines. A function that is about the text at `at` returns what comes after it, or NULL. */

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

static const char *skip_word(const char *at, const char *end, const char *word)
{
    size_t length = strlen(word);
    return (size_t)(end - at) >= length && !memcmp(at, word, length) ? at + length : NULL;
}

static const char *line_end(const char *at, const char *end)
{
    const char *found = memchr(at, '\n', end - at);
    return found ? found : end;
}

/* Blanks to the end of the line, which is included. */
static const char *finish_line(const char *at, const char *end)
{
    at = skip_blanks(at, end);
    if (at < end && *at == '\r')
        at++;
    if (at == end)
        return end;
    return *at == '\n' ? at + 1 : NULL;
}

/* What a character means behind a backslash, or -1. */
static int escaped(char c)
{
    switch (c) {
    case '\\':
    case '"':
    case ']':
        return c;
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case '0':
        return '\0';
    default:
        return -1;
    }
}

/* "text", which Windows lets go on over lines, as UTF-16. */
static const char *read_quoted(const char *at, const char *end, struct registry_bytes *text)
{
    if (at == end || *at++ != '"')
        return NULL;
    for (const char *begin = at;; at++) {
        while (at < end && *at != '"' && *at != '\\')
            at++;
        if (at == end || !add_wide(text, begin, at - begin))
            return NULL;
        if (*at == '"')
            return at + 1;
        if (++at == end || escaped(*at) < 0 || !add_unit(text, escaped(*at)))
            return NULL;
        begin = at + 1;
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* As many as there are, which must be from 1 to 8. */
static const char *read_number(const char *at, const char *end, ULONG *number)
{
    const char *begin = at;
    for (*number = 0; at < end && hex_digit(*at) >= 0; at++)
        *number = *number << 4 | hex_digit(*at);
    return at > begin && at - begin <= 8 ? at : NULL;
}

/* A backslash at a line's end has the bytes go on in the next one. */
static const char *skip_continuation(const char *at, const char *end)
{
    const char *next;
    while ((at = skip_blanks(at, end)) < end && *at == '\\' && (next = finish_line(at + 1, end)) &&
           next[-1] == '\n')
        at = next;
    return at;
}

static const char *read_hex(const char *at, const char *end, struct registry_bytes *data)
{
    at = skip_continuation(at, end);
    while (at < end && hex_digit(*at) >= 0) {
        ULONG byte;
        const char *after = read_number(at, end, &byte);
        if (!after || after - at > 2)
            return NULL;
        add_byte(data, byte);
        at = skip_continuation(after, end);
        if (at == end || *at != ',')
            break;
        at = skip_continuation(at + 1, end);
    }
    return at;
}

/* Lines */

/* The last bracket of the line ends the name. */
static const char *read_key(struct registry_reader *reader, const char *at, struct registry_entry *entry)
{
    const char *close = line_end(at, reader->end);
    entry->kind = REGISTRY_KEY;
    if (at < reader->end && *at == '-') {
        entry->kind = REGISTRY_KEY_DELETED;
        at++;
    }
    while (close > at && close[-1] != ']')
        close--;
    if (close == at || --close == at || close[-1] == '\\')
        return NULL;
    while (at < close) {
        const char *separator = memchr(at, '\\', close - at);
        const char *part_end = separator ? separator : close;
        if (!add_wide(&reader->name, at, part_end - at))
            return NULL;
        at = part_end;
        if (at == close)
            break;
        bool is_escape = close - at >= 3 && at[1] == '\\' && at[2] != '\\' && escaped(at[2]) >= 0;
        if (!add_unit(&reader->name, is_escape ? escaped(at[2]) : '\\'))
            return NULL;
        at += is_escape ? 3 : 1;
    }
    return finish_line(close + 1, reader->end);
}

static const char *read_class(struct registry_reader *reader, const char *at, struct registry_entry *entry)
{
    entry->kind = REGISTRY_CLASS;
    at = read_quoted(at, reader->end, &reader->data);
    return at ? finish_line(at, reader->end) : NULL;
}

/* What is behind `hex`. */
static const char *read_typed(struct registry_reader *reader, const char *at, struct registry_entry *entry)
{
    entry->type = REG_BINARY;
    if (at < reader->end && *at == '(') {
        at = read_number(at + 1, reader->end, &entry->type);
        if (!at || at == reader->end || *at++ != ')')
            return NULL;
    }
    return at < reader->end && *at == ':' ? read_hex(at + 1, reader->end, &reader->data) : NULL;
}

static const char *read_data(struct registry_reader *reader, const char *at, struct registry_entry *entry)
{
    const char *end = reader->end, *after;
    entry->kind = REGISTRY_VALUE;
    if ((after = skip_word(at, end, "-"))) {
        entry->kind = REGISTRY_VALUE_DELETED;
        return after;
    }
    if (at < end && *at == '"') {
        entry->type = REG_SZ;
        after = read_quoted(at, end, &reader->data);
        return after && add_unit(&reader->data, 0) ? after : NULL;
    }
    if ((after = skip_word(at, end, "dword:"))) {
        ULONG number;
        entry->type = REG_DWORD;
        after = read_number(skip_blanks(after, end), end, &number);
        registry_bytes_add(&reader->data, &number, sizeof number);
        return after;
    }
    after = skip_word(at, end, "hex");
    return after ? read_typed(reader, after, entry) : NULL;
}

static const char *read_value(struct registry_reader *reader, const char *at, struct registry_entry *entry)
{
    at = *at == '@' ? at + 1 : read_quoted(at, reader->end, &reader->name);
    if (!at)
        return NULL;
    at = skip_blanks(at, reader->end);
    if (at == reader->end || *at != '=')
        return NULL;
    at = read_data(reader, skip_blanks(at + 1, reader->end), entry);
    return at ? finish_line(at, reader->end) : NULL;
}

static const char *read_entry(struct registry_reader *reader, const char *at, struct registry_entry *entry)
{
    const char *class = skip_word(at, reader->end, ";class=");
    if (class)
        return read_class(reader, class, entry);
    if (*at == '[')
        return read_key(reader, at + 1, entry);
    return *at == '"' || *at == '@' ? read_value(reader, at, entry) : NULL;
}

static bool ends_with(const char *at, const char *end, const char *text)
{
    size_t length = strlen(text);
    return (size_t)(end - at) >= length && !memcmp(end - length, text, length);
}

/* Whether a line without its end may be but the beginning of what it was to be: more digits might follow. */
static bool may_be_cut(const struct registry_reader *reader, const struct registry_entry *entry)
{
    const size_t digits = 8;
    bool is_number =
        (size_t)(reader->end - reader->at) > digits && ends_with(reader->at, reader->end - digits, "=dword:");
    return entry->kind == REGISTRY_VALUE && reader->end[-1] != '"' && !is_number;
}

/* Lines that say nothing: empty ones, comments, headers and those that were cut off. */
static bool says_nothing(const char *at, const char *end)
{
    if (end > at && end[-1] == '\r')
        end--;
    at = skip_blanks(at, end);
    if (at == end || ends_with(at, end, REGISTRY_CUT_MARK))
        return true;
    return (*at == ';' && !skip_word(at, end, ";class=")) || skip_word(at, end, REGISTRY_HEADER);
}

static void advance(struct registry_reader *reader, const char *to)
{
    for (const char *at = reader->at; (at = memchr(at, '\n', to - at)); at++)
        reader->line++;
    reader->at = to;
}

/* A line that cannot be understood is left out alone: what looks like a text over several lines may lack its
 * quote. */
static enum registry_read read_line(struct registry_reader *reader, struct registry_entry *entry)
{
    const char *end = line_end(reader->at, reader->end);
    bool is_whole = end < reader->end;
    reader->name.size = reader->data.size = 0;
    const char *after = read_entry(reader, skip_blanks(reader->at, end), entry);
    if (reader->name.failed || reader->data.failed)
        return REGISTRY_READ_NO_MEMORY;
    if (after && (after[-1] == '\n' || !may_be_cut(reader, entry))) {
        advance(reader, after);
        return REGISTRY_READ_ENTRY;
    }
    if (after || !is_whole)
        return REGISTRY_READ_END;
    advance(reader, end + 1);
    return REGISTRY_READ_BROKEN;
}

enum registry_read registry_read(struct registry_reader *reader, struct registry_entry *entry)
{
    while (reader->at < reader->end) {
        const char *marked = skip_word(reader->at, reader->end, "\xef\xbb\xbf");
        reader->at = marked ? marked : reader->at;
        const char *end = line_end(reader->at, reader->end);
        if (!says_nothing(reader->at, end)) {
            enum registry_read result = read_line(reader, entry);
            entry->name = (const WCHAR *)reader->name.bytes;
            entry->name_length = reader->name.size / sizeof(WCHAR);
            entry->data = reader->data.bytes;
            entry->size = reader->data.size;
            return result;
        }
        if (end == reader->end)
            return REGISTRY_READ_END;
        advance(reader, end + 1);
    }
    return REGISTRY_READ_END;
}

void registry_reader_free(struct registry_reader *reader)
{
    free(reader->name.bytes);
    free(reader->data.bytes);
}

/* UTF-16 */

/* These two bytes are never next to each other in UTF-8. */
static const char byte_order_mark[2] = {'\xff', '\xfe'};

bool registry_text_from_utf16(const char *text, size_t size, struct registry_bytes *result)
{
    const char *mark = memmem(text, size, byte_order_mark, sizeof byte_order_mark);
    if (!mark)
        return false;
    size_t before = mark - text, units = (size - before) / sizeof(WCHAR) - 1;
    /* The text need not be aligned. */
    WCHAR *wide = malloc((units + 1) * sizeof *wide);
    if (!wide || !reserve(result, before + 3 * units + 2)) {
        result->failed = true;
        free(wide);
        return true;
    }
    memcpy(wide, mark + sizeof byte_order_mark, units * sizeof *wide);
    registry_bytes_add(result, text, before);
    add_byte(result, '\n');
    result->size += utf8_from_utf16(result->bytes + result->size, 3 * units, wide, units, UTF_SURROGATES);
    add_byte(result, '\n');
    free(wide);
    return true;
}
