/* What a process says to Windows Error Reporting about itself, and may ask for again. litewin sends no
 * reports and shows nobody a window, so that is all. */
#include <litewin/windows.h>

#include "dlls/kernel32/error.h"
#include "kernel/process.h"

/* WER_FAULT_REPORTING_*: 1 for the lowest to 0x400 for the latest, which MinGW-w64's headers leave out. */
#define VALID_FLAGS 0x7ff

static DWORD flags_of_process;

HRESULT WerSetFlags(DWORD flags)
{
    if (flags & ~VALID_FLAGS)
        return E_INVALIDARG;
    __atomic_store_n(&flags_of_process, flags, __ATOMIC_RELAXED);
    return S_OK;
}

/* Either right is enough. */
HRESULT WerGetFlags(HANDLE process, PDWORD flags)
{
    if (!flags)
        return E_INVALIDARG;
    NTSTATUS status = process_check_current(process, PROCESS_QUERY_INFORMATION);
    if (status == STATUS_ACCESS_DENIED)
        status = process_check_current(process, PROCESS_VM_READ);
    if (!NT_SUCCESS(status))
        return HRESULT_FROM_WIN32(status_to_win32(status));
    *flags = __atomic_load_n(&flags_of_process, __ATOMIC_RELAXED);
    return S_OK;
}
