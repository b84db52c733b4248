/* The string functions that programs call most, on short strings: each in Windows' own calling convention, so
 * that a call goes straight there (-direct). They keep to the vector registers that the convention leaves
 * them; what is long is handed to the C library, whose functions pay off there. */
#include <emmintrin.h>
#include <litewin/windows.h>

#define VECTOR    16
#define PAGE      4096
#define SHORT     64 /* bytes that are moved here */
#define ALL_EQUAL 0xffff

/* An i386 program's stack need not be aligned as Linux's functions expect it. */
#ifdef __i386__
#define REALIGNED __attribute__((noinline, force_align_arg_pointer))
#else
#define REALIGNED __attribute__((noinline))
#endif

static inline __m128i load(const void *p)
{
    return _mm_loadu_si128(p);
}

static inline void store(void *p, __m128i value)
{
    _mm_storeu_si128(p, value);
}

/* A bit for each byte of `value` that is 0. */
static inline unsigned zero_bytes(__m128i value)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(value, _mm_setzero_si128()));
}

static inline unsigned equal_bytes(__m128i a, __m128i b)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b));
}

/* Aligned groups never reach into a page that the string is not in. What stands before it in its first group
 * is shifted out. */
size_t GUEST_CDECL direct_strlen(const char *string)
{
    unsigned before = (uintptr_t)string % VECTOR;
    const char *group = string - before;
    unsigned zeros = zero_bytes(_mm_load_si128((const __m128i *)group)) >> before;
    if (zeros)
        return __builtin_ctz(zeros);
    do {
        group += VECTOR;
        zeros = zero_bytes(_mm_load_si128((const __m128i *)group));
    } while (!zeros);
    return group - string + __builtin_ctz(zeros);
}

static inline bool is_near_page_end(const char *p)
{
    return (uintptr_t)p % PAGE > PAGE - VECTOR;
}

static inline int order(uint8_t a, uint8_t b)
{
    return (a > b) - (a < b);
}

int GUEST_CDECL direct_strcmp(const char *a, const char *b)
{
    for (;;) {
        if (is_near_page_end(a) || is_near_page_end(b)) {
            if (*a != *b || !*a)
                return order(*a, *b);
            a++, b++;
            continue;
        }
        __m128i vector = load(a);
        unsigned ends = (equal_bytes(vector, load(b)) ^ ALL_EQUAL) | zero_bytes(vector);
        if (ends) {
            unsigned i = __builtin_ctz(ends);
            return order(a[i], b[i]);
        }
        a += VECTOR, b += VECTOR;
    }
}

int GUEST_CDECL direct_memcmp(const void *a, const void *b, size_t size)
{
    const char *p = a, *q = b;
    for (; size >= VECTOR; p += VECTOR, q += VECTOR, size -= VECTOR) {
        unsigned differences = equal_bytes(load(p), load(q)) ^ ALL_EQUAL;
        if (differences) {
            unsigned i = __builtin_ctz(differences);
            return order(p[i], q[i]);
        }
    }
    for (; size; p++, q++, size--) {
        if (*p != *q)
            return order(*p, *q);
    }
    return 0;
}

static REALIGNED void *GUEST_CDECL move_long(void *target, const void *source, size_t size)
{
    return memmove(target, source, size);
}

/* Everything is loaded before anything is stored, so that the blocks may overlap: programs rely on that in
 * msvcrt's memcpy, too. Blocks of other than a power of two are moved as two that overlap. */
void *GUEST_CDECL direct_memmove(void *target, const void *source, size_t size)
{
    char *to = target;
    const char *from = source;
    if (size > SHORT)
        return move_long(target, source, size);
    if (size > 2 * VECTOR) {
        __m128i a = load(from), b = load(from + VECTOR);
        __m128i c = load(from + size - 2 * VECTOR), d = load(from + size - VECTOR);
        store(to, a);
        store(to + VECTOR, b);
        store(to + size - 2 * VECTOR, c);
        store(to + size - VECTOR, d);
    } else if (size >= VECTOR) {
        __m128i a = load(from), b = load(from + size - VECTOR);
        store(to, a);
        store(to + size - VECTOR, b);
    } else if (size >= 8) {
        uint64_t a, b;
        __builtin_memcpy(&a, from, 8);
        __builtin_memcpy(&b, from + size - 8, 8);
        __builtin_memcpy(to, &a, 8);
        __builtin_memcpy(to + size - 8, &b, 8);
    } else if (size >= 4) {
        uint32_t a, b;
        __builtin_memcpy(&a, from, 4);
        __builtin_memcpy(&b, from + size - 4, 4);
        __builtin_memcpy(to, &a, 4);
        __builtin_memcpy(to + size - 4, &b, 4);
    } else if (size) {
        char first = from[0], middle = from[size / 2], last = from[size - 1];
        to[0] = first;
        to[size / 2] = middle;
        to[size - 1] = last;
    }
    return target;
}

static REALIGNED void *GUEST_CDECL set_long(void *target, int byte, size_t size)
{
    return memset(target, byte, size);
}

void *GUEST_CDECL direct_memset(void *target, int byte, size_t size)
{
    char *to = target;
    uint64_t bytes = (uint8_t)byte * 0x0101010101010101;
    if (size > SHORT)
        return set_long(target, byte, size);
    if (size >= VECTOR) {
        __m128i value = _mm_set1_epi8((char)byte);
        for (size_t i = 0; i + VECTOR <= size; i += VECTOR)
            store(to + i, value);
        store(to + size - VECTOR, value);
    } else if (size >= 8) {
        __builtin_memcpy(to, &bytes, 8);
        __builtin_memcpy(to + size - 8, &bytes, 8);
    } else if (size >= 4) {
        __builtin_memcpy(to, &bytes, 4);
        __builtin_memcpy(to + size - 4, &bytes, 4);
    } else if (size) {
        to[0] = to[size / 2] = to[size - 1] = (char)byte;
    }
    return target;
}
