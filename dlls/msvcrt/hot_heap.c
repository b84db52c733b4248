/* malloc and free as programs call them, in Windows' own calling convention (-direct): what the thread's
 * cache has or takes is done here, the rest in heap.c. */
#include <litewin/direct.h>

#include "dlls/msvcrt/heap.h"
#include "kernel/heap.h"
#include "kernel/heap_cache.h"

/* DIRECT_RARE with the convention of this DLL. */
#define RARE GUEST_CDECL GUEST_REALIGNED __attribute__((noinline, cold))

static RARE void *malloc_rare(size_t size)
{
    direct_probe_stack();
    return crt_malloc(size);
}

void *GUEST_CDECL direct_malloc(size_t size)
{
    void *block = heap_cache_allocate(HEAP_PROCESS_FRONT, size);
    return __builtin_expect(block != NULL, 1) ? block : malloc_rare(size);
}

static RARE void *calloc_rare(size_t count, size_t size)
{
    direct_probe_stack();
    return crt_calloc(count, size);
}

void *GUEST_CDECL direct_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_expect(!__builtin_mul_overflow(count, size, &bytes), 1)) {
        void *block = heap_cache_allocate(HEAP_PROCESS_FRONT, bytes);
        if (__builtin_expect(block != NULL, 1)) {
            heap_cache_zero(block);
            return block;
        }
    }
    return calloc_rare(count, size);
}

static RARE void *realloc_rare(void *block, size_t size)
{
    direct_probe_stack();
    return crt_realloc(block, size);
}

void *GUEST_CDECL direct_realloc(void *block, size_t size)
{
    return size && __builtin_expect(heap_cache_resize(HEAP_PROCESS_FRONT, block, size), 1)
               ? block
               : realloc_rare(block, size);
}

static RARE void free_rare(void *block)
{
    direct_probe_stack();
    crt_free(block);
}

void GUEST_CDECL direct_free(void *block)
{
    if (__builtin_expect(!heap_cache_free(HEAP_PROCESS_FRONT, block), 0))
        free_rare(block);
}

static RARE void *operator_new_rare(size_t size)
{
    direct_probe_stack();
    return crt_operator_new(size);
}

void *GUEST_CDECL direct_operator_new(size_t size)
{
    void *block = heap_cache_allocate(HEAP_PROCESS_FRONT, size);
    return __builtin_expect(block != NULL, 1) ? block : operator_new_rare(size);
}
