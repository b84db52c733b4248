/* uses: kernel/heap.c kernel/heap_bins.c kernel/heap_segment.c kernel/heap_large.c kernel/heap_cache.c
 * kernel/heap_front.c kernel/heap_pool.c kernel/heap_check.c kernel/heap_walk.c kernel/vm.c
 * kernel/vm_allocate.c kernel/vm_fault.c kernel/vm_image.c kernel/vm_place.c kernel/vm_stack.c
 * kernel/vm_protection.c kernel/vm_query.c kernel/vm_view.c kernel/vm_watch.c kernel/pagemap.c
 * kernel/region.c kernel/host_maps.c kernel/lock.c kernel/named.c kernel/shared_file.c
 * kernel/shared_directory.c kernel/status.c kernel/handle.c
 * kernel/peek.c kernel/peek_x86_64.S */
/* What the flags FLG_HEAP_* of a process do to its heaps. */
#include <setjmp.h>
#include <stdlib.h>
#include "kernel/heap_internal.h"
#include "kernel/process.h"
#include "kernel/vm.h"
#include <cmocka.h>
#include "tests/unit/peek_faults.h"

enum {
    TAIL_CHECK = 0x10,
    FREE_CHECK = 0x20,
    VALIDATE_PARAMETERS = 0x40,
    VALIDATE_ALL = 0x80,
    TAGGING = 0x800,
    NO_COALESCING = 0x200000,
    PAGES = 0x2000000,
};

struct peb process_environment;

bool process_is_last_thread(void)
{
    return false;
}

void process_acquire_orphan(bool (*try_lock)(void *lock), void *lock) {}

static struct heap *heap_with(ULONG global_flags, DWORD flags)
{
    process_environment.NtGlobalFlag = global_flags;
    struct heap *heap = heap_create(flags, 0, 0);
    process_environment.NtGlobalFlag = 0;
    assert_non_null(heap);
    return heap;
}

static void assert_flags(ULONG global_flags, DWORD flags, DWORD forced)
{
    struct heap *heap = heap_with(global_flags, HEAP_NO_SERIALIZE);
    assert_int_equal(heap->flags, 0x1003 | flags);
    assert_int_equal(heap->force_flags, forced);
    heap_destroy(heap);
}

static void test_flags(void **state)
{
    assert_flags(0, 0, 1);
    assert_flags(TAIL_CHECK, 0x20, 0x21);
    assert_flags(FREE_CHECK, 0x40, 0x41);
    assert_flags(VALIDATE_PARAMETERS, 0x40000060, 0x40000061);
    assert_flags(VALIDATE_ALL, 0x20000060, 0x20000061);
    assert_flags(TAGGING, 0x04000000, 1);
    assert_flags(NO_COALESCING, 0x80, 1);
    assert_flags(PAGES, 0x01000000, 0x01001003);
}

static bool is_filled(const void *memory, size_t size, unsigned char byte)
{
    for (size_t i = 0; i < size; i++)
        if (((const unsigned char *)memory)[i] != byte)
            return false;
    return true;
}

static void test_what_is_behind_a_block(void **state)
{
    struct heap *heap = heap_with(TAIL_CHECK, 0);
    for (size_t size = 0; size < 200000; size = size * 3 + 1) {
        char *block = heap_allocate(heap, 0, size);
        assert_true(is_filled(block + size, HEAP_UNIT, 0xAB));
        block = heap_reallocate(heap, 0, block, size + 9);
        assert_true(is_filled(block + size + 9, HEAP_UNIT, 0xAB));
        assert_ptr_equal(heap_reallocate(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, size / 2), block);
        assert_true(is_filled(block + size / 2, HEAP_UNIT, 0xAB));
        assert_int_equal(heap_size(heap, 0, block), size / 2);
        assert_true(heap_validate(heap, 0, block));
        block[size / 2] = 1;
        assert_false(heap_validate(heap, 0, block));
        assert_false(heap_validate(heap, 0, NULL));
        /* This flag alone stops no other call. */
        assert_true(heap_free(heap, 0, block));
        assert_true(heap_validate(heap, 0, NULL));
    }
    heap_destroy(heap);
}

static void test_what_is_in_free_memory(void **state)
{
    struct heap *heap = heap_with(FREE_CHECK, 0);
    char *block = heap_allocate(heap, 0, 102), *barrier = heap_allocate(heap, 0, 10);
    assert_int_equal(*(uint32_t *)block, 0xBAADF00D);
    assert_int_equal(*(uint32_t *)(block + 96), 0xBAADF00D);
    assert_true(is_filled(heap_allocate(heap, HEAP_ZERO_MEMORY, 1000), 1000, 0));
    memset(block, 0x11, 102);
    assert_true(heap_free(heap, 0, block));
    assert_int_equal(*(uint32_t *)(block + 16), 0xFEEEFEEE);
    assert_int_equal(*(uint32_t *)(block + 96), 0xFEEEFEEE);
    assert_true(heap_validate(heap, 0, NULL));
    block[50]++;
    assert_false(heap_validate(heap, 0, NULL));
    block[50]--;
    assert_true(heap_free(heap, 0, barrier));
    assert_true(heap_validate(heap, 0, NULL));
    heap_compact(heap, 0);
    assert_true(heap_validate(heap, 0, NULL));
    heap_destroy(heap);
}

static void test_calls_are_validated(void **state)
{
    struct heap *heap = heap_with(VALIDATE_PARAMETERS, 0);
    char *block = heap_allocate(heap, 0, 17), *other = heap_allocate(heap, 0, 17);
    block[17] = 0;
    assert_int_equal(heap_size(heap, 0, block), (size_t)-1);
    assert_null(heap_reallocate(heap, 0, block, 14));
    assert_false(heap_free(heap, 0, block));
    assert_true(heap_free(heap, 0, other));
    block[17] = (char)0xAB;
    assert_int_equal(heap_size(heap, 0, block), 17);
    assert_true(heap_free(heap, 0, block));
    heap_destroy(heap);
}

static void test_the_whole_heap_is_validated(void **state)
{
    struct heap *heap = heap_with(VALIDATE_ALL, 0);
    char *block = heap_allocate(heap, 0, 17), *other = heap_allocate(heap, 0, 17);
    block[17] = 0;
    assert_null(heap_allocate(heap, 0, 17));
    assert_false(heap_free(heap, 0, other));
    block[17] = (char)0xAB;
    assert_true(heap_free(heap, 0, other));
    assert_true(heap_free(heap, 0, block));
    heap_destroy(heap);
}

/* Every size, every neighbourhood: nothing that heaps do by themselves looks like damage. */
static void test_random_run(void **state)
{
    static char *blocks[300];
    struct heap *heap = heap_with(TAIL_CHECK | FREE_CHECK | VALIDATE_PARAMETERS, 0);
    srand(3);
    for (int i = 0; i < 8000; i++) {
        char **block = &blocks[rand() % 300];
        size_t size = rand() % (rand() % 8 ? 500 : 300000);
        DWORD flags = rand() % 4 ? 0 : HEAP_SETTABLE_USER_VALUE;
        if (!*block)
            assert_non_null(*block = heap_allocate(heap, flags, size));
        else if (rand() % 2)
            assert_non_null(*block = heap_reallocate(heap, flags, *block, size));
        else {
            assert_true(heap_free(heap, 0, *block));
            *block = NULL;
            continue;
        }
        memset(*block, 0x33, size);
        assert_int_equal(heap_size(heap, 0, *block), size);
        if (i % 100 == 0)
            assert_true(heap_validate(heap, 0, NULL));
        if (i % 1000 == 0)
            heap_compact(heap, 0);
    }
    for (int i = 0; i < 300; i++)
        assert_true(heap_free(heap, 0, blocks[i]));
    assert_true(heap_validate(heap, 0, NULL));
    heap_destroy(heap);
}

static void test_values(void **state)
{
    struct heap *heap = heap_with(VALIDATE_PARAMETERS, 0);
    for (size_t size = 0; size < 1000; size++) {
        void *value;
        ULONG flags;
        char *block = heap_allocate(heap, HEAP_SETTABLE_USER_VALUE | 0x200, size);
        memset(block, 0x44, size);
        assert_true(heap_set_user_value(heap, 0, block, heap));
        block = heap_reallocate(heap, 0, block, size + 5);
        assert_true(is_filled(block, size, 0x44) && heap_validate(heap, 0, block));
        assert_true(heap_user_info(heap, 0, block, &value, &flags));
        assert_ptr_equal(value, heap);
        assert_true(heap_free(heap, 0, block));
    }
    heap_destroy(heap);
}

static unsigned count_free(struct heap *heap)
{
    PROCESS_HEAP_ENTRY entry = {0};
    unsigned count = 0;
    while (NT_SUCCESS(heap_walk(heap, &entry)))
        count += entry.wFlags == 0;
    return count;
}

static void test_neighbours_stay_apart(void **state)
{
    struct heap *joining = heap_with(0, HEAP_NO_SERIALIZE),
                *heap = heap_with(NO_COALESCING, HEAP_NO_SERIALIZE);
    void *blocks[10], *joined[10];
    for (int i = 0; i < 10; i++) {
        joined[i] = heap_allocate(joining, 0, 100);
        blocks[i] = heap_allocate(heap, 0, 100);
    }
    for (int i = 0; i < 10; i++) {
        assert_true(heap_free(joining, 0, joined[i]));
        assert_true(heap_free(heap, 0, blocks[i]));
    }
    assert_int_equal(count_free(joining), 1);
    assert_int_equal(count_free(heap), 11);
    assert_true(heap_validate(heap, 0, NULL));
    heap_destroy(heap);
    heap_destroy(joining);
}

static DWORD state_of(const void *address)
{
    char byte;
    handle_peek_faults();
    return vm_copy(&byte, address, 1) == 1 ? MEM_COMMIT : MEM_RESERVE;
}

static void test_blocks_with_pages_of_their_own(void **state)
{
    struct heap *heap = heap_with(PAGES, 0);
    assert_true(is_filled(heap, offsetof(struct heap, flags), 0xEE));
    for (size_t size = 0; size < 3 << 20; size = size * 3 + 1) {
        char *block = heap_allocate(heap, HEAP_ZERO_MEMORY | HEAP_SETTABLE_USER_VALUE, size);
        char *end = block + ((size + HEAP_UNIT - 1) & -HEAP_UNIT);
        assert_int_equal((uintptr_t)end % VM_PAGE, 0);
        assert_int_equal(state_of(end - 1), MEM_COMMIT);
        assert_int_equal(state_of(end), MEM_RESERVE);
        assert_true(is_filled(block, size, 0));
        memset(block, 0x55, size);
        assert_true(heap_set_user_value(heap, 0, block, heap));
        assert_int_equal(heap_size(heap, 0, block), size);
        char *moved = heap_reallocate(heap, HEAP_ZERO_MEMORY, block, size + 100);
        assert_true(is_filled(moved, size, 0x55) && is_filled(moved + size, 100, 0));
        assert_int_equal(state_of(block), MEM_RESERVE);
        assert_true(heap_validate(heap, 0, NULL));
        assert_true(heap_free(heap, 0, moved));
        assert_int_equal(state_of(moved), MEM_RESERVE);
    }
    assert_non_null(heap_allocate(heap, 0, 10));
    assert_int_equal(heap_destroy(heap), STATUS_SUCCESS);
}

/* Its caches would know nothing of all that. */
static void test_the_process_heap(void **state)
{
    process_environment.NtGlobalFlag = TAIL_CHECK | FREE_CHECK | VALIDATE_PARAMETERS;
    heap_apply_global_flags();
    assert_int_equal(heap_process.flags, 0x40000062);
    assert_int_equal(heap_process.force_flags, 0x40000060);
    for (int i = 0; i < 100; i++) {
        char *block = heap_allocate(&heap_process, 0, 40);
        assert_true(is_filled(block + 40, HEAP_UNIT, 0xAB));
        assert_true(heap_free(&heap_process, 0, block));
        assert_null(heap_cache_allocate(HEAP_PROCESS_FRONT, 40));
    }
    assert_true(heap_validate(&heap_process, 0, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_what_is_behind_a_block),
        cmocka_unit_test(test_what_is_in_free_memory),
        cmocka_unit_test(test_calls_are_validated),
        cmocka_unit_test(test_the_whole_heap_is_validated),
        cmocka_unit_test(test_random_run),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_neighbours_stay_apart),
        cmocka_unit_test(test_blocks_with_pages_of_their_own),
        cmocka_unit_test(test_the_process_heap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
