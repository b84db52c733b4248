#include "dlls/ntdll/activation.h"
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

/* Version */

/* Programs are told the truth as far as their manifests say that they can bear it, and else that this is
 * Windows 8. */
static struct reported_version {
    DWORD major, minor, build;
} reported_version(void)
{
    switch (activation_supported_system()) {
    case SYSTEM_10:
        return (struct reported_version){10, 0, process_environment.OSBuildNumber};
    case SYSTEM_8_1:
        return (struct reported_version){6, 3, 9600};
    default:
        return (struct reported_version){6, 2, 9200};
    }
}

DWORD WINAPI GetVersion(void)
{
    struct reported_version version = reported_version();
    return version.major | version.minor << 8 | version.build << 16;
}

BOOL WINAPI GetVersionExW(LPOSVERSIONINFOW info)
{
    bool extended = info->dwOSVersionInfoSize >= sizeof(OSVERSIONINFOEXW);
    if (!extended && info->dwOSVersionInfoSize < sizeof *info) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    struct reported_version version = reported_version();
    info->dwMajorVersion = version.major;
    info->dwMinorVersion = version.minor;
    info->dwBuildNumber = version.build;
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

/* Processor features */

BOOL WINAPI IsProcessorFeaturePresent(DWORD feature)
{
    return processor_has_feature(feature);
}
