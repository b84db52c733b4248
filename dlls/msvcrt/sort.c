/* Sorting and searching with the program's own comparison.
 *
 * A comparison may leave by longjmp or an exception, so nothing here holds memory or a lock while it runs. */
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/invalid_parameter.h"

typedef int(GUEST_CDECL *comparison)(const void *a, const void *b);
typedef int(GUEST_CDECL *comparison_s)(void *context, const void *a, const void *b);

/* One sort. Elements of 4 and 8 bytes are moved as one word. */
struct sort {
    size_t size;
    comparison compare; /* one of the two */
    comparison_s compare_s;
    void *context;
};

#define SMALL 10 /* elements that insertion sorts fastest */
#define LARGE 64 /* elements from which on a better pivot pays */

static inline int compare(const struct sort *sort, const char *a, const char *b)
{
    return __builtin_expect(sort->compare != NULL, 1) ? sort->compare(a, b)
                                                      : sort->compare_s(sort->context, a, b);
}

static inline void swap(const struct sort *sort, char *a, char *b)
{
    if (sort->size == 4) {
        uint32_t x, y;
        memcpy(&x, a, 4);
        memcpy(&y, b, 4);
        memcpy(a, &y, 4);
        memcpy(b, &x, 4);
        return;
    }
    size_t left = sort->size;
    for (; left >= 8; left -= 8, a += 8, b += 8) {
        uint64_t x, y;
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        memcpy(a, &y, 8);
        memcpy(b, &x, 8);
    }
    for (; left; left--, a++, b++) {
        char x = *a;
        *a = *b;
        *b = x;
    }
}

static void insertion_sort(const struct sort *sort, char *begin, char *end)
{
    for (char *next = begin + sort->size; next < end; next += sort->size) {
        for (char *p = next; p > begin && compare(sort, p - sort->size, p) > 0; p -= sort->size)
            swap(sort, p - sort->size, p);
    }
}

static void sift_down(const struct sort *sort, char *begin, size_t parent, size_t count)
{
    for (size_t child; (child = 2 * parent + 1) < count; parent = child) {
        char *larger = begin + child * sort->size;
        if (child + 1 < count && compare(sort, larger, larger + sort->size) < 0) {
            larger += sort->size;
            child++;
        }
        if (compare(sort, begin + parent * sort->size, larger) >= 0)
            return;
        swap(sort, begin + parent * sort->size, larger);
    }
}

/* Where quicksort's pivots keep being bad, this bounds the time. */
static void heap_sort(const struct sort *sort, char *begin, size_t count)
{
    for (size_t parent = count / 2; parent--;)
        sift_down(sort, begin, parent, count);
    while (--count) {
        swap(sort, begin, begin + count * sort->size);
        sift_down(sort, begin, 0, count);
    }
}

/* Puts the middle of the three in the middle. */
static void order_three(const struct sort *sort, char *a, char *b, char *c)
{
    if (compare(sort, a, b) > 0)
        swap(sort, a, b);
    if (compare(sort, b, c) > 0) {
        swap(sort, b, c);
        if (compare(sort, a, b) > 0)
            swap(sort, a, b);
    }
}

/* An element from the `nth` ninth of the range, at a place that follows no pattern the range may have. */
static char *sample(const struct sort *sort, char *begin, size_t count, unsigned nth)
{
    uint32_t scattered = ((uint32_t)count + nth) * 2654435761u;
    size_t ninth = count / 9;
    return begin + (nth * ninth + (scattered >> 8) % ninth) * sort->size;
}

/* Brings a pivot to the front: the middle of three elements, of a large range the middle of three such. */
static void choose_pivot(const struct sort *sort, char *begin, size_t count)
{
    if (count < LARGE) {
        char *middle = begin + count / 2 * sort->size;
        order_three(sort, begin, middle, begin + (count - 1) * sort->size);
        swap(sort, begin, middle);
        return;
    }
    char *samples[9];
    for (unsigned i = 0; i < 9; i++)
        samples[i] = sample(sort, begin, count, i);
    for (unsigned i = 0; i < 9; i += 3)
        order_three(sort, samples[i], samples[i + 1], samples[i + 2]);
    order_three(sort, samples[1], samples[4], samples[7]);
    swap(sort, begin, samples[4]);
}

/* Brings the elements that are less than the pivot, which is at the front, before the others, and then the
 * pivot between them; returns its place. With `or_equal` those that equal it come before it too. The
 * result of a comparison only moves a pointer: there is no branch for the processor to guess wrong. */
static char *partition(const struct sort *sort, char *begin, char *end, bool or_equal)
{
    size_t size = sort->size;
    char *less = begin + size; /* from here to `next` is what belongs behind the pivot */
    for (char *next = less; next < end; next += size) {
        bool before = compare(sort, next, begin) < (int)or_equal;
        swap(sort, less, next);
        less += before ? size : 0;
    }
    less -= size;
    swap(sort, begin, less);
    return less;
}

static void sort_range(const struct sort *sort, char *begin, char *end, const char *lower_bound, int depth)
{
    for (;;) {
        size_t count = (end - begin) / sort->size;
        if (count <= SMALL) {
            insertion_sort(sort, begin, end);
            return;
        }
        if (depth-- == 0) {
            heap_sort(sort, begin, count);
            return;
        }
        choose_pivot(sort, begin, count);
        /* A pivot that is not above the element before the range is its least one: all that equal it are in
         * their places at once, however many there are. */
        if (lower_bound && compare(sort, lower_bound, begin) >= 0) {
            begin = partition(sort, begin, end, true) + sort->size;
            continue;
        }
        char *pivot = partition(sort, begin, end, false);
        sort_range(sort, begin, pivot, lower_bound, depth);
        lower_bound = pivot;
        begin = pivot + sort->size;
    }
}

static int depth_limit(size_t count)
{
    int depth = 0;
    for (; count; count /= 2)
        depth += 2;
    return depth;
}

/* Much of what programs sort is in order already, or in reverse. Both are seen in one pass, which other
 * ranges leave after a few elements. */
static bool was_one_run(const struct sort *sort, char *begin, char *end)
{
    size_t size = sort->size;
    char *last = end - size, *p = begin;
    while (p < last && compare(sort, p, p + size) <= 0)
        p += size;
    if (p > begin)
        return p == last;
    while (p < last && compare(sort, p, p + size) > 0)
        p += size;
    if (p < last)
        return false;
    for (char *low = begin, *high = last; low < high; low += size, high -= size)
        swap(sort, low, high);
    return true;
}

static void run(const struct sort *sort, void *base, size_t count)
{
    char *begin = base, *end = begin + count * sort->size;
    if (count > 1 && !was_one_run(sort, begin, end))
        sort_range(sort, begin, end, NULL, depth_limit(count));
}

void crt_qsort(void *base, size_t count, size_t size, comparison compare)
{
    if ((!base && count) || !size || !compare) {
        crt_invalid_parameter(CRT_EINVAL);
        return;
    }
    run(&(struct sort){.size = size, .compare = compare}, base, count);
}

void crt_qsort_s(void *base, size_t count, size_t size, comparison_s compare, void *context)
{
    if ((!base && count) || !size || !compare) {
        crt_invalid_parameter(CRT_EINVAL);
        return;
    }
    run(&(struct sort){.size = size, .compare_s = compare, .context = context}, base, count);
}

void *crt_bsearch(const void *key, const void *base, size_t count, size_t size, comparison compare)
{
    if ((!base && count) || !size || !compare) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    const char *begin = base;
    while (count) {
        const char *middle = begin + count / 2 * size;
        int order = compare(key, middle);
        if (order == 0)
            return (void *)middle;
        if (order > 0) {
            begin = middle + size;
            count--;
        }
        count /= 2;
    }
    return NULL;
}

void *crt_bsearch_s(const void *key, const void *base, size_t count, size_t size, comparison_s compare,
                    void *context)
{
    if ((!base && count) || !size || !compare) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    const char *begin = base;
    while (count) {
        const char *middle = begin + count / 2 * size;
        int order = compare(context, key, middle);
        if (order == 0)
            return (void *)middle;
        if (order > 0) {
            begin = middle + size;
            count--;
        }
        count /= 2;
    }
    return NULL;
}

void *crt_lfind(const void *key, const void *base, unsigned *count, unsigned size, comparison compare)
{
    if (!key || !base || !count || !size || !compare) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    const char *element = base;
    for (unsigned left = *count; left; left--, element += size) {
        if (compare(key, element) == 0)
            return (void *)element;
    }
    return NULL;
}

void *crt_lfind_s(const void *key, const void *base, unsigned *count, size_t size, comparison_s compare,
                  void *context)
{
    if (!key || !base || !count || !size || !compare) {
        crt_invalid_parameter(CRT_EINVAL);
        return NULL;
    }
    const char *element = base;
    for (unsigned left = *count; left; left--, element += size) {
        if (compare(context, key, element) == 0)
            return (void *)element;
    }
    return NULL;
}

/* Appends the key where it is not found; there is room, the caller says. */
void *crt_lsearch(const void *key, void *base, unsigned *count, unsigned size, comparison compare)
{
    void *found = crt_lfind(key, base, count, size, compare);
    if (found || !key || !base || !count || !size || !compare)
        return found;
    return memcpy((char *)base + (size_t)(*count)++ * size, key, size);
}

void *crt_lsearch_s(const void *key, void *base, unsigned *count, size_t size, comparison_s compare,
                    void *context)
{
    void *found = crt_lfind_s(key, base, count, size, compare, context);
    if (found || !key || !base || !count || !size || !compare)
        return found;
    return memcpy((char *)base + (size_t)(*count)++ * size, key, size);
}
