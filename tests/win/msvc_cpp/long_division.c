/* The helper that Microsoft's compilers call on i386, from a compiler that has its own. */
#ifdef __i386__
unsigned long long __attribute__((stdcall))
divide(unsigned long long a, unsigned long long b) __asm__("__aulldiv");
unsigned long long __attribute__((stdcall)) divide(unsigned long long a, unsigned long long b)
{
    return a / b;
}
#endif
