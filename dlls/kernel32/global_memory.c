#include "dlls/kernel32/error.h"
#include "kernel/heap.h"
#include "kernel/lock.h"

/* GlobalAlloc and LocalAlloc, which are the same but for their names. Memory that is GMEM_FIXED is an
 * ordinary block of the process's heap and its own handle. A movable block's handle is the address of the
 * pointer in its descriptor, which, unlike a block, lies in the second half of an alignment unit: handles and
 * pointers are told apart by that. */

#define UNIT (2 * sizeof(void *))
#define MARK 0x4C47

struct descriptor {
    WORD mark;
    BYTE lock_count;
    BYTE flags;                                             /* GMEM_DISCARDABLE >> 8, and so on */
    void *pointer __attribute__((aligned(sizeof(void *)))); /* to the memory; NULL: discarded */
};

/* Lies in front of a movable block, to find its handle. */
struct prefix {
    struct descriptor *descriptor;
    uintptr_t mark;
};

_Static_assert(sizeof(struct descriptor) == UNIT && sizeof(struct prefix) == UNIT, "the alignment of blocks");

enum { MOST_LOCKS = GMEM_LOCKCOUNT };

static struct lock descriptors_lock;

static void *fail(DWORD error)
{
    teb_current()->LastErrorValue = error;
    return NULL;
}

static struct prefix *prefix_of(const void *pointer)
{
    return (struct prefix *)pointer - 1;
}

static bool is_handle(HGLOBAL handle)
{
    return (uintptr_t)handle % UNIT == sizeof(void *);
}

/* NULL where the handle is none. */
static struct descriptor *descriptor_of(HGLOBAL handle)
{
    if (!is_handle(handle))
        return NULL;
    struct descriptor *descriptor = CONTAINING_RECORD(handle, struct descriptor, pointer);
    if (!heap_validate(&heap_process, 0, descriptor) || descriptor->mark != MARK)
        return NULL;
    return descriptor;
}

static bool is_fixed(const void *pointer)
{
    return pointer && heap_validate(&heap_process, 0, pointer);
}

/* ---- movable memory ---- */

static void *allocate_movable(struct descriptor *descriptor, DWORD flags, SIZE_T size)
{
    if (size > PTRDIFF_MAX - sizeof(struct prefix))
        return NULL;
    struct prefix *prefix = heap_allocate(&heap_process, flags, size + sizeof *prefix);
    if (!prefix)
        return NULL;
    *prefix = (struct prefix){.descriptor = descriptor, .mark = (uintptr_t)descriptor ^ MARK};
    return prefix + 1;
}

static void free_movable(struct descriptor *descriptor)
{
    if (descriptor->pointer)
        heap_free(&heap_process, 0, prefix_of(descriptor->pointer));
    descriptor->pointer = NULL;
}

static SIZE_T movable_size(const struct descriptor *descriptor)
{
    if (!descriptor->pointer)
        return 0;
    return heap_size(&heap_process, 0, prefix_of(descriptor->pointer)) - sizeof(struct prefix);
}

static DWORD heap_flags_of(UINT flags)
{
    return flags & GMEM_ZEROINIT ? HEAP_ZERO_MEMORY : 0;
}

HGLOBAL WINAPI GlobalAlloc(UINT flags, SIZE_T size)
{
    if (!(flags & GMEM_MOVEABLE)) {
        void *block = heap_allocate(&heap_process, heap_flags_of(flags), size);
        return block ? block : fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    struct descriptor *descriptor = heap_allocate(&heap_process, 0, sizeof *descriptor);
    if (!descriptor)
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    *descriptor = (struct descriptor){.mark = MARK, .flags = (flags & GMEM_DISCARDABLE) >> 8};
    /* A movable block of no size is a discarded one. */
    if (size && !(descriptor->pointer = allocate_movable(descriptor, heap_flags_of(flags), size))) {
        heap_free(&heap_process, 0, descriptor);
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    return &descriptor->pointer;
}

/* NULL for success, else the handle. */
HGLOBAL WINAPI GlobalFree(HGLOBAL handle)
{
    struct descriptor *descriptor = descriptor_of(handle);
    if (!handle)
        return NULL;
    if (descriptor) {
        descriptor->mark = 0;
        free_movable(descriptor);
        heap_free(&heap_process, 0, descriptor);
        return NULL;
    }
    if (!is_handle(handle) && is_fixed(handle) && heap_free(&heap_process, 0, handle))
        return NULL;
    fail(ERROR_INVALID_HANDLE);
    return handle;
}

LPVOID WINAPI GlobalLock(HGLOBAL handle)
{
    if (!is_handle(handle))
        return is_fixed(handle) ? handle : fail(ERROR_INVALID_HANDLE);
    lock_acquire(&descriptors_lock);
    struct descriptor *descriptor = descriptor_of(handle);
    void *pointer = descriptor ? descriptor->pointer : NULL;
    if (pointer && descriptor->lock_count < MOST_LOCKS)
        descriptor->lock_count++;
    lock_release(&descriptors_lock);
    if (!pointer)
        return fail(descriptor ? ERROR_DISCARDED : ERROR_INVALID_HANDLE);
    return pointer;
}

/* Whether it is still locked; FALSE with no error when this was the last lock. */
BOOL WINAPI GlobalUnlock(HGLOBAL handle)
{
    if (!is_handle(handle)) {
        if (is_fixed(handle))
            return TRUE;
        fail(ERROR_INVALID_HANDLE);
        return FALSE;
    }
    DWORD error = ERROR_SUCCESS;
    bool locked = false;
    lock_acquire(&descriptors_lock);
    struct descriptor *descriptor = descriptor_of(handle);
    if (!descriptor)
        error = ERROR_INVALID_HANDLE;
    else if (descriptor->lock_count == 0)
        error = ERROR_NOT_LOCKED;
    else
        locked = --descriptor->lock_count > 0;
    lock_release(&descriptors_lock);
    teb_current()->LastErrorValue = error;
    return locked;
}

SIZE_T WINAPI GlobalSize(HGLOBAL handle)
{
    const struct descriptor *descriptor = descriptor_of(handle);
    if (descriptor)
        return movable_size(descriptor);
    if (!is_handle(handle) && is_fixed(handle))
        return heap_size(&heap_process, 0, handle);
    fail(ERROR_INVALID_HANDLE);
    return 0;
}

HGLOBAL WINAPI GlobalHandle(LPCVOID pointer)
{
    if (!pointer)
        return fail(ERROR_INVALID_PARAMETER);
    if (is_fixed(pointer))
        return (HGLOBAL)pointer;
    const struct prefix *prefix = prefix_of(pointer);
    if (is_fixed(prefix) && prefix->mark == ((uintptr_t)prefix->descriptor ^ MARK))
        return &prefix->descriptor->pointer;
    return fail(ERROR_INVALID_HANDLE);
}

UINT WINAPI GlobalFlags(HGLOBAL handle)
{
    const struct descriptor *descriptor = descriptor_of(handle);
    if (descriptor)
        return descriptor->lock_count | descriptor->flags << 8 | (descriptor->pointer ? 0 : GMEM_DISCARDED);
    if (!is_handle(handle) && is_fixed(handle))
        return 0;
    fail(ERROR_INVALID_HANDLE);
    return GMEM_INVALID_HANDLE;
}

static HGLOBAL resize_movable(struct descriptor *descriptor, UINT flags, SIZE_T size)
{
    if (flags & GMEM_MODIFY) {
        descriptor->flags = (flags & GMEM_DISCARDABLE) >> 8;
        return &descriptor->pointer;
    }
    if (size == 0) {
        /* Discarding: not while it is locked, unless the caller says that it may move. */
        if (descriptor->lock_count && !(flags & GMEM_MOVEABLE))
            return fail(ERROR_INVALID_PARAMETER);
        free_movable(descriptor);
        return &descriptor->pointer;
    }
    if (size > PTRDIFF_MAX - sizeof(struct prefix))
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    if (!descriptor->pointer) {
        descriptor->pointer = allocate_movable(descriptor, heap_flags_of(flags), size);
    } else {
        DWORD in_place = descriptor->lock_count && !(flags & GMEM_MOVEABLE) ? HEAP_REALLOC_IN_PLACE_ONLY : 0;
        struct prefix *prefix = heap_reallocate(&heap_process, heap_flags_of(flags) | in_place,
                                                prefix_of(descriptor->pointer), size + sizeof *prefix);
        if (!prefix)
            return fail(ERROR_NOT_ENOUGH_MEMORY);
        descriptor->pointer = prefix + 1;
    }
    return descriptor->pointer ? &descriptor->pointer : fail(ERROR_NOT_ENOUGH_MEMORY);
}

static HGLOBAL resize_fixed(void *block, UINT flags, SIZE_T size)
{
    if (flags & GMEM_MODIFY)
        return flags & GMEM_MOVEABLE ? fail(ERROR_INVALID_PARAMETER) : block;
    DWORD in_place = flags & GMEM_MOVEABLE ? 0 : HEAP_REALLOC_IN_PLACE_ONLY;
    void *resized = heap_reallocate(&heap_process, heap_flags_of(flags) | in_place, block, size);
    return resized ? resized : fail(ERROR_NOT_ENOUGH_MEMORY);
}

HGLOBAL WINAPI GlobalReAlloc(HGLOBAL handle, SIZE_T size, UINT flags)
{
    struct descriptor *descriptor = descriptor_of(handle);
    if (descriptor)
        return resize_movable(descriptor, flags, size);
    if (!is_handle(handle) && is_fixed(handle))
        return resize_fixed(handle, flags, size);
    return fail(ERROR_INVALID_HANDLE);
}

/* ---- the same under their other names ---- */

HLOCAL WINAPI LocalAlloc(UINT flags, SIZE_T size)
{
    /* LMEM_DISCARDABLE is another bit than GMEM_DISCARDABLE. */
    return GlobalAlloc((flags & ~LMEM_DISCARDABLE) | (flags & LMEM_DISCARDABLE ? GMEM_DISCARDABLE : 0), size);
}

HLOCAL WINAPI LocalFree(HLOCAL handle)
{
    return GlobalFree(handle);
}

LPVOID WINAPI LocalLock(HLOCAL handle)
{
    return GlobalLock(handle);
}

BOOL WINAPI LocalUnlock(HLOCAL handle)
{
    return GlobalUnlock(handle);
}

SIZE_T WINAPI LocalSize(HLOCAL handle)
{
    return GlobalSize(handle);
}

HLOCAL WINAPI LocalHandle(LPCVOID pointer)
{
    return GlobalHandle(pointer);
}

UINT WINAPI LocalFlags(HLOCAL handle)
{
    return GlobalFlags(handle);
}

HLOCAL WINAPI LocalReAlloc(HLOCAL handle, SIZE_T size, UINT flags)
{
    return GlobalReAlloc(handle, size, flags);
}
