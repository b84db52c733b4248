/* The one table from errno to NTSTATUS and the one from NTSTATUS to a Win32 error code. */
#ifndef KERNEL_STATUS_H
#define KERNEL_STATUS_H

#include <litewin/windows.h>

/* What a failed Linux call means to a Windows program. An errno that says "not found" is about a
 * name: STATUS_OBJECT_NAME_NOT_FOUND. Whether the name or its directory is missing, only a path
 * lookup can tell (kernel/path.h). */
EXPORTED NTSTATUS status_from_errno(int error);

/* RtlNtStatusToDosError. A status that the table lacks gives ERROR_MR_MID_NOT_FOUND, as on Windows. */
EXPORTED DWORD status_to_win32(NTSTATUS status);

#endif
