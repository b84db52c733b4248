/* What C99 has added to <math.h>; the rest is msvcrt's. */
#include <math.h>
#include <stdint.h>

#define UNARY(name)               \
    double ucrt_##name(double x)  \
    {                             \
        return name(x);           \
    }                             \
    float ucrt_##name##f(float x) \
    {                             \
        return name##f(x);        \
    }

#define BINARY(name)                       \
    double ucrt_##name(double x, double y) \
    {                                      \
        return name(x, y);                 \
    }                                      \
    float ucrt_##name##f(float x, float y) \
    {                                      \
        return name##f(x, y);              \
    }

/* Windows' long has 32 bits. */
#define ROUNDING(name)                  \
    int32_t ucrt_l##name(double x)      \
    {                                   \
        return (int32_t)ll##name(x);    \
    }                                   \
    int32_t ucrt_l##name##f(float x)    \
    {                                   \
        return (int32_t)ll##name##f(x); \
    }                                   \
    int64_t ucrt_ll##name(double x)     \
    {                                   \
        return ll##name(x);             \
    }                                   \
    int64_t ucrt_ll##name##f(float x)   \
    {                                   \
        return ll##name##f(x);          \
    }

UNARY(acosh)
UNARY(asinh)
UNARY(atanh)
UNARY(cbrt)
UNARY(erf)
UNARY(erfc)
UNARY(exp2)
UNARY(expm1)
UNARY(lgamma)
UNARY(log1p)
UNARY(log2)
UNARY(logb)
UNARY(nearbyint)
UNARY(rint)
UNARY(round)
UNARY(tgamma)
UNARY(trunc)

BINARY(copysign)
BINARY(fdim)
BINARY(fmax)
BINARY(fmin)
BINARY(nextafter)
BINARY(remainder)

ROUNDING(rint)
ROUNDING(round)

double ucrt_fma(double x, double y, double z)
{
    return fma(x, y, z);
}

float ucrt_fmaf(float x, float y, float z)
{
    return fmaf(x, y, z);
}
