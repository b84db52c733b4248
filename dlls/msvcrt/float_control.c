/* The floating-point units' control and status, in the abstract form that is common to x87 and SSE. */
#include <litewin/windows.h>

enum {
    FLAG_INEXACT = 0x01,
    FLAG_UNDERFLOW = 0x02,
    FLAG_OVERFLOW = 0x04,
    FLAG_DIVIDE_BY_ZERO = 0x08,
    FLAG_INVALID = 0x10,
    FLAG_DENORMAL = 0x80000,
    EXCEPTION_MASK = 0x8001f,

    ROUND_DOWN = 0x100,
    ROUND_UP = 0x200,
    ROUNDING_MASK = 0x300,

    PRECISION_53 = 0x10000,
    PRECISION_24 = 0x20000,
    PRECISION_MASK = 0x30000,

    INFINITY_AFFINE = 0x40000,

    DENORMAL_FLUSH = 0x01000000, /* operands and results */
    DENORMAL_FLUSH_OPERANDS_SAVE_RESULTS = 0x02000000,
    DENORMAL_SAVE_OPERANDS_FLUSH_RESULTS = 0x03000000,
    DENORMAL_MASK = 0x03000000,

    AMBIGUOUS = (int)0x80000000, /* x87 and SSE differ */
};

#define SSE_DEFAULT         0x1f80
#define SSE_STATUS          0x3f
#define SSE_FLUSH_RESULTS   0x8000
#define SSE_FLUSH_OPERANDS  0x40
#define SSE_MASKS_SHIFT     7
#define SSE_ROUNDING_SHIFT  13
#define X87_DEFAULT         0x027f
#define X87_ROUNDING_SHIFT  10
#define X87_PRECISION       0x300
#define X87_PRECISION_53    0x200
#define X87_PRECISION_64    0x300
#define X87_INFINITY_AFFINE 0x1000

/* Both units order the six exceptions like this, from bit 0. */
static const unsigned flags[6] = {FLAG_INVALID,  FLAG_DENORMAL,  FLAG_DIVIDE_BY_ZERO,
                                  FLAG_OVERFLOW, FLAG_UNDERFLOW, FLAG_INEXACT};

static unsigned flags_of_unit(unsigned bits)
{
    unsigned result = 0;
    for (int i = 0; i < 6; i++)
        result |= bits >> i & 1 ? flags[i] : 0;
    return result;
}

static unsigned flags_to_unit(unsigned abstract)
{
    unsigned bits = 0;
    for (int i = 0; i < 6; i++)
        bits |= abstract & flags[i] ? 1u << i : 0;
    return bits;
}

static unsigned read_sse(void)
{
    return __builtin_ia32_stmxcsr();
}

static void write_sse(unsigned value)
{
    __builtin_ia32_ldmxcsr(value);
}

/* Rounding is near, down, up, chop in the units and in the abstract form. */
static unsigned sse_to_abstract(unsigned sse)
{
    unsigned result = flags_of_unit(sse >> SSE_MASKS_SHIFT) | (sse >> SSE_ROUNDING_SHIFT & 3) << 8;
    bool operands = sse & SSE_FLUSH_OPERANDS, results = sse & SSE_FLUSH_RESULTS;
    if (operands && results)
        return result | DENORMAL_FLUSH;
    if (operands)
        return result | DENORMAL_FLUSH_OPERANDS_SAVE_RESULTS;
    return results ? result | DENORMAL_SAVE_OPERANDS_FLUSH_RESULTS : result;
}

static unsigned sse_from_abstract(unsigned abstract, unsigned status)
{
    unsigned denormals = abstract & DENORMAL_MASK;
    unsigned sse = (status & SSE_STATUS) | flags_to_unit(abstract) << SSE_MASKS_SHIFT |
                   (abstract & ROUNDING_MASK) >> 8 << SSE_ROUNDING_SHIFT;
    if (denormals == DENORMAL_FLUSH || denormals == DENORMAL_FLUSH_OPERANDS_SAVE_RESULTS)
        sse |= SSE_FLUSH_OPERANDS;
    if (denormals == DENORMAL_FLUSH || denormals == DENORMAL_SAVE_OPERANDS_FLUSH_RESULTS)
        sse |= SSE_FLUSH_RESULTS;
    return sse;
}

#ifdef __i386__

static uint16_t read_x87(void)
{
    uint16_t control;
    __asm__ volatile("fnstcw %0" : "=m"(control));
    return control;
}

static void write_x87(uint16_t control)
{
    __asm__ volatile("fldcw %0" : : "m"(control));
}

static unsigned x87_to_abstract(unsigned x87)
{
    unsigned result = flags_of_unit(x87) | (x87 >> X87_ROUNDING_SHIFT & 3) << 8;
    result |= x87 & X87_INFINITY_AFFINE ? INFINITY_AFFINE : 0;
    switch (x87 & X87_PRECISION) {
    case X87_PRECISION_64:
        return result;
    case X87_PRECISION_53:
        return result | PRECISION_53;
    default:
        return result | PRECISION_24;
    }
}

static uint16_t x87_from_abstract(unsigned abstract)
{
    unsigned x87 = 0x40 | flags_to_unit(abstract) | (abstract & ROUNDING_MASK) >> 8 << X87_ROUNDING_SHIFT;
    x87 |= abstract & INFINITY_AFFINE ? X87_INFINITY_AFFINE : 0;
    switch (abstract & PRECISION_MASK) {
    case 0:
        return x87 | X87_PRECISION_64;
    case PRECISION_53:
        return x87 | X87_PRECISION_53;
    default:
        return x87;
    }
}

/* Sets both units; what only one has is its own. */
unsigned crt_control87(unsigned value, unsigned mask)
{
    unsigned x87 = x87_to_abstract(read_x87()), sse = sse_to_abstract(read_sse());
    if (mask) {
        x87 = (x87 & ~mask) | (value & mask);
        sse = (sse & ~mask) | (value & mask);
        write_x87(x87_from_abstract(x87));
        write_sse(sse_from_abstract(sse, read_sse()));
    }
    unsigned common = EXCEPTION_MASK | ROUNDING_MASK;
    unsigned result = (x87 & ~DENORMAL_MASK) | (sse & DENORMAL_MASK);
    return (x87 ^ sse) & common ? result | AMBIGUOUS : result;
}

unsigned crt_statusfp(void)
{
    uint16_t x87;
    __asm__ volatile("fnstsw %0" : "=m"(x87));
    return flags_of_unit(x87) | flags_of_unit(read_sse());
}

unsigned crt_clearfp(void)
{
    unsigned status = crt_statusfp();
    __asm__ volatile("fnclex");
    write_sse(read_sse() & ~SSE_STATUS);
    return status;
}

int crt_set_sse2_enable(int flag)
{
    return flag != 0;
}

#else

/* x86-64 programs compute with SSE, and Windows leaves the x87 alone. Precision is not SSE's to choose. */
unsigned crt_control87(unsigned value, unsigned mask)
{
    unsigned sse = sse_to_abstract(read_sse());
    mask &= EXCEPTION_MASK | ROUNDING_MASK | DENORMAL_MASK;
    if (mask) {
        sse = (sse & ~mask) | (value & mask);
        write_sse(sse_from_abstract(sse, read_sse()));
    }
    return sse;
}

unsigned crt_statusfp(void)
{
    return flags_of_unit(read_sse());
}

unsigned crt_clearfp(void)
{
    unsigned status = crt_statusfp();
    write_sse(read_sse() & ~SSE_STATUS);
    return status;
}

#endif

/* The portable one: other processors have no exception for denormal operands, so it stays as it is. */
unsigned crt_controlfp(unsigned value, unsigned mask)
{
    return crt_control87(value, mask & ~FLAG_DENORMAL);
}

void crt_fpreset(void)
{
    uint16_t control = X87_DEFAULT;
    __asm__ volatile("fninit\n\tfldcw %0" : : "m"(control));
    write_sse(SSE_DEFAULT);
}
