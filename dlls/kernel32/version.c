/* Which Windows programs are told that this is. */
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/activation.h"
#include "dlls/ntdll/version.h"
#include "kernel/process.h"

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

/* Compares with what GetVersionEx says, so a program hears the same from both. */
BOOL WINAPI VerifyVersionInfoW(LPOSVERSIONINFOEXW wanted, DWORD types, DWORDLONG conditions)
{
    OSVERSIONINFOEXW actual = {.dwOSVersionInfoSize = sizeof actual};
    GetVersionExW((OSVERSIONINFOW *)&actual);
    switch (version_verify(&actual, wanted, types, conditions)) {
    case STATUS_SUCCESS:
        return TRUE;
    case STATUS_REVISION_MISMATCH:
        SetLastError(ERROR_OLD_WIN_VERSION);
        return FALSE;
    default:
        SetLastError(ERROR_BAD_ARGUMENTS);
        return FALSE;
    }
}

BOOL WINAPI VerifyVersionInfoA(LPOSVERSIONINFOEXA wanted, DWORD types, DWORDLONG conditions)
{
    OSVERSIONINFOEXW wide = {
        .dwOSVersionInfoSize = sizeof wide,
        .dwMajorVersion = wanted->dwMajorVersion,
        .dwMinorVersion = wanted->dwMinorVersion,
        .dwBuildNumber = wanted->dwBuildNumber,
        .dwPlatformId = wanted->dwPlatformId,
        .wServicePackMajor = wanted->wServicePackMajor,
        .wServicePackMinor = wanted->wServicePackMinor,
        .wSuiteMask = wanted->wSuiteMask,
        .wProductType = wanted->wProductType,
    };
    return VerifyVersionInfoW(&wide, types, conditions);
}
