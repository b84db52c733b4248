/* Pointers in a form that an attacker who can overwrite them cannot forge. */
#include "dlls/ntdll/process_information.h"
#include "kernel/random.h"

PVOID NTAPI RtlEncodePointer(PVOID pointer);
PVOID NTAPI RtlDecodePointer(PVOID pointer);

/* Not 0 once it is made; two threads that make it at once agree on one. */
ULONG_PTR process_cookie(void)
{
    static ULONG_PTR cookie;
    ULONG_PTR present = __atomic_load_n(&cookie, __ATOMIC_ACQUIRE), made;
    if (present)
        return present;
    if (!random_fill(&made, sizeof made) || !made)
        made = (ULONG_PTR)&cookie;
    return __atomic_compare_exchange_n(&cookie, &present, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
               ? made
               : present;
}

#define POINTER_BITS (sizeof(ULONG_PTR) * 8)

static ULONG_PTR rotate_right(ULONG_PTR value, unsigned count)
{
    return value >> count | value << ((POINTER_BITS - count) % POINTER_BITS);
}

PVOID NTAPI RtlEncodePointer(PVOID pointer)
{
    ULONG_PTR secret = process_cookie();
    return (PVOID)rotate_right((ULONG_PTR)pointer ^ secret, secret % POINTER_BITS);
}

PVOID NTAPI RtlDecodePointer(PVOID pointer)
{
    ULONG_PTR secret = process_cookie();
    unsigned back = (POINTER_BITS - secret % POINTER_BITS) % POINTER_BITS;
    return (PVOID)(rotate_right((ULONG_PTR)pointer, back) ^ secret);
}
