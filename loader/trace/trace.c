#include "loader/trace/trace.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "kernel/process.h"
#include "kernel/thread.h"
#include "kernel/utf.h"
#include "loader/module.h"
#include "loader/place.h"
#include "loader/trace/filter.h"
#include "loader/trace/format.h"
#include "loader/trace/names.h"
#include "loader/trace/output.h"
#include "loader/trace/summary.h"
#include "loader/trace/value.h"

bool trace_is_on;

static const struct trace_format *format = &format_text;
static bool summary;
static uint64_t start;
static bool closes_file; /* this process began the file, so it ends it */

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec - start;
}

/* Calls */

static struct trace_text begin_line(struct trace_thread *thread)
{
    return (struct trace_text){thread->line, thread->line + sizeof thread->line - 1};
}

/* A line that was cut short still ends. */
static void end_line(struct trace_thread *thread, struct trace_text *text)
{
    if (text->at == text->end)
        *text->at++ = '\n';
    output_write(thread->line, text->at - thread->line);
}

static void tell_left(struct trace_thread *thread, const struct trace_call *call, const char *how)
{
    if (summary) {
        summary_count(thread, call, false);
        return;
    }
    struct trace_text text = begin_line(thread);
    format->left(&text, now(), thread->id, call->export, how);
    end_line(thread, &text);
}

static void drop_left_calls(struct trace_thread *thread, uintptr_t frame)
{
    struct trace_call call;
    while (trace_thread_take_left(thread, frame, &call))
        tell_left(thread, &call, "was left by unwinding");
}

static void tell_call(struct trace_thread *thread, const struct trace_frame *frame)
{
    struct trace_text text = begin_line(thread);
    format->call(&text, now(), thread->id, frame);
    end_line(thread, &text);
}

static void enter(struct trace_thread *thread, void *argument)
{
    struct trace_frame *frame = argument;
    drop_left_calls(thread, (uintptr_t)frame);
    struct trace_call *call = trace_thread_push(thread, frame->export, (uintptr_t)frame);
    recent_enter(&thread->recent, frame);
    if (!summary)
        tell_call(thread, frame);
    else if (call)
        summary_begin(call);
}

/* A forwarder that the call has come through has left its own description (bind.c). */
static void name_as_called(struct trace_frame *frame)
{
    struct teb *teb = teb_current();
    struct trace_export *forwarder = teb->ForwarderCalled;
    if (!forwarder)
        return;
    teb->ForwarderCalled = NULL;
    if (forwarder->function == frame->export->function)
        frame->export = forwarder;
}

void trace_enter(struct trace_frame *frame)
{
    name_as_called(frame);
    if (frame->export->hidden)
        return;
    if (!summary || !summary_enter(frame))
        trace_thread_run(enter, frame);
}

static void tell_result(struct trace_thread *thread, const struct trace_frame *frame)
{
    struct trace_text text = begin_line(thread);
    format->result(&text, now(), thread->id, frame, format_last_error(frame));
    end_line(thread, &text);
}

static void leave(struct trace_thread *thread, void *argument)
{
    const struct trace_frame *frame = argument;
    struct trace_call call;
    drop_left_calls(thread, (uintptr_t)frame);
    bool known = trace_thread_take(thread, (uintptr_t)frame, &call);
    recent_leave(&thread->recent, frame, format_last_error(frame));
    if (!summary)
        tell_result(thread, frame);
    else if (known)
        summary_count(thread, &call, trace_type_failed(&frame->export->result, frame->result));
}

void trace_leave(struct trace_frame *frame)
{
    if (frame->export->hidden)
        return;
    if (!summary || !summary_leave(frame))
        trace_thread_run(leave, frame);
}

static void pass(struct trace_thread *thread, void *argument)
{
    const struct trace_frame *frame = argument;
    const struct trace_call call = {.export = frame->export};
    drop_left_calls(thread, (uintptr_t)frame);
    recent_enter(&thread->recent, frame);
    if (summary) {
        summary_count_pass(thread, frame->export);
    } else {
        tell_call(thread, frame);
        tell_left(thread, &call, "works on its caller's frame");
    }
}

void trace_pass(struct trace_frame *frame)
{
    name_as_called(frame);
    if (!frame->export->hidden)
        trace_thread_run(pass, frame);
}

/* Events */

static void tell_event(struct trace_thread *thread, const char *name, const char *category,
                       const struct trace_text *details, const char *bytes)
{
    if (summary)
        return;
    const struct trace_event event = {name, category, bytes, details->at - bytes};
    struct trace_text text = begin_line(thread);
    format->event(&text, now(), thread->id, &event);
    end_line(thread, &text);
}

static void put_unicode(struct trace_text *text, const UNICODE_STRING *string)
{
    char utf8[1024];
    size_t size =
        utf8_from_utf16(utf8, sizeof utf8, string->Buffer, string->Length / sizeof(WCHAR), UTF_REPLACE);
    text_char(text, '"');
    text_escaped(text, QUOTE_C, utf8, size < sizeof utf8 ? size : sizeof utf8);
    text_char(text, '"');
}

static void tell_module(struct trace_thread *thread, const char *event, const struct module *module)
{
    char bytes[1400];
    struct trace_text details = {bytes, bytes + sizeof bytes};
    text_string(&details, "path=");
    put_unicode(&details, &module->entry.FullDllName);
    text_string(&details, " base=");
    text_hex(&details, (uintptr_t)module->entry.DllBase);
    text_string(&details, module->backing ? " builtin" : " native");
    tell_event(thread, event, "dll", &details, bytes);
}

static void module_loaded(struct trace_thread *thread, void *module)
{
    tell_module(thread, "load", module);
}

static void module_unloaded(struct trace_thread *thread, void *module)
{
    tell_module(thread, "unload", module);
}

void trace_module_loaded(const struct module *module)
{
    trace_thread_run(module_loaded, (void *)module);
}

void trace_module_unloaded(const struct module *module)
{
    trace_thread_run(module_unloaded, (void *)module);
}

static void thread_started(struct trace_thread *thread, void *start)
{
    char bytes[64];
    struct trace_text details = {bytes, bytes + sizeof bytes};
    text_string(&details, "start=");
    text_hex(&details, (uintptr_t)start);
    tell_event(thread, "thread-start", "threading", &details, bytes);
}

void trace_thread_started(struct thread *thread)
{
    trace_thread_run(thread_started, (void *)thread->start);
}

static void put_place(struct trace_text *text, const void *address)
{
    char place[300];
    place_describe(address, place, sizeof place);
    text_string(text, place);
}

static void exception(struct trace_thread *thread, void *argument)
{
    const EXCEPTION_RECORD *record = argument;
    char bytes[500];
    struct trace_text details = {bytes, bytes + sizeof bytes};
    const char *name = names_of_status(record->ExceptionCode);
    text_string(&details, "code=");
    text_hex(&details, record->ExceptionCode);
    if (name) {
        text_char(&details, ' ');
        text_string(&details, name);
    }
    text_string(&details, " at=");
    put_place(&details, record->ExceptionAddress);
    for (DWORD i = 0; i < record->NumberParameters && i < EXCEPTION_MAXIMUM_PARAMETERS; i++) {
        text_string(&details, i ? "," : " parameters=");
        text_hex(&details, record->ExceptionInformation[i]);
    }
    tell_event(thread, "exception", "exception", &details, bytes);
}

void trace_exception(const EXCEPTION_RECORD *record)
{
    trace_thread_run(exception, (void *)record);
}

static void continued(struct trace_thread *thread, void *by)
{
    struct trace_text details = {(char *)by + strlen(by), NULL};
    tell_event(thread, "continued-by", "exception", &details, by);
}

void trace_exception_continued(const char *by)
{
    trace_thread_run(continued, (void *)by);
}

static void unwinds(struct trace_thread *thread, void *target)
{
    char bytes[340];
    struct trace_text details = {bytes, bytes + sizeof bytes};
    text_string(&details, "to=");
    put_place(&details, target);
    tell_event(thread, "unwind", "exception", &details, bytes);
}

void trace_unwind(const void *target)
{
    trace_thread_run(unwinds, (void *)target);
}

static void drop_all_calls(struct trace_thread *thread, const char *how)
{
    while (thread->depth)
        tell_left(thread, &thread->calls[--thread->depth], how);
}

static void thread_ended(struct trace_thread *thread, void *exit_code)
{
    char bytes[64];
    struct trace_text details = {bytes, bytes + sizeof bytes};
    drop_all_calls(thread, "ended the thread");
    text_string(&details, "code=");
    text_decimal(&details, *(const uint32_t *)exit_code);
    tell_event(thread, "thread-end", "threading", &details, bytes);
}

void trace_thread_ended(uint32_t exit_code)
{
    trace_thread_run(thread_ended, &exit_code);
    trace_thread_end();
}

static void process_ended(struct trace_thread *thread, void *exit_code)
{
    char bytes[64];
    struct trace_text details = {bytes, bytes + sizeof bytes};
    drop_all_calls(thread, "ended the process");
    text_string(&details, "code=");
    text_hex(&details, *(const uint32_t *)exit_code);
    tell_event(thread, "process-end", "process", &details, bytes);
    if (summary)
        summary_print();
    else if (closes_file)
        output_write(format->tail, strlen(format->tail));
}

static void process_ends(uint32_t exit_code)
{
    trace_thread_run(process_ended, &exit_code);
    output_flush();
}

/* Options */

static const char *choose_format(const char *name)
{
    static const struct trace_format *const formats[] = {&format_text, &format_json, &format_perfetto};
    for (unsigned i = 0; i < ARRAYSIZE(formats); i++) {
        if (!strcmp(name, formats[i]->name)) {
            format = formats[i];
            return NULL;
        }
    }
    return "--trace-format is one of text, json, perfetto";
}

static const char *limit_strings(const char *number)
{
    char *end;
    unsigned long limit = strtoul(number, &end, 10);
    if (*number < '0' || *number > '9' || *end || limit > VALUE_STRING_MOST)
        return "--trace-strings is a number up to 1000";
    value_string_limit = limit;
    return NULL;
}

static const char *add_categories(const char *list)
{
    static char problem[400];
    const char *unknown = filter_add_categories(list);
    if (!unknown)
        return NULL;
    snprintf(problem, sizeof problem, "there is no category \"%s\"; there are %s", unknown,
             filter_categories);
    return problem;
}

/* A parent that traces has set this, and begun the file. */
#define START_VARIABLE "LITEWIN_TRACE_START"

static const char *open_output(void)
{
    static char problem[PATH_MAX + 100];
    bool append = getenv(START_VARIABLE);
    const char *wrong = output_open(options.trace_output, append);
    if (wrong) {
        snprintf(problem, sizeof problem, "%s cannot be written: %s", options.trace_output, wrong);
        return problem;
    }
    /* Children may start elsewhere. */
    char *absolute = options.trace_output ? realpath(options.trace_output, NULL) : NULL;
    if (absolute)
        options.trace_output = absolute;
    closes_file = !append;
    if (!append && !summary)
        output_write(format->head, strlen(format->head));
    return NULL;
}

/* All processes of a trace count from the start of the first. */
static void set_start(void)
{
    char number[24];
    const char *of_parent = getenv(START_VARIABLE);
    start = of_parent ? strtoull(of_parent, NULL, 10) : now();
    snprintf(number, sizeof number, "%llu", (unsigned long long)start);
    setenv(START_VARIABLE, number, true);
}

const char *trace_configure(void)
{
    const char *problem = NULL;
    if (!options.trace_apis && !options.trace_summary && !options.trace_filters.count &&
        !options.trace_categories.count && !options.trace_format && !options.trace_output &&
        !options.trace_strings)
        return NULL;
    summary = options.trace_summary;
    for (unsigned i = 0; i < options.trace_filters.count; i++)
        filter_add_pattern(options.trace_filters.words[i]);
    for (unsigned i = 0; !problem && i < options.trace_categories.count; i++)
        problem = add_categories(options.trace_categories.words[i]);
    if (!problem && options.trace_format)
        problem = choose_format(options.trace_format);
    if (!problem && options.trace_strings)
        problem = limit_strings(options.trace_strings);
    if (!problem)
        problem = open_output();
    if (problem)
        return problem;
    trace_is_on = true;
    process_before_end = process_ends;
    set_start();
    summary_start();
    return NULL;
}
