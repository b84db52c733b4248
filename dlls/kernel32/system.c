#include "kernel/process.h"
#include "kernel/processor.h"
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
