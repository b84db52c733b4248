/* malloc and its kin: the process heap, as in msvcrt.dll, so that HeapWalk and HeapSize see these blocks. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/heap.h"
#include "dlls/msvcrt/invalid_parameter.h"
#include "dlls/msvcrt/thread_data.h"
#include "kernel/heap.h"

typedef int(GUEST_CDECL *new_handler)(size_t size);
typedef void(GUEST_CDECL *standard_new_handler)(void);

static HANDLE process_heap;
static new_handler on_new_failure;
static int malloc_calls_new_handler;

void heap_attach(void)
{
    process_heap = GetProcessHeap();
}

static bool new_handler_frees_memory(size_t size)
{
    new_handler handler = on_new_failure;
    return handler && handler(size);
}

/* The way of every failed allocation: the program's handler may free something, and then it is tried
 * again. A block is moved when `block` is not NULL. */
static __attribute__((noinline, cold)) void *allocate_again(DWORD flags, void *block, size_t size)
{
    while (malloc_calls_new_handler && new_handler_frees_memory(size)) {
        void *result =
            block ? HeapReAlloc(process_heap, flags, block, size) : HeapAlloc(process_heap, flags, size);
        if (result)
            return result;
    }
    crt_thread.error = CRT_ENOMEM;
    return NULL;
}

void *crt_malloc(size_t size)
{
    void *block = HeapAlloc(process_heap, 0, size);
    return __builtin_expect(block != NULL, 1) ? block : allocate_again(0, NULL, size);
}

void *crt_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        crt_thread.error = CRT_ENOMEM;
        return NULL;
    }
    void *block = HeapAlloc(process_heap, HEAP_ZERO_MEMORY, bytes);
    return __builtin_expect(block != NULL, 1) ? block : allocate_again(HEAP_ZERO_MEMORY, NULL, bytes);
}

void crt_free(void *block)
{
    if (block)
        HeapFree(process_heap, 0, block);
}

void *crt_realloc(void *block, size_t size)
{
    if (!block)
        return crt_malloc(size);
    if (size == 0) {
        crt_free(block);
        return NULL;
    }
    void *moved = HeapReAlloc(process_heap, 0, block, size);
    return __builtin_expect(moved != NULL, 1) ? moved : allocate_again(0, block, size);
}

/* realloc whose growth is zeroed. */
void *crt_recalloc(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (!block)
        return crt_calloc(count, size);
    if (__builtin_mul_overflow(count, size, &bytes)) {
        crt_thread.error = CRT_ENOMEM;
        return NULL;
    }
    if (bytes == 0) {
        crt_free(block);
        return NULL;
    }
    void *moved = HeapReAlloc(process_heap, HEAP_ZERO_MEMORY, block, bytes);
    return __builtin_expect(moved != NULL, 1) ? moved : allocate_again(HEAP_ZERO_MEMORY, block, bytes);
}

size_t crt_msize(void *block)
{
    if (!block) {
        crt_invalid_parameter(CRT_EINVAL);
        return (size_t)-1;
    }
    return HeapSize(process_heap, 0, block);
}

/* Blocks that small may come from the heap's front end, and then keep their size. */
#define MOST_OF_FRONT 0x4000

/* Resizes in place or not at all; as documented, a small block may be left as it is rather than shrink. */
void *crt_expand(void *block, size_t size)
{
    if (!block) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    void *same = HeapReAlloc(process_heap, HEAP_REALLOC_IN_PLACE_ONLY, block, size);
    if (same)
        return same;
    size_t old_size = HeapSize(process_heap, 0, block);
    if (size <= old_size && old_size < MOST_OF_FRONT)
        return block;
    crt_thread.error = CRT_ENOMEM;
    return NULL;
}

/* An aligned block lies within a larger one, whose address stands just before it. */
static void **aligned_owner(void *block)
{
    return (void **)((uintptr_t)block & -sizeof(void *)) - 1;
}

/* Besides the alignment: room for the owner's address, wherever an offset puts it. */
#define ALIGNED_OVERHEAD (2 * sizeof(void *))

static size_t effective_alignment(size_t alignment)
{
    return alignment < sizeof(void *) ? sizeof(void *) : alignment;
}

/* 0 stands for the least alignment. */
static bool is_alignment(size_t value)
{
    return !(value & (value - 1));
}

void *crt_aligned_offset_malloc(size_t size, size_t alignment, size_t offset)
{
    if (!is_alignment(alignment) || (offset && offset >= size)) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    alignment = effective_alignment(alignment);
    size_t bytes;
    if (__builtin_add_overflow(size, alignment + ALIGNED_OVERHEAD, &bytes)) {
        crt_thread.error = CRT_ENOMEM;
        return NULL;
    }
    char *owner = crt_malloc(bytes);
    if (!owner)
        return NULL;
    uintptr_t lowest = (uintptr_t)owner + ALIGNED_OVERHEAD;
    uintptr_t block = ((lowest + offset + alignment - 1) & -alignment) - offset;
    *aligned_owner((void *)block) = owner;
    return (void *)block;
}

void *crt_aligned_malloc(size_t size, size_t alignment)
{
    return crt_aligned_offset_malloc(size, alignment, 0);
}

void crt_aligned_free(void *block)
{
    if (block)
        crt_free(*aligned_owner(block));
}

void *crt_aligned_offset_realloc(void *block, size_t size, size_t alignment, size_t offset)
{
    if (!block)
        return crt_aligned_offset_malloc(size, alignment, offset);
    if (size == 0) {
        crt_aligned_free(block);
        return NULL;
    }
    void *owner = *aligned_owner(block);
    size_t old_size = crt_msize(owner) - ((char *)block - (char *)owner);
    void *moved = crt_aligned_offset_malloc(size, alignment, offset);
    if (moved) {
        memcpy(moved, block, size < old_size ? size : old_size);
        crt_free(owner);
    }
    return moved;
}

size_t crt_aligned_msize(void *block, size_t alignment, size_t offset)
{
    if (!block) {
        crt_invalid_parameter(CRT_EINVAL);
        return (size_t)-1;
    }
    return crt_msize(*aligned_owner(block)) - effective_alignment(alignment) - ALIGNED_OVERHEAD;
}

void *crt_aligned_offset_recalloc(void *block, size_t count, size_t size, size_t alignment, size_t offset)
{
    size_t bytes, old_size = block ? crt_aligned_msize(block, alignment, offset) : 0;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        crt_thread.error = CRT_ENOMEM;
        return NULL;
    }
    char *moved = crt_aligned_offset_realloc(block, bytes, alignment, offset);
    if (moved && bytes > old_size)
        memset(moved + old_size, 0, bytes - old_size);
    return moved;
}

void *crt_aligned_recalloc(void *block, size_t count, size_t size, size_t alignment)
{
    return crt_aligned_offset_recalloc(block, count, size, alignment, 0);
}

void *crt_aligned_realloc(void *block, size_t size, size_t alignment)
{
    return crt_aligned_offset_realloc(block, size, alignment, 0);
}

enum heap_state {
    HEAP_EMPTY = -1,
    HEAP_OK = -2,
    HEAP_BAD_BEGIN = -3,
    HEAP_BAD_NODE = -4,
    HEAP_END = -5,
    HEAP_BAD_POINTER = -6
};

int crt_heapchk(void)
{
    return HeapValidate(process_heap, 0, NULL) ? HEAP_OK : HEAP_BAD_NODE;
}

int crt_heapmin(void)
{
    if (HeapCompact(process_heap, 0))
        return 0;
    crt_thread.error = CRT_ENOMEM;
    return -1;
}

struct heap_entry {
    int *block; /* NULL begins the walk */
    size_t size;
    int used; /* 0 _FREEENTRY, 1 _USEDENTRY */
};

int crt_heapwalk(struct heap_entry *info)
{
    if (!info) {
        crt_invalid_parameter(CRT_EINVAL);
        return HEAP_BAD_POINTER;
    }
    PROCESS_HEAP_ENTRY entry = {
        .lpData = info->block,
        .cbData = info->size,
        .wFlags = info->block && info->used ? PROCESS_HEAP_ENTRY_BUSY : 0,
    };
    do {
        if (!HeapWalk(process_heap, &entry))
            return GetLastError() == ERROR_NO_MORE_ITEMS ? HEAP_END : HEAP_BAD_NODE;
    } while (entry.wFlags & (PROCESS_HEAP_REGION | PROCESS_HEAP_UNCOMMITTED_RANGE));
    info->block = entry.lpData;
    info->size = entry.cbData;
    info->used = (entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) != 0;
    return HEAP_OK;
}

/* Functions of a heap that Windows' runtime once had of its own. */
int crt_heapset(unsigned fill)
{
    return crt_heapchk();
}

int crt_heapadd(void *block, size_t size)
{
    crt_thread.error = CRT_ENOSYS;
    return -1;
}

size_t crt_heapused(size_t *used, size_t *committed)
{
    crt_thread.error = CRT_ENOSYS;
    return 0;
}

intptr_t crt_get_heap_handle(void)
{
    return (intptr_t)process_heap;
}

/* What the small-block heap, which is gone, was to be used for. x86-64 never had one; i386 programs that ask
 * for it find the number again that they set, and blocks that are aligned as its were. */
#define MAX_SBH_THRESHOLD 1016

static size_t sbh_threshold;

size_t crt_get_sbh_threshold(void)
{
    return sbh_threshold;
}

int crt_set_sbh_threshold(size_t threshold)
{
    if (sizeof(void *) == 8 || threshold > MAX_SBH_THRESHOLD)
        return 0;
    sbh_threshold = (threshold + 15) & ~(size_t)15;
    if (threshold)
        heap_align_process();
    return 1;
}

new_handler crt_query_new_handler(void)
{
    return on_new_failure;
}

new_handler crt_set_new_handler(new_handler handler)
{
    return __atomic_exchange_n(&on_new_failure, handler, __ATOMIC_ACQ_REL);
}

/* The standard's set_new_handler can only remove a handler: a void function has no way to say whether to
 * try again, and msvcrt.dll takes none. */
standard_new_handler crt_set_standard_new_handler(standard_new_handler handler)
{
    if (handler)
        crt_invalid_parameter(CRT_EINVAL);
    else
        crt_set_new_handler(NULL);
    return NULL;
}

int crt_query_new_mode(void)
{
    return malloc_calls_new_handler;
}

int crt_set_new_mode(int mode)
{
    if (mode != 0 && mode != 1) {
        crt_invalid_parameter(CRT_EINVAL);
        return -1;
    }
    return __atomic_exchange_n(&malloc_calls_new_handler, mode, __ATOMIC_ACQ_REL);
}

int crt_callnewh(size_t size)
{
    return new_handler_frees_memory(size);
}

/* operator new. Without a handler it returns NULL, as the documented one of msvcrt.dll does. */
void *crt_operator_new(size_t size)
{
    for (;;) {
        void *block = HeapAlloc(process_heap, 0, size);
        if (block)
            return block;
        if (!new_handler_frees_memory(size)) {
            crt_thread.error = CRT_ENOMEM;
            return NULL;
        }
    }
}
