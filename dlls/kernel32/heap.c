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

/* For the C code of other DLLs; programs reach ntdll's functions through forwarders */

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

BOOL WINAPI HeapFree(HANDLE heap, DWORD flags, LPVOID block)
{
    return RtlFreeHeap(heap, flags, block);
}

/* Where Win32 differs from ntdll */

HANDLE WINAPI HeapCreate(DWORD flags, SIZE_T initial, SIZE_T maximum)
{
    DWORD known = HEAP_NO_SERIALIZE | HEAP_GENERATE_EXCEPTIONS | HEAP_CREATE_ENABLE_EXECUTE;
    HANDLE heap = heap_create(flags & known, initial, maximum);
    if (!heap)
        set_last_status(STATUS_NO_MEMORY);
    return heap;
}

BOOL WINAPI HeapDestroy(HANDLE heap)
{
    return set_last_status(heap_destroy(heap));
}

BOOL WINAPI HeapValidate(HANDLE heap, DWORD flags, LPCVOID block)
{
    return RtlValidateHeap(heap, flags, block);
}

BOOL WINAPI HeapWalk(HANDLE heap, PROCESS_HEAP_ENTRY *entry)
{
    if (!set_last_status(heap_walk(heap, entry)))
        return FALSE;
    entry->wFlags &= ~HEAP_WALK_FRONT;
    return TRUE;
}

BOOL WINAPI HeapLock(HANDLE heap)
{
    return set_last_status(heap_lock(heap));
}

BOOL WINAPI HeapUnlock(HANDLE heap)
{
    return set_last_status(heap_unlock(heap));
}

SIZE_T WINAPI HeapCompact(HANDLE heap, DWORD flags)
{
    SIZE_T largest = heap_compact(heap, flags);
    teb_current()->LastErrorValue = heap_is_valid(heap) ? NO_ERROR : ERROR_INVALID_HANDLE;
    return largest;
}

BOOL WINAPI HeapSummary(HANDLE heap, DWORD flags, HEAP_SUMMARY *summary)
{
    struct heap_summary found;
    if (!summary || summary->cb != sizeof *summary || !heap_summarize(heap, flags, &found))
        return set_last_status(STATUS_INVALID_PARAMETER);
    summary->cbAllocated = found.allocated;
    summary->cbCommitted = found.committed;
    summary->cbReserved = found.reserved;
    summary->cbMaxReserve = found.largest_reserve;
    return TRUE;
}

DWORD WINAPI GetProcessHeaps(DWORD count, HANDLE *heaps)
{
    return heap_list(count, heaps);
}

BOOL WINAPI HeapQueryInformation(HANDLE heap, HEAP_INFORMATION_CLASS class, PVOID buffer, SIZE_T size,
                                 SIZE_T *needed)
{
    return set_last_status(RtlQueryHeapInformation(heap, class, buffer, size, needed));
}

BOOL WINAPI HeapSetInformation(HANDLE heap, HEAP_INFORMATION_CLASS class, PVOID buffer, SIZE_T size)
{
    return set_last_status(RtlSetHeapInformation(heap, class, buffer, size));
}
