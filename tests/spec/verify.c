/* Functions and data of all the kinds that genthunks --verify tells apart; verify.py has the lines about
 * them. */
#include <stdbool.h>
#include <stdint.h>

#define EXTERNAL __attribute__((visibility("default")))

typedef uint32_t dword;
typedef const dword *const restrict dword_pointer;
enum level { LOW, HIGH };
struct coordinates {
    int16_t x, y;
};
struct three_bytes {
    char bytes[3];
};
struct large {
    int64_t values[3];
};
struct sixteen {
    uint32_t words[4];
};
struct one_float {
    float value;
};
struct nested_double {
    union {
        int32_t number;
        struct {
            double value[1];
        } inner;
    } outer;
};
union large_integer {
    struct {
        uint32_t low;
        int32_t high;
    } parts;
    int64_t whole;
};

EXTERNAL void nothing(void) {}
EXTERNAL dword four_bytes(dword a, enum level b, int32_t c)
{
    return a + b + c;
}
EXTERNAL int16_t small(int16_t a, uint8_t b, bool c)
{
    return a + b + c;
}
EXTERNAL int64_t wide(int64_t a, uint64_t b, union large_integer c)
{
    return a + b + c.whole;
}
EXTERNAL void *pointers(const char *a, dword_pointer b, void (*c)(void), uintptr_t d)
{
    return a && b && c && d ? c : 0;
}
EXTERNAL intptr_t sizes(uintptr_t a, intptr_t b)
{
    return a + b;
}
EXTERNAL double real(float a, double b)
{
    return a + b;
}
EXTERNAL float single(float a)
{
    return a;
}
EXTERNAL long double longer(long double a)
{
    return a;
}
EXTERNAL struct coordinates point(struct coordinates a)
{
    return a;
}
EXTERNAL struct three_bytes three(struct three_bytes a)
{
    return a;
}
EXTERNAL struct one_float floating_structure(struct nested_double a)
{
    return (struct one_float){a.outer.number};
}
EXTERNAL void large(struct large a)
{
    (void)a;
}
EXTERNAL struct large large_result(void)
{
    return (struct large){{0}};
}
EXTERNAL void sixteen(struct sixteen a)
{
    (void)a;
}
EXTERNAL int listed(const char *a, char *list)
{
    return *a + *list;
}
EXTERNAL int listed_badly(const char *a, int list)
{
    return *a + list;
}
EXTERNAL int variadic(const char *a, ...)
{
    return *a;
}
EXTERNAL int aliased(int a)
{
    return a;
}
EXTERNAL int alias_of(int a) __attribute__((alias("aliased")));
static __attribute__((used)) int hidden_from_others(int a)
{
    return a;
}

/* Inlined into its caller and also exported: its DWARF is in two places. */
EXTERNAL int inlined(int a, int64_t b)
{
    return a + (int)b;
}
EXTERNAL int inlines(int a)
{
    return inlined(a, a) * 2;
}

__asm__(".globl assembly\n.hidden assembly\n.type assembly, @function\nassembly:\n    ret\n");

EXTERNAL int *number, *numbers;
EXTERNAL char (*block)[100];
EXTERNAL void *untyped;
EXTERNAL int no_pointer;
static __attribute__((used)) int *hidden_number;
