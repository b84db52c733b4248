#include "dlls/msvcrt/cxx_frame.h"
#include "dlls/msvcrt/cxx_match.h"
#include "dlls/msvcrt/guard.h"
#include "dlls/msvcrt/thread_data.h"

bool cxx_concerns(const struct cxx_function *function, const EXCEPTION_RECORD *record)
{
    return !function->synchronous || record->ExceptionCode == CXX_EXCEPTION ||
           record->ExceptionCode == (DWORD)STATUS_UNWIND_CONSOLIDATE ||
           record->ExceptionCode == (DWORD)STATUS_LONGJUMP;
}

/* Searching */

static void try_handlers(struct cxx_part *part, const struct cxx_try *block, EXCEPTION_RECORD *record,
                         CONTEXT *context)
{
    const uint8_t *cursor = block->handlers;
    for (uint32_t i = 0; i < block->handler_count; i++) {
        struct cxx_handler handler = part->function->format->next_handler(part->function, &cursor);
        const struct cxx_catchable *catchable;
        if (!cxx_matches(&handler, record, &catchable))
            continue;
        struct cxx_catch caught = {*part, *block, handler, record, context};
        if (catchable && handler.object)
            cxx_build_object(&handler, record, catchable, part->base + handler.object);
        cxx_enter_catch(&caught);
    }
}

static void try_blocks(struct cxx_part *part, EXCEPTION_RECORD *record, CONTEXT *context)
{
    const struct cxx_function *function = part->function;
    for (uint32_t i = 0; i < function->try_count; i++) {
        struct cxx_try block = function->format->try_block(function, i);
        if (block.low > part->bottom && block.low <= part->state && part->state <= block.high)
            try_handlers(part, &block, record, context);
    }
}

static void search_for_foreign(struct cxx_part *part, EXCEPTION_RECORD *record, CONTEXT *context)
{
    if (record->ExceptionCode == (DWORD)STATUS_BREAKPOINT || !part->function->try_count)
        return;
    /* A function of the program may make C++ exceptions of others, by throwing. */
    EXCEPTION_POINTERS pointers = {record, context};
    if (crt_thread.se_translator)
        crt_thread.se_translator(record->ExceptionCode, &pointers);
    try_blocks(part, record, context);
}

static bool is_allowed(const struct cxx_function *function, const EXCEPTION_RECORD *record)
{
    const uint8_t *cursor = function->allowed;
    for (uint32_t i = 0; i < function->allowed_count; i++) {
        struct cxx_handler handler = function->format->next_handler(function, &cursor);
        const struct cxx_catchable *catchable;
        if (cxx_matches(&handler, record, &catchable))
            return true;
    }
    return false;
}

void cxx_search(struct cxx_part *part, EXCEPTION_RECORD *record, CONTEXT *context)
{
    const struct cxx_function *function = part->function;
    if (cxx_is_rethrow(record)) {
        const struct cxx_catch *current = cxx_current_catch();
        if (!current)
            return;
        record = current->record;
        context = current->context;
    }
    if (!cxx_is_exception(record)) {
        search_for_foreign(part, record, context);
        return;
    }
    try_blocks(part, record, context);
    if (part->bottom != CXX_NO_STATE)
        return;
    if (function->no_exceptions)
        crt_terminate();
    if (function->has_specification && !is_allowed(function, record))
        crt_unexpected();
}

/* Unwinding */

struct leaving {
    struct cxx_part *part;
    int state;
};

typedef void(CXX_METHOD *destructor)(void *object);

static void act(const struct cxx_unwind *unwind, char *base)
{
    switch (unwind->action) {
    case CXX_CALL_FUNCLET:
        cxx_call_funclet(unwind->code, base);
        break;
    case CXX_DESTROY:
        ((destructor)unwind->code)(base + unwind->object);
        break;
    case CXX_DESTROY_POINTED:
        ((destructor)unwind->code)(*(void **)(base + unwind->object));
        break;
    default:
        break;
    }
}

static uintptr_t GUEST_CDECL leave_each(void *argument)
{
    struct leaving *leaving = argument;
    struct cxx_part *part = leaving->part;
    while (part->state > leaving->state) {
        if (part->state >= part->function->state_count)
            crt_terminate();
        struct cxx_unwind unwind = part->function->format->unwind(part->function, part->state);
        if (unwind.next_state >= part->state)
            crt_terminate();
        part->state = unwind.next_state;
        cxx_keep_state(part);
        act(&unwind, part->base);
    }
    return 0;
}

/* A C++ exception out of a destructor, while one is on its way, ends the program. */
static GUARD_HANDLER_FUNCTION EXCEPTION_DISPOSITION leaving_handler(EXCEPTION_RECORD *record, void *frame,
                                                                    CONTEXT *context, void *dispatcher)
{
    if (record->ExceptionFlags & EXCEPTION_UNWIND)
        crt_thread.cxx_unwinding--;
    else if (cxx_is_exception(record))
        crt_terminate();
    return ExceptionContinueSearch;
}

void cxx_leave_states(struct cxx_part *part, int state)
{
    struct leaving leaving = {part, state};
    cxx_forget_left(part->frame);
    if (part->state <= state)
        return;
    crt_thread.cxx_unwinding++;
    guard_call(leaving_handler, NULL, leave_each, &leaving);
    crt_thread.cxx_unwinding--;
}
