/* A report, from top to bottom. */
#include <unistd.h>
#include "kernel/thread.h"
#include "kernel/utf.h"
#include "loader/crash/crash_internal.h"
#include "loader/crash/symbols.h"

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

/* The one line that says most, for those who read no further. */
static void put_heading(void *argument)
{
    struct crash *crash = argument;
    const EXCEPTION_RECORD *record = crash->record;
    struct symbol symbol;
    text_string(&crash->text, "litewin: unhandled exception ");
    report_exception_name(&crash->text, record);
    if (has_address(record)) {
        text_char(&crash->text, ' ');
        text_string(&crash->text, verb_of_access(record->ExceptionInformation[0]));
        text_char(&crash->text, ' ');
        text_hex(&crash->text, record->ExceptionInformation[1]);
    }
    text_string(&crash->text, " at ");
    symbols_find((uintptr_t)record->ExceptionAddress, false, &symbol);
    text_string(&crash->text, symbol.place);
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
    report_place(&crash->text, (uintptr_t)crash->record->ExceptionAddress,
                 !crash_is_fault(crash->record->ExceptionCode));
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
        put_heading, put_parameters, put_cxx_exception, put_place, put_memory,
        put_thread,  put_code,       put_registers,     put_stack, put_other_threads,
    };
    for (unsigned i = 0; i < ARRAYSIZE(parts); i++) {
        const char *start = crash->text.at;
        if (!crash_attempt(parts[i], crash))
            end_line(crash, start);
    }
}
