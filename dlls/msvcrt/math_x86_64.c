/* Functions of float, which i386 programs make from those of double. */
#include <math.h>
#include "dlls/msvcrt/crt_errno.h"
#include "dlls/msvcrt/thread_data.h"

static __attribute__((noinline, cold)) float float_error(int error, float result)
{
    crt_thread.error = error;
    return result;
}

/* A NaN or an infinity from a number is an error. */
static inline float check(float result, float x)
{
    if (__builtin_expect(isfinite(result), 1) || !isfinite(x))
        return result;
    return float_error(isnan(result) ? CRT_EDOM : CRT_ERANGE, result);
}

static inline float check2(float result, float x, float y)
{
    if (__builtin_expect(isfinite(result), 1) || isnan(x) || isnan(y) ||
        (isinf(result) && (isinf(x) || isinf(y))))
        return result;
    return float_error(isnan(result) ? CRT_EDOM : CRT_ERANGE, result);
}

#define FUNCTION(name)            \
    float crt_##name(float x)     \
    {                             \
        return check(name(x), x); \
    }
#define FUNCTION2(name)                  \
    float crt_##name(float x, float y)   \
    {                                    \
        return check2(name(x, y), x, y); \
    }

FUNCTION(sinf)
FUNCTION(cosf)
FUNCTION(tanf)
FUNCTION(asinf)
FUNCTION(acosf)
FUNCTION(atanf)
FUNCTION(sinhf)
FUNCTION(coshf)
FUNCTION(tanhf)
FUNCTION(expf)
FUNCTION(logf)
FUNCTION(log10f)
FUNCTION(sqrtf)
FUNCTION(logbf)
FUNCTION2(atan2f)
FUNCTION2(fmodf)
FUNCTION2(powf)
FUNCTION2(hypotf)

float crt_floorf(float x)
{
    return floorf(x);
}

float crt_ceilf(float x)
{
    return ceilf(x);
}

float crt_modff(float x, float *whole)
{
    return modff(x, whole);
}

float crt_copysignf(float x, float y)
{
    return copysignf(x, y);
}

float crt_chgsignf(float x)
{
    return -x;
}

float crt_scalbf(float x, int32_t exponent)
{
    return scalbnf(x, exponent);
}

float crt_nextafterf(float x, float y)
{
    return nextafterf(x, y);
}

int crt_isnanf(float x)
{
    return isnan(x);
}

int crt_finitef(float x)
{
    return isfinite(x);
}

int crt_fpclass(double x);

int crt_fpclassf(float x)
{
    if (fpclassify(x) == FP_SUBNORMAL) /* which a double would not be */
        return signbit(x) ? 0x010 : 0x080;
    return crt_fpclass(x);
}
