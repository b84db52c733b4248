/* Statuses, and the errors that the thread remembers. */
#include "kernel/status.h"
#include "kernel/teb.h"

ULONG NTAPI RtlNtStatusToDosErrorNoTeb(NTSTATUS status)
{
    return status_to_win32(status);
}

ULONG NTAPI RtlNtStatusToDosError(NTSTATUS status)
{
    teb_current()->LastStatusValue = status;
    return status_to_win32(status);
}

NTSTATUS NTAPI RtlGetLastNtStatus(void)
{
    return teb_current()->LastStatusValue;
}

ULONG NTAPI RtlGetLastWin32Error(void)
{
    return teb_current()->LastErrorValue;
}

void NTAPI RtlSetLastWin32Error(ULONG error)
{
    teb_current()->LastErrorValue = error;
}

void NTAPI RtlRestoreLastWin32Error(ULONG error)
{
    teb_current()->LastErrorValue = error;
}

void NTAPI RtlSetLastWin32ErrorAndNtStatusFromNtStatus(NTSTATUS status)
{
    teb_current()->LastErrorValue = RtlNtStatusToDosError(status);
}
