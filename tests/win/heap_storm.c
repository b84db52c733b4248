/* Threads that allocate and free at random, each other's blocks too, with every byte checked.
 *
 *     heap_storm [ROUNDS [THREADS]]
 *
 * A round is 10000 operations of each thread. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

#define OPERATIONS   10000
#define SLOTS        512 /* shared by all threads */
#define MOST_THREADS 64

struct block {
    SIZE_T size;
    unsigned char pattern;
    unsigned char heap; /* 0 malloc, 1 the process's heap, 2 a heap of our own */
    unsigned char bytes[];
};

static struct block *volatile slots[SLOTS];
static HANDLE own_heap, runtime_heap;
static volatile LONG damaged, failed;

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Mostly small, as in life; now and then larger than any cache takes, or than a segment. */
static SIZE_T random_size(unsigned *state)
{
    unsigned kind = next_random(state) % 100;
    if (kind < 85)
        return next_random(state) % 1000;
    if (kind < 99)
        return next_random(state) % 30000;
    return next_random(state) % 1500000;
}

static HANDLE heap_of(unsigned kind)
{
    return kind == 2 ? own_heap : kind == 1 ? GetProcessHeap() : runtime_heap;
}

static void fill(struct block *block, SIZE_T size, unsigned random)
{
    block->size = size;
    block->pattern = (unsigned char)random;
    memset(block->bytes, block->pattern, size);
}

static struct block *make(unsigned *state)
{
    SIZE_T size = random_size(state);
    unsigned heap = next_random(state) % 3;
    struct block *block =
        heap ? HeapAlloc(heap_of(heap), 0, sizeof *block + size) : malloc(sizeof *block + size);
    if (!block) {
        InterlockedIncrement(&failed);
        return NULL;
    }
    block->heap = (unsigned char)heap;
    fill(block, size, next_random(state));
    return block;
}

static void verify(const struct block *block)
{
    int bad = HeapSize(heap_of(block->heap), 0, block) != sizeof *block + block->size;
    for (SIZE_T i = 0; i < block->size; i++)
        bad |= block->bytes[i] != block->pattern;
    if (bad)
        InterlockedIncrement(&damaged);
}

static void drop(struct block *block)
{
    verify(block);
    if (block->heap == 0)
        free(block);
    else if (!HeapFree(heap_of(block->heap), 0, block))
        InterlockedIncrement(&failed);
}

static struct block *resize(struct block *block, unsigned *state)
{
    SIZE_T size = random_size(state), kept = size < block->size ? size : block->size, old = block->size;
    HANDLE heap = heap_of(block->heap);
    verify(block);
    struct block *moved = block->heap ? HeapReAlloc(heap, 0, block, sizeof *block + size)
                                      : realloc(block, sizeof *block + size);
    if (!moved) {
        InterlockedIncrement(&failed);
        return block;
    }
    moved->size = kept;
    for (SIZE_T i = 0; i < kept; i++)
        if (moved->bytes[i] != moved->pattern) {
            InterlockedIncrement(&damaged);
            break;
        }
    fill(moved, size, (unsigned)old);
    return moved;
}

/* A block belongs to the thread that has taken it out of its slot. */
static DWORD WINAPI storm(void *argument)
{
    unsigned state = (unsigned)(ULONG_PTR)argument * 7919 + 1;
    for (int i = 0; i < OPERATIONS; i++) {
        struct block *volatile *slot = &slots[next_random(&state) % SLOTS];
        struct block *block = InterlockedExchangePointer((void *volatile *)slot, NULL);
        unsigned what = next_random(&state) % 4;
        if (!block)
            block = make(&state);
        else if (what == 0)
            block = resize(block, &state);
        else {
            drop(block);
            block = what == 1 ? NULL : make(&state);
        }
        block = InterlockedExchangePointer((void *volatile *)slot, block);
        if (block)
            drop(block);
    }
    return 0;
}

static int threads = 4, rounds = 2;

TEST(a_round)
{
    HANDLE running[MOST_THREADS];
    static unsigned seed;
    for (int i = 0; i < threads; i++)
        running[i] = CreateThread(NULL, 0, storm, (void *)(ULONG_PTR)++seed, 0, NULL);
    for (int i = 0; i < threads; i++) {
        WaitForSingleObject(running[i], INFINITE);
        CloseHandle(running[i]);
    }
    CHECK_EQ(damaged, 0);
    CHECK_EQ(failed, 0);
    CHECK(HeapValidate(GetProcessHeap(), 0, NULL));
    CHECK(HeapValidate(own_heap, 0, NULL));
}

TEST(nothing_is_left)
{
    for (int i = 0; i < SLOTS; i++)
        if (slots[i])
            drop(slots[i]);
    CHECK_EQ(damaged, 0);
    CHECK_EQ(failed, 0);
    PROCESS_HEAP_ENTRY entry = {0};
    int busy = 0;
    while (HeapWalk(own_heap, &entry))
        busy += (entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) != 0;
    CHECK_EQ(busy, 0);
    CHECK(HeapDestroy(own_heap));
}

int main(int argc, char **argv)
{
    if (argc > 1)
        rounds = atoi(argv[1]);
    if (argc > 2)
        threads = min(atoi(argv[2]), MOST_THREADS);
    own_heap = HeapCreate(0, 0, 0);
    runtime_heap = (HANDLE)_get_heap_handle();
    for (int i = 0; i < rounds; i++)
        RUN(a_round);
    RUN(nothing_is_left);
    return CHECK_END();
}
