/* Places in code, and the frames of a stack. */
#include <dlfcn.h>
#include "kernel/thread.h"
#include "kernel/vm.h"
#include "loader/crash/crash.h"
#include "loader/crash/crash_internal.h"
#include "loader/crash/symbols.h"

#define EXECUTABLE (PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)

enum { DEEPEST_STACK = 50000, OUTERMOST = 4 };

static void put_function(struct trace_text *text, const struct symbol *symbol)
{
    if (symbol->function.name) {
        text_char(text, ' ');
        text_bytes(text, symbol->function.name, symbol->function.length);
        text_char(text, '+');
        text_hex(text, symbol->function.offset);
    } else if (symbol->module && symbol->module->backing) {
        text_string(text, " (thunk)");
    }
}

static void put_line(struct trace_text *text, const struct line_place *line)
{
    text_string(text, " at ");
    if (*line->directory && line->file[0] != '/' && line->file[1] != ':') {
        text_string(text, line->directory);
        text_char(text, '/');
    }
    text_string(text, line->file);
    if (line->line) {
        text_char(text, ':');
        text_decimal(text, line->line);
    }
}

void report_place(struct trace_text *text, uintptr_t address, bool returns)
{
    struct symbol symbol;
    symbols_find(address, returns, &symbol);
    text_string(text, symbol.place);
    put_function(text, &symbol);
    if (symbol.has_line)
        put_line(text, &symbol.line);
}

/* What a walk needs of a context; what may follow a CONTEXT in memory is not copied. */
static void copy_context(CONTEXT *to, const CONTEXT *from)
{
    *to = *from;
#ifdef __x86_64__
    to->ContextFlags &= CONTEXT_ALL;
#endif
}

/* The innermost frame may be anywhere; its callers are in code. Such code that a program has made itself is
 * in memory of its own. */
static bool may_be_code(uintptr_t pc)
{
    struct dl_find_object object;
    MEMORY_BASIC_INFORMATION memory;
    return module_from_address((const void *)pc) || !_dl_find_object((void *)pc, &object) ||
           (!vm_query((const void *)pc, &memory) && memory.State == MEM_COMMIT &&
            memory.Protect & EXECUTABLE);
}

struct walk {
    CONTEXT frame;
    unsigned count; /* of frames */
};

/* False at the end of the stack. A frame's caller is further up, except where the stack pointer has not moved
 * yet. */
static bool leave_frame(struct walk *walk, bool innermost)
{
    CONTEXT *frame = &walk->frame;
    uintptr_t pc = CONTEXT_PC(frame), sp = CONTEXT_SP(frame);
    crash_leave_frame(frame, innermost);
    return CONTEXT_PC(frame) && CONTEXT_SP(frame) >= sp &&
           (CONTEXT_SP(frame) > sp || CONTEXT_PC(frame) != pc) && may_be_code(CONTEXT_PC(frame));
}

static void count_frames(void *argument)
{
    struct walk *walk = argument;
    do
        walk->count++;
    while (walk->count < DEEPEST_STACK && leave_frame(walk, walk->count == 1));
}

uintptr_t report_find_program(const CONTEXT *context)
{
    struct walk walk = {.count = 0};
    copy_context(&walk.frame, context);
    do {
        const struct module *module = module_from_address((const void *)CONTEXT_PC(&walk.frame));
        if (module && !module->backing)
            return CONTEXT_PC(&walk.frame);
    } while (++walk.count < DEEPEST_STACK && leave_frame(&walk, walk.count == 1));
    return 0;
}

static void put_frame(struct trace_text *text, unsigned number, uintptr_t pc, bool returns)
{
    text_string(text, number < 10 ? "    #" : "   #");
    text_decimal(text, number);
    text_char(text, ' ');
    report_place(text, pc, returns);
    text_char(text, '\n');
}

static void put_gap(struct trace_text *text, unsigned count)
{
    text_string(text, "    ... ");
    text_decimal(text, count);
    text_string(text, " more ...\n");
}

/* Of a stack that is too deep, the innermost frames and those where it began. It may not be readable to its
 * end. */
void report_stack(struct crash *crash, unsigned most)
{
    struct walk walk = {.count = 0};
    copy_context(&walk.frame, crash->context);
    bool is_whole = crash_attempt(count_frames, &walk);
    unsigned first_gap = walk.count, last_gap = walk.count;
    if (walk.count > most) {
        first_gap = most - OUTERMOST;
        last_gap = walk.count - OUTERMOST;
    }
    copy_context(&walk.frame, crash->context);
    for (unsigned number = 0; number < walk.count; number++) {
        bool returns = number || !crash_is_fault(crash->record->ExceptionCode);
        if (number < first_gap || number >= last_gap)
            put_frame(&crash->text, number, CONTEXT_PC(&walk.frame), returns);
        else if (number == first_gap)
            put_gap(&crash->text, last_gap - first_gap);
        if (number + 1 < walk.count)
            leave_frame(&walk, !number);
    }
    if (!is_whole)
        text_string(&crash->text, "    ... which cannot be read any further\n");
}

/* The other threads */

static void put_thread(struct thread *thread, void *argument)
{
    struct trace_text *text = argument;
    CONTEXT context = {.ContextFlags = CONTEXT_FULL};
    if (thread == thread_current())
        return;
    text_string(text, "  thread  ");
    text_decimal(text, thread->id);
    if (NT_SUCCESS(crash_get_context(thread, &context))) {
        text_string(text, " at ");
        /* One that has not begun is in no call yet. */
        report_place(text, CONTEXT_PC(&context), CONTEXT_PC(&context) != (uintptr_t)thread->start);
    }
    text_char(text, '\n');
}

void report_other_threads(struct trace_text *text)
{
    thread_for_each(put_thread, text);
}
