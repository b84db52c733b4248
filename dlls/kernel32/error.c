#include "dlls/kernel32/error.h"

/* For calls from Linux code. The program's own are below. */
DWORD WINAPI GetLastError(void)
{
    return teb_current()->LastErrorValue;
}

void WINAPI SetLastError(DWORD error)
{
    teb_current()->LastErrorValue = error;
}

DWORD GUEST_STDCALL direct_GetLastError(void)
{
    return teb_here->LastErrorValue;
}

void GUEST_STDCALL direct_SetLastError(DWORD error)
{
    teb_here->LastErrorValue = error;
}
