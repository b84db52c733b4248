#include "dlls/msvcrt/guard.h"
#include "dlls/msvcrt/cxx.h"

static GUARD_HANDLER_FUNCTION EXCEPTION_DISPOSITION end_program(EXCEPTION_RECORD *record, void *frame,
                                                                CONTEXT *context, void *dispatcher)
{
    if (!(record->ExceptionFlags & EXCEPTION_UNWIND) && cxx_is_exception(record))
        crt_terminate();
    return ExceptionContinueSearch;
}

uintptr_t guard_call_no_throw(guarded_function function, void *argument)
{
    return guard_call(end_program, NULL, function, argument);
}
