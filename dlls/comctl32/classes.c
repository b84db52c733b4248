/* Without windows there is nothing to register a control's class for, so asking for it is all there is. */
#include <litewin/windows.h>
#include <commctrl.h>

void WINAPI InitCommonControls(void) {}

BOOL WINAPI InitCommonControlsEx(const INITCOMMONCONTROLSEX *classes)
{
    return classes && classes->dwSize == sizeof *classes && classes->dwICC;
}
