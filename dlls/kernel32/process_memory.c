/* How much memory a process takes, in psapi's terms. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#define PSAPI_VERSION 2
#include "dlls/kernel32/error.h"
#include "kernel/handle.h"
#include "kernel/process.h"
#include <psapi.h>

/* One of /proc's small texts; they come whole in one read. */
static bool read_text(DWORD id, const char *name, char *text, size_t size)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/%u/%s", (unsigned)id, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t length = read(file, text, size - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    return length > 0;
}

/* The bytes of a line "NAME:   1234 kB"; 0 where a kernel has no such line. */
static SIZE_T find_bytes(const char *status, const char *name)
{
    const char *line = strstr(status, name);
    return line ? (SIZE_T)strtoull(line + strlen(name), NULL, 10) * 1024 : 0;
}

static DWORD count_faults(DWORD id)
{
    char text[1024];
    unsigned long long minor, major;
    const char *after_name;
    if (!read_text(id, "stat", text, sizeof text) || !(after_name = strrchr(text, ')')) ||
        sscanf(after_name + 1, "%*s %*s %*s %*s %*s %*s %*s %llu %*s %llu", &minor, &major) != 2)
        return 0;
    return minor + major;
}

/* What Windows charges to the page file is the memory that no file backs. Linux remembers no peak of it, and
 * a process has no quota there. */
static bool read_counters(DWORD id, PROCESS_MEMORY_COUNTERS_EX *counters)
{
    char status[4096];
    if (!read_text(id, "status", status, sizeof status))
        return false;
    SIZE_T private = find_bytes(status, "\nRssAnon:") + find_bytes(status, "\nVmSwap:");
    *counters = (PROCESS_MEMORY_COUNTERS_EX){
        .PageFaultCount = count_faults(id),
        .PeakWorkingSetSize = find_bytes(status, "\nVmHWM:"),
        .WorkingSetSize = find_bytes(status, "\nVmRSS:"),
        .PagefileUsage = private,
        .PeakPagefileUsage = private,
        .PrivateUsage = private,
    };
    return true;
}

BOOL WINAPI GetProcessMemoryInfo(HANDLE handle, PROCESS_MEMORY_COUNTERS *counters, DWORD size)
{
    PROCESS_MEMORY_COUNTERS_EX all;
    void *object;
    if (size < sizeof *counters) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    if (!set_last_status(handle_reference(handle, &process_type, PROCESS_QUERY_LIMITED_INFORMATION, &object)))
        return FALSE;
    bool found = read_counters(((struct process *)object)->id, &all);
    object_release(object);
    /* Only a process that is gone has nothing to tell. */
    if (!found) {
        SetLastError(ERROR_GEN_FAILURE);
        return FALSE;
    }
    all.cb = size < sizeof all ? sizeof *counters : sizeof all;
    memcpy(counters, &all, all.cb);
    return TRUE;
}
