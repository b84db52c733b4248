/* Arithmetic of integers. */
#include <stdint.h>

int crt_abs(int value)
{
    return value < 0 ? (int)-(unsigned)value : value;
}

int64_t crt_abs64(int64_t value)
{
    return value < 0 ? (int64_t) - (uint64_t)value : value;
}

/* Structure div_t, quotient first, comes back in one or two registers like a 64-bit integer. */
uint64_t crt_div(int numerator, int denominator)
{
    uint32_t quotient = (uint32_t)(numerator / denominator);
    uint32_t remainder = (uint32_t)(numerator % denominator);
    return (uint64_t)remainder << 32 | quotient;
}

uint32_t crt_rotl(uint32_t value, int shift)
{
    return value << (shift & 31) | value >> (-shift & 31);
}

uint32_t crt_rotr(uint32_t value, int shift)
{
    return value >> (shift & 31) | value << (-shift & 31);
}

uint64_t crt_rotl64(uint64_t value, int shift)
{
    return value << (shift & 63) | value >> (-shift & 63);
}

uint64_t crt_rotr64(uint64_t value, int shift)
{
    return value >> (shift & 63) | value << (-shift & 63);
}
