/* Blocks that are aligned to 16 bytes, which on i386 they are only where a program asks for it. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

#define BLOCKS 200

static HANDLE aligned_heap(void)
{
    void *(WINAPI * create)(ULONG, void *, SIZE_T, SIZE_T, void *, void *);

    create = (void *)(ULONG_PTR)GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlCreateHeap");
    return create(HEAP_CREATE_ALIGN_16 | HEAP_GROWABLE, NULL, 0, 0, NULL, NULL);
}

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Of all sizes, new and resized. */
static void use(HANDLE heap)
{
    static unsigned char *blocks[BLOCKS];
    static SIZE_T sizes[BLOCKS];
    unsigned state = 5, wrong = 0;

    memset(blocks, 0, sizeof blocks);
    for (int i = 0; i < 8000; i++) {
        unsigned at = next_random(&state) % BLOCKS;
        SIZE_T size = next_random(&state) % (i % 16 ? 400 : 70000);

        if (blocks[at] && i % 3) {
            wrong += HeapSize(heap, 0, blocks[at]) != sizes[at];
            for (SIZE_T j = 0; j < sizes[at]; j++)
                wrong += blocks[at][j] != (unsigned char)at;
            wrong += !HeapFree(heap, 0, blocks[at]);
            blocks[at] = NULL;
            continue;
        }
        blocks[at] = blocks[at] ? HeapReAlloc(heap, 0, blocks[at], size) : HeapAlloc(heap, 0, size);
        wrong += !blocks[at] || (ULONG_PTR)blocks[at] % 16;
        memset(blocks[at], (int)at, sizes[at] = size);
    }
    CHECK(HeapValidate(heap, 0, NULL));
    for (int i = 0; i < BLOCKS; i++)
        wrong += !HeapFree(heap, 0, blocks[i]);
    CHECK_EQ(wrong, 0);
    CHECK(HeapValidate(heap, 0, NULL));
}

TEST(a_heap_that_aligns)
{
    HANDLE heap = aligned_heap();

    CHECK(heap != NULL);
    if (heap) {
        use(heap);
        CHECK(HeapDestroy(heap));
    }
}

/* Once a program has asked for the runtime's heap of small blocks, its blocks are aligned as that one's were,
 * even if there are others that have been freed. X86-64 has no such heap, nor needs it. */
TEST(the_runtimes_small_blocks)
{
    int(__cdecl * set)(size_t) =
        (void *)(ULONG_PTR)GetProcAddress(GetModuleHandleA("msvcrt.dll"), "_set_sbh_threshold");
    size_t(__cdecl * get)(void) =
        (void *)(ULONG_PTR)GetProcAddress(GetModuleHandleA("msvcrt.dll"), "_get_sbh_threshold");
    void *blocks[BLOCKS];
    int wrong = 0;

    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = malloc(1 + i % 20);
    if (sizeof(void *) == 8) {
        CHECK_EQ(set(1000), 0);
        CHECK_EQ(get(), 0);
    } else {
        CHECK_EQ(set(1017), 0);
        CHECK_EQ(set(1000), 1);
        CHECK_EQ(get(), 1008);
    }
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    for (int i = 0; i < BLOCKS; i++)
        wrong += (ULONG_PTR)(blocks[i] = malloc(1 + i % 20)) % 16 != 0;
    for (int i = 0; i < BLOCKS; i++)
        wrong += (ULONG_PTR)(blocks[i] = realloc(blocks[i], 30 + i)) % 16 != 0;
    CHECK_EQ(wrong, 0);
    CHECK_EQ(_heapchk(), _HEAPOK);
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    use(GetProcessHeap());
}

int main(void)
{
    RUN(a_heap_that_aligns);
    RUN(the_runtimes_small_blocks);
    return CHECK_END();
}
