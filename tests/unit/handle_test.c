/* uses: kernel/handle.c kernel/lock.c kernel/named.c kernel/shared_file.c kernel/shared_directory.c
 * kernel/status.c */
/* The handle table: values, reuse, references against concurrent closing, rights and attributes. */
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include "kernel/handle.h"
#include <cmocka.h>

/* How many objects there are now. */
static uint32_t living;

static void destroy(struct object *object)
{
    __atomic_fetch_sub(&living, 1, __ATOMIC_RELAXED);
    free(object);
}

static const struct object_type test_type = {
    .name = "Test",
    .destroy = destroy,
    .access = {.GenericRead = 1, .GenericWrite = 2, .GenericExecute = 4, .GenericAll = 0x1F0007},
};
static const struct object_type other_type = {.name = "Other", .destroy = destroy};

static struct object *make_object(void)
{
    struct object *object = malloc(sizeof *object);
    object_initialize(object, &test_type);
    __atomic_fetch_add(&living, 1, __ATOMIC_RELAXED);
    return object;
}

/* The object lives by this handle alone. */
static HANDLE make_handle(ACCESS_MASK access, ULONG attributes)
{
    HANDLE handle = NULL;
    struct object *object = make_object();
    assert_int_equal(handle_create(object, access, attributes, &handle), STATUS_SUCCESS);
    object_release(object);
    return handle;
}

static void handles_are_multiples_of_four(void **state)
{
    enum { COUNT = 10000 };
    static HANDLE handles[COUNT];
    ULONG before = handle_count();
    for (int i = 0; i < COUNT; i++) {
        handles[i] = make_handle(0, 0);
        assert_non_null(handles[i]);
        assert_int_equal((uintptr_t)handles[i] % 4, 0);
    }
    assert_int_equal(handle_count(), before + COUNT);
    assert_int_equal(living, COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(handle_close(handles[i]), STATUS_SUCCESS);
    assert_int_equal(living, 0);
    assert_int_equal(handle_count(), before);
}

static void a_handle_closes_once(void **state)
{
    HANDLE handle = make_handle(0, 0);
    struct object *object;
    assert_int_equal(handle_close(handle), STATUS_SUCCESS);
    assert_int_equal(living, 0);
    assert_int_equal(handle_close(handle), STATUS_INVALID_HANDLE);
    assert_int_equal(handle_reference(handle, NULL, 0, &object), STATUS_INVALID_HANDLE);
    assert_int_equal(handle_close(NULL), STATUS_INVALID_HANDLE);
    assert_int_equal(handle_close((HANDLE)(uintptr_t)0x7FFFFFFC), STATUS_INVALID_HANDLE);
}

static void handles_are_reused(void **state)
{
    HANDLE first = make_handle(0, 0);
    handle_close(first);
    HANDLE second = make_handle(0, 0);
    assert_ptr_equal(first, second);
    handle_close(second);
}

static void the_low_two_bits_are_tags(void **state)
{
    HANDLE handle = make_handle(0, 0);
    struct object *object;
    assert_int_equal(handle_reference((char *)handle + 3, NULL, 0, &object), STATUS_SUCCESS);
    object_release(object);
    handle_close(handle);
}

static void types_and_rights_are_checked(void **state)
{
    HANDLE handle = make_handle(GENERIC_READ | GENERIC_EXECUTE, 0);
    struct object *object;
    assert_int_equal(handle_reference(handle, &other_type, 0, &object), STATUS_OBJECT_TYPE_MISMATCH);
    assert_int_equal(handle_reference(handle, &test_type, 2, &object), STATUS_ACCESS_DENIED);
    assert_int_equal(handle_reference(handle, &test_type, 5, &object), STATUS_SUCCESS);
    object_release(object);
    handle_close(handle);
    assert_int_equal(living, 0);
}

static void a_reference_outlives_the_handle(void **state)
{
    HANDLE handle = make_handle(0, 0);
    struct object *object;
    assert_int_equal(handle_reference(handle, NULL, 0, &object), STATUS_SUCCESS);
    handle_close(handle);
    assert_int_equal(living, 1);
    object_release(object);
    assert_int_equal(living, 0);
}

/* More references than a slot can count. */
static void references_never_run_out(void **state)
{
    enum { COUNT = 200000 };
    HANDLE handle = make_handle(0, 0);
    struct object *object;
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(handle_reference(handle, NULL, 0, &object), STATUS_SUCCESS);
        if (i % 2)
            object_release(object);
    }
    handle_close(handle);
    assert_int_equal(living, 1);
    for (int i = 0; i < COUNT / 2; i++)
        object_release(object);
    assert_int_equal(living, 0);
}

static void duplicates_are_handles_of_their_own(void **state)
{
    HANDLE source = make_handle(1, OBJ_INHERIT), copy = NULL;
    ACCESS_MASK access;
    ULONG attributes;
    assert_int_equal(handle_duplicate(source, 0, 0, DUPLICATE_SAME_ACCESS, &copy), STATUS_SUCCESS);
    assert_ptr_not_equal(source, copy);
    assert_int_equal(handle_query(copy, &access, &attributes), STATUS_SUCCESS);
    assert_int_equal(access, 1);
    assert_int_equal(attributes, 0);
    handle_close(source);
    assert_int_equal(living, 1);
    assert_int_equal(handle_duplicate(copy, GENERIC_ALL, OBJ_INHERIT, DUPLICATE_CLOSE_SOURCE, &source),
                     STATUS_SUCCESS);
    assert_int_equal(handle_query(copy, &access, &attributes), STATUS_INVALID_HANDLE);
    assert_int_equal(handle_query(source, &access, &attributes), STATUS_SUCCESS);
    assert_int_equal(access, 0x1F0007);
    assert_int_equal(attributes, OBJ_INHERIT);
    assert_int_equal(handle_duplicate(source, 0, 0, DUPLICATE_CLOSE_SOURCE, NULL), STATUS_SUCCESS);
    assert_int_equal(living, 0);
}

static void a_protected_handle_stays(void **state)
{
    HANDLE handle = make_handle(0, 0);
    assert_int_equal(handle_set_attributes(handle, OBJ_PROTECT_CLOSE, OBJ_PROTECT_CLOSE), STATUS_SUCCESS);
    assert_int_equal(handle_close(handle), STATUS_HANDLE_NOT_CLOSABLE);
    assert_int_equal(handle_set_attributes(handle, OBJ_PROTECT_CLOSE, 0), STATUS_SUCCESS);
    assert_int_equal(handle_close(handle), STATUS_SUCCESS);
    assert_int_equal(handle_set_attributes(handle, OBJ_PROTECT_CLOSE, 0), STATUS_INVALID_HANDLE);
}

static void the_process_has_a_pseudo_handle(void **state)
{
    struct object *object, *process = make_object();
    HANDLE pseudo = (HANDLE)(LONG_PTR)-1, copy;
    handle_current_process = process;
    assert_int_equal(handle_reference(pseudo, &test_type, 1, &object), STATUS_SUCCESS);
    assert_ptr_equal(object, process);
    object_release(object);
    assert_int_equal(handle_close(pseudo), STATUS_SUCCESS);
    assert_int_equal(handle_duplicate(pseudo, 0, 0, DUPLICATE_SAME_ACCESS, &copy), STATUS_SUCCESS);
    handle_current_process = NULL;
    object_release(process);
    assert_int_equal(living, 1);
    handle_close(copy);
    assert_int_equal(living, 0);
}

/* Threads look handles up while others close and make them: the sanitizer sees any object that dies early,
 * and the count any that stays. */
enum { SHARED = 64, ROUNDS = 100000 };
static HANDLE shared[SHARED];

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static void *use_handles(void *argument)
{
    uint32_t seed = (uintptr_t)argument;
    for (int i = 0; i < ROUNDS; i++) {
        struct object *object;
        HANDLE handle = __atomic_load_n(&shared[next_random(&seed) % SHARED], __ATOMIC_RELAXED);
        if (NT_SUCCESS(handle_reference(handle, &test_type, 0, &object))) {
            assert_ptr_equal(object->type, &test_type);
            object_release(object);
        }
    }
    return NULL;
}

static void *replace_handles(void *argument)
{
    uint32_t seed = (uintptr_t)argument;
    for (int i = 0; i < ROUNDS; i++) {
        HANDLE *place = &shared[next_random(&seed) % SHARED];
        HANDLE old = __atomic_exchange_n(place, make_handle(0, 0), __ATOMIC_RELAXED);
        assert_int_equal(handle_close(old), STATUS_SUCCESS);
    }
    return NULL;
}

static void closing_races_with_looking_up(void **state)
{
    pthread_t threads[6];
    for (int i = 0; i < SHARED; i++)
        shared[i] = make_handle(0, 0);
    for (uintptr_t i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, i % 2 ? use_handles : replace_handles, (void *)(i + 1));
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < SHARED; i++)
        assert_int_equal(handle_close(shared[i]), STATUS_SUCCESS);
    assert_int_equal(living, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handles_are_multiples_of_four),
        cmocka_unit_test(a_handle_closes_once),
        cmocka_unit_test(handles_are_reused),
        cmocka_unit_test(the_low_two_bits_are_tags),
        cmocka_unit_test(types_and_rights_are_checked),
        cmocka_unit_test(a_reference_outlives_the_handle),
        cmocka_unit_test(references_never_run_out),
        cmocka_unit_test(duplicates_are_handles_of_their_own),
        cmocka_unit_test(a_protected_handle_stays),
        cmocka_unit_test(the_process_has_a_pseudo_handle),
        cmocka_unit_test(closing_races_with_looking_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
