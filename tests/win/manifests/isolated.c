/* A DLL whose own manifest says where what it imports lies. */
#include <windows.h>

__declspec(dllimport) int other(void);

static HANDLE context;

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved) __asm__("dll_entry");

BOOL WINAPI dll_entry(HINSTANCE module, DWORD reason, void *reserved)
{
    (void)module, (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
        GetCurrentActCtx(&context);
    return TRUE;
}

__declspec(dllexport) int through(void)
{
    return 10 * other();
}

/* Whether a context was active when it was attached. */
__declspec(dllexport) int had_context(void)
{
    return context != NULL;
}
