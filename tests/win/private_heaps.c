/* Heaps that the program creates: used much and by many threads, destroyed while threads live that have used
 * them, and followed by other heaps in the same places. */
#include "check.h"
#include <string.h>

#define BLOCKS 300

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static volatile LONG wrong;

struct work {
    HANDLE heap;
    unsigned seed;
    int operations;
};

/* Every block is filled with the low byte of its size, which its first bytes have. */
static void use_heap(const struct work *work)
{
    static __thread unsigned char *blocks[BLOCKS];
    unsigned state = work->seed;
    int i, j;

    memset(blocks, 0, sizeof blocks);
    for (i = 0; i < work->operations; i++) {
        unsigned at = next_random(&state) % BLOCKS;
        SIZE_T size = 4 + next_random(&state) % 300;
        unsigned char *block = blocks[at];

        if (block) {
            SIZE_T old = HeapSize(work->heap, 0, block);

            for (j = 0; j < (int)old; j++)
                if (block[j] != (unsigned char)old) {
                    InterlockedIncrement(&wrong);
                    break;
                }
            if (!HeapFree(work->heap, 0, block))
                InterlockedIncrement(&wrong);
        }
        blocks[at] = block = HeapAlloc(work->heap, 0, size);
        if (!block || HeapSize(work->heap, 0, block) != size)
            InterlockedIncrement(&wrong);
        else
            memset(block, (int)size, size);
    }
    for (i = 0; i < BLOCKS; i++)
        if (blocks[i] && !HeapFree(work->heap, 0, blocks[i]))
            InterlockedIncrement(&wrong);
}

static DWORD WINAPI use(void *work)
{
    use_heap(work);
    return 0;
}

static SIZE_T busy_bytes(HANDLE heap)
{
    PROCESS_HEAP_ENTRY entry = {0};
    SIZE_T sum = 0;

    while (HeapWalk(heap, &entry))
        if (entry.wFlags & PROCESS_HEAP_ENTRY_BUSY)
            sum += entry.cbData;
    CHECK_EQ(GetLastError(), ERROR_NO_MORE_ITEMS);
    return sum;
}

static void join(HANDLE thread)
{
    CHECK_EQ(WaitForSingleObject(thread, 60000), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
}

TEST(one_thread_uses_a_heap_much)
{
    struct work work = {HeapCreate(0, 0, 0), 1, 20000};

    use_heap(&work);
    CHECK(HeapValidate(work.heap, 0, NULL));
    CHECK_EQ(busy_bytes(work.heap), 0);
    CHECK(HeapDestroy(work.heap));
    CHECK_EQ(wrong, 0);
}

TEST(many_threads_use_a_heap_and_end)
{
    enum { THREADS = 6 };
    HANDLE heap = HeapCreate(0, 0, 0), threads[THREADS];
    struct work work[THREADS];
    int round, i;

    for (round = 0; round < 4; round++) {
        for (i = 0; i < THREADS; i++) {
            work[i] = (struct work){heap, round * THREADS + i + 1, 5000};
            threads[i] = CreateThread(NULL, 0, use, &work[i], 0, NULL);
        }
        for (i = 0; i < THREADS; i++)
            join(threads[i]);
        CHECK(HeapValidate(heap, 0, NULL));
        CHECK_EQ(busy_bytes(heap), 0);
    }
    UNLESS_WINE("Wine 8 returns 0") CHECK(HeapCompact(heap, 0) != 0);
    CHECK(HeapValidate(heap, 0, NULL));
    CHECK(HeapDestroy(heap));
    CHECK_EQ(wrong, 0);
}

/* The threads' next heap is often where the last one was. */
static struct work turn;
static HANDLE begin[2], done[2];

static DWORD WINAPI take_turns(void *parameter)
{
    int which = (int)(ULONG_PTR)parameter;

    while (WaitForSingleObject(begin[which], INFINITE) == WAIT_OBJECT_0 && turn.heap) {
        use_heap(&turn);
        SetEvent(done[which]);
    }
    return 0;
}

TEST(heaps_end_before_their_threads)
{
    HANDLE threads[2], heap, other = HeapCreate(0, 0, 0);
    int round, i;

    for (i = 0; i < 2; i++) {
        begin[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
        done[i] = CreateEventW(NULL, FALSE, FALSE, NULL);
        threads[i] = CreateThread(NULL, 0, take_turns, (void *)(ULONG_PTR)i, 0, NULL);
    }
    for (round = 0; round < 30; round++) {
        heap = HeapCreate(0, 0, 0);
        turn = (struct work){heap, round + 1, 1500};
        for (i = 0; i < 2; i++)
            CHECK(SetEvent(begin[i]));
        CHECK_EQ(WaitForMultipleObjects(2, done, TRUE, 60000), WAIT_OBJECT_0);
        CHECK(HeapValidate(heap, 0, NULL));
        CHECK(HeapDestroy(heap));
        /* Memory of another kind, or another heap, takes the place. */
        turn.heap = other;
        if (round % 3 == 0)
            use_heap(&turn);
    }
    turn.heap = NULL;
    for (i = 0; i < 2; i++) {
        CHECK(SetEvent(begin[i]));
        join(threads[i]);
        CHECK(CloseHandle(begin[i]));
        CHECK(CloseHandle(done[i]));
    }
    CHECK(HeapValidate(other, 0, NULL));
    CHECK_EQ(busy_bytes(other), 0);
    CHECK(HeapDestroy(other));
    CHECK_EQ(wrong, 0);
}

TEST(many_heaps_in_turn)
{
    enum { HEAPS = 40 };
    HANDLE heaps[HEAPS];
    int round, i;

    for (i = 0; i < HEAPS; i++)
        heaps[i] = HeapCreate(0, 0, 0);
    for (round = 0; round < 3; round++)
        for (i = 0; i < HEAPS; i++) {
            struct work work = {heaps[i], round * HEAPS + i + 1, 400};

            use_heap(&work);
        }
    for (i = 0; i < HEAPS; i++) {
        CHECK(HeapValidate(heaps[i], 0, NULL));
        CHECK_EQ(busy_bytes(heaps[i]), 0);
        CHECK(HeapDestroy(heaps[i]));
    }
    CHECK_EQ(wrong, 0);
}

TEST(what_is_wrong_is_noticed_in_a_heap_that_is_used_much)
{
    HANDLE heap = HeapCreate(0, 0, 0), other = HeapCreate(0, 0, 0);
    struct work work = {heap, 1, 2000};
    char *block;

    use_heap(&work);
    work.heap = other;
    use_heap(&work);
    block = HeapAlloc(heap, HEAP_ZERO_MEMORY, 40);
    CHECK(block != NULL && block[0] == 0 && !memcmp(block, block + 1, 39));
    UNLESS_WINE("Wine 8 looks at the block alone") CHECK(!HeapFree(other, 0, block));
    CHECK_EQ(HeapSize(heap, 0, block), 40);
    block = HeapReAlloc(heap, HEAP_ZERO_MEMORY, block, 47);
    CHECK(block != NULL && block[40] == 0 && block[46] == 0);
    CHECK_EQ(HeapSize(heap, 0, block), 47);
    CHECK(HeapFree(heap, 0, block));
    CHECK(HeapDestroy(other));
    CHECK(HeapDestroy(heap));
    CHECK_EQ(wrong, 0);
}

/* Threads come and go; what their caches held is not lost. */
TEST(memory_does_not_grow_with_the_number_of_threads)
{
    HANDLE heap = HeapCreate(0, 0, 0);
    PROCESS_HEAP_ENTRY entry = {0};
    SIZE_T committed = 0;
    int i;

    for (i = 0; i < 100; i++) {
        struct work work = {heap, i + 1, 1000};

        join(CreateThread(NULL, 0, use, &work, 0, NULL));
    }
    while (HeapWalk(heap, &entry))
        if (entry.wFlags & PROCESS_HEAP_REGION)
            committed += entry.Region.dwCommittedSize;
    CHECK(committed > 0 && committed < 0x100000);
    CHECK(HeapDestroy(heap));
}

int main(void)
{
    RUN(one_thread_uses_a_heap_much);
    RUN(many_threads_use_a_heap_and_end);
    RUN(heaps_end_before_their_threads);
    RUN(many_heaps_in_turn);
    RUN(what_is_wrong_is_noticed_in_a_heap_that_is_used_much);
    RUN(memory_does_not_grow_with_the_number_of_threads);
    return CHECK_END();
}
