/* String functions that MinGW-w64's headers do not declare and that call each other. */
#ifndef NTDLL_STRING_H
#define NTDLL_STRING_H

#include <litewin/windows.h>

#pragma GCC visibility push(default)

NTSTATUS NTAPI RtlInitUnicodeStringEx(PUNICODE_STRING string, PCWSTR source);

#pragma GCC visibility pop

#endif
