#include "dlls/ntdll/heap.h"
#include "dlls/ntdll/exception.h"
#include "kernel/heap.h"
#include "kernel/status.h"
#include "kernel/teb.h"

/* The heap functions set the last error even here. */
static void set_last_error(NTSTATUS status)
{
    teb_current()->LastErrorValue = status_to_win32(status);
}

static uint32_t current_id(void)
{
    return (uint32_t)(ULONG_PTR)teb_current()->ClientId.UniqueThread;
}

void *WINAPI RtlCreateHeap(ULONG flags, void *address, SIZE_T reserve, SIZE_T commit, void *lock,
                           RTL_HEAP_PARAMETERS *parameters)
{
    bool growable = flags & HEAP_GROWABLE || reserve == 0;
    return heap_create(flags, commit, growable ? 0 : reserve);
}

HANDLE WINAPI RtlDestroyHeap(HANDLE heap)
{
    return NT_SUCCESS(heap_destroy(heap)) ? NULL : heap;
}

static void *allocation_failed(struct heap *heap, ULONG flags)
{
    set_last_error(STATUS_NO_MEMORY);
    if ((heap_flags(heap) | flags) & HEAP_GENERATE_EXCEPTIONS)
        RtlRaiseStatus(STATUS_NO_MEMORY);
    return NULL;
}

void *WINAPI RtlAllocateHeap(HANDLE heap, ULONG flags, SIZE_T size)
{
    void *block = heap_allocate(heap, flags, size);
    return block ? block : allocation_failed(heap, flags);
}

void *WINAPI RtlReAllocateHeap(HANDLE heap, ULONG flags, void *block, SIZE_T size)
{
    void *resized = heap_reallocate(heap, flags, block, size);
    return resized || !block ? resized : allocation_failed(heap, flags);
}

BOOLEAN WINAPI RtlFreeHeap(HANDLE heap, ULONG flags, void *block)
{
    bool freed = heap_free(heap, flags, block);
    if (!freed)
        set_last_error(STATUS_INVALID_PARAMETER);
    return freed;
}

SIZE_T WINAPI RtlSizeHeap(HANDLE heap, ULONG flags, const void *block)
{
    SIZE_T size = heap_size(heap, flags, block);
    if (size == (SIZE_T)-1)
        set_last_error(STATUS_INVALID_PARAMETER);
    return size;
}

BOOLEAN WINAPI RtlValidateHeap(HANDLE heap, ULONG flags, const void *block)
{
    return heap_validate(heap, flags, block);
}

BOOLEAN WINAPI RtlLockHeap(HANDLE heap)
{
    return NT_SUCCESS(heap_lock(heap, current_id()));
}

BOOLEAN WINAPI RtlUnlockHeap(HANDLE heap)
{
    return NT_SUCCESS(heap_unlock(heap, current_id()));
}

ULONG WINAPI RtlCompactHeap(HANDLE heap, ULONG flags)
{
    return heap_compact(heap, flags);
}

ULONG WINAPI RtlGetProcessHeaps(ULONG count, HANDLE *heaps)
{
    return heap_list(count, heaps);
}
