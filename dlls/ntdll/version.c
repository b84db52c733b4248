#include "dlls/ntdll/version.h"
#include "kernel/process.h"

NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW info);
NTSTATUS NTAPI RtlVerifyVersionInfo(const OSVERSIONINFOEXW *wanted, DWORD types, ULONGLONG conditions);

/* Each VER_* has three bits in the mask, in the order of its own bits. */
#define CONDITION_BITS 3
#define TYPE_COUNT     8

NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW info)
{
    const struct peb *peb = &process_environment;
    info->dwMajorVersion = peb->OSMajorVersion;
    info->dwMinorVersion = peb->OSMinorVersion;
    info->dwBuildNumber = peb->OSBuildNumber;
    info->dwPlatformId = peb->OSPlatformId;
    info->szCSDVersion[0] = 0;
    if (info->dwOSVersionInfoSize >= sizeof(RTL_OSVERSIONINFOEXW)) {
        RTL_OSVERSIONINFOEXW *more = (RTL_OSVERSIONINFOEXW *)info;
        more->wServicePackMajor = more->wServicePackMinor = 0;
        more->wSuiteMask = VER_SUITE_SINGLEUSERTS;
        more->wProductType = VER_NT_WORKSTATION;
        more->wReserved = 0;
    }
    return STATUS_SUCCESS;
}

ULONGLONG NTAPI VerSetConditionMask(ULONGLONG mask, DWORD types, BYTE condition)
{
    condition &= (1 << CONDITION_BITS) - 1;
    for (unsigned i = TYPE_COUNT; i-- > 0;) {
        if (types & 1u << i)
            return mask | (ULONGLONG)condition << (i * CONDITION_BITS);
    }
    return mask;
}

static BYTE condition_of(ULONGLONG mask, DWORD type)
{
    return mask >> (__builtin_ctz(type) * CONDITION_BITS) & ((1 << CONDITION_BITS) - 1);
}

static NTSTATUS answer(bool is_met)
{
    return is_met ? STATUS_SUCCESS : STATUS_REVISION_MISMATCH;
}

static NTSTATUS compare(DWORD actual, DWORD wanted, BYTE condition)
{
    switch (condition) {
    case VER_EQUAL:
        return answer(actual == wanted);
    case VER_GREATER:
        return answer(actual > wanted);
    case VER_GREATER_EQUAL:
        return answer(actual >= wanted);
    case VER_LESS:
        return answer(actual < wanted);
    case VER_LESS_EQUAL:
        return answer(actual <= wanted);
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

static NTSTATUS compare_suites(WORD actual, WORD wanted, BYTE condition)
{
    switch (condition) {
    case VER_AND:
        return answer((actual & wanted) == wanted);
    case VER_OR:
        return answer(!wanted || actual & wanted);
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

/* Major and minor version and service pack are one number, whose first part that is asked for says how it is
 * compared: a part counts only where those before it are equal. */
static NTSTATUS compare_versions(const OSVERSIONINFOEXW *actual, const OSVERSIONINFOEXW *wanted, DWORD types,
                                 ULONGLONG conditions)
{
    const struct {
        DWORD type, actual, wanted;
    } parts[] = {
        {VER_MAJORVERSION, actual->dwMajorVersion, wanted->dwMajorVersion},
        {VER_MINORVERSION, actual->dwMinorVersion, wanted->dwMinorVersion},
        {VER_SERVICEPACKMAJOR, actual->wServicePackMajor, wanted->wServicePackMajor},
        {VER_SERVICEPACKMINOR, actual->wServicePackMinor, wanted->wServicePackMinor},
    };
    NTSTATUS status = STATUS_SUCCESS;
    BYTE condition = 0;
    for (size_t i = 0; i < ARRAYSIZE(parts); i++) {
        if (!(types & parts[i].type))
            continue;
        if (!condition)
            condition = condition_of(conditions, parts[i].type);
        status = compare(parts[i].actual, parts[i].wanted, condition);
        if (status == STATUS_INVALID_PARAMETER || parts[i].actual != parts[i].wanted)
            break;
    }
    return status;
}

NTSTATUS version_verify(const OSVERSIONINFOEXW *actual, const OSVERSIONINFOEXW *wanted, DWORD types,
                        ULONGLONG conditions)
{
    NTSTATUS status = types && conditions ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    if (!status && types & VER_PRODUCT_TYPE)
        status =
            compare(actual->wProductType, wanted->wProductType, condition_of(conditions, VER_PRODUCT_TYPE));
    if (!status && types & VER_SUITENAME)
        status =
            compare_suites(actual->wSuiteMask, wanted->wSuiteMask, condition_of(conditions, VER_SUITENAME));
    if (!status && types & VER_PLATFORMID)
        status =
            compare(actual->dwPlatformId, wanted->dwPlatformId, condition_of(conditions, VER_PLATFORMID));
    if (!status && types & VER_BUILDNUMBER)
        status =
            compare(actual->dwBuildNumber, wanted->dwBuildNumber, condition_of(conditions, VER_BUILDNUMBER));
    return status ? status : compare_versions(actual, wanted, types, conditions);
}

NTSTATUS NTAPI RtlVerifyVersionInfo(const OSVERSIONINFOEXW *wanted, DWORD types, ULONGLONG conditions)
{
    OSVERSIONINFOEXW actual = {.dwOSVersionInfoSize = sizeof actual};
    RtlGetVersion((RTL_OSVERSIONINFOW *)&actual);
    return version_verify(&actual, wanted, types, conditions);
}
