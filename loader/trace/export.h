/* What is known of each traced export, made from its line of the .spec file. */
#ifndef LOADER_TRACE_EXPORT_H
#define LOADER_TRACE_EXPORT_H

#include <litewin/binding.h>
#include "loader/trace/type.h"

/* Where a call's argument is found. */
enum trace_place {
    PLACE_INTEGER, /* a register; the index counts those of the convention */
    PLACE_FLOAT,
    PLACE_STACK, /* a word of the stack, the one above the return address being 0 */
};

struct trace_argument {
    const char *name; /* not terminated; of length 0 where the .spec gives none */
    uint8_t name_length;
    uint8_t place; /* enum trace_place */
    uint8_t index;
    struct trace_type type;
};

enum trace_export_flag {
    TRACE_FLOAT_RESULT = 1, /* i386: the result is on the x87 stack */
};

/* entry_ARCH.S knows where the first fields are. */
struct trace_export {
    litewin_function function; /* the implementation */
    uint32_t stack_size;       /* bytes of arguments on the stack, which it must find there too */
    uint32_t popped;           /* i386: bytes that it takes off the stack */
    uint32_t flags;            /* enum trace_export_flag */
    uint32_t number;           /* among all traced exports */
    const char *dll, *name, *category;
    struct trace_type result;
    bool varargs;
    bool hidden; /* calls by this name are not asked for */
    uint8_t argument_count;
    struct trace_argument arguments[];
};

/* NULL where memory is short. It lives as long as the process. */
struct trace_export *trace_export_create(const char *dll, const struct litewin_backing *backing,
                                         uint32_t index);

/* The one that has been created for that export under its own name; NULL if there is none. */
struct trace_export *trace_export_find(const struct litewin_backing *backing, uint32_t index);

uint32_t trace_export_count(void);
/* 0 is the first that was created. */
struct trace_export *trace_export_at(uint32_t number);

#endif
