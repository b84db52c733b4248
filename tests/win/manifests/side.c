#include <windows.h>

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved) __asm__("dll_entry");

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved)
{
    (void)module, (void)reason, (void)reserved;
    return TRUE;
}

#ifndef VALUE
#define VALUE 5
#endif

__declspec(dllexport) int side(void)
{
    return VALUE;
}
