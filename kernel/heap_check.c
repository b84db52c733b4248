#include "kernel/heap_internal.h"
#include "kernel/process.h"

/* What the flags FLG_HEAP_* in the process's block make heaps watch for, to find what programs do wrong:
 * memory that is written to behind a block or after it was freed, calls for what is no block, a heap that is
 * damaged. Such heaps have no front end, so all of their blocks come by here. */

/* The documented values of NtGlobalFlag. */
enum {
    FLG_HEAP_ENABLE_TAIL_CHECK = 0x10,
    FLG_HEAP_ENABLE_FREE_CHECK = 0x20,
    FLG_HEAP_VALIDATE_PARAMETERS = 0x40,
    FLG_HEAP_VALIDATE_ALL = 0x80,
    FLG_HEAP_ENABLE_TAGGING = 0x800,
    FLG_HEAP_DISABLE_COALESCING = 0x200000,
    FLG_HEAP_PAGE_ALLOCS = 0x2000000,
};

/* In a heap's flags. */
#define TAGGED 0x04000000u
#define FORCED                                                                                      \
    (HEAP_NO_SERIALIZE | HEAP_GENERATE_EXCEPTIONS | HEAP_ZERO_MEMORY | HEAP_REALLOC_IN_PLACE_ONLY | \
     HEAP_CREATE_ALIGN_16 | HEAP_CHECKED)

#define TAIL_SIZE  HEAP_UNIT
#define VALUE_SIZE (2 * sizeof(void *)) /* at a block's end; the program's value is the second word */
#define TAIL_FILL  0xAB
#define NEW_FILL   0xBAADF00Du
#define FREE_FILL  0xFEEEFEEEu
#define PAGE_HEAP  0xEE /* what the beginning of a heap's structure is full of, where each block has pages */

DWORD heap_flags_of_process(void)
{
    static const struct {
        ULONG global_flag;
        DWORD flags;
    } meanings[] = {
        {FLG_HEAP_ENABLE_TAIL_CHECK, HEAP_TAIL_CHECKING_ENABLED},
        {FLG_HEAP_ENABLE_FREE_CHECK, HEAP_FREE_CHECKING_ENABLED},
        {FLG_HEAP_VALIDATE_PARAMETERS,
         HEAP_VALIDATE_PARAMETERS | HEAP_TAIL_CHECKING_ENABLED | HEAP_FREE_CHECKING_ENABLED},
        {FLG_HEAP_VALIDATE_ALL, HEAP_VALIDATE_ALL | HEAP_TAIL_CHECKING_ENABLED | HEAP_FREE_CHECKING_ENABLED},
        {FLG_HEAP_ENABLE_TAGGING, TAGGED},
        {FLG_HEAP_DISABLE_COALESCING, HEAP_DISABLE_COALESCE_ON_FREE},
        {FLG_HEAP_PAGE_ALLOCS, HEAP_PAGE_ALLOCS},
    };
    DWORD flags = 0;
    for (size_t i = 0; i < ARRAYSIZE(meanings); i++)
        if (process_environment.NtGlobalFlag & meanings[i].global_flag)
            flags |= meanings[i].flags;
    return flags;
}

void heap_set_flags(struct heap *heap, DWORD flags)
{
    bool has_pages = flags & HEAP_PAGE_ALLOCS;
    heap->flags = flags;
    heap->force_flags = has_pages ? flags & ~(TAGGED | HEAP_DISABLE_COALESCE_ON_FREE) : flags & FORCED;
    if (has_pages)
        memset(&heap->segment, PAGE_HEAP, sizeof heap->segment);
}

bool heap_has_pages(const struct heap *heap)
{
    return heap->segment.signature == PAGE_HEAP * 0x01010101u && heap->flags & HEAP_PAGE_ALLOCS;
}

void heap_apply_global_flags(void)
{
    if (!process_environment.NtGlobalFlag)
        return;
    heap_set_flags(&heap_process, HEAP_GROWABLE | heap_flags_of_process());
    if (heap_process.flags & (HEAP_CHECKED | HEAP_PAGE_ALLOCS)) {
        memset(heap_process.uses, 0, sizeof heap_process.uses);
        heap_process.compatibility = 0;
    }
}

/* Blocks */

size_t heap_check_extra(const struct heap *heap, DWORD flags)
{
    size_t extra = HEAP_UNIT - sizeof(struct heap_block);
    if (heap->flags & HEAP_TAIL_CHECKING_ENABLED)
        extra += TAIL_SIZE;
    if (heap->flags & HEAP_VALIDATING || flags & HEAP_SETTABLE_USER_VALUE)
        extra += VALUE_SIZE;
    return extra;
}

static void fill(void *start, size_t size, uint32_t pattern)
{
    for (uint32_t *word = start, *end = word + size / sizeof *word; word < end; word++)
        *word = pattern;
}

static bool is_filled(const void *start, size_t size, uint32_t pattern)
{
    for (const uint32_t *word = start, *end = word + size / sizeof *word; word < end; word++)
        if (*word != pattern)
            return false;
    return true;
}

void heap_check_fill_new(struct heap *heap, DWORD flags, struct heap_block *block, size_t old_size,
                         size_t size)
{
    size_t start = (old_size + 3) & -(size_t)4;
    if (heap->flags & HEAP_FREE_CHECKING_ENABLED && !((heap->flags | flags) & HEAP_ZERO_MEMORY) &&
        size > start)
        fill((char *)(block + 1) + start, size - start, NEW_FILL);
    if (heap->flags & HEAP_TAIL_CHECKING_ENABLED)
        memset((char *)(block + 1) + size, TAIL_FILL, TAIL_SIZE);
}

void heap_check_fill_free(const struct heap *heap, void *start, const void *end)
{
    if (heap->flags & HEAP_FREE_CHECKING_ENABLED)
        fill(start, (const char *)end - (char *)start, FREE_FILL);
}

static bool tail_is_intact(const struct heap_block *block)
{
    const uint8_t *tail = (const uint8_t *)(block + 1) + heap_requested(block);
    for (size_t i = 0; i < TAIL_SIZE; i++)
        if (tail[i] != TAIL_FILL)
            return false;
    return true;
}

bool heap_check_block(const struct heap *heap, const struct heap_block *block)
{
    if (block->flags & HEAP_BLOCK_LARGE)
        return true;
    if (block->flags & HEAP_BLOCK_BUSY)
        return !(heap->flags & HEAP_TAIL_CHECKING_ENABLED) || tail_is_intact(block);
    const char *contents = (const char *)block + sizeof(struct heap_free_block);
    return !(heap->flags & HEAP_FREE_CHECKING_ENABLED) ||
           is_filled(contents, (const char *)heap_block_after(block) - contents, FREE_FILL);
}

bool heap_check_call(struct heap *heap, const struct heap_block *block)
{
    if (heap->flags & HEAP_VALIDATE_ALL && !heap_validate(heap, 0, NULL))
        return false;
    return !block || heap_check_block(heap, block);
}
