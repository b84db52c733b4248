#include <setjmp.h>
#include "dlls/ntdll/exception.h"
#include "kernel/teb.h"

struct catcher {
    EXCEPTION_REGISTRATION_RECORD registration;
    DWORD code;
    jmp_buf end;
};

/* Whoever walks over the chain may not align the stack. RtlUnwind returns. */
__attribute__((force_align_arg_pointer)) static EXCEPTION_DISPOSITION
catch_any(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher)
{
    struct catcher *catcher = frame;
    if (record->ExceptionFlags & EXCEPTION_UNWIND)
        return ExceptionContinueSearch;
    catcher->code = record->ExceptionCode;
    RtlUnwind(frame, NULL, record, NULL);
    _longjmp(catcher->end, 1);
}

DWORD exception_catch(void(GUEST_CDECL *function)(void *), void *argument)
{
    NT_TIB *tib = &teb_current()->Tib;
    struct catcher catcher = {.registration = {.Next = tib->ExceptionList, .Handler = (void *)catch_any}};
    tib->ExceptionList = &catcher.registration;
    if (!_setjmp(catcher.end))
        function(argument);
    tib->ExceptionList = catcher.registration.Next;
    return catcher.code;
}
