/* Passes on what the where.dll says that the loader found for it. */
#include <windows.h>

__declspec(dllimport) int where(void);

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved) __asm__("dll_entry");

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved)
{
    (void)module, (void)reason, (void)reserved;
    return TRUE;
}

__declspec(dllexport) int needed_where(void)
{
    return where();
}
