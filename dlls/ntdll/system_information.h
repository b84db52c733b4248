/* The classes of NtQuerySystemInformation, and how each gives its answer. */
#ifndef NTDLL_SYSTEM_INFORMATION_H
#define NTDLL_SYSTEM_INFORMATION_H

#include <litewin/windows.h>

/* Those that MinGW-w64's headers lack. */
enum {
    SYSTEM_CLASS_MODULES = 11,
    SYSTEM_CLASS_FILE_CACHE = 21,
    SYSTEM_CLASS_TIME_ADJUSTMENT = 28,
    SYSTEM_CLASS_KERNEL_DEBUGGER = 35,
    SYSTEM_CLASS_TIME_ZONE = 44,
    SYSTEM_CLASS_EXTENDED_PROCESSES = 57,
    SYSTEM_CLASS_EMULATION_BASIC = 62,
    SYSTEM_CLASS_EMULATION_PROCESSOR = 63,
    SYSTEM_CLASS_EXTENDED_HANDLES = 64,
    SYSTEM_CLASS_LOGICAL_PROCESSORS = 73,
    SYSTEM_CLASS_FIRMWARE_TABLE = 76,
    SYSTEM_CLASS_CODE_INTEGRITY = 103,
    SYSTEM_CLASS_LOGICAL_PROCESSORS_EX = 107,
    SYSTEM_CLASS_NATIVE_BASIC = 114,
    SYSTEM_CLASS_COUNT = 221, /* in Windows 10 22H2 */
};

/* An answer that grows; the buffer receives all of it or nothing. */
struct system_answer {
    char *buffer; /* NULL where the caller has none */
    ULONG size;
    ULONG length; /* of the whole answer, even if it does not fit */
};

/* Where `size` more bytes go, zeroed; NULL if there is no room, with the length counted. */
void *system_answer_add(struct system_answer *answer, ULONG size);

/* system_process_list.c */
NTSTATUS system_tell_processes(struct system_answer *answer, bool extended);
/* system_handle_list.c */
NTSTATUS system_tell_handles(struct system_answer *answer);
NTSTATUS system_tell_extended_handles(struct system_answer *answer);
/* system_processors.c */
NTSTATUS system_tell_processors(struct system_answer *answer);
NTSTATUS system_tell_processors_ex(struct system_answer *answer, LOGICAL_PROCESSOR_RELATIONSHIP relationship);

#pragma GCC visibility push(default)

NTSTATUS NTAPI NtQuerySystemInformationEx(SYSTEM_INFORMATION_CLASS class, void *query, ULONG query_size,
                                          void *buffer, ULONG size, ULONG *returned);

#pragma GCC visibility pop

#endif
