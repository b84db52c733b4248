/* From the status of a lower floor to a Win32 function's result and last error. */
#ifndef KERNEL32_ERROR_H
#define KERNEL32_ERROR_H

#include "kernel/status.h"
#include "kernel/teb.h"

/* TRUE for a status that says success; for any other FALSE, after setting the last error to match. */
static inline BOOL set_last_status(NTSTATUS status)
{
    if (NT_SUCCESS(status))
        return TRUE;
    teb_current()->LastErrorValue = status_to_win32(status);
    return FALSE;
}

#endif
