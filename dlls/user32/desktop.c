/* What there is to say about windows where there are none. */
#include <litewin/windows.h>
#include <winuser.h>

/* Every desktop has that one window; Windows gives the first desktop's this handle. */
#define DESKTOP_WINDOW ((HWND)(ULONG_PTR)0x10010)

HWND WINAPI GetDesktopWindow(void)
{
    return DESKTOP_WINDOW;
}

BOOL WINAPI IsWindow(HWND window)
{
    if (window == DESKTOP_WINDOW)
        return TRUE;
    SetLastError(ERROR_INVALID_WINDOW_HANDLE);
    return FALSE;
}

HWND WINAPI GetActiveWindow(void)
{
    return NULL;
}

HWND WINAPI GetForegroundWindow(void)
{
    return NULL;
}

HWND WINAPI GetFocus(void)
{
    return NULL;
}
