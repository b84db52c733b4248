/* Types of arguments and results, as .spec files name them. */
#ifndef LOADER_TRACE_TYPE_H
#define LOADER_TRACE_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum trace_kind {
    KIND_VOID,
    KIND_SIGNED,
    KIND_UNSIGNED,
    KIND_HEX,
    KIND_BOOL,
    KIND_POINTER,
    KIND_HANDLE,
    KIND_STRING,      /* char *, UTF-8 */
    KIND_WIDE_STRING, /* WCHAR * */
    KIND_TEXT,        /* a buffer that receives such a string */
    KIND_WIDE_TEXT,
    KIND_BYTES, /* a buffer, and the next argument is how many characters are in it */
    KIND_WIDE_BYTES,
    KIND_FLOAT,
    KIND_DOUBLE,
    KIND_NAMED,     /* one of a list of names */
    KIND_FLAGS,     /* some of a list of names, with | between */
    KIND_ERROR,     /* ERROR_... */
    KIND_STATUS,    /* STATUS_... */
    KIND_STRUCTURE, /* behind a pointer */
};

struct trace_names;
struct trace_structure;

struct trace_type {
    uint8_t kind;      /* enum trace_kind */
    uint8_t size;      /* in bytes, of what a pointer points to if it is one */
    bool points;       /* to a value of the kind, which the function leaves there */
    bool fails_if_0;   /* as a result, to tell calls that failed */
    const void *names; /* struct trace_names or struct trace_structure, for the kinds that need one */
};

/* `name` is not terminated. A type that is not known shows as a number. */
struct trace_type trace_type_find(const char *name, size_t length);

/* Bytes that an argument of the type takes on an i386 stack. */
unsigned trace_type_i386_size(const struct trace_type *type);

/* Whether a result says that its call failed and the last error has the reason. */
bool trace_type_failed(const struct trace_type *type, uint64_t result);

#endif
