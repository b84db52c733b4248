#include "dlls/msvcrt/cxx_frame.h"
#include "dlls/msvcrt/thread_data.h"
#include "dlls/ntdll/exception.h"
#include <litewin/direct.h>

/* A C++ exception that nobody catches ends the program as std::terminate does, unless the program has a
 * filter of its own for what nobody handles. */
static LONG GUEST_STDCALL unhandled(EXCEPTION_POINTERS *pointers)
{
    if (cxx_is_exception(pointers->ExceptionRecord)) {
        /* A program that has a handler for that says itself what it has to say. */
        if (!crt_has_terminate_handler())
            exception_report(pointers->ExceptionRecord, pointers->ContextRecord);
        crt_terminate();
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

static void set_unhandled_filter(void)
{
    static LONG is_set;
    if (__atomic_exchange_n(&is_set, 1, __ATOMIC_RELAXED))
        return;
    LPTOP_LEVEL_EXCEPTION_FILTER before = SetUnhandledExceptionFilter(unhandled);
    if (before)
        SetUnhandledExceptionFilter(before);
}

_Noreturn void cxx_throw(void *object, const struct cxx_throw_info *info, uintptr_t base)
{
    ULONG_PTR parameters[] = {
        [CXX_PARAMETER_MAGIC] = CXX_MAGIC,
        [CXX_PARAMETER_OBJECT] = (ULONG_PTR)object,
        [CXX_PARAMETER_INFO] = (ULONG_PTR)info,
        [CXX_PARAMETER_BASE] = base,
    };
    set_unhandled_filter();
    RaiseException(CXX_EXCEPTION, EXCEPTION_NONCONTINUABLE, CXX_PARAMETERS, parameters);
    crt_terminate();
}

void crt_cxx_throw_exception(void *object, const struct cxx_throw_info *info)
{
    void *base = NULL;
    if (info)
        RtlPcToFileHeader((void *)info, &base);
    cxx_throw(object, info, (uintptr_t)base);
}

crt_se_translator crt_set_se_translator(crt_se_translator translator)
{
    crt_se_translator before = crt_thread.se_translator;
    crt_thread.se_translator = translator;
    return before;
}

int crt_uncaught_exception(void)
{
    return crt_thread.cxx_unwinding != 0;
}

void crt_destruct_exception_object(EXCEPTION_RECORD *record, int is_abnormal)
{
    if (record)
        cxx_destroy_object(record);
}
