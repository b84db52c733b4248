/* LocalAlloc and its family: the same memory as GlobalAlloc's, but for details of fixed memory and of errors.
 */
#include "dlls/kernel32/error.h"
#include "dlls/kernel32/movable.h"
#include "kernel/heap.h"

static void *fail(DWORD error)
{
    teb_current()->LastErrorValue = error;
    return NULL;
}

/* LMEM_DISCARDABLE has more bits than GMEM_DISCARDABLE, and there is nothing like GMEM_DDESHARE. */
static UINT global_flags(UINT flags)
{
    UINT discardable = flags & LMEM_DISCARDABLE ? GMEM_DISCARDABLE : 0;
    return (flags & ~(LMEM_DISCARDABLE | GMEM_DDESHARE)) | discardable;
}

HLOCAL WINAPI LocalAlloc(UINT flags, SIZE_T size)
{
    flags = global_flags(flags);
    return flags & LMEM_MOVEABLE ? movable_allocate(flags, size) : fixed_allocate(flags, size);
}

/* NULL for success, else the handle. */
HLOCAL WINAPI LocalFree(HLOCAL handle)
{
    return GlobalFree(handle);
}

/* What is no memory of ours is no error that would be told. */
LPVOID WINAPI LocalLock(HLOCAL handle)
{
    if (movable_is_handle(handle))
        return movable_lock(handle);
    return fixed_is_block(handle) ? handle : NULL;
}

/* Whether it is still locked, which fixed memory never is. */
BOOL WINAPI LocalUnlock(HLOCAL handle)
{
    if (movable_is_handle(handle))
        return movable_unlock(handle);
    fail(ERROR_NOT_LOCKED);
    return FALSE;
}

SIZE_T WINAPI LocalSize(HLOCAL handle)
{
    return GlobalSize(handle);
}

HLOCAL WINAPI LocalHandle(LPCVOID pointer)
{
    HLOCAL handle = GlobalHandle(pointer);
    return handle || !pointer || movable_is_handle(pointer) ? handle : fail(fixed_error(pointer));
}

UINT WINAPI LocalFlags(HLOCAL handle)
{
    UINT flags = GlobalFlags(handle);
    if (flags == LMEM_INVALID_HANDLE && !movable_is_handle(handle))
        fail(fixed_error(handle));
    return flags == LMEM_INVALID_HANDLE || !(flags & GMEM_DISCARDABLE) ? flags : flags | LMEM_DISCARDABLE;
}

/* With LMEM_MODIFY the size stays, and so does fixed memory as it is. */
HLOCAL WINAPI LocalReAlloc(HLOCAL handle, SIZE_T size, UINT flags)
{
    flags = global_flags(flags);
    if (movable_is_handle(handle))
        return movable_reallocate(handle, flags, size);
    if (!fixed_is_block(handle))
        return fail(fixed_error(handle));
    return flags & LMEM_MODIFY ? handle : fixed_reallocate(handle, flags, size);
}

SIZE_T WINAPI LocalCompact(UINT wanted)
{
    return heap_compact(&heap_process, 0);
}

SIZE_T WINAPI LocalShrink(HLOCAL handle, UINT size)
{
    return heap_compact(&heap_process, 0);
}
