/* winver.exe: says which Windows litewin is to its programs. */
#include <stdio.h>
#include <windows.h>

int main(void)
{
    OSVERSIONINFOEXW version = {.dwOSVersionInfoSize = sizeof version};
    LONG(NTAPI * get_version)
    (OSVERSIONINFOEXW *) = (void *)GetProcAddress(GetModuleHandleW(L"ntdll"), "RtlGetVersion");

    if (!get_version || get_version(&version))
        return 1;
    printf("Microsoft Windows [Version %lu.%lu.%lu]\n", version.dwMajorVersion, version.dwMinorVersion,
           version.dwBuildNumber);
    return 0;
}
