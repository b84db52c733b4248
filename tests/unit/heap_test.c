/* uses: kernel/heap.c kernel/heap_bins.c kernel/heap_segment.c kernel/heap_large.c kernel/heap_cache.c
 * kernel/heap_front.c kernel/heap_pool.c kernel/heap_check.c kernel/heap_walk.c kernel/vm.c
 * kernel/vm_allocate.c kernel/vm_fault.c kernel/vm_image.c kernel/vm_place.c kernel/vm_stack.c
 * kernel/vm_protection.c kernel/vm_query.c kernel/vm_view.c kernel/vm_watch.c kernel/pagemap.c
 * kernel/region.c kernel/host_maps.c kernel/lock.c kernel/named.c kernel/shared_file.c
 * kernel/shared_directory.c kernel/status.c kernel/handle.c
 * kernel/peek.c kernel/peek_x86_64.S */
/* The heaps' allocator: random runs whose blocks are checked against a plain list, and the cases at the
 * edges. */
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include "kernel/heap_internal.h"
#include "kernel/process.h"
#include "kernel/vm.h"
#include <cmocka.h>

#define BLOCKS 400

struct peb process_environment;

/* No process ends here. */
bool process_is_last_thread(void)
{
    return false;
}

void process_acquire_orphan(bool (*try_lock)(void *lock), void *lock) {}

struct model {
    unsigned char *memory;
    size_t size;
    unsigned char byte;
};

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static size_t random_size(unsigned *state)
{
    unsigned kind = next_random(state) % 16;
    if (kind < 10)
        return next_random(state) % 600;
    return next_random(state) % (kind < 15 ? 40000 : 2500000);
}

static bool holds(const unsigned char *memory, size_t size, unsigned char byte)
{
    for (size_t i = 0; i < size; i++)
        if (memory[i] != byte)
            return false;
    return true;
}

static void assert_intact(struct heap *heap, const struct model *block)
{
    assert_int_equal(heap_size(heap, 0, block->memory), block->size);
    assert_true(holds(block->memory, block->size, block->byte));
}

static void fill(struct model *block, unsigned random)
{
    block->byte = random;
    memset(block->memory, block->byte, block->size);
}

static void change_block(struct heap *heap, struct model *block, unsigned *state)
{
    size_t size = random_size(state);
    if (!block->memory) {
        block->size = size;
        block->memory = heap_allocate(heap, 0, size);
        assert_non_null(block->memory);
        assert_int_equal((uintptr_t)block->memory % HEAP_UNIT, 0);
    } else if (next_random(state) % 3 == 0) {
        assert_intact(heap, block);
        block->memory = heap_reallocate(heap, HEAP_ZERO_MEMORY, block->memory, size);
        assert_non_null(block->memory);
        assert_true(holds(block->memory, min(size, block->size), block->byte));
        if (size > block->size)
            assert_true(holds(block->memory + block->size, size - block->size, 0));
        block->size = size;
    } else {
        assert_intact(heap, block);
        assert_true(heap_free(heap, 0, block->memory));
        block->memory = NULL;
        return;
    }
    fill(block, next_random(state));
}

static size_t count_busy(struct heap *heap, size_t *bytes)
{
    PROCESS_HEAP_ENTRY entry = {0};
    size_t count = 0;
    *bytes = 0;
    while (NT_SUCCESS(heap_walk(heap, &entry)))
        if (entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) {
            count++;
            *bytes += entry.cbData;
        }
    return count;
}

static void assert_walk_finds(struct heap *heap, const struct model blocks[])
{
    size_t count = 0, bytes = 0, found_bytes;
    for (int i = 0; i < BLOCKS; i++)
        if (blocks[i].memory) {
            count++;
            bytes += blocks[i].size;
        }
    assert_int_equal(count_busy(heap, &found_bytes), count);
    assert_int_equal(found_bytes, bytes);
}

static void run_at_random(struct heap *heap, unsigned seed)
{
    static struct model blocks[BLOCKS];
    memset(blocks, 0, sizeof blocks);
    for (int i = 0; i < 6000; i++) {
        change_block(heap, &blocks[next_random(&seed) % BLOCKS], &seed);
        if (i % 500 == 0) {
            assert_true(heap_validate(heap, 0, NULL));
            assert_walk_finds(heap, blocks);
        }
        if (i % 1500 == 0)
            heap_compact(heap, 0);
    }
    for (int i = 0; i < BLOCKS; i++)
        assert_true(heap_free(heap, 0, blocks[i].memory));
    assert_true(heap_validate(heap, 0, NULL));
}

static void test_random_run_of_the_process_heap(void **state)
{
    (void)state;
    run_at_random(&heap_process, 1);
}

static void test_random_run_of_a_created_heap(void **state)
{
    (void)state;
    size_t bytes;
    struct heap *heap = heap_create(HEAP_NO_SERIALIZE, 0, 0);
    run_at_random(heap, 2);
    assert_int_equal(count_busy(heap, &bytes), 0);
    assert_int_equal(heap_destroy(heap), STATUS_SUCCESS);
    assert_int_equal(heap_destroy(&heap_process), STATUS_INVALID_HANDLE);
}

/* When all is free, all of it is one block again, and that is most of the heap. */
static void test_free_neighbours_are_joined(void **state)
{
    (void)state;
    struct heap *heap = heap_create(0, 0, 0x40000);
    void *blocks[100];
    size_t whole = heap_compact(heap, 0);
    void *all = heap_allocate(heap, 0, 0x3F000);
    assert_non_null(all);
    assert_true(heap_free(heap, 0, all));
    for (int i = 0; i < 100; i++)
        assert_non_null(blocks[i] = heap_allocate(heap, 0, 1 + i * 37 % 2000));
    for (int i = 0; i < 100; i++)
        assert_true(heap_free(heap, 0, blocks[i * 7 % 100]));
    assert_int_equal(heap_compact(heap, 0), whole);
    assert_non_null(heap_allocate(heap, 0, 0x3F000));
    heap_destroy(heap);
}

static void test_the_largest_block_of_a_segment(void **state)
{
    (void)state;
    struct heap *heap = heap_create(0, 0, 0x400000);
    void *largest = heap_allocate(heap, 0, HEAP_LARGEST_REQUEST);
    assert_non_null(largest);
    assert_int_equal(heap_size(heap, 0, largest), HEAP_LARGEST_REQUEST);
    assert_null(heap_allocate(heap, 0, HEAP_LARGEST_REQUEST + 1));
    void *second = heap_allocate(heap, 0, HEAP_LARGEST_REQUEST);
    assert_non_null(second);
    /* Together they are more than one free block can be. */
    assert_true(heap_free(heap, 0, largest));
    assert_true(heap_free(heap, 0, second));
    assert_true(heap_validate(heap, 0, NULL));
    assert_non_null(heap_allocate(heap, 0, HEAP_LARGEST_REQUEST));
    assert_non_null(heap_allocate(heap, 0, HEAP_LARGEST_REQUEST));
    heap_destroy(heap);
}

static void test_what_is_no_block_is_refused(void **state)
{
    (void)state;
    char local[64] __attribute__((aligned(16)));
    struct heap *heap = heap_create(0, 0, 0);
    char *block = heap_allocate(heap, 0, 1000), *process = heap_allocate(&heap_process, 0, 100);
    memset(block, 0, 1000);
    assert_false(heap_free(heap, 0, local + 16));
    assert_false(heap_free(heap, 0, process));
    assert_false(heap_free(&heap_process, 0, block));
    for (size_t i = 1; i < 1000; i++)
        assert_false(heap_free(heap, 0, block + i));
    assert_true(heap_free(heap, 0, block));
    assert_false(heap_free(heap, 0, block));
    assert_true(heap_free(&heap_process, 0, process));
    assert_false(heap_free(&heap_process, 0, process));
    assert_int_equal(heap_size(heap, 0, block), (size_t)-1);
    assert_null(heap_reallocate(heap, 0, block, 10));
    assert_true(heap_validate(heap, 0, NULL));
    assert_true(heap_validate(&heap_process, 0, NULL));
    heap_destroy(heap);
}

static void test_damage_is_seen(void **state)
{
    (void)state;
    struct heap *heap = heap_create(0, 0, 0);
    char *first = heap_allocate(heap, 0, 100), *second = heap_allocate(heap, 0, 100);
    struct heap_block saved = *heap_block_of(second);
    memset(heap_block_of(second), 0xFF, sizeof saved);
    assert_false(heap_validate(heap, 0, NULL));
    assert_false(heap_validate(heap, 0, second));
    assert_true(heap_validate(heap, 0, first));
    *heap_block_of(second) = saved;
    assert_true(heap_validate(heap, 0, NULL));
    heap_destroy(heap);
}

/* A program that writes behind a block spoils the next header. What is still sound goes on. */
static void test_damage_does_not_spread(void **state)
{
    (void)state;
    struct heap *heap = heap_create(0, 0, 0);
    char *blocks[6];
    for (int i = 0; i < 6; i++)
        blocks[i] = heap_allocate(heap, 0, 200);
    assert_true(heap_free(heap, 0, blocks[2]));
    heap_block_of(blocks[2])->previous = 3;
    assert_false(heap_validate(heap, 0, NULL));
    assert_true(heap_free(heap, 0, blocks[1]));
    assert_true(heap_free(heap, 0, blocks[3]));
    for (int i = 0; i < 100; i++) {
        char *block = heap_allocate(heap, 0, 1 + i * 10);
        assert_non_null(block);
        memset(block, 0, 1 + i * 10);
    }
    assert_true(heap_free(heap, 0, blocks[0]));
    assert_true(heap_validate(heap, 0, NULL));
    heap_destroy(heap);
}

/* A program that writes to a freed block spoils the cache's list, and no more than that. */
static void test_a_damaged_cache_is_given_up(void **state)
{
    (void)state;
    static uint64_t fake[8];
    void *block = heap_allocate(&heap_process, 0, 1500);
    size_t units = heap_block_of(block)->size, size = heap_capacity(units);
    heap_free(&heap_process, 0, block);
    *heap_cache_next(block, units) = &fake[4];
    assert_ptr_equal(heap_allocate(&heap_process, 0, size), block);
    void *next = heap_allocate(&heap_process, 0, size);
    assert_ptr_not_equal(next, &fake[4]);
    assert_true(heap_validate(&heap_process, 0, next));
}

static void test_user_values(void **state)
{
    (void)state;
    void *value;
    ULONG flags;
    for (size_t size = 0; size < 2000000; size = size * 3 + 1) {
        char *block = heap_allocate(&heap_process, HEAP_SETTABLE_USER_VALUE | 0x200, size);
        memset(block, 0x11, size);
        assert_true(heap_set_user_value(&heap_process, 0, block, state));
        block = heap_reallocate(&heap_process, 0, block, size * 2 + 1);
        assert_true(heap_user_info(&heap_process, 0, block, &value, &flags));
        assert_ptr_equal(value, state);
        assert_int_equal(flags, HEAP_SETTABLE_USER_VALUE | 0x200);
        assert_int_equal(heap_size(&heap_process, 0, block), size * 2 + 1);
        assert_true(heap_set_user_flags(&heap_process, 0, block, 0x200, 0x800));
        assert_false(heap_set_user_flags(&heap_process, 0, block, 0, 0x1000));
        assert_true(heap_user_info(&heap_process, 0, block, &value, &flags));
        assert_int_equal(flags, HEAP_SETTABLE_USER_VALUE | 0x800);
        assert_true(heap_free(&heap_process, 0, block));
    }
    char *plain = heap_allocate(&heap_process, 0, 100);
    assert_false(heap_set_user_value(&heap_process, 0, plain, state));
    plain = heap_reallocate(&heap_process, HEAP_SETTABLE_USER_VALUE, plain, 100);
    assert_true(heap_set_user_value(&heap_process, 0, plain, state));
    assert_true(heap_free(&heap_process, 0, plain));
}

static void *allocate_and_end(void *argument)
{
    void **blocks = argument;
    for (int i = 0; i < 1000; i++)
        blocks[i] = heap_allocate(&heap_process, 0, 40);
    void *own[1000];
    for (int i = 0; i < 1000; i++)
        own[i] = heap_allocate(&heap_process, 0, 48);
    for (int i = 0; i < 1000; i++)
        heap_free(&heap_process, 0, own[i]);
    heap_leave_thread();
    return NULL;
}

/* What threads took and freed is all there for the next ones: the heap does not grow. */
static void test_threads_return_their_caches(void **state)
{
    (void)state;
    static void *blocks[1000];
    struct heap_summary before = {0}, after;
    for (int round = 0; round < 50; round++) {
        pthread_t thread;
        pthread_create(&thread, NULL, allocate_and_end, blocks);
        pthread_join(thread, NULL);
        for (int i = 0; i < 1000; i++)
            assert_true(heap_free(&heap_process, 0, blocks[i]));
        assert_true(heap_summarize(&heap_process, 0, round ? &after : &before));
    }
    assert_true(heap_validate(&heap_process, 0, NULL));
    assert_int_equal(after.committed, before.committed);
}

static void test_memory_goes_back(void **state)
{
    (void)state;
    struct heap_summary full, empty;
    struct heap *heap = heap_create(0, 0, 0);
    static void *blocks[300];
    for (int i = 0; i < 300; i++)
        assert_non_null(blocks[i] = heap_allocate(heap, 0, 100000));
    assert_true(heap_summarize(heap, 0, &full));
    assert_int_equal(full.allocated, 300 * 100000);
    assert_true(full.committed >= full.allocated && full.reserved >= full.committed);
    for (int i = 0; i < 300; i++)
        assert_true(heap_free(heap, 0, blocks[i]));
    assert_true(heap_summarize(heap, 0, &empty));
    assert_true(empty.committed < full.committed / 2);
    heap_compact(heap, 0);
    assert_true(heap_summarize(heap, 0, &empty));
    assert_int_equal(empty.allocated, 0);
    assert_true(empty.committed <= 4 * VM_PAGE);
    heap_destroy(heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_run_of_the_process_heap),
        cmocka_unit_test(test_random_run_of_a_created_heap),
        cmocka_unit_test(test_free_neighbours_are_joined),
        cmocka_unit_test(test_the_largest_block_of_a_segment),
        cmocka_unit_test(test_what_is_no_block_is_refused),
        cmocka_unit_test(test_damage_is_seen),
        cmocka_unit_test(test_damage_does_not_spread),
        cmocka_unit_test(test_a_damaged_cache_is_given_up),
        cmocka_unit_test(test_user_values),
        cmocka_unit_test(test_threads_return_their_caches),
        cmocka_unit_test(test_memory_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
