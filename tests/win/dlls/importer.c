/* Imports by name, by ordinal, as data, through forwarders, and one function that its DLL does not have. */
#include <windows.h>

__declspec(dllimport) int named(void);
__declspec(dllimport) int seventh(void);
__declspec(dllimport) int twentieth(void);
__declspec(dllimport) extern int counter;
__declspec(dllimport) int to_name(void);
__declspec(dllimport) int to_chain(void);
__declspec(dllimport) int absent_function(void);

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved) __asm__("dll_entry");

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved)
{
    (void)module, (void)reason, (void)reserved;
    return TRUE;
}

__declspec(dllexport) int call_named(void)
{
    return named();
}

__declspec(dllexport) int call_ordinals(void)
{
    return seventh() * 1000 + twentieth();
}

__declspec(dllexport) int *data_address(void)
{
    return &counter;
}

__declspec(dllexport) int call_forwarders(void)
{
    return to_name() + to_chain();
}

__declspec(dllexport) int call_absent(void)
{
    return absent_function();
}
