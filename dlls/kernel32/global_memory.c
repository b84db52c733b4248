/* GlobalAlloc and its family. Fixed memory is an ordinary block of the process's heap and its own handle. */
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/movable.h"
#include "kernel/heap.h"

static void *fail(DWORD error)
{
    teb_current()->LastErrorValue = error;
    return NULL;
}

/* Even an empty one has a byte. */
HGLOBAL WINAPI GlobalAlloc(UINT flags, SIZE_T size)
{
    return flags & GMEM_MOVEABLE ? movable_allocate(flags, size) : fixed_allocate(flags, size ? size : 1);
}

/* NULL for success, else the handle. */
HGLOBAL WINAPI GlobalFree(HGLOBAL handle)
{
    if (!handle)
        return NULL;
    if (movable_is_handle(handle))
        return movable_free(handle) ? NULL : handle;
    if (heap_free(&heap_process, 0, handle))
        return NULL;
    fail(fixed_error(handle));
    return handle;
}

LPVOID WINAPI GlobalLock(HGLOBAL handle)
{
    if (movable_is_handle(handle))
        return movable_lock(handle);
    return fixed_is_block(handle) ? handle : fail(ERROR_INVALID_HANDLE);
}

/* Whether it is still locked, which fixed memory always is. What is no handle, too, is said to be. */
BOOL WINAPI GlobalUnlock(HGLOBAL handle)
{
    if (!movable_is_handle(handle))
        return TRUE;
    return movable_unlock(handle) || teb_current()->LastErrorValue == ERROR_INVALID_HANDLE;
}

SIZE_T WINAPI GlobalSize(HGLOBAL handle)
{
    if (movable_is_handle(handle))
        return movable_size(handle);
    if (fixed_is_block(handle))
        return heap_size(&heap_process, 0, handle);
    fail(ERROR_INVALID_HANDLE);
    return 0;
}

HGLOBAL WINAPI GlobalHandle(LPCVOID pointer)
{
    if (!pointer)
        return fail(ERROR_INVALID_PARAMETER);
    HGLOBAL handle = fixed_or_movable_handle(pointer);
    return handle ? handle : fail(ERROR_INVALID_HANDLE);
}

UINT WINAPI GlobalFlags(HGLOBAL handle)
{
    if (!movable_is_handle(handle) && fixed_is_block(handle))
        return 0;
    ULONG_PTR flags = movable_flags(handle);
    if (!flags)
        return GMEM_INVALID_HANDLE;
    return (flags & MOVABLE_LOCKS) / MOVABLE_LOCK | (flags & MOVABLE_DISCARDABLE ? GMEM_DISCARDABLE : 0) |
           (flags & MOVABLE_DISCARDED ? GMEM_DISCARDED : 0) | (flags & MOVABLE_SHARED ? GMEM_DDESHARE : 0);
}

/* With GMEM_MODIFY the size stays; fixed memory can become movable so. */
static HGLOBAL reallocate_fixed(void *block, UINT flags, SIZE_T size)
{
    if (flags & GMEM_MODIFY)
        return flags & GMEM_MOVEABLE ? movable_adopt(block, flags) : block;
    return fixed_reallocate(block, flags, size);
}

HGLOBAL WINAPI GlobalReAlloc(HGLOBAL handle, SIZE_T size, UINT flags)
{
    if (movable_is_handle(handle))
        return movable_reallocate(handle, flags, size);
    return fixed_is_block(handle) ? reallocate_fixed(handle, flags, size) : fail(fixed_error(handle));
}

SIZE_T WINAPI GlobalCompact(DWORD wanted)
{
    return heap_compact(&heap_process, 0);
}

/* Locks under other names */

VOID WINAPI GlobalFix(HGLOBAL handle)
{
    GlobalLock(handle);
}

VOID WINAPI GlobalUnfix(HGLOBAL handle)
{
    GlobalUnlock(handle);
}

LPVOID WINAPI GlobalWire(HGLOBAL handle)
{
    return GlobalLock(handle);
}

BOOL WINAPI GlobalUnWire(HGLOBAL handle)
{
    return GlobalUnlock(handle);
}
