#include <stdlib.h>
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/exception.h"
#include "kernel/debugger.h"
#include "kernel/utf.h"

VOID DebugBreak(VOID)
{
    __asm__ volatile("int3");
}

BOOL IsDebuggerPresent(VOID)
{
    return debugger_is_present();
}

BOOL CheckRemoteDebuggerPresent(HANDLE process, BOOL *present)
{
    ULONG_PTR port;
    if (!process || !present)
        return set_last_status(STATUS_INVALID_PARAMETER);
    NTSTATUS status = NtQueryInformationProcess(process, ProcessDebugPort, &port, sizeof port, NULL);
    if (NT_SUCCESS(status))
        *present = port != 0;
    return set_last_status(status);
}

/* The strings are a debugger's business: without one, only vectored handlers see them. */
VOID OutputDebugStringA(LPCSTR text)
{
    if (!text)
        text = "";
    if (debugger_is_present()) {
        debugger_print(text);
        return;
    }
    EXCEPTION_RECORD record = {
        .ExceptionCode = DBG_PRINTEXCEPTION_C,
        .NumberParameters = 2,
        .ExceptionInformation = {strlen(text) + 1, (ULONG_PTR)text},
    };
    exception_notify(&record);
}

VOID OutputDebugStringW(LPCWSTR text)
{
    if (!text)
        text = L"";
    size_t length = utf16_length(text);
    size_t size = utf8_from_utf16(NULL, 0, text, length, UTF_REPLACE);
    char *narrow = malloc(size + 1);
    if (!narrow)
        return;
    utf8_from_utf16(narrow, size, text, length, UTF_REPLACE);
    narrow[size] = '\0';
    if (debugger_is_present()) {
        debugger_print(narrow);
        free(narrow);
        return;
    }
    EXCEPTION_RECORD record = {
        .ExceptionCode = DBG_PRINTEXCEPTION_WIDE_C,
        .NumberParameters = 4,
        .ExceptionInformation = {length + 1, (ULONG_PTR)text, size + 1, (ULONG_PTR)narrow},
    };
    if (!exception_notify(&record))
        OutputDebugStringA(narrow);
    free(narrow);
}
