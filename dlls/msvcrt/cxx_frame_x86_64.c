/* The frame handlers of C++ functions on x86-64, where a function's state is told by its address. */
#include "dlls/msvcrt/cxx_frame.h"
#include "dlls/msvcrt/guard.h"

#define KEPT_STATE(state) ((DWORD)((state) + 2)) /* never 0 */

typedef uintptr_t(GUEST_CDECL *funclet)(void *base, void *same);

uintptr_t cxx_call_funclet(void *code, char *base)
{
    return ((funclet)code)(base, base);
}

/* The field is 0 when a frame's handler is called for the first time, and whoever overtakes an unwind takes
 * it over. */
void cxx_keep_state(struct cxx_part *part)
{
    ((DISPATCHER_CONTEXT *)part->keeper)->ScopeIndex = KEPT_STATE(part->state);
}

/* Handlers */

static GUEST_CDECL EXCEPTION_DISPOSITION catch_handler(EXCEPTION_RECORD *record, void *frame,
                                                       CONTEXT *context, void *dispatcher)
{
    if (record->ExceptionFlags & EXCEPTION_UNWIND)
        cxx_leave_catch(guard_data(frame, dispatcher), record);
    return ExceptionContinueSearch;
}

static uintptr_t GUEST_CDECL call_handler(void *argument)
{
    const struct cxx_catch *caught = argument;
    return cxx_call_funclet(caught->handler.code, caught->part.base);
}

static uintptr_t continuation(const struct cxx_handler *handler, uintptr_t result)
{
    switch (handler->continuation_count) {
    case 0:
        return result;
    case 1:
        return handler->continuations[0];
    default:
        return handler->continuations[result != 0];
    }
}

/* Runs with the frames from the throw to the try block already unwound; the result is where to go on. */
static uintptr_t GUEST_CDECL run_catch(EXCEPTION_RECORD *unwind_record)
{
    struct cxx_catch *caught = (struct cxx_catch *)unwind_record->ExceptionInformation[1];
    struct cxx_active active;
    cxx_begin_catch(&active, caught);
    uintptr_t result = guard_call(catch_handler, &active, call_handler, caught);
    cxx_end_catch(&active);
    return continuation(&caught->handler, result);
}

void cxx_enter_catch(struct cxx_catch *caught)
{
    DISPATCHER_CONTEXT *dispatcher = caught->part.keeper;
    EXCEPTION_RECORD record = {
        .ExceptionCode = STATUS_UNWIND_CONSOLIDATE,
        .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
        .NumberParameters = 2,
        .ExceptionInformation = {(ULONG_PTR)run_catch, (ULONG_PTR)caught},
    };
    RtlUnwindEx(caught->part.frame, (void *)dispatcher->ControlPc, &record, NULL, dispatcher->ContextRecord,
                dispatcher->HistoryTable);
    __builtin_unreachable();
}

const struct cxx_catch *cxx_catch_of_unwind(const EXCEPTION_RECORD *record)
{
    if (record->ExceptionCode != (DWORD)STATUS_UNWIND_CONSOLIDATE || record->NumberParameters < 2 ||
        record->ExceptionInformation[0] != (ULONG_PTR)run_catch)
        return NULL;
    return (const struct cxx_catch *)record->ExceptionInformation[1];
}

/* Frames */

/* The innermost try block among whose handlers' states this is. */
static bool find_handled_try(const struct cxx_function *function, int state, struct cxx_try *found)
{
    bool any = false;
    for (uint32_t i = 0; i < function->try_count; i++) {
        struct cxx_try block = function->format->try_block(function, i);
        if (block.high < state && state <= block.handler_high && (!any || block.high > found->high)) {
            *found = block;
            any = true;
        }
    }
    return any;
}

/* Code that is apart from its function's beginning has tables that refer to it. */
static const RUNTIME_FUNCTION *primary_entry(const DISPATCHER_CONTEXT *dispatcher)
{
    const RUNTIME_FUNCTION *entry = dispatcher->FunctionEntry;
    for (;;) {
        const uint8_t *info = (const uint8_t *)dispatcher->ImageBase + entry->UnwindData;
        if (!(info[0] >> 3 & UNW_FLAG_CHAININFO))
            return entry;
        entry = (const RUNTIME_FUNCTION *)(info + 4 + (info[2] + 1) / 2 * 4);
    }
}

/* A handler's code keeps the frame of its function in its own. */
static void enter_handler_part(struct cxx_part *part, const struct cxx_try *block, uint32_t frame_home)
{
    part->base = *(char **)((char *)part->frame + frame_home);
    part->bottom = block->high;
}

static void find_handler_part(struct cxx_part *part, const struct cxx_try *block, void *code)
{
    const uint8_t *cursor = block->handlers;
    for (uint32_t i = 0; i < block->handler_count; i++) {
        struct cxx_handler handler = part->function->format->next_handler(part->function, &cursor);
        if (handler.code == code) {
            enter_handler_part(part, block, handler.frame_home);
            return;
        }
    }
}

static void override_state(struct cxx_part *part, const DISPATCHER_CONTEXT *dispatcher)
{
    const struct cxx_active *active = cxx_active_of(part->frame);
    if (dispatcher->ScopeIndex)
        part->state = (int)dispatcher->ScopeIndex - 2;
    else if (active)
        part->state = active->outer_state;
}

static int unwind_target(const struct cxx_part *part, const EXCEPTION_RECORD *record,
                         const DISPATCHER_CONTEXT *dispatcher)
{
    const struct cxx_catch *caught = cxx_catch_of_unwind(record);
    if (!(record->ExceptionFlags & EXCEPTION_TARGET_UNWIND))
        return part->bottom;
    if (caught)
        return caught->try_block.low;
    return part->function->format->state_at(part->function, dispatcher->TargetIp);
}

static EXCEPTION_DISPOSITION handle(struct cxx_part *part, EXCEPTION_RECORD *record, CONTEXT *context,
                                    const DISPATCHER_CONTEXT *dispatcher)
{
    override_state(part, dispatcher);
    if (record->ExceptionFlags & EXCEPTION_UNWIND)
        cxx_leave_states(part, unwind_target(part, record, dispatcher));
    else
        cxx_search(part, record, context);
    return ExceptionContinueSearch;
}

static void make_part(struct cxx_part *part, const struct cxx_function *function, void *frame,
                      DISPATCHER_CONTEXT *dispatcher)
{
    *part = (struct cxx_part){
        .function = function,
        .frame = frame,
        .base = frame,
        .bottom = CXX_NO_STATE,
        .state = function->format->state_at(function, dispatcher->ControlPc),
        .keeper = dispatcher,
    };
}

static const void *tables_of(const DISPATCHER_CONTEXT *dispatcher)
{
    return (const void *)(dispatcher->ImageBase + *(const uint32_t *)dispatcher->HandlerData);
}

/* __CxxFrameHandler to __CxxFrameHandler3 */
EXCEPTION_DISPOSITION GUEST_CDECL crt_cxx_frame_handler(EXCEPTION_RECORD *record, void *frame,
                                                        CONTEXT *context, DISPATCHER_CONTEXT *dispatcher)
{
    struct cxx_function function;
    struct cxx_part part;
    struct cxx_try block = {0};
    cxx_read_tables(&function, tables_of(dispatcher), dispatcher->ImageBase);
    if (!cxx_concerns(&function, record))
        return ExceptionContinueSearch;
    make_part(&part, &function, frame, dispatcher);
    if (find_handled_try(&function, part.state, &block)) {
        uint32_t start = primary_entry(dispatcher)->BeginAddress;
        find_handler_part(&part, &block, (void *)(dispatcher->ImageBase + start));
    }
    return handle(&part, record, context, dispatcher);
}

EXCEPTION_DISPOSITION GUEST_CDECL crt_cxx_frame_handler4(EXCEPTION_RECORD *record, void *frame,
                                                         CONTEXT *context, DISPATCHER_CONTEXT *dispatcher)
{
    struct cxx_function function;
    struct cxx_part part;
    struct cxx_try block = {.high = CXX_NO_STATE};
    uintptr_t start = dispatcher->ImageBase + dispatcher->FunctionEntry->BeginAddress;
    cxx_read_tables4(&function, tables_of(dispatcher), dispatcher->ImageBase, start);
    if (!cxx_concerns(&function, record))
        return ExceptionContinueSearch;
    make_part(&part, &function, frame, dispatcher);
    if (function.is_handler) {
        find_handled_try(&function, part.state, &block);
        enter_handler_part(&part, &block, function.frame_home);
    }
    return handle(&part, record, context, dispatcher);
}
