#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/ntdll/exception.h"
#include "kernel/debugger.h"
#include "kernel/process.h"
#include "kernel/thread.h"
#include "kernel/utf.h"
#include "loader/crash/crash.h"
#include "loader/module.h"

/* Raising */

static EXCEPTION_RECORD make_record(DWORD code, DWORD flags, DWORD count, const ULONG_PTR *arguments)
{
    EXCEPTION_RECORD record = {
        .ExceptionCode = code,
        .ExceptionFlags = flags & EXCEPTION_NONCONTINUABLE,
    };
    if (arguments) {
        record.NumberParameters = min(count, EXCEPTION_MAXIMUM_PARAMETERS);
        memcpy(record.ExceptionInformation, arguments, record.NumberParameters * sizeof *arguments);
    }
    return record;
}

VOID RaiseException(DWORD code, DWORD flags, DWORD count, const ULONG_PTR *arguments)
{
    EXCEPTION_RECORD record = make_record(code, flags, count, arguments);
    RtlRaiseException(&record);
}

/* The program's calls come here with their registers captured. */
#ifdef __x86_64__
void raise_exception_captured(CONTEXT *context)
{
    EXCEPTION_RECORD record =
        make_record(context->Rcx, context->Rdx, context->R8, (const ULONG_PTR *)context->R9);
    exception_raise_captured(&record, context);
}
#else
void raise_exception_captured(CONTEXT *context, const ULONG_PTR *arguments)
{
    EXCEPTION_RECORD record =
        make_record(arguments[0], arguments[1], arguments[2], (const ULONG_PTR *)arguments[3]);
    exception_raise_captured(&record, context);
}
#endif

VOID RaiseFailFastException(PEXCEPTION_RECORD record, PCONTEXT context, DWORD flags)
{
    EXCEPTION_RECORD own_record = {
        .ExceptionCode = STATUS_FAIL_FAST_EXCEPTION,
        .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
        .ExceptionAddress = __builtin_return_address(0),
    };
    CONTEXT own_context = {.ContextFlags = CONTEXT_ALL};
    if (!context && NT_SUCCESS(crash_get_context(thread_current(), &own_context)))
        context = &own_context;
    if (context)
        exception_report(record ? record : &own_record, context);
    process_terminate(record ? record->ExceptionCode : own_record.ExceptionCode);
}

/* Nobody handles it */

static LPTOP_LEVEL_EXCEPTION_FILTER top_level_filter;
static UINT error_mode;

#define VALID_THREAD_MODES (SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX)

/* Old programs write into their resources, and Windows lets them, though only once it comes to this. */
static bool open_resource(const EXCEPTION_RECORD *record)
{
    if (record->ExceptionCode != (DWORD)STATUS_ACCESS_VIOLATION ||
        record->ExceptionInformation[0] != EXCEPTION_WRITE_FAULT)
        return false;
    void *address = (void *)record->ExceptionInformation[1];
    const struct module *module = module_from_address(address);
    if (!module)
        return false;
    const struct pe_directory *resources = &module->image.directories[IMAGE_DIRECTORY_ENTRY_RESOURCE];
    uintptr_t rva = (char *)address - (char *)module->entry.DllBase;
    DWORD before;
    return rva >= resources->rva && rva - resources->rva < resources->size &&
           VirtualProtect(address, 1, PAGE_READWRITE, &before) &&
           !(before & (PAGE_READWRITE | PAGE_WRITECOPY));
}

LONG UnhandledExceptionFilter(struct _EXCEPTION_POINTERS *pointers)
{
    if (open_resource(pointers->ExceptionRecord))
        return EXCEPTION_CONTINUE_EXECUTION;
    if (debugger_is_present())
        return EXCEPTION_CONTINUE_SEARCH;
    LPTOP_LEVEL_EXCEPTION_FILTER filter = top_level_filter;
    LONG answer = filter ? filter(pointers) : EXCEPTION_CONTINUE_SEARCH;
    if (answer != EXCEPTION_CONTINUE_SEARCH)
        return answer;
    /* SEM_NOGPFAULTERRORBOX is against a box that waits for somebody to click it. A report waits for nobody,
     * and whoever runs programs unattended, which is what the mode is for, wants to know why one has ended.
     */
    exception_report(pointers->ExceptionRecord, pointers->ContextRecord);
    return EXCEPTION_EXECUTE_HANDLER;
}

LPTOP_LEVEL_EXCEPTION_FILTER SetUnhandledExceptionFilter(LPTOP_LEVEL_EXCEPTION_FILTER filter)
{
    exception_set_unhandled_filter(UnhandledExceptionFilter);
    return __atomic_exchange_n(&top_level_filter, filter, __ATOMIC_ACQ_REL);
}

UINT GetErrorMode(VOID)
{
    return error_mode;
}

/* SEM_NOALIGNMENTFAULTEXCEPT stays once it is set. */
UINT SetErrorMode(UINT mode)
{
    exception_set_unhandled_filter(UnhandledExceptionFilter);
    UINT previous = __atomic_load_n(&error_mode, __ATOMIC_RELAXED), next;
    do {
        next = mode | (previous & SEM_NOALIGNMENTFAULTEXCEPT);
    } while (!__atomic_compare_exchange_n(&error_mode, &previous, next, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_RELAXED));
    return previous;
}

/* The TEB keeps a thread's mode in the runtime library's own bits. */
static const struct {
    DWORD mode;
    ULONG in_teb;
} thread_modes[] = {
    {SEM_FAILCRITICALERRORS, 0x10},
    {SEM_NOGPFAULTERRORBOX, 0x20},
    {SEM_NOOPENFILEERRORBOX, 0x40},
};

DWORD GetThreadErrorMode(VOID)
{
    ULONG in_teb = teb_current()->HardErrorMode;
    DWORD mode = 0;
    for (unsigned i = 0; i < ARRAYSIZE(thread_modes); i++)
        mode |= in_teb & thread_modes[i].in_teb ? thread_modes[i].mode : 0;
    return mode;
}

BOOL SetThreadErrorMode(DWORD mode, LPDWORD old_mode)
{
    ULONG in_teb = 0;
    if (mode & ~VALID_THREAD_MODES) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if (old_mode)
        *old_mode = GetThreadErrorMode();
    for (unsigned i = 0; i < ARRAYSIZE(thread_modes); i++)
        in_teb |= mode & thread_modes[i].mode ? thread_modes[i].in_teb : 0;
    exception_set_unhandled_filter(UnhandledExceptionFilter);
    teb_current()->HardErrorMode = in_teb;
    return TRUE;
}

VOID FatalAppExitA(UINT action, LPCSTR message)
{
    dprintf(STDERR_FILENO, "%s\n", message ? message : "");
    ExitProcess(0);
}

VOID FatalAppExitW(UINT action, LPCWSTR message)
{
    char text[1024] = "";
    size_t length = message ? utf16_length(message) : 0;
    size_t size = utf8_from_utf16(text, sizeof text - 1, message, length, UTF_REPLACE);
    text[min(size, sizeof text - 1)] = '\0';
    FatalAppExitA(action, text);
}
