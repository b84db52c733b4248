/* A DLL that others forward to, import from by name, ordinal and as data, and load at a base that is taken.
 */
#include <windows.h>

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved) __asm__("dll_entry");

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved)
{
    (void)module, (void)reason, (void)reserved;
    return TRUE;
}

#ifndef EMPTY

__declspec(dllexport) int counter = 5;

/* A pointer that is right only where the image is, so it needs a relocation. */
__declspec(dllexport) int *counter_address = &counter;

__declspec(dllexport) int named(void)
{
    return 100;
}

__declspec(dllexport) int seventh(void)
{
    return 107;
}

__declspec(dllexport) int twentieth(void)
{
    return 120;
}

__declspec(dllexport) int count_up(void)
{
    return ++counter;
}

#endif
