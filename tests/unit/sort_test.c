/* uses: dlls/msvcrt/sort.c */
/* msvcrt's qsort, bsearch and _lfind. */
#include <setjmp.h>
#include <stdlib.h>
#include <litewin/windows.h>
#include <cmocka.h>

typedef int(GUEST_CDECL *comparison)(const void *a, const void *b);
typedef int(GUEST_CDECL *comparison_s)(void *context, const void *a, const void *b);

void crt_qsort(void *base, size_t count, size_t size, comparison compare);
void crt_qsort_s(void *base, size_t count, size_t size, comparison_s compare, void *context);
void *crt_bsearch(const void *key, const void *base, size_t count, size_t size, comparison compare);
void *crt_lfind(const void *key, const void *base, unsigned *count, unsigned size, comparison compare);
void *crt_lsearch(const void *key, void *base, unsigned *count, unsigned size, comparison compare);

static int invalid_parameters;

int crt_invalid_parameter(int error)
{
    invalid_parameters++;
    return error;
}

static size_t comparisons;

static int GUEST_CDECL by_int(const void *a, const void *b)
{
    int x, y;
    comparisons++;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* Elements of any size begin with their key and go on with bytes made from it. */
static void make_element(unsigned char *element, size_t size, int key)
{
    unsigned char bytes[4];
    memcpy(bytes, &key, sizeof bytes);
    for (size_t i = 0; i < size; i++)
        element[i] = i < 4 ? bytes[i] : (unsigned char)(key * 7 + (int)i);
}

static int key_of(int pattern, size_t i, size_t count, unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    switch (pattern) {
    case 0:
        return (int)(*seed >> 1);
    case 1:
        return (int)i;
    case 2:
        return (int)(count - i);
    case 3:
        return (int)(*seed >> 16) % 5;
    case 4:
        return 42;
    case 5:
        return (int)(i < count / 2 ? i : count - i);
    case 6:
        return (int)(i % 17);
    case 7:
        return i == 0 ? 1 << 20 : (int)i;
    default:
        return i + 1 == count ? -1 : (int)i;
    }
}

static int host_order(const void *a, const void *b)
{
    return by_int(a, b);
}

static void check_sort(size_t count, size_t size, int pattern)
{
    unsigned seed = (unsigned)(count * 31 + size);
    unsigned char *elements = malloc(count * size + 1), *expected = malloc(count * size + 1);
    for (size_t i = 0; i < count; i++)
        make_element(elements + i * size, size, key_of(pattern, i, count, &seed));
    memcpy(expected, elements, count * size);
    qsort(expected, count, size, host_order);
    elements[count * size] = 0xa5;
    crt_qsort(elements, count, size, by_int);
    assert_memory_equal(elements, expected, count * size);
    assert_int_equal(elements[count * size], 0xa5);
    free(elements);
    free(expected);
}

static void sorts_every_pattern(void **state)
{
    static const size_t counts[] = {0, 1, 2, 3, 9, 10, 11, 12, 63, 64, 65, 100, 1000, 5000};
    static const size_t sizes[] = {4, 5, 8, 12, 16, 31, 64};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            for (int pattern = 0; pattern < 9; pattern++)
                check_sort(counts[c], sizes[s], pattern);
        }
    }
}

static void needs_few_comparisons(void **state)
{
    enum { COUNT = 100000 };
    int *numbers = malloc(COUNT * sizeof *numbers);
    for (int pattern = 0; pattern < 9; pattern++) {
        unsigned seed = 1;
        for (size_t i = 0; i < COUNT; i++)
            numbers[i] = key_of(pattern, i, COUNT, &seed);
        comparisons = 0;
        crt_qsort(numbers, COUNT, sizeof *numbers, by_int);
        assert_in_range(comparisons, COUNT - 1, COUNT * 80);
    }
    free(numbers);
}

static unsigned random_seed = 1;

static int GUEST_CDECL at_random(const void *a, const void *b)
{
    random_seed = random_seed * 1664525u + 1013904223u;
    return (int)(random_seed >> 16) % 3 - 1;
}

static int GUEST_CDECL always_less(const void *a, const void *b)
{
    return -1;
}

static int GUEST_CDECL always_greater(const void *a, const void *b)
{
    return 1;
}

/* They give no order, but nothing is lost and nothing else is touched. */
static void survives_comparisons_that_lie(void **state)
{
    static const comparison liars[] = {at_random, always_less, always_greater};
    for (size_t liar = 0; liar < 3; liar++) {
        for (int count = 2; count < 400; count += 7) {
            int *numbers = malloc(count * sizeof *numbers);
            for (int i = 0; i < count; i++)
                numbers[i] = i;
            crt_qsort(numbers, count, sizeof *numbers, liars[liar]);
            crt_qsort(numbers, count, sizeof *numbers, by_int);
            for (int i = 0; i < count; i++)
                assert_int_equal(numbers[i], i);
            free(numbers);
        }
    }
}

static jmp_buf leave;

static int GUEST_CDECL leaves(const void *a, const void *b)
{
    if (comparisons == 50)
        longjmp(leave, 1);
    return by_int(a, b);
}

/* AddressSanitizer would report memory that is left behind. */
static void a_comparison_may_leave(void **state)
{
    int numbers[1000];
    for (int i = 0; i < 1000; i++)
        numbers[i] = i * 7919 % 1000;
    comparisons = 0;
    if (setjmp(leave) == 0) {
        crt_qsort(numbers, 1000, sizeof *numbers, leaves);
        fail();
    }
    crt_qsort(numbers, 1000, sizeof *numbers, by_int);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
}

static int GUEST_CDECL by_int_counting(void *context, const void *a, const void *b)
{
    ++*(int *)context;
    return by_int(a, b);
}

static void passes_the_context(void **state)
{
    int numbers[] = {3, 1, 2}, calls = 0;
    crt_qsort_s(numbers, 3, sizeof *numbers, by_int_counting, &calls);
    assert_int_equal(numbers[0], 1);
    assert_int_equal(numbers[2], 3);
    assert_in_range(calls, 2, 6);
}

static void searches(void **state)
{
    int numbers[100], missing;
    for (int count = 0; count <= 100; count++) {
        for (int i = 0; i < count; i++)
            numbers[i] = 2 * i;
        for (int i = 0; i < count; i++) {
            int key = 2 * i;
            assert_ptr_equal(crt_bsearch(&key, numbers, count, sizeof *numbers, by_int), &numbers[i]);
        }
        for (missing = -1; missing <= 2 * count; missing += 2)
            assert_null(crt_bsearch(&missing, numbers, count, sizeof *numbers, by_int));
    }
}

static void finds_and_appends(void **state)
{
    int numbers[4] = {5, 3, 9}, three = 3, seven = 7;
    unsigned count = 3;
    assert_ptr_equal(crt_lfind(&three, numbers, &count, sizeof *numbers, by_int), &numbers[1]);
    assert_null(crt_lfind(&seven, numbers, &count, sizeof *numbers, by_int));
    assert_ptr_equal(crt_lsearch(&three, numbers, &count, sizeof *numbers, by_int), &numbers[1]);
    assert_int_equal(count, 3);
    assert_ptr_equal(crt_lsearch(&seven, numbers, &count, sizeof *numbers, by_int), &numbers[3]);
    assert_int_equal(count, 4);
    assert_int_equal(numbers[3], 7);
}

static void refuses_bad_arguments(void **state)
{
    int number = 1;
    invalid_parameters = 0;
    crt_qsort(NULL, 1, 4, by_int);
    crt_qsort(&number, 1, 0, by_int);
    crt_qsort(&number, 1, 4, NULL);
    assert_null(crt_bsearch(&number, NULL, 1, 4, by_int));
    assert_int_equal(invalid_parameters, 4);
    crt_qsort(NULL, 0, 4, by_int);
    assert_int_equal(invalid_parameters, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_every_pattern),
        cmocka_unit_test(needs_few_comparisons),
        cmocka_unit_test(survives_comparisons_that_lie),
        cmocka_unit_test(a_comparison_may_leave),
        cmocka_unit_test(passes_the_context),
        cmocka_unit_test(searches),
        cmocka_unit_test(finds_and_appends),
        cmocka_unit_test(refuses_bad_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
