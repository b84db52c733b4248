#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "loader/apiset.h"

/* Sorted. A set is known by its name without the last number: l1-2-0 and l1-2-1 are one contract.
 * A set that is not here is missing, as on Windows; guessing a host would turn a clear error into a
 * wrong one. */
static const struct set {
    char name[52];
    char host[15];  /* empty: no DLL implements the set any more */
    uint8_t newest; /* the highest last number that Windows 10 knows */
} sets[] = {
    {"api-ms-win-appmodel-runtime-l1-1", "kernel32.dll", 3},
    {"api-ms-win-core-apiquery-l1-1", "ntdll.dll", 1},
    {"api-ms-win-core-atoms-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-com-l1-1", "ole32.dll", 0},
    {"api-ms-win-core-console-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-console-l1-2", "kernel32.dll", 1},
    {"api-ms-win-core-console-l2-1", "kernel32.dll", 0},
    {"api-ms-win-core-console-l2-2", "kernel32.dll", 0},
    {"api-ms-win-core-console-l3-1", "kernel32.dll", 0},
    {"api-ms-win-core-console-l3-2", "kernel32.dll", 0},
    {"api-ms-win-core-crt-l1-1", "ntdll.dll", 0},
    {"api-ms-win-core-crt-l2-1", "msvcrt.dll", 0},
    {"api-ms-win-core-datetime-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-debug-l1-1", "kernel32.dll", 2},
    {"api-ms-win-core-delayload-l1-1", "kernel32.dll", 1},
    {"api-ms-win-core-errorhandling-l1-1", "kernel32.dll", 3},
    {"api-ms-win-core-fibers-l1-1", "kernel32.dll", 1},
    {"api-ms-win-core-fibers-l2-1", "kernel32.dll", 1},
    {"api-ms-win-core-file-l1-1", "kernel32.dll", 1},
    {"api-ms-win-core-file-l1-2", "kernel32.dll", 4},
    {"api-ms-win-core-file-l2-1", "kernel32.dll", 4},
    {"api-ms-win-core-handle-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-heap-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-heap-l1-2", "kernel32.dll", 0},
    {"api-ms-win-core-heap-l2-1", "kernel32.dll", 0},
    {"api-ms-win-core-heap-obsolete-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-interlocked-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-io-l1-1", "kernel32.dll", 1},
    {"api-ms-win-core-job-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-job-l2-1", "kernel32.dll", 1},
    {"api-ms-win-core-kernel32-legacy-l1-1", "kernel32.dll", 6},
    {"api-ms-win-core-largeinteger-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-libraryloader-l1-1", "kernel32.dll", 1},
    {"api-ms-win-core-libraryloader-l1-2", "kernel32.dll", 2},
    {"api-ms-win-core-localization-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-localization-l1-2", "kernel32.dll", 2},
    {"api-ms-win-core-localization-l2-1", "kernel32.dll", 0},
    {"api-ms-win-core-localization-obsolete-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-localization-obsolete-l1-2", "kernel32.dll", 0},
    {"api-ms-win-core-memory-l1-1", "kernel32.dll", 7},
    {"api-ms-win-core-misc-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-namedpipe-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-namespace-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-normalization-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-path-l1-1", "kernelbase.dll", 0},
    {"api-ms-win-core-processenvironment-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-processenvironment-l1-2", "kernel32.dll", 0},
    {"api-ms-win-core-processsecurity-l1-1", "advapi32.dll", 0},
    {"api-ms-win-core-processthreads-l1-1", "kernel32.dll", 7},
    {"api-ms-win-core-processtopology-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-profile-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-psapi-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-realtime-l1-1", "kernel32.dll", 2},
    {"api-ms-win-core-registry-l1-1", "advapi32.dll", 2},
    {"api-ms-win-core-registry-l2-1", "advapi32.dll", 0},
    {"api-ms-win-core-rtlsupport-l1-1", "ntdll.dll", 1},
    {"api-ms-win-core-rtlsupport-l1-2", "ntdll.dll", 2},
    {"api-ms-win-core-shlwapi-legacy-l1-1", "shlwapi.dll", 0},
    {"api-ms-win-core-string-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-string-l2-1", "kernel32.dll", 1},
    {"api-ms-win-core-string-obsolete-l1-1", "kernel32.dll", 1},
    {"api-ms-win-core-synch-ansi-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-synch-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-synch-l1-2", "kernel32.dll", 1},
    {"api-ms-win-core-sysinfo-l1-1", "kernel32.dll", 1},
    {"api-ms-win-core-sysinfo-l1-2", "kernel32.dll", 6},
    {"api-ms-win-core-systemtopology-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-threadpool-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-threadpool-l1-2", "kernel32.dll", 0},
    {"api-ms-win-core-threadpool-legacy-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-threadpool-private-l1-1", "kernel32.dll", 0},
    {"api-ms-win-core-timezone-l1-1", "kernel32.dll", 1},
    {"api-ms-win-core-url-l1-1", "shlwapi.dll", 0},
    {"api-ms-win-core-util-l1-1", "kernel32.dll", 1},
    {"api-ms-win-core-version-l1-1", "version.dll", 1},
    {"api-ms-win-core-windowserrorreporting-l1-1", "kernel32.dll", 3},
    {"api-ms-win-core-winrt-error-l1-1", "combase.dll", 1},
    {"api-ms-win-core-winrt-l1-1", "combase.dll", 0},
    {"api-ms-win-core-winrt-string-l1-1", "combase.dll", 1},
    {"api-ms-win-core-wow64-l1-1", "kernel32.dll", 3},
    {"api-ms-win-core-xstate-l2-1", "kernel32.dll", 2},
    {"api-ms-win-crt-conio-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-convert-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-environment-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-filesystem-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-heap-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-locale-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-math-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-multibyte-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-private-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-process-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-runtime-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-stdio-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-string-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-time-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-crt-utility-l1-1", "ucrtbase.dll", 0},
    {"api-ms-win-deprecated-apis-advapi-l1-1", "", 0},
    {"api-ms-win-devices-config-l1-1", "cfgmgr32.dll", 0},
    {"api-ms-win-eventing-classicprovider-l1-1", "advapi32.dll", 0},
    {"api-ms-win-eventing-provider-l1-1", "advapi32.dll", 0},
    {"api-ms-win-power-base-l1-1", "powrprof.dll", 0},
    {"api-ms-win-security-base-l1-1", "advapi32.dll", 0},
    {"api-ms-win-security-cryptoapi-l1-1", "advapi32.dll", 0},
    {"api-ms-win-security-lsalookup-l2-1", "advapi32.dll", 0},
    {"api-ms-win-security-sddl-l1-1", "advapi32.dll", 0},
    {"api-ms-win-security-systemfunctions-l1-1", "advapi32.dll", 0},
    {"api-ms-win-service-core-l1-1", "advapi32.dll", 0},
    {"api-ms-win-service-management-l1-1", "advapi32.dll", 0},
    {"api-ms-win-shcore-obsolete-l1-1", "shcore.dll", 0},
    {"ext-ms-win-gdi-draw-l1-1", "gdi32.dll", 1},
    {"ext-ms-win-ras-rasapi32-l1-1", "rasapi32.dll", 0},
};

/* The length of the name without ".dll" and without its last number. */
static size_t contract_length(const char *name)
{
    const char *last_dash = strrchr(name, '-');
    return last_dash ? (size_t)(last_dash - name) : strlen(name);
}

static const struct set *find_contract(const char *name)
{
    size_t length = contract_length(name);
    size_t low = 0, high = sizeof sets / sizeof *sets;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strncmp(name, sets[middle].name, length);
        if (!order && sets[middle].name[length])
            order = -1;
        if (!order)
            return &sets[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool is_set_name(const char *name)
{
    return !strncasecmp(name, "api-", 4) || !strncasecmp(name, "ext-", 4);
}

static const struct set *find_set(const char *name)
{
    char lower[sizeof sets[0].name + 8];
    size_t i = 0;
    if (!is_set_name(name))
        return NULL;
    for (; i < sizeof lower - 1 && name[i]; i++)
        lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i];
    lower[i] = '\0';
    return find_contract(lower);
}

bool apiset_resolve(const char *name, char *dll, size_t size)
{
    const struct set *set = find_set(name);
    bool has_host = set && *set->host;
    snprintf(dll, size, "%s", has_host ? set->host : name);
    return has_host;
}

bool apiset_is_known(const char *name)
{
    const struct set *set = find_set(name);
    return set && *set->host;
}

NTSTATUS apiset_query(const char *name, BOOLEAN *in_schema, BOOLEAN *present)
{
    if (!is_set_name(name) || strchr(name, '.'))
        return STATUS_INVALID_PARAMETER;
    const struct set *set = find_set(name);
    *in_schema = set && strtoul(name + contract_length(name) + 1, NULL, 10) <= set->newest;
    *present = *in_schema && *set->host;
    return STATUS_SUCCESS;
}
