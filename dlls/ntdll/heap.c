#include <litewin/direct.h>
#include "dlls/ntdll/heap.h"
#include "dlls/ntdll/exception.h"
#include "kernel/heap.h"
#include "kernel/heap_cache.h"
#include "kernel/status.h"
#include "kernel/teb.h"
#include "kernel/vm.h"

/* The heap functions set the last error even here. */
static void set_last_error(NTSTATUS status)
{
    teb_current()->LastErrorValue = status_to_win32(status);
}

/* Heaps */

/* A heap in memory of the caller's own, or with a lock or a commit routine of its own, is not supported. */
void *WINAPI RtlCreateHeap(ULONG flags, void *address, SIZE_T reserve, SIZE_T commit, void *lock,
                           RTL_HEAP_PARAMETERS *parameters)
{
    bool growable = flags & HEAP_GROWABLE || reserve == 0;
    if (address || lock)
        return NULL;
    return heap_create(flags, growable ? max(commit, reserve) : min(commit, reserve), growable ? 0 : reserve);
}

HANDLE WINAPI RtlDestroyHeap(HANDLE heap)
{
    return NT_SUCCESS(heap_destroy(heap)) ? NULL : heap;
}

ULONG WINAPI RtlGetProcessHeaps(ULONG count, HANDLE *heaps)
{
    return heap_list(count, heaps);
}

NTSTATUS WINAPI RtlEnumProcessHeaps(PHEAP_ENUMERATION_ROUTINE visit, void *context)
{
    HANDLE heaps[64];
    DWORD count = min(heap_list(ARRAYSIZE(heaps), heaps), (DWORD)ARRAYSIZE(heaps));
    NTSTATUS status = STATUS_SUCCESS;
    for (DWORD i = 0; i < count && NT_SUCCESS(status); i++)
        status = visit(heaps[i], context);
    return status;
}

/* Blocks */

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

static DIRECT_RARE void *direct_allocate_rare(HANDLE heap, ULONG flags, SIZE_T size)
{
    direct_probe_stack();
    return RtlAllocateHeap(heap, flags, size);
}

/* Only the thread itself uses its caches, whatever the flags say of locks. */
DIRECT void *direct_RtlAllocateHeap(HANDLE heap, ULONG flags, SIZE_T size)
{
    void *block = NULL;
    if (__builtin_expect(!(flags & ~(HEAP_NO_SERIALIZE | HEAP_ZERO_MEMORY)), 1)) {
        const struct heap_front *front;
        if (heap == &heap_process)
            block = heap_cache_allocate(HEAP_PROCESS_FRONT, size);
        else if ((front = heap_front_of(heap)))
            block = heap_cache_allocate(*front, size);
    }
    if (__builtin_expect(!block, 0))
        return direct_allocate_rare(heap, flags, size);
    if (flags & HEAP_ZERO_MEMORY)
        heap_cache_zero(block);
    return block;
}

/* No block is no error: the program is told that nothing failed, and gets nothing. */
void *WINAPI RtlReAllocateHeap(HANDLE heap, ULONG flags, void *block, SIZE_T size)
{
    if (!block) {
        set_last_error(STATUS_SUCCESS);
        return NULL;
    }
    void *resized = heap_reallocate(heap, flags, block, size);
    if (resized)
        return resized;
    if (heap_size(heap, flags, block) != (SIZE_T)-1)
        return allocation_failed(heap, flags);
    set_last_error(STATUS_INVALID_PARAMETER);
    return NULL;
}

BOOLEAN WINAPI RtlFreeHeap(HANDLE heap, ULONG flags, void *block)
{
    bool freed = heap_free(heap, flags, block);
    if (!freed)
        set_last_error(STATUS_INVALID_PARAMETER);
    return freed;
}

static DIRECT_RARE BOOL direct_free_rare(HANDLE heap, ULONG flags, void *block)
{
    direct_probe_stack();
    return RtlFreeHeap(heap, flags, block);
}

/* The result fills a register, as kernel32's function of another name is this one. */
DIRECT BOOL direct_RtlFreeHeap(HANDLE heap, ULONG flags, void *block)
{
    const struct heap_front *front;
    if (heap == &heap_process ? heap_cache_free(HEAP_PROCESS_FRONT, block)
                              : (front = heap_front_of(heap)) && heap_cache_free(*front, block))
        return TRUE;
    return direct_free_rare(heap, flags, block);
}

SIZE_T WINAPI RtlSizeHeap(HANDLE heap, ULONG flags, const void *block)
{
    SIZE_T size = heap_size(heap, flags, block);
    if (size == (SIZE_T)-1)
        set_last_error(STATUS_INVALID_PARAMETER);
    return size;
}

/* How many of `count` blocks there were. */
ULONG WINAPI RtlMultipleAllocateHeap(HANDLE heap, ULONG flags, SIZE_T size, ULONG count, void **blocks)
{
    for (ULONG i = 0; i < count; i++)
        if (!(blocks[i] = RtlAllocateHeap(heap, flags, size)))
            return i;
    return count;
}

ULONG WINAPI RtlMultipleFreeHeap(HANDLE heap, ULONG flags, ULONG count, void **blocks)
{
    for (ULONG i = 0; i < count; i++)
        if (!RtlFreeHeap(heap, flags, blocks[i]))
            return i;
    return count;
}

/* What a block carries for the program */

BOOLEAN WINAPI RtlGetUserInfoHeap(HANDLE heap, ULONG flags, void *block, void **value, ULONG *user_flags)
{
    void *found;
    ULONG found_flags;
    if (!heap_user_info(heap, flags, block, &found, &found_flags)) {
        set_last_error(STATUS_INVALID_PARAMETER);
        return FALSE;
    }
    if (value && found_flags & HEAP_SETTABLE_USER_VALUE)
        *value = found;
    if (user_flags)
        *user_flags = found_flags & HEAP_SETTABLE_USER_FLAGS;
    return TRUE;
}

BOOLEAN WINAPI RtlSetUserValueHeap(HANDLE heap, ULONG flags, void *block, void *value)
{
    bool set = heap_set_user_value(heap, flags, block, value);
    if (!set)
        set_last_error(STATUS_INVALID_PARAMETER);
    return set;
}

BOOLEAN WINAPI RtlSetUserFlagsHeap(HANDLE heap, ULONG flags, void *block, ULONG clear, ULONG set)
{
    bool done = heap_set_user_flags(heap, flags, block, clear, set);
    if (!done)
        set_last_error(STATUS_INVALID_PARAMETER);
    return done;
}

/* Whole heaps */

/* An address that cannot even be read is the only one that sets the last error. */
BOOLEAN WINAPI RtlValidateHeap(HANDLE heap, ULONG flags, const void *block)
{
    bool valid = heap_validate(heap, flags, block);
    if (!valid && block && !heap_may_have_block_at(block))
        set_last_error(STATUS_ACCESS_VIOLATION);
    return valid;
}

BOOLEAN WINAPI RtlValidateProcessHeaps(void)
{
    HANDLE heaps[64];
    DWORD count = min(heap_list(ARRAYSIZE(heaps), heaps), (DWORD)ARRAYSIZE(heaps));
    BOOLEAN valid = TRUE;
    for (DWORD i = 0; i < count; i++)
        valid &= RtlValidateHeap(heaps[i], 0, NULL);
    return valid;
}

BOOLEAN WINAPI RtlLockHeap(HANDLE heap)
{
    return NT_SUCCESS(heap_lock(heap));
}

BOOLEAN WINAPI RtlUnlockHeap(HANDLE heap)
{
    return NT_SUCCESS(heap_unlock(heap));
}

ULONG WINAPI RtlCompactHeap(HANDLE heap, ULONG flags)
{
    return heap_compact(heap, flags);
}

/* The entries of RtlWalkHeap differ from HeapWalk's in their flags, and have a larger size. */
#define RTL_HEAP_BUSY        0x0001
#define RTL_HEAP_SEGMENT     0x0002
#define RTL_HEAP_BLOCK       0x0010
#define RTL_HEAP_UNCOMMITTED 0x1000
#define RTL_HEAP_COMMITTED   0x4000
#define RTL_HEAP_FRONT       0x8000 /* a block of the low-fragmentation front end */

static WORD rtl_flags_of(WORD flags)
{
    if (flags & HEAP_WALK_FRONT)
        return RTL_HEAP_FRONT | (flags & PROCESS_HEAP_ENTRY_BUSY ? RTL_HEAP_BUSY : 0);
    if (flags & PROCESS_HEAP_REGION)
        return RTL_HEAP_SEGMENT;
    if (flags & PROCESS_HEAP_UNCOMMITTED_RANGE)
        return RTL_HEAP_UNCOMMITTED;
    return flags & PROCESS_HEAP_ENTRY_BUSY ? RTL_HEAP_COMMITTED | RTL_HEAP_BLOCK | RTL_HEAP_BUSY : 0;
}

static WORD walk_flags_of(WORD rtl_flags)
{
    if (rtl_flags & RTL_HEAP_SEGMENT)
        return PROCESS_HEAP_REGION;
    if (rtl_flags & RTL_HEAP_UNCOMMITTED)
        return PROCESS_HEAP_UNCOMMITTED_RANGE;
    return rtl_flags & RTL_HEAP_BUSY ? PROCESS_HEAP_ENTRY_BUSY : 0;
}

NTSTATUS WINAPI RtlWalkHeap(HANDLE heap, struct rtl_heap_entry *rtl_entry)
{
    PROCESS_HEAP_ENTRY entry = {.lpData = rtl_entry->data, .wFlags = walk_flags_of(rtl_entry->flags)};
    NTSTATUS status = heap_walk(heap, &entry);
    if (!NT_SUCCESS(status))
        return status;
    *rtl_entry = (struct rtl_heap_entry){
        .data = entry.lpData,
        .size = entry.cbData,
        .overhead = entry.cbOverhead,
        .region = entry.iRegionIndex,
        .flags = rtl_flags_of(entry.wFlags),
        .committed = entry.Region.dwCommittedSize,
        .uncommitted = entry.Region.dwUnCommittedSize,
        .first_block = entry.Region.lpFirstBlock,
        .last_block = entry.Region.lpLastBlock,
    };
    return STATUS_SUCCESS;
}

/* Information */

/* MinGW-w64 declares the status as a DWORD. */
DWORD WINAPI RtlQueryHeapInformation(HANDLE heap, HEAP_INFORMATION_CLASS class, void *buffer, SIZE_T size,
                                     SIZE_T *needed)
{
    if (class != HeapCompatibilityInformation)
        return STATUS_INVALID_PARAMETER;
    if (!heap_is_valid(heap))
        return STATUS_ACCESS_VIOLATION;
    ULONG value = heap_compatibility(heap);
    if (needed)
        *needed = sizeof value;
    if (size < sizeof value)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(buffer, &value, sizeof value);
    return STATUS_SUCCESS;
}

static NTSTATUS set_compatibility(struct heap *heap, const ULONG *value, SIZE_T size)
{
    if (size < sizeof *value)
        return STATUS_BUFFER_TOO_SMALL;
    return heap_is_valid(heap) ? heap_set_compatibility(heap, *value) : STATUS_INVALID_PARAMETER;
}

static NTSTATUS GUEST_STDCALL give_memory_back(HANDLE heap, void *unused)
{
    heap_compact(heap, 0);
    return STATUS_SUCCESS;
}

/* No heap stands for all. */
static NTSTATUS optimize(struct heap *heap, const HEAP_OPTIMIZE_RESOURCES_INFORMATION *info, SIZE_T size)
{
    if (size < sizeof *info)
        return STATUS_BUFFER_TOO_SMALL;
    if (info->Version != HEAP_OPTIMIZE_RESOURCES_CURRENT_VERSION || info->Flags ||
        (heap && !heap_is_valid(heap)))
        return STATUS_INVALID_PARAMETER;
    return heap ? give_memory_back(heap, NULL) : RtlEnumProcessHeaps(give_memory_back, NULL);
}

/* A damaged heap is never used on, whether a program asks to be ended then or not. */
DWORD WINAPI RtlSetHeapInformation(HANDLE heap, HEAP_INFORMATION_CLASS class, void *buffer, SIZE_T size)
{
    switch ((int)class) {
    case HeapCompatibilityInformation:
        return set_compatibility(heap, buffer, size);
    case HeapEnableTerminationOnCorruption:
        return STATUS_SUCCESS;
    case HeapOptimizeResources:
        return optimize(heap, buffer, size);
    }
    return STATUS_INVALID_PARAMETER;
}
