#include <stdio.h>
#include <unistd.h>
#include "dlls/ntdll/exception.h"
#include "loader/place.h"

#define CPP_EXCEPTION_MSVC 0xE06D7363
#define CPP_EXCEPTION_GCC  0x20474343

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
    case CPP_EXCEPTION_MSVC:
    case CPP_EXCEPTION_GCC:
        return "C++ exception";
    default:
        return NULL;
    }
}

static const char *describe_access(const EXCEPTION_RECORD *record)
{
    bool has_access = record->ExceptionCode == (DWORD)STATUS_ACCESS_VIOLATION ||
                      record->ExceptionCode == (DWORD)STATUS_IN_PAGE_ERROR;
    if (!has_access || record->NumberParameters < 2)
        return NULL;
    switch (record->ExceptionInformation[0]) {
    case 0:
        return "reading";
    case 1:
        return "writing";
    case 8:
        return "executing";
    default:
        return NULL;
    }
}

void exception_report(const EXCEPTION_RECORD *record, const CONTEXT *context)
{
    char place[300], access[64] = "", meaning[64] = "";
    const char *name = describe_code(record->ExceptionCode), *verb = describe_access(record);
    if (record->ExceptionCode == EXCEPTION_NOT_IMPLEMENTED)
        return; /* Whoever raised it has said more. */
    place_describe(record->ExceptionAddress, place, sizeof place);
    if (name)
        snprintf(meaning, sizeof meaning, " (%s)", name);
    if (verb)
        snprintf(access, sizeof access, " %s %#zx", verb, (size_t)record->ExceptionInformation[1]);
    dprintf(STDERR_FILENO, "litewin: unhandled exception 0x%08X%s%s at %s\n", (unsigned)record->ExceptionCode,
            meaning, access, place);
}
