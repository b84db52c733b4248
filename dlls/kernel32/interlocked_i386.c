#include <litewin/direct.h>

/* On x86-64 these are the compiler's business alone. MinGW-w64's headers make them inline functions too. */

DIRECT LONG direct_InterlockedIncrement(LONG volatile *target)
{
    return __atomic_add_fetch(target, 1, __ATOMIC_SEQ_CST);
}

DIRECT LONG direct_InterlockedDecrement(LONG volatile *target)
{
    return __atomic_sub_fetch(target, 1, __ATOMIC_SEQ_CST);
}

DIRECT LONG direct_InterlockedExchange(LONG volatile *target, LONG value)
{
    return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}

DIRECT LONG direct_InterlockedExchangeAdd(LONG volatile *target, LONG value)
{
    return __atomic_fetch_add(target, value, __ATOMIC_SEQ_CST);
}

/* Returns what was there, which is `comparand` where it was exchanged. */
DIRECT LONG direct_InterlockedCompareExchange(LONG volatile *target, LONG value, LONG comparand)
{
    __atomic_compare_exchange_n(target, &comparand, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return comparand;
}

DIRECT GUEST_INT64 direct_InterlockedCompareExchange64(GUEST_INT64 volatile *target, GUEST_INT64 value,
                                                       GUEST_INT64 comparand)
{
    __atomic_compare_exchange_n(target, &comparand, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return comparand;
}
