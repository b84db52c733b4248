/* A reader of XML for manifests: strict, without document types, and safe for any input. It is pure: it looks
 * at a buffer of UTF-8 and takes no memory. */
#ifndef NTDLL_MANIFEST_XML_H
#define NTDLL_MANIFEST_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of the buffer, references such as &amp; not resolved. */
struct xml_text {
    const char *start;
    size_t length;
};

enum { XML_DEPTH = 32, XML_ATTRIBUTES = 32, XML_NAMESPACES = 64 };

struct xml_name {
    struct xml_text space; /* the namespace itself; empty for none, or for a prefix that was not declared */
    struct xml_text local;
    bool prefixed;
};

struct xml_attribute {
    struct xml_name name;
    struct xml_text value;
};

enum xml_event {
    XML_BAD = -1,
    XML_END,     /* of the document */
    XML_ELEMENT, /* begins; `name` and `attributes` are set */
    XML_CLOSE,   /* the element on top ends */
    XML_TEXT,    /* between tags; `text` is set; never only white space */
};

struct xml_reader {
    const char *at, *end;
    bool closing; /* the element was an empty one: its end is the next event */
    bool began;   /* the root element */
    unsigned depth;
    struct xml_text open[XML_DEPTH]; /* names as they are written */
    unsigned namespaces_before[XML_DEPTH];
    struct {
        struct xml_text prefix, space;
    } namespaces[XML_NAMESPACES];
    unsigned namespace_count;
    struct xml_name name;
    struct xml_attribute attributes[XML_ATTRIBUTES]; /* without declarations of namespaces */
    unsigned attribute_count;
    struct xml_text text;
};

void xml_open(struct xml_reader *reader, const char *bytes, size_t size);
enum xml_event xml_next(struct xml_reader *reader);

/* Resolves references. Writes at most `capacity` bytes and returns how many the result has; SIZE_MAX for a
 * reference that is none. The result is never longer than the text. */
size_t xml_decode(struct xml_text text, char *to, size_t capacity);

bool xml_equals(struct xml_text text, const char *string);

#endif
