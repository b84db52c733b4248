/* Movable memory, behind GlobalAlloc and LocalAlloc: a handle is the address of the second word of an entry
 * in the process's table, which programs are known to look into. A block's address is never of that kind. */
#ifndef KERNEL32_MOVABLE_H
#define KERNEL32_MOVABLE_H

#include <litewin/windows.h>

/* Both words are as on Windows. */
struct movable {
    ULONG_PTR flags; /* of a free entry: the address of the next free one */
    void *memory;    /* a block of the process's heap, whose user value is the handle; NULL: discarded */
};

enum {
    MOVABLE_IN_USE = 0x1,
    MOVABLE_MOVEABLE = 0x2,
    MOVABLE_DISCARDABLE = 0x4,
    MOVABLE_DISCARDED = 0x8,
    MOVABLE_SHARED = 0x8000,
    MOVABLE_LOCK = 0x10000,
    MOVABLE_LOCKS = 0xFF0000,
};

/* Whether it looks like a handle; anything else may be a block. */
bool movable_is_handle(const void *handle);

/* All of these set the last error where they fail. `flags` are GMEM_*, which LMEM_* agree with. */
HANDLE movable_allocate(UINT flags, SIZE_T size);
/* Gives a fixed block a handle. It keeps its contents and size, but not its address. */
HANDLE movable_adopt(void *block, UINT flags);
/* False for what is no handle (any more). */
bool movable_free(HANDLE handle);
HANDLE movable_reallocate(HANDLE handle, UINT flags, SIZE_T size);
void *movable_lock(HANDLE handle);
/* False with the error NO_ERROR when this was the last lock. */
bool movable_unlock(HANDLE handle);
/* 0 with the last error where it is no handle. */
SIZE_T movable_size(HANDLE handle);
/* MOVABLE_*, or 0 where it is no handle. */
ULONG_PTR movable_flags(HANDLE handle);

/* A block of the process's heap that has no handle; it may be any pointer at all. */
bool fixed_is_block(const void *block);
/* What to say of a pointer that is neither a handle nor a block. */
DWORD fixed_error(const void *pointer);
void *fixed_allocate(UINT flags, SIZE_T size);
void *fixed_reallocate(void *block, UINT flags, SIZE_T size);
/* The handle that a block belongs to, the block itself where it is fixed, NULL where it is none. */
HANDLE fixed_or_movable_handle(const void *block);

#endif
