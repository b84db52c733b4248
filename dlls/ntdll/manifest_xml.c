#include <string.h>

#include "dlls/ntdll/manifest_xml.h"

/* Text */

bool xml_equals(struct xml_text text, const char *string)
{
    return strlen(string) == text.length && !memcmp(text.start, string, text.length);
}

static bool same(struct xml_text a, struct xml_text b)
{
    return a.length == b.length && !memcmp(a.start, b.start, a.length);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':' || (unsigned char)c >= 0x80;
}

static size_t left(const struct xml_reader *reader)
{
    return reader->end - reader->at;
}

static bool skip_string(struct xml_reader *reader, const char *string)
{
    size_t length = strlen(string);
    if (left(reader) < length || memcmp(reader->at, string, length))
        return false;
    reader->at += length;
    return true;
}

static bool skip_spaces(struct xml_reader *reader)
{
    const char *before = reader->at;
    while (reader->at < reader->end && is_space(*reader->at))
        reader->at++;
    return reader->at > before;
}

/* Goes behind the next `string`; what lies before it is `text`. */
static bool skip_to(struct xml_reader *reader, const char *string, struct xml_text *text)
{
    const char *found = memmem(reader->at, left(reader), string, strlen(string));
    if (!found)
        return false;
    *text = (struct xml_text){reader->at, found - reader->at};
    reader->at = found + strlen(string);
    return true;
}

static bool read_name(struct xml_reader *reader, struct xml_text *name)
{
    name->start = reader->at;
    while (reader->at < reader->end && is_name(*reader->at))
        reader->at++;
    name->length = reader->at - name->start;
    return name->length > 0;
}

/* References */

static size_t put_character(uint32_t code, char *to, size_t capacity)
{
    char bytes[4];
    size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length; i-- > 1; code >>= 6)
        bytes[i] = 0x80 | (code & 0x3f);
    bytes[0] = leads[length] | code;
    if (length <= capacity)
        memcpy(to, bytes, length);
    return length;
}

/* "#123" or "#x7b"; 0 for what no character has. */
static uint32_t parse_number(struct xml_text digits)
{
    uint32_t code = 0, base = 10;
    size_t i = 1;
    if (digits.length > 2 && digits.start[1] == 'x') {
        base = 16;
        i = 2;
    }
    for (; i < digits.length; i++) {
        char c = digits.start[i] | 0x20;
        uint32_t digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
        if (digit >= base || (code = code * base + digit) > 0x10ffff)
            return 0;
    }
    return code >= 0xd800 && code < 0xe000 ? 0 : code;
}

static uint32_t resolve(struct xml_text reference)
{
    static const struct {
        const char *name;
        char character;
    } known[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        if (xml_equals(reference, known[i].name))
            return known[i].character;
    return reference.length > 1 && *reference.start == '#' ? parse_number(reference) : 0;
}

size_t xml_decode(struct xml_text text, char *to, size_t capacity)
{
    size_t used = 0;
    for (size_t i = 0; i < text.length; i++) {
        uint32_t code = 0;
        if (text.start[i] == '&') {
            const char *name = text.start + i + 1, *semicolon = memchr(name, ';', text.length - i - 1);
            if (!semicolon || !(code = resolve((struct xml_text){name, semicolon - name})))
                return SIZE_MAX;
            i = semicolon - text.start;
            used += put_character(code, to + used, used < capacity ? capacity - used : 0);
        } else {
            if (used < capacity)
                to[used] = text.start[i];
            used++;
        }
    }
    return used;
}

/* Namespaces */

static struct xml_text find_namespace(const struct xml_reader *reader, struct xml_text prefix)
{
    for (unsigned i = reader->namespace_count; i-- > 0;)
        if (same(reader->namespaces[i].prefix, prefix))
            return reader->namespaces[i].space;
    return (struct xml_text){"", 0};
}

/* An attribute without a prefix is in no namespace, an element without one in the default namespace. */
static struct xml_name resolve_name(const struct xml_reader *reader, struct xml_text written,
                                    bool is_attribute)
{
    const char *colon = memchr(written.start, ':', written.length);
    struct xml_name name = {.local = written, .prefixed = colon != NULL, .space = {"", 0}};
    if (colon) {
        name.local = (struct xml_text){colon + 1, written.start + written.length - colon - 1};
        name.space = find_namespace(reader, (struct xml_text){written.start, colon - written.start});
    } else if (!is_attribute) {
        name.space = find_namespace(reader, (struct xml_text){"", 0});
    }
    return name;
}

/* xmlns="..." and xmlns:prefix="..."; false for any other attribute, or for one too many. */
static bool is_declaration(struct xml_text name, struct xml_text *prefix)
{
    *prefix = (struct xml_text){"", 0};
    if (xml_equals(name, "xmlns"))
        return true;
    if (name.length <= 6 || memcmp(name.start, "xmlns:", 6))
        return false;
    *prefix = (struct xml_text){name.start + 6, name.length - 6};
    return true;
}

static bool declare(struct xml_reader *reader, struct xml_text prefix, struct xml_text space)
{
    if (reader->namespace_count == XML_NAMESPACES)
        return false;
    reader->namespaces[reader->namespace_count].prefix = prefix;
    reader->namespaces[reader->namespace_count++].space = space;
    return true;
}

/* Tags */

static bool read_value(struct xml_reader *reader, struct xml_text *value)
{
    skip_spaces(reader);
    if (!skip_string(reader, "="))
        return false;
    skip_spaces(reader);
    const char quote[] = {left(reader) ? *reader->at : '\0', '\0'};
    if (*quote != '"' && *quote != '\'')
        return false;
    reader->at++;
    return skip_to(reader, quote, value) && !memchr(value->start, '<', value->length);
}

/* Keeps the attribute with its name as it is written, until all namespaces are known. */
static bool read_attribute(struct xml_reader *reader)
{
    struct xml_text name, value, prefix;
    if (!read_name(reader, &name) || !read_value(reader, &value))
        return false;
    if (is_declaration(name, &prefix))
        return declare(reader, prefix, value);
    for (unsigned i = 0; i < reader->attribute_count; i++)
        if (same(reader->attributes[i].name.local, name))
            return false;
    if (reader->attribute_count == XML_ATTRIBUTES)
        return false;
    reader->attributes[reader->attribute_count].name.local = name;
    reader->attributes[reader->attribute_count++].value = value;
    return true;
}

static enum xml_event open_element(struct xml_reader *reader)
{
    struct xml_text written;
    if (reader->depth == XML_DEPTH || (reader->depth == 0 && reader->began) || !read_name(reader, &written))
        return XML_BAD;
    reader->began = true;
    reader->namespaces_before[reader->depth] = reader->namespace_count;
    reader->attribute_count = 0;
    for (;;) {
        bool separated = skip_spaces(reader);
        if (skip_string(reader, "/>")) {
            reader->closing = true;
            break;
        }
        if (skip_string(reader, ">"))
            break;
        if (!separated || !read_attribute(reader))
            return XML_BAD;
    }
    reader->open[reader->depth++] = written;
    reader->name = resolve_name(reader, written, false);
    for (unsigned i = 0; i < reader->attribute_count; i++)
        reader->attributes[i].name = resolve_name(reader, reader->attributes[i].name.local, true);
    return XML_ELEMENT;
}

static enum xml_event close_element(struct xml_reader *reader)
{
    reader->closing = false;
    reader->namespace_count = reader->namespaces_before[--reader->depth];
    return XML_CLOSE;
}

static enum xml_event read_end_tag(struct xml_reader *reader)
{
    struct xml_text written;
    if (!reader->depth || !read_name(reader, &written) || !same(written, reader->open[reader->depth - 1]))
        return XML_BAD;
    skip_spaces(reader);
    return skip_string(reader, ">") ? close_element(reader) : XML_BAD;
}

/* The whole */

void xml_open(struct xml_reader *reader, const char *bytes, size_t size)
{
    *reader = (struct xml_reader){.at = bytes, .end = bytes + size};
    skip_string(reader, "\xef\xbb\xbf");
}

static bool is_blank(struct xml_text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_space(text.start[i]))
            return false;
    return true;
}

/* Up to the next tag, or the end. */
static struct xml_text take_text(struct xml_reader *reader)
{
    const char *tag = memchr(reader->at, '<', left(reader));
    struct xml_text text = {reader->at, (tag ? tag : reader->end) - reader->at};
    reader->at += text.length;
    return text;
}

/* Comments and instructions are skipped; a document type is refused, and with it all that it could define. */
enum xml_event xml_next(struct xml_reader *reader)
{
    if (reader->closing)
        return close_element(reader);
    for (;;) {
        reader->text = take_text(reader);
        if (!is_blank(reader->text))
            return reader->depth ? XML_TEXT : XML_BAD;
        if (reader->at == reader->end)
            return reader->depth || !reader->began ? XML_BAD : XML_END;
        if (skip_string(reader, "<!--")) {
            if (!skip_to(reader, "-->", &reader->text))
                return XML_BAD;
        } else if (skip_string(reader, "<?")) {
            if (!skip_to(reader, "?>", &reader->text))
                return XML_BAD;
        } else if (skip_string(reader, "<![CDATA[")) {
            if (!reader->depth || !skip_to(reader, "]]>", &reader->text) ||
                memchr(reader->text.start, '&', reader->text.length))
                return XML_BAD;
            if (!is_blank(reader->text))
                return XML_TEXT;
        } else if (skip_string(reader, "</")) {
            return read_end_tag(reader);
        } else {
            reader->at++;
            return open_element(reader);
        }
    }
}
