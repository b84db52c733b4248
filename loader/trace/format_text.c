/* [seconds] [TID:n] CALL   CreateFileW(path="a.txt", access=GENERIC_READ, ...) */
#include "loader/trace/format.h"
#include "loader/trace/names.h"
#include "loader/trace/value.h"

/* The same on each of a thread's lines. */
static void put_thread(struct trace_text *text, uint32_t thread)
{
    static __thread struct {
        uint32_t thread, size;
        char bytes[24];
    } kept;
    if (kept.thread != thread) {
        struct trace_text made = {kept.bytes, kept.bytes + sizeof kept.bytes};
        text_string(&made, "] [TID:");
        text_decimal(&made, thread);
        text_string(&made, "] ");
        kept.size = made.at - kept.bytes;
        kept.thread = thread;
    }
    text_bytes(text, kept.bytes, kept.size);
}

/* `event` is a literal, and copied as such where this is inlined. */
static inline void put_start(struct trace_text *text, uint64_t time, uint32_t thread, const char *event)
{
    text_char(text, '[');
    text_seconds(text, time);
    put_thread(text, thread);
    text_string(text, event);
}

static void put_call(struct trace_text *text, uint64_t time, uint32_t thread, const struct trace_frame *frame)
{
    const struct trace_export *export = frame->export;
    put_start(text, time, thread, "CALL   ");
    text_string(text, export->name);
    text_char(text, '(');
    for (unsigned i = 0; i < export->argument_count; i++) {
        const struct trace_argument *argument = &export->arguments[i];
        if (i)
            text_string(text, ", ");
        if (argument->name_length) {
            text_bytes(text, argument->name, argument->name_length);
            text_char(text, '=');
        }
        uint64_t value = format_argument(frame, argument);
        if (format_is_counted(frame, argument))
            value_put_buffer(text, QUOTE_C, &argument->type, value, format_count(frame, argument));
        else
            value_put(text, &argument->type, value);
    }
    if (export->varargs)
        text_string(text, export->argument_count ? ", ..." : "...");
    text_string(text, ")\n");
}

static void put_outputs(struct trace_text *text, const struct trace_frame *frame)
{
    const struct trace_export *export = frame->export;
    for (unsigned i = 0; i < export->argument_count; i++) {
        const struct trace_argument *argument = &export->arguments[i];
        uint64_t address = format_output(frame, argument);
        if (!address)
            continue;
        text_char(text, ' ');
        text_bytes(text, argument->name, argument->name_length);
        text_char(text, '=');
        value_put_pointed_to(text, &argument->type, address);
    }
}

static void put_result(struct trace_text *text, uint64_t time, uint32_t thread,
                       const struct trace_frame *frame, uint32_t error)
{
    const struct trace_type *type = &frame->export->result;
    put_start(text, time, thread, "RETURN ");
    text_string(text, frame->export->name);
    text_string(text, "()");
    if (type->kind != KIND_VOID) {
        text_string(text, " -> ");
        value_put(text, type, format_result(frame));
    }
    if (error) {
        const char *name = names_of_error(error);
        text_string(text, " error=");
        if (name)
            text_string(text, name);
        else
            text_decimal(text, error);
    } else {
        put_outputs(text, frame);
    }
    text_char(text, '\n');
}

static void put_left(struct trace_text *text, uint64_t time, uint32_t thread,
                     const struct trace_export *export, const char *how)
{
    put_start(text, time, thread, "LEFT   ");
    text_string(text, export->name);
    text_string(text, "() ");
    text_string(text, how);
    text_char(text, '\n');
}

static void put_event(struct trace_text *text, uint64_t time, uint32_t thread,
                      const struct trace_event *event)
{
    put_start(text, time, thread, "EVENT  ");
    text_string(text, event->name);
    text_char(text, ' ');
    text_bytes(text, event->details, event->details_size);
    text_char(text, '\n');
}

const struct trace_format format_text = {
    .name = "text",
    .head = "",
    .tail = "",
    .call = put_call,
    .result = put_result,
    .left = put_left,
    .event = put_event,
};
