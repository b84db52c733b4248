#include "loader/trace/recent.h"
#include "loader/trace/format.h"
#include "loader/trace/names.h"
#include "loader/trace/value.h"

void recent_enter(struct trace_recent *recent, const struct trace_frame *frame)
{
    const struct trace_export *export = frame->export;
    struct trace_recent_call *call = &recent->calls[recent->count++ % RECENT_CALLS];
    call->export = export;
    call->frame = (uintptr_t)frame;
    call->returned = false;
    for (unsigned i = 0; i < export->argument_count && i < RECENT_ARGUMENTS; i++)
        call->arguments[i] = format_argument(frame, &export->arguments[i]);
}

/* Of a call that has made many others, nothing is left. */
void recent_leave(struct trace_recent *recent, const struct trace_frame *frame, uint32_t error)
{
    for (uint32_t i = 1; i <= RECENT_CALLS && i <= recent->count; i++) {
        struct trace_recent_call *call = &recent->calls[(recent->count - i) % RECENT_CALLS];
        if (call->frame != (uintptr_t)frame || call->export != frame->export || call->returned)
            continue;
        call->returned = true;
        call->error = error;
        call->result = format_result(frame);
        return;
    }
}

static void put_arguments(struct trace_text *text, const struct trace_recent_call *call)
{
    const struct trace_export *export = call->export;
    for (unsigned i = 0; i < export->argument_count && i < RECENT_ARGUMENTS; i++) {
        const struct trace_argument *argument = &export->arguments[i];
        text_string(text, i ? ", " : "");
        text_bytes(text, argument->name, argument->name_length);
        text_string(text, argument->name_length ? "=" : "");
        value_put(text, &argument->type, call->arguments[i]);
    }
    if (export->varargs || export->argument_count > RECENT_ARGUMENTS)
        text_string(text, export->argument_count ? ", ..." : "...");
}

static void put_result(struct trace_text *text, const struct trace_recent_call *call)
{
    const char *name = call->error ? names_of_error(call->error) : NULL;
    if (call->export->result.kind != KIND_VOID) {
        text_string(text, " -> ");
        value_put(text, &call->export->result, call->result);
    }
    if (!call->error)
        return;
    text_string(text, " error=");
    if (name)
        text_string(text, name);
    else
        text_decimal(text, call->error);
}

static void put_call(struct trace_text *text, const struct trace_recent_call *call)
{
    text_string(text, "    ");
    text_string(text, call->export->name);
    text_char(text, '(');
    put_arguments(text, call);
    text_char(text, ')');
    if (call->returned)
        put_result(text, call);
    else
        text_string(text, " has not returned");
    text_char(text, '\n');
}

void recent_put(struct trace_text *text, const struct trace_recent *recent)
{
    uint32_t first = recent->count > RECENT_CALLS ? recent->count - RECENT_CALLS : 0;
    for (uint32_t i = first; i < recent->count; i++)
        put_call(text, &recent->calls[i % RECENT_CALLS]);
}
