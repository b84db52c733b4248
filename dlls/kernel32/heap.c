#include <litewin/direct.h>
#include "dlls/kernel32/error.h"
#include "dlls/ntdll/heap.h"
#include "kernel/heap.h"

HANDLE WINAPI GetProcessHeap(void)
{
    return teb_current()->ProcessEnvironmentBlock->ProcessHeap;
}

DIRECT HANDLE direct_GetProcessHeap(void)
{
    return teb_current()->ProcessEnvironmentBlock->ProcessHeap;
}

/* ---- for the C code of other DLLs; programs reach ntdll's functions through forwarders ---- */

LPVOID WINAPI HeapAlloc(HANDLE heap, DWORD flags, SIZE_T size)
{
    return RtlAllocateHeap(heap, flags, size);
}

LPVOID WINAPI HeapReAlloc(HANDLE heap, DWORD flags, LPVOID block, SIZE_T size)
{
    return RtlReAllocateHeap(heap, flags, block, size);
}

SIZE_T WINAPI HeapSize(HANDLE heap, DWORD flags, LPCVOID block)
{
    return RtlSizeHeap(heap, flags, block);
}

/* ---- where Win32 differs from ntdll ---- */

/* Not a forwarder to RtlFreeHeap, whose result is one byte. */
BOOL WINAPI HeapFree(HANDLE heap, DWORD flags, LPVOID block)
{
    return RtlFreeHeap(heap, flags, block);
}

HANDLE WINAPI HeapCreate(DWORD flags, SIZE_T initial, SIZE_T maximum)
{
    HANDLE heap = heap_create(flags & ~(DWORD)HEAP_GROWABLE, initial, maximum);
    if (!heap)
        set_last_status(maximum && initial > maximum ? STATUS_INVALID_PARAMETER : STATUS_NO_MEMORY);
    return heap;
}

BOOL WINAPI HeapDestroy(HANDLE heap)
{
    return set_last_status(heap_destroy(heap));
}

BOOL WINAPI HeapValidate(HANDLE heap, DWORD flags, LPCVOID block)
{
    return heap_validate(heap, flags, block);
}

BOOL WINAPI HeapWalk(HANDLE heap, PROCESS_HEAP_ENTRY *entry)
{
    return set_last_status(heap_walk(heap, entry));
}

BOOL WINAPI HeapLock(HANDLE heap)
{
    return RtlLockHeap(heap) || set_last_status(STATUS_INVALID_HANDLE);
}

BOOL WINAPI HeapUnlock(HANDLE heap)
{
    return RtlUnlockHeap(heap) || set_last_status(STATUS_INVALID_PARAMETER);
}

SIZE_T WINAPI HeapCompact(HANDLE heap, DWORD flags)
{
    return heap_compact(heap, flags);
}

DWORD WINAPI GetProcessHeaps(DWORD count, HANDLE *heaps)
{
    return heap_list(count, heaps);
}

BOOL WINAPI HeapQueryInformation(HANDLE heap, HEAP_INFORMATION_CLASS class, PVOID buffer, SIZE_T size,
                                 SIZE_T *needed)
{
    static const ULONG low_fragmentation = 2;
    if (class != HeapCompatibilityInformation)
        return set_last_status(STATUS_INVALID_INFO_CLASS);
    if (needed)
        *needed = sizeof low_fragmentation;
    if (size < sizeof low_fragmentation)
        return set_last_status(STATUS_BUFFER_TOO_SMALL);
    memcpy(buffer, &low_fragmentation, sizeof low_fragmentation);
    return TRUE;
}

/* Both ask for what heaps here do anyway: no fragmentation to speak of, and no way on after corruption. */
BOOL WINAPI HeapSetInformation(HANDLE heap, HEAP_INFORMATION_CLASS class, PVOID buffer, SIZE_T size)
{
    if (class == HeapEnableTerminationOnCorruption)
        return TRUE;
    if (class != HeapCompatibilityInformation)
        return set_last_status(STATUS_INVALID_INFO_CLASS);
    if (size < sizeof(ULONG))
        return set_last_status(STATUS_BUFFER_TOO_SMALL);
    return *(ULONG *)buffer <= 2 ? TRUE : set_last_status(STATUS_INVALID_PARAMETER);
}
