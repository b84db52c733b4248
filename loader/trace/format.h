/* The forms that a trace is written in. */
#ifndef LOADER_TRACE_FORMAT_H
#define LOADER_TRACE_FORMAT_H

#include "loader/trace/entry.h"
#include "loader/trace/text.h"

/* Something other than a call: a DLL that is loaded, a thread that starts, an exception. */
struct trace_event {
    const char *name;     /* "load" */
    const char *category; /* "dll" */
    const char *details;  /* in the text format's manner: key=value, key="text" */
    size_t details_size;
};

struct trace_format {
    const char *name;
    const char *head, *tail; /* of the whole file */
    void (*call)(struct trace_text *text, uint64_t time, uint32_t thread, const struct trace_frame *frame);
    /* `error` is the last error of a call that failed, 0 for none. */
    void (*result)(struct trace_text *text, uint64_t time, uint32_t thread, const struct trace_frame *frame,
                   uint32_t error);
    /* A call that does not return. */
    void (*left)(struct trace_text *text, uint64_t time, uint32_t thread, const struct trace_export *export,
                 const char *how);
    void (*event)(struct trace_text *text, uint64_t time, uint32_t thread, const struct trace_event *event);
};

extern const struct trace_format format_text, format_json, format_perfetto;

/* An argument's value as it was handed over. */
uint64_t format_argument(const struct trace_frame *frame, const struct trace_argument *argument);
/* Of an argument that is a buffer: how many characters are in it, which the next argument tells. */
int64_t format_count(const struct trace_frame *frame, const struct trace_argument *argument);
static inline bool format_is_counted(const struct trace_frame *frame, const struct trace_argument *argument)
{
    const struct trace_type *type = &argument->type;
    return (type->kind == KIND_BYTES || type->kind == KIND_WIDE_BYTES) &&
           argument + 1 < frame->export->arguments + frame->export->argument_count;
}
/* Where the function has left something for the program; 0 if nowhere. */
uint64_t format_output(const struct trace_frame *frame, const struct trace_argument *argument);
uint64_t format_result(const struct trace_frame *frame);

/* The last error of a call that has failed and has left its reason there; else 0. */
uint32_t format_last_error(const struct trace_frame *frame);

#endif
