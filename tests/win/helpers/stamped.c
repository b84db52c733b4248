/* An ordinary DLL with the section by which litewin knows its own. It must be loaded as what it is. */
#include <windows.h>

__attribute__((section(".litewin"), used)) static const struct {
    char magic[8];
    unsigned abi_version, export_count;
    unsigned long long spec_hash;
    char backing[64];
} stamp = {"litewin", 1, 1, 0, "stamped.so"};

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved) __asm__("dll_entry");

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved)
{
    (void)module, (void)reason, (void)reserved;
    return TRUE;
}

__declspec(dllexport) int stamped_value(void)
{
    return 42;
}
