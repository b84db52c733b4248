/* This process's heaps and their blocks, as the tool help library lists them. */
#include <stdlib.h>
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/process_list.h"

/* All heaps, in an array that the caller frees; NULL when memory is short. */
static HANDLE *copy_heaps(DWORD *count)
{
    HANDLE *heaps = NULL;
    DWORD room;
    *count = GetProcessHeaps(0, NULL);
    do {
        room = *count;
        HANDLE *larger = realloc(heaps, room * sizeof *heaps);
        if (!larger) {
            free(heaps);
            return NULL;
        }
        heaps = larger;
        *count = GetProcessHeaps(room, heaps);
    } while (*count > room);
    return heaps;
}

bool heap_list_read(struct list *list)
{
    DWORD count;
    HANDLE *heaps = copy_heaps(&count), process_heap = GetProcessHeap();
    HEAPLIST32 *entry = NULL;
    for (DWORD i = 0; heaps && i < count && (entry = list_add(list, sizeof *entry)); i++) {
        entry->th32ProcessID = GetCurrentProcessId();
        entry->th32HeapID = (ULONG_PTR)heaps[i];
        entry->dwFlags = heaps[i] == process_heap ? HF32_DEFAULT : 0;
    }
    free(heaps);
    return entry;
}

static NTSTATUS check_heap(DWORD process, HANDLE heap)
{
    DWORD count;
    if (process && process != GetCurrentProcessId())
        return STATUS_ACCESS_DENIED;
    HANDLE *heaps = copy_heaps(&count);
    if (!heaps)
        return STATUS_NO_MEMORY;
    NTSTATUS status = STATUS_NO_MORE_FILES;
    for (DWORD i = 0; i < count && !NT_SUCCESS(status); i++)
        status = heaps[i] == heap ? STATUS_SUCCESS : STATUS_NO_MORE_FILES;
    free(heaps);
    return status;
}

static bool is_block(const PROCESS_HEAP_ENTRY *entry)
{
    return !(entry->wFlags & (PROCESS_HEAP_REGION | PROCESS_HEAP_UNCOMMITTED_RANGE));
}

/* The caller may change the heap between two blocks, so that a walk cannot be kept: each begins anew. */
static NTSTATUS find_block(HANDLE heap, DWORD number, PROCESS_HEAP_ENTRY *found)
{
    *found = (PROCESS_HEAP_ENTRY){0};
    bool is_there;
    if (!HeapLock(heap))
        return STATUS_NO_MORE_FILES;
    do
        is_there = HeapWalk(heap, found);
    while (is_there && (!is_block(found) || number--));
    HeapUnlock(heap);
    return is_there ? STATUS_SUCCESS : STATUS_NO_MORE_FILES;
}

static BOOL give_block(HEAPENTRY32 *entry, DWORD process, ULONG_PTR id, DWORD number)
{
    HANDLE heap = (HANDLE)id;
    PROCESS_HEAP_ENTRY block;
    NTSTATUS status = check_heap(process, heap);
    if (NT_SUCCESS(status))
        status = find_block(heap, number, &block);
    if (!set_last_status(status))
        return FALSE;
    *entry = (HEAPENTRY32){
        .dwSize = sizeof *entry,
        .hHandle = block.lpData,
        .dwAddress = (ULONG_PTR)block.lpData,
        .dwBlockSize = block.cbData,
        .dwFlags = block.wFlags & PROCESS_HEAP_ENTRY_BUSY ? LF32_FIXED : LF32_FREE,
        .dwResvd = number,
        .th32ProcessID = GetCurrentProcessId(),
        .th32HeapID = id,
    };
    return TRUE;
}

static bool has_room(const HEAPENTRY32 *entry)
{
    if (entry->dwSize < sizeof *entry)
        SetLastError(ERROR_BAD_LENGTH);
    return entry->dwSize >= sizeof *entry;
}

BOOL WINAPI Heap32First(HEAPENTRY32 *entry, DWORD process, ULONG_PTR heap)
{
    return has_room(entry) && give_block(entry, process, heap, 0);
}

/* The number of the block before is in the member that is reserved for this. */
BOOL WINAPI Heap32Next(HEAPENTRY32 *entry)
{
    return has_room(entry) && give_block(entry, entry->th32ProcessID, entry->th32HeapID, entry->dwResvd + 1);
}
