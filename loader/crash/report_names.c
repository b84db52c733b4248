/* Exceptions by name, and what their parameters mean. */
#include "loader/crash/crash_internal.h"
#include "loader/trace/names.h"

static const char *describe_code(DWORD code)
{
    switch (code) {
    case (DWORD)STATUS_ACCESS_VIOLATION:
        return "access violation";
    case (DWORD)STATUS_IN_PAGE_ERROR:
        return "in-page error";
    case (DWORD)STATUS_GUARD_PAGE_VIOLATION:
        return "guard page";
    case (DWORD)STATUS_STACK_OVERFLOW:
        return "stack overflow";
    case (DWORD)STATUS_STACK_BUFFER_OVERRUN:
        return "fast fail";
    case (DWORD)STATUS_DATATYPE_MISALIGNMENT:
        return "datatype misalignment";
    case (DWORD)STATUS_BREAKPOINT:
        return "breakpoint";
    case (DWORD)STATUS_SINGLE_STEP:
        return "single step";
    case (DWORD)STATUS_ASSERTION_FAILURE:
        return "assertion failure";
    case (DWORD)STATUS_ILLEGAL_INSTRUCTION:
        return "illegal instruction";
    case (DWORD)STATUS_PRIVILEGED_INSTRUCTION:
        return "privileged instruction";
    case (DWORD)STATUS_ARRAY_BOUNDS_EXCEEDED:
        return "array bounds exceeded";
    case (DWORD)STATUS_INTEGER_DIVIDE_BY_ZERO:
        return "integer division by zero";
    case (DWORD)STATUS_INTEGER_OVERFLOW:
        return "integer overflow";
    case (DWORD)STATUS_FLOAT_DENORMAL_OPERAND:
    case (DWORD)STATUS_FLOAT_DIVIDE_BY_ZERO:
    case (DWORD)STATUS_FLOAT_INEXACT_RESULT:
    case (DWORD)STATUS_FLOAT_INVALID_OPERATION:
    case (DWORD)STATUS_FLOAT_OVERFLOW:
    case (DWORD)STATUS_FLOAT_STACK_CHECK:
    case (DWORD)STATUS_FLOAT_UNDERFLOW:
    case (DWORD)STATUS_FLOAT_MULTIPLE_FAULTS:
    case (DWORD)STATUS_FLOAT_MULTIPLE_TRAPS:
        return "floating point";
    case (DWORD)STATUS_NONCONTINUABLE_EXCEPTION:
        return "noncontinuable exception continued";
    case (DWORD)STATUS_INVALID_DISPOSITION:
        return "invalid exception disposition";
    case (DWORD)STATUS_BAD_STACK:
        return "bad stack";
    case (DWORD)STATUS_NO_MEMORY:
        return "no memory";
    case (DWORD)STATUS_INVALID_CRUNTIME_PARAMETER:
        return "invalid parameter";
    case CXX_EXCEPTION_MSVC:
    case CXX_EXCEPTION_GCC:
        return "C++ exception";
    default:
        return NULL;
    }
}

void report_exception_name(struct trace_text *text, const EXCEPTION_RECORD *record)
{
    const char *meaning = describe_code(record->ExceptionCode);
    const char *name = names_of_status(record->ExceptionCode);
    text_string(text, "0x");
    for (int shift = 28; shift >= 0; shift -= 4)
        text_char(text, "0123456789ABCDEF"[record->ExceptionCode >> shift & 15]);
    if (name) {
        text_char(text, ' ');
        text_string(text, name);
    }
    if (meaning) {
        text_string(text, " (");
        text_string(text, meaning);
        text_char(text, ')');
    }
}

/* winnt.h's FAST_FAIL_ codes, by number. */
static const char *name_of_fast_fail(ULONG_PTR code)
{
    static const char names[][28] = {
        "LEGACY_GS_VIOLATION",
        "VTGUARD_CHECK_FAILURE",
        "STACK_COOKIE_CHECK_FAILURE",
        "CORRUPT_LIST_ENTRY",
        "INCORRECT_STACK",
        "INVALID_ARG",
        "GS_COOKIE_INIT",
        "FATAL_APP_EXIT",
        "RANGE_CHECK_FAILURE",
        "UNSAFE_REGISTRY_ACCESS",
        "GUARD_ICALL_CHECK_FAILURE",
        "GUARD_WRITE_CHECK_FAILURE",
        "INVALID_FIBER_SWITCH",
        "INVALID_SET_OF_CONTEXT",
        "INVALID_REFERENCE_COUNT",
        "",
        "",
        "",
        "INVALID_JUMP_BUFFER",
        "MRDATA_MODIFIED",
        "CERTIFICATION_FAILURE",
        "INVALID_EXCEPTION_CHAIN",
        "CRYPTO_LIBRARY",
        "INVALID_CALL_IN_DLL_CALLOUT",
        "INVALID_IMAGE_BASE",
        "DLOAD_PROTECTION_FAILURE",
        "UNSAFE_EXTENSION_CALL",
    };
    return code < ARRAYSIZE(names) && *names[code] ? names[code] : NULL;
}

static void put_fast_fail(struct trace_text *text, ULONG_PTR code)
{
    const char *name = name_of_fast_fail(code);
    text_string(text, "  reason  ");
    text_decimal(text, code);
    if (name) {
        text_string(text, " FAST_FAIL_");
        text_string(text, name);
    }
    text_char(text, '\n');
}

static void put_values(struct trace_text *text, const EXCEPTION_RECORD *record)
{
    text_string(text, "  parameters");
    for (DWORD i = 0; i < record->NumberParameters && i < EXCEPTION_MAXIMUM_PARAMETERS; i++) {
        text_char(text, ' ');
        text_hex(text, record->ExceptionInformation[i]);
    }
    text_char(text, '\n');
}

bool crash_is_fault(DWORD code)
{
    switch (code) {
    case (DWORD)STATUS_ACCESS_VIOLATION:
    case (DWORD)STATUS_IN_PAGE_ERROR:
    case (DWORD)STATUS_GUARD_PAGE_VIOLATION:
    case (DWORD)STATUS_STACK_OVERFLOW:
    case (DWORD)STATUS_STACK_BUFFER_OVERRUN:
    case (DWORD)STATUS_DATATYPE_MISALIGNMENT:
    case (DWORD)STATUS_BREAKPOINT:
    case (DWORD)STATUS_SINGLE_STEP:
    case (DWORD)STATUS_ASSERTION_FAILURE:
    case (DWORD)STATUS_ILLEGAL_INSTRUCTION:
    case (DWORD)STATUS_FLOAT_MULTIPLE_FAULTS:
    case (DWORD)STATUS_FLOAT_MULTIPLE_TRAPS:
        return true;
    default: /* They are in a row, privileged instructions being the last. */
        return code >= (DWORD)STATUS_ARRAY_BOUNDS_EXCEEDED && code <= (DWORD)STATUS_PRIVILEGED_INSTRUCTION;
    }
}

/* Parameters that say nothing which is not said better elsewhere. */
static bool are_known(DWORD code)
{
    return code == (DWORD)STATUS_ACCESS_VIOLATION || code == (DWORD)STATUS_IN_PAGE_ERROR ||
           code == (DWORD)STATUS_GUARD_PAGE_VIOLATION || code == (DWORD)STATUS_STACK_OVERFLOW ||
           code == (DWORD)STATUS_BREAKPOINT || code == CXX_EXCEPTION_MSVC || code == CXX_EXCEPTION_GCC;
}

void report_parameters(struct crash *crash)
{
    const EXCEPTION_RECORD *record = crash->record;
    if (!record->NumberParameters || are_known(record->ExceptionCode))
        return;
    if (record->ExceptionCode == (DWORD)STATUS_STACK_BUFFER_OVERRUN)
        put_fast_fail(&crash->text, record->ExceptionInformation[0]);
    else
        put_values(&crash->text, record);
}
