#include <unistd.h>
#include "dlls/kernel32/ansi.h"
#include "dlls/kernel32/error.h"
#include "kernel/process.h"
#include "kernel/processor.h"
#include "kernel/utf.h"
#include "kernel/vm.h"

void WINAPI GetSystemInfo(LPSYSTEM_INFO info)
{
    *info = (SYSTEM_INFO){
        .wProcessorArchitecture =
            sizeof(void *) == 8 ? PROCESSOR_ARCHITECTURE_AMD64 : PROCESSOR_ARCHITECTURE_INTEL,
        .dwPageSize = VM_PAGE,
        .lpMinimumApplicationAddress = (void *)vm_lowest_address(),
        .lpMaximumApplicationAddress = (void *)vm_highest_address(),
        .dwActiveProcessorMask = process_environment.ActiveProcessAffinityMask,
        .dwNumberOfProcessors = process_environment.NumberOfProcessors,
        .dwProcessorType = sizeof(void *) == 8 ? PROCESSOR_AMD_X8664 : PROCESSOR_INTEL_PENTIUM,
        .dwAllocationGranularity = VM_GRANULARITY,
        .wProcessorLevel = 6,
    };
}

void WINAPI GetNativeSystemInfo(LPSYSTEM_INFO info)
{
    GetSystemInfo(info);
    info->wProcessorArchitecture = PROCESSOR_ARCHITECTURE_AMD64;
    info->dwProcessorType = PROCESSOR_AMD_X8664;
}

/* ---- version ---- */

/* Programs without a manifest that names a later Windows are told that this is Windows 8, 6.2. */
#define REPORTED_MAJOR 6
#define REPORTED_MINOR 2
#define REPORTED_BUILD 9200

DWORD WINAPI GetVersion(void)
{
    return REPORTED_MAJOR | REPORTED_MINOR << 8 | (DWORD)REPORTED_BUILD << 16;
}

BOOL WINAPI GetVersionExW(LPOSVERSIONINFOW info)
{
    bool extended = info->dwOSVersionInfoSize >= sizeof(OSVERSIONINFOEXW);
    if (!extended && info->dwOSVersionInfoSize < sizeof *info) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    info->dwMajorVersion = REPORTED_MAJOR;
    info->dwMinorVersion = REPORTED_MINOR;
    info->dwBuildNumber = REPORTED_BUILD;
    info->dwPlatformId = VER_PLATFORM_WIN32_NT;
    info->szCSDVersion[0] = 0;
    if (extended) {
        OSVERSIONINFOEXW *more = (OSVERSIONINFOEXW *)info;
        more->wServicePackMajor = more->wServicePackMinor = 0;
        more->wSuiteMask = VER_SUITE_SINGLEUSERTS;
        more->wProductType = VER_NT_WORKSTATION;
        more->wReserved = 0;
    }
    return TRUE;
}

BOOL WINAPI GetVersionExA(LPOSVERSIONINFOA info)
{
    bool extended = info->dwOSVersionInfoSize >= sizeof(OSVERSIONINFOEXA);
    if (!extended && info->dwOSVersionInfoSize < sizeof *info) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    OSVERSIONINFOEXW wide = {.dwOSVersionInfoSize = sizeof wide};
    GetVersionExW((OSVERSIONINFOW *)&wide);
    info->dwMajorVersion = wide.dwMajorVersion;
    info->dwMinorVersion = wide.dwMinorVersion;
    info->dwBuildNumber = wide.dwBuildNumber;
    info->dwPlatformId = wide.dwPlatformId;
    info->szCSDVersion[0] = '\0';
    if (extended) {
        OSVERSIONINFOEXA *more = (OSVERSIONINFOEXA *)info;
        more->wServicePackMajor = more->wServicePackMinor = 0;
        more->wSuiteMask = wide.wSuiteMask;
        more->wProductType = wide.wProductType;
        more->wReserved = 0;
    }
    return TRUE;
}

/* ---- processor features ---- */

BOOL WINAPI IsProcessorFeaturePresent(DWORD feature)
{
    return processor_has_feature(feature);
}

/* ---- names ---- */

/* A NetBIOS name is upper case and at most 15 characters long. */
BOOL WINAPI GetComputerNameW(LPWSTR buffer, LPDWORD size)
{
    WCHAR name[256];
    char host[256];
    if (gethostname(host, sizeof host)) {
        SetLastError(ERROR_NOT_READY);
        return FALSE;
    }
    host[sizeof host - 1] = '\0';
    size_t length = utf16_from_utf8(name, ARRAYSIZE(name), host, strcspn(host, "."), UTF_REPLACE);
    if (length > MAX_COMPUTERNAME_LENGTH)
        length = MAX_COMPUTERNAME_LENGTH;
    for (size_t i = 0; i < length; i++)
        name[i] = name[i] >= 'a' && name[i] <= 'z' ? name[i] - 32 : name[i];
    DWORD needed = wide_return(name, length, buffer, buffer ? *size : 0);
    *size = needed;
    if (needed == length)
        return TRUE;
    SetLastError(ERROR_BUFFER_OVERFLOW);
    return FALSE;
}

BOOL WINAPI GetComputerNameA(LPSTR buffer, LPDWORD size)
{
    WCHAR name[MAX_COMPUTERNAME_LENGTH + 1];
    DWORD length = ARRAYSIZE(name);
    if (!GetComputerNameW(name, &length))
        return FALSE;
    DWORD needed = ansi_return(name, length, buffer, buffer ? *size : 0);
    bool fits = buffer && needed < *size;
    *size = needed;
    if (!fits)
        SetLastError(ERROR_BUFFER_OVERFLOW);
    return fits;
}
