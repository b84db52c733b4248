/* The heap functions that MinGW-w64's headers do not declare. */
#ifndef NTDLL_HEAP_H
#define NTDLL_HEAP_H

#include <litewin/windows.h>

#pragma GCC visibility push(default)

void *WINAPI RtlReAllocateHeap(HANDLE heap, ULONG flags, void *block, SIZE_T size);
SIZE_T WINAPI RtlSizeHeap(HANDLE heap, ULONG flags, const void *block);
BOOLEAN WINAPI RtlValidateHeap(HANDLE heap, ULONG flags, const void *block);
BOOLEAN WINAPI RtlLockHeap(HANDLE heap);
BOOLEAN WINAPI RtlUnlockHeap(HANDLE heap);
ULONG WINAPI RtlCompactHeap(HANDLE heap, ULONG flags);
ULONG WINAPI RtlGetProcessHeaps(ULONG count, HANDLE *heaps);

#pragma GCC visibility pop

#endif
