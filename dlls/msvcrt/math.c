/* Mathematics: the C library computes, and errors are reported the way of Windows. */
#include <math.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/thread_data.h"

/* Structure _exception, which a program's own error handler is given. */
struct math_exception {
    int type;
    char *name;
    GUEST_DOUBLE arg1, arg2, retval;
};

enum { MATH_DOMAIN = 1, MATH_SINGULARITY, MATH_OVERFLOW, MATH_UNDERFLOW };

typedef int(GUEST_CDECL *math_handler)(struct math_exception *exception);

static math_handler program_handler;

void crt_setusermatherr(math_handler handler)
{
    program_handler = handler;
}

/* The program's handler may supply the result and does away with the error by returning other than 0. */
static __attribute__((noinline, cold)) double math_error(int type, const char *name, double x, double y,
                                                         double result)
{
    struct math_exception exception = {type, (char *)name, x, y, result};
    math_handler handler = program_handler;
    if (!handler || !handler(&exception))
        crt_thread.error = type == MATH_DOMAIN ? CRT_EDOM : CRT_ERANGE;
    return exception.retval;
}

/* A NaN from a number is a domain error, an infinity from finite numbers `type`. */
static inline double check(double result, double x, int type, const char *name)
{
    if (__builtin_expect(isfinite(result), 1))
        return result;
    if (isnan(result))
        return isnan(x) ? result : math_error(MATH_DOMAIN, name, x, 0, result);
    return isinf(x) ? result : math_error(type, name, x, 0, result);
}

static inline double check2(double result, double x, double y, const char *name)
{
    if (__builtin_expect(isfinite(result), 1))
        return result;
    if (isnan(result))
        return isnan(x) || isnan(y) ? result : math_error(MATH_DOMAIN, name, x, y, result);
    return isinf(x) || isinf(y) ? result
                                : math_error(x == 0 ? MATH_SINGULARITY : MATH_OVERFLOW, name, x, y, result);
}

#define FUNCTION(name, infinite)                     \
    double crt_##name(double x)                      \
    {                                                \
        return check(name(x), x, (infinite), #name); \
    }
#define FUNCTION2(name)                         \
    double crt_##name(double x, double y)       \
    {                                           \
        return check2(name(x, y), x, y, #name); \
    }

/* Of these three a NaN is outside the domain. */
#define FUNCTION_WITHOUT_NAN(name, infinite)                      \
    double crt_##name(double x)                                   \
    {                                                             \
        if (__builtin_expect(isnan(x), 0))                        \
            return math_error(MATH_DOMAIN, #name, x, 0, name(x)); \
        return check(name(x), x, (infinite), #name);              \
    }

FUNCTION_WITHOUT_NAN(atan, MATH_DOMAIN)
FUNCTION_WITHOUT_NAN(tanh, MATH_DOMAIN)
FUNCTION_WITHOUT_NAN(exp, MATH_OVERFLOW)
FUNCTION(sin, MATH_DOMAIN)
FUNCTION(cos, MATH_DOMAIN)
FUNCTION(tan, MATH_DOMAIN)
FUNCTION(asin, MATH_DOMAIN)
FUNCTION(acos, MATH_DOMAIN)
FUNCTION(sinh, MATH_OVERFLOW)
FUNCTION(cosh, MATH_OVERFLOW)
FUNCTION(log, MATH_SINGULARITY)
FUNCTION(log10, MATH_SINGULARITY)
FUNCTION(sqrt, MATH_DOMAIN)
FUNCTION(j0, MATH_DOMAIN)
FUNCTION(j1, MATH_DOMAIN)
FUNCTION(y0, MATH_SINGULARITY)
FUNCTION(y1, MATH_SINGULARITY)
FUNCTION2(atan2)
FUNCTION2(fmod)
FUNCTION2(pow)
FUNCTION2(hypot)

double crt_jn(int order, double x)
{
    return check(jn(order, x), x, MATH_DOMAIN, "_jn");
}

double crt_yn(int order, double x)
{
    return check(yn(order, x), x, MATH_SINGULARITY, "_yn");
}

double crt_floor(double x)
{
    return floor(x);
}

double crt_ceil(double x)
{
    return ceil(x);
}

double crt_fabs(double x)
{
    return fabs(x);
}

double crt_frexp(double x, int *exponent)
{
    return frexp(x, exponent);
}

double crt_ldexp(double x, int exponent)
{
    double result = ldexp(x, exponent);
    return isinf(result) && isfinite(x) ? math_error(MATH_OVERFLOW, "ldexp", x, exponent, result) : result;
}

double crt_modf(double x, double *whole)
{
    return modf(x, whole);
}

double crt_copysign(double x, double y)
{
    return copysign(x, y);
}

double crt_chgsign(double x)
{
    return -x;
}

double crt_scalb(double x, int32_t exponent)
{
    return scalbn(x, exponent);
}

double crt_logb(double x)
{
    return check(logb(x), x, MATH_SINGULARITY, "_logb");
}

double crt_nextafter(double x, double y)
{
    return nextafter(x, y);
}

int crt_isnan(double x)
{
    return isnan(x);
}

int crt_finite(double x)
{
    return isfinite(x);
}

/* _FPCLASS_ constants */
enum fp_class {
    CLASS_SIGNALING_NAN = 0x001,
    CLASS_QUIET_NAN = 0x002,
    CLASS_NEGATIVE_INFINITY = 0x004,
    CLASS_NEGATIVE_NORMAL = 0x008,
    CLASS_NEGATIVE_DENORMAL = 0x010,
    CLASS_NEGATIVE_ZERO = 0x020,
    CLASS_POSITIVE_ZERO = 0x040,
    CLASS_POSITIVE_DENORMAL = 0x080,
    CLASS_POSITIVE_NORMAL = 0x100,
    CLASS_POSITIVE_INFINITY = 0x200,
};

#define QUIET_BIT 0x0008000000000000ull

static int classify_nan(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits & QUIET_BIT ? CLASS_QUIET_NAN : CLASS_SIGNALING_NAN;
}

int crt_fpclass(double x)
{
    bool negative = signbit(x);
    switch (fpclassify(x)) {
    case FP_NAN:
        return classify_nan(x);
    case FP_INFINITE:
        return negative ? CLASS_NEGATIVE_INFINITY : CLASS_POSITIVE_INFINITY;
    case FP_SUBNORMAL:
        return negative ? CLASS_NEGATIVE_DENORMAL : CLASS_POSITIVE_DENORMAL;
    case FP_ZERO:
        return negative ? CLASS_NEGATIVE_ZERO : CLASS_POSITIVE_ZERO;
    default:
        return negative ? CLASS_NEGATIVE_NORMAL : CLASS_POSITIVE_NORMAL;
    }
}

/* Structure _complex. x86-64 passes it by reference, i386 as two arguments. */
#ifdef __x86_64__
double crt_cabs(const double complex_number[2])
{
    return crt_hypot(complex_number[0], complex_number[1]);
}
#else
double crt_cabs(double real, double imaginary)
{
    return crt_hypot(real, imaginary);
}
#endif
