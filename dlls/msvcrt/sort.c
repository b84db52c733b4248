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

#define SMALL 8 /* elements that are sorted by selection */

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

/* Brings the last of the greatest elements to the end, time and again. */
static void selection_sort(const struct sort *sort, char *first, char *last)
{
    for (; last > first; last -= sort->size) {
        char *greatest = first;
        for (char *p = first + sort->size; p <= last; p += sort->size) {
            if (compare(sort, p, greatest) > 0)
                greatest = p;
        }
        if (greatest != last)
            swap(sort, greatest, last);
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

/* For orders that quicksort's pivots are bad for. */
static void heap_sort(const struct sort *sort, char *begin, size_t count)
{
    for (size_t parent = count / 2; parent--;)
        sift_down(sort, begin, parent, count);
    while (--count) {
        swap(sort, begin, begin + count * sort->size);
        sift_down(sort, begin, 0, count);
    }
}

static void order_pair(const struct sort *sort, char *a, char *b)
{
    if (compare(sort, a, b) > 0)
        swap(sort, a, b);
}

/* What partitioning leaves: the elements from `first` to `low_end` are not greater than those from `high` on,
 * and what lies between equals the pivot. */
struct parts {
    char *low_end, *high;
};

/* Brings elements that are greater than the pivot behind it and others before it, from both ends at once. The
 * pivot moves along. The elements at the ends are in their parts already, and stop the searches; for
 * comparisons that lie, the bounds do. */
static struct parts partition(const struct sort *sort, char *first, char *last)
{
    size_t size = sort->size;
    char *pivot = first + (last - first + size) / size / 2 * size, *low = first, *high = last;
    order_pair(sort, first, pivot);
    order_pair(sort, first, last);
    order_pair(sort, pivot, last);
    for (;;) {
        /* The pivot is not compared with itself. */
        if (low < pivot) {
            do
                low += size;
            while (low < pivot && compare(sort, low, pivot) <= 0);
        }
        if (low >= pivot) {
            do
                low += size;
            while (low <= last && compare(sort, low, pivot) <= 0);
        }
        do
            high -= size;
        while (high > pivot && compare(sort, high, pivot) > 0);
        if (high < low)
            break;
        swap(sort, low, high);
        if (high == pivot)
            pivot = low;
    }
    high += size;
    if (high > pivot) {
        do
            high -= size;
        while (high > pivot && compare(sort, high, pivot) == 0);
    }
    if (high <= pivot) {
        do
            high -= size;
        while (high > first && compare(sort, high, pivot) == 0);
    }
    return (struct parts){.low_end = high, .high = low};
}

/* The way that Microsoft's runtimes have always taken, since programs see it: equal elements end up in the
 * order that it leaves them in. `depth` bounds what would become quadratic. The smaller part comes first. */
static void sort_range(const struct sort *sort, char *first, char *last, int depth)
{
    while (last > first) {
        size_t count = (last - first) / sort->size + 1;
        if (count <= SMALL) {
            selection_sort(sort, first, last);
            return;
        }
        if (depth-- == 0) {
            heap_sort(sort, first, count);
            return;
        }
        struct parts parts = partition(sort, first, last);
        if (parts.low_end - first >= last - parts.high) {
            sort_range(sort, parts.high, last, depth);
            last = parts.low_end;
        } else {
            sort_range(sort, first, parts.low_end, depth);
            first = parts.high;
        }
    }
}

/* Far beyond what any but a malicious order needs. */
static int depth_limit(size_t count)
{
    int depth = 32;
    for (; count; count /= 2)
        depth += 6;
    return depth;
}

static void run(const struct sort *sort, void *base, size_t count)
{
    if (count > 1)
        sort_range(sort, base, (char *)base + (count - 1) * sort->size, depth_limit(count));
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
