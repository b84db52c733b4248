#include "dlls/ntdll/exception.h"
#include "dlls/ntdll/context.h"
#include "dlls/ntdll/vectored.h"
#include "kernel/debugger.h"
#include "kernel/process.h"
#include "kernel/teb.h"
#include "loader/crash/crash.h"
#include "loader/missing.h"
#include "loader/module.h"
#include "loader/trace/trace.h"

static LONG (*unhandled_filter)(EXCEPTION_POINTERS *pointers);
static LPTOP_LEVEL_EXCEPTION_FILTER program_filter;

void exception_set_unhandled_filter(LONG (*filter)(EXCEPTION_POINTERS *pointers))
{
    unhandled_filter = filter;
}

/* A program's own filter comes before UnhandledExceptionFilter. */
VOID RtlSetUnhandledExceptionFilter(LPTOP_LEVEL_EXCEPTION_FILTER filter)
{
    __atomic_store_n(&program_filter, filter, __ATOMIC_RELEASE);
}

bool exception_is_on_stack(uintptr_t frame)
{
    const NT_TIB *tib = &teb_current()->Tib;
    return frame >= (uintptr_t)tib->StackLimit && frame < (uintptr_t)tib->StackBase &&
           frame % sizeof(void *) == 0;
}

/* Asks the handlers, the vectored ones first. */
static bool call_handlers(EXCEPTION_RECORD *record, CONTEXT *context)
{
    const char *by = "a vectored handler";
    bool resume = vectored_call_exception_handlers(record, context);
    if (!resume) {
        by = "a frame's handler";
        resume = exception_call_frame_handlers(record, context);
    }
    if (resume && trace_is_on)
        trace_exception_continued(by);
    return resume;
}

bool exception_dispatch(EXCEPTION_RECORD *record, CONTEXT *context)
{
    if (trace_is_on)
        trace_exception(record);
    debugger_first_chance(record, context);
    bool resume = call_handlers(record, context);
    /* Where the frames' handlers could not all be asked, since the walk has left the stack, these are called
     * in any case: Go's runtime reports by one what has happened outside of its own code. */
    if (resume || record->ExceptionFlags & EXCEPTION_STACK_INVALID)
        vectored_call_continue_handlers(record, context);
    return resume;
}

void exception_raise(EXCEPTION_RECORD *record, CONTEXT *context)
{
    if (exception_dispatch(record, context))
        exception_resume(context);
    exception_unhandled(record, context);
}

void exception_raise_nested(NTSTATUS status, EXCEPTION_RECORD *cause)
{
    EXCEPTION_RECORD record = {
        .ExceptionCode = status,
        .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
        .ExceptionRecord = cause,
    };
    RtlRaiseException(&record);
    process_terminate(status);
}

VOID RtlRaiseStatus(NTSTATUS status)
{
    exception_raise_nested(status, NULL);
}

/* Not of a function that is not implemented: whoever raised that has said more. */
void exception_report(const EXCEPTION_RECORD *record, const CONTEXT *context)
{
    if (record->ExceptionCode != EXCEPTION_NOT_IMPLEMENTED)
        crash_report(record, context);
}

static LONG ask_filters(EXCEPTION_POINTERS *pointers)
{
    LPTOP_LEVEL_EXCEPTION_FILTER of_program = __atomic_load_n(&program_filter, __ATOMIC_ACQUIRE);
    LONG answer = of_program ? of_program(pointers) : EXCEPTION_CONTINUE_SEARCH;
    if (answer != EXCEPTION_CONTINUE_SEARCH)
        return answer;
    if (unhandled_filter)
        return unhandled_filter(pointers);
    if (debugger_is_present())
        return EXCEPTION_CONTINUE_SEARCH;
    exception_report(pointers->ExceptionRecord, pointers->ContextRecord);
    return EXCEPTION_EXECUTE_HANDLER;
}

/* Tells a debugger and whoever reads stderr, and ends the process. */
static _Noreturn void end_by(const EXCEPTION_RECORD *record, const CONTEXT *context)
{
    exception_report(record, context);
    if (debugger_is_present())
        debugger_last_chance(record, context);
    process_terminate(record->ExceptionCode);
}

void exception_unhandled(EXCEPTION_RECORD *record, CONTEXT *context)
{
    crash_recover();
    EXCEPTION_POINTERS pointers = {record, context};
    LONG answer = ask_filters(&pointers);
    if (answer == EXCEPTION_CONTINUE_EXECUTION)
        exception_resume(context);
    if (answer == EXCEPTION_CONTINUE_SEARCH)
        end_by(record, context);
    process_terminate(record->ExceptionCode);
}

NTSTATUS NtRaiseException(PEXCEPTION_RECORD record, PCONTEXT context, BOOLEAN first_chance)
{
    if (first_chance)
        exception_raise(record, context);
    exception_unhandled(record, context);
}

PVOID RtlPcToFileHeader(PVOID pc, PVOID *base)
{
    const struct module *module = module_from_address(pc);
    *base = module ? module->entry.DllBase : NULL;
    return *base;
}

/* What the floors below raise */

/* Where context_fault_entry leads. A fast fail trusts no handler: the program's state may be corrupt. */
__attribute__((used)) _Noreturn void exception_dispatch_fault(EXCEPTION_RECORD *record, CONTEXT *context)
{
    crash_recover();
    if (record->ExceptionCode != (DWORD)STATUS_STACK_BUFFER_OVERRUN)
        exception_raise(record, context);
    end_by(record, context);
}

/* A function that does not exist was called. */
static void raise_not_implemented(const char *dll, const char *function)
{
    EXCEPTION_RECORD record = {
        .ExceptionCode = EXCEPTION_NOT_IMPLEMENTED,
        .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
        .NumberParameters = 2,
        .ExceptionInformation = {(ULONG_PTR)dll, (ULONG_PTR)function},
    };
    RtlRaiseException(&record);
}

void exception_initialize(void)
{
    fault_set_dispatcher(context_fault_entry);
    fault_set_last_resort(crash_report);
    missing_raise = raise_not_implemented;
}
