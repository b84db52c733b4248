#include <stdio.h>
#include "dlls/kernel32/error.h"
#include "kernel/vm.h"

/* How much memory there is, and how much of it is in use. */

/* In bytes, as /proc/meminfo has them in kilobytes. */
struct memory_figures {
    uint64_t total, available, swap_total, swap_free;
};

static void read_figures(struct memory_figures *figures)
{
    const struct {
        const char *name;
        uint64_t *value;
    } wanted[] = {
        {"MemTotal:", &figures->total},
        {"MemAvailable:", &figures->available},
        {"SwapTotal:", &figures->swap_total},
        {"SwapFree:", &figures->swap_free},
    };
    char line[128], name[64];
    unsigned long long kilobytes;
    FILE *file = fopen("/proc/meminfo", "re");
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "%63s %llu", name, &kilobytes) != 2)
            continue;
        for (unsigned i = 0; i < ARRAYSIZE(wanted); i++)
            if (strcmp(name, wanted[i].name) == 0)
                *wanted[i].value = kilobytes * 1024;
    }
    if (file)
        fclose(file);
}

BOOL WINAPI GlobalMemoryStatusEx(MEMORYSTATUSEX *status)
{
    struct memory_figures figures = {0};
    if (status->dwLength != sizeof *status)
        return set_last_status(STATUS_INVALID_PARAMETER);
    read_figures(&figures);
    status->ullTotalPhys = figures.total;
    status->ullAvailPhys = figures.available;
    status->dwMemoryLoad = figures.total ? (figures.total - figures.available) * 100 / figures.total : 0;
    status->ullTotalPageFile = figures.total + figures.swap_total;
    status->ullAvailPageFile = figures.available + figures.swap_free;
    status->ullTotalVirtual = (uint64_t)vm_highest_address() + 1 - vm_lowest_address();
    status->ullAvailVirtual = vm_unused();
    status->ullAvailExtendedVirtual = 0;
    return TRUE;
}

/* Windows' own limit for programs that would take more for a negative number. */
static SIZE_T clamp(uint64_t value)
{
    return min(value, (uint64_t)(sizeof(SIZE_T) == 4 ? MAXLONG : INT64_MAX));
}

void WINAPI GlobalMemoryStatus(MEMORYSTATUS *status)
{
    MEMORYSTATUSEX extended = {.dwLength = sizeof extended};
    GlobalMemoryStatusEx(&extended);
    *status = (MEMORYSTATUS){
        .dwLength = sizeof *status,
        .dwMemoryLoad = extended.dwMemoryLoad,
        .dwTotalPhys = clamp(extended.ullTotalPhys),
        .dwAvailPhys = clamp(extended.ullAvailPhys),
        .dwTotalPageFile = clamp(extended.ullTotalPageFile),
        .dwAvailPageFile = clamp(extended.ullAvailPageFile),
        .dwTotalVirtual = clamp(extended.ullTotalVirtual),
        .dwAvailVirtual = clamp(extended.ullAvailVirtual),
    };
}

BOOL WINAPI GetPhysicallyInstalledSystemMemory(ULONGLONG *kilobytes)
{
    struct memory_figures figures = {0};
    if (!kilobytes)
        return set_last_status(STATUS_INVALID_PARAMETER);
    read_figures(&figures);
    *kilobytes = figures.total / 1024;
    return TRUE;
}
