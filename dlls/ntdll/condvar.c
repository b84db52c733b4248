#include "dlls/ntdll/sync.h"
#include "kernel/futex.h"

/* The low 32 bits are a futex: a number that each wake-up changes, and a flag that somebody may sleep. */
enum { SLEEPERS = 1, ONE_WAKE = 2 };

static uint32_t *word_of(RTL_CONDITION_VARIABLE *variable)
{
    return (uint32_t *)variable;
}

void WINAPI RtlInitializeConditionVariable(RTL_CONDITION_VARIABLE *variable)
{
    variable->Ptr = NULL;
}

/* While the caller still has the lock that it is about to give up for the time of its sleep. */
static uint32_t announce(uint32_t *word)
{
    return __atomic_fetch_or(word, SLEEPERS, __ATOMIC_SEQ_CST) | SLEEPERS;
}

static NTSTATUS sleep_on(uint32_t *word, uint32_t seen, const struct deadline *deadline)
{
    return futex_wait(word, seen, deadline) ? STATUS_SUCCESS : STATUS_TIMEOUT;
}

void WINAPI RtlWakeConditionVariable(RTL_CONDITION_VARIABLE *variable)
{
    uint32_t *word = word_of(variable);
    if (!(__atomic_load_n(word, __ATOMIC_SEQ_CST) & SLEEPERS))
        return;
    uint32_t state = __atomic_add_fetch(word, ONE_WAKE, __ATOMIC_SEQ_CST);
    if (futex_wake(word, 1) > 0)
        return;
    /* Nobody was there. Whoever has gone to sleep since is rather woken for nothing than forgotten. */
    if (__atomic_compare_exchange_n(word, &state, (state + ONE_WAKE) & ~(uint32_t)SLEEPERS, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        futex_wake(word, INT_MAX);
}

void WINAPI RtlWakeAllConditionVariable(RTL_CONDITION_VARIABLE *variable)
{
    uint32_t *word = word_of(variable), state = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    do
        if (!(state & SLEEPERS))
            return;
    while (!__atomic_compare_exchange_n(word, &state, (state + ONE_WAKE) & ~(uint32_t)SLEEPERS, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    futex_wake(word, INT_MAX);
}

NTSTATUS WINAPI RtlSleepConditionVariableCS(RTL_CONDITION_VARIABLE *variable, RTL_CRITICAL_SECTION *section,
                                            const LARGE_INTEGER *timeout)
{
    struct deadline deadline = deadline_from_timeout(timeout);
    uint32_t seen = announce(word_of(variable));
    RtlLeaveCriticalSection(section);
    NTSTATUS status = sleep_on(word_of(variable), seen, &deadline);
    RtlEnterCriticalSection(section);
    return status;
}

NTSTATUS WINAPI RtlSleepConditionVariableSRW(RTL_CONDITION_VARIABLE *variable, RTL_SRWLOCK *lock,
                                             const LARGE_INTEGER *timeout, ULONG flags)
{
    if (flags & ~RTL_CONDITION_VARIABLE_LOCKMODE_SHARED)
        return STATUS_INVALID_PARAMETER_4;
    struct deadline deadline = deadline_from_timeout(timeout);
    bool shared = flags & RTL_CONDITION_VARIABLE_LOCKMODE_SHARED;
    uint32_t seen = announce(word_of(variable));
    (shared ? RtlReleaseSRWLockShared : RtlReleaseSRWLockExclusive)(lock);
    NTSTATUS status = sleep_on(word_of(variable), seen, &deadline);
    (shared ? RtlAcquireSRWLockShared : RtlAcquireSRWLockExclusive)(lock);
    return status;
}
