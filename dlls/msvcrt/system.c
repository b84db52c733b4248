/* Small services of the operating system. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/thread_data.h"

int crt_getpid(void)
{
    return (int)GetCurrentProcessId();
}

void crt_sleep(uint32_t milliseconds)
{
    Sleep(milliseconds);
}

void crt_seterrormode(int mode)
{
    SetErrorMode(mode);
}

intptr_t crt_loaddll(char *name)
{
    return (intptr_t)LoadLibraryA(name);
}

int crt_unloaddll(intptr_t module)
{
    return FreeLibrary((HMODULE)module) ? 0 : (int)GetLastError();
}

/* By name, or where that is NULL by ordinal. */
FARPROC crt_getdllprocaddr(intptr_t module, char *name, intptr_t ordinal)
{
    if (name)
        return ordinal == -1 ? GetProcAddress((HMODULE)module, name) : NULL;
    return ordinal > 0 && ordinal <= USHRT_MAX ? GetProcAddress((HMODULE)module, MAKEINTRESOURCEA(ordinal))
                                               : NULL;
}
