/* One JSON object a line, and the Chrome trace-event format, in which the objects are elements of an array.
 */
#include "kernel/process.h"
#include "loader/trace/format.h"
#include "loader/trace/names.h"
#include "loader/trace/value.h"

static void put_text(struct trace_text *text, const char *string, size_t size)
{
    text_char(text, '"');
    text_escaped(text, QUOTE_JSON, string, size);
    text_char(text, '"');
}

/* `begin` is all up to the value, which needs no escaping. */
static inline void put_word(struct trace_text *text, const char *begin, const char *value)
{
    text_string(text, begin);
    text_string(text, value);
    text_char(text, '"');
}

static void put_arguments(struct trace_text *text, const struct trace_frame *frame)
{
    const struct trace_export *export = frame->export;
    text_char(text, '{');
    for (unsigned i = 0; i < export->argument_count; i++) {
        const struct trace_argument *argument = &export->arguments[i];
        if (i)
            text_char(text, ',');
        text_char(text, '"');
        if (argument->name_length)
            text_bytes(text, argument->name, argument->name_length);
        else
            text_decimal(text, i);
        text_string(text, "\":");
        uint64_t value = format_argument(frame, argument);
        if (format_is_counted(frame, argument))
            value_put_buffer(text, QUOTE_JSON, &argument->type, value, format_count(frame, argument));
        else
            value_put_json(text, &argument->type, value);
    }
    text_char(text, '}');
}

static void put_outputs(struct trace_text *text, const struct trace_frame *frame)
{
    const struct trace_export *export = frame->export;
    const char *separator = ",\"out\":{";
    for (unsigned i = 0; i < export->argument_count; i++) {
        const struct trace_argument *argument = &export->arguments[i];
        uint64_t address = format_output(frame, argument);
        if (!address)
            continue;
        text_string(text, separator);
        text_char(text, '"');
        text_bytes(text, argument->name, argument->name_length);
        text_string(text, "\":");
        value_put_pointed_to_json(text, &argument->type, address);
        separator = ",";
    }
    if (*separator && !separator[1])
        text_char(text, '}');
}

static void put_returned(struct trace_text *text, const struct trace_frame *frame, uint32_t error)
{
    const struct trace_type *type = &frame->export->result;
    text_string(text, "\"return\":");
    if (type->kind == KIND_VOID)
        text_string(text, "null");
    else
        value_put_json(text, type, format_result(frame));
    if (trace_type_failed(type, frame->result))
        text_string(text, ",\"failed\":true");
    if (!error) {
        put_outputs(text, frame);
        return;
    }
    const char *name = names_of_error(error);
    text_string(text, ",\"last_error\":");
    text_decimal(text, error);
    if (name)
        put_word(text, ",\"last_error_name\":\"", name);
}

/* Objects on lines */

static void put_start(struct trace_text *text, uint64_t time, uint32_t thread, const char *event)
{
    text_string(text, "{\"timestamp\":");
    text_microseconds(text, time);
    text_string(text, ",\"process_id\":");
    text_decimal(text, process_self.id);
    text_string(text, ",\"thread_id\":");
    text_decimal(text, thread);
    put_word(text, ",\"event\":\"", event);
}

static void put_export(struct trace_text *text, const struct trace_export *export)
{
    put_word(text, ",\"dll\":\"", export->dll);
    put_word(text, ",\"function\":\"", export->name);
    put_word(text, ",\"category\":\"", export->category);
}

static void put_call(struct trace_text *text, uint64_t time, uint32_t thread, const struct trace_frame *frame)
{
    put_start(text, time, thread, "call");
    put_export(text, frame->export);
    text_string(text, ",\"args\":");
    put_arguments(text, frame);
    text_string(text, "}\n");
}

static void put_result(struct trace_text *text, uint64_t time, uint32_t thread,
                       const struct trace_frame *frame, uint32_t error)
{
    put_start(text, time, thread, "return");
    put_export(text, frame->export);
    text_char(text, ',');
    put_returned(text, frame, error);
    text_string(text, "}\n");
}

static void put_left(struct trace_text *text, uint64_t time, uint32_t thread,
                     const struct trace_export *export, const char *how)
{
    put_start(text, time, thread, "left");
    put_export(text, export);
    put_word(text, ",\"how\":\"", how);
    text_string(text, "}\n");
}

static void put_event(struct trace_text *text, uint64_t time, uint32_t thread,
                      const struct trace_event *event)
{
    put_start(text, time, thread, event->name);
    put_word(text, ",\"category\":\"", event->category);
    text_string(text, ",\"details\":");
    put_text(text, event->details, event->details_size);
    text_string(text, "}\n");
}

const struct trace_format format_json = {
    .name = "json",
    .head = "",
    .tail = "",
    .call = put_call,
    .result = put_result,
    .left = put_left,
    .event = put_event,
};

/* Trace events: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU */

static void put_slice(struct trace_text *text, const char *phase, const char *name, const char *category,
                      uint64_t time, uint32_t thread)
{
    text_string(text, "{\"ph\":\"");
    text_string(text, phase);
    text_string(text, "\",\"ts\":");
    text_microseconds(text, time);
    text_string(text, ",\"pid\":");
    text_decimal(text, process_self.id);
    text_string(text, ",\"tid\":");
    text_decimal(text, thread);
    put_word(text, ",\"name\":\"", name);
    put_word(text, ",\"cat\":\"", *category ? category : "other");
    text_string(text, ",\"args\":");
}

static void slice_begin(struct trace_text *text, uint64_t time, uint32_t thread,
                        const struct trace_frame *frame)
{
    put_slice(text, "B", frame->export->name, frame->export->category, time, thread);
    put_arguments(text, frame);
    text_string(text, "},\n");
}

static void slice_end(struct trace_text *text, uint64_t time, uint32_t thread,
                      const struct trace_frame *frame, uint32_t error)
{
    put_slice(text, "E", frame->export->name, frame->export->category, time, thread);
    text_char(text, '{');
    put_returned(text, frame, error);
    text_string(text, "}},\n");
}

static void slice_left(struct trace_text *text, uint64_t time, uint32_t thread,
                       const struct trace_export *export, const char *how)
{
    put_slice(text, "E", export->name, export->category, time, thread);
    text_string(text, "{\"how\":");
    put_text(text, how, strlen(how));
    text_string(text, "}},\n");
}

static void slice_event(struct trace_text *text, uint64_t time, uint32_t thread,
                        const struct trace_event *event)
{
    put_slice(text, "i", event->name, event->category, time, thread);
    text_string(text, "{\"details\":");
    put_text(text, event->details, event->details_size);
    text_string(text, "}},\n");
}

/* The viewers do without the bracket at the end, so that a program that is killed leaves a good file too. */
const struct trace_format format_perfetto = {
    .name = "perfetto",
    .head = "[\n",
    .tail = "{\"ph\":\"M\",\"name\":\"end\",\"pid\":0,\"args\":{}}]\n",
    .call = slice_begin,
    .result = slice_end,
    .left = slice_left,
    .event = slice_event,
};
