/* A report, from top to bottom. */
#include <unistd.h>
#include "kernel/thread.h"
#include "kernel/utf.h"
#include "loader/crash/crash_internal.h"
#include "loader/place.h"
#include "loader/trace/thread.h"
#include "loader/trace/trace.h"

enum { SHORT_STACK = 16, FULL_STACK = 100 };

static bool has_address(const EXCEPTION_RECORD *record)
{
    return (record->ExceptionCode == (DWORD)STATUS_ACCESS_VIOLATION ||
            record->ExceptionCode == (DWORD)STATUS_IN_PAGE_ERROR ||
            record->ExceptionCode == (DWORD)STATUS_GUARD_PAGE_VIOLATION) &&
           record->NumberParameters >= 2;
}

static const char *verb_of_access(ULONG_PTR access)
{
    switch (access) {
    case 0:
        return "reading";
    case 1:
        return "writing";
    case 8:
        return "executing";
    default:
        return "accessing";
    }
}

/* Whoever raises an exception does so by functions of runtimes, and means himself. */
static void find_place(void *argument)
{
    struct crash *crash = argument;
    crash->place = (uintptr_t)crash->record->ExceptionAddress;
    crash->place_returns = !crash_is_fault(crash->record->ExceptionCode);
    if (crash->place_returns) {
        uintptr_t program = report_find_program(crash->context);
        crash->place = program ? program : crash->place;
    }
}

/* The one line that says most, for those who read no further. */
static void put_heading(void *argument)
{
    struct crash *crash = argument;
    const EXCEPTION_RECORD *record = crash->record;
    char place[300];
    text_string(&crash->text, crash->why ? "litewin: " : "litewin: unhandled exception ");
    if (crash->why)
        text_string(&crash->text, crash->why);
    else
        report_exception_name(&crash->text, record);
    if (has_address(record)) {
        text_char(&crash->text, ' ');
        text_string(&crash->text, verb_of_access(record->ExceptionInformation[0]));
        text_char(&crash->text, ' ');
        text_hex(&crash->text, record->ExceptionInformation[1]);
    }
    text_string(&crash->text, " at ");
    place_describe((const void *)crash->place, place, sizeof place);
    text_string(&crash->text, place);
    text_char(&crash->text, '\n');
}

static void put_parameters(void *argument)
{
    report_parameters(argument);
}

static void put_cxx_exception(void *argument)
{
    report_cxx_exception(argument);
}

static void put_place(void *argument)
{
    struct crash *crash = argument;
    text_string(&crash->text, "  where   ");
    report_place(&crash->text, crash->place, crash->place_returns);
    text_char(&crash->text, '\n');
}

static void put_memory(void *argument)
{
    struct crash *crash = argument;
    if (!has_address(crash->record))
        return;
    text_string(&crash->text, "  memory  ");
    report_memory(&crash->text, crash->record->ExceptionInformation[1]);
    text_char(&crash->text, '\n');
}

static void put_thread(void *argument)
{
    struct crash *crash = argument;
    const struct thread *thread = thread_current();
    char name[200];
    text_string(&crash->text, "  thread  ");
    text_decimal(&crash->text, thread->id);
    if (thread->name) {
        size_t size =
            utf8_from_utf16(name, sizeof name, thread->name, utf16_length(thread->name), UTF_REPLACE);
        text_string(&crash->text, " \"");
        text_escaped(&crash->text, QUOTE_C, name, size < sizeof name ? size : sizeof name);
        text_char(&crash->text, '"');
    }
    text_string(&crash->text, " of process ");
    text_decimal(&crash->text, getpid());
    text_char(&crash->text, '\n');
}

static void put_code(void *argument)
{
    struct crash *crash = argument;
    text_string(&crash->text, "  code    ");
    report_code(&crash->text, CONTEXT_PC(crash->context));
    text_char(&crash->text, '\n');
}

static void put_registers(void *argument)
{
    struct crash *crash = argument;
    report_registers(&crash->text, crash->context);
}

static void put_stack(void *argument)
{
    struct crash *crash = argument;
    text_string(&crash->text, "  stack\n");
    report_stack(crash, crash->full ? FULL_STACK : SHORT_STACK);
}

static void put_other_threads(void *argument)
{
    struct crash *crash = argument;
    if (crash->full)
        report_other_threads(&crash->text);
}

/* What led there, where the program was traced. */
static void put_recent_calls(void *argument)
{
    struct crash *crash = argument;
    const struct trace_thread *thread = trace_is_on ? trace_thread_self : NULL;
    if (!thread || !thread->recent.count)
        return;
    text_string(&crash->text, "  the last calls\n");
    recent_put(&crash->text, &thread->recent);
}

/* A line that was begun when its part was given up. */
static void end_line(struct crash *crash, const char *start)
{
    struct trace_text *text = &crash->text;
    if (text->at > start && text->at[-1] != '\n')
        text_string(text, " (unknown)\n");
}

void report_write(struct crash *crash)
{
    static void (*const parts[])(void *crash) = {
        find_place, put_heading, put_parameters, put_cxx_exception, put_place,        put_memory,
        put_thread, put_code,    put_registers,  put_stack,         put_recent_calls, put_other_threads,
    };
    for (unsigned i = 0; i < ARRAYSIZE(parts); i++) {
        const char *start = crash->text.at;
        if (!crash_attempt(parts[i], crash))
            end_line(crash, start);
    }
}
