#include "dlls/ntdll/context.h"
#include "dlls/ntdll/exception.h"

static GUEST_CDECL EXCEPTION_DISPOSITION catch_any(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                                   DISPATCHER_CONTEXT *dispatcher)
{
    if (!(record->ExceptionFlags & EXCEPTION_UNWIND)) {
        *(DWORD *)dispatcher->HandlerData = record->ExceptionCode;
        RtlUnwind(frame, (void *)context_call_guarded_return, record, NULL);
    }
    return ExceptionContinueSearch;
}

DWORD exception_catch(void(GUEST_CDECL *function)(void *), void *argument)
{
    DWORD code = 0;
    context_call_guarded(catch_any, &code, (void *)function, argument, NULL);
    return code;
}
