/* The classes of NtQueryInformationProcess and NtSetInformationProcess that MinGW-w64's headers lack, and
 * what they tell. */
#ifndef NTDLL_PROCESS_INFORMATION_H
#define NTDLL_PROCESS_INFORMATION_H

#include <litewin/windows.h>

enum {
    PROCESS_CLASS_IO_PRIORITY = 33,
    PROCESS_CLASS_EXECUTE_FLAGS = 34,
    PROCESS_CLASS_COOKIE = 36,
    PROCESS_CLASS_IMAGE_INFORMATION = 37,
    PROCESS_CLASS_CYCLE_TIME = 38,
    PROCESS_CLASS_PAGE_PRIORITY = 39,
    PROCESS_CLASS_IMAGE_FILE_NAME_WIN32 = 43,
    PROCESS_CLASS_GROUP_INFORMATION = 47,
    PROCESS_CLASS_HANDLE_INFORMATION = 51,
    PROCESS_CLASS_MITIGATION_POLICY = 52,
    PROCESS_CLASS_COMMAND_LINE = 60,
    PROCESS_CLASS_PROTECTION = 61,
    PROCESS_CLASS_SUBSYSTEM = 75,
    PROCESS_CLASS_COUNT = 103, /* in Windows 10 22H2 */
};

/* PROCESS_PRIORITY_CLASS. */
struct process_priority {
    BOOLEAN foreground;
    UCHAR class;
};

/* KERNEL_USER_TIMES. */
struct process_times {
    LARGE_INTEGER created, ended, kernel, user;
};

/* PROCESS_CYCLE_TIME_INFORMATION. */
struct process_cycles {
    ULONGLONG accumulated, current;
};

/* VM_COUNTERS_EX; VM_COUNTERS has no last member. */
struct process_vm_counters {
    VM_COUNTERS counters;
    SIZE_T private_usage;
};

#pragma GCC visibility push(default)

NTSTATUS NTAPI NtSetInformationProcess(HANDLE process, PROCESSINFOCLASS class, void *buffer, ULONG size);

#pragma GCC visibility pop

/* Random, and the same for the whole life of the process. */
ULONG_PTR process_cookie(void);

#endif
