/* What MinGW-w64's headers lack of the registry. */
#ifndef NTDLL_REGISTRY_H
#define NTDLL_REGISTRY_H

#include <litewin/windows.h>

#pragma GCC visibility push(default)

NTSTATUS NTAPI NtOpenKeyEx(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes,
                           ULONG options);
NTSTATUS NTAPI NtCreateKey(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attributes,
                           ULONG title, const UNICODE_STRING *class, ULONG options, ULONG *disposition);
NTSTATUS NTAPI NtSetValueKey(HANDLE handle, const UNICODE_STRING *name, ULONG title, ULONG type,
                             const void *data, ULONG size);

#pragma GCC visibility pop

#endif
