/* Whether one version of Windows meets what a program asks for. */
#ifndef NTDLL_VERSION_H
#define NTDLL_VERSION_H

#include <litewin/windows.h>

/* `types` are VER_*, `conditions` what VerSetConditionMask has made. STATUS_REVISION_MISMATCH where it does
 * not, STATUS_INVALID_PARAMETER where nothing is asked or no condition fits. */
EXPORTED NTSTATUS version_verify(const OSVERSIONINFOEXW *actual, const OSVERSIONINFOEXW *wanted, DWORD types,
                                 ULONGLONG conditions);

#endif
