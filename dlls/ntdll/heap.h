/* The heap functions that MinGW-w64's headers do not declare. */
#ifndef NTDLL_HEAP_H
#define NTDLL_HEAP_H

#include <litewin/windows.h>

/* RtlWalkHeap's, which no header describes. The last four are a region's. */
struct rtl_heap_entry {
    void *data; /* NULL begins a walk */
    SIZE_T size;
    BYTE overhead;
    BYTE region;
    WORD flags;
    __attribute__((aligned(sizeof(void *)))) DWORD committed;
    DWORD uncommitted;
    void *first_block, *last_block;
};

/* A class of heap information. */
#define HeapOptimizeResources                   3
#define HEAP_OPTIMIZE_RESOURCES_CURRENT_VERSION 1
typedef struct {
    DWORD Version;
    DWORD Flags;
} HEAP_OPTIMIZE_RESOURCES_INFORMATION;

typedef NTSTATUS(GUEST_STDCALL *PHEAP_ENUMERATION_ROUTINE)(HANDLE heap, void *context);

#pragma GCC visibility push(default)

void *WINAPI RtlReAllocateHeap(HANDLE heap, ULONG flags, void *block, SIZE_T size);
SIZE_T WINAPI RtlSizeHeap(HANDLE heap, ULONG flags, const void *block);
BOOLEAN WINAPI RtlValidateHeap(HANDLE heap, ULONG flags, const void *block);
BOOLEAN WINAPI RtlValidateProcessHeaps(void);
ULONG WINAPI RtlMultipleAllocateHeap(HANDLE heap, ULONG flags, SIZE_T size, ULONG count, void **blocks);
ULONG WINAPI RtlMultipleFreeHeap(HANDLE heap, ULONG flags, ULONG count, void **blocks);
BOOLEAN WINAPI RtlLockHeap(HANDLE heap);
BOOLEAN WINAPI RtlUnlockHeap(HANDLE heap);
ULONG WINAPI RtlCompactHeap(HANDLE heap, ULONG flags);
ULONG WINAPI RtlGetProcessHeaps(ULONG count, HANDLE *heaps);
NTSTATUS WINAPI RtlEnumProcessHeaps(PHEAP_ENUMERATION_ROUTINE visit, void *context);
NTSTATUS WINAPI RtlWalkHeap(HANDLE heap, struct rtl_heap_entry *entry);
BOOLEAN WINAPI RtlGetUserInfoHeap(HANDLE heap, ULONG flags, void *block, void **value, ULONG *user_flags);
BOOLEAN WINAPI RtlSetUserValueHeap(HANDLE heap, ULONG flags, void *block, void *value);
BOOLEAN WINAPI RtlSetUserFlagsHeap(HANDLE heap, ULONG flags, void *block, ULONG clear, ULONG set);

#pragma GCC visibility pop

#endif
